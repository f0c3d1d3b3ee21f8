/** `watch`: each call is read, compared with the policy's model, and left to the kernel. Refusals are reported. */
import type { System } from '../sys/system.ts'
import type { FilterRefusal } from './filter-refusals.ts'
import { HostModel } from './host-rules.ts'
import { HostPlaces } from './host-places.ts'
import { HostTasks } from './host-tasks.ts'
import { needsOf } from './needs.ts'
import type { Act, Host, Needs, PortNeed } from './needs.ts'
import type { Handler } from './listener.ts'
import type { Notification } from './notification.ts'
import type { Request } from './requests.ts'
import type { HostRules } from './host-rules.ts'

/** A call as the watcher reports it: plain data. */
export interface WatchedCall {
  readonly kind: 'call'
  /** Milliseconds since the epoch. */
  readonly time: number
  readonly pid: number
  readonly comm: string
  readonly call: string
  readonly act: Act
  /** The file, where it is about one. */
  readonly path: string | null
  readonly port: number | null
  /** The rights of Landlock that it needed, by place. */
  readonly files: readonly { readonly path: string; readonly rights: number }[]
  /** Those of them that the policy does not grant, and the port. */
  readonly missing: readonly { readonly path: string; readonly rights: number }[]
  readonly missingAtPort: PortNeed | null
}

export interface WatchOptions {
  readonly rules: HostRules
  /** Calls that the policy grants are reported too, each need once. */
  readonly reportsAll: boolean
}

type WatcherReport = WatchedCall | FilterRefusal

/** Calls that wait to be reported; the queue goes out when no call waits, or when it is as long. */
const BATCH = 256
export class Watcher implements Handler {
  readonly #host: Host
  readonly #model: HostModel
  readonly #reportsAll: boolean
  readonly #send: (calls: readonly WatcherReport[]) => void
  readonly #reported = new Set<string>()
  #queue: WatcherReport[] = []

  constructor(system: System, { rules, reportsAll }: WatchOptions, send: (calls: readonly WatcherReport[]) => void) {
    this.#host = { places: new HostPlaces(system), tasks: new HostTasks(system) }
    this.#model = new HostModel(rules)
    this.#reportsAll = reportsAll
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
    const isRefused = missing.length > 0 || missingAtPort !== null
    if (!isRefused && (!this.#reportsAll || this.#isKnown(needs))) return null
    // what was read is the task's own if it waits still
    if (!call.isWaiting()) return null
    const { act, path, files, port } = needs
    return {
      kind: 'call', time: Date.now(), pid: call.pid, comm: this.#host.tasks.comm(call.pid), call: name, act, path,
      port: port?.port ?? null, files, missing, missingAtPort,
    }
  }

  #isKnown({ files, port }: Needs): boolean {
    const key = `${files.map(({ path, rights }) => `${rights} ${path}`).join('\n')}\n${port?.port ?? ''}`
    if (this.#reported.has(key)) return true
    this.#reported.add(key)
    return false
  }

  close(): void {
    this.#host.places.end()
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
