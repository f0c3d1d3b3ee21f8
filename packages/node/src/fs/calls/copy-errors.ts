/** Errors of `cp`, with Node's codes and messages. */
import { EEXIST, EINVAL, EISDIR, ENOTDIR } from '@lsmkit/abi'
import { SystemError } from '../system-error.ts'

type Reason =
  'directory' | 'directory-over-file' | 'exists' | 'fifo' | 'file-over-directory' | 'inside-itself' | 'same' | 'socket'
  | 'unknown'

interface Row {
  readonly code: string
  readonly prefix: string
  readonly errno: readonly [number: number, name: string]
  /** Its path is that of the source; otherwise it is that of the copy. */
  readonly ofSource?: true
  readonly message: (source: string, target: string) => string
}

const invalid = { code: 'ERR_FS_CP_EINVAL', prefix: 'Invalid src or dest', errno: [EINVAL, 'EINVAL'] } as const
const rows: Readonly<Record<Reason, Row>> = {
  'directory': {
    code: 'ERR_FS_EISDIR', prefix: 'Path is a directory', errno: [EISDIR, 'EISDIR'], ofSource: true,
    message: (source) => `${source} is a directory (not copied)`,
  },
  'directory-over-file': {
    code: 'ERR_FS_CP_DIR_TO_NON_DIR', prefix: 'Cannot overwrite non-directory with directory',
    errno: [EISDIR, 'EISDIR'],
    message: (source, target) => `cannot overwrite non-directory ${target} with directory ${source}`,
  },
  'exists': {
    code: 'ERR_FS_CP_EEXIST', prefix: 'Target already exists', errno: [EEXIST, 'EEXIST'],
    message: (_, target) => `${target} already exists`,
  },
  'fifo': {
    code: 'ERR_FS_CP_FIFO_PIPE', prefix: 'Cannot copy a FIFO pipe', errno: [EINVAL, 'EINVAL'],
    message: (_, target) => `cannot copy a FIFO pipe: ${target}`,
  },
  'file-over-directory': {
    code: 'ERR_FS_CP_NON_DIR_TO_DIR', prefix: 'Cannot overwrite directory with non-directory',
    errno: [ENOTDIR, 'ENOTDIR'],
    message: (source, target) => `cannot overwrite directory ${target} with non-directory ${source}`,
  },
  'inside-itself': {
    ...invalid, message: (source, target) => `cannot copy ${source} to a subdirectory of self ${target}`,
  },
  'same': { ...invalid, message: () => 'src and dest cannot be the same' },
  'socket': {
    code: 'ERR_FS_CP_SOCKET', prefix: 'Cannot copy a socket file', errno: [EINVAL, 'EINVAL'],
    message: (_, target) => `cannot copy a socket file: ${target}`,
  },
  'unknown': {
    code: 'ERR_FS_CP_UNKNOWN', prefix: 'Cannot copy an unknown file type', errno: [EINVAL, 'EINVAL'],
    message: (_, target) => `cannot copy an unknown file type: ${target}`,
  },
}

export const copyError = (reason: Reason, source: string, target: string): SystemError => {
  const { code, prefix, errno, ofSource, message } = rows[reason]
  const [number, name] = errno
  return new SystemError(code, prefix, {
    message: message(source, target), path: ofSource ? source : target, syscall: 'cp', errno: number, code: name,
  })
}
