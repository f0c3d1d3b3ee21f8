/** The fast path agrees with plain steps, and what is written is read back. */
import { expect, test } from 'vitest'
import { nameBytes } from '../name.ts'
import { DFA_DIFF_ENCODE, DFA_OOB_TRANSITIONS, STATE_DIFF_ENCODE, STATE_OOB_TRANSITION } from './dfa.ts'
import type { Dfa } from './dfa.ts'
import { Matcher } from './matcher.ts'
import { readDfa } from './read-dfa.ts'
import { leftMatch, match, matchLen, next, nullStep, outOfBand } from './step.ts'
import { writeDfa } from './write-dfa.ts'

type Move = readonly [state: number, byte: number, to: number]

/** States whose bases lie 300 places apart, so that none overlap. */
const build = (states: number, moves: readonly Move[], parts: Partial<Dfa> = {}): Dfa => {
  const size = states * 300 + 300
  const dfa = {
    flags: 0,
    accept: new Uint32Array(states),
    accept2: new Uint32Array(states),
    base: Uint32Array.from({ length: states }, (_, state) => state * 300 + 1),
    check: new Uint16Array(size),
    next: new Uint16Array(size),
    def: new Uint16Array(states),
    equivalence: null,
    ...parts,
  }
  for (const [state, byte, to] of moves) {
    const at = (dfa.base[state]! & 0xffffff) + byte
    dfa.check[at] = state
    dfa.next[at] = to
  }
  return dfa
}

const A = 0x61
const B = 0x62

test('a transition of its own, a default, a dead end', () => {
  const dfa = build(4, [[1, A, 2], [2, B, 3]])
  dfa.def[2] = 2
  expect(next(dfa, 1, A)).toBe(2)
  expect(next(dfa, 1, B)).toBe(0)
  expect(match(dfa, 1, nameBytes('axxxb'))).toBe(3)
  expect(match(dfa, 1, nameBytes('xb'))).toBe(0)
  expect(matchLen(dfa, 0, nameBytes('a'))).toBe(0)
})

test('match ends at a NUL, matchLen takes it', () => {
  const dfa = build(4, [[1, A, 2], [2, 0, 3]])
  expect(match(dfa, 1, Uint8Array.of(A, 0, A))).toBe(2)
  expect(matchLen(dfa, 1, Uint8Array.of(A, 0))).toBe(3)
  expect(nullStep(dfa, 2)).toBe(3)
})

test('differences are followed to the state that they differ from', () => {
  const dfa = build(5, [[1, A, 2], [1, B, 3], [2, B, 4]], { flags: DFA_DIFF_ENCODE })
  dfa.def[2] = 1
  dfa.base[2]! |= STATE_DIFF_ENCODE
  expect(next(dfa, 2, B)).toBe(4)
  expect(next(dfa, 2, A)).toBe(2)
})

test('an out-of-band step needs the flag of its state, and is mapped to no class', () => {
  const dfa = build(3, [[1, -1, 2]], { flags: DFA_OOB_TRANSITIONS, equivalence: new Uint8Array(256) })
  expect(outOfBand(dfa, 1)).toBe(0)
  dfa.base[1]! |= STATE_OOB_TRANSITION
  expect(outOfBand(dfa, 1)).toBe(2)
})

test.each([
  { name: 'ab', state: 3, count: 2 },
  { name: 'aba', state: 4, count: 3 },
  // state 4 goes to itself: counting ends at the first repetition
  { name: 'abaaaa', state: 4, count: 3 },
  { name: 'abb', state: 0, count: 0 },
])('leftMatch $name', ({ name, state, count }) => {
  const dfa = build(5, [[1, A, 2], [2, B, 3], [3, A, 4], [4, A, 4]])
  expect(leftMatch(dfa, 1, nameBytes(name))).toEqual({ state, count })
})

/** A generator that gives the same numbers on every machine. */
const random = (seed: number) => {
  let state = seed
  return (below: number): number => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0
    return (state >>> 8) % below
  }
}

test('the fast path agrees with plain steps on 200 automata', () => {
  const pick = random(7)
  for (let i = 0; i < 200; i++) {
    const states = 2 + pick(12)
    const moves = Array.from({ length: pick(60) }, (): Move => [pick(states), pick(256), pick(states)])
    const equivalence = pick(2) === 0 ? null : Uint8Array.from({ length: 256 }, () => pick(9))
    const dfa = build(states, moves, { flags: DFA_DIFF_ENCODE, equivalence })
    for (let state = 2; state < states; state++) {
      dfa.def[state] = pick(state)
      if (pick(3) === 0) dfa.base[state]! |= STATE_DIFF_ENCODE
    }
    const matcher = new Matcher(dfa)
    expect(matcher.spread).toBe(true)
    for (let j = 0; j < 20; j++) {
      const name = Array.from({ length: pick(12) }, () => String.fromCodePoint(1 + pick(pick(2) === 0 ? 127 : 0x3ff)))
        .join('') + (pick(4) === 0 ? '\udc80z' : '')
      const bytes = nameBytes(name)
      const start = pick(states)
      const plain = matchLen(dfa, start, bytes)
      expect(matcher.matchName(start, name)).toBe(plain)
      expect(matcher.matchBytes(start, bytes)).toBe(plain)
      const parts = [name.slice(3), '', name.slice(0, 3)]
      const path = matchLen(dfa, start, nameBytes(`/${name.slice(0, 3)}//${name.slice(3)}`))
      expect(matcher.matchParts(start, parts, false)).toBe(path)
    }
  }
})

test('an automaton is read as it was written', () => {
  const equivalence = Uint8Array.from({ length: 256 }, (_, i) => i)
  const dfa = build(5, [[1, A, 2], [1, B, 3], [2, B, 4]], { equivalence })
  dfa.accept.set([7, 0x80000001], 1)
  expect(readDfa(writeDfa(dfa), false)).toEqual(dfa)
  const indexed = { ...dfa, accept2: null }
  expect(readDfa(writeDfa(indexed), true)).toEqual(indexed)
})

const bytesWith = (change: (dfa: Dfa) => void): Uint8Array => {
  const dfa = build(4, [[1, A, 2]])
  change(dfa)
  return writeDfa(dfa)
}

test.each<[why: string, bytes: Uint8Array, message: string]>([
  ['nothing', new Uint8Array(3), 'no header'],
  ['another number', new Uint8Array(64), '1b5e783d'],
  ['a cut table', bytesWith(() => {}).subarray(0, 60), 'cut off'],
  ['a default too high', bytesWith((dfa) => (dfa.def[2] = 9)), 'default of state 2'],
  ['a transition too high', bytesWith((dfa) => (dfa.next[3] = 9)), 'transition 3'],
  ['a base too high', bytesWith((dfa) => (dfa.base[1] = dfa.next.length - 255)), 'transitions of state 1'],
  ['an unknown flag of a state', bytesWith((dfa) => (dfa.base[1]! |= 0x10000000)), 'unknown flags'],
  ['differences that are not announced', bytesWith((dfa) => (dfa.base[1]! |= STATE_DIFF_ENCODE)), 'announce'],
  ['an out-of-band step that is not announced', bytesWith((dfa) => (dfa.base[1]! |= STATE_OOB_TRANSITION)), 'announce'],
])('%s', (_, bytes, message) => {
  expect(() => readDfa(bytes, false)).toThrow(message)
})

test.each([
  ['of one state', [[2, 2]]],
  ['of two', [[2, 3], [3, 2]]],
  ['met later', [[2, 4], [3, 4], [4, 3]]],
])('a ring of differences %s', (_, chain) => {
  const dfa = build(5, [], { flags: DFA_DIFF_ENCODE })
  for (const [state, to] of chain as [number, number][]) {
    dfa.def[state] = to
    dfa.base[state]! |= STATE_DIFF_ENCODE
  }
  expect(() => readDfa(writeDfa(dfa), false)).toThrow('lead back')
})
