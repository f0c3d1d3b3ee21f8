/** The policy language: what is read, what is refused, what it comes to. */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { fileSystemsOf, parsePolicy, policyText } from './policy.ts'

const standard = readFileSync(new URL('../policy/default.policy', import.meta.url), 'utf8')

test.each([
  { uid: 0, allowed: null },
  { uid: 1000, allowed: new Set(['tmpfs', 'devtmpfs', 'proc']) },
  { uid: 1001, allowed: new Set(['tmpfs', 'devtmpfs']) },
])('the default policy and uid $uid', ({ uid, allowed }) => {
  expect(fileSystemsOf(parsePolicy(standard), uid)).toEqual(allowed)
})

test('a policy that is written out says the same', () => {
  const policy = parsePolicy(standard)
  expect(parsePolicy(policyText(policy))).toEqual(policy)
})

describe('what is not a rule', () => {
  test.each([
    { text: 'root tmpfs', fault: 'line 1: `root` is not a user id' },
    { text: '# fine\n-1 tmpfs', fault: 'line 2: `-1` is not a user id' },
    { text: '1000', fault: 'line 1: a rule is a user id and a file system' },
    { text: '1000 tmpfs proc', fault: 'line 1: a rule is a user id and a file system' },
  ])('$text', ({ text, fault }) => {
    expect(() => parsePolicy(text)).toThrow(fault)
  })
})
