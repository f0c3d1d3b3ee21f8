/** What system.sockprotoname tells of sockets. */
import {
  AF_INET, AF_INET6, AF_NETLINK, AF_UNIX, EOPNOTSUPP, IPPROTO_ICMP, SOCK_DGRAM, SOCK_RAW, SOCK_STREAM,
} from '@lsmkit/abi'
import { expect, test } from 'vitest'
import { bootForTest } from '../testing/boot.ts'

test.each([
  [AF_UNIX, SOCK_STREAM, 0, 'UNIX-STREAM'], [AF_UNIX, SOCK_DGRAM, 0, 'UNIX'], [AF_INET, SOCK_STREAM, 0, 'TCP'],
  [AF_INET6, SOCK_DGRAM, 0, 'UDPv6'], [AF_INET, SOCK_RAW, IPPROTO_ICMP, 'RAW'], [AF_NETLINK, SOCK_RAW, 0, 'NETLINK'],
])('family %i, type %i, protocol %i: %s', (family, type, protocol, name) => {
  const { sys, init } = bootForTest()
  const fd = sys.socket(init, family, type, protocol)
  const value = new Uint8Array(32)
  const size = sys.fgetxattr(init, fd, 'system.sockprotoname', value)
  expect(new TextDecoder().decode(value.subarray(0, size))).toBe(`${name}\0`)
  expect(sys.fgetxattr(init, fd, 'system.other', value)).toBe(-EOPNOTSUPP)
  expect(sys.fsetxattr(init, fd, 'system.sockprotoname', value, 0)).toBe(-EOPNOTSUPP)
})
