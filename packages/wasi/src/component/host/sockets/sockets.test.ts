/** `wasi:sockets` on the kernel's sockets: connections, datagrams, names, what is refused, and whom it asks. */
import { EACCES } from '@lsmkit/abi'
import { capability } from '@lsmkit/capability'
import { defineLsm } from '@lsmkit/core'
import type { Lsm } from '@lsmkit/core'
import { describe, expect, test } from 'vitest'
import { componentOfText } from '../../../../test/components.ts'
import { datagramClient, datagramServer } from '../../../../test/udp-components.ts'
import { guestLimits, openReactor, runWasiAsync } from '../../../index.ts'
import { bootForTest, collect } from '../../../testing/boot.ts'
import { componentGuestOn } from '../../../testing/component-guest.ts'

const ERRORS = [
  'unknown', 'access-denied', 'not-supported', 'invalid-argument', 'out-of-memory', 'timeout', 'concurrency-conflict',
  'not-in-progress', 'would-block', 'invalid-state', 'new-socket-limit', 'address-not-bindable', 'address-in-use',
  'remote-unreachable', 'connection-refused', 'connection-reset', 'connection-aborted', 'datagram-too-large',
  'name-unresolvable', 'temporary-resolver-failure', 'permanent-resolver-failure',
]
const V4 = 0
const V6 = 1

type Words = readonly number[]
const v4 = (port: number, ...address: Words): Words => [V4, port, ...address, 0, 0, 0, 0, 0, 0]
const v6 = (port: number, ...address: Words): Words => [V6, port, 0, ...address, 0]
const local = (port: number): Words => v4(port, 127, 0, 0, 1)

const guestWith = (...lsms: readonly Lsm[]) => {
  const kernel = bootForTest([capability(), ...lsms])
  const guest = componentGuestOn(kernel)
  const { call, result, view, bytes, put } = guest
  const ok = result(() => 'ok', ERRORS, 1)
  const handle = result((at) => view().getUint32(at, true), ERRORS, 4)
  const handles = (count: number) =>
    result((at) => Array.from({ length: count }, (_, i) => view().getUint32(at + 4 * i, true)), ERRORS, 4)
  const u64 = result((at) => view().getBigUint64(at, true), ERRORS, 8)
  const address = result((at) => {
    const port = view().getUint16(at + 4, true)
    return view().getUint8(at) === V4 ? `${bytes(at + 6, 4).join('.')}:${port}`
      : `${Array.from({ length: 8 }, (_, i) => view().getUint16(at + 12 + 2 * i, true).toString(16)).join(':')} ${port}`
  }, ERRORS, 4)
  const network = call('sockets/instance-network', 'instance-network') as number
  const tcp = (name: string) => `[method]tcp-socket.${name}`
  const udp = (name: string) => `[method]udp-socket.${name}`
  const newTcp = (family = V4) => handle('sockets/tcp-create-socket', 'create-tcp-socket', family) as number
  const newUdp = (family = V4) => handle('sockets/udp-create-socket', 'create-udp-socket', family) as number
  const onTcp = (socket: number, name: string, ...words: readonly (number | bigint)[]) =>
    ok('sockets/tcp', tcp(name), socket, ...words)
  const onUdp = (socket: number, name: string, ...words: readonly (number | bigint)[]) =>
    ok('sockets/udp', udp(name), socket, ...words)
  const listener = (port: number) => {
    const socket = newTcp()
    onTcp(socket, 'start-bind', network, ...local(port))
    onTcp(socket, 'finish-bind')
    onTcp(socket, 'start-listen')
    onTcp(socket, 'finish-listen')
    return socket
  }
  /** Reads what is there. */
  const read = (stream: number) => result((at) =>
    guest.text(view().getUint32(at, true), view().getUint32(at + 4, true)), ['failed', 'closed'], 4)(
    'io/streams', '[method]input-stream.blocking-read', stream, 1000n)
  const write = (stream: number, text: string) => result(() => 'ok', ['failed', 'closed'], 4)(
    'io/streams', '[method]output-stream.write', stream, ...put(text))
  return {
    ...guest, kernel, network, tcp, udp, ok, handle, handles, u64, address, newTcp, newUdp, onTcp, onUdp, listener,
    read, write,
  }
}

describe('connections', () => {
  test('a client and a listener exchange bytes, and each has the addresses of both', () => {
    const { network, tcp, handles, address, newTcp, onTcp, listener, read, write, call } = guestWith()
    const server = listener(8080)
    const accept = () => handles(3)('sockets/tcp', tcp('accept'), server)
    expect(accept()).toBe('would-block')
    const client = newTcp()
    const poll = call('sockets/tcp', tcp('subscribe'), client) as number
    const isReady = () => call('io/poll', '[method]pollable.ready', poll)
    expect(onTcp(client, 'start-connect', network, ...local(8080))).toBe('ok')
    expect(isReady()).toBe(1)
    const [input, output] = handles(2)('sockets/tcp', tcp('finish-connect'), client) as number[]
    const [peer, peerInput, peerOutput] = accept() as number[]
    expect(address('sockets/tcp', tcp('remote-address'), client)).toBe('127.0.0.1:8080')
    expect(address('sockets/tcp', tcp('local-address'), peer!)).toBe('127.0.0.1:8080')
    expect(address('sockets/tcp', tcp('remote-address'), peer!))
      .toBe(address('sockets/tcp', tcp('local-address'), client))
    expect(write(output!, 'there')).toBe('ok')
    expect(read(peerInput!)).toBe('there')
    expect(write(peerOutput!, 'and back')).toBe('ok')
    expect(read(input!)).toBe('and back')
    // an end is no error of the reader's, and none is a signal
    expect(onTcp(client, 'shutdown', 1)).toBe('ok')
    expect(read(peerInput!)).toBe('closed')
    expect(write(output!, 'more')).toBe('closed')
  })

  test('what a state does not permit', () => {
    const { network, tcp, handles, address, u64, newTcp, onTcp, listener } = guestWith()
    const socket = newTcp()
    const fresh: readonly (readonly [string, Words, string])[] = [
      ['finish-bind', [], 'not-in-progress'], ['start-listen', [], 'invalid-state'],
      ['finish-listen', [], 'not-in-progress'], ['shutdown', [2], 'invalid-state'],
      ['start-bind', [network, ...v6(80, 0, 0, 0, 0, 0, 0, 0, 1)], 'invalid-argument'],
      ['start-bind', [network, ...v4(80, 224, 0, 0, 1)], 'invalid-argument'],
      ['start-bind', [network, ...v4(80, 255, 255, 255, 255)], 'invalid-argument'],
      ['start-bind', [network, ...v4(80, 192, 0, 2, 1)], 'address-not-bindable'],
      ['start-connect', [network, ...local(0)], 'invalid-argument'],
      ['start-connect', [network, ...v4(80, 0, 0, 0, 0)], 'invalid-argument'],
    ]
    for (const [name, words, error] of fresh) expect(onTcp(socket, name, ...words), name).toBe(error)
    expect(address('sockets/tcp', tcp('local-address'), socket)).toBe('invalid-state')
    expect(address('sockets/tcp', tcp('remote-address'), socket)).toBe('invalid-state')
    expect(handles(3)('sockets/tcp', tcp('accept'), socket)).toBe('invalid-state')
    expect(handles(2)('sockets/tcp', tcp('finish-connect'), socket)).toBe('not-in-progress')
    expect(u64('sockets/tcp', tcp('receive-buffer-size'), socket)).not.toBe(0n)
    expect(onTcp(socket, 'start-bind', network, ...local(0))).toBe('ok')
    expect(address('sockets/tcp', tcp('local-address'), socket)).toBe('invalid-state')
    expect(onTcp(socket, 'finish-bind')).toBe('ok')
    expect(address('sockets/tcp', tcp('local-address'), socket)).toMatch(/^127\.0\.0\.1:[1-9]/)
    expect(onTcp(socket, 'start-bind', network, ...local(0))).toBe('invalid-state')
    listener(81)
    expect(onTcp(newTcp(), 'start-bind', network, ...local(81))).toBe('address-in-use')
  })

  test('an address of IPv4 in one of IPv6 is of neither family; IPv6 itself is there', () => {
    const { network, tcp, address, newTcp, onTcp, call } = guestWith()
    const socket = newTcp(V6)
    expect(onTcp(socket, 'start-bind', network, ...v6(0, 0, 0, 0, 0, 0, 0xffff, 0x7f00, 1))).toBe('invalid-argument')
    expect(onTcp(socket, 'start-bind', network, ...v6(90, 0, 0, 0, 0, 0, 0, 0, 1))).toBe('ok')
    onTcp(socket, 'finish-bind')
    expect(address('sockets/tcp', tcp('local-address'), socket)).toBe('0:0:0:0:0:0:0:1 90')
    expect(call('sockets/tcp', tcp('address-family'), socket)).toBe(V6)
  })

  test('where nobody listens it is refused, and the socket is of no use any more', () => {
    const { network, tcp, handles, newTcp, onTcp } = guestWith()
    const socket = newTcp()
    expect(onTcp(socket, 'start-connect', network, ...local(9))).toBe('ok')
    expect(handles(2)('sockets/tcp', tcp('finish-connect'), socket)).toBe('connection-refused')
    expect(onTcp(socket, 'start-connect', network, ...local(9))).toBe('invalid-state')
    // there is no way out of the machine
    expect(onTcp(newTcp(), 'start-connect', network, ...v4(80, 192, 0, 2, 1))).toBe('remote-unreachable')
  })

  test.each([
    ['keep-alive-idle-time', 7200n * 10n ** 9n, 5n * 10n ** 9n, 5n * 10n ** 9n],
    ['keep-alive-interval', 75n * 10n ** 9n, 1n, 10n ** 9n],
    ['keep-alive-interval', 75n * 10n ** 9n, 2n ** 63n, 32767n * 10n ** 9n],
    ['receive-buffer-size', null, 8192n, 8192n],
    ['send-buffer-size', null, 100_000n, 100_000n],
  ] as const)('the option %s: %s, then what is set of %s', (name, first, set, then) => {
    const { tcp, u64, newTcp, onTcp } = guestWith()
    const socket = newTcp()
    if (first !== null) expect(u64('sockets/tcp', tcp(name), socket)).toBe(first)
    expect(onTcp(socket, `set-${name}`, 0n)).toBe('invalid-argument')
    expect(onTcp(socket, `set-${name}`, set)).toBe('ok')
    expect(u64('sockets/tcp', tcp(name), socket)).toBe(then)
  })

  test('options that are numbers and switches', () => {
    const { tcp, result, view, newTcp, onTcp } = guestWith()
    const socket = newTcp()
    const u8 = (name: string) => result((at) => view().getUint8(at), ERRORS, 1)('sockets/tcp', tcp(name), socket)
    const u32 = (name: string) =>
      result((at) => view().getUint32(at, true), ERRORS, 4)('sockets/tcp', tcp(name), socket)
    expect([u8('hop-limit'), u8('keep-alive-enabled'), u32('keep-alive-count')]).toEqual([64, 0, 9])
    expect([onTcp(socket, 'set-hop-limit', 0), onTcp(socket, 'set-keep-alive-count', 0)])
      .toEqual(['invalid-argument', 'invalid-argument'])
    for (const [name, value] of [['hop-limit', 7], ['keep-alive-enabled', 1], ['keep-alive-count', 3]] as const)
      expect(onTcp(socket, `set-${name}`, value)).toBe('ok')
    expect([u8('hop-limit'), u8('keep-alive-enabled'), u32('keep-alive-count')]).toEqual([7, 1, 3])
    expect(onTcp(socket, 'set-listen-backlog-size', 0n)).toBe('invalid-argument')
    expect(onTcp(socket, 'set-listen-backlog-size', 1n)).toBe('ok')
  })
})

describe('datagrams', () => {
  const streams = (guest: ReturnType<typeof guestWith>, socket: number, ...to: Words) =>
    guest.handles(2)('sockets/udp', guest.udp('stream'), socket, ...(to.length === 0 ? [0, ...local(0)] : [1, ...to]))
  const boundTo = (guest: ReturnType<typeof guestWith>, port: number) => {
    const socket = guest.newUdp()
    expect(guest.onUdp(socket, 'start-bind', guest.network, ...local(port))).toBe('ok')
    expect(guest.onUdp(socket, 'finish-bind')).toBe('ok')
    return socket
  }
  /** A datagram as it lies in memory, to a port or to the peer; its address. */
  const datagram = ({ room, put, view }: ReturnType<typeof guestWith>, text: string, port: number | null) => {
    const at = room(44)
    const [data, length] = put(text)
    view().setUint32(at, data, true)
    view().setUint32(at + 4, length, true)
    view().setUint8(at + 8, port === null ? 0 : 1)
    if (port !== null) {
      view().setUint8(at + 12, V4)
      view().setUint16(at + 16, port, true)
      ;[127, 0, 0, 1].forEach((one, i) => view().setUint8(at + 18 + i, one))
    }
    return at
  }
  const send = (guest: ReturnType<typeof guestWith>, stream: number, text: string, port: number | null) => {
    guest.u64('sockets/udp', '[method]outgoing-datagram-stream.check-send', stream)
    return guest.u64('sockets/udp', '[method]outgoing-datagram-stream.send', stream, datagram(guest, text, port), 1)
  }
  const receive = (guest: ReturnType<typeof guestWith>, stream: number) => guest.result((at) => {
    const [list, count] = [guest.view().getUint32(at, true), guest.view().getUint32(at + 4, true)]
    return Array.from({ length: count }, (_, i) => {
      const one = list + i * 40
      const text = guest.text(guest.view().getUint32(one, true), guest.view().getUint32(one + 4, true))
      return `${text} of ${guest.view().getUint16(one + 12, true)}`
    })
  }, ERRORS, 4)('sockets/udp', '[method]incoming-datagram-stream.receive', stream, 10n)

  test('go to whom they are for, and come with whom they are from', () => {
    const guest = guestWith()
    const [, outgoing] = streams(guest, boundTo(guest, 5000)) as number[]
    const [incoming] = streams(guest, boundTo(guest, 5001)) as number[]
    expect(receive(guest, incoming!)).toEqual([])
    expect(send(guest, outgoing!, 'one', 5001)).toBe(1n)
    expect(send(guest, outgoing!, '', 5001)).toBe(1n)
    expect(receive(guest, incoming!)).toEqual(['one of 5000', ' of 5000'])
    expect(send(guest, outgoing!, 'to nobody', null)).toBe('invalid-argument')
    expect(send(guest, outgoing!, 'to port 0', 0)).toBe('invalid-argument')
  })

  test('a socket with a peer sends to it alone; new streams end those from before', () => {
    const guest = guestWith()
    const socket = boundTo(guest, 5000)
    const [first] = streams(guest, socket) as number[]
    const [incoming] = streams(guest, boundTo(guest, 5001)) as number[]
    const [, outgoing] = streams(guest, socket, ...local(5001)) as number[]
    expect(receive(guest, first!)).toBe('invalid-state')
    expect(guest.address('sockets/udp', guest.udp('remote-address'), socket)).toBe('127.0.0.1:5001')
    expect(send(guest, outgoing!, 'to the peer', null)).toBe(1n)
    expect(send(guest, outgoing!, 'to another', 5002)).toBe('invalid-argument')
    expect(receive(guest, incoming!)).toEqual(['to the peer of 5000'])
  })

  test('more than were permitted end the component, and a socket that is not bound has no streams', () => {
    const guest = guestWith()
    expect(streams(guest, guest.newUdp())).toBe('invalid-state')
    const [, outgoing] = streams(guest, boundTo(guest, 5000)) as number[]
    expect(() => guest.u64('sockets/udp', '[method]outgoing-datagram-stream.send', outgoing!, 0, 1)).toThrow()
    expect(guest.process.ending).toMatchObject({ reason: 'trap: more datagrams than were permitted' })
  })
})

describe('names', () => {
  const first = (name: string, answer: string | null = null) => {
    const { kernel, network, handle, result, view, bytes, put } = guestWith()
    if (answer !== null) kernel.machine.names = (text) => (text === 'api.example' ? answer : null)
    const stream = handle('sockets/ip-name-lookup', 'resolve-addresses', network, ...put(name))
    if (typeof stream === 'string') return stream
    const ip = (at: number) => (view().getUint8(at) === V4 ? bytes(at + 2, 4).join('.')
      : Array.from({ length: 8 }, (_, i) => view().getUint16(at + 2 + 2 * i, true)).join(':'))
    const next = () => result((at) => (view().getUint8(at) === 0 ? null : ip(at + 2)), ERRORS, 2)(
      'sockets/ip-name-lookup', '[method]resolve-address-stream.resolve-next-address', stream)
    const found = next()
    if (found !== 'name-unresolvable') expect(next()).toBeNull()
    return found
  }

  test.each([
    ['api.example', '198.18.0.1', '198.18.0.1'], ['api.example', '2001:db8::1', '8193:3512:0:0:0:0:0:1'],
    ['other.example', '198.18.0.1', 'name-unresolvable'], ['api.example', null, 'name-unresolvable'],
    ['localhost', null, '127.0.0.1'], ['192.0.2.7', null, '192.0.2.7'], ['::1', null, '0:0:0:0:0:0:0:1'],
    ['::ffff:1.2.3.4', null, '0:0:0:0:0:65535:258:772'],
    ['', null, 'invalid-argument'], ['a b', null, 'invalid-argument'], ['a/b', null, 'invalid-argument'],
    [':::', null, 'invalid-argument'], ['x'.repeat(64), null, 'invalid-argument'], ['a\0b', null, 'invalid-argument'],
  ])('`%s`, where the machine says %s: %s', (name, answer, found) => {
    expect(first(name, answer)).toBe(found)
  })
})

test('hooks are asked, and what they refuse is `access-denied`', () => {
  const asked: string[] = []
  const refuses = defineLsm({
    name: 'refuses', abi: '1.0', id: 1000,
    hooks: {
      socket_create: (_family, type) => (asked.push(`create ${type}`), 0),
      socket_bind: (_sock, { port }) => (asked.push(`bind ${port}`), port === 6000 ? -EACCES : 0),
      socket_connect: (_sock, { addr, port }) => (asked.push(`connect ${addr}:${port}`), port === 6001 ? -EACCES : 0),
      socket_listen: () => -EACCES,
    },
  })
  const { network, newTcp, newUdp, onTcp, onUdp } = guestWith(refuses)
  const socket = newTcp()
  expect(onTcp(socket, 'start-bind', network, ...local(6000))).toBe('access-denied')
  expect(onTcp(socket, 'start-bind', network, ...local(6002))).toBe('ok')
  onTcp(socket, 'finish-bind')
  expect(onTcp(socket, 'start-listen')).toBe('access-denied')
  expect(onTcp(socket, 'start-connect', network, ...local(6001))).toBe('access-denied')
  expect(onUdp(newUdp(), 'start-bind', network, ...local(6000))).toBe('access-denied')
  expect(asked).toEqual(['create 1', 'bind 6000', 'bind 6002', 'connect 127.0.0.1:6001', 'create 2', 'bind 6000'])
})

test('a component has them', async () => {
  const program = await componentOfText(`(component
    (import "wasi:sockets/tcp-create-socket@0.2.3" (instance $create
      (export "tcp-socket" (type $s (sub resource)))
      (type $family (enum "ipv4" "ipv6")) (export "ip-address-family" (type $f (eq $family)))
      (export "create-tcp-socket" (func (param "f" $f) (result (result (own $s) (error u8)))))))
    (core module $libc (memory (export "memory") 1))
    (core instance $m (instantiate $libc))
    (alias export $create "create-tcp-socket" (func $make))
    (core func $make (canon lower (func $make) (memory (core memory $m "memory"))))
    (core module $main
      (import "h" "make" (func $make (param i32 i32))) (import "m" "memory" (memory 1))
      (func (export "go") (param i32) (result i32)
        (call $make (local.get 0) (i32.const 8)) (i32.load8_u (i32.const 8))))
    (core instance $h (export "make" (func $make)))
    (core instance $i (instantiate $main (with "h" (instance $h)) (with "m" (instance $m))))
    (func $go (param "family" u32) (result u32) (canon lift (core func $i "go")))
    (export "go" (func $go)))`)
  const kernel = bootForTest([capability()])
  const reactor = openReactor(kernel, kernel.init, { program })
  expect(reactor.call('go', V4)).toBe(0)
  expect(() => reactor.call('go', 2)).toThrow(/no such family of addresses: 2/)
})

test.each([
  ['suspended', {}], ['in workers', { waiting: 'workers' as const }],
])('one component answers another, %s', async (_, waiting) => {
  const kernel = bootForTest([capability()])
  const run = async (program: Uint8Array<ArrayBuffer>, onWrite = (): void => {}) => {
    const out = collect()
    const stdout = (bytes: Uint8Array): void => {
      out.sink(bytes)
      onWrite()
    }
    const { status, reason } = await runWasiAsync(kernel, kernel.init, {
      program, stdout, limits: guestLimits, ...waiting,
    })
    return [status, reason, out.text()]
  }
  const server = await datagramServer(5000)
  let serving = Promise.resolve<unknown>(null)
  await new Promise<void>((resolve) => void (serving = run(server, resolve)))
  expect(await run(await datagramClient('127.0.0.1', 5000, 'what'))).toEqual([0, '', 'what'])
  expect(await serving).toEqual([0, '', '.what'])
})
