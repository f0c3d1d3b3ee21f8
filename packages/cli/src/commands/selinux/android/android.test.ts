import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { lsm } from '../../../../test/test-io.ts'

const cwd = mkdtempSync(join(tmpdir(), 'lsm-android-'))
afterAll(() => rmSync(cwd, { recursive: true }))
const file = (name: string, text: string): string => {
  writeFileSync(join(cwd, name), text)
  return name
}
const run = (...args: string[]) => lsm(['selinux', 'android', ...args], { cwd })

file('policy.cil', `(mls true) (class file (read write)) (class process (transition)) (classorder (file process))
(sensitivity s0) (sensitivityorder (s0)) (category c0) (categoryorder (c0)) (sensitivitycategory s0 (c0))
(role r) (role object_r) (user u) (userrole u r) (userrole u object_r) (userlevel u (s0)) (userrange u ((s0) (s0 (c0))))
(sid kernel) (sidorder (kernel)) (sidcontext kernel (u r app ((s0) (s0))))
(typeattribute property_type) (expandtypeattribute property_type false)
(type app) (type prop) (type data) (typeattributeset property_type (prop)) (roletype r app) (roletype object_r prop)
(roletype object_r data) (allow app data (file (read))) (dontaudit app property_type (file (read))) (typepermissive app)
`)
file('props', 'ro. u:object_r:prop:s0 prefix bool\n')
file('bad-props', 'ro. u:object_r:data:s0 prefix\n')
file('services', 'activity u:object_r:data:s0\n')
file('seapp', 'user=_app domain=app type=data levelFrom=user\n')

test.each([
  { args: ['property', '-f', 'props', 'ro.x', 'ro.y=1'], code: 0, out: 'ro.x\tu:object_r:prop:s0\tbool' },
  { args: ['property', '-f', 'props', 'ro.x=2'], code: 1, out: 'not bool' },
  { args: ['property', '-f', 'props', 'sys.x'], code: 1, out: '<<none>>' },
  { args: ['property', '-f', 'props', '--json', 'ro.x'], code: 0, out: '"place": "props:1"' },
  { args: ['service', '-f', 'services', 'activity'], code: 0, out: 'activity\tu:object_r:data:s0' },
  { args: ['service', '-f', 'services', 'power'], code: 1, out: '<<none>>' },
  { args: ['seapp', '-f', 'seapp', '--uid', '10001', '--seinfo', 'default'], code: 0,
    out: 'process u:r:app:s0:c512,c768' },
  { args: ['seapp', '-f', 'seapp', '--uid', '1000'], code: 1, out: 'process none' },
  { args: ['checkfc', '-p', 'policy.cil', 'props'], code: 0, out: '' },
  { args: ['checkfc', '-p', 'policy.cil', 'bad-props'], code: 1, out: 'bad-props:1: type data has none of' },
  { args: ['checkfc', '-c', 'services', 'services'], code: 0, out: 'equal' },
  { args: ['analyze', 'policy.cil', 'permissive'], code: 1, out: 'app' },
  { args: ['analyze', 'policy.cil', 'booleans'], code: 0, out: '' },
  { args: ['analyze', 'policy.cil', 'attribute', 'property_type'], code: 0, out: 'prop' },
  { args: ['neverallow', 'policy.cil', '-n', 'neverallow app data:file read;'], code: 1,
    out: 'allow app data:file { read };' },
  { args: ['neverallow', 'policy.cil', '-n', 'neverallow app data:file write;'], code: 0, out: '1 of 1 rules hold' },
  { args: ['mapping', 'policy.cil', '--make', '202504'], code: 0, out: '(typeattributeset app_202504 (app))' },
])('$args ends with $code', async ({ args, code, out }) => {
  const ran = await run(...args)
  expect(ran.code).toBe(code)
  expect(ran.stdout).toContain(out)
})

test('a mapping beside a policy', async () => {
  file('map.cil', '(typeattributeset app_1 (app old))\n')
  file('ignore.cil', '(typeattributeset new (data))\n')
  expect(await run('mapping', 'map.cil', '-p', 'policy.cil', '--ignore', 'ignore.cil')).toMatchObject({
    code: 1, stdout: 'old is in the mapping and not in the policy\nprop is in the policy and not in the mapping\n',
  })
})

test.each([
  { args: ['property', '-f', 'gone', 'a'], code: 3, says: 'gone' },
  { args: ['service', '-f', 'props', 'a'], code: 3, says: 'props:1' },
  { args: ['analyze', 'policy.cil', 'dubs'], code: 2, says: 'did you mean `dups`' },
  { args: ['analyze', 'policy.cil', 'attribute'], code: 2, says: 'needs a name' },
  { args: ['neverallow', 'policy.cil'], code: 2, says: 'no neverallow rule' },
  { args: ['neverallow', 'policy.cil', '-n', 'neverallow a;'], code: 3, says: '--rule:1' },
  { args: ['checkfc', 'policy.cil'], code: 2, says: 'nothing to check' },
  { args: ['checkfc', '-p', '-s', 'policy.cil', 'props'], code: 2, says: 'exclude each other' },
  { args: ['mapping', 'map.cil'], code: 2, says: 'beside a policy' },
])('$args: $says', async ({ args, code, says }) => {
  expect(await run(...args)).toMatchObject({ code, stderr: expect.stringContaining(says) })
})
