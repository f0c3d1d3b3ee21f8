import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parseFleet } from './document.ts'

const recorded = JSON.parse(readFileSync(join(import.meta.dirname, 'recorded.json'), 'utf8')) as object[]
const last = recorded.at(-1)!

test('each moment of the recorded rollout is a document', () => {
  expect(recorded.length).toBeGreaterThan(5)
  for (const moment of recorded) expect(parseFleet(JSON.stringify(moment))).toEqual(moment)
})

test.each<[why: string, text: string]>([
  ['no JSON', '{'], ['another document', '{"schema":1}'], ['a list', '[]'], ['null', 'null'],
  ['a standing that is not known', JSON.stringify(last).replaceAll('"has"', '"hacked"')],
  ['a count that is text', JSON.stringify(last).replaceAll('"count":', '"count":"x","other":')],
])('refuses %s', (_why, text) => expect(() => parseFleet(text)).toThrow(/^It is not/))
