/** Credentials and user namespaces (include/linux/{cred,user_namespace}.h). */
import { CapSet } from '@lsmkit/abi'
import { num, opt, part, ptr } from './field.ts'
import type { ObjectOf } from './field.ts'
import type { Key } from './key.ts'
import type { Secured, Security } from './secured.ts'

/** One extent of a uid or gid map: `count` ids from `first` in the namespace are `lower_first`… in the initial one. */
export interface UidGidExtent {
  /** First id in the namespace. */
  first: number
  /** The kuid or kgid that it stands for. */
  lower_first: number
  /** How many ids follow one another. */
  count: number
}

/** A user namespace. The initial one has level 0, no parent, and is owned by uid 0. */
export interface UserNamespace {
  /** The namespace it was made in; null for the initial one. */
  readonly parent: UserNamespace | null
  /** How deep it lies: 0 for the initial one. */
  readonly level: number
  /** Its number on nsfs, as `/proc/PID/ns/user` shows it. */
  readonly inum: number
  /** kuid and kgid of the creator (its effective ids). */
  owner: number
  /** kgid of the creator (its effective id). */
  group: number
  /** Which kuids its user ids stand for. */
  uid_map: readonly UidGidExtent[]
  /** Which kgids its group ids stand for. */
  gid_map: readonly UidGidExtent[]
  /** Whether the creator had CAP_SETFCAP in the parent: mapping uid 0 of the parent needs it. */
  parent_could_setfcap: boolean
  /** USERNS_SETGROUPS_ALLOWED is bit 0. */
  flags: number
}

/** Supplementary groups, sorted, kgids. Shared between creds and never changed in place. */
export interface GroupInfo {
  /** The kgids. */
  readonly gid: readonly number[]
}

/** `struct cred`. Ids are kuids and kgids: numbers of the initial namespace. */
export const credFields = {
  /** References; cred_free reports the end of the last one. */
  usage: num('long', 1),
  /** Real user id, a kuid. */
  uid: num('kuid_t'),
  /** Real group id, a kgid. */
  gid: num('kgid_t'),
  /** Saved user id. */
  suid: num('kuid_t'),
  /** Saved group id. */
  sgid: num('kgid_t'),
  /** Effective user id: what most checks look at. */
  euid: num('kuid_t'),
  /** Effective group id. */
  egid: num('kgid_t'),
  /** User id for access to files; it follows `euid`. */
  fsuid: num('kuid_t'),
  /** Group id for access to files; it follows `egid`. */
  fsgid: num('kgid_t'),
  /** `SECBIT_*` bits: what root means for capabilities. */
  securebits: num('unsigned int'),
  /** Capabilities that execve may hand on. */
  cap_inheritable: part('kernel_cap_t', () => new CapSet()),
  /** Capabilities that may be made effective. */
  cap_permitted: part('kernel_cap_t', () => new CapSet()),
  /** Capabilities that count. Ask through `lsm.capable`, do not look. */
  cap_effective: part('kernel_cap_t', () => new CapSet()),
  /** Bounding set: what execve can give at most. */
  cap_bset: part('kernel_cap_t', () => new CapSet()),
  /** Capabilities that execve keeps for programs without privileges of their own. */
  cap_ambient: part('kernel_cap_t', () => new CapSet()),
  /** `KEY_REQKEY_DEFL_*`: where a key that is requested is linked. */
  jit_keyring: num('u8'),
  /** The session keyring, or null. */
  session_keyring: opt<Key>('struct key *'),
  /** The keyring of the process, or null. */
  process_keyring: opt<Key>('struct key *'),
  /** The keyring of the thread, or null. */
  thread_keyring: opt<Key>('struct key *'),
  /** The authority to make one key, while request_key asks for it. */
  request_key_auth: opt<Key>('struct key *'),
  /** State of the LSMs; read it with your accessor. */
  security: opt<Security>('void *'),
  /** The user namespace in which its capabilities count. */
  user_ns: ptr<UserNamespace>('struct user_namespace *'),
  /** Supplementary groups. */
  group_info: part<GroupInfo>('struct group_info *', () => ({ gid: [] })),
}
/** Credentials of a task: ids, capability sets, keyrings (`struct cred`). A change is made to a copy. */
export interface Cred extends ObjectOf<typeof credFields>, Secured {}
