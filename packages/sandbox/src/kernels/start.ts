/**
 * The first file of the thread of kernels under Node. It is CommonJS, because Node starts that sooner.
 */
import { areAsBuilt, importModule, Scripts } from './scripts.ts'

if (areAsBuilt()) new Scripts('thread').load('worker.js')
else void importModule('./worker.js')
