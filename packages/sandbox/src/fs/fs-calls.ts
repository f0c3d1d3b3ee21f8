/** Operations of `box.fs`, made by a task where the kernel is: whole operations, and data in and out. */
import { DT_DIR, O_CREAT, O_EXCL, O_WRONLY } from '@lsmkit/abi'
import { answered, statData } from '@lsmkit/kernel/files'
import type { EntryData, TaskFiles } from '@lsmkit/kernel/files'
import type { User } from '../policy.ts'

const joined = (dir: string, name: string): string => (dir.endsWith('/') ? dir + name : `${dir}/${name}`)

/** `recursive`: with what lies below. */
const entries = (files: TaskFiles, path: string, recursive: boolean): EntryData[] =>
  files.readdir(path).flatMap(({ name, type }) => {
    const entry = { name, type, parentPath: path }
    return recursive && type === DT_DIR ? [entry, ...entries(files, joined(path, name), true)] : [entry]
  })

/** Attributes, which no `fs` knows. `follow`: of what a link leads to. */
export const attributesOf = ({ sys, task }: TaskFiles, path: string, follow = true) => {
  const [get, list] = follow ? [sys.getxattr, sys.listxattr] : [sys.lgetxattr, sys.llistxattr]
  return {
    get: (name: string): Uint8Array => {
      const value = new Uint8Array(answered(get(task, path, name, new Uint8Array(0)), 'getxattr', path))
      return value.length === 0 ? value : value.subarray(0, answered(get(task, path, name, value), 'getxattr', path))
    },
    set: (name: string, value: Uint8Array): void => {
      answered((follow ? sys.setxattr : sys.lsetxattr)(task, path, name, value, 0), 'setxattr', path)
    },
    list: (): string[] => {
      const names = new Uint8Array(answered(list(task, path, new Uint8Array(0)), 'listxattr', path))
      if (names.length > 0) answered(list(task, path, names), 'listxattr', path)
      return new TextDecoder().decode(names).split('\0').filter((name) => name !== '')
    },
    remove: (name: string): void => {
      answered((follow ? sys.removexattr : sys.lremovexattr)(task, path, name), 'removexattr', path)
    },
  }
}

export const fsCalls = (files: TaskFiles) => ({
  readFile: (path: string) => files.readFile(path),
  writeFile: (path: string, data: Uint8Array, mode?: number) => files.writeFile(path, data, undefined, mode),
  /** Not over a file that is there. */
  createFile: (path: string, data: Uint8Array, mode?: number) =>
    files.writeFile(path, data, O_WRONLY | O_CREAT | O_EXCL, mode),
  appendFile: (path: string, data: Uint8Array, mode?: number) => files.appendFile(path, data, mode),
  mkdir: (path: string, recursive: boolean, mode?: number): string | undefined =>
    recursive ? files.mkdirs(path, mode) : void files.mkdir(path, mode),
  readdir: (path: string, recursive: boolean) => entries(files, path, recursive),
  stat: (path: string) => statData(files.stat(path)),
  lstat: (path: string) => statData(files.lstat(path)),
  access: (path: string, mode?: number) => files.access(path, mode),
  readlink: (path: string) => files.readlink(path),
  realpath: (path: string) => files.realpath(path),
  symlink: (target: string, path: string) => files.symlink(target, path),
  link: (path: string, to: string) => files.link(path, to),
  rename: (path: string, to: string) => files.rename(path, to),
  unlink: (path: string) => files.unlink(path),
  rmdir: (path: string) => files.rmdir(path),
  remove: (path: string) => files.remove(path),
  chmod: (path: string, mode: number) => files.chmod(path, mode),
  chown: (path: string, uid: number, gid: number, follow: boolean) => files.chown(path, uid, gid, follow),
  utimes: (path: string, atimeMs: number, mtimeMs: number, follow: boolean) =>
    files.utimes(path, atimeMs, mtimeMs, follow),
  truncate: (path: string, length?: number) => files.truncate(path, length),
  copyFile: (path: string, to: string, exclusive: boolean) => files.copyFile(path, to, exclusive),
  copyTree: (path: string, to: string) => files.copyTree(path, to),
  getxattr: (path: string, name: string) => attributesOf(files, path).get(name),
  setxattr: (path: string, name: string, value: Uint8Array) => attributesOf(files, path).set(name, value),
  listxattr: (path: string) => attributesOf(files, path).list(),
  removexattr: (path: string, name: string) => attributesOf(files, path).remove(name),
})

type Calls = ReturnType<typeof fsCalls>
export type FsMethod = keyof Calls

/** Those that change nothing. */
export const readsOnly: ReadonlySet<FsMethod> = new Set([
  'readFile', 'readdir', 'stat', 'lstat', 'access', 'readlink', 'realpath', 'getxattr', 'listxattr',
])

/** The user that acts, and the method. */
export interface FsChoice {
  /** By this user of the box, under the policy; null: by the host task, which may do everything. */
  readonly user: User | null
  /** The host task follows links wherever they lead. */
  readonly follow: boolean
}

/** Asks for one, wherever the kernel is. */
export type FsCall = <M extends FsMethod>(
  choice: FsChoice, method: M, ...args: Parameters<Calls[M]>
) => Promise<ReturnType<Calls[M]>>
