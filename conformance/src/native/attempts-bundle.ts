/** The program of the attempts as two files: a process that starts for one attempt loads no more than it needs. */
import { mkdirSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

// beside the package whose dependency `koffi` it loads
const folder = join(dirname(realpathSync(fileURLToPath(import.meta.resolve('@lsmkit/native/package.json')))),
  'node_modules/.cache/attempts')

let made: Promise<string> | null = null

/** Writes the bundle once; answers the path of the program. */
export const attemptsBundle = (): Promise<string> => made ??= (async () => {
  mkdirSync(folder, { recursive: true })
  await build({
    entryPoints: ['attempt-main', 'racing-thread'].map((name) => join(import.meta.dirname, `${name}.ts`)),
    outdir: folder, bundle: true, format: 'esm', platform: 'node', target: 'node20', conditions: ['lsmkit:source'],
    logLevel: 'error', outExtension: { '.js': '.js' },
  })
  return join(folder, 'attempt-main.js')
})()
