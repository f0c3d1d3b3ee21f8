/** `lsm learn`: record, learn, enforce. What was recorded is permitted then, and nothing else. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { AT_FDCWD, EACCES, EPERM, SYS_faccessat2, SYS_setgid, SYS_setuid } from '@lsmkit/abi'
import { kernelClassesCil } from '@lsmkit/selinux/classes'
import { modesText, Policy, loadRules, queryAccess } from '@lsmkit/smack/engine'
import { afterAll, describe, expect, test } from 'vitest'
import { lsm } from '../../../test/test-io.ts'
import { callProgram, DATA } from '../../../test/wasm.ts'

// The commands load kernel and LSMs when they are first used: here, outside of a test's time.
await Promise.all([import('./learn.ts'), import('../run.ts')])

const root = new URL('../../../../../', import.meta.url)
const cwd = mkdtempSync(join(tmpdir(), 'lsm-learn-'))
afterAll(() => rmSync(cwd, { recursive: true }))
const run = (...args: string[]) => lsm(args, { cwd })
const file = (name: string, content: string | Uint8Array): string => {
  writeFileSync(join(cwd, name), content)
  return name
}
const read = (name: string): string => readFileSync(join(cwd, name), 'utf8')
const access = (name: string, path: string): string =>
  file(name, callProgram(SYS_faccessat2, [AT_FDCWD, DATA, 4], path))

/** What nobody recorded: a write where a read was, a list of a directory whose names were used. */
const MORE = `
  - { as: alice, open: [/w/f, O_WRONLY], expect: { errno: EACCES, by: smack } }
  - { as: alice, open: [/w, O_RDONLY|O_DIRECTORY], expect: { errno: EACCES, by: smack } }
`

const scenario = (rules: string): string => `
scenario: an editor at work
lsms: [capability, smack]
objects:
  /w: { dir: true, mode: 0777, label: Work }
  /w/f: { file: text, mode: 0666, label: Text }
  /w/log: { file: '', mode: 0666, label: Log }
identities:
  alice: { uid: 1000, label: Editor }
write: { /sys/fs/smackfs/load2: ${JSON.stringify(rules)} }
steps:
  - { as: alice, open: [/w/f, O_RDONLY], save: fd, expect: { by: '' } }
  - { as: alice, read: [$fd, 9], expect: { data: text } }
  - { as: alice, open: [/w/log, O_WRONLY|O_APPEND], save: log, expect: { by: '' } }
  - { as: alice, write: [$log, done], expect: 4 }
  - { as: alice, open: [/w/new, O_WRONLY|O_CREAT, 0600], expect: { by: '' } }
`

describe('Smack', () => {
  test('record → learn → enforce: exactly what was recorded', async () => {
    file('bare.yaml', scenario('Nobody Nothing r'))
    expect((await run('scenario', 'bare.yaml')).code).toBe(1)
    const { code, stdout, stderr } = await run('learn', 'bare.yaml', '--for', 'smack')
    expect(code).toBe(0)
    expect(stderr).toMatch(/^smack: \d+ records, 3 proposals\n$/)
    const learned = stdout.split('\n').filter((line) => !line.startsWith('#')).join('\n')
    file('enforced.yaml', scenario(learned) + MORE)
    expect(await run('scenario', 'enforced.yaml')).toMatchObject({ code: 0 })
    file('loose.yaml', scenario(`${learned}\nEditor Text rw\nEditor Work rwx`) + MORE)
    expect((await run('scenario', 'loose.yaml')).code).toBe(1)

    const policy = new Policy()
    loadRules(policy, stdout)
    const labels = ['Editor', 'Work', 'Text', 'Log']
    const pairs = labels.flatMap((subject) => labels.map((object) => ({ subject, object })))
    const allowed = pairs.filter(({ subject, object }) => subject !== object).flatMap((pair) =>
      [1, 2, 4, 8].filter((request) => queryAccess(policy, { ...pair, request }) === 'allow')
        .map((request) => `${pair.subject} ${pair.object} ${modesText(request)}`))
    // Smack asks for r of every open
    expect(allowed.sort()).toEqual([
      'Editor Log a', 'Editor Log r', 'Editor Log w', 'Editor Text r', 'Editor Work w', 'Editor Work x',
    ])
  })

  test('each proposal says what it was seen for, what it permits beyond and what would do instead', async () => {
    const { stdout } = await run('learn', 'bare.yaml')
    expect(stdout).toContain('# beyond what was seen: every program labelled Editor, to all that is labelled Text')
    const { stdout: findings } = await run('learn', 'bare.yaml', '--reporter', 'json')
    expect(JSON.parse(findings).checks[0].findings[0]).toMatchObject({
      rule: 'learn/proposal', level: 'note', file: 'bare.yaml', line: expect.any(Number),
      fix: expect.stringContaining('instead: '), properties: { module: 'smack' },
    })
  })
})

describe('capability', () => {
  test('record → learn → enforce: a program without any, its least set, and no less', async () => {
    const become = file('become.wasm', callProgram(SYS_setuid, [0]))
    const audit = ['--uid', '1000', '--lsm', 'capability', '--permissive-lsm', 'capability', '--audit', 'caps.jsonl']
    expect((await run('run', '--syscalls', ...audit, become)).code).toBe(0)
    const { code, stdout } = await run('learn', 'caps.jsonl')
    expect(code).toBe(0)
    expect(stdout).toMatch(/^become.wasm cap_setuid=ep$/m)
    expect(stdout).toContain('# BROAD: cap_setuid: it becomes root')
    const set = /^become.wasm (.*)$/m.exec(stdout)![1]!
    expect((await run('run', '--syscalls', '--uid', '1000', '--caps', set, become)).code).toBe(0)
    expect((await run('run', '--syscalls', '--uid', '1000', become)).code).toBe(EPERM)
    const group = file('group.wasm', callProgram(SYS_setgid, [0]))
    expect((await run('run', '--syscalls', '--uid', '1000', '--caps', set, group)).code).toBe(EPERM)
  })
})

describe('AppArmor', () => {
  test('record → learn → enforce: a complaining profile, its rules, and no more', async () => {
    const sh = join(dirname(createRequire(import.meta.url).resolve('@lsmkit/wasi/package.json')), 'programs/sh.wasm')
    mkdirSync(join(cwd, 'served'), { recursive: true })
    for (const name of ['page', 'key']) file(`served/${name}`, `${name}\n`)
    const confined = async (path: string, ...more: string[]) => (await run('run', '--posix', '--quiet',
      '--mount', './served:/served:ro', '--apparmor', 'web.profile', '--profile', 'web', ...more, sh, '-c',
      `read line <${path}`)).code
    const profile = (flags: string, rules: string): string => `profile web ${flags} {\n  /usr/bin/* mrix,\n${rules}}\n`
    file('web.profile', profile('flags=(complain)', ''))
    expect(await confined('/served/page', '--audit', 'web.jsonl')).toBe(0)
    const { code, stdout } = await run('learn', 'web.jsonl', '--for', 'apparmor')
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^ {2}"?\/served\/page"? r,$/m)])
    file('web.profile', profile('', stdout))
    expect(await confined('/served/page')).toBe(0)
    expect(await confined('/served/key')).not.toBe(0)
  })
})

describe('SELinux', () => {
  mkdirSync(join(cwd, 'base'))
  file('base/1.cil', kernelClassesCil())
  for (const name of ['base.cil', 'guest.cil']) {
    file(`base/${name}`, readFileSync(new URL(`apps/demo/policy/${name}`, root)))
  }
  const home = access('home.wasm', '/home')

  test('a whole domain: skeleton → record → learn → enforce, and the recorded run is all it may do', async () => {
    const domain = ['--domain', 'peek', '--program', '/usr/bin/home.wasm', '--from', 'kernel_t']
    await run('selinux', 'compile', 'base', '-o', 'base.bin')
    const skeleton = await run('learn', ...domain, '--policy', 'base.bin')
    expect(skeleton.stderr).toContain('permissive: record a run')
    const policyWith = async (cil: string): Promise<void> => {
      file('peek.cil', cil)
      const made = await run('selinux', 'compile', 'base', 'peek.cil', '-o', 'peek.bin', '-f', 'peek.contexts')
      expect(made.code).toBe(0)
    }
    const confined = ['--uid', '0', '--selinux', 'peek.bin', '--file-contexts', 'peek.contexts', '--quiet']
    await policyWith(skeleton.stdout)
    expect((await run('run', '--syscalls', ...confined, '--audit', 'peek.jsonl', home)).code).toBe(0)

    const learned = await run('learn', 'peek.jsonl', ...domain, '--policy', 'base.bin')
    expect(learned.code).toBe(0)
    expect(learned.stderr)
      .toMatch(/^selinux: peek_t, peek_exec_t; \d+ rules?\nnote: the policy has no attribute `domain`/)
    expect(learned.stdout).toContain('(typetransition kernel_t peek_exec_t process peek_t)')
    expect(learned.stdout).toContain('(filecon "/usr/bin/home\\.wasm" file (u object_r peek_exec_t ((s0) (s0))))')
    expect(learned.stdout).not.toContain('typepermissive')
    await policyWith(learned.stdout)
    expect((await run('run', '--syscalls', ...confined, home)).code).toBe(0)
    // the same domain, another deed
    const other = access('home.wasm', '/tmp')
    expect((await run('run', '--syscalls', ...confined, other)).code).toBe(EACCES)
  })

  test('lines of JSON and the text of the kernel teach the same', async () => {
    const confined = [
      '--selinux', 'base.bin', '--file-contexts', 'base.contexts', '--permissive', '--context', 'u:r:guest_t',
    ]
    await run('selinux', 'compile', 'base', '-f', 'base.contexts')
    const shadow = access('shadow.wasm', '/usr/bin')
    await run('run', '--syscalls', ...confined, '--audit', 'a.jsonl', shadow)
    const { stderr } = await run('run', '--syscalls', ...confined, '--audit', '-', '--quiet', shadow)
    file('a.log', stderr)
    const rulesOf = async (name: string) =>
      JSON.parse((await run('learn', name, '--for', 'selinux', '--json')).stdout).modules
    expect(await rulesOf('a.jsonl')).toEqual(await rulesOf('a.log'))
  })

  test.each([
    { assertion: 'a', rule: '(neverallow peek_t folder_t (dir (getattr)))', args: ['--source', 'asserted.cil'], code: 1,
      says: 'neverallow' },
    { assertion: 'of an attribute that the policy lacks', rule: '(neverallow domain folder_t (dir (getattr)))',
      args: ['--source', 'asserted.cil'], code: 1, says: 'neverallow' },
    { assertion: 'about another type', rule: '(neverallow domain other_t (dir (getattr)))',
      args: ['--source', 'asserted.cil'], code: 0, says: '' },
    { assertion: 'without the sources', rule: '', args: [], code: 0,
      says: 'note: the policy has no attribute `domain`' },
    { assertion: 'in sources that do not compile', rule: '(allow gone_t init_t (dir (getattr)))',
      args: ['--source', 'asserted.cil'], code: 3, says: 'gone_t' },
  ])('a domain and its assertions: $assertion', async ({ rule, args, code, says }) => {
    const bare = `(class process (transition sigchld)) (class file (read entrypoint)) (class fifo_file (read))
(class fd (use)) (class dir (getattr)) (classorder (process file fifo_file fd dir)) (sid kernel) (sidorder (kernel))
(type init_t) (type folder_t) (type other_t) (role r) (role object_r) (roletype r init_t) (roletype object_r folder_t)
(user u) (userrole u r) (category c0) (categoryorder (c0)) (sensitivity s0) (sensitivityorder (s0))
(sensitivitycategory s0 (c0)) (userlevel u (s0)) (userrange u ((s0) (s0)))
(sidcontext kernel (u r init_t ((s0) (s0)))) (allow init_t other_t (dir (getattr)))\n`
    file('installed.cil', bare)
    file('asserted.cil', `${bare}(type peek_t) (typeattribute domain) (typeattributeset domain (init_t))\n${rule}`)
    file('peek.log', 'avc:  denied  { getattr } for  pid=1 comm="peek" scontext=u:r:init_t:s0 ' +
      'tcontext=u:object_r:folder_t:s0 tclass=dir\n')
    const learned = await run('learn', 'peek.log', '--domain', 'peek', '--program', '/usr/bin/peek',
      '--policy', 'installed.cil', ...args)
    expect(learned).toMatchObject({ code, stderr: expect.stringContaining(says) })
    expect(learned.stderr.includes('forbidden')).toBe(code === 1)
  })

  test('what no rule can give is told, and ends with 1', async () => {
    file('mls.cil', `${read('base/1.cil')}\n${read('base/base.cil')}\n(type a_t) (type b_t)
(roletype r a_t) (roletype object_r b_t) (typeattributeset domain (a_t)) (typeattributeset file_type (b_t programs_t))
(type programs_t) (allow a_t b_t (file (read))) (constrain (file (read)) (neq t1 a_t))`)
    file('mls.log', 'avc:  denied  { read } for  pid=1 comm="a" scontext=u:r:a_t tcontext=u:object_r:b_t tclass=file\n')
    const { code, stderr } = await run('learn', 'mls.log', '--policy', 'mls.cil')
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining(
      'forbidden: a_t b_t file read: a constraint denies what rules allow',
    ) })
  })
})

test.each([
  ['learn', 'cut.log'], ['selinux', 'learn', 'cut.log'], ['learn', 'cut.log', '--domain', 'z', '--program', '/a'],
  ['policy', 'simulate', '--policy', 'base.bin', '--audit', 'cut.log'],
])('a cut record ends with 3, a wrapped one is read: %s', async (...args) => {
  const start = 'type=AVC msg=audit(1.1:1): avc:  denied  { read } for  pid=1 comm="a"\n'
  file('cut.log', start)
  expect(await run(...args)).toMatchObject({ code: 3, stderr: expect.stringContaining('cut.log:1: this AVC record') })
  file('cut.log', `${start}scontext=u:r:a_t:s0 tcontext=u:object_r:b_t:s0\ntclass=file\n`)
  const { code, stdout } = await run(...args)
  expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/allow [az]_t b_t|1 records/) })
})

test('a mixed log: each module has its part', async () => {
  file('mixed.log', `type=AVC msg=audit(1.1:1): avc:  denied  { read } for  pid=1 comm="a" name="f" scontext=u:r:a_t \
tcontext=u:object_r:b_t tclass=file
type=AVC msg=audit(1.1:2): lsm=SMACK fn=f action=denied subject="A" object="B" requested=r pid=1 comm="a" name="f"
type=LSM_DENIED msg=audit(1.1:3): lsm=capability hook=capable pid=1 tid=1 comm="a" capability=7  opts=0 error=EPERM
`)
  const { code, stdout } = await run('learn', 'mixed.log')
  expect(code).toBe(0)
  const parts = stdout.split('\n').filter((line) => /^[;#] ---/.test(line))
  expect(parts).toEqual(['# --- capability', '# --- smack', '; --- selinux'])
  expect((await run('learn', 'mixed.log', '--for', 'smack')).stdout).not.toContain('---')
})

test.each([
  { args: ['garbage'], code: 3, says: '`garbage` is not an audit log or a scenario' },
  { args: ['garbage'], code: 3, says: 'looked for `avc:  denied` (SELinux), `lsm=SMACK`' },
  { args: ['mixed.log', '--for', 'smak'], code: 2, says: 'did you mean `smack`?' },
  { args: ['mixed.log', '--domain', 'a'], code: 2, says: '--program /usr/bin/web' },
  { args: ['mixed.log', '--program', '/a'], code: 2, says: '`--program` is of a domain' },
  { args: ['mixed.log', '--devel'], code: 2, says: '`--devel` is of a domain' },
  { args: ['mixed.log', '--output', 'x'], code: 2, says: '`--output` is of a domain' },
  { args: ['mixed.log', '--domain', 'a b', '--program', '/a'], code: 2, says: 'is not a name of a domain' },
  { args: ['mixed.log', '--domain', 'z', '--program', '/usr/bin/b'], code: 3, says: 'it mentions a' },
  { args: ['--domain', 'a', '--program', '/usr/bin/b'], code: 2, says: '--from init_t' },
  { args: ['--domain', 'a', '--program', '/b', '--for', 'smack'], code: 2, says: '`--for` has no effect on a domain' },
])('$code: $says', async ({ args, code, says }) => {
  file('garbage', 'a garden\nof words\n')
  const answer = await run('learn', ...args)
  expect(answer.code).toBe(code)
  expect(answer.stderr).toContain(says)
})

test.each([
  ['learn', 'empty.jsonl'],
  ['learn', 'empty.jsonl', '--domain', 'web', '--program', '/usr/bin/web', '--from', 'init_t'],
  ['selinux', 'learn', 'empty.jsonl'],
  ['replay', 'empty.jsonl', '--policy', 'caps'],
  ['replay', 'empty.jsonl', '--smack-rules', 'rules'],
  ['policy', 'simulate', '--policy', 'caps', '--audit', 'empty.jsonl'],
])('an empty log ends with 3: %s', async (...args) => {
  file('empty.jsonl', '\n')
  expect(await run(...args)).toMatchObject({ code: 3, stdout: '', stderr: expect.stringContaining('is empty') })
})

test('a domain as the sources of a module goes into a folder, as CIL too', async () => {
  mkdirSync(join(cwd, 'own'))
  file('own/own.if', "interface(`files_tmp_file',`\n\tgen_require(`\n\t\tattribute file_type;\n\t')\n" +
    "\ttypeattribute $1 file_type;\n')\n")
  file('tmp.log', 'avc:  denied  { create } for  pid=1 comm="a" name="x" scontext=u:r:init_t:s0 ' +
    'tcontext=u:object_r:tmp_t:s0 tclass=file\n')
  const domain = ['learn', 'tmp.log', '--domain', 'web', '--program', '/usr/bin/a']
  const skeleton = await run('learn', '--domain', 'web', '--program', '/usr/bin/a', '--from', 'init_t',
    '--interfaces', 'own')
  expect(skeleton.stdout).toMatch(/^# --- web\.te\npolicy_module\([^]*\n# --- web\.if\n[^]*\n# --- web\.fc\n/)
  const unranked = await run(...domain, '--interfaces', 'own')
  expect([unranked.code, unranked.stderr]).toEqual([2, expect.stringContaining('--policy FILE')])
  const asCil = await run(...domain, '-o', 'out/cil')
  expect([asCil.code, asCil.stdout, readdirSync(join(cwd, 'out/cil'))]).toEqual([0, '', ['web.cil']])
  file('one.cil', `(class file (create)) (classorder (file)) (sid kernel) (sidorder (kernel)) (type init_t) (type tmp_t)
(role r) (roletype r init_t) (user u) (userrole u r) (category c0) (categoryorder (c0)) (sensitivity s0)
(sensitivityorder (s0)) (sensitivitycategory s0 (c0)) (userlevel u (s0)) (userrange u ((s0) (s0)))
(sidcontext kernel (u r init_t ((s0) (s0)))) (allow init_t init_t (file (create)))`)
  const sources = await run(...domain, '--policy', 'one.cil', '--interfaces', 'own', '-o', 'out/te')
  expect([sources.code, sources.stdout]).toEqual([0, ''])
  expect(sources.stderr).toContain('written: out/te/web.te, out/te/web.if, out/te/web.fc')
  expect(read('out/te/web.te')).toContain('\ntype web_tmp_t;\nfiles_tmp_file(web_tmp_t)\n')
})

test('selinux learn wants a log too', async () => {
  const { code, stderr } = await run('selinux', 'learn', 'garbage')
  expect({ code, stderr }).toEqual({ code: 3, stderr: expect.stringContaining('looked for') })
})
