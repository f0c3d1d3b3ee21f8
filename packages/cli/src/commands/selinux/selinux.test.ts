import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, test } from 'vitest'
import { diffKinds, nameKinds, roleRuleKinds, teRuleKinds } from '@lsmkit/selinux/query'
import { lsm } from '../../../test/test-io.ts'

const cwd = mkdtempSync(join(tmpdir(), 'lsm-selinux-'))
afterAll(() => rmSync(cwd, { recursive: true }))

const prelude = `(mls false)
(class process (transition dyntransition)) (class file (read write execute entrypoint))
(classorder (process file))
(sid kernel) (sidorder (kernel)) (sidcontext kernel (u r web_t ((s0) (s0))))
(user u) (role r) (userrole u r) (role object_r) (userrole u object_r)
(sensitivity s0) (sensitivityorder (s0)) (category c0) (categoryorder (c0)) (sensitivitycategory s0 (c0))
(level low (s0)) (userlevel u low) (userrange u (low low))
(typeattribute domain) (type web_t) (type web_exec_t) (type page_t) (type secret_t)
(typeattributeset domain (web_t)) (roletype r domain) (roletype object_r web_t)
(boolean read_secrets false)
`
const rules = `(allow domain page_t (file (read)))
(booleanif read_secrets (true (allow web_t secret_t (file (read)))))
(typetransition web_t web_exec_t process web_t)
(constrain (file (write)) (eq u1 u2))
(filecon "/srv(/.*)?" any (u object_r page_t ((s0) (s0))))
(filecon "/srv/keys" file (u object_r secret_t ((s0) (s0))))
(roletype object_r page_t) (roletype object_r secret_t) (roletype object_r web_exec_t)
`
writeFileSync(join(cwd, 'policy.cil'), prelude + rules)
writeFileSync(join(cwd, 'more.cil'), `${prelude}${rules}(allow web_t page_t (file (write)))\n`)
writeFileSync(join(cwd, 'bad.cil'), `${prelude}(alow web_t page_t (file (read)))\n`)
writeFileSync(join(cwd, 'assert.cil'), `${prelude}${rules}(neverallow domain secret_t (file (write)))\n`)
writeFileSync(join(cwd, 'audit.log'), `avc:  denied  { write } for  pid=9 comm="web" name="key" \
scontext=u:r:web_t tcontext=u:object_r:secret_t tclass=file permissive=0
avc:  denied  { read } for  pid=9 comm="web" name="index" scontext=u:r:web_t tcontext=u:object_r:page_t tclass=file
`)

const run = (...args: string[]) => lsm(['selinux', ...args], { cwd })
const json = async (...args: string[]) => JSON.parse((await run(...args, '--json')).stdout)

describe('compile', () => {
  test('writes a policy and file_contexts, which the other commands read', async () => {
    const made = await run('compile', 'policy.cil', '-o', 'policy.34', '-f', 'file_contexts')
    expect(made).toMatchObject({ code: 0, stderr: '' })
    expect(made.stdout).toContain('policy.34: version 34')
    writeFileSync(join(cwd, 'policy.gz'), gzipSync(readFileSync(join(cwd, 'policy.34'))))
    for (const name of ['policy.34', 'policy.gz', 'policy.cil']) {
      expect(await json('info', name)).toMatchObject({ version: 34, mls: false, counts: { Types: 4, Allow: 2 } })
    }
    const { stdout } = await run('file-context', 'file_contexts', '/srv/x', '/srv/keys', '--type', 'file')
    expect(stdout).toBe('/srv/x\tu:object_r:page_t\n/srv/keys\tu:object_r:secret_t\n')
    expect((await run('file-context', 'file_contexts', '/else')).code).toBe(1)
  })

  test('a module is with MLS unless it is asked for without', async () => {
    writeFileSync(join(cwd, 'bare.te'),
      'module bare 1.0;\nrequire { class process fork; }\ntype bare_t;\nallow bare_t self:process fork;\n')
    for (const [flags, config] of [[[], 1], [['--mls'], 1], [['--no-mls'], 0]] as const) {
      expect(await run('compile', 'bare.te', ...flags, '-o', 'bare.pp')).toMatchObject({ code: 0, stderr: '' })
      const bytes = readFileSync(join(cwd, 'bare.pp'))
      // Behind the name of the format are the type, the version, and the config, whose bit 0 is MLS.
      expect(bytes.readUInt32LE(bytes.indexOf('SE Linux Module') + 23), flags.join('')).toBe(config)
    }
  })

  test('a policy.conf is a whole policy, a base module, or CIL', async () => {
    const conf = (rule: string) => `class file\nsid kernel\nclass file { read write }\ntype a_t;\ntype b_t;\nrole r;
role r types a_t;\nallow a_t b_t:file read;\nneverallow a_t { b_t -self }:file write;\n${rule}user u roles r;
sid kernel u:r:a_t\n`
    writeFileSync(join(cwd, 'policy.conf'), conf(''))
    writeFileSync(join(cwd, 'wrong.conf'), conf('allow a_t b_t:file write;\n'))
    writeFileSync(join(cwd, 'module.conf'), 'module own 1.0;\nrequire { class file read; }\ntype own_t;\n')
    for (const output of ['conf.33', 'conf.pp', 'conf.cil']) {
      expect(await run('compile', 'policy.conf', '-o', output)).toMatchObject({ code: 0, stderr: '' })
    }
    expect(await run('query', 'conf.33')).toMatchObject({ code: 0, stdout: 'allow a_t b_t:file read;\n' })
    expect(await run('compile', 'conf.pp', '-o', 'conf2.33')).toMatchObject({ code: 0 })
    const cases: [args: string[], code: number, says: string][] = [
      [['wrong.conf'], 3, 'neverallow'], [['wrong.conf', '-N', '-o', 'conf3.33'], 0, ''],
      [['module.conf'], 3, 'name it NAME.te'], [['policy.conf', 'wrong.conf'], 2, 'name `policy.conf` alone'],
      [['policy.conf', 'policy.cil'], 3, 'alone'], [['policy.conf', '-N', '-o', 'conf.pp'], 2, 'no effect'],
    ]
    for (const [args, code, says] of cases) {
      expect(await run('compile', ...args)).toMatchObject({ code, stderr: expect.stringContaining(says) })
    }
  })

  test('tells where the mistake is, and what was meant', async () => {
    expect(await run('compile', 'bad.cil')).toEqual({
      code: 3,
      stdout: '',
      stderr: `error [unknown-keyword]: bad.cil:11:2: \`alow\` is not a statement
  (alow web_t page_t (file (read)))
   ^
  did you mean \`allow\`?
`,
    })
    expect(await json('compile', 'bad.cil'))
      .toMatchObject({ schema: 1, valid: false, errors: [{ code: 'unknown-keyword' }] })
    expect(await run('compile', 'gone.cil'))
      .toMatchObject({ code: 3, stderr: 'error: `gone.cil` cannot be read: ENOENT\n(no such file)\n' })
    expect((await run('compile', 'policy.cil', '--dialect', '4')).code).toBe(2)
  })
})

describe('sources', () => {
  writeFileSync(join(cwd, 'own.if'),
    'interface(`own_read\',`\n  gen_require(`type own_t;\')\n  allow $1 own_t:file nothing;\n\')\n')
  writeFileSync(join(cwd, 'own.te'), 'policy_module(own, 1.0)\ntype own_t;\nallow own_t self:file { read open };\n')
  writeFileSync(join(cwd, 'own.fc'), '/srv/own -- gen_context(u:object_r:own_t,s0)\n')
  writeFileSync(join(cwd, 'wrong.te'), 'policy_module(wrong, 1.0)\ntype wrong_t;\nown_read(wrong_t)\n')

  test('a module with its file contexts becomes CIL', async () => {
    const made = await run('compile', 'own.te', '-o', 'own.cil')
    expect(made).toMatchObject({ code: 0, stdout: 'own 1.0: 1 types, 1 rules, 0 optional blocks\n' })
    const text = readFileSync(join(cwd, 'own.cil'), 'utf8')
    expect(text).toContain('(allow own_t self (file (read open)))')
    expect(text).toContain('(filecon "/srv/own" file (u object_r own_t (systemlow systemlow)))')
  })

  test('a mistake in an interface names the line of the source first', async () => {
    const { code, stderr } = await run('compile', 'wrong.te', '--interfaces', '.')
    expect(code).toBe(3)
    expect(stderr).toMatch(/^error \[unresolved\]: wrong\.te:3:1: class `file` has no permission `nothing`/)
    expect(stderr).toContain('own.if:3:')
    expect((await json('compile', 'wrong.te', '--interfaces', '.')).errors[0].chain).toHaveLength(1)
  })

  test('expand prints statements under the call that they are from', async () => {
    const { stdout } = await run('expand', 'own.te')
    expect(stdout).toContain('# own.te:1: policy_module\nmodule own 1.0;\n')
    expect(stdout).toContain('allow own_t self:file { read open };\n')
    expect((await run('expand', 'wrong.te')).code).toBe(3)
  })

  test('lint finds what selint does, in every form', async () => {
    const text = 'policy_module(faulty, 1.0)\ntype a_t;\nallow a_t a_t:file { read getattr };\n'
    writeFileSync(join(cwd, 'faulty.te'), text)
    expect(await run('lint', 'faulty.te')).toEqual({
      code: 1, stderr: '2 found: 1 C-005, 1 C-007\n',
      stdout: 'faulty.te:3:1: `read` stands before `getattr` [C-005]\nfaulty.te:3:1: `self` says `a_t` [C-007]\n',
    })
    expect(await run('lint', 'faulty.te', '-d', 'C-005,C-007'))
      .toEqual({ code: 0, stdout: '', stderr: 'nothing found\n' })
    expect((await json('lint', 'faulty.te', '-E', '-e', 'C-007')).findings).toHaveLength(1)
    const { stdout } = await run('lint', 'faulty.te', '--reporter', 'sarif')
    expect(JSON.parse(stdout).runs[0].results.map((one: { ruleId: string }) => one.ruleId))
      .toEqual(['selint/C-005', 'selint/C-007'])
    writeFileSync(join(cwd, 'lint.conf'), 'severity = "style"\n')
    expect((await run('lint', 'faulty.te', '--config', 'lint.conf')).code).toBe(0)
    expect((await run('lint', '.', '-E', '-e', 'C-007')).stdout).toContain('faulty.te:3:1')
    expect((await run('lint', '--list')).stdout).toMatch(/^X-001 {2}off/)
  })

  test('fmt prints, checks, and writes whole files', async () => {
    writeFileSync(join(cwd, 'loose.te'), 'policy_module(loose, 1.0)\ntype  a_t;\n', { mode: 0o640 })
    writeFileSync(join(cwd, 'broken.te'), 'allow a_t\n')
    expect(await run('fmt', 'loose.te'))
      .toEqual({ code: 0, stderr: '', stdout: 'policy_module(loose, 1.0)\ntype a_t;\n' })
    expect(await run('fmt', '--check', 'loose.te', 'wrong.te'))
      .toEqual({ code: 1, stdout: 'loose.te\n', stderr: '1 of 2 are not in their form\n' })
    expect((await run('fmt', '--write', 'loose.te', 'broken.te')).code).toBe(3)
    expect(readFileSync(join(cwd, 'loose.te'), 'utf8')).toContain('type  a_t')
    expect((await run('fmt', '--write', 'loose.te')).code).toBe(0)
    expect(readFileSync(join(cwd, 'loose.te'), 'utf8')).toContain('type a_t')
    expect((await run('fmt', '--check', 'loose.te')).code).toBe(0)
    expect((await run('fmt', '--check', '--write', 'loose.te')).code).toBe(2)
    expect((await run('fmt', 'loose.te', 'own.te')).code).toBe(2)
  })

  test.each([
    [['lint', 'faulty.te', '-e', 'C-05'], 2, 'did you mean `C-005`'],
    [['lint'], 2, 'no source is named'], [['lint', 'gone.te'], 3, 'cannot be read'],
    [['lint', 'own.cil'], 3, 'not a policy source'],
    [['lint', 'own.te', '--config', 'own.fc'], 3, 'not a setting'],
    [['compile', '--devel', 'own.te'], 2, 'sources stand before --devel'],
    [['expand', '--devel', 'own.te'], 2, 'sources stand before --devel'],
  ])('%j ends with %i', async (args, code, text) => {
    const ended = await run(...args)
    expect(ended.code).toBe(code)
    expect(ended.stderr).toContain(text)
  })

  test('interfaces lists them, and shows one with its documentation', async () => {
    writeFileSync(join(cwd, 'shop.if'), `## <summary>Read it.</summary>
## <desc><p>All.</p></desc>
## <param name="domain"><summary>Who reads.</summary></param>
interface(\`shop_read',\`allow $1 $2:file read;')
interface(\`shop_write',\`')
`)
    expect(await run('interfaces', 'shop.if', 'read')).toEqual({
      code: 0, stderr: '',
      stdout: `interface shop_read(domain, $2)
  shop.if:4
  Read it.
  All.
  $1 domain  Who reads.
  $2 $2
`,
    })
    expect((await run('interfaces', '.', 'shop')).stdout)
      .toBe('shop.if:4: interface shop_read(domain, $2): Read it.\nshop.if:5: interface shop_write()\n')
    expect(await json('interfaces', 'shop.if', 'reads'))
      .toMatchObject({ interfaces: [{ name: 'shop_read', file: 'shop.if', line: 4, description: 'All.' }] })
    expect(await run('interfaces', 'shop.if', 'shop_wrote'))
      .toEqual({ code: 1, stdout: '', stderr: 'there is no interface for `shop_wrote`: did you mean `shop_write`?\n' })
    expect(await run('interfaces', '--devel', 'read'))
      .toMatchObject({ code: 3, stderr: 'error: `read` is not a folder\n(words stand before --devel)\n' })
    expect((await run('interfaces', 'shop.if', '--devel')).code).toBe(2)
    expect((await run('interfaces', 'gone.if')).code).toBe(3)
  })
})

describe('rules', () => {
  test('query finds them by type, attribute, class and boolean', async () => {
    const all = await run('query', 'policy.cil', '-s', 'web_t', '-c', 'file')
    expect(all.stdout).toBe(`allow domain page_t:file read;
allow web_t secret_t:file read; [ read_secrets ]:True
`)
    const { rules: found } = await json('query', 'policy.cil', '-b', 'read_secrets')
    expect(found).toMatchObject([{ kind: 'allow', target: 'secret_t', conditional: { branch: true } }])
    expect(await run('query', 'policy.cil', '-s', 'wep_t')).toEqual({
      code: 2, stdout: '', stderr: 'error: the policy has no type or attribute `wep_t`\n(did you mean `web_t`?)\n',
    })
    // a mistake in a source has its lines, whatever the command wanted the policy for
    expect(await run('query', 'bad.cil', '-s', 'web_t')).toEqual({
      code: 3, stdout: '',
      stderr: `error: bad.cil:11:2: \`alow\` is not a statement
  (alow web_t page_t (file (read)))
   ^
  did you mean \`allow\`?
`,
    })
    expect(await run('query', 'policy.cil', '-k', 'alow')).toMatchObject({ code: 2 })
    expect((await run('query', 'policy.cil', '-s', '/^web/', '--direct-source')).stdout).toBe(
      'allow web_t secret_t:file read; [ read_secrets ]:True\ntype_transition web_t web_exec_t:process web_t;\n')
    const both = await run('query', 'policy.cil', '-k', 'allow,role_allow', '-p', 'read,write', '--all-perms')
    expect(both).toMatchObject({ code: 0, stdout: '' })
    expect(await run('query', 'policy.cil', '-p', 'raed')).toMatchObject({ code: 2 })
    expect(await run('query', 'policy.cil', '-x', '9-5')).toMatchObject({ code: 2 })
    expect(await run('query', 'policy.cil', '-s', '/[/')).toMatchObject({ code: 2 })
  })

  test('info lists names and statements', async () => {
    const info = async (...args: string[]) => (await run('info', 'policy.cil', ...args)).stdout
    expect(await info('--list', 'booleans')).toBe('read_secrets off\n')
    expect(await info('-l', 'booleans', '-x')).toBe('bool read_secrets false;\n')
    expect(await info('-l', 'types', '-n', 'web_t')).toBe('type web_t, domain;\n')
    // Statements that setools prints over several lines are one line each.
    expect(await info('-l', 'classes', '-x', '-n', 'process')).toBe('class process { dyntransition transition }\n')
    expect(await info('-l', 'attributes', '-x')).toBe('attribute domain; web_t\n')
    expect(await json('info', 'policy.cil', '-l', 'constrain')).toMatchObject(
      { constrain: ['constrain file write (u1 == u2);'] })
    expect(await run('info', 'policy.cil', '-n', 'web_t')).toMatchObject({ code: 2 })
    expect(await run('info', 'policy.cil', '-l', 'type')).toMatchObject({ code: 2 })
  })

  test('allow ends with the verdict', async () => {
    expect(await run('allow', 'policy.cil', 'web_t', 'page_t', 'file', 'read')).toMatchObject({
      code: 0, stdout: 'allowed\n  allow domain page_t:file read;\n',
    })
    const asked = ['allow', 'policy.cil', 'web_t', 'secret_t', 'file', 'read']
    expect(await run(...asked)).toMatchObject({ code: 1 })
    expect(await run(...asked, '--set', 'read_secrets=on')).toMatchObject({ code: 0 })
    expect(await run(...asked, '--set', 'read_secret=on')).toMatchObject({ code: 2 })
  })

  test('diff ends with 1 when there is a difference', async () => {
    expect(await run('diff', 'policy.cil', 'policy.cil')).toMatchObject({ code: 0, stdout: 'no difference\n' })
    const differing = await run('diff', 'policy.cil', 'more.cil')
    expect(differing.code).toBe(1)
    expect(differing.stdout.split('\n')).toEqual(
      ['Allow Rules (0 added, 0 removed, 1 modified)', '  * allow web_t page_t:file { read +write };', ''])
    const asked = await run('diff', 'policy.cil', 'more.cil', '-k', 'types', '-k', 'portcon', '--stats')
    expect(asked).toMatchObject({ code: 0, stdout:
      'Types (0 added, 0 removed, 0 modified)\nPortcons (0 added, 0 removed, 0 modified)\nno difference\n' })
    expect(await run('diff', 'policy.cil', 'more.cil', '-k', 'type')).toMatchObject({ code: 2 })
  })

  test('diff as JSON', async () => {
    const { same, diff } = await json('diff', 'policy.cil', 'more.cil')
    expect(same).toBe(false)
    expect(diff.allow).toMatchObject({ added: [], removed: [], modified: [{
      item: { source: 'web_t', target: 'page_t', text: 'allow web_t page_t:file read;' },
      changes: { permissions: { added: ['write'], removed: [] } },
    }] })
    expect(diff.types).toEqual({ added: [], removed: [], modified: [] })
    expect((await json('diff', 'policy.cil', 'more.cil', '--stats')).diff.allow)
      .toEqual({ added: 0, removed: 0, modified: 1 })
  })
})

describe('contexts', () => {
  test('access tells why', async () => {
    const asked = ['access', 'policy.cil', 'u:r:web_t', 'u:object_r:secret_t', 'file']
    expect(await run(...asked, 'read', 'write')).toMatchObject({
      code: 1,
      stdout: `read: denied: a boolean keeps the rule from being in force
  allow web_t secret_t:file read; [ read_secrets ]:True
  to allow it, set read_secrets=on
write: denied: no rule allows it
`,
    })
    expect(await run(...asked, 'read', '--set', 'read_secrets=on')).toMatchObject({ code: 0 })
    expect(await run(...asked)).toMatchObject({ code: 1, stdout: 'nothing\n' })
  })

  test('context names what is wrong, transition gives the new one', async () => {
    expect(await run('context', 'policy.cil', 'u:r:web_t')).toMatchObject({ code: 0, stdout: 'valid: u:r:web_t\n' })
    expect(await run('context', 'policy.cil', 'u:r:page_t')).toMatchObject({
      code: 1, stdout: 'not valid\n  role `r` may not have type `page_t`\n',
    })
    expect((await json('context', 'policy.cil', 'w:r')).problems).toHaveLength(1)
    const moved = await run('transition', 'policy.cil', 'u:r:web_t', 'u:object_r:web_exec_t', 'process')
    expect(moved).toMatchObject({ code: 0, stdout: 'u:r:web_t\n' })
    expect(await run('transition', 'policy.cil', 'u:r:wep_t', 'u:r:web_t', 'process')).toMatchObject({ code: 2 })
  })
})

test('learn writes rules, leaves out what is allowed, and tells which assertion forbids them', async () => {
  expect(await run('learn', 'audit.log', '-p', 'policy.cil')).toMatchObject({
    code: 0, stdout: '; 1 denial of web: key\n(allow web_t secret_t (file (write)))\n',
    stderr: '2 denials, 1 rules; 1 allowed already\n',
  })
  const forbidden = await run('learn', 'audit.log', '-s', 'assert.cil')
  expect(forbidden.code).toBe(1)
  expect(forbidden.stderr).toContain('allowed by `(allow web_t secret_t (file (write)))`')
})

const LABELS = '/srv(/.*)? u:object_r:page_t\n'
const LABEL_FIRST = 'label first: restorecon -v /srv/key: it is secret_t, file_contexts gives page_t; then '
mkdirSync(join(cwd, 'etc', 'policy'), { recursive: true })
mkdirSync(join(cwd, 'etc', 'contexts', 'files'), { recursive: true })
writeFileSync(join(cwd, 'etc', 'contexts', 'files', 'file_contexts'), LABELS)
writeFileSync(join(cwd, 'labels'), LABELS)
writeFileSync(join(cwd, 'srv.log'), 'avc:  denied  { read } for  pid=9 comm="web" path="/srv/key" ' +
  'scontext=u:r:web_t tcontext=u:object_r:secret_t tclass=file permissive=0\n')

test.each([
  ['labels alone', ['-f', 'labels'], `; ${LABEL_FIRST}try again`, []],
  ['with a policy', ['-f', 'labels', '-p', 'policy.cil'], `; ${LABEL_FIRST}no rule is needed`, []],
  ['in a module', ['-f', 'labels', '--te', 'local'], `# ${LABEL_FIRST}try again`, []],
  ['of the installed policy', ['-p', 'etc/policy/policy.33'], `; ${LABEL_FIRST}no rule is needed`,
    ['labels of `etc/contexts/files/file_contexts`']],
  ['of a policy elsewhere', ['-p', 'policy.cil'], '; 1 denial of web: /srv/key', []],
])('learn has the wrong label before any rule: %s', async (_why, options, first, notes) => {
  await run('compile', 'policy.cil', '-o', 'etc/policy/policy.33')
  const { stdout, stderr } = await run('learn', 'srv.log', ...options)
  expect(stdout.split('\n')[0]).toBe(first)
  expect(stderr.split('\n').slice(0, -2)).toEqual(notes)
})

test('replay, within and container take local changes of the policy', async () => {
  writeFileSync(join(cwd, 'local.changes'), 'boolean -m -1 read_secrets\n')
  writeFileSync(join(cwd, 'wrong.changes'), 'boolean -m -1 no_such\n')
  writeFileSync(join(cwd, 'replay.log'), 'avc:  denied  { read } for  pid=9 comm="web" ' +
    'scontext=u:r:web_t tcontext=u:object_r:secret_t tclass=file permissive=0\n')
  writeFileSync(join(cwd, 'inspect.json'), '[{ "Name": "/web", "Config": {}, "HostConfig": {}, "Mounts": [] }]')
  const cases: [args: string[], without: number, changed: number][] = [
    [['replay', 'replay.log', '--policy', 'policy.cil'], 0, 1],
    [['policy', 'within', 'policy.cil', '--max', 'policy.cil'], 0, 0],
  ]
  for (const [args, without, changed] of cases) {
    expect((await lsm(args, { cwd })).code).toBe(without)
    expect((await lsm([...args, '--local', 'local.changes'], { cwd })).code).toBe(changed)
    expect((await lsm([...args, '--local', 'wrong.changes'], { cwd })).stderr).toContain('no_such')
  }
  const container = await run('container', 'inspect.json', '-p', 'policy.cil', '--local', 'wrong.changes')
  expect(container).toMatchObject({ code: 3, stderr: expect.stringContaining('no_such') })
})

test('learn calls the interface that allows the least besides, and prints why each record is refused', async () => {
  writeFileSync(join(cwd, 'key.log'), 'avc:  denied  { read } for  pid=9 comm="web" name="key" ' +
    'scontext=u:r:web_t tcontext=u:object_r:secret_t tclass=file permissive=0\n')
  mkdirSync(join(cwd, 'interfaces'), { recursive: true })
  writeFileSync(join(cwd, 'interfaces', 'keys.if'), ['read', 'read write'].map((permissions) =>
    `interface(\`keys_${permissions.replace(' ', '_')}',\`
  gen_require(\` type secret_t; ')
  allow $1 secret_t:file { ${permissions} };
')\n`).join(''))
  const called = await run('learn', 'key.log', '-p', 'policy.cil', '--interfaces', 'interfaces', '--te', 'web')
  expect(called).toMatchObject({ code: 0, stderr: '1 denials, 1 calls, 0 rules\n' })
  expect(called.stdout).toContain("type web_t;\n')\n\n# or: keys_read_write(web_t) (1)\nkeys_read(web_t)\n")
  expect(await run('learn', 'key.log', '--interfaces', 'interfaces')).toMatchObject({ code: 2 })
  expect(await run('learn', 'key.log', '-p', 'policy.cil', '--why')).toMatchObject({
    code: 0, stderr: '',
    stdout: 'key.log:1: u:r:web_t u:object_r:secret_t file read: read: a boolean is off (read_secrets=on)\n',
  })
})

test.each([
  ['info', nameKinds], ['query', [...teRuleKinds, ...roleRuleKinds]], ['diff', diffKinds],
])('help of %s lists its kinds', async (command, kinds) => {
  const { stdout } = await run(command, '--help')
  const [, listed = ''] = /Kinds:\n([^]*?)\n\n/.exec(stdout) ?? []
  expect(listed.split(/,\s+/).map((kind) => kind.trim()).sort()).toEqual([...kinds].sort())
})

test('what is not a policy is told by its name, and what it quotes cannot act on a terminal', async () => {
  writeFileSync(join(cwd, 'garbage'), '\u001B[31mgarbage')
  writeFileSync(join(cwd, 'escape.cil'), `${prelude}(allow "\u001B[2J\u0007" page_t (file (read)))\n`)
  for (const args of [['info', 'garbage'], ['diff', 'policy.cil', 'garbage']]) {
    const { code, stderr } = await run(...args)
    expect(code).toBe(3)
    expect(stderr).toBe('error: `garbage`: magic 0x31335b1b, at offset 0\n(no kernel policy begins like that)\n')
  }
  const { stderr } = await run('compile', 'escape.cil')
  expect(stderr).toContain('\\x1b[2J\\x07')
  expect(stderr).not.toContain('\u001B')
  expect((await run('info', 'no\u001Bfile')).stderr).toContain('`no\\x1bfile` cannot be read')
})

test('compile --reporter: mistakes with their places, and a test that passed', async () => {
  const { code, stdout } = await run('compile', 'bad.cil', '--reporter', 'github')
  expect(code).toBe(3)
  expect(stdout).toContain('::error file=bad.cil,line=11,col=2,title=cil/unknown-keyword::')
  expect((await run('compile', 'policy.cil', '--reporter', 'junit')).stdout).toContain('tests="1" failures="0"')
})

test('compile tells what a file is that is no CIL', async () => {
  const gz = gzipSync(readFileSync(join(cwd, 'policy.34')))
  for (const [name, bytes, what] of [
    ['binary.cil', readFileSync(join(cwd, 'policy.34')), 'a compiled policy'], ['gz.cil', gz, 'a compiled policy'],
    ['xz.cil', Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]), 'compressed by xz'],
  ] as const) {
    writeFileSync(join(cwd, name), bytes)
    expect(await run('compile', name)).toMatchObject({
      code: 3, stderr: expect.stringContaining(`\`${name}\` is no CIL: it is ${what}`),
    })
  }
})

test('a policy that is packed otherwise is told how', async () => {
  writeFileSync(join(cwd, 'policy.xz'), Uint8Array.of(0xfd, 0x37, 0x7a, 0x58, 0x5a, 0, 1))
  expect(await run('info', 'policy.xz'))
    .toMatchObject({ code: 3, stderr: 'error: `policy.xz` is compressed by xz\n(unxz it first)\n' })
})

test('a line that is no file context is told with its file, and not with all that it has', async () => {
  writeFileSync(join(cwd, 'long_contexts'), `${'a'.repeat(5000)}\n`)
  const { code, stderr } = await run('file-context', 'long_contexts', '/')
  expect(code).toBe(3)
  expect(stderr).toMatch(/^error: long_contexts line 1: `a{200}…` has no context\n/)
})

test('file-context takes a path from where it was typed', async () => {
  writeFileSync(join(cwd, 'here_contexts'), `${cwd}/keys  u:object_r:secret_t\n`)
  expect(await run('file-context', 'here_contexts', 'keys', './keys')).toMatchObject({
    code: 0, stdout: 'keys\tu:object_r:secret_t\n./keys\tu:object_r:secret_t\n',
  })
})

describe('explain and classes', () => {
  const explain = (...args: string[]) => run('explain', ...args, '--policy', 'policy.cil')

  test('a rule by its attribute, and what would do otherwise', async () => {
    expect(await explain('web_t', 'page_t', 'file', 'read')).toEqual({ code: 0, stderr: '', stdout:
      'u:r:web_t u:object_r:page_t file read: allowed\n  allow domain page_t:file read;  (the source is in domain)\n' })
    const { code, stdout } = await explain('web_t', 'page_t', 'file', 'execute')
    expect(code).toBe(1)
    expect(stdout).toContain('because no rule allows it')
    expect(stdout).toContain('    (allow web_t page_t (file (execute)))')
  })

  test('a boolean, a constraint that holds, and JSON', async () => {
    expect((await explain('web_t', 'secret_t', 'file', 'read')).stdout).toContain('    set read_secrets=on\n')
    expect((await explain('web_t', 'secret_t', 'file', 'read', '--set', 'read_secrets=on')).code).toBe(0)
    expect((await explain('web_t', 'page_t', 'file', 'write')).stdout).toContain('  holds: constrain (u1 == u2)')
    expect(JSON.parse((await explain('web_t', 'page_t', 'file', 'read', '--json')).stdout))
      .toMatchObject({ allowed: true, rules: [{ sourceAttribute: 'domain', targetAttribute: null, inForce: true }] })
    expect((await explain('web_t', 'domain', 'file', 'read')).code).toBe(2)
    expect((await explain('wep_t', 'page_t', 'file', 'read')).stderr).toContain('did you mean `web_t`')
  })

  test('classes of the kernel, which compile', async () => {
    writeFileSync(join(cwd, 'classes.cil'), (await run('classes', '--cil')).stdout)
    expect((await run('classes')).stdout).toContain('\nfd: use\n')
    writeFileSync(join(cwd, 'start.cil'), `${prelude.replace(/\(class .*\n\(classorder .*\n/, '')}(allow web_t page_t (fd (use)))`)
    expect((await run('compile', 'classes.cil', 'start.cil')).code).toBe(0)
  })
})

test('policy modules, packed too, are taken as CIL, and their source is the same module', async () => {
  const folder = new URL('../../../../selinux/cases/module/', import.meta.url).pathname
  const plain = await run('module', `${folder}small.pp`)
  expect(plain.code).toBe(0)
  expect(plain.stdout).toContain('(typeattributeset editor (vi_t))')
  expect(await run('module', `${folder}small.pp.bz2`)).toEqual(plain)
  expect(await run('module', 'policy.cil')).toMatchObject({ code: 3 })
  expect(await run('compile', `${folder}small.te`, '-o', 'small.cil')).toMatchObject({ code: 0 })
  const lines = (text: string): string[] => text.split('\n').sort()
  expect(lines(readFileSync(join(cwd, 'small.cil'), 'utf8'))).toEqual(lines(plain.stdout))
})
