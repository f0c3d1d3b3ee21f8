/** Sets of signals, their order, and handlers. */
import {
  SA_NODEFER, SIGCHLD, SIGCONT, SIGKILL, SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU, SIGURG, SIGWINCH, _NSIG,
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

/** Signals that wait. */
interface Pending {
  readonly set: SigSet
}

/** The effect of a signal without a handler. */
export const defaultEffect = (sig: number): 'ignore' | 'stop' | 'core' | 'terminate' =>
  sigHas(SIG_KERNEL_IGNORE, sig) ? 'ignore'
    : sigHas(SIG_KERNEL_STOP, sig) ? 'stop'
      : sigHas(SIG_KERNEL_COREDUMP, sig) ? 'core'
        : 'terminate'

export const handlerIgnores = (handler: SigHandler, sig: number): boolean =>
  handler === 'ignore' || (handler === 'default' && defaultEffect(sig) === 'ignore')

/** The next signal outside `blocked`: faults first, then the lowest number (`next_signal`). */
const SYNCHRONOUS = setOf(SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGFPE, SIGSYS)
export const nextSignal = (pending: Pending, blocked: SigSet): number => {
  const ready = pending.set & ~blocked
  if (ready === 0n) return 0
  const first = ready & SYNCHRONOUS || ready
  for (let sig = 1; sig <= _NSIG; sig++) if (sigHas(first, sig)) return sig
  return 0
}

/** As `dequeue_signal`: which queue has the next signal outside `blocked`, the thread's own first; null: neither. */
export const nextQueue = <P extends Pending>(own: P, shared: P, blocked: SigSet): P | null =>
  nextSignal(own, blocked) !== 0 ? own : nextSignal(shared, blocked) !== 0 ? shared : null

/** The signals that are blocked while a handler runs. */
export const handlerMask = (action: SigAction, sig: number): SigSet =>
  action.mask | (action.flags & SA_NODEFER ? 0n : sigmask(sig))
