/** Differences as lines: the sections of sediff, in them `+` what came, `-` what went, `*` what is another. */
import { aBoolean, checkOptions } from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import { braced } from '../components/component.ts'
import { teRuleGiving, teRuleText, xpermText, xpermTexts } from '../te-rule.ts'
import type { TeRule } from '../te-rule.ts'
import type { Change, Modified } from './differences.ts'
import { diffKinds, diffTitle } from './index.ts'
import type { DiffKind, PolicyDiff } from './index.ts'

export interface DiffTextOptions {
  /** Numbers only. */
  readonly stats?: boolean
  /** Includes sections without differences. */
  readonly all?: boolean
}

const rules: OptionRules<DiffTextOptions> = { stats: aBoolean, all: aBoolean }

/** The lines of sediff, one by one. */
export function* diffLines(diff: Partial<PolicyDiff>, options: DiffTextOptions = {}): Generator<string> {
  checkOptions(options, rules, 'diffLines')
  const { stats = false, all = false } = options
  for (const kind of diffKinds) {
    const found = diff[kind]
    if (found === undefined) continue
    const [added, removed, modified] = [found.added.length, found.removed.length, found.modified.length]
    if (added + removed + modified === 0 && !all) continue
    yield `${diffTitle(kind)} (${added} added, ${removed} removed, ${modified} modified)`
    if (stats) continue
    for (const item of found.added) yield `  + ${textOf(item)}`
    for (const item of found.removed) yield `  - ${textOf(item)}`
    for (const item of found.modified) yield* modifiedLines(kind, item)
  }
}

const textOf = (item: TeRule | string): string => typeof item === 'string' ? item : teRuleText(item)

/** Of these more than one thing can differ, so it is said which. */
const manySided: ReadonlySet<DiffKind> = new Set(['types', 'users', 'netifcon'])

function* modifiedLines(kind: DiffKind, { item, changes }: Modified<TeRule | string>): Generator<string> {
  if (typeof item !== 'string') {
    yield `  * ${modifiedRule(item, changes)}`
    return
  }
  const texts = Object.entries(changes).map(([what, change]) =>
    [what, 'before' in change ? valueText(change) : marked(change).join(' ')] as const)
  if (!manySided.has(kind)) {
    for (const [, text] of texts) yield `  * ${item} ${text}`
    return
  }
  yield `  * ${item}`
  for (const [what, text] of texts) yield `      ${what}: ${text}`
}

type Names = Extract<Change, { added: unknown }>
type Value = Extract<Change, { before: string }>

const marked = ({ added, removed }: Names): string[] =>
  [...added.map((name) => `+${name}`), ...removed.map((name) => `-${name}`)]

const valueText = ({ before, after }: Value): string => `+${after} -${before}`

/** The rule with what it gave and gives: all of it, marked where it came or went. */
const modifiedRule = (rule: TeRule, { permissions, xperms, result }: Modified<TeRule>['changes']): string => {
  if (result !== undefined) return teRuleGiving(rule, valueText(result as Value))
  if (xperms !== undefined) {
    const { added, removed } = xperms as Names
    const gone = new Set(removed)
    const kept = rule.xperms.filter((number) => !gone.has(xpermText(number)))
    const ranges = (numbers: readonly string[]): string[] => xpermTexts(numbers.map(Number))
    const all = [...xpermTexts(kept), ...marked({ added: ranges(added), removed: ranges(removed) })]
    return teRuleGiving(rule, `${rule.permissions[0]} ${braced(all)}`)
  }
  const change = permissions as Names
  const gone = new Set(change.removed)
  return teRuleGiving(rule, braced([...rule.permissions.filter((name) => !gone.has(name)), ...marked(change)]))
}
