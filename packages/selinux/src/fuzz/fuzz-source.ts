/** Policy sources with macros: damaged and put together. They compile, or are refused with a SourceError. */
import { readModule } from '../module/read-module.ts'
import { readPackage } from '../module/package.ts'
import { PolicyError } from '../policydb/errors.ts'
import { compiledPackage, compiledToCil, compileTe, ownSupport, PolicyHeaders, SourceError } from '../source/index.ts'
import { mutateText } from './mutate.ts'
import { textOf } from './target.ts'
import type { FuzzTarget } from './target.ts'

const source = `policy_module(own, 1.0)
attribute own_domain;
type own_t, own_domain;
type own_exec_t alias old_exec_t;
role own_r;
role own_r types { own_t own_exec_t };
bool own_wanted true;
own_read(own_t)
own_loop(5)
optional_policy(\`
  gen_require(\`type other_t; attribute files;')
  allow own_t { files -other_t }:file ~{ read };
  typeattribute own_t files;
')
tunable_policy(\`own_wanted && !own_wanted',\`
  allow own_t self:process *;
',\`
  dontaudit own_domain self:fifo_file { read write };
')
allowxperm own_t own_exec_t:file ioctl { 0x5401 0x8900-0x89ff };
type_transition own_t own_exec_t:file own_exec_t "name";
range_transition own_t own_exec_t:process s0;
neverallow own_t *:file ~{ read write };
ifelse(eval(1 + 2),3,\`permissive own_t;')
`
const interfaces = `interface(\`own_read',\`
  gen_require(\`type etc_t;')
  allow $1 etc_t:file { getattr open read };
')
template(\`own_loop',\`ifelse($1,0,\`',\`type own_$1_t;
own_loop(decr($1))')')
`
const pieces = [
  '`', '\'', '(', ')', ',', '#', 'dnl', '$1', '$*', '$@', '{', '}', ';', ':', '~', '*', '-', '!', '&&', '"', '/',
  '0x5401', 'define(`a\',`a a\')', 'a', 'define(`b\',`b(b)\')', 'b(b(b))', 'changequote([,])', 'changecom',
  'divert(-1)', 'divert',
  'own_read(own_read)', 'include(`x\')', 'regexp(`aaaaaaaa\',`\\(a*\\)*b\')', 'eval(1/0)',
  'translit(`a\',`a-z\')',
  'optional {', 'if (', 'require {', 'type ', 'allow ', 'module x 1;', 's0:c0.c3', 'self', 'gen_require(`', 'shift($@)',
  'patsubst(`aaaa\',`a*\',`\\&\\&\')', 'm4exit(1)', 'popdef(`own_read\')', '\0', 'é',
]

let headers: PolicyHeaders | null = null

/** Shared by all inputs: they only add to it. */
const sharedHeaders = (): PolicyHeaders => headers ??= new PolicyHeaders({
  support: [ownSupport()], interfaces: [{ name: 'own.if', text: interfaces }],
})

export const sourceTarget: FuzzTarget = {
  // Few damaged ones compile: some are left whole, with a name of their own.
  make: (random) => random.below(8) === 0 ? source.replaceAll('own_t', `t${random.below(99)}_t`)
    : mutateText(source, pieces, random),
  attempt(input) {
    try {
      const compiled = compileTe({ name: 'own.te', text: textOf(input) }, { headers: sharedHeaders() })
      const read = readModule(readPackage(compiledPackage(compiled)).module)
      if (read.blocks.length !== compiled.module.blocks.length) throw new Error('it is read with other blocks')
      compiledToCil(compiled)
      return true
    } catch (error) {
      if (error instanceof SourceError && error.toString() !== '') return false
      // CIL has no word for some names and rules.
      if (error instanceof PolicyError && error.code === 'not-expressible') return false
      throw error
    }
  },
}
