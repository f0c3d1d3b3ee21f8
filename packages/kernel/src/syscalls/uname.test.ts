/** uname(2): its release is of the kernel whose rules the stack follows. */
import { createStack, kernelRules, profiles } from '@lsmkit/core'
import { expect, test } from 'vitest'
import { bootKernel } from '../boot/kernel.ts'
import { plainCapability } from '../testing/boot.ts'

const boot = (stack: Parameters<typeof bootKernel>[0]['stack']) => bootKernel({ stack, usualMounts: false })

test.each(profiles)('a kernel by the rules of %s', (profile) => {
  const { sys, init } = boot(createStack({ lsms: [plainCapability()], profile }))
  const name = { sysname: '', nodename: '', release: '', version: '', machine: '', domainname: '' }
  expect(sys.uname(init, name)).toBe(0)
  expect(name.release).toBe(`${kernelRules(profile).version}-lsmkit`)
})

test('a stack of the host\'s own with a release that has no rules', () => {
  const stack = createStack({ lsms: [plainCapability()] })
  const other = Object.create(stack, { profile: { value: '6.11' } })
  expect(() => boot(other)).toThrow(expect.objectContaining({ code: 'bad-option', hint: 'known: 6.12, 6.18, 7.3' }))
})
