/** What the policy allows, and what it must never allow. */
import { selinuxPolicy } from '@lsmkit/selinux/query'
import { lsmMatchers } from '@lsmkit/testkit'
import { describe, expect, test } from 'vitest'
import { compilePolicy } from './policy.ts'

expect.extend(lsmMatchers)

const policy = compilePolicy()
const app = 'u:r:app_t'
const [conf, log, secret] = ['u:object_r:app_conf_t', 'u:object_r:app_log_t', 'u:object_r:secret_t'] as const

describe('the application', () => {
  test('reads its settings and does not change them', () => {
    expect(selinuxPolicy(policy)).toAllow(app, conf, 'file', ['open', 'read'])
    expect(selinuxPolicy(policy)).toDeny(app, conf, 'file', ['write', 'append'])
  })

  test('appends to its log', () => {
    expect(selinuxPolicy(policy)).toAllow(app, log, 'file', ['open', 'append'])
    expect(selinuxPolicy(policy)).toDeny(app, log, 'file', 'write')
  })

  test('reads its log when app_debug is on', () => {
    expect(selinuxPolicy(policy)).toDeny(app, log, 'file', 'read')
    expect(selinuxPolicy(policy, { booleans: { app_debug: true } })).toAllow(app, log, 'file', 'read')
  })

  test('never sees a secret: a rule that lets it does not compile', () => {
    expect(selinuxPolicy(policy)).toDeny(app, secret, 'file', ['open', 'read', 'write'])
    expect(() => compilePolicy('(allow app_t secret_t (file (read)))')).toThrow(/neverallow/)
  })
})
