/** A refused system call as an error of Node: `ENOENT: no such file or directory, open '/data'`. */
import { EAGAIN, errnoName, oneLine } from '@lsmkit/abi'
import { errorText } from './error-text.ts'

/** The call would sleep, which files of the host never do. */
const ERESTARTSYS = 512

export class FileError extends Error {
  /** `ENOENT`. */
  readonly code: string
  /** The negative number of it, -2. */
  readonly errno: number
  readonly syscall: string
  /** As it was given; the message has it with escapes. */
  declare readonly path?: string
  /** The other path of a call that has two. */
  declare readonly dest?: string

  constructor(rc: number, syscall: string, path?: string, dest?: string) {
    const errno = rc === -ERESTARTSYS ? -EAGAIN : rc
    const code = errnoName(errno)
    const where = path === undefined ? '' : ` '${path}'`
    super(oneLine(`${code}: ${errorText(code)}, ${syscall}${where}${dest === undefined ? '' : ` -> '${dest}'`}`))
    this.code = code
    this.errno = errno
    this.syscall = syscall
    if (path !== undefined) this.path = path
    if (dest !== undefined) this.dest = dest
  }
}

/** Returns `rc`, or throws a FileError if it is negative. */
export const answered = (rc: number, syscall: string, path?: string, dest?: string): number => {
  if (rc < 0) throw new FileError(rc, syscall, path, dest)
  return rc
}
