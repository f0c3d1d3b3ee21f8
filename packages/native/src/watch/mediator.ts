/**
 * `mediate`: each call is asked of our kernel and its stack, on the mirror of the files it is about. A call that they
 * permit is made by the watcher itself, on the descriptors that it has looked at, wherever one process can make it for
 * another. An execution goes on, and is compared with the permitted one when the program asks next.
 */
import { __O_TMPFILE, EACCES, EPERM, O_CREAT, O_TRUNC } from '@lsmkit/abi'
import type { AuditRecord, DenialRecord } from '@lsmkit/core'
import type { Task } from '@lsmkit/core'
import type { System } from '../sys/system.ts'
import type { FilterRefusal } from './filter-refusals.ts'
import { HostHands } from './host-hands.ts'
import { HostModel } from './host-rules.ts'
import type { HostPlaces } from './host-places.ts'
import { HostTasks } from './host-tasks.ts'
import { GO_ON, LATER } from './mediate/asked.ts'
import type { Answer, Asked, Mediating } from './mediate/asked.ts'
import { mediateExecution } from './mediate/execution.ts'
import { mediateChange, mediateLink, mediateMake, mediateMove, mediateOpen, mediateRemove } from './mediate/files.ts'
import { mediateSend } from './mediate/sends.ts'
import { mediateSocket } from './mediate/sockets.ts'
import { mediateFork, mediateSignal, mediateTrace } from './mediate/tasks.ts'
import type { Mirror } from './mirror.ts'
import { MirrorTasks, UNPLACED } from './mirror-tasks.ts'
import type { Need, PortNeed } from './needs.ts'
import type { Notification } from './notification.ts'
import type { Request } from './requests.ts'
import type { Handler } from './listener.ts'
import { Waits } from './waits.ts'
import type { HostUser, WatchStart } from './watch-start.ts'

/** A refusal of the stack, or of the mirror's kernel: plain data. */
export interface MediatedDenial {
  readonly kind: 'denial'
  readonly time: number
  readonly pid: number
  readonly comm: string
  readonly call: string
  /** The file, where it is about one. */
  readonly path: string | null
  readonly rc: number
  /** The module's own record; null where the kernel itself refused. */
  readonly record: DenialRecord | null
  /** The rights that the policy's rules do not grant. */
  readonly missing: readonly Need[]
  readonly missingAtPort: PortNeed | null
}

/** The parts of a mediator: the mirror, and the task of the program that is started. */
export interface Mediation {
  readonly mirror: Mirror
  readonly places: HostPlaces
  /** Makes the task of the program that is started, with the ids of its user. */
  readonly firstTask: (user: HostUser | null) => Task
}

/** Flags of an open that may change a file. */
const CHANGING = O_CREAT | O_TRUNC | __O_TMPFILE

export class Mediator implements Handler, Mediating {
  readonly mirror: Mirror
  readonly tasks: MirrorTasks
  readonly places: HostPlaces
  readonly hands: HostHands
  readonly host: HostTasks
  readonly waits = new Waits()
  readonly #model: HostModel
  readonly #send: (denials: readonly (MediatedDenial | FilterRefusal)[]) => void
  #records: DenialRecord[] = []
  #missing: readonly Need[] = []
  #missingAtPort: PortNeed | null = null
  #queue: (MediatedDenial | FilterRefusal)[] = []
  /** The path that the call under way is about. */
  about: string | null = null

  constructor(
    system: System, { mirror, places, firstTask }: Mediation, { rules, user }: WatchStart,
    send: (denials: readonly (MediatedDenial | FilterRefusal)[]) => void,
  ) {
    this.places = places
    this.hands = new HostHands(system, this.places, user)
    this.host = new HostTasks(system)
    this.mirror = mirror
    this.tasks = new MirrorTasks(mirror.kernel, firstTask(user), system, this.host)
    this.#model = new HostModel(rules)
    this.places.isOurs = (pid) => this.tasks.isKnown(pid)
    this.#send = send
  }

  /** For the stack's `onAudit`. */
  readonly audit = (record: AuditRecord): void => {
    if (record.kind === 'denial') this.#records.push(record)
  }

  /** The kernel's answer to a call of the mirror; the records of it are those that count. */
  ask(step: () => number): number {
    this.#records = []
    return step()
  }

  /** 0, or -EACCES where the policy's rules do not grant it: the watcher is outside of the program's Landlock. */
  within(...needs: readonly Need[]): number {
    this.#missing = this.#model.missingOf(needs)
    return this.#missing.length === 0 ? 0 : -EACCES
  }

  withinPort(port: number, right: number): number {
    this.#missingAtPort = this.#model.missingAtPort(port, right) === 0 ? null : { port, right }
    return this.#missingAtPort === null ? 0 : -EACCES
  }

  get isScoped(): boolean {
    return this.#model.isScoped
  }

  /** Whether a module has refused what was asked last. */
  get wasRefused(): boolean {
    return this.#records.length > 0
  }

  settle(name: string, request: Request | number, call: Notification): void {
    const tid = call.pid
    const of = this.tasks.find(tid)
    this.about = null
    this.#records = []
    this.#missing = []
    this.#missingAtPort = null
    const answer = of === null ? UNPLACED
      : typeof request === 'number' ? request
        : this.#isHeld(request, call) ? this.#mediate({ call, of, tid }, request) : LATER
    if (typeof answer === 'number' && answer < 0 && call.isWaiting()) this.#note(name, tid, answer)
    if (answer === GO_ON) call.goOn()
    else if (answer !== LATER) call.reply(answer)
  }

  /**
   * Whether what was read is the task's own, because it waits still. For an open that changes nothing it is enough that
   * the process lives: the answer to a call that has been given up reaches nobody.
   */
  #isHeld(request: Request, call: Notification): boolean {
    return (this.tasks.wasKnown && request.kind === 'open' && (request.flags & CHANGING) === 0) || call.isWaiting()
  }

  #mediate(asked: Asked, request: Request): Answer {
    switch (request.kind) {
      case 'open': return mediateOpen(this, asked, request)
      case 'execute': return mediateExecution(this, asked, request)
      case 'make': return mediateMake(this, asked, request)
      case 'remove': return mediateRemove(this, asked, request)
      case 'move': return mediateMove(this, asked, request)
      case 'link': return mediateLink(this, asked, request)
      case 'change': return mediateChange(this, asked, request)
      case 'socket': return mediateSocket(this, asked, request)
      case 'send': return mediateSend(this, asked, request)
      case 'signal': return mediateSignal(this, asked, request)
      case 'trace': return mediateTrace(this, asked, request)
      case 'mount': return -EPERM
      case 'fork': return mediateFork(this, asked)
      default: return request satisfies never
    }
  }

  refuse(refusal: Omit<FilterRefusal, 'kind' | 'time' | 'comm'>): void {
    this.#queue.push({ kind: 'filter', time: Date.now(), comm: this.host.comm(refusal.pid), ...refusal })
  }

  /** A refusal is reported where a module has recorded it, and where the watcher itself has refused. */
  #note(call: string, tid: number, rc: number): void {
    const record = this.#records.findLast((one) => one.rc === rc) ?? null
    if (record === null && rc !== -EACCES && rc !== -EPERM) return
    this.#queue.push({
      kind: 'denial', time: Date.now(), pid: tid, comm: this.host.comm(tid), call, path: this.about, rc, record,
      missing: this.#missing, missingAtPort: this.#missingAtPort,
    })
  }

  close(): void {
    this.waits.close()
    this.tasks.close()
    this.places.end()
  }

  get hasReports(): boolean {
    return this.#queue.length > 0
  }

  flush(): void {
    if (this.#queue.length === 0) return
    const denials = this.#queue
    this.#queue = []
    this.#send(denials)
  }
}
