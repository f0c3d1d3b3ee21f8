/** Errors as Node's `fs` has them: `ENOENT: no such file or directory, open '/x'`. */
import { errnoName } from '@lsmkit/abi'

export interface FsErrorParts {
  /** Negative. */
  readonly errno: number
  readonly code: string
  readonly syscall: string
  readonly path?: string
  readonly dest?: string
}

export class FsError extends Error implements FsErrorParts {
  readonly errno: number
  readonly code: string
  readonly syscall: string
  declare readonly path?: string
  declare readonly dest?: string

  constructor({ errno, code, syscall, path, dest }: FsErrorParts) {
    const where = path === undefined ? '' : ` '${path}'${dest === undefined ? '' : ` -> '${dest}'`}`
    super(`${code}: ${words[code] ?? 'it was refused'}, ${syscall}${where}`)
    this.name = 'Error'
    this.errno = errno
    this.code = code
    this.syscall = syscall
    if (path !== undefined) this.path = path
    if (dest !== undefined) this.dest = dest
  }
}

/** Of a call that has failed with a negative errno. */
export const failed = (errno: number, syscall: string, path?: string, dest?: string): FsError =>
  new FsError({
    errno, code: errnoName(errno), syscall,
    ...(path === undefined ? {} : { path }),
    ...(dest === undefined ? {} : { dest }),
  })

/** What libuv says. */
const words: Readonly<Record<string, string>> = {
  EACCES: 'permission denied', EBADF: 'bad file descriptor', EBUSY: 'resource busy or locked',
  EEXIST: 'file already exists', EFBIG: 'file too large', EINVAL: 'invalid argument', EIO: 'i/o error',
  EISDIR: 'illegal operation on a directory', ELOOP: 'too many symbolic links encountered',
  EMFILE: 'too many open files', ENAMETOOLONG: 'name too long', ENODATA: 'no data available',
  ENODEV: 'no such device', ENOENT: 'no such file or directory', ENOMEM: 'not enough memory',
  ENOSPC: 'no space left on device', ENOTDIR: 'not a directory', ENOTEMPTY: 'directory not empty',
  EOPNOTSUPP: 'operation not supported on socket', EPERM: 'operation not permitted',
  EROFS: 'read-only file system', ETXTBSY: 'text file is busy', EXDEV: 'cross-device link not permitted',
}
