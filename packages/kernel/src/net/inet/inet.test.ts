/** Internet sockets over loopback: connections, datagrams, ports, and where the LSMs are asked. */
import {
  AF_INET, AF_INET6, AF_NETLINK, AF_PACKET, CLONE_NEWNET, EACCES, EADDRINUSE, EADDRNOTAVAIL, EAGAIN, ECONNREFUSED,
  EDESTADDRREQ, EHOSTUNREACH, EINVAL, ENETUNREACH, ENODATA, ENODEV, ENOTCONN, ENOTTY, EPERM, EPIPE, EPROTONOSUPPORT,
  ERESTARTSYS, ETIMEDOUT, FIONREAD, IPPROTO_ICMP, MSG_DONTWAIT, MSG_PEEK, NETLINK_ROUTE, NETLINK_XFRM, POLLIN, POLLOUT,
  POLLWRBAND, POLLWRNORM, SHUT_RDWR, SHUT_WR, SIOCGIFADDR, SIOCSIFADDR, SIOCSIFFLAGS, SOCK_DGRAM, SOCK_RAW, SOCK_STREAM,
  SOL_SOCKET, SO_REUSEADDR,
} from '@lsmkit/abi'
import { defineLsm } from '@lsmkit/core'
import type { Task } from '@lsmkit/core'
import { describe, expect, test } from 'vitest'
import { bootForTest } from '../../testing/boot.ts'
import type { TestKernel } from '../../testing/boot.ts'
import { sockaddrIn, sockaddrIn6 } from '../../state/net/sockaddr.ts'

const LOOPBACK6 = Uint8Array.from({ length: 16 }, (_, i) => (i === 15 ? 1 : 0))
const addrOf = (family: number, port: number) =>
  family === AF_INET ? sockaddrIn('127.0.0.1', port) : sockaddrIn6(LOOPBACK6, port)

const socketsOf = ({ sys }: TestKernel, task: Task, family: number) => {
  const at = (port: number) => addrOf(family, port)
  return {
    socket: (type: number) => sys.socket(task, family, type, 0),
    bind: (fd: number, port: number) => sys.bind(task, fd, at(port), at(port).length),
    connect: (fd: number, port: number) => sys.connect(task, fd, at(port), at(port).length),
    send: (fd: number, text: string) => sys.sendto(task, fd, new TextEncoder().encode(text), text.length, 0, null, 0),
    sendto: (fd: number, text: string, port: number) =>
      sys.sendto(task, fd, new TextEncoder().encode(text), text.length, 0, at(port), at(port).length),
    recv: (fd: number) => {
      const buf = new Uint8Array(64)
      const n = sys.recvfrom(task, fd, buf, 64, MSG_DONTWAIT, null, null)
      return n < 0 ? n : new TextDecoder().decode(buf.subarray(0, n))
    },
  }
}

/** What poll tells of a socket. */
const pollOf = ({ sys, init }: TestKernel, fd: number): number => {
  const entry = { fd, events: POLLIN | POLLOUT, revents: 0 }
  sys.poll(init, [entry], 1, 0)
  return entry.revents
}

describe.each([['AF_INET', AF_INET], ['AF_INET6', AF_INET6]] as const)('%s', (_name, family) => {
  test('a connection is made, carries bytes, and ends', () => {
    const kernel = bootForTest()
    const { sys, init } = kernel
    const { socket, bind, connect, send, recv } = socketsOf(kernel, init, family)
    const s = socket(SOCK_STREAM)
    expect(bind(s, 8080)).toBe(0)
    const c = socket(SOCK_STREAM)
    expect(connect(c, 8080)).toBe(-ECONNREFUSED)
    sys.listen(init, s, 4)
    expect(sys.accept4(init, s, null, null, 0)).toBe(-ERESTARTSYS)
    expect(connect(c, 8080)).toBe(0)
    const d = sys.accept4(init, s, null, null, 0)
    expect([send(c, 'hello'), recv(d), recv(d), send(d, 'back'), recv(c)]).toEqual([5, 'hello', -EAGAIN, 4, 'back'])
    const name = new Uint8Array(28)
    const len = { value: 28 }
    sys.getpeername(init, c, name, len)
    expect([...name.subarray(0, len.value)]).toEqual([...addrOf(family, 8080)])
    sys.shutdown(init, c, SHUT_WR)
    expect(recv(d)).toBe('')
  })

  test('writes of a byte each are one stream, whatever of it was read between them', () => {
    const segments: number[] = []
    const kernel = bootForTest({
      lsms: [defineLsm({
        name: 'segments',
        abi: '1.0',
        hooks: {
          socket_sock_rcv_skb(_sk, skb) {
            if (skb.len > 0) segments.push(skb.len)
            return 0
          },
        },
      })],
    })
    const { sys, init } = kernel
    const { socket, bind, connect, send } = socketsOf(kernel, init, family)
    const s = socket(SOCK_STREAM)
    bind(s, 8080)
    sys.listen(init, s, 4)
    const c = socket(SOCK_STREAM)
    connect(c, 8080)
    const d = sys.accept4(init, s, null, null, 0)
    const take = (size: number, flags: number) => {
      const buf = new Uint8Array(size)
      const n = sys.recvfrom(init, d, buf, size, flags, null, null)
      return [...buf.subarray(0, n)]
    }
    const BYTES = 60_000
    const got: number[] = []
    for (let i = 0; i < BYTES; i++) {
      sys.sendto(init, c, Uint8Array.of(i & 0xff), 1, 0, null, 0)
      if (i % 1000 === 999) got.push(...take(700, 0))
    }
    const rest = BYTES - got.length
    const unread = { value: 0 }
    sys.ioctl(init, d, FIONREAD, unread)
    expect(unread.value).toBe(rest)
    const peeked = take(rest, MSG_PEEK)
    while (got.length < BYTES) got.push(...take(5000, 0))
    expect(got.every((byte, i) => byte === (i & 0xff))).toBe(true)
    expect(peeked).toEqual(got.slice(-rest))
    expect([segments.length, new Set(segments)]).toEqual([BYTES, new Set([1])])
    // nothing is sent of nothing, and nobody wakes for it
    expect([send(c, ''), segments.length, pollOf(kernel, d)]).toEqual([0, BYTES, POLLOUT])
  })

  test('datagrams go where they are sent, and a refusal is told later', () => {
    const kernel = bootForTest()
    const { init } = kernel
    const { socket, bind, connect, send, sendto, recv } = socketsOf(kernel, init, family)
    const [s, c] = [socket(SOCK_DGRAM), socket(SOCK_DGRAM)]
    bind(s, 53)
    expect([sendto(c, 'query', 53), recv(s)]).toEqual([5, 'query'])
    connect(c, 54)
    expect([send(c, 'x'), recv(c)]).toEqual([1, -ECONNREFUSED])
  })
})

test('datagrams: what shutdown(2) ends, and what AF_UNSPEC undoes', () => {
  const kernel = bootForTest()
  const { sys, init } = kernel
  const { socket, bind, connect, send, sendto, recv } = socketsOf(kernel, init, AF_INET)
  bind(socket(SOCK_DGRAM), 53)
  const port = (fd: number): number => {
    const raw = new Uint8Array(16)
    sys.getsockname(init, fd, raw, { value: 16 })
    return raw[2]! * 256 + raw[3]!
  }
  const c = socket(SOCK_DGRAM)
  expect([sys.shutdown(init, c, SHUT_WR), sendto(c, 'x', 53)]).toEqual([-ENOTCONN, -EPIPE])
  expect([connect(c, 53), sys.shutdown(init, c, SHUT_WR), send(c, 'x')]).toEqual([0, 0, -EPIPE])
  expect(port(c)).not.toBe(0)
  expect([sys.connect(init, c, new Uint8Array(2), 2), port(c), recv(c)]).toEqual([0, 0, -EAGAIN])
  const kept = socket(SOCK_DGRAM)
  expect([bind(kept, 54), connect(kept, 53), sys.connect(init, kept, new Uint8Array(2), 2)]).toEqual([0, 0, 0])
  expect([port(kept), send(kept, 'x')]).toEqual([54, -EDESTADDRREQ])
})

test('of a listener only its connections are told, whatever it was before', () => {
  const kernel = bootForTest()
  const { sys, init } = kernel
  const { socket, bind, connect } = socketsOf(kernel, init, AF_INET)
  const s = socket(SOCK_STREAM)
  bind(s, 8080)
  expect(sys.shutdown(init, s, SHUT_RDWR)).toBe(-ENOTCONN)
  sys.listen(init, s, 1)
  expect(pollOf(kernel, s)).toBe(0)
  connect(socket(SOCK_STREAM), 8080)
  expect(pollOf(kernel, s)).toBe(POLLIN)
})

test('netlink can be written to at any time, and does not count what it has', () => {
  const kernel = bootForTest()
  const { sys, init } = kernel
  const fd = sys.socket(init, AF_NETLINK, SOCK_RAW, NETLINK_ROUTE)
  const entry = { fd, events: POLLOUT | POLLWRNORM | POLLWRBAND, revents: 0 }
  sys.poll(init, [entry], 1, 0)
  expect([entry.revents, sys.ioctl(init, fd, FIONREAD, { value: 0 })]).toEqual([entry.events, -ENOTTY])
})

test('a stream is ready to be written while the other side has room', () => {
  const kernel = bootForTest()
  const { sys, init } = kernel
  const { socket, bind, connect } = socketsOf(kernel, init, AF_INET)
  const s = socket(SOCK_STREAM)
  bind(s, 8080)
  sys.listen(init, s, 4)
  const c = socket(SOCK_STREAM)
  connect(c, 8080)
  const d = sys.accept4(init, s, null, null, 0)
  const isReady = (): boolean => {
    const entry = { fd: c, events: POLLOUT, revents: 0 }
    return sys.poll(init, [entry], 1, 0) === 1
  }
  const much = new Uint8Array(300_000)
  const sent = sys.sendto(init, c, much, much.length, MSG_DONTWAIT, null, 0)
  expect(sent).toBeLessThan(much.length)
  expect([sys.sendto(init, c, much, 1, MSG_DONTWAIT, null, 0), isReady()]).toEqual([-EAGAIN, false])
  const waiting = { fd: c, events: POLLOUT, revents: 0 }
  expect(sys.poll(init, [waiting], 1, -1)).toBe(-ERESTARTSYS)
  let isWoken = false
  kernel.machine.sleepOn!.subscribe(() => (isWoken = true))
  sys.recvfrom(init, d, new Uint8Array(1000), 1000, 0, null, null)
  expect([isWoken, isReady()]).toEqual([true, true])
})

test.each([
  { port: 80, uid: 1000, rc: -EACCES },
  { port: 80, uid: 0, rc: 0 },
  { port: 8080, uid: 1000, rc: 0 },
])('port $port of uid $uid: $rc', ({ port, uid, rc }) => {
  const kernel = bootForTest()
  const task = uid === 0 ? kernel.init : kernel.fork(kernel.init, uid)
  const { socket, bind } = socketsOf(kernel, task, AF_INET)
  expect(bind(socket(SOCK_STREAM), port)).toBe(rc)
})

test('a port is one socket\'s, unless all share it', () => {
  const kernel = bootForTest()
  const { sys, init } = kernel
  const { socket, bind } = socketsOf(kernel, init, AF_INET)
  const [a, b, c] = [socket(SOCK_STREAM), socket(SOCK_STREAM), socket(SOCK_STREAM)]
  for (const fd of [a, c]) sys.setsockopt(init, fd, SOL_SOCKET, SO_REUSEADDR, 1, 4)
  expect([bind(a, 9000), bind(b, 9000), bind(c, 9000)]).toEqual([0, -EADDRINUSE, 0])
  expect(sys.bind(init, b, sockaddrIn('10.0.0.1', 9001), 16)).toBe(-EADDRNOTAVAIL)
  expect(sys.connect(init, b, sockaddrIn('10.0.0.1', 9001), 16)).toBe(-ENETUNREACH)
  expect(sys.bind(init, b, sockaddrIn('127.0.0.1', 9001), 8)).toBe(-EINVAL)
})

test('raw and packet sockets take CAP_NET_RAW, and nobody pings', () => {
  const kernel = bootForTest()
  const { sys, init, fork } = kernel
  const user = fork(init, 1000)
  expect(sys.socket(user, AF_INET, SOCK_RAW, IPPROTO_ICMP)).toBe(-EPERM)
  expect(sys.socket(user, AF_PACKET, SOCK_RAW, 3)).toBe(-EPERM)
  expect(sys.socket(init, AF_INET, SOCK_RAW, IPPROTO_ICMP)).toBeGreaterThanOrEqual(0)
  expect(sys.socket(init, AF_INET, SOCK_DGRAM, IPPROTO_ICMP)).toBe(-EACCES)
})

test('what the receiver\'s LSM will not have never arrives', () => {
  const deaf = defineLsm({
    name: 'deaf',
    abi: '1.0',
    hooks: { socket_sock_rcv_skb: (_sk, skb) => (skb.dport === 7000 ? -EACCES : 0) },
  })
  const kernel = bootForTest({ lsms: [deaf] })
  const { socket, bind, sendto, recv } = socketsOf(kernel, kernel.init, AF_INET)
  const [a, b, c] = [socket(SOCK_DGRAM), socket(SOCK_DGRAM), socket(SOCK_DGRAM)]
  bind(a, 7000)
  bind(b, 7001)
  expect([sendto(c, 'x', 7000), sendto(c, 'y', 7001), recv(a), recv(b)]).toEqual([1, 1, -EAGAIN, 'y'])
})

test('netlink: changing a link takes CAP_NET_ADMIN, and the answer says so', () => {
  const { sys, init, fork } = bootForTest()
  const ask = (task: Task): number => {
    const s = sys.socket(task, AF_NETLINK, SOCK_RAW, NETLINK_ROUTE)
    const message = new Uint8Array(32)
    const view = new DataView(message.buffer)
    view.setUint32(0, 32, true)
    view.setUint16(4, 16, true)
    view.setUint16(6, 5, true)
    expect(sys.sendto(task, s, message, 32, 0, null, 0)).toBe(32)
    const reply = new Uint8Array(64)
    expect(sys.recvfrom(task, s, reply, 64, 0, null, null)).toBe(36)
    return new DataView(reply.buffer).getInt32(16, true)
  }
  expect([ask(init), ask(fork(init, 1000))]).toEqual([0, -EPERM])
})

test('netlink: the opener is asked too, unless the message says where it goes', () => {
  const { sys, init, fork } = bootForTest()
  const s = sys.socket(init, AF_NETLINK, SOCK_RAW, NETLINK_ROUTE)
  const user = fork(init, 1000)
  const answer = (to: Uint8Array | null): number => {
    const message = new Uint8Array(32)
    const view = new DataView(message.buffer)
    view.setUint32(0, 32, true)
    view.setUint16(4, 16, true)
    view.setUint16(6, 5, true)
    expect(sys.sendto(user, s, message, 32, 0, to, to?.length ?? 0)).toBe(32)
    const reply = new Uint8Array(64)
    sys.recvfrom(init, s, reply, 64, 0, null, null)
    return new DataView(reply.buffer).getInt32(16, true)
  }
  const kernelAddress = Uint8Array.of(AF_NETLINK, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
  expect([answer(null), answer(kernelAddress)]).toEqual([-EPERM, -EPERM])
  expect(sys.sendto(user, s, new Uint8Array(0), 0, 0, null, 0)).toBe(-ENODATA)
  expect(sys.sendto(user, s, new Uint8Array(16), 16, 0, kernelAddress.subarray(0, 8), 8)).toBe(-EINVAL)
})

test('a kernel that is built without IPsec has no such sockets', () => {
  const boot = (XFRM_USER: boolean) => bootForTest({ config: { XFRM_USER } })
  const open = ({ sys, init }: TestKernel): number => Math.min(sys.socket(init, AF_NETLINK, SOCK_RAW, NETLINK_XFRM), 0)
  expect([open(boot(true)), open(boot(false))]).toEqual([0, -EPROTONOSUPPORT])
})

test('the loopback device: its address, its flags, and who may change it', () => {
  const { sys, init, fork } = bootForTest()
  const ifreq = (task: Task, cmd: number, more: object = {}) => {
    const arg = { ifr_name: 'lo', ...more }
    const s = sys.socket(task, AF_INET, SOCK_DGRAM, 0)
    return [sys.ioctl(task, s, cmd, arg), arg] as const
  }
  const send = (task: Task): number => {
    const s = sys.socket(task, AF_INET, SOCK_DGRAM, 0)
    const to = sockaddrIn('127.0.0.1', 7000)
    return sys.sendto(task, s, Uint8Array.of(1), 1, 0, to, to.length)
  }
  expect(ifreq(init, SIOCGIFADDR)).toEqual([0, { ifr_name: 'lo', ifr_addr: sockaddrIn('127.0.0.1', 0) }])
  expect(ifreq(init, SIOCGIFADDR, { ifr_name: 'eth0' })[0]).toBe(-ENODEV)
  expect(ifreq(fork(init, 1000), SIOCSIFFLAGS, { ifr_flags: 0 })[0]).toBe(-EPERM)
  expect(ifreq(init, SIOCSIFADDR)[0]).toBe(-EINVAL)
  expect(send(init)).toBe(1)
  expect(ifreq(init, SIOCSIFFLAGS, { ifr_flags: 0 })[0]).toBe(0)
  expect(send(init)).toBe(-ENETUNREACH)

  const away = fork(init, 0)
  sys.unshare(away, CLONE_NEWNET)
  expect(ifreq(away, SIOCGIFADDR)[0]).toBe(-EADDRNOTAVAIL)
  expect([ifreq(away, SIOCSIFFLAGS, { ifr_flags: 1 })[0], ifreq(away, SIOCGIFADDR)[0], send(away)]).toEqual([0, 0, 1])
  expect(send(init)).toBe(-ENETUNREACH)
})

describe('labels on packets', () => {
  /** Puts each socket's maker on what it sends, and lets in what the rule allows. */
  const labeller = (allows: (from: unknown, to: number) => boolean) =>
    defineLsm({
      name: 'labeller',
      abi: '1.0',
      hooks: ({ host, current }) => {
        const makers = new WeakMap<object, number>()
        return {
          socket_post_create({ sk }) {
            makers.set(sk!, current.task.pid)
            return host.netlbl_sock_setattr!(sk!, { pid: current.task.pid })
          },
          sk_clone_security: (sk, next) => void makers.set(next, makers.get(sk)!),
          inet_conn_request: (sk, _skb, req) => host.netlbl_req_setattr!(req, { pid: makers.get(sk) }),
          socket_sock_rcv_skb(sk, skb) {
            const from = (skb.netlabel as { pid: number } | null)?.pid
            if (allows(from, makers.get(sk)!)) return 0
            host.netlbl_skbuff_err!(skb, sk.sk_family, -EACCES)
            return -EACCES
          },
        }
      },
    })

  const pair = (family: number, allows: (from: unknown, to: number) => boolean) => {
    const kernel = bootForTest({ lsms: [labeller(allows)] })
    const { fork } = kernel
    const [one, other] = [fork(), fork()]
    return {
      kernel, one, other, client: socketsOf(kernel, one, family), server: socketsOf(kernel, other, family),
    }
  }
  const up = 2
  const down = 3

  test.each([
    { family: AF_INET, refuses: 'the packet that asks', rc: -EHOSTUNREACH, allows: (from: unknown) => from !== up },
    { family: AF_INET, refuses: 'the one that answers', rc: -ETIMEDOUT, allows: (from: unknown) => from !== down },
    { family: AF_INET, refuses: 'nothing', rc: 0, allows: (from: unknown) => from === up || from === down },
    { family: AF_INET6, refuses: 'the packet that asks', rc: -EACCES, allows: (from: unknown) => from !== up },
  ])('connecting by $family when $refuses is refused: $rc', ({ family, rc, allows }) => {
    const { kernel, other, client, server } = pair(family, allows)
    const s = server.socket(SOCK_STREAM)
    server.bind(s, 8080)
    kernel.sys.listen(other, s, 4)
    expect(client.connect(client.socket(SOCK_STREAM), 8080)).toBe(rc)
  })

  test('what is sent after has the label as well, both ways', () => {
    const seen: unknown[] = []
    const { kernel, other, client, server } = pair(AF_INET, (from, to) => seen.push([from, to]) > 0)
    const s = server.socket(SOCK_STREAM)
    server.bind(s, 8080)
    kernel.sys.listen(other, s, 4)
    const c = client.socket(SOCK_STREAM)
    client.connect(c, 8080)
    const d = kernel.sys.accept4(other, s, null, null, 0)
    seen.length = 0
    client.send(c, 'hello')
    expect(seen).toEqual([[up, down], [down, up]])
    server.send(d, 'back')
    expect(seen.slice(2)).toEqual([[down, up], [up, down]])
  })

  test('a datagram that is refused is told of at the next call, where the socket is connected', () => {
    const { client, server } = pair(AF_INET, (from) => from !== up)
    server.bind(server.socket(SOCK_DGRAM), 53)
    const loose = client.socket(SOCK_DGRAM)
    expect([client.sendto(loose, 'x', 53), client.sendto(loose, 'x', 53)]).toEqual([1, 1])
    const c = client.socket(SOCK_DGRAM)
    client.connect(c, 53)
    expect([client.send(c, 'x'), client.send(c, 'x'), client.send(c, 'x')]).toEqual([1, -EHOSTUNREACH, 1])
  })
})
