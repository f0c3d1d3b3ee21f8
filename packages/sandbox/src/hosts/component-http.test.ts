/** `wasi:http` of a component in a box: the policy's hosts decide, and a refusal is a record. */
import { createServer } from 'node:http'
import type { AddressInfo, Server } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { fetcher } from '../../../wasi/test/http-components.ts'
import { createSandbox } from '../index.ts'
import type { HostEntry, RunResult } from '../index.ts'

let server: Server
let port: number
beforeAll(async () => {
  server = createServer((request, response) => void response.end(`page of ${request.url} at ${request.headers.host}\n`))
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  port = (server.address() as AddressInfo).port
})
afterAll(() => void server.close())

/** Programs of Node 20 keep the thread while they wait. */
const mayWait = 'Suspending' in WebAssembly

type Host = Omit<HostEntry, 'port'>
const run = async (
  hosts: readonly Host[], authority: string, path: string, inline = true,
): Promise<RunResult> => {
  await using box = await createSandbox({
    inline, allow: { hosts: hosts.map((host) => ({ addresses: ['127.0.0.0/8'], ...host, port })) },
    network: { resolve: async () => ['127.0.0.1'] },
  })
  return await box.run(await fetcher(`${authority}:${port}`, path))
}
const error = (code: number): string => String.fromCharCode(64 + code)
const DENIED = error(15)
const KEEPS_THREAD = error(38)

type Case = readonly [what: string, hosts: readonly Host[], host: string, path: string,
  out: (port: number) => string, sentences: (port: number) => readonly string[]]
const cases: readonly Case[] = [
  ['a named host', [{ host: 'api.example' }], 'api.example', '/a?b',
    (at) => `page of /a?b at api.example:${at}\n`, () => []],
  ['a path that is named', [{ host: 'api.example', methods: ['GET'], paths: ['/v1'] }], 'api.example', '/v1/x',
    (at) => `page of /v1/x at api.example:${at}\n`, () => []],
  ['another path', [{ host: 'api.example', methods: ['GET'], paths: ['/v1'] }], 'api.example', '/v2',
    () => DENIED, (at) => [`\`api.example:${at}\`: connect refused, its path is not beneath /v1`]],
  ['a path that leads out of the named one', [{ host: 'api.example', methods: ['GET'], paths: ['/v1'] }],
    'api.example', '/v1/../v2', () => DENIED,
    (at) => [`\`api.example:${at}\`: connect refused, its path is not beneath /v1`]],
  ['another host', [{ host: 'api.example' }], 'other.example', '/',
    () => DENIED, (at) => [`\`other.example:${at}\`: connect refused, not in hosts`]],
  ['no host at all', [], 'api.example', '/',
    () => DENIED, (at) => [`\`api.example:${at}\`: connect refused, not in hosts`]],
]

test.each(cases)('%s', async (_what, hosts, host, path, out, sentences) => {
  const { stdout, status, denials, reason } = await run(hosts, host, path)
  expect(reason).toBe('')
  if (!mayWait) return expect({ stdout, status }).toEqual({ stdout: KEEPS_THREAD, status: 1 })
  expect(stdout).toBe(out(port))
  expect(denials.map(({ sentence }) => sentence)).toEqual(sentences(port))
})

test('in a box of another thread', async () => {
  const { stdout } = await run([{ host: 'api.example' }], 'api.example', '/far', false)
  expect(stdout).toBe(mayWait ? `page of /far at api.example:${port}\n` : KEEPS_THREAD)
})
