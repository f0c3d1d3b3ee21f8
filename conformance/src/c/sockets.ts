/** Sockets as C programs use them: addresses, headers of messages, and the recorder's helpers. */
import {
  AF_INET, AF_UNIX, IPPROTO_SCTP, SCM_CREDENTIALS, SCM_RIGHTS, SO_ATTACH_FILTER, SO_BINDTODEVICE, SOCK_DGRAM,
  SOCK_STREAM, SOL_SCTP, SOL_SOCKET,
} from '@lsmkit/abi'
import { sockaddrIn, sockaddrUn } from '@lsmkit/kernel'
import type { Cmsg, OptionValue, UserMsghdr } from '@lsmkit/kernel'
import type { Actor } from './actor.ts'
import type { Builtin, CMachine } from './machine.ts'

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
const CMSG_HEAD = 16
const align = (n: number): number => Math.ceil(n / 8) * 8

export const socketCalls = (m: CMachine, { sys, must }: Actor): Record<string, Builtin> => {
  const bytes = (at: number, len: number) => (at === 0 ? null : m.slice(at, len))
  const lenRef = (at: number) => (at === 0 ? null : { value: m.view.getInt32(at, true) })

  /** Ancillary data out of memory. */
  const takeControl = (at: number, len: number): Cmsg[] => {
    const all: Cmsg[] = []
    for (let pos = at; pos + CMSG_HEAD <= at + len;) {
      const size = Number(m.view.getBigUint64(pos, true))
      if (size < CMSG_HEAD) break
      const count = (size - CMSG_HEAD) / 4
      const ints = Array.from({ length: count }, (_, i) => m.view.getInt32(pos + CMSG_HEAD + 4 * i, true))
      const cmsg_type = m.view.getInt32(pos + 12, true)
      const [pid = 0, uid = 0, gid = 0] = ints
      all.push({
        cmsg_level: m.view.getInt32(pos + 8, true), cmsg_type,
        data: cmsg_type === SCM_CREDENTIALS ? { pid, uid, gid } : ints,
      })
      pos += align(size)
    }
    return all
  }

  const takeHeader = (at: number, receives: boolean): UserMsghdr => {
    const field = (name: string) => m.get(at, 'msghdr', name)
    const name = field('msg_name')
    const control = field('msg_control')
    const vectors = field('msg_iov')
    return {
      msg_name: name === 0 ? null : receives ? new Uint8Array() : m.slice(name, field('msg_namelen')),
      msg_iov: Array.from({ length: field('msg_iovlen') }, (_, i) =>
        m.slice(m.get(vectors + 16 * i, 'iovec', 'iov_base'), m.get(vectors + 16 * i, 'iovec', 'iov_len'))),
      msg_control: control === 0 ? null : receives ? [] : takeControl(control, field('msg_controllen')),
      msg_flags: 0,
    }
  }
  const headers = (at: number, count: number, receives: boolean) =>
    Array.from({ length: count }, (_, i) => ({ msg_hdr: takeHeader(at + 64 * i, receives), msg_len: 0 }))

  /** What an option's value is: a number for most. */
  const optionValue = (level: number, name: number, at: number, len: number): unknown => {
    if (level === SOL_SOCKET && name === SO_ATTACH_FILTER) {
      const from = m.get(at, 'sock_fprog', 'filter')
      const filter = Array.from({ length: m.get(at, 'sock_fprog', 'len') }, (_, i) => ({
        code: m.get(from + 8 * i, 'sock_filter', 'code'), jt: m.get(from + 8 * i, 'sock_filter', 'jt'),
        jf: m.get(from + 8 * i, 'sock_filter', 'jf'), k: m.get(from + 8 * i, 'sock_filter', 'k'),
      }))
      return { len: filter.length, filter }
    }
    if (len === 4 && !(level === SOL_SOCKET && name === SO_BINDTODEVICE)) return m.view.getInt32(at, true)
    return m.slice(at, len)
  }

  const structOf = (tag: string, raw: Uint8Array, size: number): number => {
    const at = m.define(`${tag} ${m.alloc(1)}`, m.struct(tag))
    m.bytes.fill(0, at, at + size)
    m.bytes.set(raw, at)
    return at
  }
  const ua = (name: number): number => structOf('sockaddr_un', sockaddrUn(m.text(name)!), 110)

  return {
    ua,
    /** An abstract name. */
    ab: (name) => structOf('sockaddr_un', sockaddrUn(`\0${m.text(name)!}`), 110),
    /** A server that listens, where the type can, at a path. */
    usrv: (type, name) => {
      const s = must(sys.socket(AF_UNIX, type, 0), 'socket')
      must(sys.bind(s, m.slice(ua(name), 110), 110), 'bind')
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
      const header = structOf('msghdr', new Uint8Array(), 56)
      m.set(header, 'msghdr', 'msg_iov', vector)
      m.set(header, 'msghdr', 'msg_iovlen', 1)
      m.set(header, 'msghdr', 'msg_control', control)
      m.set(header, 'msghdr', 'msg_controllen', size)
      return header
    },
    /** `127.0.0.1` and a port. */
    i4: (at) => structOf('sockaddr_in', sockaddrIn('127.0.0.1', at & 0xffff), 16),
    tsrv: () => {
      const s = must(sys.socket(AF_INET, SOCK_STREAM, 0), 'socket')
      must(sys.bind(s, sockaddrIn('127.0.0.1', TCP_PORT), 16), 'bind')
      must(sys.listen(s, 5), 'listen')
      return s
    },
    /** As `tsrv`, of SCTP. */
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
    CMSG_LEN: (n) => CMSG_HEAD + n,
    CMSG_SPACE: (n) => CMSG_HEAD + align(n),
    CMSG_FIRSTHDR: (at) => (m.get(at, 'msghdr', 'msg_controllen') < CMSG_HEAD ? 0 : m.get(at, 'msghdr', 'msg_control')),
    CMSG_DATA: (at) => at + CMSG_HEAD,
    htons: (n) => ((n & 0xff) << 8) | ((n >> 8) & 0xff),
    htonl: (n) => new DataView(Uint8Array.of(n >>> 24, n >>> 16, n >>> 8, n).buffer).getUint32(0, true),
    socketpair: (family, type, protocol, at) => {
      const fds = [-1, -1]
      const rc = sys.socketpair(family, type, protocol, fds)
      fds.forEach((fd, i) => m.view.setInt32(at + 4 * i, fd, true))
      return rc
    },
    bind: (fd, at, len) => sys.bind(fd, bytes(at, len), len),
    connect: (fd, at, len) => sys.connect(fd, bytes(at, len), len),
    accept4: (fd, _addr, _len, flags) => sys.accept4(fd, null, null, flags),
    accept: (fd) => sys.accept(fd, null, null),
    getsockname: (fd, at, len) => giveLength(len, (ref) => sys.getsockname(fd, bytes(at, ref?.value ?? 0), ref)),
    getpeername: (fd, at, len) => giveLength(len, (ref) => sys.getpeername(fd, bytes(at, ref?.value ?? 0), ref)),
    send: (fd, at, len, flags) => sys.sendto(fd, bytes(at, len), len, flags, null, 0),
    recv: (fd, at, len, flags) => sys.recvfrom(fd, bytes(at, len), len, flags, null, null),
    sendto: (fd, at, len, flags, addr, addrlen) =>
      sys.sendto(fd, bytes(at, len), len, flags, bytes(addr, addrlen), addrlen),
    recvfrom: (fd, at, len, flags, addr, addrlen) =>
      giveLength(addrlen, (ref) => sys.recvfrom(fd, bytes(at, len), len, flags, bytes(addr, ref?.value ?? 0), ref)),
    sendmsg: (fd, at, flags) => sys.sendmsg(fd, takeHeader(at, false), flags),
    recvmsg: (fd, at, flags) => sys.recvmsg(fd, takeHeader(at, true), flags),
    sendmmsg: (fd, at, count, flags) => sys.sendmmsg(fd, headers(at, count, false), count, flags),
    recvmmsg: (fd, at, count, flags) => sys.recvmmsg(fd, headers(at, count, true), count, flags, null),
    setsockopt: (fd, level, name, at, len) => sys.setsockopt(fd, level, name, optionValue(level, name, at, len), len),
    getsockopt: (fd, level, name, at, len) =>
      giveLength(len, (ref) => {
        const out: OptionValue = { value: level === SOL_SCTP ? m.slice(at, ref?.value ?? 0) : 0 }
        const rc = sys.getsockopt(fd, level, name, out, ref)
        if (rc >= 0 && typeof out.value === 'number') m.view.setInt32(at, out.value, true)
        if (rc >= 0 && out.value instanceof Uint8Array) m.bytes.set(out.value, at)
        return rc
      }),
  }

  function giveLength(at: number, call: (ref: { value: number } | null) => number): number {
    const ref = lenRef(at)
    const rc = call(ref)
    if (ref !== null) m.view.setInt32(at, ref.value, true)
    return rc
  }
}
