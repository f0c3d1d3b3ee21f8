/** `lsm smack access` and `explain`: may a label do this to another, and why. */
import { explainAccess, ruleLines } from '@lsmkit/smack/engine'
import type { Explanation } from '@lsmkit/smack/engine'
import type { Io } from '../../io.ts'
import { EXIT, printJson } from '../../output.ts'
import { questionOf } from './question.ts'
import type { CommandQuestion, QuestionOptions } from './question.ts'

/** The verdict in a word; ends with 0 if the access is allowed, with 1 if it is refused. */
export const accessCommand = (
  io: Io, subject: string, object: string, modes: string, options: QuestionOptions,
): number => {
  const asked = questionOf(io, subject, object, modes, options)
  const { verdict, allowed } = explainAccess(asked.policy, asked.question)
  if (options.json) printJson(io, { subject, object, modes: asked.modes, verdict, allowed })
  else io.print(paint(io, allowed)(verdict))
  return exitOf(allowed)
}

/** The verdict with its reason, and the lines of the rule files that made the rule. */
export const explainAccessCommand = (
  io: Io, subject: string, object: string, modes: string, options: QuestionOptions,
): number => {
  const asked = questionOf(io, subject, object, modes, options)
  const explanation = explainAccess(asked.policy, asked.question)
  const places = explanation.rule === null ? [] : placesOf(asked)
  if (options.json) printJson(io, { subject, object, modes: asked.modes, ...explanation, places })
  else printExplanation(io, asked, explanation, places)
  return exitOf(explanation.allowed)
}

interface RulePlace {
  readonly file: string
  readonly line: number
  readonly text: string
}

const placesOf = ({ sources, question: { subject, object } }: CommandQuestion): RulePlace[] => {
  const places: RulePlace[] = []
  for (const { name, text } of sources) {
    const lines = text.split('\n')
    for (const line of ruleLines(text, subject, object)) {
      const rule = lines[line - 1]!.trim()
      // three fields set the rule anew, whatever was said in front
      if (rule.split(/\s+/).length === 3) places.length = 0
      places.push({ file: name, line, text: rule })
    }
  }
  return places
}

const printExplanation = (
  io: Io,
  { modes, question: { subject, object } }: CommandQuestion, explanation: Explanation, places: readonly RulePlace[],
): void => {
  const { verdict, allowed, reason, ground, known, missing } = explanation
  io.print(`${subject} ${object} ${modes}: ${paint(io, allowed)(verdict)}`)
  io.print(`  because ${reason} (${ground})`)
  for (const { file, line, text } of places) io.print(`  ${file}:${line}: ${text}`)
  if (!allowed && ground === 'rule') io.print(`  to allow it, add: ${subject} ${object} ${missing} -`)
  if (!allowed && ground === 'no-rule') io.print(`  to allow it, add: ${subject} ${object} ${modes}`)
  if (!known) io.print('  no rule names one of the labels: a kernel that has not seen it answers no through access2')
}

const paint = ({ colors }: Io, allowed: boolean) => (allowed ? colors.green : colors.red)
const exitOf = (allowed: boolean): number => (allowed ? EXIT.ok : EXIT.denied)
