/**
 * AF_NETLINK: requests to the kernel by message (net/netlink/af_netlink.c).
 */
import {
  AF_NETLINK, AF_UNSPEC, CAP_AUDIT_READ, CAP_NET_ADMIN, ECONNREFUSED, EINVAL, ENODATA, ENOIOCTLCMD, ENOMEM, ENOTTY,
  EOPNOTSUPP,
  EPERM, EPOLLERR, EPOLLIN, EPOLLOUT, EPOLLRDNORM, EPOLLWRBAND, EPOLLWRNORM, EPROTONOSUPPORT, ESOCKTNOSUPPORT,
  MSG_DONTWAIT, MSG_PEEK, NETLINK_AUDIT, NETLINK_GENERIC, NETLINK_KOBJECT_UEVENT, NETLINK_ROUTE, NETLINK_SELINUX,
  NETLINK_SOCK_DIAG, NETLINK_XFRM, SOCK_DGRAM, SOCK_RAW,
} from '@lsmkit/abi'
import { capable, ns_capable } from '@lsmkit/core'
import type { SkBuff, Socket } from '@lsmkit/core'
import { bound } from '../state/bound.ts'
import type { Machine } from '../machine.ts'
import { copyIn, copyOut } from '../state/guest-bytes.ts'
import type { GuestBytes } from '../state/guest-bytes.ts'
import type { PlainNamespace } from '../state/task/namespaces.ts'
import type { KernelMsghdr, ProtoOps } from '../state/net/proto.ts'
import { READABLE, setOps, skbCost, takeError, stateOf } from '../state/net/proto.ts'
import { sk_alloc, baseSockState, sock_init, sock_create_lite, sock_hold, sock_put } from './socks.ts'
import { sock_release } from './sockfs.ts'
import { scm_send, dropFiles } from './scm.ts'
import { waitForInput } from './waits.ts'
import type { NetlinkState } from './netlink-kernel.ts'
import { stateOfSocket, askerOf, HEADER, netlink_rcv_msg } from './netlink-kernel.ts'

/** Bytes of `struct sockaddr_nl`. */
const ADDRESS = 12

const PROTOCOLS = new Set([
  NETLINK_ROUTE, NETLINK_SOCK_DIAG, NETLINK_XFRM, NETLINK_SELINUX, NETLINK_AUDIT, NETLINK_KOBJECT_UEVENT,
  NETLINK_GENERIC,
])

const netlink_autobind = (machine: Machine, state: NetlinkState): void => {
  if (state.port === 0)
    state.port = machine.tasks.tgidNr(machine.current.task) + 2 ** 16 * machine.netTable.lastNetlinkPort++
}

/** Whether the caller may join multicast groups. Those of the audit log and IPsec need a capability. */
const mayListen = (machine: Machine, { sk }: Socket): boolean => {
  if (sk!.sk_protocol === NETLINK_AUDIT) return capable(machine.lsm, machine.current, CAP_AUDIT_READ)
  return sk!.sk_protocol !== NETLINK_XFRM ||
    ns_capable(machine.lsm, machine.current, stateOf<NetlinkState>(sk!).net.user_ns, CAP_NET_ADMIN)
}

const netlink_release = (machine: Machine, socket: Socket): void => {
  const sk = socket.sk!
  socket.sk = null
  sock_put(machine, sk)
}

const netlink_bind = (machine: Machine, socket: Socket, addr: Uint8Array): number => {
  if (addr.length < ADDRESS) return -EINVAL
  const view = new DataView(addr.buffer, addr.byteOffset)
  if (view.getUint16(0, true) !== AF_NETLINK) return -EINVAL
  const port = view.getUint32(4, true)
  const state = stateOfSocket(socket)
  if (view.getUint32(8, true) !== 0 && !mayListen(machine, socket)) return -EPERM
  if (port !== 0) state.port = port
  else netlink_autobind(machine, state)
  return 0
}

/** The kernel is whom everyone is connected to: addresses are looked at, and kept nowhere. */
const netlink_connect = (_socket: Socket, addr: Uint8Array): number => {
  if (addr.length < 2) return -EINVAL
  const family = addr[0]! | (addr[1]! << 8)
  if (family === AF_UNSPEC) return 0
  return family === AF_NETLINK && addr.length >= ADDRESS ? 0 : -EINVAL
}

const netlink_getname = (socket: Socket): Uint8Array | number => {
  const raw = new Uint8Array(12)
  raw[0] = AF_NETLINK
  new DataView(raw.buffer).setUint32(4, stateOfSocket(socket).port, true)
  return raw
}

/** Sends to the kernel. Other programs cannot be reached: -ECONNREFUSED. */
const netlink_sendmsg = (machine: Machine, socket: Socket, msg: KernelMsghdr, data: GuestBytes): number => {
  const name = msg.msg_name
  const named = name !== null && name.length > 0
  if (data.length === 0) return -ENODATA
  const taken = scm_send(machine, socket, msg)
  if (typeof taken === 'number') return taken
  dropFiles(machine, taken)
  if (named && (name.length < ADDRESS || (name[0]! | (name[1]! << 8)) !== AF_NETLINK)) return -EINVAL
  netlink_autobind(machine, stateOfSocket(socket))
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
    netlink_rcv_msg(machine, socket, skb.data.subarray(at, at + size), asker)
    at += Math.ceil(size / 4) * 4
  }
  return data.length
}

const netlink_recvmsg = (
  machine: Machine, socket: Socket, _msg: KernelMsghdr, buf: GuestBytes, flags: number,
): number => {
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
}

const netlink_poll = (socket: Socket): number => {
  const { queue, error } = stateOfSocket(socket)
  const readable = queue.length > 0 ? EPOLLIN | EPOLLRDNORM : 0
  return EPOLLOUT | EPOLLWRNORM | EPOLLWRBAND | readable | (error !== 0 ? EPOLLERR : 0)
}

export const netlinkOps = (machine: Machine): ProtoOps => ({
  family: AF_NETLINK,
  connect: netlink_connect,
  socketpair: () => -EOPNOTSUPP,
  accept: () => -EOPNOTSUPP,
  listen: () => -EOPNOTSUPP,
  shutdown: () => -EOPNOTSUPP,
  setsockopt: () => 0,
  getsockopt: () => 0,
  inq: () => -ENOTTY,
  ioctl: () => -ENOIOCTLCMD,
  getname: netlink_getname,
  poll: netlink_poll,
  ...bound(machine, {
    release: netlink_release, bind: netlink_bind, sendmsg: netlink_sendmsg, recvmsg: netlink_recvmsg,
  }),
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

/** The kernel's socket of a protocol; null if an LSM refuses it. */
export const netlink_kernel_create = (machine: Machine, net: PlainNamespace, protocol: number): Socket | null => {
  const socket = sock_create_lite(machine, AF_NETLINK, SOCK_DGRAM, protocol)
  if (typeof socket === 'number') return null
  if (addSock(machine, socket, protocol, net) === 0) return socket
  sock_release(machine, socket)
  return null
}

/** Keeps a program's socket for one message of the kernel, for which no hook is asked (netlink_sendskb). */
export const attachNetlink = (machine: Machine, socket: Socket): ((data: Uint8Array | null) => void) | number => {
  const { sk } = socket
  if (sk === null || sk.sk_family !== AF_NETLINK) return -EINVAL
  sock_hold(sk)
  return (data) => {
    const state = stateOf<NetlinkState>(sk)
    if (data !== null) {
      // the program asked for this one message, so it is queued without a limit
      state.memory.force(skbCost(data))
      state.queue.push(data)
      state.wait.wake(READABLE)
    }
    sock_put(machine, sk)
  }
}
