/** What the policy allows, and what it must never allow. */
import { expect, test } from 'vitest'
import { compilePolicy, openPolicy } from './policy.ts'

const { access } = openPolicy()

test.each([
  { target: 'app_conf_t', permission: 'read', allowed: true },
  { target: 'app_conf_t', permission: 'write', allowed: false },
  { target: 'app_log_t', permission: 'append', allowed: true },
  { target: 'app_log_t', permission: 'write', allowed: false },
  { target: 'secret_t', permission: 'read', allowed: false },
])('app_t may $permission $target: $allowed', ({ target, permission, allowed }) => {
  expect(access('app_t', target, 'file', permission)).toMatchObject({ permission, allowed })
})

test('the log can be read when app_debug is on, and a refusal names the boolean', () => {
  const policy = openPolicy()
  expect(policy.access('app_t', 'app_log_t', 'file', 'read')).toMatchObject({
    allowed: false,
    reason: 'boolean',
    booleans: { app_debug: true },
  })
  policy.setBooleans({ app_debug: true })
  expect(policy.access('app_t', 'app_log_t', 'file', 'read').allowed).toBe(true)
})

test('a rule that lets the application see secrets does not compile', () => {
  expect(() => compilePolicy('(allow app_t secret_t (file (read)))')).toThrow(/neverallow/)
})
