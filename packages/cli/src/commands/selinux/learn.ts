/** `lsm selinux learn [LOG]`: rules that would have allowed the denials in a log. */
import {
  answerWithInterfaces, learn, replayedRecords, teModule, teModuleOfCalls, wrongLabelLines,
} from '@lsmkit/selinux/learn'
import type { AnsweredRules, Denial, Learned } from '@lsmkit/selinux/learn'
import { TeRules } from '@lsmkit/selinux/query'
import { CommandError } from '../../command-error.ts'
import type { Io } from '../../io.ts'
import { EXIT, printJson, printLines } from '../../output.ts'
import { withCommandErrors } from './errors.ts'
import { denialsOf } from '../learn/learners.ts'
import { readLog } from '../learn/log-input.ts'
import type { LogInput } from '../learn/log-input.ts'
import { cilSources, policyOf, serverOf } from './inputs.ts'
import { labelsFor } from './learn-labels.ts'
import { grantsOf } from './source-inputs.ts'
import type { HeaderFlags } from './source-inputs.ts'

export interface LearnFlags extends HeaderFlags {
  readonly policy?: string
  readonly local?: readonly string[]
  readonly source?: readonly string[]
  readonly fileContexts?: string
  readonly generalise?: boolean
  readonly te?: string
  readonly why?: boolean
  readonly json?: boolean
}

/** The module, with the wrong labels before it as in CIL. */
const teText = (name: string, { labels, rules }: Learned, answered: AnsweredRules | undefined): string =>
  wrongLabelLines(labels).map((line) => `# ${line}\n`).join('') +
    ((answered === undefined ? teModule(name, rules) : teModuleOfCalls(name, answered.calls, answered.rest)) ?? '')

/** Of a module of calls that has no other. */
const OWN_NAME = 'learned'

/** Rules as calls of interfaces, where headers are named. */
const answeredBy = (
  io: Io, { rules }: Learned, policy: TeRules | undefined, flags: LearnFlags,
): AnsweredRules | undefined => {
  const grants = grantsOf(io, flags)
  if (grants === undefined) return undefined
  if (policy === undefined) {
    throw new CommandError('usage', 'interfaces are ranked by what a policy does not allow yet', '--policy FILE')
  }
  return answerWithInterfaces(rules, policy, grants)
}

/** Each record by itself, with why it is refused. */
const printReasons = (
  io: Io, { name }: LogInput, denials: readonly Denial[], policy: TeRules, { labels }: Learned, flags: LearnFlags,
): number => {
  const lineOf = new Map(labels.map((label, i) => [label.path, wrongLabelLines(labels)[i]!]))
  const records = [...replayedRecords(denials, serverOf(policy.view.policy), policy)].map((record, i) => ({
    line: record.line, access: record.access, allowed: record.now === 'granted', why: record.why,
    label: lineOf.get(denials[i]!.object ?? '') ?? null,
  }))
  if (flags.json === true) printJson(io, { records })
  else {
    for (const { line, access, allowed, why, label } of records) {
      printLines(io, `${name}:${line}: ${access}: ${allowed ? 'allowed by this policy' : why}` +
        (label === null ? '' : `\n  ${label}`))
    }
  }
  return EXIT.ok
}

/** Ends with 1 when an assertion of the sources forbids a rule. */
export const learnCommand = (io: Io, log: string | undefined, flags: LearnFlags): number => withCommandErrors(() => {
  const input = readLog(io, log ?? '-')
  const denials = denialsOf(input)
  const policy = flags.policy === undefined ? undefined : new TeRules(policyOf(io, flags.policy, flags.local))
  const labels = labelsFor(io, flags)
  const learned = learn(denials, {
    generalise: flags.generalise ?? false,
    ...(policy === undefined ? {} : { policy, server: serverOf(policy.view.policy) }),
    ...(flags.source === undefined ? {} : { sources: cilSources(io, flags.source) }),
    ...(labels === undefined ? {} : { fileContexts: labels }),
    compile: { multipleDeclarations: true },
  })
  if (flags.why === true) {
    return printReasons(io, input, denials, policy!, learned, flags)
  }
  const answered = answeredBy(io, learned, policy, flags)
  print(io, denials, learned, answered, flags)
  return learned.conflicts.length > 0 ? EXIT.denied : EXIT.ok
})

const print = (
  io: Io, denials: readonly Denial[], learned: Learned, answered: AnsweredRules | undefined, flags: LearnFlags,
): void => {
  const { rules, cil, conflicts } = learned
  if (flags.json) {
    const forbidden = conflicts.map(({ code, message, place, related }) => ({ code, message, place, related }))
    const calls = answered === undefined ? {} : { calls: answered.calls }
    printJson(io, { denials: denials.length, labels: learned.labels, rules, ...calls, cil, conflicts: forbidden })
    return
  }
  const isTe = flags.te !== undefined || answered !== undefined
  const text = isTe ? teText(flags.te ?? OWN_NAME, learned, answered) : cil
  if (text !== '') printLines(io, text.trimEnd())
  const written = (answered?.rest ?? rules).filter(({ permissions }) => permissions.length > 0).length
  const idle = rules.filter(({ permissions, unnamed, taken }) =>
    permissions.length === 0 && unnamed.length === 0 && taken.length === 0).length
  const calls = answered === undefined ? '' : `${answered.calls.length} calls, `
  io.note(`${denials.length} denials, ${calls}${written} rules${idle > 0 ? `; ${idle} allowed already` : ''}`)
  for (const conflict of conflicts) io.note(`${io.colors.red('forbidden')}: ${conflict.toString()}`)
}
