import { EACCES, EPERM } from '@lsmkit/abi'
import { capability } from '@lsmkit/capability'
import { createStack } from '@lsmkit/core'
import { conformanceKit } from '@lsmkit/testkit'
import type { World } from '@lsmkit/testkit'
import { describe, expect, test } from 'vitest'
import { agentHooks, callTool, toolGuard } from './index.ts'

const aStack = () => createStack({ lsms: [capability(), toolGuard({ search: 2 })], ownHooks: agentHooks })

test('a module decides on a hook of the host, and the audit log tells about it', () => {
  const stack = aStack()
  const ran: string[] = []
  const call = (tool: string) => callTool(stack.lsm, tool, { q: 'x' }, () => ran.push(tool))

  expect([call('search'), call('search'), call('search'), call('shell')]).toEqual([0, 0, -EACCES, -EACCES])
  expect(ran).toEqual(['search', 'search'])
  expect(stack.denial).toEqual({
    hook: 'tool_call', lsm: 'tool-guard', rc: -EACCES, reason: 'not a tool for agents',
  })
  expect(stack.audit.records).toMatchObject([
    { kind: 'denial', args: { tool: 'search' }, reason: 'called often enough' },
    { kind: 'denial', args: { tool: 'shell' }, reason: 'not a tool for agents' },
  ])
  expect(String(stack.explain())).toMatch(/tool_call +tool-guard/)
})

test('functions are attached to it and watch it, as on a hook of the kernel', () => {
  const stack = aStack()
  const seen: number[] = []
  stack.observe('tool_done', { entry: (_tool, milliseconds) => seen.push(milliseconds) })
  const link = stack.attach('tool_call', (tool) => (tool === 'search' ? -EPERM : 0))
  expect(callTool(stack.lsm, 'search', {}, () => {})).toBe(-EPERM)
  link.detach()
  expect(callTool(stack.lsm, 'search', {}, () => {})).toBe(0)
  expect(seen).toHaveLength(1)
})

describe('the conformance kit, with calls of tools', () => {
  const scenario = ({ stack }: World): void => {
    for (const tool of ['search', 'search', 'shell']) stack.lsm.tool_call.ask(tool, {})
  }
  const checks = conformanceKit(() => toolGuard({ search: 1 }), { scenario })
  test.each(checks)('$name', async ({ run }) => {
    await run()
  })
})
