/** connect(2) of sockets that will not wait: each sequence of calls answers as on Linux, over its loopback. */
import {
  AF_INET, AF_INET6, AF_UNSPEC, EACCES, EAGAIN, ECONNREFUSED, ECONNRESET, ERESTARTSYS, ETIMEDOUT, errnoName,
  MSG_DONTWAIT, MSG_NOSIGNAL, O_NONBLOCK, POLLERR, POLLHUP, POLLIN, POLLOUT, POLLRDHUP, SHUT_RD, SHUT_RDWR, SHUT_WR,
  SO_ERROR, SOCK_DGRAM, SOCK_STREAM, SOL_SOCKET,
} from '@lsmkit/abi'
import { defineLsm } from '@lsmkit/core'
import type { Sock } from '@lsmkit/core'
import { describe, expect, test } from 'vitest'
import { bootForTest } from '../../testing/boot.ts'
import { sockaddrIn, sockaddrIn6 } from '../../state/net/sockaddr.ts'

const LOOPBACK6 = Uint8Array.from({ length: 16 }, (_, i) => (i === 15 ? 1 : 0))
const LISTENS = 8080
const NOBODY = 8081
const FULL = 8082
const HUNG_UP = POLLIN | POLLOUT | POLLHUP | POLLRDHUP

/** One socket that will not wait, and servers: one with room for all, one with room for one. */
const world = (family: number, lsms: NonNullable<Parameters<typeof bootForTest>[0]>['lsms'] = []) => {
  const { sys, init } = bootForTest({ lsms })
  const at = (port: number, any = false) =>
    family === AF_INET ? sockaddrIn(any ? '0.0.0.0' : '127.0.0.1', port)
      : sockaddrIn6(any ? new Uint8Array(16) : LOOPBACK6, port)
  const listener = (port: number, backlog: number): number => {
    const fd = sys.socket(init, family, SOCK_STREAM | O_NONBLOCK, 0)
    sys.bind(init, fd, at(port), at(port).length)
    sys.listen(init, fd, backlog)
    return fd
  }
  const servers = { [LISTENS]: listener(LISTENS, 8), [FULL]: listener(FULL, 0) }
  const name = (rc: number): string | number => (rc < 0 ? errnoName(rc) : rc)
  const on = (fd: number) => ({
    fd,
    connect: (port: number) => name(sys.connect(init, fd, at(port), at(port).length)),
    unspec: () => name(sys.connect(init, fd, Uint8Array.of(AF_UNSPEC, 0), 2)),
    send: () => name(sys.sendto(init, fd, Uint8Array.of(1), 1, MSG_NOSIGNAL, null, 0)),
    recv: () => name(sys.recvfrom(init, fd, new Uint8Array(1), 1, MSG_DONTWAIT, null, null)),
    shutdown: (how: number) => name(sys.shutdown(init, fd, how)),
    listen: () => name(sys.listen(init, fd, 1)),
    bind: () => name(sys.bind(init, fd, at(0, true), at(0).length)),
    close: () => name(sys.close(init, fd)),
    poll() {
      const entry = { fd, events: POLLIN | POLLOUT | POLLRDHUP, revents: 0 }
      sys.poll(init, [entry], 1, 0)
      return entry.revents
    },
    error() {
      const out = { value: 0 }
      sys.getsockopt(init, fd, SOL_SOCKET, SO_ERROR, out, { value: 4 })
      return out.value
    },
    peer: () => name(sys.getpeername(init, fd, new Uint8Array(28), { value: 28 })),
    /** Whether the address and the port are set. */
    own() {
      const raw = new Uint8Array(28)
      sys.getsockname(init, fd, raw, { value: 28 })
      const addr = family === AF_INET ? raw.subarray(4, 8) : raw.subarray(8, 24)
      return [addr.some((byte) => byte !== 0), raw[2] !== 0 || raw[3] !== 0]
    },
  })
  const socket = () => on(sys.socket(init, family, SOCK_STREAM | O_NONBLOCK, 0))
  const accept = (port: keyof typeof servers) => sys.accept4(init, servers[port]!, null, null, 0)
  return { sys, init, servers, socket, accept, on, blocking: () => on(sys.socket(init, family, SOCK_STREAM, 0)) }
}

describe.each([['AF_INET', AF_INET], ['AF_INET6', AF_INET6]] as const)('%s', (_name, family) => {
  test('to a listener: in progress, then ready, then told once', () => {
    const s = world(family).socket()
    expect([s.poll(), s.peer()]).toEqual([POLLOUT | POLLHUP, 'ENOTCONN'])
    expect(s.connect(LISTENS)).toBe('EINPROGRESS')
    expect([s.poll(), s.error(), s.peer(), s.own()]).toEqual([POLLOUT, 0, 0, [true, true]])
    expect([s.connect(LISTENS), s.connect(LISTENS)]).toEqual([0, 'EISCONN'])
    expect([s.send(), s.recv()]).toEqual([1, 'EAGAIN'])
  })

  test('to a port that nobody listens on: SO_ERROR tells, or the next connect', () => {
    const { socket } = world(family)
    const s = socket()
    expect(s.connect(NOBODY)).toBe('EINPROGRESS')
    expect([s.poll(), s.peer(), s.own()]).toEqual([HUNG_UP | POLLERR, 'ENOTCONN', [true, true]])
    expect([s.error(), s.poll(), s.error()]).toEqual([ECONNREFUSED, HUNG_UP, 0])
    expect([s.connect(NOBODY), s.own()]).toEqual(['ECONNABORTED', [false, true]])
    expect([s.connect(LISTENS), s.connect(LISTENS), s.poll()]).toEqual(['EINPROGRESS', 0, POLLOUT])
    const t = socket()
    expect([t.connect(NOBODY), t.connect(NOBODY), t.poll(), t.error()]).toEqual(
      ['EINPROGRESS', 'ECONNREFUSED', POLLOUT | POLLHUP, 0])
    expect([t.connect(NOBODY), t.connect(LISTENS), t.connect(LISTENS)]).toEqual(
      ['EINPROGRESS', 'ECONNREFUSED', 'EINPROGRESS'])
  })

  test('the refusal is told to who sends or receives as well', () => {
    const { socket, blocking } = world(family)
    const s = socket()
    expect([s.connect(NOBODY), s.send(), s.send(), s.recv(), s.poll()]).toEqual(
      ['EINPROGRESS', 'ECONNREFUSED', 'EPIPE', 0, HUNG_UP])
    const t = socket()
    expect([t.connect(NOBODY), t.recv(), t.recv(), t.shutdown(SHUT_RDWR), t.listen()]).toEqual(
      ['EINPROGRESS', 'ECONNREFUSED', 0, 'ENOTCONN', 'EINVAL'])
    const b = blocking()
    expect([b.connect(NOBODY), b.poll(), b.error(), b.own(), b.send(), b.recv()]).toEqual(
      ['ECONNREFUSED', POLLOUT | POLLHUP, 0, [false, true], 'EPIPE', 'ENOTCONN'])
    expect([b.connect(LISTENS), b.connect(LISTENS)]).toEqual([0, 'EISCONN'])
  })

  test('a refused socket has lost the port it was given, and may be bound again', () => {
    const s = world(family).socket()
    expect([s.bind(), s.own(), s.connect(NOBODY), s.own()]).toEqual(
      [0, [false, true], 'EINPROGRESS', [true, true]])
    expect([s.error(), s.bind(), s.bind(), s.connect(NOBODY), s.own()]).toEqual(
      [ECONNREFUSED, 0, 'EINVAL', 'ECONNABORTED', [false, true]])
  })

  test('what else is asked of a socket on its way', () => {
    const { socket } = world(family)
    const s = socket()
    expect([s.connect(LISTENS), s.listen(), s.bind()]).toEqual(['EINPROGRESS', 'EINVAL', 'EINVAL'])
    expect([s.shutdown(SHUT_WR), s.poll(), s.connect(LISTENS), s.send()]).toEqual([0, POLLOUT, 'EISCONN', 'EPIPE'])
    const t = socket()
    expect([t.connect(LISTENS), t.shutdown(SHUT_RDWR), t.poll(), t.connect(LISTENS)]).toEqual(
      ['EINPROGRESS', 0, HUNG_UP, 'EISCONN'])
    const u = socket()
    expect([u.connect(LISTENS), u.unspec(), u.poll(), u.peer(), u.own(), u.send(), u.error()]).toEqual(
      ['EINPROGRESS', 0, POLLOUT | POLLERR | POLLHUP, 'ENOTCONN', [false, true], 'ECONNRESET', 0])
    expect([u.connect(LISTENS), u.error()]).toEqual(['EINPROGRESS', 0])
  })

  test('a listener without room: already, until there is', () => {
    const { socket, accept } = world(family)
    const [one, two, three] = [socket(), socket(), socket()]
    expect([one.connect(FULL), one.poll(), one.connect(FULL)]).toEqual(['EINPROGRESS', POLLOUT, 0])
    for (const s of [two, three]) {
      expect([s.connect(FULL), s.poll(), s.error(), s.peer(), s.own()]).toEqual(
        ['EINPROGRESS', 0, 0, 'ENOTCONN', [true, true]])
      expect([s.connect(FULL), s.send(), s.recv(), s.listen()]).toEqual(['EALREADY', 'EAGAIN', 'EAGAIN', 'EINVAL'])
    }
    expect([three.shutdown(SHUT_RD), three.poll(), three.connect(FULL), three.error()]).toEqual(
      [0, POLLOUT | POLLERR | POLLHUP, 'EINPROGRESS', 0])
    expect([three.unspec(), three.error(), three.peer(), three.own()]).toEqual(
      [0, ECONNRESET, 'ENOTCONN', [false, true]])
    expect(accept(FULL)).toBeGreaterThanOrEqual(0)
    expect([two.poll(), two.connect(FULL), two.connect(FULL)]).toEqual([POLLOUT, 0, 'EISCONN'])
    expect(accept(FULL)).toBeGreaterThanOrEqual(0)
    expect(accept(FULL)).toBe(-EAGAIN)
  })

  test('a listener that goes resets what it has not accepted, and refuses who waits for it', () => {
    const { socket, on, servers } = world(family)
    const [one, two] = [socket(), socket()]
    one.connect(FULL)
    two.connect(FULL)
    expect(on(servers[FULL]!).close()).toBe(0)
    expect([one.poll(), one.error(), one.poll(), one.connect(FULL)]).toEqual(
      [HUNG_UP | POLLERR, ECONNRESET, HUNG_UP, 'ECONNABORTED'])
    expect([two.poll(), two.error()]).toEqual([HUNG_UP | POLLERR, ECONNREFUSED])
  })

  test('a listener that is shut down is one no more, until it listens again', () => {
    const { socket, on, servers } = world(family)
    const listener = on(servers[LISTENS]!)
    expect([listener.shutdown(SHUT_WR), listener.poll()]).toEqual([0, 0])
    expect([listener.shutdown(SHUT_RD), listener.poll()]).toEqual([0, POLLOUT | POLLHUP])
    const s = socket()
    expect([s.connect(LISTENS), s.error()]).toEqual(['EINPROGRESS', ECONNREFUSED])
    expect([listener.listen(), listener.poll(), listener.connect(LISTENS)]).toEqual([0, 0, 'EISCONN'])
  })
})

test('who waits is woken when there is room, and makes the call again', () => {
  const { sys, init, socket, blocking, accept } = world(AF_INET)
  socket().connect(FULL)
  const s = blocking()
  const raw = sockaddrIn('127.0.0.1', FULL)
  expect(sys.connect(init, s.fd, raw, raw.length)).toBe(-ERESTARTSYS)
  accept(FULL)
  expect([sys.connect(init, s.fd, raw, raw.length), s.connect(FULL)]).toEqual([0, 'EISCONN'])
})

test('the tracepoint of states shows both sides of a connection', () => {
  const { sys, init, stack } = bootForTest()
  const seen: string[] = []
  const names: Readonly<Record<number, string>> = {
    1: 'ESTABLISHED', 2: 'SYN_SENT', 3: 'SYN_RECV', 7: 'CLOSE', 10: 'LISTEN',
  }
  const off = stack.tracing.trace('inet_sock_set_state', ((sk: Sock, before: number, after: number) => {
    // the tracepoint comes before the change
    expect(sk.sk_state).toBe(before)
    seen.push(`${names[before]} ${names[after]}`)
  }) as never)
  const take = (): string[] => seen.splice(0)
  const raw = sockaddrIn('127.0.0.1', LISTENS)
  const server = sys.socket(init, AF_INET, SOCK_STREAM, 0)
  sys.bind(init, server, raw, raw.length)
  expect([sys.listen(init, server, 1), take()]).toEqual([0, ['CLOSE LISTEN']])
  expect([sys.listen(init, server, 2), take()]).toEqual([0, []])
  const client = sys.socket(init, AF_INET, SOCK_STREAM, 0)
  expect([sys.connect(init, client, raw, raw.length), take()])
    .toEqual([0, ['CLOSE SYN_SENT', 'SYN_SENT ESTABLISHED', 'LISTEN SYN_RECV', 'SYN_RECV ESTABLISHED']])
  expect([sys.close(init, client), take()]).toEqual([0, ['ESTABLISHED CLOSE']])
  expect([sys.close(init, server), take()]).toEqual([0, ['LISTEN CLOSE']])
  const none = sockaddrIn('127.0.0.1', NOBODY)
  const refused = sys.socket(init, AF_INET, SOCK_STREAM, 0)
  expect([sys.connect(init, refused, none, none.length), take()])
    .toEqual([-ECONNREFUSED, ['CLOSE SYN_SENT', 'SYN_SENT CLOSE']])
  expect([sys.close(init, refused), take()]).toEqual([0, []])
  const datagrams = sys.socket(init, AF_INET, SOCK_DGRAM, 0)
  expect([sys.connect(init, datagrams, raw, raw.length), sys.close(init, datagrams), take()]).toEqual([0, 0, []])
  off()
  sys.socket(init, AF_INET, SOCK_STREAM, 0)
  expect(take()).toEqual([])
})

test('who closes a socket on its way waits no longer', () => {
  const { socket, accept } = world(AF_INET)
  const [one, two] = [socket(), socket()]
  one.connect(FULL)
  two.connect(FULL)
  two.close()
  accept(FULL)
  expect(accept(FULL)).toBe(-EAGAIN)
})

test.each([
  ['the listener is deaf to the first packet', (dport: number) => dport === LISTENS],
  ['the socket is deaf to the answer', (dport: number) => dport !== LISTENS],
])('by the word of an LSM %s', (_what, drops) => {
  const deaf = defineLsm({
    name: 'deaf',
    abi: '1.0', hooks: { socket_sock_rcv_skb: (_sk, { dport }) => (drops(dport) ? -EACCES : 0) },
  })
  const s = world(AF_INET, [deaf]).socket()
  expect([s.connect(LISTENS), s.poll(), s.error()]).toEqual(['EINPROGRESS', HUNG_UP | POLLERR, ETIMEDOUT])
})
