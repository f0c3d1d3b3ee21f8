/**
 * The effect of execve on credentials (`cap_bprm_creds_from_file`), as a function of values: no object is changed, and
 * every branch taken is named in the answer.
 *
 * P, E, I, A, B below are permitted, effective, inheritable, ambient and bounding set. I and B are never changed.
 */
import {
  CAP_FULL_SET, capCopy, capEqual, capIntersect, capIsEmpty, capIsSubset, CapSet, capUnion, EPERM,
  LSM_UNSAFE_NO_NEW_PRIVS, LSM_UNSAFE_PTRACE, SECBIT_KEEP_CAPS, SECBIT_NOROOT, VFS_CAP_FLAGS_EFFECTIVE,
} from '@lsmkit/abi'
import type { CapWords } from '@lsmkit/abi'
import type { Cred, CpuVfsCapData } from '@lsmkit/core'
import type { ExecBranch } from './exec-branch.ts'
import type { Rules } from './profile.ts'

/** The part of the caller's credentials that counts. */
export type ExecCred = Readonly<
  Pick<
    Cred,
    | 'uid' | 'gid' | 'euid' | 'egid' | 'fsgid' | 'group_info' | 'securebits'
    | 'cap_permitted' | 'cap_inheritable' | 'cap_effective' | 'cap_ambient' | 'cap_bset'
  >
>

export interface ExecQuestion {
  readonly rules: Rules
  /** The caller's credentials. */
  readonly old: ExecCred
  /** Effective ids once the program's set-id bits have counted: kuid and kgid. */
  readonly euid: number
  readonly egid: number
  /** The kuid of uid 0 in the process's user namespace; INVALID_UID when none is mapped. */
  readonly root: number
  /** Capabilities of the program, or null when it has none that count. */
  readonly fileCaps: CpuVfsCapData | null
  /** LSM_UNSAFE_* bits. */
  readonly unsafe: number
  /** Whether the tracer, if any, has CAP_SYS_PTRACE over the namespace. Asked at most once, as CAP_SETUID is. */
  readonly tracerCapable: () => boolean
  /** Whether the caller has CAP_SETUID over it. */
  readonly setuidCapable: () => boolean
}

export interface ExecAnswer {
  /** 0, or -EPERM: then the other fields mean nothing. */
  readonly rc: number
  /** Saved and file-system ids become the same. */
  readonly euid: number
  readonly egid: number
  readonly permitted: CapSet
  readonly effective: CapSet
  readonly ambient: CapSet
  readonly securebits: number
  /** Becomes AT_SECURE. */
  readonly secureexec: boolean
  /** P grew: PER_CLEAR_ON_SETID applies. */
  readonly gained: boolean
  /** E grew in a way the audit trail wants to know (`nonroot_raised_pE`). */
  readonly raised: boolean
  readonly branches: readonly ExecBranch[]
}

/** P and whether all of it becomes effective. */
interface Gain {
  readonly permitted: CapSet
  readonly effective: boolean
}

/** The effect of execve on the capabilities of a task (cap_bprm_creds_from_file), and the branches taken. */
export const execCaps = (question: ExecQuestion): ExecAnswer => {
  const branches: ExecBranch[] = []
  const { old, fileCaps } = question
  if (!ambientHolds(old.cap_ambient, old.cap_permitted, old.cap_inheritable))
    return refused(question, ['ambient-broken'])
  const fromFile = fileGain(question, branches)
  if (fromFile === null) return refused(question, branches)
  const { permitted: wanted, effective } = rootGain(question, fromFile, branches)
  const gained = !capIsSubset(wanted, old.cap_permitted)
  if (gained) branches.push('gained')
  const idChanged = idsChanged(question, branches)
  const allowed = gained || idChanged ? limit(question, wanted, branches) : asked(question, wanted)
  const ambient = nextAmbient(old.cap_ambient, fileCaps !== null || idChanged, branches)
  const permitted = capUnion(allowed.permitted, ambient)
  const result = {
    rc: 0,
    euid: allowed.euid,
    egid: allowed.egid,
    permitted,
    effective: capCopy(effective ? permitted : ambient),
    ambient,
    securebits: old.securebits & ~SECBIT_KEEP_CAPS,
    gained,
  }
  branches.push(effective ? 'effective-permitted' : 'effective-ambient')
  if (old.securebits & SECBIT_KEEP_CAPS) branches.push('keep-caps-cleared')
  const secureexec = isSecure(question, result, effective, idChanged, branches)
  return { ...result, secureexec, raised: hasRaised(question, result), branches }
}

const ambientHolds = (ambient: CapWords, permitted: CapWords, inheritable: CapWords): boolean =>
  capIsSubset(ambient, permitted) && capIsSubset(ambient, inheritable)

const refused = ({ old }: ExecQuestion, branches: readonly ExecBranch[]): ExecAnswer => ({
  rc: -EPERM,
  euid: old.euid,
  egid: old.egid,
  permitted: new CapSet(),
  effective: new CapSet(),
  ambient: new CapSet(),
  securebits: old.securebits,
  secureexec: false,
  gained: false,
  raised: false,
  branches,
})

/** As `bprm_caps_from_vfs_caps`; null refuses the call. */
const fileGain = ({ old, fileCaps }: ExecQuestion, branches: ExecBranch[]): Gain | null => {
  if (fileCaps === null) return { permitted: new CapSet(), effective: false }
  const permitted = capUnion(
    capIntersect(old.cap_bset, fileCaps.permitted),
    capIntersect(old.cap_inheritable, fileCaps.inheritable),
  )
  const effective = (fileCaps.magic_etc & VFS_CAP_FLAGS_EFFECTIVE) !== 0
  const short = !capIsSubset(fileCaps.permitted, permitted)
  branches.push(!short ? 'file-caps' : effective ? 'file-caps-refused' : 'file-caps-reduced')
  return short && effective ? null : { permitted, effective }
}

/** As `handle_privileged_root`. */
const rootGain = (question: ExecQuestion, gain: Gain, branches: ExecBranch[]): Gain => {
  const { old, euid, root, fileCaps } = question
  const real = old.uid === root
  const eff = euid === root
  if (!real && !eff) branches.push('root-not')
  else if (old.securebits & SECBIT_NOROOT) branches.push('root-not-special')
  else if (fileCaps !== null && !real) branches.push('root-caps-from-file')
  else {
    branches.push('root-permitted')
    if (eff) branches.push('root-effective')
    return { permitted: capUnion(old.cap_bset, old.cap_inheritable), effective: gain.effective || eff }
  }
  return gain
}

const idsChanged = ({ rules, old, euid, egid }: ExecQuestion, branches: ExecBranch[]): boolean => {
  const before = branches.length
  if (rules.idChange === 'real') {
    if (euid !== old.uid) branches.push('user-id-changed')
    if (egid !== old.gid) branches.push('group-id-changed')
  } else {
    if (euid !== old.euid) branches.push('user-id-changed')
    if (egid !== old.fsgid && !old.group_info.gid.includes(egid)) branches.push('group-id-changed')
  }
  return branches.length > before
}

const asked = ({ euid, egid }: ExecQuestion, permitted: CapSet) => ({ permitted, euid, egid })

/** What is taken back from a process that gains while somebody could make use of it. */
const limit = (question: ExecQuestion, wanted: CapSet, branches: ExecBranch[]) => {
  const { old, unsafe, euid, egid } = question
  const onlyTraced = (unsafe & ~LSM_UNSAFE_PTRACE) === 0
  if (onlyTraced && question.tracerCapable()) {
    if (unsafe & LSM_UNSAFE_PTRACE) branches.push('tracer-capable')
    return asked(question, wanted)
  }
  branches.push('limited')
  const permitted = capIntersect(wanted, old.cap_permitted)
  if (question.setuidCapable() && !(unsafe & LSM_UNSAFE_NO_NEW_PRIVS)) return { permitted, euid, egid }
  branches.push('ids-dropped')
  return { permitted, euid: old.uid, egid: old.gid }
}

const nextAmbient = (ambient: CapWords, clear: boolean, branches: ExecBranch[]): CapSet => {
  if (capIsEmpty(ambient)) return new CapSet()
  branches.push(clear ? 'ambient-cleared' : 'ambient-added')
  return clear ? new CapSet() : capCopy(ambient)
}

type Result = Pick<ExecAnswer, 'euid' | 'egid' | 'permitted' | 'effective' | 'ambient'>

const isSecure = (
  { rules, old, root }: ExecQuestion,
  result: Result,
  effective: boolean,
  idChanged: boolean,
  branches: ExecBranch[],
): boolean => {
  const before = branches.length
  const differ = rules.idChange === 'effective' && (result.euid !== old.uid || result.egid !== old.gid)
  if (idChanged) branches.push('secure-id-changed')
  if (differ) branches.push('secure-ids-differ')
  if (old.uid !== root && (effective || !capIsSubset(result.permitted, result.ambient))) branches.push('secure-caps')
  return branches.length > before
}

/** As `nonroot_raised_pE`. */
const hasRaised = ({ old, root, fileCaps }: ExecQuestion, { euid, permitted, effective, ambient }: Result): boolean => {
  const rootIsSpecial = !(old.securebits & SECBIT_NOROOT)
  const full = capEqual(capIntersect(effective, CAP_FULL_SET), CAP_FULL_SET)
  const asRoot = euid === root || old.uid === root
  if (!capIsSubset(effective, ambient) && !(full && asRoot && rootIsSpecial)) return true
  if (rootIsSpecial && old.uid !== root && euid === root && !full) return true
  const byFile = fileCaps !== null && !capIsSubset(permitted, old.cap_permitted)
  return euid === old.euid && (byFile || !capIsSubset(ambient, old.cap_ambient))
}
