/** Calls on names: making, moving and reading links, and finding out where a path leads. */
import { AT_FDCWD, EEXIST } from '@lsmkit/abi'
import { answered } from '@lsmkit/kernel/files'
import type { TaskFiles } from '@lsmkit/kernel/files'
import { isArgumentError, wrongValue } from '../arguments/argument-error.ts'
import { namedOptions, optionRules } from '../arguments/options.ts'
import type { NameOptions } from '../arguments/options.ts'
import { nameIn, pathOf } from '../arguments/paths.ts'
import type { NameEncoding, Path } from '../arguments/paths.ts'
import { realPathByStep } from './real-path.ts'

export type NameArgument = NameOptions | NameEncoding

const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'
/** They mean something on Windows alone. */
const SYMLINK_TYPES = ['dir', 'file', 'junction']

const encodingOf = (options: NameArgument | undefined): NameEncoding =>
  namedOptions(options, optionRules.name).encoding ?? null

/** False too for what is no path at all. */
const exists = (files: TaskFiles, path: unknown): boolean => {
  try {
    return files.exists(pathOf(path))
  } catch (error) {
    if (isArgumentError(error)) return false
    throw error
  }
}

export const names = {
  exists: (files: TaskFiles, path: Path): boolean => exists(files, path),
  link: (files: TaskFiles, path: Path, dest: Path): void =>
    files.link(pathOf(path, 'existingPath'), pathOf(dest, 'newPath')),
  mkdtemp: (files: TaskFiles, given: Path, options?: NameArgument): string | Buffer => {
    const encoding = encodingOf(options)
    const prefix = pathOf(given, 'prefix')
    for (;;) {
      const random = crypto.getRandomValues(new Uint8Array(6))
      const path = prefix + Array.from(random, (byte) => LETTERS[byte % LETTERS.length]).join('')
      const rc = files.sys.mkdirat(files.task, AT_FDCWD, path, 0o700)
      if (rc !== -EEXIST) return (answered(rc, 'mkdtemp', `${prefix}XXXXXX`), nameIn(path, encoding))
    }
  },
  readlink: (files: TaskFiles, path: Path, options?: NameArgument): string | Buffer => {
    const encoding = encodingOf(options)
    return nameIn(files.readlink(pathOf(path)), encoding)
  },
  realpath: (files: TaskFiles, path: Path, options?: NameArgument): string | Buffer => {
    const encoding = encodingOf(options)
    return nameIn(realPathByStep(files, pathOf(path)), encoding)
  },
  rename: (files: TaskFiles, path: Path, dest: Path): void =>
    files.rename(pathOf(path, 'oldPath'), pathOf(dest, 'newPath')),
  symlink: (files: TaskFiles, target: Path, path: Path, type?: string | null): void => {
    if (typeof type === 'string' && !SYMLINK_TYPES.includes(type)) {
      throw wrongValue('type', type, "must be one of: 'dir', 'file', 'junction', null, undefined")
    }
    files.symlink(pathOf(target, 'target'), pathOf(path))
  },
  unlink: (files: TaskFiles, path: Path): void => files.unlink(pathOf(path)),
}

/** `realpath.native`, and the promise. */
export const nativeRealpath = (files: TaskFiles, path: Path, options?: NameArgument): string | Buffer => {
  const encoding = encodingOf(options)
  return nameIn(files.realpath(pathOf(path)), encoding)
}
