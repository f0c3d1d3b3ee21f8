/** Ids as an id-mapped mount shows them (fs/mnt_idmapping.c). A vfsuid is a kuid seen through a mount. */
import type { UserNamespace } from '../objects/cred.ts'
import { nop_mnt_idmap } from '../objects/fs.ts'
import type { Inode, MntIdmap } from '../objects/fs.ts'
import {
  from_kgid, from_kuid, INVALID_GID, INVALID_UID, make_kgid, make_kuid, map_id_down, map_id_up,
} from './user-ns.ts'

/** The vfsuid of a kuid of a file system that belongs to `fs_userns`; INVALID_UID when the mount has none for it. */
export const make_vfsuid = (idmap: MntIdmap, fs_userns: UserNamespace, kuid: number): number => {
  if (idmap === nop_mnt_idmap) return kuid
  const uid = from_kuid(fs_userns, kuid)
  return uid === INVALID_UID ? INVALID_UID : map_id_down(idmap.uid_map, uid)
}
export const make_vfsgid = (idmap: MntIdmap, fs_userns: UserNamespace, kgid: number): number => {
  if (idmap === nop_mnt_idmap) return kgid
  const gid = from_kgid(fs_userns, kgid)
  return gid === INVALID_GID ? INVALID_GID : map_id_down(idmap.gid_map, gid)
}

/** The way back: the kuid that the file system has to store. */
export const from_vfsuid = (idmap: MntIdmap, fs_userns: UserNamespace, vfsuid: number): number => {
  if (idmap === nop_mnt_idmap) return vfsuid
  const uid = map_id_up(idmap.uid_map, vfsuid)
  return uid === INVALID_UID ? INVALID_UID : make_kuid(fs_userns, uid)
}
export const from_vfsgid = (idmap: MntIdmap, fs_userns: UserNamespace, vfsgid: number): number => {
  if (idmap === nop_mnt_idmap) return vfsgid
  const gid = map_id_up(idmap.gid_map, vfsgid)
  return gid === INVALID_GID ? INVALID_GID : make_kgid(fs_userns, gid)
}

export const i_uid_into_vfsuid = (idmap: MntIdmap, inode: Inode): number =>
  make_vfsuid(idmap, inode.i_sb.s_user_ns, inode.i_uid)
export const i_gid_into_vfsgid = (idmap: MntIdmap, inode: Inode): number =>
  make_vfsgid(idmap, inode.i_sb.s_user_ns, inode.i_gid)
