import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { lsm } from '../../../test/test-io.ts'

const folder = mkdtempSync(join(tmpdir(), 'lsm-apparmor-'))
afterAll(() => rmSync(folder, { recursive: true }))

const put = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text)
  return join(folder, name)
}

const web = put('web', 'profile web /usr/bin/web {\n  /srv/** r,\n  /bin/sh ux,\n  dbus send,\n}\n')
const wider = put('wider', 'profile web /usr/bin/web {\n  /srv/** rw,\n  /bin/sh ux,\n}\n')
const bad = put('bad', 'profile web {\n  /srv/** q,\n}\n')
put('other', 'profile other { /srv/** r, }\n')
const RECORD = 'apparmor="DENIED" operation="open" profile="web" name="/etc/x" requested_mask="r" denied_mask="r"'
const denies = put('denies', 'profile web {\n  audit deny /etc/* r,\n}\n')
const log = put('log', `${RECORD}\n`)

test.each([
  { args: ['access', web, 'file', '/srv/a', 'r'], code: 0, says: 'web:2: /srv/** r,' },
  { args: ['access', web, 'file', '/srv/a', 'w'], code: 1, says: 'nearest: ' },
  { args: ['access', web, 'fil', '/srv/a'], code: 2, says: 'did you mean' },
  { args: ['diff', web, wider], code: 1, says: 'files: r becomes rwa, as /srv/a' },
  { args: ['diff', web, web], code: 0, says: 'no difference' },
  { args: ['exec-graph', put('alone', 'profile alone { /srv/** r, }\n')], code: 0,
    says: 'no profile leads to another' },
  { args: ['exec-graph', web], code: 0, says: 'leaves confinement: web -> unconfined' },
  { args: ['exec-graph', '--forbid-unconfined', web], code: 1, says: 'web -> unconfined' },
  { args: ['explain', '/usr/bin/web', web], code: 0, says: 'a program there gets `web`' },
  { args: ['check', web], code: 1, says: 'dbus rule is not enforced' },
  { args: ['check', wider, '--programs', put('programs', '/usr/bin/web\n/usr/bin/other\n')], code: 1,
    says: 'no profile attaches to `/usr/bin/other`' },
  { args: ['compile', bad], code: 3, says: 'bad:2:' },
  { args: ['learn', log], code: 0, says: '/etc/x r,' },
  { args: ['learn', log, '--into', web], code: 0, says: '+  /etc/x r,' },
  { args: ['learn', log, '--into', denies], code: 1, says: 'web: /etc/x is denied by' },
  { args: ['learn', log, '--into', bad], code: 3, says: 'bad:2:' },
  { args: ['within', web, '--max', wider], code: 0, says: 'within the maximum' },
  { args: ['within', wider, '--max', web], code: 1, says: 'web: files: wa, as /srv/a' },
  { args: ['coverage', '--log', log, web], code: 0, says: '0 of 2 rules met' },
])('lsm apparmor $args', async ({ args, code, says }) => {
  const result = await lsm(['apparmor', ...args])
  expect(result.code).toBe(code)
  expect(result.stdout + result.stderr).toContain(says)
})

test.each([
  ['access', ['access', put('misspelt', 'profile web {\n  capability chwon,\n}\n'), 'file', '/a', 'r']],
  ['the JSON of compile', ['compile', '--reporter', 'json', join(folder, 'misspelt')]],
])('%s has a hint once', async (_, args) => {
  const { code, stdout, stderr } = await lsm(['apparmor', ...args])
  expect(code).toBe(3)
  expect((stdout + stderr).split('did you mean')).toHaveLength(2)
})

test('a binary is written, and equals its text', async () => {
  const out = join(folder, 'out')
  expect((await lsm(['apparmor', 'compile', '-o', out, web])).code).toBe(0)
  expect(readFileSync(join(out, 'web.bin'))[0]).toBe(4)
  expect((await lsm(['apparmor', 'diff', join(out, 'web.bin'), web])).code).toBe(0)
})

test('a binary is asked as its text is, without rules to name', async () => {
  const out = join(folder, 'asked')
  await lsm(['apparmor', 'compile', '-o', out, web])
  const binary = join(out, 'web.bin')
  const ask = async (args: readonly string[]) => lsm([...args])
  expect(await ask(['apparmor', 'access', binary, 'file', '/srv/a', 'r'])).toMatchObject({
    code: 0, stdout: 'file /srv/a r: allowed: a rule allows it\n',
  })
  expect(await ask(['apparmor', 'access', binary, 'file', '/srv/a', 'w'])).toMatchObject({
    code: 1, stdout: 'file /srv/a w: denied: no rule allows it\n',
  })
  const [ofBinary, ofText] = [await ask(['policy', 'simulate', '--policy', binary, '--audit', log]),
    await ask(['policy', 'simulate', '--policy', web, '--audit', log])]
  expect([ofBinary.code, ofBinary.stdout]).toEqual([0, ofText.stdout])
  expect((await ask(['apparmor', 'simulate', '--log', log, binary])).stdout).toBe(ofText.stdout)
})

test.each([
  { args: ['policy', 'diff', web, wider], code: 1, says: '+ r becomes rwa, as /srv/a' },
  { args: ['policy', 'diff', web, web], code: 0, says: 'no difference' },
  { args: ['policy', 'simulate', '--policy', put('x', 'profile web { /etc/* r, }\n'), '--audit', log], code: 1,
    says: 'was denied, would be granted' },
  { args: ['learn', log], code: 0, says: '# for the profile web\n' },
  { args: ['apparmor', 'simulate', '--log', log, join(folder, 'x')], code: 1,
    says: 'was denied, would be granted' },
  { args: ['apparmor', 'simulate', '--log', log, join(folder, 'other')], code: 3,
    says: 'no records of these profiles' },
  { args: ['apparmor', 'simulate', '--log', log, bad], code: 3, says: 'bad:2:' },
])('lsm $args', async ({ args, code, says }) => {
  const result = await lsm(args)
  expect(result.stdout + result.stderr).toContain(says)
  expect(result.code).toBe(code)
})

test('a patch compiles, and what the log asked for is allowed then', async () => {
  const { stdout } = await lsm(['apparmor', 'learn', log, '--into', web])
  const added = stdout.split('\n').filter((line) => line.startsWith('+ ')).map((line) => line.slice(1))
  const patched = put('patched', readFileSync(web, 'utf8').replace(/\}\n$/, `${added.join('\n')}\n}\n`))
  expect((await lsm(['apparmor', 'access', patched, 'file', '/etc/x', 'r'])).code).toBe(0)
})

describe('examples/container-profiles', () => {
  const cwd = join(import.meta.dirname, '../../../../../examples/container-profiles')
  test.each([
    { args: ['apparmor', 'check', 'docker', 'lxd'], code: 0, says: '2 profiles, 0 errors, 0 warnings' },
    { args: ['scenario', 'containers.yaml'], code: 0, says: '2 passed, 0 failed' },
    { args: ['apparmor', 'access', 'docker', 'file', '/proc/sys/kernel/core_pattern', 'w'], code: 1,
      says: 'deny /proc/s[^e]**' },
    { args: ['apparmor', 'access', 'lxd', 'mount', 'none', '/sys/fs/cgroup/', 'cgroup2'], code: 0, says: 'lxd:' },
  ])('lsm $args', async ({ args, code, says }) => {
    const result = await lsm(args, { cwd })
    expect(result.stdout + result.stderr).toContain(says)
    expect(result.code).toBe(code)
  })

  test('a scenario finds its profiles from any folder', async () => {
    expect((await lsm(['scenario', join(cwd, 'containers.yaml')])).code).toBe(0)
  })
})

test('the commands of docs/apparmor.md do what it says', async () => {
  const page = readFileSync(join(import.meta.dirname, '../../../../../docs/apparmor.md'), 'utf8')
  const [, profile] = /```text\n(profile reader[^`]+)```/.exec(page)!
  const [, commands] = /```sh\n([^`]+)```/.exec(page)!
  put('reader', profile!)
  const results = []
  for (const line of commands!.trim().split('\n')) {
    const words = [...line.replace(/ +#.*/, '').matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain!)
    results.push(await lsm(words.slice(1), { cwd: folder }))
  }
  expect(results.map(({ code }) => code)).toEqual([1, 1, 1])
  expect(results[0]!.stderr).toContain('/tmp/secret: Permission denied')
  expect(results[0]!.stderr).toContain('/etc/x: Permission denied')
  expect(results[1]!.stdout).toContain('nearest: reader:2')
  expect(results[2]!.stdout).toContain('reader:4: audit deny /tmp/secret r,')
  expect(readFileSync(join(folder, 'audit.log'), 'utf8')).toContain('name=\\"/tmp/secret\\"')
})
