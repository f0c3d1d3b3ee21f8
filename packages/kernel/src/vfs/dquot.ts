/**
 * Disk quotas (fs/quota/dquot.c): use and limits of each user and group. A super block with quotas has a `Quotas`. Each
 * of its inodes counts for the dquot of its owner and the dquot of its group.
 */
import { ATTR_GID, ATTR_UID, CAP_SYS_RESOURCE, EDQUOT, GRPQUOTA, S_NOQUOTA, USRQUOTA } from '@lsmkit/abi'
import { capable, from_vfsgid, from_vfsuid, i_gid_into_vfsgid, i_uid_into_vfsuid } from '@lsmkit/core'
import type { Iattr, Inode, MntIdmap } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import type { Dquot, InodeDquots } from '../state/vfs/quota.ts'
import { inodeState, superState } from '../state/vfs/state.ts'

const KINDS = [USRQUOTA, GRPQUOTA] as const

const dquotsOf = (inode: Inode): InodeDquots | null => inodeState(inode).rare?.dquots ?? null

const decrInodes = (dquot: Dquot): void => {
  dquot.curinodes = Math.max(0, dquot.curinodes - 1)
  if (dquot.curinodes <= dquot.isoftlimit) dquot.itime = 0
}
const decrSpace = (dquot: Dquot, bytes: number): void => {
  dquot.curspace = Math.max(0, dquot.curspace - bytes)
  if (dquot.curspace <= dquot.bsoftlimit) dquot.btime = 0
}

const seconds = (machine: Machine): number => Math.floor(machine.realtime() / 1000)

/** Whether the current task may exceed limits. Asked only if a limit is reached. */
const ignoresLimits = (machine: Machine): boolean => capable(machine.lsm, machine.current, CAP_SYS_RESOURCE)

/** When the grace time ends, or -EDQUOT. The hard limit counts at once, the soft limit after the grace time. */
const check = (machine: Machine, wanted: number, hard: number, soft: number, time: number, grace: number): number => {
  if (hard !== 0 && wanted > hard && !ignoresLimits(machine)) return -EDQUOT
  if (soft === 0 || wanted <= soft) return time
  if (time === 0) return seconds(machine) + grace
  return seconds(machine) >= time && !ignoresLimits(machine) ? -EDQUOT : time
}

const addInode = (machine: Machine, dquot: Dquot): number => {
  const { kind, curinodes, ihardlimit, isoftlimit, itime } = dquot
  if (kind.enforced) {
    const time = check(machine, curinodes + 1, ihardlimit, isoftlimit, itime, kind.igrace)
    if (time < 0) return time
    dquot.itime = time
  }
  dquot.curinodes++
  return 0
}

const addSpace = (machine: Machine, dquot: Dquot, bytes: number): number => {
  const { kind, curspace, bhardlimit, bsoftlimit, btime } = dquot
  if (kind.enforced) {
    const time = check(machine, curspace + bytes, bhardlimit, bsoftlimit, btime, kind.bgrace)
    if (time < 0) return time
    dquot.btime = time
  }
  dquot.curspace += bytes
  return 0
}

/** Adds to both dquots of an inode, or to none. */
const addToAll = (dquots: InodeDquots, add: (dquot: Dquot) => number, undo: (dquot: Dquot) => void): number => {
  const done: Dquot[] = []
  for (const dquot of dquots) {
    if (dquot === null) continue
    const rc = add(dquot)
    if (rc !== 0) {
      for (const each of done) undo(each)
      return rc
    }
    done.push(dquot)
  }
  return 0
}

/** As `dquot_initialize`, for the current owner and group of the inode. */
export const dquot_initialize = (inode: Inode): void => {
  const { quotas } = superState(inode.i_sb)
  if (quotas === null || (inode.i_flags & S_NOQUOTA) !== 0) return
  const ids = [inode.i_uid, inode.i_gid] as const
  const dquots: InodeDquots = [quotas[USRQUOTA]?.get(ids[0]) ?? null, quotas[GRPQUOTA]?.get(ids[1]) ?? null]
  for (const dquot of dquots) if (dquot !== null) dquot.users++
  inodeState(inode).makeRare().dquots = dquots
}

/** As `dquot_drop`: the inode counts for no dquot any more. */
export const dquot_drop = (inode: Inode): void => {
  for (const dquot of dquotsOf(inode) ?? []) {
    if (dquot === null) continue
    dquot.users--
    dquot.kind.release(dquot)
  }
  inodeState(inode).makeRare().dquots = null
}

export const dquot_alloc_inode = (machine: Machine, inode: Inode): number => {
  const dquots = dquotsOf(inode)
  return dquots === null ? 0 : addToAll(dquots, (dquot) => addInode(machine, dquot), decrInodes)
}

export const dquot_alloc_space = (machine: Machine, inode: Inode, bytes: number): number => {
  const dquots = dquotsOf(inode)
  if (dquots === null || bytes === 0) return 0
  return addToAll(dquots, (dquot) => addSpace(machine, dquot, bytes), (dquot) => decrSpace(dquot, bytes))
}

export const dquot_free_inode = (inode: Inode): void => {
  for (const dquot of dquotsOf(inode) ?? []) if (dquot !== null) decrInodes(dquot)
}

export const dquot_free_space = (inode: Inode, bytes: number): void => {
  for (const dquot of dquotsOf(inode) ?? []) if (dquot !== null) decrSpace(dquot, bytes)
}

/** As `dquot_transfer`: a change of owner moves the inode's use. -EDQUOT if it exceeds the new owner's limits. */
export const dquot_transfer = (machine: Machine, idmap: MntIdmap, inode: Inode, attr: Iattr, bytes: number): number => {
  const { quotas } = superState(inode.i_sb)
  const dquots = dquotsOf(inode)
  if (quotas === null || dquots === null) return 0
  const ns = inode.i_sb.s_user_ns
  const newUid = (attr.ia_valid & ATTR_UID) !== 0 && attr.ia_uid !== i_uid_into_vfsuid(idmap, inode)
  const newGid = (attr.ia_valid & ATTR_GID) !== 0 && attr.ia_gid !== i_gid_into_vfsgid(idmap, inode)
  const to: InodeDquots = [
    newUid ? (quotas[USRQUOTA]?.get(from_vfsuid(idmap, ns, attr.ia_uid)) ?? null) : null,
    newGid ? (quotas[GRPQUOTA]?.get(from_vfsgid(idmap, ns, attr.ia_gid)) ?? null) : null,
  ]
  const undo = (dquot: Dquot): void => {
    decrInodes(dquot)
    decrSpace(dquot, bytes)
  }
  const add = (dquot: Dquot): number => {
    let error = addInode(machine, dquot)
    if (error !== 0) return error
    error = addSpace(machine, dquot, bytes)
    if (error !== 0) decrInodes(dquot)
    return error
  }
  const rc = addToAll(to, add, undo)
  if (rc !== 0) {
    for (const dquot of to) dquot?.kind.release(dquot)
    return rc
  }
  for (const type of KINDS) {
    const next = to[type]
    if (next === null) continue
    const from = dquots[type]
    if (from !== null) {
      undo(from)
      from.users--
      from.kind.release(from)
    }
    next.users++
    dquots[type] = next
  }
  return 0
}
