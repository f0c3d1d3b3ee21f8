/** The cases in cases/cil, and that nothing which is not a policy makes the compiler do anything but refuse it. */
import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { normalisePolicy, readPolicy, writePolicy } from '../policydb/index.ts'
import { CilError, compileCil } from './index.ts'
import type { Compiled, CompileOptions } from './index.ts'

const folder = new URL('../../cases/cil/', import.meta.url)
const prelude = readFileSync(new URL('prelude.txt', folder), 'utf8')
const cases = readdirSync(folder).filter((name) => name.endsWith('.cil')).sort()

const expectationsIn = (source: string): [word: string, rest: string][] =>
  [...source.matchAll(/^;; (error|hint|related|has|lacks|contexts|warns|option) (.*)$/gm)]
    .map(([, word, rest]) => [word!, rest!])

const optionsOf = (expectations: readonly (readonly [string, string])[]): CompileOptions =>
  Object.fromEntries(expectations.filter(([word]) => word === 'option').map(([, rest]) => {
    const [name, value] = rest.split(' ') as [string, string]
    if (name === 'version' || name === 'expandSize') return [name, Number(value)]
    return [name, value === 'true' ? true : value === 'false' ? false : value]
  }))

const compile = (name: string, source: string, options: CompileOptions): Compiled | CilError => {
  try {
    return compileCil([{ name, text: source }, { name: 'prelude', text: prelude }], options)
  } catch (error) {
    if (error instanceof CilError) return error
    throw error
  }
}

test.each(cases)('%s', (name) => {
  const source = readFileSync(new URL(name, folder), 'utf8')
  const expectations = expectationsIn(source)
  expect(expectations.filter(([word]) => word !== 'option')).not.toEqual([])
  const result = compile(name, source, optionsOf(expectations))
  const error = expectations.find(([word]) => word === 'error')
  if (error === undefined && result instanceof CilError) throw result
  const lines = result instanceof CilError ? [] : normalisePolicy(readPolicy(writePolicy(result.policy)))
  for (const [word, rest] of expectations) {
    if (word === 'has') expect(lines).toContain(rest)
    else if (word === 'lacks') expect(lines).not.toContain(rest)
    else if (word === 'contexts') expect((result as Compiled).fileContexts.split('\n')).toContain(rest)
    else if (word === 'warns') expect((result as Compiled).warnings.map(({ code, place }) => `${code} ${place.line}`))
      .toContain(rest)
    else if (word === 'error') {
      const { code, place } = result as CilError
      expect(`${code} ${place?.line}:${place?.column}`).toBe(rest)
    } else if (word === 'hint') expect((result as CilError).hint).toContain(rest)
    else if (word === 'related') expect((result as CilError).related.map(({ place }) => String(place.line)))
      .toContain(rest)
  }
})

/** The same policies with pieces left out, doubled and exchanged: told apart by a counter, so the same every time. */
test('mangled policies are compiled or refused, and nothing else', () => {
  let state = 1
  const random = (below: number): number => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0
    return (state >>> 8) % below
  }
  let refused = 0
  for (const name of cases) {
    const source = `${readFileSync(new URL(name, folder), 'utf8')}${prelude}`
    for (let i = 0; i < 20; i++) {
      const tokens = source.match(/"[^"\n]*"|[()]|[^\s()]+|\n/g)!
      const at = random(tokens.length)
      const [kind, other] = [random(4), tokens[random(tokens.length)]!]
      if (kind === 0) tokens.splice(at, 1)
      else if (kind === 1) tokens.splice(at, 0, other)
      else if (kind === 2) tokens[at] = other
      else tokens.length = at
      const result = compile(name, tokens.join(' '), { multipleDeclarations: true })
      if (result instanceof CilError) refused++
    }
  }
  expect(refused).toBeGreaterThan(cases.length)
})

test.each([
  { what: 'nesting without end', source: '('.repeat(100_000), code: 'too-deep' },
  { what: 'deep expressions',
    source: `(typeattribute a)(typeattributeset a ${'(not '.repeat(900)}t${')'.repeat(900)})`, code: null },
  { what: 'macros that multiply', source: doubling(40), code: 'too-many' },
  { what: 'blocks that multiply', source: inheriting(40), code: 'too-many' },
  { what: 'class permissions that multiply', source: permissionSets(40), code: 'too-many' },
  { what: 'more types than a rule can name',
    source: Array.from({ length: 65_536 }, (_, i) => `(type t${i})`).join('\n'), code: 'too-many' },
  { what: 'bytes that are no text', source: '\u0000\u00ff', code: 'bad-character' },
  { what: 'an empty file', source: '', code: null },
])('$what: $code', ({ source, code }) => {
  const result = compile('case', source, {})
  expect(result instanceof CilError ? result.code : null).toBe(code)
})

test('logins and prefixes are lines of seusers and users_extra, as semodule writes them', () => {
  const { seusers, usersExtra } = compileCil([{ name: 'users.cil', text: `(mls true) (class file (read))
(classorder (file)) (sid kernel) (sidorder (kernel)) (sidcontext kernel (u r t ((s0) (s0)))) (type t) (role r) (user u)
(userrole u r) (roletype r t) (category c0) (category c1) (categoryorder (c0 c1)) (sensitivity s0)
(sensitivityorder (s0)) (sensitivitycategory s0 (c0 c1)) (userlevel u (s0)) (userrange u ((s0) (s0 (c0 c1))))
(allow t self (file (read))) (selinuxuser root u ((s0) (s0))) (selinuxuserdefault u ((s0) (s0)))
(selinuxuser bob u ((s0) (s0 (c0 c1)))) (selinuxuser %staff u ((s0) (s0 (c0)))) (userprefix u web)` }])
  expect(seusers).toBe('%staff:u:s0-s0:c0\nbob:u:s0-s0:c0,c1\nroot:u:s0-s0\n__default__:u:s0-s0\n')
  expect(usersExtra).toBe('user u prefix web;\n')
})

/** Macro n calls macro n - 1 twice. */
function doubling(depth: number): string {
  const macros = Array.from({ length: depth },
    (_, i) => `(macro m${i} () ${i === 0 ? '(allow t self (file (read)))' : `(call m${i - 1})(call m${i - 1})`})`)
  return `${macros.join('\n')}(call m${depth - 1})`
}

/** Block n inherits block n - 1 twice, in two blocks of its own. */
function inheriting(depth: number): string {
  const two = (i: number): string => `(block l (blockinherit b${i}))(block r (blockinherit b${i}))`
  return Array.from({ length: depth }, (_, i) => `(block b${i} ${i === 0 ? '(type x)' : two(i - 1)})`).join('\n')
}

/** Set n is set n - 1 twice. */
function permissionSets(depth: number): string {
  const twice = (i: number): string => `(classpermissionset p${i} p${i - 1})`.repeat(2)
  return Array.from({ length: depth }, (_, i) =>
    `(classpermission p${i})${i === 0 ? '(classpermissionset p0 (file (read)))' : twice(i)}`).join('\n')
}
