/** Permission words together: with the modes of a profile, and of the profiles of a label (lib.c, perms.h). */
import { ALL_PERMS } from '../perms.ts'
import type { PermEntry } from '../policydb/policy.ts'
import type { LoadedProfile } from './objects.ts'
import { auditModeOf } from './policy-store.ts'
import type { PolicyStore } from './policy-store.ts'

/** Everything is allowed, and nothing would be said if it were not (`allperms`). */
export const allPerms: PermEntry = Object.freeze({
  allow: ALL_PERMS, deny: 0, subtree: 0, cond: 0, kill: 0, complain: 0, prompt: 0, audit: 0, quiet: ALL_PERMS,
  hide: ALL_PERMS, xindex: 0, tag: 0, label: 0,
})

/** As `aa_apply_modes_to_perms`. */
export const withModes = (store: PolicyStore, profile: LoadedProfile, perms: PermEntry): PermEntry => {
  const audit = auditModeOf(store, profile)
  const is = (mode: LoadedProfile['mode']): boolean => store.mode === mode || profile.mode === mode
  return {
    ...perms,
    audit: audit === 'all' ? ALL_PERMS : audit === 'quiet' ? 0 : perms.audit,
    quiet: audit === 'all' || audit === 'noquiet' ? 0 : audit === 'normal' ? perms.quiet : ALL_PERMS,
    kill: is('kill') ? ALL_PERMS : perms.kill,
    complain: !is('kill') && is('complain') ? ALL_PERMS : perms.complain,
    prompt: !is('kill') && !is('complain') && is('user') ? ALL_PERMS : perms.prompt,
  }
}

/** As `aa_perms_accum_raw`: by the bits of each one alone. */
export const accumulateRaw = (all: PermEntry, one: PermEntry): PermEntry => {
  const undecided = ~one.allow & ~one.deny
  return {
    deny: (all.deny | one.deny) >>> 0,
    allow: (all.allow & one.allow & ~one.deny) >>> 0,
    audit: (all.audit | (one.audit & one.allow)) >>> 0,
    quiet: (all.quiet & one.quiet & ~one.allow) >>> 0,
    kill: (all.kill | (one.kill & ~one.allow)) >>> 0,
    complain: (all.complain | (one.complain & undecided)) >>> 0,
    cond: (all.cond | (one.cond & undecided)) >>> 0,
    hide: (all.hide & one.hide & ~one.allow) >>> 0,
    prompt: (all.prompt | (one.prompt & undecided)) >>> 0,
    subtree: (all.subtree | (one.subtree & ~one.deny)) >>> 0,
    xindex: all.xindex || one.xindex,
    tag: all.tag || one.tag,
    label: all.label || one.label,
  }
}

/** As `aa_perms_accum`: by the bits of all so far. */
export const accumulate = (all: PermEntry, one: PermEntry): PermEntry => {
  const deny = all.deny | one.deny
  const allow = all.allow & one.allow & ~deny
  const undecided = ~allow & ~deny
  return {
    deny: deny >>> 0,
    allow: allow >>> 0,
    audit: (all.audit | (one.audit & allow)) >>> 0,
    quiet: (all.quiet & one.quiet & ~allow) >>> 0,
    kill: (all.kill | (one.kill & ~allow)) >>> 0,
    complain: (all.complain | (one.complain & undecided)) >>> 0,
    cond: (all.cond | (one.cond & undecided)) >>> 0,
    hide: (all.hide & one.hide & ~allow) >>> 0,
    prompt: (all.prompt | (one.prompt & undecided)) >>> 0,
    subtree: (all.subtree & one.subtree & ~deny) >>> 0,
    xindex: all.xindex || one.xindex,
    tag: all.tag || one.tag,
    label: all.label || one.label,
  }
}
