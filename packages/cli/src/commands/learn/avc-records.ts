/** The AVC records of a log for commands: a record that is cut is an error, not a refusal less. */
import { avcRecordsIn } from '@lsmkit/selinux/learn'
import type { AvcRecord } from '@lsmkit/selinux/learn'
import { CommandError } from '../../command-error.ts'
import type { LogInput } from './log-input.ts'

/** Throws CommandError, with the line, for a record that is cut. */
export const avcRecordsOf = ({ name, log }: LogInput): Generator<AvcRecord> => avcRecordsIn(log, (line) => {
  throw new CommandError('badInput', `${name}:${line}: this AVC record is cut, or wrapped within a word`,
    'write each record on one line, or delete this one')
})
