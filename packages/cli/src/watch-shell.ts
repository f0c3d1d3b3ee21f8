/**
 * `lsm shell --watch`: the shell is a process of its own, which starts anew when a module or a policy has changed. The
 * next one gets its tree. A file that cannot be used leaves the prompt away until it changes again.
 */
import childProcess from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync, statSync, watch as watchPath } from 'node:fs'
import type { FSWatcher } from 'node:fs'
import { constants, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Command } from 'commander'
import type { Io } from './io.ts'
import { RELOADED, RUNNING } from './shell/reload.ts'
import { executable, inputsOf, isWatched, withoutWatch } from './watch.ts'

/** Editors, and compilers, write files in several steps within so many milliseconds. */
const QUIET = 150
/** Milliseconds until a shell that does not answer is ended; its tree is lost then. */
const PATIENCE = 10_000

/** Runs the shell until it ends by itself; answers its exit code. */
export const watchShell = (io: Io, args: readonly string[], command: Command): Promise<number> =>
  new ShellWatch(io, withoutWatch(args), inputsOf(io, command)).ended

class ShellWatch {
  readonly ended: Promise<number>
  readonly #io: Io
  readonly #args: readonly string[]
  readonly #folder = mkdtempSync(join(tmpdir(), 'lsm-shell-'))
  readonly #watchers: readonly FSWatcher[]
  #end: (code: number) => void = () => {}
  #child: ChildProcess | null = null
  /** Whether it has a prompt. */
  #isRunning = false
  /** Whether it was asked to end. */
  #isAsked = false
  /** Whether a file has changed since it began. */
  #isStale = false
  #timer: NodeJS.Timeout | undefined

  constructor(io: Io, args: readonly string[], inputs: readonly string[]) {
    this.#io = io
    this.#args = args
    this.ended = new Promise((done) => (this.#end = done))
    const folders = new Set(inputs.map((path) => (statSync(path).isDirectory() ? path : dirname(path))))
    this.#watchers = [...folders].map((folder) => watchPath(folder, { recursive: true }, (_event, name) => {
      if (name === null || isWatched(name)) this.#changed()
    }))
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.once(signal, () => {
        this.#child?.kill(signal)
        this.#stop(128 + constants.signals[signal])
      })
    }
    this.#run()
  }

  #changed(): void {
    if (this.#isAsked) return
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      if (this.#child === null) this.#run()
      else if (this.#isRunning) this.#ask(this.#child)
      else this.#isStale = true
    }, QUIET)
  }

  #ask(child: ChildProcess): void {
    this.#isAsked = true
    child.send('reload', () => {})
    this.#timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE)
  }

  #run(): void {
    const [name = '', ...rest] = this.#args
    const args = [...process.execArgv, executable(), name, '--tree', join(this.#folder, 'tree'), ...rest]
    const child = childProcess.spawn(process.execPath, args, {
      stdio: ['inherit', 'inherit', 'inherit', 'ipc'], cwd: this.#io.cwd,
      env: { ...process.env, INIT_CWD: this.#io.cwd },
    })
    this.#child = child
    this.#isRunning = this.#isAsked = this.#isStale = false
    child.on('message', (message) => {
      if (message !== RUNNING) return
      this.#isRunning = true
      if (this.#isStale) this.#ask(child)
    })
    child.on('error', (error) => this.#io.note(`error: ${error.message}`))
    child.on('close', (code, signal) => this.#closed(code ?? 128 + constants.signals[signal!], signal === 'SIGKILL'))
  }

  #closed(code: number, isKilled: boolean): void {
    clearTimeout(this.#timer)
    this.#child = null
    if (this.#isAsked && isKilled) this.#io.note('lsm: the shell did not answer, and its last changes are lost')
    if (this.#isAsked ? code === RELOADED || isKilled : !this.#isRunning && this.#isStale) this.#run()
    else if (this.#isRunning) this.#stop(code)
    else this.#io.note('waiting for changes (Ctrl-C ends)')
  }

  #stop(code: number): void {
    clearTimeout(this.#timer)
    for (const watcher of this.#watchers) watcher.close()
    rmSync(this.#folder, { recursive: true, force: true })
    this.#end(code)
  }
}
