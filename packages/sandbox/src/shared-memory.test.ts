/** Programs whose memory is shared, in a browser: its TextDecoder takes no shared memory. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Box } from './box.ts'
import { runWith, specOf } from './run-options.ts'
import type { RunOptions } from './run-options.ts'
import { tool } from './testing/programs.ts'

type Decoder = InstanceType<typeof TextDecoder>

const { decode } = TextDecoder.prototype
beforeEach(() => {
  vi.spyOn(TextDecoder.prototype, 'decode').mockImplementation(function (this: Decoder, bytes, options) {
    const { buffer } = bytes as Uint8Array | undefined ?? new Uint8Array(0)
    if (buffer instanceof SharedArrayBuffer) throw new TypeError('the ArrayBufferView must not be shared')
    return decode.call(this, bytes, options)
  })
})
afterEach(() => void vi.restoreAllMocks())

test('read, write, and are refused', async () => {
  const box = await Box.open({
    policy: { allow: { read: ['/data'], write: ['/data'] } }, makers: [], permits: [], devices: [],
    waiting: 'workers', spare: 0,
    askDevice: () => Promise.reject(new Error('there is none')), shell: null, network: {},
    onDenial: () => {}, onAccesses: null,
    files: {},
    askContents: () => Promise.reject(new Error('there is none')),
  })
  const run = (name: string, options: RunOptions) =>
    runWith(options, (streams) => box.run(specOf(tool(name), options), streams))
  expect(await run('cat', { stdin: 'typed' })).toMatchObject({ status: 0, stdout: 'typed' })
  const script = 'echo one >/data/\u00e4; echo two >/none'
  const { denials, stderr } = await run('sh', { args: ['-c', script] })
  expect(stderr).toContain('/none')
  expect(denials.map(({ path }) => path)).toEqual(['/none'])
  expect(await run('cat', { args: ['/data/\u00e4'] })).toMatchObject({ status: 0, stdout: 'one\n' })
  await box.close()
})
