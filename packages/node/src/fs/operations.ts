/**
 * The calls of `fs`, each once. Their three forms (`readFileSync`, `readFile` with a callback, `promises.readFile`) are
 * derived from this table. A number in the place of a path is a descriptor, where Node takes one.
 */
import { EEXIST, EISDIR, ENOENT, ENOTDIR, F_OK, S_IFDIR, S_IFMT } from '@lsmkit/abi'
import { bound } from '@lsmkit/kernel'
import type { Kstat } from '@lsmkit/kernel'
import { answered, Dirent, FileError, statData, Stats } from '@lsmkit/kernel/files'
import type { TaskFiles } from '@lsmkit/kernel/files'
import {
  inEncoding, bytesOf, cpOptions, dirOptions, fileOptions, flagsOf, modeOf, msOf, nameOptions, ownerOf, pathOf,
  readdirOptions, rmdirOptions, rmOptions, statOptions, wholeOf,
} from './options.ts'
import type {
  CpOptions, Data, DirOptions, FileOptions, NameOptions, ReaddirOptions, RmdirOptions, RmOptions, StatOptions,
} from './options.ts'

export type Path = string | URL | Uint8Array
type Time = number | string | Date
type FileArgument = FileOptions | BufferEncoding | null
type NameArgument = NameOptions | BufferEncoding | null
type Mode = number | string

const COPYFILE_EXCL = 1
const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'

/** Node has an error of its own for this one. */
const isADirectory = (path: string): Error => Object.assign(
  new Error(`Path is a directory: rm returned EISDIR (is a directory) ${path}`),
  { name: 'SystemError', code: 'ERR_FS_EISDIR', errno: EISDIR, syscall: 'rm', path })

const fdOf = (fd: number): number => wholeOf(fd, 'fd')

/** With `throwIfNoEntry: false` it answers undefined for a file that is not there, as Node's types leave out. */
const statOf = (options: StatOptions | undefined, call: string, ask: () => Kstat): Stats => {
  const { throwIfNoEntry = true } = statOptions(options, call)
  try {
    return new Stats(statData(ask()))
  } catch (error) {
    const isMissing = error instanceof FileError && (error.errno === -ENOENT || error.errno === -ENOTDIR)
    if (throwIfNoEntry || !isMissing) throw error
    return undefined as never
  }
}

/** On the descriptor that `file` is, or on one that is open as long as it is used. */
const withFd = <T>(files: TaskFiles, file: Path | number, flags: number, mode: number, use: (fd: number) => T): T => {
  if (typeof file === 'number') return use(fdOf(file))
  const fd = files.open(pathOf(file), flags, mode)
  try {
    return use(fd)
  } finally {
    files.close(fd)
  }
}

const put = (
  files: TaskFiles, file: Path | number, data: Data, options: FileArgument | undefined, flag: string, call: string,
): void => {
  const { encoding, flag: given = flag, mode = 0o666, flush = false, signal } = fileOptions(options, call)
  signal?.throwIfAborted()
  const bytes = bytesOf(data, encoding)
  withFd(files, file, flagsOf(given), modeOf(mode), (fd) => {
    files.writeAll(fd, bytes)
    if (flush) answered(files.sys.fsync(files.task, fd), 'fsync')
  })
}

const list = (files: TaskFiles, path: string, recursive: boolean, parent: string): Dirent[] =>
  files.readdir(path).flatMap(({ name, type }) => {
    const entry = new Dirent({ name, parentPath: parent, type })
    if (!recursive || !entry.isDirectory()) return [entry]
    return [entry, ...list(files, `${path}/${name}`, true, `${parent}/${name}`)]
  })

const operations = {
  access: (files: TaskFiles, path: Path, mode: number = F_OK): void =>
    files.access(pathOf(path), wholeOf(mode, 'mode')),
  appendFile: (files: TaskFiles, path: Path | number, data: Data, options?: FileArgument): void =>
    put(files, path, data, options, 'a', 'appendFile'),
  chmod: (files: TaskFiles, path: Path, mode: Mode): void => files.chmod(pathOf(path), modeOf(mode)),
  chown: (files: TaskFiles, path: Path, uid: number, gid: number): void =>
    files.chown(pathOf(path), ownerOf(uid, 'uid'), ownerOf(gid, 'gid')),
  close: (files: TaskFiles, fd: number): void => files.close(fdOf(fd)),
  copyFile: (files: TaskFiles, path: Path, dest: Path, mode = 0): void =>
    files.copyFile(pathOf(path), pathOf(dest), (wholeOf(mode, 'mode') & COPYFILE_EXCL) !== 0),
  cp: (files: TaskFiles, path: Path, dest: Path, options?: CpOptions): void => {
    const { recursive = false, force = true, errorOnExist = false } = cpOptions(options)
    const [from, to] = [pathOf(path), pathOf(dest)]
    if (!recursive && (files.lstat(from).mode & S_IFMT) === S_IFDIR) throw new FileError(-EISDIR, 'cp', from, to)
    if (!force && files.exists(to)) {
      if (errorOnExist) throw new FileError(-EEXIST, 'cp', from, to)
      return
    }
    files.copyTree(from, to)
  },
  fchmod: ({ sys, task }: TaskFiles, fd: number, mode: Mode): void =>
    void answered(sys.fchmod(task, fdOf(fd), modeOf(mode)), 'fchmod'),
  fchown: ({ sys, task }: TaskFiles, fd: number, uid: number, gid: number): void =>
    void answered(sys.fchown(task, fdOf(fd), ownerOf(uid, 'uid'), ownerOf(gid, 'gid')), 'fchown'),
  fdatasync: ({ sys, task }: TaskFiles, fd: number): void => void answered(sys.fdatasync(task, fdOf(fd)), 'fdatasync'),
  fstat: (files: TaskFiles, fd: number, options?: StatOptions): Stats => {
    statOptions(options, 'fstat')
    return new Stats(statData(files.fstat(fdOf(fd))))
  },
  fsync: ({ sys, task }: TaskFiles, fd: number): void => void answered(sys.fsync(task, fdOf(fd)), 'fsync'),
  ftruncate: ({ sys, task }: TaskFiles, fd: number, length = 0): void =>
    void answered(sys.ftruncate(task, fdOf(fd), Math.max(0, wholeOf(length, 'len', -Infinity))), 'ftruncate'),
  futimes: (files: TaskFiles, fd: number, atime: Time, mtime: Time): void =>
    files.futimes(fdOf(fd), msOf(atime), msOf(mtime)),
  lchown: (files: TaskFiles, path: Path, uid: number, gid: number): void =>
    files.chown(pathOf(path), ownerOf(uid, 'uid'), ownerOf(gid, 'gid'), false),
  link: (files: TaskFiles, path: Path, dest: Path): void => files.link(pathOf(path), pathOf(dest)),
  lstat: (files: TaskFiles, path: Path, options?: StatOptions): Stats =>
    statOf(options, 'lstat', () => files.lstat(pathOf(path))),
  lutimes: (files: TaskFiles, path: Path, atime: Time, mtime: Time): void =>
    files.utimes(pathOf(path), msOf(atime), msOf(mtime), false),
  mkdir: (files: TaskFiles, path: Path, options?: DirOptions | Mode | null): string | undefined => {
    const { recursive = false, mode = 0o777 } = dirOptions(options, 'mkdir')
    return recursive ? files.mkdirs(pathOf(path), modeOf(mode)) : void files.mkdir(pathOf(path), modeOf(mode))
  },
  mkdtemp: (files: TaskFiles, given: Path, options?: NameArgument): string => {
    nameOptions(options, 'mkdtemp')
    const prefix = pathOf(given)
    for (;;) {
      const random = crypto.getRandomValues(new Uint8Array(6))
      const path = prefix + Array.from(random, (byte) => LETTERS[byte % LETTERS.length]).join('')
      const rc = files.sys.mkdirat(files.task, -100, path, 0o700)
      if (rc !== -EEXIST) return (answered(rc, 'mkdtemp', `${prefix}XXXXXX`), path)
    }
  },
  open: (files: TaskFiles, path: Path, flags: string | number = 'r', mode: Mode = 0o666): number =>
    files.open(pathOf(path), flagsOf(flags), modeOf(mode)),
  readFile: (files: TaskFiles, path: Path | number, options?: FileArgument): string | Buffer => {
    const { encoding, flag = 'r', signal } = fileOptions(options, 'readFile')
    signal?.throwIfAborted()
    return inEncoding(withFd(files, path, flagsOf(flag), 0, (fd) => files.readAll(fd)), encoding)
  },
  readdir: (files: TaskFiles, path: Path, options?: ReaddirOptions | BufferEncoding | null): (string | Dirent)[] => {
    const { withFileTypes = false, recursive = false } = readdirOptions(options)
    const top = pathOf(path)
    const entries = list(files, top, recursive, top)
    if (withFileTypes) return entries
    return entries.map(({ parentPath, name }) => `${parentPath}/${name}`.slice(top.length + 1))
  },
  readlink: (files: TaskFiles, path: Path, options?: NameArgument): string => {
    nameOptions(options, 'readlink')
    return files.readlink(pathOf(path))
  },
  realpath: (files: TaskFiles, path: Path, options?: NameArgument): string => {
    nameOptions(options, 'realpath')
    return files.realpath(pathOf(path))
  },
  rename: (files: TaskFiles, path: Path, dest: Path): void => files.rename(pathOf(path), pathOf(dest)),
  rm: (files: TaskFiles, path: Path, options?: RmOptions): void => {
    const { recursive = false, force = false } = rmOptions(options)
    const name = pathOf(path)
    try {
      const isDirectory = (files.lstat(name).mode & S_IFMT) === S_IFDIR
      if (isDirectory && !recursive) throw isADirectory(name)
      if (isDirectory) files.remove(name)
      else files.unlink(name)
    } catch (error) {
      if (!force || !(error instanceof FileError) || error.errno !== -ENOENT) throw error
    }
  },
  rmdir: (files: TaskFiles, path: Path, options?: RmdirOptions): void => {
    rmdirOptions(options)
    files.rmdir(pathOf(path))
  },
  stat: (files: TaskFiles, path: Path, options?: StatOptions): Stats =>
    statOf(options, 'stat', () => files.stat(pathOf(path))),
  symlink: (files: TaskFiles, target: Path, path: Path): void => files.symlink(pathOf(target), pathOf(path)),
  truncate: (files: TaskFiles, path: Path, length = 0): void =>
    files.truncate(pathOf(path), wholeOf(length, 'len', -Infinity)),
  unlink: (files: TaskFiles, path: Path): void => files.unlink(pathOf(path)),
  utimes: (files: TaskFiles, path: Path, atime: Time, mtime: Time): void =>
    files.utimes(pathOf(path), msOf(atime), msOf(mtime)),
  writeFile: (files: TaskFiles, path: Path | number, data: Data, options?: FileArgument): void =>
    put(files, path, data, options, 'w', 'writeFile'),
}

export const operationsOf = (files: TaskFiles) => bound(files, operations)

export type Operations = ReturnType<typeof operationsOf>
