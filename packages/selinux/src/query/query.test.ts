import { existsSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { compileCil } from '../cil/index.ts'
import { readPolicy, writePolicy } from '../policydb/index.ts'
import { SecurityServer } from '../server/index.ts'
import { explainAccess, policyInfo, QueryError, TeRules } from './index.ts'

const text = `(class file (read write open ioctl)) (class process (transition dyntransition))
(classorder (file process))
(sid kernel) (sidorder (kernel)) (type a) (type b) (type c) (typeattribute ab) (typeattributeset ab (a b))
(role r) (role r2) (roletype r a) (roletype r2 b) (user u) (userrole u r) (userrole u r2)
(category c0) (categoryorder (c0))
(sensitivity s0) (sensitivityorder (s0)) (sensitivitycategory s0 (c0)) (userlevel u (s0)) (userrange u ((s0) (s0)))
(sidcontext kernel (u r a ((s0) (s0)))) (boolean x false) (boolean y true)
(role object_r) (roletype object_r c) (userrole u object_r)
(allow ab c (file (read write)))
(dontaudit a c (file (ioctl)))
(booleanif (and x (not y)) (true (allow a c (file (open)))))
(typetransition a c file "some" b) (typetransition a c process b)
(allow ab ab (process (transition)))
(constrain (file (write)) (eq t1 b))`

const { policy } = compileCil([{ name: 'case', text }])
const rules = new TeRules(policy)

test.each([
  { query: { source: 'a', kinds: ['allow'] as const },
    texts: [
      'allow a c:file open; [ ! y && x ]:True', 'allow ab ab:process transition;', 'allow ab c:file { read write };',
    ] },
  { query: { source: 'a', sourceIndirect: false, kinds: ['allow'] as const },
    texts: ['allow a c:file open; [ ! y && x ]:True'] },
  { query: { source: 'ab', target: 'c', permissions: ['ioctl'] }, texts: ['dontaudit a c:file ioctl;'] },
  { query: { permissions: ['write', 'read'], permissionsEqual: true }, texts: ['allow ab c:file { read write };'] },
  { query: { booleans: ['y'] }, texts: ['allow a c:file open; [ ! y && x ]:True'] },
  { query: { booleans: ['y'], booleansEqual: true }, texts: [] },
  { query: { result: 'b' }, texts: ['type_transition a c:file b some;', 'type_transition a c:process b;'] },
])('$query', ({ query, texts }) => {
  expect(rules.texts(query)).toEqual(texts)
})

test('a name that is not there, with one that is', () => {
  expect(() => rules.texts({ source: 'bb' }))
    .toThrow(new QueryError('unknown-name', 'the policy has no type or attribute `bb`', 'did you mean `b`?'))
})

test('counts', () => {
  expect(policyInfo(policy).counts).toMatchObject(
    { Types: 3, Attributes: 1, Allow: 3, Type_trans: 2, Constraints: 1, 'Cond. Expr.': 1 })
})

test('why access is not granted', () => {
  const server = new SecurityServer()
  server.load(writePolicy(policy))
  const ask = (source: string, target: string, tclass: string, permission: string) =>
    explainAccess(server, rules, source, target, tclass, [permission]).permissions[0]
  expect(ask('u:r:a', 'u:object_r:c', 'file', 'read'))
    .toMatchObject({ allowed: true, reason: null, rules: ['allow ab c:file { read write };'] })
  expect(ask('u:r:a', 'u:object_r:c', 'file', 'write')).toMatchObject({ allowed: false, reason: 'constraint' })
  expect(ask('u:r:a', 'u:object_r:c', 'file', 'open'))
    .toMatchObject({ allowed: false, reason: 'boolean', booleans: { x: true, y: false } })
  expect(ask('u:r:a', 'u:object_r:c', 'file', 'ioctl'))
    .toMatchObject({ allowed: false, reason: 'rule', audited: false })
  expect(ask('u:r:a', 'u:r2:b', 'process', 'transition')).toMatchObject({ allowed: false, reason: 'role' })
})

const recorded = new URL('../../../../../shared/golden/selinux/policies/default.34.gz', import.meta.url)

/** Counts of setools 4.5 on the policy of Debian. */
test.skipIf(!existsSync(recorded))('the policy of Debian (needs ../shared)', () => {
  const { counts } = policyInfo(readPolicy(gunzipSync(readFileSync(recorded))))
  expect(counts).toMatchObject({ Classes: 135, Permissions: 431, Types: 4283, Attributes: 240, Booleans: 348,
    Allow: 107888, Dontaudit: 16069, Type_trans: 10363 })
})
