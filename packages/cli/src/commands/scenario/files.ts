/** Scenario files as the commands take them: a file may hold several, with `---` between them. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseScenario, splitScenarios } from '@lsmkit/testkit/scenario'
import type { Scenario } from '@lsmkit/testkit/scenario'
import { CommandError } from '../../command-error.ts'
import { stdinText } from '../../io.ts'
import type { Io } from '../../io.ts'

/** Text of a file, or of stdin for `-`. */
export const readInput = (io: Io, name: string): string => {
  if (name === '-') return stdinText(io)
  try {
    return readFileSync(resolve(io.cwd, name), 'utf8')
  } catch (error) {
    throw new CommandError('badInput', `\`${name}\` cannot be read: ${(error as NodeJS.ErrnoException).code}`)
  }
}

/** Throws ScenarioError for a file that is none. */
export const scenariosOf = (text: string, name: string): readonly Scenario[] =>
  splitScenarios(text).map((part) => parseScenario(part.text, name))
