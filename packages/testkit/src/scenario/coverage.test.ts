import { OptionError } from '@lsmkit/core'
import { expect, test } from 'vitest'
import { ScenarioCoverage } from './coverage.ts'
import type { CoveragePart } from './coverage.ts'

const part = (name: string, used: number, never: readonly string[]): CoveragePart =>
  ({ name, total: used + never.length, used, never })

const coverage = new ScenarioCoverage({ parts: () => [part('rules of A', 3, ['a b r'])] }, {
  parts: () => [part('lines of B', 0, ['one', 'two', 'three'])],
  lines: () => [[9, 0], [2, 1], [2, 4]].map(([line, hits]) => ({ file: 'b.c', line: line!, hits: hits! })),
})

test('all parts count as one', () => {
  expect(coverage.percent()).toBe(300 / 7)
  expect(new ScenarioCoverage().percent()).toBe(100)
  const more = new ScenarioCoverage()
  more.add({ parts: () => [part('x', 1, ['y'])] })
  expect(more.percent()).toBe(50)
})

test('a summary for people', () => {
  expect(coverage.summary({ most: 2 })).toEqual([
    'rules of A: 3 of 4 used (75 %)', '  never: a b r',
    'lines of B: 0 of 3 used (0 %)', '  never: one', '  never: two', '  … and 1 more',
  ])
})

test.each([{ mots: 2 }, { most: -1 }])('refused: %j', (options) => {
  expect(() => coverage.summary(options as never)).toThrow(OptionError)
})

test('lines for editors, each once, in order', () => {
  expect(coverage.lcov()).toBe('TN:\nSF:b.c\nDA:2,5\nDA:9,0\nLF:2\nLH:1\nend_of_record\n')
})

test('too little is an error that tells what is missing', () => {
  expect(() => coverage.check(42)).not.toThrow()
  expect(() => coverage.check(43)).toThrow(expect.objectContaining(
    { code: 'uncovered', message: expect.stringMatching(/^less than 43 % of the rules were used\nrules of A: 3 of 4/) }))
})
