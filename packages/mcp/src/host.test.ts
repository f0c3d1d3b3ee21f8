/** Resources, prompts, long outputs and reports of the small server's box. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openTools } from './index.ts'
import type { Tools } from './index.ts'
import { INLINE, Outputs } from './outputs.ts'

let home = ''
let tools: Tools

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'lsmkit-mcp-host-'))
  for (const dir of ['src/deep', 'prompts', 'secret', '.git', 'node_modules/x']) {
    mkdirSync(join(home, dir), { recursive: true })
  }
  const plain = ['a.txt', 'src/b.txt', 'src/deep/c%20.txt', 'src.txt', 'secret/key', '.git/config', 'node_modules/x/i']
  for (const file of plain) writeFileSync(join(home, file), `${file}\n`)
  writeFileSync(join(home, 'src/bytes'), Uint8Array.of(255, 0))
  symlinkSync('../secret/key', join(home, 'src/link'))
  writeFileSync(join(home, 'prompts/review.md'),
    'description: Reviews a file.\n\nLook at {{file}} as {{who}}. {{file}}!\n')
  writeFileSync(join(home, 'prompts/plain.md'), 'Say hello.\n')
  writeFileSync(join(home, 'prompts/no prompt.txt'), 'x')
  const read = ['src', 'prompts', 'a.txt', 'src.txt', '.git'].map((name) => `/project/${name}`)
  tools = await openTools({
    folder: home, config: { allow: { read, exec: ['/bin'] }, prompts: '/project/prompts' },
  })
})
afterAll(async () => {
  await tools.close()
  rmSync(home, { recursive: true, force: true })
})

const aText = expect.any(String) as string
const text = (uri: string): object => ({ contents: [{ uri, mimeType: 'text/plain', text: aText }] })

describe('resources', () => {
  test('are the files that may be read, without those of `.git` and `node_modules`', async () => {
    // the folder itself may not be listed, so its own files are named by nobody
    const { resources } = await tools.host.resources(undefined)
    expect(resources).toEqual([])
    const whole = await openTools({ folder: home })
    const listed = (await whole.host.resources(undefined)).resources.map(({ uri }) => uri)
    await whole.close()
    expect(listed).toEqual([
      'a.txt', 'prompts/no%20prompt.txt', 'prompts/plain.md', 'prompts/review.md', 'secret/key', 'src/b.txt',
      'src/bytes', 'src/deep/c%2520.txt', 'src.txt',
    ].map((name) => `file:///project/${name}`))
  })

  test('come by pages, each file once', async () => {
    const many = join(home, 'many')
    mkdirSync(many)
    for (let i = 0; i < 450; i++) {
      if (i % 50 === 0) mkdirSync(join(many, `d${i}`))
      writeFileSync(join(many, i % 2 === 0 ? `f${i}` : `d${i - (i % 50)}/f${i}`), '')
    }
    const whole = await openTools({ folder: many })
    const seen: string[] = []
    let pages = 0
    for (let cursor: string | undefined; pages === 0 || cursor !== undefined; pages++) {
      const page = await whole.host.resources(cursor)
      seen.push(...page.resources.map(({ uri }) => uri))
      cursor = page.nextCursor
    }
    await whole.close()
    rmSync(many, { recursive: true })
    expect([seen.length, new Set(seen).size, pages]).toEqual([450, 450, 3])
  })

  test('are read as text, or as base64', async () => {
    expect(await tools.host.read('file:///project/a.txt')).toMatchObject({ contents: [{ text: 'a.txt\n' }] })
    const odd = 'file:///project/src/deep/c%2520.txt'
    expect(await tools.host.read(odd)).toMatchObject(text(odd))
    expect(await tools.host.read('file:///project/src/bytes')).toMatchObject(
      { contents: [{ mimeType: 'application/octet-stream', blob: '/wA=' }] })
  })

  test.each([
    ['file:///project/secret/key', '`/project/secret/key`: read refused by landlock'],
    ['file:///project/src/link', '`/project/secret/key`: read refused by landlock'],
    ['file:///project/src/../secret/key', '`/project/secret/key`: read refused by landlock'],
    ['file:///project/src/%2e%2e/secret/key', 'refused by landlock'],
    ['file:///project/src/none', 'ENOENT'],
    ['file:///project/src%00/b.txt', 'ENOENT'],
    ['file:///etc/passwd', 'not found'],
    ['file://host/project/a.txt', 'not found'],
    ['file:///project/../etc/passwd', 'not found'],
    ['file:///project/%', 'not found'],
    ['file:///project/a.txt?x', 'not found'],
    ['https:///project/a.txt', 'not found'],
    ['lsmkit://output/none', 'not found'],
    ['', 'not found'],
  ])('%s is not read: %s', async (uri, message) => {
    await expect(tools.host.read(uri)).rejects.toThrow(message)
  })
})

describe('prompts', () => {
  test('are the files of the folder', async () => {
    expect(await tools.host.prompts()).toEqual({
      prompts: [
        { name: 'plain', arguments: [] },
        {
          name: 'review', description: 'Reviews a file.',
          arguments: [{ name: 'file', required: true }, { name: 'who', required: true }],
        },
      ],
    })
  })

  test('are filled, and nothing in an argument is filled again', async () => {
    expect(await tools.host.prompt('review', { file: '{{who}}', who: '$&' })).toMatchObject({
      description: 'Reviews a file.',
      messages: [{ role: 'user', content: { type: 'text', text: 'Look at {{who}} as $&. {{who}}!\n' } }],
    })
  })

  test.each<[string, Record<string, unknown>, string]>([
    ['review', { file: 'a' }, 'the argument `who` is missing'],
    ['review', { file: 'a', who: 1 }, 'the argument `who` is missing, or is not a text'],
    ['plain', { file: 'a' }, 'the prompt has no argument `file`'],
    ['plain', JSON.parse('{"__proto__":"x"}') as Record<string, unknown>, 'no argument `__proto__`'],
    ['../a', {}, 'there is no such prompt'],
    ['none', {}, 'ENOENT'],
  ])('%s with %j is refused: %s', async (name, args, message) => {
    await expect(tools.host.prompt(name, args)).rejects.toThrow(message)
  })

  test('that may not be read are not there', async () => {
    const shut = await openTools({
      folder: home, config: { allow: { read: ['/project/src'] }, prompts: '/project/prompts' },
    })
    await expect(shut.host.prompts()).rejects.toThrow('refused by landlock')
    await expect(shut.host.prompt('plain', {})).rejects.toThrow('refused by landlock')
    await shut.close()
  })
})

describe('a long output', () => {
  test('is cut in the result, and read by parts', async () => {
    const result = await tools.host.call('bash', { command: 'printf "%0200000d" 0; echo -n "end"' })
    const link = result.content.find((one) => one.type === 'resource_link')
    expect(link).toMatchObject({ name: 'stdout', size: 200_003 })
    const { uri } = link as { uri: string }
    const part = async (query: string): Promise<string> => {
      const { contents: [first] } = await tools.host.read(`${uri}${query}`)
      return (first as { text: string }).text
    }
    expect((await part('?offset=200000')).toString()).toBe('end')
    expect(await part('?offset=199999&length=2')).toBe('0e')
    expect((await part('')).length).toBe(INLINE)
    expect(await part('?offset=-1&length=x')).toBe(await part(''))
  })

  test('is not cut in half a character, and the oldest of many go', () => {
    const outputs = new Outputs(3)
    expect(outputs.keep('ab\u{1F600}c').shown).toBe('ab')
    expect(outputs.keep('abc')).toEqual({ shown: 'abc', uri: null })
    const first = outputs.keep('x'.repeat(20 * 2 ** 20)).uri!
    const second = outputs.keep('y'.repeat(20 * 2 ** 20)).uri!
    expect([outputs.read(`${first}?length=1`), outputs.read(`${second}?length=1`)]).toEqual([undefined, 'y'])
  })
})

test('a long call reports to the client that asks, and a program what it writes', async () => {
  const messages: string[] = []
  const notify = async ({ params }: { params?: unknown }): Promise<void> =>
    void messages.push((params as { message: string }).message)
  await tools.host.call('bash', { command: 'sleep 1.3' }, { mcpReq: { notify, _meta: { progressToken: 1 } } })
  expect(messages.length).toBeGreaterThanOrEqual(1)
  expect(messages[0]).toMatch(/^running for \d(\.\d)? s$/)
})
