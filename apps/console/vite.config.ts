/** How the console is bundled: from the sources of the packages, with nothing that a page without a server lacks. */
import { defineConfig } from 'vite'
import { moduleTypesFile } from './build/module-types-plugin.ts'

const conditions = ['lsmkit:source', 'module', 'browser', 'import', 'default']

export default defineConfig({
  root: import.meta.dirname,
  base: './',
  plugins: [moduleTypesFile()],
  resolve: { conditions },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  worker: { format: 'es' },
  build: { target: 'es2023', modulePreload: { polyfill: false }, assetsInlineLimit: 0, chunkSizeWarningLimit: 3000 },
})
