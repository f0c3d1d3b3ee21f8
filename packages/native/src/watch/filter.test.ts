import {
  AUDIT_ARCH_AARCH64, AUDIT_ARCH_I386, AUDIT_ARCH_X86_64, CLONE_NEWUSER, CLONE_THREAD, ENOSYS, EPERM, SECCOMP_RET_ALLOW,
  SECCOMP_RET_ERRNO, SECCOMP_RET_USER_NOTIF,
} from '@lsmkit/abi'
import { checkFilter, runFilter } from '@lsmkit/kernel'
import { expect, test } from 'vitest'
import { callNumber } from '../sys/calls.ts'
import type { Arch } from '../sys/calls.ts'
import { askedCalls, refusedInMediation, watchFilter } from './filter.ts'
import type { WatchMode } from './filter.ts'
import { mediatedCallLines, mediatedCalls } from './mediated-calls.ts'
import { readableCalls } from './requests.ts'

const ARCH = { x64: AUDIT_ARCH_X86_64, arm64: AUDIT_ARCH_AARCH64 } as const

const answer = (arch: Arch, mode: WatchMode, nr: number, args: readonly number[] = [], audit: number = ARCH[arch]) => {
  const data = new DataView(new ArrayBuffer(64))
  data.setInt32(0, nr, true)
  data.setUint32(4, audit, true)
  args.forEach((value, i) => data.setBigUint64(16 + 8 * i, BigInt(value), true))
  return runFilter(watchFilter(arch, mode), data) >>> 0
}
const byName = (arch: Arch, mode: WatchMode, call: string, args: readonly number[] = []): number =>
  answer(arch, mode, callNumber(arch, call)!, args)

test.each(['x64', 'arm64'] as const)('%s: the kernel takes the filter, and each asked call is read', (arch) => {
  for (const mode of ['watch', 'mediate'] as const) expect(checkFilter(watchFilter(arch, mode))).toBe(0)
  const there = askedCalls.filter((call) => callNumber(arch, call) !== null)
  expect(there.length).toBeGreaterThan(25)
  for (const call of there) {
    expect([call, byName(arch, 'watch', call)]).toEqual([call, SECCOMP_RET_USER_NOTIF])
    expect(readableCalls).toContain(call)
  }
  for (const call of ['read', 'mmap', 'newfstatat', 'getdents64', 'socket', 'futex']) {
    expect([call, byName(arch, 'mediate', call)]).toEqual([call, SECCOMP_RET_ALLOW])
  }
})

const EVERYWHERE = ['x64', 'arm64'] as const
type Row = readonly [why: string, mode: WatchMode, call: string, args: readonly number[], verdict: number]
const table: readonly Row[] = [
  ['no ring passes the calls by', 'watch', 'io_uring_setup', [], SECCOMP_RET_ERRNO | ENOSYS],
  ['a message without an address', 'watch', 'sendto', [3, 1, 1, 0, 0], SECCOMP_RET_ALLOW],
  ['a message to an address', 'watch', 'sendto', [3, 1, 1, 0, 0x1000], SECCOMP_RET_USER_NOTIF],
  ['an address above 4 GiB', 'watch', 'sendto', [3, 1, 1, 0, 2 ** 32], SECCOMP_RET_USER_NOTIF],
  ['forks are left alone', 'watch', 'clone', [17], SECCOMP_RET_ALLOW],
  ['threads are', 'mediate', 'clone', [CLONE_THREAD], SECCOMP_RET_ALLOW],
  ['flags in memory cannot be looked at', 'mediate', 'clone3', [], SECCOMP_RET_ERRNO | ENOSYS],
  ['no namespace with capabilities', 'mediate', 'clone', [CLONE_NEWUSER], SECCOMP_RET_ERRNO | EPERM],
  ['nobody is somebody else’s child', 'mediate', 'clone', [0x8000 | 17], SECCOMP_RET_ERRNO | EPERM],
  ['nobody adopts', 'mediate', 'prctl', [36], SECCOMP_RET_ERRNO | EPERM],
  ['a name is set', 'mediate', 'prctl', [15], SECCOMP_RET_ALLOW],
  ['children are looked for', 'mediate', 'clone', [17], SECCOMP_RET_USER_NOTIF],
  ['a call that must not answer is not asked about', 'mediate', 'exit_group', [], SECCOMP_RET_ALLOW],
]
test.each(EVERYWHERE.flatMap((arch) => table.map((row) => [arch, ...row] as const)))(
  '%s: %s', (arch, _, mode, call, args, verdict) => expect(byName(arch, mode, call, args)).toBe(verdict))

test.each(EVERYWHERE)('%s: ways to other trees, tasks and memory are refused under mediation alone', (arch) => {
  for (const call of refusedInMediation.filter((one) => callNumber(arch, one) !== null)) {
    expect([call, byName(arch, 'mediate', call)]).toEqual([call, SECCOMP_RET_ERRNO | EPERM])
    expect([call, byName(arch, 'watch', call)]).toEqual([call, SECCOMP_RET_ALLOW])
  }
})

test('calls of another interface are absent', () => {
  expect(answer('x64', 'watch', 5, [], AUDIT_ARCH_I386)).toBe(SECCOMP_RET_ERRNO | ENOSYS)
  expect(answer('x64', 'watch', 0x40000000 + 257)).toBe(SECCOMP_RET_ERRNO | ENOSYS)
  expect(answer('arm64', 'watch', 5, [], AUDIT_ARCH_X86_64)).toBe(SECCOMP_RET_ERRNO | ENOSYS)
})

test('each call that is asked about or refused under mediation is in the table once', () => {
  const listed = mediatedCalls.flatMap(({ calls }) => calls)
  const known = [
    ...askedCalls, ...refusedInMediation, 'sendto', 'fork', 'vfork', 'clone', 'clone3', 'io_uring_setup',
  ]
  expect([...listed].sort()).toEqual([...known].sort())
})

test('the lines name what decides about arguments that change', () => {
  const lines = (abi: number): string => mediatedCallLines(abi).join(' ').replace(/\s+/g, ' ')
  expect(lines(7)).toContain('decides about: abstract names and nothing decides about: paths of UNIX sockets')
  expect(lines(10)).toContain('Landlock decides about: abstract names, paths of UNIX sockets, ports of UDP kill,')
  expect(lines(10)).not.toContain('nothing decides')
  expect(lines(0)).toContain('if the name changes meanwhile, Landlock decides about: nothing')
})
