/** The bundler that builds our packages. */
import { realpathSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { root } from '../tools.mjs'

export const esbuild = createRequire(join(realpathSync(join(root, 'node_modules/tsup')), 'package.json'))('esbuild')
