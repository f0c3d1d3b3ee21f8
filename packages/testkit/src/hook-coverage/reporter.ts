/** The reporter: vitest calls it with the coverage of a run, and it prints a line for each hook. */
import { oneLine } from '@lsmkit/abi'
import { coveredHooks } from './covered-hooks.ts'
import type { CoveredHook, Share } from './covered-hooks.ts'
import type { CoverageData } from './coverage-map.ts'

/** The part of vitest that the reporter uses. */
export interface TestRunner {
  readonly config: { readonly root: string }
  readonly logger: { log(line: string): void }
}

/** A value for `reporters` of vitest. */
export interface HookCoverageReporter {
  onInit(runner: TestRunner): void
  /** `coverage`: a coverage map of istanbul. */
  onCoverage(coverage: unknown): void
}

interface Host {
  readonly process: { getBuiltinModule(name: 'node:fs'): { readFileSync(path: string, encoding: 'utf8'): string } }
}

/** Runs where vitest itself runs. This package has no import of Node's modules, so that it loads in a browser. */
const readSource = (path: string): string =>
  (globalThis as unknown as Host).process.getBuiltinModule('node:fs').readFileSync(path, 'utf8')

/**
 * `reporters: ['default', hookCoverage()]` in vitest's configuration. With `vitest run --coverage` it prints how often
 * each hook of the module was called, how many of its statements and branches ran, and which lines have parts that did
 * not; without coverage it prints nothing. `sourceOf` answers the text of a file, from the disk unless given.
 */
export const hookCoverage = (sourceOf: (path: string) => string = readSource): HookCoverageReporter =>
  new Reporter(sourceOf)

class Reporter implements HookCoverageReporter {
  readonly #sourceOf: (path: string) => string
  #runner: TestRunner | null = null

  constructor(sourceOf: (path: string) => string) {
    this.#sourceOf = sourceOf
  }

  onInit(runner: TestRunner): void {
    this.#runner = runner
  }

  onCoverage(coverage: unknown): void {
    const { config, logger } = this.#runner!
    const data = JSON.parse(JSON.stringify(coverage)) as CoverageData
    const hooks = coveredHooks(data, this.#sourceOf)
    for (const line of coverageLines(hooks, config.root)) logger.log(oneLine(line))
  }
}

const HEAD = ['hook', 'calls', 'statements', 'branches', 'not run']

const shareText = ({ run, of }: Share): string => `${run} of ${of}`

const below = (root: string, path: string): string =>
  path.startsWith(root) ? path.slice(root.length).replace(/^[\\/]/, '') : path

const coverageLines = (hooks: readonly CoveredHook[], root: string): readonly string[] => {
  if (hooks.length === 0) return ['no hook was found in the files that are covered']
  const rows = [HEAD, ...hooks.map(({ hook, path, calls, statements, branches, missed }) => [
    hook, String(calls), shareText(statements), shareText(branches),
    missed.length === 0 ? '' : `${below(root, path)}:${missed.join(',')}`,
  ])]
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)))
  const lineOf = (row: readonly string[]): string => row.map((cell, i) => cell.padEnd(widths[i]!)).join('  ').trimEnd()
  return ['', ...rows.map(lineOf), '']
}
