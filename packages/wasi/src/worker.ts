/**
 * The program of a worker: one program, or one thread of it. Every import is a message to the thread of the kernel, and
 * waits for its answer. A worker loads this and the words between them, and nothing else.
 */
import { GUEST, LOOK, WAITING } from './workers/messages.ts'
import type { WorkerError, WorkerNews, WorkerStart } from './workers/messages.ts'

/** Milliseconds between two looks: to ask takes much longer than to look at the clock. */
const LOOK_EVERY = 5

const run = ({ module, imports, memory, meter, entries, state, port }: WorkerStart): void => {
  const tell = (news: WorkerNews): void => port.postMessage(news)
  tell({ kind: 'begun' })
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
    if (exports.memory instanceof WebAssembly.Memory) tell({ kind: 'memory', memory: exports.memory })
    if (meter !== null) {
      const left = exports[meter.fuel] as WebAssembly.Global
      let asked = performance.now()
      const refill = (): void => {
        left.value = meter.quantum
        if (performance.now() - asked < LOOK_EVERY) return
        ask(LOOK, [])
        asked = performance.now()
      }
      left.value = meter.quantum
      ;(exports[meter.refill] as WebAssembly.Table).set(0, asExported(refill))
    }
    for (const [name, ...args] of entries) (exports[name] as WebAssembly.ExportedFunction)(...args)
  } catch (thrown) {
    error = told(thrown)
  }
  tell({ kind: 'ended', error })
}

const told = (error: unknown): WorkerError => ({
  kind: error instanceof RangeError ? 'stack' : error instanceof WebAssembly.RuntimeError ? 'trap' : 'other',
  text: error instanceof Error ? error.message : String(error),
})

/** A table takes functions of WebAssembly only. */
const asExported = (call: () => void): unknown =>
  new WebAssembly.Instance(new WebAssembly.Module(THROUGH), { h: { f: call } }).exports.f

/** `(module (import "h" "f" (func)) (export "f" (func 0)))` */
const THROUGH = Uint8Array.from([
  0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, 0x01, 0x04, 0x01, 0x60, 0x00, 0x00, 0x02, 0x07, 0x01, 0x01, 0x68,
  0x01, 0x66, 0x00, 0x00, 0x07, 0x05, 0x01, 0x01, 0x66, 0x00, 0x00,
])

/** Node's. */
interface ParentPort {
  on(event: 'message', run: (start: WorkerStart) => void): void
}

interface NodeThreads {
  readonly parentPort: ParentPort | null
  readonly workerData: unknown
}

interface WorkerScope {
  readonly process?: { readonly getBuiltinModule?: (name: string) => NodeThreads | undefined }
  readonly WorkerGlobalScope?: unknown
  readonly name?: string
  readonly addEventListener?: (type: 'message', listener: (event: { readonly data: WorkerStart }) => void) => void
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
