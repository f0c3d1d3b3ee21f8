/** path_open. */
import {
  O_CREAT, O_DIRECTORY, O_EXCL, O_NOFOLLOW, O_RDONLY, O_RDWR, O_TRUNC, O_WRONLY, RESOLVE_BENEATH,
  WASI_ERRNO_BADF, WASI_ERRNO_FAULT, WASI_ERRNO_INVAL, WASI_ERRNO_NOTCAPABLE, WASI_ERRNO_SUCCESS, WASI_FDFLAGS_DSYNC,
  WASI_FDFLAGS_RSYNC, WASI_FDFLAGS_SYNC, WASI_LOOKUPFLAGS_SYMLINK_FOLLOW, WASI_OFLAGS_CREAT, WASI_OFLAGS_DIRECTORY,
  WASI_OFLAGS_EXCL, WASI_OFLAGS_TRUNC, WASI_RIGHTS_ALL, WASI_RIGHTS_FD_DATASYNC, WASI_RIGHTS_FD_SYNC,
  WASI_RIGHTS_PATH_CREATE_FILE, WASI_RIGHTS_PATH_FILESTAT_SET_SIZE, WASI_RIGHTS_PATH_OPEN,
} from '@lsmkit/abi'
import { openFlags } from '../fdflags.ts'
import type { Process } from '../process.ts'
import { MEANS_WRITING, READING, WRITING } from '../rights.ts'
import type { Answer } from '../waiting/waits.ts'
import type { Preview1 } from './table.ts'

const OFLAGS = WASI_OFLAGS_CREAT | WASI_OFLAGS_DIRECTORY | WASI_OFLAGS_EXCL | WASI_OFLAGS_TRUNC

/** Rights of the directory that the flags of the call need. */
const neededRights = (oflags: number): number =>
  WASI_RIGHTS_PATH_OPEN |
  ((oflags & WASI_OFLAGS_CREAT) !== 0 ? WASI_RIGHTS_PATH_CREATE_FILE : 0) |
  ((oflags & WASI_OFLAGS_TRUNC) !== 0 ? WASI_RIGHTS_PATH_FILESTAT_SET_SIZE : 0)

/** Rights the directory must be able to pass on because of `fdflags`. */
const inheritedByFlags = (fdflags: number): number =>
  ((fdflags & WASI_FDFLAGS_DSYNC) !== 0 ? WASI_RIGHTS_FD_DATASYNC : 0) |
  ((fdflags & (WASI_FDFLAGS_RSYNC | WASI_FDFLAGS_SYNC)) !== 0 ? WASI_RIGHTS_FD_SYNC : 0)

/** Rights decide between reading and writing: preview 1 has no access mode of its own. */
const accessMode = (base: number): number => {
  const isRead = (base & READING) !== 0
  if ((base & MEANS_WRITING) !== 0) return isRead ? O_RDWR : O_WRONLY
  return !isRead && (base & WRITING) !== 0 ? O_WRONLY : O_RDONLY
}

/** A 64-bit set of rights as a number, -1 when it has bits that are no rights. */
const rights = (bits: bigint): number => (bits >= 0n && bits <= BigInt(WASI_RIGHTS_ALL) ? Number(bits) : -1)

export const pathOpenImports = ({ sys, task, memory, descriptors, resolver, waits }: Process) => ({
  path_open(fd, dirflags, path, path_len, oflags, rights_base, rights_inheriting, fdflags, opened_fd) {
    opened_fd >>>= 0
    const directory = descriptors.find(fd)
    if (directory === null) return WASI_ERRNO_BADF
    const base = rights(rights_base)
    const inheriting = rights(rights_inheriting)
    if (base < 0 || inheriting < 0) return WASI_ERRNO_NOTCAPABLE
    const needed = neededRights(oflags)
    const passedOn = base | inheriting | inheritedByFlags(fdflags)
    if ((directory.base & needed) !== needed || (passedOn & ~directory.inheriting) !== 0) return WASI_ERRNO_NOTCAPABLE
    const status = openFlags(fdflags)
    if ((oflags & ~OFLAGS) !== 0 || status < 0) return WASI_ERRNO_INVAL
    const name = resolver.relative(fd, path, path_len)
    if (typeof name === 'number') return name
    if (!memory.has(opened_fd, 4)) return WASI_ERRNO_FAULT

    const flags =
      accessMode(base) | status |
      ((oflags & WASI_OFLAGS_CREAT) !== 0 ? O_CREAT : 0) |
      ((oflags & WASI_OFLAGS_DIRECTORY) !== 0 ? O_DIRECTORY : 0) |
      ((oflags & WASI_OFLAGS_EXCL) !== 0 ? O_EXCL : 0) |
      ((oflags & WASI_OFLAGS_TRUNC) !== 0 ? O_TRUNC : 0) |
      ((dirflags & WASI_LOOKUPFLAGS_SYMLINK_FOLLOW) !== 0 ? 0 : O_NOFOLLOW)
    const mode = (flags & O_CREAT) !== 0 ? 0o666 : 0
    const resolve = resolver.isConfined(fd, name) ? 0 : RESOLVE_BENEATH
    const how = { flags, mode, resolve }
    return waits(() => sys.openat2(task, fd, name, how), (opened) => {
      if (opened < 0) return resolver.walkError(opened)
      descriptors.open(opened, base, inheriting)
      memory.view.setUint32(opened_fd, opened, true)
      return WASI_ERRNO_SUCCESS
    })
  },
}) satisfies Partial<Preview1<Answer>>
