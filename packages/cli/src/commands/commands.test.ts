import { existsSync, readFileSync } from 'node:fs'
import { hookNames } from '@lsmkit/core'
import { hookDoc, hookParagraphs, inTree } from '@lsmkit/core/hook-docs'
import { describe, expect, test } from 'vitest'
import { lsm } from '../../test/test-io.ts'

const json = async (args: readonly string[], stdin = '') => {
  const { stdout } = await lsm([...args, '--json'], { stdin })
  return JSON.parse(stdout) as Record<string, unknown>
}

describe('order', () => {
  test.each([
    { args: [], file: 'lockdown,capability,landlock,yama,loadpin,safesetid,selinux,tomoyo,ipe,bpf,ima,evm' },
    { args: ['lsm=smack,selinux'], file: 'lockdown,capability,smack,ima,evm' },
    { args: ['lsm=selinux,bpf selinux=0'], file: 'lockdown,capability,bpf,ima,evm' },
    { args: ['--without', 'lockdown,ima,evm', 'lsm=yama,nobody'], file: 'capability,yama' },
    { args: ['--config', 'bpf', '--without', 'lockdown,ima,evm'], file: 'capability,bpf' },
  ])('$args -> $file', async ({ args, file }) => {
    expect(await lsm(['order', ...args])).toMatchObject({ code: 0, stdout: `${file}\n` })
  })

  test('--debug tells each step as the kernel logs it', async () => {
    const { stdout } = await lsm(['order', '--debug', 'security=smack'])
    expect(stdout.split('\n')).toEqual(expect.arrayContaining([
      'LSM: security=smack disabled: selinux (only one legacy major LSM)',
      'LSM: exclusive chosen: smack',
    ]))
  })

  test('--json', async () => {
    expect(await json(['order', 'lsm=bpf'])).toMatchObject({
      schema: 1, initOrder: ['lockdown', 'capability', 'bpf', 'ima', 'evm'],
    })
  })
})

describe('hooks', () => {
  test('--coverage tells the calls that reach a hook, each with the operation that shows it', async () => {
    const { profile, hooks } = await json(['hooks', 'inode_unlink', '--coverage'])
    expect(profile).toBe('6.12')
    expect(hooks).toMatchObject([{ name: 'inode_unlink', callSites: expect.arrayContaining([
      { syscall: 'unlink', test: expect.stringMatching(/^(hook-trace|posix-sessions):/) },
    ]) }])
    const { stdout } = await lsm(['hooks', '--coverage'])
    expect(stdout).toMatch(/^watch_key +0 +-$/m)
    expect(stdout).toMatch(/^watch_key +Debian builds/m)
  })

  test('names only hooks there are, each once and in the order of the table', () => {
    for (const hooks of Object.values(inTree)) expect(hooks).toEqual(hookNames.filter((name) => hooks.includes(name)))
  })

  test('counts of 6.12', async () => {
    const { stdout } = await lsm(['hooks'])
    expect(stdout).toContain('6.12: 271 hooks, SELinux 218, Smack 120')
    expect(hookNames.length).toBe(271)
    expect([inTree.selinux!.length, inTree.smack!.length]).toEqual([218, 120])
  })

  test('--kernel: the table of another release', async () => {
    expect((await lsm(['hooks', '--kernel', '7.3'])).stdout).toContain('7.3: 277 hooks')
    expect((await lsm(['hooks', 'unix_find', '--kernel', '7.3'])).stdout).toBe(
      'int unix_find(const struct path *path, struct sock *other, int flags)\n')
    expect(await json(['hooks', 'uring_allowed', '--kernel', '6.18'])).toMatchObject({
      profile: '6.18', hooks: [{ name: 'uring_allowed', ret: 'int', params: '' }],
    })
    expect((await lsm(['hooks', 'unix_find', '--kernel', '6.18'])).stderr).toContain('is not a hook of 6.18')
  })

  test('one hook: what an editor shows, with the parameters apart', async () => {
    const { stdout } = await lsm(['hooks', 'inode_getsecurity'])
    const doc = hookDoc('inode_getsecurity')
    expect(stdout).toContain('int inode_getsecurity(')
    expect(stdout).toContain('-EOPNOTSUPP means "no opinion"')
    expect(stdout).toContain('capability, selinux, smack')
    const flat = stdout.replaceAll(/\s+/g, ' ')
    for (const paragraph of hookParagraphs(doc)) expect(flat).toContain(paragraph)
    for (const { name, says } of doc.parameters) expect(flat).toContain(`${name} ${says}`)
    expect(stdout.split('\n').slice(1).filter((line) => line.length > 100)).toEqual([])
  })

  test('--json', async () => {
    const { hooks } = (await json(['hooks', 'task_free'])) as { hooks: object[] }
    expect(hooks).toEqual([
      expect.objectContaining({
        name: 'task_free', ret: 'void', default: null, lsms: ['apparmor', 'tomoyo', 'yama'],
        when: 'A task has gone and is about to be freed.', parameters: [{ name: 'task', says: 'the task' }],
      }),
    ])
  })
})

const facts = new URL('../../../../../shared/facts/lsm-hooks.tsv', import.meta.url)
test.skipIf(!existsSync(facts))('implementers are those of the recorded table (skipped: ../shared is absent)', () => {
  const [head = '', ...rows] = readFileSync(facts, 'utf8').trim().split('\n')
  const column = head.split('\t').findIndex((name) => /^(?:lsms|implementers)$/.test(name))
  expect(column).toBeGreaterThan(0)
  for (const row of rows) {
    const cells = row.split('\t')
    const recorded = cells[column]!.split(/[, ]+/).filter((name) => /^\w+$/.test(name) && name !== 'bpf')
    const ours = Object.keys(inTree).filter((name) => inTree[name]!.includes(cells[0]!))
    expect([cells[0], ours.sort()]).toEqual([cells[0], recorded.sort()])
  }
})

describe('explain', () => {
  test('text', async () => {
    const { stdout } = await lsm(['explain', '--lsm', 'capability'])
    expect(stdout).toContain('order: capability')
    expect(stdout).toContain('18 of 271 hooks in use')
  })

  test('--json', async () => {
    expect(await json(['explain', '--cmdline', 'lsm=nobody'])).toMatchObject({
      schema: 1, order: ['capability'], hookCount: 271, warnings: [expect.stringContaining('`nobody`')],
    })
  })
})

test.each([[[], '6.12'], [['--kernel', '6.18'], '6.18'], [['--kernel', '7.3'], '7.3']])(
  'explain %j follows Linux %s', async (args, profile) => {
    expect(await json(['explain', ...args])).toMatchObject({ profile })
  },
)

test('a kernel without rules', async () => {
  expect(await lsm(['explain', '--kernel', '6.11'])).toEqual({
    code: 2, stdout: '',
    stderr: 'error: there are no rules of the kernel `6.11`\n(known: 6.12, 6.18, 7.3)\n',
  })
})

describe('caps', () => {
  test('text', async () => {
    expect(await json(['caps', 'text', 'cap_net_raw=ep cap_chown+i'])).toEqual({
      schema: 1,
      text: 'cap_chown=i cap_net_raw+ep',
      effective: '0000000000002000',
      permitted: '0000000000002000',
      inheritable: '0000000000000001',
    })
  })

  test('decode', async () => {
    expect((await lsm(['caps', 'decode', '0x3000'])).stdout).toBe('0x0000000000003000=cap_net_admin,cap_net_raw\n')
  })

  const exec = (state: object) => json(['caps', 'exec'], JSON.stringify(state))

  test('exec names the branches', async () => {
    const after = await exec({ process: { uid: 1000 }, program: { caps: 'cap_net_raw=ep' } })
    expect(after).toMatchObject({
      errno: null, process: { permitted: '0000000000002000', effective: '0000000000002000' },
    })
    expect(after.branches).toContainEqual(expect.objectContaining({ name: 'file-caps' }))
  })

  test('an exec that fails exits with 1', async () => {
    const state = { process: { uid: 1000, bounding: '0' }, program: { caps: 'cap_net_raw=ep' } }
    const { code, stdout } = await lsm(['caps', 'exec'], { stdin: JSON.stringify(state) })
    expect(code).toBe(1)
    expect(stdout).toContain('execve fails with EPERM')
  })
})

test.each([
  { args: ['lsm=smack,nosuch,ima'], says: ['`nosuch`: no module has that name\n'] },
  { args: ['lsm=selinux,smack'], says: ['`smack`: `selinux` is exclusive too, and came first'] },
  {
    args: ['lsm=smack', 'security=selinux', 'quiet'],
    says: ['`security=selinux`, as `lsm=` is given', '`quiet`, which is no'],
  },
  { args: ['lsm=smak'], says: ['did you mean `smack`?'] },
])('order tells what it ignored of $args', async ({ args, says }) => {
  const { code, stderr } = await lsm(['order', ...args])
  expect(code).toBe(0)
  for (const text of says) expect(stderr).toContain(text)
})

test('hooks --coverage is in columns', async () => {
  const { stdout } = await lsm(['hooks', '--coverage'])
  const lines = stdout.split('\n')
  expect(lines.filter((line) => line.length > 80)).toEqual([])
  const at = lines[0]!.indexOf('REACHED FROM')
  const row = lines.findIndex((line) => line.startsWith('inode_permission '))
  expect(lines[row]!.slice(at)).toMatch(/^access, /)
  expect(lines[row + 1]).toMatch(new RegExp(`^ {${at}}\\w`))
})
