/**
 * A box in a thread of its own: a program or a script that keeps it busy does not keep the server from answering. The
 * main thread sends requests by number, and the thread answers each.
 */
import { threadOptions } from '@lsmkit/wasi/threads'
import { ProtocolError } from '@modelcontextprotocol/server'
import { parentPort, Worker } from 'node:worker_threads'
import type { McpContext } from './progress.ts'
import type { ToolHost } from './tool-host.ts'

/** The data that the thread is started with. */
export interface ThreadData {
  readonly isToolThread: true
  readonly folder: string
  /** The contents of the policy file, unchecked; undefined without one. */
  readonly contents: unknown
  readonly place: string
}

type Notification = Parameters<NonNullable<NonNullable<McpContext['mcpReq']>['notify']>>[0]

type Asked =
  | {
    readonly kind: 'ask'
    readonly id: number
    readonly method: keyof ToolHost
    readonly args: readonly unknown[]
    readonly wantsProgress: boolean
  }
  | { readonly kind: 'cancel'; readonly id: number }
type Told =
  | { readonly kind: 'open' }
  | { readonly kind: 'refused'; readonly message: string }
  | { readonly kind: 'result'; readonly id: number; readonly result: unknown }
  | { readonly kind: 'notify'; readonly id: number; readonly notification: Notification }
  | {
    readonly kind: 'failed'
    readonly id: number
    readonly message: string
    readonly protocol: ProtocolFailure | null
  }

/** A ProtocolError as data. */
interface ProtocolFailure {
  readonly code: number
  readonly data: unknown
}

export const isToolThread = (data: unknown): data is ThreadData =>
  typeof data === 'object' && data !== null && 'isToolThread' in data

/** In the thread. */
export const serveTools = async ({ folder, contents, place }: ThreadData): Promise<void> => {
  const { LsmkitError } = await import('@lsmkit/core')
  const { checkConfig } = await import('./config.ts')
  const { openTools } = await import('./open-tools.ts')
  try {
    const given = contents === undefined ? {} : { config: checkConfig(contents, place) }
    const { host } = await openTools({ folder, ...given })
    const running = new Map<number, AbortController>()
    parentPort!.on('message', (asked: Asked) => {
      if (asked.kind === 'cancel') return running.get(asked.id)?.abort()
      const controller = new AbortController()
      running.set(asked.id, controller)
      void answer(host, asked, controller.signal).finally(() => running.delete(asked.id))
    })
    tell({ kind: 'open' })
  } catch (error) {
    tell({ kind: 'refused', message: error instanceof LsmkitError ? String(error) : (error as Error).message })
  }
}

const tell = (told: Told): void => parentPort!.postMessage(told, [])

const answer = async (host: ToolHost, asked: Asked & { kind: 'ask' }, signal: AbortSignal): Promise<void> => {
  const { id, method, args, wantsProgress } = asked
  const notify = async (notification: Notification): Promise<void> => tell({ kind: 'notify', id, notification })
  const context: McpContext = { mcpReq: { signal, notify, ...wantsProgress ? { _meta: { progressToken: id } } : {} } }
  try {
    const ask = host[method] as (...all: readonly unknown[]) => Promise<unknown>
    tell({ kind: 'result', id, result: await ask(...args, context) })
  } catch (error) {
    const protocol = error instanceof ProtocolError ? { code: error.code, data: error.data } : null
    tell({ kind: 'failed', id, message: (error as Error).message, protocol })
  }
}

interface Waiting {
  readonly answer: (result: unknown) => void
  readonly fail: (error: Error) => void
  readonly context: McpContext
}

/** In the main thread: sends requests, and hands on what the thread answers. */
class ToolThread {
  readonly #thread: Worker
  readonly #waiting = new Map<number, Waiting>()
  #last = 0

  constructor(thread: Worker) {
    this.#thread = thread
  }

  ask(method: keyof ToolHost, args: readonly unknown[], context: McpContext): Promise<unknown> {
    const id = ++this.#last
    const { signal, _meta } = context.mcpReq ?? {}
    const cancel = (): void => this.#send({ kind: 'cancel', id })
    signal?.addEventListener('abort', cancel)
    return new Promise<unknown>((result, fail) => {
      this.#waiting.set(id, { answer: result, fail, context })
      this.#send({ kind: 'ask', id, method, args, wantsProgress: _meta?.progressToken !== undefined })
    }).finally(() => {
      signal?.removeEventListener('abort', cancel)
      this.#waiting.delete(id)
    })
  }

  take(told: Exclude<Told, { kind: 'open' | 'refused' }>): void {
    const waiting = this.#waiting.get(told.id)
    if (waiting === undefined) return
    switch (told.kind) {
      case 'result': return waiting.answer(told.result)
      case 'failed': return waiting.fail(errorOf(told))
      case 'notify': return notify(waiting.context, told.notification)
    }
  }

  #send(asked: Asked): void {
    this.#thread.postMessage(asked, [])
  }
}

const errorOf = ({ message, protocol }: Told & { kind: 'failed' }): Error =>
  protocol === null ? new Error(message) : new ProtocolError(protocol.code, message, protocol.data)

/** A report of the thread, with the token of the client. */
const notify = ({ mcpReq }: McpContext, { method, params }: Notification): void => {
  const { notify: send, _meta } = mcpReq ?? {}
  const progressToken = _meta?.progressToken
  if (send === undefined || progressToken === undefined) return
  // a client that has gone needs no report
  send({ method, params: { ...params, progressToken } }).catch(() => {})
}

/**
 * In the main thread. Requests wait until the tools are open. `onRefused` gets a sentence about an invalid policy, and
 * `onEnd` is called when a thread has ended.
 */
export const startTools = (
  url: URL, data: Omit<ThreadData, 'isToolThread'>, onRefused: (message: string) => void,
  onEnd: (error: Error) => void,
): ToolHost => {
  const workerData: ThreadData = { isToolThread: true, ...data }
  const worker = new Worker(url, { workerData, ...threadOptions(url, process.execArgv) })
  const thread = new ToolThread(worker)
  worker.on('message', (told: Told) => {
    if (told.kind === 'refused') return onRefused(told.message)
    // from here on the client alone keeps the process
    if (told.kind === 'open') return worker.unref()
    thread.take(told)
  })
  worker.on('error', (error) => onEnd(error instanceof Error ? error : new Error(String(error))))
  const asked = (method: keyof ToolHost, taken: number) => (...all: unknown[]) =>
    thread.ask(method, Array.from({ length: taken }, (_, i) => all[i]), (all[taken] ?? {}) as McpContext)
  return Object.fromEntries(Object.entries(methods).map(
    ([method, taken]) => [method, asked(method as keyof ToolHost, taken)])) as unknown as ToolHost
}

/** Arguments of each method before the context. */
const methods: Readonly<Record<keyof ToolHost, number>> = { call: 2, resources: 1, read: 1, prompts: 0, prompt: 2 }
