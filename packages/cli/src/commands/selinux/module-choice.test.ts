/** `--modules LIST`: folders of modules, and folders with refpolicy's layout. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { lsm } from '../../../test/test-io.ts'

const cwd = mkdtempSync(join(tmpdir(), 'lsm-modules-'))
afterAll(() => rmSync(cwd, { recursive: true }))

const file = (name: string, text: string): void => {
  mkdirSync(dirname(join(cwd, name)), { recursive: true })
  writeFileSync(join(cwd, name), text)
}
const compile = (...args: string[]) => lsm(['selinux', 'compile', ...args], { cwd })

beforeAll(() => {
  file('all/base.cil', `(class file (read)) (classorder (file)) (sensitivity s0) (sensitivityorder (s0))
(category c0) (categoryorder (c0)) (sensitivitycategory s0 (c0)) (type a_t) (role r) (roletype r a_t) (user u)
(userrole u r)
(userlevel u (s0)) (userrange u ((s0) (s0))) (sid kernel) (sidorder (kernel)) (sidcontext kernel (u r a_t ((s0) (s0))))
(allow a_t a_t (file (read)))
`)
  file('all/web.cil', '(type web_t) (roletype r web_t)\n')
  file('all/odd.cil', '(allow a_t gone_t (file (read)))\n')
  for (const name of ['init', 'web', 'mail']) {
    const head = name === 'init' ? '' : `module ${name} 1.0;\nrequire { type init_t; }\n`
    file(`tree/policy/modules/system/${name}.te`, `${head}type ${name}_t;\n`)
  }
  file('tree/policy/support/none.spt', '')
  file('tree/policy/flask/security_classes', 'class file\n')
  file('tree/policy/flask/access_vectors', 'class file { read }\n')
  file('tree/policy/modules.conf', 'init = base\nweb = module\nmail = module\n')
})

test.each([
  { list: 'web\n', code: 0, says: '2 types' },
  { list: 'web = module\nodd = off\n', code: 0, says: '2 types' },
  { list: 'base = off\n', code: 3, says: 'a policy has at least one initial sid' },
  { list: 'odd\n', code: 3, says: 'gone_t' },
  { list: 'web\nwobble\nwabble\n', code: 3, says: 'list:2:1: there is no module `wobble`, and none of 1 others' },
  { list: 'wob\n', code: 3, says: 'did you mean `web`?' },
  { list: 'web |\n', code: 3, says: 'list:1:1: this is not a line of a list of modules' },
])('of a folder: $list', async ({ list, code, says }) => {
  file('list', list)
  const answer = await compile('--modules', 'list', 'all')
  expect([answer.code, answer.stdout + answer.stderr]).toEqual([code, expect.stringContaining(says)])
})

test('many optional blocks that are left out are one line, with the reasons', async () => {
  const blocks = (count: number): string => Array.from({ length: count }, (_, i) =>
    `(optional o${i} (allow a_t ${i % 3 === 0 ? 'two_t' : 'one_t'} (file (read))))\n`).join('')
  file('optionals.cil', blocks(21))
  const { code, stderr } = await compile('all/base.cil', 'optionals.cil')
  expect([code, stderr]).toEqual([0, 'warning: 21 optional blocks are left out: no type `one_t` (14), ' +
    'no type `two_t` (7); --json lists them [optional-disabled]\n'])
  expect(JSON.parse((await compile('all/base.cil', 'optionals.cil', '--json')).stdout).warnings).toHaveLength(21)
  file('optionals.cil', blocks(20))
  expect((await compile('all/base.cil', 'optionals.cil')).stderr.split('\n')).toHaveLength(21)
})

test.each([
  { list: 'init = base\nmail = module\n', modules: ['base', 'mail'] },
  { list: 'web\n', modules: ['base', 'web'] },
  { list: '100 init pp\n100 mail pp\n100 web pp disabled\n', modules: ['base', 'mail'] },
])('of a whole policy: $list', async ({ list, modules }) => {
  file('list', list)
  const { stdout, stderr } = await compile('--modules', 'list', 'tree', '--json')
  const { modules: compiled, errors } = JSON.parse(stdout)
  expect({ errors, stderr }).toEqual({ errors: undefined, stderr: '' })
  expect(compiled.map(({ name }: { readonly name: string }) => name)).toEqual(modules)
})

test.each([
  ['all/base.cil'], ['tree/policy/modules/system/web.te'],
])('of %s it is refused', async (name) => {
  const { code, stderr } = await compile('--modules', 'list', name)
  expect([code, stderr]).toEqual([2, expect.stringContaining('`--modules` has no effect')])
})
