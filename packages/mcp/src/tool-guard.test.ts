/** Tools of a server of one's own: each call is a task with a receipt. */
import { createSandbox, memory } from '@lsmkit/sandbox'
import type { CallToolResult } from '@modelcontextprotocol/server'
import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { checkConfig, createServer, hashOf, openTools, RECEIPT, ToolGuard } from './index.ts'
import type { Receipt, ToolCall } from './index.ts'
import type { ToolName } from './tool-texts.ts'

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
      version: 1, tool: 'cat', policy: 'sha256:0', user: null, label: null, role: null,
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

  test.each<[string, unknown]>([
    ['nothing', {}], ['no object', null], ['a text', '/data/a'], ['a list', ['/data/a']], ['a number', { path: 5 }],
    ['null', { path: null }], ['a list of one', { path: ['/data/a'] }], ['a String', { path: new String('/data/a') }],
    ['an object that becomes a path', { path: { toString: () => '/data/a' } }],
    ['an inherited path', Object.create({ path: '/data/a' })], ['a symbol', { path: '/data/a', [Symbol('x')]: 1 }],
  ])('a path that is %s: the tool does not run', async (_, args) => {
    let ran = 0
    const tool = guard.tool({ name: 'cat', paths: { path: 'read' } }, () => (ran++, said('')))
    const result = await tool(args as never)
    expect([ran, result.isError, receiptOf(result).decisions]).toEqual([0, true, []])
    expect(textOf(result)[0]).toMatch(/^the tool was not run: /)
  })

  test('names of objects are no paths', async () => {
    const odd = JSON.parse('{"__proto__":"read"}') as { x: 'read' }
    const tool = guard.tool({ name: 'cat', paths: odd }, () => said('ran'))
    expect(textOf(await tool({}))).toEqual(['the tool was not run: `__proto__` is not a string, and names a file'])
    const paths = { constructor: 'read' } as unknown as { x: 'read' }
    const own = guard.tool({ name: 'cat', paths }, () => said('ran'))
    expect(textOf(await own({}))).toEqual(['the tool was not run: `constructor` is not a string, and names a file'])
  })

  test('a path that may be left out', async () => {
    const spec = { name: 'cat', paths: { path: { use: 'read', optional: true } } } as const
    const tool = guard.tool(spec, (_args, { opened }) => said(Object.keys(opened).join()))
    const texts = [await tool({}), await tool({ path: 'a' }), await tool({ path: 5 })].map(textOf)
    expect(texts).toEqual([[''], ['path'], ['the tool was not run: `path` is not a string, and names a file']])
  })

  test('arguments and spec are read once: what was opened is what the tool sees', async () => {
    let reads = 0
    const args = { get path() { return reads++ === 0 ? 'a' : '/secret' } }
    const paths: Record<string, 'read'> = { path: 'read' }
    const tool = guard.tool({ name: 'cat', paths }, (given: { path: string }) => said(`${given.path} ${given.path}`))
    delete paths['path']
    const result = await tool(args)
    expect([textOf(result), reads]).toEqual([['a a'], 1])
    expect(receiptOf(result).decisions).toEqual([{ decision: 'allowed', act: 'read', path: 'a' }])
  })

  test('arguments are checked before a path is opened', async () => {
    const check = (): void => { throw new Error('not these') }
    const tool = guard.tool({ name: 'put', paths: { path: 'write' }, check }, () => said('ran'))
    expect(textOf(await tool({ path: 'a' }))).toEqual(['the tool was not run: not these'])
    expect(await box.fs.readFile('/data/a', 'utf8')).toBe('text')
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

  test('calls run side by side, each with what it was refused', async () => {
    const cat = guard.tool({ name: 'cat', paths: { path: 'read' } }, echo)
    const results = await Promise.all(['a', '/secret', 'a', '/secret'].map((path) => cat({ path })))
    expect(results.map((result) => receiptOf(result).decisions.map(({ decision }) => decision))).toEqual(
      [['allowed'], ['denied'], ['allowed'], ['denied']])
  })

  test('a call that waits keeps none from running, and has none of their denials', async () => {
    let goOn = (): void => {}
    const gate = new Promise<void>((resolve) => (goOn = resolve))
    const slow = guard.tool({ name: 'slow' }, async (_args, { files }) => {
      await gate
      return said(String(files.exists('/data/a')))
    })
    const cat = guard.tool({ name: 'cat', paths: { path: 'read' } }, echo)
    const waiting = slow({})
    const refused = await cat({ path: '/secret' })
    goOn()
    expect(receiptOf(refused).decisions).toHaveLength(1)
    expect([textOf(await waiting), receiptOf(await waiting).decisions]).toEqual([['true'], []])
  })

  test('`atOnce` calls run, and the others wait in their order', async () => {
    const two = new ToolGuard(box, 'sha256:0', '/data', { atOnce: 2 })
    const order: string[] = []
    let running = 0
    let most = 0
    const tool = two.tool({ name: 'one' }, async ({ name }: { name: string }) => {
      most = Math.max(most, ++running)
      order.push(name)
      await new Promise((resolve) => { setTimeout(resolve, 5) })
      running--
      return said(name)
    })
    await Promise.all([...'abcdef'].map((name) => tool({ name })))
    expect([order.join(''), most]).toEqual(['abcdef', 2])
  })

  test('a call that is cancelled while it waits does not run', async () => {
    const one = new ToolGuard(box, 'sha256:0', '/data', { atOnce: 1 })
    let ran = 0
    const tool = one.tool({ name: 'one' }, async () => {
      ran++
      await new Promise((resolve) => { setTimeout(resolve, 20) })
      return said('ran')
    })
    const stop = new AbortController()
    const first = tool({})
    const second = tool({}, { mcpReq: { signal: stop.signal } })
    stop.abort()
    expect(textOf(await second)).toEqual(['the tool was not run: cancelled'])
    expect(textOf(await first)).toEqual(['ran'])
    expect(textOf(await tool({}, { mcpReq: { signal: stop.signal } }))).toEqual(['the tool was not run: cancelled'])
    expect([textOf(await tool({})), ran]).toEqual([['ran'], 2])
  })

  test('reports rise, and go to the client that asks for them', async () => {
    const sent: unknown[] = []
    const notify = async (one: unknown): Promise<void> => void sent.push(one)
    const tool = guard.tool({ name: 'slow' }, (_args, { progress }) => {
      for (const done of [1, 2, 2, 1, 3]) progress?.({ progress: done, total: 3 })
      return said(String(progress !== undefined))
    })
    expect(textOf(await tool({}, { mcpReq: { notify } }))).toEqual(['false'])
    expect(textOf(await tool({}, { mcpReq: { notify, _meta: { progressToken: 'p' } } }))).toEqual(['true'])
    expect(sent).toEqual([1, 2, 3].map((progress) => (
      { method: 'notifications/progress', params: { progressToken: 'p', progress, total: 3 } })))
  })

  test('a resource and a prompt are answers with a receipt, or errors of the protocol with one', async () => {
    const file = guard.resource({ name: 'file', paths: { path: 'read' } }, (uri, { path }: { path: string }, call) => ({
      contents: [{ uri: uri.href, text: `${path} ${textOf(echo({}, call))[0]}` }],
    }))
    const read = await file(new URL('file:///data/a'), { path: '/data/a' })
    expect(read.contents).toEqual([{ uri: 'file:///data/a', text: '/data/a text' }])
    expect(read._meta![RECEIPT]).toMatchObject({ tool: 'file', decisions: [{ decision: 'allowed', act: 'read' }] })
    await expect(file(new URL('file:///secret'), { path: '/secret' })).rejects.toMatchObject({
      message: expect.stringContaining('`/secret`: read refused by landlock, not beneath /data') as string,
      data: { [RECEIPT]: { decisions: [{ decision: 'denied', path: '/secret' }] } },
    })
    const prompt = guard.prompt({ name: 'ask' }, (_args, { files }) => ({
      messages: [{ role: 'user', content: { type: 'text', text: String(files.readFile('/secret').length) } }],
    }))
    await expect(prompt({})).rejects.toMatchObject({ data: { [RECEIPT]: { tool: 'ask' } } })
  })
})

describe('a config', () => {
  test.each<[unknown, string]>([
    [{ tools: { bash: { lable: 'x' } } }, 'there is no option `lable`'],
    [{ tools: { run_wasn: false } }, 'there is no option `run_wasn`'],
    [{ tools: { constructor: false } }, 'there is no option `constructor`'],
    [JSON.parse('{"tools":{"__proto__":false}}'), 'there is no option `__proto__`'],
    [{ tools: new Map([['bash', false]]) }, '`tools` is not an object'],
    [{ limits: { tme: 1 } }, 'there is no option `tme`'],
    [{ allow: { raed: ['/data'] } }, 'there is no option `raed`'],
    [{ alow: {} }, 'there is no option `alow`'],
    [{ allow: { read: ['/data/*'] } }, '`/data/*` is a pattern'],
    [null, 'policy'],
  ])('%j', (config, message) => {
    expect(() => checkConfig(config)).toThrow(message)
  })

  test('is a copy: what changes afterwards is not the policy', () => {
    const read = ['/a']
    const config = checkConfig({ allow: { read } })
    read.push('/')
    expect(config).toEqual({ allow: { read: ['/a'] } })
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

describe('the tools, called by a program', () => {
  test.each<[ToolName, object, string]>([
    ['read_file', { pth: 'x' }, 'there is no option `pth` (did you mean `path`?)'],
    ['read_file', { path: 'x', encoding: 'constructor' }, '`encoding` is not one of utf8, base64'],
    ['write_file', { path: 'new', content: 5 }, '`content` is not a string'],
    ['write_file', { path: 'new', content: '', append: 'yes' }, '`append` is not a boolean'],
    ['list', {}, '`path` is not a string'],
    ['run_wasm', { program: 'x', args: [1] }, '`args[0]` is not a string'],
    ['bash', { command: 'echo', shell: 'sh' }, 'there is no option `shell`'],
  ])('%s %j does nothing', async (name, args, message) => {
    const tools = await openTools({ folder: import.meta.dirname })
    const result = await tools.host.call(name, args as never)
    await tools.close()
    expect([result.isError, textOf(result)[0]]).toEqual([true, `the tool was not run: ${message}`])
  })
})
