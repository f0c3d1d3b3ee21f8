/** The parts of the kernel that a box has: those that programs reach by calls of WASI and POSIX, unless it has all. */
import type { Subsystem } from '@lsmkit/kernel/boot'
import { programSubsystems } from '@lsmkit/kernel/subsystems/programs'
import type { Policy } from './policy.ts'

const hasCopies = ({ mounts = {} }: Policy): boolean =>
  Object.values(mounts).some((place) => place.kind === 'host-folder' && place.copyOnWrite === true)

/** Loads what few boxes need. */
export const subsystemsOf = async (policy: Policy): Promise<readonly Subsystem[]> => {
  if (policy.subsystems === 'all') return (await import('@lsmkit/kernel/subsystems')).everySubsystem
  if (!hasCopies(policy)) return programSubsystems
  const { overlay } = await import('@lsmkit/kernel/subsystems/overlay')
  return [...programSubsystems, overlay]
}
