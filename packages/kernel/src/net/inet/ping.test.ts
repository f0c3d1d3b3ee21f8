/** Sockets that ping, and data that open a connection. */
import {
  AF_INET, EACCES, EINVAL, EISCONN, EOPNOTSUPP, IPPROTO_ICMP, MSG_DONTWAIT, MSG_FASTOPEN, O_WRONLY, SOCK_DGRAM,
  SOCK_STREAM,
} from '@lsmkit/abi'
import { expect, test } from 'vitest'
import { bootForTest } from '../../testing/boot.ts'
import { sockaddrIn } from '../../state/net/sockaddr.ts'

const REQUEST = Uint8Array.of(8, 0, 0, 0, 0, 0, 0, 1, 0x61, 0x62)

test('a group of the range may ping, and is answered', () => {
  const { sys, init } = bootForTest()
  const ping = () => sys.socket(init, AF_INET, SOCK_DGRAM, IPPROTO_ICMP)
  expect(ping()).toBe(-EACCES)
  const set = (text: string) => {
    const setting = sys.open(init, '/proc/sys/net/ipv4/ping_group_range', O_WRONLY, 0)
    return sys.write(init, setting, new TextEncoder().encode(text))
  }
  expect([set('1'), set('-1 5'), set('a b')]).toEqual([-EINVAL, -EINVAL, -EINVAL])
  expect(set('0 5\n')).toBe(4)
  const fd = ping()
  expect(fd).toBeGreaterThan(0)
  const home = sockaddrIn('127.0.0.1', 0)
  expect(sys.sendto(init, fd, Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 1), 8, 0, home, home.length)).toBe(-EINVAL)
  expect(sys.sendto(init, fd, REQUEST, REQUEST.length, 0, home, home.length)).toBe(REQUEST.length)
  const answer = new Uint8Array(16)
  expect(sys.recvfrom(init, fd, answer, 16, MSG_DONTWAIT, null, null)).toBe(REQUEST.length)
  expect([answer[0], ...answer.subarray(6, 10)]).toEqual([0, 0, 1, 0x61, 0x62])
  expect(set('5 0\n')).toBe(4)
  expect(ping()).toBe(-EACCES)
})

test('MSG_FASTOPEN connects and sends', () => {
  const { sys, init } = bootForTest()
  const home = sockaddrIn('127.0.0.1', 5556)
  const server = sys.socket(init, AF_INET, SOCK_STREAM, 0)
  sys.bind(init, server, home, home.length)
  sys.listen(init, server, 1)
  const client = sys.socket(init, AF_INET, SOCK_STREAM, 0)
  const send = (address: Uint8Array | null) =>
    sys.sendto(init, client, Uint8Array.of(0x78), 1, MSG_FASTOPEN, address, address?.length ?? 0)
  expect([send(new Uint8Array(16)), send(null)]).toEqual([-EOPNOTSUPP, -EINVAL])
  expect([send(home), send(home)]).toEqual([1, -EISCONN])
  const accepted = sys.accept4(init, server, null, null, 0)
  const got = new Uint8Array(4)
  expect(sys.read(init, accepted, got)).toBe(1)
  expect(got[0]).toBe(0x78)
})
