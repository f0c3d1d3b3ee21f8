/** One thread that runs command lines, as the thread of the kernel has it: one line at a time, which can be ended. */
import type { StartThread, ThreadEnd, WorkThread } from './box-inside.ts'
import type { InterpreterOptions, Line, ShResult } from './interpreter.ts'
import type { Processes } from './processes.ts'
import type { CommandNames } from './program-kinds.ts'
import type { Spawned } from './shell-calls.ts'
import { ANSWERED, errorData, errorOf, SHELL } from './thread-messages.ts'
import type { Answer, Call, FromShell, ShellStart, ToShell } from './thread-messages.ts'

/** A line that was ended says why. */
export interface LineEnd extends ShResult {
  readonly reason?: string
}

interface Running {
  readonly processes: Processes
  readonly programs: Map<number, AbortController>
  resolve(end: LineEnd): void
  reject(error: unknown): void
}

const KILLED: LineEnd = { status: 137, stdout: '', stderr: '', reason: 'SIGKILL: memory limit' }

/** Beside this module as it is built, and as it is written. */
const moduleUrl = (): URL => new URL(import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js', import.meta.url)

export class LineThread {
  /** Settles when the thread can take a line, with the commands that it has. */
  readonly ready: Promise<CommandNames>
  isOver = false
  readonly #thread: WorkThread
  readonly #port: ShellStart['port']
  readonly #word = new Int32Array(new SharedArrayBuffer(4))
  #running: Running | null = null
  #fail: (error: unknown) => void = () => {}

  constructor(startThread: StartThread, options: InterpreterOptions) {
    const { port1, port2 } = new MessageChannel()
    this.#port = port1
    const start: ShellStart = { role: SHELL, options, port: port2, word: this.#word }
    this.#thread = startThread(moduleUrl(), start, [port2])
    listen(port1, (call) => this.#serve(call as Call))
    this.ready = new Promise((resolve, reject) => {
      this.#fail = reject
      this.#thread.receive((news) => {
        const told = news as FromShell
        if (told.kind === 'ready') resolve(told.names)
        else this.#take(told)
      })
      this.#thread.onEnd((why) => {
        reject(why.kind === 'error' ? why.error : new Error('the thread of the shell has no memory'))
        this.#ended(why)
      })
    })
    this.ready.catch(() => {})
  }

  /** Resolves with how the line ended. Rejects with the reason of the signal, which ends the thread. */
  run(processes: Processes, root: Spawned, line: Line, signal: AbortSignal | undefined): Promise<LineEnd> {
    return new Promise<LineEnd>((resolve, reject) => {
      const abort = (): void => this.end(signal!.reason)
      const settled = (): void => {
        this.#running = null
        signal?.removeEventListener('abort', abort)
      }
      this.#running = {
        processes, programs: new Map(),
        resolve: (end) => [settled(), resolve(end)],
        reject: (error) => [settled(), reject(error)],
      }
      if (signal?.aborted === true) return abort()
      signal?.addEventListener('abort', abort)
      const [runs, fetches] = [processes.run !== null, processes.fetch !== null]
      this.#thread.send({ kind: 'line', root, line, runs, fetches } satisfies ToShell)
    })
  }

  /** While it runs a line, or starts, the process stays. */
  hold(isHeld: boolean): void {
    if (!this.isOver) this.#thread.hold(isHeld)
  }

  /** Promises for the line reject with `reason`. */
  end(reason: unknown): void {
    this.isOver = true
    this.#port.close()
    this.#thread.end()
    this.#fail(reason)
    this.#running?.reject(reason)
  }

  #ended(why: ThreadEnd): void {
    this.isOver = true
    this.#port.close()
    const running = this.#running
    if (why.kind === 'memory') running?.resolve(KILLED)
    else running?.reject(new Error(`the thread of the shell has ended: ${why.error.message}`, { cause: why.error }))
  }

  #take(news: FromShell): void {
    const running = this.#running
    if (running === null) return
    if (news.kind === 'done') {
      const { answer } = news
      if ('error' in answer) running.reject(errorOf(answer.error))
      else running.resolve(answer.value!)
    } else if (news.kind === 'run') void this.#run(running, news)
    else if (news.kind === 'stop') running.programs.get(news.id)?.abort()
  }

  async #run(running: Running, { id, pid, stdin, env, cwd }: Extract<FromShell, { kind: 'run' }>): Promise<void> {
    const controller = new AbortController()
    running.programs.set(id, controller)
    let answer: Answer
    try {
      answer = { value: await running.processes.run!(pid, { stdin, env, cwd, signal: controller.signal }) }
    } catch (error) {
      answer = { error: errorData(error) }
    }
    running.programs.delete(id)
    if (this.#running === running) this.#thread.send({ kind: 'ran', id, answer } as ToShell)
  }

  /** A call that the thread sleeps for. */
  #serve(call: Call): void {
    const running = this.#running
    if (running === null) return
    let value: unknown
    try {
      value = made(running.processes, call)
    } catch (error) {
      return this.#answer({ error: errorData(error) })
    }
    if (!(value instanceof Promise)) return this.#answer({ value })
    value.then((later: unknown) => this.#answer({ value: later }), (error: unknown) =>
      this.#answer({ error: errorData(error) }))
  }

  #answer(answer: Answer): void {
    if (this.isOver) return
    this.#port.postMessage(answer, [])
    Atomics.store(this.#word, 0, ANSWERED)
    Atomics.notify(this.#word, 0)
  }
}

const made = (processes: Processes, call: Call): unknown => {
  switch (call[0]) {
    case 'spawn': return processes.spawn(call[1], call[2], call[3], call[4])
    case 'fetch': return processes.fetch!(call[1], call[2])
    case 'end': return processes.end(call[1], call[2])
    case 'file': {
      const [, pid, method, ...args] = call
      return processes.file(pid, method, args)
    }
  }
}

/** Node's way makes no event of a message. */
const listen = (port: ShellStart['port'], take: (message: unknown) => void): void => {
  const { on, unref } = port as unknown as { on(event: 'message', take: unknown): void; unref(): void }
  on.call(port, 'message', take)
  unref.call(port)
}
