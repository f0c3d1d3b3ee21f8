/** The prctl(2) operations on capabilities (`cap_task_prctl`): bounding set, securebits, keep-caps, ambient set. */
import {
  CAP_EMPTY_SET, capAssign, capHas, capLower, CAP_OPT_NONE, capRaise, CAP_SETPCAP, capValid, EINVAL, ENOMEM, ENOSYS,
  EPERM, PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, PR_CAP_AMBIENT_IS_SET, PR_CAP_AMBIENT_LOWER, PR_CAP_AMBIENT_RAISE,
  PR_CAPBSET_DROP, PR_CAPBSET_READ, PR_GET_KEEPCAPS, PR_GET_SECUREBITS, PR_SET_KEEPCAPS, PR_SET_SECUREBITS,
  SECBIT_KEEP_CAPS, SECBIT_KEEP_CAPS_LOCKED, SECBIT_NO_CAP_AMBIENT_RAISE,
} from '@lsmkit/abi'
import { cap_capable, ns_capable } from '@lsmkit/core'
import type { Cred, HookGroup, LsmContext } from '@lsmkit/core'
import { rulesOf } from './profile.ts'
import type { Rules } from './profile.ts'

/** Locks stand one above what they lock, at odd places. */
const LOCKS = 0xaaaaaaaa
const locked = (securebits: number): number => (securebits & LOCKS) >>> 1

/**
 * Whether `wanted` may replace `old`: no locked bit changes, no lock goes, no bit is unknown, and CAP_SETPCAP is there
 * unless only bits that user space keeps for itself change. A call that changes nothing needs it too.
 */
export const securebitsAllowed = (rules: Rules, old: number, wanted: number, hasSetpcap: () => boolean): boolean => {
  const changed = old ^ wanted
  if (locked(old) & changed || old & LOCKS & ~wanted || wanted & ~rules.securebits) return false
  if (hasSetpcap()) return true
  return changed !== 0 && (changed & ~rules.unprivilegedSecurebits) === 0
}

/** Prepares credentials, changes them and installs them. -ENOMEM if a module refuses to prepare them. */
const change = (ctx: LsmContext, edit: (next: Cred) => void): number => {
  const next = ctx.host.prepare_creds()
  if (next === null) return -ENOMEM
  edit(next)
  return ctx.host.commit_creds(next)
}

const dropBounding = (ctx: LsmContext, cap: number): number => {
  if (!ns_capable(ctx.lsm, ctx.current, ctx.current.task.cred.user_ns, CAP_SETPCAP)) return -EPERM
  return capValid(cap) ? change(ctx, (next) => capLower(next.cap_bset, cap)) : -EINVAL
}

const setSecurebits = (ctx: LsmContext, rules: Rules, old: Cred, wanted: number): number => {
  const hasSetpcap = () => cap_capable(old, old.user_ns, CAP_SETPCAP, CAP_OPT_NONE) === 0
  // a wider number has unknown bits
  if (wanted !== wanted >>> 0 || !securebitsAllowed(rules, old.securebits, wanted, hasSetpcap)) return -EPERM
  return change(ctx, (next) => {
    next.securebits = wanted
  })
}

const setKeepCaps = (ctx: LsmContext, old: Cred, keep: number): number => {
  if (keep !== 0 && keep !== 1) return -EINVAL
  if (old.securebits & SECBIT_KEEP_CAPS_LOCKED) return -EPERM
  return change(ctx, (next) => {
    next.securebits = keep ? next.securebits | SECBIT_KEEP_CAPS : next.securebits & ~SECBIT_KEEP_CAPS
  })
}

const ambient = (
  ctx: LsmContext, old: Cred, operation: number, cap: number, arg4: number, arg5: number,
): number => {
  if (operation === PR_CAP_AMBIENT_CLEAR_ALL) {
    if (cap !== 0 || arg4 !== 0 || arg5 !== 0) return -EINVAL
    return change(ctx, (next) => capAssign(next.cap_ambient, CAP_EMPTY_SET))
  }
  if (!capValid(cap) || arg4 !== 0 || arg5 !== 0) return -EINVAL
  switch (operation) {
    case PR_CAP_AMBIENT_IS_SET:
      return capHas(old.cap_ambient, cap) ? 1 : 0
    case PR_CAP_AMBIENT_RAISE:
      if (!capHas(old.cap_permitted, cap) || !capHas(old.cap_inheritable, cap)) return -EPERM
      if (old.securebits & SECBIT_NO_CAP_AMBIENT_RAISE) return -EPERM
      return change(ctx, (next) => capRaise(next.cap_ambient, cap))
    case PR_CAP_AMBIENT_LOWER:
      return change(ctx, (next) => capLower(next.cap_ambient, cap))
    default:
      return -EINVAL
  }
}

export const prctlHooks = (ctx: LsmContext, rules: Rules = rulesOf(ctx.profile)): HookGroup => ({
  /** -ENOSYS if it is not an operation on capabilities. Positive values are results. */
  task_prctl(option: number, arg2: number, arg3: number, arg4: number, arg5: number): number {
    const old = ctx.current.task.cred
    switch (option) {
      case PR_CAPBSET_READ: return capValid(arg2) ? Number(capHas(old.cap_bset, arg2)) : -EINVAL
      case PR_CAPBSET_DROP: return dropBounding(ctx, arg2)
      case PR_SET_SECUREBITS: return setSecurebits(ctx, rules, old, arg2)
      case PR_GET_SECUREBITS: return old.securebits
      case PR_GET_KEEPCAPS: return old.securebits & SECBIT_KEEP_CAPS ? 1 : 0
      case PR_SET_KEEPCAPS: return setKeepCaps(ctx, old, arg2)
      case PR_CAP_AMBIENT: return ambient(ctx, old, arg2, arg3, arg4, arg5)
      default: return -ENOSYS
    }
  },
})
