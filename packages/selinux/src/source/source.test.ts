/** Policy sources: what they compile to, and where their mistakes are. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { compileCil } from '../cil/index.ts'
import { compiledPackage, compiledToCil, compileTe, PolicyHeaders, SourceError } from './index.ts'

const small = join(import.meta.dirname, '../../cases/module/small')

test('a module with its file contexts has the bytes of checkmodule and semodule_package', () => {
  const [text, contexts] = ['.te', '.fc'].map((end) => readFileSync(`${small}${end}`, 'utf8')) as [string, string]
  const compiled = compileTe({ name: 'small.te', text }, { fileContexts: { name: 'small.fc', text: contexts } })
  expect(Buffer.compare(compiledPackage(compiled), readFileSync(`${small}.pp`))).toBe(0)
})

const support = { name: 'support.spt', text: `
define(\`gen_require',\`require { $1 }')
define(\`ifndef',\`ifdef(\`$1',\`$3',\`$2')')
define(\`gen_context',\`$1\`'ifdef(\`enable_mcs',\`:s0')')
define(\`interface',\`\`define(\`$1',\`$2')'')
define(\`read_perms',\`{ getattr read }')
` }
const interfaces = { name: 'logs.if', text: `## <summary>Logs.</summary>
interface(\`logs_read',\`
  gen_require(\`
    type log_t;
    class file { getattr read };
  ')
  allow $1 log_t:file read_perms;
')
interface(\`logs_wrong',\`
  logs_read($1)
  allow $1 nothing_t:file read;
')
` }
const headers = () => new PolicyHeaders({ support: [support], interfaces: [interfaces] })
const te = (text: string) => ({ name: 'own.te', text })

const BASE = `class file
class node
sid kernel
class file { read write }
class node { recvfrom }
attribute domain;
type a_t, domain;
type b_t;
role r;
role r types a_t;
allow a_t b_t:file read;
optional {
  require { type b_t; }
  allow a_t b_t:file write;
  type c_t;
}
optional {
  require { type c_t; }
  allow a_t c_t:file write;
} else {
  allow a_t a_t:file write;
}
optional {
  require { type gone_t; }
  allow a_t gone_t:file write;
} else {
  allow a_t a_t:file read;
}
optional {
  require { type gone_t; }
  optional {
    require { type a_t; }
    allow a_t a_t:file read;
  }
}
user u roles r;
sid kernel u:r:a_t
nodecon 127.0.0.0 255.0.0.0 u:r:a_t
nodecon 127.0.0.1 255.255.255.255 u:r:a_t
nodecon 10.0.0.0 255.0.0.0 u:r:a_t
nodecon fd00:: ff00:: u:r:a_t
nodecon :: ffff:ffff:: u:r:a_t
nodecon ff00:: ff00:: u:r:a_t
`

test('a base module has the bytes of checkmodule: optional blocks in force, networks from narrow to wide', () => {
  const compiled = compileTe({ name: 'base.conf', text: BASE }, { mls: false })
  // What checkmodule and semodule_package 3.8.1 make of this text.
  expect(createHash('sha256').update(compiledPackage(compiled)).digest('hex'))
    .toBe('89106c3e33d3b914dab8d64ff01138a319021c8b2384f84ed2b23e019abbdee5')
})

test('a base module without MLS is a policy without MLS', () => {
  const text = compiledToCil(compileTe({ name: 'base.conf', text: BASE }, { mls: false }))
  const { policy } = compileCil([{ name: 'base.cil', text }])
  expect([policy.mls, policy.types.items.filter(({ name }) => name === 'c_t').length]).toEqual([false, 1])
  const withLevel = BASE.replace('attribute domain;', 'sensitivity s0;\ndominance { s0 }\nattribute domain;')
  expect(() => compileTe({ name: 'base.conf', text: withLevel }, { mls: false })).toThrow('has no sensitivities')
})

/** What checkpolicy 3.8.1 says of an allow rule under a neverallow rule that leaves out the source. */
test.each<[sources: string, targets: string, refused: string[], allowed: string[]]>([
  ['domain', '{ domain -self }', ['a_t d_t', 'd_t a_t'], ['a_t a_t', 'a_t b_t', 'b_t a_t']],
  ['{ domain b_t }', '{ files a_t -self }', ['a_t f_t', 'b_t a_t', 'b_t f_t', 'd_t a_t', 'a_t d_t'],
    ['a_t a_t', 'd_t d_t', 'a_t b_t', 'f_t a_t']],
  ['a_t', '{ -self }', ['a_t b_t', 'a_t f_t'], ['a_t a_t', 'b_t a_t']],
  ['domain', '~self', ['a_t b_t', 'd_t f_t'], ['a_t a_t', 'b_t a_t']],
  ['domain', '~{ a_t self }', ['a_t b_t', 'd_t f_t'], ['d_t a_t', 'd_t d_t']],
  ['domain', '{ domain -d_t -self }', ['d_t a_t'], ['a_t d_t', 'a_t a_t', 'd_t d_t']],
])('neverallow %s %s holds as checkpolicy checks it', (sources, targets, refused, allowed) => {
  const text = (pair: string): string => `class file\nsid kernel\nclass file { read }\nattribute domain;
attribute files;\ntype a_t, domain;\ntype b_t;\ntype d_t, domain, files;\ntype f_t, files;\nrole r;
role r types a_t;\nallow ${pair}:file read;\nneverallow ${sources} ${targets}:file read;\nuser u roles r;
sid kernel u:r:a_t\n`
  const isRefused = (pair: string): boolean => {
    const source = { name: 'policy.cil', text: compiledToCil(compileTe({ name: 'policy.conf', text: text(pair) })) }
    try {
      return compileCil([source]).policy.mls
    } catch (error) {
      expect(error).toMatchObject({ code: 'neverallow' })
      return true
    }
  }
  expect([...refused, ...allowed].filter(isRefused)).toEqual(refused)
})

test.each([
  ['neverallow a_t ~{ a_t -self }:file read;', '`-self` does not stand in a complement'],
  ['neverallow a_t { a_t self -self }:file read;', '`self` and `-self` exclude each other'],
  ['allow a_t { a_t -self }:file read;', '`-self` stands in neverallow rules only'],
  ['neverallow a_t notself:file read;', '`notself`'],
])('%s is refused as checkpolicy refuses it', (rule, message) => {
  const text = `module own 1.0;\nrequire { class file read; }\ntype a_t;\n${rule}\n`
  expect(() => compileTe({ name: 'own.te', text })).toThrow(message)
})

test('an interface brings its rules and what they require', () => {
  const compiled = compileTe(te('module own 1.0;\ntype own_t;\nlogs_read(own_t)\n'), { headers: headers() })
  expect(compiledToCil(compiled).split('\n')).toEqual(expect.arrayContaining([
    '(type own_t)', '(typeattributeset cil_gen_require log_t)', '(allow own_t log_t (file (getattr read)))',
  ]))
  expect(compiled.version).toBe('1.0')
})

const failing = (text: string): SourceError => {
  try {
    compileTe(te(text), { headers: headers() })
  } catch (error) {
    if (error instanceof SourceError) return error
    throw error
  }
  throw new Error('it compiles')
}

test('a mistake in an interface points to the call, and on into the interface', () => {
  const error = failing('module own 1.0;\ntype own_t;\nlogs_wrong(own_t)\n')
  expect(error.code).toBe('unresolved')
  expect(error.place).toMatchObject({ file: 'own.te', line: 3, column: 1 })
  expect(error.chain.map(({ message, place }) => [message, place.file, place.line]))
    .toEqual([['in `logs_wrong`', 'logs.if', 11]])
  expect(String(error)).toContain('nothing_t')
})

test.each([
  ['module own 1.0;\ntype own_t;\nlogs_raed(own_t)\n', 'unknown-macro', 3, 'did you mean `logs_read`?'],
  ['module own 1.0;\ntype own_t;\nlogs_read(`own_t)\n', 'unbalanced', 3, ''],
  ['module own 1.0;\nlogs_read(own_t)\n', 'unresolved', 2, 'own_t'],
  ['module own 1.0;\nrequire { type a_t; }\ntype a_t alias a_t;\n', 'redeclared', 3, 'a_t'],
  ['module own 1.0;\nrequire { type a_t; }\noptional { type b_t; }\n', 'missing', 3, 'requires nothing'],
  ['module own 1.0;\nrequire { type a_t; }\nallow a_t self:file ~read;\n', 'unresolved', 3, 'file'],
  ['module own 1.0;\nrequire { type a_t; }\nallow a_t self:file read\n', 'bad-syntax', 4, '`;` is expected'],
  ['module own 1.0;\nrequire { class process fork; role r; }\ntype a_t;\nrole_transition r a_t r;\n' +
    'role_transition r a_t r;\n', 'redeclared', 5, 'already'],
  ['module own 1.0;\nrequire { type a_t; }\nsid kernel u:r:a_t\n', 'misplaced', 3, 'base module'],
  ['module own 1.0;\nrequire { type a_t; }\ninclude(`/etc/passwd\')\n', 'refused', 3, 'include'],
])('%j: %s in line %i', (text, code, line, says) => {
  const error = failing(text)
  expect(error.code).toBe(code)
  expect(error.place?.line).toBe(line)
  expect(String(error)).toContain(says)
})
