/** The server as a process, driven by the official client over stdio. */
import {
  chmodSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { Client } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hashOf, RECEIPT } from './index.ts'
import type { Config, Receipt } from './index.ts'

const program = fileURLToPath(new URL('./lsmkit-mcp.ts', import.meta.url))
const node = ['--conditions=lsmkit:source', program]

let home = ''
const clients: Client[] = []

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'lsmkit-mcp-'))
  mkdirSync(join(home, 'project/src'), { recursive: true })
  mkdirSync(join(home, 'project/out'))
  writeFileSync(join(home, 'project/src/a.txt'), 'one\ntwo TODO\n')
  writeFileSync(join(home, 'project/src/bytes'), Uint8Array.of(0, 255, 1))
  writeFileSync(join(home, 'project/.env'), 'KEY=secret\n')
  writeFileSync(join(home, 'outside'), 'not yours\n')
  symlinkSync('../../outside', join(home, 'project/src/out-link'))
  copyFileSync(new URL('../../wasi/programs/cat.wasm', import.meta.url), join(home, 'project/src/cat.wasm'))
  chmodSync(join(home, 'project/src/cat.wasm'), 0o755)
})
afterAll(async () => {
  await Promise.all(clients.map((client) => client.close()))
  rmSync(home, { recursive: true, force: true })
})

const config: Config = {
  allow: { read: ['/project/src', '/project/out'], write: ['/project/out'], exec: ['/bin', '/project/src'] },
}

const connect = async (policy: Config | null): Promise<Client> => {
  const file = join(home, 'policy.json')
  writeFileSync(file, JSON.stringify(policy))
  const args = [...node, ...(policy === null ? [] : ['--policy', file]), join(home, 'project')]
  const client = new Client({ name: 'test', version: '1.0.0' })
  clients.push(client)
  await client.connect(new StdioClientTransport({ command: process.execPath, args, stderr: 'pipe' }))
  return client
}

interface Answer {
  readonly text: string
  readonly isError: boolean
  readonly receipt: Receipt
}
const call = async (on: Client, name: string, args: Record<string, unknown>): Promise<Answer> => {
  const result = await on.callTool({ name, arguments: args })
  const content = result.content as { type: string; text: string }[]
  return {
    text: content.map(({ text }) => text).join('|'), isError: result.isError === true,
    receipt: result._meta![RECEIPT] as Receipt,
  }
}

describe('the tools', () => {
  let on: Client
  beforeAll(async () => {
    on = await connect(config)
  })

  test('are listed, and do their work with a receipt', async () => {
    const { tools } = await on.listTools()
    expect(tools.map(({ name }) => name)).toEqual(['read_file', 'write_file', 'list', 'bash', 'run_wasm'])

    expect(await call(on, 'read_file', { path: 'src/a.txt' })).toEqual({
      text: 'one\ntwo TODO\n', isError: false,
      receipt: {
        version: 1, tool: 'read_file', policy: hashOf(config), user: null, label: null,
        decisions: [{ decision: 'allowed', act: 'read', path: 'src/a.txt' }],
      },
    })
    expect((await call(on, 'read_file', { path: '/project/src/bytes', encoding: 'base64' })).text).toBe('AP8B')
    const { size } = statSync(join(home, 'project/src/cat.wasm'))
    expect((await call(on, 'list', { path: 'src' })).text.split('\n')).toEqual(
      ['file\t13\ta.txt', 'file\t3\tbytes', `file\t${size}\tcat.wasm`, 'link\t13\tout-link'])
    expect(await call(on, 'write_file', { path: 'out/new', content: 'written\n' })).toMatchObject({ isError: false })
    await call(on, 'write_file', { path: 'out/new', content: 'more\n', append: true })
    expect(readFileSync(join(home, 'project/out/new'), 'utf8')).toBe('written\nmore\n')
    expect(await call(on, 'bash', { command: 'grep -rn TODO src | tee out/found' })).toMatchObject({
      text: 'src/a.txt:2:two TODO\n', isError: false, receipt: { tool: 'bash', decisions: [] },
    })
    expect(readFileSync(join(home, 'project/out/found'), 'utf8')).toBe('src/a.txt:2:two TODO\n')
    expect(await call(on, 'bash', { command: 'cat; exit 3', stdin: 'in\n' })).toMatchObject({
      text: 'in\n|exit status 3', isError: true,
    })
    expect(await call(on, 'run_wasm', { program: 'src/cat.wasm', args: ['src/a.txt'] })).toMatchObject({
      text: 'one\ntwo TODO\n', isError: false,
    })
    expect(await call(on, 'run_wasm', { program: 'src/cat.wasm', args: ['.env'] })).toMatchObject({
      isError: true, receipt: { decisions: [{ by: 'landlock', path: '/project/.env' }] },
    })
  })

  test('are refused what the policy refuses, with the sentence and the rule', async () => {
    const read = await call(on, 'read_file', { path: '.env' })
    expect(read).toMatchObject({
      isError: true,
      receipt: {
        decisions: [{ decision: 'denied', by: 'landlock', act: 'read', path: '/project/.env', errno: 'EACCES' }],
      },
    })
    expect(read.text).toContain("EACCES: permission denied, open '.env'")
    expect(read.text).toContain('/project/.env')
    expect(read.receipt.decisions[0]).toMatchObject({ rule: { read: ['/project/.env'] } })

    const write = await call(on, 'write_file', { path: 'src/a.txt', content: 'x' })
    expect(write.isError).toBe(true)
    expect(readFileSync(join(home, 'project/src/a.txt'), 'utf8')).toBe('one\ntwo TODO\n')

    const shell = await call(on, 'bash', { command: 'cat .env; echo $?' })
    expect(shell.receipt.decisions).toMatchObject([{ decision: 'denied', path: '/project/.env' }])
    expect(shell.text).not.toContain('secret')

    const link = await call(on, 'read_file', { path: 'src/out-link' })
    expect(link.isError).toBe(true)
    expect(link.text).not.toContain('not yours')
    expect((await call(on, 'read_file', { path: '../../../../../etc/passwd' })).isError).toBe(true)
  })

  test('with arguments that are none', async () => {
    const answer = await on.callTool({ name: 'read_file', arguments: { pth: 'x' } }).catch((error: Error) => ({
      isError: true, content: [{ text: error.message }],
    }))
    expect(answer.isError).toBe(true)
  })

  test('without a policy: read alone', async () => {
    const other = await connect(null)
    expect(await call(other, 'read_file', { path: '.env' })).toMatchObject({ text: 'KEY=secret\n' })
    expect(await call(other, 'write_file', { path: 'x', content: '' })).toMatchObject({ isError: true })
    expect(await call(other, 'bash', { command: 'echo x > out/y' })).toMatchObject({ isError: true })
  })

  test('some are left out', async () => {
    const few = await connect({ ...config, tools: { bash: false, run_wasm: false, write_file: false } })
    expect((await few.listTools()).tools.map(({ name }) => name)).toEqual(['read_file', 'list'])
  })
})

test.each<[string[], number, string]>([
  [['--polcy', 'x'], 2, "Unknown option '--polcy'"],
  [['/nowhere'], 2, '`/nowhere` is no folder'],
  [['--policy', '/nowhere', '.'], 3, 'ENOENT'],
  [['--policy', fileURLToPath(new URL('../package.json', import.meta.url)), '.'], 3, 'there is no option `name`'],
  [['--help'], 0, ''],
])('the command line %j', (args, status, message) => {
  const ended = spawnSync(process.execPath, [...node, ...args], { encoding: 'utf8' })
  expect(ended.status).toBe(status)
  expect(ended.stderr.replace(/^\(node.*\n.*\n/, '')).toContain(message)
  if (status === 0) for (const line of ended.stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80)
})
