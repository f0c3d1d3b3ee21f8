/** Where filters of system calls stand in: between the caller and every handler, for tasks in a seccomp mode. */
import { EINTR, ENOSYS, SECCOMP_MODE_STRICT, SIGKILL, SIGSYS, syscallByName, waitSignalled } from '@lsmkit/abi'
import type { Registers, Task } from '@lsmkit/core'
import type { SyscallGate, Verdict } from '../interfaces/seccomp.ts'
import type { Machine } from '../machine.ts'
import { signalOf, threadOf } from '../state/task/thread.ts'

/** Calls of strict mode. */
const STRICT: ReadonlySet<string> = new Set(['read', 'write', 'exit', 'rt_sigreturn'])

/** Asked on the way into every call while somebody is in a seccomp mode or looks at calls; `on` is false until then. */
export class SeccompGate implements SyscallGate {
  on = false
  private filters = false
  private isWatched = false
  private readonly machine: Machine

  constructor(machine: Machine) {
    this.machine = machine
    machine.tracing.whenWatched((areWatched) => {
      this.isWatched = areWatched
      this.on = this.filters || areWatched
    })
  }

  /** Some task has entered a seccomp mode; there is no way out of one. */
  filter(): void {
    this.filters = true
    this.on = true
  }

  /** Makes a call past its filters, and past who looks on. */
  pass(task: Task, name: string, args: readonly unknown[], run: () => number): number {
    const denied = this.filters ? this.enter(task, name, args) : null
    if (!this.isWatched) return denied ?? run()
    return this.machine.tracing.around(name, registersOf(syscallByName(name) ?? -1, args), denied, run)
  }

  /** Null: the call goes on; else what it answers. */
  private enter(task: Task, name: string, args: readonly unknown[]): number | null {
    const mode = threadOf(task).seccomp
    if (mode === 0) return null
    if (mode === SECCOMP_MODE_STRICT) {
      return STRICT.has(name) ? null : end(this.machine, task, { kind: 'kill', scope: 'thread' }, SIGKILL)
    }
    const verdict = this.machine.syscallFilter.enter(task, syscallByName(name) ?? -1, args)
    return verdict === null ? null : end(this.machine, task, verdict, SIGSYS)
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
      // nobody is left to see it
      return -EINTR
  }
}
