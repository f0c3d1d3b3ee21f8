/** Modules linked onto a binary policy, beside all sources compiled at once; and what a binary does not show. */
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { CilError, compileCil } from '../../cil/index.ts'
import { differingLines, normalisePolicy, PolicyError, readPolicy, writePolicy } from '../../policydb/index.ts'
import type { Policydb } from '../../policydb/index.ts'
import { smallPolicy } from '../../testing/small-policy.ts'
import { linkModules, policyToCil } from '../index.ts'
import type { LinkedModule, LinkOptions } from '../index.ts'

const numbered = (text: (n: number) => string): string => Array.from({ length: 12 }, (_, n) => text(n)).join('\n')

/** A policy that speaks of attributes in every way that a compiler writes out. */
const baseSource = `(handleunknown allow) (mls true) (typeattribute cil_gen_require) (roleattribute cil_gen_require)
(class file (read write getattr open execute entrypoint)) (class dir (search add_name))
(class process (fork transition signal sigchld)) (class unix_stream_socket (create connect listen))
(classorder (file dir process unix_stream_socket))
(sensitivity s0) (sensitivityorder (s0)) (category c0) (category c1) (categoryorder (c0 c1))
(sensitivitycategory s0 (c0 c1))
(role object_r) (role system_r) (user system_u) (userrole system_u system_r) (userrole system_u object_r)
(userlevel system_u (s0)) (userrange system_u ((s0) (s0 (c0 c1))))
(typeattribute domain) (typeattribute daemon) (typeattribute trusted) (typeattribute file_type)
(typeattribute unused) (typeattribute empty) (roleattribute daemon_roles) (roleattributeset daemon_roles (system_r))
(type init_t) (type etc_t) (type shadow_t) (type tmp_t) (type log_t)
(typeattributeset file_type (etc_t shadow_t tmp_t log_t)) (roletype object_r file_type)
(typeattributeset domain (init_t))
(typeattributeset trusted (init_t)) (typeattributeset unused (etc_t))
${numbered((n) => `(type d${n}_t) (typeattributeset domain (d${n}_t)) (roletype system_r d${n}_t)
  ${n < 7 ? `(typeattributeset daemon (d${n}_t))` : n > 9 ? `(typeattributeset trusted (d${n}_t))` : ''}
  (type f${n}_t) (typeattributeset file_type (f${n}_t))`)}
(roletype system_r domain) (boolean daemons_write false)
(allow domain self (process (fork sigchld))) (allow daemon self (unix_stream_socket (create connect)))
(allow domain etc_t (file (read open getattr))) (allow empty etc_t (file (write)))
(typeattribute base_typeattr_1) (typeattributeset base_typeattr_1 (and (domain) (not (trusted))))
(dontaudit base_typeattr_1 shadow_t (file (read)))
(typetransition daemon tmp_t file log_t) (typetransition domain log_t dir "cache" tmp_t)
(booleanif daemons_write (true (allow daemon log_t (file (write open)))))
(neverallow base_typeattr_1 shadow_t (file (write)))
(constrain (process (transition)) (or (eq u1 u2) (eq t1 trusted)))
(sid kernel) (sidorder (kernel)) (sidcontext kernel (system_u system_r init_t ((s0) (s0))))
(portcon tcp 22 (system_u object_r etc_t ((s0) (s0))))
(filecon "/etc(/.*)?" any (system_u object_r etc_t ((s0) (s0))))
`
const options = { version: 33, disableNeverallow: true } as const
const built = compileCil([{ name: 'base.cil', text: baseSource }], options)
const base = readPolicy(writePolicy(built.policy))

const linesOf = (policy: Policydb): string[] => normalisePolicy(readPolicy(writePolicy(policy)))

const linked = (text: string, more: LinkOptions = {}, parts: Partial<LinkedModule> = {}) =>
  linkModules(base, [{ name: 'web.cil', text, ...parts }], more)

const webDomain = '(type web_t) (typeattributeset domain (web_t)) (typeattributeset daemon (web_t))'

describe('the same as compiling everything', () => {
  test.each([
    ['a daemon', webDomain],
    ['one that is trusted', '(type web_t) (typeattributeset domain (web_t)) (typeattributeset trusted (web_t))'],
    ['a type of files', '(type page_t) (typeattributeset file_type (page_t)) (allow d0_t page_t (file (read)))'],
    ['no type of its own', '(allow d1_t shadow_t (file (read))) (dontaudit d2_t etc_t (file (write)))'],
    ['a type that is there joins an attribute', '(typeattributeset daemon (d9_t))'],
    ['its own attribute and negations', `${webDomain} (typeattribute webs) (typeattributeset webs (web_t d3_t))
      (typeattribute web_typeattr_1) (typeattributeset web_typeattr_1 (and (domain) (not (webs))))
      (allow web_typeattr_1 webs (process (signal)))`],
    ['conditions', `${webDomain} (boolean web_logs true)
      (booleanif daemons_write (true (allow web_t tmp_t (file (write)))) (false (allow web_t tmp_t (file (read)))))
      (booleanif (and web_logs (not daemons_write)) (true (allow web_t log_t (file (open)))))`],
    ['transitions', `${webDomain} (type web_exec_t) (typeattributeset file_type (web_exec_t))
      (typetransition init_t web_exec_t process web_t) (typetransition web_t tmp_t dir "web" log_t)
      (rangetransition init_t web_exec_t process ((s0) (s0 (c0)))) (roletransition system_r web_exec_t process system_r)
      (roleallow system_r system_r)`],
    ['an optional block that fits, and one that does not', `${webDomain}
      (optional has_it (typeattributeset cil_gen_require log_t) (allow web_t log_t (file (read))))
      (optional lacks_it (typeattributeset cil_gen_require mail_t) (allow web_t mail_t (file (read))))`],
    ['users, roles and labels', `${webDomain} (role web_r) (roletype web_r web_t) (user web_u) (userrole web_u web_r)
      (userlevel web_u (s0)) (userrange web_u ((s0) (s0))) (userrole system_u web_r)
      (portcon tcp 80 (system_u object_r etc_t ((s0) (s0))))
      (portcon tcp (1 1023) (system_u object_r tmp_t ((s0) (s0))))
      (genfscon proc "/web" (system_u object_r etc_t ((s0) (s0 (c0 c1)))))`],
    ['a permissive domain in a block', `(block web (type process) (typepermissive process)
        (typeattributeset .domain (process)))
      (allow web.process etc_t (file (read)))`],
    ['an attribute that no rule uses', `${webDomain} (typeattributeset unused (web_t))`],
    ['roles through an attribute', `${webDomain} (roleattributeset cil_gen_require daemon_roles)
      (roleattributeset daemon_roles (system_r)) (roletype system_r web_t)`],
  ])('%s', (_what, text) => {
    const whole = compileCil([{ name: 'base.cil', text: baseSource }, { name: 'web.cil', text }], options)
    const result = linked(text, { fileContexts: built.fileContexts })
    expect(differingLines(linesOf(result.policy), linesOf(whole.policy))).toEqual({ onlyA: [], onlyB: [] })
    expect(result.fileContexts).toBe(whole.fileContexts)
    expect(linesOf(result.policy)).not.toEqual(linesOf(base))
  })

  test('several modules at once, each with what another declares', () => {
    const modules = [
      { name: 'mail.cil', text: '(optional m (allow mail_t web_t (process (signal)))) (type mail_t)' },
      { name: 'web.cil', text: webDomain },
    ]
    const whole = compileCil([{ name: 'base.cil', text: baseSource }, ...modules], options)
    const { policy } = linkModules(base, modules)
    expect(differingLines(linesOf(policy), linesOf(whole.policy))).toEqual({ onlyA: [], onlyB: [] })
  })
})

describe('what a binary does not show', () => {
  test('is worked out from the types of an attribute, with the reason, and left out on demand', () => {
    const { recovered } = linked(webDomain)
    expect(recovered.map(({ cil, because }) => `${because}: ${cil}`).sort()).toEqual([
      'daemon: (allow web_t self (unix_stream_socket (connect)))',
      'daemon: (allow web_t self (unix_stream_socket (create)))',
      'daemon: (typetransition web_t tmp_t file log_t)',
      'domain: (allow web_t self (process (fork)))',
      'domain: (allow web_t self (process (sigchld)))',
      'domain: (roletype system_r web_t)',
      'domain: (typeattributeset base_typeattr_1 (web_t))',
      'domain: (typetransition web_t log_t dir "cache" tmp_t)',
    ])
    expect(linked(webDomain, { literal: true }).recovered).toEqual([])
    const lines = linesOf(linked(webDomain, { literal: true }).policy)
    expect(lines.filter((line) => line.startsWith('allow web_t web_t'))).toEqual([])
  })

  test.each([
    { text: `${webDomain}\n(typeattributeset gone (web_t))`, found: ['type gone 2 false'] },
    { text: `${webDomain}\n(roleattributeset gone_roles (system_r))`, found: ['role gone_roles 2 false'] },
    { text: `${webDomain}\n(optional o (typeattributeset cil_gen_require log_t) (typeattributeset gone (web_t)))`,
      found: ['type gone 2 true'] },
    { text: `${webDomain}\n(optional o (typeattributeset cil_gen_require mail_t) (typeattributeset gone (web_t)))`,
      found: [] },
    { text: `${webDomain}\n(typeattribute own) (typeattributeset own (web_t))`, found: [] },
  ])('attributes that are gone are named: $found', ({ text, found }) => {
    const { missing } = linked(text)
    expect(missing.map(({ kind, name, place, isOptional }) => `${kind} ${name} ${place.line} ${isOptional}`))
      .toEqual(found)
  })

  test('a package says what is an attribute; one that is given by name is known', () => {
    const text = `${webDomain}\n(typeattributeset cil_gen_require gone) (allow web_t gone (file (read)))`
    expect(linked(text, {}, { attributes: ['gone'] }).missing).toMatchObject([{ name: 'gone' }])
    expect(linked(text, { attributes: ['gone'] }).missing).toEqual([])
    expect(() => linked(text)).toThrow(/there is no type `gone`/)
  })
})

test.each([
  { what: 'an assertion of the module', text: '(neverallow domain etc_t (file (open)))', code: 'neverallow 1' },
  { what: 'an assertion of the module about itself',
    text: '(type w_t)\n(allow w_t shadow_t (file (write)))\n(neverallow w_t shadow_t (file (write)))',
    code: 'neverallow 3' },
  { what: 'a name that is there', text: '\n(type d3_t)', code: 'redeclared 2' },
  { what: 'a name that is not', text: '(allow d3_t etcc_t (file (read)))', code: 'unresolved 1' },
  { what: 'a permission that is not', text: '(allow d3_t etc_t (file (reed)))', code: 'unresolved 1' },
  { what: 'another result', text: '(typetransition d3_t tmp_t file etc_t)', code: 'conflict 1' },
  { what: 'another label of a port', text: '(portcon tcp 22 (system_u object_r tmp_t ((s0) (s0))))',
    code: 'conflict 1' },
  { what: 'a macro, which no binary has', text: '(call read_etc (d3_t))', code: 'unresolved 1' },
])('refused with a place: $what', ({ text, code }) => {
  try {
    linked(text)
    expect.unreachable()
  } catch (error) {
    expect(error).toBeInstanceOf(CilError)
    const { code: found, place } = error as CilError
    expect(`${found} ${place?.line}`).toBe(code)
    expect(place?.file).toBe('web.cil')
  }
})

test('a rule of the binary that breaks an assertion is quoted', () => {
  const text = '(neverallow domain etc_t (file (open)))'
  expect(() => linked(text)).toThrow(/does not hold/)
  try {
    linked(text)
  } catch (error) {
    expect((error as CilError).hint).toContain('allow domain etc_t:file { getattr open read };')
  }
})

describe('a binary policy as CIL', () => {
  test('of everything that a policy can say', () => {
    const policy = smallPolicy()
    const again = compileCil([{ name: 'small.cil', text: policyToCil(policy) }], { version: 34 }).policy
    expect(differingLines(normalisePolicy(policy), normalisePolicy(again))).toEqual({ onlyA: [], onlyB: [] })
  })

  test.each([20, 22, 24, 28, 30, 33])('of version %d', (version) => {
    const policy = readPolicy(writePolicy(base, { version, onDrop: () => {} }))
    const again = compileCil([{ name: 'old.cil', text: policyToCil(policy) }], options).policy
    const [was, is] = [policy, again].map((each) => normalisePolicy({ ...each, version: 0 })
      .filter((line) => !line.startsWith('attribute ')))
    expect(differingLines(was!, is!)).toEqual({ onlyA: [], onlyB: [] })
  })

  test('of every case of the compiler', () => {
    const folder = new URL('../../../cases/cil/', import.meta.url)
    const prelude = readFileSync(new URL('prelude.txt', folder), 'utf8')
    let compared = 0
    for (const name of readdirSync(folder).filter((each) => each.endsWith('.cil'))) {
      const files = [{ name, text: readFileSync(new URL(name, folder), 'utf8') }, { name: 'prelude', text: prelude }]
      const policy = orNull(() => compileCil(files, { multipleDeclarations: true, dialect: '3.10' }).policy)
      const text = policy === null ? null : orNull(() => policyToCil(policy))
      if (policy === null || text === null) continue
      const again = compileCil([{ name, text }], { dialect: '3.10', multipleDeclarations: true }).policy
      expect(differingLines(normalisePolicy(policy), normalisePolicy(again)), name).toEqual({ onlyA: [], onlyB: [] })
      compared++
    }
    expect(compared).toBeGreaterThan(20)
  })
})

const orNull = <T>(make: () => T): T | null => {
  try {
    return make()
  } catch (error) {
    if (error instanceof CilError || error instanceof PolicyError) return null
    throw error
  }
}
