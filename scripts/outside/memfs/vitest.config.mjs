/** Runs memfs' tests under vitest: on memfs, or with its `Volume` replaced by that of `volume.mjs`. */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const shim = fileURLToPath(new URL('volume.mjs', import.meta.url))

/** A module beside the packages that are tested. */
const clone = fileURLToPath(new URL('../../../packages/node', import.meta.url))
const packages = join(process.env.LSMKIT_PACKAGES ?? clone, 'index.js')

/** What tests import `Volume` from: the index of the package, or the module of the class. */
const isVolume = (source) => /^(?:\.\.\/)*(?:\.\.|\.\.\/(?:index|volume)|memfs)$/.test(source)

export default defineConfig({
  plugins: [{
    name: 'volume',
    enforce: 'pre',
    resolveId(source, importer = '') {
      if (importer === shim && source.startsWith('@lsmkit/')) return this.resolve(source, packages)
      return process.env.OUTSIDE_ON === 'task' && importer.includes('__tests__') && isVolume(source) ? shim : null
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
    globals: true,
    include: ['**/__tests__/**/*.test.ts'],
    exclude: ['node_modules', 'fsa', 'fsa-to-node', 'node-to-fsa', 'snapshot', 'print'].map((name) => `**/${name}/**`),
    setupFiles: [fileURLToPath(new URL('jest.mjs', import.meta.url))],
    maxWorkers: 1,
    testTimeout: 10_000,
  },
})
