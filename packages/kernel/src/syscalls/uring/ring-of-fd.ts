/** From a descriptor, or the number of a registered ring, to the ring. */
import { EBADF, EINVAL, EOPNOTSUPP } from '@lsmkit/abi'
import type { File } from '@lsmkit/core'
import type { Machine } from '../../machine.ts'
import { fget } from '../../state/vfs/fdtable.ts'
import { fileState } from '../../state/vfs/state.ts'
import { uringTableIfAny } from './table.ts'
import { IO_RINGFD_REG_MAX } from '../../state/uring/ring.ts'
import type { Ring } from '../../state/uring/ring.ts'

export const ringOf = (machine: Machine, file: File): Ring | null =>
  (fileState(file).f_op === uringTableIfAny(machine)?.fops ? (fileState(file).data as Ring) : null)

/** The file of a ring, or -errno. */
export const ringFile = (machine: Machine, fd: number, isRegistered: boolean): File | number => {
  const { task } = machine.current
  if (isRegistered) {
    const own = uringTableIfAny(machine)?.known(task) ?? null
    if (own === null || fd < 0 || fd >= IO_RINGFD_REG_MAX) return -EINVAL
    return own.registered[fd] ?? -EBADF
  }
  const file = fget(task, fd)
  if (file === null) return -EBADF
  return ringOf(machine, file) === null ? -EOPNOTSUPP : file
}

export const ringOfFd = (machine: Machine, fd: number, isRegistered: boolean): Ring | number => {
  const file = ringFile(machine, fd, isRegistered)
  return typeof file === 'number' ? file : (fileState(file).data as Ring)
}
