/** `allow.hosts` holds the same for whatever in a box asks for a page: one table, each row by every taker. */
import { createServer } from 'node:http'
import { connect } from 'node:net'
import type { AddressInfo } from 'node:net'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Duplex } from 'node:stream'
import { AF_INET6, EINPROGRESS, SOCK_NONBLOCK, SOCK_STREAM } from '@lsmkit/abi'
import { bash } from '@lsmkit/just-bash'
import { sockaddrIn6 } from '@lsmkit/kernel/boot'
import { createSandbox } from '@lsmkit/sandbox'
import type { ByteStreams, Denial, HostRule, Policy, Sandbox } from '@lsmkit/sandbox'
import { insideOf } from '@lsmkit/sandbox/inside'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { tool } from '../../sandbox/src/testing/programs.ts'
import { fetcher } from '../../wasi/test/http-components.ts'
import { openTools } from './index.ts'

const LARGE = 100_000
const folder = mkdtempSync(join(tmpdir(), 'mcp-takers-'))
const server = createServer(({ url = '' }, response) => {
  if (url.startsWith('/to?')) return void response.writeHead(302, { location: url.slice(4) }).end()
  response.end(url === '/large' ? 'x'.repeat(LARGE) : 'page')
})
let port: number
beforeAll(async () => {
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  port = (server.address() as AddressInfo).port
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
  rmSync(folder, { recursive: true })
})

/** Nobody listens there. */
const DEAD = '1.1.1.1'
/** Answers for a name, one after the other; the last stays. */
const answers: ReadonlyMap<string, readonly string[]> = new Map([
  ['api.example', ['8.8.8.8']], ['bound.example', ['8.8.8.8', '127.0.0.1']], ['lost.example', [DEAD, '127.0.0.1']],
  ['gone.example', [DEAD, '10.0.0.1']], ['inner.example', ['10.0.0.1']], ['mapped.example', ['::ffff:127.0.0.1']],
  ['mapped10.example', ['::ffff:10.0.0.1']], ['other.example', ['8.8.8.8']],
])

/** A network of the test: every address but one is its server. */
const networkOf = () => {
  const [dialled, asked]: [string[], string[]] = [[], []]
  return {
    dialled, asked,
    async resolve(name: string): Promise<readonly string[]> {
      const given = answers.get(name) ?? []
      const at = asked.filter((one) => one === name).length
      asked.push(name)
      return [given[Math.min(at, given.length - 1)]!]
    },
    async connect({ address, port: to }: { address: string; port: number }): Promise<ByteStreams> {
      dialled.push(`${address} ${to}`)
      if (address === DEAD) throw Object.assign(new Error('no'), { code: 'ECONNREFUSED' })
      return Duplex.toWeb(connect({ port, host: '127.0.0.1', allowHalfOpen: true })) as unknown as ByteStreams
    },
  }
}
type TestNetwork = ReturnType<typeof networkOf>

/** What an asking came to: the page or not, and each refusal as a sentence. */
interface Outcome {
  readonly page: string
  readonly refused: readonly string[]
}
interface Asker extends AsyncDisposable {
  ask(url: string): Promise<Outcome>
}
interface Taker {
  /** Whether it follows redirects; others ask for the next page themselves. */
  readonly follows: boolean
  open(policy: Policy, network: Pick<TestNetwork, 'resolve' | 'connect'>): Promise<Asker>
}

const sentences = (denials: readonly Denial[]): readonly string[] => denials.map(({ sentence }) => sentence)

const inBox = (follows: boolean, ask: (box: Sandbox, url: string) => Promise<Outcome>): Taker => ({
  follows,
  async open(policy, network) {
    const box = await createSandbox({ ...policy, inline: true, shell: bash(), network })
    return { ask: (url) => ask(box, url), [Symbol.asyncDispose]: () => box.close() }
  },
})

/** The tools have no notation for addresses of IPv6: the calls of a program instead. */
const connectSix = async (box: Sandbox, bytes: Uint8Array): Promise<Outcome> => {
  const { kernel: { sys }, task, end, beginRun } = insideOf(box)
  const run = beginRun()
  const program = task({ run: run.run })
  const to = sockaddrIn6(bytes, 80)
  const rc = sys.connect(program, sys.socket(program, AF_INET6, SOCK_STREAM | SOCK_NONBLOCK, 0), to, to.length)
  // the connection is dialled later
  await new Promise((resolve) => setTimeout(resolve, 5))
  end(program)
  return { page: rc === -EINPROGRESS ? 'page' : '', refused: sentences(run.end().denials) }
}

const sixOf = (host: string): Uint8Array => Uint8Array.from(host.slice(1, -1) === '::1'
  ? [...Array<number>(15).fill(0), 1]
  : [...Array<number>(10).fill(0), 255, 255, ...host.slice(8, -1).split(':').flatMap((word) => {
    const value = Number.parseInt(word, 16)
    return [value >> 8, value & 255]
  })])

const byFetch = async (box: Sandbox, url: string): Promise<Outcome> => {
  const { task, end, beginRun, fetch } = insideOf(box)
  const run = beginRun()
  const asking = task({ run: run.run })
  const request = { url, method: 'GET', headers: [], body: null, redirects: 3, timeout: 10_000, largest: 2 * LARGE }
  const page = await fetch!(asking, request).then(({ body }) => new TextDecoder().decode(body), () => '')
  end(asking)
  return { page, refused: sentences(run.end().denials) }
}

const takers: Readonly<Record<string, Taker>> = {
  'a program': inBox(false, async (box, url) => {
    const { hostname } = new URL(url)
    if (hostname.startsWith('[')) return connectSix(box, sixOf(hostname))
    const { stdout, status, denials } = await box.run(tool('wget'), { args: [url] })
    return { page: status === 0 ? stdout : '', refused: sentences(denials) }
  }),
  'fetch for a task': inBox(true, byFetch),
  'curl of a shell': inBox(true, async (box, url) => {
    const { stdout, status, denials } = await box.sh(`curl -sL '${url}'`)
    return { page: status === 0 ? stdout : '', refused: sentences(denials) }
  }),
  'a component': inBox(false, async (box, url) => {
    const [, authority, path] = /^http:\/\/([^/]*)(.*)$/.exec(url)!
    const { stdout, status, denials } = await box.run(await fetcher(authority!, path))
    return { page: status === 0 ? stdout : '', refused: sentences(denials) }
  }),
  'a tool of mcp': {
    follows: true,
    async open(config, network) {
      const tools = await openTools({ folder, config, network })
      return {
        [Symbol.asyncDispose]: () => tools.close(),
        async ask(url) {
          const { content } = await tools.host.call('bash', { command: `curl -sL '${url}'` })
          const texts = content.flatMap((part) => ('text' in part ? part.text.split('\n') : []))
          const refused = texts.filter((text) => text.includes(' refused, '))
          return { page: texts.find((text) => /^(?:page|x+)$/.test(text)) ?? '', refused }
        },
      }
    },
  },
}

const names = ['api', 'bound', 'lost', 'gone', 'inner', 'mapped', 'mapped10'].map((name) => `${name}.example:80`)
const hosts: readonly HostRule[] = [...names, '9.9.9.9:80', '[::ffff:9.9.9.10]:80']

const PAGE = 'page'
const [PUBLIC, NOBODY] = ['8.8.8.8 80', `${DEAD} 80`]
const notIn = (host: string, at = 80): readonly string[] => [`\`${host}:${at}\`: connect refused, not in hosts`]
const led = (host: string, to: string): readonly string[] => [`\`${host}:80\`: connect refused, it leads to ${to}`]
const [LOOPBACK, PRIVATE] = ['127.0.0.1, loopback (RFC 1122, section 3.2.1.3)', '10.0.0.1, private (RFC 1918)']
const IN_SIX = 'an address of IPv4 in IPv6 (RFC 4291)'
const OWN = ['port 80: connect refused, no port of the box is allowed']

/** `dialled`: addresses that the host was asked to connect to. */
type Row = readonly [why: string, url: string, page: string, refused: readonly string[], dialled: readonly string[]]
const rows: readonly Row[] = [
  ['a name of the policy', 'http://api.example/', PAGE, [], [PUBLIC]],
  ['another name', 'http://other.example/', '', notIn('other.example'), []],
  ['a name below it', 'http://x.api.example/', '', notIn('x.api.example'), []],
  ['its address in place of the name', 'http://8.8.8.8/', '', notIn('8.8.8.8'), []],
  ['a private address', 'http://10.0.0.1/', '', notIn('10.0.0.1'), []],
  ['a metadata service', 'http://169.254.169.254/', '', notIn('169.254.169.254'), []],
  ['the loopback of the box', 'http://127.0.0.1/', '', OWN, []],
  ['the loopback by name', 'http://localhost/', '', OWN, []],
  ['another port', 'http://api.example:8080/', '', notIn('api.example', 8080), []],
  ['rebinding: the first answer', 'http://bound.example/', PAGE, [], [PUBLIC]],
  ['rebinding: the second is not asked for', 'http://bound.example/', PAGE, [], [PUBLIC]],
  ['rebinding: nobody answers', 'http://lost.example/', '', [], [NOBODY]],
  ['rebinding: and then the loopback', 'http://lost.example/', '', led('lost.example', LOOPBACK), []],
  ['rebinding: nobody answers', 'http://gone.example/', '', [], [NOBODY]],
  ['rebinding: and then a private address', 'http://gone.example/', '', led('gone.example', PRIVATE), []],
  ['a name of a private address', 'http://inner.example/', '', led('inner.example', PRIVATE), []],
  ['a redirect to another name', 'http://api.example/to?http://other.example/', '', notIn('other.example'), [PUBLIC]],
  ['a redirect to a private address', 'http://api.example/to?http://10.0.0.1/', '', notIn('10.0.0.1'), [PUBLIC]],
  ['a redirect to a name of a private address', 'http://api.example/to?http://inner.example/', '',
    led('inner.example', PRIVATE), [PUBLIC]],
  ['a redirect to the loopback', 'http://api.example/to?http://127.0.0.1/', '', OWN, [PUBLIC]],
  ['a redirect to another port', 'http://api.example/to?http://api.example:81/', '', notIn('api.example', 81),
    [PUBLIC]],
  ['a redirect that is allowed', 'http://api.example/to?http://bound.example/', PAGE, [], [PUBLIC, PUBLIC]],
  ['a name of the loopback in IPv6', 'http://mapped.example/', '',
    led('mapped.example', `::ffff:127.0.0.1, ${IN_SIX}`), []],
  ['a name of a private address in IPv6', 'http://mapped10.example/', '',
    led('mapped10.example', `::ffff:10.0.0.1, ${IN_SIX}`), []],
  ['the loopback in IPv6', 'http://[::ffff:7f00:1]/', '', OWN, []],
  ['the loopback of IPv6', 'http://[::1]/', '', OWN, []],
  ['a private address in IPv6', 'http://[::ffff:a00:1]/', '', notIn('10.0.0.1'), []],
  ['its address in IPv6', 'http://[::ffff:808:808]/', '', notIn('8.8.8.8'), []],
  ['an address of the policy', 'http://9.9.9.9/', PAGE, [], ['9.9.9.9 80']],
  ['an address of the policy, in IPv6', 'http://[::ffff:909:909]/', PAGE, [], ['9.9.9.9 80']],
  ['an address that the policy has in IPv6', 'http://9.9.9.10/', PAGE, [], ['9.9.9.10 80']],
  ['upper case', 'http://API.Example/', PAGE, [], [PUBLIC]],
  ['a dot at the end', 'http://api.example./', PAGE, [], [PUBLIC]],
  ['upper case and a dot, of another name', 'http://OTHER.Example./', '', notIn('other.example'), []],
]

/** The pages that a taker asks for: all of them where it does not follow redirects. */
const askedBy = ({ follows }: Taker, url: string): readonly string[] => {
  const at = url.indexOf('/to?')
  return follows || at < 0 ? [url] : [url, url.slice(at + 4)]
}

describe.each(Object.entries(takers))('%s', (_name, taker) => {
  const opened = async (limits: NonNullable<Policy['limits']> = {}) => {
    const network = networkOf()
    const { resolve, connect: dial } = network
    const policy = { allow: { exec: ['/bin'], hosts }, limits }
    return { network, asker: await taker.open(policy, { resolve, connect: dial }) }
  }

  test('every row', async () => {
    const { network, asker } = await opened()
    await using _ = asker
    const found: Row[] = []
    for (const [why, url] of rows) {
      network.dialled.length = 0
      let outcome: Outcome = { page: '', refused: [] }
      for (const one of askedBy(taker, url)) outcome = await asker.ask(one)
      found.push([why, url, outcome.page, outcome.refused, [...network.dialled]])
    }
    expect(found).toEqual(rows)
    // once for each name, and again where nobody answered; never for a name that is not in the policy
    expect(network.asked).toEqual(['api.example', 'bound.example', 'lost.example', 'lost.example', 'gone.example',
      'gone.example', 'inner.example', 'mapped.example', 'mapped10.example'])
  })

  test('a budget of bytes', async () => {
    const { asker } = await opened({ traffic: 20_000 })
    await using _ = asker
    const { page, refused } = await asker.ask('http://api.example/large')
    expect(page.length).toBeLessThan(20_000)
    expect(refused)
      .toEqual(['`api.example:80`: connect refused, the limit of 20000 bytes is used up (limits: traffic)'])
  })

  test('a budget of connections', async () => {
    const { asker, network } = await opened({ connections: 0 })
    await using _ = asker
    expect(await asker.ask('http://api.example/')).toEqual({
      page: '', refused: ['`api.example:80`: connect refused, 0 connections are open (limits: connections)'],
    })
    expect(network.dialled).toEqual([])
  })
})
