/** fd_readdir. */
import {
  wasiErrno, WASI_DIRENT_SIZE, WASI_ERRNO_FAULT, WASI_ERRNO_INVAL, WASI_ERRNO_SUCCESS,
  WASI_RIGHTS_FD_READDIR,
} from '@lsmkit/abi'
import type { Descriptor } from '../descriptors.ts'
import { DirectoryReader } from '../directory-reader.ts'
import type { Process } from '../process.ts'
import { fileType } from '../rights.ts'
import { setU64 } from '../u64.ts'
import type { Preview1 } from './table.ts'

export const fdReaddirImports = (process: Process) => {
  const { sys, task, memory, descriptors } = process
  /** Most programs list nothing. */
  let lister: DirectoryReader | null = null
  return {
    /**
     * Entries from `cookie` on, the last one cut off where the buffer ends: a full buffer says that there is more.
     * A cookie is the directory's own position, so that it stays right while entries come and go.
     */
    fd_readdir(fd, buf, buf_len, cookie, bufused) {
      buf >>>= 0
      buf_len >>>= 0
      bufused >>>= 0
      const error = descriptors.check(fd, WASI_RIGHTS_FD_READDIR)
      if (error !== WASI_ERRNO_SUCCESS) return error
      if (!memory.has(buf, buf_len) || !memory.has(bufused, 4)) return WASI_ERRNO_FAULT
      const position = Number(cookie)
      if (!Number.isSafeInteger(position)) return WASI_ERRNO_INVAL
      const { file } = descriptors.find(fd) as Descriptor
      const reader = (lister ??= new DirectoryReader(sys, task))
      let rc = reader.begin(fd, file, position)
      const out = memory.window(buf, buf_len)
      let used = 0
      while (rc >= 0 && used < buf_len) {
        rc = reader.read(buf_len - used)
        if (rc <= 0) break
        process.looksAgain()
        if (buf_len - used < WASI_DIRENT_SIZE) {
          writeHead(headView, 0, reader)
          out.set(head.subarray(0, buf_len - used), used)
        } else {
          writeHead(memory.view, buf + used, reader)
          reader.copyName(out, used + WASI_DIRENT_SIZE)
        }
        used = Math.min(buf_len, used + WASI_DIRENT_SIZE + reader.length)
      }
      reader.finish()
      if (rc < 0) return wasiErrno(rc)
      memory.view.setUint32(bufused, used, true)
      return WASI_ERRNO_SUCCESS
    },
  } satisfies Partial<Preview1>
}

const head = new Uint8Array(WASI_DIRENT_SIZE)
const headView = new DataView(head.buffer)

/** The `dirent` before the name. A DT_ type is the type part of a mode, shifted. */
const writeHead = (view: DataView, at: number, { next, ino, length, type }: DirectoryReader): void => {
  setU64(view, at, next)
  setU64(view, at + 8, ino)
  view.setUint32(at + 16, length, true)
  view.setUint32(at + 20, fileType(type << 12), true)
}
