import { array, assert, constantFrom, property } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Automaton } from './automaton.ts'
import { expressionOf } from './expression.ts'
import { FileContexts } from './file-contexts.ts'
import { programOf } from './program.ts'
import { END, tokensOf } from './tokens.ts'

const automatonOf = (pattern: string): Automaton => new Automaton(programOf(expressionOf(tokensOf(pattern), END)))

describe('an automaton says what RegExp says', () => {
  const part = constantFrom(
    'a', 'b', '.', '.*', '[ab]', '[^a]', '(a|b)', '(?:ab|a)*', '(\\.[^/]*)*', 'a?', 'b+', 'a{2}', 'b{1,}', '(a{0,2}b)*',
    '(a*)*', '\\.', '(|a)', '^', '$', '\\b', '\\B', '(?=a)', '(?!b)', '(?<=a)', '(?<!ab)', '(?=.*b)', '(?=a$)', '\\n',
    '/',
  )
  const text = array(constantFrom('a', 'b', '.', '/', 'ab', '\n', '\xe9'), { maxLength: 9 })
    .map((parts) => parts.join(''))

  test('from the start to the end', () => {
    let matched = 0
    assert(property(array(part, { minLength: 1, maxLength: 6 }), array(text, { minLength: 8, maxLength: 8 }),
      (parts, texts) => {
        const source = parts.join('')
        const plain = new RegExp(`^(?:${tokensOf(source).map(({ js }) => js).join('')})${END}`, 's')
        const automaton = automatonOf(source)
        for (const one of texts) {
          const wanted = plain.test(one)
          if (wanted) matched++
          expect(automaton.matches(one, 0), `${source} on ${JSON.stringify(one)}`).toBe(wanted)
        }
      }), { numRuns: 3000 })
    expect(matched).toBeGreaterThan(300)
  })

  test('anywhere', () => {
    assert(property(array(part, { minLength: 1, maxLength: 5 }), text, (parts, one) => {
      const source = `^${parts.join('')}|b${parts.join('')}$`
      const plain = new RegExp(tokensOf(source).map(({ js }) => js).join(''), 's')
      expect(automatonOf(source).finds(one), `${source} in ${JSON.stringify(one)}`).toBe(plain.test(one))
    }), { numRuns: 2000 })
  })

  test('with more states than its table holds', () => {
    const pattern = '(.*/)?x[ab]{9}(.*/)?y[ab]{9}'
    const plain = new RegExp(`^(?:${pattern})$`, 's')
    const automaton = automatonOf(pattern)
    let state = 1
    const letter = (): string => 'abxy/'[(state = (state * 48271) % 0x7fffffff) % 5]!
    for (let i = 0; i < 400; i++) {
      const path = Array.from({ length: 60 }, letter).join('') + (i % 2 === 0 ? '/xababababab/yababababab' : '')
      expect(automaton.matches(path, 0)).toBe(plain.test(path))
    }
  })
})

/** Paths on which going back takes longer than anybody waits. */
test.each([
  ['/lib/.*\\.so(\\.[^/]*)*', `/lib/x.so${'.'.repeat(3000)}/x`],
  ['/x(a*)*b', `/x${'a'.repeat(3000)}`],
  ['/x(a|aa)+b', `/x${'a'.repeat(3000)}`],
  ['/x.*a.*a.*a.*a.*b', `/x${'a'.repeat(3000)}`],
  ['/x(.*)(.*)(.*)(.*)(.*)[0-9]', `/x${'a'.repeat(3000)}`],
  ['/x(?=(a*)*b)a', `/x${'a'.repeat(300)}`],
  ['/x|(a*)*b', `/x${'a'.repeat(300)}`],
])('%s', (pattern, path) => {
  const files = new FileContexts({ base: `${pattern} c\n/none x` })
  expect(files.lookup(path)).toBe(pattern.startsWith('/x|') ? 'c' : null)
})

test('what would take too many steps is told of, with the line', () => {
  const files = new FileContexts({ base: '/none x\n/x((?=.*b)a)*b c' })
  expect(() => files.lookup(`/x${'a'.repeat(4000)}b`)).toThrow(expect.objectContaining(
    { code: 'match-limit', file: 'base', line: 2 }))
  expect(files.lookup('/xaab')).toBe('c')
})

test.each(['/x(a{1,500}){1,500}', `/x${'('.repeat(300)}a${')'.repeat(300)}`])('too large: %#', (pattern) => {
  expect(() => new FileContexts({ base: `${pattern} c` })).toThrow(
    expect.objectContaining({ code: 'bad-regex', line: 1 }))
})
