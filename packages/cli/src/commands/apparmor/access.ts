/** `lsm apparmor access` and `explain`: may a profile do this, which rule says so, and what profiles say of a path. */
import { attachments, pathRules, questionOf } from '@lsmkit/apparmor/query'
import type { Decision, RuleText } from '@lsmkit/apparmor/query'
import type { Io } from '../../io.ts'
import { EXIT, printJson } from '../../output.ts'
import { askedPolicy, compileAll, deciderNamed, withCommandErrors, type SourceFlags } from './inputs.ts'

export interface AccessFlags extends SourceFlags {
  readonly profile?: string
  readonly other?: boolean
  readonly json?: boolean
}

const REASONS = {
  rule: 'a rule allows it', missing: 'no rule allows it', denied: 'a rule denies it',
  unconfined: 'the profile is unconfined', 'not-mediated': 'the policy does not mediate this class',
} satisfies Record<Decision['reason'], string>

const placeJson = ({ place, text }: RuleText): object => ({ file: place.file, line: place.line, text })

const printDecision = (io: Io, asked: string, decision: Decision): void => {
  const { allowed, reason, complain, rules, nearest } = decision
  io.print(`${asked}: ${allowed ? io.colors.green('allowed') : io.colors.red('denied')}: ${REASONS[reason]}`)
  for (const { place, text } of rules) io.print(`  ${place.file}:${place.line}: ${text}`)
  if (nearest !== null) io.print(`  nearest: ${nearest.place.file}:${nearest.place.line}: ${nearest.text}`)
  if (complain && !allowed) io.print('  the profile complains: the access is logged and let pass')
}

/** Ends with 0 when it is allowed, with 1 when it is not. */
export const accessCommand = (
  io: Io, file: string, kind: string, words: readonly string[], flags: AccessFlags,
): number => withCommandErrors(() => {
  const [profile, decide] = deciderNamed(askedPolicy(io, [file], flags), flags.profile)
  const question = questionOf(kind, words)
  const decision = decide(question, { owner: flags.other !== true })
  const { rules, nearest, ...rest } = decision
  if (flags.json) {
    printJson(io, {
      profile, class: kind, what: question.text, ...rest, rules: rules.map(placeJson),
      nearest: nearest === null ? null : placeJson(nearest),
    })
  } else printDecision(io, `${kind} ${question.text}`.trim(), decision)
  return decision.allowed ? EXIT.ok : EXIT.denied
})

export interface ExplainFlags extends SourceFlags {
  readonly json?: boolean
}

/** The profiles for a path: which attaches to it, and what each allows with which rules. */
export const explainCommand = (
  io: Io, path: string, names: readonly string[], flags: ExplainFlags,
): number => withCommandErrors(() => {
  const profiles = compileAll(io, names, flags).flatMap((result) => result.profiles)
  const attached = attachments(profiles, path)
  const rules = pathRules(profiles, path)
  if (flags.json) {
    printJson(io, { path, attached, rules: rules.map((one) => ({ ...one, rules: one.rules.map(placeJson) })) })
    return EXIT.ok
  }
  const [best, second] = attached
  if (best === undefined) io.print(`${path}: no profile attaches to it`)
  else if (second?.specificity === best.specificity) {
    io.print(`${path}: \`${best.profile}\` and \`${second.profile}\` attach alike: neither is taken`)
  } else io.print(`${path}: a program there gets \`${best.profile}\``)
  for (const { profile, owner, others, rules: lines } of rules) {
    io.print(
      `${profile}: ${owner || 'nothing'}${owner === others ? '' : ` for the owner, ${others || 'nothing'} for others`}`,
    )
    for (const { place, text } of lines) io.print(`  ${place.file}:${place.line}: ${text}`)
  }
  return EXIT.ok
})
