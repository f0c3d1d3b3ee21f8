/**
 * Ends a test run with one plain line, `N passed, N failed[, N skipped]`, for programs that read results. A test file
 * without tests is a failure: its tests were defined by a module that had run before, or not at all.
 */
import type { Reporter, SerializedError, TestModule } from 'vitest/node'

export default class TallyReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]) {
    let passed = 0
    let skipped = 0
    let failed = unhandled.length
    for (const module of modules) {
      // A file that does not load and a hook of a suite that throws fail no test of their own.
      failed += module.errors().length
      if (module.errors().length === 0 && module.children.allTests().next().done === true) {
        process.stdout.write(`${module.relativeModuleId} has no tests\n`)
        process.exitCode = 1
        failed++
      }
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
