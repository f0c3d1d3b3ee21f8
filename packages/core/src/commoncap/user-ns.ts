/** User and group ids across user namespaces (kernel/user_namespace.c). A kuid is a number of the initial namespace. */
import type { Cred, UidGidExtent, UserNamespace } from '../objects/cred.ts'

/** `(uid_t)-1`: no id. Ids are unsigned; a caller's -1 becomes this by `>>> 0`. */
export const INVALID_UID = 0xffffffff
export const INVALID_GID = 0xffffffff

/** Shown for an id that has no name in the namespace (/proc/sys/kernel/overflowuid). */
export const DEFAULT_OVERFLOWUID = 65534
export const DEFAULT_OVERFLOWGID = 65534

/** The number of the first user namespace on nsfs. */
const PROC_USER_INIT_INO = 0xeffffffd

const everyId: readonly UidGidExtent[] = [{ first: 0, lower_first: 0, count: 0xffffffff }]

/** `init_user_ns` of a fresh kernel: every id maps to itself, level 0, owned by uid 0. */
export const initUserNamespace = (): UserNamespace => ({
  parent: null,
  level: 0,
  inum: PROC_USER_INIT_INO,
  owner: 0,
  group: 0,
  uid_map: everyId,
  gid_map: everyId,
  parent_could_setfcap: true,
  flags: 1,
})

/** `&init_user_ns` as seen from any namespace of the same kernel. */
export const init_user_ns_of = (ns: UserNamespace): UserNamespace => {
  let root = ns
  while (root.parent !== null) root = root.parent
  return root
}

/** As `map_id_down`: an id of the namespace to an id below it, INVALID_UID when no extent has it. */
export const map_id_down = (map: readonly UidGidExtent[], id: number): number => {
  for (const extent of map) {
    const offset = id - extent.first
    if (offset >= 0 && offset < extent.count) return extent.lower_first + offset
  }
  return INVALID_UID
}

/** As `map_id_up`: the way back. */
export const map_id_up = (map: readonly UidGidExtent[], id: number): number => {
  for (const extent of map) {
    const offset = id - extent.lower_first
    if (offset >= 0 && offset < extent.count) return extent.first + offset
  }
  return INVALID_UID
}

/** The kuid of `uid` as `ns` counts, INVALID_UID when it is not mapped there. */
export const make_kuid = (ns: UserNamespace, uid: number): number => map_id_down(ns.uid_map, uid >>> 0)
export const make_kgid = (ns: UserNamespace, gid: number): number => map_id_down(ns.gid_map, gid >>> 0)

/** The name of `kuid` in `ns`, INVALID_UID if it has none there. */
export const from_kuid = (ns: UserNamespace, kuid: number): number => map_id_up(ns.uid_map, kuid)
export const from_kgid = (ns: UserNamespace, kgid: number): number => map_id_up(ns.gid_map, kgid)

/** As `from_kuid`, with the overflow id for one that has no name: what getuid(2) and stat(2) show. */
export const from_kuid_munged = (ns: UserNamespace, kuid: number, overflow = DEFAULT_OVERFLOWUID): number => {
  const uid = from_kuid(ns, kuid)
  return uid === INVALID_UID ? overflow : uid
}
export const from_kgid_munged = (ns: UserNamespace, kgid: number, overflow = DEFAULT_OVERFLOWGID): number => {
  const gid = from_kgid(ns, kgid)
  return gid === INVALID_GID ? overflow : gid
}

export const uid_valid = (kuid: number): boolean => kuid !== INVALID_UID
export const gid_valid = (kgid: number): boolean => kgid !== INVALID_GID

export const kuid_has_mapping = (ns: UserNamespace, kuid: number): boolean => from_kuid(ns, kuid) !== INVALID_UID
export const kgid_has_mapping = (ns: UserNamespace, kgid: number): boolean => from_kgid(ns, kgid) !== INVALID_GID

/** Whether `child` is `ancestor` or below it. */
export const in_userns = (ancestor: UserNamespace, child: UserNamespace): boolean => {
  let ns: UserNamespace | null = child
  while (ns !== null && ns.level > ancestor.level) ns = ns.parent
  return ns === ancestor
}

/** As `in_group_p`, asked of a cred: the fsgid or a supplementary group. */
export const in_group = (cred: Cred, kgid: number): boolean =>
  cred.fsgid === kgid || cred.group_info.gid.includes(kgid)

/** As `in_egroup_p`. */
export const in_egroup = (cred: Cred, kgid: number): boolean =>
  cred.egid === kgid || cred.group_info.gid.includes(kgid)
