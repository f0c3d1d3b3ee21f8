/**
 * `box.fs`: the shape of `fs/promises`, as the host task in the box. It may do all, whatever the policy. It does
 * not follow links that somebody else may have made out of what the policy names.
 */
import { EISDIR } from '@lsmkit/abi'
import { checkOptions } from '@lsmkit/core/option-rules'
import { Dirent, FileError, Stats } from '@lsmkit/kernel/files'
import { normalPath } from '../normal-path.ts'
import { aUser } from '../policy.ts'
import type { User } from '../policy.ts'
import type { FsCall, FsChoice } from './fs-calls.ts'
import { checkFsOptions } from './fs-options.ts'
import type {
  CpOptions, Encoding, FollowOptions, MkdirOptions, ReaddirOptions, ReadFileOptions, RmOptions, WriteFileOptions,
} from './fs-options.ts'

type ReadOptions = Encoding | ReadFileOptions | null
type WriteOptions = Encoding | WriteFileOptions
type Data = string | Uint8Array
type Time = number | string | Date

const bytesOf = (data: Data): Uint8Array => (typeof data === 'string' ? new TextEncoder().encode(data) : data)
/** Milliseconds of what Node takes: seconds as a number or text, or a date. */
const msOf = (time: Time): number => (time instanceof Date ? time.getTime() : Number(time) * 1000)
/** A text is an encoding; bytes are written as they are. */
const writeOptions = (options: WriteOptions = {}): WriteFileOptions => {
  if (typeof options !== 'object') return {}
  checkFsOptions('writeFile', options)
  return options
}

/** As `fs/promises`, with what a box has of it. */
export class SandboxFs {
  readonly #ask: FsCall
  readonly #choice: FsChoice

  /** @internal */
  constructor(ask: FsCall, choice: FsChoice = { user: null, follow: false }) {
    this.#ask = ask
    this.#choice = choice
  }

  /** The same files by a user of the box, under the policy: as a program would find them. Refusals are denials. */
  as(user: User): SandboxFs {
    checkOptions({ user }, { user: aUser }, 'fs.as')
    return new SandboxFs(this.#ask, { user, follow: false })
  }

  /** For all methods at once. */
  with(options: FollowOptions): SandboxFs {
    checkFsOptions('with', options)
    return new SandboxFs(this.#ask, this.#with(options.follow))
  }

  #with(follow: boolean | undefined): FsChoice {
    return follow === undefined ? this.#choice : { ...this.#choice, follow }
  }

  readFile(path: string, options: Encoding | (ReadFileOptions & { readonly encoding: Encoding })): Promise<string>
  readFile(path: string, options?: (ReadFileOptions & { readonly encoding?: null }) | null): Promise<Uint8Array>
  async readFile(path: string, options: ReadOptions = null): Promise<string | Uint8Array> {
    if (typeof options === 'object' && options !== null) checkFsOptions('readFile', options)
    const { follow } = typeof options === 'object' && options !== null ? options : {}
    const bytes = await this.#ask(this.#with(follow), 'readFile', path)
    const encoding = typeof options === 'string' ? options : options?.encoding
    return encoding === undefined || encoding === null ? bytes : new TextDecoder().decode(bytes)
  }

  async writeFile(path: string, data: Data, options?: WriteOptions): Promise<void> {
    const { mode, flag = 'w', follow } = writeOptions(options)
    const choice = this.#with(follow)
    if (flag === 'wx') await this.#ask(choice, 'createFile', path, bytesOf(data), mode)
    else await this.#ask(choice, flag === 'a' ? 'appendFile' : 'writeFile', path, bytesOf(data), mode)
  }

  async appendFile(path: string, data: Data, options?: WriteOptions): Promise<void> {
    const { mode, follow } = writeOptions(options)
    await this.#ask(this.#with(follow), 'appendFile', path, bytesOf(data), mode)
  }

  async mkdir(path: string, options: MkdirOptions = {}): Promise<string | undefined> {
    checkFsOptions('mkdir', options)
    const { recursive = false, mode, follow } = options
    return await this.#ask(this.#with(follow), 'mkdir', path, recursive, mode)
  }

  readdir(path: string, options?: ReaddirOptions & { readonly withFileTypes?: false }): Promise<string[]>
  readdir(path: string, options: ReaddirOptions & { readonly withFileTypes: true }): Promise<Dirent[]>
  async readdir(path: string, options: ReaddirOptions = {}): Promise<string[] | Dirent[]> {
    checkFsOptions('readdir', options)
    const { recursive = false, withFileTypes = false, follow } = options
    const entries = await this.#ask(this.#with(follow), 'readdir', path, recursive)
    if (withFileTypes) return entries.map((entry) => new Dirent(entry))
    const start = path.endsWith('/') ? path.length : path.length + 1
    return entries.map(({ name, parentPath }) => (parentPath === path ? name : `${parentPath.slice(start)}/${name}`))
  }

  async stat(path: string): Promise<Stats> {
    return new Stats(await this.#ask(this.#choice, 'stat', path))
  }

  async lstat(path: string): Promise<Stats> {
    return new Stats(await this.#ask(this.#choice, 'lstat', path))
  }

  async access(path: string, mode?: number): Promise<void> {
    await this.#ask(this.#choice, 'access', path, mode)
  }

  async readlink(path: string): Promise<string> {
    return await this.#ask(this.#choice, 'readlink', path)
  }

  async realpath(path: string): Promise<string> {
    return await this.#ask(this.#choice, 'realpath', path)
  }

  async symlink(target: string, path: string): Promise<void> {
    await this.#ask(this.#choice, 'symlink', target, path)
  }

  async link(path: string, to: string): Promise<void> {
    await this.#ask(this.#choice, 'link', path, to)
  }

  async rename(path: string, to: string): Promise<void> {
    await this.#ask(this.#choice, 'rename', path, to)
  }

  async unlink(path: string): Promise<void> {
    await this.#ask(this.#choice, 'unlink', path)
  }

  async rmdir(path: string): Promise<void> {
    await this.#ask(this.#choice, 'rmdir', path)
  }

  async rm(path: string, options: RmOptions = {}): Promise<void> {
    checkFsOptions('rm', options)
    const { recursive = false, force = false, follow } = options
    const choice = this.#with(follow)
    try {
      if (!recursive && new Stats(await this.#ask(choice, 'lstat', path)).isDirectory())
        throw new FileError(-EISDIR, 'rm', path)
      await this.#ask(choice, 'remove', path)
    } catch (error) {
      if (!force || (error as FileError).code !== 'ENOENT') throw error
    }
  }

  async chmod(path: string, mode: number): Promise<void> {
    await this.#ask(this.#choice, 'chmod', path, mode)
  }

  async chown(path: string, uid: number, gid: number): Promise<void> {
    await this.#ask(this.#choice, 'chown', path, uid, gid, true)
  }

  async lchown(path: string, uid: number, gid: number): Promise<void> {
    await this.#ask(this.#choice, 'chown', path, uid, gid, false)
  }

  async utimes(path: string, atime: Time, mtime: Time): Promise<void> {
    await this.#ask(this.#choice, 'utimes', path, msOf(atime), msOf(mtime), true)
  }

  async lutimes(path: string, atime: Time, mtime: Time): Promise<void> {
    await this.#ask(this.#choice, 'utimes', path, msOf(atime), msOf(mtime), false)
  }

  async truncate(path: string, length?: number): Promise<void> {
    await this.#ask(this.#choice, 'truncate', path, length)
  }

  /** `mode` 1 (COPYFILE_EXCL): not over a file that is there. */
  async copyFile(path: string, to: string, mode = 0): Promise<void> {
    await this.#ask(this.#choice, 'copyFile', path, to, (mode & 1) !== 0)
  }

  async cp(path: string, to: string, options: CpOptions = {}): Promise<void> {
    checkFsOptions('cp', options)
    const { recursive = false, follow } = options
    const choice = this.#with(follow)
    if (!recursive && new Stats(await this.#ask(choice, 'lstat', path)).isDirectory())
      throw new FileError(-EISDIR, 'cp', path)
    await this.#ask(choice, 'copyTree', path, to)
  }

  /** A directory of its own, with six characters behind the prefix. */
  async mkdtemp(prefix: string): Promise<string> {
    const letters = 'abcdefghijklmnopqrstuvwxyz0123456789'
    const suffix = Array.from(crypto.getRandomValues(new Uint8Array(6)), (byte) => letters[byte % letters.length])
    const path = normalPath(prefix + suffix.join(''))
    await this.mkdir(path, { mode: 0o700 })
    return path
  }

  /** Attributes, which `fs/promises` does not have: `security.SMACK64`, `user.note`. */
  async getxattr(path: string, name: string): Promise<Uint8Array> {
    return await this.#ask(this.#choice, 'getxattr', path, name)
  }

  async setxattr(path: string, name: string, value: Data): Promise<void> {
    await this.#ask(this.#choice, 'setxattr', path, name, bytesOf(value))
  }

  async listxattr(path: string): Promise<string[]> {
    return await this.#ask(this.#choice, 'listxattr', path)
  }

  async removexattr(path: string, name: string): Promise<void> {
    await this.#ask(this.#choice, 'removexattr', path, name)
  }
}
