/** A ruleset of Landlock in a file, as `lsm learn` writes it. */
import { OptionError } from '@lsmkit/core'
import type { RulesetOptions } from '@lsmkit/landlock'
import { checkRuleset } from '@lsmkit/landlock/changes'
import { CommandError } from '../../command-error.ts'
import { readHostJson } from '../../host-file.ts'
import type { Io } from '../../io.ts'

/** Throws CommandError for a file that is not a ruleset. */
export const readRuleset = (io: Io, name: string): RulesetOptions => {
  const value = readHostJson(io, name)
  try {
    return checkRuleset(value, name)
  } catch (error) {
    if (!(error instanceof OptionError)) throw error
    const message = `\`${name}\` is not a ruleset: ${error.summary}`
    throw new CommandError('badInput', message, error.hint ?? 'lsm learn LOG --ruleset writes one')
  }
}
