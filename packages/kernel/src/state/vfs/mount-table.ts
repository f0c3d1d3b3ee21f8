/** All mounts of one machine. */
import type { Dentry } from '@lsmkit/core'
import { ChurnMap } from '../churn-map.ts'
import { LinkedList } from './linked-list.ts'
import type { Mount } from './mount.ts'
import { PeerGroups } from './propagation.ts'

export class MountTable {
  /** Every mount that is not gone. */
  readonly allMounts = new LinkedList<Mount>()
  /** The same by unique number. */
  readonly mountsById = new Map<number, Mount>()
  readonly peerGroups = new PeerGroups()
  /** Mounts on each covered name, in all namespaces. */
  readonly covers = new ChurnMap<Dentry, LinkedList<Mount>>()
  lastId = 0
  /** The sequence number of the last mount namespace. */
  lastSeq = 1
}
