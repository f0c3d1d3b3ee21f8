/**
 * How mounts spread (fs/pnode.c): what is mounted on a shared mount appears on every peer and on every slave below.
 * Peers carry one group number; a slave carries the number of the group it receives from.
 */
import { MNT_SHARED, MNT_UNBINDABLE, MS_PRIVATE, MS_SHARED, MS_SLAVE, MS_UNBINDABLE } from '@lsmkit/abi'
import type { Mount } from './mount.ts'

export const isShared = (mount: Mount): boolean => (mount.mnt_flags & MNT_SHARED) !== 0

/** Who is in each peer group, and who receives from it: in the order mounts were made. */
export class PeerGroups {
  private last = 0
  private readonly peers = new Map<number, Mount[]>()
  private readonly slaves = new Map<number, Mount[]>()

  /** The number of a group that is to come. */
  newGroup(): number {
    return ++this.last
  }

  peersOf(group: number): readonly Mount[] {
    return this.peers.get(group) ?? []
  }

  slavesOf(group: number): readonly Mount[] {
    return this.slaves.get(group) ?? []
  }

  /** 0: it is in no group any more. */
  join(mount: Mount, group: number): void {
    takeOut(this.peers, mount.group, mount)
    mount.group = group
    putIn(this.peers, group, mount)
  }

  /** Receives from `master` from now on; 0: from nobody. */
  follow(mount: Mount, master: number): void {
    takeOut(this.slaves, mount.master, mount)
    mount.master = master
    putIn(this.slaves, master, mount)
  }

  /** The mount is gone; its numbers stay for who still looks at it. */
  forget(mount: Mount): void {
    takeOut(this.peers, mount.group, mount)
    takeOut(this.slaves, mount.master, mount)
  }
}

const takeOut = (members: Map<number, Mount[]>, group: number, mount: Mount): void => {
  const all = members.get(group)
  if (all === undefined) return
  const at = all.indexOf(mount)
  if (at >= 0) all.splice(at, 1)
  if (all.length === 0) members.delete(group)
}

const putIn = (members: Map<number, Mount[]>, group: number, mount: Mount): void => {
  if (group === 0) return
  const all = members.get(group)
  if (all === undefined) {
    members.set(group, [mount])
    return
  }
  let at = all.length
  while (at > 0 && all[at - 1]!.mnt_id > mount.mnt_id) at--
  all.splice(at, 0, mount)
}

/** A mount that receives, and whether it is a peer of the sender or below a group. */
export interface Receiver {
  readonly mount: Mount
  readonly isPeer: boolean
}

/** All that receive what is mounted on `sender`: peers first, then slaves, group after group. */
export const receivers = (all: PeerGroups, sender: Mount): Receiver[] => {
  if (!isShared(sender)) return []
  const found: Receiver[] = []
  for (const mount of all.peersOf(sender.group)) if (mount !== sender) found.push({ mount, isPeer: true })
  const groups = [sender.group]
  const seen = new Set(groups)
  for (const group of groups) {
    for (const mount of all.slavesOf(group)) {
      found.push({ mount, isPeer: false })
      if (mount.group === 0 || seen.has(mount.group)) continue
      seen.add(mount.group)
      groups.push(mount.group)
      for (const peer of all.peersOf(mount.group))
        if (peer !== mount && peer.master !== group) found.push({ mount: peer, isPeer: false })
    }
  }
  return found
}

/** Leaves its peers: it receives from them when some are left, or from whom they received. */
const makeSlave = (all: PeerGroups, mount: Mount): void => {
  const { group } = mount
  mount.mnt_flags &= ~MNT_SHARED
  all.join(mount, 0)
  if (group === 0) return
  if (all.peersOf(group).length > 0) all.follow(mount, group)
  // The last of a group takes its slaves to the group above.
  else for (const slave of [...all.slavesOf(group)]) all.follow(slave, mount.master)
}

/** As `change_mnt_propagation`. */
export const changePropagation = (all: PeerGroups, mount: Mount, type: number): void => {
  if (type === MS_SHARED) {
    if (mount.group === 0) all.join(mount, all.newGroup())
    mount.mnt_flags = (mount.mnt_flags | MNT_SHARED) & ~MNT_UNBINDABLE
    return
  }
  makeSlave(all, mount)
  if (type === MS_SLAVE) return
  all.follow(mount, 0)
  if (type === MS_UNBINDABLE) mount.mnt_flags |= MNT_UNBINDABLE
  else mount.mnt_flags &= ~MNT_UNBINDABLE
}

export const PROPAGATION_TYPES: readonly number[] = [MS_SHARED, MS_PRIVATE, MS_SLAVE, MS_UNBINDABLE]
