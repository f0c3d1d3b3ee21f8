/** Rules as calls of interfaces: headers of our own, a log, the calls; and the module that they make lets it pass. */
import { expect, test } from 'vitest'
import { linkModules, neededAttributes } from '../../module/index.ts'
import { TeRules } from '../../query/index.ts'
import { compiledToCil, compileTe, interfaceGrants, ownSupport, PolicyHeaders } from '../../source/index.ts'
import { smallPolicy } from '../../testing/small-policy.ts'
import { answerWithInterfaces, learn, readDenials, teModuleOfCalls } from '../index.ts'

const interfaces = [{ name: 'small.if', text: `
## <summary>Read files in homes.</summary>
interface(\`home_read',\`
  gen_require(\` type home_t; ')
  allow $1 home_t:file { read open getattr };
')
interface(\`home_manage',\`
  gen_require(\` type home_t; ')
  allow $1 home_t:file { read open getattr write create setattr unlink };
  allow $1 home_t:dir { search add_name };
')
interface(\`all_read',\`
  gen_require(\` attribute file_type; ')
  allow $1 file_type:file { read open };
')
interface(\`home_read_some',\`
  gen_require(\` attribute file_type; type secret_t; ')
  allow $1 { file_type -secret_t }:file read;
')
interface(\`home_read_maybe',\`
  gen_require(\` type home_t; bool user_sends; ')
  if (user_sends) { allow $1 home_t:file read; }
')
interface(\`home_read_gone',\`
  gen_require(\` type home_t, no_such_t; ')
  allow $1 home_t:file read;
')
interface(\`home_read_optional',\`
  optional_policy(\`
    gen_require(\` type no_such_t; ')
    allow $1 home_t:file read;
  ')
')
interface(\`home_read_labelled',\`
  gen_require(\` type home_t; ')
  allow $1 home_t:file read;
  type_transition $1 home_t:file home_t;
')
interface(\`trusted',\`
  gen_require(\` attribute privileged; type cache_t; ')
  typeattribute $1 privileged;
  allow $1 cache_t:file read;
')
interface(\`signal_of',\`
  allow $1 $2:process signal;
')
interface(\`trace_of',\`
  allow $1 $2:process ptrace;
  allow $2 $1:process sigchld;
')
interface(\`own_port',\`
  gen_require(\` attribute file_type; ')
  typeattribute $2 file_type;
  allow $1 $2:tcp_socket name_bind;
')
interface(\`use_all_of',\`
  gen_require(\` type tty_t; class chr_file { read write }; ')
  allow $1 tty_t:chr_file *;
')
interface(\`shell_domtrans',\`
  gen_require(\` type shell_exec_t, child_t; ')
  type_transition $1 shell_exec_t:process child_t;
  allow $1 shell_exec_t:file { read execute };
  allow $1 child_t:process transition;
')
interface(\`share_home',\`
  gen_require(\` type secret_t; ')
  allow $1 secret_t:file read;
  allow $1 $2:file map;
')
interface(\`session_of',\`
  gen_require(\` type child_t, shell_exec_t; ')
  allow child_t $1:process transition;
  allow $1 child_t:fd use;
')
template(\`made_template',\` type $1_t; allow $1_t home_t:file read; ')
interface(\`broken',\` allow $1 $2; ')
` }]
const headers = new PolicyHeaders({ support: [ownSupport()], interfaces })
const grants = interfaceGrants(headers, interfaces)
const policy = new TeRules(smallPolicy())

const denial = (source: string, target: string, tclass: string, permissions: string): string =>
  `avc:  denied  { ${permissions} } for pid=7 comm="x" scontext=joe:user_r:${source}:s0 ` +
    `tcontext=joe:object_r:${target}:s0 tclass=${tclass}`

const READ = denial('tester_t', 'home_t', 'file', 'read')

test.each<[why: string, log: readonly string[], calls: readonly string[], rest: readonly string[]]>([
  ['the one that allows the least', [READ], ['home_read(tester_t) 2'], []],
  ['more is asked for', [READ, denial('tester_t', 'home_t', 'file', 'unlink')], ['home_manage(tester_t) 7'], []],
  ['one call for several rules, and none that another makes idle',
    [denial('tester_t', 'home_t', 'dir', 'search'), denial('tester_t', 'home_t', 'file', 'read write')],
    ['home_manage(tester_t) 6'], []],
  ['a type that the policy does not have yet', [denial('web_t', 'home_t', 'file', 'read')], ['home_read(web_t) 2'], []],
  ['what the policy allows is not counted', [denial('child_t', 'home_t', 'file', 'getattr')],
    ['home_read(child_t) 0'], []],
  ['an interface about an attribute, which gives more', [denial('tester_t', 'cache_t', 'file', 'read')], [],
    ['tester_t cache_t file']],
  ['two arguments', [denial('tester_t', 'child_t', 'process', 'signal')], ['signal_of(tester_t, child_t) 0'], []],
  ['two arguments, and more than is wanted', [denial('tester_t', 'child_t', 'process', 'ptrace')], [],
    ['tester_t child_t process']],
  ['an interface that labels the target is for its owner',
    [denial('tester_t', 'port_t', 'tcp_socket', 'name_bind')], [], ['tester_t port_t tcp_socket']],
  ['itself', [denial('web_t', 'web_t', 'process', 'signal')], ['signal_of(web_t, web_t) 0'], []],
  ['all of a class', [denial('tester_t', 'tty_t', 'chr_file', 'read')], ['use_all_of(tester_t) 7'], []],
  ['an argument that the rule does not name', [denial('tester_t', 'secret_t', 'file', 'read')], [],
    ['tester_t secret_t file']],
  ['a way into the domain that asks', [denial('tester_t', 'child_t', 'fd', 'use')], [], ['tester_t child_t fd']],
  ['no interface', [denial('tester_t', 'home_t', 'file', 'execute')], [], ['tester_t home_t file']],
  ['a domain changes by what is executed',
    [denial('tester_t', 'child_t', 'process', 'transition'), denial('tester_t', 'shell_exec_t', 'file', 'execute')],
    ['shell_domtrans(tester_t) 1'], []],
  ['a domain does not change for a transition by another program',
    [denial('tester_t', 'child_t', 'process', 'transition')], [], ['tester_t child_t process']],
])('%s', (_why, log, expected, rest) => {
  const { rules } = learn(readDenials(log.join('\n')), { policy })
  const answered = answerWithInterfaces(rules, policy, grants)
  expect(answered.calls.map(({ text, beyond }) => `${text} ${beyond}`)).toEqual(expected)
  expect(answered.rest.map(({ source, target, tclass }) => `${source} ${target} ${tclass}`)).toEqual(rest)
})

test('others that would do come with their numbers; what allows more than the limit is not called', () => {
  const { rules } = learn(readDenials(READ), { policy })
  const { calls: [call] } = answerWithInterfaces(rules, policy, grants)
  expect(call).toMatchObject({
    name: 'home_read', summary: 'Read files in homes.', file: 'small.if', rules: [0],
    also: ['tester_t home_t:file { getattr open }'],
    others: [{ text: 'home_manage(tester_t)', beyond: 8 }],
  })
  const narrow = answerWithInterfaces(rules, policy, grants, { mostBeyond: 1 })
  expect(narrow).toMatchObject({ calls: [], rest: [{ target: 'home_t' }] })
})

test('the module of the calls lets pass what was refused', () => {
  const log = [READ, denial('tester_t', 'home_t', 'file', 'execute')].join('\n')
  const { rules } = learn(readDenials(log), { policy })
  const split = [{ ...rules[0]!, permissions: ['read'] }, { ...rules[0]!, permissions: ['execute'] }]
  const { calls, rest } = answerWithInterfaces(split, policy, grants)
  const te = teModuleOfCalls('local', calls, rest)!
  expect(te).toBe(`policy_module(local, 1.0)

gen_require(\`
\ttype home_t;
\ttype tester_t;
\tclass file { execute };
')

# Read files in homes.
# beyond what was seen: 2 accesses, such as tester_t home_t:file { getattr open }
# or: home_manage(tester_t) (8)
home_read(tester_t)
# 2 denials
allow tester_t home_t:file { execute };
`)
  const compiled = compileTe({ name: 'local.te', text: te }, { headers })
  const module = { name: 'local.te', text: compiledToCil(compiled), ...neededAttributes(compiled.module) }
  const linked = new TeRules(linkModules(smallPolicy(), [module]).policy)
  const [rule] = [...linked.search({ kinds: ['allow'], source: 'tester_t', target: 'home_t', classes: ['file'] })]
    .filter(({ source }) => source === 'tester_t')
  expect(rule!.permissions).toEqual(['execute', 'getattr', 'open', 'read'])
})
