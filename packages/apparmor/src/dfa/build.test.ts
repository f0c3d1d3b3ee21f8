import { expect, test } from 'vitest'
import { step } from './automaton.ts'
import { determinise, TooManyStates } from './build.ts'
import { compareAutomata, type Walkable } from './compare.ts'
import { compress } from './compress.ts'
import type { Dfa } from './dfa.ts'
import { minimise } from './minimise.ts'
import { Nfa } from './nfa.ts'
import { minimumLength, parsePattern, PatternError } from './regex.ts'
import { matchLen } from './step.ts'
import { walkableDfa } from './walk.ts'

const bytes = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0))

const built = (...patterns: string[]) => {
  const nfa = new Nfa(100_000)
  for (const [index, pattern] of patterns.entries()) nfa.add(parsePattern(pattern), index)
  return determinise(nfa)
}

/** Which of the patterns match the whole text. */
const matches = (patterns: string[], text: string): number[] => {
  const automaton = built(...patterns)
  const state = bytes(text).reduce((at, byte) => step(automaton, at, byte), automaton.start)
  return [...automaton.marks.get(automaton.accepts[state]!)]
}

test.each([
  { pattern: 'abc', text: 'abc', hit: true, why: 'plain' },
  { pattern: 'a*', text: '', hit: true, why: 'none of a star' },
  { pattern: 'a+', text: '', hit: false, why: 'one at least' },
  { pattern: '(ab|)c', text: 'c', hit: true, why: 'an empty choice' },
  { pattern: '[a-c]', text: 'b', hit: true, why: 'a range' },
  { pattern: '[c-a]', text: 'b', hit: true, why: 'a range backwards' },
  { pattern: '[^/\\x00]*', text: 'a/b', hit: false, why: 'what is left out' },
  { pattern: '[^^a]', text: '^', hit: false, why: 'a caret behind the first' },
  { pattern: '[]a]', text: ']', hit: true, why: 'a bracket in the first place' },
  { pattern: '[a\\-c]', text: '-', hit: true, why: 'an escaped dash' },
  { pattern: '.', text: '\0', hit: true, why: 'any byte, NUL too' },
  { pattern: '\\101\\d66\\x43', text: 'ABC', hit: true, why: 'numbers in three bases' },
  { pattern: '\\x433', text: 'C3', hit: true, why: 'two digits at most' },
  { pattern: '\\q', text: '\\q', hit: true, why: 'no escape: the backslash is a byte' },
  { pattern: '(a|b)*c', text: 'ababc', hit: true, why: 'a star of choices' },
  { pattern: '((a*)*)*', text: 'aaa', hit: true, why: 'stars of stars' },
])('$pattern on $text: $why', ({ pattern, text, hit }) => {
  expect(matches([pattern], text)).toEqual(hit ? [0] : [])
})

test.each(['[a', '[a-]', '(a', 'a)', '*a', 'a**', '[', '+'])('%s is no pattern', (pattern) => {
  expect(() => parsePattern(pattern)).toThrow(PatternError)
})

test.each([
  { pattern: '/usr/bin/x', length: 10 },
  { pattern: '/usr/(bin|sbin|s)/x', length: 8 },
  { pattern: '/usr/[^/]*x', length: 5 },
  { pattern: 'a*b+', length: 1 },
])('the least of $pattern is $length', ({ pattern, length }) => {
  expect(minimumLength(parsePattern(pattern))).toBe(length)
})

test('every rule that matches is known in the state', () => {
  const patterns = ['/a/[^/]*', '/a/b', '/[^\\x00]*', '/a/(b|c)']
  expect(matches(patterns, '/a/b')).toEqual([0, 1, 2, 3])
  expect(matches(patterns, '/a/c')).toEqual([0, 2, 3])
  expect(matches(patterns, '/a/b/c')).toEqual([2])
})

/** Random patterns, the same at every run. */
const random = (seed: number): string[] => {
  let state = seed * 2654435761 >>> 0 || 1
  const pick = (n: number): number => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % n
  }
  const term = (depth: number): string => {
    switch (pick(depth > 2 ? 4 : 7)) {
      case 0: return 'a'
      case 1: return 'b'
      case 2: return '[^a]'
      case 3: return '/'
      case 4: return `(${term(depth + 1)}|${term(depth + 1)}${term(depth + 1)})`
      case 5: return `(${term(depth + 1)}${term(depth + 1)})*`
      default: return `(${term(depth + 1)})+`
    }
  }
  return Array.from({ length: 1 + pick(4) }, () => Array.from({ length: 1 + pick(5) }, () => term(0)).join(''))
}

const toDfa = (patterns: string[]): { dfa: Dfa, states: number } => {
  const automaton = built(...patterns)
  const small = minimise(automaton)
  const { tables, order } = compress(small)
  const { flags, base, next, check } = tables
  const accept = Uint32Array.from(order, (state) => small.accepts[state]!)
  return {
    dfa: { flags, base, next, check, def: tables.default, accept, accept2: null, equivalence: null },
    states: small.size,
  }
}

/** The smallest automaton by the plainest method: split states until nothing changes. */
const plainSize = (patterns: string[]): number => {
  const automaton = built(...patterns)
  const reached = [automaton.start]
  for (const state of reached) {
    for (let byte = 0; byte < 256; byte++) {
      const target = step(automaton, state, byte)
      if (!reached.includes(target)) reached.push(target)
    }
  }
  const states = [...new Set([0, ...reached])]
  let part = new Map(states.map((state) => [state, `${automaton.accepts[state]}`]))
  for (let count = 0; count !== new Set(part.values()).size;) {
    count = new Set(part.values()).size
    const names = new Map<string, string>()
    const next = new Map<number, string>()
    for (const state of states) {
      const key = [
        part.get(state), ...Array.from({ length: 256 }, (_, byte) => part.get(step(automaton, state, byte))),
      ].join()
      if (!names.has(key)) names.set(key, `${names.size}`)
      next.set(state, names.get(key)!)
    }
    part = next
  }
  return new Set(part.values()).size
}

test('minimising and packing keep the meaning, and nothing is left to merge', () => {
  for (let seed = 1; seed <= 40; seed++) {
    const patterns = random(seed)
    const automaton = built(...patterns)
    const { dfa, states } = toDfa(patterns)
    const plain: Walkable = { hasOutOfBand: false, step: (state, symbol) => step(automaton, state, symbol) }
    const differences = compareAutomata(plain, walkableDfa(dfa), {
      leftStart: automaton.start, rightStart: 1, same: (a, b) => automaton.accepts[a] === dfa.accept[b],
    })
    expect(differences, patterns.join('  ')).toEqual([])
    expect(states, patterns.join('  ')).toBe(plainSize(patterns))
  }
}, 30_000)

test('a difference comes with the shortest string that shows it', () => {
  const a = toDfa(['/a/[^/]*']).dfa
  const b = toDfa(['/a/[^/]*x?']).dfa
  const [difference] = compareAutomata(walkableDfa(a), walkableDfa(b), {
    leftStart: 1, rightStart: 1, same: (one, other) => a.accept[one] === b.accept[other],
  })
  expect(String.fromCharCode(...difference!.symbols)).toBe('/a/')
})

test('every base leaves room for all bytes, as kernels check', () => {
  const { dfa } = toDfa(['/[a-z]*', '\\xff\\xfe', '[\\x01-\\xff]b'])
  for (const base of dfa.base) expect((base & 0xffffff) + 255).toBeLessThan(dfa.next.length)
  expect(matchLen(dfa, 1, bytes('\u00ff\u00fe'))).not.toBe(0)
})

test('20,000 literal paths share what they have in common', () => {
  const nfa = new Nfa(10_000_000)
  for (let i = 0; i < 20_000; i++) nfa.add(parsePattern(`/srv/data/${i % 317}/part-${i}/file`), 0)
  const small = minimise(determinise(nfa))
  expect(small.size).toBeLessThan(20_000)
})

test('an explosion of states ends', () => {
  expect(() => {
    const nfa = new Nfa(100_000)
    nfa.add(parsePattern(`[^\\x00]*a${'[^/]'.repeat(40)}`), 0)
    determinise(nfa, { states: 50_000, members: 10_000_000 })
  }).toThrow(TooManyStates)
})
