/** `lsm apparmor simulate`: accesses in a log that other profiles would newly deny or allow. */
import { apparmorRecordsIn, replayedApparmor } from '@lsmkit/apparmor/query'
import { CommandError } from '../../command-error.ts'
import type { Io } from '../../io.ts'
import type { ReportFlags } from '../../reporter-choice.ts'
import { reported } from '../../reporting.ts'
import { LOOKED_FOR, readLog } from '../learn/log-input.ts'
import { outcomeOf } from '../policy/simulate.ts'
import { askedPolicy, withCommandErrors, type SourceFlags } from './inputs.ts'

export interface SimulateFlags extends SourceFlags, ReportFlags {
  readonly log: string
}

/** Ends with 1 when something would be answered otherwise. */
export const simulateCommand = (io: Io, names: readonly string[], { log, ...flags }: SimulateFlags): number =>
  withCommandErrors(() => reported(io, 'apparmor simulate', flags, () => {
    const input = readLog(io, log)
    const policy = askedPolicy(io, names, flags)
    return outcomeOf(input, replayedApparmor(apparmorRecordsIn(input.log), policy), () =>
      new CommandError('badInput', `\`${input.name}\` has no records of these profiles`, LOOKED_FOR))
  }))
