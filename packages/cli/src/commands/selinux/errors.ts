/** Errors of the SELinux packages, as the command line prints them. */
import { CilError } from '@lsmkit/selinux/cil'
import { PolicyError } from '@lsmkit/selinux/policydb'
import { QueryError } from '@lsmkit/selinux/query'
import { FileContextsError } from '@lsmkit/selinux/server'
import { CommandError } from '../../command-error.ts'

/** Runs a command: a name that is not known is wrong usage, a file that is not a policy bad input. */
export const withCommandErrors = <T>(work: () => T): T => {
  try {
    return work()
  } catch (error) {
    if (error instanceof CilError) throw CommandError.inSource(error)
    if (error instanceof QueryError) throw new CommandError('usage', error.summary, error.hint ?? undefined)
    if (error instanceof PolicyError || error instanceof FileContextsError) {
      throw new CommandError('badInput', error.summary, error.hint ?? undefined)
    }
    throw error
  }
}
