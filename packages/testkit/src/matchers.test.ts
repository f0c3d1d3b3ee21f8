import { EACCES, EPERM } from '@lsmkit/abi'
import { cap_capable, createStack, defineLsm } from '@lsmkit/core'
import { expect as plainExpect, test } from 'vitest'
import { ask } from './ask.ts'
import { buildersFor } from './builders/builders.ts'
import { extendExpect } from './extend-expect.ts'
import { lsmMatchers } from './matchers.ts'

const expect = extendExpect(plainExpect)

const capabilities = () =>
  defineLsm({
    name: 'capability',
    abi: '1.0',
    order: 'first',
    hooks: { capable: (cred, ns, cap) => cap_capable(cred, ns, cap) },
  })

const doorman = () =>
  defineLsm({
    name: 'doorman',
    abi: '1.0',
    hooks: (ctx) => ({
      file_open: (file) => (file.f_path.dentry.d_name.name === 'secret' ? ctx.audit.deny(-EACCES, 'it is secret') : 0),
      /** Asks about a capability on the way, and lets pass whatever comes. */
      task_kill() {
        const { cred } = ctx.current.task
        ctx.lsm.capable.ask(cred, cred.user_ns, 21, 0)
        return 0
      },
    }),
  })

const setUp = () => {
  const stack = createStack({ lsms: [capabilities(), doorman()] })
  const build = buildersFor(stack)
  stack.current.task = build.aTask()
  return { stack, ...build }
}

test('who refused, with what, and why', () => {
  const { stack, aFile } = setUp()
  const answer = ask(stack, 'file_open', aFile({ name: 'secret' }))
  expect(answer).toEqual({
    hook: 'file_open', rc: -EACCES, reason: 'it is secret',
    denial: { hook: 'file_open', lsm: 'doorman', rc: -EACCES, reason: 'it is secret' },
  })
  expect(answer).toBeDenied('doorman')
  expect(answer).toBeDenied('doorman', EACCES)
  expect(answer).not.toBeDenied('doorman', EPERM)
  expect(answer).not.toBeDenied('capability')
  expect(answer).not.toBeAllowed()
})

test('what is allowed is denied by nobody, whatever was refused before', () => {
  const { stack, aFile } = setUp()
  ask(stack, 'file_open', aFile({ name: 'secret' }))
  const answer = ask(stack, 'file_open', aFile({ name: 'open' }))
  expect(answer).toBeAllowed()
  expect(answer).not.toBeDenied('doorman')
})

test('a refusal on the way to an allow is none', () => {
  const { stack, aTask } = setUp()
  const answer = ask(stack, 'task_kill', aTask(), null, 15, null)
  expect(stack.denial).toMatchObject({ hook: 'capable', lsm: 'capability' })
  expect(answer).toBeAllowed()
  expect(answer.denial).toBeNull()
})

test('void hooks answer 0', () => {
  const { stack, aFile } = setUp()
  expect(ask(stack, 'file_release', aFile())).toMatchObject({ rc: 0, denial: null })
})

test('messages tell what came instead', () => {
  const { stack, aFile } = setUp()
  const denied = ask(stack, 'file_open', aFile({ name: 'secret' }))
  const allowed = ask(stack, 'file_open', aFile())
  expect(lsmMatchers.toBeDenied(denied, 'doorman', EPERM).message()).toBe(
    'expected a refusal by doorman with EPERM, but file_open answered EACCES, refused by doorman: it is secret',
  )
  expect(lsmMatchers.toBeDenied(allowed, 'doorman').message()).toBe(
    'expected a refusal by doorman, but file_open answered 0',
  )
  expect(lsmMatchers.toBeAllowed(denied).message()).toContain('expected no refusal, but file_open answered EACCES')
})

/** Allows reading, and writing to who owns it. */
const ledger = {
  check: (who: string, modes: 'r' | 'w' | 'rw') => [...modes].map((mode) => {
    const allowed = mode === 'r' || who === 'owner'
    return { asked: mode, allowed, why: allowed ? null : 'only the owner writes' }
  }),
}

test('a policy allows all of a question, denies all of it, or neither', () => {
  expect(ledger).toAllow('owner', 'rw')
  expect(ledger).toDeny('guest', 'w')
  expect(ledger).not.toAllow('guest', 'rw')
  expect(ledger).not.toDeny('guest', 'rw')
  // @ts-expect-error -- the question is the policy's: there are no such modes
  expect(ledger).toAllow('owner', 'r' as string)
})

test('what was not as expected is told with its reason', () => {
  expect(lsmMatchers.toAllow(ledger as never, 'guest', 'rw').message()).toBe(
    'expected the policy to allow ["guest","rw"]\n  w is denied: only the owner writes',
  )
  expect(lsmMatchers.toDeny(ledger as never, 'guest', 'rw').message()).toBe(
    'expected the policy to deny ["guest","rw"]\n  r is allowed',
  )
  expect(() => lsmMatchers.toAllow({} as never)).toThrow(TypeError)
  expect(() => lsmMatchers.toAllow({ check: () => [] } as never)).toThrow('asks for nothing')
})

test('what is no answer is a mistake of the test', () => {
  expect(() => lsmMatchers.toBeDenied(-EACCES as never, 'doorman')).toThrow(TypeError)
  expect(() => lsmMatchers.toBeAllowed(0 as never)).toThrow(TypeError)
})
