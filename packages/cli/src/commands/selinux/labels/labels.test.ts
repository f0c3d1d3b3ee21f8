import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { kernelClassesCil } from '@lsmkit/selinux/classes'
import { lsm } from '../../../../test/test-io.ts'

const cwd = mkdtempSync(join(tmpdir(), 'lsm-labels-'))
afterAll(() => rmSync(cwd, { recursive: true }))

writeFileSync(join(cwd, 'policy.cil'), `${kernelClassesCil()}
(handleunknown deny) (mls false) (user u) (role r) (role object_r) (userrole u r) (userrole u object_r)
(sensitivity s0) (sensitivityorder (s0)) (category c0) (categoryorder (c0)) (sensitivitycategory s0 (c0))
(userlevel u (s0)) (userrange u ((s0) (s0)))
(type kernel_t) (type fs_t) (type web_t) (type page_t) (type port_t)
(typeattribute any) (typeattributeset any (kernel_t fs_t web_t page_t port_t)) (roletype r any) (roletype object_r any)
(role system_r) (user system_u) (userrole system_u system_r) (userrole system_u object_r)
  (userlevel system_u (s0)) (userrange system_u ((s0) (s0)))
(sid kernel) (sidcontext kernel (u r kernel_t ((s0) (s0))))
(sid security) (sidcontext security (u object_r fs_t ((s0) (s0))))
(sid unlabeled) (sidcontext unlabeled (u object_r fs_t ((s0) (s0)))) (sidorder (kernel security unlabeled))
(fsuse trans tmpfs (u object_r fs_t ((s0) (s0)))) (genfscon proc "/" (u object_r fs_t ((s0) (s0))))
(fsuse xattr hostfs (u object_r fs_t ((s0) (s0)))) (genfscon selinuxfs "/" (u object_r fs_t ((s0) (s0))))
(allow kernel_t any (kernel_class (every))) (allow any fs_t (filesystem (associate)))
(boolean share false) (booleanif share (true (allow web_t page_t (file (read)))))
`)
writeFileSync(join(cwd, 'file_contexts'), `/.*\tu:object_r:web_t
/srv(/.*)?\tu:object_r:page_t
/srv/run\t-s\tu:object_r:port_t
HOME_DIR/.+\tu:object_r:page_t
/run/%{USERID}\tu:object_r:page_t
`)
writeFileSync(join(cwd, 'plain'), '/srv(/.*)?\tu:object_r:page_t\n/srv/run\t-s\tu:object_r:port_t\n')
writeFileSync(join(cwd, 'seusers'), '__default__:u\nbob:u\n')
writeFileSync(join(cwd, 'passwd'), 'bob:x:1000:1:B:/home/bob:/bin/sh\n')
writeFileSync(join(cwd, 'changes'), `boolean -m -1 share
fcontext -a -t port_t '/opt(/.*)?'
port -a -t port_t -p tcp 8080
login -a -s u bob
`)
mkdirSync(join(cwd, 'store/active'), { recursive: true })
writeFileSync(join(cwd, 'store/active/booleans.local'), 'share=1\n')
mkdirSync(join(cwd, 'tree/srv'), { recursive: true })
writeFileSync(join(cwd, 'tree/srv/a'), '')

const run = (...args: string[]) => lsm(['selinux', ...args], { cwd })

describe('paths', () => {
  test('a list that is none', async () => {
    writeFileSync(join(cwd, 'binary'), '/srv\n/a\0b\n')
    expect(await run('matchpathcon', '-f', 'plain', '--from', 'binary')).toMatchObject(
      { code: 3, stderr: expect.stringContaining('binary:2: the path has a NUL character') })
  })

  test.each([
    { args: ['-m', '-s'], out: 'u:object_r:port_t' }, { args: ['-m', 'socket'], out: 'u:object_r:port_t' },
    { args: ['-m', 'f'], out: 'u:object_r:page_t' }, { args: [], out: 'u:object_r:port_t' },
  ])('/srv/run as $args: $out', async ({ args, out }) => {
    expect(await run('matchpathcon', '-f', 'plain', ...args, '/srv/run', '/none/'))
      .toEqual({ code: 0, stdout: `/srv/run\t${out}\n/none\t<<none>>\n`, stderr: '' })
    expect((await run('matchpathcon', '-f', 'plain', '-n', ...args, '/srv/run')).stdout).toBe(`${out}\n`)
  })

  test('paths of a file, JSON, mistakes', async () => {
    const { stdout } = await lsm(
      ['selinux', 'matchpathcon', '-f', 'plain', '--from', '-', '--json'], { cwd, stdin: '/srv\n/x\n' })
    expect(JSON.parse(stdout).paths).toEqual(
      [{ path: '/srv', context: 'u:object_r:page_t' }, { path: '/x', context: null }])
    expect((await run('matchpathcon', '-f', 'plain', '-m', 'sock', '/srv')).stderr).toContain('did you mean')
    expect((await run('matchpathcon', '/srv')).code).toBe(2)
    expect((await run('file-context', 'plain', '/srv/run', '--type', '-s')).stdout).toContain('port_t')
    const { stderr } = await run('file-context', 'file_contexts', '/home/bob/x')
    expect(stderr).toContain('2 lines of `file_contexts` are templates for homes: lsm selinux homedirs')
  })
})

test('homes get their labels from templates, users and accounts', async () => {
  const args = ['homedirs', 'policy.cil', '--file-contexts', 'file_contexts', '--seusers', 'seusers']
  const made = await run(...args, '--passwd', 'passwd', '-o', 'file_contexts.homedirs')
  expect(made).toEqual({ code: 0, stdout: 'file_contexts.homedirs: 4 lines, homes in /home\n', stderr: '' })
  expect((await run('file-context', 'file_contexts', '/home/bob/x', '/home/eve/x', '/run/1000')))
    .toMatchObject({ code: 0, stderr: '', stdout: expect.stringMatching(/(page_t\n.*){3}/) })
  rmSync(join(cwd, 'file_contexts.homedirs'))
  expect((await run(...args)).stderr).toBe('lsm: bob is mapped but has no account\n')
  expect((await run('homedirs', 'policy.cil', '--seusers', 'seusers')).code).toBe(2)
  mkdirSync(join(cwd, 'homes'))
  for (const name of ['file_contexts', 'seusers']) cpSync(join(cwd, name), join(cwd, 'homes', name))
  writeFileSync(join(cwd, 'homes/homedir_template'), 'HOME_DIR/.+\tu:object_r:page_t\n')
  writeFileSync(join(cwd, 'homes/users_extra'), '')
  const ofStore = ['homedirs', 'policy.cil', '--store', 'homes', '--passwd', 'passwd'] as const
  expect((await run(...ofStore)).stderr).toBe('')
  writeFileSync(join(cwd, 'homes/seusers.local'), 'eve:u\n')
  expect((await run(...ofStore)).stderr).toBe('lsm: eve is mapped but has no account\n')
  writeFileSync(join(cwd, 'bad'), 'bob\n')
  expect(await run(...args.slice(0, -1), 'bad')).toMatchObject({ code: 3, stderr:
    expect.stringContaining('seusers:1') })
})

describe('local changes', () => {
  test.each([
    { args: ['allow', 'policy.cil', 'web_t', 'page_t', 'file', 'read'], code: 1 },
    { args: ['allow', 'policy.cil', 'web_t', 'page_t', 'file', 'read', '--local', 'changes'], code: 0 },
    { args: ['allow', 'policy.cil', 'web_t', 'page_t', 'file', 'read', '--local', 'store'], code: 0 },
    { args: ['access', 'policy.cil', 'u:r:web_t', 'u:object_r:page_t', 'file', 'read', '--local', 'changes'], code: 0 },
    { args: ['explain', 'web_t', 'page_t', 'file', 'read', '-p', 'policy.cil', '--local', 'changes'], code: 0 },
    { args: ['info', 'policy.cil', '-l', 'portcon', '-n', '8080', '--local', 'changes'], code: 0 },
  ])('$args ends with $code', async ({ args, code }) => expect((await run(...args)).code).toBe(code))

  test('label paths, are listed, and become a policy', async () => {
    expect((await run('matchpathcon', '-f', 'plain', '--local', 'changes', '/opt/x')).stdout).toContain('port_t')
    const outputs = ['-o', 'changed.34', '--file-contexts', 'x.local']
    const { code, stdout } = await run('semanage', 'policy.cil', 'changes', ...outputs)
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'fcontext: 1\nboolean: 1\nport: 1\nlogin: 1\n' })
    expect((await run('allow', 'changed.34', 'web_t', 'page_t', 'file', 'read')).code).toBe(0)
    expect((await run('semanage', 'policy.cil', 'changes', '--login', 'bob')).stdout).toBe('u\n')
    expect((await run('semanage', 'policy.cil', 'changes', '--login', 'eve')).code).toBe(1)
    expect(JSON.parse((await run('semanage', 'policy.cil', 'store', '--json')).stdout).boolean).toEqual({ share: true })
  })

  test('mistakes have a place', async () => {
    writeFileSync(join(cwd, 'wrong'), 'boolean -m -1 shear\n')
    expect(await run('allow', 'policy.cil', 'web_t', 'page_t', 'file', 'read', '--local', 'wrong')).toEqual({
      code: 3, stdout: '', stderr: 'error: wrong:1: the policy has no boolean `shear`\n(did you mean `share`?)\n',
    })
    const { stderr } = await run('allow', 'policy.cil', 'a', 'b', 'c', 'd', '--local', 'tree')
    expect(stderr).toContain('no changes in it')
  })

  test('a scenario takes them beside its policy', async () => {
    const scenario = (local: string) => `scenario: local changes
lsms: [capability, selinux]
options: { selinux: { policy: policy.cil${local}, enforcing: false } }
steps:
  - { open: [/sys/fs/selinux/booleans/share, O_RDONLY], save: fd }
  - { read: [$fd, 9], expect: { data: 1 1 } }
`
    writeFileSync(join(cwd, 'none.yaml'), scenario(''))
    writeFileSync(join(cwd, 'one.yaml'), scenario(', local: [changes]'))
    writeFileSync(join(cwd, 'two.yaml'), scenario(', local: [gone]'))
    writeFileSync(join(cwd, 'three.yaml'), scenario(', local: 7'))
    expect(await lsm(['scenario', 'one.yaml'], { cwd })).toMatchObject({ code: 0 })
    expect(await lsm(['scenario', 'none.yaml'], { cwd })).toMatchObject({ code: 1 })
    expect((await lsm(['scenario', 'two.yaml'], { cwd })).stderr).toContain('gone')
    expect((await lsm(['scenario', 'three.yaml'], { cwd })).stderr).toContain('`local` of selinux')
  })
})

describe('restorecon', () => {
  test.skipIf(process.platform !== 'linux')('shows what changes in the tree of a kernel, by its policy', async () => {
    const args = ['-f', 'plain', '-p', 'policy.cil', '--mount', './tree/srv:/srv:rw', '-R', '/srv']
    const dry = await run('restorecon', ...args)
    expect(dry).toMatchObject({ code: 1, stderr: 'lsm: nothing was written; --apply writes the labels\n' })
    expect(dry.stdout).toContain('Would relabel /srv/a from ')
    expect(dry.stdout).toContain('2 files, 2 to relabel, 0 kept, 0 failed\n')
    expect(JSON.parse((await run('restorecon', ...args, '--json')).stdout)).toMatchObject(
      { seen: 2, applied: false, changed: [{ path: '/srv' }, { path: '/srv/a', to: 'u:object_r:page_t' }] })
  })

  test.each([
    { args: ['-f', 'plain'], says: 'no path' },
    { args: ['-f', 'plain', '-n', '--apply', '/x'], says: '`--dry-run` has no effect beside `--apply`' },
    { args: ['-f', 'plain', '--mount', './tree:/t', '/t'], says: 'needs a policy' },
    { args: ['-f', 'plain', '--from', 'long'], says: 'long:2: the path has 5000 characters', code: 3 },
  ])('$args: $says', async ({ args, says, code = 2 }) => {
    writeFileSync(join(cwd, 'long'), `/srv\n${'x'.repeat(5000)}\n`)
    const found = await run('restorecon', ...args)
    expect(found.code).toBe(code)
    expect(found.stderr).toContain(says)
  })

  test.each([
    { args: ['-r', 'gone', 'plain', 'tree'], code: 3, says: '`gone` is not a folder' },
    { args: ['-r', 'tree', 'plain', 'store'], code: 2, says: 'is not below' },
  ])('setfiles $args: $says', async ({ args, code, says }) => {
    const found = await run('setfiles', ...args)
    expect(found).toMatchObject({ code, stderr: expect.stringContaining(says) })
  })

  test.skipIf(process.platform !== 'linux')('looks at files of the host, and writes nothing unasked', async () => {
    const dry = await run('setfiles', '-r', 'tree', 'plain', 'tree', 'tree/gone', '--json')
    const { seen, changed, failed } = JSON.parse(dry.stdout)
    expect(dry.code).toBe(1)
    expect({ seen, failed }).toEqual({ seen: 3, failed: [{ path: join(cwd, 'tree/gone'), to: null, error: 'ENOENT' }] })
    expect(changed.map(({ path }: { path: string }) => path)).toEqual([join(cwd, 'tree/srv'), join(cwd, 'tree/srv/a')])
    const ignored = await run('setfiles', '-i', '-r', 'tree', 'plain', 'tree/gone', '--json')
    expect(JSON.parse(ignored.stdout).failed).toEqual([])
    const excluded = await run('setfiles', '-r', 'tree', '-e', 'tree/srv', 'plain', 'tree')
    expect(excluded).toMatchObject({ code: 0, stdout: '1 file, 0 to relabel, 0 kept, 0 failed\n' })
  })
})

describe('tools around a policy', () => {
  test('check runs checks and ends with 1 where one fails', async () => {
    writeFileSync(join(cwd, 'checks.ini'), '[pages]\ncheck_type = assert_te\nsource = web_t\ntarget = page_t\n')
    expect(await run('check', 'policy.cil', '--ini', 'checks.ini')).toMatchObject(
      { code: 1, stdout: expect.stringContaining('allow web_t page_t:file read; [ share ]:True') })
    expect(JSON.parse((await run('check', 'policy.cil', '--ini', 'checks.ini', '--json')).stdout).failures).toBe(1)
    writeFileSync(join(cwd, 'wrong.ini'), '[pages]\ncheck_type = assert\n')
    expect(await run('check', 'policy.cil', '--ini', 'wrong.ini')).toMatchObject(
      { code: 3, stderr: expect.stringContaining('wrong.ini:1 [pages]: `assert` is not a kind of check') })
  })

  test('mcstrans and chcat', async () => {
    mkdirSync(join(cwd, 'setrans.d'), { recursive: true })
    writeFileSync(join(cwd, 'setrans.d/one.conf'), 's0:c5=Five\n')
    writeFileSync(join(cwd, 'setrans.conf'), 's0=Low\ns0:c1=One\nInclude=setrans.d/*.conf\n')
    writeFileSync(join(cwd, 'logins'), '__default__:u:s0-s0:c9\nbob:v:s0-s0\n')
    expect((await run('mcstrans', 'setrans.conf', 's0-s0:c5', 'u:r:t:s0:c1')).stdout).toBe('Low-Five\nu:r:t:One\n')
    expect((await run('mcstrans', '-u', 'setrans.conf', 'Low-Five')).stdout).toBe('s0-s0:c5\n')
    const login = ['chcat', '-l', '--seusers', 'logins', '--setrans', 'setrans.conf']
    expect((await run(...login, '+One,+c3', 'bob')).stdout).toBe('login -m -s v -r s0-s0:c1,c3 bob\n')
    expect((await run(...login, '--', '-c9', 'eve')).stdout).toBe('login -a -s u -r s0-s0 eve\n')
    expect((await run('chcat', '--level', 's0:c1', '+c2', '/a')).stdout).toBe('chcon -l s0:c1,c2 /a\n')
    expect((await run('chcat', '--level', 's0:c1', '-d', '/a')).stdout).toBe('chcon -l s0 /a\n')
    expect((await run('chcat', '-l', '+c2', 'bob')).code).toBe(2)
    expect((await run('mcstrans', 'wrong.ini', 's0')).code).toBe(3)
  })

  test('the policy of a container, and a scenario that tries it', async () => {
    writeFileSync(join(cwd, 'web.json'), JSON.stringify([{
      Name: '/web', Config: { Env: [] }, Mounts: [
        { Source: '/srv', Destination: '/d', RW: true }, { Source: '/none', Destination: '/n', RW: false },
      ],
      NetworkSettings: { Ports: { '80/tcp': [{ HostPort: '8080' }] } },
    }]))
    const made = await run('container', 'web.json', '-o', 'made', '--file-contexts', 'plain')
    expect(made).toMatchObject({ code: 0, stdout: 'made/web.cil: try it with lsm scenario made/web.yaml\n' })
    expect(made.stderr).toContain('/none gets a type of its own')
    expect(await lsm(['scenario', 'made/web.yaml'], { cwd })).toMatchObject(
      { code: 0, stdout: expect.stringContaining('1 passed, 0 failed') })
    const { containers } = JSON.parse((await run('container', 'web.json', '--json', '-p', 'policy.cil')).stdout)
    expect(containers).toMatchObject([{ name: 'web', domain: 'web.process', failed: [] }])
    expect((await run('container', 'web.json')).stdout).toContain('(block web\n')
    writeFileSync(join(cwd, 'not.json'), '[{}]')
    expect(await run('container', 'not.json')).toMatchObject({ code: 3,
      stderr: expect.stringContaining('not.json[0]') })
  })
})
