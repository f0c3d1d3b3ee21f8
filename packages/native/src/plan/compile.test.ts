import { expect, test } from 'vitest'
import { RLIMIT_CORE, RLIMIT_DATA, RLIMIT_NOFILE, RLIMIT_NPROC } from '@lsmkit/abi'
import type { Policy } from '@lsmkit/sandbox/policy-parts'
import { compile } from './compile.ts'
import type { Facts } from './facts.ts'
import { hostPathOf } from './mapping.ts'

const facts: Facts = {
  arch: 'x64', landlock: 10, seccomp: true, notifies: true, uid: 1000, tasks: 7, hasChildrenList: true, cgroup: null,
  folders: {}, names: {}, missing: [],
}
const gapsOf = (policy: Policy, more: Partial<Facts> = {}, accept: string[] = []): readonly string[] =>
  compile(policy, { ...facts, ...more }, { accept }).gaps

test.each<[what: string, policy: Policy, more: Partial<Facts>, gaps: string[]]>([
  ['files alone', { allow: { read: ['/usr'] } }, {}, []],
  ['no Landlock', { allow: { read: ['/usr'] } }, { landlock: 0 },
    ['landlock', 'truncate', 'ioctl-dev', 'signals']],
  ['ABI 1', { allow: { read: ['/usr'] } }, { landlock: 1 }, ['truncate', 'ioctl-dev', 'signals']],
  ['ABI 4 has TCP', { allow: { connect: [443] } }, { landlock: 4 }, ['ioctl-dev', 'signals']],
  ['ABI 3 has none', { allow: { connect: [443] } }, { landlock: 3 }, ['tcp-ports', 'ioctl-dev', 'signals']],
  ['UNIX sockets by path', { allow: { connect: ['unix'] } }, { landlock: 8 }, ['unix-paths']],
  ['the same with ABI 9', { allow: { connect: ['unix'] } }, { landlock: 9 }, []],
  ['abstract ones', { allow: { listen: ['unix'] } }, { landlock: 5 }, ['unix-paths', 'unix-abstract', 'signals']],
  ['hosts', { allow: { hosts: ['example.org:443'] } }, {}, []],
  ['a host of UDP', { allow: { hosts: ['example.org:443', 'time.example:123/udp'] } }, {}, ['datagrams']],
  ['hosts without notifications', { allow: { hosts: ['example.org:443'] } }, { notifies: false }, ['hosts']],
  ['limits of hosts', { allow: { hosts: ['a.b:1'] }, limits: { traffic: 9, connections: 1 } }, {}, []],
  ['limits of hosts beside ports', { allow: { hosts: ['a.b:1'], connect: [1] }, limits: { traffic: 9 } }, {},
    ['traffic']],
  ['modules', { allow: {}, modules: [{ module: '@lsmkit/smack' }], label: 'A' }, {}, ['label', 'modules']],
  ['limits', { limits: { files: '1 MiB', inodes: 5, traffic: 9, connections: 1, memory: '1 GiB' } }, {},
    ['files', 'inodes', 'connections', 'traffic']],
  ['limits of WebAssembly', { limits: { loops: true, tables: '1 MiB', memory: 'none' } }, {}, []],
  ['processes of root', { limits: { processes: 5 } }, { uid: 0 }, ['processes']],
  ['processes of root in a cgroup', { limits: { processes: 5 } },
    { uid: 0, cgroup: { path: '/x', memory: true, pids: true } }, []],
  ['another user', { user: 'nobody' }, {}, ['user']],
  ['another user, as root', { user: 'nobody' }, { uid: 0 }, []],
  ['the same user', { user: 1000 }, {}, []],
  ['memory mounts', { mounts: { '/a/tmp': { kind: 'memory' }, '/b': { kind: 'memory' } } }, {}, ['place']],
  ['no list of children', {}, { hasChildrenList: false }, ['leftovers']],
])('gaps: %s', (_, policy, more, gaps) => {
  expect(gapsOf(policy, more)).toEqual(gaps)
  expect(gapsOf(policy, more, gaps)).toEqual([])
})

const rulesOf = (policy: Policy, more: Partial<Facts> = {}): Record<string, number> =>
  Object.fromEntries(compile(policy, { ...facts, ...more }).landlock!.paths
    .map(({ place, rights }) => [`${place.private ?? ''}${hostPathOf(place)}`, rights]))

const READ = 0xc
const EXEC = 0xd
/** Without what a kernel of ABI 2 does not know: truncate. */
const WRITE = 0x37b2

test.each<[what: string, policy: Policy, rules: Record<string, number>, more?: Partial<Facts>]>([
  ['paths of the host', { allow: { read: ['/usr', '/usr'], exec: ['/usr/bin/'] } }, { '/usr': READ, '/usr/bin': EXEC }],
  ['through a folder of the host', {
    allow: { read: ['/data/in', '/etc'] }, mounts: { '/data': { kind: 'host-folder', path: '/home/a' } },
  }, { '/home/a/in': READ }],
  ['a device that every box has', {
    allow: { write: ['/dev/null', '/dev/tty'] }, mounts: { '/d': { kind: 'host-folder', path: '/h' } },
  }, { '/dev/null': 0x77b2 }],
  ['a folder that is not writable', {
    allow: { read: ['/d'], write: ['/d'] }, mounts: { '/d': { kind: 'host-folder', path: '/h' } },
  }, { '/h': READ }],
  ['a copy on write', {
    allow: { write: ['/d'] }, mounts: { '/d': { kind: 'host-folder', path: '/h', copyOnWrite: true } },
  }, {}],
  ['mounts below an allowed path', {
    allow: { read: ['/'] },
    mounts: { '/a': { kind: 'host-folder', path: '/x' }, '/a/b': { kind: 'host-folder', path: '/y' } },
  }, { '/x': READ, '/y': READ }],
  ['the same where the folder has something beneath the mount', {
    allow: { read: ['/a'] },
    mounts: { '/a': { kind: 'host-folder', path: '/x' }, '/a/b/c': { kind: 'host-folder', path: '/y' } },
  }, { '/x/one': READ, '/x/b/two': READ, '/y': READ }, { folders: { '/x': ['one', 'b'], '/x/b': ['two', 'c'] } }],
  ['the same where it has not', {
    allow: { read: ['/a'] },
    mounts: { '/a': { kind: 'host-folder', path: '/x' }, '/a/b/c': { kind: 'host-folder', path: '/y' } },
  }, { '/x': READ, '/y': READ }, { folders: { '/x': ['one', 'b'], '/x/b': ['two'] } }],
  ['a private folder', { allow: { read: ['/tmp'] }, mounts: { '/tmp': { kind: 'memory' } } }, { '/tmp': READ }],
  ['rights of the ABI alone', { allow: { write: ['/w'] } }, { '/w': WRITE }, { landlock: 2 }],
])('rules: %s', (_, policy, rules, more = {}) => {
  const found = rulesOf(policy, more)
  expect(Object.keys(found).sort()).toEqual(Object.keys(rules).sort())
  for (const [path, rights] of Object.entries(rules)) expect([path, found[path]]).toEqual([path, rights])
})

test('a path that is not there, and a policy without /dev/null, are told', () => {
  const lines = (policy: Policy): string[] => compile(policy, { ...facts, missing: ['/none'] }).lines
    .map(({ line, note }) => `${line}: ${note}`)
  const told = lines({ allow: { read: ['/usr', '/none'], write: ['/none'] } })
  expect(told.filter((line) => line.includes('nothing is there')).map((line) => line.split(': ')[0]))
    .toEqual(['allow.read', 'allow.write'])
  const isAboutNull = (line: string): boolean => line.startsWith('everything else: /dev/null')
  expect(told.some(isAboutNull)).toBe(true)
  for (const write of ['/dev/null', '/dev', '/']) {
    expect(lines({ allow: { read: ['/dev/null'], write: [write] } }).some(isAboutNull)).toBe(false)
    expect(lines({ allow: { write: [write] } }).find(isAboutNull)).toContain('not in `read`:')
  }
})

test('limits become those of the kernel', () => {
  const { limits, time, output } = compile(
    { limits: { memory: '64 MiB', descriptors: 32, processes: 5, time: '2 s', output: 100 } }, facts)
  expect(limits).toEqual([[RLIMIT_CORE, 0], [RLIMIT_DATA, 64 * 2 ** 20], [RLIMIT_NOFILE, 32], [RLIMIT_NPROC, 12]])
  expect({ time, output }).toEqual({ time: 2000, output: 100 })
})

test('UDP has ports from ABI 10 on', () => {
  const policy: Policy = { allow: { hosts: ['example.org:443'] } }
  const ports = (landlock: number): unknown =>
    compile(policy, { ...facts, landlock }, { accept: ['hosts', 'udp'] }).landlock!.ports
  expect(ports(9)).toEqual([[443, 2]])
  expect(ports(10)).toEqual([[443, 2], [443, 8], [53, 8], [0, 4]])
})

test('logs are quiet at places from ABI 10 on, and the ruleset gives privileges up from ABI 11 on', () => {
  const of = (landlock: number) => compile({ allow: { read: ['/a'] } }, { ...facts, landlock }, { quiet: ['/a/b'] })
  const table = [6, 7, 9, 10, 11].map((abi) => {
    const { landlock, lines, gaps } = of(abi)
    return [abi, landlock!.flags, landlock!.quiet.length, lines.find(({ line }) => line === 'quiet: /a/b')!.walls, gaps]
  })
  expect(table).toEqual([
    [6, 0, 0, ['neither'], []], [7, 2, 0, ['neither'], []], [9, 2, 0, ['neither'], []],
    [10, 2, 1, ['landlock'], []], [11, 18, 1, ['landlock'], []],
  ])
})

test.each<[what: string, run: () => unknown, code: string]>([
  ['an unknown id', () => compile({}, facts, { accept: ['atributes'] }), 'bad-option'],
  ['a role that is not there', () => compile({}, facts, { role: 'x' }), 'no-role'],
  ['a role that is wider', () =>
    compile({ allow: { read: ['/a'] }, roles: { r: { allow: { read: ['/b'] } } } }, facts, { role: 'r' }), 'wider'],
  ['a pattern', () => compile({ allow: { read: ['/a/*'] } }, facts), 'bad-policy'],
])('refused: %s', (_, run, code) => expect(run).toThrow(expect.objectContaining({ code })))
