/** The differences of two kernel releases as lines of 80 columns. */
import { counted, wrap } from '../../output.ts'
import type { Output } from '../../output.ts'
import type { ChangedHook, KernelChanges } from './changes.ts'
import type { Impact } from './impact.ts'
import { ruleWords } from './rule-words.ts'

const COLUMNS = 80

/** A text with a sign before it, and further lines below the text. */
const item = (sign: string, text: string, indent = '  '): string[] => {
  const under = `${indent}${' '.repeat(sign.length + 1)}`
  const [first = '', ...more] = wrap(text, under, COLUMNS)
  return [`${indent}${sign} ${first.slice(under.length)}`, ...more]
}

function* changedLines(heading: string, rows: readonly ChangedHook[]): Generator<string> {
  if (rows.length === 0) return
  yield* ['', heading]
  for (const { hook, before, after } of rows) {
    if (before.includes(hook)) yield* [...item('-', before), ...item('+', after)]
    else yield `  ${hook}: ${before} -> ${after}`
  }
}

export function* changesLines(changes: KernelChanges): Generator<string> {
  const { from, to, came, left, signatures, defaults, programs, rules } = changes
  yield `from Linux ${from} to ${to}: ${counted(came.length, 'hook')} came, ${left.length} left, ` +
    `${signatures.length} changed`
  for (const hook of left) yield* item('-', hook)
  for (const hook of came) yield* item('+', hook)
  yield* changedLines('other signatures', signatures)
  yield* changedLines('other defaults', defaults)
  yield* changedLines('programs that a hook takes', programs)
  if (rules.length > 0) yield* ['', 'rules']
  for (const { rule, before, after } of rules) {
    yield* item('*', `${rule}: ${before} -> ${after} (${ruleWords[rule].words})`)
  }
}

const signs = { more: '+', less: '-', other: '*' } as const

function* oneImpact({ colors }: Output, { name, kind, changes, unjudged }: Impact): Generator<string> {
  const nothing = unjudged.length === 0 ? 'nothing changes' : 'nothing changes as far as it was judged'
  yield* wrap(`${name}, ${kind}: ${changes.length === 0 ? nothing : counted(changes.length, 'change')}`, '', COLUMNS)
  const paint = { more: colors.green, less: colors.red, other: (text: string) => text }
  for (const subject of new Set(changes.map((change) => change.subject))) {
    yield `${subject}:`
    for (const { effect, words, because } of changes.filter((change) => change.subject === subject)) {
      for (const line of item(signs[effect], words)) yield paint[effect](line)
      for (const line of because) yield* wrap(line, '      ', COLUMNS)
    }
  }
  for (const line of unjudged) yield* item('?', line)
}

export function* impactLines(
  out: Output, from: string, to: string, impacts: readonly Impact[],
): Generator<string> {
  yield `from Linux ${from} to ${to}`
  for (const impact of impacts) {
    yield ''
    yield* oneImpact(out, impact)
  }
}
