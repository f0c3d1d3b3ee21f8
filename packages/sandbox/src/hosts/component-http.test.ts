/** `wasi:http` of a component in a box: the policy's hosts decide, and a refusal is a record. */
import { createServer } from 'node:http'
import type { AddressInfo, Server } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { fetcher3 } from '../../../wasi/test/components3.ts'
import { fetcher } from '../../../wasi/test/http-components.ts'
import { createSandbox } from '../index.ts'
import type { HostEntry, RunResult, SandboxOptions } from '../index.ts'

let server: Server
let port: number
/** They ask for the page `/` of api.example. */
let asking: readonly Uint8Array<ArrayBuffer>[]
beforeAll(async () => {
  server = createServer((request, response) => void response.end(`page of ${request.url} at ${request.headers.host}\n`))
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  port = (server.address() as AddressInfo).port
  asking = [await fetcher(`api.example:${port}`), await fetcher3(`api.example:${port}`)]
})
afterAll(() => void server.close())

type Host = Omit<HostEntry, 'port'>
const run = async (
  hosts: readonly Host[], program: Uint8Array<ArrayBuffer>, how: SandboxOptions = { inline: true },
): Promise<RunResult> => {
  await using box = await createSandbox({
    ...how, allow: { hosts: hosts.map((host) => ({ addresses: ['127.0.0.0/8'], ...host, port })) },
    network: { resolve: async () => ['127.0.0.1'] },
  })
  return await box.run(program)
}
const error = (code: number): string => String.fromCharCode(64 + code)
const DENIED = error(15)

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
  const { stdout, denials, reason } = await run(hosts, await fetcher(`${host}:${port}`, path))
  expect(reason).toBe('')
  expect(stdout).toBe(out(port))
  expect(denials.map(({ sentence }) => sentence)).toEqual(sentences(port))
})

test.each<[where: string, how: SandboxOptions]>([
  ['suspended', { inline: true }],
  ['in a worker', { inline: true, programs: 'threads' }],
  ['in a box of another thread', { inline: false }],
])('%s, by a call of WASI 0.2 that waits, and by one of 0.3', async (_where, how) => {
  const authority = `api.example:${port}`
  for (const program of asking) {
    expect(await run([{ host: 'api.example' }], program, how))
      .toMatchObject({ status: 0, reason: '', stdout: `page of / at ${authority}\n` })
    const { stdout, status, denials } = await run([], program, how)
    expect([stdout === '' || stdout === DENIED, status]).toEqual([true, 1])
    expect(denials.map(({ sentence }) => sentence)).toEqual([`\`${authority}\`: connect refused, not in hosts`])
  }
})
