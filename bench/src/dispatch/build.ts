/** Builds the module of a cell, bundled or minified, with the hook calls of its variant. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { Plugin } from 'esbuild'
import { bundle } from '../harness/bundle.ts'
import { lsmSource } from './lsm-source.ts'
import { rewrite } from './variants.ts'

export type Form = 'bundle' | 'minified'

export interface BuildOptions {
  readonly form: Form
  /** A way of calling that changes the source; null keeps `lsm.HOOK.ask`. */
  readonly variant: string | null
  /** How many LSMs hand-written calls are for. */
  readonly lsms: number
}

/** hookable calls all hooks unless told how: here the first answer ends it. */
const BAIL = 'const bail = (hooks, args) => { for (const h of hooks) { const rc = h(...args); if (rc) return rc } }\n'

const here = (file: string) => fileURLToPath(new URL(file, import.meta.url))

/** Names of the hand-written calls that `text` makes, imported. */
const directImports = (text: string, lsmFile: string): string => {
  const used = [...new Set(text.match(/\bm\d_\w+(?=\()/g) ?? [])]
  return used.length === 0 ? '' : `import { ${used.join(', ')} } from ${JSON.stringify(lsmFile)}\n`
}

const variantPlugin = ({ variant, lsms }: BuildOptions, lsmFile: string): Plugin => ({
  name: 'variant',
  setup(build) {
    build.onLoad({ filter: /dispatch\/read-kernel\.ts$/ }, ({ path }) => {
      const source = readFileSync(path, 'utf8')
      const text = variant === null ? source : rewrite(source, variant, lsms)
      return { contents: directImports(text, lsmFile) + (variant === 'hookable' ? BAIL : '') + text, loader: 'ts' }
    })
  },
})

/** The URL of a module that exports `cell`. `folder` takes what is made, and keeps what cells have in common. */
export const buildCell = async (options: BuildOptions, folder: string): Promise<string> => {
  mkdirSync(folder, { recursive: true })
  const { form, variant, lsms } = options
  const lsmFile = join(folder, 'lsms.js')
  writeFileSync(lsmFile, lsmSource())
  const entry =
    `import { groups } from ${JSON.stringify(lsmFile)}\n` +
    `import { cellOf } from ${JSON.stringify(here('./cell-of.ts'))}\nexport const cell = cellOf(groups)\n`
  const name = [form, variant ?? 'ask', variant === 'direct' ? lsms : ''].join('-')
  const outfile = join(folder, `${name}.mjs`)
  if (existsSync(outfile)) return pathToFileURL(outfile).href
  return bundle(outfile, {
    stdin: { contents: entry, resolveDir: here('.'), loader: 'ts' },
    minify: form === 'minified',
    external: ['tapable', 'hookable', 'eventemitter3'],
    plugins: [variantPlugin(options, lsmFile)],
  })
}
