/** The table against the list, step by step on the same random changes; what each keeps of order, room and space. */
import { ENOMEM, MAY_READ, MAY_WRITE } from '@lsmkit/abi'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ALL_MODES } from './modes.ts'
import { RuleList } from './rule-list.ts'
import { RuleTable } from './rule-table.ts'
import type { Rules } from './rules.ts'

type Step =
  | {
    readonly kind: 'change'
    readonly pair: readonly [number, number]
    readonly allow: number
    readonly deny: number
  }
  | { readonly kind: 'revoke'; readonly subject: number }

const label = fc.integer({ min: 2, max: 9 }).map((n) => (n === 9 ? (1 << 24) - 1 : n))
const modes = fc.integer({ min: 0, max: 127 }).map((bits) => (bits & 0xf) | ((bits & 0x70) << 8))
const change: fc.Arbitrary<Step> = fc.record({
  kind: fc.constant('change' as const),
  pair: fc.tuple(label, label),
  allow: modes,
  deny: fc.oneof(
    modes,
    modes.map((bits) => ~bits),
  ),
})
const revoke: fc.Arbitrary<Step> = fc.record({ kind: fc.constant('revoke' as const), subject: label })

const apply = (rules: Rules, step: Step): number => {
  if (step.kind === 'change') return rules.change(step.pair[0], step.pair[1], step.allow, step.deny)
  rules.revoke(step.subject)
  return 0
}

const listed = (rules: Rules): unknown[] => {
  const all: unknown[] = []
  rules.each((...rule) => void all.push(rule))
  return all
}

const listedOf = (rules: Rules, subject: number): unknown[] => {
  const all: unknown[] = []
  rules.eachOf(subject, (...rule) => void all.push(rule))
  return all
}

const contents = (rules: Rules): unknown => [
  rules.size,
  listed(rules),
  [2, 3, 4, (1 << 24) - 1].map((subject) => listedOf(rules, subject)),
]

test('the table agrees with the list, in content and in order', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof({ weight: 9, arbitrary: change }, revoke), { maxLength: 120 }), (steps) => {
      const [table, list] = [new RuleTable(40), new RuleList(40)]
      for (const step of steps) {
        expect(apply(table, step)).toBe(apply(list, step))
        const pair = step.kind === 'change' ? step.pair : ([step.subject, 2] as const)
        expect(table.get(...pair)).toBe(list.get(...pair))
      }
      expect(contents(table)).toEqual(contents(list))
      expect(contents(table.copy())).toEqual(contents(list.copy()))
    }),
    { numRuns: 300 },
  )
})

describe.each([
  ['table', RuleTable],
  ['list', RuleList],
] as const)('%s', (_name, Kind) => {
  test('a copy lists its rules the other way round', () => {
    const rules = new Kind(10)
    rules.change(10, 11, MAY_READ, 0)
    rules.change(10, 12, MAY_READ, 0)
    expect(listed(rules.copy())).toEqual([...listed(rules)].reverse())
  })

  test('at the limit a known pair changes and a new one is refused, and nothing else happens', () => {
    const rules = new Kind(2)
    rules.change(10, 11, MAY_READ, 0)
    rules.change(10, 12, MAY_READ, 0)
    const before = listed(rules)
    expect(rules.change(10, 13, MAY_READ, 0)).toBe(-ENOMEM)
    expect(listed(rules)).toEqual(before)
    expect(rules.change(10, 11, MAY_WRITE, 0)).toBe(0)
    expect(rules.get(10, 11)).toBe(MAY_READ | MAY_WRITE)
  })

  test('a walk ends when its visitor says so', () => {
    const rules = new Kind(10)
    for (let object = 11; object < 15; object++) rules.change(10, object, MAY_READ, 0)
    const seen: number[] = []
    rules.each((_subject, object) => {
      seen.push(object)
      return object !== 13
    })
    rules.eachOf(10, (_subject, object) => {
      seen.push(object)
      return false
    })
    expect(seen).toEqual([14, 13, 14])
  })
})

test('100,000 rules are all found, and take less than 100 bytes each', () => {
  const table = new RuleTable(1e6)
  for (let i = 0; i < 100_000; i++) table.change(10 + (i % 317), 10 + ((i / 317) | 0), ALL_MODES, i & 1)
  expect(table.size).toBe(100_000)
  for (let i = 0; i < 100_000; i += 7) {
    expect(table.get(10 + (i % 317), 10 + ((i / 317) | 0))).toBe(ALL_MODES & ~(i & 1))
    expect(table.get(10 + (i % 317), 5000 + i)).toBe(-1)
  }
  expect(table.bytes / table.size).toBeLessThan(100)
})
