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
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { hashOf, RECEIPT } from './index.ts'
import type { Config, Receipt } from './index.ts'

const program = fileURLToPath(new URL('./lsmkit-mcp.ts', import.meta.url))
const node = ['--conditions=lsmkit:source', program]

let home = ''
const clients: Client[] = []
/** A server that starts from sources on a machine with much else to do takes its time. */
const patient = { timeout: 300_000 }

/** `(module (memory (export "memory") 1) (func (export "_start") (loop br 0)))` */
const LOOP = Buffer.from('0061736d0100000001040160000003020100050301000107130206' +
  '6d656d6f72790200065f737461727400000a0901070003400c000b0b', 'hex')

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
  // the transport passes little of the environment on: its server would compile all sources again
  const env = { NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE! }
  await client.connect(new StdioClientTransport({ command: process.execPath, args, env, stderr: 'pipe' }), patient)
  return client
}

interface Answer {
  readonly text: string
  readonly isError: boolean
  readonly receipt: Receipt
}
const call = async (on: Client, name: string, args: Record<string, unknown>): Promise<Answer> => {
  const result = await on.callTool({ name, arguments: args }, patient)
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
        version: 1, tool: 'read_file', policy: hashOf(config), user: null, label: null, role: null,
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

  test.each<[string, Record<string, unknown>, string]>([
    ['read_file', { pth: 'x' }, "data must have required property 'path'"],
    ['read_file', { path: 5 }, 'data/path must be string'],
    ['read_file', { path: 'src/a.txt', encoding: 'x' }, 'data/encoding must be equal to one of'],
    ['list', { path: 'src', all: true }, 'data must NOT have additional properties'],
    ['read_file', { path: 'src/a.txt\0.md' }, 'ENOENT: no such file or directory, open'],
  ])('with arguments that are none: %s %j', async (name, args, message) => {
    const answer = await on.callTool({ name, arguments: args })
    expect(answer.isError).toBe(true)
    expect((answer.content as { text: string }[])[0]?.text).toContain(message)
  })

  test('that are none', async () => {
    await expect(on.callTool({ name: 'nothing' })).rejects.toThrow('Tool nothing not found')
  })

  test('two calls at once, and one of great output', async () => {
    const both = await Promise.all([call(on, 'bash', { command: 'echo 1' }), call(on, 'list', { path: 'out' })])
    expect(both.map(({ receipt }) => receipt.tool)).toEqual(['bash', 'list'])
    const great = await call(on, 'bash', { command: 'printf "%02000000d" 7 | tee out/great' })
    expect(great.text).toContain('[the first 65536 of 2000000 characters; lsmkit://output/')
    expect(statSync(join(home, 'project/out/great')).size).toBe(2_000_000)
    const uri = /lsmkit:[^ ]*/.exec(great.text)![0]
    const { contents } = await on.readResource({ uri: `${uri}?offset=1999990&length=100` })
    expect(contents).toMatchObject([{ text: '0000000007' }])
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

describe('a command line that never ends, or reads what never does', () => {
  // few commands that take long and little memory: a fast machine must meet no other limit first
  const endless = 'while true; do y=$(seq 5000); done'

  test('ends at its limit, and at the call that is cancelled, and others are answered', async () => {
    const open: Config = { allow: { read: ['/'], exec: ['/bin'] } }
    const on = await connect({ ...open, limits: { time: 2_000, memory: '64 MiB' } })
    expect(await call(on, 'bash', { command: 'head -c 5 /dev/zero | wc -c' })).toMatchObject({ text: '5\n' })
    expect(await call(on, 'bash', { command: 'awk 1 /dev/zero' })).toMatchObject({
      isError: true, text: 'awk: /dev/zero: File too large\n|exit status 1',
    })
    expect(await call(on, 'read_file', { path: '/dev/zero' })).toMatchObject({
      isError: true, text: expect.stringContaining('EFBIG: file too large, read') as string,
    })
    expect(await call(on, 'bash', { command: endless })).toMatchObject({
      isError: true, text: 'exit status 152: SIGXCPU: time limit',
    })
    const slow = await connect({ ...open, limits: { time: 300_000 } })
    await call(slow, 'list', { path: 'src' })
    const cancel = new AbortController()
    const called = slow.callTool({ name: 'bash', arguments: { command: endless } }, {
      ...patient, signal: cancel.signal,
    })
    await slow.ping(patient)
    cancel.abort()
    await expect(called).rejects.toThrow()
    expect(await call(slow, 'read_file', { path: 'src/a.txt' })).toMatchObject({ text: 'one\ntwo TODO\n' })
  })
})

describe('a program that never ends', () => {
  let on: Client
  const loop = { program: 'src/loop.wasm' }
  beforeAll(async () => {
    writeFileSync(join(home, 'project/src/loop.wasm'), LOOP, { mode: 0o755 })
    on = await connect({ ...config, limits: { time: 2_000 } })
    await call(on, 'list', { path: 'src' })
  })

  test('ends at its limit', async () => {
    const ended = call(on, 'run_wasm', loop)
    const command = call(on, 'bash', { command: 'src/loop.wasm' })
    const other = call(on, 'read_file', { path: 'src/a.txt' })
    expect(await ended).toMatchObject({ text: 'exit status 152: SIGXCPU: time limit', isError: true })
    expect(await command).toMatchObject({ isError: true })
    expect(await other).toMatchObject({ text: 'one\ntwo TODO\n' })
  })

  test('ends when the call is cancelled, and the server answers meanwhile', async () => {
    const slow = await connect({ ...config, limits: { time: 300_000 } })
    await call(slow, 'list', { path: 'src' })
    const cancel = new AbortController()
    const over = vi.fn<() => void>()
    const called = slow.callTool({ name: 'run_wasm', arguments: loop }, { ...patient, signal: cancel.signal })
      .finally(over)
    await slow.ping(patient)
    expect((await slow.listTools({}, patient)).tools).toHaveLength(5)
    expect(over).not.toHaveBeenCalled()
    cancel.abort()
    await expect(called).rejects.toThrow()
    expect(await call(slow, 'read_file', { path: 'src/a.txt' })).toMatchObject({ text: 'one\ntwo TODO\n' })
  })
})

test.each<[string[], number, string]>([
  [['--polcy', 'x'], 2, "Unknown option '--polcy'"],
  [['/nowhere'], 2, '`/nowhere` is not a folder'],
  [['--policy', '/nowhere', '.'], 3, 'ENOENT'],
  [['--policy', fileURLToPath(new URL('../package.json', import.meta.url)), '.'], 3, 'there is no option `name`'],
  [['--help'], 0, ''],
])('the command line %j', (args, status, message) => {
  const ended = spawnSync(process.execPath, [...node, ...args], { encoding: 'utf8' })
  expect(ended.status).toBe(status)
  expect(ended.stderr.replace(/^\(node.*\n.*\n/, '')).toContain(message)
  if (status === 0) for (const line of ended.stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80)
})
