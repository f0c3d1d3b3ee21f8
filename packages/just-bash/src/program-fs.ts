/** The files of one program that a shell has started. */
import type { FsStat, IFileSystem } from 'just-bash'
import { LARGEST_READ } from './file-calls.ts'
import type { AskFile, CalledFs } from './file-calls.ts'
import { enoughForHead } from './pieces.ts'
import type { Enough } from './pieces.ts'
import { starters } from './program-kinds.ts'
import { ShellFs } from './shell-fs.ts'

/** A descriptor that the shell has opened for it: a process substitution. */
const isDescriptor = (path: string): boolean => /^\/dev\/fd\/\d+$/.test(path)

const programStat = (): FsStat =>
  ({ isFile: true, isDirectory: false, isSymbolicLink: false, mode: 0o755, size: 0, mtime: new Date(0) })

/** just-bash refuses what would be too much to read whole. */
const readable = (stat: FsStat): FsStat => (stat.size <= LARGEST_READ ? stat : { ...stat, size: LARGEST_READ })

export class ProgramFs extends ShellFs {
  protected override readonly runsCommands: boolean
  readonly #path: string
  readonly #shell: IFileSystem
  readonly #enough: (() => Enough) | null

  /** `shell`: the files of the process that has started it, whose descriptors it has. */
  constructor(ask: AskFile, largest: number, name: string, args: readonly string[], shell: IFileSystem) {
    super(ask, largest)
    this.#enough = name === 'head' ? enoughForHead(args) : null
    this.runsCommands = starters.has(name)
    this.#path = `/bin/${name}`
    this.#shell = shell
  }

  protected override enoughOf(path: string): Enough | null {
    return path === this.#path ? null : this.#enough?.() ?? null
  }

  /** The program is found wherever it has been executed from, whatever it may see itself. */
  override exists(path: string): Promise<boolean> {
    if (isDescriptor(path)) return this.#shell.exists(path)
    return path === this.#path ? Promise.resolve(true) : super.exists(path)
  }

  override stat(path: string): Promise<FsStat> {
    if (isDescriptor(path)) return this.#shell.stat(path)
    if (path === this.#path) return Promise.resolve(programStat())
    const stat = super.stat(path)
    return this.#enough === null ? stat : stat.then(readable)
  }

  override lstat(path: string): Promise<FsStat> {
    return isDescriptor(path) ? this.#shell.lstat(path) : super.lstat(path)
  }

  override readFile(...args: Parameters<CalledFs['readFile']>): Promise<string> {
    return isDescriptor(args[0]) ? this.#shell.readFile(...args) : super.readFile(...args)
  }

  override readFileBytes(path: string): ReturnType<CalledFs['readFileBytes']> {
    return isDescriptor(path) ? this.#shell.readFileBytes!(path) : super.readFileBytes(path)
  }

  override readFileBuffer(path: string): Promise<Uint8Array> {
    return isDescriptor(path) ? this.#shell.readFileBuffer(path) : super.readFileBuffer(path)
  }

  override writeFile(...args: Parameters<CalledFs['writeFile']>): Promise<void> {
    return isDescriptor(args[0]) ? this.#shell.writeFile(...args) : super.writeFile(...args)
  }

  override appendFile(...args: Parameters<CalledFs['appendFile']>): Promise<void> {
    return isDescriptor(args[0]) ? this.#shell.appendFile(...args) : super.appendFile(...args)
  }
}
