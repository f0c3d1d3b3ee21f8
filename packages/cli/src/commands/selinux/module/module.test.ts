/** `lsm selinux module`: onto a binary policy, and stores in folders. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { lsm } from '../../../../test/test-io.ts'

const cwd = mkdtempSync(join(tmpdir(), 'lsm-module-'))
afterAll(() => rmSync(cwd, { recursive: true }))

const base = `(handleunknown allow) (mls false) (class process (fork)) (class file (read write))
(classorder (process file)) (sid kernel) (sidorder (kernel)) (sidcontext kernel (u r init_t (low low)))
(sensitivity s0) (sensitivityorder (s0)) (category c0) (categoryorder (c0)) (sensitivitycategory s0 (c0))
(level low (s0)) (level systemlow (s0)) (user u) (role r) (role object_r) (userrole u r) (userrole u object_r)
(userlevel u low) (userrange u (low low)) (typeattribute domain) (type init_t) (type page_t)
(typeattributeset domain (init_t)) (roletype r init_t) (roletype object_r page_t) (allow domain page_t (file (read)))
(filecon "/srv(/.*)?" any (u object_r page_t (low low)))
`
const web = '(type web_t) (roletype r web_t) (typeattributeset domain (web_t)) (allow web_t page_t (file (write)))\n' +
  '(filecon "/srv/web" file (u object_r page_t (systemlow systemlow)))\n'
const put = (name: string, text: string): void => {
  mkdirSync(join(cwd, name, '..'), { recursive: true })
  writeFileSync(join(cwd, name), text)
}
put('base.cil', base)
put('web.cil', web)
put('bad.cil', '(allow web_t page_t (file (write)))\n')
put('gone.cil', `${web}(typeattributeset lost (web_t))\n`)
put('semanage/active/modules/100/base/cil', base)
put('semanage/active/modules/100/base/lang_ext', 'cil')
const run = (...args: string[]) => lsm(['selinux', ...args], { cwd })
await run('compile', 'base.cil', '-o', 'policy.33', '-f', 'file_contexts', '--policy-version', '33')
const rules = async (policy: string) =>
  (await run('query', policy, '-k', 'allow')).stdout.split('\n').filter(Boolean).sort()
const both = ['allow domain page_t:file read;', 'allow web_t page_t:file write;']

describe('onto a binary policy', () => {
  test('the rules of both, and the file contexts of both', async () => {
    const made = await run('module', 'add', 'policy.33', 'web.cil', '-o', 'policy.new', '-f', 'fc', '--base-contexts',
      'file_contexts')
    expect(made).toMatchObject({ code: 0, stdout: '' })
    expect(made.stderr).toMatch(/^policy\.new: version 33, \d+ bytes; 3 types, 1 attributes, 2 allow rules\n$/)
    expect(await rules('policy.new')).toEqual(both)
    const contexts = readFileSync(join(cwd, 'fc'), 'utf8')
    expect(contexts).toBe('/srv(/.*)?\tu:object_r:page_t\n/srv/web\t--\tu:object_r:page_t\n')
  })

  test('file contexts that are none', async () => {
    put('none', '/srv u:object_r:page_t\n/opt page_t\n')
    const made = await run('module', 'add', 'policy.33', 'web.cil', '-o', 'policy.no', '--base-contexts', 'none')
    expect(made).toMatchObject({ code: 3, stdout: '' })
    expect(made.stderr).toContain('`page_t` in line 2 of the file contexts is not a context')
    expect(readdirSync(cwd)).not.toContain('policy.no')
  })

  test('local changes are made once the modules are in', async () => {
    put('flag.cil', '(boolean flag false) (booleanif flag (true (allow init_t page_t (file (write)))))\n')
    put('changes', 'boolean -m -1 flag\nfcontext -a -f a -t page_t \'/opt\'\n')
    const made = await run('module', 'add', 'policy.33', 'flag.cil', '--local', 'changes', '-o', 'policy.flag', '-f',
      'fc.flag')
    expect(made.code).toBe(0)
    expect((await run('info', 'policy.flag', '-l', 'booleans', '-x')).stdout).toContain('flag true')
    expect(readFileSync(join(cwd, 'fc.flag.local'), 'utf8')).toContain('/opt')
    const store = await run('module', 'add', 'semanage', 'flag.cil', '--local', 'changes', '-o', 'x')
    expect(store).toMatchObject({ code: 2 })
  })

  test('a file is no place for a store, and stays', async () => {
    put('letter', 'text')
    expect(await run('module', 'add', 'semanage', 'web.cil', '-o', 'letter')).toMatchObject(
      { code: 2, stderr: expect.stringContaining('`letter` is not a folder') })
    expect(readFileSync(join(cwd, 'letter'), 'utf8')).toBe('text')
  })

  test('what does not fit has a place; what is not in the binary is listed, and refused when it has to be exact',
    async () => {
      const bad = await run('module', 'add', 'policy.33', 'bad.cil', '-o', 'policy.bad')
      expect(bad).toMatchObject({ code: 3, stdout: '' })
      expect(bad.stderr).toContain('[unresolved] bad.cil:1:8: there is no type `web_t`')
      const gone = await run('module', 'add', 'policy.33', 'gone.cil', '-o', 'policy.gone', '--exact')
      expect(gone.code).toBe(1)
      expect(gone.stderr).toContain('attribute lost (gone.cil:3): the policy has no rule for it and lists no type')
      expect((await run('module', 'add', 'policy.33', 'gone.cil', '-o', 'p', '--exact', '-a', 'lost')).code).toBe(0)
      expect(readdirSync(cwd)).not.toContain('policy.gone')
      expect((await run('module', 'add', 'policy.33', 'web.cil', '--priority', '100')).stderr)
        .toContain('`--priority` has no effect on a binary policy')
    })

  test('a .te file, with the labels beside it', async () => {
    put('mail.te', 'module mail 1.0;\nrequire { attribute domain; type page_t; class file write; role r; }\n' +
      'type mail_t, domain;\nrole r types mail_t;\nallow mail_t page_t:file write;\n')
    put('mail.fc', '/srv/mail -- u:object_r:page_t\n')
    const made = await run('module', 'add', 'policy.33', 'mail.te', '-o', 'policy.te', '-f', 'fc.te')
    expect(made).toMatchObject({ code: 0, stdout: '' })
    expect(await rules('policy.te')).toEqual(['allow domain page_t:file read;', 'allow mail_t page_t:file write;'])
    expect(readFileSync(join(cwd, 'fc.te'), 'utf8')).toBe('/srv/mail\t--\tu:object_r:page_t\n')
    put('wrong.te', 'module wrong 1.0;\nrequire { type page_t; class file read; }\nallow nobody_t page_t:file read;\n')
    const wrong = await run('module', 'add', 'policy.33', 'wrong.te')
    expect(wrong.code).toBe(3)
    expect(wrong.stderr).toContain('wrong.te:3:')
  })

  test('a binary policy is printed as CIL', async () => {
    const { stdout } = await run('module', 'policy.33')
    expect(stdout).toContain('(allow domain page_t (file (read)))')
    expect((await run('module', 'web.cil')).code).toBe(3)
    expect((await run('module')).code).toBe(2)
  })
})

describe('stores', () => {
  const listed = async (store: string) => (await run('module', 'list', store)).stdout.trim().split('\n')

  test('one of libsemanage is read, and a changed one is ours', async () => {
    expect(await listed('semanage')).toEqual(['100 base cil'])
    expect((await run('module', 'add', 'semanage', 'web.cil')).stderr).toContain('a store of libsemanage')
    const made = await run('module', 'add', 'semanage', 'web.cil', '-o', 'store', '-p', 'policy.store')
    expect(made).toMatchObject({ code: 0, stdout: '' })
    expect(await listed('store')).toEqual(['100 base cil', '400 web cil'])
    expect(await listed('semanage')).toEqual(['100 base cil'])
    expect(await rules('policy.store')).toEqual(both)
  })

  test('one of ours begins as an empty folder, and a mistake in a module has its lines', async () => {
    mkdirSync(join(cwd, 'fresh'))
    const failed = await run('module', 'add', 'fresh', 'bad.cil')
    expect(failed).toMatchObject({ code: 3, stdout: '' })
    expect(failed.stderr).toMatch(/^error: \[\S+\] bad\.cil:1:8: .*\n {2}\(allow web_t/)
    expect(readdirSync(join(cwd, 'fresh'))).toEqual([])
    expect(await run('module', 'add', 'fresh', 'base.cil', 'web.cil', '-p', 'policy.fresh')).toMatchObject({ code: 0 })
    expect((await run('module', 'list', 'fresh')).stdout).toBe('400 base cil\n400 web cil\n')
    expect(await rules('policy.fresh')).toEqual(both)
  })

  test('ours is changed in place, or not at all', async () => {
    expect((await run('module', 'add', 'store', 'web.cil', '--priority', '500')).code).toBe(0)
    expect(await listed('store')).toEqual(['100 base cil', '500 web cil', '400 web cil hidden by a higher priority'])
    expect((await run('module', 'disable', 'store', 'web', '-p', 'policy.off')).code).toBe(0)
    expect(await rules('policy.off')).toEqual(['allow domain page_t:file read;'])
    expect((await run('module', 'enable', 'store', 'web')).code).toBe(0)
    expect((await run('module', 'remove', 'store', 'web', '--priority', '500')).code).toBe(0)
    const before = await listed('store')
    expect((await run('module', 'remove', 'store', 'base')).code).toBe(3)
    expect((await run('module', 'add', 'store', 'bad.cil', '-o', 'other', '--priority', '0')).code).toBe(2)
    expect((await run('module', 'remove', 'store', 'wep')).stderr).toContain('did you mean `web`?')
    expect(await listed('store')).toEqual(before)
    expect(readdirSync(cwd).filter((name) => name.startsWith('.'))).toEqual([])
  })

  test('local changes of a store are in its policy, and stay in a changed store', async () => {
    put('changed/active/modules/100/base/cil', `${base}(boolean share false)\n`)
    put('changed/active/booleans.local', 'share=1\n')
    put('changed/active/file_contexts.local', '/opt\tu:object_r:page_t\n')
    put('changed/active/file_contexts.subs', '/web /srv\n')
    put('changed/active/pkeys.local', 'ibpkeycon fe80:: 1 u:object_r:page_t\n')
    const shares = async (policy: string) => (await run('info', policy, '-l', 'booleans', '-n', 'share', '-x')).stdout
    const made = await run('module', 'build', 'changed', '-p', 'policy.local', '-f', 'fc.built')
    expect(made.code).toBe(0)
    expect(made.stderr).toContain('`changed/pkeys.local` is not applied')
    expect(await shares('policy.local')).toContain('share true')
    expect(readFileSync(join(cwd, 'fc.built.local'), 'utf8')).toBe('/opt\tu:object_r:page_t\n')
    expect(readFileSync(join(cwd, 'fc.built.subs'), 'utf8')).toBe('/web /srv\n')
    expect((await run('module', 'add', 'changed', 'web.cil', '-o', 'kept', '-p', 'policy.kept')).code).toBe(0)
    expect((await run('module', 'build', 'kept', '-p', 'policy.again')).code).toBe(0)
    for (const policy of ['policy.kept', 'policy.again']) expect(await shares(policy)).toContain('share true')
    put('kept/booleans.local', 'share=1\nsahre=1\n')
    const wrong = await run('module', 'build', 'kept', '-p', 'policy.wrong')
    expect(wrong).toMatchObject({ code: 3, stderr: expect.stringContaining('kept/booleans.local:2') })
    expect(readdirSync(cwd)).not.toContain('policy.wrong')
  })

  test('a build takes files of local changes away that an earlier one has left, and writes seusers', async () => {
    put('users/active/modules/100/base/cil', `${base}(selinuxuserdefault u (low low)) (selinuxuser bob u (low low))
(userprefix u staff)\n`)
    put('users/active/file_contexts.local', '/opt\tu:object_r:page_t\n')
    put('users/active/seusers.local', 'bob:u\n%team:u\n')
    const build = () => run('module', 'build', 'users', '-p', 'policy.users', '-f', 'fc.users', '--seusers', 'seusers',
      '--users-extra', 'users_extra')
    expect((await build()).code).toBe(0)
    expect(readdirSync(cwd)).toContain('fc.users.local')
    expect(readFileSync(join(cwd, 'seusers'), 'utf8')).toBe('%team:u\nbob:u\n__default__:u\n')
    expect(readFileSync(join(cwd, 'users_extra'), 'utf8')).toBe('user u prefix staff;\n')
    rmSync(join(cwd, 'users/active/file_contexts.local'))
    expect((await build()).code).toBe(0)
    expect(readdirSync(cwd)).not.toContain('fc.users.local')
  })

  test('what is no store, and folders with other files, are left alone', async () => {
    put('other/file', 'mine')
    expect((await run('module', 'list', 'other')).stderr).toContain('not a store of modules')
    expect((await run('module', 'list', 'web.cil')).code).toBe(3)
    expect((await run('module', 'add', 'store', 'web.cil', '-o', 'other')).stderr).toContain('other files in it')
    expect(readdirSync(join(cwd, 'other'))).toEqual(['file'])
  })
})
