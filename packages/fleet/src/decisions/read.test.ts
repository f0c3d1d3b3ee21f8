import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { folder } from '../store/folder/index.ts'
import type { Store } from '../store/store.ts'
import type { FleetRecord } from './decision.ts'
import { messageBytes, messageId, parseMessage } from './message.ts'
import { readDecisions } from './read.ts'
import { SeenSerials } from './seen-serials.ts'

const decision = (serial: number, more: object = {}): object => ({
  serial, kind: 'decision', time: 1000 + serial, boot: 'b', bundle: null, source: 'box', verdict: 'deny', sample: 1,
  masked: [], texts: [], record: { kind: 'call', by: 'mode', call: 'openat', rc: -13, path: '/etc/x', time: 1 },
  ...more,
})
const gap = (serial: number, ranges: readonly (readonly [number, number])[]): object =>
  ({ serial, kind: 'gap', time: 1000 + serial, reason: 'full', ranges, count: 1 })
const bytesOf = (lines: readonly object[]): Uint8Array =>
  messageBytes(1, lines.length, lines.map((line) => new TextEncoder().encode(JSON.stringify(line))))

let path = ''
let store: Store
beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), 'lsmkit-read-'))
  store = folder(path)
})
afterEach(async () => {
  await store.close()
  rmSync(path, { recursive: true, force: true })
})

let messages = 0
const sent = (host: string, ...lines: readonly object[]): Promise<unknown> =>
  store.append('dec', host, [{ id: String(messages += 1), value: bytesOf(lines) }])
const read = async (options = {}): Promise<string[]> => {
  const found: string[] = []
  for await (const one of readDecisions(store, options)) found.push(shown(one))
  return found
}
const shown = (one: FleetRecord): string => {
  if (one.kind === 'missing') return `${one.host} missing ${one.from}-${one.to}`
  return one.kind === 'damaged' ? `${one.host} damaged` : `${one.host} ${one.kind} ${one.serial}`
}

describe('readers', () => {
  test('see each decision once, whatever was sent twice and in which order', async () => {
    await sent('a', decision(1), decision(2))
    await sent('b', decision(1))
    await sent('a', decision(2), decision(3))
    await sent('a', decision(1), decision(2), decision(3))
    expect(await read()).toEqual(['a decision 1', 'a decision 2', 'b decision 1', 'a decision 3'])
    expect(await read({ host: 'b' })).toEqual(['b decision 1'])
  })

  test('see gaps with their reason, and what is missing without one', async () => {
    await sent('a', decision(5), decision(6))
    await sent('a', gap(10, [[7, 8]]), decision(11))
    expect(await read()).toEqual(['a decision 5', 'a decision 6', 'a gap 10', 'a decision 11', 'a missing 9-9'])
  })

  test('begin at a time', async () => {
    await sent('a', decision(1), decision(2))
    expect(await read({ since: 1002 })).toEqual(['a decision 2'])
  })

  test.each<[why: string, value: Uint8Array]>([
    ['no JSON', new TextEncoder().encode('hello')],
    ['another format', new TextEncoder().encode('{"format":2,"lines":0}')],
    ['cut', bytesOf([decision(1), decision(2)]).subarray(0, 100)],
    ['one line less', new TextEncoder().encode('{"format":1,"lines":1}')],
    ['a serial that is none', bytesOf([decision(1), decision(-1)])],
    ['a record of another kind', bytesOf([decision(1, { record: { kind: 'constructor' } })])],
    ['no record', bytesOf([decision(1, { record: null })])],
    ['another verdict', bytesOf([decision(1, { verdict: 'maybe' })])],
    ['a gap that is none', bytesOf([gap(3, [[2, 1]])])],
    ['no UTF-8', new Uint8Array([0xff, 0xfe])],
  ])('pass over a message with %s, and say so', async (_why, value) => {
    await store.append('dec', 'a', [{ id: 'x', value }])
    await sent('a', decision(1))
    expect(await read()).toEqual(['a damaged', 'a decision 1'])
  })
})

test('a message is what it was', () => {
  const lines = [decision(1), gap(2, [[1, 1]])]
  expect(parseMessage(bytesOf(lines))).toEqual(lines)
  expect(messageId('web-1', 3, 9)).toBe('web-1/3-9')
})

test('serials as a set of numbers says', () => {
  let seed = 7
  const below = (n: number): number => (seed = (seed * 1103515245 + 12345) % 2147483648) % n
  for (let round = 0; round < 200; round += 1) {
    const [serials, model] = [new SeenSerials(), new Set<number>()]
    for (let step = 0; step < 40; step += 1) {
      const from = 1 + below(50)
      if (below(4) === 0) {
        const to = from + below(6)
        serials.cover([from, to])
        for (let n = from; n <= to; n += 1) model.add(n)
      } else {
        expect(serials.add(from)).toBe(!model.has(from))
        model.add(from)
      }
    }
    const all = [...model].toSorted((a, b) => a - b)
    const missing = serials.missing().flatMap(([from, to]) => Array.from({ length: to - from + 1 }, (_, i) => from + i))
    const [least, most] = [all[0]!, all.at(-1)!]
    expect(missing).toEqual(Array.from({ length: most - least + 1 }, (_, i) => least + i).filter((n) => !model.has(n)))
  }
})
