/** The part of SELinux that differs by kernel release: classes, permissions, policy capabilities, policy versions. */
import { kernelRules, profiles } from '@lsmkit/core'
import type { Profile } from '@lsmkit/core'
import type { Keeps } from './avc/kept-decisions.ts'
import { allClasses, kernelClasses } from './class-map.ts'
import { goneClasses, laterClasses, laterPermissions, permissionsSince } from './later-classes.ts'
import type { LaterRelease } from './later-classes.ts'
import { POLICYDB_VERSION_COMP_FTRANS, POLICYDB_VERSION_NEVERAUDIT, policycapNames } from './policydb/constants.ts'
import type { KernelClass } from './server/class-mapping.ts'

export interface Release {
  /** By number; a number that the release does not use has an empty name, as in the kernel's own class map. */
  readonly classes: readonly KernelClass[]
  /** The newest policy that the kernel loads: selinuxfs's `policyvers`. */
  readonly policyVersion: number
  readonly policyCapabilities: readonly string[]
  /** Asks about firmware, kernels to boot, policies and certificates that the kernel reads, as about modules. */
  readonly asksKernelReads: boolean
  /** Marks of fanotify may be on a mount namespace. */
  readonly watchesNamespaces: boolean
  /** Making BPF maps and loading programs is asked about with the token that they are made by. */
  readonly asksBpfTokens: boolean
  /** XFRM_MSG_MIGRATE_STATE is a message that SELinux knows. */
  readonly movesStates: boolean
  /** Sockets of DCCP have a class of their own. */
  readonly hasDccp: boolean
  /** Files of selinuxfs that take every write and do nothing: nobody is asked, and the log says so once. */
  readonly retired: ReadonlySet<RetiredFile>
  /** A task keeps decisions on directories. */
  readonly keeps: Keeps | null
  /** A message that opens a connection is checked as connect(2) is (a fix that 6.18.15 lacks). */
  readonly checksFastOpen: boolean
  /** Writing to `user` is warned of in the log. */
  readonly warnsOfUser: boolean
}

export type RetiredFile = 'disable' | 'checkreqprot' | 'user'

const NO_CLASS: KernelClass = { name: '', perms: [] }

/** The releases after 6.12, up to one. */
const laterUpTo = (profile: Profile): readonly LaterRelease[] =>
  profiles.slice(0, profiles.indexOf(profile) + 1)
    .filter((one): one is LaterRelease => Object.hasOwn(laterPermissions, one))

const namesOf = (tables: readonly (readonly string[])[]): ReadonlySet<string> => new Set(tables.flat())

/** A class as a release has it, with the later permissions up to that release. */
const classOf = ({ name, perms }: KernelClass, own: number, later: readonly LaterRelease[]): KernelClass => {
  const known = namesOf(later.map((one) => permissionsSince(one, name)))
  return { name, perms: perms.filter((perm, bit) => bit < own || known.has(perm)) }
}

const everGone = namesOf(Object.values(goneClasses))

/** The classes and permissions that every release has. */
export const commonClasses: readonly KernelClass[] =
  kernelClasses.map((one) => (everGone.has(one.name) ? NO_CLASS : one))

const classesOf = (profile: Profile): readonly KernelClass[] => {
  const later = laterUpTo(profile)
  const gone = namesOf(later.map((one) => goneClasses[one]))
  const added = namesOf(later.map((one) => Object.keys(laterClasses[one])))
  return allClasses.map((one, at) => {
    const old = kernelClasses[at]
    if (old === undefined) return added.has(one.name) ? one : NO_CLASS
    return gone.has(one.name) ? NO_CLASS : classOf(one, old.perms.length, later)
  })
}

const policies = {
  '6.12': { policyVersion: POLICYDB_VERSION_COMP_FTRANS, capabilities: 9 },
  '6.18': { policyVersion: POLICYDB_VERSION_NEVERAUDIT, capabilities: 13 },
  '7.3': { policyVersion: POLICYDB_VERSION_NEVERAUDIT, capabilities: 15 },
} as const satisfies Readonly<Record<Profile, { policyVersion: number; capabilities: number }>>

const retired = {
  '6.12': ['disable'],
  '6.18': ['disable'],
  '7.3': ['disable', 'checkreqprot', 'user'],
} as const satisfies Readonly<Record<Profile, readonly RetiredFile[]>>

/** 6.18.15 lacks the fix with which what is asked is recorded. */
const kept = { '6.12': null, '6.18': 'audited', '7.3': 'decision' } as const satisfies Record<Profile, Keeps | null>

const made = new Map<Profile, Release>()

/** The classes, permissions and versions of a kernel release. Throws OptionError for one that has no rules here. */
export const releaseOf = (profile: Profile): Release => {
  const known = made.get(profile)
  if (known !== undefined) return known
  kernelRules(profile)
  const { policyVersion, capabilities } = policies[profile]
  const isLater = laterUpTo(profile).length > 0
  const release = {
    classes: classesOf(profile), policyVersion, policyCapabilities: policycapNames.slice(0, capabilities),
    asksKernelReads: isLater, watchesNamespaces: isLater,
    asksBpfTokens: capabilities === policycapNames.length, hasDccp: !isLater,
    retired: new Set<RetiredFile>(retired[profile]), warnsOfUser: profile === '6.18',
    checksFastOpen: profile !== '6.18', movesStates: profile === '7.3',
    keeps: kept[profile],
  }
  made.set(profile, release)
  return release
}
