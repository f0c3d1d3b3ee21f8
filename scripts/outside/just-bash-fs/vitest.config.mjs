/** Runs just-bash's tests of file systems under vitest: on the just-bash of this clone, or on `file-systems.mjs`. */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const shim = fileURLToPath(new URL('file-systems.mjs', import.meta.url))
/** A module beside the packages that are tested. */
const clone = fileURLToPath(new URL('../../../packages/just-bash', import.meta.url))
const packages = join(process.env.LSMKIT_PACKAGES ?? clone, 'index.js')
const ours = process.env.OUTSIDE_ON === 'kernel'

/** The modules of just-bash that have a file system or its shell in them: its package exports all of them. */
const isTheirs = (source) => /^\.[\w./-]*\/(?:Bash|(?:in-memory|mountable|overlay|read-write)-fs)\.js$/.test(source)

export default defineConfig({
  plugins: [{
    name: 'file-systems',
    enforce: 'pre',
    resolveId(source, importer = '') {
      if (importer === shim && !source.startsWith('node:')) return this.resolve(source, packages)
      if (!importer.endsWith('.test.ts') || !isTheirs(source)) return null
      return ours ? shim : this.resolve('just-bash', packages)
    },
  }],
  resolve: process.env.LSMKIT_PACKAGES === undefined ? { conditions: ['lsmkit:source', 'module', 'node'] } : {},
  ssr: process.env.LSMKIT_PACKAGES === undefined
    ? { resolve: { conditions: ['lsmkit:source', 'module', 'node'] }, noExternal: [/@lsmkit/] } : {},
  server: { fs: { strict: false } },
  test: {
    // the two runs differ in a plugin, of which the cache knows nothing
    fsModuleCache: false,
    root: process.env.OUTSIDE_FOLDER,
    include: ['src/fs/**/*.test.ts', 'packages/just-bash/src/fs/**/*.test.ts'],
    maxWorkers: 1,
    testTimeout: 20_000,
  },
})
