/** Profiles as they were read: names as written, variables not replaced, conditions on variables decided. */
import type { RuleMode } from '../dfa/mark.ts'
import type { Place } from './place.ts'

/** The words in front of a rule. */
export interface Prefix {
  readonly priority: number
  readonly audit: boolean
  readonly mode: RuleMode | null
  readonly owner: 'owner' | 'other' | null
}

/** `name=value`, `name=(values)` or `name in (values)`. */
export interface Condition {
  readonly name: string
  readonly values: readonly string[] | null
  readonly equals: boolean
  readonly place: Place
}

/** A rule of files, links, or `change_profile` (a bit of `perms` distinguishes them). */
export interface FileEntry {
  readonly place: Place
  name: string
  /** Permission bits of `file-perms.ts`: 14 of the owner, 14 of others, change_profile. */
  perms: number
  /** Target of a link; of `change_profile` the program that must be executed. */
  link: string | null
  /** `-> name` of a rule that executes. */
  target: string | null
  subset: boolean
  mode: RuleMode | null
  audit: boolean
  priority: number
}

/** The fields of all rules except those of files. */
export interface RuleBase {
  readonly place: Place
  priority: number
  mode: RuleMode | null
  audit: boolean
}

/** An address or a range of ports of one end of a connection. */
export interface Endpoint {
  readonly ip: readonly number[] | 'none' | null
  readonly ports: readonly [number, number] | null
}

export interface NetworkRule extends RuleBase {
  readonly kind: 'network'
  readonly perms: number
  /** By family: a mask of socket types and one of protocols. */
  readonly families: ReadonlyMap<number, { readonly types: number, readonly protocols: number }>
  readonly local: Endpoint
  readonly peer: Endpoint
}

export interface MountRule extends RuleBase {
  readonly kind: 'mount'
  perms: number
  mountPoint: string | null
  device: string | null
  fsTypes: string[] | null
  readonly flags: readonly number[]
  readonly optionalFlags: readonly number[]
  /** Target profile of `pivot_root`. */
  readonly transition: string | null
}

export interface DbusRule extends RuleBase {
  readonly kind: 'dbus'
  perms: number
  bus: string | null
  name: string | null
  peerLabel: string | null
  path: string | null
  interface: string | null
  member: string | null
}

export interface SignalRule extends RuleBase {
  readonly kind: 'signal'
  perms: number
  /** Ascending, as AppArmor numbers them. Empty: any. */
  readonly signals: readonly number[]
  peer: string | null
}

export interface PtraceRule extends RuleBase {
  readonly kind: 'ptrace'
  perms: number
  peer: string | null
}

export interface UnixRule extends RuleBase {
  readonly kind: 'unix'
  perms: number
  readonly type: number | null
  label: string | null
  address: string | null
  peerLabel: string | null
  peerAddress: string | null
  /** A kernel without these rules gets a `network unix` rule instead. */
  readonly downgrade: boolean
}

export interface UsernsRule extends RuleBase {
  readonly kind: 'userns'
  perms: number
}

export interface MqueueRule extends RuleBase {
  readonly kind: 'mqueue'
  perms: number
  readonly type: 'posix' | 'sysv' | null
  name: string | null
  label: string | null
}

export interface IoUringRule extends RuleBase {
  readonly kind: 'io_uring'
  perms: number
  readonly label: string | null
}

export interface AllRule extends RuleBase {
  readonly kind: 'all'
}

export type ClassRule =
  | NetworkRule | MountRule | DbusRule | SignalRule | PtraceRule | UnixRule | UsernsRule | MqueueRule | IoUringRule
  | AllRule

export interface CapabilityRule {
  readonly place: Place
  /** Null stands for all. */
  readonly name: string | null
  readonly set: bigint
  readonly audit: boolean
  readonly deny: boolean
}

export interface RlimitRule {
  readonly place: Place
  readonly limit: number
  readonly value: bigint
}

/** Rules of a profile or a block. The order of file rules is that in which the parser keeps them: later ones first. */
export class Body {
  readonly #first: FileEntry[] = []
  readonly #last: FileEntry[] = []
  readonly rules: ClassRule[] = []
  readonly capabilities: CapabilityRule[] = []
  readonly rlimits: RlimitRule[] = []
  readonly children: ProfileNode[] = []

  addFile(entry: FileEntry): void {
    this.#first.push(entry)
  }

  get files(): FileEntry[] {
    return [...this.#first.toReversed(), ...this.#last]
  }

  /** Takes in the rules of a conditional block, behind its own. Limits in it are lost, as in apparmor_parser. */
  merge(other: Body): void {
    this.#last.push(...other.files)
    this.rules.push(...other.rules)
    this.capabilities.push(...other.capabilities)
    this.children.push(...other.children)
  }
}

export interface ProfileFlags {
  mode: 'enforce' | 'complain' | 'kill' | 'unconfined' | 'prompt' | 'default_allow' | null
  audit: boolean
  debug: boolean
  interruptible: boolean
  /** The words that say how paths are looked up. */
  readonly path: Set<string>
  disconnected: string | null
  signal: number | null
  error: number | null
}

export interface ProfileNode {
  readonly place: Place
  readonly namespace: string | null
  name: string
  attachment: string | null
  readonly xattrs: readonly Condition[] | null
  readonly flags: ProfileFlags
  readonly hat: boolean
  readonly body: Body
  /** The brace that closes it. */
  readonly end: Place
}

/** Names declared before the profiles. */
export interface Alias {
  readonly from: string
  readonly to: string
}
