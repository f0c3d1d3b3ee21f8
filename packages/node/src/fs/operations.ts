/**
 * The calls of `fs`, each once. Their three forms (`readFileSync`, `readFile` with a callback, `promises.readFile`) are
 * derived from this table. A number in the place of a path is a descriptor, where Node takes one.
 */
import { EEXIST, EISDIR, ENOENT, ENOTDIR, F_OK, S_IFDIR, S_IFMT } from '@lsmkit/abi'
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

/** `options` with `throwIfNoEntry: false`: undefined for what is not there. */
type StatCall = (path: Path, options?: StatOptions) => Stats

const statOf = (options: StatOptions | undefined, call: string, ask: () => Kstat): Stats | undefined => {
  const { throwIfNoEntry = true } = statOptions(options, call)
  try {
    return new Stats(statData(ask()))
  } catch (error) {
    const isMissing = error instanceof FileError && (error.errno === -ENOENT || error.errno === -ENOTDIR)
    if (throwIfNoEntry || !isMissing) throw error
    return undefined
  }
}

export const operationsOf = (files: TaskFiles) => {
  const { sys, task } = files

  /** On the descriptor that `file` is, or on one that is open as long as it is used. */
  const withFd = <T>(file: Path | number, flags: number, mode: number, use: (fd: number) => T): T => {
    if (typeof file === 'number') return use(fdOf(file))
    const fd = files.open(pathOf(file), flags, mode)
    try {
      return use(fd)
    } finally {
      files.close(fd)
    }
  }

  const put = (
    file: Path | number, data: Data, options: FileArgument | undefined, flag: string, call: string,
  ): void => {
    const { encoding, flag: given = flag, mode = 0o666, flush = false, signal } = fileOptions(options, call)
    signal?.throwIfAborted()
    const bytes = bytesOf(data, encoding)
    withFd(file, flagsOf(given), modeOf(mode), (fd) => {
      files.writeAll(fd, bytes)
      if (flush) answered(sys.fsync(task, fd), 'fsync')
    })
  }

  const list = (path: string, recursive: boolean, parent: string): Dirent[] =>
    files.readdir(path).flatMap(({ name, type }) => {
      const entry = new Dirent({ name, parentPath: parent, type })
      return recursive && entry.isDirectory() ? [entry, ...list(`${path}/${name}`, true, `${parent}/${name}`)] : [entry]
    })

  return {
    access: (path: Path, mode: number = F_OK): void => files.access(pathOf(path), wholeOf(mode, 'mode')),
    appendFile: (path: Path | number, data: Data, options?: FileArgument): void =>
      put(path, data, options, 'a', 'appendFile'),
    chmod: (path: Path, mode: Mode): void => files.chmod(pathOf(path), modeOf(mode)),
    chown: (path: Path, uid: number, gid: number): void =>
      files.chown(pathOf(path), ownerOf(uid, 'uid'), ownerOf(gid, 'gid')),
    close: (fd: number): void => files.close(fdOf(fd)),
    copyFile: (path: Path, dest: Path, mode = 0): void =>
      files.copyFile(pathOf(path), pathOf(dest), (wholeOf(mode, 'mode') & COPYFILE_EXCL) !== 0),
    cp: (path: Path, dest: Path, options?: CpOptions): void => {
      const { recursive = false, force = true, errorOnExist = false } = cpOptions(options)
      const [from, to] = [pathOf(path), pathOf(dest)]
      if (!recursive && (files.lstat(from).mode & S_IFMT) === S_IFDIR) throw new FileError(-EISDIR, 'cp', from, to)
      if (!force && files.exists(to)) {
        if (errorOnExist) throw new FileError(-EEXIST, 'cp', from, to)
        return
      }
      files.copyTree(from, to)
    },
    fchmod: (fd: number, mode: Mode): void => void answered(sys.fchmod(task, fdOf(fd), modeOf(mode)), 'fchmod'),
    fchown: (fd: number, uid: number, gid: number): void =>
      void answered(sys.fchown(task, fdOf(fd), ownerOf(uid, 'uid'), ownerOf(gid, 'gid')), 'fchown'),
    fdatasync: (fd: number): void => void answered(sys.fdatasync(task, fdOf(fd)), 'fdatasync'),
    fstat: (fd: number, options?: StatOptions): Stats => {
      statOptions(options, 'fstat')
      return new Stats(statData(files.fstat(fdOf(fd))))
    },
    fsync: (fd: number): void => void answered(sys.fsync(task, fdOf(fd)), 'fsync'),
    ftruncate: (fd: number, length = 0): void =>
      void answered(sys.ftruncate(task, fdOf(fd), Math.max(0, wholeOf(length, 'len', -Infinity))), 'ftruncate'),
    futimes: (fd: number, atime: Time, mtime: Time): void => files.futimes(fdOf(fd), msOf(atime), msOf(mtime)),
    lchown: (path: Path, uid: number, gid: number): void =>
      files.chown(pathOf(path), ownerOf(uid, 'uid'), ownerOf(gid, 'gid'), false),
    link: (path: Path, dest: Path): void => files.link(pathOf(path), pathOf(dest)),
    lstat: ((path, options) => statOf(options, 'lstat', () => files.lstat(pathOf(path)))) as StatCall,
    lutimes: (path: Path, atime: Time, mtime: Time): void =>
      files.utimes(pathOf(path), msOf(atime), msOf(mtime), false),
    mkdir: (path: Path, options?: DirOptions | Mode | null): string | undefined => {
      const { recursive = false, mode = 0o777 } = dirOptions(options, 'mkdir')
      return recursive ? files.mkdirs(pathOf(path), modeOf(mode)) : void files.mkdir(pathOf(path), modeOf(mode))
    },
    mkdtemp: (given: Path, options?: NameArgument): string => {
      nameOptions(options, 'mkdtemp')
      const prefix = pathOf(given)
      for (;;) {
        const random = crypto.getRandomValues(new Uint8Array(6))
        const path = prefix + Array.from(random, (byte) => LETTERS[byte % LETTERS.length]).join('')
        const rc = sys.mkdirat(task, -100, path, 0o700)
        if (rc !== -EEXIST) return (answered(rc, 'mkdtemp', `${prefix}XXXXXX`), path)
      }
    },
    open: (path: Path, flags: string | number = 'r', mode: Mode = 0o666): number =>
      files.open(pathOf(path), flagsOf(flags), modeOf(mode)),
    readFile: (path: Path | number, options?: FileArgument): string | Buffer => {
      const { encoding, flag = 'r', signal } = fileOptions(options, 'readFile')
      signal?.throwIfAborted()
      return inEncoding(withFd(path, flagsOf(flag), 0, (fd) => files.readAll(fd)), encoding)
    },
    readdir: (path: Path, options?: ReaddirOptions | BufferEncoding | null): (string | Dirent)[] => {
      const { withFileTypes = false, recursive = false } = readdirOptions(options)
      const top = pathOf(path)
      const entries = list(top, recursive, top)
      if (withFileTypes) return entries
      return entries.map(({ parentPath, name }) => `${parentPath}/${name}`.slice(top.length + 1))
    },
    readlink: (path: Path, options?: NameArgument): string => {
      nameOptions(options, 'readlink')
      return files.readlink(pathOf(path))
    },
    realpath: (path: Path, options?: NameArgument): string => {
      nameOptions(options, 'realpath')
      return files.realpath(pathOf(path))
    },
    rename: (path: Path, dest: Path): void => files.rename(pathOf(path), pathOf(dest)),
    rm: (path: Path, options?: RmOptions): void => {
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
    rmdir: (path: Path, options?: RmdirOptions): void => {
      rmdirOptions(options)
      files.rmdir(pathOf(path))
    },
    stat: ((path, options) => statOf(options, 'stat', () => files.stat(pathOf(path)))) as StatCall,
    symlink: (target: Path, path: Path): void => files.symlink(pathOf(target), pathOf(path)),
    truncate: (path: Path, length = 0): void => files.truncate(pathOf(path), wholeOf(length, 'len', -Infinity)),
    unlink: (path: Path): void => files.unlink(pathOf(path)),
    utimes: (path: Path, atime: Time, mtime: Time): void => files.utimes(pathOf(path), msOf(atime), msOf(mtime)),
    writeFile: (path: Path | number, data: Data, options?: FileArgument): void =>
      put(path, data, options, 'w', 'writeFile'),
  }
}

export type Operations = ReturnType<typeof operationsOf>
