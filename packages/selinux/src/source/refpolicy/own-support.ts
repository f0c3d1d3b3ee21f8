/** Macros that sources of refpolicy stand on, in our own words, for where its headers are not installed. */
import { kernelClasses } from '../../class-map.ts'
import type { SourceFile } from '../files.ts'
import { defaultBuild } from './build-conf.ts'
import type { BuildConf } from './build-conf.ts'

const text = `
define(\`ifndef',\`ifdef(\`$1',\`$3',\`$2')')
define(\`gen_require',\`require {
$1
}')
define(\`optional_policy',\`optional {
$1
}ifelse(\`$2',\`',\`',\` else {
$2
}')')
define(\`declare_booleans',\`ifelse(regexp(\`$1',\`\\w'),-1,\`',\`bool regexp(\`$1',\`\\(\\w+\\)',\`\\1');
declare_booleans(regexp(\`$1',\`\\w+\\(.*\\)',\`\\1'))')')
define(\`tunable_policy',\`gen_require(\`declare_booleans(\`$1')')
if ($1) {
$2
}ifelse(\`$3',\`',\`',\` else {
$3
}')')
define(\`value_of_boolean',\`ifdef(\`$1',\`$1',\`$2')')
define(\`gen_bool',\`bool $1 value_of_boolean(\`$1'_conf,\`$2');')
define(\`gen_tunable',\`gen_bool(\`$1',\`$2')')
define(\`interface',\`\`define(\`$1',\`$2')
'')
define(\`template',\`\`define(\`$1',\`$2')
'')
define(\`gen_context',\`$1\`'ifdef(\`enable_mls',\`:$2')\`'ifdef(\`enable_mcs',\`:s0\`'ifelse(\`$3',\`',\`',\`:$3')')')
define(\`policy_module',\`module $1 ifelse(\`$2',\`',\`1',\`$2');
require {
role system_r;
all_kernel_class_perms
levels_of_policy
}')
`

const numbered = (keyword: string, letter: string, count: number): string =>
  Array.from({ length: count }, (_, i) => `${keyword} ${letter}${i};\n`).join('')

/** Levels that a module may name. */
const levels = ({ type, mlsSensitivities, mlsCategories, mcsCategories }: BuildConf): string => {
  if (type === 'standard') return ''
  const isMls = type === 'mls'
  return numbered('sensitivity', 's', isMls ? mlsSensitivities : 1) +
    numbered('category', 'c', isMls ? mlsCategories : mcsCategories)
}

const classes = kernelClasses.map(({ name }) => `class ${name} all_${name}_perms;\n`).join('')

/** `policy_module`, `interface`, `gen_require` and the like, and the permissions of the kernel's classes. */
export const ownSupport = (build: BuildConf = defaultBuild): SourceFile => ({
  name: 'support.spt',
  text: [
    text,
    ...kernelClasses.map(({ name, perms }) => `define(\`all_${name}_perms',\`{ ${perms.join(' ')} }')`),
    `define(\`all_kernel_class_perms',\`${classes}')`,
    `define(\`levels_of_policy',\`${levels(build)}')`,
  ].join('\n'),
})
