/** POSIX message queues: order, limits, notification, and the file system they show in. */
import {
  AF_NETLINK, AF_UNIX, AT_FDCWD, CLONE_NEWIPC, EACCES, EAGAIN, EBADF, EBUSY, EEXIST, EFAULT, EINVAL, EMSGSIZE, ENOENT,
  ENOTSOCK, ERESTARTSYS, MSG_DONTWAIT, NETLINK_ROUTE, O_CREAT, O_EXCL, O_NONBLOCK, O_RDWR, SIGUSR1, SIG_BLOCK,
  SOCK_DGRAM, SOCK_RAW,
} from '@lsmkit/abi'
import { expect, test } from 'vitest'
import { bootForTest } from '../testing/boot.ts'

const attr = (mq_maxmsg: number, mq_msgsize: number) => ({ mq_flags: 0, mq_maxmsg, mq_msgsize, mq_curmsgs: 0 })
const text = (data: Uint8Array, n: number) => new TextDecoder().decode(data.subarray(0, n))

test('higher priorities first, older first among equals', () => {
  const { sys, init } = bootForTest()
  const q = sys.mq_open(init, 'q', O_CREAT | O_RDWR | O_NONBLOCK, 0o600, attr(3, 8))
  const send = (word: string, priority: number) =>
    sys.mq_timedsend(init, q, new TextEncoder().encode(word), word.length, priority, null)
  expect([send('low', 1), send('high', 9), send('low2', 1), send('more', 1)]).toEqual([0, 0, 0, -EAGAIN])
  expect(send('far too long', 1)).toBe(-EMSGSIZE)
  const buf = new Uint8Array(8)
  const receive = () => text(buf, sys.mq_timedreceive(init, q, buf, 8, null, null))
  expect([receive(), receive(), receive()]).toEqual(['high', 'low', 'low2'])
  expect(sys.mq_timedreceive(init, q, buf, 8, null, null)).toBe(-EAGAIN)
  expect(sys.mq_timedreceive(init, q, buf, 7, null, null)).toBe(-EMSGSIZE)
})

test.each([
  { name: 'missing', flags: O_RDWR, attr: null, rc: -ENOENT },
  { name: 'q', flags: O_CREAT | O_EXCL, attr: null, rc: -EEXIST },
  { name: 'a/b', flags: O_CREAT, attr: null, rc: -EACCES },
  { name: 'new', flags: O_CREAT, attr: attr(0, 8), rc: -EINVAL },
  { name: 'new', flags: O_CREAT, attr: attr(70000, 8), rc: -EINVAL },
])('mq_open $name $flags: $rc', ({ name, flags, attr: given, rc }) => {
  const { sys, init } = bootForTest()
  sys.mq_open(init, 'q', O_CREAT | O_RDWR, 0o600, null)
  expect(sys.mq_open(init, name, flags, 0o600, given)).toBe(rc)
})

test('one listener hears of the first message', () => {
  const { sys, fork } = bootForTest()
  const task = fork()
  sys.rt_sigprocmask(task, SIG_BLOCK, 1n << BigInt(SIGUSR1 - 1), null, 8)
  const q = sys.mq_open(task, 'q', O_CREAT | O_RDWR, 0o600, null)
  const event = { sigev_notify: 0, sigev_signo: SIGUSR1 }
  expect([sys.mq_notify(task, q, event), sys.mq_notify(task, q, event)]).toEqual([0, -EBUSY])
  sys.mq_timedsend(task, q, Uint8Array.of(1), 1, 0, null)
  const pending = { value: 0n }
  sys.rt_sigpending(task, pending, 8)
  expect(pending.value).toBe(1n << BigInt(SIGUSR1 - 1))
})

test('who listens hears of nothing that goes to a sleeper, nor by signal 0', () => {
  const { sys, fork, machine, cat } = bootForTest()
  const [task, reader] = [fork(), fork()]
  const q = sys.mq_open(task, 'q', O_CREAT | O_RDWR, 0o600, attr(3, 8))
  const other = sys.mq_open(reader, 'q', O_RDWR, 0, null)
  sys.mkdir(task, '/mq', 0o755)
  sys.mount(task, 'none', '/mq', 'mqueue', 0, null)
  expect(sys.mq_notify(task, q, { sigev_notify: 0, sigev_signo: 0 })).toBe(0)
  const send = () => sys.mq_timedsend(task, q, Uint8Array.of(1), 1, 0, null)
  const receive = () => sys.mq_timedreceive(reader, other, new Uint8Array(8), 8, null, null)
  expect(receive()).toBe(-ERESTARTSYS)
  machine.sleepOn!.subscribe(() => {})
  send()
  expect(receive()).toBe(1)
  const listens = () => /NOTIFY_PID:0/.test(cat(task, '/mq/q') as string) ? 0 : 1
  expect(listens()).toBe(1)
  send()
  expect(listens()).toBe(0)
  const pending = { value: -1n }
  sys.rt_sigpending(task, pending, 8)
  expect(pending.value).toBe(0n)
  // a size_t
  expect([receive(), sys.mq_timedreceive(reader, other, new Uint8Array(8), -1, null, null)]).toEqual([1, -ERESTARTSYS])
})

test('a thread is told through a netlink socket, of a message as of the end', () => {
  const { sys, fork } = bootForTest()
  const task = fork()
  const q = sys.mq_open(task, 'q', O_CREAT | O_RDWR, 0o600, attr(3, 8))
  const netlink = sys.socket(task, AF_NETLINK, SOCK_RAW, NETLINK_ROUTE)
  const other = sys.socket(task, AF_UNIX, SOCK_DGRAM, 0)
  const cookie = Uint8Array.from({ length: 32 }, (_, i) => i)
  const ask = (fd: number, value: unknown = cookie, mqd = q) =>
    sys.mq_notify(task, mqd, { sigev_notify: 2, sigev_signo: fd, sigev_value: value })
  // Debian's 6.12.118
  expect([ask(netlink, null, -1), ask(99, cookie, -1), ask(q), ask(other), ask(netlink, cookie, -1)])
    .toEqual([-EFAULT, -EBADF, -ENOTSOCK, -EINVAL, -EBADF])
  const told = (): number[] | number => {
    const buf = new Uint8Array(64)
    const n = sys.recvfrom(task, netlink, buf, 64, MSG_DONTWAIT, null, null)
    return n < 0 ? n : [n, buf[30]!, buf[31]!]
  }
  expect([ask(netlink), ask(netlink), told()]).toEqual([0, -EBUSY, -EAGAIN])
  sys.mq_timedsend(task, q, Uint8Array.of(1), 1, 0, null)
  expect([told(), told()]).toEqual([[32, 30, 1], -EAGAIN])
  expect([ask(netlink), sys.mq_notify(task, q, null), told()]).toEqual([0, 0, [32, 30, 2]])
})

test('queues show as files, and belong to a namespace', () => {
  const { sys, init, fork, cat } = bootForTest()
  const q = sys.mq_open(init, 'q', O_CREAT | O_RDWR, 0o600, null)
  sys.mkdir(init, '/mq', 0o755)
  expect(sys.mount(init, 'none', '/mq', 'mqueue', 0, null)).toBe(0)
  sys.mq_timedsend(init, q, Uint8Array.of(1, 2, 3), 3, 0, null)
  expect(cat(init, '/mq/q')).toMatch(/^QSIZE:3 +NOTIFY:0/)
  expect(sys.openat(init, AT_FDCWD, '/mq/by-open', O_CREAT | O_RDWR, 0o600)).toBeGreaterThan(q)
  const elsewhere = fork()
  sys.unshare(elsewhere, CLONE_NEWIPC)
  expect(sys.mq_open(elsewhere, 'q', O_RDWR, 0, null)).toBe(-ENOENT)
  expect(sys.mq_unlink(init, 'q')).toBe(0)
  expect(sys.mq_open(init, 'q', O_RDWR, 0, null)).toBe(-ENOENT)
})
