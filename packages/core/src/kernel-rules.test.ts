/** Kernel releases: one table, what is asked of it, and stacks that follow one. */
import { expect, test } from 'vitest'
import { DEFAULT_PROFILE, kernelRules, profiles } from './kernel-rules.ts'
import type { Profile } from './kernel-rules.ts'
import { createStack } from './stack.ts'

const unknown = '6.11' as Profile

test('each release has the rules of a kernel of its series', () => {
  for (const profile of profiles) expect(kernelRules(profile).version).toMatch(new RegExp(`^${profile}\\.\\d+$`))
  expect(kernelRules()).toBe(kernelRules(DEFAULT_PROFILE))
})

test.each(profiles)('a stack follows %s, and explains itself so', (profile) => {
  const stack = createStack({ lsms: [], capability: 'none', profile })
  expect(stack.profile).toBe(profile)
  expect(stack.explain().toJSON().profile).toBe(profile)
})

test('6.12 is the default', () => {
  expect(createStack({ lsms: [], capability: 'none' }).profile).toBe('6.12')
})

test('a release without rules', () => {
  expect(() => kernelRules(unknown)).toThrow(expect.objectContaining({
    code: 'bad-option', place: 'profile', hint: 'known: 6.12, 6.18, 7.3',
  }))
  expect(() => createStack({ lsms: [], capability: 'none', profile: unknown })).toThrow('one of 6.12, 6.18, 7.3')
})
