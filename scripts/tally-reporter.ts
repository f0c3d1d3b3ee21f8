/** Ends a test run with one plain line, `N passed, N failed[, N skipped]`, for whoever reads results with a program. */
import type { Reporter, SerializedError, TestModule } from 'vitest/node'

export default class TallyReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]) {
    let passed = 0
    let skipped = 0
    let failed = unhandled.length
    for (const module of modules) {
      // A file that does not load and a hook of a suite that throws fail no test of their own.
      failed += module.errors().length
      for (const suite of module.children.allSuites()) failed += suite.errors().length
      for (const test of module.children.allTests()) {
        const { state } = test.result()
        if (state === 'passed') passed++
        else if (state === 'failed') failed++
        else skipped++
      }
    }
    process.stdout.write(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`)
  }
}
