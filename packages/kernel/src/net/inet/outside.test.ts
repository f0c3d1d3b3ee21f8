/** Connections out of the machine, to a host that is slow, silent, or answers late. */
import {
  AF_INET, AF_UNSPEC, EAGAIN, EINPROGRESS, ENETUNREACH, MSG_DONTWAIT, O_NONBLOCK, SOCK_STREAM,
} from '@lsmkit/abi'
import { defineLsm } from '@lsmkit/core'
import { expect, test } from 'vitest'
import type { Gateway, OutsideEvents } from '../../interfaces/net.ts'
import { bootForTest } from '../../testing/boot.ts'
import { sockaddrIn } from '../../state/net/sockaddr.ts'

/** A host that does what a test tells it to: each of its connections, in the order in which they were asked for. */
const world = (lsms: NonNullable<Parameters<typeof bootForTest>[0]>['lsms'] = []) => {
  const kernel = bootForTest({ lsms })
  const { sys, init, machine } = kernel
  const host: { to: string; events: OutsideEvents; wrote: number; done: (() => void)[]; calls: string[] }[] = []
  const gateway: Gateway = ({ addr, port }, events) => {
    const one = { to: `${addr}:${port}`, events, wrote: 0, done: [] as (() => void)[], calls: [] as string[] }
    host.push(one)
    return {
      write(bytes, done) {
        one.wrote += bytes.length
        one.done.push(done)
      },
      end: () => void one.calls.push('end'),
      resume: () => void one.calls.push('resume'),
      leave: () => void one.calls.push('leave'),
      destroy: () => void one.calls.push('destroy'),
    }
  }
  machine.gateway = gateway
  const open = () => sys.socket(init, AF_INET, SOCK_STREAM | O_NONBLOCK, 0)
  const connect = (fd: number, addr = '10.0.0.1') => sys.connect(init, fd, sockaddrIn(addr, 80), 16)
  const send = (fd: number, length: number) =>
    sys.sendto(init, fd, new Uint8Array(length), length, MSG_DONTWAIT, null, 0)
  return { ...kernel, host, open, connect, send }
}
const settled = () => new Promise((resolve) => void setImmediate(resolve))

test('a writer goes on as the host takes what was written, however much it is', async () => {
  const { sys, init, machine, host, open, connect, send } = world()
  const fd = open()
  expect(connect(fd)).toBe(-EINPROGRESS)
  host[0]!.events.opened()
  let sent = 0
  let woken = 0
  for (let step = 0; step < 200 && sent < 2_000_000; step++) {
    const rc = send(fd, 50_000)
    if (rc >= 0) {
      sent += rc
      continue
    }
    expect(rc).toBe(-EAGAIN)
    // one that may wait sleeps where the host's progress wakes it
    sys.fcntl(init, fd, 4, 0)
    expect(sys.write(init, fd, new Uint8Array(1))).toBeLessThan(0)
    machine.sleepOn!.subscribe(() => void woken++)
    const before = woken
    await settled()
    host[0]!.done.shift()!()
    await settled()
    expect(woken).toBe(before + 1)
  }
  expect(sent).toBeGreaterThanOrEqual(2_000_000)
})

test('what is closed before the host has answered is given up at once', async () => {
  const { sys, init, host, open, connect } = world()
  const fd = open()
  connect(fd)
  sys.close(init, fd)
  await settled()
  expect(host[0]!.calls).toEqual(['destroy'])
  host[0]!.events.failed(5)
})

test('an answer to what was given up is none to the next attempt, at another address', async () => {
  const seen: string[] = []
  const { sys, init, host, open, connect } = world([defineLsm({
    name: 'watch', abi: '1.0', id: 1000,
    hooks: { socket_connect: (_sock, { addr, port }) => (seen.push(`${addr}:${port}`), 0) },
  })])
  const fd = open()
  connect(fd)
  sys.connect(init, fd, Uint8Array.of(AF_UNSPEC, 0), 2)
  connect(fd, '10.0.0.2')
  expect(host.map(({ to }) => to)).toEqual(['10.0.0.1:80', '10.0.0.2:80'])
  // the hooks have seen both, before the host has heard of them
  expect(seen.filter((to) => to.startsWith('10.'))).toEqual(['10.0.0.1:80', '10.0.0.2:80'])
  host[0]!.events.opened()
  expect(connect(fd, '10.0.0.2')).toBeLessThan(0)
  expect(host[0]!.calls).toContain('destroy')
  host[1]!.events.opened()
  expect(connect(fd, '10.0.0.2')).toBe(0)
  const peer = new Uint8Array(16)
  sys.getpeername(init, fd, peer, { value: 16 })
  expect(peer.subarray(4, 8).join('.')).toBe('10.0.0.2')
  await settled()
  expect(host[1]!.calls).toEqual([])
})

test('the host is told when the program has gone, while it still has something to send', async () => {
  const { sys, init, host, open, connect, send } = world()
  const fd = open()
  connect(fd)
  host[0]!.events.opened()
  send(fd, 60_000)
  await settled()
  expect(host[0]).toMatchObject({ wrote: 60_000, calls: [] })
  sys.close(init, fd)
  await settled()
  expect(host[0]!.calls).toContain('leave')
  expect(host[0]!.calls).not.toContain('destroy')
  host[0]!.done.shift()!()
  await settled()
  expect(host[0]!.calls).toContain('destroy')
})

test('many small pieces take the room of their bytes, and the host is told to stop', () => {
  const { sys, init, machine, host, open, connect } = world()
  const fd = open()
  connect(fd)
  host[0]!.events.opened()
  const one = Uint8Array.of(7)
  const before = machine.memory.used
  let pieces = 0
  while (pieces < 300_000 && host[0]!.events.data(one)) pieces++
  expect(pieces).toBe(212_991)
  expect(machine.memory.used - before).toBeLessThan(1_000_000)
  let read = 0
  const room = new Uint8Array(65_536)
  for (let rc = 1; rc > 0; read += Math.max(0, rc)) rc = sys.recvfrom(init, fd, room, room.length, 0, null, null)
  expect(read).toBe(212_992)
})

test('where the host has no way, the network is not to be reached', () => {
  const { machine, open, connect } = world()
  machine.gateway = () => null
  expect(connect(open())).toBe(-ENETUNREACH)
})
