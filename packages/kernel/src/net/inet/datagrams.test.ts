/** UDP and raw sockets: whom a datagram finds, what is refused, and what their names are. */
import {
  AF_INET, AF_INET6, AF_UNIX, AF_UNSPEC, EACCES, EADDRINUSE, EADDRNOTAVAIL, EAFNOSUPPORT, EAGAIN, ECONNREFUSED,
  EDESTADDRREQ, EINVAL, EMSGSIZE, ENOTCONN, EOPNOTSUPP, EPERM, EPIPE, EPOLLOUT, EPOLLWRBAND, EPOLLWRNORM,
  EPROTONOSUPPORT, IPPROTO_ICMP, MSG_DONTWAIT, MSG_ERRQUEUE, MSG_OOB, SCM_CREDENTIALS, SHUT_RD, SHUT_WR, SO_MARK,
  SO_REUSEADDR, SOCK_DGRAM, SOCK_RAW, SOCK_STREAM, SOL_SOCKET, EFAULT, ENETUNREACH, IPPROTO_IPV6, IPV6_V6ONLY,
} from '@lsmkit/abi'
import { expect, test } from 'vitest'
import { bootForTest } from '../../testing/boot.ts'
import type { Cmsg } from '../../state/net/proto.ts'
import { sockaddrIn, sockaddrIn6 } from '../../state/net/sockaddr.ts'

const withFamily = (family: number, addr: Uint8Array): Uint8Array => Uint8Array.of(family, 0, ...addr.subarray(2))

const world = () => {
  const kernel = bootForTest()
  const { sys, init } = kernel
  const at = (addr: string, port: number) => sockaddrIn(addr, port)
  const socket = (type = SOCK_DGRAM, protocol = 0, family = AF_INET) => sys.socket(init, family, type, protocol)
  const bind = (fd: number, addr: Uint8Array) => sys.bind(init, fd, addr, addr.length)
  const connect = (fd: number, addr: Uint8Array) => sys.connect(init, fd, addr, addr.length)
  const send = (fd: number, data: string | number, to: Uint8Array | null = null, flags = 0) => {
    const bytes = typeof data === 'number' ? new Uint8Array(data) : new TextEncoder().encode(data)
    return sys.sendto(init, fd, bytes, bytes.length, flags, to, to?.length ?? 0)
  }
  const recv = (fd: number, flags = MSG_DONTWAIT, size = 64) => {
    const buf = new Uint8Array(size)
    const n = sys.recvfrom(init, fd, buf, size, flags, null, null)
    return n < 0 ? n : new TextDecoder().decode(buf.subarray(0, n))
  }
  const nameOf = (fd: number) => {
    const [name, len] = [new Uint8Array(28), { value: 28 }]
    expect(sys.getsockname(init, fd, name, len)).toBe(0)
    return name.subarray(0, len.value)
  }
  const addrOf = (fd: number): string => nameOf(fd).subarray(4, 8).join('.')
  return { ...kernel, at, socket, bind, connect, send, recv, nameOf, addrOf }
}

test('a connected receiver hears its peer alone, one on the address before one on all, the last among equals', () => {
  const { sys, init, at, socket, bind, connect, send, recv } = world()
  const [all, one, bound, last] = [socket(), socket(), socket(), socket()]
  for (const fd of [all, one, bound, last]) sys.setsockopt(init, fd, SOL_SOCKET, SO_REUSEADDR, 1, 4)
  bind(all, at('0.0.0.0', 9000))
  bind(one, at('127.0.0.1', 9000))
  const [client, stranger] = [socket(), socket()]
  bind(client, at('127.0.0.1', 9001))
  connect(one, at('127.0.0.1', 9001))
  const to = at('127.0.0.1', 9000)
  send(stranger, 'from a stranger', to)
  send(client, 'from the peer', to)
  expect([recv(all), recv(one), recv(all), recv(one)]).toEqual(['from a stranger', 'from the peer', -EAGAIN, -EAGAIN])
  bind(bound, to)
  bind(last, to)
  send(stranger, 'x', to)
  expect([recv(bound), recv(last)]).toEqual([-EAGAIN, 'x'])
})

test('a port comes with the first call that needs one, an address with a connection', () => {
  const { at, socket, connect, send, nameOf, addrOf } = world()
  const [sent, failed, connected] = [socket(), socket(), socket()]
  send(sent, 'x', at('127.0.0.1', 9000))
  expect(connect(failed, withFamily(AF_UNIX, at('127.0.0.1', 9000)))).toBe(-EAFNOSUPPORT)
  connect(connected, at('127.0.0.1', 9000))
  expect([sent, failed, connected].map(addrOf)).toEqual(['0.0.0.0', '0.0.0.0', '127.0.0.1'])
  for (const fd of [sent, failed, connected]) expect(nameOf(fd)[2]).toBeGreaterThanOrEqual(128)
})

test.each([
  { what: 'too much', size: 65508, rc: -EMSGSIZE },
  { what: 'the most', size: 65507, rc: 65507 },
  { what: 'far too much, to nowhere', size: 65536, to: sockaddrIn('127.0.0.1', 0), rc: -EMSGSIZE },
  { what: 'to no port', size: 1, to: sockaddrIn('127.0.0.1', 0), rc: -EINVAL },
  { what: 'without a family', size: 1, to: withFamily(AF_UNSPEC, sockaddrIn('127.0.0.1', 9000)), rc: 1 },
  { what: 'of another family', size: 1, to: withFamily(AF_UNIX, sockaddrIn('127.0.0.1', 9000)), rc: -EAFNOSUPPORT },
  { what: 'out of band', size: 1, flags: MSG_OOB, rc: -EOPNOTSUPP },
])('a datagram $what: $rc', ({ size, to = sockaddrIn('127.0.0.1', 9000), flags = 0, rc }) => {
  const { socket, send } = world()
  expect(send(socket(), size, to, flags)).toBe(rc)
})

test('of IPv6, no family is no address, and its datagrams are longer', () => {
  const { socket, send } = world()
  const to = sockaddrIn6(Uint8Array.from({ length: 16 }, (_, i) => (i === 15 ? 1 : 0)), 9000)
  const fd = socket(SOCK_DGRAM, 0, AF_INET6)
  expect([send(fd, 1, new Uint8Array(16)), send(fd, 65527, to), send(fd, 65528, to)])
    .toEqual([-EDESTADDRREQ, 65527, -EMSGSIZE])
  expect(socket(SOCK_DGRAM, IPPROTO_ICMP, AF_INET6)).toBe(-EPROTONOSUPPORT)
})

test('an address without a family is that of all, if it is any', () => {
  const { at, socket, bind } = world()
  const bound = (addr: string): number => bind(socket(), withFamily(AF_UNSPEC, at(addr, 0)))
  expect([bound('0.0.0.0'), bound('127.0.0.1')]).toEqual([0, -EAFNOSUPPORT])
})

test('errors come before what waits, and the end only to who waits', () => {
  const { sys, init, at, socket, bind, connect, send, recv } = world()
  const [a, b] = [socket(), socket()]
  bind(a, at('127.0.0.1', 9000))
  connect(a, at('127.0.0.1', 9001))
  bind(b, at('127.0.0.1', 9001))
  send(b, 'waits', at('127.0.0.1', 9000))
  sys.close(init, b)
  send(a, 'x')
  expect([recv(a), recv(a)]).toEqual([-ECONNREFUSED, 'waits'])
  sys.shutdown(init, a, SHUT_RD)
  expect([recv(a), recv(a, 0), recv(a, MSG_ERRQUEUE)]).toEqual([-EAGAIN, '', -EAGAIN])
  sys.shutdown(init, a, SHUT_WR)
  expect(send(a, 'x')).toBe(-EPIPE)
})

test('a refusal is told to who is connected to where it came from, and port 0 is no peer', () => {
  const { sys, init, at, socket, connect, send, recv } = world()
  const fd = socket()
  connect(fd, at('127.0.0.1', 9000))
  send(fd, 'x', at('127.0.0.1', 9001))
  expect(recv(fd)).toBe(-EAGAIN)
  send(fd, 'x', at('127.0.0.1', 9000))
  expect(recv(fd)).toBe(-ECONNREFUSED)
  connect(fd, at('127.0.0.1', 0))
  expect(sys.getpeername(init, fd, new Uint8Array(16), { value: 16 })).toBe(-ENOTCONN)
  // but whose address it is counts
  send(fd, 'x', at('127.0.0.1', 9001))
  expect(recv(fd)).toBe(-ECONNREFUSED)
})

test('what is wrong with a message comes before the way it would go', () => {
  const { sys, init, at, socket, send } = world()
  const msg_control = [{ cmsg_level: SOL_SOCKET, cmsg_type: 99, data: new Uint8Array(4) }]
  const to = at('8.8.8.8', 9000)
  const message = { msg_name: to, msg_iov: [new Uint8Array(1)], msg_control, msg_flags: 0 }
  expect([sys.sendmsg(init, socket(), message, 0), send(socket(), 'x', to)]).toEqual([-EINVAL, -ENETUNREACH])
  const ping = socket(SOCK_RAW, IPPROTO_ICMP)
  expect([send(ping, 'x', at('127.0.0.1', 0)), send(ping, 'xy', at('127.0.0.1', 0))]).toEqual([-EFAULT, 2])
})

test.each([
  { family: AF_INET, addr: sockaddrIn('8.8.8.8', 80), rc: -EADDRNOTAVAIL },
  { family: AF_INET6, addr: sockaddrIn6(new Uint8Array(16).fill(7), 80), rc: -EACCES },
  { family: AF_INET6, addr: sockaddrIn6(new Uint8Array(16).fill(7), 8080), rc: -EADDRNOTAVAIL },
  { family: AF_INET, addr: sockaddrIn('8.8.8.8', 8080), isBound: true, rc: -EADDRNOTAVAIL },
  { family: AF_INET6, addr: sockaddrIn6(new Uint8Array(16).fill(7), 8080), isBound: true, rc: -EINVAL },
])('an unprivileged bind far away: $rc', ({ family, addr, isBound = false, rc }) => {
  const { sys, init, fork } = world()
  const user = fork(init, 1000)
  const fd = sys.socket(user, family, SOCK_DGRAM, 0)
  const here = family === AF_INET ? sockaddrIn('127.0.0.1', 0) : sockaddrIn6(new Uint8Array(16), 0)
  if (isBound) expect(sys.bind(user, fd, here, here.length)).toBe(0)
  expect(sys.bind(user, fd, addr, addr.length)).toBe(rc)
})

test('a raw socket of IPv6 sends to its protocol, or to none', () => {
  const { socket, send } = world()
  const fd = socket(SOCK_RAW, 200, AF_INET6)
  const to = (port: number) => sockaddrIn6(Uint8Array.from({ length: 16 }, (_, i) => (i === 15 ? 1 : 0)), port)
  expect([send(fd, 'x', to(0)), send(fd, 'x', to(200)), send(fd, 'x', to(201))]).toEqual([1, 1, -EINVAL])
})

test('ancillary data that nobody knows are refused, by streams as well', () => {
  const { sys, init, fork, at, socket, bind, connect } = world()
  const server = socket(SOCK_STREAM)
  bind(server, at('127.0.0.1', 8080))
  sys.listen(init, server, 1)
  const stream = socket(SOCK_STREAM)
  connect(stream, at('127.0.0.1', 8080))
  const [datagram, receiver] = [socket(), socket()]
  bind(receiver, at('127.0.0.1', 9000))
  connect(datagram, at('127.0.0.1', 9000))
  const send = (fd: number, cmsg_type: number, data: Cmsg['data'], task = init) => {
    const msg_control = [{ cmsg_level: SOL_SOCKET, cmsg_type, data }]
    return sys.sendmsg(task, fd, { msg_name: null, msg_iov: [Uint8Array.of(1)], msg_control, msg_flags: 0 }, 0)
  }
  const other = fork(init, 1000)
  const [mark, short] = [new Uint8Array(4), new Uint8Array(3)]
  for (const fd of [stream, datagram]) {
    expect([send(fd, 99, mark), send(fd, SO_MARK, mark), send(fd, SO_MARK, short)]).toEqual([-EINVAL, 1, -EINVAL])
    expect(send(fd, SCM_CREDENTIALS, { pid: 1, uid: 0, gid: 0 })).toBe(1)
    expect(send(fd, SO_MARK, mark, other)).toBe(fd === stream ? -EINVAL : -EPERM)
  }
})

test('a stream that nobody has connected has nothing to be read, not even of nothing', () => {
  const { socket, recv } = world()
  expect([recv(socket(SOCK_STREAM), 0, 0), recv(socket(SOCK_STREAM), MSG_ERRQUEUE)]).toEqual([-ENOTCONN, -EAGAIN])
})

test('datagrams can be sent in any band', () => {
  const { sys, init, socket } = world()
  const poll = [{ fd: socket(), events: EPOLLOUT | EPOLLWRNORM | EPOLLWRBAND, revents: 0 }]
  sys.poll(init, poll, 1, 0)
  expect(poll[0]!.revents).toBe(EPOLLOUT | EPOLLWRNORM | EPOLLWRBAND)
})

test('raw sockets have a protocol for a port, share addresses, and all get the packet with its header', () => {
  const { sys, init, at, socket, bind, connect, send, nameOf } = world()
  const [a, b, c] = [socket(SOCK_RAW, 200), socket(SOCK_RAW, 200), socket(SOCK_RAW, 201)]
  expect([...nameOf(a)]).toEqual([...at('0.0.0.0', 200)])
  expect([bind(a, at('127.0.0.1', 8080)), bind(b, at('127.0.0.1', 8080)), bind(b, at('8.8.8.8', 0))])
    .toEqual([0, 0, -EADDRNOTAVAIL])
  expect([...nameOf(a)]).toEqual([...at('127.0.0.1', 200)])
  expect(send(a, 'raw', at('127.0.0.1', 1))).toBe(3)
  const packets = [a, b, c].map((fd) => {
    const buf = new Uint8Array(64)
    const n = sys.recvfrom(init, fd, buf, 64, MSG_DONTWAIT, null, null)
    return n < 0 ? n : [...buf.subarray(0, 4), ...buf.subarray(6, 10), ...buf.subarray(12, n)]
  })
  const packet = [0x45, 0, 0, 23, 0x40, 0, 64, 200, 127, 0, 0, 1, 127, 0, 0, 1, ...new TextEncoder().encode('raw')]
  expect(packets).toEqual([packet, packet, -EAGAIN])
  connect(b, at('127.0.0.1', 0))
  sys.shutdown(init, b, SHUT_WR)
  // a raw socket is not asked whether it may still send
  expect(send(b, 'x')).toBe(1)
})

test('a socket of AF_INET6 connects to an address of IPv4', () => {
  const { sys, init } = bootForTest()
  const fd = sys.socket(init, AF_INET6, SOCK_DGRAM, 0)
  expect(sys.connect(init, fd, sockaddrIn('0.0.0.0', 5001), 16)).toBe(0)
  expect(sys.connect(init, fd, sockaddrIn('0.0.0.0', 5001).subarray(0, 8), 8)).toBe(-EINVAL)
})

test('an address without a family that is any keeps its port', () => {
  const { sys, init } = bootForTest()
  const [first, second] = [sys.socket(init, AF_INET, SOCK_DGRAM, 0), sys.socket(init, AF_INET, SOCK_DGRAM, 0)]
  expect(sys.bind(init, first, sockaddrIn('127.0.0.1', 5001), 16)).toBe(0)
  expect(sys.bind(init, second, withFamily(AF_UNSPEC, sockaddrIn('0.0.0.0', 5001)), 16)).toBe(-EADDRINUSE)
})

const mappedAddr = (addr: string, port: number): Uint8Array =>
  sockaddrIn6(Uint8Array.of(...Array<number>(10).fill(0), 0xff, 0xff, ...addr.split('.').map(Number)), port)

test('AF_INET6 and AF_INET reach each other by mapped addresses, and by those of IPv4', () => {
  const { sys, init, at, socket, bind, connect, send, recv, nameOf } = world()
  const [four, six] = [socket(), socket(SOCK_DGRAM, 0, AF_INET6)]
  bind(four, at('127.0.0.1', 5000))
  expect(bind(six, sockaddrIn6(new Uint8Array(16), 5001))).toBe(0)
  expect([send(six, 'mapped', mappedAddr('127.0.0.1', 5000)), send(six, 'plain', at('127.0.0.1', 5000))])
    .toEqual([6, 5])
  expect([recv(four), recv(four)]).toEqual(['mapped', 'plain'])
  expect(send(four, 'back', at('127.0.0.1', 5001))).toBe(4)
  const [buf, name, len] = [new Uint8Array(8), new Uint8Array(28), { value: 28 }]
  expect(sys.recvfrom(init, six, buf, 8, MSG_DONTWAIT, name, len)).toBe(4)
  expect(name).toEqual(mappedAddr('127.0.0.1', 5000))
  expect([connect(six, mappedAddr('0.0.0.0', 5000)), send(six, 'x'), recv(four)]).toEqual([0, 1, 'x'])
  expect(nameOf(six)).toEqual(mappedAddr('127.0.0.1', 5001))
})

test('IPV6_V6ONLY keeps IPv4 away, shares a port with it, and is for sockets without a port', () => {
  const { sys, init, at, socket, bind, send, recv } = world()
  const v6only = (fd: number): number => sys.setsockopt(init, fd, IPPROTO_IPV6, IPV6_V6ONLY, 1, 4)
  const [four, six, both] = [socket(), socket(SOCK_DGRAM, 0, AF_INET6), socket(SOCK_DGRAM, 0, AF_INET6)]
  expect(v6only(six)).toBe(0)
  const all = sockaddrIn6(new Uint8Array(16), 5001)
  expect([bind(six, all), bind(four, at('0.0.0.0', 5001)), bind(both, all)]).toEqual([0, 0, -EADDRINUSE])
  send(socket(), 'x', at('127.0.0.1', 5001))
  expect([recv(six), recv(four)]).toEqual([-EAGAIN, 'x'])
  expect(send(six, 'x', mappedAddr('127.0.0.1', 5001))).toBe(-ENETUNREACH)
  expect(v6only(six)).toBe(-EINVAL)
})

test('a listener of AF_INET6 hears who connects by IPv4, and tells its mapped address', () => {
  const { sys, init, at, socket, bind, connect } = world()
  const server = socket(SOCK_STREAM, 0, AF_INET6)
  bind(server, sockaddrIn6(new Uint8Array(16), 8080))
  sys.listen(init, server, 1)
  const client = socket(SOCK_STREAM)
  bind(client, at('127.0.0.1', 9001))
  expect(connect(client, at('127.0.0.1', 8080))).toBe(0)
  const [name, len] = [new Uint8Array(28), { value: 28 }]
  expect(sys.accept4(init, server, name, len, 0)).toBeGreaterThan(0)
  expect(name).toEqual(mappedAddr('127.0.0.1', 9001))
})
