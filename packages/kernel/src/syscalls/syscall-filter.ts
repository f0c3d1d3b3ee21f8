/** Where filters of system calls stand in: between the caller and every handler, for tasks in a seccomp mode. */
import { EINTR, SECCOMP_MODE_STRICT, SIGKILL, SIGSYS, syscallByName, waitSignalled } from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import type { SyscallGate, Verdict } from '../interfaces/seccomp.ts'
import type { Machine } from '../machine.ts'
import { signalOf, threadOf } from '../task/thread.ts'

/** Calls of strict mode. */
const STRICT: ReadonlySet<string> = new Set(['read', 'write', 'exit', 'rt_sigreturn'])

/** Asked on the way into every call once some task has entered a seccomp mode; until then `on` is a constant. */
export class SeccompGate implements SyscallGate {
  on = false
  private readonly machine: Machine

  constructor(machine: Machine) {
    this.machine = machine
  }

  /** Null: the call goes on; else what it answers. */
  enter(task: Task, name: string, args: readonly unknown[]): number | null {
    const mode = threadOf(task).seccomp
    if (mode === 0) return null
    if (mode === SECCOMP_MODE_STRICT) {
      return STRICT.has(name) ? null : end(this.machine, task, { kind: 'kill', scope: 'thread' }, SIGKILL)
    }
    const verdict = this.machine.syscallFilter.enter(task, syscallByName(name) ?? -1, args)
    return verdict === null ? null : end(this.machine, task, verdict, SIGSYS)
  }
}

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
