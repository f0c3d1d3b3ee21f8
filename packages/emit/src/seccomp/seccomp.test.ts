/** Profiles of OCI and Docker: read, compiled, asked and checked. */
import { existsSync, readFileSync } from 'node:fs'
import { runFilter } from '@lsmkit/kernel'
import { describe, expect, test } from 'vitest'
import { generator } from '../questions.ts'
import { checkProfile, verdictOf } from './check.ts'
import { compileProfile, resultOf } from './compile.ts'
import { seccompData } from './data.ts'
import { filterBytes, filterOf } from './filter-bytes.ts'
import { callsIn } from './needs.ts'
import { operators, readProfile } from './profile.ts'
import type { Condition } from './profile.ts'

/** In the shape of Docker's own. */
const dockerLike = {
  defaultAction: 'SCMP_ACT_ERRNO', defaultErrnoRet: 1,
  archMap: [{ architecture: 'SCMP_ARCH_X86_64', subArchitectures: ['SCMP_ARCH_X86'] }],
  syscalls: [
    { names: ['read', 'execve', 'exit_group', 'mmap', 'openat', 'futex_time64'], action: 'SCMP_ACT_ALLOW' },
    { names: ['ptrace'], action: 'SCMP_ACT_ALLOW', includes: { minKernel: '4.8' } },
    { names: ['socket'], action: 'SCMP_ACT_ALLOW', args: [{ index: 0, value: 40, op: 'SCMP_CMP_NE' }] },
    { names: ['mount', 'clone'], action: 'SCMP_ACT_ALLOW', includes: { caps: ['CAP_SYS_ADMIN'] } },
    {
      names: ['clone'], action: 'SCMP_ACT_ALLOW', excludes: { caps: ['CAP_SYS_ADMIN'], arches: ['s390x'] },
      args: [{ index: 0, value: 2114060288, valueTwo: 0, op: 'SCMP_CMP_MASKED_EQ' }],
    },
    { names: ['clone3'], action: 'SCMP_ACT_ERRNO', errnoRet: 38, excludes: { caps: ['CAP_SYS_ADMIN'] } },
    { names: ['arch_prctl'], action: 'SCMP_ACT_ALLOW', includes: { arches: ['amd64', 'x32'] } },
    { names: ['swapcontext'], action: 'SCMP_ACT_ALLOW', includes: { arches: ['ppc64le'] } },
  ],
}

test.each([
  { call: 'read', verdict: 'allowed', place: 'syscalls[0]' },
  { call: 'mount', verdict: 'refused', place: null },
  { call: 'mount', caps: ['CAP_SYS_ADMIN'], verdict: 'allowed', place: 'syscalls[3]' },
  { call: 'ptrace', verdict: 'allowed', place: 'syscalls[1]' },
  { call: 'ptrace', kernel: '4.7', verdict: 'refused', place: null },
  { call: 'socket', verdict: 'depends', place: 'syscalls[2]' },
  { call: 'socket', args: [40, 1, 0], verdict: 'refused', place: null },
  { call: 'socket', args: [2, 1, 0], verdict: 'allowed', place: 'syscalls[2]' },
  { call: 'clone', args: [0x10000000], verdict: 'refused', place: null },
  { call: 'clone', args: [0x10000000], caps: ['CAP_SYS_ADMIN'], verdict: 'allowed', place: 'syscalls[3]' },
  { call: 'clone', args: [0x1200011], verdict: 'allowed', place: 'syscalls[4]' },
  { call: 'clone3', verdict: 'refused', errno: 38, place: 'syscalls[5]' },
  { call: 'arch_prctl', arch: 'arm64', verdict: 'refused', place: null },
])('$call $args with $caps on $arch $kernel: $verdict', ({ call, args, caps, arch, kernel, verdict, place, errno }) => {
  const container = {
    ...(caps === undefined ? {} : { caps }), ...(arch === undefined ? {} : { arch }),
    ...(kernel === undefined ? {} : { kernel }),
  }
  expect(verdictOf(readProfile(dockerLike), call, container, args))
    .toMatchObject({ verdict, place, ...(errno === undefined ? {} : { errno }) })
})

const holds = ({ index, op, value, valueTwo }: Condition, args: readonly bigint[]): boolean => {
  const arg = args[index]!
  switch (op) {
    case 'SCMP_CMP_NE': return arg !== value
    case 'SCMP_CMP_LT': return arg < value
    case 'SCMP_CMP_LE': return arg <= value
    case 'SCMP_CMP_EQ': return arg === value
    case 'SCMP_CMP_GE': return arg >= value
    case 'SCMP_CMP_GT': return arg > value
    case 'SCMP_CMP_MASKED_EQ': return (arg & value) === valueTwo
  }
}

test('filters answer as their conditions do, for random conditions and arguments', () => {
  const random = generator(7)
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!
  const values = [0, 1, 2, 7, 40, 0x7fffffff, 0x80000000, 0xffffffff, 0x100000000, 0x100000001, 2 ** 52]
  for (let round = 0; round < 300; round++) {
    const json = {
      defaultAction: 'SCMP_ACT_ERRNO',
      syscalls: Array.from({ length: 1 + Math.floor(random() * 4) }, (_, at) => ({
        names: ['socket'], action: 'SCMP_ACT_ERRNO', errnoRet: 10 + at,
        args: [0, 1, 2].filter(() => random() < 0.6)
          .map((index) => ({ index, value: pick(values), valueTwo: pick(values), op: pick(operators) })),
      })),
    }
    const profile = readProfile(json)
    const filter = compileProfile(profile)
    for (let tries = 0; tries < 20; tries++) {
      const args = [0, 1, 2].map(() => BigInt(pick(values)) + (random() < 0.2 ? 1n : 0n))
      const always = profile.rules.find((rule) => rule.args.length === 0)
      const rule = always ?? profile.rules.find((one) => one.args.every((condition) => holds(condition, args)))
      expect(runFilter(filter, seccompData('socket', args)))
        .toBe(resultOf('SCMP_ACT_ERRNO', rule === undefined ? null : rule.errnoRet))
    }
    expect(filterOf(filterBytes(filter))).toEqual(filter)
  }
})

describe('findings', () => {
  const found = (syscalls: readonly object[], defaultAction = 'SCMP_ACT_ERRNO') =>
    checkProfile(readProfile({ defaultAction, syscalls })).map(({ rule, place }) => `${rule} ${place}`)

  test.each([
    { title: 'nothing is allowed', syscalls: [], found: ['denies-all profile'] },
    {
      title: 'a list without names', syscalls: [{ names: [], action: 'SCMP_ACT_ALLOW' }],
      found: ['denies-all profile', 'dead syscalls[0]'],
    },
    { title: 'execve is missing', syscalls: [{ names: ['read', 'exit_group'], action: 'SCMP_ACT_ALLOW' }],
      found: ['denies-all profile'] },
    {
      title: 'a name with a mistake',
      syscalls: [{ names: ['execve', 'exit_group', 'opneat'], action: 'SCMP_ACT_ALLOW' }],
      found: ['unknown-call syscalls[0]'],
    },
    {
      title: 'a rule behind one for every argument', syscalls: [
        { names: ['execve', 'exit_group', 'socket'], action: 'SCMP_ACT_ALLOW' },
        { names: ['socket'], action: 'SCMP_ACT_KILL', args: [{ index: 0, value: 16, op: 'SCMP_CMP_EQ' }] },
      ], found: ['dead syscalls[1]'],
    },
    {
      title: 'a rule that is the default', syscalls: [
        { names: ['execve', 'exit_group'], action: 'SCMP_ACT_ALLOW' }, { names: ['reboot'], action: 'SCMP_ACT_ERRNO' },
      ], found: ['like-default syscalls[1]'],
    },
  ])('$title', ({ syscalls, found: findings }) => expect(found(syscalls)).toEqual(findings))

  test('a profile that allows everything', () => {
    expect(found([], 'SCMP_ACT_ALLOW').slice(0, 1)).toEqual(['allows-all profile'])
  })
})

test.each([
  { value: [], place: 'profile' },
  { value: {}, place: 'profile: defaultAction' },
  { value: { defaultAction: 'SCMP_ACT_ALOW' }, place: 'profile: defaultAction' },
  { value: { defaultAction: 'SCMP_ACT_ALLOW', syscalls: [{ names: ['a'], action: 1 }] }, place: 'syscalls[0].action' },
  { value: { defaultAction: 'SCMP_ACT_ALLOW', sysCalls: [] }, place: 'profile.sysCalls' },
  {
    value: {
      defaultAction: 'SCMP_ACT_ALLOW', syscalls: [{ names: ['a'], action: 'SCMP_ACT_KILL', args: [{ index: 6 }] }],
    },
    place: 'syscalls[0].args[0].index',
  },
])('$place is refused', ({ value, place }) => {
  expect(() => readProfile(value)).toThrow(expect.objectContaining({ code: 'bad-file', place }))
})

test('calls of logs', () => {
  const log = [
    'execve("/bin/true", ["true"], 0x7ffd /* 20 vars */) = 0', '[pid  71] openat(AT_FDCWD, "/etc/x", O_RDONLY) = 3',
    '71 12:00:01.5 read(3, "a", 1) = 1', '71 <... read resumed>"", 1) = 0', 'openat(3, "b", 0) = -1', '+++ exited',
    'type=SECCOMP msg=audit(1:2): pid=1 comm="x" sig=0 arch=c000003e syscall=165 compat=0 code=0x50000', 'hello(1)',
  ]
  expect(callsIn(log).map(({ name, count }) => `${name} ${count}`))
    .toEqual(['execve 1', 'openat 2', 'read 1', 'mount 1'])
})

/** Of Debian's package golang-github-containers-common: the profile of podman, which has Docker's shape. */
const INSTALLED = process.env['LSMKIT_SECCOMP_PROFILE'] ?? '/usr/share/containers/seccomp.json'

test.skipIf(!existsSync(INSTALLED))(`the profile of ${INSTALLED} is read as it is`, () => {
  const profile = readProfile(JSON.parse(readFileSync(INSTALLED, 'utf8')))
  expect(verdictOf(profile, 'openat').verdict).toBe('allowed')
  expect(verdictOf(profile, 'acct').verdict).toBe('refused')
  expect(verdictOf(profile, 'acct', { caps: ['CAP_SYS_PACCT'] }).verdict).toBe('allowed')
  expect(verdictOf(profile, 'kexec_load').verdict).toBe('refused')
  expect(checkProfile(profile).filter(({ level }) => level === 'error')).toEqual([])
})
