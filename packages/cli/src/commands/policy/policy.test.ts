import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { lsm } from '../../../test/test-io.ts'

const cwd = mkdtempSync(join(tmpdir(), 'lsm-policy-'))
afterAll(() => rmSync(cwd, { recursive: true }))

const base = `(mls false) (class file (read write)) (classorder (file))
(sensitivity s0) (sensitivityorder (s0)) (category c0) (categoryorder (c0)) (sensitivitycategory s0 (c0))
(type web_t) (type home_t) (role r) (roletype r web_t) (user u) (userrole u r) (userlevel u (s0))
(userrange u ((s0) (s0))) (sid kernel) (sidorder (kernel)) (sidcontext kernel (u r web_t ((s0) (s0))))
(allow web_t home_t (file (read)))
`
writeFileSync(join(cwd, 'a.cil'), base)
writeFileSync(join(cwd, 'b.cil'), `${base}(allow web_t home_t (file (write)))`)
writeFileSync(join(cwd, 'rules'), 'Web Log r\n')
writeFileSync(join(cwd, 'more'), 'Web Log rw\n')
writeFileSync(join(cwd, 'caps'), '/usr/bin/ping cap_net_raw=ep\n')
writeFileSync(join(cwd, 'fewer'), '# none\n/usr/bin/ping cap_net_raw=p\n')

writeFileSync(join(cwd, 'share.cil'), `${base}(boolean share false)
(booleanif share (true (allow web_t home_t (file (write)))))\n`)
writeFileSync(join(cwd, 'changes'), 'boolean -m -1 share\n')

const diff = (...args: string[]) => lsm(['policy', 'diff', ...args], { cwd })

test('of SELinux, in every format', async () => {
  expect(await diff('a.cil', 'b.cil')).toEqual({ code: 1, stderr: '', stdout: [
    'access:', '  + web_t may now write home_t files', '      allow web_t home_t:file write;',
    '1 permit more, 0 permit less, 0 neither', ''].join('\n') })
  expect(await diff('a.cil', 'a.cil')).toEqual({ code: 0, stderr: '', stdout: 'no difference\n' })
  expect((await diff('b.cil', 'a.cil', '--brief')).stdout).toContain('  - web_t may no longer write home_t files\n0')
  expect((await diff('a.cil', 'b.cil', '--format', 'markdown')).stdout).toBe([
    '### Policy: `a.cil` → `b.cil`', '', '**1 permit more, 0 permit less, 0 neither**', '', '#### `access`', '',
    '- **more:** `web_t may now write home_t files`', '  - `allow web_t home_t:file write;`', ''].join('\n'))
  const change = { effect: 'more', subject: 'access', words: 'web_t may now write home_t files' }
  expect(JSON.parse((await diff('a.cil', 'b.cil', '--format', 'json')).stdout))
    .toMatchObject({ same: false, kind: 'selinux', changes: [change] })
  expect((await diff('a.cil', 'b.cil', '--reporter', 'sarif=out.sarif')).code).toBe(1)
  expect(readFileSync(join(cwd, 'out.sarif'), 'utf8')).toContain('policy/more')
})

writeFileSync(join(cwd, 'landlock.json'), '{ "read": ["/usr"] }')
writeFileSync(join(cwd, 'wider.json'), '{ "read": ["/usr", "/data"] }')

test('of Landlock', async () => {
  const { stdout } = await diff('landlock.json', 'wider.json')
  expect(stdout).toContain('+ read_file, read_dir may now be done below /data')
  writeFileSync(join(cwd, 'no.json'), '{ read')
  expect(await diff('landlock.json', 'no.json')).toMatchObject({ code: 3 })
})

test('of Smack and of capabilities; not across them', async () => {
  expect((await diff('rules', 'more')).stdout).toContain('+ Web may now write and lock Log')
  expect((await diff('caps', 'fewer')).stdout).toContain('- /usr/bin/ping may no longer have at once cap_net_raw')
  const { code, stderr } = await diff('rules', 'caps')
  expect(code).toBe(3)
  expect(stderr).toContain('sets of capabilities')
  expect((await diff('rules', 'nowhere')).code).toBe(3)
})

test('local changes of SELinux: in a simulation, in both policies of a diff, or in the second alone', async () => {
  writeFileSync(join(cwd, 'avc.log'), 'type=AVC msg=audit(1.0:1): avc:  denied  { write } for pid=1 comm="a" ' +
    'scontext=u:r:web_t:s0 tcontext=u:r:home_t:s0 tclass=file permissive=0\n')
  const simulate = (...args: string[]) =>
    lsm(['policy', 'simulate', '-a', 'avc.log', '-p', ...args], { cwd })
  const context = `${readFileSync(join(cwd, 'share.cil'), 'utf8')}(roletype r home_t)\n`
  writeFileSync(join(cwd, 'asked.cil'), context.replace('(mls false)', '(mls true)'))
  expect((await simulate('asked.cil')).stdout).toContain('0 newly allowed')
  expect((await simulate('asked.cil', '--local', 'changes')).stdout).toContain('1 newly allowed')
  expect(await simulate('rules', '--local', 'changes')).toMatchObject({ code: 2 })
  for (const compare of [diff, (...args: string[]) => lsm(['selinux', 'diff', ...args], { cwd })]) {
    expect((await compare('share.cil', 'share.cil', '--local', 'changes')).code).toBe(0)
    expect((await compare('share.cil', 'share.cil', '--local-after', 'changes')).code).toBe(1)
  }
  expect(await diff('rules', 'more', '--local-after', 'changes')).toMatchObject({ code: 2 })
})
