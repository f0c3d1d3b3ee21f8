import { existsSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { compileCil } from '../cil/index.ts'
import { TeRules } from '../query/index.ts'
import { differingLines, normalisePolicy, optimisePolicy, readPolicy } from './index.ts'

const base = `(class file (read write open ioctl)) (class process (fork)) (classorder (file process))
(sid kernel) (sidorder (kernel)) (type a) (type b) (type c)
(typeattribute ab) (typeattributeset ab (a b)) (typeattribute abc) (typeattributeset abc (a b c))
(role object_r) (role r) (roletype r abc) (user u) (userrole u r) (boolean x false)
(category c0) (categoryorder (c0)) (sensitivity s0) (sensitivityorder (s0)) (sensitivitycategory s0 (c0))
(userlevel u (s0)) (userrange u ((s0) (s0))) (sidcontext kernel (u r a ((s0) (s0))))
(allow ab abc (process (fork))) (allow abc ab (process (fork)))
`

/** Rules of class file that are left; the answers are those of secilc 3.8 -O. */
test.each([
  { what: 'a rule on an attribute covers one on its type',
    rules: '(allow ab c (file (read write))) (allow a c (file (read)))',
    left: ['allow ab c:file { read write };'] },
  { what: 'what it does not cover stays', rules: '(allow ab c (file (read))) (allow a c (file (read write)))',
    left: ['allow a c:file write;', 'allow ab c:file read;'] },
  { what: 'an attribute with more types covers one with fewer',
    rules: '(allow abc abc (file (read))) (allow ab ab (file (read)))', left: ['allow abc abc:file read;'] },
  { what: 'of dontaudit rules what is not audited counts',
    rules: '(dontaudit ab c (file (read write))) (dontaudit a c (file (read open)))',
    left: ['dontaudit a c:file open;', 'dontaudit ab c:file { read write };'] },
  { what: 'kinds do not mix', rules: '(allow ab c (file (read))) (auditallow a c (file (read)))',
    left: ['allow ab c:file read;', 'auditallow a c:file read;'] },
  { what: 'what holds always covers what holds sometimes',
    rules: `(allow ab c (file (read)))
      (booleanif x (true (allow a c (file (read write)))) (false (allow ab c (file (read)))))`,
    left: ['allow a c:file write; [ x ]:True', 'allow ab c:file read;'] },
  { what: 'one branch covers nothing of the other',
    rules: `(booleanif x (true (allow ab c (file (read))) (allow a c (file (read))))
      (false (allow a c (file (read)))))`,
    left: ['allow a c:file read; [ x ]:False', 'allow ab c:file read; [ x ]:True'] },
  { what: 'a driver covers its numbers',
    rules: '(allowx ab c (ioctl file (range 0x1200 0x12ff))) (allowx a c (ioctl file (0x1201 0x1301)))',
    left: ['allowxperm a c:file ioctl 0x1301;', 'allowxperm ab c:file ioctl 0x1200-0x12ff;'] },
  { what: 'type rules stay', rules: '(typetransition ab c file a) (typetransition c c file a)',
    left: ['type_transition a c:file a;', 'type_transition b c:file a;', 'type_transition c c:file a;'] },
])('$what', ({ rules, left }) => {
  const { policy } = compileCil([{ name: 'case', text: base + rules }], { optimise: true })
  expect(new TeRules(policy).texts({ classes: ['file'] })).toEqual(left)
})

test('the policy that was there stays as it is', () => {
  const text = `${base}(allow ab c (file (read))) (allow a c (file (read open)))`
  const { policy } = compileCil([{ name: 'case', text }])
  const before = normalisePolicy(policy)
  optimisePolicy(policy)
  expect(normalisePolicy(policy)).toEqual(before)
})

const folder = new URL('../../../../../shared/golden/selinux/policies/', import.meta.url)

test.skipIf(!existsSync(folder))('the policy of Debian comes out as secilc -O has it (needs ../shared)', () => {
  const read = (name: string) => readPolicy(gunzipSync(readFileSync(new URL(name, folder))))
  const lines = normalisePolicy(optimisePolicy(read('default.34.gz')))
  expect(differingLines(lines, normalisePolicy(read('default-opt.34.gz')))).toEqual({ onlyA: [], onlyB: [] })
})
