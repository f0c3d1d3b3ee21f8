/** Tables of own hooks that no stack can have; examples/own-hook shows one that works. */
import { describe, expect, test } from 'vitest'
import { defineLsm } from '../define-lsm.ts'
import { createStack } from '../stack.ts'
import { int } from './own-hook.ts'
import type { OwnHookDefs } from './own-hooks.ts'

const toolCall = { tool_call: int<[tool: string]>('const char *tool', { category: 'agent' }) }
const onToolCall = () => defineLsm({
  name: 'a', abi: '1.0', ownHooks: toolCall, hooks: { tool_call: () => -1 } as object,
})
const stackOf = (ownHooks?: OwnHookDefs, lsms = [onToolCall()]) => createStack({ lsms, ownHooks, capability: 'none' })

test('what is allowed on it is recorded on request', () => {
  const stack = createStack({
    lsms: [], ownHooks: toolCall, capability: 'none', audit: { allows: ['tool_call' as never] },
  })
  const { tool_call } = stack.lsm as unknown as { tool_call: { ask(tool: string): number } }
  expect(tool_call.ask('ls')).toBe(0)
  expect(stack.audit.records).toMatchObject([{ kind: 'allow', hook: 'tool_call', args: { tool: 'ls' } }])
  expect(() => createStack({ lsms: [], capability: 'none', audit: { allows: ['tool_call' as never] } })).toThrow()
})

test('strategies agree on a hook of a host', () => {
  for (const dispatch of ['swap', 'list', 'static-key'] as const) {
    const stack = createStack({ lsms: [onToolCall()], ownHooks: toolCall, capability: 'none', dispatch })
    expect((stack.lsm as unknown as { tool_call: { ask(tool: string): number } }).tool_call.ask('sh')).toBe(-1)
    expect(stack.audit.records).toMatchObject([{ hook: 'tool_call', lsm: 'a', args: { tool: 'sh' } }])
  }
})

describe('mistakes are told when the stack is built', () => {
  test('a module on a hook that the stack does not have', () => {
    expect(() => stackOf()).toThrow(expect.objectContaining({ code: 'unknown-hook' }))
  })

  test('a hook that nobody knows', () => {
    expect(() => defineLsm({
      name: 'a', abi: '1.0', ownHooks: toolCall, hooks: { tool_cal: () => 0 } as object,
    })).toThrow(
      expect.objectContaining({ code: 'unknown-hook', hint: 'did you mean `tool_call`?' }),
    )
  })

  test.each<{ why: string; own: OwnHookDefs }>([
    { why: 'the name of a kernel hook', own: { file_open: int('', { category: 'x' }) } },
    { why: 'a name that cannot be', own: { 'tool-call': int('', { category: 'x' }) } },
    { why: 'no definition', own: { tool_call: {} as never } },
    { why: 'nothing at all', own: { tool_call: null as never } },
    { why: 'a trait of the kernel', own: { tool_call: int('', { category: 'x', privateGuard: true }) } },
  ])('$why', ({ own }) => {
    expect(() => stackOf(own, [])).toThrow(expect.objectContaining({ code: 'bad-own-hook' }))
  })
})
