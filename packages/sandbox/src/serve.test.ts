/** `box.serve`: requests of HTTP for a component, in this thread and in workers. */
import { describe, expect, test } from 'vitest'
import { beeping } from '../../wasi/test/components.ts'
import { echo3 } from '../../wasi/test/components3.ts'
import { echo } from '../../wasi/test/http-components.ts'
import { createSandbox } from './index.ts'
import type { RunResult } from './index.ts'

const asked = (path: string, body?: string): Request =>
  new Request(`http://a.example${path}`, body === undefined ? {} : { method: 'POST', body })

describe.each([{ inline: true }, { inline: false }])('%o', (where) => {
  test('each request is answered by a run of its own', async () => {
    await using box = await createSandbox(where)
    const results: RunResult[] = []
    let end = (): void => {}
    const areOver = new Promise<void>((resolve) => (end = resolve))
    const onRun = (result: RunResult): void => {
      if (results.push(result) === 2) end()
    }
    const service = box.serve(await echo(), { onRun })
    const answers = await Promise.all([service.fetch(asked('/one', ' body')), service.fetch(asked('/two?q'))])
    expect(await Promise.all(answers.map(async (one) => [one.status, await one.text()])))
      .toEqual([[201, '/one body'], [201, '/two?q']])
    // a run ends after its answer
    await areOver
    expect(results.map(({ status, denials }) => [status, denials])).toEqual([[0, []], [0, []]])
    expect(new Set(results.map(({ run }) => run)).size).toBe(2)
  })
})

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const collected = async (parts: AsyncIterable<Uint8Array>): Promise<readonly Uint8Array[]> => {
  const all: Uint8Array[] = []
  for await (const part of parts) all.push(part)
  return all
}
const textOf = (part: Uint8Array | undefined): string => new TextDecoder().decode(part)

describe.each([{ inline: true }, { inline: false }])('in parts: %o', (where) => {
  test('what is sent comes back before all of it is sent', async () => {
    await using box = await createSandbox(where)
    const sent = new TransformStream<Uint8Array, Uint8Array>()
    const writer = sent.writable.getWriter()
    const first = writer.write(bytes('one'))
    const { status, body } = await box.serve(await echo3()).fetch(new Request('http://a.example/', {
      method: 'POST', body: sent.readable, duplex: 'half',
    } as RequestInit))
    const reader = body!.getReader()
    expect([status, textOf((await reader.read()).value)]).toEqual([200, 'one'])
    await first
    void writer.write(bytes('two'))
    expect(textOf((await reader.read()).value)).toBe('two')
    void writer.close()
    expect((await reader.read()).done).toBe(true)
  })

  test('trailers come and go', async () => {
    await using box = await createSandbox(where)
    const parts = async function* () {
      yield bytes('body')
    }
    const { body } = await box.serve(await echo3()).answer({
      method: 'PUT', url: 'http://a.example/', headers: [],
      body: { parts: parts(), trailers: () => [['x-sum', '7']] },
    })
    expect(textOf((await collected(body.parts))[0])).toBe('body')
    expect(body.trailers()).toEqual([['x-sum', '7']])
  })

  test('nobody waits in memory for a reader who is slow, and one who is gone ends the run', async () => {
    await using box = await createSandbox(where)
    const part = new Uint8Array(65_536)
    let given = 0
    let isOver = (): void => {}
    const over = new Promise<void>((resolve) => void (isOver = resolve))
    const endless = async function* () {
      try {
        for (; ; given++) yield part
      } finally {
        isOver()
      }
    }
    const service = box.serve(await echo3(), { largest: 2 ** 40 })
    const { body } = await service.answer({
      method: 'PUT', url: 'http://a.example/', headers: [], body: { parts: endless(), trailers: () => [] },
    })
    await body.parts[Symbol.asyncIterator]().next()
    let before = -1
    while (given !== before) {
      before = given
      await new Promise((resolve) => void setTimeout(resolve, 30))
    }
    // 256 KiB on either side of the component, and what is on its way
    expect(given).toBeLessThan(24)
    await body.parts[Symbol.asyncIterator]().return?.()
    await over
  })

  test('a body that grows too large ends the run', async () => {
    await using box = await createSandbox(where)
    const parts = async function* () {
      for (;;) yield bytes('1234567890')
    }
    const { status, body } = await box.serve(await echo3(), { largest: 25 }).answer({
      method: 'PUT', url: 'http://a.example/', headers: [], body: { parts: parts(), trailers: () => [] },
    })
    if (status === 200) await expect(collected(body.parts)).rejects.toThrow(/longer than 25 bytes/)
    else expect(status).toBe(413)
  })
})

test('a component that gives no answer is answered for, and the reason is for the server alone', async () => {
  await using box = await createSandbox({ inline: true })
  const reasons: string[] = []
  for (const how of ['not at all', 'with an error', 'with a trap'] as const) {
    const service = box.serve(await echo(how), { onRun: ({ reason }) => reasons.push(reason) })
    const answer = await service.fetch(asked('/'))
    expect([answer.status, await answer.text()]).toEqual([500, 'Internal Server Error\n'])
  }
  expect(reasons).toEqual([
    'the component has set no response', 'the component has answered with the error HTTP-request-denied',
    expect.stringContaining('SIGILL'),
  ])
})

test('a body that is too large does not reach it; options that are wrong are errors', async () => {
  await using box = await createSandbox({ inline: true })
  const program = await echo()
  const service = box.serve(program, { largest: 3 })
  expect((await service.fetch(asked('/', 'four'))).status).toBe(413)
  expect(await (await service.fetch(asked('/', 'abc'))).text()).toBe('/abc')
  expect(() => box.serve(program, { largest: -1 })).toThrow(/largest/)
  expect(() => box.serve(program, { stdin: '' } as never)).toThrow(/stdin/)
  await expect(service.fetch(new Request('http://a.example/', { signal: AbortSignal.abort(new Error('gone')) })))
    .rejects.toThrow('gone')
})

test('imports that the caller gives are called, from a box of another thread by messages', async () => {
  const program = await beeping()
  const imports = { 'docs:a/b': { beep: () => 7 } }
  await using inline = await createSandbox({ inline: true })
  expect(await inline.run(program, { imports })).toMatchObject({ status: 0, reason: '' })
  await expect(inline.run(program)).rejects
    .toMatchObject({ code: 'unknown-import', hint: expect.stringContaining('docs:a/b') as string })
  await expect(inline.run(program, { imports: { 'docs:a/b': 7 as never } })).rejects.toThrow(/imports/)
  await using remote = await createSandbox({ inline: false })
  expect(await remote.run(program, { imports })).toMatchObject({ status: 0, reason: '' })
  expect(await remote.run(program, { imports: { 'docs:a/b': { beep: async () => 8 } } }))
    .toMatchObject({ status: 1, reason: '' })
  const beep = (): never => {
    throw new Error('no power')
  }
  const { reason } = await remote.run(program, { imports: { 'docs:a/b': { beep } } })
  expect(reason).toContain('the import `docs:a/b.beep` has failed: no power')
  class Beep {
    readonly own = 1
  }
  await expect(remote.run(program, { imports: { 'docs:a/b': { beep: Beep } } })).rejects
    .toMatchObject({ code: 'unknown-import' })
})
