/** The layers of an overlay: mounts of its own, checked against one another (fs/overlayfs/super.c). */
import { EBUSY, EINVAL, ELOOP, MNT_NOATIME, MNT_NODIRATIME, MNT_READONLY, MNT_RELATIME, SB_NOSEC } from '@lsmkit/abi'
import type { Dentry, Inode, Path, SuperBlock } from '@lsmkit/core'
import type { Machine } from '../../machine.ts'
import { Kstatfs } from '../../state/vfs/kstat.ts'
import { mntIsReadonly } from '../../state/vfs/mount.ts'
import type { Mount } from '../../state/vfs/mount.ts'
import { FILESYSTEM_MAX_STACK_DEPTH, superState } from '../../state/vfs/state.ts'
import { allowOfflineChanges } from './config.ts'
import { ovlFs } from './node.ts'
import type { OvlFs, OvlLayer, OvlPath } from './node.ts'
import { isNullUuid, sameBytes, uuidOf, canDecode } from './origin.ts'
import type { OvlOptions } from './params.ts'
import { setTrap, isTrap } from './inodes.ts'

export const lockInUse = (machine: Machine, dentry: Dentry): boolean => {
  const inode = dentry.d_inode as Inode
  if (machine.overlayTable.inUse.has(inode)) return false
  machine.overlayTable.inUse.add(inode)
  return true
}

const unlockInUse = (
  machine: Machine, dentry: Dentry,
): void => void machine.overlayTable.inUse.delete(dentry.d_inode as Inode)

const isInUse = (machine: Machine, dentry: Dentry): boolean => machine.overlayTable.inUse.has(dentry.d_inode as Inode)

/** Only with an index is it an error; else both overlays do as they please. */
export const reportInUse = (ofs: OvlFs): number => (ofs.config.index ? -EBUSY : 0)

export const setLayerTrap = (machine: Machine, ofs: OvlFs, sb: SuperBlock, dir: Dentry): Inode | number => {
  const inode = setTrap(machine, sb, dir)
  if (typeof inode !== 'number') ofs.traps.add(inode)
  return inode
}

export const dropLayerTrap = (machine: Machine, ofs: OvlFs, inode: Inode): void => {
  ofs.traps.delete(inode)
  machine.vfs.iput(inode)
}

const checkNamelen = (machine: Machine, ofs: OvlFs, { dentry }: Path): number => {
  const stat = new Kstatfs()
  const rc = machine.vfs.statfs_by_dentry(dentry, stat)
  if (rc === 0) ofs.namelen = Math.max(ofs.namelen, stat.f_namelen)
  return rc
}

const clone = (machine: Machine, path: Path, flags: number, without: number): Mount | number => {
  const mnt = machine.vfs.clone_private_mount(path)
  if (typeof mnt !== 'number') mnt.mnt_flags = (mnt.mnt_flags & ~without) | flags
  return mnt
}

export const getUpper = (machine: Machine, sb: SuperBlock, upper: Path): number => {
  const ofs = ovlFs(sb)
  if (mntIsReadonly(upper.mnt)) return -EINVAL
  const rc = checkNamelen(machine, ofs, upper)
  if (rc !== 0) return rc
  const inode = setLayerTrap(machine, ofs, sb, upper.dentry)
  if (typeof inode === 'number') return inode
  const mnt = clone(machine, upper, 0, MNT_NOATIME | MNT_NODIRATIME | MNT_RELATIME)
  if (typeof mnt === 'number') return mnt
  ofs.upper = { mnt, trap: inode, idx: 0, fsid: 0, has_xwhiteouts: false }
  sb.s_flags |= mnt.mnt_sb.s_flags & SB_NOSEC
  if (lockInUse(machine, upper.dentry)) ofs.upperdir_locked = true
  else return reportInUse(ofs)
  return 0
}

/** Turns features off that a lower file system does not support. */
const checkLowerFs = (machine: Machine, ofs: OvlFs, sb: SuperBlock): void => {
  const { config } = ofs
  const handles = canDecode(machine, sb)
  if ((config.nfs_export || (config.index && config.upperdir !== null)) && !handles) {
    config.index = config.nfs_export = false
  }
  ofs.nofh ||= !handles
  if (config.xino === 'auto' && config.upperdir !== null && !handles) config.xino = 'off'
}

/** Handles name a file system by its uuid, so they are not used if two have the same uuid or one has none. */
const uuidIsUnique = (ofs: OvlFs, uuid: Uint8Array): boolean => {
  if (!ofs.config.nfs_export && ofs.upper === null) return true
  if (allowOfflineChanges(ofs.config) && isNullUuid(uuid)) return false
  const same = ofs.fs.find(({ is_lower, sb }) => is_lower && sb !== null && sameBytes(uuidOf(sb), uuid))
  if (same !== undefined) same.bad_uuid = true
  return same === undefined
}

const fsidOf = (machine: Machine, ofs: OvlFs, sb: SuperBlock): number => {
  const known = ofs.fs.findIndex((one) => one.sb === sb)
  if (known >= 0) return known
  const bad_uuid = !uuidIsUnique(ofs, uuidOf(sb))
  const { config } = ofs
  if (bad_uuid) {
    if (config.xino === 'auto') config.xino = 'off'
    config.index = config.nfs_export = false
  }
  ofs.fs.push({ sb, pseudo_dev: machine.vfs.anonymousDev(), bad_uuid, is_lower: false })
  return ofs.fs.length - 1
}

const addLower = (machine: Machine, sb: SuperBlock, path: Path, isData: boolean): number => {
  const ofs = ovlFs(sb)
  const fsid = isData ? -1 : fsidOf(machine, ofs, path.mnt.mnt_sb)
  const inode = setLayerTrap(machine, ofs, sb, path.dentry)
  if (typeof inode === 'number') return inode
  const rc = isInUse(machine, path.dentry) ? reportInUse(ofs) : 0
  if (rc !== 0) return rc
  const mnt = clone(machine, path, MNT_READONLY | MNT_NOATIME, 0)
  if (typeof mnt === 'number') return mnt
  ofs.lower.push({ mnt, trap: inode, idx: ofs.lower.length + 1, fsid, has_xwhiteouts: false })
  const fs = ofs.fs[fsid]
  if (fs !== undefined) fs.is_lower = true
  return 0
}

/** High bits of an inode number that hold the number of the file system. */
const settleXino = (ofs: OvlFs): void => {
  const count = ofs.fs.length - (ofs.upper === null ? 1 : 0)
  if (count === 1) ofs.xino_mode = 0
  else ofs.xino_mode = ofs.config.xino === 'off' ? -1 : Math.floor(Math.log2(ofs.fs.length - 1)) + 2
}

export const getLower = (
  machine: Machine, sb: SuperBlock, { config, lower, nr_data }: OvlOptions,
): OvlPath[] | number => {
  const ofs = ovlFs(sb)
  if ((config.upperdir === null && lower.length === 1) || lower.length === nr_data) return -EINVAL
  const state = superState(sb)
  for (const { path } of lower) {
    const rc = checkNamelen(machine, ofs, path)
    if (rc !== 0) return rc
    state.s_stack_depth = Math.max(state.s_stack_depth, superState(path.mnt.mnt_sb).s_stack_depth)
    checkLowerFs(machine, ofs, path.mnt.mnt_sb)
  }
  if (++state.s_stack_depth > FILESYSTEM_MAX_STACK_DEPTH) return -EINVAL
  // the first is for the upper layer, even if there is none
  ofs.fs.push({
    sb: ofs.upper === null ? null : ofs.upper.mnt.mnt_sb, pseudo_dev: machine.vfs.anonymousDev(), bad_uuid: false,
    is_lower: false,
  })
  const merged = lower.length - nr_data
  for (const [i, { path }] of lower.entries()) {
    const rc = addLower(machine, sb, path, i >= merged)
    if (rc !== 0) return rc
  }
  settleXino(ofs)
  ofs.numdatalayer = nr_data
  return ofs.lower.slice(0, merged).map((layer: OvlLayer) => ({ layer, dentry: layer.mnt.mnt_root }))
}

/** Upwards from the root of a layer nothing may be another layer, or in use by another overlay. */
const checkAncestors = (machine: Machine, sb: SuperBlock, dentry: Dentry, isLower: boolean): number => {
  for (let at = dentry.d_parent; at !== null; at = at.d_parent) {
    if (isLower && isTrap(sb, at)) return -ELOOP
    const rc = isInUse(machine, at) ? reportInUse(ovlFs(sb)) : 0
    if (rc !== 0) return rc
  }
  return 0
}

export const checkOverlapping = (machine: Machine, sb: SuperBlock): number => {
  const { upper, workbasedir, lower } = ovlFs(sb)
  let rc = upper === null ? 0 : checkAncestors(machine, sb, upper.mnt.mnt_root, false)
  if (rc === 0 && workbasedir !== null) rc = checkAncestors(machine, sb, workbasedir, false)
  for (const { mnt } of lower) rc ||= checkAncestors(machine, sb, mnt.mnt_root, true)
  return rc
}

/** Releases everything, in any state of the mount. */
export const freeLayers = (machine: Machine, ofs: OvlFs): void => {
  for (const inode of ofs.traps) dropLayerTrap(machine, ofs, inode)
  if (ofs.workdir_locked && ofs.workbasedir !== null) unlockInUse(machine, ofs.workbasedir)
  if (ofs.upperdir_locked && ofs.upper !== null) unlockInUse(machine, ofs.upper.mnt.mnt_root)
  for (const layer of [...(ofs.upper === null ? [] : [ofs.upper]), ...ofs.lower.splice(0)]) machine.vfs.mntput(
    layer.mnt,
  )
  ofs.upper = null
}
