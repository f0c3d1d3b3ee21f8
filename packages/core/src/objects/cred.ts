/** Credentials and user namespaces (include/linux/{cred,user_namespace}.h). */
import { CapSet } from '@lsmkit/abi'
import { num, opt, part, ptr } from './field.ts'
import type { ObjectOf } from './field.ts'
import type { Key } from './key.ts'
import type { Secured, Security } from './secured.ts'

/** One extent of a uid or gid map: `count` ids from `first` in the namespace are `lower_first`… in the initial one. */
export interface UidGidExtent {
  first: number
  lower_first: number
  count: number
}

/** A user namespace. The initial one has level 0, no parent, and is owned by uid 0. */
export interface UserNamespace {
  readonly parent: UserNamespace | null
  readonly level: number
  /** kuid and kgid of the creator (its effective ids). */
  owner: number
  group: number
  uid_map: readonly UidGidExtent[]
  gid_map: readonly UidGidExtent[]
  /** Whether the creator had CAP_SETFCAP in the parent: mapping uid 0 of the parent needs it. */
  parent_could_setfcap: boolean
  /** USERNS_SETGROUPS_ALLOWED is bit 0. */
  flags: number
}

/** Supplementary groups, sorted, kgids. Shared between creds and never changed in place. */
export interface GroupInfo {
  readonly gid: readonly number[]
}

/** `struct cred`. Ids are kuids and kgids: numbers of the initial namespace. */
export const credFields = {
  /** References; the last one's end is told by cred_free. */
  usage: num('long', 1),
  uid: num('kuid_t'),
  gid: num('kgid_t'),
  suid: num('kuid_t'),
  sgid: num('kgid_t'),
  euid: num('kuid_t'),
  egid: num('kgid_t'),
  fsuid: num('kuid_t'),
  fsgid: num('kgid_t'),
  securebits: num('unsigned int'),
  cap_inheritable: part('kernel_cap_t', () => new CapSet()),
  cap_permitted: part('kernel_cap_t', () => new CapSet()),
  cap_effective: part('kernel_cap_t', () => new CapSet()),
  cap_bset: part('kernel_cap_t', () => new CapSet()),
  cap_ambient: part('kernel_cap_t', () => new CapSet()),
  jit_keyring: num('u8'),
  session_keyring: opt<Key>('struct key *'),
  process_keyring: opt<Key>('struct key *'),
  thread_keyring: opt<Key>('struct key *'),
  request_key_auth: opt<Key>('struct key *'),
  security: opt<Security>('void *'),
  user_ns: ptr<UserNamespace>('struct user_namespace *'),
  group_info: part<GroupInfo>('struct group_info *', () => ({ gid: [] })),
}
export interface Cred extends ObjectOf<typeof credFields>, Secured {}
