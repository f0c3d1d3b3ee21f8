/** Hats: profiles inside a profile that its program puts on and off (`aa_change_hat`). */
import { EACCES, ECHILD, EINVAL, ENOENT, ENOMEM, EPERM } from '@lsmkit/abi'
import { auditFile } from '../audit/file.ts'
import { isUnconfinedSubset } from '../domain/label-set.ts'
import { newest } from '../domain/label.ts'
import { learningProfile } from '../domain/learn-profile.ts'
import type { Label, LoadedProfile } from '../domain/objects.ts'
import { noPerms } from '../domain/perm-table.ts'
import { buildInNamespace } from '../exec/build-label.ts'
import { mayChangeTraced } from '../exec/ptraced.ts'
import { AA_MAY_CHANGEHAT } from '../perms.ts'
import type { PermEntry } from '../policydb/policy.ts'
import {
  clearTransition, currentLabel, currentState, forEachInNamespace, isMode, noNewPrivs,
} from '../state.ts'
import type { Apparmor } from '../state.ts'

/** The most names of one call. */
const MOST_NAMES = 16

const TOKEN = /^[+-]?(?:0[xX])?([\da-fA-F]+)\^/

/** As `aa_setprocattr_changehat`, of `TOKEN^NAME\0NAME…`: 0 or -errno. */
export const changeHatByText = (aa: Apparmor, text: string, testing: boolean): number => {
  const found = TOKEN.exec(text)
  if (found === null) return -EINVAL
  const token = BigInt.asUintN(64, BigInt(`0x${found[1]}`))
  const rest = text.slice(found[0].length)
  const names = rest === '' || rest.startsWith('\0') ? [] : rest.replace(/\0$/, '').split('\0').slice(0, MOST_NAMES)
  if (names.length === 0 && token === 0n) return -EINVAL
  return changeHat(aa, names, token, testing)
}

const changeHat = (aa: Apparmor, names: readonly string[], token: bigint, testing: boolean): number => {
  const label = currentLabel(aa)
  const state = currentState(aa)
  if (noNewPrivs(aa.ctx.current.task) && !label.unconfined) state.nnp ??= label
  if (label.unconfined && !mayWearHats(aa, label)) return fail(aa, label, null, 'unconfined can not change_hat', -EPERM)
  if (names.length > 0) return putOn(aa, label, names, token, testing)
  return state.previous === null || testing ? 0 : takeOff(aa, label, newest(state.previous), token)
}

/** Later kernels let even a profile that confines nothing change, where it has hats. */
const mayWearHats = ({ release }: Apparmor, label: Label): boolean =>
  release.unconfinedHats && inNamespace(label).some(({ children }) => children.length > 0)

const putOn = (aa: Apparmor, label: Label, names: readonly string[], token: bigint, testing: boolean): number => {
  const next = chooseHat(aa, label, names)
  if (typeof next === 'number') return next
  const rc = mayChangeTraced(aa, next)
  if (rc !== 0) return fail(aa, label, null, 'ptrace prevents transition', rc)
  if (widens(aa, label, next)) return -EPERM
  if (testing) return 0
  const set = setHat(aa, next, token)
  return set === -EACCES ? kill(aa, label, next) : set
}

const takeOff = (aa: Apparmor, label: Label, previous: Label, token: bigint): number => {
  if (widens(aa, label, previous)) return -EPERM
  const state = currentState(aa)
  if (state.token !== token) return kill(aa, label, previous)
  const rc = become(aa, previous)
  if (rc === 0) clearTransition(state)
  return rc
}

/** Under no_new_privs the label only gets narrower. */
const widens = (aa: Apparmor, label: Label, next: Label): boolean =>
  noNewPrivs(aa.ctx.current.task) && !label.unconfined && !isUnconfinedSubset(next, currentState(aa).nnp!)

const become = ({ ctx: { host }, blobs }: Apparmor, label: Label): number => {
  const next = host.prepare_creds()
  if (next === null) return -ENOMEM
  blobs.cred(next).label = newest(label)
  return host.commit_creds(next)
}

/** As `aa_set_current_hat`: the first hat keeps label and token for the way back, later ones need that token. */
const setHat = (aa: Apparmor, label: Label, token: bigint): number => {
  const state = currentState(aa)
  if (state.previous !== null && state.token !== token) return -EACCES
  if (state.previous === null) {
    state.previous = aa.blobs.cred(aa.ctx.current.task.cred).label
    state.token = token
  }
  state.onexec = null
  return become(aa, label)
}

const record = (
  name: string | null, target: string | null, label: Label | null, info: string | null, error: number,
) => ({ operation: 'change_hat', request: AA_MAY_CHANGEHAT, name, target, label, ouid: 0, info, error })

const fail = (
  aa: Apparmor, label: Label, target: Label | null, info: string, error: number, perms: PermEntry = noPerms,
): number => {
  forEachInNamespace(label, (profile) => auditFile(aa, profile, perms, record(null, null, target, info, error)))
  return error
}

/** Whoever guesses tokens ends. */
const kill = (aa: Apparmor, label: Label, target: Label): number =>
  fail(aa, label, target, 'failed token match', -EACCES, { ...noPerms, kill: AA_MAY_CHANGEHAT })

interface Chosen {
  readonly name: string
}

/** As `change_hat`: the first name that every profile of the namespace has as a hat; or -errno, recorded. */
const chooseHat = (aa: Apparmor, label: Label, names: readonly string[]): Label | number => {
  const isSibling = label.profile.isHat
  const chosen = firstHat(aa, label, names, isSibling)
  if ('error' in chosen) {
    const { name, info, error } = chosen
    forEachInNamespace(label, (profile) => names.length > 1 || isMode(aa, profile, 'complain')
      ? auditFile(aa, profile, noPerms, record(name, null, null, info, error)) : 0)
    return error
  }
  return buildInNamespace(label, (profile) => hatOf(aa, profile, chosen.name, isSibling), (profile) => profile.label)
}

interface Missed {
  readonly name: string | null
  readonly info: string
  readonly error: number
}

const inNamespace = ({ profiles, namespace }: Label): readonly LoadedProfile[] =>
  profiles.filter((profile) => profile.namespace === namespace)

/** Whose hats are looked at: those of the parent where one is worn. Null where profiles disagree. */
const wardrobe = (profile: LoadedProfile, isSibling: boolean): LoadedProfile | null =>
  profile.isHat === isSibling ? (isSibling ? profile.parent : profile) : null

const firstHat = (aa: Apparmor, label: Label, names: readonly string[], isSibling: boolean): Chosen | Missed => {
  for (const name of names) {
    const found = hasHat(aa, label, name, isSibling)
    if (found === true) return { name }
    if (found !== false) return found
  }
  const hasChildren = inNamespace(label).some(({ children }) => children.length > 0)
  return hasChildren
    ? { name: null, info: 'hat not found', error: -ENOENT }
    : { name: null, info: 'no hats defined', error: -ECHILD }
}

/** Whether all have it; one that complains has every hat. */
const hasHat = (aa: Apparmor, label: Label, name: string, isSibling: boolean): boolean | Missed => {
  for (const profile of inNamespace(label)) {
    const root = wardrobe(profile, isSibling)
    if (root === null) return { name, info: 'conflicting targets types', error: -EPERM }
    const hat = root.children.find((child) => child.name === name)
    if (hat === undefined && !isMode(aa, profile, 'complain')) return false
    if (hat !== undefined && !hat.isHat) return { name, info: 'target not hat', error: -EPERM }
  }
  return true
}

/** As `build_change_hat`. */
const hatOf = (aa: Apparmor, profile: LoadedProfile, name: string, isSibling: boolean): Label | number => {
  const root = wardrobe(profile, isSibling)
  if (root === null) {
    auditFile(aa, profile, noPerms, record(name, null, null, 'conflicting target types', -EPERM))
    return -EPERM
  }
  const known = root.children.find((child) => child.name === name)
  const hat = known ?? (isMode(aa, profile, 'complain') ? learningProfile(profile, true, name) : null)
  const error = known === undefined ? -ENOENT : 0
  auditFile(aa, profile, noPerms, record(name, hat?.hname ?? null, hat?.label ?? null, null, error))
  return hat?.label ?? error
}
