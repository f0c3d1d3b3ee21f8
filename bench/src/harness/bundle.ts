/** Bundles a module the way our packages are bundled, from their sources. */
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import type { BuildOptions } from 'esbuild'

/** Writes `outfile` and answers its URL. `own` says what is bundled, and how it differs from the usual. */
export const bundle = async (outfile: string, own: BuildOptions): Promise<string> => {
  await build({
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    conditions: ['lsmkit:source'],
    logLevel: 'error',
    ...own,
  })
  return pathToFileURL(outfile).href
}
