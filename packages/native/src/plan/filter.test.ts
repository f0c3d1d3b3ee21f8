import { expect, test } from 'vitest'
import {
  AF_INET, AF_NETLINK, AF_UNIX, CLONE_NEWUSER, CLONE_VM, EACCES, ENOSYS, EOPNOTSUPP, EPERM, IPPROTO_TCP, MSG_FASTOPEN,
  SECCOMP_RET_ALLOW, SECCOMP_RET_ERRNO, SECCOMP_RET_KILL_PROCESS, SIGCHLD, SOCK_CLOEXEC, SOCK_DGRAM, SOCK_RAW,
  SOCK_SEQPACKET, SOCK_STREAM,
  TIOCSTI,
} from '@lsmkit/abi'
import * as syscalls from '@lsmkit/abi/syscall'
import { callsAnswered, hostCalls } from '@lsmkit/sandbox/policy-parts'
import { callsArm64 } from '../sys/calls-arm64.ts'
import { arches, auditArch, callNumber } from '../sys/calls.ts'
import type { Arch } from '../sys/calls.ts'
import type { FilterStep } from '../sys/seccomp.ts'
import { argumentRules } from './calls.ts'
import type { CallChoice } from './calls.ts'
import { callFilter } from './filter.ts'

const nothing: CallChoice = {
  tcp: false, unix: false, udp: false, listens: false, attributes: false, attributeReads: false, fileEvents: false,
  listener: false,
}

/** Classic BPF, as far as the filters use it. */
const answerOf = (filter: readonly FilterStep[], arch: number, nr: number, args: readonly number[]): number => {
  const words = [nr, arch, 0, 0, ...args.flatMap((arg) => [arg % 2 ** 32, Math.floor(arg / 2 ** 32)])]
  let a = 0
  for (let at = 0; at < filter.length; at++) {
    const { code, jt, jf, k } = filter[at]!
    if (code === 0x06) return k
    if (code === 0x20) a = (words[k / 4] ?? 0) >>> 0
    else if (code === 0x54) a = (a & k) >>> 0
    else if (code === 0x05) at += k
    else if (code === 0x15) at += a === k ? jt : jf
    else if (code === 0x35) at += a >= k ? jt : jf
    else throw new Error(`code ${code}`)
  }
  throw new Error('past the end')
}

const ask = (arch: Arch, call: string, args: readonly number[], choice: Partial<CallChoice> = {}): number | 'ok' => {
  const answer = answerOf(callFilter(arch, { ...nothing, ...choice }), auditArch[arch], callNumber(arch, call)!, args)
  return answer === SECCOMP_RET_ALLOW ? 'ok' : -(answer & 0xffff)
}

test('each call of both processors is in the table, and those whose arguments decide have a rule', () => {
  const ruled = argumentRules(nothing).map(({ call }) => call)
  expect(ruled.toSorted()).toEqual(callsAnswered('arguments').toSorted())
  const known = [...Object.keys(syscalls).map((name) => name.slice('SYS_'.length)), ...Object.keys(callsArm64)]
  expect([...hostCalls.keys()].toSorted()).toEqual([...new Set(known)].toSorted())
})

test.each<[call: string, args: number[], choice: Partial<CallChoice>, answer: number | 'ok']>([
  ['openat', [], {}, 'ok'],
  ['ptrace', [], {}, -EPERM],
  ['io_uring_setup', [], {}, -ENOSYS],
  ['clone3', [], {}, -ENOSYS],
  ['clone', [SIGCHLD | CLONE_VM], {}, 'ok'],
  ['clone', [SIGCHLD | CLONE_NEWUSER], {}, -EPERM],
  ['unshare', [0], {}, -EPERM],
  ['socket', [AF_UNIX, SOCK_STREAM, 0], {}, -EACCES],
  ['socket', [AF_UNIX, SOCK_STREAM, 0], { unix: true }, 'ok'],
  ['socket', [AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0], { tcp: true }, 'ok'],
  ['socket', [AF_INET, SOCK_STREAM, IPPROTO_TCP], { tcp: true }, 'ok'],
  // MPTCP and SCTP are ports that Landlock does not know
  ['socket', [AF_INET, SOCK_STREAM, 262], { tcp: true }, -EACCES],
  ['socket', [AF_INET, SOCK_STREAM, 132], { tcp: true }, -EACCES],
  ['socket', [AF_INET, SOCK_DGRAM, 0], { tcp: true }, -EACCES],
  ['socket', [AF_INET, SOCK_DGRAM, 0], { udp: true }, 'ok'],
  ['socket', [AF_NETLINK, 3, 0], { tcp: true, unix: true, udp: true }, -EACCES],
  ['socketpair', [AF_UNIX, SOCK_STREAM, 0], {}, 'ok'],
  ['socketpair', [AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0], {}, 'ok'],
  // a message of one can name any socket
  ['socketpair', [AF_UNIX, SOCK_DGRAM, 0], {}, -EACCES],
  ['socketpair', [AF_UNIX, SOCK_RAW, 0], {}, -EACCES],
  ['socketpair', [AF_UNIX, SOCK_DGRAM, 0], { unix: true }, 'ok'],
  ['socketpair', [AF_INET, SOCK_STREAM, 0], {}, -EACCES],
  ['sendto', [3, 0, 0, 0, 0, 0], {}, 'ok'],
  ['sendto', [3, 0, 0, MSG_FASTOPEN, 0, 0], { tcp: true }, -EACCES],
  ['sendmsg', [3, 0, MSG_FASTOPEN | 0x4000], { tcp: true }, -EACCES],
  ['sendmmsg', [3, 0, 1, MSG_FASTOPEN], { tcp: true }, -EACCES],
  ['ioctl', [0, TIOCSTI, 0], {}, -EPERM],
  // the kernel takes the low word of a request
  ['ioctl', [0, TIOCSTI + 2 ** 32, 0], {}, -EPERM],
  ['ioctl', [0, 0x5401, 0], {}, 'ok'],
  ['ioctl', [0, 0x4008_6602, 0], {}, -EPERM],
  ['ioctl', [0, 0x4008_6602, 0], { attributes: true }, 'ok'],
  ['prlimit64', [0, 7, 0x1000, 0], {}, 'ok'],
  ['prlimit64', [42, 7, 0x1000, 0], {}, -EPERM],
  ['prlimit64', [42, 7, 0, 0x1000], {}, 'ok'],
  ['prlimit64', [42, 7, 2 ** 32, 0], {}, -EPERM],
  ['memfd_create', [0, 0], {}, -ENOSYS],
  ['memfd_create', [0, 9], {}, 'ok'],
  ['setpriority', [0, 42, 5], {}, -EPERM],
  ['fchmod', [3, 0o777], {}, -EPERM],
  ['fchmod', [3, 0o777], { attributes: true }, 'ok'],
  ['getxattr', [], {}, -EOPNOTSUPP],
  ['llistxattr', [], { attributes: true }, -EOPNOTSUPP],
  ['getxattr', [], { attributeReads: true }, 'ok'],
  // of a file that is open
  ['fgetxattr', [3], {}, 'ok'],
  ['inotify_add_watch', [3], {}, -EACCES],
  ['inotify_add_watch', [3], { fileEvents: true }, 'ok'],
  ['listen', [3, 1], {}, -EPERM],
  ['listen', [3, 1], { tcp: true, listens: true }, 'ok'],
  ['seccomp', [1, 0, 0], {}, 'ok'],
  ['seccomp', [1, 0, 0], { listener: true }, -EPERM],
])('%s(%j) with %j: %s', (call, args, choice, answer) => {
  for (const arch of arches) expect(ask(arch, call, args, choice)).toBe(answer)
})

test('calls of other tables', () => {
  const filter = callFilter('x64', nothing)
  expect(answerOf(filter, auditArch.arm64, 0, [])).toBe(SECCOMP_RET_KILL_PROCESS)
  // 32-bit calls of the same processor
  expect(answerOf(filter, 0x4000_0003, 1, [])).toBe(SECCOMP_RET_KILL_PROCESS)
  for (const nr of [0x4000_0000, 0x4000_0101, 463, 600, 0xffff_ffff]) {
    expect(answerOf(filter, auditArch.x64, nr, [])).toBe((SECCOMP_RET_ERRNO | ENOSYS) >>> 0)
  }
})
