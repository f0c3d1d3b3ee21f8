import { assert, constantFrom, property, tuple, uniqueArray } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { INVALID_ID, SetidRules, SIDPOL_ALLOWED, SIDPOL_CONSTRAINED, SIDPOL_DEFAULT } from './policy.ts'

const rulesOf = (...pairs: (readonly [number, number])[]): SetidRules => SetidRules.of(pairs.flat())!
const closed = (rules: SetidRules) => {
  const told: [number, number][] = []
  return { rules: rules.closed((src, dst) => told.push([src, dst])), told }
}

describe('lookup', () => {
  const rules = rulesOf([1000, 1001], [1000, 0], [7, 0xfffffffe], [0xfffffffe, 7])
  test.each([
    { src: 1000, dst: 1001, answer: SIDPOL_ALLOWED },
    { src: 1000, dst: 0, answer: SIDPOL_ALLOWED },
    { src: 1000, dst: 1000, answer: SIDPOL_CONSTRAINED },
    { src: 1000, dst: INVALID_ID, answer: SIDPOL_CONSTRAINED },
    { src: 7, dst: 0, answer: SIDPOL_CONSTRAINED },
    { src: 0xfffffffe, dst: 7, answer: SIDPOL_ALLOWED },
    { src: 0xfffffffe, dst: INVALID_ID, answer: SIDPOL_CONSTRAINED },
    { src: 1001, dst: 1000, answer: SIDPOL_DEFAULT },
    { src: 0, dst: 0, answer: SIDPOL_DEFAULT },
  ])('$src -> $dst: $answer', ({ src, dst, answer }) => {
    expect(rules.lookup(src, dst)).toBe(answer)
  })

  test('nobody is constrained by no rules', () => {
    expect(SetidRules.empty.lookup(0, 0)).toBe(SIDPOL_DEFAULT)
  })
})

test('a rule that is there twice', () => {
  expect(SetidRules.of([1, 2, 2, 1, 1, 2])).toBeNull()
})

describe('a way out', () => {
  test('is closed once, whoever leads to it', () => {
    const { rules, told } = closed(rulesOf([1, 2], [3, 2], [1, 3]))
    expect(told).toEqual([[1, 2]])
    expect(rules.lookup(2, 2)).toBe(SIDPOL_ALLOWED)
    expect(rules.lookup(2, 1)).toBe(SIDPOL_CONSTRAINED)
    expect(rules.size).toBe(4)
  })

  test('a policy without one stays as it is', () => {
    const rules = rulesOf([1, 2], [2, 1])
    expect(closed(rules)).toEqual({ rules, told: [] })
  })
})

/** The plain reference: a list that is searched from its start. */
const plainLookup = (pairs: readonly (readonly [number, number])[], src: number, dst: number): number => {
  const own = pairs.filter((pair) => pair[0] === src)
  if (own.length === 0) return SIDPOL_DEFAULT
  return own.some((pair) => pair[1] === dst) ? SIDPOL_ALLOWED : SIDPOL_CONSTRAINED
}

test('random rules answer as a list of them does, and have no way out once closed', () => {
  const id = constantFrom(0, 1, 2, 3, 999, 1000, 0x7fffffff, 0x80000000, 0xfffffffe)
  const key = (pair: readonly [number, number]) => pair.join()
  assert(property(uniqueArray(tuple(id, id), { selector: key }), id, id, (pairs, src, dst) => {
    const rules = rulesOf(...pairs)
    expect(rules.lookup(src, dst)).toBe(plainLookup(pairs, src, dst))
    expect(rules.lookup(src, INVALID_ID)).toBe(plainLookup(pairs, src, INVALID_ID))
    const { rules: safe } = closed(rules)
    for (const [, to] of pairs) expect(safe.lookup(to, INVALID_ID)).toBe(SIDPOL_CONSTRAINED)
    expect(closed(safe).told).toEqual([])
  }))
})
