import { hookCoverage } from '@lsmkit/testkit/hook-coverage'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts'],
    // the conformance kit looks for what is still held after a garbage collection
    execArgv: ['--expose-gc'],
    // with --coverage: how much of each hook the tests ran
    reporters: ['default', hookCoverage()],
    coverage: {
      provider: 'v8', include: ['src/**/*.ts'], exclude: ['src/**/*.test.ts', 'src/play.ts'], reporter: ['text'],
    },
  },
})
