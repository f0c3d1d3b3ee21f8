/** Process ids: a `Pid` has a number in its own pid namespace and in each one above it (kernel/pid.c). */
import { EAGAIN, EEXIST, EINVAL, ENOMEM, EPERM } from '@lsmkit/abi'
import type { Inode, Task, UserNamespace } from '@lsmkit/core'
import type { WaitQueue } from '../vfs/wait.ts'
import { PidTable } from './pid-table.ts'

/** Numbers below this are not given out a second time once the counter has wrapped. */
const RESERVED_PIDS = 300

export class PidNamespace {
  readonly parent: PidNamespace | null
  readonly level: number
  readonly user_ns: UserNamespace
  /** Inode number on nsfs. */
  readonly inum: number
  /** Pids by their number in this namespace. */
  readonly numbers = new PidTable<Pid>()
  /** The namespace's init: adopts orphans; its end ends everybody. */
  child_reaper: Task | null = null
  last = 0

  constructor(parent: PidNamespace | null, user_ns: UserNamespace, inum: number) {
    this.parent = parent
    this.level = parent === null ? 0 : parent.level + 1
    this.user_ns = user_ns
    this.inum = inum
  }

  find(nr: number): Pid | null {
    return this.numbers.get(nr)
  }

  /** The pid of the idle task: number 0, which no lookup finds. */
  idle(): Pid {
    return new Pid(this, [0])
  }

  /** The next free number below `max`, going round; 0 when all are taken. */
  #allocNumber(max: number): number {
    const lowest = this.last >= RESERVED_PIDS ? RESERVED_PIDS : 1
    for (let nr = this.last + 1; nr < max; nr++) if (!this.numbers.has(nr)) return (this.last = nr)
    for (let nr = lowest; nr <= Math.min(this.last, max - 1); nr++) if (!this.numbers.has(nr)) return (this.last = nr)
    return 0
  }

  /**
   * As `alloc_pid`: a number below `max` here and in every namespace above; `set_tid` wishes for numbers, innermost
   * first, which needs CAP_CHECKPOINT_RESTORE (`mayPick`). -EAGAIN when all are taken, -ENOMEM once the init has ended.
   */
  alloc(max: number, set_tid: readonly number[], mayPick: (user_ns: UserNamespace) => boolean): Pid | number {
    if (set_tid.length > this.level + 1) return -EINVAL
    const numbers: number[] = []
    let wish = 0
    for (let ns: PidNamespace | null = this; ns !== null; ns = ns.parent) {
      const nr = wish < set_tid.length ? ns.#checkWish(set_tid[wish++]!, max, mayPick) : ns.#allocNumber(max)
      if (nr <= 0) return nr === 0 ? -EAGAIN : nr
      numbers[ns.level] = nr
    }
    if (this.child_reaper === null && numbers[this.level] !== 1) return -ENOMEM
    const pid = new Pid(this, numbers)
    for (let ns: PidNamespace | null = this; ns !== null; ns = ns.parent) ns.numbers.set(numbers[ns.level]!, pid)
    return pid
  }

  #checkWish(nr: number, max: number, mayPick: (user_ns: UserNamespace) => boolean): number {
    if (nr < 1 || nr >= max || (nr !== 1 && this.child_reaper === null)) return -EINVAL
    if (!mayPick(this.user_ns)) return -EPERM
    return this.numbers.has(nr) ? -EEXIST : nr
  }
}

/** `struct pid`. Stays as long as a task has it, or a process group or session is called by it. */
export class Pid {
  readonly ns: PidNamespace
  /** Its number in each namespace, by level. */
  readonly numbers: readonly number[]
  /** PIDTYPE_PID: the thread that has this number. */
  task: Task | null = null
  /** PIDTYPE_PGID and PIDTYPE_SID: leaders of the processes in the group and in the session, oldest first. */
  readonly group = new Set<Task>()
  readonly session = new Set<Task>()
  /** Processes of the group that are stopped. */
  stopped = 0
  /** Those who poll its pidfds; null while nobody has. */
  wait_pidfd: WaitQueue | null = null
  /** Its inodes on procfs that were looked up. */
  procInodes: Set<Inode> | null = null

  constructor(ns: PidNamespace, numbers: readonly number[]) {
    this.ns = ns
    this.numbers = numbers
  }

  /** The number as seen from `ns`; 0 when the process is not visible from there. */
  nr(ns: PidNamespace): number {
    return this.numbers.length > ns.level && ancestorAt(this.ns, ns.level) === ns ? this.numbers[ns.level]! : 0
  }

  /** Gives the numbers back once nothing is called by them any more. */
  put(): void {
    if (this.task !== null || this.group.size !== 0 || this.session.size !== 0) return
    for (let ns: PidNamespace | null = this.ns; ns !== null; ns = ns.parent)
      if (ns.numbers.get(this.numbers[ns.level]!) === this) ns.numbers.delete(this.numbers[ns.level]!)
  }
}

const ancestorAt = (ns: PidNamespace, level: number): PidNamespace => {
  let at = ns
  while (at.level > level && at.parent !== null) at = at.parent
  return at
}
