/** Lines of logs, damaged and endless: read for denials, and what is learnt of them is one rule each. */
import { learn, readDenials } from '../learn/index.ts'
import { mutateText } from './mutate.ts'
import type { Random } from './random.ts'
import { textOf } from './target.ts'
import type { FuzzTarget } from './target.ts'

const line = (permissions: string, rest: string): string =>
  `type=AVC msg=audit(1.1:1): avc:  denied  { ${permissions} } for  pid=7 ${rest}`

const lines = [
  line('read', 'comm="cat" name="x" scontext=u:r:a_t:s0 tcontext=u:object_r:b_t:s0 tclass=file permissive=1'),
  line('ioctl open',
    'comm=6361742078 path="/dev/x" ioctlcmd=0x5413 scontext=u:r:a_t:s0 tcontext=u:r:c_t:s0 tclass=dir'),
  'kernel: avc:  granted  { write } for scontext=u:r:a_t:s0 tcontext=u:r:a_t:s0 tclass=file',
  'type=USER_AVC msg=\'avc:  denied  { send_msg } for scontext=u:r:a_t:s0 tcontext=u:r:a_t:s0 tclass=dbus\'',
]

const pieces = [
  'avc:  denied  { ', ' } ', '{', '}', ' ', '"', '=', 'a', 'comm=', 'AB', '0x', 'scontext=', 'u:r:all:s0', ':', '\0',
  '\n', '\t', 'é', ')', '(', ';', 'tclass=self', 'ioctlcmd=', 'type=', 'permissive=',
]

/** One piece over and over: what a line that somebody else writes may be. */
const endless = (random: Random): string =>
  `${random.pick(lines)} ${random.pick(pieces).repeat(1 + random.below(20_000))}${random.pick(pieces)}`

const NAME = '[A-Za-z_][\\w.$@-]*'
const NUMBER = '0x[\\da-f]{1,4}'
const RULE = new RegExp(`^\\(allow ${NAME} ${NAME} \\(${NAME} \\(${NAME}( ${NAME})*\\)\\)\\)` +
  `(\\n\\(allowx ${NAME} ${NAME} \\(ioctl ${NAME} \\(${NUMBER}( ${NUMBER})*\\)\\)\\))?$`)
/** Of a permission without a name there is a comment, and no rule. */
const UNNAMED = new RegExp(`^${NAME}( 0x[\\da-f]{1,8})+$`)

export const auditLinesTarget = (): FuzzTarget => ({
  make(random) {
    const text = Array.from({ length: 1 + random.below(4) }, () => random.pick(lines)).join('\n')
    return random.below(64) === 0 ? endless(random) : mutateText(text, pieces, random)
  },
  attempt(input) {
    const { rules } = learn(readDenials(textOf(input)), { generalise: input.length % 2 === 0 })
    for (const { cil, tclass, unnamed } of rules) {
      const isNote = cil === '' && unnamed.length > 0 && UNNAMED.test([tclass, ...unnamed].join(' '))
      if (!isNote && !RULE.test(cil)) throw new Error(`a log has smuggled in \`${cil.slice(0, 200)}\``)
    }
    return rules.length > 0
  },
})
