import { expect, test } from 'vitest'
import { Policy } from '../policy.ts'
import { policyChanges } from './changes.ts'
import { loadRules } from './load-rules.ts'

const policyOf = (text: string): Policy => {
  const policy = new Policy()
  loadRules(policy, text)
  return policy
}

const told = (before: string, after: string) => [...policyChanges(policyOf(before), policyOf(after))]

test('modes that came and went, with the rule that says so now', () => {
  expect(told('Web Log ra\nWeb Old r\n', 'Web Log rwx\nNew Log t\n')).toEqual([
    { effect: 'more', subject: 'access', words: 'New may now transmute directories of Log', because: ['New Log t'] },
    { effect: 'more', subject: 'access', words: 'Web may now write, execute and lock Log', because: ['Web Log rwx'] },
    { effect: 'less', subject: 'access', words: 'Web may no longer append to Log', because: ['Web Log rwx'] },
    { effect: 'less', subject: 'access', words: 'Web may no longer read Old', because: ['no rule Web Old'] },
  ])
})

test('what built-in steps decide, and another way to write the same, are no change', () => {
  expect(told('', 'Web _ r\nWeb Web rwxa\nWeb * rw\n')).toEqual([])
  expect(told('Web Log rwx\n', 'Web Log r\nWeb Log WX r\nWeb Log rwx\n')).toEqual([])
})
