/** SO_RCVTIMEO and SO_SNDTIMEO: what they may be, and which calls they end. */
import {
  AF_INET, AF_NETLINK, AF_UNIX, EAGAIN, EALREADY, EDOM, EFAULT, EINPROGRESS, EINVAL, ERESTARTSYS, errnoName,
  IPPROTO_MPTCP, IPPROTO_SCTP, MSG_DONTWAIT, NETLINK_ROUTE, SO_RCVTIMEO, SO_RCVTIMEO_NEW, SO_SNDTIMEO, SOCK_DGRAM,
  SOCK_STREAM, SOL_SOCKET,
} from '@lsmkit/abi'
import { describe, expect, test } from 'vitest'
import { bootForTest } from '../testing/boot.ts'
import { sockaddrIn, sockaddrUn } from '../state/net/sockaddr.ts'

/** A kernel whose clock stands until it is set. */
const world = () => {
  let ms = 1_000_000
  const { sys, init, machine } = bootForTest({ clock: () => ms })
  const pass = (more: number) => {
    ms += more
  }
  const name = (rc: number): string | number => (rc === -ERESTARTSYS ? 'sleeps' : rc < 0 ? errnoName(rc) : rc)
  const setTime = (fd: number, option: number, tv_sec: number, tv_usec = 0) =>
    sys.setsockopt(init, fd, SOL_SOCKET, option, { tv_sec, tv_usec }, 16)
  const getTime = (fd: number, option: number) => {
    const out = { value: 0 }
    sys.getsockopt(init, fd, SOL_SOCKET, option, out, { value: 16 })
    return out.value
  }
  /** How a call answers at first, just before `limit`, and at it. */
  const over = (call: () => number, limit: number) => {
    const first = call()
    const asked = machine.sleepUntil - ms
    pass(limit - 1)
    const before = call()
    pass(1)
    return [name(first), asked, name(before), name(call())]
  }
  return { sys, init, pass, name, setTime, getTime, over }
}
type World = ReturnType<typeof world>
/** A socket, and the call that waits on it. */
type Waiter = readonly [number, () => number]

const recv = ({ sys, init }: World, fd: number) => () => sys.recvfrom(init, fd, new Uint8Array(8), 8, 0, null, null)
const connect = ({ sys, init }: World, fd: number, to: Uint8Array) => () => sys.connect(init, fd, to, to.length)
/** Sends until there is no more room; then it is the call that waits for some. */
const fill = ({ sys, init }: World, fd: number) => {
  const data = new Uint8Array(4096)
  const send = (flags: number) => sys.sendto(init, fd, data, data.length, flags, null, 0)
  while (send(MSG_DONTWAIT) > 0);
  return () => send(0)
}
const pair = ({ sys, init }: World, type: number): [number, number] => {
  const fds = [0, 0]
  sys.socketpair(init, AF_UNIX, type, 0, fds)
  return fds as [number, number]
}
const listener = ({ sys, init }: World, family: number, at: Uint8Array, protocol = 0): number => {
  const fd = sys.socket(init, family, SOCK_STREAM, protocol)
  sys.bind(init, fd, at, at.length)
  sys.listen(init, fd, protocol === IPPROTO_SCTP ? 1 : 0)
  return fd
}

test('what the time may be', () => {
  const { sys, init, setTime, getTime } = world()
  const fd = sys.socket(init, AF_UNIX, SOCK_DGRAM, 0)
  expect(getTime(fd, SO_RCVTIMEO)).toEqual({ tv_sec: 0, tv_usec: 0 })
  expect(setTime(fd, SO_RCVTIMEO, 2, 1)).toBe(0)
  expect([SO_RCVTIMEO, SO_RCVTIMEO_NEW, SO_SNDTIMEO].map((option) => getTime(fd, option)))
    .toEqual([{ tv_sec: 2, tv_usec: 4000 }, { tv_sec: 2, tv_usec: 4000 }, { tv_sec: 0, tv_usec: 0 }])
  expect([setTime(fd, SO_RCVTIMEO, 0, -1), setTime(fd, SO_RCVTIMEO, 0, 1_000_000)]).toEqual([-EDOM, -EDOM])
  expect([5, null].map((value) => sys.setsockopt(init, fd, SOL_SOCKET, SO_RCVTIMEO, value, 16)))
    .toEqual([-EINVAL, -EFAULT])
  expect(sys.setsockopt(init, fd, SOL_SOCKET, SO_RCVTIMEO, { tv_sec: 1, tv_usec: 0 }, 8)).toBe(-EINVAL)
  expect(getTime(fd, SO_RCVTIMEO)).toEqual({ tv_sec: 2, tv_usec: 4000 })
  // a time before now: nothing is waited for
  setTime(fd, SO_RCVTIMEO, -1)
  expect(sys.recvfrom(init, fd, new Uint8Array(1), 1, 0, null, null)).toBe(-EAGAIN)
  setTime(fd, SO_RCVTIMEO, 0)
  expect(sys.recvfrom(init, fd, new Uint8Array(1), 1, 0, null, null)).toBe(-ERESTARTSYS)
})

describe('receiving and accepting', () => {
  const at = sockaddrIn('127.0.0.1', 8080)
  const path = sockaddrUn('/tmp/s')
  const receiver = (w: World, fd: number): Waiter => [fd, recv(w, fd)]
  const acceptor = (w: World, fd: number): Waiter => [fd, () => w.sys.accept(w.init, fd, null, null)]
  test.each<[string, (w: World) => Waiter]>([
    ['unix stream', (w) => receiver(w, pair(w, SOCK_STREAM)[0])],
    ['unix datagram', (w) => receiver(w, pair(w, SOCK_DGRAM)[0])],
    ['unix read', (w) => {
      const [a] = pair(w, SOCK_STREAM)
      return [a, () => w.sys.read(w.init, a, new Uint8Array(1))]
    }],
    ['udp', (w) => receiver(w, w.sys.socket(w.init, AF_INET, SOCK_DGRAM, 0))],
    ['netlink', (w) => receiver(w, w.sys.socket(w.init, AF_NETLINK, SOCK_DGRAM, NETLINK_ROUTE))],
    ['unix accept', (w) => acceptor(w, listener(w, AF_UNIX, path))],
    ['tcp accept', (w) => acceptor(w, listener(w, AF_INET, at))],
    ['mptcp accept', (w) => acceptor(w, listener(w, AF_INET, at, IPPROTO_MPTCP))],
    ['sctp accept', (w) => acceptor(w, listener(w, AF_INET, at, IPPROTO_SCTP))],
  ])('%s', (_name, make) => {
    const w = world()
    const [fd, call] = make(w)
    w.setTime(fd, SO_RCVTIMEO, 2)
    for (let i = 0; i < 2; i++) expect(w.over(call, 2000)).toEqual(['sleeps', 2000, 'sleeps', 'EAGAIN'])
  })

  test('what comes in time is taken, and the next call has a time of its own', () => {
    const w = world()
    const [a, b] = pair(w, SOCK_STREAM)
    w.setTime(a, SO_RCVTIMEO, 2)
    const call = recv(w, a)
    expect(call()).toBe(-ERESTARTSYS)
    w.pass(1500)
    w.sys.write(w.init, b, Uint8Array.of(1))
    expect(call()).toBe(1)
    w.pass(1000)
    expect(w.over(call, 2000)).toEqual(['sleeps', 2000, 'sleeps', 'EAGAIN'])
  })

  test('an accepted TCP socket has the time of its listener', () => {
    const w = world()
    const s = listener(w, AF_INET, at)
    w.setTime(s, SO_RCVTIMEO, 3)
    connect(w, w.sys.socket(w.init, AF_INET, SOCK_STREAM, 0), at)()
    const c = w.sys.accept(w.init, s, null, null)
    expect(w.getTime(c, SO_RCVTIMEO)).toEqual({ tv_sec: 3, tv_usec: 0 })
    expect(w.over(recv(w, c), 3000)).toEqual(['sleeps', 3000, 'sleeps', 'EAGAIN'])
  })

  test('recvmmsg keeps its limit while a message is waited for', () => {
    const w = world()
    const [a, b] = pair(w, SOCK_DGRAM)
    w.setTime(a, SO_RCVTIMEO, 5)
    const timeout = { tv_sec: 2, tv_nsec: 0 }
    const call = () => {
      const header = { msg_name: null, msg_iov: [new Uint8Array(1)], msg_control: null, msg_flags: 0 }
      return w.sys.recvmmsg(w.init, a, [{ msg_hdr: header, msg_len: 0 }], 1, 0, timeout)
    }
    expect(call()).toBe(-ERESTARTSYS)
    w.pass(1500)
    expect(call()).toBe(-ERESTARTSYS)
    w.sys.write(w.init, b, Uint8Array.of(1))
    expect([call(), timeout]).toEqual([1, { tv_sec: 0, tv_nsec: 500_000_000 }])
    expect(w.over(call, 5000)).toEqual(['sleeps', 5000, 'sleeps', 'EAGAIN'])
  })
})

describe('sending and connecting', () => {
  const at = sockaddrIn('127.0.0.1', 8080)

  test.each<[string, number, (w: World) => number]>([
    ['unix stream', SOCK_STREAM, (w) => pair(w, SOCK_STREAM)[0]],
    ['unix datagram', SOCK_DGRAM, (w) => pair(w, SOCK_DGRAM)[0]],
    ['tcp', SOCK_STREAM, (w) => {
      listener(w, AF_INET, at)
      const c = w.sys.socket(w.init, AF_INET, SOCK_STREAM, 0)
      connect(w, c, at)()
      return c
    }],
  ])('%s', (_name, _type, make) => {
    const w = world()
    const fd = make(w)
    w.setTime(fd, SO_SNDTIMEO, 2)
    expect(w.over(fill(w, fd), 2000)).toEqual(['sleeps', 2000, 'sleeps', 'EAGAIN'])
  })

  test('a listener without room: unix is tried again later, TCP goes on by itself', () => {
    const w = world()
    const path = sockaddrUn('/tmp/s')
    listener(w, AF_UNIX, path)
    listener(w, AF_INET, at)
    for (const [family, to] of [[AF_UNIX, path], [AF_INET, at]] as const)
      connect(w, w.sys.socket(w.init, family, SOCK_STREAM, 0), to)()
    const [u, t] = [AF_UNIX, AF_INET].map((family) => w.sys.socket(w.init, family, SOCK_STREAM, 0)) as [number, number]
    for (const fd of [u, t]) w.setTime(fd, SO_SNDTIMEO, 2)
    expect(w.over(connect(w, u, path), 2000)).toEqual(['sleeps', 2000, 'sleeps', errnoName(-EAGAIN)])
    expect(w.over(connect(w, t, at), 2000)).toEqual(['sleeps', 2000, 'sleeps', errnoName(-EINPROGRESS)])
    expect(w.over(connect(w, t, at), 2000)).toEqual(['sleeps', 2000, 'sleeps', errnoName(-EALREADY)])
  })
})
