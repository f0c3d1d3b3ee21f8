import { existsSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { compileCil } from '../cil/index.ts'
import { readPolicy, writePolicy } from '../policydb/index.ts'
import { SecurityServer } from '../server/index.ts'
import {
  explainAccess, policyInfo, policyNames, policyStatements, PolicyView, QueryError, roleRules, TeRules,
} from './index.ts'
import type { NameKind, RoleRuleKind, RoleRuleQuery } from './index.ts'

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
  { query: { source: /^a$/ }, texts: [
    'allow a c:file open; [ ! y && x ]:True', 'allow ab ab:process transition;', 'allow ab c:file { read write };',
    'dontaudit a c:file ioctl;', 'type_transition a c:file b some;', 'type_transition a c:process b;'] },
  { query: { source: /^ab/, sourceIndirect: false },
    texts: ['allow ab ab:process transition;', 'allow ab c:file { read write };'] },
  { query: { classes: /^proc/, target: /b/ }, texts: ['allow ab ab:process transition;'] },
  { query: { permissions: ['write', 'read'], permissionsAll: true }, texts: ['allow ab c:file { read write };'] },
  { query: { permissions: ['write', 'ioctl'], permissionsAll: true }, texts: [] },
  { query: { booleans: /x|z/, booleansEqual: true }, texts: ['allow a c:file open; [ ! y && x ]:True'] },
  { query: { result: 'b' }, texts: ['type_transition a c:file b some;', 'type_transition a c:process b;'] },
])('$query', ({ query, texts }) => {
  expect(rules.texts(query)).toEqual(texts)
})

test('a name that is not there, with one that is', () => {
  expect(() => rules.texts({ source: 'bb' }))
    .toThrow(new QueryError('unknown-name', 'the policy has no type or attribute `bb`', 'did you mean `b`?'))
})

test('a permission that none of the classes has', () => {
  expect(() => rules.texts({ classes: ['process'], permissions: ['read'] }))
    .toThrow(new QueryError('unknown-name', 'class `process` has no permission `read`'))
})

test.each([
  { asked: { xperms: [0x5401] }, found: 1 },
  { asked: { xperms: [0x5401], xpermsEqual: true }, found: 0 },
  { asked: { xperms: [0x5402, 0x5401], xpermsEqual: true }, found: 1 },
  { asked: { xperms: [0x5403] }, found: 0 },
])('extended permissions: $asked', ({ asked, found }) => {
  const extended = compileCil([{ name: 'x', text: `${text}(allowx a c (ioctl file (0x5401 0x5402)))` }])
  expect(new TeRules(extended.policy).texts({ kinds: ['allowxperm'], ...asked })).toHaveLength(found)
})

describe('rules on roles and ranges', () => {
  const { view } = new TeRules(compileCil([{ name: 'roles', text: `(mls true) ${text}
    (roleallow r r2) (roletransition r ab process r2) (rangetransition a c process ((s0) (s0 (c0))))` }]).policy)

  test.each<{ kind: RoleRuleKind; query: RoleRuleQuery; statements: readonly string[] }>([
    { kind: 'role_allow', query: { source: 'r' }, statements: ['allow r r2;'] },
    { kind: 'role_allow', query: { target: /^r$/ }, statements: [] },
    { kind: 'role_allow', query: { classes: ['process'] }, statements: [] },
    { kind: 'role_transition', query: { target: 'a', result: 'r2' },
      statements: ['role_transition r a:process r2;'] },
    { kind: 'role_transition', query: { target: 'ab', targetIndirect: false }, statements: [] },
    { kind: 'range_transition', query: { source: 'ab', result: 's0 - s0:c0' },
      statements: ['range_transition a c:process s0-s0:c0;'] },
    { kind: 'range_transition', query: { classes: ['file'] }, statements: [] },
  ])('$kind $query', ({ kind, query, statements }) => {
    expect(roleRules(view, kind, query)).toEqual(statements)
  })

  test('a role that is not there', () => {
    expect(() => roleRules(view, 'role_allow', { source: 'q' }))
      .toThrow(new QueryError('unknown-name', 'the policy has no role `q`', 'did you mean `r`?'))
  })
})

describe('lists', () => {
  const { policy: own } = compileCil([{ name: 'lists', text: `(mls true) ${text} (typealias d) (typealiasactual d a)
    (portcon tcp (80 90) (u object_r c ((s0) (s0)))) (portcon udp 7 (u object_r c ((s0) (s0)))) (typepermissive b)` }])
  const view = new PolicyView(own)

  test.each<{ kind: NameKind; about?: string; statements: readonly string[] }>([
    { kind: 'types', about: 'a', statements: ['type a alias d, ab;'] },
    { kind: 'attributes', statements: ['attribute ab;\n\ta\n\tb'] },
    { kind: 'permissive', statements: ['type b, ab;'] },
    { kind: 'aliases', statements: ['typealias a alias d;'] },
    { kind: 'classes', about: 'process', statements: ['class process\n{\n\tdyntransition\n\ttransition\n}'] },
    { kind: 'users', statements: ['user u roles { r r2 } level s0 range s0;'] },
    { kind: 'booleans', about: 'y', statements: ['bool y true;'] },
    { kind: 'portcon', about: '85', statements: ['portcon tcp 80-90 u:object_r:c:s0'] },
    { kind: 'portcon', about: '8', statements: [] },
    { kind: 'portcon', about: 'c', statements: ['portcon tcp 80-90 u:object_r:c:s0', 'portcon udp 7 u:object_r:c:s0'] },
    { kind: 'portcon', about: 'a', statements: [] },
    { kind: 'constrain', about: 'file', statements: ['constrain file write (t1 == b);'] },
    { kind: 'initialsids', statements: ['sid kernel u:r:a:s0'] },
  ])('$kind $about', ({ kind, about, statements }) => {
    expect(policyStatements(view, kind, about)).toEqual(statements)
  })

  test('names', () => {
    expect(policyNames(view, 'booleans')).toEqual(['x off', 'y on'])
    expect(policyNames(view, 'attributes')).toEqual(['ab'])
    expect(policyNames(view, 'permissive')).toEqual(['b'])
    expect(policyNames(view, 'constrain')).toEqual(['constrain file write (t1 == b);'])
  })
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
