/** `curl` in a box: hosts, methods and paths, redirects, TLS, and a refusal with the rule that would permit it. */
import { createServer } from 'node:http'
import type { RequestListener, Server } from 'node:http'
import { createServer as createSecure } from 'node:https'
import type { AddressInfo } from 'node:net'
import { createSandbox, memory } from '@lsmkit/sandbox'
import type { HostRule, Sandbox, ShellRun } from '@lsmkit/sandbox'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bash } from './index.ts'
import { cert, key } from '../test/tls.ts'

const seen: string[] = []
const answer: RequestListener = (request, response) => {
  const { url = '', method = '', headers } = request
  seen.push(`${method} ${headers.host} ${url} ${headers.authorization ?? ''}`.trim())
  const moved = /^\/to\?(\d+)=(.*)$/.exec(url)
  const [, status, to] = moved ?? []
  if (to !== undefined) return void response.writeHead(Number(status), { location: decodeURIComponent(to) }).end()
  if (url === '/large') return void response.end(Buffer.alloc(300_000, 'x'))
  if (url === '/slow') return
  if (url === '/gone') return void response.writeHead(404).end('no\n')
  let body = ''
  request.on('data', (part) => (body += String(part)))
  request.on('end', () => response.setHeader('x-own', 'yes').end(`${method} ${url} ${body}\n`))
}
const servers: Server[] = []
const listen = async (server: Server): Promise<number> => {
  servers.push(server)
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}
let port: number
let secure: number
beforeAll(async () => {
  port = await listen(createServer(answer))
  secure = await listen(createSecure({ key, cert }, answer))
})
afterAll(() => {
  for (const server of servers) {
    server.closeAllConnections()
    server.close()
  }
})

const named = (host: string, more: object = {}, at = port): HostRule =>
  ({ host, port: at, addresses: ['127.0.0.1'], ...more })

const boxOf = (inline: boolean, hosts: readonly HostRule[], network: object = {}) => createSandbox({
  inline, shell: bash(), mounts: { '/out': memory() },
  allow: { read: ['/out'], write: ['/out'], exec: ['/bin'], ...(hosts.length === 0 ? {} : { hosts }) },
  network: { resolve: async () => ['127.0.0.1'], ...network },
})
const inBox = async (box: Sandbox, line: string): Promise<ShellRun> => {
  seen.length = 0
  return box.sh(line)
}
const sentences = ({ denials }: ShellRun): readonly string[] => denials.map(({ sentence }) => sentence)

test('a role has its own hosts, and a line lists those that it reached', async () => {
  const [read, all] = [named('api.example', { methods: ['GET'] }), named('api.example')]
  const box = await createSandbox({
    inline: true, shell: bash(), network: { resolve: async () => ['127.0.0.1'] },
    allow: { exec: ['/bin'], hosts: [all] }, roles: { reader: { allow: { exec: ['/bin'], hosts: [read] } } },
  })
  const line = (method: string) => `curl -s -X ${method} http://api.example:${port}/x`
  expect(await box.sh(line('POST'))).toMatchObject({ connections: [{ host: 'api.example', connections: 1 }] })
  expect((await box.sh(line('GET'), { role: 'reader' })).stdout).toBe('GET /x \n')
  const refused = await box.sh(line('POST'), { role: 'reader' })
  expect(refused).toMatchObject({ status: 7, connections: [] })
  expect(sentences(refused)).toEqual([`\`api.example:${port}\`: connect refused, POST is not among GET`])
  await box.close()
})

describe.each([true, false])('inline: %s', (inline) => {
  test('a host that is named, and one that is not, with the rule that would permit it', async () => {
    await using box = await boxOf(inline, [named('api.example')])
    expect(await inBox(box, `curl -s http://api.example:${port}/a?b=c | tr a-z A-Z`)).toMatchObject({
      status: 0, stdout: 'GET /A?B=C \n', stderr: '', denials: [],
    })
    expect(await inBox(box, `curl -s -d x=1 http://API.example.:${port}/form > /out/f; cat /out/f`)).toMatchObject({
      stdout: 'POST /form x=1\n',
    })
    const refused = await inBox(box, `curl -sS http://other.example:${port}/x; echo $?`)
    expect(refused).toMatchObject({
      stdout: '7\n', stderr: `curl: (7) Network access denied: http://other.example:${port}/x\n`,
      denials: [{ by: 'hosts', host: 'other.example', port }],
    })
    expect(sentences(refused)).toEqual([`\`other.example:${port}\`: connect refused, not in hosts`])
    expect(refused.denials[0]?.permit?.allow)
      .toEqual({ hosts: [{ host: 'other.example', port, methods: ['GET'], paths: ['/x'] }] })
    expect(seen).toEqual([])
  })

  test('methods and paths, on the wire as they were judged', async () => {
    await using box = await boxOf(inline, [named('api.example', { methods: ['GET'], paths: ['/v1'] })])
    const url = `http://api.example:${port}`
    expect(await inBox(box, `curl -s ${url}/v1/users`)).toMatchObject({ stdout: 'GET /v1/users \n', denials: [] })
    for (const [line, why] of [
      [`curl -X DELETE ${url}/v1/users`, 'DELETE is not among GET'],
      [`curl ${url}/v10`, 'its path is not beneath /v1'],
      [`curl ${url}/v1/%2e%2e/v2`, 'its path is not beneath /v1'],
      [`curl ${url}/v1/..%2fv2`, 'its path can be read in several ways'],
      [`curl ${url}/v1//x`, 'its path can be read in several ways'],
    ] as const) {
      const run = await inBox(box, line)
      expect(sentences(run), line).toEqual([`\`api.example:${port}\`: connect refused, ${why}`])
      expect(seen).toEqual([])
    }
  })

  test('redirects are asked again, and credentials stay with their host', async () => {
    await using box = await boxOf(inline, [
      named('api.example', { paths: ['/to', '/end'] }), named('b.example', { paths: ['/end'] }),
    ])
    const to = (status: number, url: string) => `http://api.example:${port}/to?${status}=${encodeURIComponent(url)}`
    const end = `http://b.example:${port}/end`
    expect(await inBox(box, `curl -sL -u me:secret '${to(302, end)}'`)).toMatchObject({ stdout: 'GET /end \n' })
    expect(seen.map((line) => line.includes('Basic'))).toEqual([true, false])
    expect(await inBox(box, `curl -sL -d x=1 '${to(307, end)}'`)).toMatchObject({ stdout: 'POST /end x=1\n' })
    expect(await inBox(box, `curl -sL -d x=1 '${to(302, end)}'`)).toMatchObject({ stdout: 'GET /end \n' })
    const refused = await inBox(box, `curl -sSL '${to(302, `http://b.example:${port}/other`)}'; echo $?`)
    expect(refused).toMatchObject({ stdout: '47\n' })
    expect(sentences(refused)).toEqual([`\`b.example:${port}\`: connect refused, its path is not beneath /end`])
    const inside = await inBox(box, `curl -sSL '${to(302, 'http://169.254.169.254/latest/')}'; echo $?`)
    expect(sentences(inside)).toEqual(['`169.254.169.254:80`: connect refused, not in hosts'])
  })

  test('TLS: the name of the certificate is the name that was asked for', async () => {
    const hosts = [named('api.example', {}, secure), named('api.other', {}, secure)]
    {
      await using box = await boxOf(inline, hosts, { ca: cert })
      expect(await inBox(box, `curl -s https://api.example:${secure}/t`)).toMatchObject({ stdout: 'GET /t \n' })
      expect((await inBox(box, `curl -sS https://api.other:${secure}/t`)).stderr)
        .toMatch(/TLS with api\.other: .*altnames/)
    }
    await using box = await boxOf(inline, hosts)
    expect((await inBox(box, `curl -sS https://api.example:${secure}/t`)).stderr)
      .toMatch(/TLS with api.example: self-signed/)
  })

  test('without any host curl is there, is refused, and a yes lets it', async () => {
    await using box = await boxOf(inline, [])
    const refused = await inBox(box, `curl -sS http://api.example:${port}/x`)
    expect(sentences(refused)).toEqual([`\`api.example:${port}\`: connect refused, not in hosts`])
    await using next = await box.with(refused.denials[0]!.permit!)
    expect(sentences(await inBox(next, `curl -sS http://api.example:${port}/x`)))
      .toEqual([expect.stringMatching(/^`api\.example:\d+`: connect refused, it leads to 127\.0\.0\.1, loopback/)])
  })

  test('status, headers, sizes, and time', async () => {
    await using box = await boxOf(inline, [named('api.example')])
    const url = `http://api.example:${port}`
    expect(await inBox(box, `curl -sf ${url}/gone; echo $?`)).toMatchObject({ stdout: '22\n' })
    expect((await inBox(box, `curl -si ${url}/`)).stdout).toContain('x-own: yes')
    expect(await inBox(box, `curl -s ${url}/large | wc -c`)).toMatchObject({ stdout: '300000\n' })
    const late = await inBox(box, `curl -sS --max-time 0.2 ${url}/slow; echo $?`)
    expect(late).toMatchObject({ stdout: '28\n', stderr: expect.stringContaining('aborted') })
    const stop = new AbortController()
    setTimeout(() => stop.abort(), 200)
    await expect(box.sh(`curl -s ${url}/slow`, { signal: stop.signal })).rejects.toThrow(/abort/i)
    expect(await inBox(box, `curl -s ${url}/after`)).toMatchObject({ stdout: 'GET /after \n' })
  })

  test('the program may be taken away, as any other', async () => {
    await using box = await boxOf(inline, [named('api.example')])
    await box.sh('true')
    await box.fs.chmod('/bin/curl', 0o600)
    expect(await inBox(box, `curl http://api.example:${port}/; echo $?`)).toMatchObject({ stdout: '126\n' })
    expect(seen).toEqual([])
  })
})
