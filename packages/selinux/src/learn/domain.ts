/**
 * A whole domain for one program, as udica and sepolgen write one: its types, the way into it, the label of its file,
 * and rules for what a log shows it to do. Without a log it is a permissive skeleton to record one with.
 */
import { aBoolean, aString, anObject, checkOptions, listOf, optionsOf, required } from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import { LsmkitError } from '@lsmkit/core'
import { compileRules } from '../cil/compile.ts'
import type { CompileOptions } from '../cil/compile.ts'
import type { CilError } from '../cil/errors.ts'
import type { CilSource } from '../cil/sources.ts'
import type { TeRules } from '../query/te-rules.ts'
import type { PolicyView } from '../query/view.ts'
import type { Denial } from './avc-line.ts'
import { conflictsOf } from './conflicts.ts'
import { learn, sourceRules } from './learn.ts'
import type { LearnedRule } from './learn.ts'
import { associations, ownTypesOf } from './own-types.ts'
import type { OwnType } from './own-types.ts'
import { cilOf } from './plain-rule.ts'
import type { PlainRule } from './plain-rule.ts'

export type DomainCode = 'bad-name' | 'bad-path' | 'not-in-the-log' | 'unknown-starter'

/** A domain that cannot be made from the input. */
export class DomainError extends LsmkitError<DomainCode> {}

export interface DomainOptions {
  /** `web` makes `web_t` and `web_exec_t`. */
  readonly name: string
  /** Path of the program as the machine has it. */
  readonly program: string
  /** Domain that starts it; that in which the log shows it, or that a transition of the policy has, unless given. */
  readonly from?: string
  /** The policy that the domain goes into: its attributes and permissions are used. */
  readonly policy?: TeRules
  /** The sources of that policy: their assertions are checked with the domain added. */
  readonly sources?: readonly CilSource[]
  readonly compile?: CompileOptions
  /** Ask for the usual permissions that go together. */
  readonly generalise?: boolean
}

const optionRules: OptionRules<DomainOptions> = {
  name: required(aString), program: required(aString), from: aString, policy: anObject,
  sources: listOf(optionsOf(sourceRules)), compile: optionsOf(compileRules), generalise: aBoolean,
}

export interface LearnedDomain {
  readonly name: string
  readonly program: string
  /** The module whole. */
  readonly cil: string
  /** The domain, the type of its program, and those of what it makes in shared places. */
  readonly types: readonly string[]
  readonly from: string
  /** The types of what it makes in shared places. */
  readonly own: readonly OwnType[]
  /** Rules that let the domain that starts it execute the program, and change to its domain by that alone. */
  readonly wayIn: readonly PlainRule[]
  /** File systems that types of what it makes have to be let on. */
  readonly associations: readonly PlainRule[]
  /** User, role and level of its process in the log. */
  readonly context: DomainContext
  readonly rules: readonly LearnedRule[]
  /** No log: it records and does not confine. */
  readonly isSkeleton: boolean
  /** Assertions of the sources that the domain would break, and names that the sources do not have. */
  readonly conflicts: readonly CilError[]
  /** Limits of the module that its reader has to know. */
  readonly notes: readonly string[]
}

/** Kernels keep 15 bytes of a name. */
const COMM = 15

/** Takes what `readDenials` reads; null for a skeleton. Throws DomainError and OptionError. */
export const learnDomain = (denials: readonly Denial[] | null, options: DomainOptions): LearnedDomain => {
  checkOptions(options, optionRules, 'learnDomain')
  const { name, program, policy } = options
  if (!/^[a-z][a-z0-9_]*$/i.test(name)) {
    throw new DomainError('bad-name', `\`${name}\` is not a name of a domain`, { hint: 'letters, digits and _: web' })
  }
  if (!/^\/[^\0\n"]*[^/\0\n"]$/.test(program)) {
    throw new DomainError('bad-path', `\`${program}\` is not a path of a program`, { hint: '/usr/bin/web' })
  }
  const [domain, exec] = [`${name}_t`, `${name}_exec_t`]
  const own = denials === null ? [] : ownDenials(denials, program, domain)
  const from = starterOf(own, domain, options)
  // a policy that does not have the domain yet knows nothing of its rules
  const knows = policy?.view.hasType(domain) === true && policy.view.hasType(exec)
  const made = ownTypesOf(name, own.map((denial) => inDomain(denial, program, domain, exec)))
  const generalise = options.generalise ?? false
  const { rules, cil } = learn(made.denials, knows ? { policy, generalise } : { generalise })
  const context = contextOf(own, policy)
  const declared = types(domain, exec, context.role, policy?.view ?? null, denials === null) +
    made.types.map((type) => ownType(type, policy?.view ?? null)).join('')
  const intoOwn = made.types.flatMap((type) => transitionsInto(domain, type))
  const onSystems = associations(made.types, policy)
  const wayIn = rulesOfWayIn(from, domain, exec, policy?.view ?? null)
  const enters = [`(typetransition ${from} ${exec} process ${domain})\n`, ...wayIn.map(cilOf)]
  const onSystemsCil = onSystems.map(cilOf)
  const notes = notesOf(domain, options)
  const allTypes = [domain, exec, ...made.types.map((type) => type.name)]
  const [ofProgram, ...ofOwn] = labelLines({ program, types: allTypes, own: made.types })
  const parts = [
    header(name, program, denials === null) + notes.map((note) => `; NOTE: ${note}\n`).join(''),
    declared,
    `; The way in.\n${enters.join('')}`,
    `; The label of the program.\n${filecon(context, ofProgram!)}`,
    ...(made.types.length === 0 ? [] : ['; What it makes gets types of its own.\n' +
      `${intoOwn.join('')}${onSystemsCil.join('')}${ofOwn.map((label) => filecon(context, label)).join('')}`]),
    ...(cil === '' ? [] : [`; What it was seen to do.\n${cil}`]),
  ]
  // The sources may have the label of the program already, which is no conflict: the check goes without it.
  const seen = rules.filter((rule) => rule.cil !== '').map((rule) => rule.cil)
  const conflicts = conflictsOf({ whole: declared, rules: [...enters, ...intoOwn, ...onSystemsCil, ...seen] }, options)
  return {
    name, program, cil: parts.join('\n'), types: allTypes, from,
    own: made.types, wayIn, associations: onSystems, context, rules, isSkeleton: denials === null, conflicts, notes,
  }
}

/** Whether a policy has an attribute of this name. Compilers leave out those that only assertions name. */
export const hasAttribute = (view: PolicyView, name: string): boolean =>
  view.hasType(name) && view.isAttribute(view.type(name))

/** Sources that have no `domain` have no assertion about it either. */
const notesOf = (domain: string, { policy, sources }: DomainOptions): string[] =>
  policy === undefined || sources !== undefined || hasAttribute(policy.view, 'domain') ? []
    : [`the policy has no attribute \`domain\`: neverallow rules about it are not checked for ${domain}. ` +
      'Compile this file with the sources of the policy, or pass them as --source']

/** Those of the program, by its name; or of its domain, where it had one already. */
const ownDenials = (denials: readonly Denial[], program: string, domain: string): readonly Denial[] => {
  const inItsDomain = denials.filter(({ source }) => source === domain)
  if (inItsDomain.length > 0) return inItsDomain
  const comm = program.slice(program.lastIndexOf('/') + 1).slice(0, COMM)
  const own = denials.filter((denial) => denial.comm === comm)
  if (own.length > 0) return own
  const known = [...new Set(denials.map((denial) => denial.comm ?? '?'))].slice(0, 5).join(', ')
  throw new DomainError('not-in-the-log', `the log has no denial of \`${comm}\` or \`${domain}\``, {
    hint: `it mentions ${known || 'no domain'}`,
  })
}

const starterOf = (own: readonly Denial[], domain: string, { from, policy }: DomainOptions): string => {
  if (from !== undefined) return from
  const ran = own.find(({ source }) => source !== domain)
  if (ran !== undefined) return ran.source
  if (policy?.view.hasType(domain)) {
    const [rule] = policy.search({ kinds: ['type_transition'], classes: ['process'], result: domain })
    if (rule !== undefined) return rule.source
  }
  throw new DomainError('unknown-starter', 'nothing shows which domain starts the program', { hint: '--from init_t' })
}

/** Itself stays itself, its own file gets its own type. */
const inDomain = (denial: Denial, program: string, domain: string, exec: string): Denial => {
  const isOwnFile = denial.tclass === 'file' && denial.object === program
  const target = denial.target === denial.source ? domain : isOwnFile ? exec : denial.target
  return { ...denial, source: domain, target }
}

export interface DomainContext {
  readonly user: string
  readonly role: string
  readonly level: string
}

const contextOf = ([first]: readonly Denial[], policy: TeRules | undefined): DomainContext => {
  const [user, role, , range] = first?.scontext.split(':') ?? []
  const isName = (text: string | undefined): text is string => text !== undefined && /^[A-Za-z_][\w.-]*$/.test(text)
  const named = (items: readonly { readonly name: string }[] | undefined): string | undefined =>
    items?.find(({ name }) => name !== 'object_r')?.name
  const [low] = range?.split('-') ?? []
  return {
    user: isName(user) ? user : (named(policy?.view.policy.users.items) ?? 'system_u'),
    role: isName(role) ? role : (named(policy?.view.policy.roles.items) ?? 'system_r'),
    level: isName(low) ? low : (named(policy?.view.policy.sensitivities.items) ?? 's0'),
  }
}

const header = (name: string, program: string, isSkeleton: boolean): string =>
  `; ${name}: the domain of ${program.replace(/[^\x20-\x7e]/g, '?')}.\n` +
  (isSkeleton ? '; It confines nothing yet: record a run, and learn the rules from it.\n' : '')

export const EXEC_ATTRIBUTES = [
  'file_type', 'exec_type', 'entry_type', 'application_exec_type', 'non_security_file_type',
] as const

/** An attribute that the policy does not show is joined where the file is compiled with one that has it. */
const joined = (type: string, name: string, view: PolicyView | null): string => {
  const membership = `(typeattributeset ${name} (${type}))`
  return view !== null && hasAttribute(view, name) ? membership : `(optional ${type}_${name} ${membership})`
}

const types = (domain: string, exec: string, role: string, view: PolicyView | null, isSkeleton: boolean): string => [
  `(type ${domain})`,
  `(roletype ${role} ${domain})`,
  joined(domain, 'domain', view),
  `(type ${exec})`,
  `(roletype object_r ${exec})`,
  ...EXEC_ATTRIBUTES.map((name) => joined(exec, name, view)),
  ...(isSkeleton ? [`(typepermissive ${domain})`] : []),
].map((line) => `${line}\n`).join('')

const ownType = ({ name, attributes }: OwnType, view: PolicyView | null): string => [
  `(type ${name})`, `(roletype object_r ${name})`, ...attributes.map((attribute) => joined(name, attribute, view)),
].map((line) => `${line}\n`).join('')

const transitionsInto = (domain: string, { name, parent, classes }: OwnType): string[] =>
  classes.map((tclass) => `(typetransition ${domain} ${parent} ${tclass} ${name})\n`)

/** A label as file_contexts has it; `kind` is that of a `filecon`. */
interface LabelLine {
  readonly pattern: string
  readonly kind: string
  readonly type: string
}

/** The label of the program, and those of what it makes. */
export const labelLines = (
  { program, types: [, exec], own }: Pick<LearnedDomain, 'program' | 'types' | 'own'>,
): LabelLine[] => [
  { pattern: pattern(program), kind: 'file', type: exec! },
  ...own.flatMap(({ name, paths }) => paths.map(({ path, kind }) => kind === 'dir'
    ? { pattern: `${pattern(path)}(/.*)?`, kind: 'any', type: name } : { pattern: pattern(path), kind, type: name })),
]

const filecon = ({ user, level }: DomainContext, label: LabelLine): string =>
  `(filecon "${label.pattern}" ${label.kind} (${user} object_r ${label.type} ((${level}) (${level}))))\n`

/** By executing the file, and no other way. */
const rulesOfWayIn = (from: string, domain: string, exec: string, view: PolicyView | null): PlainRule[] => {
  const allow = (source: string, target: string, tclass: string, names: readonly string[]): PlainRule => {
    const known = view?.hasClass(tclass) ? view.names.permissions[view.tclass(tclass)]! : null
    return { source, target, tclass, permissions: names.filter((name) => known === null || known.includes(name)) }
  }
  return [
    allow(from, exec, 'file', ['getattr', 'open', 'read', 'execute', 'map']),
    allow(from, domain, 'process', ['transition']),
    allow(domain, exec, 'file', ['entrypoint', 'getattr', 'open', 'read', 'execute', 'map']),
    allow(domain, from, 'fd', ['use']),
    allow(domain, from, 'fifo_file', ['getattr', 'read', 'write', 'append']),
    allow(domain, from, 'process', ['sigchld']),
  ]
}

/** A path as a pattern that matches it alone. */
const pattern = (path: string): string => path.replace(/[\\.^$|?*+()[\]{}]/g, '\\$&')
