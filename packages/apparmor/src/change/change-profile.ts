/** Tasks that change their own label, now or at the next exec (`aa_change_profile`). */
import { EINVAL, EPERM } from '@lsmkit/abi'
import { auditFile } from '../audit/file.ts'
import { AA_CLASS_FILE } from '../classes.ts'
import { isUnconfinedSubset, mergeLabels } from '../domain/label-set.ts'
import { learningProfile } from '../domain/learn-profile.ts'
import type { Label, LoadedProfile } from '../domain/objects.ts'
import { parseLabel } from '../domain/parse-label.ts'
import { noPerms } from '../domain/perm-table.ts'
import { buildInNamespace } from '../exec/build-label.ts'
import { changePerms } from '../exec/label-target.ts'
import { mayChangeTraced } from '../exec/ptraced.ts'
import { AA_MAY_CHANGE_PROFILE, AA_MAY_ONEXEC } from '../perms.ts'
import type { PermEntry } from '../policydb/policy.ts'
import {
  currentLabel, currentState, forEachInNamespace, isMode, noNewPrivs, replaceCurrent,
} from '../state.ts'
import type { Apparmor } from '../state.ts'
import { restrictedTarget } from './restricted.ts'

export interface ChangeFlags {
  /** Nothing changes: whether it could is the answer. */
  readonly testing?: boolean
  /** On top of the label there is. */
  readonly stack?: boolean
  /** At the next exec. */
  readonly onexec?: boolean
}

/** One call, and what records of it say. */
interface Change {
  readonly label: Label
  readonly operation: string
  readonly request: number
  /** As it was written. */
  readonly name: string
}

const operations = [['change_profile', 'stack'], ['change_onexec', 'stack_onexec']] as const

/** 0 or -errno. */
export const changeProfile = (
  aa: Apparmor, name: string, { testing = false, stack = false, onexec = false }: ChangeFlags,
): number => {
  const label = currentLabel(aa)
  const state = currentState(aa)
  if (noNewPrivs(aa.ctx.current.task) && !label.unconfined) state.nnp ??= label
  if (name === '') return -EINVAL
  const operation = operations[onexec ? 1 : 0][stack ? 1 : 0]
  const change = { label, operation, request: onexec ? AA_MAY_ONEXEC : AA_MAY_CHANGE_PROFILE, name }
  const stacks = stack || name.startsWith('&')
  const target = targetOf(aa, change, testing, stacks)
  return typeof target === 'number' ? target : apply(aa, change, target, { testing, stack: stacks, onexec })
}

/** Where the change leads, and what was said of that on the way. */
interface Target {
  readonly label: Label
  /** Of the last profile that was asked. */
  readonly perms: PermEntry
  readonly info: string | null
}

const apply = (aa: Apparmor, change: Change, target: Target, flags: Required<ChangeFlags>): number => {
  const { label } = change
  const rc = mayChangeTraced(aa, target.label)
  const complains = forEachInNamespace(label, (profile) => (isMode(aa, profile, 'complain') ? 1 : 0)) !== 0
  if (rc !== 0 && !complains) {
    return audit(aa, change, target.perms, target.label, 'ptrace prevents transition', rc)
  }
  if (flags.testing) return rc
  const become = (profile: LoadedProfile): Label => restrictedTarget(aa, profile, target.label, change)
  const next = flags.stack ? null : buildInNamespace(label, become, (profile) => profile.label)
  if (typeof next === 'number') return next
  if (next !== null && noNewPrivs(aa.ctx.current.task) && !label.unconfined &&
    !isUnconfinedSubset(next, currentState(aa).nnp!)) return -EPERM
  if (flags.onexec) {
    setOnexec(aa, target.label, flags.stack)
    return audit(aa, change, target.perms, target.label, target.info, 0)
  }
  const changed = next ?? mergeLabels(label, target.label)
  return audit(aa, change, target.perms, changed, target.info, replaceCurrent(aa, changed))
}

/** As `aa_set_current_onexec`. */
const setOnexec = (aa: Apparmor, label: Label, stack: boolean): void => {
  const state = currentState(aa)
  state.onexec = label
  state.token = stack ? 1n : 0n
}

const audit = (
  aa: Apparmor, { label, operation, request, name }: Change, perms: PermEntry, target: Label | null,
  info: string | null, error: number,
): number => forEachInNamespace(label, (profile) =>
  auditFile(aa, profile, perms, { operation, request, name, label: target, ouid: 0, info, error }))

/** A label that the profiles let it become; a complaining one makes up what is not there. Or -errno, recorded. */
const targetOf = (aa: Apparmor, change: Change, testing: boolean, stack: boolean): Target | number => {
  const { label, name, request, operation } = change
  const plain = name.startsWith('&') ? name.slice(1) : name
  const target = parseLabel(label, plain, { create: true })
  if (typeof target === 'number') {
    const info = 'label not found'
    if (testing || !isMode(aa, label.profile, 'complain')) return audit(aa, change, noPerms, null, info, target)
    return { label: learningProfile(label.profile, false, plain).label, perms: noPerms, info }
  }
  let perms: PermEntry = noPerms
  const error = forEachInNamespace(label, (profile) => {
    const found = changePerms(aa, profile, target, stack, request, profile.file.start[AA_CLASS_FILE]!)
    perms = found.perms
    if (found.error === 0) return 0
    return auditFile(aa, profile, perms, {
      operation, request, name, label: target, ouid: 0, info: null, error: found.error,
    })
  })
  return error !== 0 ? error : { label: target, perms, info: null }
}
