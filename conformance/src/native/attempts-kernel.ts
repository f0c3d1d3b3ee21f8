/** Attempts by sockets, namespaces, mounts, privileges and calls that a program has no business with. */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { AT_FDCWD, abstractAddress, inet, inet6, openAt, text, unixAddress, words } from './target.ts'
import type { Attempt, Outcome, Target } from './target.ts'

type Call = (t: Target) => Outcome

const TCP = 6
const socket = (t: Target, family: number, type: number, protocol = 0): number =>
  t.sys.call('socket', family, type, protocol)

const sockets: readonly (readonly [string, Call])[] = [
  ['TCP', (t) => t.sys.call('connect', socket(t, 2, 1), inet(t.tcp), 16)],
  ['TCP by name of the protocol', (t) => t.sys.call('connect', socket(t, 2, 1, TCP), inet(t.tcp), 16)],
  ['TCP over IPv6', (t) => t.sys.call('connect', socket(t, 10, 1), inet6(t.tcp), 28)],
  ['TCP Fast Open', (t) => t.sys.call('sendto', socket(t, 2, 1), text('x'), 1, 0x2000_0000, inet(t.tcp), 16)],
  ['TCP Fast Open by sendmsg', (t) => {
    const [address, data] = [inet(t.tcp), text('x')]
    const vector = words(t.sys.address(data), 1)
    const message = words(t.sys.address(address), 16, t.sys.address(vector), 1, 0, 0, 0)
    return t.sys.call('sendmsg', socket(t, 2, 1), message, 0x2000_0000)
  }],
  ['TCP Fast Open by option', (t) => {
    const fd = socket(t, 2, 1)
    t.sys.call('setsockopt', fd, TCP, 30, Uint8Array.of(1, 0, 0, 0), 4)
    return t.sys.call('connect', fd, inet(t.tcp), 16)
  }],
  ['TCP that is closed by another family', (t) => {
    const fd = socket(t, 2, 1)
    t.sys.call('connect', fd, new Uint8Array(16), 16)
    return t.sys.call('connect', fd, inet(t.tcp), 16)
  }],
  ['MPTCP', (t) => t.sys.call('connect', socket(t, 2, 1, 262), inet(t.tcp), 16)],
  ['SMC', (t) => socket(t, 43, 1, 0)],
  ['SCTP', (t) => socket(t, 2, 1, 132)],
  ['UDP by connect', (t) => t.sys.call('connect', socket(t, 2, 2), inet(t.udp), 16)],
  ['UDP by sendto', (t) => t.sys.call('sendto', socket(t, 2, 2), text('x'), 1, 0, inet(t.udp), 16)],
  ['UDP over IPv6', (t) => t.sys.call('sendto', socket(t, 10, 2), text('x'), 1, 0, inet6(t.udp), 28)],
  ['UDP-Lite', (t) => socket(t, 2, 2, 136)],
  ['listening on TCP', (t) => {
    const fd = socket(t, 2, 1)
    return t.sys.call('bind', fd, inet(0), 16) >= 0 && t.sys.call('listen', fd, 1)
  }],
  ['listening on TCP without a bind', (t) => t.sys.call('listen', socket(t, 2, 1), 1)],
  ['ICMP', (t) => socket(t, 2, 2, 1)],
  ['raw sockets', (t) => socket(t, 2, 3, 255)],
  ['packets', (t) => socket(t, 17, 3, 0)],
  ['netlink of routes', (t) => socket(t, 16, 3, 0)],
  ['netlink of audit', (t) => socket(t, 16, 3, 9)],
  ['netlink of netfilter', (t) => socket(t, 16, 3, 12)],
  ['netlink of events', (t) => socket(t, 16, 3, 15)],
  ['algorithms', (t) => socket(t, 38, 5, 0)],
  ['vsock', (t) => socket(t, 40, 1, 0)],
  ['keys', (t) => socket(t, 15, 3, 2)],
  ['CAN', (t) => socket(t, 29, 3, 1)],
  ['TIPC', (t) => socket(t, 30, 1, 0)],
  ['XDP', (t) => socket(t, 44, 3, 0)],
  ['a UNIX socket by path', (t) => {
    const address = unixAddress(t.unix)
    return t.sys.call('connect', socket(t, 1, 1), address, address.length)
  }],
  ['an abstract UNIX socket', (t) => {
    const address = abstractAddress(t.abstract)
    return t.sys.call('connect', socket(t, 1, 1), address, address.length)
  }],
  ['a datagram to a UNIX socket', (t) => {
    const address = unixAddress(t.datagrams)
    const rc = t.sys.call('sendto', socket(t, 1, 2), text('x'), 1, 0x40, address, address.length)
    // nobody takes the messages out, so that there may be no room
    return rc >= 0 || rc === -11
  }],
  ['a pair of internet sockets', (t) => t.sys.call('socketpair', 2, 1, 0, new Uint8Array(8))],
]

const flags: Readonly<Record<string, number>> = {
  mounts: 0x2_0000, cgroups: 0x200_0000, names: 0x400_0000, IPC: 0x800_0000, users: 0x1000_0000, processes: 0x2000_0000,
  networks: 0x4000_0000, time: 0x80,
}

const namespaces: readonly (readonly [string, Call])[] = [
  ...Object.entries(flags).flatMap(([name, flag]): (readonly [string, Call])[] => [
    [`unshare of ${name}`, (t) => t.sys.call('unshare', flag)],
    [`clone3 with ${name}`, (t) => forked(t, t.sys.call('clone3', words(flag, 0, 0, 0, 17, 0, 0, 0), 64))],
  ]),
  ...Object.entries(flags).filter(([name]) => name !== 'time').map(([name, flag]): readonly [string, Call] =>
    [`clone with ${name}`, (t) => forked(t, t.sys.call('clone', flag | 17, 0, 0, 0, 0))]),
  ['unshare of users and mounts', (t) => t.sys.call('unshare', 0x1002_0000)],
  ['setns to its own namespace', (t) => t.sys.call('setns', openAt(t, '/proc/self/ns/net'), 0)],
  ['setns by a descriptor of a process', (t) =>
    t.sys.call('setns', t.sys.call('pidfd_open', t.sleeper, 0), 0x4000_0000)],
]

/** A child of clone ends at once: its engine has no other threads. */
const forked = (t: Target, pid: number): number => {
  if (pid === 0) t.sys.call('exit_group', 0)
  if (pid > 0) t.sys.call('wait4', pid, null, 0x4000_0000, null)
  return pid
}

const none = text('none')
const mounts: readonly (readonly [string, Call])[] = [
  ['a file system in memory', (t) =>
    t.sys.call('mount', none, text(t.work), text('tmpfs'), 0, 0) === 0 && t.sys.call('umount2', text(t.work), 2)],
  ['a bind', (t) => {
    const rc = t.sys.call('mount', text(t.outside), text(t.work), none, 0x1000, 0)
    return rc === 0 && t.sys.call('umount2', text(t.work), 2)
  }],
  ['an unmount', (t) => t.sys.call('umount2', text(t.work), 2) === -22],
  ['a new kind of mount', (t) => t.sys.call('fsopen', text('tmpfs'), 0)],
  ['a copy of a tree', (t) => t.sys.call('open_tree', AT_FDCWD, text(t.outside), 1)],
  ['a tree by its name', (t) => t.sys.call('open_tree', AT_FDCWD, text(t.outside), 0)],
  ['moving a mount', (t) => t.sys.call('move_mount', AT_FDCWD, text(t.outside), AT_FDCWD, text(t.work), 0) === -22],
  ['attributes of a mount', (t) => t.sys.call('mount_setattr', AT_FDCWD, text(t.work), 0, words(0, 0, 0, 0), 32)],
  ['reading a super block', (t) => t.sys.call('fspick', AT_FDCWD, text(t.work), 0)],
  ['a root of its own', (t) => t.sys.call('chroot', text('/'))],
  ['another root', (t) => t.sys.call('pivot_root', text(t.work), text(t.work)) === -16],
  ['quotas', (t) => t.sys.call('quotactl', 0x8000_0100, 0, 0, 0) >= 0],
]

/** Calls that answer this, or 0 and more, where nothing refuses them. */
const calls: readonly (readonly [string, readonly (number | Uint8Array | null)[], number?])[] = [
  ['io_uring_setup', [4, new Uint8Array(120)]],
  ['io_uring_enter', [-1, 0, 0, 0, null, 0], -9],
  ['io_uring_register', [-1, 0, null, 0], -9],
  ['bpf', [0, words(2, 4, 4, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0), 72], -22],
  // software event, 112 bytes
  ['perf_event_open', [words(1 + 112 * 2 ** 32, ...Array.from({ length: 13 }, () => 0)), 0, -1, -1, 0]],
  ['userfaultfd', [1]],
  ['keyctl', [0, -3, 0]],
  ['add_key', [text('user'), text('lsmkit'), text('x'), 1, -2]],
  ['request_key', [text('user'), text('lsmkit-none'), null, 0], -126],
  ['kexec_load', [0, 0, null, 0x3e_0000]],
  ['init_module', [null, 0, text('')], -8],
  ['finit_module', [-1, text(''), 0], -9],
  ['delete_module', [text('lsmkit_none'), 0], -2],
  ['reboot', [0, 0, 0, null], -22],
  ['swapon', [text('/nonexistent'), 0], -2],
  ['swapoff', [text('/nonexistent')], -2],
  ['acct', [text('/nonexistent')], -2],
  ['syslog', [10, null, 0]],
  ['iopl', [0]],
  ['ioperm', [0x3f8, 1, 1]],
  ['modify_ldt', [0, new Uint8Array(16), 16]],
  ['shmget', [0, 4096, 0o1600]],
  ['semget', [0, 1, 0o1600]],
  ['msgget', [0, 0o1600]],
  ['mq_open', [text('lsmkit-attempt'), 0o102, 0o600, null]],
  ['fanotify_init', [0, 0]],
  ['open_by_handle_at', [-100, new Uint8Array(136), 0], -22],
  ['memfd_secret', [0]],
  ['lookup_dcookie', [0, new Uint8Array(8), 8], -22],
  ['adjtimex', [new Uint8Array(208)]],
  ['clock_adjtime', [0, new Uint8Array(208)]],
  ['quotactl_fd', [-1, 0, 0, null], -9],
  ['statmount', [words(24, 0, 0), new Uint8Array(512), 512, 0], -2],
  ['listmount', [words(24, -1, 0), words(0, 0, 0, 0), 4, 0]],
  ['uselib', [text('/bin/true')], -8],
  ['ustat', [0, new Uint8Array(32)], -22],
  ['sysfs', [3]],
  ['lsm_set_self_attr', [0, new Uint8Array(32), 32, 0], -22],
]

const callAttempts: readonly Attempt[] = calls.map(([name, args, else_]) => ({
  name: `call ${name}`, run: (t) => {
    const rc = t.sys.call(name, ...args)
    return rc >= 0 || rc === else_
  },
}))

const capabilities = (): bigint => {
  const status = readFileSync('/proc/thread-self/status', 'utf8')
  return BigInt(`0x${/^CapEff:\s+(\w+)/m.exec(status)?.[1] ?? '0'}`)
}

const others: readonly (readonly [string, Call, true?])[] = [
  ['typing into the terminal', (t) => {
    const fd = openAt(t, '/dev/ptmx', 2)
    t.sys.call('ioctl', fd, 0x4004_5431, Uint8Array.of(0, 0, 0, 0))
    const number = new Int32Array(1)
    t.sys.call('ioctl', fd, 0x8004_5430, new Uint8Array(number.buffer))
    const other = openAt(t, `/dev/pts/${number[0]}`, 0o402)
    return t.sys.call('ioctl', other, 0x5412, text('x'))
  }],
  ['another personality', (t) => t.sys.call('personality', 0x4_0000) >= 0 && t.sys.call('personality', 0) >= 0],
  ['raising a limit', (t) => t.sys.call('prlimit64', 0, 7, words(500, 999_999), null), true],
  ['a capability', () => capabilities() !== 0n],
  ['a capability by capset', (t) =>
    t.sys.call('capset', words(0x2008_0522), words(0x1_0000_0001, 0, 0)) >= 0 && capabilities() !== 0n, true],
  ['an ambient capability', (t) => t.sys.call('prctl', 47, 2, 21, 0, 0) >= 0 && capabilities() !== 0n, true],
  ['a capability of a child', () => {
    const { stdout } = spawnSync('grep', ['CapEff', '/proc/thread-self/status'], { encoding: 'utf8' })
    return /[1-9a-f]/.test(stdout.split(':')[1] ?? '')
  }],
  ['another user', (t) => t.sys.call('setresuid', 1234, 1234, 1234), true],
  ['another group', (t) => t.sys.call('setresgid', 1234, 1234, 1234), true],
  ['other groups', (t) => t.sys.call('setgroups', 1, Uint8Array.of(42, 0, 0, 0)), true],
  ['taking no_new_privs back', (t) => t.sys.call('prctl', 38, 0, 0, 0, 0), true],
  ['a setuid program', () => {
    const program = ['/usr/bin/su', '/bin/su', '/usr/bin/passwd'].find((path) => existsSync(path))
    if (program === undefined) return false
    // what it runs as: root without the capabilities of root is nobody
    return spawnSync(program, ['--help']).status === 0 && /[1-9a-f]/.test(
      spawnSync('su', ['-c', 'grep CapEff /proc/self/status'], { encoding: 'utf8' }).stdout.split(':')[1] ?? '')
  }],
  ['a wider ruleset of its own', (t) => {
    const ruleset = t.sys.call('landlock_create_ruleset', words(1, 0), 8, 0)
    t.sys.call('prctl', 38, 1, 0, 0, 0)
    t.sys.call('landlock_restrict_self', ruleset, 0)
    return openAt(t, t.secret)
  }, true],
  ['a filter of its own that allows everything', (t) => {
    const program = Uint8Array.of(6, 0, 0, 0, 0, 0, 0xff, 0x7f)
    t.sys.call('prctl', 38, 1, 0, 0, 0)
    t.sys.call('seccomp', 1, 0, words(1, t.sys.address(program)))
    return t.sys.call('ptrace', 0x4206, t.sleeper, 0, 0)
  }, true],
  ['variables of the starter', (t) => process.env[t.variable] !== undefined],
  ['descriptors of the starter', (t) => {
    for (let fd = 3; fd < 1024; fd++) {
      const to = t.sys.call('readlinkat', AT_FDCWD, text(`/proc/${process.pid}/fd/${fd}`), new Uint8Array(256), 256)
      if (to < 0) continue
      const name = new Uint8Array(256)
      const length = t.sys.call('readlinkat', AT_FDCWD, text(`/proc/${process.pid}/fd/${fd}`), name, 256)
      const path = Buffer.from(name.subarray(0, length)).toString()
      if (path.startsWith(t.outside)) return true
    }
    return false
  }, true],
  ['the 32-bit table', () => interrupt80(), true],
  ['flags of a file', (t) => {
    const fd = openAt(t, join(t.outside, 'loose'))
    const mine = fd >= 0 ? fd : openAt(t, process.execPath)
    return t.sys.call('ioctl', mine, 0x4008_6602, words(0))
  }],
  ['a device of the loop', (t) => openAt(t, '/dev/loop-control', 2)],
  ['KVM', (t) => openAt(t, '/dev/kvm', 2)],
  ['a tunnel', (t) => openAt(t, '/dev/net/tun', 2)],
  ['FUSE', (t) => openAt(t, '/dev/fuse', 2)],
  ['a watch of all events', (t) => t.sys.call('fanotify_init', 0x200, 0)],
]

/** getppid of the 32-bit table by `int 0x80`, from a page of machine code that a shared library is made of. */
const interrupt80 = (): Outcome => {
  if (process.arch !== 'x64') return false
  const script = `
import ctypes, mmap, sys
m = mmap.mmap(-1, 4096, prot=7)
m.write(bytes([0xb8, 64, 0, 0, 0, 0xcd, 0x80, 0xc3]))
a = ctypes.addressof(ctypes.c_char.from_buffer(m))
print(ctypes.CFUNCTYPE(ctypes.c_int)(a)())`
  const { stdout } = spawnSync('/usr/bin/python3', ['-c', script], { encoding: 'utf8' })
  return Number(stdout) > 0
}

const named = (kind: string, list: readonly (readonly [string, Call, true?])[]): Attempt[] =>
  list.map(([name, run, alone]) => ({ name: `${kind}: ${name}`, run, ...(alone === true ? { alone } : {}) }))

export const kernelAttempts: readonly Attempt[] = [
  ...named('socket', sockets), ...named('namespace', namespaces).map((one) => ({ ...one, alone: true as const })),
  ...named('mount', mounts), ...callAttempts, ...named('other', others),
]
