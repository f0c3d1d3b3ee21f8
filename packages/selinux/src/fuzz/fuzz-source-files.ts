/** `.if` and `.fc` files alone: outlined, linted, expanded; every text is read, or refused with a SourceError. */
import {
  compileTe, lintSources, outlineInterfaces, ownSupport, PolicyHeaders, SourceError,
} from '../source/index.ts'
import { mutateText } from './mutate.ts'
import { textOf } from './target.ts'
import type { FuzzTarget } from './target.ts'

const interfaces = `## <summary>A shop of tests.</summary>
########################################
## <summary>Read the orders.</summary>
## <param name="domain"><summary>Domain that reads.</summary></param>
#
interface(\`shop_read',\`
  gen_require(\`
    type shop_t, shop_log_t;
    class file { read getattr };
  ')
  allow $1 shop_t:file { getattr read }; # selint-disable: W-002
  shop_loop(3, $*)
')
template(\`shop_loop',\`ifelse($1,0,\`',\`type shop_$1_t;
shop_loop(decr($1))')')
ifdef(\`distro_own',\`
  interface(\`shop_if',\`tunable_policy(\`own && !own',\`allow $1 self:process fork;',\`type a;')')
')
`
const contexts = `# labels
/srv/shop(/.*)?  --  gen_context(system_u:object_r:shop_t,s0)
HOME_DIR/\\.shop -d gen_context(system_u:object_r:shop_t,mls_systemhigh)
ifdef(\`distro_own',\`
/srv/a.b  system_u:object_r:shop_t:s0
',\`
/srv/c  <<none>>
')
`
const pieces = [
  '`', '\'', '(', ')', ',', '#', '##', '<', '</summary>', '$1', '$*', '{', '}', ';', ':', '~', '-', '"', '/', '[', '\\',
  'interface(`', 'template(`', 'gen_require(`', 'optional_policy(`', 'ifelse(', 'define(`', 'gen_context(', '<<none>>',
  '--', '-x', '\t', '\n', 'selint-disable: C-001', 'shop_read($@)', 'changequote([,])', 'dnl ', '\0', 'é',
]

/** True of a text that is taken, false of one that is refused with a place or a sentence. */
const isTaken = (work: () => void): boolean => {
  try {
    work()
    return true
  } catch (error) {
    if (error instanceof SourceError && error.toString() !== '') return false
    throw error
  }
}

const lints = (name: string, text: string): void => {
  const lines = text.split('\n').length
  for (const { line, column } of lintSources({ files: [{ name, text }] }, { enable: ['C-006', 'X-001', 'X-002'] })) {
    if (line < 1 || line > lines || column < 1) throw new Error('a finding is outside of the file')
  }
}

export const interfacesTarget: FuzzTarget = {
  make: (random) => mutateText(interfaces, pieces, random),
  attempt(input) {
    const text = textOf(input)
    lints('shop.if', text)
    outlineInterfaces({ name: 'shop.if', text })
    return isTaken(() => {
      const headers = new PolicyHeaders({ support: [ownSupport()], interfaces: [{ name: 'shop.if', text }] })
      compileTe({ name: 'own.te', text: 'policy_module(own, 1)\ntype own_t;\n' }, { headers })
    })
  },
}

let headers: PolicyHeaders | null = null

export const fileContextSourceTarget: FuzzTarget = {
  make: (random) => mutateText(contexts, pieces, random),
  attempt(input) {
    const fileContexts = { name: 'own.fc', text: textOf(input) }
    lints('own.fc', fileContexts.text)
    headers ??= new PolicyHeaders({ support: [ownSupport()], interfaces: [] })
    const shared = headers
    return isTaken(() => {
      compileTe({ name: 'own.te', text: 'policy_module(own, 1)\ntype own_t;\n' }, { headers: shared, fileContexts })
    })
  },
}
