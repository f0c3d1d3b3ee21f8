/** A refused system call as an error of Node: `ENOENT: no such file or directory, open '/data'`. */
import { EAGAIN, EOPNOTSUPP, errnoName, oneLine } from '@lsmkit/abi'
import { errorText } from './error-text.ts'

/** The call would sleep, which files of the host never do. */
const ERESTARTSYS = 512

/** libuv has one code for both names of 95. */
const codeOf = (errno: number): string => (errno === -EOPNOTSUPP ? 'ENOTSUP' : errnoName(errno))

/** How one copy of this class knows the errors of another: a shell may have one, and its kernel the other. */
const BRAND = Symbol.for('lsmkit.file-error')

export class FileError extends Error {
  static override [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === 'object' && value !== null && BRAND in value
  }

  /** A negative number, -2. */
  readonly errno: number
  /** Its name, `ENOENT`. */
  readonly code: string
  readonly syscall: string
  /** As it was given; the message has it with escapes. */
  declare readonly path?: string
  /** The other path of a call that has two. */
  declare readonly dest?: string

  constructor(rc: number, syscall: string, path?: string, dest?: string) {
    const errno = rc === -ERESTARTSYS ? -EAGAIN : rc
    const code = codeOf(errno)
    const where = path === undefined ? '' : ` '${path}'`
    super(oneLine(`${code}: ${errorText(code)}, ${syscall}${where}${dest === undefined ? '' : ` -> '${dest}'`}`))
    Object.defineProperty(this, BRAND, { value: true })
    this.errno = errno
    this.code = code
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
