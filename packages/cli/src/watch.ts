/**
 * `--watch`: runs a command again, as a process of its own, when a file that it was given changes, or one that lies
 * beside it. A process of its own has nothing of an earlier run: changed modules are loaded anew.
 */
import childProcess from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { existsSync, statSync, watch as watchPath } from 'node:fs'
import type { FSWatcher } from 'node:fs'
import { constants } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { isatty } from 'node:tty'
import { fileURLToPath } from 'node:url'
import type { Command } from 'commander'
import { CommandError } from './command-error.ts'
import type { Io } from './io.ts'

/** Editors write a file in several steps, within so many milliseconds. */
const QUIET = 60

const STDOUT = 1
/** Empties a terminal and what can be scrolled back to. */
const CLEAR = new TextEncoder().encode('\x1b[2J\x1b[3J\x1b[H')

/** Runs the command line until it is interrupted; answers the exit code of the last run that ended. */
export const watchCommand = (io: Io, args: readonly string[], command: Command): Promise<number> => {
  const inputs = inputsOf(io, command)
  return new Watch(io, withoutWatch(args), inputs).ended
}

/** The same command line, to be run once. */
export const withoutWatch = (args: readonly string[]): readonly string[] => {
  const end = args.includes('--') ? args.indexOf('--') : args.length
  return args.filter((arg, i) => i >= end || arg !== '--watch')
}

/** Files below these are not the user's own. */
export const isWatched = (name: string): boolean => !/(?:^|[\\/])(?:node_modules|\.git)(?:[\\/]|$)/.test(name)

/** Arguments and options that name a file or a folder, or a pattern in one. */
export const inputsOf = (io: Io, command: Command): string[] => {
  const options = Object.values(command.opts()) as unknown[]
  const texts = [...command.args, ...options.flat()].filter((each) => typeof each === 'string')
  if (texts.includes('-')) throw new CommandError('usage', 'standard input cannot be watched', 'name a file')
  const found = texts.flatMap((text) => existing(resolve(io.cwd, text.split(/#|[*?{[]/)[0]!)) ?? [])
  if (found.length === 0) throw new CommandError('badInput', 'there is no file to watch', 'name one that exists')
  return [...new Set(found)]
}

/** The path itself; of the beginning of a pattern the folder that it is in. */
const existing = (path: string): string | null => {
  if (existsSync(path)) return path
  return existsSync(dirname(path)) && !existsSync(path) && /[\\/]$/.test(path) ? dirname(path) : null
}

const mtimeOf = (path: string): number => existsSync(path) ? statSync(path).mtimeMs : 0

/** This command, as a program: beside the package's modules, or its source. */
export const executable = (): string =>
  ['lsm.cjs', 'lsm.ts'].map((name) => fileURLToPath(new URL(name, import.meta.url))).find((path) => existsSync(path))!

class Watch {
  readonly ended: Promise<number>
  readonly #io: Io
  readonly #args: readonly string[]
  readonly #inputs: readonly string[]
  readonly #watchers: FSWatcher[] = []
  #end: (code: number) => void = () => {}
  #child: ChildProcess | null = null
  #timer: NodeJS.Timeout | undefined
  #code = 0
  /** Of the last run, in milliseconds. */
  #endedAt = 0
  #isOver = false

  constructor(io: Io, args: readonly string[], inputs: readonly string[]) {
    this.#io = io
    this.#args = args
    this.#inputs = inputs
    this.ended = new Promise((done) => (this.#end = done))
    this.#listen()
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => this.#stop())
    this.#run()
  }

  #listen(): void {
    const folders = new Map<string, boolean>()
    for (const path of this.#inputs) {
      const isFolder = statSync(path).isDirectory()
      const folder = isFolder ? path : dirname(path)
      folders.set(folder, isFolder || folders.get(folder) === true)
    }
    for (const [folder, recursive] of folders) {
      const watcher = watchPath(folder, { recursive }, (_event, name) => {
        if (name === null) return this.#changed()
        if (isWatched(name) && this.#isNews(join(folder, name))) this.#changed()
      })
      watcher.on('error', () => {})
      this.#watchers.push(watcher)
    }
  }

  /** A run may write reports beside its files, which are announced late: what is older than its end is its own. */
  #isNews(path: string): boolean {
    const mtime = mtimeOf(path)
    return mtime === 0 || mtime > this.#endedAt
  }

  #changed(): void {
    if (this.#child !== null || this.#isOver) return
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#run(), QUIET)
  }

  #stamps(): string {
    return this.#inputs.map((path) => mtimeOf(path)).join()
  }

  #run(): void {
    if (isatty(STDOUT)) this.#io.stdout(CLEAR)
    const before = this.#stamps()
    const child = childProcess.spawn(process.execPath, [...process.execArgv, executable(), ...this.#args], {
      stdio: ['ignore', 'inherit', 'inherit'], cwd: this.#io.cwd, env: { ...process.env, INIT_CWD: this.#io.cwd },
    })
    this.#child = child
    child.on('error', (error) => this.#io.note(`error: ${error.message}`))
    child.on('close', (code, signal) => {
      if (this.#isOver) return this.#end(code ?? this.#code)
      this.#code = code ?? 128 + constants.signals[signal!]
      this.#endedAt = Date.now()
      this.#io.note('waiting for changes (Ctrl-C ends)')
      // its files may have changed meanwhile, too
      setTimeout(() => {
        this.#child = null
        if (this.#isOver) this.#end(this.#code)
        else if (this.#stamps() !== before) this.#changed()
      }, QUIET)
    })
  }

  #stop(): void {
    this.#isOver = true
    clearTimeout(this.#timer)
    for (const watcher of this.#watchers) watcher.close()
    if (this.#child === null) this.#end(this.#code)
    else this.#child.kill()
  }
}
