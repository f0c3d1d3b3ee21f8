/** `lsm selinux module FILE`: a policy module, or a binary policy, as CIL. */
import { isModule, policyToCil } from '@lsmkit/selinux/module'
import { CommandError } from '../../../command-error.ts'
import type { Io } from '../../../io.ts'
import { printLines } from '../../../output.ts'
import { withCommandErrors } from '../errors.ts'
import { bytesOf, isBinaryPolicy, moduleText, policyOf } from '../inputs.ts'

export const showCommand = (io: Io, name: string | undefined): void => {
  if (name === undefined) throw new CommandError('usage', 'no module is named', 'lsm selinux module --help')
  const bytes = bytesOf(io, name)
  if (isModule(bytes)) printLines(io, moduleText(name, bytes).trimEnd())
  else if (isBinaryPolicy(bytes)) printLines(io, withCommandErrors(() => policyToCil(policyOf(io, name))).trimEnd())
  else throw new CommandError('badInput', `\`${name}\` is not a policy module`, 'a .pp, a .pp.bz2 or a binary policy')
}
