/** `lsm selinux check POLICY --ini FILE`: sechecker's checks of a policy, with its report. */
import { CheckError, checkReport, runChecks } from '@lsmkit/selinux/query'
import { CommandError } from '../../../command-error.ts'
import { readHostText } from '../../../host-file.ts'
import type { Io } from '../../../io.ts'
import { EXIT, printJson } from '../../../output.ts'
import { withCommandErrors } from '../errors.ts'
import { policyOf } from '../inputs.ts'

export interface CheckFlags {
  readonly ini: string
  readonly local?: readonly string[]
  readonly json?: boolean
}

/** Ends with 1 where a check fails, with 3 for a configuration that is not valid. */
export const checkCommand = (io: Io, name: string, { ini, local, json }: CheckFlags): number =>
  withCommandErrors(() => {
    const results = checked(() => runChecks(policyOf(io, name, local), readHostText(io, ini), ini))
    const failures = results.reduce((sum, each) => sum + each.failures.length, 0)
    if (json === true) printJson(io, { failures, checks: results })
    else for (const line of checkReport(results)) io.print(line)
    return failures === 0 ? EXIT.ok : EXIT.denied
  })

const checked = <T>(work: () => T): T => {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof CheckError)) throw error
    throw new CommandError('badInput', `${error.place ?? ''}: ${error.summary}`, error.hint ?? undefined)
  }
}
