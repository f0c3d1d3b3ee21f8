/** A capability text as an argument: an invalid one is wrong usage. */
import { CapsError } from '@lsmkit/capability'
import { capFromText } from '@lsmkit/capability/engine'
import type { CapState } from '@lsmkit/capability/engine'
import { CommandError } from './command-error.ts'

export const capsOf = (text: string): CapState => {
  try {
    return capFromText(text)
  } catch (error) {
    if (!(error instanceof CapsError)) throw error
    throw new CommandError('usage', `${error.place}: ${error.summary}`, error.hint ?? undefined)
  }
}
