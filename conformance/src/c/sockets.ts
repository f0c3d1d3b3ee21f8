/** Sockets as C programs use them: addresses, headers of messages, and the recorder's helpers. */
import { AF_INET, AF_UNIX, IPPROTO_SCTP, SCM_RIGHTS, SOCK_DGRAM, SOCK_STREAM, SOL_SCTP, SOL_SOCKET } from '@lsmkit/abi'
import { sockaddrIn, sockaddrUn } from '@lsmkit/kernel'
import type { OptionValue } from '@lsmkit/kernel'
import type { Actor } from './actor.ts'
import type { Builtin, CMachine } from './machine.ts'
import {
  align, bytes, CMSG_HEAD, giveLength, headers, optionValue, structOf, takeHeader, ua,
} from './socket-arguments.ts'

export const SOCKET_HEADERS = `
struct sockaddr { uint16_t sa_family; char sa_data[14]; };
struct sockaddr_un { uint16_t sun_family; char sun_path[108]; };
struct in_addr { uint32_t s_addr; };
struct sockaddr_in { uint16_t sin_family; uint16_t sin_port; struct in_addr sin_addr; char sin_zero[8]; };
struct sockaddr_in6 { uint16_t sin6_family; uint16_t sin6_port; uint32_t sin6_flowinfo; char sin6_addr[16];
  uint32_t sin6_scope_id; };
struct sockaddr_nl { uint16_t nl_family; uint16_t nl_pad; uint32_t nl_pid; uint32_t nl_groups; };
struct sockaddr_ll { uint16_t sll_family; uint16_t sll_protocol; int sll_ifindex; char rest[12]; };
struct nlmsghdr { uint32_t nlmsg_len; uint16_t nlmsg_type; uint16_t nlmsg_flags; uint32_t nlmsg_seq;
  uint32_t nlmsg_pid; };
struct ifinfomsg { uint8_t ifi_family; uint8_t pad; uint16_t ifi_type; int ifi_index; uint32_t ifi_flags;
  uint32_t ifi_change; };
struct msghdr { void *msg_name; uint32_t msg_namelen; struct iovec *msg_iov; size_t msg_iovlen; void *msg_control;
  size_t msg_controllen; int msg_flags; };
struct cmsghdr { size_t cmsg_len; int cmsg_level; int cmsg_type; };
struct ucred { int pid; uint32_t uid; uint32_t gid; };
struct linger { int l_onoff; int l_linger; };
struct mmsghdr { struct msghdr msg_hdr; uint32_t msg_len; };
`
export const SOCKET_GLOBALS = `
char cb[512];
int port = 20000;
`

const TCP_PORT = 20080
const UDP_PORT = 20081
const SCTP_PORT = 20082
/** Helpers of the recorder: addresses, servers, clients, messages. */
const recorderCalls = (m: CMachine, { sys, must }: Actor): Record<string, Builtin> => ({
  ua: (name) => ua(m, name),
  /** An abstract name. */
  ab: (name) => structOf(m, 'sockaddr_un', sockaddrUn(`\0${m.text(name)!}`), 110),
  /** A server that listens, where the type can, at a path. */
  usrv: (type, name) => {
    const s = must(sys.socket(AF_UNIX, type, 0), 'socket')
    must(sys.bind(s, m.slice(ua(m, name), 110), 110), 'bind')
    if (type !== SOCK_DGRAM) must(sys.listen(s, 5), 'listen')
    return s
  },
  /** A message of one byte with descriptors. */
  rights: (count, at) => {
    const fds = Array.from({ length: count }, (_, i) => m.view.getInt32(at + 4 * i, true))
    const vector = m.alloc(16)
    m.view.setBigUint64(vector, BigInt(m.string('x')), true)
    m.view.setBigUint64(vector + 8, 1n, true)
    const size = CMSG_HEAD + 4 * count
    const control = m.alloc(align(size))
    m.view.setBigUint64(control, BigInt(size), true)
    m.view.setInt32(control + 8, SOL_SOCKET, true)
    m.view.setInt32(control + 12, SCM_RIGHTS, true)
    fds.forEach((fd, i) => m.view.setInt32(control + CMSG_HEAD + 4 * i, fd, true))
    const header = structOf(m, 'msghdr', new Uint8Array(), 56)
    m.set(header, 'msghdr', 'msg_iov', vector)
    m.set(header, 'msghdr', 'msg_iovlen', 1)
    m.set(header, 'msghdr', 'msg_control', control)
    m.set(header, 'msghdr', 'msg_controllen', size)
    return header
  },
  /** `127.0.0.1` and a port. */
  i4: (at) => structOf(m, 'sockaddr_in', sockaddrIn('127.0.0.1', at & 0xffff), 16),
  tsrv: () => {
    const s = must(sys.socket(AF_INET, SOCK_STREAM, 0), 'socket')
    must(sys.bind(s, sockaddrIn('127.0.0.1', TCP_PORT), 16), 'bind')
    must(sys.listen(s, 5), 'listen')
    return s
  },
  /** As `tsrv`, but of SCTP. */
  ssrv: () => {
    const s = must(sys.socket(AF_INET, SOCK_STREAM, IPPROTO_SCTP), 'socket')
    must(sys.bind(s, sockaddrIn('127.0.0.1', SCTP_PORT), 16), 'bind')
    must(sys.listen(s, 5), 'listen')
    return s
  },
  tcli: (_server) => {
    const c = must(sys.socket(AF_INET, SOCK_STREAM, 0), 'socket')
    must(sys.connect(c, sockaddrIn('127.0.0.1', TCP_PORT), 16), 'connect')
    return c
  },
  /** A receiver, and at the address given a socket that is connected to it. */
  upair: (at) => {
    const s = must(sys.socket(AF_INET, SOCK_DGRAM, 0), 'socket')
    must(sys.bind(s, sockaddrIn('127.0.0.1', UDP_PORT), 16), 'bind')
    const c = must(sys.socket(AF_INET, SOCK_DGRAM, 0), 'socket')
    must(sys.connect(c, sockaddrIn('127.0.0.1', UDP_PORT), 16), 'connect')
    m.view.setInt32(at, c, true)
    return s
  },
})

/** Macros of control messages, and byte order. */
const headerCalls = (m: CMachine): Record<string, Builtin> => ({
  CMSG_LEN: (n) => CMSG_HEAD + n,
  CMSG_SPACE: (n) => CMSG_HEAD + align(n),
  CMSG_FIRSTHDR: (at) => (m.get(at, 'msghdr', 'msg_controllen') < CMSG_HEAD ? 0 : m.get(at, 'msghdr', 'msg_control')),
  CMSG_DATA: (at) => at + CMSG_HEAD,
  htons: (n) => ((n & 0xff) << 8) | ((n >> 8) & 0xff),
  htonl: (n) => new DataView(Uint8Array.of(n >>> 24, n >>> 16, n >>> 8, n).buffer).getUint32(0, true),
})

/** The system calls. */
const systemCalls = (m: CMachine, { sys }: Actor): Record<string, Builtin> => ({
  socketpair: (family, type, protocol, at) => {
    const fds = [-1, -1]
    const rc = sys.socketpair(family, type, protocol, fds)
    fds.forEach((fd, i) => m.view.setInt32(at + 4 * i, fd, true))
    return rc
  },
  bind: (fd, at, len) => sys.bind(fd, bytes(m, at, len), len),
  connect: (fd, at, len) => sys.connect(fd, bytes(m, at, len), len),
  accept4: (fd, _addr, _len, flags) => sys.accept4(fd, null, null, flags),
  accept: (fd) => sys.accept(fd, null, null),
  getsockname: (fd, at, len) => giveLength(m, len, (ref) => sys.getsockname(fd, bytes(m, at, ref?.value ?? 0), ref)),
  getpeername: (fd, at, len) => giveLength(m, len, (ref) => sys.getpeername(fd, bytes(m, at, ref?.value ?? 0), ref)),
  send: (fd, at, len, flags) => sys.sendto(fd, bytes(m, at, len), len, flags, null, 0),
  recv: (fd, at, len, flags) => sys.recvfrom(fd, bytes(m, at, len), len, flags, null, null),
  sendto: (fd, at, len, flags, addr, addrlen) =>
    sys.sendto(fd, bytes(m, at, len), len, flags, bytes(m, addr, addrlen), addrlen),
  recvfrom: (fd, at, len, flags, addr, addrlen) =>
    giveLength(m, addrlen, (ref) =>
      sys.recvfrom(fd, bytes(m, at, len), len, flags, bytes(m, addr, ref?.value ?? 0), ref)),
  sendmsg: (fd, at, flags) => sys.sendmsg(fd, takeHeader(m, at, false), flags),
  recvmsg: (fd, at, flags) => sys.recvmsg(fd, takeHeader(m, at, true), flags),
  sendmmsg: (fd, at, count, flags) => sys.sendmmsg(fd, headers(m, at, count, false), count, flags),
  recvmmsg: (fd, at, count, flags) => sys.recvmmsg(fd, headers(m, at, count, true), count, flags, null),
  setsockopt: (fd, level, name, at, len) =>
    sys.setsockopt(fd, level, name, optionValue(m, level, name, at, len), len),
  getsockopt: (fd, level, name, at, len) =>
    giveLength(m, len, (ref) => {
      const out: OptionValue = { value: level === SOL_SCTP ? m.slice(at, ref?.value ?? 0) : 0 }
      const rc = sys.getsockopt(fd, level, name, out, ref)
      if (rc >= 0 && typeof out.value === 'number') m.view.setInt32(at, out.value, true)
      if (rc >= 0 && out.value instanceof Uint8Array) m.bytes.set(out.value, at)
      return rc
    }),
})

export const socketCalls = (m: CMachine, actor: Actor): Record<string, Builtin> => ({
  ...recorderCalls(m, actor),
  ...headerCalls(m),
  ...systemCalls(m, actor),
})
