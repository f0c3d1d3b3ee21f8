import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts'],
    // the conformance kit looks for what is still held after a garbage collection
    execArgv: ['--expose-gc'],
  },
})
