import { expect, test } from 'vitest'
import type { DecisionLine, Verdict } from '../decisions/decision.ts'
import { messageBytes } from '../decisions/message.ts'
import type { LogRecord, Store } from '../store/store.ts'
import { draftOf, NEW, OLD } from '../testing/rollout-simulation.ts'
import { rolloutDenials } from './denials.ts'

const text = new TextEncoder()
const line = (serial: number, verdict: Verdict, path: string, more: Partial<DecisionLine> = {}): DecisionLine => ({
  kind: 'decision', serial, time: 1000 + serial, boot: 'one', bundle: NEW, source: 'box', verdict, sample: 1,
  masked: [],
  record: { kind: 'call', by: 'policy', call: 'openat', rc: -13, path, why: `nothing allows ${path}` } as never,
  texts: [], ...more,
})
const of = (host: string, lines: readonly DecisionLine[]): LogRecord => ({
  sequence: 1, key: host, id: host, time: 1,
  value: messageBytes(lines[0]!.serial, lines.at(-1)!.serial, lines.map((one) => text.encode(JSON.stringify(one)))),
})
const storeOf = (records: readonly LogRecord[]): Store => ({
  read: async function* () { yield* records },
}) as unknown as Store

test('alike refusals of the bundle are one, those of most come first, and others are left out', async () => {
  const found = await rolloutDenials(storeOf([
    of('web-1', [line(1, 'would-deny', '/a'), line(2, 'would-deny', '/b'), line(3, 'allow', '/a')]),
    of('web-2', [line(1, 'would-deny', '/b', { sample: 10 }), line(2, 'deny', '/b', { bundle: OLD })]),
  ]), draftOf([['web-1', 'web-2']], {}))
  expect(found.map(({ target, count, hosts, verdict }) => [target, count, hosts, verdict])).toEqual([
    ['/b', 11, 2, 'would-deny'], ['/a', 1, 1, 'would-deny'],
  ])
  expect(found[0]).toMatchObject({
    module: 'policy', operation: 'openat', error: 'EACCES', reason: 'nothing allows /b', examples: ['web-1', 'web-2'],
  })
})
