/** A policy that names a kernel release. */
import { describe, expect, test } from 'vitest'
import { createSandbox, policyChanges, policyWithin } from './index.ts'
import type { Policy } from './index.ts'
import { insideOf } from './inside-of.ts'

test.each([[{}, '6.12'], [{ kernel: '6.18' }, '6.18'], [{ kernel: '7.3' }, '7.3']] as const)(
  '%j: the box follows Linux %s', async (policy, kernel) => {
    const box = await createSandbox({ ...policy, inline: true, allow: { read: ['/'] } })
    const { machine } = insideOf(box).kernel
    expect([machine.stack.profile, machine.rules.version.startsWith(kernel)]).toEqual([kernel, true])
    expect(await box.explain()).toMatchObject({ kernel })
    await box.close()
  })

test('another word', async () => {
  await expect(createSandbox({ kernel: '6.11' as never, inline: true })).rejects.toMatchObject({
    code: 'bad-option', message: expect.stringContaining('6.12'),
  })
})

describe('a managed maximum', () => {
  test.each<[string, Policy, Policy, string | null]>([
    ['is taken over', {}, { kernel: '7.3' }, '7.3'],
    ['is the same', { kernel: '7.3' }, { kernel: '7.3' }, '7.3'],
    ['names the default', { kernel: '6.12' }, {}, '6.12'],
    ['is for another', { kernel: '6.18' }, { kernel: '7.3' }, null],
    ['names none, and 6.12 is meant', { kernel: '7.3' }, {}, null],
  ])('%s', (_name, policy, max, kernel) => {
    const within = () => policyWithin(policy, max).kernel
    if (kernel === null) expect(within).toThrow('the maximum is for Linux')
    else expect(within()).toBe(kernel)
  })
})

test('a change in words', () => {
  expect(policyChanges({}, { kernel: '6.12' })).toEqual([])
  expect(policyChanges({}, { kernel: '7.3' })).toMatchObject([
    { effect: 'other', subject: 'kernel', words: 'the rules are those of Linux 7.3, not 6.12' },
  ])
})
