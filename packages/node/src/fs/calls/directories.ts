/** Calls on directories. */
import { DT_DIR, EISDIR, ENOENT, ENOTDIR, S_IFDIR, S_IFMT } from '@lsmkit/abi'
import { Dirent, FileError } from '@lsmkit/kernel/files'
import type { DirectoryEntry, TaskFiles } from '@lsmkit/kernel/files'
import { dirOptions, namedOptions, objectOptions, optionRules } from '../arguments/options.ts'
import type { DirOptions, OpendirOptions, ReaddirOptions, RmdirOptions, RmOptions } from '../arguments/options.ts'
import { nameIn, pathOf } from '../arguments/paths.ts'
import type { NameEncoding, Path } from '../arguments/paths.ts'
import { Dir } from '../dir.ts'
import { SystemError } from '../system-error.ts'

type Names = (string | Buffer | Dirent<string | Buffer>)[]

const isADirectory = (path: string): SystemError => new SystemError('ERR_FS_EISDIR', 'Path is a directory', {
  message: 'is a directory', path, syscall: 'rm', errno: EISDIR, code: 'EISDIR',
})

const isDirectory = (files: TaskFiles, path: string): boolean => (files.lstat(path).mode & S_IFMT) === S_IFDIR

export const joined = (folder: string, name: string): string =>
  (folder.endsWith('/') ? folder + name : `${folder}/${name}`)

interface Found extends DirectoryEntry {
  readonly parent: string
}

/** A directory whose entries all have a type, also where the file system does not give it. */
export const typedEntries = (files: TaskFiles, path: string): DirectoryEntry[] => files.readdir(path).map((entry) =>
  (entry.type === 0 ? { ...entry, type: files.lstat(joined(path, entry.name)).mode >> 12 } : entry))

/** A directory, and with `recursive` all below it, the upper ones first. */
const list = (files: TaskFiles, top: string, recursive: boolean): Found[] => {
  const found: Found[] = []
  const todo = [top]
  for (const parent of todo) {
    for (const entry of typedEntries(files, parent)) {
      found.push({ ...entry, parent })
      if (recursive && entry.type === DT_DIR) todo.push(joined(parent, entry.name))
    }
  }
  return found
}

export const directories = {
  mkdir: (files: TaskFiles, path: Path, options?: DirOptions | number | string | null): string | undefined => {
    const name = pathOf(path)
    const { recursive = false, mode = 0o777 } = dirOptions(options)
    return recursive ? files.mkdirs(name, mode) : void files.mkdir(name, mode)
  },
  opendir: (files: TaskFiles, path: Path, options?: OpendirOptions | NameEncoding): Dir => {
    const name = pathOf(path)
    return new Dir(files, name, namedOptions(options, optionRules.opendir))
  },
  readdir: (files: TaskFiles, path: Path, options?: ReaddirOptions | NameEncoding): Names => {
    const { encoding = null, withFileTypes = false, recursive = false } = namedOptions(options, optionRules.readdir)
    const top = pathOf(path)
    const found = list(files, top, recursive)
    if (withFileTypes) {
      return found.map(({ name, parent, type }) =>
        new Dirent({ name: nameIn(name, encoding), parentPath: parent, type }))
    }
    const start = top.endsWith('/') ? top.length : top.length + 1
    return found.map(({ name, parent }) => nameIn(joined(parent, name).slice(start), encoding))
  },
  rm: (files: TaskFiles, path: Path, options?: RmOptions): void => {
    const name = pathOf(path)
    const { recursive = false, force = false } = objectOptions(options, optionRules.rm)
    try {
      if (!isDirectory(files, name)) return files.unlink(name)
      if (!recursive) throw isADirectory(name)
      files.remove(name)
    } catch (error) {
      if (!force || !(error instanceof FileError) || error.errno !== -ENOENT) throw error
    }
  },
  rmdir: (files: TaskFiles, path: Path, options?: RmdirOptions): void => {
    const name = pathOf(path)
    const { recursive = false } = objectOptions(options, optionRules.rmdir)
    if (!recursive) return files.rmdir(name)
    if (!isDirectory(files, name)) throw new FileError(-ENOTDIR, 'rmdir', name)
    files.remove(name)
  },
}
