/** What one machine keeps of its sockets. */
import type { Inode, RequestSock, SkBuff, Socket } from '@lsmkit/core'
import type { File } from '@lsmkit/core'
import type { KernfsNode } from '@lsmkit/core'
import type { PlainNamespace } from '../task/namespaces.ts'
import { UserCounts } from '../task/user-counts.ts'
import type { FileOperations, InodeOperations } from '../vfs/driver.ts'
import type { InetSock } from './inet-sock.ts'
import type { Family, ProtoOps } from './proto.ts'
import { SCTP_ALL_ASSOC } from '@lsmkit/abi'
import type { UnixSkb, UnixSock } from './unix-sock.ts'

/** First of the ports that are given out by themselves. */
export const FIRST_EPHEMERAL = 32768

/** A socket's open file, and how often messages keep it. */
export interface Aloft {
  readonly file: File
  times: number
}

/** Descriptors that were sent over AF_UNIX and not received yet. */
export class InFlight {
  /** Of each user, by uid. */
  readonly counts = new UserCounts()
  /** Messages with descriptors of AF_UNIX sockets. */
  readonly flying = new Set<UnixSkb>()
  /** Sockets that such messages keep. */
  readonly aloft = new Map<UnixSock, Aloft>()
  /** A socket in flight may keep, by its messages, what keeps it. */
  mayBeCircular = false
  isCollecting = false
}

/** Operations that only this machine has: of socket files, and of families; two where IPv4 and IPv6 differ. */
export interface NetOperations {
  readonly file: FileOperations
  readonly inode: InodeOperations
  readonly unix: ProtoOps
  readonly netlink: ProtoOps
  readonly packet: ProtoOps
  readonly inet: readonly [v4: ProtoOps, v6: ProtoOps]
  readonly sctp: readonly [v4: ProtoOps, v6: ProtoOps]
}

export class NetTable {
  readonly operations: NetOperations
  readonly families = new Map<number, Family>()
  /** Sockets that each namespace has of the kernel's own. */
  readonly controlSockets = new WeakMap<PlainNamespace, readonly Socket[]>()
  /** Bound socks by port, of each namespace. */
  readonly ports = new WeakMap<PlainNamespace, Map<string, Set<InetSock>>>()
  nextPort = FIRST_EPHEMERAL
  readonly rawSocks = new WeakMap<PlainNamespace, Set<InetSock>>()
  lastAssociation = SCTP_ALL_ASSOC
  lastNetlinkPort = 0
  /** Labels of connections in the making, and refusals that the sender of a packet is given. */
  readonly labelledRequests = new WeakMap<RequestSock, object>()
  readonly refusedPackets = new WeakMap<SkBuff, number>()
  readonly abstractNames = new WeakMap<PlainNamespace, Map<string, UnixSock>>()
  readonly unixByInode = new WeakMap<Inode, UnixSock>()
  lastAutoName = 0
  readonly inFlight = new InFlight()
  /** /sys/devices/virtual/net and /sys/class/net. */
  readonly deviceNodes: KernfsNode
  readonly linkNodes: KernfsNode

  constructor(operations: NetOperations, deviceNodes: KernfsNode, linkNodes: KernfsNode) {
    this.operations = operations
    this.deviceNodes = deviceNodes
    this.linkNodes = linkNodes
  }
}
