/**
 * The program of a worker: one program, or one thread of it. Every import is a message to the thread of the kernel, and
 * waits for its answer. A worker loads this and the words between them, and nothing else.
 */
import { runComponentGuest } from './workers/component-guest.ts'
import { errorToTell, meterInstance } from './workers/in-worker.ts'
import type { Tell } from './workers/in-worker.ts'
import { GUEST, LOOK, WAITING } from './workers/messages.ts'
import type { Start, WorkerError, WorkerStart } from './workers/messages.ts'

const run = (start: Start): void => {
  const { port } = start
  const tell: Tell = (news) => port.postMessage(news)
  tell({ kind: 'begun' })
  if (start.kind === 'component') runComponentGuest(start, tell)
  else runModule(start, tell)
}

const runModule = ({ module, imports, memory, meter, entries, state }: WorkerStart, tell: Tell): void => {
  const ask = (index: number, args: readonly (number | bigint)[]): number => {
    Atomics.store(state, 0, WAITING)
    tell({ kind: 'call', index, args })
    // the kernel's thread may be late to wake us from the call before
    while (Atomics.load(state, 0) === WAITING) Atomics.wait(state, 0, WAITING)
    return state[1]!
  }
  // no names but those of the program; who has made them is not to be trusted
  const given = Object.create(null) as Record<string, WebAssembly.ModuleImports>
  if (memory !== null) given.env = { memory }
  imports.forEach(([from, name], index) => {
    const functions = given[from] ??= Object.create(null) as WebAssembly.ModuleImports
    functions[name] = (...args: (number | bigint)[]) => ask(index, args)
  })
  let error: WorkerError | null = null
  try {
    const { exports } = new WebAssembly.Instance(module, given)
    if (exports.memory instanceof WebAssembly.Memory) tell({ kind: 'memory', memory: exports.memory, number: 0 })
    if (meter !== null) meterInstance(exports, meter, () => void ask(LOOK, []))
    for (const [name, ...args] of entries) (exports[name] as WebAssembly.ExportedFunction)(...args)
  } catch (thrown) {
    error = errorToTell(thrown)
  }
  tell({ kind: 'ended', error })
}

/** Node's. */
interface ParentPort {
  on(event: 'message', run: (start: Start) => void): void
}

interface NodeThreads {
  readonly parentPort: ParentPort | null
  readonly workerData: unknown
}

interface WorkerScope {
  readonly process?: { readonly getBuiltinModule?: (name: string) => NodeThreads | undefined }
  readonly WorkerGlobalScope?: unknown
  readonly name?: string
  readonly addEventListener?: (type: 'message', listener: (event: { readonly data: Start }) => void) => void
}

/** Each message says what to run, one after the other; in a thread that is no worker nothing ever comes. */
const begin = (): void => {
  const scope = globalThis as WorkerScope
  const threads = scope.process?.getBuiltinModule?.('node:worker_threads')
  if (threads !== undefined) {
    if (threads.workerData === GUEST) threads.parentPort?.on('message', run)
  } else if (scope.WorkerGlobalScope !== undefined && scope.name === GUEST)
    scope.addEventListener?.('message', ({ data }) => run(data))
}
begin()
