/** Registered files: places of a ring that requests name instead of descriptors (io_uring/rsrc.c, filetable.c). */
import { EBADF, EBUSY, EFAULT, EINVAL, EMFILE, ENXIO, RLIMIT_NOFILE } from '@lsmkit/abi'
import type { File } from '@lsmkit/core'
import type { Machine } from '../../machine.ts'
import { fget } from '../../state/vfs/fdtable.ts'
import { rlimit } from '../../state/task/rlimits.ts'
import { placeFile } from './operation.ts'
import { ringOf } from './ring-of-fd.ts'
import type { Ring } from '../../state/uring/ring.ts'

const IORING_MAX_FIXED_FILES = 1 << 20
/** Leaves a place as it is. */
const IORING_REGISTER_FILES_SKIP = -2

/** The file of a descriptor, with one more reference; a ring cannot be registered with a ring. */
const takeFile = (machine: Machine, fd: number): File | number => {
  const file = fget(machine.current.task, fd)
  if (file === null || ringOf(machine, file) !== null) return -EBADF
  file.f_count++
  return file
}

export const dropFiles = (machine: Machine, ring: Ring): void => {
  for (const file of ring.files ?? []) if (file !== null) machine.vfs.fput(file)
  ring.files = null
}

export const registerFiles = (machine: Machine, ring: Ring, fds: unknown, count: number): number => {
  if (!Array.isArray(fds)) return -EFAULT
  if (ring.files !== null) return -EBUSY
  if (count === 0) return -EINVAL
  if (count > IORING_MAX_FIXED_FILES || count > rlimit(machine.current.task, RLIMIT_NOFILE)) return -EMFILE
  if (count > fds.length) return -EFAULT
  ring.files = []
  for (const fd of (fds as readonly number[]).slice(0, count)) {
    const file = fd === -1 ? null : takeFile(machine, fd)
    if (typeof file === 'number') {
      dropFiles(machine, ring)
      return file
    }
    ring.files.push(file)
  }
  return 0
}

/** How many places were changed, or the error of the first that was not. */
export const updateFiles = (
  machine: Machine, ring: Ring, offset: number, fds: readonly number[], count: number,
): number => {
  const { files } = ring
  if (files === null) return -ENXIO
  if (count === 0 || offset < 0 || offset + count > files.length) return -EINVAL
  for (let done = 0; done < count; done++) {
    const fd = fds[done]
    if (fd === undefined) return done > 0 ? done : -EFAULT
    if (fd === IORING_REGISTER_FILES_SKIP) continue
    const file = fd === -1 ? null : takeFile(machine, fd)
    if (typeof file === 'number') return done > 0 ? done : file
    placeFile(machine, files, offset + done, file)
  }
  return count
}
