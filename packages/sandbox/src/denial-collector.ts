/**
 * The kernel as programs of a box get it: a refused call leaves a denial, and a call that may change files is announced
 * before. Records of modules made during a call count if the call returns their errno, because many a module is asked
 * where its answer changes nothing.
 */
import { EACCES, EPERM, EROFS } from '@lsmkit/abi'
import type { AuditRecord, DenialRecord, Task } from '@lsmkit/core'
import { wrapCalls } from '@lsmkit/kernel/boot'
import type { Kernel, SysCall } from '@lsmkit/kernel'
import { namesOfCall } from './call-names.ts'
import type { CallRefusal, HostRefusalRecord } from './denial.ts'
import { mayChange } from './harmless.ts'
import type { InodeNumbers, LinkGuard } from './names/link-guard.ts'

export interface Refusal {
  readonly task: Task
  readonly call: string
  /** The names in the call's arguments: absolute names, as given. */
  readonly names: readonly string[]
  /** Links that the call has followed. */
  readonly followed: readonly InodeNumbers[]
  readonly record: DenialRecord | CallRefusal | HostRefusalRecord
}

/** Collects the denials of modules and of the filter of calls, and reports the refusals of each call. */
export class DenialCollector {
  /** Of the call that runs. */
  #pending: DenialRecord[] = []
  #filtered = false
  readonly #refusedLater = new WeakSet<Task>()
  /** Which links a call has followed. */
  readonly guard: LinkGuard
  /** Calls of the host itself are not reported. */
  readonly #report: (refusal: Refusal) => void

  constructor(guard: LinkGuard, report: (refusal: Refusal) => void) {
    this.guard = guard
    this.#report = report
  }

  readonly add = (record: AuditRecord): void => {
    if (record.kind === 'denial') this.#pending.push(record)
  }

  readonly addFiltered = (): void => {
    this.#filtered = true
  }

  /** Runs `step` without recording denials; pending ones are kept. */
  withoutRecording<T>(step: () => T): T {
    const pending = this.#pending
    const filtered = this.#filtered
    this.#pending = []
    try {
      return step()
    } finally {
      this.#pending = pending
      this.#filtered = filtered
    }
  }

  /** Drops the pending denials of a host's call. */
  dropPending(): void {
    if (this.#pending.length > 0) this.#pending = []
    this.#filtered = false
  }

  /** A connection of the task is refused, and that is reported: its connect(2) fails later. */
  expectRefusal(task: Task): void {
    this.#refusedLater.add(task)
  }

  #isTold(task: Task, call: string): boolean {
    return call === 'connect' && this.#refusedLater.delete(task)
  }

  get isQuiet(): boolean {
    return this.#pending.length === 0 && !this.#filtered
  }

  /** After a call: reports its refusals. */
  settle(task: Task, call: string, rc: number, args: readonly unknown[]): void {
    const pending = this.#pending
    const filtered = this.#filtered
    const { followed } = this.guard
    this.dropPending()
    if (rc >= 0) return
    const counted = pending.filter((record) => record.rc === rc)
    // a mode that refuses is overridden by capabilities: theirs are the records of it
    const told = counted.filter(({ lsm }) => lsm !== 'capability')
    const isMode = rc === -EACCES && !this.#isTold(task, call)
    const by = filtered ? 'seccomp' : rc === -EROFS ? 'mount' : isMode ? 'mode' : null
    const [plain] = counted
    const records = told.length > 0 ? told
      : by !== null ? [{ kind: 'call', by, call, rc, path: null, time: Date.now() } as const]
        : rc === -EPERM && plain !== undefined ? [plain] : []
    if (records.length === 0) return
    const names = namesOfCall(task, call, args)
    for (const record of records) this.#report({ task, call, names, followed, record })
  }
}

/** The same kernel with every call listened to; `beforeChange` is called before one that may change a file. */
export const watched = (kernel: Kernel, denialCollector: DenialCollector, beforeChange: () => void): Kernel => {
  const { guard } = denialCollector
  const wrap = (name: string, call: SysCall): SysCall => {
    const changes = mayChange(kernel, name)
    if (call.length <= 2)
      return (task, a) => {
        if (changes !== null && changes(task, a)) beforeChange()
        guard.begin()
        const rc = call(task, a)
        if (rc < 0 || !denialCollector.isQuiet) denialCollector.settle(task, name, rc, [a])
        return rc
      }
    if (call.length <= 4)
      return (task, a, b, c) => {
        if (changes !== null && changes(task, a, b, c)) beforeChange()
        guard.begin()
        const rc = call(task, a, b, c)
        if (rc < 0 || !denialCollector.isQuiet) denialCollector.settle(task, name, rc, [a, b, c])
        return rc
      }
    return (task, a, b, c, d, e, f) => {
      if (changes !== null && changes(task, a, b, c)) beforeChange()
      guard.begin()
      const rc = call(task, a, b, c, d, e, f)
      if (rc < 0 || !denialCollector.isQuiet) denialCollector.settle(task, name, rc, [a, b, c, d, e, f])
      return rc
    }
  }
  return wrapCalls(kernel, wrap)
}
