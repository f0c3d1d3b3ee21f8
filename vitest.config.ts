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
 * Projects whose sources Node does not load by itself: JSX needs Vite. In the others its module runner would turn each
 * use of an import into a call of a getter, which makes a kernel in TypeScript two to four times as slow, and would
 * transform the same sources again for each project.
 */
const transformed = new Set(['console'])

/**
 * What Node has compiled, with the types taken away: a fourth of the time to load a kernel, in each test file and in
 * each process that a test starts. Coverage would miss functions that come from there.
 */
if (!process.argv.some((arg) => arg.startsWith('--coverage'))) {
  const cache = fileURLToPath(new URL('.setup/compile-cache', import.meta.url))
  boundCache(cache)
  process.env.NODE_COMPILE_CACHE ??= cache
}

/** `vi.mock`, which needs a loader, is an error. */
const natively = {
  execArgv: ['--conditions=lsmkit:source'],
  experimental: { viteModuleRunner: false, nodeLoader: false },
}

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    reporters: ['default', './scripts/tally-reporter.ts'],
    passWithNoTests: true,
    // Files of a project share the modules that are loaded: half of the time. What a file changes outside of itself, it
    // puts back.
    isolate: false,
    // one fewer would leave one of two processors to the main process, which has little to do
    maxWorkers: availableParallelism(),
    // What hangs is told; what is slow, on whatever machine, passes. Nothing waits so long but for what never comes.
    testTimeout: PATIENCE,
    hookTimeout: PATIENCE,
    teardownTimeout: PATIENCE,
    expect: { poll: { interval: 10, timeout: PATIENCE / 2 } },
    sequence: { sequencer: SlowestFirst },
    projects: [...projects].map(([name, folder]) => {
      const test = { name, root: folder, include: ['**/*.test.ts'] }
      if (!transformed.has(name)) Object.assign(test, natively)
      return { extends: true as const, test }
    }),
  },
})
