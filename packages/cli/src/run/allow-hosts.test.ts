/** `--allow-host`: a program of `lsm run`, `lsm shell` and `lsm sandbox` and a server of the test. */
import { createSocket } from 'node:dgram'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { fetcher } from '../../../wasi/test/http-components.ts'
import { datagramClient } from '../../../wasi/test/udp-components.ts'
import { lsm } from '../../test/test-io.ts'

const cwd = mkdtempSync(join(tmpdir(), 'lsm-hosts-'))
const programs = join(dirname(createRequire(import.meta.url).resolve('@lsmkit/wasi/package.json')), 'programs')
const wget = join(programs, 'wget.wasm')
const server = createServer((_request, response) => void response.end('page\n'))
let port = 0
beforeAll(async () => {
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  port = (server.address() as AddressInfo).port
})
afterAll(() => {
  server.close()
  rmSync(cwd, { recursive: true })
})

const run = (...args: readonly string[]) => lsm(['run', ...args], { cwd })
const url = (host: string): string => `http://${host}:${port}/`
const led = (host: string): readonly string[] => ['--allow-host', `${host}:${port}=127.0.0.1`]

test('lsm run: the host that is named, and a sentence for any other', async () => {
  expect(await run(...led('api.example'), wget, url('api.example'))).toEqual({ code: 0, stdout: 'page\n', stderr: '' })
  const sentence = `lsm: \`other.example:${port}\`: connect refused, not in hosts\n`
  expect(await run(...led('api.example'), wget, url('other.example'))).toMatchObject({
    code: 1, stdout: '', stderr: expect.stringContaining(sentence),
  })
  const { stdout } = await run('--json', ...led('api.example'), wget, url('other.example'))
  expect(JSON.parse(stdout)).toMatchObject({ denials: [{ lsm: 'hosts', error: 'EACCES', reason: 'not in hosts' }] })
})

test('lsm run: datagrams to a host that is named for them', async () => {
  const socket = createSocket('udp4', (bytes, from) => void socket.send(`again: ${bytes}`, from.port, from.address))
  await new Promise<void>((resolve) => void socket.bind(0, '127.0.0.1', () => resolve()))
  const at = socket.address().port
  const nc = join(programs, 'nc.wasm')
  const say = (...options: readonly string[]) =>
    lsm(['run', ...options, nc, '-u', 'time.example', String(at)], { cwd, stdin: 'what\n' })
  const named = ['--allow-host', `time.example:${at}/udp=127.0.0.1`]
  expect(await say(...named)).toEqual({ code: 0, stdout: 'again: what\n', stderr: '' })
  expect(await say('--connect', '1', ...named)).toMatchObject({ code: 0, stdout: 'again: what\n' })
  expect(await say('--allow-host', `time.example:${at}=127.0.0.1`)).toMatchObject({
    code: 1, stderr: expect.stringContaining(`lsm: \`time.example:${at}/udp\`: connect refused, not in hosts\n`),
  })
  for (const connects of [true, false]) {
    writeFileSync(join(cwd, 'ask.wasm'), await datagramClient('time.example', at, 'you', { connects }))
    expect(await run(...named, 'ask.wasm')).toEqual({ code: 0, stdout: 'again: you', stderr: '' })
    const refused = await run('--json', '--allow-host', `api.example:${at}/udp=127.0.0.1`, 'ask.wasm')
    expect([refused.code, JSON.parse(refused.stdout)]).toMatchObject([1, {
      denials: [{
        lsm: 'hosts', error: 'EACCES', reason: 'not in hosts',
        details: { host: 'time.example', port: at, protocol: 'udp' },
      }],
    }])
  }
  socket.close()
})

test('lsm run: Landlock beside it, a range that the address is not in, limits', async () => {
  const beside = ['--connect', '1', ...led('api.example')]
  expect(await run(...beside, wget, url('api.example'))).toMatchObject({ code: 0, stdout: 'page\n' })
  expect(await run('--allow-host', `127.0.0.1:${port}`, wget, url('api.example'))).toMatchObject({ code: 1 })
  expect(await run(...led('api.example'), '--connections', '0', wget, url('api.example'))).toMatchObject({
    code: 1, stderr: expect.stringContaining('0 connections are open (limits: connections)'),
  })
  expect(await run(...led('api.example'), '--traffic', '20', '--json', wget, url('api.example')))
    .toMatchObject({ code: 1, stdout: expect.stringContaining('the limit of 20 bytes is used up') })
})

test('lsm run: requests of HTTP of a component', async () => {
  const asking = async (host: string): Promise<string> => {
    writeFileSync(join(cwd, 'fetch.wasm'), await fetcher(`${host}:${port}`))
    return 'fetch.wasm'
  }
  expect(await run(...led('api.example'), await asking('api.example')))
    .toMatchObject({ code: 0, stdout: 'page\n', stderr: '' })
  const refused = await run(...led('api.example'), await asking('other.example'))
  expect(refused.code).toBe(1)
  expect(refused.stderr).toContain(`lsm: \`other.example:${port}\`: connect refused, not in hosts`)
  // without hosts nothing is asked
  expect(await run(await asking('api.example'))).toMatchObject({ code: 1, stdout: 'O' })
})

test('lsm shell', async () => {
  const script = `wget ${url('api.example')}; wget ${url('other.example')}; echo $?`
  expect(await lsm(['shell', ...led('api.example'), '-c', script], { cwd })).toMatchObject({ stdout: 'page\n1\n' })
  expect(await lsm(['shell', ...led('a.b'), '--gateway', '10.0.0.1:80', '-c', ''], { cwd })).toMatchObject({ code: 2 })
})

test('lsm sandbox: only hosts that the policy has', async () => {
  const policy = join(cwd, 'policy.json')
  const hosts = [{ host: '*.example', port, addresses: ['127.0.0.1'] }, 'api.github.com:443']
  writeFileSync(policy, JSON.stringify({ version: 1, allow: { hosts } }))
  const sandbox = (...args: readonly string[]) => lsm(['sandbox', '--policy', policy, ...args], { cwd })
  expect(await sandbox('--explain')).toMatchObject({
    code: 0, stdout: expect.stringContaining(`hosts: *.example:${port}, api.github.com:443\n`),
  })
  expect(await sandbox('--allow-host', `api.example:${port}`, '--explain')).toMatchObject({
    code: 0, stdout: expect.stringContaining(`hosts: api.example:${port}\n`),
  })
  expect(await sandbox('--allow-host', 'npmjs.org:443', '--explain')).toMatchObject({
    code: 2, stderr: expect.stringContaining('the policy does not let it connect to `npmjs.org:443`'),
  })
})

test.each([
  ['api.github.com', '`api.github.com` is not a host and a port'], ['a.b:0', '`a.b:0` is not a host and a port'],
  ['0x7f.1:80', '`0x7f.1` is neither a name nor an address'], ['a.*.b:80', 'has a `*`'],
  ['224.0.0.251:5353/udp', '`224.0.0.251` is for many'], ['a.b:80/quic', 'is not a host and a port'],
  ['a.b:80=nowhere', '`nowhere` is not an address or a range'],
])('`%s` is a usage error', async (text, message) => {
  expect(await run('--allow-host', text, wget)).toMatchObject({ code: 2, stderr: expect.stringContaining(message) })
})
