/** Attributes `user.*` of sockets: 7.3 keeps them up to its limits, earlier releases refuse them. */
import {
  AF_UNIX, EEXIST, ENODATA, ENOSPC, EPERM, SOCK_STREAM, XATTR_CREATE, XATTR_REPLACE, XATTR_SIZE_MAX,
} from '@lsmkit/abi'
import { createStack } from '@lsmkit/core'
import type { Profile } from '@lsmkit/core'
import { expect, test } from 'vitest'
import { bootKernel } from '../boot/kernel.ts'
import { plainCapability } from '../testing/boot.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

const socketOf = (profile: Profile) => {
  const { sys, init } = bootKernel({ stack: createStack({ lsms: [plainCapability()], profile }) })
  const fd = sys.socket(init, AF_UNIX, SOCK_STREAM, 0)
  const buf = new Uint8Array(256)
  const text = (size: number): string | number =>
    (size < 0 ? size : new TextDecoder().decode(buf.subarray(0, size)))
  return {
    set: (name: string, value: Uint8Array, flags = 0) => sys.fsetxattr(init, fd, name, value, flags),
    get: (name: string) => text(sys.fgetxattr(init, fd, name, buf)),
    remove: (name: string) => sys.fremovexattr(init, fd, name),
    names: () => text(sys.flistxattr(init, fd, buf)),
  }
}

test.each<Profile>(['6.12', '6.18'])('%s refuses them', (profile) => {
  const socket = socketOf(profile)
  expect(socket.set('user.a', bytes('1'))).toBe(-EPERM)
  expect(socket.get('user.a')).toBe(-ENODATA)
  expect(socket.remove('user.a')).toBe(-EPERM)
  expect(socket.names()).toBe('system.sockprotoname\0')
})

test('7.3 keeps them, and lists them before the protocol', () => {
  const socket = socketOf('7.3')
  expect(socket.set('user.a', bytes('1'), XATTR_REPLACE)).toBe(-ENODATA)
  expect(socket.set('user.b', bytes('1'))).toBe(0)
  expect(socket.set('user.a', bytes('2'), XATTR_CREATE)).toBe(0)
  expect(socket.set('user.a', bytes('3'), XATTR_CREATE)).toBe(-EEXIST)
  expect(socket.set('user.b', bytes('4'), XATTR_REPLACE)).toBe(0)
  expect([socket.get('user.a'), socket.get('user.b'), socket.get('user.c')]).toEqual(['2', '4', -ENODATA])
  expect(socket.names()).toBe('user.b\0user.a\0system.sockprotoname\0')
  expect([socket.remove('user.b'), socket.remove('user.b')]).toEqual([0, -ENODATA])
  expect(socket.names()).toBe('user.a\0system.sockprotoname\0')
})

test('7.3 keeps 128 names', () => {
  const socket = socketOf('7.3')
  for (let i = 0; i < 128; i++) expect(socket.set(`user.${i}`, bytes('1'))).toBe(0)
  expect(socket.set('user.more', bytes('1'))).toBe(-ENOSPC)
  expect([socket.remove('user.0'), socket.set('user.more', bytes('1'))]).toEqual([0, 0])
})

test('7.3 keeps 128 KiB of values', () => {
  const socket = socketOf('7.3')
  const half = new Uint8Array(XATTR_SIZE_MAX)
  expect([socket.set('user.a', half), socket.set('user.b', half)]).toEqual([0, 0])
  expect(socket.set('user.c', bytes('1'))).toBe(-ENOSPC)
  expect([socket.remove('user.a'), socket.set('user.c', bytes('1'))]).toEqual([0, 0])
})
