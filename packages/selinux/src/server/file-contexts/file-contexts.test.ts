import { array, assert, constantFrom, property } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { FileContextsError } from './errors.ts'
import { FileContexts } from './file-contexts.ts'
import { matchesRest, parsePattern } from './pattern.ts'
import { PairSet } from './pair-set.ts'

/** What libselinux 3.8.1 answered for these files, recorded with a program of three calls on Debian 13. */
const base = `
# comment
/a/b(/.*)?      long
/a(/.*)?        short
/a/.*x          ax
/c/.*           c1
/c/.*q          c2
/c/q.*          c3
/c/z            c4
/d/lit          base
/e/(.*)?        e1
/e/.*       --  e2
/f/one|/f/two   f
/g/[[:digit:]]+ g
/h/x\\.y         h
/i/.*           <<none>>
/q/(ab|ac)      q1
/q/a.           q2
/(r|s)/t        rs
/r/.*           r
/.*/v           v
/w/.*       -d  wd
/w/.*           w
/w2/.*          w2
/w2/.*      -d  w2d
/w2/lit     -d  litd
/w2/lit         lit
/k/a        -s  s
/k/a        -c  c
/k/a        --  f
/k/a        -l  l
/k/b            any
/k/e            <<none>>
k/rel           rel
/u/..           wide
`
const local = `
/d/lit          local
/c/qq           loc
/k/b        --  typed
/k/e            e
`
const homedirs = `
/p/.*           home
/p/zz       --  homelit
`
const contexts = new FileContexts({
  base, homedirs, local, subs: '/s1 /c\n/s1/b /e\n/s2 /s3\n', subsDist: '/s1 /e\n/s3 /d\n',
})

describe('a path has the context that libselinux gives it', () => {
  test.each([
    ['/a/b/x', 'ax'], ['/a/b', 'short'], ['/a/zx', 'ax'], ['/a/q', 'short'],
    ['/c/q', 'c3'], ['/c/zq', 'c2'], ['/c/z', 'c4'], ['/c/qq', 'loc'], ['/c/..', 'c1'],
    ['/d/lit', 'base'], ['/e/q', 'e2'],
    ['/f/one', 'f'], ['/f/onex', 'f'], ['/f/two', 'f'], ['/xx/f/two', null],
    ['/g/12', 'g'], ['/g/x', null], ['/h/x.y', 'h'], ['/h/xzy', null], ['/i/q', null],
    ['/q/ab', 'q2'], ['/r/t', 'r'], ['/s/t', 'rs'], ['/r/v', 'v'],
    ['/s1/q', 'c3'], ['/s2/lit', 'base'],
    ['//a//zx', 'ax'], ['/a/q/', 'short'], ['/', null], ['', null], ['a/b', null], ['k/rel', 'rel'],
    ['/k/a', 'f'], [
      '/k/b', 'typed',
    ], ['/k/e', null], ['/p/zz', 'homelit'], ['/w/v', 'w'], ['/w2/v', 'w2d'], ['/w2/lit', 'litd'],
    ['/u/é', 'wide'], ['/u/ab', 'wide'], ['/u/éa', null],
  ])('%s: %s', (path, context) => expect(contexts.lookup(path)).toBe(context))

  const [dir, regular, link] = [0o040000, 0o100000, 0o120000]
  test.each([
    [
      '/w/v', dir, 'w',
    ], ['/w2/v', dir, 'w2d'], ['/w2/v', regular, 'w2'], ['/w2/lit', dir, 'litd'], ['/w2/lit', regular, 'lit'],
    ['/k/a', link, 'l'], ['/k/a', 0o010000, null],
    ['/k/b', regular, 'typed'], ['/k/b', dir, 'any'], ['/p/zz', dir, 'home'],
    ['/e/q', dir, 'e1'], ['/e/q', regular | 0o755, 'e2'],
  ])('%s of mode %i: %s', (path, mode, context) => expect(contexts.lookup(path, mode)).toBe(context))
})

describe('an expression means what it means to PCRE', () => {
  // as libselinux 3.8.1 with PCRE2 answered
  test.each([
    ['/x/[]x]', ['/x/]', '/x/x'], ['/x/[', '/x/a']],
    ['/x/[^]x]', ['/x/[', '/x/^'], ['/x/]', '/x/x']],
    ['/x/\\x41b', ['/x/Ab'], ['/x/41b', '/x/x41b']],
    ['/x/a\\sb', ['/x/a b', '/x/a\vb'], ['/x/a\u00a0b', '/x/asb']],
    ['/x/[[:space:]]', ['/x/ '], ['/x/\u00a0', '/x/s']],
    ['/x/[^\\S]', ['/x/\t'], ['/x/a']],
    ['/x/[[]', ['/x/['], ['/x/]']],
    ['/x/[a-]', ['/x/-', '/x/a'], ['/x/b']],
    ['/x/[\\]]', ['/x/]'], ['/x/\\']],
    ['/x/a{x}', ['/x/a{x}'], ['/x/a']],
    ['/x/a$', ['/x/a', '/x/a\n'], ['/x/a$']],
    ['/x/(?:a|b)c', ['/x/ac'], ['/x/c']],
  ])('%s', (pattern, those, others) => {
    const files = new FileContexts({ base: `${pattern} c` })
    expect(those.map((path) => files.lookup(path))).toEqual(those.map(() => 'c'))
    expect(others.map((path) => files.lookup(path))).toEqual(others.map(() => null))
  })

  test.each([
    'a\\', '\\h', '\\A', '\\K', '\\Qa\\E', '\\x{41}', '\\x4', '\\1', '[\\B]', 'a{,2}', 'a++', '(?i)a', '(?>a)',
    '(?#c)a',
    '[\\d-z]', '[a-\\d]', '[[:nonsense:]]', '[[:constructor:]]', '[[:^digit:]]', '[[.a.]]', '[a', '[z-a]',
  ])('or is refused: %s', (text) => {
    expect(() => new FileContexts({ base: `/${text} c` })).toThrow(expect.objectContaining({ code: 'bad-regex' }))
  })
})

test.each([
  { line: '/a', code: 'missing-fields' },
  { line: '/a -- ctx more', code: 'extra-fields' },
  { line: '/a -x ctx', code: 'bad-file-type' },
  { line: '/a constructor ctx', code: 'bad-file-type' },
  { line: '/a(b ctx', code: 'bad-regex' },
])('$line: $code', ({ line, code }) => {
  let error: unknown = null
  try {
    void new FileContexts({ base: `# first\n${line}\n` })
  } catch (caught) {
    error = caught
  }
  expect(error).toBeInstanceOf(FileContextsError)
  expect(error).toMatchObject({ code, file: 'base', line: 2 })
})

test('a substitution needs two paths', () => {
  expect(
    () => new FileContexts({ base: '', subs: '/a\n' }),
  ).toThrow(expect.objectContaining({ code: 'bad-substitution' }))
})

describe('patterns in a tree', () => {
  const part = constantFrom(
    '/', 'a', 'b', 'ab', '.', '.*', '[^/]*', '(/.*)?', '(a|b)', 'a?', '(ab/)?', '\\.', '[ab]+', '(.*/)?b',
  )
  const pattern = array(part, { minLength: 1, maxLength: 6 }).map((parts) => `/${parts.join('')}`)
  const path = array(
    constantFrom('/', 'a', 'b', '.'), { maxLength: 8 },
  ).map((parts) => `/${parts.join('')}`.replace(/\/+/g, '/'))

  test('the last one in the file that matches is found, as by trying all of them', () => {
    let found = 0
    assert(property(array(
      pattern, { minLength: 1, maxLength: 25 },
    ), array(path, { minLength: 5, maxLength: 20 }), (patterns, paths) => {
      const kept = patterns.filter((text) => parsePattern(text).rest !== 'none')
      const files = new FileContexts({ base: kept.map((text, i) => `${text} c${i}`).join('\n') })
      const plain = kept.map((text) => new RegExp(`^${text}$`, 's'))
      for (const asked of paths) {
        const clean = asked.length > 1 ? asked.replace(/\/$/, '') : asked
        const wanted = plain.findLastIndex((regex) => regex.test(clean))
        if (wanted >= 0) found++
        expect(files.lookup(asked), `${asked} in ${kept.join(' ')}`).toBe(wanted < 0 ? null : `c${wanted}`)
      }
    }))
    expect(found).toBeGreaterThan(100)
  })

  test('what a pattern must contain is in everything that it matches', () => {
    assert(property(pattern, path, (text, asked) => {
      const parsed = parsePattern(text)
      const has = new PairSet()
      has.fill(asked)
      const matches = new RegExp(`^${text}$`, 's').test(asked)
      expect(asked.startsWith(parsed.prefix) && matchesRest(parsed, asked, has)).toBe(matches)
    }), { numRuns: 2000 })
  })
})
