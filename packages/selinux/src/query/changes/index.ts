/** The changes between two policies, in words: by effect, whatever the rules and attributes behind it are. */
import type { PolicyChange } from '@lsmkit/core'
import { AVTAB_ENABLED, AVTAB_XPERMS_ALLOWED } from '../../policydb/constants.ts'
import { PolicyPair } from '../diff/policy-pair.ts'
import { diffPair, diffTitle } from '../diff/index.ts'
import type { DiffKind, PolicyDiff } from '../diff/index.ts'
import type { Change, Differences, Modified } from '../diff/differences.ts'
import type { Policydb } from '../../policydb/policydb.ts'
import { teRuleText } from '../te-rule.ts'
import type { TeRule } from '../te-rule.ts'
import { PolicyView } from '../view.ts'
import { Causes } from './causes.ts'
import { cellsOf, conditionText, sentencesOf } from './grouped-access.ts'
import type { AccessSentence } from './grouped-access.ts'
import { listed } from './words.ts'

/** How a kind of access rule reads: who, what is done, and how. */
type Words = (told: AccessSentence) => string

interface AccessKind {
  readonly subject: string
  /** What it means that a rule came. */
  readonly effect: PolicyChange['effect']
  readonly came: Words
  readonly went: Words
}

const access: Readonly<Record<'allow' | 'dontaudit' | 'auditallow', AccessKind>> = {
  allow: {
    subject: 'access', effect: 'more',
    came: ({ sources, deed, how }) => `${sources} may now ${deed}${how}`,
    went: ({ sources, deed, how }) => `${sources} may no longer ${deed}${how}`,
  },
  dontaudit: {
    subject: 'audit', effect: 'other',
    came: ({ sources, deed, how }) => `when ${sources} may not ${deed}, that is no longer logged${how}`,
    went: ({ sources, deed, how }) => `when ${sources} may not ${deed}, that is now logged${how}`,
  },
  auditallow: {
    subject: 'audit', effect: 'other',
    came: ({ sources, deed, how }) => `when ${sources} may ${deed}, that is now logged${how}`,
    went: ({ sources, deed, how }) => `when ${sources} may ${deed}, that is no longer logged${how}`,
  },
}

const opposite = { more: 'less', less: 'more', other: 'other' } as const

function* accessChanges(
  pair: PolicyPair, kind: keyof typeof access, { added, removed, modified }: Differences<TeRule>,
): Generator<PolicyChange> {
  const { subject, effect, came, went } = access[kind]
  if (added.length + modified.length > 0) {
    for (const told of sentencesOf(new Causes(pair.after, kind), cellsOf(added, modified, 'added'))) {
      yield { effect, subject, words: came(told), because: told.rules }
    }
  }
  if (removed.length + modified.length > 0) {
    for (const told of sentencesOf(new Causes(pair.before, kind), cellsOf(removed, modified, 'removed'))) {
      yield { effect: opposite[effect], subject, words: went(told), because: told.rules }
    }
  }
}

/** Type rules: what becomes of whom. */
const outcome = (rule: TeRule, result: string): string => {
  const { kind, source, target, tclass, filename } = rule
  const condition = conditionText(rule)
  if (kind === 'type_transition' && tclass === 'process') {
    return `${source} that executes ${target} becomes ${result}${condition}`
  }
  const what = kind === 'type_change' ? `relabels for a user in ${target}` : kind === 'type_member'
    ? `has as a member of ${target}` : `makes in ${target}`
  return `${tclass}${filename === null ? '' : ` "${filename}"`} that ${source} ${what} is ${result}${condition}`
}

function* typeRuleChanges({ added, removed, modified }: Differences<TeRule>): Generator<PolicyChange> {
  const subject = 'domains and labels'
  const told = (how: string, rule: TeRule): PolicyChange =>
    ({ effect: 'other', subject, words: `${how}: ${outcome(rule, rule.result!)}`, because: [teRuleText(rule)] })
  for (const rule of added) yield told('new', rule)
  for (const rule of removed) yield told('no longer', rule)
  for (const { item, changes } of modified) {
    const { before, after } = changes.result as { before: string; after: string }
    yield { effect: 'other', subject, words: `${outcome(item, after)}, and was ${before}`, because: [] }
  }
}

/** Statements whose coming permits less, and whose going more. */
const restricting: ReadonlySet<DiffKind> =
  new Set(['constrain', 'mlsconstrain', 'validatetrans', 'mlsvalidatetrans', 'typebounds', 'rolebounds', 'userbounds'])
const permitting: ReadonlySet<DiffKind> = new Set(['role_allow'])

const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim()

const changeText = ([what, change]: [string, Change]): string => {
  if ('before' in change) return `${what} ${change.after}, was ${change.before}`
  const { added, removed } = change
  const part = (sign: string, names: readonly string[]): string[] =>
    names.length === 0 ? [] : [`${sign} ${listed(names)}`]
  return `${what}: ${[...part('new', added), ...part('gone', removed)].join('; ')}`
}

/** A type that is permissive is denied nothing. */
const effectOfModified = (kind: DiffKind, { permissive }: Modified<unknown>['changes']): PolicyChange['effect'] =>
  kind !== 'types' || permissive === undefined || !('after' in permissive) ? 'other'
    : permissive.after === 'true' ? 'more' : 'less'

function* statementChanges(
  kind: DiffKind, { added, removed, modified }: Differences<TeRule | string>,
): Generator<PolicyChange> {
  const subject = diffTitle(kind).toLowerCase()
  const text = (item: TeRule | string): string => (typeof item === 'string' ? oneLine(item) : teRuleText(item))
  const told = (how: string, effect: PolicyChange['effect'], item: TeRule | string): PolicyChange =>
    ({ effect, subject, words: `${how}: ${text(item)}`, because: [] })
  const effect = restricting.has(kind) ? 'less' : permitting.has(kind) ? 'more' : 'other'
  for (const item of added) yield told('new', effect, item)
  for (const item of removed) yield told('gone', opposite[effect], item)
  for (const { item, changes } of modified) {
    yield { effect: effectOfModified(kind, changes), subject, because: [],
      words: `${text(item)}: ${Object.entries(changes).map(changeText).join('; ')}` }
  }
}

/** Whether a rule of extended permissions depends on a boolean: what is left without it is not known then. */
const hasConditionalXperms = ({ policy }: PolicyView): boolean => policy.conditionals
  .flatMap(({ whenTrue, whenFalse }) => [whenTrue, whenFalse])
  .some(({ specified, length }) =>
    specified.subarray(0, length).some((bits) => (bits & ~AVTAB_ENABLED) === AVTAB_XPERMS_ALLOWED))

/**
 * A type that has `ioctl` of another one may use all commands, until a rule names some: from then on it may use those
 * alone (avc_has_extended_perms). So the first rule permits less, and more when it is gone.
 */
function* xpermChanges(
  pair: PolicyPair, { added, removed, modified }: Differences<TeRule>,
): Generator<PolicyChange> {
  const isKnown = ![pair.before, pair.after].some(hasConditionalXperms)
  const told = (effect: PolicyChange['effect'], words: string): PolicyChange =>
    ({ effect: isKnown ? effect : 'other', subject: diffTitle('allowxperm').toLowerCase(), words, because: [] })
  for (const rule of added) yield told('less', `only these are left: ${teRuleText(rule)}`)
  for (const rule of removed) yield told('more', `not only these any more: ${teRuleText(rule)}`)
  for (const { item, changes } of modified) {
    const { added: came } = changes.xperms as Exclude<Change, { readonly before: string }>
    yield told(came.length > 0 ? 'more' : 'less', `${teRuleText(item)}: ${changeText(['xperms', changes.xperms!])}`)
  }
}

const typeRules = ['type_transition', 'type_change', 'type_member'] as const

/** Told by statement, in the order in which a reviewer wants them. */
const rest = [
  'role_allow', 'role_transition', 'range_transition', 'booleans', 'types', 'attributes', 'roles',
  'users', 'constrain', 'mlsconstrain', 'validatetrans', 'mlsvalidatetrans', 'typebounds', 'rolebounds', 'userbounds',
  'initialsids', 'fs_use', 'genfscon', 'portcon', 'netifcon', 'nodecon', 'ibpkeycon', 'ibendportcon',
  'commons', 'classes', 'categories', 'sensitivities', 'levels', 'policycaps', 'defaults', 'properties',
  'auditallowxperm', 'dontauditxperm',
] as const satisfies readonly DiffKind[]

/**
 * How the second policy differs from the first: access first, then domains and labels, then the rest in the order of
 * sediff. Made while it is read. Equal policies, however they are written, give nothing.
 */
export function* policyChanges(before: Policydb, after: Policydb): Generator<PolicyChange> {
  const pair = new PolicyPair(new PolicyView(before), new PolicyView(after))
  const compare = <K extends DiffKind>(kind: K): PolicyDiff[K] => diffPair(pair, [kind])[kind]
  yield* accessChanges(pair, 'allow', compare('allow'))
  for (const kind of typeRules) yield* typeRuleChanges(compare(kind))
  yield* xpermChanges(pair, compare('allowxperm'))
  for (const kind of rest) yield* statementChanges(kind, compare(kind))
  yield* accessChanges(pair, 'dontaudit', compare('dontaudit'))
  yield* accessChanges(pair, 'auditallow', compare('auditallow'))
}
