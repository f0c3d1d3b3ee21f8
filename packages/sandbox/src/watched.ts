/**
 * The kernel as programs of a box get it: a call that is refused leaves a denial, and one that may change files is told
 * of before. What modules have recorded during a call counts when the call answers their errno, for many a module is
 * asked where its answer changes nothing.
 */
import { EACCES, EPERM, EROFS } from '@lsmkit/abi'
import type { AuditRecord, DenialRecord, Task } from '@lsmkit/core'
import type { Kernel, SysCalls } from '@lsmkit/kernel'
import { pathOfCall } from './call-path.ts'
import type { CallRefusal } from './denial.ts'
import { mayChange } from './harmless.ts'

export interface Refusal {
  readonly task: Task
  readonly call: string
  /** What the call was about, by its arguments. */
  readonly path: string | null
  readonly record: DenialRecord | CallRefusal
}

/** Hears modules and the filter of calls, and tells what was refused. */
export class Ear {
  /** Of the call that runs. */
  private pending: DenialRecord[] = []
  private filtered = false
  /** Nothing is told of what the host itself does. */
  private readonly tell: (refusal: Refusal) => void

  constructor(tell: (refusal: Refusal) => void) {
    this.tell = tell
  }

  readonly hear = (record: AuditRecord): void => {
    if (record.kind === 'denial') this.pending.push(record)
  }

  readonly hearFilter = (): void => {
    this.filtered = true
  }

  /** What the host does meanwhile is nobody's; what it was heard before stays. */
  quietly<T>(step: () => T): T {
    const { pending, filtered } = this
    this.pending = []
    try {
      return step()
    } finally {
      this.pending = pending
      this.filtered = filtered
    }
  }

  /** What a host's call has left is nobody's. */
  forget(): void {
    if (this.pending.length > 0) this.pending = []
    this.filtered = false
  }

  get isQuiet(): boolean {
    return this.pending.length === 0 && !this.filtered
  }

  /** After a call: tells of its refusals. */
  settle(task: Task, call: string, rc: number, args: readonly unknown[]): void {
    const { pending, filtered } = this
    this.forget()
    if (rc >= 0) return
    const counted = pending.filter((record) => record.rc === rc)
    // a mode that refuses is overridden by capabilities: theirs are the records of it
    const told = counted.filter(({ lsm }) => lsm !== 'capability')
    if (told.length > 0) {
      const path = pathOfCall(task, args)
      for (const record of told) this.tell({ task, call, path, record })
      return
    }
    const by = filtered ? 'seccomp' : rc === -EROFS ? 'mount' : rc === -EACCES ? 'mode' : null
    const [plain] = counted
    if (by === null) {
      if (rc === -EPERM && plain !== undefined) this.tell({ task, call, path: pathOfCall(task, args), record: plain })
      return
    }
    const path = pathOfCall(task, args)
    const about = by === 'seccomp' ? null : path
    this.tell({ task, call, path, record: { kind: 'call', by, call, rc, path: about, time: Date.now() } })
  }
}

// eslint-disable-next-line typescript/no-explicit-any -- one wrapper serves every signature
type Call = (task: Task, ...args: any[]) => number

/** The same kernel with every call listened to; `beforeChange` is called before one that may change a file. */
export const watched = (kernel: Kernel, ear: Ear, beforeChange: () => void): Kernel => {
  const wrap = (name: string, call: Call): Call => {
    const changes = mayChange(kernel, name)
    if (call.length <= 2)
      return (task, a) => {
        if (changes !== null && changes(task, a)) beforeChange()
        const rc = call(task, a)
        if (rc < 0 || !ear.isQuiet) ear.settle(task, name, rc, [a])
        return rc
      }
    if (call.length <= 4)
      return (task, a, b, c) => {
        if (changes !== null && changes(task, a, b, c)) beforeChange()
        const rc = call(task, a, b, c)
        if (rc < 0 || !ear.isQuiet) ear.settle(task, name, rc, [a, b, c])
        return rc
      }
    return (task, a, b, c, d, e, f) => {
      if (changes !== null && changes(task, a, b, c)) beforeChange()
      const rc = call(task, a, b, c, d, e, f)
      if (rc < 0 || !ear.isQuiet) ear.settle(task, name, rc, [a, b, c, d, e, f])
      return rc
    }
  }
  const sys = Object.fromEntries(
    Object.entries(kernel.sys).map(([name, call]) => [name, wrap(name, call as Call)]),
  ) as unknown as SysCalls
  return { ...kernel, sys, syscall: (task, name, ...args) => {
    if (mayChange(kernel, name)?.(task, ...args) === true) beforeChange()
    const rc = kernel.syscall(task, name, ...args)
    if (rc < 0 || !ear.isQuiet) ear.settle(task, name, rc, args)
    return rc
  } }
}
