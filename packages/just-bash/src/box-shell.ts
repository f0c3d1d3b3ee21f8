/**
 * The shell of a box: each line runs in a thread that is ended with it where it does not end by itself. A thread that
 * has ended a line well takes the next one of the same box, never one of another box. Nothing of a line stays for the
 * next but files.
 */
import type { Task } from '@lsmkit/core'
import { TaskFiles } from '@lsmkit/kernel/files'
import type { BoxInside, BoxShellOptions, BoxShOptions, StartThread } from './box-inside.ts'
import { LARGEST_READ } from './file-calls.ts'
import type { InterpreterOptions } from './interpreter.ts'
import { IdleThreads } from './idle-threads.ts'
import { LineThread } from './line-thread.ts'
import type { LineEnd } from './line-thread.ts'
import { Processes } from './processes.ts'
import { inShell, lineOf } from './line.ts'
import { putPrograms } from './program-files.ts'
import { namesOf } from './program-kinds.ts'
import type { CommandNames } from './program-kinds.ts'

/** Lines of a box at a time; more wait for their turn. */
const MOST_THREADS = 4

export interface BoxShell {
  sh(command: string, options: BoxShOptions): Promise<LineEnd>
  close(): void
}

export const within = async <T>(
  inside: BoxInside, { user, label, role, run }: BoxShOptions, use: (task: Task) => Promise<T>,
): Promise<T> => {
  const choice = { ...role === undefined ? {} : { role }, ...run === undefined ? {} : { run } }
  const task = inside.task({ user, label, executes: label !== undefined, ...choice })
  try {
    return await use(task)
  } finally {
    inside.end(task)
  }
}

/** The options of a line, out of those of `box.sh`. */
export const lineOptions = ({ env, cwd, stdin, args }: BoxShOptions) => ({
  ...(env === undefined ? {} : { env }), ...(cwd === undefined ? {} : { cwd }),
  ...(stdin === undefined ? {} : { stdin }), ...(args === undefined ? {} : { args }),
})

/** A file is read whole where the box may hold that much. */
export const largestReadOf = ({ limits }: BoxInside, { largestRead = LARGEST_READ }: BoxShellOptions): number =>
  Math.min(largestRead, Math.floor(limits.memory))

const closed = (): Error => new Error('the shell is closed')

/** Of all boxes whose kernels are in this thread. */
const idle = new IdleThreads<LineThread>()

export class ThreadShell implements BoxShell {
  readonly #inside: BoxInside
  readonly #startThread: StartThread
  readonly #options: InterpreterOptions
  readonly #threads = new Set<LineThread>()
  readonly #waiting: (() => void)[] = []
  #names: CommandNames = { programs: [], network: [] }
  #busy = 0
  #isClosed = false

  constructor(inside: BoxInside, startThread: StartThread, options: BoxShellOptions) {
    this.#inside = inside
    this.#startThread = startThread
    this.#options = { ...options, largestRead: largestReadOf(inside, options) }
  }

  /** Puts the commands into the tree. */
  install(names: CommandNames): this {
    this.#names = names
    const { kernel, fetch } = this.#inside
    putPrograms(new TaskFiles(kernel, kernel.init), '/bin', namesOf(names, fetch !== null))
    return this
  }

  /** The commands, as a thread has them that waits for the first line then. */
  async askNames(): Promise<CommandNames> {
    const thread = await this.#take()
    this.#giveBack(thread)
    return thread.ready
  }

  async sh(command: string, options: BoxShOptions): Promise<LineEnd> {
    const { signal, onStart } = options
    if (this.#busy >= MOST_THREADS) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    this.#busy++
    try {
      signal?.throwIfAborted()
      if (this.#isClosed) throw closed()
      const thread = await this.#take()
      try {
        onStart?.()
        const { kernel, runProgram, fetch, whenThere } = this.#inside
        return await within(this.#inside, options, (task) => {
          const { signal: _, ...line } = lineOf(kernel, task, command, lineOptions(options))
          const processes = new Processes(kernel, this.#names, runProgram, fetch, whenThere)
          return inShell<LineEnd>(processes, task, line, (root) => thread.run(processes, root, line, signal))
        })
      } finally {
        this.#giveBack(thread)
      }
    } finally {
      this.#busy--
      this.#waiting.shift()?.()
    }
  }

  close(): void {
    this.#isClosed = true
    for (const thread of this.#threads) {
      idle.remove(thread)
      thread.end(closed())
    }
    this.#threads.clear()
  }

  async #take(): Promise<LineThread> {
    const kept = idle.take(this.#threads)
    if (kept !== undefined) {
      kept.hold(true)
      return kept
    }
    idle.makeRoom()
    const thread = new LineThread(this.#startThread, this.#options)
    this.#threads.add(thread)
    thread.hold(true)
    try {
      await thread.ready
    } catch (error) {
      this.#giveBack(thread)
      throw error
    }
    return thread
  }

  #giveBack(thread: LineThread): void {
    if (thread.isOver) return void this.#threads.delete(thread)
    thread.hold(false)
    idle.keep(thread, () => {
      thread.end(closed())
      this.#threads.delete(thread)
    })
  }
}
