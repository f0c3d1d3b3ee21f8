/** Tools of a server of one's own: each call is a task with a receipt. */
import { createSandbox, memory } from '@lsmkit/sandbox'
import type { CallToolResult } from '@modelcontextprotocol/server'
import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { checkConfig, createServer, hashOf, openTools, RECEIPT, ToolGuard } from './index.ts'
import type { Receipt, ToolCall } from './index.ts'

const textOf = ({ content }: CallToolResult): string[] => content.map((one) => ('text' in one ? one.text : ''))
const receiptOf = ({ _meta }: CallToolResult): Receipt => _meta![RECEIPT] as Receipt
const said = (text: string): CallToolResult => ({ content: [{ type: 'text', text }] })

describe('a box', () => {
  let box: Awaited<ReturnType<typeof createSandbox>>
  let guard: ToolGuard
  beforeEach(async () => {
    box = await createSandbox({ inline: true, allow: { read: ['/data'] }, mounts: { '/data': memory() } })
    await box.fs.writeFile('/data/a', 'text')
    await box.fs.writeFile('/secret', 'k')
    guard = new ToolGuard(box, 'sha256:0', '/data')
  })
  afterEach(() => box.close())

  const echo = (_args: unknown, { opened }: ToolCall): CallToolResult =>
    said(new TextDecoder().decode(opened['path']!.readAll()))

  test('path arguments are open when the tool runs, whatever their names lead to by then', async () => {
    const tool = guard.tool({ name: 'cat', paths: { path: 'read' } }, async (args: { path: string }, call) => {
      await box.fs.rename('/data/a', '/data/b')
      await box.fs.symlink('/secret', '/data/a')
      return echo(args, call)
    })
    const result = await tool({ path: 'a' })
    expect(textOf(result)).toEqual(['text'])
    expect(receiptOf(result)).toEqual({
      version: 1, tool: 'cat', policy: 'sha256:0', user: null, label: null,
      decisions: [{ decision: 'allowed', act: 'read', path: 'a' }],
    })
  })

  test('a tool whose path is refused does not run', async () => {
    let ran = 0
    const tool = guard.tool({ name: 'cat', paths: { path: 'read' } }, () => (ran++, said('')))
    const result = await tool({ path: '/secret' })
    expect([ran, result.isError]).toEqual([0, true])
    expect(receiptOf(result).decisions).toMatchObject([{ decision: 'denied', by: 'landlock', path: '/secret' }])
    expect(textOf(result)[1]).toBe('`/secret`: read refused by landlock, not beneath /data')
  })

  test('a tool that throws is an answer, and nothing stays open', async () => {
    const tool = guard.tool({ name: 'bad', paths: { path: 'read' } }, (_args, { task, files }) => {
      expect(files.task).toBe(task)
      throw new Error('oh')
    })
    const before = guard.tool({ name: 'fds' }, (_args, { files }) => said(`${files.readdir('/data').length}`))
    for (let i = 0; i < 3; i++) expect(textOf(await tool({ path: 'a' }))).toEqual(['the tool failed: oh'])
    expect(textOf(await before({}))).toEqual(['1'])
  })

  test('calls run one after another, each with what it was refused', async () => {
    const cat = guard.tool({ name: 'cat', paths: { path: 'read' } }, echo)
    const results = await Promise.all(['a', '/secret', 'a', '/secret'].map((path) => cat({ path })))
    expect(results.map((result) => receiptOf(result).decisions.map(({ decision }) => decision))).toEqual(
      [['allowed'], ['denied'], ['allowed'], ['denied']])
  })
})

describe('a config', () => {
  test.each<[unknown, string]>([
    [{ tools: { bash: { lable: 'x' } } }, 'there is no option `lable`'],
    [{ alow: {} }, 'there is no option `alow`'],
    [{ allow: { read: ['/data/*'] } }, '`/data/*` is a pattern'],
    [null, 'policy'],
  ])('%j', (config, message) => {
    expect(() => checkConfig(config)).toThrow(message)
  })

  test('has one hash, whatever the order of its keys', () => {
    const config = { allow: { read: ['/a'], exec: ['/bin'] }, user: 'guest' }
    expect(hashOf(config)).toBe(hashOf({ user: 'guest', allow: { exec: ['/bin'], read: ['/a'] } }))
    expect(hashOf(config)).not.toBe(hashOf({ ...config, user: 'nobody' }))
  })
})

test('a server tells the version of the package', async () => {
  const tools = await openTools({ folder: import.meta.dirname })
  const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
  const { version } = JSON.parse(manifest) as { version: string }
  const { server } = createServer(tools)
  expect((server as unknown as { _serverInfo: { version: string } })._serverInfo.version).toBe(version)
  await tools.close()
})
