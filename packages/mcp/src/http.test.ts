/** The server over HTTP: who is served, and that both eras of the protocol work. */
import { request as httpRequest } from 'node:http'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createServer, openTools, serveHttp } from './index.ts'
import type { HttpOptions, HttpServer, Tools } from './index.ts'

const TOKEN = 'a-token-of-many-letters'
let home = ''
let tools: Tools
let server: HttpServer

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'lsmkit-mcp-http-'))
  writeFileSync(join(home, 'a.txt'), 'one\n')
  tools = await openTools({ folder: home })
  server = await serveHttp(() => createServer(tools), {
    token: TOKEN, origins: ['page.example'], hosts: ['box.example'],
  })
})
afterAll(async () => {
  await server.close()
  await tools.close()
  rmSync(home, { recursive: true, force: true })
})

const ping = JSON.stringify({
  jsonrpc: '2.0', id: 1, method: 'initialize',
  params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 't', version: '1' } },
})

/** By Node's own client, which sends any Host and Origin. */
const post = (headers: Record<string, string>, path = '/mcp', method = 'POST', body = ping): Promise<number> =>
  new Promise((resolve, reject) => {
    const one = httpRequest({
      host: server.url.hostname, port: server.url.port, path, method,
      headers: {
        'content-type': 'application/json', accept: 'application/json, text/event-stream',
        authorization: `Bearer ${TOKEN}`, ...headers,
      },
    }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode!))
    })
    one.on('error', reject)
    one.end(method === 'GET' ? undefined : body)
  })

test.each<[string, Record<string, string>, number]>([
  ['the token', {}, 200],
  ['another token', { authorization: 'Bearer another-token-of-letters' }, 401],
  ['the token without its kind', { authorization: TOKEN }, 401],
  ['no token', { authorization: '' }, 401],
  ['a name of this machine', { host: 'localhost' }, 200],
  ['a name that was given', { host: 'box.example' }, 200],
  ['a name that leads here by DNS', { host: 'evil.example' }, 403],
  ['a name that begins well', { host: 'localhost.evil.example' }, 403],
  ['a page of this machine', { origin: 'http://localhost:3000' }, 200],
  ['a page that was given', { origin: 'https://page.example' }, 200],
  ['any other page', { origin: 'https://evil.example' }, 403],
  ['a page without a name', { origin: 'null' }, 403],
])('a request with %s', async (_, headers, status) => {
  expect(await post(headers)).toBe(status)
})

test('other paths, methods and bodies', async () => {
  expect(await post({}, '/')).toBe(404)
  expect(await post({}, '/mcp', 'GET')).toBe(400)
  expect(await post({}, '/mcp', 'PUT')).toBe(405)
  expect(await post({ 'mcp-session-id': 'another' })).toBe(404)
  expect(await post({ 'content-type': 'text/plain' })).toBe(415)
  expect(await post({}, '/mcp', 'POST', `"${'x'.repeat(5 * 1024 * 1024)}"`)).toBe(413)
  expect(await post({}, '/mcp', 'POST', '{')).toBe(400)
})

describe('the official client', () => {
  test('lists, calls, reads, and gets reports while a call goes on', async () => {
    const client = new Client({ name: 'test', version: '1.0.0' })
    await client.connect(new StreamableHTTPClientTransport(server.url, {
      requestInit: { headers: { authorization: `Bearer ${TOKEN}` } },
    }))
    expect((await client.listTools()).tools.map(({ name }) => name)).toContain('bash')
    expect((await client.listResources()).resources.map(({ uri }) => uri)).toEqual(['file:///project/a.txt'])
    expect((await client.readResource({ uri: 'file:///project/a.txt' })).contents).toMatchObject([{ text: 'one\n' }])
    const reports: unknown[] = []
    const slow = client.callTool({ name: 'bash', arguments: { command: 'sleep 1.2; cat a.txt' } },
      { onprogress: (report) => void reports.push(report) })
    const quick = await client.callTool({ name: 'read_file', arguments: { path: 'a.txt' } })
    expect(quick.content).toMatchObject([{ text: 'one\n' }])
    expect((await slow).content).toMatchObject([{ text: 'one\n' }])
    expect(reports.length).toBeGreaterThanOrEqual(1)
    await client.close()
  })
})

test.each<[HttpOptions, string]>([
  [{ token: 'short' }, 'the token is too short'],
  [{ address: '0.0.0.0', token: null }, '`0.0.0.0` is reached from other machines'],
  [{ address: '0.0.0.0', token: TOKEN }, '`0.0.0.0` has a name that clients use'],
  [{ token: null, prot: 1 } as never, 'there is no option `prot`'],
  [{} as never, '`token` is not a string or null'],
])('%j is refused: %s', async (options, message) => {
  await expect(serveHttp(() => createServer(tools), options)).rejects.toThrow(message)
})
