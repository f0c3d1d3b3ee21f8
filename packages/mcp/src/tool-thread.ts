/**
 * Tools in a thread of their own: a program or a script that keeps it busy does not keep the server from answering.
 * The main thread sends calls by number, and the thread answers each.
 */
import type { CallToolResult } from '@modelcontextprotocol/server'
import { threadOptions } from '@lsmkit/wasi/threads'
import { parentPort, Worker } from 'node:worker_threads'
import type { CallTool } from './tools.ts'
import type { ToolName } from './tool-texts.ts'

/** The data that the thread is started with. */
export interface ThreadData {
  readonly isToolThread: true
  readonly folder: string
  /** The contents of the policy file, unchecked; undefined without one. */
  readonly contents: unknown
  readonly place: string
}

type Asked =
  | { readonly kind: 'call'; readonly id: number; readonly name: ToolName; readonly args: Record<string, unknown> }
  | { readonly kind: 'cancel'; readonly id: number }
type Told =
  | { readonly kind: 'open' }
  | { readonly kind: 'refused'; readonly message: string }
  | { readonly kind: 'result'; readonly id: number; readonly result: CallToolResult }

export const isToolThread = (data: unknown): data is ThreadData =>
  typeof data === 'object' && data !== null && 'isToolThread' in data

/** In the thread. */
export const serveTools = async ({ folder, contents, place }: ThreadData): Promise<void> => {
  const tell = (told: Told): void => parentPort!.postMessage(told, [])
  const { LsmkitError } = await import('@lsmkit/core')
  const { checkConfig } = await import('./config.ts')
  const { openTools } = await import('./open-tools.ts')
  try {
    const given = contents === undefined ? {} : { config: checkConfig(contents, place) }
    const { call } = await openTools({ folder, ...given })
    const running = new Map<number, AbortController>()
    parentPort!.on('message', (asked: Asked) => {
      if (asked.kind === 'cancel') return running.get(asked.id)?.abort()
      const { id, name, args } = asked
      const controller = new AbortController()
      running.set(id, controller)
      void (async () => {
        const result = await call(name, args, controller.signal)
        running.delete(id)
        tell({ kind: 'result', id, result })
      })()
    })
    tell({ kind: 'open' })
  } catch (error) {
    tell({ kind: 'refused', message: error instanceof LsmkitError ? String(error) : (error as Error).message })
  }
}

/**
 * In the main thread. Calls wait until the tools are open. `onRefused` gets a sentence about an invalid policy, `onEnd`
 * is called when a thread has ended.
 */
export const startTools = (
  url: URL, data: Omit<ThreadData, 'isToolThread'>, onRefused: (message: string) => void,
  onEnd: (error: Error) => void,
): CallTool => {
  const workerData: ThreadData = { isToolThread: true, ...data }
  const thread = new Worker(url, { workerData, ...threadOptions(url, process.execArgv) })
  const waiting = new Map<number, (result: CallToolResult) => void>()
  let last = 0
  const ask = (asked: Asked): void => thread.postMessage(asked, [])
  const call: CallTool = (name, args, signal) => new Promise((answer) => {
    const id = ++last
    const cancel = (): void => ask({ kind: 'cancel', id })
    waiting.set(id, (result) => {
      signal?.removeEventListener('abort', cancel)
      answer(result)
    })
    signal?.addEventListener('abort', cancel)
    ask({ kind: 'call', id, name, args })
  })
  thread.on('message', (told: Told) => {
    if (told.kind === 'refused') return onRefused(told.message)
    // from here on the client alone keeps the process
    if (told.kind === 'open') return thread.unref()
    waiting.get(told.id)?.(told.result)
    waiting.delete(told.id)
  })
  thread.on('error', (error) => onEnd(error instanceof Error ? error : new Error(String(error))))
  return call
}
