/** Datagrams out of the machine: what the host is asked, and what it may answer. */
import {
  AF_INET, AF_UNSPEC, EACCES, EAGAIN, ECONNREFUSED, ENETUNREACH, ENOBUFS, MSG_DONTWAIT, O_NONBLOCK, SOCK_DGRAM,
} from '@lsmkit/abi'
import { defineLsm, ref } from '@lsmkit/core'
import { expect, test } from 'vitest'
import type { DatagramEvents } from '../../interfaces/net.ts'
import { bootForTest } from '../../testing/boot.ts'
import { decodeSockaddr, sockaddrIn } from '../../state/net/sockaddr.ts'

interface Opened {
  readonly to: string
  readonly events: DatagramEvents
  readonly sent: string[]
  isClosed: boolean
}
const text = (bytes: Uint8Array): string => String.fromCharCode(...bytes)

const world = (lsms: NonNullable<Parameters<typeof bootForTest>[0]>['lsms'] = []) => {
  const kernel = bootForTest({ lsms })
  const { sys, init, machine } = kernel
  const opened: Opened[] = []
  machine.datagrams = ({ addr, port }, events) => {
    if (addr === '10.9.9.9') return -EACCES
    if (addr === '10.8.8.8') return null
    const one: Opened = { to: `${addr}:${port}`, events, sent: [], isClosed: false }
    opened.push(one)
    return {
      send: (bytes) => (one.sent.push(text(bytes)), bytes.length > 8 ? -ENOBUFS : 0),
      close: () => void (one.isClosed = true),
    }
  }
  const fd = sys.socket(init, AF_INET, SOCK_DGRAM | O_NONBLOCK, 0)
  const send = (words: string, addr: string | null, port = 53) =>
    sys.sendto(init, fd, new TextEncoder().encode(words), words.length, MSG_DONTWAIT,
      addr === null ? null : sockaddrIn(addr, port), addr === null ? 0 : 16)
  const connect = (addr: string, port = 53) => sys.connect(init, fd, sockaddrIn(addr, port), 16)
  /** What has come, with its sender; -errno. */
  const take = (): string | number => {
    const [bytes, from] = [new Uint8Array(64), new Uint8Array(16)]
    const rc = sys.recvfrom(init, fd, bytes, bytes.length, MSG_DONTWAIT, from, ref(16))
    const { addr, port } = decodeSockaddr(from)
    return rc < 0 ? rc : `${text(bytes.subarray(0, rc))} of ${addr}:${port}`
  }
  return { ...kernel, fd, opened, send, connect, take }
}
const answer = ({ events }: Opened, words: string): void => events.data(new TextEncoder().encode(words))

test('one way for each address and port, and an answer has the address that was asked', () => {
  const { opened, send, take } = world()
  expect([send('a', '10.0.0.1'), send('bb', '10.0.0.1'), send('c', '10.0.0.1', 54), send('d', '10.0.0.2')])
    .toEqual([1, 2, 1, 1])
  expect(opened.map(({ to, sent }) => [to, ...sent]))
    .toEqual([['10.0.0.1:53', 'a', 'bb'], ['10.0.0.1:54', 'c'], ['10.0.0.2:53', 'd']])
  answer(opened[2]!, 'two')
  answer(opened[0]!, 'one')
  expect([take(), take(), take()]).toEqual(['two of 10.0.0.2:53', 'one of 10.0.0.1:53', -EAGAIN])
})

test('a refusal of the host is the answer of the call', () => {
  const { send, connect } = world()
  expect(send('a', '10.9.9.9')).toBe(-EACCES)
  expect(send('a', '10.8.8.8')).toBe(-ENETUNREACH)
  expect(send('nine bytes', '10.0.0.1')).toBe(-ENOBUFS)
  expect(connect('10.9.9.9')).toBe(0)
  expect(send('a', null)).toBe(-EACCES)
})

test('without a gateway nothing leaves', () => {
  const { machine, send, connect } = world()
  machine.datagrams = null
  expect([send('a', '10.0.0.1'), connect('10.0.0.1')]).toEqual([-ENETUNREACH, -ENETUNREACH])
})

test('connected: its peer alone is heard, an error comes once, and another peer ends the old way', () => {
  const { sys, init, fd, opened, send, connect, take } = world()
  send('a', '10.0.0.1')
  expect(connect('10.0.0.2')).toBe(0)
  expect(opened[0]!.isClosed).toBe(true)
  answer(opened[0]!, 'late')
  expect(take()).toBe(-EAGAIN)
  expect(send('b', null)).toBe(1)
  opened[1]!.events.failed(ECONNREFUSED)
  expect([take(), take()]).toEqual([-ECONNREFUSED, -EAGAIN])
  sys.connect(init, fd, Uint8Array.of(AF_UNSPEC, ...new Uint8Array(15)), 16)
  expect(opened[1]!.isClosed).toBe(true)
  expect(send('c', '10.0.0.2')).toBe(1)
  sys.close(init, fd)
  expect(opened[2]!.isClosed).toBe(true)
  answer(opened[2]!, 'nobody')
})

test('hooks see where a datagram goes and what comes back, and may refuse both', () => {
  const seen: string[] = []
  const watch = defineLsm({
    name: 'watch', abi: '1.0', id: 1000,
    hooks: {
      socket_sendmsg: (_sock, { msg_name }) => (msg_name?.addr === '10.0.0.3' ? -EACCES : 0),
      socket_sock_rcv_skb: (_sk, { saddr, sport, data }) => (seen.push(`${saddr}:${sport} ${text(data)}`),
      text(data) === 'bad' ? -EACCES : 0),
    },
  })
  const { opened, send, take } = world([watch])
  expect(send('a', '10.0.0.3')).toBe(-EACCES)
  expect(opened).toEqual([])
  send('a', '10.0.0.1')
  answer(opened[0]!, 'bad')
  answer(opened[0]!, 'good')
  expect([take(), take()]).toEqual(['good of 10.0.0.1:53', -EAGAIN])
  expect(seen).toEqual(['10.0.0.1:53 bad', '10.0.0.1:53 good'])
})
