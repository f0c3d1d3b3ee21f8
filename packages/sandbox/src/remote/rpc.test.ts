/** Calls over a wire whose other end may send anything. */
import { expect, test } from 'vitest'
import { Rpc } from './rpc.ts'

/** An end whose sent messages are kept, and a function that stands for the other end. */
const oneEnd = () => {
  const sent: unknown[] = []
  let take: (message: unknown) => void = () => {}
  const rpc = new Rpc(
    { send: (message) => void sent.push(message), receive: (taker) => void (take = taker) },
    { double: (value: number) => value * 2 },
  )
  return { rpc, sent, arrives: (message: unknown) => take(message) }
}

test('a call has its answer, and one from the other end too', async () => {
  const { rpc, sent, arrives } = oneEnd()
  const asked = rpc.call('name', 1)
  arrives({ kind: 'answer', id: 1, value: 'yes' })
  expect(await asked).toBe('yes')
  arrives({ kind: 'call', id: 7, name: 'double', args: [4] })
  await expect.poll(() => sent.at(-1)).toEqual({ kind: 'answer', id: 7, value: 8 })
})

test.each<[what: string, message: unknown]>([
  ['nothing', null],
  ['a number', 1],
  ['no kind', {}],
  ['another kind', { kind: 'shout', id: 1 }],
  ['a name that nobody answers', { kind: 'call', id: 1, name: 'triple', args: [] }],
  ['a name that every object has', { kind: 'tell', name: 'constructor', args: [] }],
  ['no arguments', { kind: 'tell', name: 'double' }],
])('%s ends it, and all who wait learn that', async (_, message) => {
  const { rpc, arrives } = oneEnd()
  const asked = rpc.call('name')
  arrives(message)
  await expect(asked).rejects.toMatchObject({ code: 'worker-ended' })
  await expect(rpc.call('name')).rejects.toMatchObject({ code: 'worker-ended' })
})

test('an error without its parts is an error still', async () => {
  const { rpc, arrives } = oneEnd()
  const asked = rpc.call('name')
  arrives({ kind: 'error', id: 1 })
  await expect(asked).rejects.toThrow(TypeError)
})
