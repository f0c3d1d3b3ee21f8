/** Checks of sources: texts of our own, the findings that come of them, and why. */
import { describe, expect, test } from 'vitest'
import { enabledChecks, lintChecks, lintSources, readLintConfig, SourceError } from '../index.ts'
import type { LintOptions } from '../index.ts'

const found = (name: string, text: string, options: LintOptions = {}): string =>
  lintSources({ files: [{ name, text }] }, options).map(({ code, line }) => `${line} ${code}`).join(', ')

const head = 'policy_module(own, 1.0)\ntype a_t;\ntype b_t;\n'

/** Text behind three lines of a module, findings, reason. */
const modules: readonly (readonly [text: string, found: string, reason: string])[] = [
  ['allow a_t b_t:file { getattr read };', '', 'nothing is wrong'],
  ['allow a_t b_t:file { read getattr };', '4 C-005', 'permissions in order'],
  ['allow a_t b_t:file { read getattr }; # selint-disable: C-005', '', 'a comment for people'],
  ['allow a_t b_t:file { read getattr }; #selint-disable:C-005,W-001', '', 'a comment as selint wants it'],
  ['allow a_t b_t:file { read getattr }; # selint-disable: W-001', '4 C-005', 'of another check'],
  ['allow a_t b_t:file { read\n  getattr };', '5 C-005', 'a statement is on its last line'],
  ['optional_policy(` # selint-disable: E-009\n\')', '', 'a comment behind what opens a block'],
  ['optional_policy(`\n\')', '4 E-009', 'a block is where it begins'],
  ['allow a_t a_t:file read;', '4 C-007', 'self'],
  ['allowxperm a_t b_t:file ioctl { 0x5402 0x5401 };', '4 C-005', 'extended permissions'],
  [';', '4 S-003', 'a needless semicolon'],
  ['own_word', '4 E-010', 'a word by itself'],
  ['ifelse(`$1\',`\',`own_word\')', '', 'a word as an argument'],
  ['own_call()\nown_call(a_t b_t)', '4 W-006, 5 W-007', 'arguments'],
  ['own_call(a_t, s0 - mls_systemhigh)', '', 'a range is one argument'],
  ['if (nowhere) { allow a_t self:file read; }', '4 W-012', 'an unknown boolean'],
  ['gen_require(`\n\ttype c_t;\n\')', '4 S-001', 'a requirement'],
  ['gen_require(\n\tclass dbus send_msg;\n)', '4 S-008', 'without quotes; a class may be required'],
  ['allow a_t b_t:file', '5 F-001', 'the text ends in a statement'],
  ['allow a_t b_t:file;\nallow a_t a_t:file read;', '4 F-001, 5 C-007', 'the statements behind a mistake are read'],
  ['\')\n}\nallow a_t a_t:file read;', '4 F-001, 4 F-001, 5 F-001, 6 C-007', 'brackets that nothing opened'],
]

test.each(modules)('%j: %s (%s)', (text, expected) => {
  expect(found('own.te', `${head}${text}\n`)).toBe(expected)
})

describe('several files', () => {
  const files = [
    { name: 'system/own.te', text: 'policy_module(own, 1.0)\ntype own_t;\nshop_read(own_t)\nshop_template(own)\n' +
      'allow own_t shop_t:file read;\nallow own_t own_made_t:file read;\n' },
    { name: 'apps/shop.te', text: 'policy_module(shop, 1.0)\ntype shop_t;\n' },
    { name: 'apps/shop.if', text: '## A\ninterface(`shop_read\',`\n\tgen_require(`\n\t\ttype shop_t;\n\t\')\n' +
      '\tallow $1 shop_t:file read;\n\')\n## B\ntemplate(`shop_template\',`\n\ttype $1_made_t;\n\')\n' },
    { name: 'apps/shop.fc', text: '/a.b\t--\tgen_context(system_u:object_r:own_t,s0)\n' },
  ]
  const codes = (options: LintOptions = {}): string[] =>
    lintSources({ files }, options).map(({ file, line, code }) => `${file}:${line} ${code}`)

  test('names have their modules, and templates declare names where they are called', () => {
    expect(codes()).toEqual(['system/own.te:5 W-001', 'apps/shop.fc:1 S-002', 'apps/shop.fc:1 W-004'])
  })

  test('a module that may be absent is called in an optional block', () => {
    const conf = { name: 'modules.conf', text: 'own = module\nshop = module\n' }
    const [one] = lintSources({ files: [files[0]!], context: [files[2]!, conf] }, {})
    expect(one).toMatchObject({ code: 'W-005', line: 3, message: expect.stringContaining('optional block') })
  })
})

test('C-001 finds the nearest rule that is on the wrong side', () => {
  const text = `${head}allow a_t b_t:file read;\nallow a_t self:process fork;\nbool c true;\n`
  const all = lintSources({ files: [{ name: 'own.te', text }] }, { onlyEnabled: true, enable: ['C-001'] })
  expect(all.map(({ line, message }) => [line, message])).toEqual([
    [4, 'a own module rule stands before line 5, which is a self rule'],
    [6, 'a unknown subsection stands after line 5, which is of another section'],
  ])
})

test('options switch checks on and off', () => {
  expect(enabledChecks({}).has('C-001')).toBe(false)
  expect(enabledChecks({ enable: ['C-001'] }).has('C-001')).toBe(true)
  expect(enabledChecks({}).has('W-010')).toBe(false)
  expect(enabledChecks({ isWhole: true }).has('W-010')).toBe(true)
  expect(enabledChecks({ isWhole: true, disable: ['W-010'] }).has('W-010')).toBe(false)
  expect([...enabledChecks({ onlyEnabled: true, enable: ['X-001'] })]).toEqual(['X-001'])
  expect([...enabledChecks({ severity: 'error' })].every((code) => code.startsWith('E'))).toBe(true)
  expect(() => enabledChecks({ severity: 'bad' as 'error' })).toThrow(/severity/)
  expect(new Set(lintChecks.map(({ code }) => code)).size).toBe(lintChecks.length)
})

describe('selint.conf', () => {
  const read = (text: string, isWhole = false): LintOptions => readLintConfig({ name: 'selint.conf', text }, isWhole)

  test('is read', () => {
    const text = '# all\nseverity = "warning"\ndisable = { C-001,\n W-002 }\nenable_source = { W-010 }\n'
    expect(read(text, true)).toEqual({
      severity: 'warning', disable: ['C-001', 'W-002'], enable: ['W-010'],
    })
    expect(read('enable_source = { W-010 }\nenable_normal = { S-002 }\nassume_users = { a_u }')).toEqual({
      enable: ['S-002'], assumeUsers: ['a_u'],
    })
  })

  test.each([
    ['severty = "style"', 1], ['\nseverity = "bad"', 2], ['disable', 1], ['ordering_rules = "x"', 1],
    ['toString = "x"', 1],
  ])('%j is refused at line %i', (text, line) => {
    let error: unknown
    try {
      read(text)
    } catch (caught) {
      error = caught
    }
    expect(error).toBeInstanceOf(SourceError)
    expect((error as SourceError).place?.line).toBe(line)
  })
})

test.each([
  ['blocks that never end', 'optional_policy(`\n', 20_000], ['brackets', '{ ', 50_000],
  ['closing quotes', '\')\n', 20_000],
  ['calls', 'a(', 50_000], ['comments', '# selint-disable: C-001\n', 5000],
  ['texts that never end', 'x "\n', 20_000],
])('%s take time in proportion', (_, piece, times) => {
  const all = lintSources({ files: [{ name: 'own.te', text: piece.repeat(times) }] }, { enable: ['C-001'] })
  expect(all.length).toBeLessThanOrEqual(times * 2)
})
