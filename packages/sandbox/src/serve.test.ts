/** `box.serve`: requests of HTTP for a component, in this thread and in workers. */
import { describe, expect, test } from 'vitest'
import { beeping } from '../../wasi/test/components.ts'
import { echo } from '../../wasi/test/http-components.ts'
import { createSandbox } from './index.ts'
import type { RunResult } from './index.ts'

const asked = (path: string, body?: string): Request =>
  new Request(`http://a.example${path}`, body === undefined ? {} : { method: 'POST', body })

describe.each([{ inline: true }, { inline: false }])('%o', (where) => {
  test('each request is answered by a run of its own', async () => {
    await using box = await createSandbox(where)
    const results: RunResult[] = []
    const service = box.serve(await echo(), { onRun: (result) => results.push(result) })
    const answers = await Promise.all([service.fetch(asked('/one', ' body')), service.fetch(asked('/two?q'))])
    expect(await Promise.all(answers.map(async (one) => [one.status, await one.text()])))
      .toEqual([[201, '/one body'], [201, '/two?q']])
    expect(results.map(({ status, denials }) => [status, denials])).toEqual([[0, []], [0, []]])
    expect(new Set(results.map(({ run }) => run)).size).toBe(2)
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
  const waits = 'Suspending' in WebAssembly
  expect(await remote.run(program, { imports })).toMatchObject(waits ? { status: 0, reason: '' } : { signal: 4 })
  expect(await remote.run(program, { imports: { 'docs:a/b': { beep: async () => 8 } } })).toMatchObject(
    waits ? { status: 1, reason: '' } : { signal: 4 })
  const beep = (): never => {
    throw new Error('no power')
  }
  const { reason } = await remote.run(program, { imports: { 'docs:a/b': { beep } } })
  if (waits) expect(reason).toContain('the import `docs:a/b.beep` has failed: no power')
  class Beep {
    readonly own = 1
  }
  await expect(remote.run(program, { imports: { 'docs:a/b': { beep: Beep } } })).rejects
    .toMatchObject({ code: 'unknown-import' })
})
