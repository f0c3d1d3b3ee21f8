/** Subsystems: each name stands once, what is left out answers as if the kernel were built without it. */
import {
  AF_INET, AF_INET6, AF_PACKET, AF_UNIX, AT_FDCWD, BINDER_MINOR, CLONE_NEWIPC, CLONE_NEWNET, EAFNOSUPPORT, ENODEV,
  ENOENT, ENOSYS, ENXIO, EPROTONOSUPPORT, IPPROTO_MPTCP, IPPROTO_SCTP, O_RDONLY, S_IFCHR, SOCK_DGRAM, SOCK_SEQPACKET,
  SOCK_STREAM,
} from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import { describe, expect, test } from 'vitest'
import { Machine } from '../machine.ts'
import type { OptionalSubsystem } from '../state/optional.ts'
import { OPTIONAL_SUBSYSTEMS } from '../state/optional.ts'
import { callNames } from '../syscalls/call-table.ts'
import { syscallTable } from '../syscalls/table.ts'
import { bootForTest } from '../testing/boot.ts'
import { checkNames, subsystems } from './subsystems.ts'

/** Major 10, as mknod(2) takes it. */
const MISC = 10 << 8

type Booted = ReturnType<typeof bootForTest>

const open = (path: string) => ({ sys, init }: Booted): number => sys.openat(init, AT_FDCWD, path, O_RDONLY, 0)
const readlink = (path: string) => ({ sys, init }: Booted): number => sys.readlink(init, path, new Uint8Array(64))
const socket = (family: number, type: number, protocol: number) => ({ sys, init }: Booted): number =>
  sys.socket(init, family, type, protocol)
const mount = (type: string, data = '') => ({ sys, init }: Booted): number =>
  sys.mount(init, 'none', '/tmp', type, 0, data)
/** By name, with enough arguments for any call. */
const call = (name: string) => ({ syscall, init }: Booted): number =>
  syscall(init, name, 0, 0, 0, 0, 0, 0)

const TABLE: readonly (readonly [OptionalSubsystem, string, (booted: Booted) => number, number])[] = [
  ['aio', 'io_setup', call('io_setup'), -ENOSYS],
  ['aio', 'io_cancel', call('io_cancel'), -ENOSYS],
  ['devpts', 'its file system', mount('devpts'), -ENODEV],
  ['devpts', 'its place', open('/dev/pts'), -ENOENT],
  ['fanotify', 'fanotify_init', call('fanotify_init'), -ENOSYS],
  ['file-handles', 'name_to_handle_at', call('name_to_handle_at'), -ENOSYS],
  ['inotify', 'inotify_init1', call('inotify_init1'), -ENOSYS],
  ['keys', 'keyctl', call('keyctl'), -ENOSYS],
  ['keys', 'add_key', call('add_key'), -ENOSYS],
  ['keys', '/proc/keys', open('/proc/keys'), -ENOENT],
  ['keys', '/proc/sys/kernel/keys', open('/proc/sys/kernel/keys'), -ENOENT],
  ['mptcp', 'its protocol', socket(AF_INET, SOCK_STREAM, IPPROTO_MPTCP), -EPROTONOSUPPORT],
  ['mqueue', 'mq_open', call('mq_open'), -ENOSYS],
  ['mqueue', 'its file system', mount('mqueue'), -ENODEV],
  ['mqueue', 'its limits', open('/proc/sys/fs/mqueue/msg_max'), -ENOENT],
  ['net', 'socket', socket(AF_UNIX, SOCK_STREAM, 0), -ENOSYS],
  ['net', 'connect', call('connect'), -ENOSYS],
  ['net', 'its settings', open('/proc/sys/net/ipv4/ping_group_range'), -ENOENT],
  ['net', '/proc/net', readlink('/proc/net'), -ENOENT],
  ['net', 'its devices', open('/sys/class/net/lo/mtu'), -ENOENT],
  ['net', '/dev/net/tun', open('/dev/net/tun'), -ENOENT],
  ['numa', 'set_mempolicy', ({ sys, init }) => sys.set_mempolicy(init, 0, null, 0), -ENOSYS],
  ['overlay', 'its file system', mount('overlay', 'lowerdir=/tmp'), -ENODEV],
  ['packet', 'its family', socket(AF_PACKET, SOCK_DGRAM, 0), -EAFNOSUPPORT],
  ['binder', 'its device', ({ sys, init }) => {
    sys.mknod(init, '/binder', S_IFCHR, MISC | BINDER_MINOR)
    return sys.open(init, '/binder', O_RDONLY, 0)
  }, -ENXIO],
  ['io-uring', 'io_uring_setup', call('io_uring_setup'), -ENOSYS],
  ['io-uring', 'its setting', open('/proc/sys/kernel/io_uring_disabled'), -ENOENT],
  ['perf', 'perf_event_open', call('perf_event_open'), -ENOSYS],
  ['perf', 'its setting', open('/proc/sys/kernel/perf_event_paranoid'), -ENOENT],
  ['proc', 'its file system', mount('proc'), -ENODEV],
  ['proc', 'its place', open('/proc/self/status'), -ENOENT],
  ['quota', 'quotactl', call('quotactl'), -ENOSYS],
  ['sctp', 'its protocol', socket(AF_INET, SOCK_STREAM, IPPROTO_SCTP), -EPROTONOSUPPORT],
  ['sctp', 'its type', socket(AF_INET6, SOCK_SEQPACKET, 0), -EPROTONOSUPPORT],
  ['sysvipc', 'shmget', call('shmget'), -ENOSYS],
  ['sysvipc', '/proc/sysvipc', open('/proc/sysvipc'), -ENOENT],
  ['sysvipc', 'its limits', open('/proc/sys/kernel/sem'), -ENOENT],
  ['tracing', 'tracefs', mount('tracefs'), -ENODEV],
  ['tracing', 'debugfs', mount('debugfs'), -ENODEV],
  ['tracing', 'its place', open('/sys/kernel/tracing/events'), -ENOENT],
  ['tun', 'its device', open('/dev/net/tun'), -ENOENT],
]

describe('without', () => {
  test.each(TABLE)('%s: %s', (name, _what, run, rc) => {
    expect(run(bootForTest({ without: [name] }))).toBe(rc)
    expect(run(bootForTest())).not.toBe(rc)
  })

  test('every optional subsystem has a row', () =>
    expect([...new Set(TABLE.map(([name]) => name))].sort()).toEqual([...OPTIONAL_SUBSYSTEMS].sort()))

  test('all of them at once: tasks come and go, with namespaces of their own', () => {
    const { sys, init, machine } = bootForTest({ without: OPTIONAL_SUBSYSTEMS })
    expect(sys.unshare(init, CLONE_NEWNET | CLONE_NEWIPC)).toBe(0)
    const pid = sys.fork(init)
    expect(pid).toBeGreaterThan(1)
    const child = machine.tasks.byPid.get(pid) as unknown as Task
    expect(sys.exit_group(child, 0)).toBe(0)
    expect(sys.wait4(init, pid, null, 0, null)).toBe(pid)
  })

  test('nothing else: every other call is there', () => {
    const all = callNames(bootForTest().sys)
    expect(callNames(bootForTest({ without: OPTIONAL_SUBSYSTEMS }).sys)).toEqual(all)
    expect(all.every((name) => Object.hasOwn(syscallTable, name))).toBe(true)
  })

  test('a name that is not one of them', () => {
    const boot = () => bootForTest({ without: ['overlays' as 'overlay'] })
    expect(boot).toThrow('is not a subsystem that can be left out')
  })
})

test('two subsystems of one name are an error', () => {
  expect(() => checkNames(subsystems)).not.toThrow()
  expect(() => checkNames([...subsystems, { name: 'vfs', setUp: () => {} }])).toThrow(/two subsystems have the name vfs/)
})

test('a part that is not set up yet is named', () => {
  const { stack, init_user_ns, clock, sysctl, tasks } = bootForTest().machine
  const bare = new Machine(stack, init_user_ns, clock, sysctl, tasks)
  expect(() => bare.vfs.inode_permission).toThrow(/machine.vfs is used before its subsystem is set up/)
})
