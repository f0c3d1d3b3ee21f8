/** Hosts in a policy of the server: `curl` of the tool `bash`, and its refusals in the receipt. */
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTools, RECEIPT } from './index.ts'
import type { Receipt } from './index.ts'

const folder = mkdtempSync(join(tmpdir(), 'mcp-hosts-'))
const server = createServer((request, response) => void response.end(`${request.method} ${request.url}\n`))
let port: number
beforeAll(async () => {
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  port = (server.address() as AddressInfo).port
})
afterAll(() => {
  server.close()
  rmSync(folder, { recursive: true })
})

test('a host, its methods and paths, and what is refused', async () => {
  const hosts = [{ host: 'api.example', port, methods: ['GET'], paths: ['/v1'], addresses: ['127.0.0.1'] }]
  const tools = await openTools({
    folder, config: { allow: { exec: ['/bin'], hosts } }, network: { resolve: async () => ['127.0.0.1'] },
  })
  try {
    const url = `http://api.example:${port}`
    const allowed = await tools.host.call('bash', { command: `curl -s ${url}/v1/list` })
    expect(allowed).toMatchObject({ isError: false, content: [{ text: 'GET /v1/list\n' }] })
    const refused = await tools.host.call('bash', { command: `curl -s -X PUT ${url}/v1/list` })
    expect(refused).toMatchObject({ isError: true })
    expect(refused.content.at(-1))
      .toMatchObject({ text: `\`api.example:${port}\`: connect refused, PUT is not among GET` })
    expect((refused._meta![RECEIPT] as Receipt).decisions).toMatchObject([{
      decision: 'denied', by: 'hosts', act: 'connect', path: null, host: 'api.example', port, errno: 'EACCES',
      rule: { hosts: [{ host: 'api.example', port, methods: ['PUT'], paths: ['/v1/list'], addresses: ['127.0.0.1'] }] },
    }])
  } finally {
    await tools.close()
  }
})
