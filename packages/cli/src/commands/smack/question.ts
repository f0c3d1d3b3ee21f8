/** A question of access as the command line puts it: labels, modes, and what the asking task is. */
import { CAP_MAC_OVERRIDE } from '@lsmkit/abi'
import { modesText, parseLabel, parseLabelList, parseModes } from '@lsmkit/smack/engine'
import type { AccessQuestion, Policy } from '@lsmkit/smack/engine'
import { CommandError } from '../../command-error.ts'
import type { Io } from '../../io.ts'
import { policyOf, readSources } from './rule-sources.ts'
import type { RuleSource } from './rule-sources.ts'

export interface QuestionOptions {
  readonly rules?: readonly string[]
  readonly selfRules?: readonly string[]
  readonly onlycap?: string
  readonly unconfined?: string
  readonly override?: boolean
  readonly json?: boolean
}

export interface CommandQuestion {
  readonly policy: Policy
  readonly sources: readonly RuleSource[]
  readonly question: AccessQuestion
  /** The modes as Smack writes them. */
  readonly modes: string
}

export const questionOf = (io: Io,
  subject: string, object: string, modes: string, options: QuestionOptions): CommandQuestion => {
  for (const label of [subject, object]) refuseNoLabel(label)
  const sources = readSources(io, options.rules ?? [])
  const policy = policyOf(sources)
  const question: AccessQuestion = { subject, object, request: modesOf(modes), ...taskOf(io, policy, options) }
  return { policy, sources, question, modes: modesText(question.request) || '-' }
}

const refuseNoLabel = (text: string): void => {
  if (text === parseLabel(text)) return
  const hint = 'up to 255 printable ASCII characters, none of `"` `\'` `/` `\\`, and no `-` in front'
  throw new CommandError('usage', `\`${text}\` is not a label`, hint)
}

const modesOf = (text: string): number => {
  const wrong = /[^rwxatlb-]/i.exec(text)
  if (wrong !== null || text === '') {
    const what = wrong === null ? 'there are no modes' : `\`${wrong[0]}\` is not a mode`
    throw new CommandError('usage', what, 'modes are r w x a t l b, and `-` for an empty request')
  }
  return parseModes(text)
}

/** Settings of the policy, and of the task: only when some are named does its own power count. */
const taskOf = (
  io: Io, policy: Policy, { selfRules, onlycap, unconfined, override }: QuestionOptions,
): Partial<AccessQuestion> => {
  if (onlycap !== undefined) {
    const list = parseLabelList(policy.labels, onlycap.replaceAll(',', ' '))
    if (typeof list === 'number') throw new CommandError('usage', `\`${onlycap}\` is not a list of labels`)
    policy.onlycap = list
  }
  if (unconfined !== undefined) {
    refuseNoLabel(unconfined)
    policy.unconfined = policy.labels.import(unconfined)
  }
  return {
    ...(selfRules === undefined ? {} : { selfRules: selfRulesOf(io, policy, selfRules) }),
    ...(override === true ? { holds: (cap: number) => cap === CAP_MAC_OVERRIDE } : {}),
  }
}

const selfRulesOf = (io: Io, policy: Policy, names: readonly string[]): AccessQuestion['selfRules'] => {
  const own = policyOf(readSources(io, names))
  const rules = policy.newSelfRules()
  const same = (label: number): number => policy.labels.import(own.labels.text(label))
  for (const label of own.labels.newestFirst()) {
    own.rules.eachOf(label, (from, to, modes) => void rules.change(same(from), same(to), modes, 0))
  }
  return rules
}
