/** Requests of programs over real connections: bodies in parts both ways, trailers, and the record of each request. */
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo, Server } from 'node:net'
import type { HttpAnswer, HttpRequest } from '@lsmkit/kernel'
import { afterEach, expect, test } from 'vitest'
import { fetcher } from '../../../wasi/test/http-components.ts'
import { createSandbox } from '../index.ts'
import { insideOf } from '../inside-of.ts'

let server: Server
afterEach(() => void server.close())

const serve = async (answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<number> => {
  server = createServer(answer)
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}
const boxFor = (port: number) => createSandbox({
  inline: true, network: { resolve: async () => ['127.0.0.1'] },
  allow: { hosts: [{ host: 'api.example', port, addresses: ['127.0.0.1'] }] },
})

type Ask = (more?: Partial<HttpRequest>) => Promise<HttpAnswer>
/** A task of a box, and requests that it makes. */
const asking = async (port: number, run: (ask: Ask, stop: AbortController) => Promise<void>): Promise<void> => {
  await using box = await boxFor(port)
  const { kernel, task, end } = insideOf(box)
  const [own, stop] = [task(), new AbortController()]
  const timeouts = { connect: 5000, firstByte: 5000, betweenBytes: 5000 }
  await run((more) => kernel.machine.http!(own, {
    url: `http://api.example:${port}/a?secret`, method: 'POST', headers: [], body: null, timeouts, ...more,
  }, stop.signal), stop)
  end(own)
}
const text = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes)
const gate = () => {
  let open = (): void => {}
  const opened = new Promise<void>((resolve) => (open = resolve))
  return { open, opened }
}

test('parts arrive while the others are not there yet, both ways, with trailers', async () => {
  const { open, opened } = gate()
  const port = await serve((request, response) => {
    response.writeHead(200, { trailer: 'x-sum' })
    request.on('data', (part: Buffer) => void response.write(`<${part}>`))
    request.on('end', () => {
      response.addTrailers({ 'x-sum': `${request.headers['transfer-encoding']} ${request.trailers['x-own']}` })
      response.end()
    })
  })
  await asking(port, async (ask) => {
    const parts = (async function* () {
      yield Buffer.from('one')
      await opened
      yield Buffer.from('two')
    }())
    const { status, body } = await ask({ body: { parts, length: null, trailers: () => [['x-own', '7']] } })
    const answers = body.parts[Symbol.asyncIterator]()
    expect([status, text((await answers.next()).value as Uint8Array)]).toEqual([200, '<one>'])
    open()
    expect(text((await answers.next()).value as Uint8Array)).toBe('<two>')
    expect([(await answers.next()).done, body.trailers()]).toEqual([true, [['x-sum', 'chunked 7']]])
  })
})

test('a body of known length has a content-length; one without a body has none', async () => {
  const lengths: unknown[] = []
  const port = await serve((request, response) => {
    lengths.push(request.headers['content-length'], request.headers['transfer-encoding'])
    request.resume().on('end', () => response.end())
  })
  await asking(port, async (ask) => {
    const all = async (answer: HttpAnswer): Promise<void> => {
      for await (const part of answer.body.parts) void part
    }
    const parts = (async function* () {
      yield Buffer.from('abc')
    }())
    await all(await ask({ body: { parts, length: 3, trailers: () => [] } }))
    await all(await ask({ method: 'GET' }))
    expect(lengths).toEqual(['3', undefined, undefined, undefined])
  })
})

test('a body that cannot be read on, a server that breaks off, and a program that stops', async () => {
  const broken: unknown[] = []
  const port = await serve((request, response) => {
    request.on('error', ({ code }: NodeJS.ErrnoException) => broken.push(code))
    request.resume()
    if (request.url === '/cut') {
      response.writeHead(200, { 'content-length': '100' })
      response.write('half', () => setTimeout(() => response.destroy(), 20))
    } else if (request.url === '/slow') response.write('begun')
  })
  const url = `http://api.example:${port}`
  await asking(port, async (ask, stop) => {
    const parts = (async function* (): AsyncGenerator<Uint8Array> {
      yield Buffer.from('one')
      throw Object.assign(new Error('no more'), { code: 'incomplete' })
    }())
    await expect(ask({ body: { parts, length: null, trailers: () => [] } }))
      .rejects.toMatchObject({ code: 'failed', cause: { code: 'incomplete' } })
    const read = async (answer: HttpAnswer, seen: string[]): Promise<void> => {
      for await (const part of answer.body.parts) seen.push(text(part))
    }
    const seen: string[] = []
    await expect(read(await ask({ method: 'GET', url: `${url}/cut` }), seen))
      .rejects.toMatchObject({ code: 'failed', cause: { code: 'ECONNRESET' } })
    expect(seen).toEqual(['half'])
    const slow = read(await ask({ method: 'GET', url: `${url}/slow` }), seen)
    setTimeout(() => stop.abort(new Error('enough')), 20)
    await expect(slow).rejects.toThrow('enough')
    expect(seen).toEqual(['half', 'begun'])
  })
})

test('time between bytes counts while the program waits for them, not while it does not read', async () => {
  const port = await serve((_request, response) => void response.write('begun'))
  await asking(port, async (ask) => {
    const { body } = await ask({ method: 'GET', timeouts: { connect: 5000, firstByte: 5000, betweenBytes: 60 } })
    const parts = body.parts[Symbol.asyncIterator]()
    expect(text((await parts.next()).value as Uint8Array)).toBe('begun')
    await new Promise((resolve) => setTimeout(resolve, 150))
    await expect(parts.next()).rejects.toMatchObject({ code: 'timeout', cause: 'betweenBytes' })
  })
})

test('a run lists its requests', async () => {
  const port = await serve((_request, response) => void response.writeHead(404).end('none'))
  await using box = await boxFor(port)
  const { connections } = await box.run(await fetcher(`api.example:${port}`, '/a/b?secret'))
  expect(connections).toMatchObject([{
    host: 'api.example', connections: 1, requests: [{ method: 'GET', path: '/a/b', status: 404 }], requestsLeftOut: 0,
  }])
})
