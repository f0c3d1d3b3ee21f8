/** Calls on the target of a path: path_filestat_get, path_filestat_set_times, path_readlink. */
import {
  AT_EMPTY_PATH, ENOENT, S_IFLNK, S_IFMT, wasiErrno, WASI_ERRNO_FAULT, WASI_ERRNO_INVAL, WASI_ERRNO_SUCCESS,
  WASI_FILESTAT_SIZE, WASI_LOOKUPFLAGS_SYMLINK_FOLLOW, WASI_RIGHTS_PATH_FILESTAT_GET,
  WASI_RIGHTS_PATH_FILESTAT_SET_TIMES, WASI_RIGHTS_PATH_READLINK,
} from '@lsmkit/abi'
import { Kstat } from '@lsmkit/kernel/boot'
import { fileTimes } from '../file-times.ts'
import { setFilestat } from '../filestat.ts'
import type { Process } from '../process.ts'
import type { Preview1 } from './table.ts'

const follows = (flags: number): boolean => (flags & WASI_LOOKUPFLAGS_SYMLINK_FOLLOW) !== 0

export const pathStatImports = ({ sys, task, memory, resolver }: Process) => {
  const kstat = new Kstat()
  return {
    path_filestat_get(fd, flags, path, path_len, stat) {
      stat >>>= 0
      if (!memory.has(stat, WASI_FILESTAT_SIZE)) return WASI_ERRNO_FAULT
      let place = resolver.oneName(fd, WASI_RIGHTS_PATH_FILESTAT_GET, path, path_len)
      if (typeof place === 'number') return place
      let rc = place === null ? 0 : sys.newfstatat(task, place.dfd, place.name, kstat, place.flags)
      if (place === null || (rc === 0 && follows(flags) && (kstat.mode & S_IFMT) === S_IFLNK)) {
        place = resolver.target(fd, WASI_RIGHTS_PATH_FILESTAT_GET, path, path_len, follows(flags))
        if (typeof place === 'number') return place
        rc = sys.newfstatat(task, place.dfd, place.name, kstat, place.flags)
        resolver.leave(place)
      }
      if (rc < 0) return wasiErrno(rc)
      setFilestat(memory, stat, kstat)
      return WASI_ERRNO_SUCCESS
    },
    path_filestat_set_times(fd, flags, path, path_len, atim, mtim, fst_flags) {
      const times = fileTimes(atim, mtim, fst_flags)
      if (times === null) return WASI_ERRNO_INVAL
      const place = resolver.target(fd, WASI_RIGHTS_PATH_FILESTAT_SET_TIMES, path, path_len, follows(flags))
      if (typeof place === 'number') return place
      const rc = sys.utimensat(task, place.dfd, place.name, times, place.flags)
      resolver.leave(place)
      return wasiErrno(rc)
    },
    path_readlink(fd, path, path_len, buf, buf_len, bufused) {
      buf >>>= 0
      buf_len >>>= 0
      bufused >>>= 0
      if (!memory.has(buf, buf_len) || !memory.has(bufused, 4)) return WASI_ERRNO_FAULT
      const place = resolver.target(fd, WASI_RIGHTS_PATH_READLINK, path, path_len, false)
      if (typeof place === 'number') return place
      const rc = sys.readlinkat(task, place.dfd, place.name, memory.window(buf, buf_len))
      resolver.leave(place)
      // By descriptor the kernel says ENOENT of what is no link.
      if (rc === -ENOENT && place.flags === AT_EMPTY_PATH) return WASI_ERRNO_INVAL
      if (rc < 0) return wasiErrno(rc)
      memory.view.setUint32(bufused, rc, true)
      return WASI_ERRNO_SUCCESS
    },
  } satisfies Partial<Preview1>
}
