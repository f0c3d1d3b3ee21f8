/** Operations of selinux-ops.tsv: sockets, and descriptors that come through them. */
import {
  AF_INET, AF_INET6, AF_NETLINK, AF_PACKET, AF_UNIX, EACCES, EINVAL, IPPROTO_ICMP, MSG_CTRUNC, NETLINK_AUDIT,
  NETLINK_KOBJECT_UEVENT, NETLINK_ROUTE, NETLINK_SOCK_DIAG, NETLINK_XFRM, NLM_F_REQUEST, O_RDONLY, O_WRONLY,
  SCM_RIGHTS, SIOCGIFADDR, SIOCSIFFLAGS, SO_BINDTODEVICE, SO_REUSEADDR, SO_TYPE, SOCK_DGRAM, SOCK_NONBLOCK, SOCK_RAW,
  SOCK_SEQPACKET, SOCK_STREAM, SOL_SOCKET,
} from '@lsmkit/abi'
import { Kstat, sockaddrIn, sockaddrIn6, sockaddrUn } from '@lsmkit/kernel'
import { attribute, setcon } from './attributes.ts'
import { tree } from './files.ts'
import { encode, object } from './world.ts'
import type { Calls, Operation, World } from './world.ts'

/** Ports of the other process, and one of type hp_t that nobody has. */
const PORT = 5555
const FREE_PORT = 5558
export const LOOPBACK_6 = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1)

const done = (rc: number): number => Math.min(rc, 0)
const plain = (run: (sys: Calls) => number): Operation => () => (sys) => done(run(sys))
const home = (port: number): Uint8Array => sockaddrIn('127.0.0.1', port)

/** Makes a socket and goes on with it. */
const withSocket = (family: number, type: number, run: (sys: Calls, fd: number) => number, protocol = 0) =>
  (sys: Calls): number => {
    const fd = sys.socket(family, type, protocol)
    return fd < 0 ? fd : done(run(sys, fd))
  }
const onSocket = (family: number, type: number, run: (sys: Calls, fd: number) => number, protocol = 0): Operation =>
  plain(withSocket(family, type, run, protocol))

const bind = (sys: Calls, fd: number, address: Uint8Array): number => sys.bind(fd, address, address.length)
const connect = (sys: Calls, fd: number, address: Uint8Array): number => sys.connect(fd, address, address.length)

/** A server of the other process. */
const served = (
  family: number, type: number, address: Uint8Array, run: (sys: Calls) => number,
): Operation => (world) => {
  const other = world.calls(world.other())
  const fd = world.must(other.socket(family, type, 0), 'socket')
  world.must(bind(other, fd, address), 'bind')
  if (type !== SOCK_DGRAM) world.must(other.listen(fd, 5), 'listen')
  if (family === AF_UNIX) world.label('sock', 'd_t')
  return (sys) => done(run(sys))
}

const pair = (sys: Calls, type: number, run: (a: number, b: number) => number): number => {
  const fds: number[] = []
  const rc = sys.socketpair(AF_UNIX, type, 0, fds)
  return rc < 0 ? rc : run(fds[0]!, fds[1]!)
}

/** A byte, and a descriptor. */
export const passing = (fd: number) => {
  const msg_control = [{ cmsg_level: SOL_SOCKET, cmsg_type: SCM_RIGHTS, data: [fd] }]
  return { msg_name: null, msg_iov: [encode('x')], msg_flags: 0, msg_control }
}

/** Takes what has been sent, and tells whether a descriptor was with it. */
export const receive = (sys: Calls, fd: number) => {
  const message = { msg_name: null, msg_iov: [new Uint8Array(8)], msg_flags: 0, msg_control: [] }
  const rc = sys.recvmsg(fd, message, 0)
  if (rc < 0) return rc
  const cut = (message.msg_flags & MSG_CTRUNC) !== 0 ? ',ctrunc' : ''
  return { rc: 0, result: `${message.msg_control.length > 0 ? 'fd' : 'nofd'}${cut}` }
}

/** A socket of kernel_t in which a descriptor of `f` waits. */
const received = (flags: number): Operation => (world: World) => {
  tree(world)
  const { root } = world
  const fds: number[] = []
  world.must(root.socketpair(AF_UNIX, SOCK_DGRAM, 0, fds), 'socketpair')
  const fd = world.fd('f', flags)
  world.must(root.sendmsg(fds[0]!, passing(fd), 0), 'sendmsg')
  world.must(root.close(fd), 'close')
  return (sys) => receive(sys, fds[1]!)
}

/** A netlink message of a type, with zeros behind its header. */
const netlinkMessage = (type: number, flags: number = NLM_F_REQUEST, body = 0): Uint8Array => {
  const data = new Uint8Array(16 + body)
  const view = new DataView(data.buffer)
  view.setUint32(0, data.length, true)
  view.setUint16(4, type, true)
  view.setUint16(6, flags, true)
  return data
}
/** To the kernel. */
const NETLINK_ADDRESS = Uint8Array.of(AF_NETLINK, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
const NLM_F_DUMP = 0x301
export const sendNetlink = (sys: Calls, protocol: number, type: number, dump: boolean): number => {
  const fd = sys.socket(AF_NETLINK, SOCK_RAW, protocol)
  if (fd < 0) return fd
  const data = netlinkMessage(type, dump ? NLM_F_DUMP : NLM_F_REQUEST, 16)
  return done(sys.sendto(fd, data, data.length, 0, NETLINK_ADDRESS, NETLINK_ADDRESS.length))
}
const netlink = (protocol: number, type: number, flags?: number): Operation =>
  plain((sys) => sendNetlink(sys, protocol, type, flags === NLM_F_DUMP))

const LETTERS: Readonly<Record<number, string>> = { [EINVAL]: 'I', [EACCES]: 'A' }

/** Every type of a range: `.` it was taken, `I` EINVAL, `A` EACCES. */
const matrix = (protocol: number, from: number, to: number): Operation => () => (sys) => {
  const fd = sys.socket(AF_NETLINK, SOCK_RAW, protocol)
  if (fd < 0) return fd
  let taken = ''
  for (let type = from; type <= to; type++) {
    const data = netlinkMessage(type)
    const rc = sys.sendto(fd, data, data.length, 0, NETLINK_ADDRESS, NETLINK_ADDRESS.length)
    taken += rc >= 0 ? '.' : (LETTERS[-rc] ?? '?')
  }
  return { rc: 0, result: `types${from}-${to}=${taken}` }
}

/** ETH_P_ALL in network order, and the loopback's index. */
export const PACKET_ADDRESS = Uint8Array.of(AF_PACKET, 0, 0, 3, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
export const KOBJECT_ADDRESS = Uint8Array.of(AF_NETLINK, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0)

export const socketOperations: Readonly<Record<string, Operation>> = {
  sock_unix_stream: onSocket(AF_UNIX, SOCK_STREAM, () => 0),
  sock_unix_dgram: onSocket(AF_UNIX, SOCK_DGRAM, () => 0),
  sock_unix_seqpacket: onSocket(AF_UNIX, SOCK_SEQPACKET, () => 0),
  sock_tcp4: onSocket(AF_INET, SOCK_STREAM, () => 0),
  sock_tcp6: onSocket(AF_INET6, SOCK_STREAM, () => 0),
  sock_udp4: onSocket(AF_INET, SOCK_DGRAM, () => 0),
  sock_raw4: onSocket(AF_INET, SOCK_RAW, () => 0, IPPROTO_ICMP),
  sock_packet: onSocket(AF_PACKET, SOCK_RAW, () => 0),
  sock_packet_bind: onSocket(AF_PACKET, SOCK_DGRAM, (sys, fd) => bind(sys, fd, PACKET_ADDRESS)),
  socketpair_unix: plain((sys) => pair(sys, SOCK_STREAM, () => 0)),
  unix_pair_rw: plain((sys) => pair(sys, SOCK_STREAM, (a, b) => {
    const rc = sys.write(a, encode('x'))
    return rc < 0 ? rc : sys.read(b, new Uint8Array(1))
  })),
  unix_listen_accept: plain(withSocket(AF_UNIX, SOCK_STREAM, (sys, server) => {
    const address = sockaddrUn('\0selinux-ops')
    const rc = bind(sys, server, address) || sys.listen(server, 1)
    if (rc !== 0) return rc
    const client = sys.socket(AF_UNIX, SOCK_STREAM, 0)
    if (client < 0) return client
    return connect(sys, client, address) || sys.accept4(server, null, null, SOCK_NONBLOCK)
  })),
  unix_stream_connect_path: served(AF_UNIX, SOCK_STREAM, sockaddrUn('sock'),
    withSocket(AF_UNIX, SOCK_STREAM, (sys, fd) => connect(sys, fd, sockaddrUn('sock')))),
  unix_dgram_connect_send: (world) => {
    const other = world.calls(world.other())
    const fd = world.must(other.socket(AF_UNIX, SOCK_DGRAM, 0), 'socket')
    world.must(bind(other, fd, sockaddrUn('\0other')), 'bind')
    return withSocket(AF_UNIX, SOCK_DGRAM, (sys, own) =>
      connect(sys, own, sockaddrUn('\0other')) || sys.sendto(own, encode('x'), 1, 0, null, 0))
  },
  unix_pass_fd: (world) => {
    tree(world)
    return (sys) => {
      const fds: number[] = []
      const made = sys.socketpair(AF_UNIX, SOCK_DGRAM, 0, fds)
      if (made < 0) return made
      const fd = sys.open('f', O_RDONLY, 0)
      if (fd < 0) return fd
      const sent = sys.sendmsg(fds[0]!, passing(fd), 0)
      return sent < 0 ? sent : receive(sys, fds[1]!)
    }
  },
  recv_fd_r: received(O_RDONLY),
  recv_fd_w: received(O_WRONLY),

  sock_getsockopt: onSocket(AF_INET, SOCK_STREAM, (sys, fd) =>
    sys.getsockopt(fd, SOL_SOCKET, SO_TYPE, { value: 0 } as never, { value: 4 })),
  sock_setsockopt: onSocket(AF_INET, SOCK_STREAM, (sys, fd) => sys.setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, 1, 4)),
  cap_net_raw: onSocket(AF_INET, SOCK_DGRAM, (sys, fd) =>
    sys.setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, encode('lo\0'), 3)),
  sock_getsockname: onSocket(AF_INET, SOCK_STREAM, (sys, fd) => sys.getsockname(fd, new Uint8Array(16), { value: 16 })),
  sock_getpeername: served(AF_INET, SOCK_STREAM, home(PORT), withSocket(AF_INET, SOCK_STREAM, (sys, fd) =>
    connect(sys, fd, home(PORT)) || sys.getpeername(fd, new Uint8Array(16), { value: 16 }))),
  sock_ioctl: onSocket(AF_INET, SOCK_DGRAM, (sys, fd) => sys.ioctl(fd, SIOCGIFADDR, { ifr_name: 'lo' })),
  sock_ioctl_setflags: onSocket(AF_INET, SOCK_DGRAM, (sys, fd) =>
    sys.ioctl(fd, SIOCSIFFLAGS, { ifr_name: 'lo', ifr_flags: 1 })),
  sock_fstat: onSocket(AF_INET, SOCK_STREAM, (sys, fd) => sys.fstat(fd, new Kstat())),
  tcp4_bind_high: onSocket(AF_INET, SOCK_STREAM, (sys, fd) => bind(sys, fd, home(FREE_PORT))),
  tcp4_bind_zero: onSocket(AF_INET, SOCK_STREAM, (sys, fd) => bind(sys, fd, home(0))),
  tcp6_bind: onSocket(AF_INET6, SOCK_STREAM, (sys, fd) => bind(sys, fd, sockaddrIn6(LOOPBACK_6, FREE_PORT))),
  tcp4_listen: onSocket(AF_INET, SOCK_STREAM, (sys, fd) => bind(sys, fd, home(FREE_PORT)) || sys.listen(fd, 1)),
  tcp4_connect_refused: onSocket(AF_INET, SOCK_STREAM, (sys, fd) => connect(sys, fd, home(81))),
  tcp4_connect_send: served(AF_INET, SOCK_STREAM, home(PORT), withSocket(AF_INET, SOCK_STREAM, (sys, fd) =>
    connect(sys, fd, home(PORT)) || sys.write(fd, encode('x')))),
  udp4_send: served(AF_INET, SOCK_DGRAM, home(PORT), withSocket(AF_INET, SOCK_DGRAM, (sys, fd) =>
    sys.sendto(fd, encode('x'), 1, 0, home(PORT), 16))),
  udp4_connect: served(AF_INET, SOCK_DGRAM, home(PORT), withSocket(AF_INET, SOCK_DGRAM, (sys, fd) =>
    connect(sys, fd, home(PORT)))),
  socket_after_relabel: onSocket(AF_INET, SOCK_STREAM, (sys, fd) =>
    setcon(sys, 'y_t') || sys.getsockname(fd, new Uint8Array(16), { value: 16 })),
  attr_setsockcreate: plain((sys) =>
    attribute(sys, 'sockcreate', object('sock_t')) || sys.socket(AF_INET, SOCK_STREAM, 0)),

  nl_route_getlink: netlink(NETLINK_ROUTE, 18, NLM_F_DUMP),
  nl_route_newlink: netlink(NETLINK_ROUTE, 16),
  nl_route_getneigh: netlink(NETLINK_ROUTE, 30, NLM_F_DUMP),
  nl_route_delroute: netlink(NETLINK_ROUTE, 25),
  nl_route_unknown: netlink(NETLINK_ROUTE, 250),
  nl_audit_matrix: matrix(NETLINK_AUDIT, 1000, 1030),
  nl_diag_matrix: matrix(NETLINK_SOCK_DIAG, 16, 30),
  nl_diag: netlink(NETLINK_SOCK_DIAG, 20),
  nl_audit_get: netlink(NETLINK_AUDIT, 1000),
  nl_audit_user: netlink(NETLINK_AUDIT, 1005),
  nl_audit_ttyset: netlink(NETLINK_AUDIT, 1017),
  nl_audit_unknown: netlink(NETLINK_AUDIT, 1099),
  nl_kobject: onSocket(AF_NETLINK, SOCK_DGRAM, (sys, fd) => bind(sys, fd, KOBJECT_ADDRESS), NETLINK_KOBJECT_UEVENT),
  nl_xfrm: onSocket(AF_NETLINK, SOCK_RAW, () => 0, NETLINK_XFRM),
}
