/** Cells that differ, put together by the rule behind them: a rule on two attributes is one sentence, not thousands. */
import { list } from '../../bits.ts'
import type { Listing, Modified } from '../diff/differences.ts'
import type { TeRule } from '../te-rule.ts'
import type { Cause, Causes } from './causes.ts'
import { deedText, listed } from './words.ts'

/** The surplus of one side over the other: cells that are its own, and permissions in cells of both. */
export function* cellsOf(
  only: Listing<TeRule>, modified: Listing<Modified<TeRule>>, which: 'added' | 'removed',
): Generator<[TeRule, readonly string[]]> {
  for (const rule of only) yield [rule, rule.permissions]
  for (const { item, changes } of modified) {
    const change = changes.permissions
    if (change !== undefined && which in change) {
      const names = (change as { added: readonly string[]; removed: readonly string[] })[which]
      if (names.length > 0) yield [item, names]
    }
  }
}

interface Group {
  readonly cause: Cause
  readonly rule: TeRule
  readonly permissions: readonly string[]
  readonly sources: string[]
  readonly targets: readonly string[]
}

/** The contents of one sentence: subject, access, and the rules for it. */
export interface AccessSentence {
  readonly sources: string
  readonly deed: string
  /** `, through attribute a`, ` while x is on`, both or nothing. */
  readonly how: string
  readonly rules: readonly string[]
}

/** What is between one source and the targets of one rule, then sources with the same targets. */
const groupsOf = (causes: Causes, cells: Iterable<[TeRule, readonly string[]]>): Group[] => {
  const rows = new Map<string, Omit<Group, 'sources' | 'targets'> & { source: string; targets: string[] }>()
  for (const [rule, permissions] of cells) {
    for (const [cause, given] of causes.of(rule, permissions)) {
      const key = `${cause.number} ${given.join(',')} ${rule.source}`
      const row = rows.get(key)
      if (row === undefined) {
        rows.set(key, { cause, rule, permissions: given, source: rule.source, targets: [rule.target] })
      } else row.targets.push(rule.target)
    }
  }
  const groups = new Map<string, Group>()
  for (const { cause, rule, permissions, source, targets } of rows.values()) {
    const isSelf = targets.length === 1 && targets[0] === source
    const key = `${cause.number} ${permissions.join(',')} ${isSelf ? '' : targets.join(' ')}`
    const group = groups.get(key)
    if (group !== undefined) group.sources.push(source)
    else groups.set(key, { cause, rule, permissions, sources: [source], targets: isSelf ? [] : targets })
  }
  return [...groups.values()]
}

/** One rule's worth: who, what to whom, and how. */
interface Part {
  readonly sources: readonly string[]
  readonly targets: string | null
  readonly permissions: readonly string[]
  readonly how: string
  readonly tclass: string
  readonly rule: string
}

const partsOf = (causes: Causes, cells: Iterable<[TeRule, readonly string[]]>): Part[] => {
  const { view } = causes
  const nameOf = (value: number): string => view.names.types[value]!
  /** The attribute, when it has just these types. */
  const whole = (value: number, names: readonly string[]): string | null =>
    view.isAttribute(value) && list(view.members(value)).length === names.length
      ? `all ${names.length} types of ${nameOf(value)}` : null
  return groupsOf(causes, cells).map(({ cause, rule, permissions, sources, targets }) => {
    const [from, to] = [whole(cause.source, sources), whole(cause.target, targets)]
    const through = [...from === null ? [cause.source] : [], ...to === null ? [cause.target] : []]
      .filter((value) => view.isAttribute(value)).map(nameOf)
    return {
      sources: from === null ? sources : [from], targets: targets.length === 0 ? null : to ?? listed(targets),
      permissions, how: conditionText(rule) + throughText([...new Set(through)]), tclass: rule.tclass,
      rule: causes.text(cause, rule, permissions),
    }
  })
}

/** Puts parts together that differ in one thing alone; `key` tells what they have in common. */
const together = <T, R>(parts: Iterable<T>, key: (part: T) => string, join: (parts: readonly T[]) => R): R[] => {
  const groups = new Map<string, T[]>()
  for (const part of parts) {
    const text = key(part)
    const known = groups.get(text)
    if (known === undefined) groups.set(text, [part])
    else known.push(part)
  }
  return Array.from(groups.values(), join)
}

/**
 * Differences of one kind and one direction, as what they come to. Classes that the same types do the same to are one
 * sentence, and so are types that do the same.
 */
export const sentencesOf = (causes: Causes, cells: Iterable<[TeRule, readonly string[]]>): AccessSentence[] => {
  const byClass = together(partsOf(causes, cells),
    ({ sources, targets, permissions, how }) => `${sources.join()} ${targets} ${permissions.join()}${how}`,
    (parts) => ({ ...parts[0]!, classes: parts.map(({ tclass }) => tclass), rules: parts.map(({ rule }) => rule) }))
  return together(byClass, ({ how, ...deed }) => deedText(deed) + how, (parts) => ({
    sources: listed([...new Set(parts.flatMap(({ sources }) => sources))]), deed: deedText(parts[0]!),
    how: parts[0]!.how, rules: [...new Set(parts.flatMap(({ rules }) => rules))],
  }))
}

const throughText = (attributes: readonly string[]): string => attributes.length === 0 ? ''
  : `, through ${attributes.length === 1 ? 'attribute' : 'attributes'} ${attributes.join(' and ')}`

export const conditionText = ({ conditional }: TeRule): string => {
  if (conditional === null) return ''
  const { expression, branch, booleans } = conditional
  return booleans.length === 1 && expression === booleans[0] ? ` while ${expression} is ${branch ? 'on' : 'off'}`
    : ` while ${branch ? '' : 'not '}( ${expression} )`
}
