/**
 * A thread for work that has to end on demand, whatever it computes, and that may hold only so much: the shell of a
 * box. Its heap is watched from here. V8 has a limit for the heap of a thread, but a thread that meets it with one
 * great allocation ends the process; so that limit lies far above what is watched for.
 */
import { threadOptions } from '@lsmkit/wasi/threads'
import { nodeThreads } from './remote/threads.ts'
import type { NodeThread } from './remote/threads.ts'

/** Why a thread is gone: it held too much, or what it died of. */
export type ThreadEnd = { readonly kind: 'memory' } | { readonly kind: 'error'; readonly error: Error }

export interface WorkThread {
  send(message: unknown): void
  receive(take: (message: unknown) => void): void
  /** Called once, and not after `end`. */
  onEnd(tell: (why: ThreadEnd) => void): void
  /** While something runs in it the process stays, and its heap is watched. */
  hold(isHeld: boolean): void
  /** At once, in the middle of whatever it does. */
  end(): void
}

/** Starts the module at `url` with `data` as its workerData, of which `transfer` is given away. */
export type StartThread = (url: URL, data: unknown, transfer: readonly object[]) => WorkThread

const MIB = 2 ** 20
/** What just-bash and its commands take before they do anything. */
const BASE = 64 * MIB
/** Of more than what a thread may hold, this much is room for one allocation: lines of a text as a list. */
const SLACK = 1024 * MIB
/** Milliseconds between two looks at the heap. */
const LOOK = 25

interface Heap {
  readonly used_heap_size: number
  readonly external_memory: number
}

/**
 * A function that makes threads that hold `memory` bytes beside their own; null if the host has none. Garbage that is
 * not collected yet counts, so a thread may seem to hold twice of it.
 */
export const threadStarter = (memory: number): StartThread | null => {
  const Node = nodeThreads()?.Worker
  if (Node === undefined || typeof SharedArrayBuffer === 'undefined') return null
  const most = BASE + 2 * memory
  return (url, data, transfer) => {
    const { execArgv } = (globalThis as { readonly process?: { readonly execArgv: readonly string[] } }).process!
    const limits = most === Infinity ? {} : { resourceLimits: { maxOldGenerationSizeMb: (most + SLACK) / MIB } }
    return new Watched(new Node(url, {
      workerData: data, transferList: transfer, ...limits, ...threadOptions(url, execArgv),
    }), most)
  }
}

class Watched implements WorkThread {
  readonly #thread: NodeThread
  readonly #most: number
  #tell: ((why: ThreadEnd) => void) | null = null
  #timer: ReturnType<typeof setInterval> | undefined
  #isOver = false
  /** Whether the last look saw too much. */
  #wasGreat = false
  #isLooking = false

  constructor(thread: NodeThread, most: number) {
    this.#thread = thread
    this.#most = most
    thread.unref()
    thread.on('error', (error) => this.#over(
      (error as { code?: unknown }).code === 'ERR_WORKER_OUT_OF_MEMORY'
        ? { kind: 'memory' }
        : { kind: 'error', error: error instanceof Error ? error : new Error(String(error)) },
    ))
    thread.on('exit', () => this.#over({ kind: 'error', error: new Error('it has exited') }))
  }

  send(message: unknown): void {
    this.#thread.postMessage(message, [])
  }

  receive(take: (message: unknown) => void): void {
    this.#thread.on('message', take)
  }

  onEnd(tell: (why: ThreadEnd) => void): void {
    this.#tell = tell
  }

  hold(isHeld: boolean): void {
    clearInterval(this.#timer)
    if (!isHeld) return this.#thread.unref()
    this.#thread.ref()
    this.#wasGreat = false
    if (this.#most < Infinity) this.#timer = setInterval(() => void this.#look(), LOOK)
  }

  end(): void {
    this.#tell = null
    this.#over({ kind: 'memory' })
  }

  #over(why: ThreadEnd): void {
    if (this.#isOver) return
    this.#isOver = true
    clearInterval(this.#timer)
    void this.#thread.terminate()
    this.#tell?.(why)
  }

  /** Twice too much is too much: once may be garbage. */
  async #look(): Promise<void> {
    // Node 22.16 and later
    if (this.#isLooking || this.#thread.getHeapStatistics === undefined) return
    this.#isLooking = true
    try {
      const heap = await this.#thread.getHeapStatistics() as Heap
      const isGreat = heap.used_heap_size + heap.external_memory > this.#most
      if (isGreat && this.#wasGreat) this.#over({ kind: 'memory' })
      this.#wasGreat = isGreat
    } catch {
      // it is gone
    } finally {
      this.#isLooking = false
    }
  }
}
