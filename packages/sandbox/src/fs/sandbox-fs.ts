/** `box.fs`: the shape of `fs/promises`, as the host's own hand in the box: it may do all, whatever the policy. */
import { EISDIR } from '@lsmkit/abi'
import { Dirent, FileError, Stats } from '@lsmkit/kernel/files'
import { normalPath } from '../normal-path.ts'
import type { FsCall } from './fs-calls.ts'
import { checkFsOptions } from './fs-options.ts'
import type {
  CpOptions, Encoding, MkdirOptions, ReaddirOptions, ReadFileOptions, RmOptions, WriteFileOptions,
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
  private readonly call: FsCall

  constructor(call: FsCall) {
    this.call = call
  }

  readFile(path: string, options: Encoding | { readonly encoding: Encoding }): Promise<string>
  readFile(path: string, options?: { readonly encoding?: null } | null): Promise<Uint8Array>
  async readFile(path: string, options: ReadOptions = null): Promise<string | Uint8Array> {
    if (typeof options === 'object' && options !== null) checkFsOptions('readFile', options)
    const bytes = await this.call('readFile', path)
    const encoding = typeof options === 'string' ? options : options?.encoding
    return encoding === undefined || encoding === null ? bytes : new TextDecoder().decode(bytes)
  }

  async writeFile(path: string, data: Data, options?: WriteOptions): Promise<void> {
    const { mode, flag = 'w' } = writeOptions(options)
    if (flag === 'wx') await this.call('createFile', path, bytesOf(data), mode)
    else await this.call(flag === 'a' ? 'appendFile' : 'writeFile', path, bytesOf(data), mode)
  }

  async appendFile(path: string, data: Data, options?: WriteOptions): Promise<void> {
    await this.call('appendFile', path, bytesOf(data), writeOptions(options).mode)
  }

  async mkdir(path: string, options: MkdirOptions = {}): Promise<string | undefined> {
    checkFsOptions('mkdir', options)
    const { recursive = false, mode } = options
    return await this.call('mkdir', path, recursive, mode)
  }

  readdir(path: string, options?: { readonly recursive?: boolean; readonly withFileTypes?: false }): Promise<string[]>
  readdir(path: string, options: { readonly recursive?: boolean; readonly withFileTypes: true }): Promise<Dirent[]>
  async readdir(path: string, options: ReaddirOptions = {}): Promise<string[] | Dirent[]> {
    checkFsOptions('readdir', options)
    const { recursive = false, withFileTypes = false } = options
    const entries = await this.call('readdir', path, recursive)
    if (withFileTypes) return entries.map((entry) => new Dirent(entry))
    const start = path.endsWith('/') ? path.length : path.length + 1
    return entries.map(({ name, parentPath }) => (parentPath === path ? name : `${parentPath.slice(start)}/${name}`))
  }

  async stat(path: string): Promise<Stats> {
    return new Stats(await this.call('stat', path))
  }

  async lstat(path: string): Promise<Stats> {
    return new Stats(await this.call('lstat', path))
  }

  async access(path: string, mode?: number): Promise<void> {
    await this.call('access', path, mode)
  }

  async readlink(path: string): Promise<string> {
    return await this.call('readlink', path)
  }

  async realpath(path: string): Promise<string> {
    return await this.call('realpath', path)
  }

  async symlink(target: string, path: string): Promise<void> {
    await this.call('symlink', target, path)
  }

  async link(path: string, to: string): Promise<void> {
    await this.call('link', path, to)
  }

  async rename(path: string, to: string): Promise<void> {
    await this.call('rename', path, to)
  }

  async unlink(path: string): Promise<void> {
    await this.call('unlink', path)
  }

  async rmdir(path: string): Promise<void> {
    await this.call('rmdir', path)
  }

  async rm(path: string, options: RmOptions = {}): Promise<void> {
    checkFsOptions('rm', options)
    const { recursive = false, force = false } = options
    try {
      if (!recursive && (await this.lstat(path)).isDirectory()) throw new FileError(-EISDIR, 'rm', path)
      await this.call('remove', path)
    } catch (error) {
      if (!force || (error as FileError).code !== 'ENOENT') throw error
    }
  }

  async chmod(path: string, mode: number): Promise<void> {
    await this.call('chmod', path, mode)
  }

  async chown(path: string, uid: number, gid: number): Promise<void> {
    await this.call('chown', path, uid, gid, true)
  }

  async lchown(path: string, uid: number, gid: number): Promise<void> {
    await this.call('chown', path, uid, gid, false)
  }

  async utimes(path: string, atime: Time, mtime: Time): Promise<void> {
    await this.call('utimes', path, msOf(atime), msOf(mtime), true)
  }

  async lutimes(path: string, atime: Time, mtime: Time): Promise<void> {
    await this.call('utimes', path, msOf(atime), msOf(mtime), false)
  }

  async truncate(path: string, length?: number): Promise<void> {
    await this.call('truncate', path, length)
  }

  /** `mode` 1 (COPYFILE_EXCL): not over a file that is there. */
  async copyFile(path: string, to: string, mode = 0): Promise<void> {
    await this.call('copyFile', path, to, (mode & 1) !== 0)
  }

  async cp(path: string, to: string, options: CpOptions = {}): Promise<void> {
    checkFsOptions('cp', options)
    const { recursive = false } = options
    if (!recursive && (await this.lstat(path)).isDirectory())
      throw new FileError(-EISDIR, 'cp', path)
    await this.call('copyTree', path, to)
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
    return await this.call('getxattr', path, name)
  }

  async setxattr(path: string, name: string, value: Data): Promise<void> {
    await this.call('setxattr', path, name, bytesOf(value))
  }

  async listxattr(path: string): Promise<string[]> {
    return await this.call('listxattr', path)
  }

  async removexattr(path: string, name: string): Promise<void> {
    await this.call('removexattr', path, name)
  }
}
