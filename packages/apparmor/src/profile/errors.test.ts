import { describe, expect, test } from 'vitest'
import { ProfileError } from './errors.ts'
import { compileText } from './testing.ts'

const mistake = (text: string, files: Readonly<Record<string, string>> = {}): ProfileError => {
  try {
    compileText(text, files)
  } catch (error) {
    if (error instanceof ProfileError) return error
    throw error
  }
  throw new Error('the text was taken')
}

describe('refused texts name the place, the reason and what was meant', () => {
  test.each([
    { text: 'profile p {\n  /a r\n  /b r,\n}', code: 'unexpected', line: 3, hint: null },
    { text: 'profile p {\n  capabilty kill,\n}', code: 'unknown-keyword', line: 2, hint: 'capability' },
    { text: 'profile p {\n  capability kil,\n}', code: 'bad-value', line: 2, hint: 'kill' },
    { text: 'profile p flags=(complian) { }', code: 'bad-value', line: 1, hint: 'complain' },
    { text: 'profile p {\n  signal set=(trem),\n}', code: 'bad-value', line: 2, hint: 'term' },
    { text: 'profile p {\n  mount options=(nosuit) /a,\n}', code: 'bad-value', line: 2, hint: 'nosuid' },
    { text: 'profile p {\n  network inte,\n}', code: 'bad-value', line: 2, hint: 'inet' },
    { text: 'profile p {\n  dbus (sent),\n}', code: 'bad-permissions', line: 2, hint: 'send' },
    { text: 'profile p {\n  set rlimit nofiles <= 3,\n}', code: 'bad-value', line: 2, hint: 'nofile' },
    { text: '@{HOME}=/h\nprofile p {\n  @{HOMES}/a r,\n}', code: 'undeclared', line: 3, hint: 'HOME' },
    { text: '@{A}=@{B}\n@{B}=@{A}\nprofile p { @{A} r, }', code: 'recursive', line: 1, hint: null },
    { text: '@{A}=a\n@{A}=b\nprofile p { }', code: 'redeclared', line: 2, hint: '+=' },
    { text: '$a = maybe\nprofile p { }', code: 'bad-value', line: 1, hint: null },
    { text: 'profile p {\n  /a x,\n}', code: 'bad-permissions', line: 2, hint: 'ix' },
    { text: 'profile p {\n  deny /a ix,\n}', code: 'bad-permissions', line: 2, hint: null },
    { text: 'profile p {\n  /a wa,\n}', code: 'bad-permissions', line: 2, hint: null },
    { text: 'profile p {\n  /a px,\n  /a ix,\n}', code: 'exec-conflict', line: 3, hint: null },
    { text: 'profile p {\n  /a* px,\n  /*b ix,\n}', code: 'exec-conflict', line: 3, hint: 'priority' },
    { text: 'profile p {\n  /a{b r,\n}', code: 'bad-pattern', line: 2, hint: null },
    { text: 'profile p {\n  /{a} r,\n}', code: 'bad-pattern', line: 2, hint: null },
    { text: 'profile p {\n  /a r,', code: 'unclosed', line: 2, hint: null },
    { text: 'profile p {\n  "/a r,\n}', code: 'bad-character', line: 2, hint: null },
    { text: 'p {\n}', code: 'bad-name', line: 1, hint: null },
    { text: 'profile p {\n  /a px -> ::x,\n}', code: 'bad-name', line: 2, hint: null },
    { text: 'profile p {\n  /a px -> :,\n}', code: 'bad-name', line: 2, hint: null },
    { text: 'profile p {\n include <nowhere>\n}', code: 'no-such-file', line: 2, hint: 'd' },
    { text: 'profile p { }\nprofile p { }', code: 'duplicate-profile', line: 2, hint: null },
    { text: 'profile p flags=(kill,complain) { }', code: 'flag-conflict', line: 1, hint: null },
    { text: 'profile p { }\n@{A}=b', code: 'unexpected', line: 2, hint: null },
    { text: 'profile p {\n  owner capability kill,\n}', code: 'bad-prefix', line: 2, hint: null },
    { text: 'profile p {\n  priority=2000 /a r,\n}', code: 'bad-value', line: 2, hint: null },
    { text: 'profile p {\n  unix peer=(adr=@a),\n}', code: 'bad-condition', line: 2, hint: 'addr' },
  ])('$text', ({ text, code, line, hint }) => {
    const error = mistake(text)
    expect({ code: error.code, line: error.place?.line }).toEqual({ code, line })
    if (hint === null) return
    expect(error.hint).toContain(hint)
  })

  test('a mistake in an included file has its place there', () => {
    const error = mistake('profile p {\n  include <bad>\n}', { 'd/bad': '\n/a q,\n' })
    expect(`${error.place}`).toMatch(/^d\/bad:2:/u)
    expect(String(error)).toContain('/a q,')
  })

  test('more than 12 targets', () => {
    const rules = Array.from({ length: 13 }, (_, index) => `/b${index} px -> t${index},`).join('\n')
    expect(mistake(`profile p {\n${rules}\n}`).code).toBe('too-many-transitions')
  })
})

/** Each variable has the values of the one before it eight times. */
const multiplying = [
  '@{A}=a b c d e f g h',
  ...Array.from({ length: 12 }, (_, i) => `@{A${i}}=${` @{A${i === 0 ? '' : i - 1}}`.repeat(8)}`),
  'profile p { /@{A11} r, }',
].join('\n')

describe('bombs end with a name', () => {
  test('a pattern that explodes names its rule', () => {
    const error = mistake(`profile p {\n  /a r,\n  /**a${'?'.repeat(60)} r,\n}`)
    expect({ code: error.code, line: error.place?.line }).toEqual({ code: 'pattern-explodes', line: 3 })
  }, 60_000)

  test('a profile that includes its own file ends', () => {
    expect(mistake('profile p { include "main"\n }').code).toMatch(/circular-include|unexpected/u)
    expect(
      mistake(
        'include <one>', { 'd/one': 'profile a { include <two>\n }', 'd/two': 'profile b { include <one>\n }' },
      ).code,
    )
      .toBe('circular-include')
  })

  test.each([
    { what: 'braces', text: `profile p { ${'{ '.repeat(5000)} }` },
    { what: 'hats', text: 'profile p { '.repeat(5000) },
    { what: 'negations', text: `profile p { if ${'not '.repeat(100_000)} $a { } }` },
    { what: 'choices', text: `profile p { /${'{a,'.repeat(5000)} r, }` },
    { what: 'variables that multiply', text: multiplying },
  ])('$what', ({ text }) => {
    expect(mistake(text)).toBeInstanceOf(ProfileError)
  }, 30_000)
})
