/** Profiles as a policy binary holds them: what is in the stream, before a kernel has turned it into its own tables. */
import type { Dfa } from '../dfa/dfa.ts'

/** One entry of a permission table (struct aa_perms): words of AA_MAY_* bits, and three indices. Unsigned. */
export interface PermEntry {
  readonly allow: number
  readonly deny: number
  readonly subtree: number
  readonly cond: number
  readonly kill: number
  readonly complain: number
  readonly prompt: number
  readonly audit: number
  readonly quiet: number
  readonly hide: number
  /** AA_X_* bits; with AA_X_TABLE the low 24 bits index `transitions`. */
  readonly xindex: number
  readonly tag: number
  readonly label: number
}

/** The fields of an entry in the order of the stream, after a reserved word. */
export const permFields = [
  'allow', 'deny', 'subtree', 'cond', 'kill', 'complain', 'prompt', 'audit', 'quiet', 'hide', 'xindex', 'tag', 'label',
] as const satisfies readonly (keyof PermEntry)[]

/** Rules as an automaton, and what its accepting states mean (struct aa_policydb). */
export interface Pdb {
  /** Null in the older form: the accept words are permissions then. */
  readonly perms: readonly PermEntry[] | null
  readonly dfa: Dfa | null
  /** State where classes start; null where the stream does not say it, which means DFA_START. */
  readonly start: number | null
  /** State where file names start; null likewise. */
  readonly dfaStart: number | null
  /** Targets of exec rules. `:ns:name` with the second colon, which is a NUL in the stream. Null without a table. */
  readonly transitions: readonly string[] | null
}

export type ProfileMode = 'enforce' | 'complain' | 'kill' | 'unconfined' | 'user'

/** Modes by the number they have in the stream (PACKED_MODE_*). */
export const profileModes = ['enforce', 'complain', 'kill', 'unconfined', 'user'] as const satisfies ProfileMode[]

export interface ProfileFlags {
  readonly hat: boolean
  readonly debug1: boolean
  readonly debug2: boolean
  /** A question to a helper may be interrupted; 6.12 does not know it. */
  readonly interruptible?: boolean
}

/** Sets of capabilities: bit N of a set is capability N. */
export interface ProfileCaps {
  readonly allow: bigint
  readonly audit: bigint
  readonly quiet: bigint
  /** A fourth set that the kernel reads and forgets; the parser writes zeros. */
  readonly dropped: bigint
  /** Not used by any kernel so far. */
  readonly extended: bigint | null
}

export interface ProfileRlimits {
  /** Bit N: limit N is set; numbers of asm-generic/resource.h. */
  readonly mask: number
  readonly limits: readonly bigint[]
}

/** Types of sockets of one family, a bit each. */
export interface FamilyTypes {
  readonly allow: number
  readonly audit: number
  readonly quiet: number
}

export interface Secmark {
  readonly audit: number
  readonly deny: number
  readonly label: string
}

/** PATH_* of path_flags. */
export const PATH_CONNECT_PATH = 0x4
export const PATH_CHROOT_REL = 0x8
export const PATH_CHROOT_NSCONNECT = 0x10
export const PATH_DELEGATE_DELETED = 0x10000
export const PATH_MEDIATE_DELETED = 0x20000

export interface Profile {
  /** The whole name, of a hat or child `parent//name`; without namespace. */
  readonly name: string
  /** From `:ns:name`; null for that of the write. */
  readonly namespace: string | null
  readonly rename: string | null
  /** The attachment as people wrote it, for display. */
  readonly attach: string | null
  /** Names that the profile attaches to; its `dfa` is null without. */
  readonly xmatch: Pdb
  readonly xmatchLength: number
  /** The prefix of names that lead to no root, with attach_disconnected.path. */
  readonly disconnected: string | null
  /** Signal of kill mode, in AppArmor's numbers, and errno of refusals: later kernels know them, 6.12 refuses them. */
  readonly killSignal?: number | null
  readonly refusalErrno?: number | null
  readonly flags: ProfileFlags
  readonly mode: ProfileMode
  /** Everything that is allowed is recorded. */
  readonly auditAll: boolean
  /** PATH_* bits; null where the stream has none, which means PATH_MEDIATE_DELETED. */
  readonly pathFlags: number | null
  readonly caps: ProfileCaps
  readonly xattrs: readonly string[] | null
  readonly rlimits: ProfileRlimits | null
  /** Types of sockets by family, for kernels before 4.17 with the out-of-tree network rules; later ones refuse it. */
  readonly netAllowed?: readonly FamilyTypes[] | null
  readonly secmark: readonly Secmark[] | null
  /** Rules of all classes but files; null without. */
  readonly policydb: Pdb | null
  /** File rules; without a DFA they are in `policydb` or nowhere. */
  readonly file: Pdb
  /** Keys and values for trusted helpers; null without a section. */
  readonly data: ReadonlyMap<string, Uint8Array> | null
}

/** A stream of profiles: what one write to `.load` or `.replace` holds. */
export interface PolicyBinary {
  /** The word of the stream's header: the ABI in the low ten bits, 0x800 to make every profile complain. */
  readonly version: number
  /** The namespace of the header; null for that of the file that is written to. */
  readonly namespace: string | null
  readonly profiles: readonly Profile[]
}

export const FORCE_COMPLAIN = 0x800
export const VERSION_MASK = 0x3ff

/** A policydb without anything. */
export const emptyPdb: Pdb = { perms: null, dfa: null, start: null, dfaStart: null, transitions: null }
