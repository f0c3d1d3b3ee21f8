import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { kernelClassesCil } from '@lsmkit/selinux/classes'
import { lsm } from '../../../test/test-io.ts'

const cwd = mkdtempSync(join(tmpdir(), 'lsm-flow-'))
afterAll(() => rmSync(cwd, { recursive: true }))

writeFileSync(join(cwd, 'policy.cil'), `${kernelClassesCil()}
(mls false) (user u) (role r) (userrole u r) (roletype r web_t)
(sensitivity s0) (sensitivityorder (s0)) (category c0) (categoryorder (c0)) (sensitivitycategory s0 (c0))
(userlevel u (s0)) (userrange u ((s0) (s0)))
(sid kernel) (sidorder (kernel)) (sidcontext kernel (u r web_t ((s0) (s0))))
(type web_t) (type mail_t) (type spool_t) (type secret_t) (type log_t) (type mail_exec_t)
(boolean mail_logs false)
(allow mail_t secret_t (file (read))) (allow mail_t spool_t (file (write))) (allow web_t spool_t (file (read)))
(booleanif mail_logs (true (allow mail_t log_t (file (append)))))
(allow web_t mail_t (process (transition))) (allow web_t mail_exec_t (file (execute)))
(allow mail_t mail_exec_t (file (entrypoint))) (typetransition web_t mail_exec_t process mail_t)
`)
writeFileSync(join(cwd, 'rules'), 'Mail Secret r\nMail Spool w\nWeb Spool r\n')
writeFileSync(join(cwd, 'map'), '1\nclass file 2\nread r 9\nwrite w 8\n')
writeFileSync(join(cwd, 'forbid'),
  '# both\nsecret_t -> web_t except spool_t\nsecret_t -> web_t\ndomain web_t -> mail_t\n')
writeFileSync(join(cwd, 'fine'), 'web_t -> secret_t\nsecret_t -> web_t steps 2\n')
writeFileSync(join(cwd, 'none'), '\nsecret_t\n')
writeFileSync(join(cwd, 'wrong'), '\nsecret_t -> wep_t\n')

const run = (...args: string[]) => lsm(['flow', ...args], { cwd })
const json = async (...args: string[]) => JSON.parse((await run(...args, '--json')).stdout)
const selinux = ['--policy', 'policy.cil'] as const

describe('flows', () => {
  test('of SELinux, with a map of one\'s own, and rules in force', async () => {
    expect(await json('secret_t', 'web_t', ...selinux))
      .toMatchObject({ flows: [{ path: ['secret_t', 'mail_t', 'spool_t', 'web_t'], weight: 10 }] })
    expect(await json('secret_t', 'web_t', ...selinux, '--map', 'map'))
      .toMatchObject({ flows: [{ weight: 8 }] })
    expect((await run('secret_t', 'web_t', ...selinux)).code).toBe(1)
    expect(await run('web_t', 'secret_t', ...selinux)).toEqual({ code: 0, stdout: 'no flow\n', stderr: '' })
    expect((await run('mail_t', 'log_t', ...selinux)).code).toBe(1)
    expect((await run('mail_t', 'log_t', ...selinux, '--in-force')).code).toBe(0)
    expect((await run('mail_t', 'log_t', ...selinux, '--set', 'mail_logs=on')).code).toBe(1)
    expect((await run('mail_t', ...selinux, '--exclude', 'log_t', '--rules')).stdout).toBe(
      'mail_t -> spool_t  (weight 10)\n  mail_t -> spool_t\n    allow mail_t spool_t:file write;\n')
    expect(await json('mail_t', ...selinux, '--into', '--limit', '1')).toMatchObject({ flows: [{}], truncated: true })
    expect((await run('secret_t', 'web_t', ...selinux, '--map', 'map')).stderr).toContain('`map` and count as no flow')
  })

  test('with local changes of SELinux', async () => {
    writeFileSync(join(cwd, 'changes'), 'boolean -m -1 mail_logs\n')
    const asked = ['mail_t', 'log_t', '--in-force', '--local', 'changes'] as const
    expect((await run(...asked, ...selinux)).code).toBe(1)
    const { code, stderr } = await run('Web', 'Secret', '--policy', 'rules', '--local', 'changes')
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('rules of Smack') })
  })

  test('of Smack', async () => {
    expect(await json('Secret', 'Web', '--policy', 'rules', '--all-paths', '4'))
      .toMatchObject({ flows: [{ path: ['Secret', 'Mail', 'Spool', 'Web'], weight: 10 }] })
    expect((await run('Web', 'Secret', '--policy', 'rules')).code).toBe(0)
    expect((await run('Web', 'Secret', '--policy', 'rules', '--star')).code).toBe(1)
    expect(await run('Secrt', 'Web', '--policy', 'rules')).toMatchObject({ code: 2 })
  })

  test('of domains', async () => {
    const transition = { source: 'web_t', target: 'mail_t', entrypoints: ['mail_exec_t'], dynamic: false }
    expect(await json('--domain', 'web_t', ...selinux)).toEqual({ schema: 1, transitions: [transition] })
    expect(await json('--domain', 'web_t', 'mail_t', ...selinux)).toMatchObject({ paths: [['web_t', 'mail_t']] })
    expect((await run('--domain', 'mail_t', ...selinux)).stdout).toBe('no transition\n')
    expect((await run('--domain', 'web_t', 'mail_t', ...selinux)).stdout)
      .toMatch(/^web_t -> mail_t\n {2}web_t -> mail_t {2}\(.*\)\n$/)
  })
})

describe('assertions', () => {
  test('the path and its rules are told, and the end is 1', async () => {
    const { code, stdout } = await run(...selinux, '--forbid', 'forbid')
    expect(code).toBe(1)
    expect(stdout).toContain('forbid:3: forbidden: secret_t -> web_t\n  secret_t -> mail_t -> spool_t -> web_t\n')
    expect(stdout).toContain('allow web_t spool_t:file read;')
    expect(stdout).toContain('forbid:4: forbidden: domain web_t -> mail_t')
    expect(stdout).toContain('1 of 3 assertions hold')
    expect(await json(...selinux, '--forbid', 'forbid')).toMatchObject({
      assertions: 3, forbidden: [{ line: 3, weight: 10 }, { line: 4, weight: null, path: ['web_t', 'mail_t'] }],
    })
  })

  test('0 when all hold; with ends, the assertions decide', async () => {
    expect(await run(...selinux, '--forbid', 'fine')).toMatchObject({ code: 0, stdout: '2 of 2 assertions hold\n' })
    expect((await run('secret_t', 'web_t', ...selinux, '--forbid', 'fine')).code).toBe(0)
  })

  test('a name that is not known is told with its line', async () => {
    const { code, stderr } = await run(...selinux, '--forbid', 'wrong')
    expect(code).toBe(3)
    expect(stderr).toContain('wrong:2: the policy has no type or attribute `wep_t`')
    expect((await run(...selinux, '--forbid', 'none')).stderr).toContain('none: line 2: `secret_t` is not an assertion')
  })
})

test('what is wrong usage', async () => {
  expect((await run('a_t', 'b_t')).code).toBe(2)
  expect((await run(...selinux)).code).toBe(2)
  expect((await run('web_t', ...selinux, '--star')).code).toBe(2)
  expect((await run('Web', '--policy', 'rules', '--domain')).code).toBe(2)
  expect((await run('web_t', ...selinux, '--min-weight', '11')).code).toBe(2)
  expect((await run('--print-map')).stdout).toMatch(/^\d+\n\nclass /)
})
