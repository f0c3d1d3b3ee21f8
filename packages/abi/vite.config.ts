/**
 * One file, so that a program that starts does not look for eighty. Made by Rolldown: its namespaces, which the name
 * tables look at, are marked as pure, so that a bundler drops those that nobody names.
 */
import { defineConfig } from 'vite'

export default defineConfig({
  logLevel: 'warn',
  build: {
    lib: { entry: 'src/index.ts', formats: ['es'], fileName: 'index' },
    target: 'es2023',
    minify: false,
  },
})
