/** Formatting of sources: texts of our own, their form, and why. */
import { expect, test } from 'vitest'
import { compileTe, formatPolicySource, ownSupport, PolicyHeaders, SourceError } from '../index.ts'

/** Text, form, reason. */
const texts: readonly (readonly [text: string, form: string, reason: string])[] = [
  ['', '', 'an empty text'],
  ['\n\n# a  b   \n\n\n\ntype  a_t ;', '# a  b\n\ntype a_t;\n', 'blanks and empty lines'],
  ['allow a_t b_t : file { write read read };', 'allow a_t b_t:file { read write };\n', 'permissions in order, once'],
  ['allow {a_t -b_t}  self:file ~{write read};', 'allow { a_t -b_t } self:file ~{ read write };\n', 'sets'],
  ['allow a_t b_t:{ file dir } read;', 'allow a_t b_t:{ file dir } read;\n', 'classes stay as they are'],
  ['allow a_t b_t:file { write # why\n read };', 'allow a_t b_t:file { write # why\n\tread };\n', 'a comment inside'],
  ['optional_policy(`\nfoo( a_t,b_t )\n  # note\nifdef(`x\',`\ntype b_t;\n\',`\ntype c_t;\n\')\n\')',
    'optional_policy(`\n\tfoo(a_t, b_t)\n\t# note\n\tifdef(`x\',`\n\t\ttype b_t;\n\t\',`\n\t\ttype c_t;\n\t\')\n\')\n',
    'blocks'],
  ['if (a) {\nallow a_t self:file read;\n} else {\nallow a_t self:dir read;\n}',
    'if (a) {\n\tallow a_t self:file read;\n} else {\n\tallow a_t self:dir read;\n}\n', 'braces'],
  ['ifelse(`$1\',`\n  a\',`b\')', 'ifelse(`$1\',`\n  a\',`b\')\n', 'blanks of a macro may count'],
  ['foo(`a  b\', s0 - s1)\nfoo("a  b")', 'foo(`a  b\', s0 - s1)\nfoo("a  b")\n', 'quotes, texts and ranges'],
  ['type_transition a_t b_t:file  c_t  "x  y" ;', 'type_transition a_t b_t:file c_t "x  y";\n', 'a name of a file'],
  ['allow a_t b_t:file\nread;', 'allow a_t b_t:file\n\tread;\n', 'a statement goes on'],
  ['type a_t;\r\ntype b_t;\r\n', 'type a_t;\ntype b_t;\n', 'lines of DOS'],
]

test.each(texts)('%j is %j (%s)', (text, form) => {
  expect(formatPolicySource({ name: 'own.te', text })).toBe(form)
  expect(formatPolicySource({ name: 'own.te', text: form })).toBe(form)
})

test('a module compiles to the same bytes', () => {
  const text = 'policy_module(own,1.0)\ntype  a_t;type b_t ;\nrequire { class file { write read getattr }; }\n' +
    'optional_policy(`\ngen_require(`\ntype c_t;\n\')\nallow a_t c_t :file { write read };\n\')\n' +
    'allow b_t {a_t self}:file { write\nread getattr };\n'
  const headers = new PolicyHeaders({ support: [ownSupport()], interfaces: [] })
  const bytes = (written: string): Uint8Array => compileTe({ name: 'own.te', text: written }, { headers }).bytes()
  const form = formatPolicySource({ name: 'own.te', text })
  expect(form).not.toBe(text)
  expect(bytes(form)).toEqual(bytes(text))
})

test('a text that cannot be parsed is refused', () => {
  expect(() => formatPolicySource({ name: 'own.te', text: 'allow a_t b_t:file' })).toThrow(SourceError)
  expect(formatPolicySource({ name: 'own.fc', text: '/a  --  <<none>>  \n\n\n\n' })).toBe('/a  --  <<none>>\n')
})
