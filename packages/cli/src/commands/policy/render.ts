/** Changes of a policy as text, and as Markdown for a pull request. */
import { markdownCode as code } from '@lsmkit/abi'
import type { PolicyChange } from '@lsmkit/core'
import type { ErrorPlace } from '@lsmkit/sandbox/policy-parts'
import type { Output } from '../../output.ts'

const signs = { more: '+', less: '-', other: '*' } as const
const effects = ['more', 'less', 'other'] as const

const bySubject = (changes: readonly PolicyChange[]): [subject: string, changes: PolicyChange[]][] => {
  const groups = new Map<string, PolicyChange[]>()
  for (const change of changes) {
    const group = groups.get(change.subject)
    if (group === undefined) groups.set(change.subject, [change])
    else group.push(change)
  }
  return [...groups]
}

const tallyText = (changes: readonly PolicyChange[]): string => {
  const count = (effect: PolicyChange['effect']): number => changes.filter((each) => each.effect === effect).length
  const [more, less, other] = effects.map(count)
  return `${more} permit more, ${less} permit less, ${other} neither`
}

/** Rules a change shows. */
const SHOWN = 5

const shownRules = (because: readonly string[]): string[] =>
  because.length <= SHOWN ? [...because] : [...because.slice(0, SHOWN), `and ${because.length - SHOWN} more rules`]

export function* textLines({ colors }: Output, changes: readonly PolicyChange[]): Generator<string> {
  if (changes.length === 0) yield 'no difference'
  const paint = { more: colors.green, less: colors.red, other: (text: string) => text }
  for (const [subject, group] of bySubject(changes)) {
    yield `${subject}:`
    for (const { effect, words, because } of group) {
      yield paint[effect](`  ${signs[effect]} ${words}`)
      for (const rule of shownRules(because)) yield `      ${rule}`
    }
  }
  if (changes.length > 0) yield tallyText(changes)
}

/** Lines of one section before the rest is folded away, and of the whole: GitHub takes 65,536 characters. */
const OPEN = 12
const MOST = 50_000

/** Foreign names stand in code spans alone: there is no mention, no link and no HTML in one. */
export function* markdownLines(changes: readonly PolicyChange[], before: string, after: string): Generator<string> {
  yield `### Policy: ${code(before)} → ${code(after)}`
  yield ''
  yield changes.length === 0 ? 'No difference.' : `**${tallyText(changes)}**`
  let left = MOST
  for (const [subject, group] of bySubject(changes)) {
    const items = group.map(itemLines)
    yield ''
    yield `#### ${code(subject)}`
    yield ''
    for (const [i, item] of items.entries()) {
      if (i === OPEN) yield* ['', `<details><summary>${items.length - OPEN} more</summary>`, '']
      left -= item.join('').length
      if (left < 0) {
        yield `- … and ${items.length - i} more`
        break
      }
      yield* item
    }
    if (items.length > OPEN) yield* ['', '</details>']
  }
}

/** The things that a managed maximum does not allow. */
export function* beyondLines({ colors }: Output, beyond: readonly ErrorPlace[]): Generator<string> {
  if (beyond.length > 0) yield 'beyond the maximum:'
  for (const { path, reason } of beyond) yield colors.red(`  ! ${path}: ${reason}`)
}

export function* beyondMarkdown(beyond: readonly ErrorPlace[]): Generator<string> {
  if (beyond.length > 0) yield* ['', '#### Beyond the maximum', '']
  for (const { path, reason } of beyond) yield `- ${code(`${path}: ${reason}`)}`
}

const itemLines = ({ effect, words, because }: PolicyChange): string[] =>
  [`- **${effect}:** ${code(words)}`, ...shownRules(because).map((rule) => `  - ${code(rule)}`)]
