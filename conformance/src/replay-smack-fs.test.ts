/** File system operations under Smack, beside what real kernels answered. */
import { replayTables } from './replay/tables.ts'

replayTables('smack-fs')
