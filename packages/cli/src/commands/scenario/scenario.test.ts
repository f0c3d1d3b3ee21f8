import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import { kernelClassesCil } from '@lsmkit/selinux/classes'
import { lsm } from '../../../test/test-io.ts'

// The commands load kernel and LSMs when they are first used: here, outside of a test's time.
await import('./replay.ts')

const root = new URL('../../../../../', import.meta.url)
const cwd = mkdtempSync(join(tmpdir(), 'lsm-scenario-'))
afterAll(() => rmSync(cwd, { recursive: true }))

const scenario = `
scenario: a reader of B may not write
lsms: [capability, smack]
objects:
  /w: { dir: true, mode: 0777, label: '*' }
  /w/f: { file: text, mode: 0666, label: B }
identities:
  alice: { uid: 1000, label: A }
write:
  /sys/fs/smackfs/load2: A B r
steps:
  - as: alice
    open: [/w/f, O_RDONLY]
    save: fd
    expect: { audit: [] }
  - as: alice
    read: [$fd, 9]
    expect: { data: text }
  - as: alice
    open: [/w/f, O_RDWR]
    expect: { errno: EACCES, by: smack, hook: inode_permission, audit: 'subject="A" object="B" requested=rw' }
  - as: alice
    creat: [/w/new, 0600]
    expect: { label: { /w/new: A, alice: A } }
`
writeFileSync(join(cwd, 'right.yaml'), scenario)
writeFileSync(join(cwd, 'wrong.yaml'), scenario.replace('errno: EACCES', 'errno: ok'))
writeFileSync(join(cwd, 'strict'), 'A B -\n')
writeFileSync(join(cwd, 'log'), `type=AVC msg=audit(1.2:3): lsm=SMACK fn=smack_file_open action=denied \
subject="A" object="B" requested=r pid=1
type=AVC msg=audit(1.2:4): lsm=SMACK fn=smack_inode_permission action=granted subject="A" object="C" requested=w
type=AVC msg=audit(1.2:5): lsm=SMACK fn=smack_inode_permission action=granted subject="A" object="C" requested=w
`)
writeFileSync(join(cwd, 'rules'), 'A B r\n')
writeFileSync(join(cwd, 'nothing.yaml'), '# to be written\n')
mkdirSync(join(cwd, 'policy'))
writeFileSync(join(cwd, 'policy/1.cil'), kernelClassesCil())
for (const name of ['base.cil', 'guest.cil']) {
  writeFileSync(join(cwd, 'policy', name), readFileSync(new URL(`apps/demo/policy/${name}`, root)))
}
writeFileSync(join(cwd, 'policy/secret.cil'), `(type secret_t) (roletype object_r secret_t)
(allow secret_t fs_t (filesystem (associate)))
(allow kernel_t secret_t (file (getattr setattr relabelto)))
(typetransition kernel_t fs_t file "w" fs_t)
(typetransition kernel_t fs_t file "x" secret_t)`)
writeFileSync(join(cwd, 'selinux.yaml'), `
lsms: [capability, selinux]
options: { selinux: { policy: policy } }
objects:
  /w: { file: text, mode: 0666, label: 'u:object_r:secret_t' }
steps:
  - open: [/w, O_RDONLY]
    expect: { errno: EACCES, by: selinux, hook: inode_permission, audit: 'tcontext=u:object_r:secret_t' }
`)
writeFileSync(join(cwd, 'policy/web.cil'), `(type web_t) (roletype r web_t) (roletype object_r web_t)
(allow kernel_t web_t (process (dyntransition)))
(type shut_t) (roletype r shut_t)`)
const webFile = (cmdline: string, label = "{ smack: Web, selinux: 'u:r:web_t' }") => `
lsms: [capability, selinux, smack]
options: { selinux: { policy: policy } }
objects:
  /w: { dir: true, mode: 0777, label: { selinux: 'u:object_r:fs_t', smack: Disk } }
identities:
  web: { uid: 1000, gid: 100, groups: [7], caps: [CAP_KILL], label: ${label} }
${cmdline === '' ? '' : `cmdline: security=${cmdline}`}
steps:
  - as: web
    getuid: []
    expect: { rc: 1000, audit: [], label: { web: { smack: Web, selinux: 'u:r:web_t' } } }
  - getpid: []
    expect: { label: { /w: { selinux: 'u:object_r:fs_t', smack: Disk } } }
`
writeFileSync(join(cwd, 'both.yaml'), `${webFile('selinux')}---${webFile('smack')}`)
writeFileSync(join(cwd, 'exclusive.yaml'), webFile(''))
writeFileSync(join(cwd, 'odd-lsm.yaml'), webFile('smack', '{ smak: Web }'))
writeFileSync(join(cwd, 'wrong-smack.yaml'), webFile('smack').replace('web: { smack: Web', 'web: { smack: No'))
writeFileSync(join(cwd, 'refused.yaml'), webFile('selinux', '{ selinux: u:r:shut_t }'))
for (const [name, policy] of [['no-policy.yaml', 'no-such-file'], ['odd-policy.yaml', '5']] as const) {
  const text = `lsms: [selinux]\noptions: { selinux: { policy: ${policy} } }\nsteps: [{ getpid: [] }]\n`
  writeFileSync(join(cwd, name), text)
}
const run = (...args: string[]) => lsm(args, { cwd })

describe('scenario', () => {
  test('says what passed', async () => {
    expect(await run('scenario', 'right.yaml')).toEqual({
      code: 0, stderr: '', stdout: 'ok  a reader of B may not write (4 steps)\n1 passed, 0 failed\n',
    })
  })
  test('shows what differs, and ends with 1', async () => {
    const { code, stdout } = await run('scenario', 'right.yaml', 'wrong.yaml')
    expect(code).toBe(1)
    expect(stdout).toContain(`
     2  alice: read($fd, 9) = 4 "text"
  ✗  3  alice: open(/w/f, O_RDWR) = EACCES <inode_permission: smack>
        wrong.yaml:19: errno
        - ok
        + EACCES
1 passed, 1 failed
`)
  })
  test('has SELinux with a policy of a file, or of CIL', async () => {
    const stdout = expect.stringContaining('1 passed')
    expect(await run('scenario', 'selinux.yaml')).toMatchObject({ code: 0, stdout })
  })
  test('a policy lies beside the scenario: one of that name in the working directory is not taken', async () => {
    mkdirSync(join(cwd, 'deep'))
    const text = readFileSync(join(cwd, 'selinux.yaml'), 'utf8')
    writeFileSync(join(cwd, 'deep/selinux.yaml'), text)
    const stderr = expect.stringContaining('deep/policy')
    expect(await run('scenario', 'deep/selinux.yaml')).toMatchObject({ code: 3, stderr })
    cpSync(join(cwd, 'policy'), join(cwd, 'deep/policy'), { recursive: true })
    writeFileSync(join(cwd, 'deep/policy/more.cil'), '(allow kernel_t secret_t (file (open read)))')
    expect(await run('scenario', 'deep/selinux.yaml')).toMatchObject({ code: 1 })
    expect(await run('scenario', 'selinux.yaml')).toMatchObject({ code: 0 })
    rmSync(join(cwd, 'deep'), { recursive: true })
  })
  test('replay of labels by LSM under the other one', async () => {
    writeFileSync(join(cwd, 'smack-web.yaml'), webFile('smack'))
    const { stdout, stderr, code } = await run('replay', 'smack-web.yaml', '--cmdline', 'security=selinux')
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' })
    expect(stdout).toContain('+ web: getuid() = 1000 label {"web":{"selinux":"u:r:web_t"}}')
  })
  test('takes labels by LSM, and sets ids before a domain that may not set them', async () => {
    const { stdout, stderr, code } = await run('scenario', 'both.yaml')
    expect({ stdout, stderr, code }).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining('2 passed') })
  })
  test.each([
    ['exclusive.yaml', 3, ':2: `smack` is not in the stack', '`cmdline: security=smack` chooses one'],
    ['odd-lsm.yaml', 3, ':7:71: there is no field `smak`', 'smack'],
    ['wrong-smack.yaml', 1, '- smack No\n', '+ smack Web\n'],
    ['refused.yaml', 3, 'refused.yaml:7: label u:r:shut_t: EACCES, refused by selinux (setselfattr)',
      'permissions=dyntransition'],
  ])('%s: an error that says why', async (file, code, says, hint) => {
    const { stdout, stderr, ...ran } = await run('scenario', file)
    expect({ code: ran.code, text: stdout + stderr }).toEqual({ code, text: expect.stringContaining(says) })
    expect(stdout + stderr).toContain(hint)
  })
  test('tells every step as JSON', async () => {
    const { scenarios, passed } = JSON.parse((await run('scenario', '--json', 'right.yaml')).stdout)
    expect(passed).toBe(1)
    expect(scenarios[0]).toMatchObject({ file: 'right.yaml', lsms: ['capability', 'smack'], differences: [] })
    expect(scenarios[0].steps[3]).toMatchObject({ result: 'ok', label: { '/w/new': 'A', alice: 'A' } })
  })
})

describe('replay', () => {
  test('of a scenario tells what another stack would answer', async () => {
    const { code, stdout, stderr } = await run('replay', 'right.yaml', '--lsm', 'yama')
    expect({ code, stdout }).toEqual({
      code: 1,
      stdout: `a reader of B may not write
  capability,smack → capability,yama
  step 3, right.yaml:19
    - alice: open(/w/f, O_RDWR) = EACCES <inode_permission: smack>
    + alice: open(/w/f, O_RDWR) = 1
  step 4, right.yaml:22
    - alice: creat(/w/new, 0600) = 1 label {"/w/new":"A","alice":"A"}
    + alice: creat(/w/new, 0600) = 2 label {"/w/new":"","alice":"EINVAL"}
4 steps, 2 would come out otherwise
`,
    })
    expect(stderr).toContain('label of /w/f is left out')
  })
  test('of a scenario under other rules', async () => {
    const { code, stdout } = await run('replay', 'right.yaml', '--write', '/sys/fs/smackfs/load2=strict', '--json')
    const { replays } = JSON.parse(stdout)
    const steps = replays[0].changes.map(({ step }: { step: number }) => step)
    expect({ code, steps }).toEqual({ code: 1, steps: [0, 1] })
  })
  test('of the same changes nothing', async () => {
    expect((await run('replay', 'right.yaml', '--lsm', 'smack')).code).toBe(0)
  })
  test('of a log tells what other rules would answer', async () => {
    expect(await run('replay', 'log', '--smack-rules', 'rules')).toEqual({
      code: 1,
      stderr: '',
      stdout: `log:1: A B r: was denied, would be granted
log:2: A C w: was granted, would be denied (2 times)
  there is no rule from \`A\` to \`C\`
3 records: 1 newly denied, 1 newly allowed
`,
    })
  })
})

test.each([
  { args: ['scenario'], code: 2, says: 'missing required argument' },
  { args: ['scenario', 'not-there'], code: 3, says: 'ENOENT' },
  { args: ['scenario', 'log'], code: 3, says: 'log' },
  { args: ['scenario', 'nothing.yaml'], code: 3, says: '`nothing.yaml` has no scenario in it' },
  { args: ['scenario', 'no-policy.yaml'], code: 3, says: 'no-such-file' },
  { args: ['scenario', 'odd-policy.yaml'], code: 3, says: 'is the name of a file' },
  { args: ['replay', 'right.yaml'], code: 2, says: 'there is nothing to change' },
  { args: ['replay', 'right.yaml', '--lsm', 'yma'], code: 2, says: 'did you mean `yama`?' },
  { args: ['replay', 'right.yaml', '--write', 'x'], code: 2, says: 'is no PATH=FILE' },
  { args: ['replay', 'log'], code: 2, says: '--smack-rules FILE' },
  { args: ['replay', 'right.yaml', '--smack-rules', 'rules'], code: 3, says: '`right.yaml` has no records of Smack' },
])('$args ends with $code', async ({ args, code, says }) => {
  expect(await run(...args)).toMatchObject({ code, stdout: '', stderr: expect.stringContaining(says) })
})

test.each(['scenario', 'replay'])('%s --help has examples', async (command) => {
  expect((await run(command, '--help')).stdout).toContain(`$ lsm ${command}`)
})

describe('scenario --reporter', () => {
  const report = (name: string): string => readFileSync(join(cwd, name), 'utf8')

  test('several at once: people read stdout, CI its files', async () => {
    const files = ['--reporter', 'junit=out.xml', '--reporter', 'sarif=out.sarif', '--reporter', 'json=out.json']
    const { code, stdout } = await run('scenario', 'right.yaml', 'wrong.yaml', '--reporter', 'pretty', ...files)
    expect(code).toBe(1)
    expect(stdout).toBe((await run('scenario', 'right.yaml', 'wrong.yaml')).stdout)
    expect(report('out.xml')).toContain('<testsuites name="lsm scenario" tests="2" failures="1"')
    expect(JSON.parse(report('out.sarif')).runs[0].results).toMatchObject([{
      ruleId: 'scenario/errno',
      message: { text: 'alice: open(/w/f, O_RDWR) = EACCES <inode_permission: smack>: errno should be ok, is EACCES' },
      locations: [{ physicalLocation: { artifactLocation: { uri: 'wrong.yaml' }, region: { startLine: 19 } } }],
    }])
    expect(JSON.parse(report('out.json')).summary).toMatchObject({ checks: 2, passed: 1, failed: 1 })
  })

  test('on stdout, in place of the lines for people', async () => {
    const { stdout } = await run('scenario', 'wrong.yaml', '--reporter', 'github')
    expect(stdout).toMatch(/^::error file=wrong.yaml,line=19,title=scenario\/errno::.*\n1 check, 1 error, 0 warnings\n$/)
  })

  test('what is no scenario is a finding too, in the file that a CI service waits for', async () => {
    writeFileSync(join(cwd, 'odd.yaml'), 'steps:\n  - opn: [/a]\n')
    const { code, stderr } = await run('scenario', 'odd.yaml', '--reporter', 'json=odd.json')
    expect({ code, stderr }).toEqual({ code: 3, stderr: expect.stringContaining('error: odd.yaml:2') })
    expect(JSON.parse(report('odd.json')).checks[0].findings).toMatchObject([
      { rule: 'lsm/unknown-field', level: 'error', file: 'odd.yaml', line: 2 },
    ])
  })

  test.each([
    { args: ['--reporter', 'junt'], says: 'did you mean `junit`?' },
    { args: ['--reporter', 'tap13'], says: 'it is one of pretty, json, junit, sarif, github' },
    { args: ['--reporter', 'junit='], says: 'the name of a file is missing: junit=FILE' },
    { args: ['--reporter', 'junit', '--json'], says: 'only one report can go to stdout' },
  ])('2: $says', async ({ args, says }) => {
    const answer = await run('scenario', 'right.yaml', ...args)
    expect(answer).toMatchObject({ code: 2, stderr: expect.stringContaining(says) })
  })

  test('3: where the file cannot be', async () => {
    const { code, stderr } = await run('scenario', 'right.yaml', '--reporter', 'junit=no/such/folder.xml')
    expect({ code, stderr }).toEqual({ code: 3, stderr: expect.stringContaining('cannot be written: ENOENT') })
  })
})

describe('permissive:', () => {
  const permissive = scenario
    .replace('lsms: [capability, smack]', 'lsms: [capability, smack]\npermissive: [smack]')
    .replace('errno: EACCES, by: smack, hook: inode_permission', "by: ''")
    .replace('requested=rw', "requested=rw', 'type=LSM_WOULD_DENY lsm=smack hook=inode_permission")
    .replace("audit: 'subject", "audit: ['subject").replace("hook=inode_permission' }", "hook=inode_permission'] }")

  test('a module records and allows, and the step shows it', async () => {
    writeFileSync(join(cwd, 'permissive.yaml'), permissive)
    const { code, stdout } = await run('scenario', '--all', 'permissive.yaml')
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining(
      'alice: open(/w/f, O_RDWR) = 1 <permissive inode_permission: smack EACCES>',
    ) })
  })

  test('only who is there can be', async () => {
    writeFileSync(join(cwd, 'permissive.yaml'), permissive.replace('[smack]\n', '[smak]\n'))
    expect(await run('scenario', 'permissive.yaml')).toMatchObject({
      code: 3, stderr: expect.stringMatching(/permissive.yaml:4:1: `smak` is none of its `lsms`\n\(did you mean `smack`/),
    })
  })
})

test('replay --reporter: a finding for each step and each access that would change', async () => {
  const findings = async (...args: string[]) =>
    JSON.parse((await run('replay', ...args, '--reporter', 'json')).stdout).checks[0].findings
  expect(await findings('right.yaml', '--write', '/sys/fs/smackfs/load2=strict')).toMatchObject([
    { rule: 'replay/denied', level: 'error', file: 'right.yaml', properties: { step: 1 } },
    expect.anything(),
  ])
  expect(await findings('log', '--smack-rules', 'rules')).toMatchObject([
    { rule: 'simulate/allowed', line: 1, message: 'A B r: was denied, would be granted' },
    { rule: 'simulate/denied', line: 2, properties: { times: 2 } },
  ])
})

describe('coverage', () => {
  const rights: Readonly<Record<string, string>> = {
    R: 'LANDLOCK_ACCESS_FS_READ_FILE', W: 'LANDLOCK_ACCESS_FS_WRITE_FILE', T: 'LANDLOCK_ACCESS_FS_TRUNCATE',
    M: 'LANDLOCK_ACCESS_FS_MAKE_REG', U: 'LANDLOCK_ACCESS_FS_REMOVE_FILE', X: 'LANDLOCK_ACCESS_FS_REFER',
  }

  test('of Smack: a rule that nobody asked for is told, and too little ends with 1', async () => {
    writeFileSync(join(cwd, 'covered.yaml'), scenario.replace('load2: A B r', 'load2: |\n    A B r\n    A C rw\n'))
    const { code, stdout } = await run('scenario', '--coverage', 'covered.yaml', 'right.yaml')
    expect({ code, end: stdout.split('\n').slice(-4) }).toEqual({
      code: 0, end: ['2 passed, 0 failed', 'rules of Smack: 1 of 2 used (50 %)', '  never: A C rw', ''],
    })
    expect((await run('scenario', '--fail-under', '51', 'covered.yaml')).code).toBe(1)
    expect((await run('scenario', '--fail-under', '50', 'covered.yaml')).code).toBe(0)
    expect((await run('scenario', '--fail-under', 'most', 'covered.yaml')).code).toBe(2)
  })

  test('of Landlock: the rules that granted something', async () => {
    const open = (path: string, flags: string, save = '') => `  - { as: app, open: [${path}, ${flags}]${save} }`
    const rule = (access: string, fd: string) => `  - as: app
    landlock_add_rule: [$r, LANDLOCK_RULE_PATH_BENEATH, { allowed_access: ${access}, parent_fd: ${fd} }]`
    const text = `
lsms: [capability, landlock]
objects:
  /d: { dir: true }
  /d/in: { dir: true, mode: 0777 }
  /d/in/f: { file: text, mode: 0666 }
  /d/out: { dir: true, mode: 0777 }
  /e: { dir: true }
identities: { app: { uid: 1000 } }
steps:
  - { as: app, prctl: [PR_SET_NO_NEW_PRIVS, 1] }
  - as: app
    landlock_create_ruleset: [{ handled_access_fs: ${'RWTMUX'.split('').map((one) => rights[one]).join('|')},
      handled_access_net: LANDLOCK_ACCESS_NET_BIND_TCP|LANDLOCK_ACCESS_NET_CONNECT_TCP }, 24]
    save: r
${['/d', '/d/in', '/d/out', '/e'].map((path, i) => open(path, 'O_PATH', `, save: p${i}`)).join('\n')}
${rule(`${rights['R']}|${rights['X']}`, '$p0')}
${rule(`${rights['W']}|${rights['T']}|${rights['U']}|${rights['X']}`, '$p1')}
${rule(`${rights['M']}|${rights['X']}`, '$p2')}
${rule(rights['R']!, '$p3')}
  - { as: app, landlock_restrict_self: [$r] }
${open('/d/in/f', 'O_RDONLY')}
`
    const unused = async (more: string) => {
      writeFileSync(join(cwd, 'landlock.yaml'), text + more)
      const { stdout, stderr } = await run('scenario', '--json', '--coverage', 'landlock.yaml')
      expect(stderr).toBe('')
      const { passed, coverage: [part] } = JSON.parse(stdout)
      expect({ passed, name: part.name, total: part.total }).toEqual({ passed: 1, name: 'rules of Landlock', total: 4 })
      return part.never.map((one: string) => one.replace(/^ruleset 1: /, '').replace(/:.*/, ''))
    }
    expect(await unused('')).toEqual(['/d/in', '/d/out', '/e'])
    expect(await unused(`${open('/d/in/f', 'O_RDWR|O_TRUNC')}\n`)).toEqual(['/d/out', '/e'])
    expect(await unused('  - { as: app, renameat2: [AT_FDCWD, /d/in/f, AT_FDCWD, /d/out/f, 0] }\n')).toEqual(['/e'])
    expect(await unused('  - { as: app, open: [/e, O_RDONLY|O_DIRECTORY], expect: ok }\n'))
      .toEqual(['/d/in', '/d/out', '/e'])
    expect(await unused(`${open('/d/in/f', 'O_WRONLY')}\n`.repeat(2))).toEqual(['/d/out', '/e'])
  })

  test('of BPF: lines of the programs\' source', async () => {
    const deflector = fileURLToPath(new URL('packages/bpf/objects/deflector.o', root))
    const writing = (mode: string, expected: string) => `
lsms: [capability, bpf]
options: { bpf: { objects: [${deflector}] } }
objects: { /w: { file: text, mode: ${mode} } }
steps: [{ open: [/w, O_WRONLY], expect: { ${expected} } }]
`
    writeFileSync(join(cwd, 'text.yaml'), writing('0644', 'errno: ok'))
    writeFileSync(join(cwd, 'tool.yaml'), writing('0755', 'errno: EPERM, by: bpf, hook: file_open'))
    const partOf = async (...files: string[]) => {
      const { code, stdout, stderr } = await run('scenario', '--json', '--lcov', 'bpf.info', ...files)
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
      return JSON.parse(stdout).coverage[0]
    }
    const [one, both] = [await partOf('text.yaml'), await partOf('text.yaml', 'tool.yaml')]
    expect(one).toMatchObject({ name: 'lines of BPF programs', total: both.total })
    expect(one.used).toBeLessThan(both.used)
    expect(both.used).toBeLessThan(both.total)
    expect(readFileSync(join(cwd, 'bpf.info'), 'utf8')).toMatch(/^TN:\nSF:\.\/deflector\.c\n(DA:\d+,\d+\n)+LF:/)
    expect(one.never).toContainEqual(expect.stringMatching(/bpf_map_lookup_elem/))
    expect(both.never).not.toContainEqual(expect.stringMatching(/bpf_map_lookup_elem/))
  })

  test.each([['[no-such.o]', 'no-such.o'], ['tool.o', 'the `objects` of bpf are names of files']])(
    '3: BPF objects %s', async (objects, says) => {
      const options = `{ bpf: { objects: ${objects} } }`
      writeFileSync(join(cwd, 'odd.yaml'), `lsms: [bpf]\noptions: ${options}\nsteps: [{ getpid: [] }]`)
      expect(await run('scenario', 'odd.yaml')).toMatchObject({ code: 3, stderr: expect.stringContaining(says) })
    })

  test('of SELinux: rules, and lines for editors', async () => {
    const { stdout } = await run('scenario', '--json', '--lcov', 'out.info', 'selinux.yaml')
    const [part, transitions] = JSON.parse(stdout).coverage
    expect(part).toMatchObject({ name: 'allow rules of policy' })
    expect(part.used).toBeGreaterThan(0)
    expect(part.used + part.never.length).toBe(part.total)
    expect(transitions).toMatchObject({ name: 'type transitions of policy', total: 4, used: 1 })
    expect(transitions.never).toContain('type_transition kernel_t fs_t:file secret_t x;')
    const less = JSON.parse((await run('scenario', '--json', '--without', 'kernel_t', 'selinux.yaml')).stdout)
    expect(less.coverage[0].total).toBeLessThan(part.total)
    expect(less.coverage.flatMap(({ never }: { never: string[] }) => never).join()).not.toMatch(/(^|,)\w+ kernel_t /)
    expect(less.coverage.map(({ name }: { name: string }) => name)).not.toContain('type transitions of policy')
    expect(await run('scenario', '--coverage', '--without', 'kernl_t', 'selinux.yaml'))
      .toMatchObject({ code: 3, stderr: expect.stringContaining('`policy` has no type `kernl_t`') })
    const lcov = readFileSync(join(cwd, 'out.info'), 'utf8')
    expect(lcov).toMatch(/^TN:\nSF:policy\/base\.cil\n(DA:\d+,\d+\n)+LF:\d+\nLH:[1-9]\d*\nend_of_record\n/)
    expect(lcov).toMatch(/SF:policy\/secret\.cil\nDA:2,\d+\nDA:3,[1-9]\d*\nDA:4,1\nDA:5,0\n/)
  })
})

describe('folders and patterns', () => {
  mkdirSync(join(cwd, 'many/inner'), { recursive: true })
  for (const name of ['many/a.yaml', 'many/inner/b.yaml']) writeFileSync(join(cwd, name), scenario)

  test.each([['many'], ['many/**/*.yaml'], ['many/*.yaml', 'many/inner/*.yaml']])('%s', async (...names) => {
    expect((await run('scenario', ...names)).stdout.split('\n').at(-2)).toBe('2 passed, 0 failed')
  })

  test('what is no scenario in a folder is skipped and told; one with a mistake is one', async () => {
    mkdirSync(join(cwd, 'mixed'), { recursive: true })
    const write = (name: string, text: string): void => writeFileSync(join(cwd, 'mixed', name), text)
    write('a.yaml', scenario)
    write('package.json', '{ "name": "x", "scripts": { "scenario": "lsm scenario ." } }')
    write('workflow.yml', 'on: push\njobs:\n  test:\n    steps:\n      - run: npm test\n')
    expect(await run('scenario', 'mixed')).toMatchObject({
      code: 0, stdout: expect.stringContaining('1 passed, 0 failed'),
      stderr: 'skipped 2 files without a scenario: mixed/package.json, mixed/workflow.yml\n',
    })
    write('b.json', '{ "lsms": ["smack"], "stesp": [] }')
    expect(await run('scenario', 'mixed')).toMatchObject({ code: 3, stderr: expect.stringContaining('b.json:1') })
  })

  test.each([['policy', '`policy` has no scenario in it'], ['many/*.json', 'no file matches `many/*.json`']])(
    '3: %s', async (name, says) => {
      expect(await run('scenario', name)).toMatchObject({ code: 3, stderr: expect.stringContaining(says) })
    })
})

test.each([
  { key: 'expct: ok', says: 'did you mean `expect`?' }, { key: 'sve: fd', says: 'did you mean `save`?' },
])('a misspelt key of a step: $says', async ({ key, says }) => {
  writeFileSync(join(cwd, 'key.yaml'), `steps:\n  - { open: [/a], ${key} }\n`)
  expect(await run('scenario', 'key.yaml')).toMatchObject({ code: 3, stderr: expect.stringContaining(says) })
})

test('the scenarios of examples/scenarios run as its README says', async () => {
  const folder = new URL('examples/scenarios', root).pathname
  const { code, stdout } = await lsm(['scenario', `${folder}/*.yaml`])
  expect(code).toBe(0)
  expect(stdout.split('\n').at(-2)).toMatch(/^\d+ passed, 0 failed$/)
})

describe('another policy', () => {
  test('of a scenario: rules of Smack in place of its own', async () => {
    const { code, stdout } = await run('replay', 'right.yaml', '--policy', 'strict')
    expect(code).toBe(1)
    expect(stdout).toContain('4 steps, 2 would come out otherwise')
  })
  test('of a log of SELinux: newly allowed and newly denied, with the reason', async () => {
    writeFileSync(join(cwd, 'avc.log'), [
      'avc:  denied  { read } for  pid=1 comm="a" scontext=u:r:kernel_t tcontext=u:object_r:secret_t tclass=file',
      'avc:  granted  { write } for  pid=1 comm="a" scontext=u:r:kernel_t tcontext=u:object_r:secret_t tclass=file',
      'avc:  denied  { getattr } for  pid=1 comm="a" scontext=u:r:kernel_t tcontext=u:object_r:secret_t tclass=file',
    ].join('\n'))
    const answers = await run('policy', 'simulate', '--policy', 'policy', '--audit', 'avc.log', '--json')
    const { changes } = JSON.parse(answers.stdout)
    expect({ code: answers.code, changes }).toEqual({ code: 1, changes: expect.arrayContaining([
      expect.objectContaining({ line: 3, was: 'denied', now: 'granted' }),
    ]) })
    expect((await run('replay', 'avc.log', '--policy', 'policy')).code).toBe(1)
  })
  test('of a log of SELinux with names that the policy does not have: counted, and ten of them named', async () => {
    const record = (n: number, tcontext: string, tclass = 'file', permission = 'read') =>
      `avc:  denied  { ${permission} } for  pid=${n} comm="a" scontext=u:r:kernel_t ` +
      `tcontext=u:object_r:${tcontext} tclass=${tclass}`
    const types = Array.from({ length: 12 }, (_, i) => record(i, `new${i}_t`))
    const others = [
      record(1, 'fs_t', 'odd'), record(1, 'fs_t', 'file', 'fly'), record(1, 'new0_t'), record(1, 'secret_t'),
    ]
    writeFileSync(join(cwd, 'other.log'), [...types, ...others].join('\n'))
    const ask = (...more: string[]) => run('policy', 'simulate', '-p', 'policy', '-a', 'other.log', ...more)
    const { code, stdout } = await ask()
    expect({ code, lines: stdout.trim().split('\n') }).toEqual({ code: 0, lines: [
      'could not ask about 15 records: the policy does not have', '  type new0_t (2 records)',
      ...Array.from({ length: 9 }, (_, i) => `  type new${i + 1}_t (1 record)`), '  … and 4 more',
      '16 records: 0 newly denied, 0 newly allowed, 15 not asked',
    ] })
    const { unasked } = JSON.parse((await ask('--json')).stdout)
    expect(unasked.names.slice(-2)).toEqual([
      { name: 'class odd', line: 13, times: 1 }, { name: 'permission fly of file', line: 14, times: 1 },
    ])
  })
  test('of a log of capabilities, and of Landlock', async () => {
    writeFileSync(join(cwd, 'caps.log'), 'type=LSM_DENIED msg=audit(1.1:1): lsm=capability hook=capable pid=1 ' +
      'comm="ping" capability=13  opts=0 error=EPERM\n')
    writeFileSync(join(cwd, 'sets'), '/usr/bin/ping cap_net_raw=ep\n')
    expect(await run('policy', 'simulate', '-p', 'sets', '-a', 'caps.log')).toMatchObject({
      code: 1, stdout: 'caps.log:1: ping cap_net_raw: was denied, would be granted\n' +
        '1 records: 0 newly denied, 1 newly allowed\n',
    })
    writeFileSync(join(cwd, 'blocked.log'), 'type=LSM_DENIED msg=audit(1.1:1): lsm=landlock hook=file_open pid=1 ' +
      'comm="a" path="/data/f" error=EACCES blockers="fs.read_file" layer=1\n')
    writeFileSync(join(cwd, 'ruleset.json'), '{ "read": ["/data"] }')
    writeFileSync(join(cwd, 'narrow.json'), '{ "read": ["/dat"] }')
    writeFileSync(join(cwd, 'broken.json'), '{ "read"')
    writeFileSync(join(cwd, 'odd.json'), '{ "raed": [] }')
    expect((await run('replay', 'blocked.log', '--policy', 'ruleset.json')).code).toBe(1)
    expect((await run('replay', 'blocked.log', '--policy', 'narrow.json')).code).toBe(0)
  })
  test.each([
    { args: ['-p', 'rules', '-a', 'avc.log'], says: 'has no records of smack' },
    { args: ['-p', 'rules', '-a', 'rules'], says: 'looked for' },
    { args: ['-p', 'broken.json', '-a', 'blocked.log'], says: '`broken.json` is no JSON' },
    { args: ['-p', 'odd.json', '-a', 'blocked.log'], says: 'did you mean `read`?' },
  ])('3: $says', async ({ args, says }) => {
    expect(await run('policy', 'simulate', ...args)).toMatchObject({ code: 3, stderr: expect.stringContaining(says) })
  })
})

test('AppArmor: profiles from files, and an identity under one of them', async () => {
  writeFileSync(join(cwd, 'web.profile'), 'profile web { /srv/** r, deny /srv/key r, capability setuid, }\n')
  writeFileSync(join(cwd, 'apparmor.yaml'), `
scenario: the profile decides, and ids are set before it
lsms: [capability, apparmor]
options: { apparmor: { profiles: [web.profile] } }
objects:
  /srv: { dir: true }
  /srv/page: { file: hello }
  /srv/key: { file: secret }
identities:
  www: { uid: 33, gid: 33, groups: [34], label: web }
steps:
  - as: www
    open: [/srv/page, O_RDONLY]
    expect: { label: { www: web (enforce) } }
  - as: www
    open: [/srv/key, O_RDONLY]
    expect: { errno: EACCES, by: apparmor, hook: file_open }
`)
  expect(await lsm(['scenario', 'apparmor.yaml'], { cwd })).toMatchObject({ code: 0 })
  const unknown = 'lsms: [capability, apparmor]\noptions: { apparmor: { profiles: 3 } }\nsteps: [{ getpid: [] }]\n'
  writeFileSync(join(cwd, 'unknown.yaml'), unknown)
  expect(await lsm(['scenario', 'unknown.yaml'], { cwd }))
    .toMatchObject({ code: 3, stderr: expect.stringContaining('names of files') })
})
