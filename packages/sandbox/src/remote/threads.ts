/** Threads of the host, Node's or a browser's, as ends of a wire. */
import { threadOptions } from '@lsmkit/wasi/threads'
import { builtFile, builtin } from '../node-host.ts'
import type { Policy } from '../policy.ts'
import type { Wire } from './rpc.ts'

interface Port {
  postMessage(message: unknown, transfer: readonly unknown[]): void
  on(event: 'message', take: (message: unknown) => void): void
}
export interface NodeThread extends Port {
  on(event: 'message' | 'error' | 'exit', take: (news: unknown) => void): void
  ref(): void
  unref(): void
  terminate(): Promise<number>
  /** Node 22.16 and later. */
  getHeapStatistics?(): Promise<unknown>
}
interface WebEvent {
  readonly data?: unknown
  readonly message?: string
}
interface WebThread {
  postMessage(message: unknown, transfer: readonly unknown[]): void
  addEventListener(type: 'message' | 'error', take: (event: WebEvent) => void): void
}

/** The name that the thread of kernels is started with; any other thread may load the same modules. */
export const KERNELS = 'lsmkit-kernels'

interface Threads {
  readonly Worker: new (url: URL, options: object) => NodeThread
  readonly parentPort: Port | null
  readonly workerData: unknown
}
interface Scope {
  readonly Worker?: new (url: URL, options: object) => WebThread
  readonly WorkerGlobalScope?: unknown
  readonly name?: string
  readonly postMessage?: WebThread['postMessage']
  readonly addEventListener?: WebThread['addEventListener']
  readonly process?: { readonly execArgv: readonly string[] }
}

const scope = globalThis as Scope
/** Node's own threads; undefined elsewhere. */
export const nodeThreads = (): Threads | undefined => builtin<Threads>('node:worker_threads')

/** Whether a worker can be made here. */
export const hasThreads = (): boolean => nodeThreads() !== undefined || scope.Worker !== undefined

/** A process of its own for kernels puts its wire here before it loads the worker. */
const WIRE = Symbol.for('lsmkit.kernels.wire')

/** In a worker, or in a process for kernels: the wire to the box's owner; null elsewhere. */
export const hostWire = (): Wire | null => {
  const own = (globalThis as Record<symbol, Wire | undefined>)[WIRE]
  if (own !== undefined) return own
  const node = nodeThreads()
  if (node !== undefined) {
    const port = node.parentPort
    return port === null || node.workerData !== KERNELS ? null : {
      send: (message) => port.postMessage(message, []), receive: (take) => port.on('message', take),
    }
  }
  if (scope.WorkerGlobalScope === undefined || scope.name !== KERNELS) return null
  return {
    send: (message) => scope.postMessage!(message, []),
    receive: (take) => scope.addEventListener!('message', ({ data }) => take(data)),
  }
}

export interface KernelThread extends Wire {
  /** The thread is gone, or has never come up. */
  onEnd(tell: (error: Error) => void): void
  /** Whether the process has to stay for it. */
  hold(isHeld: boolean): void
  /** Ends it, where it belongs to one box. */
  end?(): void
}

/** Starts a process for the kernel and the guests of one box, under walls compiled from its policy. */
export type KernelProcess = (policy: Policy) => KernelThread

/**
 * The file of the thread, beside this module as it is built, and as it is written; as scripts, which start sooner.
 * `joins`: modules of the user, which import our packages, are to work in the thread. They would not meet the packages
 * that the scripts are made of.
 */
export const kernelsUrl = (joins: boolean): URL => {
  if (import.meta.url.endsWith('.ts')) return new URL('../worker.ts', import.meta.url)
  return (joins ? null : builtFile('./kernels.cjs')) ?? new URL('./worker.js', import.meta.url)
}

/** Megabytes for young objects: V8 would take twice as many, and give none of them back when the boxes are idle. */
const YOUNG = 24

export const startKernelThread = (url: URL): KernelThread => {
  const Node = nodeThreads()?.Worker
  if (Node !== undefined) {
    const thread = new Node(url, {
      workerData: KERNELS, resourceLimits: { maxYoungGenerationSizeMb: YOUNG },
      ...threadOptions(url, scope.process!.execArgv),
    })
    thread.unref()
    return {
      send: (message) => thread.postMessage(message, []),
      receive: (take) => thread.on('message', take),
      onEnd: (tell) => {
        thread.on('error', (error) => tell(error instanceof Error ? error : new Error(String(error))))
        thread.on('exit', () => tell(new Error('it has exited')))
      },
      hold: (isHeld) => (isHeld ? thread.ref() : thread.unref()),
    }
  }
  const thread = new scope.Worker!(url, { type: 'module', name: KERNELS })
  return {
    send: (message) => thread.postMessage(message, []),
    receive: (take) => thread.addEventListener('message', ({ data }) => take(data)),
    onEnd: (tell) =>
      thread.addEventListener('error', ({ message = 'it cannot be loaded' }) => tell(new Error(message))),
    hold: () => {},
  }
}
