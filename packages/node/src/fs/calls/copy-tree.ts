/**
 * `cp`: a tree is copied on descriptors, a step at a time, and no link is followed but with `dereference`. The steps
 * wait for a filter that answers a promise.
 */
import { posix } from 'node:path'
import {
  AT_FDCWD, AT_SYMLINK_NOFOLLOW, ENOENT, ENOTDIR, EOPNOTSUPP, O_CLOEXEC, O_DIRECTORY, O_NOFOLLOW, O_RDONLY, PATH_MAX,
  S_IFBLK, S_IFCHR, S_IFDIR, S_IFIFO, S_IFLNK, S_IFMT, S_IFREG, S_IFSOCK,
} from '@lsmkit/abi'
import { decodeName, Kstat } from '@lsmkit/kernel'
import { allSteps, answered, FileError } from '@lsmkit/kernel/files'
import type { Place, TaskFiles } from '@lsmkit/kernel/files'
import { mistake } from '../arguments/argument-error.ts'
import { cpOptions } from '../arguments/options.ts'
import type { CpOptions } from '../arguments/options.ts'
import { pathOf } from '../arguments/paths.ts'
import type { Path } from '../arguments/paths.ts'
import { COPYFILE } from './contents.ts'
import { copyError } from './copy-errors.ts'

/** Yields what the filter answered, and goes on with whether it is a yes. */
type CopySteps = Generator<unknown, void, boolean>

const PERMISSIONS = 0o7777

interface Copy {
  readonly files: TaskFiles
  readonly options: ReturnType<typeof cpOptions>
}

const isDirectory = ({ mode }: Kstat): boolean => (mode & S_IFMT) === S_IFDIR
const isSame = (a: Kstat, b: Kstat): boolean => a.ino === b.ino && a.dev === b.dev
const below = (dfd: number, { path }: Place, name: string): Place => ({ dfd, name, path: posix.join(path, name) })
const atTop = (path: string): Place => ({ dfd: AT_FDCWD, name: path, path })

/** `null` for nothing there; any other refusal is thrown. */
const statOf = ({ files, options }: Copy, { dfd, name, path }: Place): Kstat | null => {
  const stat = new Kstat()
  const follow = options.dereference === true
  const rc = files.sys.newfstatat(files.task, dfd, name, stat, follow ? 0 : AT_SYMLINK_NOFOLLOW)
  if (rc === -ENOENT || rc === -ENOTDIR) return null
  answered(rc, follow ? 'stat' : 'lstat', path)
  return stat
}

const within = (outer: string, inner: string, cwd: string): boolean => {
  const [above, lower] = [posix.resolve(cwd, outer), posix.resolve(cwd, inner)]
  return above === lower || above === '/' || lower.startsWith(`${above}/`)
}

/** Whether the copy would lie in what is copied, by name or by way of links. */
const isInside = (copy: Copy, stat: Kstat, source: string, target: string): boolean => {
  const cwd = copy.files.cwd()
  if (within(source, target, cwd)) return true
  for (let above = posix.dirname(posix.resolve(cwd, target)); above !== '/'; above = posix.dirname(above)) {
    const there = new Kstat()
    const rc = copy.files.sys.newfstatat(copy.files.task, AT_FDCWD, above, there, 0)
    if (rc === 0 && isSame(stat, there)) return true
  }
  return false
}

/** Both exist: what may not be copied over what. */
const checkBoth = (stat: Kstat, there: Kstat, { path: from }: Place, { path: to }: Place): void => {
  if (isSame(stat, there)) throw copyError('same', from, to)
  if (isDirectory(stat) && !isDirectory(there)) throw copyError('directory-over-file', from, to)
  if (!isDirectory(stat) && isDirectory(there)) throw copyError('file-over-directory', from, to)
}

const linkText = ({ files }: Copy, { dfd, name, path }: Place): string => {
  const buffer = new Uint8Array(PATH_MAX)
  const n = answered(files.sys.readlinkat(files.task, dfd, name, buffer), 'readlink', path)
  return decodeName(buffer.subarray(0, n))
}

const unlink = ({ files }: Copy, { dfd, name, path }: Place): void =>
  void answered(files.sys.unlinkat(files.task, dfd, name, 0), 'unlink', path)

const copyLink = (copy: Copy, source: Place, target: Place, there: Kstat | null): void => {
  const { files, options } = copy
  const absolute = (text: string, { path }: Place): string => posix.resolve(files.cwd(), posix.dirname(path), text)
  const text = linkText(copy, source)
  const made = options.verbatimSymlinks === true ? text : absolute(text, source)
  if (there !== null && (there.mode & S_IFMT) === S_IFLNK) {
    const [from, to] = [absolute(text, source), absolute(linkText(copy, target), target)]
    const stat = new Kstat()
    const isOfDirectory = files.sys.newfstatat(files.task, source.dfd, source.name, stat, 0) === 0 && isDirectory(stat)
    if (isOfDirectory && from !== to && within(from, to, '/')) throw copyError('inside-itself', from, to)
    unlink(copy, target)
  }
  answered(files.sys.symlinkat(files.task, made, target.dfd, target.name), 'symlink', made, target.path)
}

const copyFile = (copy: Copy, source: Place, target: Place, there: Kstat | null): void => {
  const { files, options } = copy
  if (there !== null) {
    if (options.force === false) {
      if (options.errorOnExist === true) throw copyError('exists', source.path, target.path)
      return
    }
    unlink(copy, target)
  }
  const mode = options.mode ?? 0
  if ((mode & COPYFILE.FICLONE_FORCE) !== 0) throw new FileError(-EOPNOTSUPP, 'copyfile', source.path, target.path)
  const [follow, keepTimes] = [options.dereference === true, options.preserveTimestamps === true]
  allSteps(files.copyFileSteps(source, target, { follow, exclusive: true, keepMode: true, keepTimes }))
}

const openDirectory = ({ files, options }: Copy, { dfd, name, path }: Place, isSource: boolean): number => {
  const follow = options.dereference === true ? 0 : O_NOFOLLOW
  // the copy may be a directory that the caller reached over a link
  const flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | (isSource ? follow : 0)
  return answered(files.sys.openat(files.task, dfd, name, flags, 0), 'opendir', path)
}

const copyDirectory = function* (
  copy: Copy, source: Place, target: Place, there: Kstat | null, mode: number,
): CopySteps {
  const { files, options } = copy
  const { sys, task } = files
  if (options.recursive !== true) throw copyError('directory', source.path, target.path)
  if (there !== null && options.errorOnExist === true && options.force === false) {
    throw copyError('exists', source.path, target.path)
  }
  if (there === null) answered(sys.mkdirat(task, target.dfd, target.name, 0o777), 'mkdir', target.path)
  const from = openDirectory(copy, source, true)
  try {
    const to = openDirectory(copy, target, false)
    try {
      for (const { name } of files.entries(from, source.path)) {
        yield* copyEntry(copy, below(from, source, name), below(to, target, name))
      }
      if (there === null) answered(sys.fchmod(task, to, mode & PERMISSIONS), 'chmod', target.path)
    } finally {
      sys.close(task, to)
    }
  } finally {
    sys.close(task, from)
  }
}

/** One file, link or directory, unless the filter says no. */
const copyEntry = function* (copy: Copy, source: Place, target: Place, prepare?: (stat: Kstat) => void): CopySteps {
  const { filter } = copy.options
  if (filter !== undefined) {
    const wanted = (filter as NonNullable<CpOptions['filter']>)(source.path, target.path)
    if (!(yield wanted)) return
  }
  const stat = statOf(copy, source)
  if (stat === null) throw new FileError(-ENOENT, copy.options.dereference === true ? 'stat' : 'lstat', source.path)
  const there = statOf(copy, target)
  if (there !== null) checkBoth(stat, there, source, target)
  prepare?.(stat)
  switch (stat.mode & S_IFMT) {
    case S_IFDIR:
      return yield* copyDirectory(copy, source, target, there, stat.mode)
    case S_IFREG:
    case S_IFCHR:
    case S_IFBLK:
      return copyFile(copy, source, target, there)
    case S_IFLNK:
      return copyLink(copy, source, target, there)
    case S_IFSOCK:
      throw copyError('socket', source.path, target.path)
    case S_IFIFO:
      throw copyError('fifo', source.path, target.path)
    default:
      throw copyError('unknown', source.path, target.path)
  }
}

const stepsOf = (files: TaskFiles, src: unknown, dest: unknown, given: unknown): CopySteps => {
  const options = cpOptions(given)
  const [from, to] = [pathOf(src, 'src'), pathOf(dest, 'dest')]
  const copy = { files, options }
  return copyEntry(copy, atTop(from), atTop(to), (stat) => {
    if (isDirectory(stat) && isInside(copy, stat, from, to)) throw copyError('inside-itself', from, to)
    const parent = posix.dirname(to)
    if (!files.exists(parent)) files.mkdirs(parent)
  })
}

/** `cpSync`. Throws ERR_INVALID_RETURN_VALUE for a filter that answers a promise. */
export const copySync = (files: TaskFiles, src: Path, dest: Path, options?: CpOptions): void => {
  const steps = stepsOf(files, src, dest, options)
  for (let step = steps.next(); !step.done; step = steps.next(Boolean(step.value))) {
    if (!(step.value instanceof Promise)) continue
    throw mistake('ERR_INVALID_RETURN_VALUE',
      'Expected boolean to be returned from the "filter" function but got an instance of Promise.')
  }
}

/** The arguments are checked at once; the copy is made later. */
export const copyLater = (files: TaskFiles, src: Path, dest: Path, options?: CpOptions): (() => Promise<void>) => {
  const steps = stepsOf(files, src, dest, options)
  return async () => {
    for (let step = steps.next(); !step.done; step = steps.next(Boolean(await step.value)));
  }
}
