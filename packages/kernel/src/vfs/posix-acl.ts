/** POSIX ACLs: their encoding, permission checks, and how they follow the mode bits (fs/posix_acl.c). */
import {
  EACCES, EINVAL, EIO, EOPNOTSUPP, MAY_EXEC, MAY_READ, MAY_WRITE, S_IRWXG, S_IRWXO, S_IRWXU, S_IRWXUGO,
  XATTR_NAME_POSIX_ACL_ACCESS, XATTR_NAME_POSIX_ACL_DEFAULT,
} from '@lsmkit/abi'
import {
  from_kgid, from_kuid, from_vfsgid, from_vfsuid, i_gid_into_vfsgid, i_uid_into_vfsuid, in_group, INVALID_GID,
  INVALID_UID, kgid_has_mapping, kuid_has_mapping, make_kgid, make_kuid, make_vfsgid, make_vfsuid, nop_mnt_idmap,
} from '@lsmkit/core'
import type { Cred, Inode, MntIdmap, PosixAcl, UserNamespace } from '@lsmkit/core'

export const ACL_USER_OBJ = 0x01
export const ACL_USER = 0x02
export const ACL_GROUP_OBJ = 0x04
export const ACL_GROUP = 0x08
export const ACL_MASK = 0x10
export const ACL_OTHER = 0x20
const ACL_UNDEFINED_ID = 0xffffffff

const VERSION = 2
const HEADER = 4
const ENTRY = 8

type Entry = PosixAcl['entries'][number]

export const isPosixAclXattr = (name: string): boolean =>
  name === XATTR_NAME_POSIX_ACL_ACCESS || name === XATTR_NAME_POSIX_ACL_DEFAULT

/** The kernel id of an entry, from an id in the caller's user namespace. ACL_UNDEFINED_ID for a tag without an id. */
const idFromUser = (user_ns: UserNamespace, tag: number, id: number): number => {
  if (tag === ACL_USER) return make_kuid(user_ns, id)
  if (tag === ACL_GROUP) return make_kgid(user_ns, id)
  return ACL_UNDEFINED_ID
}

const idToUser = (user_ns: UserNamespace, tag: number, id: number): number => {
  if (tag === ACL_USER) return from_kuid(user_ns, id)
  return tag === ACL_GROUP ? from_kgid(user_ns, id) : ACL_UNDEFINED_ID
}

type MapId = (idmap: MntIdmap, fs_userns: UserNamespace, id: number) => number

const mapEntries = (map: MapId, mapGroup: MapId, idmap: MntIdmap, fs_userns: UserNamespace, acl: PosixAcl): PosixAcl =>
  idmap === nop_mnt_idmap
    ? acl
    : {
      entries: acl.entries.map((entry) => {
        if (entry.e_tag === ACL_USER) return { ...entry, e_id: map(idmap, fs_userns, entry.e_id) }
        return entry.e_tag === ACL_GROUP ? { ...entry, e_id: mapGroup(idmap, fs_userns, entry.e_id) } : entry
      }),
    }

/** Maps an ACL that was given through a mount to ids of the file system. Unmapped ids are refused later. */
export const acl_into_fs = (idmap: MntIdmap, fs_userns: UserNamespace, acl: PosixAcl): PosixAcl =>
  mapEntries(from_vfsuid, from_vfsgid, idmap, fs_userns, acl)

/** Maps an ACL of the file system to the ids that a mount shows. */
export const acl_into_mount = (idmap: MntIdmap, fs_userns: UserNamespace, acl: PosixAcl): PosixAcl =>
  mapEntries(make_vfsuid, make_vfsgid, idmap, fs_userns, acl)

/** Decodes the attribute: an ACL, null if it has no entries, -EINVAL, or -EOPNOTSUPP for another version. */
export const posix_acl_from_xattr = (user_ns: UserNamespace, value: Uint8Array): PosixAcl | null | number => {
  if (value.length < HEADER) return -EINVAL
  const view = new DataView(value.buffer, value.byteOffset, value.byteLength)
  if (view.getUint32(0, true) !== VERSION) return -EOPNOTSUPP
  if ((value.length - HEADER) % ENTRY !== 0) return -EINVAL
  const entries: Entry[] = []
  for (let at = HEADER; at < value.length; at += ENTRY) {
    const e_tag = view.getUint16(at, true)
    if (!KNOWN_TAGS.has(e_tag)) return -EINVAL
    const e_id = idFromUser(user_ns, e_tag, view.getUint32(at + 4, true))
    if ((e_tag === ACL_USER && e_id === INVALID_UID) || (e_tag === ACL_GROUP && e_id === INVALID_GID)) return -EINVAL
    entries.push({ e_tag, e_perm: view.getUint16(at + 2, true), e_id })
  }
  return entries.length === 0 ? null : { entries }
}
const KNOWN_TAGS: ReadonlySet<number> = new Set([ACL_USER_OBJ, ACL_USER, ACL_GROUP_OBJ, ACL_GROUP, ACL_MASK, ACL_OTHER])

export const posix_acl_to_xattr = (user_ns: UserNamespace, { entries }: PosixAcl): Uint8Array => {
  const value = new Uint8Array(HEADER + ENTRY * entries.length)
  const view = new DataView(value.buffer)
  view.setUint32(0, VERSION, true)
  entries.forEach(({ e_tag, e_perm, e_id }, i) => {
    const at = HEADER + ENTRY * i
    view.setUint16(at, e_tag, true)
    view.setUint16(at + 2, e_perm, true)
    view.setUint32(at + 4, idToUser(user_ns, e_tag, e_id) >>> 0, true)
  })
  return value
}

/** The valid order of entries: owner, users, owning group, groups, mask (needed with users or groups), others. */
export const posix_acl_valid = (user_ns: UserNamespace, { entries }: PosixAcl): number => {
  let state = ACL_USER_OBJ
  let needsMask = false
  for (const { e_tag, e_perm, e_id } of entries) {
    if ((e_perm & ~7) !== 0) return -EINVAL
    if (e_tag === ACL_USER_OBJ && state === ACL_USER_OBJ) state = ACL_USER
    else if (e_tag === ACL_GROUP_OBJ && state === ACL_USER) state = ACL_GROUP
    else if (e_tag === ACL_MASK && state === ACL_GROUP) state = ACL_OTHER
    else if (e_tag === ACL_OTHER && (state === ACL_OTHER || (state === ACL_GROUP && !needsMask))) state = 0
    else if (e_tag === ACL_USER && state === ACL_USER && kuid_has_mapping(user_ns, e_id)) needsMask = true
    else if (e_tag === ACL_GROUP && state === ACL_GROUP && kgid_has_mapping(user_ns, e_id)) needsMask = true
    else return -EINVAL
  }
  return state === 0 ? 0 : -EINVAL
}

const masked = ({ entries }: PosixAcl, entry: Entry, want: number): number => {
  const mask = entries.find(({ e_tag }) => e_tag === ACL_MASK)
  const perm = mask === undefined ? entry.e_perm : entry.e_perm & mask.e_perm
  return (perm & want) === want ? 0 : -EACCES
}

/**
 * As `posix_acl_permission`: 0 or -EACCES. The first entry that matches the caller decides; of several group entries,
 * any that grants all.
 */
export const posix_acl_permission = (
  idmap: MntIdmap,
  inode: Inode,
  acl: PosixAcl,
  cred: Cred,
  mask: number,
): number => {
  const want = mask & (MAY_READ | MAY_WRITE | MAY_EXEC)
  const fs_ns = inode.i_sb.s_user_ns
  let found = false
  for (const entry of acl.entries) {
    const { e_tag, e_perm, e_id } = entry
    const allows = (e_perm & want) === want
    if (e_tag === ACL_USER_OBJ && i_uid_into_vfsuid(idmap, inode) === cred.fsuid) return allows ? 0 : -EACCES
    if (e_tag === ACL_USER && make_vfsuid(idmap, fs_ns, e_id) === cred.fsuid) return masked(acl, entry, want)
    let group = INVALID_GID
    if (e_tag === ACL_GROUP_OBJ) group = i_gid_into_vfsgid(idmap, inode)
    else if (e_tag === ACL_GROUP) group = make_vfsgid(idmap, fs_ns, e_id)
    if (group !== INVALID_GID && in_group(cred, group)) {
      found = true
      if (allows) return masked(acl, entry, want)
    }
    if (e_tag === ACL_OTHER) return found || !allows ? -EACCES : 0
  }
  return -EIO
}

/** As `posix_acl_equiv_mode`: the permission bits of an ACL, and whether they are equivalent to it. */
export const posix_acl_equiv_mode = (acl: PosixAcl): { readonly mode: number; readonly exact: boolean } => {
  let mode = 0
  let exact = true
  for (const { e_tag, e_perm } of acl.entries) {
    if (e_tag === ACL_USER_OBJ) mode |= e_perm << 6
    else if (e_tag === ACL_GROUP_OBJ) mode |= e_perm << 3
    else if (e_tag === ACL_OTHER) mode |= e_perm
    else exact = false
    if (e_tag === ACL_MASK) mode = (mode & ~S_IRWXG) | (e_perm << 3)
  }
  return { mode, exact }
}

const clone = ({ entries }: PosixAcl): PosixAcl => ({ entries: entries.map((entry) => ({ ...entry })) })

/** The entry that the group bits of the mode show: the mask if there is one, else the owning group. */
const groupClass = ({ entries }: PosixAcl): Entry | undefined =>
  entries.find(({ e_tag }) => e_tag === ACL_MASK) ?? entries.find(({ e_tag }) => e_tag === ACL_GROUP_OBJ)

/** As `posix_acl_create_masq`: the ACL and mode of a new file, each reduced to what the other allows, or -EIO. */
export const posix_acl_create_masq = (
  from: PosixAcl,
  mode: number,
): { readonly acl: PosixAcl; readonly mode: number; readonly exact: boolean } | number => {
  const acl = clone(from)
  const group = groupClass(acl)
  if (group === undefined) return -EIO
  let bits = mode
  for (const entry of acl.entries) {
    if (entry.e_tag === ACL_USER_OBJ) {
      entry.e_perm &= (bits >> 6) | ~S_IRWXO
      bits &= (entry.e_perm << 6) | ~S_IRWXU
    } else if (entry.e_tag === ACL_OTHER) {
      entry.e_perm &= bits | ~S_IRWXO
      bits &= entry.e_perm | ~S_IRWXO
    }
  }
  group.e_perm &= (bits >> 3) | ~S_IRWXO
  bits &= (group.e_perm << 3) | ~S_IRWXG
  return { acl, mode: (mode & ~S_IRWXUGO) | (bits & S_IRWXUGO), exact: posix_acl_equiv_mode(acl).exact }
}

/** The ACL after chmod(2). */
export const posix_acl_chmod_masq = (from: PosixAcl, mode: number): PosixAcl | number => {
  const acl = clone(from)
  const group = groupClass(acl)
  if (group === undefined) return -EIO
  for (const entry of acl.entries) {
    if (entry.e_tag === ACL_USER_OBJ) entry.e_perm = (mode & S_IRWXU) >> 6
    else if (entry.e_tag === ACL_OTHER) entry.e_perm = mode & S_IRWXO
  }
  group.e_perm = (mode & S_IRWXG) >> 3
  return acl
}
