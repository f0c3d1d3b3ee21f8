/** Threads of the host for programs: a browser's workers, or Node's. */
import type { WorkerStart } from '../worker.ts'

export interface HostWorker {
  start(start: WorkerStart): void
  /** Something is wrong with the thread itself. */
  onError(tell: (error: unknown) => void): void
  terminate(): void
}

/** A browser's. */
interface WebWorker {
  postMessage(message: unknown, transfer: readonly unknown[]): void
  addEventListener(type: 'error', tell: (event: { readonly message: string }) => void): void
  terminate(): void
}
interface NodeWorker {
  postMessage(message: unknown, transfer: readonly unknown[]): void
  on(event: 'error', tell: (error: unknown) => void): void
  terminate(): Promise<number>
}
type Maker<T> = new (url: URL, options: object) => T

interface Scope {
  readonly Worker?: Maker<WebWorker>
  readonly process?: { readonly getBuiltinModule?: (name: string) => { Worker: Maker<NodeWorker> } | undefined }
}

const scope = globalThis as Scope
const nodeWorker = (): Maker<NodeWorker> | undefined =>
  scope.process?.getBuiltinModule?.('node:worker_threads')?.Worker

/** Whether there are threads, and memory that they share. */
export const canWork = (): boolean =>
  typeof SharedArrayBuffer !== 'undefined' && (nodeWorker() !== undefined || scope.Worker !== undefined)

/** Beside this module as it is built, and as it is written. */
const url = (): URL => new URL(import.meta.url.endsWith('.ts') ? '../worker.ts' : './worker.js', import.meta.url)

export const makeWorker = (): HostWorker => {
  const Node = nodeWorker()
  if (Node !== undefined) {
    const worker = new Node(url(), { stdout: false, stderr: false })
    return {
      start: (start) => worker.postMessage(start, [start.port]),
      onError: (tell) => worker.on('error', tell),
      terminate: () => void worker.terminate(),
    }
  }
  const worker = new (scope.Worker as Maker<WebWorker>)(url(), { type: 'module' })
  return {
    start: (start) => worker.postMessage(start, [start.port]),
    onError: (tell) => worker.addEventListener('error', ({ message }) => tell(new Error(message))),
    terminate: () => worker.terminate(),
  }
}
