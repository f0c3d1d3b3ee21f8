/** In the thread of a shell: its calls, made where the kernel is. The thread sleeps until a call is answered. */
import { Ahead, Changes } from './ahead.ts'
import type { AskFile } from './file-calls.ts'
import type { FetchAnswer, NotSpawned, ProgramInput, ProgramOutput, ShellCalls, Spawned } from './shell-calls.ts'
import { errorOf, WAITING } from './thread-messages.ts'
import type { Answer, Call, FromShell, ShellStart } from './thread-messages.ts'

/** Taken before a script runs: just-bash takes them from all that a script leads to. */
const { load, store, wait } = Atomics

/** Node's `receiveMessageOnPort`. */
export type TakeMessage = (port: ShellStart['port']) => { readonly message: unknown } | undefined

interface Waiting {
  resolve(output: ProgramOutput): void
  reject(error: Error): void
}

export class ThreadCalls implements ShellCalls {
  run: ShellCalls['run'] = null
  fetch: ShellCalls['fetch'] = null
  readonly #start: ShellStart
  readonly #take: TakeMessage
  readonly #tell: (news: FromShell) => void
  readonly #running = new Map<number, Waiting>()
  readonly #changes = new Changes()
  #last = 0

  constructor(start: ShellStart, take: TakeMessage, tell: (news: FromShell) => void) {
    this.#start = start
    this.#take = take
    this.#tell = tell
  }

  spawn(...args: Parameters<ShellCalls['spawn']>): Spawned | NotSpawned {
    this.#changes.count++
    return this.#ask(['spawn', ...args]) as Spawned | NotSpawned
  }

  end(pid: number, status: number): number {
    return this.#ask(['end', pid, status]) as number
  }

  filesOf(pid: number): AskFile {
    return new Ahead((method, ...args) => this.#ask(['file', pid, method, ...args]), this.#changes).ask
  }

  /** Whether programs are run at all. */
  set runs(isRun: boolean) {
    this.run = isRun ? (pid, input) => this.#run(pid, input) : null
  }

  /** Whether there is a network. The thread sleeps until the answer has come. */
  set fetches(isNetwork: boolean) {
    this.fetch = isNetwork ? (pid, request) => this.#ask(['fetch', pid, request]) as FetchAnswer : null
  }

  /** A program has ended. */
  ran(id: number, answer: Answer & { readonly value?: ProgramOutput }): void {
    const waiting = this.#running.get(id)
    this.#running.delete(id)
    this.#changes.count++
    if ('error' in answer) waiting?.reject(errorOf(answer.error))
    else waiting?.resolve(answer.value!)
  }

  #run(pid: number, { stdin, env, cwd, signal }: ProgramInput): Promise<ProgramOutput> {
    const id = ++this.#last
    this.#changes.count++
    return new Promise((resolve, reject) => {
      this.#running.set(id, { resolve, reject })
      this.#tell({ kind: 'run', id, pid, stdin, env, cwd })
      signal?.addEventListener('abort', () => this.#tell({ kind: 'stop', id }))
    })
  }

  #ask(call: Call): unknown {
    const { port, word } = this.#start
    store(word, 0, WAITING)
    port.postMessage(call, [])
    while (load(word, 0) === WAITING) wait(word, 0, WAITING)
    const answer = this.#take(port)!.message as Answer
    if ('error' in answer) throw errorOf(answer.error)
    return answer.value
  }
}
