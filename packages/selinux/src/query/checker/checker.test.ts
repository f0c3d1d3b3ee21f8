import { describe, expect, test } from 'vitest'
import { smallPolicyBytes } from '../../testing/small-policy.ts'
import { readPolicy } from '../../policydb/index.ts'
import { CheckError, checkReport, runChecks } from '../index.ts'

const policy = readPolicy(smallPolicyBytes())

test('checks of each kind, and their report', () => {
  const results = runChecks(policy, `
# what may not be
[DEFAULT]
desc = of %(check_type)s, 100%%
[home is private]
check_type = assert_te
source = domain
target: home_t
tclass = file
perms = write  create
exempt_source = privileged
  nothing_t
[expected]
check_type = assert_te
target = home_t
expect_source = kernel_t shell_exec_t
exempt_source = domain
[empty]
check_type = empty_typeattr
attr = gone
missing_ok = yes
[later]
check_type = empty_typeattr
attr = privileged
disable = not yet
[members]
check_type = empty_typeattr
attr = privileged
[programs]
check_type = ro_execs
exempt_write_domain = privileged
`)
  expect(results.map(({ name, failures }) => [name, failures])).toEqual([
    ['home is private', ['allow user_t home_t:file { create getattr open read write };']],
    ['expected', ['Expected rule with source "shell_exec_t" not found.']],
    ['empty', []], ['later', []], ['members', ['init_t', 'kernel_t']], ['programs', []],
  ])
  const report = checkReport(results)
  expect(report).toContain('Description: of assert_te, 100%')
  expect(report).toContain('    * allow user_t home_t:file { create getattr open read write };')
  expect(report).toContain('later                                   DISABLED (not yet)')
  expect(report.at(-1)).toBe('4 failure(s) found.')
})

describe('mistakes are errors, before any check runs', () => {
  test.each([
    ['', 'missing-option', 'there is no check'], ['a = b', 'bad-line', 'before any check'],
    ['[a]\nnothing', 'bad-line', 'not an option'], ['[a]\na=1\na=2', 'duplicate', 'twice'], ['[a]\n[a]', 'duplicate',
      'twice'],
    ['[a]\ncheck_type = assert', 'unknown-check', 'kinds'], ['[a]\ndesc = x', 'missing-option', 'check_type'],
    ['[a]\ncheck_type = assert_te', 'missing-option', 'says nothing'],
    ['[a]\ncheck_type = assert_te\nsauce = user_t', 'unknown-option', 'did you mean `source`'],
    ['[a]\ncheck_type = assert_te\nsource = user', 'bad-value', 'no type or attribute'],
    ['[a]\ncheck_type = assert_te\ntclass = flie', 'bad-value', 'no class'],
    ['[a]\ncheck_type = assert_te\nperms = raed', 'bad-value', 'no permission'],
    ['[a]\ncheck_type = assert_rbac', 'missing-option', 'says nothing'],
    ['[a]\ncheck_type = assert_rbac\nsource = no_r', 'bad-value', 'no role'],
    ['[a]\ncheck_type = empty_typeattr', 'missing-option', '`attr`'],
    ['[a]\ncheck_type = empty_typeattr\nattr = user_t', 'bad-value', 'no attribute'],
    ['[a]\ncheck_type = %(b)s', 'bad-value', 'without a meaning'], ['[a]\ncheck_type = %(check_type)s', 'bad-value',
      'too often'],
  ])('%j: %s', (text, code, words) => {
    const act = (): unknown => runChecks(policy, text)
    expect(act).toThrow(CheckError)
    expect(act).toThrow(expect.objectContaining({ code }))
    expect(act).toThrow(words)
  })
})

test('roles may change as the check allows', () => {
  const [result] = runChecks(policy,
    '[a]\ncheck_type = assert_rbac\nsource = system_r\nexempt_target = user_r\nexpect_target = staff_r')
  expect(result!.failures.every((line) => /^(allow system_r|Expected rule with target "staff_r")/.test(line)))
    .toBe(true)
})
