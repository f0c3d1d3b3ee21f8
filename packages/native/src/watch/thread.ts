/** The thread that answers watched programs. It blocks in system calls; the main thread stays free. */
import { parentPort, workerData } from 'node:worker_threads'
import type { AuditRecord } from '@lsmkit/core'
import { hostSystem } from '../sys/system.ts'
import type { FilterRefusal } from './filter-refusals.ts'
import { Listener } from './listener.ts'
import type { Handler } from './listener.ts'
import type { MediationOptions } from './mediation.ts'
import type { MediatedDenial, Mediator } from './mediator.ts'
import type { WatchStart } from './watch-start.ts'
import { Probe } from './probe.ts'
import { Watcher } from './watcher.ts'
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

const socketsAlone: Handler = {
  settle: (_name, _request, call) => void call.goOn(), hasReports: false, refuse() {}, flush() {}, close() {},
}

/** All that can be done before the program is there. */
const handlerOf = async (data: WatchThreadData): Promise<(start: WatchStart) => Handler> => {
  const { reportsAll, mediation } = data
  if (data.socketsAlone === true) return () => socketsAlone
  const system = hostSystem()
  const send = (calls: readonly Report[]): void => tell({ kind: 'calls', calls })
  if (mediation === null) {
    return ({ rules, probe }) =>
      new Watcher(system, { rules, reportsAll, probe: probe < 0 ? null : new Probe(system, probe) }, send)
  }
  // a thread that watches alone loads no kernel
  const [{ openMediation }, { Mediator: Made }] = await Promise.all([import('./mediation.ts'), import('./mediator.ts')])
  let mediator: Mediator | null = null
  const opened = await openMediation(system, mediation, (record: AuditRecord) => mediator?.audit(record))
  return (start) => (mediator = new Made(system, opened, start, send))
}

const run = async (data: WatchThreadData): Promise<void> => {
  const make = await handlerOf(data)
  parentPort!.once('message', (start: WatchStart) => {
    const { listener } = start
    let handler: Handler | null = null
    try {
      handler = make(start)
      const of = new Listener(hostSystem(), start, data.stop)
      of.run(handler)
      handler.flush()
      tell({ kind: 'end', calls: of.calls })
    } finally {
      // calls that wait, and those that come, answer ENOSYS from here on, after an error too
      if (listener >= 0) hostSystem().call('close', listener)
      handler?.close()
    }
    parentPort!.close()
  })
  tell({ kind: 'ready' })
}

if (isWatchThread(workerData)) {
  run(workerData).catch((error: unknown) => tell({ kind: 'failed', error }))
}
