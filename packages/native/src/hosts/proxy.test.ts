/** The proxy alone, asked by curl, and byte by byte. */
import { spawn, spawnSync } from 'node:child_process'
import { createServer } from 'node:http'
import { connect } from 'node:net'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { HostRule, Network } from '@lsmkit/sandbox/hosts'
import { wholeAllow } from '@lsmkit/sandbox/policy-parts'
import { testLandlock } from '../testing/host.ts'
import { HostProxy } from './proxy.ts'

const hasCurl = spawnSync('curl', ['--version'], { stdio: 'ignore' }).status === 0
if (!hasCurl) process.stderr.write('SKIPPED: curl through the proxy: it is not installed\n')

const server = createServer((request, response) => {
  let body = ''
  request.on('data', (part) => (body += String(part)))
  request.on('end', () => response.end(`${request.method} ${request.headers.host} ${request.url} ${body}`))
})
let port = 0
beforeAll(async () => {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  port = (server.address() as AddressInfo).port
})
afterAll(() => server.close())

const network: Network = {
  resolve: (name) => (name.endsWith('.example') ? Promise.resolve(['127.0.0.1']) : Promise.reject(new Error(name))),
}
const hosts = (): HostRule[] => [
  ...['api.example', 'api.test'].map((host) => ({ host, port, addresses: ['127.0.0.1'] })),
  { host: 'paths.example', port, addresses: ['127.0.0.1'], methods: ['GET'], paths: ['/v1'] },
  `inside.example:${port}`, `127.0.0.1:${port}`,
]
const withProxy = async <T>(use: (proxy: HostProxy) => Promise<T>, limits = {}): Promise<T> => {
  const proxy = new HostProxy({
    allow: wholeAllow({ hosts: hosts() }), limits: { connections: 8, traffic: Infinity, ...limits }, network,
    onDenial: () => {},
  })
  try {
    return await use(proxy)
  } finally {
    proxy.end()
  }
}

/** Its output, with the port as PORT, and its status. */
const curl = (proxy: HostProxy, line: string): Promise<string> => new Promise((resolve) => {
  const child = spawn('sh', ['-c', `${line.replaceAll('PORT', String(port))} || echo $?`], { env: {
    ...proxy.env, PATH: process.env.PATH,
  } })
  let text = ''
  child.stdout.on('data', (part) => (text += String(part)))
  child.on('close', () => resolve(text.trim().replaceAll(String(port), 'PORT')))
})

const REFUSED = 'PORT: refused by the policy (allow: hosts)'

describe.skipIf(testLandlock() === 0)('the proxy', () => {
  test.skipIf(!hasCurl).each<[what: string, line: string, out: string]>([
    ['a name', 'curl -s http://api.example:PORT/a', 'GET api.example:PORT /a'],
    ['a name as it is written', 'curl -s http://API.Example.:PORT/a', 'GET api.example.:PORT /a'],
    ['a tunnel', 'curl -sp http://api.example:PORT/b', 'GET api.example:PORT /b'],
    ['a body', 'curl -s -d x=1 http://api.example:PORT/', 'POST api.example:PORT / x=1'],
    ['a body in pieces', 'echo hi | curl -s -T - http://api.example:PORT/', 'PUT api.example:PORT / hi'],
    ['SOCKS', 'unset http_proxy; curl -s http://api.example:PORT/c', 'GET api.example:PORT /c'],
    ['an address', 'curl -s http://127.0.0.1:PORT/d', 'GET 127.0.0.1:PORT /d'],
    ['another name', 'curl -s http://other.example:PORT/', `other.example:${REFUSED}`],
    ['another port', 'curl -s http://api.example:1/', 'api.example:1: refused by the policy (allow: hosts)'],
    ['a name that leads inside', 'curl -s http://inside.example:PORT/', `inside.example:${REFUSED}`],
    ['a name that leads nowhere', 'curl -s http://api.test:PORT/', 'api.test:PORT: not reached: EHOSTUNREACH'],
    ['a method and a path', 'curl -s http://paths.example:PORT/v1/x', 'GET paths.example:PORT /v1/x'],
    ['another method', 'curl -s -X PUT http://paths.example:PORT/v1/x', `paths.example:${REFUSED}`],
    ['another path', 'curl -s http://paths.example:PORT/v2', `paths.example:${REFUSED}`],
    ['a path that leads out', 'curl -s --path-as-is http://paths.example:PORT/v1/../v2', `paths.example:${REFUSED}`],
    ['a tunnel past methods and paths', 'curl -sp http://paths.example:PORT/v1', '56'],
    ['SOCKS past methods and paths', 'unset http_proxy; curl -s http://paths.example:PORT/v1', '97'],
  ])('curl: %s', async (_, line, out) => {
    expect(await withProxy((proxy) => curl(proxy, line))).toBe(out)
  })

  test.skipIf(!hasCurl)('records hosts by name', async () => {
    await withProxy(async (proxy) => {
      await curl(proxy, 'curl -s http://api.example:PORT/; curl -sp http://evil.example:PORT/')
      expect(proxy.connections).toMatchObject([{ host: 'api.example', addresses: ['127.0.0.1'], connections: 1 }])
      expect(proxy.connections[0]!.received).toBeGreaterThan(50)
      expect(proxy.denials).toMatchObject([{
        by: 'hosts', act: 'connect', host: 'evil.example', port, errno: 'EACCES',
        sentence: `\`evil.example:${port}\`: connect refused, not in hosts`,
        permit: { allow: { hosts: [`evil.example:${port}`] } },
      }])
    })
  })

  test.skipIf(!hasCurl).each<[limits: object, out: RegExp, why: RegExp]>([
    [{ connections: 0 }, /too many connections/, /0 connections are open/],
    [{ traffic: 100 }, /^(?!GET).*/, /limit of 100 bytes/],
  ])('holds limits %o', async (limits, out, why) => {
    await withProxy(async (proxy) => {
      expect(await curl(proxy, 'curl -s http://api.example:PORT/')).toMatch(out)
      expect(proxy.denials.at(-1)?.sentence).toMatch(why)
    }, limits)
  })

  test('takes a request of SOCKS byte by byte', async () => {
    const got = await withProxy((proxy) => new Promise<string>((resolve) => {
      const socket = connect(proxy.port, '127.0.0.1', async () => {
        for (const byte of [5, 1, 0, 5, 2, 0, 1, 127, 0, 0, 1, 0, 80]) {
          socket.write(Uint8Array.of(byte))
          await new Promise((next) => setTimeout(next, 2))
        }
        socket.end()
      })
      let text = ''
      socket.on('data', (part) => (text += part.toString('hex')))
      socket.on('close', () => resolve(text))
    }))
    expect(got).toMatch(/^05000507/)
  })

  test.each<[what: string, bytes: string | number[], out: RegExp]>([
    ['a request for itself', 'GET / HTTP/1.1\r\nhost: x\r\n\r\n', /^HTTP\/1\.1 400 /],
    ['CONNECT without a port', 'CONNECT api.example HTTP/1.1\r\nhost: x\r\n\r\n', /^HTTP\/1\.1 400 /],
    ['another notation of an address', 'CONNECT 0x7f.1:80 HTTP/1.1\r\nhost: x\r\n\r\n', /^HTTP\/1\.1 403 /],
    ['a name with a NUL', 'CONNECT a\0b:80 HTTP/1.1\r\nhost: x\r\n\r\n', /^(HTTP\/1\.1 40|$)/],
    ['https: without a tunnel', 'GET https://api.example/ HTTP/1.1\r\nhost: x\r\n\r\n', /^HTTP\/1\.1 400 /],
    ['a length twice', 'POST http://api.example:1/ HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\n' +
      'transfer-encoding: chunked\r\n\r\n0\r\n\r\n', /^$/],
    ['no HTTP', '\0\0\0\0\r\n\r\n', /^$/],
    ['SOCKS with a password alone', [5, 1, 2], /^05ff$/],
    ['SOCKS of another version', [4, 1, 0, 80, 127, 0, 0, 1, 0], /^$/],
    ['SOCKS: BIND', [5, 1, 0, 5, 2, 0, 1, 127, 0, 0, 1, 0, 80], /^05000507/],
    ['SOCKS: a kind of address that there is not', [5, 1, 0, 5, 1, 0, 9, 1, 1], /^05000508/],
    ['SOCKS: a name of nothing', [5, 1, 0, 5, 1, 0, 3, 0, 0, 80], /^05000502/],
    ['SOCKS: an address by IPv6', [5, 1, 0, 5, 1, 0, 4, ...Array<number>(15).fill(0), 1, 0, 80], /^05000502/],
    ['SOCKS: cut', [5, 1, 0, 5, 1], /^0500$/],
  ])('answers %s', async (_, bytes, out) => {
    const got = await withProxy((proxy) => new Promise<Buffer>((resolve) => {
      const parts: Buffer[] = []
      const socket = connect(proxy.port, '127.0.0.1', () => socket.end(Buffer.from(bytes as string)))
      socket.on('data', (part) => parts.push(part))
      socket.on('error', () => {})
      socket.on('close', () => resolve(Buffer.concat(parts)))
    }))
    expect(typeof bytes === 'string' ? got.toString('latin1') : got.toString('hex')).toMatch(out)
  })
})
