/** A scenario as data: who there is, what there is, what is done, and what must come of it. */
import type { Profile } from '@lsmkit/core'

/** One scenario, as a file or an object gives it. */
export interface Scenario {
  readonly title: string
  /** LSMs by name, in this order. */
  readonly lsms: readonly string[]
  /** Those of them whose refusals are recorded and not obeyed. */
  readonly permissive: readonly string[]
  /** The options of each LSM: `{ smack: { appendSignals: true } }`. */
  readonly options: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  /** Boot arguments: `lsm=… security=…`. */
  readonly cmdline: string | null
  /** The kernel release whose hooks and rules hold; null: 6.12. */
  readonly kernel: Profile | null
  readonly sysctl: Readonly<Record<string, number>>
  /** In this order, made by process 1. */
  readonly objects: readonly ObjectSpec[]
  /** Made in this order after the objects. `init` is there without being named. */
  readonly identities: readonly IdentitySpec[]
  /** Texts written to files when all else is there: rules to `/sys/fs/smackfs/load2`. */
  readonly write: readonly WriteSpec[]
  readonly steps: readonly Step[]
  /** Where its LSMs are named, or where it begins. */
  readonly place: string
}

/** One text, for the LSM of the stack that has labels; by LSM where several have: `{ selinux: …, smack: … }`. */
export type Label = string | Readonly<Record<string, string>>

export type ObjectKind = 'dir' | 'file' | 'program' | 'symlink' | 'link' | 'fifo' | 'mount'

export interface ObjectSpec {
  readonly path: string
  readonly kind: ObjectKind
  /** Contents of a file, target of a symlink, the other name of a hard link, type of a mount; '' else. */
  readonly value: string
  readonly mode: number | null
  readonly uid: number | null
  readonly gid: number | null
  /** A text goes to the first `security.*` name that listxattr(2) shows. */
  readonly label: Label | null
  readonly xattrs: Readonly<Record<string, string>>
  readonly place: string
}

export interface IdentitySpec {
  readonly name: string
  /** All of real, effective, saved and file-system id. */
  readonly uid: number
  readonly gid: number
  readonly groups: readonly number[]
  /** Capabilities it keeps, by number; null: all for uid 0 and none for others. */
  readonly caps: readonly number[] | null
  /** Set after ids and capabilities; before them where the LSM asks for privilege. */
  readonly label: Label | null
  readonly place: string
}

export interface WriteSpec {
  readonly path: string
  readonly text: string
  readonly place: string
}

export interface Step {
  readonly as: string
  readonly call: string
  readonly args: readonly unknown[]
  /** Names the result, a child, or the numbers a call has handed out (pipe2), for `$name` in later arguments. */
  readonly save: readonly string[]
  readonly expect: Expectation
  /** Where it stands, for people, as every `place` here: `file.yaml:12`. */
  readonly place: string
}

/** Fields of struct stat that a step can look at. */
export const STAT_FIELDS = ['mode', 'nlink', 'uid', 'gid', 'size', 'ino', 'rdev'] as const

/** A field as people read it: `mode` is octal. */
export const statText = (field: string, value: number): number | string =>
  field === 'mode' ? `0${value.toString(8)}` : value

/** A missing field may have any value; without `errno` and `rc` the call must succeed. */
export interface Expectation {
  /** Name of an errno, `BLOCKS` for a call that would sleep, or null: it succeeds. */
  readonly errno: string | null
  readonly rc: number | null
  /** The bytes that were read. */
  readonly data: string | null
  /** Fields of struct stat. */
  readonly stat: Readonly<Record<string, number>> | null
  /** The LSM and the hook that refused; '' for nobody. */
  readonly by: string | null
  readonly hook: string | null
  /** Labels afterwards, by path or by identity. */
  readonly label: Readonly<Record<string, Label>>
  /** Fragments of the records the call left, in this order; null is not asked, an empty list is not a record. */
  readonly audit: readonly string[] | null
}
