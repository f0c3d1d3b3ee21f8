import { EPERM } from '@lsmkit/abi'
import { expect, test } from 'vitest'
import { freezeLibraries, runningSystem } from './index.ts'

test('the patch holds from the next call on, and until it is taken off', () => {
  const { stack, overwrite } = runningSystem()
  expect(overwrite()).toBe(0)

  const patch = freezeLibraries(stack)
  expect(overwrite()).toBe(-EPERM)
  expect(stack.denial).toMatchObject({ hook: 'file_open', lsm: 'bpf', rc: -EPERM })

  patch.detach()
  expect(overwrite()).toBe(0)
})

test('two patches on one hook: each can go first', () => {
  const { stack, overwrite } = runningSystem()
  const patches = [freezeLibraries(stack), freezeLibraries(stack)]
  patches[0]!.detach()
  expect(overwrite()).toBe(-EPERM)
  patches[1]!.detach()
  expect(overwrite()).toBe(0)
})

test('a patch that throws denies, and the audit log names it', () => {
  const { stack, overwrite } = runningSystem()
  stack.attach('file_open', () => {
    throw new Error('a mistake in the patch')
  })
  expect(overwrite()).toBeLessThan(0)
  expect(stack.audit.records).toMatchObject([
    { kind: 'fault', hook: 'file_open', message: 'a mistake in the patch' },
    { kind: 'denial', hook: 'file_open' },
  ])
})
