/** A permissive LSM: its refusals are told and ignored, everything else about it is as ever. */
import { EACCES, ECHILD, EPERM } from '@lsmkit/abi'
import { describe, expect, test } from 'vitest'
import { defineLsm } from '../define-lsm.ts'
import { hookDefs, hookNames } from '../hooks/hook-defs.ts'
import type { HookMap } from '../hooks/hook-defs.ts'
import type { LsmContext } from '../lsm-context.ts'
import { obeyedBecause } from '../hooks/waivable.ts'
import { createStack } from '../stack.ts'
import type { Stack } from '../stack.ts'
import type { StackOptions } from '../stack/options.ts'
import { aFile, anInode, argumentsOf, strategyNames } from '../../test/dispatch-support.ts'

const lsm = (name: string, hooks: Partial<HookMap> | ((ctx: LsmContext) => Partial<HookMap>)) =>
  defineLsm({ name, abi: '1.0', hooks: hooks as never })

const stackOf = (lsms: StackOptions['lsms'], more: Partial<StackOptions> = {}) =>
  createStack({ lsms, capability: 'none', ...more })

describe.each(strategyNames)('%s', (dispatch) => {
  test('a refusal is recorded with its reason, and the next LSM is asked', () => {
    const asked: string[] = []
    const first = lsm('first', (ctx) => ({
      file_open: () => ctx.audit.deny(-EACCES, 'no rule', { subject: 'A' }),
    }))
    const second = lsm('second', { file_open: () => (asked.push('second'), 0) })
    const stack = stackOf([first, second], { dispatch, permissive: ['first'] })
    expect(stack.lsm.file_open.ask(aFile())).toBe(0)
    expect({ asked, denial: stack.denial }).toEqual({ asked: ['second'], denial: null })
    expect(stack.audit.records).toMatchObject([{
      kind: 'would-deny', lsm: 'first', hook: 'file_open', rc: -EACCES, reason: 'no rule', details: { subject: 'A' },
    }])
  })

  test('who enforces beside it is obeyed', () => {
    const lsms = [lsm('one', { file_open: () => -EACCES }), lsm('two', { file_open: () => -EPERM })]
    const stack = stackOf(lsms, { dispatch, permissive: ['one'] })
    expect(stack.lsm.file_open.ask(aFile())).toBe(-EPERM)
    expect(stack.denial).toEqual({ hook: 'file_open', lsm: 'two', rc: -EPERM, reason: null })
  })

  test('a hook that throws, answers a promise, no int32 or a positive one still denies', () => {
    const values: unknown[] = [Promise.resolve(0), -5000.5, 'no', EACCES]
    for (const value of values) {
      const stack = stackOf([lsm('one', { file_open: () => value as number })], { dispatch, permissive: ['one'] })
      expect(stack.lsm.file_open.ask(aFile())).toBe(-EACCES)
    }
    const throws = lsm('one', { file_open: () => { throw new Error('bug') } })
    expect(stackOf([throws], { dispatch, permissive: ['one'] }).lsm.file_open.ask(aFile())).toBe(-EACCES)
  })

  test('the wish to be asked again where one may sleep is passed on', () => {
    const stack = stackOf([lsm('one', { inode_permission: () => -ECHILD })], { dispatch, permissive: ['one'] })
    expect(stack.lsm.inode_permission.ask(anInode(), 0)).toBe(-ECHILD)
    expect(stack.audit.records).toEqual([])
  })

  test('where its answer is no verdict it is obeyed', () => {
    const refuse = () => -EPERM
    const one = lsm('one', { file_alloc_security: refuse, secctx_to_secid: refuse, task_prctl: refuse })
    const stack = stackOf([one], { dispatch, permissive: ['one'] })
    expect(stack.lsm.file_alloc_security.ask(aFile())).toBe(-EPERM)
    expect(stack.lsm.secctx_to_secid.ask('x', 1, { value: 0 })).toBe(-EPERM)
    expect(stack.lsm.task_prctl.ask(1, 0, 0, 0, 0)).toBe(-EPERM)
    expect(stack.explain().toJSON().lsms[0]!.obeyed.map(({ hook }) => hook))
      .toEqual(['file_alloc_security', 'secctx_to_secid', 'task_prctl'])
  })

  test('attached programs are permissive as `bpf`, each for itself', () => {
    const stack = stackOf([], { dispatch, permissive: ['bpf'] })
    const program = () => -EPERM
    const link = stack.attach('file_open', program)
    stack.attach('file_open', () => -EACCES)
    expect(() => stack.attach('file_open', program)).toThrow('the program is attached')
    expect(stack.lsm.file_open.ask(aFile())).toBe(0)
    expect(stack.audit.records).toMatchObject([{ lsm: 'bpf', rc: -EACCES }, { lsm: 'bpf', rc: -EPERM }])
    link.detach()
    stack.audit.clear()
    stack.lsm.file_open.ask(aFile())
    expect(stack.audit.records).toHaveLength(1)
  })

  test('a modifier is no LSM, and answers for itself', () => {
    const stack = stackOf([], { dispatch, permissive: ['bpf'] })
    stack.modifyReturn('file_open', () => -EPERM)
    expect(stack.lsm.file_open.ask(aFile())).toBe(-EPERM)
  })

  test('on every hook: it refuses nothing, or it is obeyed', () => {
    for (const hook of hookNames.filter((name) => hookDefs[name].ret === 'int' && !hookDefs[name].special)) {
      const one = lsm('one', { [hook]: () => -EPERM })
      const stack = stackOf([one], { dispatch, permissive: ['one'] })
      const rc = ((stack as Stack<'6.12'>).lsm[hook] as { ask(...args: unknown[]): number }).ask(...argumentsOf(hook))
      const isObeyed = obeyedBecause(hook, hookDefs[hook]) !== null
      expect({ hook, rc }).toEqual({ hook, rc: isObeyed ? -EPERM : 0 })
    }
  })
})

test('who enforces keeps its very function: with a permissive neighbour or without, the same is behind a key', () => {
  const refuse = () => -EACCES
  const behind = (permissive: readonly string[]) => {
    const lsms = [lsm('one', { file_open: refuse }), lsm('two', { inode_permission: () => -EACCES })]
    return Object.getPrototypeOf(stackOf(lsms, { permissive }).lsm.file_open) as unknown
  }
  expect(behind(['two'])).toBe(behind([]))
  expect(behind(['one'])).not.toBe(behind([]))
})

test('explain says it loudly; nothing is permissive by default', () => {
  const one = () => lsm('one', { file_open: () => -EACCES, task_prctl: () => -EACCES, file_release() {} })
  const { lsms, warnings } = stackOf([one()], { permissive: ['one'] }).explain().toJSON()
  const obeyed = [{ hook: 'task_prctl', why: '0 is an answer of its own here' }]
  expect(lsms[0]).toMatchObject({ permissive: true, obeyed })
  expect(warnings).toContain('`one` IS PERMISSIVE: what it refuses is recorded and allowed, but on task_prctl')
  expect(String(stackOf([one()], { permissive: ['one'] }).explain())).toMatch(/^one +0 +PERMISSIVE /m)
  expect(stackOf([one()]).explain().toJSON().lsms[0]).toMatchObject({ permissive: false, obeyed: [] })
})

test('a misspelt name would enforce, so it is an error', () => {
  expect(() => stackOf([lsm('smock', {})], { permissive: ['smok'] }))
    .toThrow(expect.objectContaining({ code: 'unknown-permissive', hint: 'did you mean `smock`?' }))
  const off = stackOf([lsm('one', {})], { permissive: ['one'], cmdline: 'lsm=none' })
  expect(off.explain().toJSON().warnings).toContain('`one` is permissive, and off')
})

test('the exceptions: what the table tells, and what it does not', () => {
  const reasons = new Map<string, number>()
  for (const hook of hookNames) {
    const why = obeyedBecause(hook, hookDefs[hook]) ?? 'waived'
    reasons.set(why, (reasons.get(why) ?? 0) + 1)
  }
  expect(Object.fromEntries(reasons)).toEqual({
    waived: 150,
    'it is a notification, not a question': 53,
    '0 is an answer of its own here': 16,
    'it allocates the state of an object': 17,
    'it hands something back': 10,
    'its answer is a fact, not a verdict': 6,
    'a refusal leaves the work of the module undone': 15,
    'a refusal has a side effect: SafeSetID kills the task': 3,
    'it withdraws a reserve of memory and refuses nothing': 1,
  })
})
