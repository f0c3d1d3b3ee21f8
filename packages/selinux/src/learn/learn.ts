/**
 * audit2allow, with the questions that should be asked first: is it allowed already, would a boolean do, does an
 * assertion forbid it, and what does the rule permit that was never seen.
 */
import {
  aBoolean, anObject, aString, bytes, checkOptions, either, listOf, optionsOf, required,
} from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import { compileRules } from '../cil/compile.ts'
import type { CompileOptions } from '../cil/compile.ts'
import type { CilError } from '../cil/errors.ts'
import type { CilSource } from '../cil/sources.ts'
import { teRuleText } from '../query/te-rule.ts'
import type { TeRules } from '../query/te-rules.ts'
import type { PolicyView } from '../query/view.ts'
import type { FileContexts } from '../server/file-contexts/file-contexts.ts'
import type { SecurityServer } from '../server/security-server.ts'
import { broadBecause, labelsThatWouldDo, rulesBeyond } from './advice.ts'
import type { Denial } from './avc-line.ts'
import { conflictsOf } from './conflicts.ts'
import { groupsOf } from './permission-groups.ts'
import { reasonsOf, settingsOf, takenOf } from './reasons.ts'
import { answeredByLabels, relabelAdvice, wrongLabelLines, wrongLabels } from './wrong-labels.ts'
import type { WrongLabel } from './wrong-labels.ts'

export interface LearnOptions {
  /** The policy the denials come from: it shows which accesses are allowed already, and which booleans would do. */
  readonly policy?: TeRules
  /**
   * A server that holds that policy: it shows which constraints deny accesses that rules allow, and which booleans to
   * set.
   */
  readonly server?: SecurityServer
  /** The sources of that policy: their assertions are checked with the rules added. */
  readonly sources?: readonly CilSource[]
  readonly compile?: CompileOptions
  /** The labels that paths should have: files with another one are listed before any rule. */
  readonly fileContexts?: FileContexts
  /** Ask for the usual permissions that go together: reading needs getattr and open as well. */
  readonly generalise?: boolean
}

export const sourceRules: OptionRules<CilSource> = { name: required(aString), text: required(either(aString, bytes)) }

const optionRules: OptionRules<LearnOptions> = {
  policy: anObject,
  server: anObject,
  sources: listOf(optionsOf(sourceRules)),
  compile: optionsOf(compileRules),
  fileContexts: anObject,
  generalise: aBoolean,
}

export interface LearnedRule {
  readonly source: string
  /** A type, or `self`. */
  readonly target: string
  readonly tclass: string
  /** All that the rule allows, sorted. */
  readonly permissions: readonly string[]
  /** Of these, those that no denial asked for. */
  readonly beyond: readonly string[]
  /** ioctl commands that were seen; the rule on ioctl allows all others too unless these are written as allowx. */
  readonly ioctls: readonly number[]
  readonly seen: number
  /** The first line of the log that mentions it. */
  readonly line: number
  readonly commands: readonly string[]
  readonly objects: readonly string[]
  /** Permissions that the policy allows by now. */
  readonly already: readonly string[]
  /** Rules of the policy that would allow some of it if a boolean were set. */
  readonly conditional: readonly string[]
  /** The same, where the boolean allows more than the rule. */
  readonly wider: readonly string[]
  /** Alternatives that allow no more than the rule: the right label, a boolean, another label. */
  readonly instead: readonly string[]
  /** Why it should not be taken unread; empty for most. */
  readonly broad: readonly string[]
  /**
   * Permissions that rules allow and something else denies, so that no rule helps: a constraint, with the parts of it
   * that fail, roles, bounds.
   */
  readonly taken: readonly string[]
  /** Names that the policy does not have. */
  readonly unknown: readonly string[]
  /** Permissions that were logged as numbers: the loaded policy had no name for them, so no rule can allow them. */
  readonly unnamed: readonly string[]
  readonly cil: string
}

export interface Learned {
  /** Files that have another label than file_contexts gives their path: restorecon comes before any rule. */
  readonly labels: readonly WrongLabel[]
  readonly rules: readonly LearnedRule[]
  /** All rules as CIL, each under what was seen, behind the wrong labels as comments. */
  readonly cil: string
  /** Assertions of the sources that the rules would break. */
  readonly conflicts: readonly CilError[]
}

interface Group {
  readonly denials: Denial[]
  readonly permissions: Set<string>
  readonly unnamed: Set<string>
}

/**
 * Rules that would have let the denials pass, with what is to be said of each. Denials that the right label of a file
 * would have let pass have no rule.
 */
export const learn = (denials: readonly Denial[], options: LearnOptions = {}): Learned => {
  checkOptions(options, optionRules, 'learn')
  const labels = wrongLabels(denials, options)
  const groups = new Map<string, Group>()
  const isAnswered = answeredByLabels(labels)
  for (const denial of denials) {
    if (isAnswered(denial)) continue
    const key = `${denial.source} ${denial.target} ${denial.tclass}`
    const group = groups.get(key) ?? { denials: [], permissions: new Set<string>(), unnamed: new Set<string>() }
    groups.set(key, group)
    group.denials.push(denial)
    for (const permission of denial.permissions) group.permissions.add(permission)
    for (const number of denial.unnamed) group.unnamed.add(number)
  }
  const rules = [...groups].sort(([a], [b]) => a < b ? -1 : 1).map(([, group]) => ruleOf(group, labels, options))
  const wanted = rules.filter(({ permissions }) => permissions.length > 0)
  const conflicts = conflictsOf({ whole: '', rules: wanted.map((rule) => rule.cil) }, options)
  const written = rules.filter(({ cil, unnamed, taken }) => cil !== '' || unnamed.length > 0 || taken.length > 0)
  const first = wrongLabelLines(labels).map((line) => `; ${line}\n`).join('')
  return { labels, rules, cil: [...(first === '' ? [] : [first]), ...written.map(commented)].join('\n'), conflicts }
}

const ruleOf = (
  { denials, permissions: asked, unnamed }: Group, labels: readonly WrongLabel[],
  { policy, server, generalise }: LearnOptions,
): LearnedRule => {
  const [{ source, target, tclass }] = denials as [Denial, ...Denial[]]
  const unknown = policy === undefined ? [] : unknownOf(policy.view, [source, target], tclass, asked)
  const known = policy === undefined || !policy.view.hasClass(tclass) ? null
    : policy.view.names.permissions[policy.view.tclass(tclass)]!
  const grouped = generalise === true ? groupsOf(tclass, asked)
    .filter((name) => known === null || known.includes(name)) : []
  const already: string[] = []
  const conditional: string[] = []
  const wider: string[] = []
  const meant = [...new Set([...asked, ...grouped])]
  const searched = meant.filter((name) => known?.includes(name) === true)
  if (policy !== undefined && searched.length > 0 && ![source, target].some((name) => unknown.includes(name))) {
    for (const rule of policy.search({ kinds: ['allow'], source, target, classes: [tclass], permissions: searched })) {
      if (rule.conditional === null) already.push(...rule.permissions.filter((name) => meant.includes(name)))
      else {
        const { booleans, branch } = rule.conditional
        const more = rulesBeyond(policy, booleans, branch, { source, target, tclass, permissions: meant })
        if (more === 0) conditional.push(teRuleText(rule))
        else wider.push(`${teRuleText(rule)} (with ${more} other ${more === 1 ? 'rule' : 'rules'})`)
      }
    }
  }
  const isKnown = policy !== undefined && searched.length > 0 && unknown.length === 0
  const answers = isKnown && server !== undefined ? reasonsOf(server, policy, denials) : []
  const permissions = meant.filter((name) => !already.includes(name)).sort()
  const to = target === source ? 'self' : target
  const distinct = <T>(values: readonly (T | null)[]): T[] => [...new Set(values.filter((value) => value !== null))]
  const ioctls = distinct(denials.map(({ ioctl }) => ioctl)).sort((a, b) => a - b)
  return {
    source, target: to, tclass, permissions, beyond: permissions.filter((name) => !asked.has(name)), ioctls,
    seen: denials.length, line: denials[0]!.line,
    commands: distinct(denials.map(({ comm }) => comm)), objects: distinct(denials.map(({ object }) => object)),
    already: [...new Set(already)].sort(), conditional, wider, unknown, unnamed: [...unnamed].sort(),
    instead: [
      ...relabelAdvice(labels, denials),
      ...(wider.length > 0 ? [] : settingsOf(answers)).map((setting) => `setsebool ${setting}`),
      ...(isKnown ? labelsThatWouldDo(policy, { source, target, tclass, permissions }) : [])
        .map((type) => `label it ${type}: ${source} may do this to that already`),
    ],
    broad: broadBecause(to, tclass, permissions),
    taken: takenOf(answers),
    cil: permissions.length === 0 ? '' : ruleText(source, to, tclass, permissions, ioctls),
  }
}

const unknownOf = (
  view: PolicyView, types: readonly string[], tclass: string, permissions: ReadonlySet<string>,
): string[] => {
  const unknown = [...new Set(types)].filter((name) => !view.hasType(name))
  if (!view.hasClass(tclass)) return [...unknown, tclass]
  const known = view.names.permissions[view.tclass(tclass)]!
  return [...unknown, ...[...permissions].filter((name) => !known.includes(name))]
}

const ruleText = (
  source: string, target: string, tclass: string, permissions: readonly string[], ioctls: readonly number[],
): string => {
  const allow = `(allow ${source} ${target} (${tclass} (${permissions.join(' ')})))`
  if (ioctls.length === 0) return allow
  const numbers = ioctls.map((number) => `0x${number.toString(16)}`).join(' ')
  return `${allow}\n(allowx ${source} ${target} (ioctl ${tclass} (${numbers})))`
}

const MOST_NAMED = 3

/** The rule under a comment that says why it is wanted and what to mind. */
const commented = (rule: LearnedRule): string => {
  const some = (names: readonly string[]): string =>
    names.slice(0, MOST_NAMED).join(', ') + (names.length > MOST_NAMED ? ` and ${names.length - MOST_NAMED} more` : '')
  const lines = [`; ${rule.seen} ${rule.seen === 1 ? 'denial' : 'denials'}` +
    (rule.commands.length > 0 ? ` of ${some(rule.commands)}` : '') +
      (rule.objects.length > 0 ? `: ${some(rule.objects)}` : '')]
  if (rule.beyond.length > 0) lines.push(`; beyond what was seen: ${rule.beyond.join(' ')}`)
  if (rule.already.length > 0) lines.push(`; allowed already: ${rule.already.join(' ')}`)
  if (rule.unknown.length > 0) lines.push(`; not in the policy: ${rule.unknown.join(' ')}`)
  for (const why of rule.broad) lines.push(`; BROAD: ${why}`)
  for (const why of rule.taken) lines.push(`; no rule helps: ${why}`)
  for (const what of rule.instead) lines.push(`; instead: ${what}`)
  for (const text of rule.conditional.slice(0, MOST_NAMED)) lines.push(`; a boolean would do: ${text}`)
  for (const text of rule.wider.slice(0, MOST_NAMED)) lines.push(`; a boolean would allow it and more: ${text}`)
  if (rule.unnamed.length > 0) {
    lines.push(`; no rule: the class ${rule.tclass} of the policy has no name for permission ${rule.unnamed.join(' ')}`)
  }
  // Names in a log are written by others, and may have line breaks: none of them ends a comment.
  return `${lines.map((line) => line.replace(/[^\x20-\x7e]/g, '?')).join('\n')}\n${rule.cil === '' ? '' : `${rule.cil}\n`}`
}
