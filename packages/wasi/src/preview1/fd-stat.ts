/** Attributes of open files: fd_filestat_*, fd_allocate, fd_advise. */
import {
  wasiErrno, WASI_ADVICE_NOREUSE, WASI_ERRNO_FAULT, WASI_ERRNO_INVAL, WASI_ERRNO_SUCCESS,
  WASI_FILESTAT_SIZE, WASI_RIGHTS_FD_ADVISE, WASI_RIGHTS_FD_ALLOCATE, WASI_RIGHTS_FD_FILESTAT_GET,
  WASI_RIGHTS_FD_FILESTAT_SET_SIZE, WASI_RIGHTS_FD_FILESTAT_SET_TIMES,
} from '@lsmkit/abi'
import { Kstat } from '@lsmkit/kernel/boot'
import { fileTimes } from '../file-times.ts'
import { setFilestat } from '../filestat.ts'
import type { Process } from '../process.ts'
import type { Preview1 } from './table.ts'

/** advice of preview 1 by number, as posix_fadvise counts it. */
const POSIX_ADVICE = [0, 2, 1, 3, 4, 5]

export const fdStatImports = ({ sys, task, memory, descriptors }: Process) => {
  const kstat = new Kstat()
  return {
    fd_filestat_get(fd, stat) {
      stat >>>= 0
      const error = descriptors.check(fd, WASI_RIGHTS_FD_FILESTAT_GET)
      if (error !== WASI_ERRNO_SUCCESS) return error
      if (!memory.has(stat, WASI_FILESTAT_SIZE)) return WASI_ERRNO_FAULT
      const rc = sys.fstat(task, fd, kstat)
      if (rc < 0) return wasiErrno(rc)
      setFilestat(memory, stat, kstat, descriptors.find(fd)!.type)
      return WASI_ERRNO_SUCCESS
    },
    fd_filestat_set_size(fd, size) {
      const error = descriptors.check(fd, WASI_RIGHTS_FD_FILESTAT_SET_SIZE)
      return error !== WASI_ERRNO_SUCCESS ? error : wasiErrno(sys.ftruncate(task, fd, Number(size)))
    },
    fd_filestat_set_times(fd, atim, mtim, flags) {
      const error = descriptors.check(fd, WASI_RIGHTS_FD_FILESTAT_SET_TIMES)
      if (error !== WASI_ERRNO_SUCCESS) return error
      const times = fileTimes(atim, mtim, flags)
      return times === null ? WASI_ERRNO_INVAL : wasiErrno(sys.utimensat(task, fd, null, times, 0))
    },
    fd_allocate(fd, offset, len) {
      const error = descriptors.check(fd, WASI_RIGHTS_FD_ALLOCATE)
      return error !== WASI_ERRNO_SUCCESS
        ? error
        : wasiErrno(sys.fallocate(task, fd, 0, Number(offset), Number(len)))
    },
    fd_advise(fd, offset, len, advice) {
      const error = descriptors.check(fd, WASI_RIGHTS_FD_ADVISE)
      if (error !== WASI_ERRNO_SUCCESS) return error
      if (advice >>> 0 > WASI_ADVICE_NOREUSE) return WASI_ERRNO_INVAL
      const posix = POSIX_ADVICE[advice] as number
      return wasiErrno(sys.fadvise64(task, fd, Number(offset), Number(len), posix))
    },
  } satisfies Partial<Preview1>
}
