/** `allow: { hosts }`, from the program's socket to a server of the test, in this thread and in workers. */
import { createServer } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createSandbox } from '../index.ts'
import type { Network, RunResult, Sandbox, SandboxOptions } from '../index.ts'
import { tool } from '../testing/programs.ts'

const [wget, nc] = [tool('wget'), tool('nc')]

const servers: Server[] = []
const open = new Set<Socket>()
/** A server on the loopback of the host; its port. */
const serve = (take: (socket: Socket) => void): Promise<number> => new Promise((resolve) => {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    open.add(socket)
    socket.on('close', () => open.delete(socket))
    socket.on('error', () => {})
    take(socket)
  })
  servers.push(server)
  server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
})

const page = (body: string) => (socket: Socket): void => {
  let asked = ''
  socket.on('data', (bytes) => {
    asked += String(bytes)
    if (asked.endsWith('\r\n\r\n')) socket.end(`HTTP/1.0 200 OK\r\n\r\n${body}`)
  })
}

let port: number
let echo: number
beforeAll(async () => {
  port = await serve(page('page\n'))
  echo = await serve((socket) => socket.pipe(socket))
})
afterAll(() => {
  for (const socket of open) socket.destroy()
  for (const server of servers) server.close()
})

/** A resolver of the test: each answer in turn, and the last one from then on. */
const answers = (table: Readonly<Record<string, readonly (readonly string[])[]>>) => {
  const asked: string[] = []
  const resolve: Network['resolve'] = async (name) => {
    const given = table[name]
    if (given === undefined) throw new Error('ENOTFOUND')
    const at = asked.filter((one) => one === name).length
    asked.push(name)
    return given[Math.min(at, given.length - 1)]!
  }
  return { asked, resolve }
}
const loopback = { 'api.example': [['127.0.0.1']], 'a.b.example': [['127.0.0.1']] }

const inBox = async <T>(options: SandboxOptions, use: (box: Sandbox) => Promise<T>): Promise<T> => {
  const box = await createSandbox(options)
  try {
    return await use(box)
  } finally {
    await box.close()
  }
}
const sentences = ({ denials }: RunResult): readonly string[] => denials.map(({ sentence }) => sentence)
const get = (box: Sandbox, host: string, at = port): Promise<RunResult> =>
  box.run(wget, { args: [`http://${host}:${at}/`] })

describe.each([{ inline: true }, { inline: false }])('%o', (where) => {
  const here = { ...where, network: { resolve: answers(loopback).resolve } }
  const named = (host: string, addresses = ['127.0.0.0/8'], at = port) => ({ host, port: at, addresses })

  test('a named host is reached, and no other, with the rule that would permit it', async () => {
    await inBox({ ...here, allow: { hosts: [named('api.example')] } }, async (box) => {
      expect(await get(box, 'api.example')).toMatchObject({ status: 0, stdout: 'page\n', denials: [] })
      expect(await get(box, 'API.Example.')).toMatchObject({ status: 0, stdout: 'page\n' })
      const refused = await get(box, 'other.example')
      expect(refused).toMatchObject({
        status: 1,
        denials: [{
          by: 'hosts', act: 'connect', host: 'other.example', port, errno: 'EACCES', call: 'connect',
          permit: { allow: { hosts: [`other.example:${port}`] } },
        }],
      })
      expect(sentences(refused)).toEqual([`\`other.example:${port}\`: connect refused, not in hosts`])
      expect(sentences(await get(box, 'api.example', 1))).toEqual(['`api.example:1`: connect refused, not in hosts'])
      expect(String(await box.explain())).toContain(`hosts: api.example:${port}\n`)
    })
  })

  test('a role has the hosts that it names, and a yes widens it', async () => {
    const allow = { hosts: [named('api.example'), named('a.b.example'), named('api.example', undefined, echo)] }
    const roles = { one: { allow: { hosts: [named('a.b.example')] } }, none: { allow: {} }, all: { user: 'nobody' } }
    await inBox({ ...here, allow, roles }, async (box) => {
      const as = (role: string, host: string, in_ = box): Promise<RunResult> =>
        in_.run(wget, { args: [`http://${host}:${port}/`], role })
      expect(await as('one', 'a.b.example')).toMatchObject({ status: 0, stdout: 'page\n', denials: [] })
      expect(await as('all', 'api.example')).toMatchObject({ status: 0, stdout: 'page\n' })
      expect(sentences(await as('none', 'api.example'))[0]).toMatch(/sockets of this kind/)
      const refused = await as('one', 'api.example')
      expect(sentences(refused)).toEqual([`\`api.example:${port}\`: connect refused, not in hosts`])
      expect(await get(box, 'api.example')).toMatchObject({ status: 0 })
      const next = await box.with(refused.denials[0]!.permit!)
      const [led] = (await as('one', 'api.example', next)).denials
      expect(led?.sentence).toContain('it leads to 127.0.0.1')
      await next.close()
    })
  })

  test('a result lists the hosts that were reached, with bytes', async () => {
    const hosts = [named('api.example'), named('api.example', undefined, echo)]
    await inBox({ ...here, allow: { hosts } }, async (box) => {
      const { connections } = await box.run(nc, { args: ['api.example', String(echo)], stdin: 'four' })
      const reached = { host: 'api.example', protocol: 'tcp', addresses: ['127.0.0.1'], connections: 1 }
      expect(connections).toEqual([{ ...reached, port: echo, sent: 4, received: 4, requests: [], requestsLeftOut: 0 }])
      expect((await get(box, 'api.example')).connections).toMatchObject([{ ...reached, port, received: 24 }])
      expect((await get(box, 'other.example')).connections).toEqual([])
    })
  })

  test('a yes reaches the host', async () => {
    await inBox({ ...here, allow: { hosts: ['else.example:443'] } }, async (box) => {
      const [first] = (await get(box, 'api.example')).denials
      const second = await box.with(first!.permit!)
      const [led] = (await get(second, 'api.example')).denials
      expect(led?.sentence)
        .toBe(`\`api.example:${port}\`: connect refused, it leads to 127.0.0.1, loopback (RFC 1122, section 3.2.1.3)`)
      const third = await second.with(led!.permit!)
      expect(await get(third, 'api.example')).toMatchObject({ status: 0, stdout: 'page\n' })
      await Promise.all([second.close(), third.close()])
    })
  })

  test('bytes flow both ways, more than all buffers hold, and each direction ends alone', async () => {
    await inBox({ ...here, allow: { hosts: [named('api.example', undefined, echo)] } }, async (box) => {
      const text = 'x'.repeat(3_000_000)
      const run = await box.run(nc, { args: ['api.example', String(echo)], stdin: text })
      expect(run.status).toBe(0)
      expect(run.stdout.length).toBe(text.length)
    })
  })

  test('rebinding: a name keeps its addresses, and a new answer is checked like the first', async () => {
    const { asked, resolve } = answers({
      'api.example': [['127.0.0.1'], ['10.0.0.1']],
      'mixed.example': [['169.254.169.254', '127.0.0.1']], 'meta.example': [['169.254.169.254']],
      'mapped.example': [['::ffff:127.0.0.1']], 'nat64.example': [['64:ff9b::7f00:1']], 'odd.example': [['0x7f.1']],
    })
    const closed = await serve(() => {})
    servers.pop()!.close()
    const names = ['mixed', 'meta', 'mapped', 'nat64', 'odd'].map((name) => named(`${name}.example`, ['127.0.0.1']))
    const hosts = [named('api.example'), { ...named('api.example'), port: closed }, ...names]
    await inBox({ ...where, network: { resolve }, allow: { hosts } }, async (box) => {
      expect(await get(box, 'api.example')).toMatchObject({ status: 0 })
      expect(await get(box, 'api.example')).toMatchObject({ status: 0 })
      expect(asked).toEqual(['api.example'])
      // nobody listens there: the pin is given up, and the second answer is refused
      expect(await get(box, 'api.example', closed)).toMatchObject({ status: 1, denials: [] })
      expect(sentences(await get(box, 'api.example')))
        .toEqual([`\`api.example:${port}\`: connect refused, it leads to 10.0.0.1, private (RFC 1918)`])
      expect(await get(box, 'mixed.example')).toMatchObject({ status: 0, stdout: 'page\n' })
      for (const name of ['meta', 'mapped', 'nat64', 'odd']) {
        const run = await get(box, `${name}.example`)
        expect(run, name).toMatchObject({ status: 1, denials: [{ act: 'connect', host: `${name}.example` }] })
      }
    })
  })

  test('no look-up is made for a name that the policy does not have', async () => {
    const { asked, resolve } = answers(loopback)
    await inBox({ ...where, network: { resolve }, allow: { hosts: [named('api.example')] } }, async (box) => {
      await get(box, 'secret-data.attacker.example')
      expect(asked).toEqual([])
    })
  })

  test('wildcards, addresses by their number, and names that are none', async () => {
    const { resolve } = answers({ ...loopback, 'example': [['127.0.0.1']] })
    await inBox({ ...where, network: { resolve }, allow: { hosts: [named('*.example')] } }, async (box) => {
      expect(await get(box, 'a.b.example')).toMatchObject({ status: 0 })
      expect(sentences(await get(box, 'example'))).toEqual([`\`example:${port}\`: connect refused, not in hosts`])
      expect(sentences(await get(box, '8.8.8.8'))).toEqual([`\`8.8.8.8:${port}\`: connect refused, not in hosts`])
      expect(sentences(await get(box, '169.254.169.254', 80)))
        .toEqual(['`169.254.169.254:80`: connect refused, not in hosts'])
      for (const odd of ['0x7f.1', '0177.0.0.1', '2130706433']) expect((await get(box, odd)).status).toBe(2)
    })
  })

  test('the loopback of the box is its own: ports of hosts are no ports of it', async () => {
    const hosts = [named('api.example'), `127.0.0.1:${port}`]
    await inBox({ ...here, allow: { hosts, connect: [81], listen: [81] } }, async (box) => {
      expect(sentences(await get(box, '127.0.0.1'))).toEqual([`port ${port}: connect refused, not among 81`])
      expect(sentences(await get(box, 'localhost'))).toEqual([`port ${port}: connect refused, not among 81`])
      // nobody listens there in the box
      expect(await get(box, '127.0.0.1', 81)).toMatchObject({ status: 1, denials: [] })
    })
  })

  test('a budget of connections and of bytes, for each run', async () => {
    const hosts = [named('api.example'), named('api.example', undefined, echo)]
    await inBox({ ...here, allow: { hosts }, limits: { traffic: '100 kB' } }, async (box) => {
      const args = ['api.example', String(echo)]
      const run = await box.run(nc, { args, stdin: 'x'.repeat(400_000) })
      expect(run.stdout.length).toBeLessThan(100_000)
      expect(sentences(run)).toEqual([
        `\`api.example:${echo}\`: connect refused, the limit of 100000 bytes is used up (limits: traffic)`,
      ])
      // the next run has its own
      expect(await get(box, 'api.example')).toMatchObject({ status: 0, stdout: 'page\n' })
      const none = await box.run(wget, { args: [`http://api.example:${port}/`], limits: { connections: 0 } })
      expect(sentences(none)).toEqual([
        `\`api.example:${port}\`: connect refused, 0 connections are open (limits: connections)`,
      ])
    })
  })

  test('connections by a function of yours, which is asked for pinned addresses alone', async () => {
    const asked: unknown[] = []
    const connect: Network['connect'] = async (to) => {
      asked.push(to)
      const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>()
      return { readable, writable }
    }
    const network = { connect, resolve: async () => ['1.2.3.4', '127.0.0.1'] }
    await inBox({ ...where, network, allow: { hosts: ['echo.example:7'] } }, async (box) => {
      const text = 'abc'.repeat(200_000)
      const run = await box.run(nc, { args: ['echo.example', '7'], stdin: text })
      expect(run).toMatchObject({ status: 0, stderr: '', denials: [] })
      expect(run.stdout === text).toBe(true)
      expect(asked).toEqual([{ address: '1.2.3.4', port: 7 }])
    })
  })

  test('what goes wrong with a connection is an errno, and no refusal', async () => {
    const network: Network = {
      resolve: async (name) => name === 'nowhere.example' ? Promise.reject(new Error('ENOTFOUND')) : ['1.2.3.4'],
      connect: async () => Promise.reject(Object.assign(new Error('no'), { code: 'ECONNREFUSED' })),
    }
    await inBox({ ...where, network, allow: { hosts: ['*:80'] } }, async (box) => {
      expect(await get(box, 'nowhere.example', 80)).toMatchObject({
        status: 1, denials: [], stderr: expect.stringMatching(/Host is unreachable/),
      })
      expect(await get(box, 'api.example', 80)).toMatchObject({
        status: 1, denials: [], stderr: expect.stringMatching(/Connection refused/),
      })
    })
  })
})

test('a host without sockets says so', async () => {
  const { process } = globalThis
  const options = { inline: true, allow: { hosts: ['api.example:443'] } }
  const hidden = Object.create(process, { getBuiltinModule: { value: undefined } }) as typeof process
  Object.defineProperty(globalThis, 'process', { value: hidden, configurable: true, writable: true })
  try {
    await expect(createSandbox(options)).rejects.toMatchObject({ code: 'no-network', place: 'allow: hosts' })
  } finally {
    Object.defineProperty(globalThis, 'process', { value: process, configurable: true, writable: true })
  }
})

test('what is wrong with a rule is an error with its place', async () => {
  await expect(createSandbox({ inline: true, allow: { hosts: ['a.b:1', 'api.github.com'] } })).rejects.toMatchObject({
    code: 'bad-policy', place: 'createSandbox: allow: hosts[1]', hint: 'name the port: `api.github.com:443`',
  })
})
