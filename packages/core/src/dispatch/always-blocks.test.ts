/** Who may leave out the question with MAY_NOT_BLOCK: only where nobody would have noticed it. */
import { ECHILD, MAY_EXEC, MAY_NOT_BLOCK } from '@lsmkit/abi'
import { expect, test } from 'vitest'
import { defineLsm } from '../define-lsm.ts'
import { createStack } from '../stack.ts'
import type { StackOptions } from '../stack/options.ts'
import { anInode } from '../../test/dispatch-support.ts'
import { alwaysBlocks, isAlwaysBlocking } from './always-blocks.ts'

const sleeper = (blocks = { always: true }) => {
  const sleeps = (_inode: unknown, mask: number): number => ((mask & MAY_NOT_BLOCK) === 0 ? 0 : -ECHILD)
  return defineLsm({ name: 'sleeper', abi: '1.0', hooks: { inode_permission: alwaysBlocks(sleeps, blocks) } })
}
const other = () => defineLsm({ name: 'other', abi: '1.0', hooks: { inode_permission: () => 0, file_open: () => 0 } })

const stackOf = (lsms: StackOptions['lsms'], more: Partial<StackOptions> = {}) =>
  createStack({ lsms, capability: 'none', ...more })

test.each([
  { what: 'alone', stack: () => stackOf([sleeper()]), is: true },
  { what: 'in front of another', stack: () => stackOf([sleeper(), other()]), is: true },
  { what: 'behind another', stack: () => stackOf([other(), sleeper()]), is: false },
  { what: 'nobody', stack: () => stackOf([]), is: false },
  { what: 'somebody else', stack: () => stackOf([other()]), is: false },
  { what: 'not at the moment', stack: () => stackOf([sleeper({ always: false })]), is: false },
  { what: 'a permissive one', stack: () => stackOf([sleeper()], { permissive: ['sleeper'] }), is: false },
  { what: 'a strategy that lists', stack: () => stackOf([sleeper()], { dispatch: 'list' }), is: false },
])('$what', ({ stack, is }) => {
  const { lsm } = stack()
  expect(isAlwaysBlocking(lsm.inode_permission)).toBe(is)
  if (is) expect(lsm.inode_permission.ask(anInode(), MAY_EXEC | MAY_NOT_BLOCK)).toBe(-ECHILD)
})

test('whoever looks on is asked and told of everything, as long as he does', () => {
  const stack = stackOf([sleeper()])
  const is = (): boolean => isAlwaysBlocking(stack.lsm.inode_permission)
  const seen: number[] = []
  const link = stack.observe('inode_permission', { entry: (_inode, mask) => void seen.push(mask) })
  expect(is()).toBe(false)
  stack.lsm.inode_permission.ask(anInode(), MAY_EXEC | MAY_NOT_BLOCK)
  expect(seen).toEqual([MAY_EXEC | MAY_NOT_BLOCK])
  link.detach()
  // within a burst of changes the list that asks everybody may stand there for a while
  expect([true, false]).toContain(is())
})

test('a module changes its mind', () => {
  const blocks = { always: true }
  const { lsm } = stackOf([sleeper(blocks)])
  const is = [true, false, true].map((now) => {
    blocks.always = now
    return isAlwaysBlocking(lsm.inode_permission)
  })
  expect(is).toEqual([true, false, true])
})
