/** One test run for the repository: every package is a project, resolved from source, so no test needs a build. */
import { globSync, statSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { basename } from 'node:path'
import { defineConfig } from 'vitest/config'

const conditions = ['lsmkit:source', 'module', 'node', 'import', 'default']
const folders = globSync(['packages/*', 'apps/*', 'examples/*', 'conformance', 'bench', 'fuzz', 'scripts', 'site'])
  .filter((folder) => statSync(folder, { throwIfNoEntry: false })?.isDirectory())
  .sort()

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    reporters: ['default', './scripts/tally-reporter.ts'],
    passWithNoTests: true,
    // one fewer would leave one of two processors to the main process, which has little to do
    maxWorkers: availableParallelism(),
    // random sequences take as long as they are unlucky; what hangs is told all the same
    testTimeout: 60_000,
    projects: folders.map((folder) => ({
      extends: true as const,
      test: { name: basename(folder), root: folder, include: ['**/*.test.ts'] },
    })),
  },
})
