/** Labels on the wire: automatic ones, levels that move, and packets that find their label. */
import { describe, expect, test } from 'vitest'
import { CipsoMap } from './cipso.ts'
import { FLOOR, LabelTable, STAR, WEB } from './label-table.ts'

const map = () => {
  const labels = new LabelTable(100)
  return { labels, cipso: new CipsoMap(labels) }
}

test.each([
  { text: 'A', level: 250, categories: [2, 8] },
  { text: 'ab', level: 250, categories: [2, 3, 8, 10, 11, 15] },
  { text: 'x'.repeat(24), level: 251, categories: [5, 7] },
])('`$text` by itself: $level', ({ text, level, categories }) => {
  const { labels, cipso } = map()
  const label = labels.import(text)
  expect([cipso.level(label), cipso.categories(label)]).toEqual([level, categories])
})

test('the longest label that carries its text fills the bits of 23 bytes', () => {
  const { labels, cipso } = map()
  const label = labels.import('~'.repeat(23))
  expect(Math.max(...cipso.categories(label))).toBe(183)
})

test('a new direct level takes along every label of the old one, whoever set it', () => {
  const { labels, cipso } = map()
  const [auto, set, other, mapped] = ['A', 'B', 'C', 'x'.repeat(30)].map((text) => labels.import(text)) as [
    number,
    number,
    number,
    number,
  ]
  cipso.assign(set, 250, [1])
  cipso.assign(other, 7, [])
  cipso.setDirect(9)
  const late = labels.import('D')
  expect([auto, set, other, mapped, late].map((label) => cipso.level(label))).toEqual([9, 9, 7, 251, 9])
  cipso.setMapped(9)
  cipso.setMapped(4)
  expect([auto, set, other, mapped, late].map((label) => cipso.level(label))).toEqual([4, 4, 7, 4, 4])
  expect([cipso.directLevel, cipso.mappedLevel]).toEqual([9, 4])
})

test('a label that nobody has looked at yet keeps the level of its time', () => {
  const { labels, cipso } = map()
  const before = labels.import('A')
  cipso.setDirect(1)
  const after = labels.import('B')
  cipso.setMapped(2)
  expect([cipso.level(before), cipso.level(after), cipso.level(FLOOR)]).toEqual([1, 1, 1])
})

describe('packets', () => {
  test('the newest label of the level with exactly these categories', () => {
    const { labels, cipso } = map()
    const [a, b] = [labels.import('A'), labels.import('B')]
    expect(cipso.labelOf({ level: 250, categories: [2, 8] }, 0)).toBe(a)
    cipso.assign(b, 250, [2, 8])
    expect(cipso.labelOf({ level: 250, categories: [2, 8] }, 0)).toBe(b)
  })

  test('one that no label fits is `*`, on a socket that receives as `*` it is `@`', () => {
    const { cipso } = map()
    expect(cipso.labelOf({ level: 250, categories: [2] }, FLOOR)).toBe(WEB)
    expect(cipso.labelOf({ level: 250, categories: [3] }, FLOOR)).toBe(STAR)
    expect(cipso.labelOf({ level: 3, categories: [2] }, STAR)).toBe(WEB)
  })

  test('without categories only the newest label of the level counts', () => {
    const { labels, cipso } = map()
    const [a, b] = [labels.import('A'), labels.import('B')]
    cipso.assign(a, 5, [])
    expect(cipso.labelOf({ level: 5, categories: [] }, 0)).toBe(a)
    cipso.assign(b, 5, [1])
    expect(cipso.labelOf({ level: 5, categories: [] }, 0)).toBe(STAR)
  })
})
