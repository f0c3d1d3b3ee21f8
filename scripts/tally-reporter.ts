/**
 * Ends a test run with one plain line, `N passed, N failed[, N skipped]`, for programs that read results. A test file
 * without tests is a failure: its tests were defined by a module that had run before, or not at all. Of many files it
 * lists those that took longest.
 */
import type { Reporter, SerializedError, TestModule } from 'vitest/node'

/** So many files are a run of a package or of all, where time matters. */
const MANY_FILES = 50
const LISTED = 10

const seconds = (module: TestModule): number => {
  const { collectDuration, duration } = module.diagnostic()
  return (collectDuration + duration) / 1000
}

const line = (module: TestModule): string =>
  `slow: ${seconds(module).toFixed(1)} s ${module.project.name} ${module.relativeModuleId}\n`

/** The slowest first: loading and tests, on the clock. */
const slowest = (modules: readonly TestModule[]): string =>
  modules.toSorted((a, b) => seconds(b) - seconds(a)).slice(0, LISTED).map(line).join('')

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
    if (modules.length >= MANY_FILES) process.stdout.write(slowest(modules))
    process.stdout.write(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`)
  }
}
