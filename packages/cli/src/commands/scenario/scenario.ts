/** `lsm scenario FILE…`: runs the scenarios of the files on a kernel of its own and shows where the outcome differs. */
import type { Profile } from '@lsmkit/core'
import type { Check } from '@lsmkit/report'
import { reportLines, runScenario } from '@lsmkit/testkit/scenario'
import type { LsmFactories, Scenario, ScenarioResult } from '@lsmkit/testkit/scenario'
import type { Io } from '../../io.ts'
import { EXIT, printJson } from '../../output.ts'
import type { Output } from '../../output.ts'
import type { ReportFlags } from '../../reporter-choice.ts'
import { reported } from '../../reporting.ts'
import { scenarioCheck, scenarioRules } from './checks.ts'
import { RunCoverage } from './coverage.ts'
import type { CoverageFlags } from './coverage.ts'
import { ownModules } from '../../run/own-modules.ts'
import { factoriesOf } from './factories.ts'
import { scenarioFiles, scenariosOf } from './files.ts'

export interface ScenarioOptions extends ReportFlags, CoverageFlags {
  /** Files with modules of one's own. */
  readonly module?: readonly string[]
  readonly all?: boolean
  /** In place of the release that a scenario names. */
  readonly kernel?: Profile
}

interface Ran {
  readonly file: string
  readonly result: ScenarioResult
  readonly check: Check
}

/** Ends with 1 when something came out otherwise than a scenario says. */
export const scenarioCommand = async (
  io: Io, names: readonly string[], options: ScenarioOptions,
): Promise<number> => {
  const own = await ownFactories(io, options.module)
  return reported(io, 'scenario', options, () => {
    const coverage = isWanted(options) ? new RunCoverage(io, options.without) : null
    const factoriesFor = factoriesOf(io, coverage)
    const kernel = options.kernel === undefined ? {} : { kernel: options.kernel }
    const ran = scenarioFiles(io, names).flatMap(({ file, text }) =>
      scenariosOf(text, file).map((scenario) =>
        timed(file, { ...scenario, ...kernel }, { ...factoriesFor(file), ...own })))
    const failed = ran.filter(({ result }) => result.differences.length > 0).length
    const passed = ran.length - failed
    if (options.lcov !== undefined) coverage!.writeLcov(options.lcov)
    const isUnder = coverage !== null && coverage.all.percent() < (options.failUnder ?? 0)
    return {
      code: failed === 0 && !isUnder ? EXIT.ok : EXIT.denied,
      checks: ran.map(({ check }) => check),
      rules: scenarioRules,
      json: (out) =>
        printJson(out, {
          scenarios: ran.map(({ file, result }) => ({ file, ...result })), passed, failed,
          ...coverage === null ? {} : { coverage: coverage.all.parts() },
        }),
      pretty(out) {
        for (const { result } of ran) {
          for (const line of reportLines(result, { all: options.all ?? false })) out.print(painted(out, line, result))
        }
        out.print(`${passed} passed, ${failed} failed`)
        for (const line of coverage?.all.summary() ?? []) out.print(line)
        if (isUnder) out.print(`less than ${options.failUnder} % of the rules were used`)
      },
    }
  })
}

/** Modules of one's own, by the names that they have. */
const ownFactories = async (io: Io, files: readonly string[] = []): Promise<LsmFactories> =>
  Object.fromEntries((await ownModules(io, files)).map((make) => [make().name, (options: object) => make(options)]))

const isWanted = ({ coverage, lcov, failUnder, without }: CoverageFlags): boolean =>
  coverage === true || without !== undefined || lcov !== undefined || failUnder !== undefined

const timed = (file: string, scenario: Scenario, factories: LsmFactories): Ran => {
  const before = performance.now()
  const result = runScenario(scenario, factories)
  return { file, result, check: scenarioCheck(result, scenario.place, (performance.now() - before) / 1000) }
}

const painted = ({ colors }: Output, line: string, { differences }: ScenarioResult): string => {
  if (/^\s+- /.test(line)) return colors.green(line)
  if (/^\s+\+ /.test(line)) return colors.red(line)
  if (/^(ok|differs) /.test(line)) return differences.length === 0 ? colors.green(line) : colors.red(line)
  return line
}
