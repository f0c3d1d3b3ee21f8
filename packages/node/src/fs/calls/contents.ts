/** Calls about what is in a file. A number in the place of a path is a descriptor, where Node takes one. */
import { EOPNOTSUPP } from '@lsmkit/abi'
import { answered, FileError } from '@lsmkit/kernel/files'
import type { TaskFiles } from '@lsmkit/kernel/files'
import { AbortError } from '../arguments/argument-error.ts'
import { fdOf, wholeOf } from '../arguments/checks.ts'
import { bytesOf, inEncoding } from '../arguments/data.ts'
import type { Data } from '../arguments/data.ts'
import { flagsOf } from '../arguments/flags.ts'
import { namedOptions, optionRules } from '../arguments/options.ts'
import type { FileOptions } from '../arguments/options.ts'
import { pathOf } from '../arguments/paths.ts'
import type { Path } from '../arguments/paths.ts'

export type FileArgument = FileOptions | BufferEncoding | null
const MOST_DESCRIPTORS = 2 ** 31 - 1
export const COPYFILE = { EXCL: 1, FICLONE: 2, FICLONE_FORCE: 4 } as const

/** Any other number is a wrong path. */
const isDescriptor = (file: unknown): file is number =>
  typeof file === 'number' && Number.isInteger(file) && Math.abs(file) <= MOST_DESCRIPTORS

/** On the descriptor that `file` is, or on one that is open as long as it is used. */
const withFd = <T>(files: TaskFiles, file: Path | number, flags: number, mode: number, use: (fd: number) => T): T => {
  if (isDescriptor(file)) return use(fdOf(file))
  const fd = files.open(pathOf(file), flags, mode)
  try {
    return use(fd)
  } finally {
    files.close(fd)
  }
}

const checkSignal = (signal: AbortSignal | undefined): void => {
  if (signal?.aborted === true) throw new AbortError(signal)
}

/** Bytes that Node reads at once, at most. */
const LARGEST = 2 ** 31 - 1

const wholeFile = (files: TaskFiles, fd: number): Uint8Array => {
  const { size } = files.fstat(fd)
  if (size <= LARGEST) return files.readAll(fd)
  const error = new RangeError(`File size (${size}) is greater than 2 GiB`)
  throw Object.assign(error, { code: 'ERR_FS_FILE_TOO_LARGE' })
}

const put = (
  files: TaskFiles, file: Path | number, data: Data, options: FileArgument | undefined, usual: string,
): void => {
  const { encoding = null, flag = flagsOf(usual), mode = 0o666, flush = false, signal } =
    namedOptions(options, optionRules.file)
  const bytes = bytesOf(data, encoding === 'buffer' ? null : encoding)
  checkSignal(signal)
  withFd(files, file, flag, mode, (fd) => {
    files.writeAll(fd, bytes)
    if (flush) answered(files.sys.fsync(files.task, fd), 'fsync')
  })
}

export const contents = {
  appendFile: (files: TaskFiles, path: Path | number, data: Data, options?: FileArgument): void =>
    put(files, path, data, options, 'a'),
  copyFile: (files: TaskFiles, src: Path, dest: Path, mode: number = 0): void => {
    const [from, to] = [pathOf(src, 'src'), pathOf(dest, 'dest')]
    const bits = mode === null ? 0 : wholeOf(mode, 'mode', 0, 7)
    if ((bits & COPYFILE.FICLONE_FORCE) !== 0) throw new FileError(-EOPNOTSUPP, 'copyfile', from, to)
    files.copyFile(from, to, (bits & COPYFILE.EXCL) !== 0)
  },
  readFile: (files: TaskFiles, path: Path | number, options?: FileArgument): string | Buffer => {
    const { encoding = null, flag = flagsOf('r'), signal } = namedOptions(options, optionRules.file)
    checkSignal(signal)
    return inEncoding(withFd(files, path, flag, 0o666, (fd) => wholeFile(files, fd)), encoding)
  },
  truncate: (files: TaskFiles, path: Path | number, length: number = 0): void => {
    const size = Math.max(0, wholeOf(length, 'len'))
    if (isDescriptor(path)) answered(files.sys.ftruncate(files.task, fdOf(path), size), 'ftruncate')
    else files.truncate(pathOf(path), size)
  },
  writeFile: (files: TaskFiles, path: Path | number, data: Data, options?: FileArgument): void =>
    put(files, path, data, options, 'w'),
}
