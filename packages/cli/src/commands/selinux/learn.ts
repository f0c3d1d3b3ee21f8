/** `lsm selinux learn [LOG]`: rules that would have allowed the denials in a log. */
import { learn, teModule } from '@lsmkit/selinux/learn'
import { TeRules } from '@lsmkit/selinux/query'
import type { Io } from '../../io.ts'
import { EXIT, printJson, printLines } from '../../output.ts'
import { withCommandErrors } from './errors.ts'
import { denialsOf } from '../learn/learners.ts'
import { readLog } from '../learn/log-input.ts'
import { cilSources, policyOf, serverOf } from './inputs.ts'

export interface LearnFlags {
  readonly policy?: string
  readonly source?: readonly string[]
  readonly generalise?: boolean
  readonly te?: string
  readonly json?: boolean
}

/** Ends with 1 when an assertion of the sources forbids a rule. */
export const learnCommand = (io: Io, log: string | undefined, flags: LearnFlags): number => withCommandErrors(() => {
  const denials = denialsOf(readLog(io, log ?? '-'))
  const policy = flags.policy === undefined ? null : policyOf(io, flags.policy)
  const { rules, cil, conflicts } = learn(denials, {
    generalise: flags.generalise ?? false,
    ...(policy === null ? {} : { policy: new TeRules(policy), server: serverOf(policy) }),
    ...(flags.source === undefined ? {} : { sources: cilSources(io, flags.source) }),
    compile: { multipleDeclarations: true },
  })
  if (flags.json) {
    const forbidden = conflicts.map(({ code, message, place, related }) => ({ code, message, place, related }))
    printJson(io, { denials: denials.length, rules, cil, conflicts: forbidden })
  } else {
    const text = flags.te === undefined ? cil : (teModule(flags.te, rules) ?? '')
    if (text !== '') printLines(io, text.trimEnd())
    const written = rules.filter(({ permissions }) => permissions.length > 0).length
    const idle = rules.filter(({ permissions, unnamed }) => permissions.length === 0 && unnamed.length === 0).length
    io.note(`${denials.length} denials, ${written} rules${idle > 0 ? `; ${idle} allowed already` : ''}`)
    for (const conflict of conflicts) io.note(`${io.colors.red('forbidden')}: ${conflict.toString()}`)
  }
  return conflicts.length > 0 ? EXIT.denied : EXIT.ok
})
