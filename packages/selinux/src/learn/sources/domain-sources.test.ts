/** A learned domain as `.te`, `.if` and `.fc`: it compiles, and its policy lets pass what was seen and no more. */
import { expect, test } from 'vitest'
import { compileCil } from '../../cil/index.ts'
import { TeRules } from '../../query/index.ts'
import {
  compiledToCil, compileTe, defaultBuild, formatPolicySource, interfaceGrants, ownSupport, PolicyHeaders,
} from '../../source/index.ts'
import type { InterfaceGrants } from '../../source/index.ts'
import { domainSources, learnDomain, readDenials } from '../index.ts'

const base = `(mls true) (class process (transition sigchld signal)) (class filesystem (associate)) (class fd (use))
(class file (create write open read getattr execute map entrypoint append unlink)) (class fifo_file (read write))
(class dir (add_name remove_name write search create)) (class sock_file (create))
(classorder (process filesystem fd file fifo_file dir sock_file)) (sid kernel) (sidorder (kernel))
(type init_t) (type user_t) (type tmp_t) (type var_log_t) (type etc_t) (type fs_t) (typeattribute file_type)
(typeattribute domain) (typeattributeset domain (init_t user_t)) (typeattribute cil_gen_require)
(roleattribute cil_gen_require)
(typeattributeset file_type (tmp_t var_log_t etc_t)) (allow file_type fs_t (filesystem (associate)))
(role system_r) (role object_r) (roletype system_r init_t) (roletype system_r user_t) (roletype object_r file_type)
(roletype object_r fs_t) (user u) (userrole u system_r) (userrole u object_r) (category c0) (categoryorder (c0))
(sensitivity s0) (sensitivityorder (s0)) (sensitivitycategory s0 (c0)) (userlevel u (s0)) (userrange u ((s0) (s0)))
(sidcontext kernel (u system_r init_t ((s0) (s0))))
`
const policy = new TeRules(compileCil([{ name: 'base.cil', text: base }]).policy)

const lines = (...texts: string[]): string => texts.map((line) => `\t${line}\n`).join('')
const define = (name: string, ...body: string[]): string => `interface(\`${name}',\`\n${lines(...body)}')\n`
const interfaces = [{ name: 'all.if', text: [
  define('init_daemon_domain', 'gen_require(`type init_t; attribute domain;\')', 'typeattribute $1 domain;',
    'role system_r types $1;', 'type_transition init_t $2:process $1;', 'allow init_t $1:process transition;',
    'allow $1 $2:file { entrypoint read execute map getattr open };'),
  define('files_tmp_file', 'gen_require(`attribute file_type;\')', 'typeattribute $1 file_type;'),
  define('files_tmp_filetrans', 'gen_require(`type tmp_t;\')', 'type_transition $1 tmp_t:$3 $2;',
    'allow $1 tmp_t:dir { add_name write search };'),
  define('files_read_etc', 'gen_require(`type etc_t;\')', 'allow $1 etc_t:file { read open getattr };'),
].join('\n') }]
const build = { ...defaultBuild, type: 'mcs', mcsCategories: 1 } as const
const headers = new PolicyHeaders({ support: [ownSupport(build)], interfaces, build })
const grants = interfaceGrants(headers, interfaces)

const denial = (permissions: string, rest: string, target: string, tclass: string, from = 'init_t'): string =>
  `avc:  denied  { ${permissions} } for  pid=7 comm="web" ${rest} scontext=u:system_r:${from}:s0 ` +
    `tcontext=u:object_r:${target}:s0 tclass=${tclass}`

const logOf = (from: string): string => [
  denial('add_name', 'name="web.x1"', 'tmp_t', 'dir', from), denial('create', 'name="web.x1"', 'tmp_t', 'file', from),
  denial('write open', 'path="/tmp/web.x1"', 'tmp_t', 'file', from),
  denial('create append', 'path="/var/log/web.log"', 'var_log_t', 'file', from),
  denial('read', 'path="/etc/web"', 'etc_t', 'file', from),
  denial('read', 'path="/usr/bin/web"', 'etc_t', 'file', from),
].join('\n')

const sourcesOf = (all: readonly InterfaceGrants[], from = 'init_t') => domainSources(
  learnDomain(readDenials(logOf(from)), { name: 'web', program: '/usr/bin/web', policy }), policy, all)

const linked = ({ te, fc }: { readonly te: string; readonly fc: string }) => {
  const compiled = compileTe({ name: 'web.te', text: te }, { headers, fileContexts: { name: 'web.fc', text: fc } })
  const all = compileCil([{ name: 'base.cil', text: base }, { name: 'web.cil', text: compiledToCil(compiled) }],
    { multipleDeclarations: true })
  const rules = new TeRules(all.policy)
  const allows = (source: string, target: string, tclass: string, permission: string): boolean =>
    [...rules.search({ kinds: ['allow'], source, target, classes: [tclass], permissions: [permission] })].length > 0
  return { allows, rules, fileContexts: all.fileContexts }
}

/** What the log has shown, and one step more of each. */
const SEEN = [
  ['tmp_t', 'dir', 'add_name', 'create'], ['web_tmp_t', 'file', 'write', 'unlink'],
  ['web_log_t', 'file', 'append', 'write'], ['etc_t', 'file', 'read', 'write'],
  ['web_exec_t', 'file', 'entrypoint', 'write'],
] as const

test.each([
  { title: 'with interfaces', all: grants, from: 'init_t' }, { title: 'without any', all: [], from: 'init_t' },
  { title: 'started by another domain', all: grants, from: 'user_t' },
])('$title: the module compiles, and allows what was seen', ({ all, from }) => {
  const sources = sourcesOf(all, from)
  const { allows, rules, fileContexts } = linked(sources)
  for (const [target, tclass, seen, more] of SEEN) {
    expect([target, allows('web_t', target, tclass, seen), allows('web_t', target, tclass, more)])
      .toEqual([target, true, false])
  }
  expect(allows(from, 'web_t', 'process', 'transition')).toBe(true)
  expect(allows('web_tmp_t', 'fs_t', 'filesystem', 'associate')).toBe(true)
  expect([...rules.search({ kinds: ['type_transition'], source: from, classes: ['process'] })]
    .map(({ target, result }) => [target, result])).toEqual([['web_exec_t', 'web_t']])
  expect([...rules.search({ kinds: ['type_transition'], source: 'web_t' })]
    .map(({ target, tclass, result }) => `${target}:${tclass} ${result}`).sort())
    .toEqual(['tmp_t:file web_tmp_t', 'var_log_t:file web_log_t'])
  expect(fileContexts).toContain('/usr/bin/web\t--\tu:object_r:web_exec_t')
  expect(fileContexts).toContain('/var/log/web\\.log\t--\tu:object_r:web_log_t')
})

test('interfaces stand for declarations and rules; what they allow already is not written again', () => {
  const { te, calls, rest } = sourcesOf(grants)
  for (const line of [
    'policy_module(web, 1.0)', 'init_daemon_domain(web_t, web_exec_t)', 'files_tmp_file(web_tmp_t)',
    'files_tmp_filetrans(web_t, web_tmp_t, file)', 'files_read_etc(web_t)',
  ]) expect(te.split('\n')).toContain(line)
  expect(calls.map(({ text, beyond }) => [text, beyond])).toEqual([['files_read_etc(web_t)', 2]])
  expect(rest.map(({ target, tclass }) => `${target}:${tclass}`)).toEqual(['web_log_t:file', 'web_tmp_t:file'])
  expect(te).not.toContain('allow web_t tmp_t:dir')
})

test('other modules get interfaces of the domain, documented as selint wants them', () => {
  const { if: text } = sourcesOf(grants)
  expect([...text.matchAll(/^interface\(`(\w+)'/gm)].map(([, name]) => name)).toEqual([
    'web_domtrans', 'web_exec', 'web_signal', 'web_read_tmp_files', 'web_manage_tmp_files', 'web_read_log',
    'web_append_log', 'web_manage_log',
  ])
  expect(formatPolicySource({ name: 'web.if', text })).toBe(text)
})

test('a skeleton is permissive', () => {
  const learned = learnDomain(null, { name: 'web', program: '/usr/bin/web', from: 'init_t' })
  const { te, fc } = domainSources(learned, null, grants)
  expect(te).toContain('permissive web_t;')
  expect(fc).toBe('/usr/bin/web\t--\tgen_context(system_u:object_r:web_exec_t,s0)\n')
})

test('a path of the log cannot write lines of the .fc or names of m4', () => {
  const learned = learnDomain(null, { name: 'web', program: "/usr/bin/a' `b, #c", from: 'init_t' })
  expect(domainSources(learned, null, grants).fc).toMatch(/^\/usr\/bin\/a\.\.\.b\.\.\.c\t--\tgen_context\(/)
})
