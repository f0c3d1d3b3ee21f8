/** The sockets of one machine. */
import type { Inode, RequestSock, SkBuff, Socket } from '@lsmkit/core'
import type { File } from '@lsmkit/core'
import type { KernfsNode } from '@lsmkit/core'
import type { PlainNamespace } from '../task/namespaces.ts'
import { UserCounts } from '../task/user-counts.ts'
import type { FileOperations, InodeOperations } from '../vfs/driver.ts'
import type { NetDevice } from './devices.ts'
import type { InetSock } from './inet-sock.ts'
import type { Family, ProtoOps } from './proto.ts'
import { SCTP_ALL_ASSOC } from '@lsmkit/abi'
import type { Tun } from './tun.ts'
import type { XfrmTable } from './xfrm.ts'
import type { UnixSkb, UnixSock } from './unix-sock.ts'

/** The first ephemeral port. */
export const FIRST_EPHEMERAL = 32768

/** A socket's open file, and how many references messages in flight have to it. */
export interface Aloft {
  readonly file: File
  times: number
}

/** Descriptors that were sent over AF_UNIX and not received yet. */
export class InFlight {
  /** Their number by user id. */
  readonly counts = new UserCounts()
  /** Messages with descriptors of AF_UNIX sockets. */
  readonly flying = new Set<UnixSkb>()
  /** Sockets that such messages refer to. */
  readonly aloft = new Map<UnixSock, Aloft>()
  /** Messages of a socket in flight may refer to that socket itself. */
  mayBeCircular = false
  isCollecting = false
}

/** The operations of socket files and of families; two each for IPv4 and IPv6. */
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
  /** The kernel's own sockets of each namespace. */
  readonly controlSockets = new WeakMap<PlainNamespace, readonly Socket[]>()
  /** Bound socks by port, of each namespace. */
  readonly ports = new WeakMap<PlainNamespace, Map<string, Set<InetSock>>>()
  nextPort = FIRST_EPHEMERAL
  readonly rawSocks = new WeakMap<PlainNamespace, Set<InetSock>>()
  lastAssociation = SCTP_ALL_ASSOC
  lastNetlinkPort = 0
  /** Labels of connection requests, and errors that the sender of a packet gets. */
  readonly labelledRequests = new WeakMap<RequestSock, object>()
  readonly refusedPackets = new WeakMap<SkBuff, number>()
  readonly abstractNames = new WeakMap<PlainNamespace, Map<string, UnixSock>>()
  readonly unixByInode = new WeakMap<Inode, UnixSock>()
  lastAutoName = 0
  /** Policies and states of IPsec, by namespace. */
  readonly xfrm = new WeakMap<PlainNamespace, XfrmTable>()
  /** Devices that /dev/net/tun has made. */
  readonly tuns = new WeakMap<NetDevice, Tun>()
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
