/** The files of one program that a shell has started. */
import type { Task } from '@lsmkit/core'
import type { Kernel } from '@lsmkit/kernel'
import type { FsStat, IFileSystem } from 'just-bash'
import type { KernelFs } from './kernel-fs.ts'
import { ShellFs } from './shell-fs.ts'

/** Programs that start others. */
const starters = new Set(['bash', 'env', 'find', 'sh', 'time', 'timeout', 'xargs'])

/** A descriptor that the shell has opened for it: a process substitution. */
const isDescriptor = (path: string): boolean => /^\/dev\/fd\/\d+$/.test(path)

export class ProgramFs extends ShellFs {
  protected override readonly runsCommands: boolean
  readonly #path: string
  readonly #shell: IFileSystem

  /** `shell`: the files of who has started it, whose descriptors it has. */
  constructor(kernel: Kernel, task: Task, name: string, shell: IFileSystem) {
    super(kernel, task)
    this.runsCommands = starters.has(name)
    this.#path = `/bin/${name}`
    this.#shell = shell
  }

  /** The program is found wherever it has been executed from, whatever it may see itself. */
  override async exists(path: string): Promise<boolean> {
    if (isDescriptor(path)) return this.#shell.exists(path)
    return path === this.#path || super.exists(path)
  }

  override async stat(path: string): Promise<FsStat> {
    if (isDescriptor(path)) return this.#shell.stat(path)
    if (path !== this.#path) return super.stat(path)
    return { isFile: true, isDirectory: false, isSymbolicLink: false, mode: 0o755, size: 0, mtime: new Date(0) }
  }

  override async lstat(path: string): Promise<FsStat> {
    return isDescriptor(path) ? this.#shell.lstat(path) : super.lstat(path)
  }

  override async readFile(...args: Parameters<KernelFs['readFile']>): Promise<string> {
    return isDescriptor(args[0]) ? this.#shell.readFile(...args) : super.readFile(...args)
  }

  override async readFileBytes(path: string): ReturnType<KernelFs['readFileBytes']> {
    return isDescriptor(path) ? this.#shell.readFileBytes!(path) : super.readFileBytes(path)
  }

  override async readFileBuffer(path: string): Promise<Uint8Array> {
    return isDescriptor(path) ? this.#shell.readFileBuffer(path) : super.readFileBuffer(path)
  }

  override async writeFile(...args: Parameters<KernelFs['writeFile']>): Promise<void> {
    return isDescriptor(args[0]) ? this.#shell.writeFile(...args) : super.writeFile(...args)
  }

  override async appendFile(...args: Parameters<KernelFs['appendFile']>): Promise<void> {
    return isDescriptor(args[0]) ? this.#shell.appendFile(...args) : super.appendFile(...args)
  }
}
