/** `wasi:http/incoming-handler`: a request that a component is run for, and what becomes of it. */
import { SIGILL } from '@lsmkit/abi'
import { capability } from '@lsmkit/capability'
import type { Kernel } from '@lsmkit/kernel'
import { expect, test } from 'vitest'
import { echo } from '../../../../test/http-components.ts'
import type { Answering } from '../../../../test/http-components.ts'
import { runWasi, runWasiAsync } from '../../../index.ts'
import type { ServedRequest, WasiOptions, WasiResult } from '../../../index.ts'
import { bootForTest } from '../../../testing/boot.ts'
import { toolBytes } from '../../../../test/tools.ts'

const kernel = bootForTest([capability()])
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const request: ServedRequest =
  { method: 'POST', url: 'http://a.example:80/to?q', headers: [['x-one', 'é']], body: bytes(' in') }

type Way = (kernel: Kernel, options: WasiOptions) => WasiResult | Promise<WasiResult>
const ways: readonly (readonly [string, Way])[] = [
  ['in the thread that calls', (on, options) => runWasi(on, on.init, options)],
  ['suspended', (on, options) => runWasiAsync(on, on.init, options)],
  ['in a worker', (on, options) => runWasiAsync(on, on.init, { ...options, waiting: 'workers' })],
]

test.each(ways)('its answer is the path and the body: %s', async (_, run) => {
  expect(await run(kernel, { program: await echo(), request })).toMatchObject({
    status: 0, reason: '', response: { status: 201, headers: [], trailers: [], body: bytes('/to?q in') },
  })
})

test.each<[Answering, object]>([
  ['without a body', { reason: '', response: { status: 200, body: bytes('') } }],
  ['without an end', { response: null, reason: 'the component has not finished the body of its response' }],
  ['not at all', { response: null, reason: 'the component has set no response' }],
  ['with an error', { response: null, reason: 'the component has answered with the error HTTP-request-denied' }],
  ['with a trap', { response: null, signal: SIGILL }],
])('a component that answers %s', async (answering, result) => {
  expect(runWasi(kernel, kernel.init, { program: await echo(answering), request })).toMatchObject(result)
})

test('a program that answers no requests is not run for one, and a server is no command', async () => {
  expect(() => runWasi(kernel, kernel.init, { program: toolBytes('cat'), request }))
    .toThrow(expect.objectContaining({ code: 'no-entry' }))
  const program = await echo()
  expect(() => runWasi(kernel, kernel.init, { program })).toThrow(expect.objectContaining({ code: 'no-entry' }))
})

test.each([
  [{ method: 'A B' }, /`method` is not/], [{ url: 'ftp://a/' }, /`url` is not/], [{ url: '/a' }, /`url` is not/],
  [{ headers: [['a', 'b\n']] }, /`headers` is not/], [{ headers: [['a']] }, /`headers` is not/],
  [{ headers: [['a', '\u0100']] }, /`headers` is not/], [{ body: 'text' }, /`body` is not/],
])('a request with %j is an error of the option', (part, message) => {
  const wrong = { ...request, ...part } as ServedRequest
  expect(() => runWasi(kernel, kernel.init, { program: '/x', request: wrong })).toThrow(message)
})
