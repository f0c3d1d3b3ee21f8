/** Moving bytes: fd_read, fd_write, fd_pread, fd_pwrite, fd_seek, fd_tell, fd_sync, fd_datasync. */
import {
  O_NONBLOCK, SEEK_CUR, wasiErrno, WASI_ERRNO_BADF, WASI_ERRNO_FAULT, WASI_ERRNO_INVAL,
  WASI_ERRNO_NOTCAPABLE, WASI_ERRNO_SPIPE, WASI_ERRNO_SUCCESS,
  WASI_RIGHTS_FD_DATASYNC, WASI_RIGHTS_FD_READ, WASI_RIGHTS_FD_SEEK, WASI_RIGHTS_FD_SYNC, WASI_RIGHTS_FD_TELL,
  WASI_RIGHTS_FD_WRITE, WASI_WHENCE_END,
} from '@lsmkit/abi'
import { Iovecs } from '../iovec.ts'
import type { Process } from '../process.ts'
import { setU64 } from '../u64.ts'
import type { Answer } from '../waiting/waits.ts'
import type { Preview1 } from './table.ts'

const SEEK_OR_TELL = WASI_RIGHTS_FD_SEEK | WASI_RIGHTS_FD_TELL

export const fdIoImports = ({ sys, task, memory, descriptors, budget, waits }: Process) => {
  const iovecs = new Iovecs(memory, budget.isTimed)

  /** Stores the count of a call that went well. */
  const answer = (rc: number, count: number): number => {
    if (rc < 0) return wasiErrno(rc)
    budget.spendBytes(rc)
    memory.view.setUint32(count, rc, true)
    return WASI_ERRNO_SUCCESS
  }

  const readOnce = (fd: number): number =>
    iovecs.only === null ? sys.readv(task, fd, iovecs.all) : sys.read(task, fd, iovecs.only)
  const writeOnce = (fd: number): number =>
    iovecs.only === null ? sys.writev(task, fd, iovecs.all) : sys.write(task, fd, iovecs.only)

  /** A stream takes as much as it has room for; who does not mind waiting sees all of it gone. */
  const takesAll = (fd: number): boolean => {
    const descriptor = descriptors.find(fd)
    return descriptor !== null && descriptor.isStream && (descriptor.file.f_flags & O_NONBLOCK) === 0
  }

  /** As often as it takes for `total` bytes; how many have gone when an error comes between. */
  const writeAll = (fd: number, count: number, total: number): Answer => {
    let done = 0
    const step = (): number => {
      while (done < total) {
        const rc = done === 0 ? writeOnce(fd) : sys.writev(task, fd, iovecs.from(done))
        if (rc <= 0) return rc
        done += rc
      }
      return done
    }
    return waits(step, (rc) => answer(rc < 0 && done > 0 ? done : rc, count))
  }

  /** The descriptor, the list and the place of the answer, checked in this order before anything is done. */
  const prepare = (fd: number, right: number, iovs: number, iovs_len: number, count: number): number => {
    let error = descriptors.check(fd, right)
    if (error !== WASI_ERRNO_SUCCESS) return error
    error = iovecs.gather(iovs, iovs_len)
    if (error !== WASI_ERRNO_SUCCESS) return error
    return memory.has(count, 4) ? WASI_ERRNO_SUCCESS : WASI_ERRNO_FAULT
  }

  /** fd_seek without moving is what fd_tell does, and either right allows it. A pipe says so before rights count. */
  const maySeek = (fd: number, anyOf: number): number => {
    const descriptor = descriptors.find(fd)
    if (descriptor === null) return WASI_ERRNO_BADF
    if ((descriptor.base & anyOf) !== 0) return WASI_ERRNO_SUCCESS
    return descriptor.isStream ? WASI_ERRNO_SPIPE : WASI_ERRNO_NOTCAPABLE
  }

  const seek = (fd: number, offset: number, whence: number, place: number): number => {
    if (!memory.has(place, 8)) return WASI_ERRNO_FAULT
    const rc = sys.lseek(task, fd, offset, whence)
    if (rc < 0) return wasiErrno(rc)
    setU64(memory.view, place, rc)
    return WASI_ERRNO_SUCCESS
  }

  return {
    fd_read(fd, iovs, iovs_len, nread) {
      nread >>>= 0
      const error = prepare(fd, WASI_RIGHTS_FD_READ, iovs, iovs_len, nread)
      if (error !== WASI_ERRNO_SUCCESS) return error
      return waits(() => readOnce(fd), (rc) => answer(rc, nread))
    },
    fd_write(fd, iovs, iovs_len, nwritten) {
      nwritten >>>= 0
      const error = prepare(fd, WASI_RIGHTS_FD_WRITE, iovs, iovs_len, nwritten)
      if (error !== WASI_ERRNO_SUCCESS) return error
      const { total } = iovecs
      if (total > 0 && takesAll(fd)) return writeAll(fd, nwritten, total)
      return waits(() => writeOnce(fd), (rc) => answer(rc, nwritten))
    },
    fd_pread(fd, iovs, iovs_len, offset, nread) {
      nread >>>= 0
      const error = maySeek(fd, WASI_RIGHTS_FD_SEEK) || prepare(fd, WASI_RIGHTS_FD_READ, iovs, iovs_len, nread)
      if (error !== WASI_ERRNO_SUCCESS) return error
      const { only, all } = iovecs
      const at = Number(offset)
      return answer(only === null ? sys.preadv(task, fd, all, at) : sys.pread64(task, fd, only, at), nread)
    },
    fd_pwrite(fd, iovs, iovs_len, offset, nwritten) {
      nwritten >>>= 0
      const error = maySeek(fd, WASI_RIGHTS_FD_SEEK) || prepare(fd, WASI_RIGHTS_FD_WRITE, iovs, iovs_len, nwritten)
      if (error !== WASI_ERRNO_SUCCESS) return error
      const { only, all } = iovecs
      const at = Number(offset)
      return answer(only === null ? sys.pwritev(task, fd, all, at) : sys.pwrite64(task, fd, only, at), nwritten)
    },
    fd_seek(fd, offset, whence, newoffset) {
      const error = maySeek(fd, offset === 0n && whence === SEEK_CUR ? SEEK_OR_TELL : WASI_RIGHTS_FD_SEEK)
      if (error !== WASI_ERRNO_SUCCESS) return error
      if (whence >>> 0 > WASI_WHENCE_END) return WASI_ERRNO_INVAL
      return seek(fd, Number(offset), whence, newoffset >>> 0)
    },
    fd_tell(fd, offset) {
      const error = maySeek(fd, SEEK_OR_TELL)
      return error !== WASI_ERRNO_SUCCESS ? error : seek(fd, 0, SEEK_CUR, offset >>> 0)
    },
    fd_sync(fd) {
      const error = descriptors.check(fd, WASI_RIGHTS_FD_SYNC)
      return error !== WASI_ERRNO_SUCCESS ? error : wasiErrno(sys.fsync(task, fd))
    },
    fd_datasync(fd) {
      const error = descriptors.check(fd, WASI_RIGHTS_FD_DATASYNC)
      return error !== WASI_ERRNO_SUCCESS ? error : wasiErrno(sys.fdatasync(task, fd))
    },
  } satisfies Partial<Preview1<Answer>>
}
