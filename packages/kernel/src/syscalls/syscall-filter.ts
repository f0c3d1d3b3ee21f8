/** The gate before every system call: runs seccomp filters and calls watchers. */
import { EINTR, ENOSYS, SECCOMP_MODE_STRICT, SIGKILL, SIGSYS, syscallByName, waitSignalled } from '@lsmkit/abi'
import type { Registers, Task } from '@lsmkit/core'
import type { SyscallGate, Verdict } from '../interfaces/seccomp.ts'
import { auditedCall } from '../log/audit-calls.ts'
import type { Machine } from '../machine.ts'
import { signalOf, threadOf } from '../state/task/thread.ts'

/** States of a task that leaves the processor (include/linux/sched.h). */
const TASK_INTERRUPTIBLE = 1
const TASK_DEAD = 0x80

/** Calls that strict mode allows. */
const STRICT: ReadonlySet<string> = new Set(['read', 'write', 'exit', 'rt_sigreturn'])

/** Every call passes it while `on` is true: when a task is in a seccomp mode, a watcher is set, or audit has rules. */
export class SeccompGate implements SyscallGate {
  on = false
  #filters = false
  #isWatched = false
  #hasRules = false
  readonly #machine: Machine
  /** The task that made the last call while somebody watched. */
  #last: Task | null = null

  constructor(machine: Machine) {
    this.#machine = machine
    machine.tracing.whenWatched((areWatched) => {
      this.#isWatched = areWatched
      this.#settle()
    })
  }

  /** A task has entered a seccomp mode, which it can never leave. */
  filter(): void {
    this.#filters = true
    this.#settle()
  }

  /** The audit system has rules, or has none left. */
  audit(hasRules: boolean): void {
    this.#hasRules = hasRules
    this.#settle()
  }

  #settle(): void {
    this.on = this.#filters || this.#isWatched || this.#hasRules
  }

  /** Makes a call, unless a filter refuses it, and informs the watcher. */
  pass(task: Task, name: string, args: readonly unknown[], call: () => number): number {
    const run = this.#hasRules ? () => auditedCall(this.#machine, task, name, args, call) : call
    const denied = this.#filters ? this.#enter(task, name, args) : null
    if (!this.#isWatched) return denied ?? run()
    this.#switchTo(task)
    const thread = threadOf(task)
    const outer = thread.registers
    const registers = registersOf(syscallByName(name) ?? -1, args)
    thread.registers = registers
    try {
      return this.#machine.tracing.around(name, registers, denied, run)
    } finally {
      thread.registers = outer
    }
  }

  /** As `__schedule`: the processor goes from the task that called last to this one. */
  #switchTo(task: Task): void {
    const { sched_switch } = this.#machine.tracing.points
    const before = this.#last
    this.#last = task
    if (!sched_switch.on || before === null || before === task) return
    const state = before.exit_state === 0 ? TASK_INTERRUPTIBLE : TASK_DEAD
    sched_switch.hit(false, before, task, state)
  }

  /** The answer of a call that a filter refuses; null when it may go on. */
  #enter(task: Task, name: string, args: readonly unknown[]): number | null {
    const mode = threadOf(task).seccomp
    if (mode === 0) return null
    if (mode === SECCOMP_MODE_STRICT) {
      return STRICT.has(name) ? null : end(this.#machine, task, { kind: 'kill', scope: 'thread' }, SIGKILL)
    }
    const verdict = this.#machine.syscallFilter.enter(task, syscallByName(name) ?? -1, args)
    return verdict === null ? null : end(this.#machine, task, verdict, SIGSYS)
  }
}

const registersOf = (orig_ax: number, [di, si, dx, r10, r8, r9]: readonly unknown[]): Registers =>
  ({ orig_ax, ax: -ENOSYS, di, si, dx, r10, r8, r9 })

const end = (machine: Machine, task: Task, verdict: Verdict, signal: number): number => {
  switch (verdict.kind) {
    case 'answer':
      return verdict.rc
    case 'trap':
      machine.signals.send_kernel(SIGSYS, task, 'thread')
      return verdict.rc
    case 'kill':
      if (verdict.scope === 'thread' && signalOf(task).threads.size > 1) {
        machine.exits.do_exit(task, waitSignalled(signal, false))
      } else machine.exits.dieOf(task, signal, signal === SIGSYS)
      // the task is gone, so nothing reads this answer
      return -EINTR
  }
}
