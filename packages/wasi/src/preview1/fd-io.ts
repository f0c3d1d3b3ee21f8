/** Moving bytes: fd_read, fd_write, fd_pread, fd_pwrite, fd_seek, fd_tell, fd_sync, fd_datasync. */
import {
  O_NONBLOCK, SEEK_CUR, wasiErrno, WASI_ERRNO_BADF, WASI_ERRNO_FAULT, WASI_ERRNO_INVAL,
  WASI_ERRNO_NOTCAPABLE, WASI_ERRNO_SPIPE, WASI_ERRNO_SUCCESS,
  WASI_RIGHTS_FD_DATASYNC, WASI_RIGHTS_FD_READ, WASI_RIGHTS_FD_SEEK, WASI_RIGHTS_FD_SYNC, WASI_RIGHTS_FD_TELL,
  WASI_RIGHTS_FD_WRITE, WASI_WHENCE_END,
} from '@lsmkit/abi'
import type { Process } from '../process.ts'
import { setU64 } from '../u64.ts'
import type { Answer } from '../waiting/waits.ts'
import { Io } from './io.ts'
import type { Handlers, Preview1 } from './table.ts'

const SEEK_OR_TELL = WASI_RIGHTS_FD_SEEK | WASI_RIGHTS_FD_TELL

/** Stores the count of a call that went well. */
const answer = (io: Io, rc: number, count: number): number => {
  const { budget, memory } = io
  if (rc < 0) return wasiErrno(rc)
  budget.spendBytes(rc)
  memory.view.setUint32(count, rc, true)
  return WASI_ERRNO_SUCCESS
}

const readOnce = ({ sys, task, iovecs }: Io, fd: number): number =>
  iovecs.only === null ? sys.readv(task, fd, iovecs.all) : sys.read(task, fd, iovecs.only)

const writeOnce = ({ sys, task, iovecs }: Io, fd: number): number =>
  iovecs.only === null ? sys.writev(task, fd, iovecs.all) : sys.write(task, fd, iovecs.only)

/** Whether a write goes on until all is written: on a stream that may block. */
const takesAll = (io: Io, fd: number): boolean => {
  const { descriptors } = io
  const descriptor = descriptors.find(fd)
  return descriptor !== null && descriptor.isStream && (descriptor.file.f_flags & O_NONBLOCK) === 0
}

/** Writes until `total` bytes are written; answers how many were if an error comes between. */
const writeAll = (io: Io, fd: number, count: number, total: number): Answer => {
  const { sys, task, waits } = io
  let done = 0
  const step = (): number => {
    while (done < total) {
      const rc = done === 0 ? writeOnce(io, fd) : sys.writev(task, fd, io.iovecs.from(done))
      if (rc <= 0) return rc
      done += rc
    }
    return done
  }
  return waits(step, (rc) => answer(io, rc < 0 && done > 0 ? done : rc, count))
}

/** The descriptor, the list and the place of the answer, checked in this order before anything is done. */
const prepare = (io: Io, fd: number, right: number, iovs: number, iovs_len: number, count: number): number => {
  const { descriptors, memory } = io
  let error = descriptors.check(fd, right)
  if (error !== WASI_ERRNO_SUCCESS) return error
  error = io.iovecs.gather(iovs, iovs_len)
  if (error !== WASI_ERRNO_SUCCESS) return error
  return memory.has(count, 4) ? WASI_ERRNO_SUCCESS : WASI_ERRNO_FAULT
}

/** fd_seek without moving is what fd_tell does, and either right allows it. A pipe says so before rights count. */
const maySeek = (io: Io, fd: number, anyOf: number): number => {
  const { descriptors } = io
  const descriptor = descriptors.find(fd)
  if (descriptor === null) return WASI_ERRNO_BADF
  if ((descriptor.base & anyOf) !== 0) return WASI_ERRNO_SUCCESS
  return descriptor.isStream ? WASI_ERRNO_SPIPE : WASI_ERRNO_NOTCAPABLE
}

const seek = (io: Io, fd: number, offset: number, whence: number, place: number): number => {
  const { memory, sys, task } = io
  if (!memory.has(place, 8)) return WASI_ERRNO_FAULT
  const rc = sys.lseek(task, fd, offset, whence)
  if (rc < 0) return wasiErrno(rc)
  setU64(memory.view, place, rc)
  return WASI_ERRNO_SUCCESS
}

const fdIo = {
  fd_read(io, fd, iovs, iovs_len, nread) {
    const { waits } = io
    nread >>>= 0
    const error = prepare(io, fd, WASI_RIGHTS_FD_READ, iovs, iovs_len, nread)
    if (error !== WASI_ERRNO_SUCCESS) return error
    return waits(() => readOnce(io, fd), (rc) => answer(io, rc, nread))
  },
  fd_write(io, fd, iovs, iovs_len, nwritten) {
    const { waits } = io
    nwritten >>>= 0
    const error = prepare(io, fd, WASI_RIGHTS_FD_WRITE, iovs, iovs_len, nwritten)
    if (error !== WASI_ERRNO_SUCCESS) return error
    const { total } = io.iovecs
    if (total > 0 && takesAll(io, fd)) return writeAll(io, fd, nwritten, total)
    return waits(() => writeOnce(io, fd), (rc) => answer(io, rc, nwritten))
  },
  fd_pread(io, fd, iovs, iovs_len, offset, nread) {
    const { sys, task } = io
    nread >>>= 0
    const error = maySeek(io, fd, WASI_RIGHTS_FD_SEEK) || prepare(io, fd, WASI_RIGHTS_FD_READ, iovs, iovs_len, nread)
    if (error !== WASI_ERRNO_SUCCESS) return error
    const { only, all } = io.iovecs
    const at = Number(offset)
    return answer(io, only === null ? sys.preadv(task, fd, all, at) : sys.pread64(task, fd, only, at), nread)
  },
  fd_pwrite(io, fd, iovs, iovs_len, offset, nwritten) {
    const { sys, task } = io
    nwritten >>>= 0
    const error = maySeek(io, fd, WASI_RIGHTS_FD_SEEK) ||
      prepare(io, fd, WASI_RIGHTS_FD_WRITE, iovs, iovs_len, nwritten)
    if (error !== WASI_ERRNO_SUCCESS) return error
    const { only, all } = io.iovecs
    const at = Number(offset)
    return answer(io, only === null ? sys.pwritev(task, fd, all, at) : sys.pwrite64(task, fd, only, at), nwritten)
  },
  fd_seek(io, fd, offset, whence, newoffset) {
    const error = maySeek(io, fd, offset === 0n && whence === SEEK_CUR ? SEEK_OR_TELL : WASI_RIGHTS_FD_SEEK)
    if (error !== WASI_ERRNO_SUCCESS) return error
    if (whence >>> 0 > WASI_WHENCE_END) return WASI_ERRNO_INVAL
    return seek(io, fd, Number(offset), whence, newoffset >>> 0)
  },
  fd_tell(io, fd, offset) {
    const error = maySeek(io, fd, SEEK_OR_TELL)
    return error !== WASI_ERRNO_SUCCESS ? error : seek(io, fd, 0, SEEK_CUR, offset >>> 0)
  },
  fd_sync(io, fd) {
    const { descriptors, sys, task } = io
    const error = descriptors.check(fd, WASI_RIGHTS_FD_SYNC)
    return error !== WASI_ERRNO_SUCCESS ? error : wasiErrno(sys.fsync(task, fd))
  },
  fd_datasync(io, fd) {
    const { descriptors, sys, task } = io
    const error = descriptors.check(fd, WASI_RIGHTS_FD_DATASYNC)
    return error !== WASI_ERRNO_SUCCESS ? error : wasiErrno(sys.fdatasync(task, fd))
  },
} satisfies Handlers<Io, Answer>

/** One closure for each call: a bound function costs 1 to 4 ns more. */
export const fdIoImports = (process: Process) => {
  const io = new Io(process)
  return {
    fd_read: (fd, iovs, iovs_len, nread) => fdIo.fd_read(io, fd, iovs, iovs_len, nread),
    fd_write: (fd, iovs, iovs_len, nwritten) => fdIo.fd_write(io, fd, iovs, iovs_len, nwritten),
    fd_pread: (fd, iovs, iovs_len, offset, nread) => fdIo.fd_pread(io, fd, iovs, iovs_len, offset, nread),
    fd_pwrite: (fd, iovs, iovs_len, offset, nwritten) => fdIo.fd_pwrite(io, fd, iovs, iovs_len, offset, nwritten),
    fd_seek: (fd, offset, whence, newoffset) => fdIo.fd_seek(io, fd, offset, whence, newoffset),
    fd_tell: (fd, offset) => fdIo.fd_tell(io, fd, offset),
    fd_sync: (fd) => fdIo.fd_sync(io, fd),
    fd_datasync: (fd) => fdIo.fd_datasync(io, fd),
  } satisfies Partial<Preview1<Answer>>
}
