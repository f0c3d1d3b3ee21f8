/** `lsm scenario FILE…`: runs what the files tell on a kernel of its own and shows what came out otherwise. */
import { reportLines, runScenario } from '@lsmkit/testkit/scenario'
import type { ScenarioResult } from '@lsmkit/testkit/scenario'
import { readHostText } from '../../host-file.ts'
import type { Io } from '../../io.ts'
import { EXIT, printJson } from '../../output.ts'
import { factoriesOf } from './factories.ts'
import { scenariosOf } from './files.ts'

export interface ScenarioOptions {
  readonly all?: boolean
  readonly json?: boolean
}

/** Ends with 1 when something came out otherwise than a scenario says. */
export const scenarioCommand = (io: Io, names: readonly string[], { all = false, json }: ScenarioOptions): number => {
  const factories = factoriesOf(io)
  const results = names.flatMap((file) =>
    scenariosOf(readHostText(io, file), file).map((scenario) => ({ file, ...runScenario(scenario, factories) })))
  const failed = results.filter(({ differences }) => differences.length > 0).length
  if (json) printJson(io, { scenarios: results, passed: results.length - failed, failed })
  else {
    for (const result of results) for (const line of reportLines(result, { all })) io.print(painted(io, line, result))
    io.print(`${results.length - failed} passed, ${failed} failed`)
  }
  return failed === 0 ? EXIT.ok : EXIT.denied
}

const painted = ({ colors }: Io, line: string, { differences }: ScenarioResult): string => {
  if (/^\s+- /.test(line)) return colors.green(line)
  if (/^\s+\+ /.test(line)) return colors.red(line)
  if (/^(ok|differs) /.test(line)) return differences.length === 0 ? colors.green(line) : colors.red(line)
  return line
}
