/** Sets of signals, pending queues and handlers. */
import {
  SA_NODEFER, SIGCHLD, SIGCONT, SIGKILL, SIGRTMIN, SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU, SIGURG, SIGWINCH, _NSIG,
} from '@lsmkit/abi'
import { SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGQUIT, SIGSEGV, SIGSYS, SIGTRAP, SIGXCPU, SIGXFSZ } from '@lsmkit/abi'
import type { KernelSiginfo } from '@lsmkit/core'

/** A `sigset_t`: bit n-1 is signal n. */
export type SigSet = bigint
/** Bytes of one. */
export const SIGSET_SIZE = 8
/** A mask as the calls take it that have it behind one pointer, with its size. */
export interface SizedMask {
  readonly mask: SigSet | null
  readonly size: number
}
/**
 * `struct sigevent`. Of mq_notify's SIGEV_THREAD the signal is a netlink socket, and the value is 32 bytes for it.
 */
export interface Sigevent {
  readonly sigev_notify: number
  readonly sigev_signo?: number
  readonly sigev_value?: unknown
}

export const sigmask = (sig: number): SigSet => 1n << BigInt(sig - 1)
export const sigHas = (set: SigSet, sig: number): boolean => sig > 0 && ((set >> BigInt(sig - 1)) & 1n) === 1n
const setOf = (...signals: readonly number[]): SigSet => signals.reduce((set, sig) => set | sigmask(sig), 0n)

/** Neither caught, blocked nor ignored. */
export const SIG_KERNEL_ONLY = setOf(SIGKILL, SIGSTOP)
export const SIG_KERNEL_STOP = setOf(SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU)
const SIG_KERNEL_IGNORE = setOf(SIGCONT, SIGCHLD, SIGWINCH, SIGURG)
export const SIG_KERNEL_COREDUMP =
  setOf(SIGQUIT, SIGILL, SIGTRAP, SIGABRT, SIGFPE, SIGSEGV, SIGBUS, SIGSYS, SIGXCPU, SIGXFSZ)

/** As `valid_signal`: 0 is a probe. */
export const validSignal = (sig: number): boolean => sig >= 0 && sig <= _NSIG

/** A handler is SIG_DFL, SIG_IGN, or something only the program can call. */
export type SigHandler = 'default' | 'ignore' | ((sig: number, info: KernelSiginfo) => void)

export interface SigAction {
  handler: SigHandler
  flags: number
  mask: SigSet
}
export const defaultAction = (): SigAction => ({ handler: 'default', flags: 0, mask: 0n })

export interface SigPending {
  set: SigSet
  /** Queued details: one for each ordinary signal, any number for real-time ones. */
  queue: KernelSiginfo[]
}
export const emptyPending = (): SigPending => ({ set: 0n, queue: [] })

/** What an unhandled signal does. */
export const defaultEffect = (sig: number): 'ignore' | 'stop' | 'core' | 'terminate' =>
  sigHas(SIG_KERNEL_IGNORE, sig) ? 'ignore'
  : sigHas(SIG_KERNEL_STOP, sig) ? 'stop'
  : sigHas(SIG_KERNEL_COREDUMP, sig) ? 'core'
  : 'terminate'

export const handlerIgnores = (handler: SigHandler, sig: number): boolean =>
  handler === 'ignore' || (handler === 'default' && defaultEffect(sig) === 'ignore')

/** Adds `info`; an ordinary signal that is there already is not queued twice (`legacy_queue`). False: dropped. */
export const enqueue = (pending: SigPending, info: KernelSiginfo): boolean => {
  const sig = info.si_signo
  if (sig < SIGRTMIN && sigHas(pending.set, sig)) return false
  pending.queue.push(info)
  pending.set |= sigmask(sig)
  return true
}

/** Takes all signals of `mask` out. */
export const flushMask = (pending: SigPending, mask: SigSet): void => {
  if ((pending.set & mask) === 0n) return
  pending.set &= ~mask
  pending.queue = pending.queue.filter((info) => !sigHas(mask, info.si_signo))
}

/** Takes out what was sent with this `si_code`. */
export const dropSent = (pending: SigPending, si_code: number): void => {
  const gone = pending.queue.filter((info) => info.si_code === si_code)
  pending.queue = pending.queue.filter((info) => info.si_code !== si_code)
  for (const { si_signo } of gone)
    if (!pending.queue.some((info) => info.si_signo === si_signo)) pending.set &= ~sigmask(si_signo)
}

/** The next signal outside `blocked`: faults first, then the lowest number (`next_signal`). */
const SYNCHRONOUS = setOf(SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGFPE, SIGSYS)
export const nextSignal = (pending: SigPending, blocked: SigSet): number => {
  const ready = pending.set & ~blocked
  if (ready === 0n) return 0
  const first = ready & SYNCHRONOUS || ready
  for (let sig = 1; sig <= _NSIG; sig++) if (sigHas(first, sig)) return sig
  return 0
}

/** Takes one instance of `sig` out; details are made up when the queue has none. */
export const dequeueSignal = (pending: SigPending, sig: number): KernelSiginfo => {
  const index = pending.queue.findIndex((info) => info.si_signo === sig)
  const info =
    index < 0 ? { si_signo: sig, si_errno: 0, si_code: 0, si_pid: 0, si_uid: 0 } : pending.queue.splice(index, 1)[0]!
  if (!pending.queue.some((one) => one.si_signo === sig)) pending.set &= ~sigmask(sig)
  return info
}

/** As `dequeue_signal`: which queue has the next signal outside `blocked`, the thread's own first; null: neither. */
export const nextQueue = (own: SigPending, shared: SigPending, blocked: SigSet): SigPending | null =>
  nextSignal(own, blocked) !== 0 ? own : nextSignal(shared, blocked) !== 0 ? shared : null

/** What is blocked while a handler runs. */
export const handlerMask = (action: SigAction, sig: number): SigSet =>
  action.mask | (action.flags & SA_NODEFER ? 0n : sigmask(sig))
