/** Sources that cost more than they look: each ends in a typed error with a place, and soon. */
import { expect, test } from 'vitest'
import { compileTe, expandMacros, SourceError } from './index.ts'

const errorOf = (work: () => unknown): string => {
  try {
    work()
  } catch (error) {
    if (!(error instanceof SourceError)) throw error
    return error.code
  }
  return 'done'
}

const m4 = (text: string): string => errorOf(() => expandMacros({ name: 'bomb.m4', text }))
const head = 'module bomb 1.0; require { type a_t; class file read; bool b; }\n'
const te = (text: string): string => errorOf(() => compileTe({ name: 'bomb.te', text: head + text }))

test.each([
  ['a macro that is its own text', 'define(`a\',`a\')a', 'too-many'],
  ['a macro that doubles', 'define(`a\',`a a\')a', 'too-deep'],
  ['arguments that call themselves', 'define(`a\',`b(a(a))\')a', 'too-deep'],
  ['arguments inside one another', `define(\`a',\`$1')${'a('.repeat(3000)}`, 'too-deep'],
  ['a pattern that tries everything', `regexp(\`${'a'.repeat(60)}',\`\\(a*\\)*\\(a*\\)*\\(a*\\)*b')`, 'too-many'],
  ['brackets of an expression', `eval(\`${'('.repeat(5000)}1')`, 'bad-arguments'],
  ['quotes', `${'`'.repeat(100000)}`, 'unbalanced'],
])('%s', (_what, text, code) => expect(m4(text)).toBe(code))

test.each([
  ['blocks inside one another', 'optional { require { type a_t; } '.repeat(5000), 'too-deep'],
  ['braces', `allow ${'{ '.repeat(5000)}`, 'too-deep'],
  ['conditions', `if (${'('.repeat(5000)}`, 'too-deep'],
  ['negations', `if (${'!'.repeat(5000)}b) { }`, 'too-deep'],
])('%s', (_what, text, code) => expect(te(text)).toBe(code))
