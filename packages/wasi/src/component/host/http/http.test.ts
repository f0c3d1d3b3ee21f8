/** `wasi:http`: fields and their rules, messages and bodies, requests by the machine's service, and what fails. */
import { capability } from '@lsmkit/capability'
import type { HeaderPairs, HttpAnswer, HttpRequest, HttpService, SentBody } from '@lsmkit/kernel'
import { describe, expect, test } from 'vitest'
import { bootForTest } from '../../../testing/boot.ts'
import { componentGuestOn } from '../../../testing/component-guest.ts'

const HEADER_ERRORS = ['invalid-syntax', 'forbidden', 'immutable']
const CODES = {
  'destination-not-found': 2, 'connection-refused': 6, 'connection-terminated': 7,
  'connection-timeout': 8, 'connection-read-timeout': 9,
  'TLS-protocol-error': 12, 'TLS-certificate-error': 13, 'HTTP-request-denied': 15, 'HTTP-request-body-size': 17,
  'HTTP-request-method-invalid': 18, 'HTTP-request-URI-invalid': 19, 'HTTP-response-body-size': 28,
  'HTTP-response-timeout': 33, 'HTTP-protocol-error': 35, 'internal-error': 38,
}
type Code = keyof typeof CODES
const codeOf = (number: number): string => Object.entries(CODES).find(([, one]) => one === number)?.[0] ?? `${number}`

async function* partsOf(...parts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield Buffer.from(part)
}
const answerOf = (body: string, status = 200, trailers: HeaderPairs = []): HttpAnswer => ({
  status, headers: [['Content-Type', 'text/plain']], body: { parts: partsOf(body), trailers: () => trailers },
})
/** All of a body that a component sends. */
const sentText = async (body: SentBody | null): Promise<string> => {
  let all = ''
  for await (const part of body!.parts) all += new TextDecoder().decode(part)
  return all
}

const guestWith = (http: HttpService | null = null) => {
  const kernel = bootForTest([capability()])
  kernel.machine.http = http
  const guest = componentGuestOn(kernel)
  guest.process.maySuspend = true
  const { call: of, view, at, put, room, text } = guest
  const u32 = (place: number) => view().getUint32(place, true)
  const call = (name: string, ...words: readonly (number | bigint)[]) => of('http/types', name, ...words) as number
  /** The case of a `result<_, header-error>`. */
  const change = (name: string, ...words: readonly number[]) => {
    call(`[method]fields.${name}`, ...words, at)
    return view().getUint8(at) === 0 ? 'ok' : HEADER_ERRORS[view().getUint8(at + 1)]
  }
  /** A list of values in memory. */
  const values = (...all: readonly string[]): [number, number] => {
    const list = room(all.length * 8)
    all.forEach((one, i) => put(one).forEach((word, j) => view().setUint32(list + i * 8 + j * 4, word, true)))
    return [list, all.length]
  }
  const list = <T>(size: number, read: (place: number) => T): T[] =>
    Array.from({ length: u32(at + 4) }, (_, i) => read(u32(at) + i * size))
  const string = (place: number) => text(u32(place), u32(place + 4))
  const get = (fields: number, name: string) => {
    call('[method]fields.get', fields, ...put(name), at)
    return list(8, string)
  }
  const entries = (fields: number) => {
    call('[method]fields.entries', fields, at)
    return list(16, (place) => `${string(place)}: ${string(place + 8)}`)
  }
  const set = (fields: number, name: string, ...all: readonly string[]) =>
    change('set', fields, ...put(name), ...values(...all))
  const append = (fields: number, name: string, value: string) =>
    change('append', fields, ...put(name), ...put(value))
  const fields = () => call('[constructor]fields')
  /** A handle out of a `result`; null for its error. */
  const once = (name: string, self: number) => {
    call(name, self, at)
    return view().getUint8(at) === 0 ? u32(at + 4) : null
  }
  const write = (body: number, ...parts: readonly string[]) => {
    const stream = once('[method]outgoing-body.write', body)!
    return parts.map((part) => {
      of('io/streams', '[method]output-stream.blocking-write-and-flush', stream, ...put(part), at)
      return view().getUint8(at) === 0 ? 'ok' : ['failed', 'closed'][view().getUint8(at + 4)]
    })
  }
  const finish = (body: number, trailers: number | null = null) => {
    call('[static]outgoing-body.finish', body, trailers === null ? 0 : 1, trailers ?? 0, at)
    return view().getUint8(at) === 0 ? 'ok' : codeOf(view().getUint8(at + 8))
  }
  const read = (body: number) => {
    const stream = once('[method]incoming-body.stream', body)!
    let all = ''
    for (;;) {
      of('io/streams', '[method]input-stream.blocking-read', stream, 4n, at)
      if (view().getUint8(at) !== 0) return all
      all += string(at + 4)
    }
  }
  return {
    ...guest, kernel, of, call, u32, string, get, entries, set, append, change, values, fields, once, write, finish,
    read,
  }
}
type Guest = ReturnType<typeof guestWith>

describe('fields', () => {
  test('names are compared without their case and kept as they were written; values have an order', () => {
    const { fields, set, append, get, entries, call, put } = guestWith()
    const one = fields()
    expect([append(one, 'X-One', 'a'), append(one, 'x-one', 'b'), set(one, 'Other', 'c')]).toEqual(['ok', 'ok', 'ok'])
    expect(get(one, 'x-ONE')).toEqual(['a', 'b'])
    expect(entries(one)).toEqual(['X-One: a', 'X-One: b', 'Other: c'])
    expect(set(one, 'x-one')).toBe('ok')
    expect([get(one, 'x-one'), call('[method]fields.has', one, ...put('x-one'))]).toEqual([[], 1])
    expect(call('[method]fields.has', one, ...put('no'))).toBe(0)
  })

  test.each([
    ['a b', 'x', 'invalid-syntax'], ['', 'x', 'invalid-syntax'], ['a:', 'x', 'invalid-syntax'],
    ['é', 'x', 'invalid-syntax'], ['a', 'x\ny', 'invalid-syntax'], ['a', 'x\r', 'invalid-syntax'],
    ['a', '\0', 'invalid-syntax'], ['a', '\x7f', 'invalid-syntax'], ['a', 'tab\tand é', 'ok'],
    ['Host', 'x', 'forbidden'], ['Connection', 'x', 'forbidden'], ['Keep-Alive', 'x', 'forbidden'],
    ['TRANSFER-encoding', 'x', 'forbidden'], ['upgrade', 'x', 'forbidden'], ['proxy-connection', 'x', 'forbidden'],
  ])('`%s: %j` is %s', (name, value, error) => {
    const { fields, set, append, put, room, call, at, view } = guestWith()
    expect(set(fields(), name, value)).toBe(error)
    expect(append(fields(), name, value)).toBe(error)
    const pair = room(16)
    ;[...put(name), ...put(value)].forEach((word, i) => view().setUint32(pair + i * 4, word, true))
    call('[static]fields.from-list', pair, 1, at)
    expect(view().getUint8(at) === 0 ? 'ok' : HEADER_ERRORS[view().getUint8(at + 4)]).toBe(error)
  })

  test('those of a message are not changed, and a clone of them is', () => {
    const { fields, set, append, change, put, call, entries } = guestWith()
    const own = fields()
    append(own, 'a', 'b')
    const request = call('[constructor]outgoing-request', own)
    const headers = call('[method]outgoing-request.headers', request)
    expect([set(headers, 'a', 'c'), append(headers, 'a', 'c'), change('delete', headers, ...put('a'))])
      .toEqual(['immutable', 'immutable', 'immutable'])
    const clone = call('[method]fields.clone', headers)
    expect([change('delete', clone, ...put('A')), entries(clone), entries(headers)]).toEqual(['ok', [], ['a: b']])
  })

  test('a message takes them: the component has them no more', () => {
    const { fields, call, process } = guestWith()
    const own = fields()
    call('[constructor]outgoing-response', own)
    expect(() => call('[constructor]outgoing-response', own)).toThrow()
    expect(process.ending).toMatchObject({ reason: expect.stringContaining('no such resource to give away') as string })
  })
})

describe('messages', () => {
  test.each([
    ['set-method', [9, 'a b'], 1], ['set-method', [9, 'PURGE'], 0], ['set-method', [9, ''], 1],
    ['set-path-with-query', [1, '/a?b=c'], 0], ['set-path-with-query', [1, '/a b'], 1],
    ['set-path-with-query', [1, '/\n'], 1], ['set-path-with-query', [0, ''], 0],
    ['set-authority', [1, 'a.example:80'], 0], ['set-authority', [1, '[::1]:80'], 0],
    ['set-authority', [1, 'a.example:x'], 1], ['set-authority', [1, 'user@a.example'], 1],
    ['set-authority', [1, 'a/b'], 1], ['set-authority', [0, ''], 0],
  ] as const)('%s %j: %s', (name, [index, text], rc) => {
    const { fields, call, put } = guestWith()
    const request = call('[constructor]outgoing-request', fields())
    expect(call(`[method]outgoing-request.${name}`, request, index, ...put(text))).toBe(rc)
  })

  test('a status is one of three digits; a body is there once', () => {
    const { fields, call, once, finish, write } = guestWith()
    const response = call('[constructor]outgoing-response', fields())
    expect(call('[method]outgoing-response.status-code', response)).toBe(200)
    expect([99, 1000, 404].map((status) => call('[method]outgoing-response.set-status-code', response, status)))
      .toEqual([1, 1, 0])
    const body = once('[method]outgoing-response.body', response)!
    expect(once('[method]outgoing-response.body', response)).toBeNull()
    expect(write(body, 'a')).toEqual(['ok'])
    expect(once('[method]outgoing-body.write', body)).toBeNull()
    expect(finish(body)).toBe('ok')
  })

  test('a body has as many bytes as its length says', () => {
    const { fields, append, call, once, finish, write, at, view, u32 } = guestWith()
    const bodyOf = (length: string) => {
      const headers = fields()
      append(headers, 'Content-Length', length)
      return once('[method]outgoing-request.body', call('[constructor]outgoing-request', headers))!
    }
    const [long, short, right] = ['2', '4', '3'].map(bodyOf)
    expect(write(long!, 'ab', 'c')).toEqual(['ok', 'failed'])
    call('http-error-code', u32(at + 8), at)
    expect([view().getUint8(at), codeOf(view().getUint8(at + 8)), view().getBigUint64(at + 24, true)])
      .toEqual([1, 'HTTP-request-body-size', 2n])
    expect(write(short!, 'abc')).toEqual(['ok'])
    expect(write(right!, 'abc')).toEqual(['ok'])
    expect([finish(short!), finish(right!)]).toEqual(['HTTP-request-body-size', 'ok'])
  })

  test('timeouts are kept as they are given', () => {
    const { call, at, view } = guestWith()
    const options = call('[constructor]request-options')
    for (const name of ['connect-timeout', 'first-byte-timeout', 'between-bytes-timeout']) {
      call(`[method]request-options.${name}`, options, at)
      expect(view().getUint8(at)).toBe(0)
      expect(call(`[method]request-options.set-${name}`, options, 1, 5n)).toBe(0)
      call(`[method]request-options.${name}`, options, at)
      expect([view().getUint8(at), view().getBigUint64(at + 8, true)]).toEqual([1, 5n])
    }
  })
})

describe('requests', () => {
  interface Asked {
    readonly method?: string
    readonly scheme?: number | null
    readonly authority?: string | null
    readonly path?: string
    readonly options?: number
  }
  const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH']
  const requestOf = ({ fields, append, call, put }: Guest, asked: Asked = {}) => {
    const { method = 'GET', scheme = 0, authority = 'api.example', path = '/a?b' } = asked
    const headers = fields()
    append(headers, 'Accept', 'x/é')
    const request = call('[constructor]outgoing-request', headers)
    call('[method]outgoing-request.set-method', request, METHODS.indexOf(method), 0, 0)
    if (scheme !== null) call('[method]outgoing-request.set-scheme', request, 1, scheme, ...put('gopher'))
    if (authority !== null) call('[method]outgoing-request.set-authority', request, 1, ...put(authority))
    call('[method]outgoing-request.set-path-with-query', request, 1, ...put(path))
    return request
  }
  /** The future, or the code of a request that cannot be made. */
  const handle = ({ of, at, view, u32 }: Guest, request: number, options: number | null = null) => {
    of('http/outgoing-handler', 'handle', request, options === null ? 0 : 1, options ?? 0, at)
    return view().getUint8(at) === 0 ? u32(at + 8) : codeOf(view().getUint8(at + 8))
  }
  const isReady = ({ of, call }: Guest, future: number) =>
    of('io/poll', '[method]pollable.ready', call('[method]future-incoming-response.subscribe', future))
  /** What it has become: nothing yet, a response, a code; an error from the second time on. */
  const get = ({ call, at, view, u32 }: Guest, future: number) => {
    call('[method]future-incoming-response.get', future, at)
    if (view().getUint8(at) === 0) return null
    if (view().getUint8(at + 8) !== 0) return 'taken'
    return view().getUint8(at + 16) === 0 ? u32(at + 24) : codeOf(view().getUint8(at + 24))
  }
  const settled = () => new Promise((resolve) => setTimeout(resolve, 0))
  const asks: HttpRequest[] = []
  const answers: HttpService = async (_task, request) => {
    asks.push(request)
    return answerOf('the answer', 201, [['x-sum', '7']])
  }

  test('one without a body is made at once, as the machine makes it', async () => {
    asks.length = 0
    const guest = guestWith(answers)
    const { call, entries, once, read, at, view, u32 } = guest
    const options = call('[constructor]request-options')
    call('[method]request-options.set-connect-timeout', options, 1, 1_500_001n)
    const future = handle(guest, requestOf(guest), options) as number
    expect([isReady(guest, future), get(guest, future)]).toEqual([0, null])
    await settled()
    expect(asks).toMatchObject([{
      method: 'GET', url: 'http://api.example/a?b', headers: [['Accept', 'x/Ã©']], body: null,
      timeouts: { connect: 2, firstByte: 600_000, betweenBytes: 600_000 },
    }])
    expect(isReady(guest, future)).toBe(1)
    const response = get(guest, future) as number
    expect(get(guest, future)).toBe('taken')
    expect(call('[method]incoming-response.status', response)).toBe(201)
    expect(entries(call('[method]incoming-response.headers', response))).toEqual(['Content-Type: text/plain'])
    const body = once('[method]incoming-response.consume', response)!
    expect(once('[method]incoming-response.consume', response)).toBeNull()
    expect(read(body)).toBe('the answer')
    const trailers = call('[static]incoming-body.finish', body)
    call('[method]future-trailers.get', trailers, at)
    expect([0, 8, 16, 24].map((place) => view().getUint8(at + place))).toEqual([1, 0, 0, 1])
    expect(entries(u32(at + 28))).toEqual(['x-sum: 7'])
  })

  const inputOf = ({ call, at, view, u32 }: Guest, body: number) => {
    call('[method]incoming-body.stream', body, at)
    return view().getUint8(at) === 0 ? u32(at + 4) : null
  }
  /** What is there without waiting; the code of an error, `closed` at the end. */
  const readSome = ({ of, call, at, view, u32, string }: Guest, stream: number) => {
    of('io/streams', '[method]input-stream.read', stream, 100n, at)
    if (view().getUint8(at) === 0) return string(at + 4)
    if (view().getUint8(at + 4) !== 0) return 'closed'
    call('http-error-code', u32(at + 8), at)
    return codeOf(view().getUint8(at + 8))
  }
  const bodyOf = (guest: Guest, future: number) =>
    guest.once('[method]incoming-response.consume', get(guest, future) as number)!

  test('a body is sent while it is written, with its trailers', async () => {
    const texts: Promise<string>[] = []
    const bodies: SentBody[] = []
    const guest = guestWith(async (_task, { body }) => {
      bodies.push(body!)
      texts.push(sentText(body))
      return answerOf('')
    })
    const request = requestOf(guest, { method: 'POST' })
    const body = guest.once('[method]outgoing-request.body', request)!
    handle(guest, request)
    expect(guest.write(body, 'in ', 'parts')).toEqual(['ok', 'ok'])
    await settled()
    const trailers = guest.fields()
    guest.append(trailers, 'x-sum', '8')
    expect(guest.finish(body, trailers)).toBe('ok')
    expect([await texts[0], bodies[0]!.length, bodies[0]!.trailers()]).toEqual(['in parts', null, [['x-sum', '8']]])
  })

  test('the length of a body is known if it was whole before the request, or declared', async () => {
    const lengths: (number | null)[] = []
    const guest = guestWith(async (_task, { body }) => {
      lengths.push(body!.length)
      return answerOf('')
    })
    const whole = requestOf(guest, { method: 'POST' })
    const body = guest.once('[method]outgoing-request.body', whole)!
    guest.write(body, 'abc')
    guest.finish(body)
    handle(guest, whole)
    const headers = guest.fields()
    guest.append(headers, 'content-length', '7')
    const declared = guest.call('[constructor]outgoing-request', headers)
    guest.call('[method]outgoing-request.set-authority', declared, 1, ...guest.put('a.example'))
    guest.once('[method]outgoing-request.body', declared)
    handle(guest, declared)
    expect(lengths).toEqual([3, 7])
  })

  test('one whose body is given up fails, as does one that was given up before', async () => {
    const failures: unknown[] = []
    const guest = guestWith(async (_task, { body }) => {
      await sentText(body).catch((error: unknown) => {
        failures.push((error as { code: string }).code)
        throw error
      })
      return answerOf('')
    })
    const [first, second] = [requestOf(guest, { method: 'POST' }), requestOf(guest, { method: 'POST' })]
    const [body, other] = [first, second].map((one) => guest.once('[method]outgoing-request.body', one)!)
    const future = handle(guest, first) as number
    guest.write(body!, 'some')
    for (const one of [body!, other!]) guest.callee.take(one, Object as never).drop()
    const never = handle(guest, second) as number
    await settled()
    expect([get(guest, future), get(guest, never), failures])
      .toEqual(['HTTP-protocol-error', 'HTTP-protocol-error', ['incomplete']])
  })

  test('a writer has room as long as somebody takes its bytes, and an error when nobody does any more', async () => {
    let take = (): void => {}
    const guest = guestWith(async (_task, { body }) => {
      const parts = body!.parts[Symbol.asyncIterator]()
      await new Promise<void>((resolve) => (take = resolve))
      await parts.next()
      await parts.return!(undefined)
      return answerOf('')
    })
    const request = requestOf(guest, { method: 'POST' })
    const body = guest.once('[method]outgoing-request.body', request)!
    const stream = guest.once('[method]outgoing-body.write', body)!
    handle(guest, request)
    const room = () => {
      guest.of('io/streams', '[method]output-stream.check-write', stream, guest.at)
      return Number(guest.view().getBigUint64(guest.at + 8, true))
    }
    const whole = room()
    const zeroes = (count: number) =>
      guest.of('io/streams', '[method]output-stream.blocking-write-zeroes-and-flush', stream, BigInt(count), guest.at)
    zeroes(whole - 10)
    expect([whole, room()]).toEqual([2 ** 18, 10])
    const pollable = guest.of('io/streams', '[method]output-stream.subscribe', stream)
    zeroes(10)
    expect(guest.of('io/poll', '[method]pollable.ready', pollable as number)).toBe(0)
    take()
    await settled()
    expect(guest.of('io/poll', '[method]pollable.ready', pollable as number)).toBe(1)
    guest.of('io/streams', '[method]output-stream.write', stream, ...guest.put('x'), guest.at)
    expect([guest.view().getUint8(guest.at), guest.view().getUint8(guest.at + 4)]).toEqual([1, 1])
  })

  test('an answer is read while it comes; it comes as quickly as it is read', async () => {
    let taken = 0
    const guest = guestWith(async () => ({
      ...answerOf(''),
      body: {
        parts: (async function* () {
          for (; taken < 100; taken++) yield new Uint8Array(2 ** 16)
        }()),
        trailers: () => [],
      },
    }))
    const future = handle(guest, requestOf(guest)) as number
    await settled()
    const body = bodyOf(guest, future)
    const input = inputOf(guest, body)!
    expect([inputOf(guest, body), taken]).toEqual([null, 3])
    for (let i = 0; i < 1000; i++) guest.of('io/streams', '[method]input-stream.skip', input, 100n, guest.at)
    await settled()
    expect(taken).toBe(5)
    const trailers = guest.call('[static]incoming-body.finish', body)
    guest.call('[method]future-trailers.get', trailers, guest.at)
    expect(guest.view().getUint8(guest.at)).toBe(0)
    await settled()
    guest.call('[method]future-trailers.get', trailers, guest.at)
    expect([guest.view().getUint8(guest.at), taken]).toEqual([1, 100])
  })

  test('an answer that breaks off is an error with a code, after the bytes that came', async () => {
    const guest = guestWith(async () => ({
      ...answerOf(''),
      body: {
        parts: (async function* () {
          yield Buffer.from('half')
          await settled()
          throw withCode('failed', withCode('ECONNRESET'))
        }()),
        trailers: () => [],
      },
    }))
    const future = handle(guest, requestOf(guest)) as number
    await settled()
    const body = bodyOf(guest, future)
    const input = inputOf(guest, body)!
    expect([readSome(guest, input), readSome(guest, input)]).toEqual(['half', ''])
    await settled()
    await settled()
    expect(readSome(guest, input)).toBe('connection-terminated')
  })

  const withCode = (code: string, cause?: unknown) => Object.assign(new Error(code), { code, cause })
  test.each<[error: unknown, code: Code]>([
    [withCode('refused'), 'HTTP-request-denied'], [withCode('failed', withCode('incomplete')), 'HTTP-protocol-error'],
    [withCode('timeout', 'connect'), 'connection-timeout'], [withCode('timeout', 'firstByte'), 'HTTP-response-timeout'],
    [withCode('timeout', 'betweenBytes'), 'connection-read-timeout'],
    [withCode('failed', withCode('ECONNREFUSED')), 'connection-refused'],
    [withCode('failed', withCode('EHOSTUNREACH')), 'destination-not-found'],
    [withCode('failed', withCode('DEPTH_ZERO_SELF_SIGNED_CERT')), 'TLS-certificate-error'],
    [withCode('failed', withCode('ERR_SSL_WRONG_VERSION_NUMBER')), 'TLS-protocol-error'],
    [withCode('failed', withCode('HPE_INVALID_CONSTANT')), 'HTTP-protocol-error'],
    [withCode('failed'), 'internal-error'], ['no error at all', 'internal-error'],
  ])('%s is %s', async (error, code) => {
    const guest = guestWith(async () => {
      throw error as Error
    })
    const future = handle(guest, requestOf(guest)) as number
    await settled()
    expect(get(guest, future)).toBe(code)
  })

  test.each<[asked: Asked, code: Code]>([
    [{ method: 'CONNECT' }, 'HTTP-request-method-invalid'], [{ scheme: 2 }, 'HTTP-protocol-error'],
    [{ authority: null }, 'HTTP-request-URI-invalid'], [{ path: 'no slash' }, 'HTTP-request-URI-invalid'],
    [{ path: 'a' }, 'HTTP-request-URI-invalid'], [{ authority: 'a.example:99999' }, 'HTTP-request-URI-invalid'],
  ])('%j cannot be made: %s', (asked, code) => {
    const guest = guestWith(answers)
    const request = requestOf(guest, asked.path === 'no slash' ? { path: 'x' } : asked)
    expect(handle(guest, request)).toBe(code)
  })

  test.each([
    [{ scheme: null }, 'https://api.example/a?b'], [{ path: '' }, 'http://api.example/'],
    [{ path: '?q' }, 'http://api.example/?q'], [{ path: '/a/../b/%2e%2e/c' }, 'http://api.example/c'],
    [{ path: '//other.example/x' }, 'http://api.example//other.example/x'],
    [{ authority: 'api.example:8080' }, 'http://api.example:8080/a?b'],
  ] as const)('%j leads to %s', async (asked, url) => {
    asks.length = 0
    const guest = guestWith(answers)
    handle(guest, requestOf(guest, asked))
    await settled()
    expect(asks.map((one) => one.url)).toEqual([url])
  })

  test('there is none where the machine makes none, or where the program keeps the thread', () => {
    const alone = guestWith()
    expect(handle(alone, requestOf(alone))).toBe('HTTP-request-denied')
    const guest = guestWith(answers)
    guest.process.maySuspend = false
    expect(handle(guest, requestOf(guest))).toBe('internal-error')
  })

  test('an answer goes on without its future, and ends with its body', async () => {
    const signals: AbortSignal[] = []
    const guest = guestWith(async (_task, _request, signal) => {
      signals.push(signal)
      return { ...answerOf(''), body: { parts: new ReadableStream<Uint8Array>(), trailers: () => [] } }
    })
    const future = handle(guest, requestOf(guest)) as number
    await settled()
    const body = bodyOf(guest, future)
    guest.callee.take(future, Object as never).drop()
    expect(signals[0]!.aborted).toBe(false)
    guest.callee.take(body, Object as never).drop()
    expect(signals[0]!.aborted).toBe(true)
  })

  test('it is ended with the future that waits for it, and with the process', async () => {
    const signals: AbortSignal[] = []
    const guest = guestWith((_task, _request, signal) => {
      signals.push(signal)
      return new Promise(() => {})
    })
    const [dropped] = [1, 2].map(() => handle(guest, requestOf(guest)) as number)
    await settled()
    guest.callee.take(dropped!, Object as never).drop()
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, false])
    guest.kernel.sys.exit_group(guest.task, 0)
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true])
  })
})
