/** The thread that answers watched programs. It blocks in system calls; the main thread stays free. */
import { parentPort, workerData } from 'node:worker_threads'
import type { AuditRecord } from '@lsmkit/core'
import { hostSystem } from '../sys/system.ts'
import type { System } from '../sys/system.ts'
import type { FilterRefusal } from './filter-refusals.ts'
import type { Handler } from './listener.ts'
import type { MediationOptions } from './mediation.ts'
import type { MediatedDenial, Mediator } from './mediator.ts'
import type { WatchStart } from './watch-start.ts'
import type { WatchedCall } from './watched-call.ts'

export interface WatchThreadData {
  readonly isWatchThread: true
  /** A descriptor that becomes readable when the thread shall end. */
  readonly stop: number
  /** Calls that the policy grants are reported too, each need once. */
  readonly reportsAll: boolean
  /** Null: the kernel decides. */
  readonly mediation: MediationOptions | null
  /** No call is asked about but socket(2). */
  readonly socketsAlone?: boolean
}

export type Report = WatchedCall | MediatedDenial | FilterRefusal

export type WatchNews =
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly error: unknown }
  | { readonly kind: 'calls'; readonly calls: readonly Report[] }
  | { readonly kind: 'end'; readonly calls: number }

const isWatchThread = (data: unknown): data is WatchThreadData =>
  typeof data === 'object' && data !== null && 'isWatchThread' in data

const tell = (news: WatchNews): void => parentPort!.postMessage(news, [])

/** Answers the calls of a program to its end, and says how many there were. */
type Run = (start: WatchStart) => number

/** All that can be done before the program is there. A thread loads what it needs for that, and no more. */
const runOf = async (data: WatchThreadData): Promise<Run> => {
  const system = hostSystem()
  if (data.socketsAlone === true) {
    const { runSockets } = await import('../hosts/socket-loop.ts')
    return ({ listener }) => (listener < 0 ? 0 : runSockets(system, listener, data.stop))
  }
  const [{ Listener: Loop }, make] = await Promise.all([import('./listener.ts'), handlerOf(system, data)])
  return (start) => {
    let handler: Handler | null = null
    try {
      handler = make(start)
      const of = new Loop(system, start, data.stop)
      of.run(handler)
      handler.flush()
      return of.calls
    } finally {
      handler?.close()
    }
  }
}

const handlerOf = async (
  system: System, { reportsAll, mediation }: WatchThreadData,
): Promise<(start: WatchStart) => Handler> => {
  const send = (calls: readonly Report[]): void => tell({ kind: 'calls', calls })
  if (mediation === null) {
    const [{ Watcher: Watching }, { Probe }] = await Promise.all([import('./watcher.ts'), import('./probe.ts')])
    return ({ rules, probe }) =>
      new Watching(system, { rules, reportsAll, probe: probe < 0 ? null : new Probe(system, probe) }, send)
  }
  // a thread that watches alone loads no kernel
  const [{ openMediation }, { Mediator: Made }] = await Promise.all([import('./mediation.ts'), import('./mediator.ts')])
  let mediator: Mediator | null = null
  const opened = await openMediation(system, mediation, (record: AuditRecord) => mediator?.audit(record))
  return (start) => (mediator = new Made(system, opened, start, send))
}

const run = async (data: WatchThreadData): Promise<void> => {
  const answer = await runOf(data)
  parentPort!.once('message', (start: WatchStart) => {
    const { listener } = start
    try {
      tell({ kind: 'end', calls: answer(start) })
    } finally {
      // calls that wait, and those that come, answer ENOSYS from here on, after an error too
      if (listener >= 0) hostSystem().call('close', listener)
    }
    parentPort!.close()
  })
  tell({ kind: 'ready' })
}

if (isWatchThread(workerData)) {
  run(workerData).catch((error: unknown) => tell({ kind: 'failed', error }))
}
