/** Options of any socket: what they take, what they keep, and how long their values are. */
import {
  AF_INET, AF_UNIX, EFAULT, EINVAL, ENOENT, ENOPROTOOPT, ENOTCONN, EOPNOTSUPP, EPERM, SO_ATTACH_FILTER, SO_BSDCOMPAT,
  SO_DETACH_FILTER, SO_LINGER, SO_LOCK_FILTER, SO_NO_CHECK, SO_PEERCRED, SO_PEERNAME, SO_RCVBUF, SO_RCVLOWAT,
  SO_REUSEADDR, SO_REUSEPORT, SO_SNDBUF, SO_SNDBUFFORCE, SO_SNDLOWAT, SO_TYPE, SOCK_DGRAM, SOCK_STREAM, SOL_SOCKET,
} from '@lsmkit/abi'
import { expect, test } from 'vitest'
import { sockaddrUn } from '../state/net/sockaddr.ts'
import { bootForTest } from '../testing/boot.ts'
import type { OptionValue } from './socket-options.ts'

const world = (family = AF_INET, type = SOCK_STREAM, uid = 0) => {
  const kernel = bootForTest()
  const { sys, init, fork } = kernel
  const task = uid === 0 ? init : fork(init, uid)
  const fd = sys.socket(task, family, type, 0)
  const set = (name: number, value: unknown, len = 4): number =>
    sys.setsockopt(task, fd, SOL_SOCKET, name, value, len)
  const get = (name: number, size = 64): readonly [OptionValue['value'], number] | number => {
    const out: OptionValue = { value: 0 }
    const len = { value: size }
    const rc = sys.getsockopt(task, fd, SOL_SOCKET, name, out, len)
    return rc < 0 ? rc : [out.value, len.value]
  }
  return { ...kernel, task, fd, set, get }
}

test.each([
  { name: SO_REUSEADDR, value: 7, told: 1, why: 'a switch' },
  { name: SO_NO_CHECK, value: -1, told: 1, why: 'a switch' },
  { name: SO_BSDCOMPAT, value: 1, told: 0, why: 'nothing' },
  { name: SO_RCVLOWAT, value: 0, told: 1, why: 'at least one byte' },
  { name: SO_RCVLOWAT, value: -5, told: 0x7fffffff, why: 'as much as there is' },
  { name: SO_SNDBUF, value: 5000, told: 10000, why: 'twice of it' },
  { name: SO_SNDBUF, value: 0, told: 4608, why: 'the least' },
  { name: SO_SNDBUF, value: -1, told: 425984, why: 'twice the most' },
  { name: SO_RCVBUF, value: 1, told: 2304, why: 'the least' },
  { name: SO_RCVBUF, value: 1 << 30, told: 425984, why: 'twice the most' },
])('option $name of $value is $told: $why', ({ name, value, told }) => {
  const { set, get } = world()
  expect([set(name, value), get(name)]).toEqual([0, [told, 4]])
})

test('a buffer can be forced beyond the most, but not below none', () => {
  const { set, get } = world()
  expect([set(SO_SNDBUFFORCE, 1 << 20), get(SO_SNDBUF)]).toEqual([0, [2 << 20, 4]])
  expect([set(SO_SNDBUFFORCE, -1), get(SO_SNDBUF)]).toEqual([0, [4608, 4]])
  expect(world(AF_INET, SOCK_STREAM, 1000).set(SO_SNDBUFFORCE, 5000)).toBe(-EPERM)
})

test('TCP has buffers of its own', () => {
  const sizes = (family: number, type: number) => [SO_SNDBUF, SO_RCVBUF].map((name) => world(family, type).get(name))
  expect(sizes(AF_INET, SOCK_STREAM)).toEqual([[16384, 4], [131072, 4]])
  expect(sizes(AF_INET, SOCK_DGRAM)).toEqual([[212992, 4], [212992, 4]])
})

test('a value is an int at least, before it is asked which option', () => {
  const { set, get } = world()
  expect([set(SO_REUSEADDR, 1, 3), set(9999, 1, 3), set(9999, 1), set(SO_REUSEADDR, null)])
    .toEqual([-EINVAL, -EINVAL, -ENOPROTOOPT, -EFAULT])
  expect([get(SO_TYPE), get(SO_TYPE, 3), get(SO_TYPE, 0)]).toEqual([[1, 4], [1, 3], [1, 0]])
})

test('one that lingers takes two numbers', () => {
  const { set, get } = world()
  const on = { l_onoff: 3, l_linger: 7 }
  expect([set(SO_LINGER, on, 4), set(SO_LINGER, on, 8), get(SO_LINGER)])
    .toEqual([-EINVAL, 0, [{ l_onoff: 1, l_linger: 7 }, 8]])
  expect(set(SO_LINGER, { l_onoff: 0, l_linger: 9 }, 8)).toBe(0)
  expect(get(SO_LINGER)).toEqual([{ l_onoff: 0, l_linger: 7 }, 8])
})

test('a port is shared by the Internet\'s sockets; what can be sent at least cannot be set', () => {
  const { set, get } = world(AF_UNIX)
  expect([set(SO_REUSEPORT, 1), set(SO_REUSEPORT, 0), set(SO_SNDLOWAT, 1), get(SO_SNDLOWAT)])
    .toEqual([-EOPNOTSUPP, 0, -ENOPROTOOPT, [1, 4]])
})

test('of a peer that was never there, nobody\'s ids and no name', () => {
  const { get, sys, task, fd } = world(AF_UNIX)
  expect([get(SO_PEERCRED), get(SO_PEERCRED, 4)]).toEqual([
    [{ pid: 0, uid: 0xffffffff, gid: 0xffffffff }, 12], [{ pid: 0, uid: 0xffffffff, gid: 0xffffffff }, 4],
  ])
  expect(get(SO_PEERNAME)).toBe(-ENOTCONN)
  const address = sockaddrUn('\0name')
  const listener = sys.socket(task, AF_UNIX, SOCK_STREAM, 0)
  sys.bind(task, listener, address, address.length)
  sys.listen(task, listener, 1)
  sys.connect(task, fd, address, address.length)
  expect([get(SO_PEERNAME, address.length), get(SO_PEERNAME, 2), get(SO_PEERNAME, address.length + 1)])
    .toEqual([[address, address.length], [Uint8Array.of(AF_UNIX, 0), 2], -EINVAL])
})

test('a filter that was locked stays, and TCP takes an administrator\'s alone', () => {
  const filter = { len: 1, filter: [{ code: 6, jt: 0, jf: 0, k: 0 }] }
  const user = world(AF_INET, SOCK_DGRAM, 1000)
  expect([user.set(SO_DETACH_FILTER, 0), user.set(SO_ATTACH_FILTER, filter, 16), user.set(SO_LOCK_FILTER, 1)])
    .toEqual([-ENOENT, 0, 0])
  expect([user.set(SO_LOCK_FILTER, 0), user.set(SO_DETACH_FILTER, 0), user.set(SO_ATTACH_FILTER, filter, 16)])
    .toEqual([-EPERM, -EPERM, -EPERM])
  expect(world(AF_INET, SOCK_STREAM, 1000).set(SO_ATTACH_FILTER, filter, 16)).toBe(-EPERM)
})
