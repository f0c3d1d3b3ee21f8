/** One test run for the repository: every package is a project, resolved from source, so no test needs a build. */
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { boundCache } from './scripts/compile-cache.mjs'
import { projects } from './scripts/projects.mjs'
import { SlowestFirst } from './scripts/slowest-first.ts'

/** Milliseconds. */
const PATIENCE = 400_000

const conditions = ['lsmkit:source', 'module', 'node', 'import', 'default']

/**
 * Projects whose files change nothing outside of themselves: they share the modules that are loaded, which takes less
 * than half of the time. Those with threads, processes, mocks or big heaps have a process a file.
 */
const shares = new Set([
  'abi', 'apparmor', 'bpf', 'capability', 'cli', 'conformance', 'core', 'emit', 'fleet', 'kernel', 'landlock',
  'loadpin', 'lockdown', 'mcp', 'node', 'otel', 'report', 'safesetid', 'scripts', 'selinux', 'smack', 'testkit',
  'yama',
])

/**
 * Projects whose sources Node does not load by itself: JSX needs Vite. In the others its module runner would turn each
 * use of an import into a call of a getter, which makes a kernel in TypeScript two to four times as slow, and would
 * transform the same sources again for each project.
 */
const transformed = new Set(['console'])
/** Projects that use `vi.mock`, which needs a loader. In the others it is an error. */
const mocks = new Set(['sandbox', 'wasi'])

/**
 * What Node has compiled, with the types taken away: a fourth of the time to load a kernel, in each test file and in
 * each process that a test starts. Coverage would miss functions that come from there.
 */
if (!process.argv.some((arg) => arg.startsWith('--coverage'))) {
  const cache = fileURLToPath(new URL('.setup/compile-cache', import.meta.url))
  boundCache(cache)
  process.env.NODE_COMPILE_CACHE ??= cache
}

const nativelyFor = (name: string) => ({
  execArgv: ['--conditions=lsmkit:source'],
  experimental: { viteModuleRunner: false, nodeLoader: mocks.has(name) },
})

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    reporters: ['default', './scripts/tally-reporter.ts'],
    passWithNoTests: true,
    // one fewer would leave one of two processors to the main process, which has little to do
    maxWorkers: availableParallelism(),
    // What hangs is told; what is slow, on whatever machine, passes. Nothing waits so long but for what never comes.
    testTimeout: PATIENCE,
    hookTimeout: PATIENCE,
    teardownTimeout: PATIENCE,
    expect: { poll: { interval: 10, timeout: PATIENCE / 2 } },
    sequence: { sequencer: SlowestFirst },
    projects: [...projects].map(([name, folder]) => {
      const test = { name, root: folder, include: ['**/*.test.ts'], isolate: !shares.has(name) }
      if (!transformed.has(name)) Object.assign(test, nativelyFor(name))
      return { extends: true as const, test }
    }),
  },
})
