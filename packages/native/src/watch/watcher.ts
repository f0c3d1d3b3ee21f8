/** `watch`: each call is read, compared with the policy's model, and left to the kernel. Refusals are reported. */
import { LANDLOCK_ACCESS_FS_TRUNCATE } from '@lsmkit/abi'
import type { System } from '../sys/system.ts'
import type { FilterRefusal } from './filter-refusals.ts'
import { HostModel } from './host-rules.ts'
import { HostPlaces } from './host-places.ts'
import { HostTasks } from './host-tasks.ts'
import { needsOf } from './needs.ts'
import type { Host, Needs } from './needs.ts'
import type { Handler } from './listener.ts'
import type { Notification } from './notification.ts'
import type { KernelAnswer, Probe } from './probe.ts'
import type { Request } from './requests.ts'
import { isDifferent, isRefusedByModel } from './watched-call.ts'
import type { WatchedCall } from './watched-call.ts'
import type { HostRules } from './host-rules.ts'

export interface WatchOptions {
  readonly rules: HostRules
  readonly probe: Probe | null
  /** Calls that the policy grants are reported too, each need once. */
  readonly reportsAll: boolean
}

type WatcherReport = WatchedCall | FilterRefusal

/** Calls that wait to be reported; the queue goes out when no call waits, or when it is as long. */
const BATCH = 256
/** Questions that were repeated, and are not again while the model permits them. */
const MOST_REPEATED = 20_000

const keyOf = ({ files, port }: Needs): string =>
  `${files.map(({ path, rights }) => `${rights} ${path}`).join('\n')}\n${port?.port ?? ''}`

export class Watcher implements Handler {
  readonly #host: Host
  readonly #model: HostModel
  readonly #reportsAll: boolean
  readonly #send: (calls: readonly WatcherReport[]) => void
  readonly #probe: Probe | null
  readonly #reported = new Set<string>()
  readonly #repeated = new Set<string>()
  #queue: WatcherReport[] = []

  constructor(
    system: System, { rules, reportsAll, probe }: WatchOptions, send: (calls: readonly WatcherReport[]) => void,
  ) {
    this.#host = { places: new HostPlaces(system), tasks: new HostTasks(system) }
    this.#model = new HostModel(rules)
    this.#reportsAll = reportsAll
    this.#probe = probe
    this.#send = send
  }

  settle(name: string, request: Request | number, call: Notification): void {
    const needs = typeof request === 'number' ? null : needsOf(request, call.pid, this.#host)
    const found = needs === null ? null : this.#judge(name, needs, call)
    call.goOn()
    if (found !== null) this.#queue.push(found)
    if (this.#queue.length >= BATCH) this.flush()
  }

  refuse(refusal: Omit<FilterRefusal, 'kind' | 'time' | 'comm'>): void {
    this.#queue.push({ kind: 'filter', time: Date.now(), comm: this.#host.tasks.comm(refusal.pid), ...refusal })
  }

  #judge(name: string, needs: Needs, call: Notification): WatchedCall | null {
    const missing = this.#model.missingOf(needs.files)
    const { port: at } = needs
    const missingAtPort = at === null || this.#model.missingAtPort(at.port, at.right) === 0 ? null : at
    const kernel = this.#ask(needs, { missing, missingAtPort })
    const found = { missing, missingAtPort, kernel }
    const isTold = isRefusedByModel(found) || isDifferent(found)
    if (!isTold && (!this.#reportsAll || this.#isKnown(needs))) return null
    // what was read is the task's own if it waits still
    if (!call.isWaiting()) return null
    const { act, path, files, port } = needs
    return {
      kind: 'call', time: Date.now(), pid: call.pid, comm: this.#host.tasks.comm(call.pid), call: name, act, path,
      port: port?.port ?? null, files, ...found,
    }
  }

  /** The kernel's answer: always where the model refuses, and once for each need where it permits. */
  #ask(needs: Needs, found: Pick<WatchedCall, 'missing' | 'missingAtPort'>): KernelAnswer {
    const { repeat } = needs
    if (this.#probe === null || repeat === null) return 'unknown'
    if (isRefusedByModel(found)) {
      // to cut a file is not repeated, so the rest of the question says nothing about that
      const isCut = found.missing.every(({ rights }) => rights === LANDLOCK_ACCESS_FS_TRUNCATE)
      return isCut && found.missingAtPort === null ? 'unknown' : this.#probe.answer(repeat)
    }
    const key = keyOf(needs)
    if (this.#repeated.has(key)) return 'unknown'
    if (this.#repeated.size >= MOST_REPEATED) this.#repeated.clear()
    this.#repeated.add(key)
    return this.#probe.answer(repeat)
  }

  #isKnown(needs: Needs): boolean {
    const key = keyOf(needs)
    if (this.#reported.has(key)) return true
    this.#reported.add(key)
    return false
  }

  close(): void {
    this.#host.places.end()
    this.#probe?.close()
  }

  get hasReports(): boolean {
    return this.#queue.length > 0
  }

  flush(): void {
    if (this.#queue.length === 0) return
    const calls = this.#queue
    this.#queue = []
    this.#send(calls)
  }
}
