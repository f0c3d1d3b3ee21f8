/** Checks of a policy: rules that may not be there, attributes without types, programs that nobody may write. */
import { didYouMean } from '@lsmkit/core/did-you-mean'
import { list, union, bitsFor, hasBit } from '../../bits.ts'
import type { Bits } from '../../bits.ts'
import { QueryError } from '../errors.ts'
import { roleRules } from '../role-rules.ts'
import { teRuleText } from '../te-rule.ts'
import type { TeRule } from '../te-rule.ts'
import type { TeRules } from '../te-rules.ts'
import type { PolicyView } from '../view.ts'
import { CheckError } from './ini.ts'
import type { Section } from './ini.ts'

/** The outcome of a check: lines of its report, and what failed. */
export interface Findings {
  readonly lines: readonly string[]
  readonly failures: readonly string[]
}

/** A check whose names have been found in the policy. */
export type PreparedCheck = () => Findings

const words = (section: Section, option: string): string[] =>
  (section.options.get(option) ?? '').split(/\s/).filter((word) => word !== '')
const single = (section: Section, option: string): string | undefined =>
  section.options.get(option)?.trim() || undefined

/** A name that the policy does not have is a mistake of the check. */
const inPolicy = <T>(section: Section, option: string, work: () => T): T => {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof QueryError)) throw error
    throw new CheckError('bad-value', `${option}: ${error.summary}`, `${section.place} [${section.name}]`, error.hint)
  }
}

/** Types of several types and attributes. With `isStrict`, a name that the policy does not have is a mistake. */
const typesOf = (view: PolicyView, section: Section, option: string, isStrict: boolean): Bits => {
  const names = words(section, option).filter((name) => isStrict || view.hasType(name))
  return names.reduce((all, name) => union(all, view.members(inPolicy(section, option, () => view.type(name)))),
    bitsFor(view.policy.types.nprim + 1))
}

const failLine = (text: string): string => `    * ${text}`

const membersIn = (view: PolicyView, name: string): number[] => list(view.members(view.type(name)))

/** Rules that may be there: those between an exempt or expected source, or target, and any other. */
class Exemptions {
  readonly #view: PolicyView
  readonly #expectSource: Bits
  readonly #expectTarget: Bits
  readonly #okSource: Bits
  readonly #okTarget: Bits

  constructor(view: PolicyView, section: Section) {
    this.#view = view
    this.#expectSource = typesOf(view, section, 'expect_source', true)
    this.#expectTarget = typesOf(view, section, 'expect_target', true)
    this.#okSource = union(typesOf(view, section, 'exempt_source', false), this.#expectSource)
    this.#okTarget = union(typesOf(view, section, 'exempt_target', false), this.#expectTarget)
  }

  run(rules: readonly TeRule[]): Findings {
    const unseenSources = new Set(list(this.#expectSource))
    const unseenTargets = new Set(list(this.#expectTarget))
    const failures: string[] = []
    for (const rule of rules) {
      const [sources, targets] = [membersIn(this.#view, rule.source), membersIn(this.#view, rule.target)]
      for (const value of sources) unseenSources.delete(value)
      for (const value of targets) unseenTargets.delete(value)
      if (sources.some((value) => !hasBit(this.#okSource, value)) &&
        targets.some((value) => !hasBit(this.#okTarget, value))) failures.push(teRuleText(rule))
    }
    const { types } = this.#view.names
    failures.push(...[...unseenSources].map((value) => `Expected rule with source "${types[value]}" not found.`).sort(),
      ...[...unseenTargets].map((value) => `Expected rule with target "${types[value]}" not found.`).sort())
    return { lines: failures.map(failLine), failures }
  }
}

const sortedRules = (rules: Iterable<TeRule>): TeRule[] =>
  Array.from(rules, (rule) => ({ rule, text: teRuleText(rule) }))
    .sort((a, b) => a.text < b.text ? -1 : a.text > b.text ? 1 : 0).map(({ rule }) => rule)

const assertTe = (rules: TeRules, section: Section): PreparedCheck => {
  const { view } = rules
  const [source, target] = [single(section, 'source'), single(section, 'target')]
  const classes = words(section, 'tclass')
  const permissions = (section.options.get('perms') ?? '').split(' ').filter((word) => word !== '')
  if (source === undefined && target === undefined && classes.length === 0 && permissions.length === 0) {
    throw new CheckError('missing-option', 'the check says nothing of a rule', `${section.place} [${section.name}]`,
      'at least one of source, target, tclass, perms')
  }
  const query = {
    kinds: ['allow' as const], ...(source === undefined ? {} : { source }), ...(target === undefined ? {} : { target }),
    ...(classes.length === 0 ? {} : { classes }), ...(permissions.length === 0 ? {} : { permissions }),
  }
  for (const [option, name] of [['source', source], ['target', target]] as const) {
    if (name !== undefined) inPolicy(section, option, () => view.type(name))
  }
  for (const name of classes) inPolicy(section, 'tclass', () => view.tclass(name))
  const exemptions = new Exemptions(view, section)
  const found = (): TeRule[] => sortedRules(rules.search(query))
  inPolicy(section, 'perms', () => rules.search(query).next())
  return () => exemptions.run(found())
}

/** Roles of an option. */
const rolesOf = (view: PolicyView, section: Section, option: string, isStrict: boolean): Set<string> => {
  const known = new Set(view.policy.roles.items.map(({ name }) => name))
  for (const name of words(section, option)) if (isStrict) inPolicy(section, option, () => view.role(name))
  return new Set(words(section, option).filter((name) => known.has(name)))
}

const assertRbac = ({ view }: TeRules, section: Section): PreparedCheck => {
  const [source, target] = [single(section, 'source'), single(section, 'target')]
  if (source === undefined && target === undefined) {
    throw new CheckError('missing-option', 'the check says nothing of a rule', `${section.place} [${section.name}]`,
      'at least one of source, target')
  }
  for (const [option, name] of [['source', source], ['target', target]] as const) {
    if (name !== undefined) inPolicy(section, option, () => view.role(name))
  }
  const [expectSource, expectTarget] = [rolesOf(view, section, 'expect_source', true), rolesOf(view, section,
    'expect_target', true)]
  const okSource = new Set([...expectSource, ...rolesOf(view, section, 'exempt_source', false)])
  const okTarget = new Set([...expectTarget, ...rolesOf(view, section, 'exempt_target', false)])
  return () => {
    const rules = roleRules(view, 'role_allow',
      { ...(source === undefined ? {} : { source }), ...(target === undefined ? {} : { target }) })
    const pairs = rules.map((rule) => [rule, ...rule.replace(';', '').split(' ').slice(1)] as [string, string, string])
    const failures = pairs.filter(([, from, to]) => !okSource.has(from) && !okTarget.has(to)).map(([rule]) => rule)
    const unseen = (expected: ReadonlySet<string>, at: 1 | 2, end: string): string[] =>
      [...expected].filter((role) => !pairs.some((pair) => pair[at] === role))
        .map((role) => `Expected rule with ${end} "${role}" not found.`).sort()
    failures.push(...unseen(expectSource, 1, 'source'), ...unseen(expectTarget, 2, 'target'))
    return { lines: failures.map(failLine), failures }
  }
}

const TRUE = new Set(['yes', 'true', '1'])

const emptyAttribute = ({ view }: TeRules, section: Section): PreparedCheck => {
  const name = single(section, 'attr')
  if (name === undefined) {
    throw new CheckError('missing-option', 'the option `attr` is missing', `${section.place} [${section.name}]`)
  }
  const isMissingOk = TRUE.has((section.options.get('missing_ok') ?? '').trim().toLowerCase())
  const isThere = view.hasType(name) && view.isAttribute(view.type(name))
  if (!isThere && !isMissingOk) {
    const attributes = view.policy.types.items.filter(({ value }) => view.isAttribute(value)).map((item) => item.name)
    throw new CheckError('bad-value', `the policy has no attribute \`${name}\``, `${section.place} [${section.name}]`,
      didYouMean(name, attributes))
  }
  if (!isThere) return () => ({ lines: [`    ${name} does not exist.`], failures: [] })
  return () => {
    const failures = membersIn(view, name).map((value) => view.names.types[value] ?? `#${value}`).sort()
    return { lines: [`Member types of ${name}:`, ...failures.map(failLine)], failures }
  }
}

/** Those of these permissions of `file` that the policy has. */
const filePermissions = (view: PolicyView, names: readonly string[]): string[] => {
  const known = view.hasClass('file') ? view.names.permissions[view.tclass('file')]! : []
  return names.filter((name) => known.includes(name))
}

/** Executable types with the rules that make them so. */
const executables = (rules: TeRules, exemptExec: Bits, exemptFile: Bits): Map<number, TeRule[]> => {
  const found = new Map<number, TeRule[]>()
  const permissions = filePermissions(rules.view, ['execute', 'execute_no_trans'])
  if (permissions.length === 0) return found
  const query = { kinds: ['allow' as const], classes: ['file'], permissions }
  for (const rule of rules.search(query)) {
    if (membersIn(rules.view, rule.source).every((value) => hasBit(exemptExec, value))) continue
    for (const value of membersIn(rules.view, rule.target)) {
      if (hasBit(exemptFile, value)) continue
      const known = found.get(value)
      if (known === undefined) found.set(value, [rule])
      else known.push(rule)
    }
  }
  return found
}

const readOnlyExecutables = (rules: TeRules, section: Section): PreparedCheck => {
  const { view } = rules
  const exempt = (option: string): Bits => typesOf(view, section, option, false)
  const [write, exec, file] = [
    exempt('exempt_write_domain'), exempt('exempt_exec_domain'), exempt('exempt_file'),
  ]
  return () => {
    const permissions = filePermissions(view, ['write', 'append'])
    if (permissions.length === 0) return { lines: [], failures: [] }
    const writers = sortedRules(rules.search({ kinds: ['allow'], classes: ['file'], permissions }))
      .filter((rule) => membersIn(view, rule.source).some((value) => !hasBit(write, value)))
      .map((rule) => ({ text: teRuleText(rule), targets: view.members(view.type(rule.target)) }))
    const lines: string[] = []
    const failures: string[] = []
    const named = [...executables(rules, exec, file)].map(([value, of]) => ({ value, of,
      name: view.names.types[value]! }))
    for (const { value, of, name } of named.sort((a, b) => a.name < b.name ? -1 : 1)) {
      const writing = writers.filter(({ targets }) => hasBit(targets, value)).map(({ text }) => text)
      if (writing.length === 0) continue
      failures.push(name)
      lines.push('', '------------', '', `Executable type ${name} is writable.`, '', 'Execute rules:',
        ...sortedRules(of).map((rule) => failLine(teRuleText(rule))), '', 'Write rules:', ...writing.map(failLine))
    }
    return { lines, failures }
  }
}

interface CheckKind {
  readonly options: readonly string[]
  readonly prepare: (rules: TeRules, section: Section) => PreparedCheck
}

const EXEMPTIONS = ['exempt_source', 'exempt_target', 'expect_source', 'expect_target']

/** By `check_type`. */
export const checkKinds: ReadonlyMap<string, CheckKind> = new Map<string, CheckKind>([
  ['assert_te', { options: ['source', 'target', 'tclass', 'perms', ...EXEMPTIONS], prepare: assertTe }],
  ['assert_rbac', { options: ['source', 'target', ...EXEMPTIONS], prepare: assertRbac }],
  ['empty_typeattr', { options: ['attr', 'missing_ok'], prepare: emptyAttribute }],
  ['ro_execs', {
    options: ['exempt_write_domain', 'exempt_exec_domain', 'exempt_file'], prepare: readOnlyExecutables,
  }],
])
