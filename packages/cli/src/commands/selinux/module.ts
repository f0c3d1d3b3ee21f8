/** `lsm selinux module FILE`: a policy module as CIL. */
import { isModule } from '@lsmkit/selinux/module'
import { CommandError } from '../../command-error.ts'
import type { Io } from '../../io.ts'
import { bytesOf, moduleText } from './inputs.ts'
import { printLines } from '../../output.ts'

export const moduleCommand = (io: Io, name: string): void => {
  const bytes = bytesOf(io, name)
  if (!isModule(bytes)) throw new CommandError('badInput', `\`${name}\` is not a policy module`, 'a .pp, or a .pp.bz2')
  printLines(io, moduleText(name, bytes).trimEnd())
}
