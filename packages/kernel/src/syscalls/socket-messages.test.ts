/** sendmmsg and recvmmsg: how many, what the LSMs are asked, and what ends a call early. */
import {
  AF_INET, AF_UNIX, EAGAIN, EBADF, ECONNREFUSED, EFAULT, EINVAL, ENOTSOCK, ERESTARTSYS, MSG_CMSG_COMPAT, MSG_DONTWAIT,
  MSG_ERRQUEUE, MSG_WAITFORONE, O_RDONLY, SOCK_DGRAM,
} from '@lsmkit/abi'
import { expect, test } from 'vitest'
import { copyIn } from '../state/guest-bytes.ts'
import { sockaddrIn } from '../state/net/sockaddr.ts'
import { bootForTest } from '../testing/boot.ts'
import type { Mmsghdr } from './socket-messages.ts'
import type { Timespec } from '../state/timespec.ts'

const encode = (text: string): Uint8Array => new TextEncoder().encode(text)

/** A pair of datagram sockets, and a clock that stands until it is set. */
const world = () => {
  let ms = 1_000_000
  const kernel = bootForTest({ clock: () => ms })
  const { sys, init } = kernel
  const pair = [0, 0]
  sys.socketpair(init, AF_UNIX, SOCK_DGRAM, 0, pair)
  const [a, b] = pair as [number, number]
  const send = (...texts: string[]): void => {
    for (const text of texts) sys.sendto(init, a, encode(text), text.length, 0, null, 0)
  }
  const headers = (n: number, name: Uint8Array | null = null): Mmsghdr[] =>
    Array.from({ length: n }, () => ({
      msg_hdr: { msg_name: name, msg_iov: [new Uint8Array(4)], msg_control: null, msg_flags: 0 }, msg_len: 0,
    }))
  const recv = (n: number, flags = 0, timeout: Timespec | null = null): string[] | number => {
    const vec = headers(n)
    const rc = sys.recvmmsg(init, b, vec, n, flags, timeout)
    return rc < 0 ? rc : vec.slice(0, rc).map(({ msg_hdr, msg_len }) =>
      new TextDecoder().decode(copyIn(msg_hdr.msg_iov[0]!, 0, msg_len)))
  }
  return { ...kernel, a, b, send, recv, headers, wait: (more: number) => (ms += more) }
}

test('as many as there are and are asked for', () => {
  const { send, recv } = world()
  expect([recv(2), recv(2, MSG_DONTWAIT), recv(2, MSG_WAITFORONE)]).toEqual([-ERESTARTSYS, -EAGAIN, -ERESTARTSYS])
  send('one', 'two', 'six')
  expect([recv(2, MSG_DONTWAIT), recv(2, MSG_WAITFORONE), recv(0)]).toEqual([['one', 'two'], ['six'], []])
})

test('the LSMs are asked about the first alone, and of those sent about each address', () => {
  const { sys, init, send, b, headers, trace } = world()
  send('one', 'two')
  expect(trace(() => sys.recvmmsg(init, b, headers(2), 2, MSG_DONTWAIT, null)).filter((hook) => /recvmsg/.test(hook)))
    .toEqual(['socket_recvmsg'])
  const s = sys.socket(init, AF_INET, SOCK_DGRAM, 0)
  const asked = (vec: Mmsghdr[]): number =>
    trace(() => sys.sendmmsg(init, s, vec, vec.length, 0)).filter((hook) => hook === 'socket_sendmsg').length
  const [here, there] = [7000, 7001].map((port) => sockaddrIn('127.0.0.1', port)) as [Uint8Array, Uint8Array]
  expect(asked(headers(3, here))).toBe(1)
  expect(asked([...headers(2, here), ...headers(1, there), ...headers(1, here)])).toBe(3)
  const out = headers(2)
  expect(trace(() => sys.sendmmsg(init, b, out, 2, 0)).filter((hook) => hook === 'socket_sendmsg').length).toBe(2)
})

test('a number of messages is never negative', () => {
  const { sys, init, b, headers } = world()
  expect(sys.recvmmsg(init, b, headers(1), -5, MSG_DONTWAIT, null)).toBe(-EAGAIN)
  expect(sys.sendmmsg(init, b, null, -5, MSG_DONTWAIT)).toBe(-EFAULT)
})

test('a time limit is looked at after each message, and what remains is told', () => {
  const { send, recv, wait } = world()
  const timeout = { tv_sec: 2, tv_nsec: 500_000_000 }
  expect(recv(3, 0, timeout)).toBe(-ERESTARTSYS)
  wait(1000)
  send('one', 'two')
  expect([recv(3, MSG_WAITFORONE, timeout), timeout]).toEqual([['one', 'two'], { tv_sec: 1, tv_nsec: 500_000_000 }])
  expect(recv(3, 0, timeout)).toBe(-ERESTARTSYS)
  wait(2000)
  send('one', 'two')
  expect([recv(3, 0, timeout), timeout]).toEqual([['one'], { tv_sec: 0, tv_nsec: 0 }])
  expect([recv(3, 0, timeout), recv(3, MSG_DONTWAIT, timeout)]).toEqual([['two'], -EAGAIN])
})

test('an error after the first message is told by the next call', () => {
  const { sys, init, b, send, recv, headers } = world()
  send('one', 'two')
  const vec = headers(2)
  expect(sys.recvmmsg(init, b, [vec[0]!], 2, 0, null)).toBe(1)
  expect([recv(2), recv(2, MSG_DONTWAIT)]).toEqual([-EFAULT, ['two']])
  const s = sys.socket(init, AF_INET, SOCK_DGRAM, 0)
  const to = sockaddrIn('127.0.0.1', 7000)
  sys.connect(init, s, to, 16)
  sys.sendto(init, s, encode('x'), 1, 0, null, 0)
  expect(sys.recvmmsg(init, s, headers(1), 0, MSG_ERRQUEUE, null)).toBe(0)
  expect(sys.recvmmsg(init, s, headers(1), 0, 0, null)).toBe(-ECONNREFUSED)
})

test.each<readonly [string, (k: ReturnType<typeof world>) => number, number]>([
  ['a time that is none', ({ sys, init, b }) => sys.recvmmsg(init, b, [], 0, 0, { tv_sec: -1, tv_nsec: 0 }), -EINVAL],
  ['no descriptor', ({ sys, init }) => sys.recvmmsg(init, 99, null, 1, 0, null), -EBADF],
  ['no socket', ({ sys, init }) => sys.recvmmsg(init, sys.open(init, '/', O_RDONLY, 0), null, 1, 0, null), -ENOTSOCK],
  ['nothing to fill', ({ sys, init, b }) => sys.recvmmsg(init, b, null, 1, 0, null), -EFAULT],
  ['nothing asked', ({ sys, init, b }) => sys.recvmmsg(init, b, null, 0, 0, null), 0],
  ['the kernel\'s own flag', ({ sys, init, b }) => sys.recvmmsg(init, b, null, 0, MSG_CMSG_COMPAT, null), -EINVAL],
  ['sendmmsg: no descriptor', ({ sys, init }) => sys.sendmmsg(init, 99, null, 1, 0), -EBADF],
  ['sendmmsg: nothing to send', ({ sys, init, a }) => sys.sendmmsg(init, a, null, 1, 0), -EFAULT],
  ['sendmmsg: the kernel\'s own flag', ({ sys, init, a }) => sys.sendmmsg(init, a, [], 0, MSG_CMSG_COMPAT), -EINVAL],
])('%s', (_what, call, rc) => expect(call(world())).toBe(rc))
