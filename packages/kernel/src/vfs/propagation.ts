/**
 * How mounts spread (fs/pnode.c): what is mounted on a shared mount appears on every peer and on every slave below.
 * Peers carry one group number; a slave carries the number of the group it receives from.
 */
import { MNT_SHARED, MNT_UNBINDABLE, MS_PRIVATE, MS_SHARED, MS_SLAVE, MS_UNBINDABLE } from '@lsmkit/abi'
import type { Mount } from './mount.ts'

export const isShared = (mount: Mount): boolean => (mount.mnt_flags & MNT_SHARED) !== 0

/** A mount that receives, and whether it is a peer of the sender or below a group. */
export interface Receiver {
  readonly mount: Mount
  readonly isPeer: boolean
}

/** All that receive what is mounted on `sender`: peers first, then slaves, group after group. */
export const receivers = (all: Iterable<Mount>, sender: Mount): Receiver[] => {
  if (!isShared(sender)) return []
  const mounts = [...all]
  const found: Receiver[] = []
  for (const mount of mounts) if (mount !== sender && mount.group === sender.group) found.push({ mount, isPeer: true })
  const groups = [sender.group]
  const seen = new Set(groups)
  for (const group of groups) {
    for (const mount of mounts) {
      if (mount.master !== group) continue
      found.push({ mount, isPeer: false })
      if (mount.group === 0 || seen.has(mount.group)) continue
      seen.add(mount.group)
      groups.push(mount.group)
      for (const peer of mounts)
        if (peer.group === mount.group && peer !== mount && peer.master !== group)
          found.push({ mount: peer, isPeer: false })
    }
  }
  return found
}

/** Leaves its peers: it receives from them when some are left, or from whom they received. */
const makeSlave = (all: Iterable<Mount>, mount: Mount): void => {
  const { group } = mount
  mount.mnt_flags &= ~MNT_SHARED
  mount.group = 0
  if (group === 0) return
  const mounts = [...all]
  if (mounts.some((other) => other !== mount && other.group === group)) mount.master = group
  // The last of a group takes its slaves to the group above.
  else for (const slave of mounts) if (slave.master === group) slave.master = mount.master
}

/** As `change_mnt_propagation`; `newGroup` numbers a group. */
export const changePropagation = (all: Iterable<Mount>, mount: Mount, type: number, newGroup: () => number): void => {
  if (type === MS_SHARED) {
    if (mount.group === 0) mount.group = newGroup()
    mount.mnt_flags = (mount.mnt_flags | MNT_SHARED) & ~MNT_UNBINDABLE
    return
  }
  makeSlave(all, mount)
  if (type === MS_SLAVE) return
  mount.master = 0
  if (type === MS_UNBINDABLE) mount.mnt_flags |= MNT_UNBINDABLE
  else mount.mnt_flags &= ~MNT_UNBINDABLE
}

export const PROPAGATION_TYPES: readonly number[] = [MS_SHARED, MS_PRIVATE, MS_SLAVE, MS_UNBINDABLE]
