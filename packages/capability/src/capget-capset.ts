/** Reading and replacing the sets of a process (`cap_capget`, `cap_capset`). Versions of the call are the kernel's. */
import {
  capAssign, capIntersect, capIsSubset, CAP_OPT_NONE, CAP_SETPCAP, capUnion, EPERM,
} from '@lsmkit/abi'
import type { CapSet, CapWords } from '@lsmkit/abi'
import { cap_capable } from '@lsmkit/core'
import type { Cred, HookGroup, LsmContext, Task } from '@lsmkit/core'

/** Which rule of capset refuses: asked in this order. */
export const capsetRules = {
  'inheritable-beyond-permitted':
    'inheritable grew beyond inheritable | permitted, which needs CAP_SETPCAP',
  'inheritable-beyond-bounding': 'inheritable grew beyond inheritable | bounding',
  'permitted-grew': 'permitted grew',
  'effective-beyond-permitted': 'effective is not within the new permitted',
} as const
export type CapsetRule = keyof typeof capsetRules

export interface WantedSets {
  readonly effective: CapWords
  readonly inheritable: CapWords
  readonly permitted: CapWords
}

type OldSets = Readonly<Pick<Cred, 'cap_permitted' | 'cap_inheritable' | 'cap_bset'>>

/** The first rule broken, or null when the sets may be had. `hasSetpcap`: CAP_SETPCAP over the caller's namespace. */
export const capsetRefusal = (old: OldSets, wanted: WantedSets, hasSetpcap: boolean): CapsetRule | null => {
  const { effective, inheritable, permitted } = wanted
  if (!hasSetpcap && !capIsSubset(inheritable, capUnion(old.cap_inheritable, old.cap_permitted)))
    return 'inheritable-beyond-permitted'
  if (!capIsSubset(inheritable, capUnion(old.cap_inheritable, old.cap_bset))) return 'inheritable-beyond-bounding'
  if (!capIsSubset(permitted, old.cap_permitted)) return 'permitted-grew'
  return capIsSubset(effective, permitted) ? null : 'effective-beyond-permitted'
}

export const capsetHooks = (ctx: LsmContext): HookGroup => ({
  capget(target: Task, effective: CapSet, inheritable: CapSet, permitted: CapSet): number {
    const cred = target.real_cred
    capAssign(effective, cred.cap_effective)
    capAssign(inheritable, cred.cap_inheritable)
    capAssign(permitted, cred.cap_permitted)
    return 0
  },

  capset(next: Cred, old: Cred, effective: CapSet, inheritable: CapSet, permitted: CapSet): number {
    const me = ctx.current.task.cred
    const hasSetpcap = cap_capable(me, me.user_ns, CAP_SETPCAP, CAP_OPT_NONE) === 0
    const rule = capsetRefusal(old, { effective, inheritable, permitted }, hasSetpcap)
    if (rule !== null) return ctx.audit.deny(-EPERM, capsetRules[rule])
    capAssign(next.cap_effective, effective)
    capAssign(next.cap_inheritable, inheritable)
    capAssign(next.cap_permitted, permitted)
    capAssign(next.cap_ambient, capIntersect(next.cap_ambient, capIntersect(permitted, inheritable)))
    return 0
  },
})
