/** A file system of just-bash on operations that are made elsewhere: `KernelFiles`, in this thread or another. */
import { EEXIST, EFBIG } from '@lsmkit/abi'
import { FileError } from '@lsmkit/kernel/files'
import type { FileContent, FsStat, IFileSystem } from 'just-bash'
import { bytesOf, byteString, encodingOf, textOf } from './encoding.ts'
import { inWords } from './error-words.ts'
import type { Asked } from './error-words.ts'
import type { KernelFiles, Piece } from './kernel-files.ts'
import { absolute, resolved } from './paths.ts'
import { joined, PIECE } from './pieces.ts'
import type { Enough } from './pieces.ts'

type Method<N extends keyof IFileSystem> = NonNullable<IFileSystem[N]>

export type FileMethod = Exclude<keyof KernelFiles, 'files'>
type Answer<M extends FileMethod> = Awaited<ReturnType<KernelFiles[M]>>

/** Makes one operation. */
export type AskFile = <M extends FileMethod>(
  method: M, ...args: Parameters<KernelFiles[M]>
) => Answer<M> | Promise<Answer<M>>

/** just-bash holds no longer text than that. */
export const LARGEST_READ = 64 * 2 ** 20

export class CalledFs implements IFileSystem {
  protected readonly ask: AskFile
  readonly #largest: number

  /** `largest`: bytes of a file that is read whole; of more, and of what does not end, reading answers EFBIG. */
  constructor(ask: AskFile, largest: number) {
    this.ask = ask
    this.#largest = largest
  }

  async readFile(...[path, options]: Parameters<Method<'readFile'>>): Promise<string> {
    const bytes = this.#read(path)
    return textOf(bytes instanceof Promise ? await bytes : bytes, encodingOf(options))
  }

  async readFileBytes(path: string): ReturnType<Method<'readFileBytes'>> {
    const bytes = this.#read(path)
    return byteString(bytes instanceof Promise ? await bytes : bytes)
  }

  async readFileBuffer(path: string): Promise<Uint8Array> {
    return this.#read(path)
  }

  writeFile(...[path, content, options]: Parameters<Method<'writeFile'>>): Promise<void> {
    return this.#write(path, content, encodingOf(options), false)
  }

  appendFile(...[path, content, options]: Parameters<Method<'appendFile'>>): Promise<void> {
    return this.#write(path, content, encodingOf(options), true)
  }

  async exists(path: string): Promise<boolean> {
    return this.ask('exists', path)
  }

  async stat(path: string): Promise<FsStat> {
    return this.#worded({ method: 'stat', path }, () => this.ask('stat', path))
  }

  async lstat(path: string): Promise<FsStat> {
    return this.ask('lstat', path)
  }

  async mkdir(...[path, options]: Parameters<Method<'mkdir'>>): Promise<void> {
    try {
      await this.ask('mkdir', path, options?.recursive === true)
    } catch (error) {
      const isThere = error instanceof FileError && error.errno === -EEXIST
      throw inWords(error, { method: 'mkdir', path, isDirectory: isThere && await this.#isDirectory(path) })
    }
  }

  async readdir(path: string): Promise<string[]> {
    return (await this.ask('entries', path)).map(({ name }) => name)
  }

  async readdirWithFileTypes(path: string): ReturnType<Method<'readdirWithFileTypes'>> {
    return this.ask('entries', path)
  }

  /** A directory that is empty goes without `recursive` too. */
  async rm(...[path, options]: Parameters<Method<'rm'>>): Promise<void> {
    await this.ask('rm', path, options?.recursive === true, options?.force === true)
  }

  async cp(...[src, dest, options]: Parameters<Method<'cp'>>): Promise<void> {
    const recursive = options?.recursive === true
    await this.#worded({ method: 'cp', path: src, dest }, () => this.ask('cp', src, dest, recursive))
  }

  /** Between mounts: copied, then removed. */
  async mv(src: string, dest: string): Promise<void> {
    await this.#worded({ method: 'mv', path: src, dest }, () => this.ask('mv', src, dest))
  }

  resolvePath(base: string, path: string): string {
    return resolved(base, path)
  }

  /**
   * All paths that the task may list, except for /proc and /sys. Nothing where the answer would have to be waited for.
   */
  getAllPaths(): string[] {
    const paths = this.ask('paths')
    return paths instanceof Promise ? [] : paths
  }

  async chmod(path: string, mode: number): Promise<void> {
    await this.ask('chmod', path, mode)
  }

  async symlink(target: string, linkPath: string): Promise<void> {
    await this.ask('symlink', target, linkPath)
  }

  async link(existingPath: string, newPath: string): Promise<void> {
    await this.ask('link', existingPath, newPath)
  }

  async readlink(path: string): Promise<string> {
    return this.ask('readlink', path)
  }

  async realpath(path: string): Promise<string> {
    return this.#worded({ method: 'realpath', path }, () => this.ask('realpath', path))
  }

  async utimes(path: string, atime: Date, mtime: Date): Promise<void> {
    await this.ask('utimes', path, atime.getTime(), mtime.getTime())
  }

  /** How much of a file a command has to see: all of it, unless a subclass knows better. */
  protected enoughOf(_path: string): Enough | null {
    return null
  }

  /** The whole file, or as much as is enough. */
  #read(path: string): Uint8Array | Promise<Uint8Array> {
    return this.#worded({ method: 'open', path }, () => this.#wholeOf(path))
  }

  #wholeOf(path: string): Uint8Array | Promise<Uint8Array> {
    const enough = this.enoughOf(path)
    const piece = Math.min(PIECE, enough?.first ?? PIECE)
    const first = this.ask('read', path, enough === null ? this.#largest : Infinity, piece)
    if (!(first instanceof Promise) && first.fd === -1 && enough === null) return first.bytes
    return this.#joined(path, first, enough)
  }

  async #joined(path: string, first: Piece | Promise<Piece>, enough: Enough | null): Promise<Uint8Array> {
    let { bytes, fd } = await first
    const pieces = [bytes]
    for (let total = bytes.length; ; total += bytes.length) {
      const isEnough = enough !== null && enough.takes(bytes)
      if (fd === -1) break
      if (isEnough || total > this.#largest) {
        await this.ask('close', fd)
        if (isEnough) break
        throw new FileError(-EFBIG, 'read', path)
      }
      ({ bytes, fd } = await this.ask('more', fd, path, PIECE))
      pieces.push(bytes)
    }
    return joined(pieces)
  }

  /**
   * With just-bash's words for a refusal. No promise is made for an answer that is there: each costs as much as a call,
   * for just-bash follows all of them.
   */
  #worded<T>(asked: Asked, ask: () => T | Promise<T>): T | Promise<T> {
    const refused = (error: unknown): never => {
      throw inWords(error, asked)
    }
    try {
      const answer = ask()
      return answer instanceof Promise ? answer.catch(refused) : answer
    } catch (error) {
      return refused(error)
    }
  }

  async #isDirectory(path: string): Promise<boolean> {
    try {
      return (await this.ask('lstat', path)).isDirectory
    } catch (error) {
      if (error instanceof FileError) return false
      throw error
    }
  }

  async #write(path: string, content: FileContent, encoding: string, appends: boolean): Promise<void> {
    // a path that is none is told of before contents that are none
    absolute(path, appends ? 'append' : 'write')
    const bytes = bytesOf(content, encoding)
    const [keeps, first] = bytes.length > PIECE ? [true, bytes.slice(0, PIECE)] : [false, bytes]
    const fd = await this.ask('write', path, first, appends, keeps)
    if (!keeps) return
    for (let at = PIECE; at < bytes.length; at += PIECE) {
      // a copy: what crosses threads takes its whole buffer along
      await this.ask('put', fd, bytes.slice(at, at + PIECE), path)
    }
    await this.ask('close', fd)
  }
}
