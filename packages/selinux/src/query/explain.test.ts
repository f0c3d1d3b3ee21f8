import { expect, test } from 'vitest'
import { smallPolicy, smallPolicyBytes } from '../testing/small-policy.ts'
import { SecurityServer } from '../server/index.ts'
import { explainPermission, TeRules } from './index.ts'

const server = new SecurityServer({ mode: 'libsepol' })
server.load(smallPolicyBytes())
const rules = new TeRules(smallPolicy())
const explain = (source: string, target: string, tclass: string, permission: string) =>
  explainPermission(server, rules, source, target, tclass, permission)

test('a constraint in the way is told with what would make it hold', () => {
  const told = explain('joe:user_r:user_t:s0', 'joe:object_r:home_t:s1', 'file', 'read')
  expect(told).toMatchObject({ allowed: false, reason: 'constraint', constraints: [{ holds: false }] })
  expect(told.remedies).toContainEqual({ kind: 'constraint', words: 'give the source the attribute privileged' })
  expect(told.remedies).toContainEqual({ kind: 'constraint', words: 'make this hold, or not: l1 dom l2' })
})

test('an attribute that would bring it is told with what else it brings', () => {
  const told = explain('tester_t', 'etc_t', 'dir', 'read')
  expect(told).toMatchObject({ allowed: false, reason: 'rule', permissive: true })
  expect(told.remedies.map(({ kind }) => kind)).toEqual(['rule', 'attribute'])
  expect(told.remedies[1]!.words)
    .toMatch(/^\(typeattributeset privileged \(tester_t\)\): privileged has 2 types and \d+ more rules$/)
})

test('what is allowed has no remedies', () => {
  expect(explain('user_t', 'home_t', 'file', 'read'))
    .toMatchObject({ allowed: true, remedies: [], rules: [{ inForce: true }] })
})
