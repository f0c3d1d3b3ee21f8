/**
 * AF_NETLINK: requests to the kernel by message (net/netlink/af_netlink.c).
 */
import {
  AF_NETLINK, CAP_AUDIT_READ, CAP_NET_ADMIN, ECONNREFUSED, EINVAL, ENOBUFS, ENODATA, ENOIOCTLCMD, ENOMEM, ENOTTY,
  EOPNOTSUPP, EPERM, EPOLLERR, EPOLLIN, EPOLLOUT, EPOLLRDNORM, EPOLLWRBAND, EPOLLWRNORM, EPROTONOSUPPORT,
  ESOCKTNOSUPPORT, MSG_DONTWAIT, MSG_PEEK, NETLINK_AUDIT, NETLINK_GENERIC, NETLINK_KOBJECT_UEVENT, NETLINK_ROUTE,
  NETLINK_SELINUX, NETLINK_SOCK_DIAG, NETLINK_XFRM, NLM_F_ACK, RTM_GETLINK, SOCK_DGRAM, SOCK_RAW,
} from '@lsmkit/abi'
import { capable, ns_capable } from '@lsmkit/core'
import type { SkBuff, Socket, UserNamespace } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { copyIn, copyOut } from '../state/guest-bytes.ts'
import type { PlainNamespace } from '../state/task/namespaces.ts'
import { threadOf } from '../state/task/thread.ts'
import { devicesIn } from '../state/net/devices.ts'
import { linksAsked } from './netlink-links.ts'
import { answerTo } from './netlink-requests.ts'
import type { Asker } from './netlink-requests.ts'
import type { ProtoOps, SockState } from '../state/net/proto.ts'
import { isFullOf, setOps, skbCost, takeError } from '../state/net/proto.ts'
import { stateOf } from '../state/net/proto.ts'
import { sk_alloc, baseSockState, sock_init, sock_create_lite, sock_hold, sock_put } from './socks.ts'
import { sock_release } from './sockfs.ts'
import { scm_send, dropFiles } from './scm.ts'
import { waitForInput } from './waits.ts'

/** `struct nlmsghdr`: length, type, flags, sequence, port. */
const HEADER = 16
/** Bytes of `struct sockaddr_nl`. */
const ADDRESS = 12
const NLMSG_ERROR = 2
/** Room for what was not read yet, in bytes. */
const BUFFER = 212992
const PROTOCOLS = new Set([
  NETLINK_ROUTE, NETLINK_SOCK_DIAG, NETLINK_XFRM, NETLINK_SELINUX, NETLINK_AUDIT, NETLINK_KOBJECT_UEVENT,
  NETLINK_GENERIC,
])

interface NetlinkState extends SockState {
  readonly queue: Uint8Array[]
  port: number
}

const stateOfSocket = (socket: Socket): NetlinkState => stateOf<NetlinkState>(socket.sk!)

/** As `netlink_capable`: the caller, and who opened the socket unless the message names where it goes. */
const askerOf = (machine: Machine, socket: Socket, named: boolean): Asker => {
  const { cred } = machine.current.task
  const { net } = stateOfSocket(socket)
  const opener = socket.file?.f_cred ?? cred
  const capableIn = (user_ns: UserNamespace, cap: number): boolean =>
    (named || machine.lsm.capable.ask(opener, user_ns, cap, 0) === 0) &&
      machine.lsm.capable.ask(cred, user_ns, cap, 0) === 0
  return {
    inFirstUserNs: cred.user_ns === machine.init_user_ns,
    inFirstPidNs: threadOf(machine.current.task).pid.ns.parent === null,
    capable: (cap) => capableIn(net.user_ns, cap),
    capableEverywhere: (cap) => capableIn(machine.init_user_ns, cap),
  }
}

/** To the asker's own queue, past its LSMs; what finds it full is lost, which the next receive tells. */
const deliver = (machine: Machine, socket: Socket, data: Uint8Array): void => {
  const skb: SkBuff = {
    sk: null, protocol: 0, len: data.length, data, secmark: 0, dev: null, saddr: '', daddr: '', sport: 0, dport: 0,
    ip_protocol: 0, netlabel: null, secid: 0,
  }
  if (machine.lsm.socket_sock_rcv_skb.ask(socket.sk!, skb) !== 0) return
  const state = stateOfSocket(socket)
  if (isFullOf(state.queue.length, BUFFER) || !state.memory.charge(skbCost(data))) state.error = ENOBUFS
  else state.queue.push(data)
  state.wait.wake()
}

/** What came of a request, with the head of it. */
const reply = (machine: Machine, socket: Socket, request: Uint8Array, error: number): void => {
  const state = stateOfSocket(socket)
  const data = new Uint8Array(HEADER + 4 + HEADER)
  const view = new DataView(data.buffer)
  const asked = new DataView(request.buffer, request.byteOffset, request.byteLength)
  view.setUint32(0, data.length, true)
  view.setUint16(4, NLMSG_ERROR, true)
  view.setUint32(8, asked.getUint32(8, true), true)
  view.setUint32(12, state.port, true)
  view.setInt32(HEADER, error, true)
  data.set(request.subarray(0, HEADER), HEADER + 4)
  deliver(machine, socket, data)
}

const handle = (machine: Machine, socket: Socket, message: Uint8Array, asker: Asker): void => {
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength)
  const [type, flags] = [view.getUint16(4, true), view.getUint16(6, true)]
  const { sk_protocol } = socket.sk!
  let error = answerTo(sk_protocol, { type, flags, length: message.length - HEADER }, asker)
  if (error === 0 && sk_protocol === NETLINK_ROUTE && type === RTM_GETLINK) {
    const links = linksAsked(message, stateOfSocket(socket).port, devicesIn(stateOfSocket(socket).net))
    if (typeof links === 'number') error = links
    else deliver(machine, socket, links)
  }
  if (error !== 0 || (flags & NLM_F_ACK) !== 0) reply(machine, socket, message, error)
}

const bindNetlink = (machine: Machine, state: NetlinkState): void => {
  if (state.port === 0)
    state.port = machine.tasks.tgidNr(machine.current.task) + 2 ** 16 * machine.netTable.lastNetlinkPort++
}

/** Who may hear what is sent to groups: everybody, but for the audit log and IPsec. */
const mayListen = (machine: Machine, { sk }: Socket): boolean => {
  if (sk!.sk_protocol === NETLINK_AUDIT) return capable(machine.lsm, machine.current, CAP_AUDIT_READ)
  return sk!.sk_protocol !== NETLINK_XFRM ||
    ns_capable(machine.lsm, machine.current, stateOf<NetlinkState>(sk!).net.user_ns, CAP_NET_ADMIN)
}

export const netlinkOps = (machine: Machine): ProtoOps => ({
  family: AF_NETLINK,
  release(socket) {
    const sk = socket.sk!
    socket.sk = null
    sock_put(machine, sk)
  },
  bind(socket, addr) {
    if (addr.length < ADDRESS) return -EINVAL
    const view = new DataView(addr.buffer, addr.byteOffset)
    const port = view.getUint32(4, true)
    const state = stateOfSocket(socket)
    if (view.getUint32(8, true) !== 0 && !mayListen(machine, socket)) return -EPERM
    if (port !== 0) state.port = port
    else bindNetlink(machine, state)
    return 0
  },
  connect: () => 0,
  socketpair: () => -EOPNOTSUPP,
  accept: () => -EOPNOTSUPP,
  getname(socket) {
    const raw = new Uint8Array(12)
    raw[0] = AF_NETLINK
    new DataView(raw.buffer).setUint32(4, stateOfSocket(socket).port, true)
    return raw
  },
  listen: () => -EOPNOTSUPP,
  shutdown: () => -EOPNOTSUPP,
  setsockopt: () => 0,
  getsockopt: () => 0,
  /** To the kernel; other programs cannot be reached. */
  sendmsg(socket, msg, data) {
    const name = msg.msg_name
    const named = name !== null && name.length > 0
    if (data.length === 0) return -ENODATA
    const taken = scm_send(machine, socket, msg)
    if (typeof taken === 'number') return taken
    dropFiles(machine, taken)
    if (named && (name.length < ADDRESS || (name[0]! | (name[1]! << 8)) !== AF_NETLINK)) return -EINVAL
    bindNetlink(machine, stateOfSocket(socket))
    const skb: SkBuff = {
      sk: socket.sk, protocol: 0, len: data.length, data: copyIn(data), secmark: 0, dev: null, saddr: '', daddr: '',
      sport: 0, dport: 0, ip_protocol: 0, netlabel: null, secid: taken.secid,
    }
    const rc = machine.lsm.netlink_send.ask(socket.sk!, skb)
    if (rc !== 0) return rc
    if (named && new DataView(name.buffer, name.byteOffset).getUint32(4, true) !== 0)
      return -ECONNREFUSED
    const asker = askerOf(machine, socket, named)
    for (let at = 0; at + HEADER <= skb.data.length;) {
      const size = new DataView(skb.data.buffer).getUint32(at, true)
      if (size < HEADER || at + size > skb.data.length) break
      handle(machine, socket, skb.data.subarray(at, at + size), asker)
      at += Math.ceil(size / 4) * 4
    }
    return data.length
  },
  recvmsg(socket, _msg, buf, flags) {
    const state = stateOfSocket(socket)
    const error = takeError(state)
    if (error !== 0) return -error
    const message = state.queue[0]
    if (message === undefined) return waitForInput(machine, state, (flags & MSG_DONTWAIT) !== 0)
    const part = message.subarray(0, buf.length)
    copyOut(part, buf)
    if ((flags & MSG_PEEK) === 0) {
      state.queue.shift()
      state.memory.uncharge(skbCost(message))
    }
    return part.length
  },
  poll(socket) {
    const { queue, error } = stateOfSocket(socket)
    const readable = queue.length > 0 ? EPOLLIN | EPOLLRDNORM : 0
    return EPOLLOUT | EPOLLWRNORM | EPOLLWRBAND | readable | (error !== 0 ? EPOLLERR : 0)
  },
  inq: () => -ENOTTY,
  ioctl: () => -ENOIOCTLCMD,
})

export const createNetlink = (
  machine: Machine, socket: Socket, protocol: number, _kern: boolean, net: PlainNamespace,
): number => {
  if (socket.type !== SOCK_RAW && socket.type !== SOCK_DGRAM) return -ESOCKTNOSUPPORT
  if (!PROTOCOLS.has(protocol) || (protocol === NETLINK_XFRM && !machine.config.XFRM_USER)) return -EPROTONOSUPPORT
  return addSock(machine, socket, protocol, net)
}

/** As `__netlink_create`. */
const addSock = (machine: Machine, socket: Socket, protocol: number, net: PlainNamespace): number => {
  const sk = sk_alloc(machine, AF_NETLINK, socket.type, protocol, socket)
  if (sk === null) return -ENOMEM
  const state: NetlinkState = { ...baseSockState(machine, sk, net), queue: [], port: 0 }
  sock_init(machine, sk, state)
  setOps(socket, machine.netTable.operations.netlink)
  return 0
}

/** The kernel's own end of a protocol; null when an LSM refused it. */
export const netlink_kernel_create = (machine: Machine, net: PlainNamespace, protocol: number): Socket | null => {
  const socket = sock_create_lite(machine, AF_NETLINK, SOCK_DGRAM, protocol)
  if (typeof socket === 'number') return null
  if (addSock(machine, socket, protocol, net) === 0) return socket
  sock_release(machine, socket)
  return null
}

/** A program's socket for one message of the kernel's own, which its LSMs are not asked about (netlink_sendskb). */
export const attachNetlink = (machine: Machine, socket: Socket): ((data: Uint8Array | null) => void) | number => {
  const { sk } = socket
  if (sk === null || sk.sk_family !== AF_NETLINK) return -EINVAL
  sock_hold(sk)
  return (data) => {
    const state = stateOf<NetlinkState>(sk)
    if (data !== null) {
      // it has been asked for, and is the last of its kind: there is room for it
      state.memory.force(skbCost(data))
      state.queue.push(data)
      state.wait.wake()
    }
    sock_put(machine, sk)
  }
}
