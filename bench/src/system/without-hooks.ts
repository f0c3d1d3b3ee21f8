/** A cell built on a kernel that has no hook calls in its source: everything is granted, and nothing is left to pay. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Plugin } from 'esbuild'
import { rewrite } from '../dispatch/variants.ts'
import { bundle } from '../harness/bundle.ts'

const withoutHooks: Plugin = {
  name: 'without-hooks',
  setup(build) {
    build.onLoad({ filter: /packages\/kernel\/src\/.*\.ts$/ }, ({ path }) => ({
      contents: rewrite(readFileSync(path, 'utf8'), 'noHooks', 0),
      loader: 'ts',
    }))
  },
}

/** Bundles the module at `entry` into `outfile`, and answers its URL. */
export const bundleWithoutHooks = (entry: URL, outfile: string): Promise<string> =>
  bundle(outfile, { entryPoints: [fileURLToPath(entry)], plugins: [withoutHooks] })
