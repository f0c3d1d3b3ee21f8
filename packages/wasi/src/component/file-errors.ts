/** `error-code` of wasi:filesystem, by the errno of preview 1 that means the same. */
import {
  WASI_ERRNO_ACCES, WASI_ERRNO_AGAIN, WASI_ERRNO_ALREADY, WASI_ERRNO_BADF, WASI_ERRNO_BUSY, WASI_ERRNO_DEADLK,
  WASI_ERRNO_DQUOT, WASI_ERRNO_EXIST, WASI_ERRNO_FBIG, WASI_ERRNO_ILSEQ, WASI_ERRNO_INPROGRESS, WASI_ERRNO_INTR,
  WASI_ERRNO_INVAL, WASI_ERRNO_IO, WASI_ERRNO_ISDIR, WASI_ERRNO_LOOP, WASI_ERRNO_MLINK, WASI_ERRNO_MSGSIZE,
  WASI_ERRNO_NAMETOOLONG, WASI_ERRNO_NODEV, WASI_ERRNO_NOENT, WASI_ERRNO_NOLCK, WASI_ERRNO_NOMEM, WASI_ERRNO_NOSPC,
  WASI_ERRNO_NOTCAPABLE, WASI_ERRNO_NOTDIR, WASI_ERRNO_NOTEMPTY, WASI_ERRNO_NOTRECOVERABLE, WASI_ERRNO_NOTSUP,
  WASI_ERRNO_NOTTY, WASI_ERRNO_NXIO, WASI_ERRNO_OVERFLOW, WASI_ERRNO_PERM, WASI_ERRNO_PIPE, WASI_ERRNO_ROFS,
  WASI_ERRNO_SPIPE, WASI_ERRNO_TXTBSY, WASI_ERRNO_XDEV, wasiErrno,
} from '@lsmkit/abi'

/** In the order of WASI 0.2. */
const FILE_ERRORS = [
  ['access', WASI_ERRNO_ACCES], ['would-block', WASI_ERRNO_AGAIN], ['already', WASI_ERRNO_ALREADY],
  ['bad-descriptor', WASI_ERRNO_BADF], ['busy', WASI_ERRNO_BUSY], ['deadlock', WASI_ERRNO_DEADLK],
  ['quota', WASI_ERRNO_DQUOT], ['exist', WASI_ERRNO_EXIST], ['file-too-large', WASI_ERRNO_FBIG],
  ['illegal-byte-sequence', WASI_ERRNO_ILSEQ], ['in-progress', WASI_ERRNO_INPROGRESS],
  ['interrupted', WASI_ERRNO_INTR], ['invalid', WASI_ERRNO_INVAL], ['io', WASI_ERRNO_IO],
  ['is-directory', WASI_ERRNO_ISDIR], ['loop', WASI_ERRNO_LOOP], ['too-many-links', WASI_ERRNO_MLINK],
  ['message-size', WASI_ERRNO_MSGSIZE], ['name-too-long', WASI_ERRNO_NAMETOOLONG], ['no-device', WASI_ERRNO_NODEV],
  ['no-entry', WASI_ERRNO_NOENT], ['no-lock', WASI_ERRNO_NOLCK], ['insufficient-memory', WASI_ERRNO_NOMEM],
  ['insufficient-space', WASI_ERRNO_NOSPC], ['not-directory', WASI_ERRNO_NOTDIR], ['not-empty', WASI_ERRNO_NOTEMPTY],
  ['not-recoverable', WASI_ERRNO_NOTRECOVERABLE], ['unsupported', WASI_ERRNO_NOTSUP], ['no-tty', WASI_ERRNO_NOTTY],
  ['no-such-device', WASI_ERRNO_NXIO], ['overflow', WASI_ERRNO_OVERFLOW], ['not-permitted', WASI_ERRNO_PERM],
  ['pipe', WASI_ERRNO_PIPE], ['read-only', WASI_ERRNO_ROFS], ['invalid-seek', WASI_ERRNO_SPIPE],
  ['text-file-busy', WASI_ERRNO_TXTBSY], ['cross-device', WASI_ERRNO_XDEV],
] as const

/** The names of WASI 0.2, in its order. */
export const FILE_ERROR_NAMES: readonly string[] = FILE_ERRORS.map(([name]) => name)

const CODES: readonly number[] = FILE_ERRORS.map(([, errno]) => errno)

/** The `error-code` of an errno of preview 1. */
export const errorCode = (errno: number): number => {
  const code = CODES.indexOf(errno === WASI_ERRNO_NOTCAPABLE ? WASI_ERRNO_PERM : errno)
  return code < 0 ? CODES.indexOf(WASI_ERRNO_IO) : code
}

/** The name of the error of a system call: `rc` is -errno. */
export const fileErrorName = (rc: number): string => FILE_ERROR_NAMES[errorCode(wasiErrno(rc))]!
