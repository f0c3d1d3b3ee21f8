/** Types of hooks and keys by kernel release. */
import type { LsmTable } from '../generated/lsm-table.ts'
import type { Linux618Table } from '../generated/linux618-table.ts'
import type { Linux73Table } from '../generated/linux73-table.ts'
import type { Profile } from '../kernel-rules.ts'
import type { EntryMap, HookMap, HookName, KeyMap } from './hook-defs.ts'
import type { EntryOf, KeyOf } from './hook-types.ts'
import type { Linux618HookMap, Linux73HookMap, linux618HookDefs, linux73HookDefs } from './release-hook-defs.ts'

type Defs618 = ReturnType<typeof linux618HookDefs>
type Defs73 = ReturnType<typeof linux73HookDefs>

/** Hooks that came after 6.12. */
export type LaterHookName = Exclude<keyof Defs73, HookName>
export type LaterHookMap = Pick<Linux73HookMap, LaterHookName>

/** Hooks that one of the releases does not have. */
type Missing = Exclude<HookName, keyof Defs618> | Exclude<HookName, keyof Defs73>

/** Hooks of which a release has another signature, beyond one more argument at the end. */
type Changed =
  | 'audit_rule_match' | 'dentry_init_security' | 'secid_to_secctx' | 'release_secctx' | 'inode_getsecctx'
  | 'inode_listsecurity'

/** One more argument at the end, which 6.12 does not look at. */
type Longer = 'bpf' | 'bpf_map_create' | 'bpf_prog_load'

/**
 * The keys of a stack of any release: what all have alike, and as optional ones those that some do not have. Those that
 * changed are not here: `secidContext`, `currentLabel` and `securityNames` ask them in the form of the release.
 */
export type AnyKeyMap =
  & Omit<KeyMap, Missing | Changed | Longer>
  & { readonly [N in Longer]: KeyOf<Defs73[N]> }
  & { readonly [N in Missing & keyof Defs73]?: KeyMap[N] }
  & { readonly [N in Exclude<LaterHookName, `${string}lsmprop${string}`>]?: KeyOf<Defs73[N]> }

/** The keys of a stack by its release; of one that is not known, those that any has. */
export type KeysOf<P extends Profile> =
  [P] extends ['6.12'] ? LsmTable
    : [P] extends ['6.18'] ? Linux618Table
    : [P] extends ['7.3'] ? Linux73Table
    : AnyKeyMap

/** The hooks that a program may be on, by release; of one that is not known, all of 6.12 and those that came later. */
export type HookMapOf<P extends Profile> =
  [P] extends ['6.12'] ? HookMap
    : [P] extends ['6.18'] ? Linux618HookMap
    : [P] extends ['7.3'] ? Linux73HookMap
    : HookMap & LaterHookMap

type EntriesOf<Defs> = { readonly [N in keyof Defs]: EntryOf<Defs[N]> }

/** The framework functions that an observer watches, by release. */
export type EntryMapOf<P extends Profile> =
  [P] extends ['6.12'] ? EntryMap
    : [P] extends ['6.18'] ? EntriesOf<Defs618>
    : [P] extends ['7.3'] ? EntriesOf<Defs73>
    : EntryMap & Pick<EntriesOf<Defs73>, LaterHookName>
