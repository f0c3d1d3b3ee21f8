/** Scenario files as the commands take them: a file may hold several, with `---` between them. */
import { parseScenario, splitScenarios } from '@lsmkit/testkit/scenario'
import type { Scenario } from '@lsmkit/testkit/scenario'
import { CommandError } from '../../command-error.ts'

/** Throws ScenarioError for a file that is none; one that holds nothing is no test that passed. */
export const scenariosOf = (text: string, name: string): readonly Scenario[] => {
  const parts = splitScenarios(text)
  if (parts.length === 0)
    throw new CommandError('badInput', `\`${name}\` has no scenario in it`, 'docs/scenarios.md shows one')
  return parts.map((part) => parseScenario(part.text, name))
}
