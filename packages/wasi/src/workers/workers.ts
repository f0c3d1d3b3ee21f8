/** Threads of the host for programs: a browser's workers, or Node's. */
import { threadOptions } from '../threads.ts'
import { GUEST } from './messages.ts'
import type { Start } from './messages.ts'

export interface HostWorker {
  start(start: Start): void
  /** Something is wrong with the thread itself. */
  onError(tell: (error: unknown) => void): void
  terminate(): void
  /** Whether the process stays for it. */
  hold(isHeld: boolean): void
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
  ref(): void
  unref(): void
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
const moduleUrl = (): URL => new URL(import.meta.url.endsWith('.ts') ? '../worker.ts' : './worker.js', import.meta.url)

const makeWorker = (): HostWorker => {
  const [url, Node] = [moduleUrl(), nodeWorker()]
  if (Node !== undefined) {
    const worker = new Node(url, { stdout: false, stderr: false, workerData: GUEST, ...threadOptions(url, null) })
    let fail: (error: unknown) => void = () => {}
    worker.on('error', (error) => fail(error))
    return {
      start: (start) => worker.postMessage(start, [start.port]),
      onError: (tell) => void (fail = tell),
      terminate: () => void worker.terminate(),
      hold: (isHeld) => (isHeld ? worker.ref() : worker.unref()),
    }
  }
  const worker = new (scope.Worker as Maker<WebWorker>)(url, { type: 'module', name: GUEST })
  let fail: (error: unknown) => void = () => {}
  worker.addEventListener('error', ({ message }) => fail(new Error(message)))
  return {
    start: (start) => worker.postMessage(start, [start.port]),
    onError: (tell) => void (fail = tell),
    terminate: () => worker.terminate(),
    hold: () => {},
  }
}

/** Takes what is sent to a port. Node's own way makes no event, whose class would have to be loaded first. */
export const listen = (port: InstanceType<typeof MessagePort>, take: (data: unknown) => void): void => {
  const { on } = port as { on?: (event: 'message', take: (data: unknown) => void) => void }
  if (on !== undefined) return void on.call(port, 'message', take)
  port.addEventListener('message', (event) => take((event as unknown as { data: unknown }).data))
  port.start()
}

/** Threads that wait for a program. */
const spare: HostWorker[] = []
let kept = 0
/** Milliseconds that a program has run before a thread for the next is made: most end sooner, and theirs waits. */
const AHEAD = 20
let filling: ReturnType<typeof setTimeout> | undefined

/**
 * How many threads wait for programs, so that one that starts need not wait for a thread. None unless you say so; they
 * keep no process from its end.
 */
export const keepWorkers = (count: number): void => {
  kept = count
  for (const worker of spare.splice(count)) worker.terminate()
  fill()
}

const fillLater = (): void => {
  clearTimeout(filling)
  filling = setTimeout(fill, AHEAD)
  ;(filling as { unref?: () => void }).unref?.()
}

const fill = (): void => {
  if (!canWork()) return
  while (spare.length < kept) {
    const worker = makeWorker()
    worker.hold(false)
    spare.push(worker)
  }
}

/** A thread for a program, or a thread of one. */
export const takeWorker = (): HostWorker => {
  const worker = spare.shift() ?? makeWorker()
  worker.hold(true)
  if (spare.length === 0 && kept > 0) fillLater()
  return worker
}

/** `isFree`: nothing runs in it any more, so that it may run another program. */
export const giveBack = (worker: HostWorker, isFree: boolean): void => {
  if (!isFree || spare.length >= kept) {
    worker.terminate()
    if (spare.length < kept) fillLater()
    return
  }
  worker.onError(() => {})
  worker.hold(false)
  spare.push(worker)
}
