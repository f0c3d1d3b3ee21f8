/**
 * Two builds. `main`: the flat list in one file, so that a program that imports it does not look for eighty; the
 * modules that src/common.ts lists are in another, which the headers it lists share. `headers`: each other header by
 * itself. Rolldown marks the namespaces that name tables look at as pure, so a bundler drops those that nobody uses.
 */
import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { defineConfig } from 'vite'
import type { UserConfig } from 'vite'

interface Manifest {
  exports: Record<string, string | { 'lsmkit:source': string }>
}

const { exports } = JSON.parse(readFileSync(join(import.meta.dirname, 'package.json'), 'utf8')) as Manifest
const entries = Object.values(exports).flatMap((entry) => (typeof entry === 'string' ? [] : [entry['lsmkit:source']]))

const listed = readFileSync(join(import.meta.dirname, 'src/common.ts'), 'utf8').matchAll(/from '\.\/(.*)'/g)
const common = new Set([...listed].map(([, file]) => file!))
const main = ['./src/index.ts', './src/common.ts', ...[...common].map((file) => `./src/${file}`)]

const isCommon = (id: string): boolean => common.has(basename(id))

/** Programs that only print load this one alone. */
const ALONE = /\/safe-text\.ts$/

const builds: Readonly<Record<'main' | 'headers', UserConfig>> = {
  main: {
    build: {
      emptyOutDir: true,
      lib: { entry: main, formats: ['es'], fileName: (_, name) => `${name}.js` },
      rolldownOptions: {
        output: {
          chunkFileNames: 'shared/[name].js',
          codeSplitting: {
            groups: [
              { name: 'safe-text', test: ALONE, priority: 2 },
              { name: 'common', test: isCommon, priority: 1 },
            ],
          },
        },
      },
    },
  },
  headers: {
    plugins: [
      {
        name: 'common-is-built',
        enforce: 'pre',
        resolveId: (id, importer) =>
          importer !== undefined && isCommon(id) ? { id: `./${basename(id, '.ts')}.js`, external: true } : null,
      },
    ],
    build: {
      emptyOutDir: false,
      lib: {
        entry: entries.filter((entry) => !main.includes(entry)), formats: ['es'], fileName: (_, name) => `${name}.js`,
      },
      rolldownOptions: { output: { preserveModules: true, preserveModulesRoot: 'src' } },
    },
  },
}

export default defineConfig(({ mode }) => {
  const { build, plugins = [] } = builds[mode === 'headers' ? 'headers' : 'main']
  return { logLevel: 'warn', plugins, build: { ...build, target: 'es2023', minify: false } }
})
