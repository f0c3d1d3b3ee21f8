/**
 * Mount propagation (fs/pnode.c): a mount on a shared mount appears on each of its peers and on each slave below. Peers
 * have one group number; a slave has the number of the group it receives from.
 */
import { MNT_SHARED, MNT_UNBINDABLE, MS_PRIVATE, MS_SHARED, MS_SLAVE, MS_UNBINDABLE } from '@lsmkit/abi'
import { LinkedList } from './linked-list.ts'
import type { ListNode } from './linked-list.ts'
import type { Mount } from './mount.ts'

export const isShared = (mount: Mount): boolean => (mount.mnt_flags & MNT_SHARED) !== 0

/** Members of groups, by number. */
type Members = Map<number, LinkedList<Mount>>

const NOBODY = new LinkedList<Mount>()

/** The mounts of each peer group, and the slaves that receive from it. */
export class PeerGroups {
  #last = 0
  readonly #peers: Members = new Map()
  readonly #slaves: Members = new Map()

  /** The number of a group that is to come. */
  newGroup(): number {
    return ++this.#last
  }

  peersOf(group: number): LinkedList<Mount> {
    return this.#peers.get(group) ?? NOBODY
  }

  slavesOf(group: number): LinkedList<Mount> {
    return this.#slaves.get(group) ?? NOBODY
  }

  /** 0: it is in no group any more. */
  join(mount: Mount, group: number): void {
    takeOut(this.#peers, mount.group, mount.inPeers)
    mount.group = group
    mount.inPeers = putIn(this.#peers, group, mount)
  }

  /** Makes the mount a slave of `master`; 0 makes it a slave of no group. */
  follow(mount: Mount, master: number): void {
    takeOut(this.#slaves, mount.master, mount.inSlaves)
    mount.master = master
    mount.inSlaves = putIn(this.#slaves, master, mount)
  }

  /** Removes a mount; its numbers stay readable. */
  forget(mount: Mount): void {
    takeOut(this.#peers, mount.group, mount.inPeers)
    takeOut(this.#slaves, mount.master, mount.inSlaves)
    mount.inPeers = mount.inSlaves = null
  }
}

const takeOut = (members: Members, group: number, node: ListNode<Mount> | null): void => {
  if (node === null) return
  const all = members.get(group)!
  all.remove(node)
  if (all.size === 0) members.delete(group)
}

const putIn = (members: Members, group: number, mount: Mount): ListNode<Mount> | null => {
  if (group === 0) return null
  let all = members.get(group)
  if (all === undefined) members.set(group, (all = new LinkedList()))
  return all.add(mount)
}

const asMade = (mounts: Iterable<Mount>): Mount[] => [...mounts].sort((a, b) => a.mnt_id - b.mnt_id)

/** A mount that receives, and whether it is a peer of the sender or below a group. */
export interface Receiver {
  readonly mount: Mount
  readonly isPeer: boolean
}

/**
 * The mounts that receive a mount on `sender`: peers first, then slaves, group after group, each in the order they were
 * made.
 */
export const receivers = (all: PeerGroups, sender: Mount): Receiver[] => {
  if (!isShared(sender)) return []
  const found: Receiver[] = []
  for (const mount of asMade(all.peersOf(sender.group))) if (mount !== sender) found.push({ mount, isPeer: true })
  const groups = [sender.group]
  const seen = new Set(groups)
  for (const group of groups) {
    for (const mount of asMade(all.slavesOf(group))) {
      found.push({ mount, isPeer: false })
      if (mount.group === 0 || seen.has(mount.group)) continue
      seen.add(mount.group)
      groups.push(mount.group)
      for (const peer of asMade(all.peersOf(mount.group)))
        if (peer !== mount && peer.master !== group) found.push({ mount: peer, isPeer: false })
    }
  }
  return found
}

/** Makes a mount a slave of its peers; without peers, of the group that they were a slave of. */
const makeSlave = (all: PeerGroups, mount: Mount): void => {
  const { group } = mount
  mount.mnt_flags &= ~MNT_SHARED
  all.join(mount, 0)
  if (group === 0) return
  if (all.peersOf(group).size > 0) all.follow(mount, group)
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
