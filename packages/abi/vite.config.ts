/**
 * One file, and one for programs that only print, so that a program that starts does not look for eighty. Made by
 * Rolldown: its namespaces, which the name
 * tables look at, are marked as pure, so that a bundler drops those that nobody names.
 */
import { defineConfig } from 'vite'

export default defineConfig({
  logLevel: 'warn',
  build: {
    lib: {
      entry: { index: 'src/index.ts', 'safe-text': 'src/safe-text.ts' }, formats: ['es'],
      fileName: (_format, name) => `${name}.js`,
    },
    target: 'es2023',
    minify: false,
  },
})
