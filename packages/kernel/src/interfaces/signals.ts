/** Signals and tracing, as the rest of the kernel sees them. */
import type { Cred, KernelSiginfo, Task } from '@lsmkit/core'
import type { AddressSpace } from '../state/mm/address-space.ts'
import type { SigCharge } from '../state/task/sig-pending.ts'
import type { SigAction, SigHandler, SigSet } from '../state/task/sigset.ts'

/** The target of a signal: one thread, a process, or every process of a group or of all. */
export type SignalScope = 'thread' | 'process' | 'group'

export interface Signals {
  chargeOf(task: Task): SigCharge
  handlerOf(task: Task, sig: number): SigHandler
  userSiginfo(sig: number, si_code?: number): KernelSiginfo
  send(sig: number, info: KernelSiginfo, task: Task, scope: SignalScope): number
  group_send(sig: number, info: KernelSiginfo, task: Task, scope: SignalScope): number
  send_kernel(sig: number, task: Task, scope?: SignalScope): number
  isStopped(task: Task): boolean
  pendingSet(task: Task): bigint
  signal_pending(task: Task): boolean
  notifyParent(task: Task, sig: number): boolean
  withBlocked(mask: SigSet, run: () => number): number
  withUserMask(mask: SigSet | null, size: number, run: () => number): number
}

export interface Delivery {
  deliver(task: Task): void
  deliverProcess(task: Task): void
  notifyJobControl(task: Task, sig: number): void
  dequeue(task: Task): { info: KernelSiginfo; action: SigAction } | null
  trap(task: Task): void
  requestTrap(task: Task): void
  stopForTracer(task: Task): void
  ptraceEvent(task: Task, event: number, message: number): void
  resume(task: Task, sig: number): void
}

export interface Ptrace {
  access(task: Task, mode: number): number
  may_access(task: Task, mode: number): boolean
  mm_access(task: Task, mode: number): AddressSpace | number
  link(child: Task, tracer: Task, tracer_cred: Cred): void
  unlink(child: Task): void
  traceme(): number
}
