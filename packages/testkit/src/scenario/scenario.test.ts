/** Scenario files: what they may say, what is told when they are wrong, and what comes of running them. */
import { EACCES, EPERM } from '@lsmkit/abi'
import { defineLsm } from '@lsmkit/core'
import type { Stack } from '@lsmkit/core'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ScenarioError } from './errors.ts'
import { parseScenario } from './parse.ts'
import { isScenario } from './source.ts'
import { replayScenario } from './replay.ts'
import { reportLines } from './report.ts'
import { runScenario } from './run.ts'
import { scenarioTests } from './tests.ts'
import { worldOf } from './world.ts'

/** Refuses what is called secret to all but root. */
const guard = ({ loud = false }: { readonly loud?: boolean } = {}) =>
  defineLsm({
    name: 'guard',
    abi: '1.0',
    id: 300,
    hooks: ({ current, audit }) => ({
      file_open: (file) =>
        file.f_path.dentry.d_name.name.startsWith('secret') && current.task.cred.euid !== 0
          ? loud ? audit.deny(-EACCES, 'it is secret') : -EACCES
          : 0,
      task_kill: () => (current.task.cred.euid === 0 ? 0 : -EPERM),
    }),
  })
const exclusive = (name: string, id: number) => () => defineLsm({ name, abi: '1.0', id, exclusive: true, hooks: {} })
const wall = () => defineLsm({ name: 'wall', abi: '1.0', id: 304, hooks: { inode_mkdir: () => -EACCES } })
const factories = { guard, wall, lonely: exclusive('lonely', 302), alone: exclusive('alone', 303) }
const run = (text: string) => runScenario(parseScenario(text, 'file.yaml'), factories)

const whole = `
scenario: secrets are for root
lsms: [guard]
options: { guard: { loud: true } }
objects:
  /w: { dir: true, mode: 0777 }
  /w/secret: { file: the secret, mode: 0666 }
  /w/plain: hello
  /w/link: { symlink: secret }
  /w/other: { link: /w/plain }
  /w/pipe: { fifo: true, mode: 0666 }
  /w/run: { program: true, mode: 04755, uid: 7 }
identities:
  alice: { uid: 1000, gid: 100, groups: [7, 8] }
  bob: { uid: 1000 }
steps:
  - openat: [AT_FDCWD, /w/secret, O_RDWR]
    save: fd
  - read: [$fd, 100]
    expect: { rc: 10, data: the secret }
  - as: alice
    openat: [AT_FDCWD, /w/secret, O_RDONLY|O_CLOEXEC]
    expect: { errno: EACCES, by: guard, hook: file_open, audit: reason="it is secret" }
  - as: alice
    open: [/w/link, 0]
    expect: EACCES
  - as: alice
    stat: [/w/run]
    expect: { stat: { mode: 0104755, uid: 7, nlink: 1 }, by: '', audit: [] }
  - as: alice
    stat: /w/other
    expect: { stat: { nlink: 2, size: 5 } }
  - as: alice
    kill: [$bob, SIGTERM]
    expect: { errno: EPERM, by: guard, hook: task_kill }
  - as: alice
    pipe2: [O_CLOEXEC]
    save: [out, in]
  - as: alice
    read: [$out, 4]
    expect: BLOCKS
  - as: alice
    write: [$in, { repeat: ab, times: 3 }]
    expect: 6
  - as: alice
    read: [$out, 4]
    expect: { data: abab }
  - as: alice
    open: [/proc/self/fd/$in, O_WRONLY]
  - as: alice
    socket: [AF_UNIX, SOCK_DGRAM, 0]
    save: near
  - socket: [AF_UNIX, SOCK_DGRAM, 0]
    save: far
  - bind: [$far, /w/socket]
  - chmod: [/w/socket, 0777]
  - as: alice
    connect: [$near, /w/socket]
  - as: alice
    sendmsg: [$near, [hello, $out]]
  - recvmsg: [$far, 16, MSG_DONTWAIT]
    save: passed
    expect: { data: hello }
  - read: [$passed, 9]
    expect: { data: ab }
  - recvmsg: [$far, 16]
    expect: BLOCKS
  - as: alice
    fork: []
    save: child
  - as: child
    execve: [/w/run, [run, fast]]
  - as: child
    geteuid: []
    expect: 7
`

test('a whole scenario', () => {
  const result = run(whole)
  expect(reportLines(result)).toEqual(['ok  secrets are for root (24 steps)'])
  expect(result.steps[2]).toMatchObject({ as: 'alice', result: 'EACCES', by: 'guard', hook: 'file_open' })
})

test('differences are told with what led there', () => {
  const result = run(`
scenario: wrong about everything
lsms: [guard]
objects: { /secret: { file: x, mode: 0644 } }
identities: { alice: { uid: 1000 } }
steps:
  - getpid: []
  - as: alice
    open: [/secret, 0]
    expect: { errno: EPERM, by: '', audit: [] }
  - stat: /secret
    expect: { rc: 1, stat: { mode: 0600 } }
`)
  expect(reportLines(result)).toEqual([
    'differs  wrong about everything (3 steps)',
    '     1  init: getpid() = 1',
    '  ✗  2  alice: open(/secret, 0) = EACCES <file_open: guard>',
    '        file.yaml:8: errno',
    '        - EPERM',
    '        + EACCES',
    '        file.yaml:8: by',
    '        - ',
    '        + guard',
    '        file.yaml:8: audit',
    '        - no record',
    expect.stringMatching(/^ {8}\+ type=LSM_DENIED lsm=guard hook=file_open pid=/),
    '  ✗  3  init: stat(/secret) = 0',
    '        file.yaml:11: rc',
    '        - 1',
    '        + 0',
    '        file.yaml:11: stat.mode',
    '        - 0600',
    '        + 0100644',
  ])
})

describe('what is wrong with a file is told with its line', () => {
  const lsms = 'lsms: [guard]'
  const steps = 'steps: [{ getpid: [] }]'
  test.each([
    { text: 'steps: [', says: 'no-yaml file.yaml:2:1' },
    { text: 'lsms: [guard]\nstpes: []', says: 'unknown-field file.yaml:2:1: there is no field `stpes`' },
    { text: 'steps:\n  - opnat: []', says: 'no system call `opnat` in scenarios did you mean' },
    { text: 'steps:\n  - getpid: []\n    getuid: []', says: 'bad-field file.yaml:2:5: a step makes' },
    { text: 'steps:\n  - getpid: []\n    expect: EACCESS', says: 'there is no errno `EACCESS` did you mean' },
    { text: 'steps:\n  - open: [/x, O_RDONYL]', says: 'no constant `O_RDONYL` did you mean `O_RDONLY`?' },
    { text: 'steps:\n  - read: [$fd, 1]', says: 'unknown-name file.yaml:2: nothing has been saved as `fd`' },
    { text: 'steps:\n  - kill: [$bob, 9]', says: 'nothing has been saved as `bob`' },
    { text: 'steps:\n  - as: bob\n    getpid: []', says: 'nobody is `bob`' },
    { text: 'steps:\n  - open: [5, 0]', says: '`5` is not a path' },
    { text: 'steps:\n  - close: [1, 2]', says: 'close takes 1 arguments, not 2' },
    { text: 'objects: { /x: { mode: 0644 } }', says: '`/x` is one of dir, file' },
    { text: 'identities: { a: { caps: [CAP_FLY] } }', says: 'there is no capability `CAP_FLY`' },
    { text: '\nlsms: [gaurd]', says: 'unknown-lsm file.yaml:2: there is no LSM `gaurd` did you mean `guard`?' },
    { text: 'lsms: [guard, lonely, alone]', says: '1: `alone` is not in the stack `lonely` is exclusive too' },
    { text: '\nlsms: [wall]', says: 'EACCES, refused by wall (inode_mkdir)' },
    { text: 'options: { gaurd: {} }', says: 'unknown-field file.yaml:1:12: there is no field `gaurd`' },
    { text: 'lsms: [guard]\nobjetcs:\n  /a: x', says: 'file.yaml:2:1: there is no field `objetcs`' },
    { text: 'objects:\n  /a:\n    fiel: x', says: 'file.yaml:3:5: there is no field `fiel`' },
    { text: 'identities:\n  a:\n    uid:\n      - 5', says: 'file.yaml:3:5: `[5]` is not a whole' },
    { text: 'options: { guard: 5 }', says: '`guard` is a map of fields' },
    { text: 'sysctl:\n  protected_symlink: 1', says: 'file.yaml:2:3: there is no field `protected_symlink`' },
    { text: 'objects:\n  /a/b: x', says: 'setup file.yaml:2: /a/b: ENOENT' },
    { text: 'objects: { /a: { file: x, label: A } }', says: 'setup file.yaml:1: /a has no label' },
    { text: 'objects: { /a: { file: 5 } }', says: '`file` is a text' },
    { text: 'objects: { /a: { dir: false } }', says: '`dir` is true' },
    { text: 'objects: { /a: { file: x, xattrs: { user.a: 1 } } }', says: '`user.a` is a text' },
    { text: 'identities:\n  a: { uid: 1, label: A }', says: 'setup file.yaml:2: ' },
    { text: 'identities: { init: { uid: 1 } }', says: '`init` is process 1' },
    { text: 'write:\n  /not/there: x', says: 'setup file.yaml:2: /not/there: ENOENT' },
    { text: 'steps: []', says: 'there are no `steps`' },
    { text: 'steps: [5]', says: 'a step is a map of fields' },
    { text: 'steps:\n  - getpid: []\n    expect: -13', says: 'no call that succeeds answers -13 it fails with `EACC' },
    { text: 'steps:\n  - stat: /\n    expect: { stat: { siez: 1 } }', says: 'no field `siez` did you mean `size`?' },
    { text: 'steps:\n  - stat: /\n    expect: { stat: { uid: [0] } }', says: '3:23: `[0]` is not a whole number' },
    { text: 'steps:\n  - open: /\n    expect: { errno: EACCES, rc: 3 }', says: '3:5: a call fails with `errno` or' },
    { text: 'steps:\n  - fork:\n    save: a\n  - getpid:\n    as: b', says: 'nobody is `b` known: init, a' },
    { text: 'steps:\n  - open: [/x, 1.5]', says: '`1.5` is not a whole number' },
    { text: 'steps:\n  - read: [0, -1]', says: 'there is no room of -1 bytes' },
    { text: 'steps:\n  - read: [0, 1000000000000]', says: 'there is no room of' },
    { text: 'steps:\n  - write: [0, { repeat: x, times: 1000000000000 }]', says: 'is not data' },
    { text: 'steps:\n  - setgroups: [1, 5]', says: '`5` is not a list' },
    { text: 'steps:\n  - openat2: [0, x, { flag: 1 }]', says: 'there is no field `flag` did you mean `flags`?' },
    { text: 'steps:\n  - openat2: [0, x, 5]', says: '`5` is not a map { flags, mode, resolve }' },
    { text: '# lsms\n[1]', says: 'bad-field file.yaml:2:1: `scenario` is a map of fields' },
    { text: 'lsms: *a', says: 'no-yaml file.yaml:1:1: Unresolved alias' },
  ])('$text', ({ text, says }) => {
    let told = ''
    try {
      run([text, ...(/lsms/.test(text) ? [] : [lsms]), ...(/steps|\[1\]/.test(text) ? [] : [steps])].join('\n'))
    } catch (error) {
      expect(error).toBeInstanceOf(ScenarioError)
      const { code, place, summary, hint } = error as ScenarioError
      told = `${code} ${place ?? ''}: ${summary} ${hint ?? ''}`
    }
    expect(told).toContain(says)
  })

  test('whatever the text is, it is a scenario or a ScenarioError', () => {
    const word = fc.constantFrom(
      'steps:', '- ', 'open: [', ']', '{', '}', '\n', '  ', 'lsms', ': ', '/x', '0644', '"', '&a', '*a', 'expect: ',
      '!!b',
    )
    const texts = fc.array(word, { maxLength: 20 }).map((words) => words.join(''))
    fc.assert(fc.property(texts, (text) => {
      try {
        parseScenario(text)
      } catch (error) {
        expect(error).toBeInstanceOf(ScenarioError)
      }
    }))
  })
})

test('JSON is taken as well', () => {
  const { differences } = run(JSON.stringify({ lsms: ['guard'], steps: [{ getpid: [], expect: 1 }] }))
  expect(differences).toEqual([])
})

test('a file of several is several tests, and lines count from its start', () => {
  const text = `# two
---
scenario: one
lsms: [guard]
steps: [{ getpid: [] }]
---
scenario: two
lsms: [guard]
steps:
  - getpid: []
    expect: 2
`
  const [one, two] = scenarioTests(text, 'two.yaml', factories)
  expect([one!.name, two!.name]).toEqual(['one', 'two'])
  one!.run()
  expect(() => two!.run()).toThrow('two.yaml:10: rc\n        - 2\n        + 1')
})

test('a replay tells what another stack would answer', () => {
  const free = () => defineLsm({ name: 'free', abi: '1.0', id: 301, hooks: {} })
  const { changes, after } = replayScenario(parseScenario(whole), { guard, free }, { lsms: ['free'] })
  expect(after.absent).toEqual([])
  expect(changes.map(({ step, fields, before, after: { result } }) => [step, before.result, result, fields])).toEqual([
    [2, 'EACCES', 'ok', ['result', 'by', 'hook']],
    [3, 'EACCES', 'ok', ['result', 'by', 'hook']],
    [6, 'EPERM', 'ok', ['result', 'by', 'hook']],
  ])
})

test('structs need only the fields that matter, and what goes out of a call needs nothing', () => {
  const { differences } = run(`
lsms: [guard]
objects: { /w: text }
steps:
  - statfs: /w
  - open: [/w, O_RDWR]
    save: fd
  - fcntl_lock: [$fd, F_SETLK, { l_type: F_WRLCK }]
  - openat2: [AT_FDCWD, w, { flags: O_RDONLY, resolve: RESOLVE_BENEATH }]
  - openat2: [AT_FDCWD, /w, { flags: O_RDONLY, resolve: RESOLVE_BENEATH }]
    expect: EXDEV
  - openat2: [AT_FDCWD, /w]
    expect: EFAULT
  - prlimit64: [0, RLIMIT_NOFILE, { rlim_cur: 1, rlim_max: 9 }]
  - dup: $fd
    expect: EMFILE
`)
  expect(differences).toEqual([])
})

test('a mode is the same number however it is written', () => {
  const { differences } = run(`
lsms: [guard]
steps:
  - { stat: /, expect: { stat: { mode: 040755 } } }
  - { stat: /, expect: { stat: { mode: 0x41ed, uid: 0 } } }
  - { stat: /, expect: { stat: { mode: S_IFDIR|0755 } } }
`)
  expect(differences).toEqual([])
})

test('what is said once is had by anchors, with fields that are another', () => {
  const { differences } = run(`
lsms: [guard]
identities:
  bob: &user { uid: 1000, gid: 5 }
  eve: { <<: *user, uid: 7 }
  al: *user
steps:
  - { getuid: [], as: eve, expect: 7 }
  - { getgid: [], as: eve, expect: 5 }
  - { getuid: [], as: al, expect: 1000 }
`)
  expect(differences).toEqual([])
})

/** Lets root have children alone. */
const strict = () =>
  defineLsm({
    name: 'strict', abi: '1.0', id: 304, hooks: { task_alloc: (task) => (task.cred.uid === 0 ? 0 : -EPERM) },
  })

test('who has ended, or was never born, makes no call', () => {
  const { steps, differences } = runScenario(parseScenario(`
lsms: [strict]
identities: { bob: { uid: 1000 } }
steps:
  - { fork: [], as: bob, save: child, expect: EPERM }
  - { getpid: [], as: child }
  - { exit_group: 0, as: bob }
  - { open: [/, O_RDONLY], as: bob }
`), { strict })
  expect(steps.map(({ result }) => result)).toEqual(['EPERM', 'nobody', 'ok', 'nobody'])
  expect(differences.map(({ field, got }) => [field, got])).toEqual([['errno', 'nobody'], ['errno', 'nobody']])
})

test('a replay goes on without a child that the other stack has refused', () => {
  const scenario = parseScenario(`
lsms: [guard]
identities: { bob: { uid: 1000 } }
steps:
  - { fork: [], as: bob, save: child }
  - { getuid: [], as: child }
`)
  const { changes } = replayScenario(scenario, { guard, strict }, { lsms: ['strict'] })
  expect(changes.map(({ after }) => after.result)).toEqual(['EPERM', 'nobody'])
})

test('a difference of several lines is marked line by line, and nothing in it acts on a terminal', () => {
  const lines = reportLines(run(`
lsms: [guard]
objects: { /w: "a\\nb\\e[2J\\x07" }
steps:
  - { open: [/w, O_RDONLY], save: fd }
  - { read: [$fd, 9], expect: { data: "a\\nc" } }
`))
  expect(lines.slice(3)).toEqual([
    '        file.yaml:6: data', '        - a', '        - c', '        + a', '        + b\\x1b[2J\\x07',
  ])
})

test('the label of what is gone is a difference', () => {
  const { differences } = run(`
lsms: [guard]
objects: { /w: text }
steps:
  - unlink: /w
    expect: { label: { /w: A } }
`)
  expect(differences).toMatchObject([{ field: 'label /w', expected: 'A', got: 'ENOENT' }])
})

test('two runs know nothing of each other', () => {
  expect(run(whole)).toEqual(run(whole))
})

test.each([
  { what: 'maps as names', text: '? '.repeat(1000) + 'x' },
  { what: 'lists in lists', text: `steps: ${'['.repeat(50_000)}` },
  { what: 'maps in maps', text: Array.from({ length: 300 }, (_, i) => `${' '.repeat(i)}a:`).join('\n') },
  { what: 'a field that is there twice', text: 'steps:\n  - open: /etc\nsteps:\n  - open: /etc' },
])('$what: no YAML that is read', ({ text }) => {
  expect(() => parseScenario(text, 'odd.yaml')).toThrow(expect.objectContaining(
    { code: 'no-yaml', place: expect.stringMatching(/^odd\.yaml:\d+:\d+$/) }))
})

test('an LSM that starts when all is set up, before the first step', () => {
  const started: string[] = []
  const late = () => ({ lsm: guard(), start: (stack: Stack) => {
    started.push(...stack.names)
    stack.attach('file_open', () => -EPERM)
  } })
  const { steps } = runScenario(parseScenario(`
lsms: [guard]
objects: { /w: text }
steps:
  - { open: [/w, O_RDONLY], expect: EPERM }
`), { guard: late })
  expect(started).toEqual(['guard'])
  expect(steps.map(({ result }) => result)).toEqual(['EPERM'])
})

test.each([
  ['steps: [{ getpid: [] }]', true],
  ['{ "scenario": "x", "stesp": [] }', true],
  ['# first\n---\nlsms: smack\n', true],
  ['steps: [', true],
  ['{ "scripts": { "scenario": "x" } }', false],
  ['jobs:\n  test:\n    steps: []\n', false],
  ['audit: steps: 3', false],
  ['- steps: []', false],
  ['', false],
])('%j means to be a scenario: %s', (text, is) => {
  expect(isScenario(text)).toBe(is)
})

describe('the kernel release', () => {
  const scenario = (kernel: string) => parseScenario(`${kernel}\nlsms: [guard]\nsteps: [{ getpid: [] }]`, 'file.yaml')
  const followed = (text: string) => worldOf(scenario(text), factories).stack.profile

  test.each([['', '6.12'], ['kernel: 7.3', '7.3'], ["kernel: '6.18'", '6.18'], ['kernel: 6.12', '6.12']])(
    '%j follows %s', (text, profile) => {
      expect(followed(text)).toBe(profile)
    })

  test.each([['kernel: 6.11', '6.11'], ['kernel: next', 'next']])('%s is refused', (text, word) => {
    const message = `there are no rules of the kernel \`${word}\``
    expect(() => scenario(text)).toThrow(new ScenarioError('bad-field', message, {
      place: 'file.yaml:1:1', hint: 'known: 6.12, 6.18, 7.3',
    }))
  })

  test('another one in a replay', () => {
    const lite = parseScenario('lsms: [guard]\nsteps: [{ socket: [AF_INET, SOCK_DGRAM, 136] }]', 'file.yaml')
    expect(replayScenario(lite, factories, { kernel: '7.3' }).changes.map(({ after }) => after.result))
      .toEqual(['EPROTONOSUPPORT'])
    expect(() => replayScenario(lite, factories, { kernel: '6.11' as never })).toThrow('6.12')
  })
})
