/**
 * Two builds. `common`: what src/common.ts lists, in one file, so that a program does not look for eighteen.
 * `headers`: each other header by itself, and the flat list; those that are listed are names of that one file here.
 * Name tables contain their numbers, so that a bundler drops the tables that nobody uses.
 */
import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { defineConfig } from 'vite'
import type { Plugin, UserConfig } from 'vite'

interface Manifest {
  exports: Record<string, string | { 'lsmkit:source': string }>
}

const at = (path: string): string => join(import.meta.dirname, path)
const { exports } = JSON.parse(readFileSync(at('package.json'), 'utf8')) as Manifest
const entries = Object.values(exports).flatMap((entry) => (typeof entry === 'string' ? [] : [entry['lsmkit:source']]))

const COMMON = './src/common.ts'
const listed = readFileSync(at(COMMON), 'utf8').matchAll(/from '\.\/(.*)'/g)
const common = new Set([...listed].map(([, file]) => file!))

const namesOf = async (path: string): Promise<Readonly<Record<string, unknown>>> =>
  (await import(pathToFileURL(path).href)) as Readonly<Record<string, unknown>>

const NAMESPACE = /^import \* as (\w+) from '\.\/(.*)'$/gm

/** `import * as errno from './errno.ts'`, which a name table looks at, as an object of its numbers. */
const tablesAsNumbers: Plugin = {
  name: 'tables-as-numbers',
  enforce: 'pre',
  async transform(code, id) {
    if (!code.includes('import * as ')) return null
    const tables = new Map<string, string>()
    for (const [line, local, file] of code.matchAll(NAMESPACE)) {
      const all = Object.entries(await namesOf(join(id, '..', file!)))
      const numbers = Object.fromEntries(all.filter(([, value]) => typeof value === 'number'))
      tables.set(line, `const ${local} = ${JSON.stringify(numbers)}`)
    }
    return code.replace(NAMESPACE, (line) => tables.get(line)!)
  },
}

/** A header that src/common.ts lists has its names from the one file. */
const commonIsBuilt: Plugin = {
  name: 'common-is-built',
  enforce: 'pre',
  resolveId: (id) => (id === './common.js' ? { id, external: true } : null),
  async load(id) {
    if (!common.has(basename(id))) return null
    return `export { ${Object.keys(await namesOf(id)).join(', ')} } from './common.js'`
  },
}

const lib = (entry: string[]): NonNullable<UserConfig['build']>['lib'] =>
  ({ entry, formats: ['es'], fileName: (_, name) => `${name}.js` })

const builds: Readonly<Record<'common' | 'headers', UserConfig>> = {
  common: {
    plugins: [tablesAsNumbers],
    build: {
      emptyOutDir: true,
      lib: lib([COMMON]),
      // the declarations have them, and every start would read them
      rolldownOptions: { output: { comments: { annotation: true, jsdoc: false, legal: true } } },
    },
  },
  headers: {
    plugins: [tablesAsNumbers, commonIsBuilt],
    build: {
      emptyOutDir: false,
      lib: lib(entries.filter((entry) => entry !== COMMON)),
      rolldownOptions: { output: { preserveModules: true, preserveModulesRoot: 'src' } },
    },
  },
}

export default defineConfig(({ mode }) => {
  const { build, plugins = [] } = builds[mode === 'headers' ? 'headers' : 'common']
  return { logLevel: 'warn', plugins, build: { ...build, target: 'es2023', minify: false } }
})
