/** The compiler: CIL in, a kernel policy and file_contexts out. Each stage is described at the head of its files. */
import { aBoolean, checkOptions, oneOf, wholeNumber } from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import { Ebitmap } from '../policydb/ebitmap.ts'
import { POLICYDB_VERSION_COND_XPERMS, POLICYDB_VERSION_NEVERAUDIT, policycapNames } from '../policydb/constants.ts'
import { optimisePolicy } from '../policydb/optimise.ts'
import type { Policydb } from '../policydb/policydb.ts'
import { checkStatements } from './ast/check.ts'
import { Assertions } from './check/assertions.ts'
import { checkBounds } from './check/bounds.ts'
import { checkPolicy } from './check/policy.ts'
import { Effort } from './effort.ts'
import { CilError } from './errors.ts'
import type { CilWarning } from './errors.ts'
import { evaluateAttributes } from './expand/attributes.ts'
import { expandCalls } from './expand/calls.ts'
import { Categories } from './expand/categories.ts'
import { ClassMasks } from './expand/class-masks.ts'
import { applyDenies } from './expand/deny.ts'
import { expandInheritance } from './expand/inheritance.ts'
import { expandIns } from './expand/ins.ts'
import { Instances } from './expand/instances.ts'
import { Optionals } from './expand/optionals.ts'
import { checkOrdered, mergeOrders } from './expand/order.ts'
import { expandTunables } from './expand/tunables.ts'
import { writeFileContexts } from './file-contexts.ts'
import { writeSeusers, writeUsersExtra } from './users-text.ts'
import { parse } from './parse.ts'
import type { Tree } from './parse.ts'
import type { Facts } from './resolve/facts.ts'
import { Lookup } from './resolve/lookup.ts'
import { resolve } from './resolve/resolve.ts'
import type { SidSymbol } from './resolve/symbols.ts'
import type { CilSource } from './sources.ts'
import { BaseTables } from './to-policydb/base-tables.ts'
import { writeConditionals } from './to-policydb/conditionals.ts'
import { writeConstraints } from './to-policydb/constraints.ts'
import { writeLabels } from './to-policydb/labels.ts'
import { Numbering } from './to-policydb/numbering.ts'
import { RuleWriter } from './to-policydb/rules.ts'
import { symbolTables } from './to-policydb/symbol-tables.ts'
import { filenameTransitions, rangeTransitions, roleAllows, roleTransitions } from './to-policydb/transitions.ts'

export interface CompileOptions {
  /** The version of the policy; 34, or 35 in the 3.10 dialect. */
  readonly version?: number
  /** Statements as of which libsepol. 3.8 unless said. */
  readonly dialect?: '3.8' | '3.10'
  /** Over what the source says: with or without MLS. */
  readonly mls?: boolean
  readonly handleUnknown?: 'allow' | 'deny' | 'reject'
  /** Types, their attributes and roles may be declared, and labels said, more than once (secilc -m). */
  readonly multipleDeclarations?: boolean
  /** Do not check neverallow, neverallowx and bounds (secilc -N). */
  readonly disableNeverallow?: boolean
  readonly disableDontaudit?: boolean
  /** Tunables become booleans (secilc -P). */
  readonly preserveTunables?: boolean
  /** Write out rules on attributes with fewer members than this (secilc -X); 1 unless said. */
  readonly expandSize?: number
  /** Write out attributes that a compiler made (secilc -G). */
  readonly expandGenerated?: boolean
  /** Names may have dots; there are no blocks then (secilc -Q). */
  readonly qualifiedNames?: boolean
  /** Leave out rules that others say too (secilc -O). */
  readonly optimise?: boolean
  /** Repeat libsepol 3.8's mistakes: it takes some different conditions for one. */
  readonly asSecilc?: boolean
}

export const compileRules: OptionRules<CompileOptions> = {
  version: wholeNumber(0),
  dialect: oneOf('3.8', '3.10'),
  mls: aBoolean,
  handleUnknown: oneOf('allow', 'deny', 'reject'),
  multipleDeclarations: aBoolean,
  disableNeverallow: aBoolean,
  disableDontaudit: aBoolean,
  preserveTunables: aBoolean,
  expandSize: wholeNumber(0),
  expandGenerated: aBoolean,
  qualifiedNames: aBoolean,
  optimise: aBoolean,
  asSecilc: aBoolean,
}

export interface Compiled {
  readonly policy: Policydb
  readonly fileContexts: string
  /** Logins (`selinuxuser`) as lines of seusers; `userprefix` as lines of users_extra. */
  readonly seusers: string
  readonly usersExtra: string
  readonly warnings: readonly CilWarning[]
  /** Rules as written, and with their attributes, for callers that trace where they come from. */
  readonly facts: Facts
  /** Work that may grow faster than the text, see `effort.ts`: how near the policy came to being refused. */
  readonly steps: number
}

/** Several mistakes found at once: assertions and bounds that do not hold. The first is the cause. */
export class CilErrors extends CilError {
  readonly errors: readonly CilError[]

  constructor(errors: readonly [CilError, ...CilError[]]) {
    const [first] = errors
    super(first.code, errors.length === 1 ? first.message : `${errors.length} assertions do not hold`, first.place,
      { hint: first.hint, related: first.related })
    this.name = 'CilErrors'
    this.errors = errors
  }

  override toString(): string {
    return this.errors.join('\n')
  }
}

const versionOf = ({ version, dialect }: CompileOptions): number =>
  version ?? (dialect === '3.10' ? POLICYDB_VERSION_NEVERAUDIT : POLICYDB_VERSION_COND_XPERMS)

/**
 * Compiles the files as one policy. Throws OptionError, and CilError, with the place, for source that is not a policy.
 */
export const compileCil = (files: readonly CilSource[], options: CompileOptions = {}): Compiled => {
  checkOptions(options, compileRules, 'compileCil')
  return compileOnto(null, files, options)
}

/** A binary policy whose symbols are among the sources, and what its types are called. */
export interface Base {
  readonly policy: Policydb
  /** The name of a type or attribute by value. */
  readonly nameOf: (value: number) => string
}

/** The same, with the rules of a binary policy besides those of the sources. */
export const compileOnto = (base: Base | null, files: readonly CilSource[], options: CompileOptions): Compiled => {
  const dialect = options.dialect ?? '3.8'
  const tree = parse(files)
  tree.names.areQualified = options.qualifiedNames ?? false
  checkStatements(tree, { dialect, version: versionOf(options) })
  const warnings: CilWarning[] = []
  const effort = new Effort(tree)
  const facts = gather(tree, options, effort, (warning) => void warnings.push(warning))
  const { policy, numbering } = write(tree, facts, options, { effort, base })
  const fileContexts = writeFileContexts(numbering, { multipleDeclarations: options.multipleDeclarations ?? false })
  if (options.disableNeverallow !== true) {
    const [first, ...rest] = [...new Assertions(numbering, policy).check(), ...checkBounds(numbering, policy)]
    if (first !== undefined) throw new CilErrors([first, ...rest])
  }
  const written = options.optimise === true ? optimisePolicy(policy) : policy
  return {
    policy: written, fileContexts, seusers: writeSeusers(numbering), usersExtra: writeUsersExtra(numbering), warnings,
    facts, steps: effort.steps,
  }
}

/** Statements to facts: conditions of tunables, blocks and macros first, then names. */
const gather = (
  tree: Tree, options: CompileOptions, effort: Effort, warn: (warning: CilWarning) => void,
): Facts => {
  const instances = new Instances(tree, {
    multipleDeclarations: options.multipleDeclarations ?? false, preserveTunables: options.preserveTunables ?? false,
  })
  const lookup = new Lookup(tree, instances.policy, effort)
  const optionals = new Optionals(tree, warn)
  expandTunables(instances, lookup, optionals)
  expandIns(instances, lookup, false)
  expandInheritance(instances, lookup, optionals)
  expandIns(instances, lookup, true)
  expandCalls(instances, lookup, optionals)
  return resolve(instances, lookup, optionals)
}

/** Facts to a policy. */
const write = (
  tree: Tree, facts: Facts, options: CompileOptions,
  { effort, base }: { readonly effort: Effort; readonly base: Base | null },
): { policy: Policydb; numbering: Numbering } => {
  const dialect = options.dialect ?? '3.8'
  const expandSize = options.expandSize ?? 1
  const multipleDeclarations = options.multipleDeclarations ?? false
  const orders = orderAll(tree, facts)
  const categories = new Categories(tree, orders.categories, orders.sensitivities, effort)
  const masks = new ClassMasks(tree, effort)
  const expandGenerated = options.expandGenerated ?? false
  evaluateAttributes(tree, facts, { expandSize, expandGenerated, effort })
  for (const set of facts.categorySets) categories.set(set)
  for (const level of facts.levels) categories.level(level)
  applyDenies(tree.names, facts, masks, { expandSize, effort })
  checkPolicy(tree, facts, categories, masks, { dialect, needsRules: base === null })
  const isMls = options.mls ?? facts.mls?.value ?? false
  const numbering = new Numbering(tree, facts, { categories, masks, effort, isMls, classOrder: orders.classes })
  const handling = options.handleUnknown ?? facts.handleUnknown?.value ?? 'deny'
  const tables = symbolTables(numbering)
  writeConstraints(numbering, tables.classes.items)
  const onto = base === null ? null : new BaseTables(numbering, base.policy, base.nameOf)
  const disableDontaudit = options.disableDontaudit ?? false
  const writer = new RuleWriter(numbering, { disableDontaudit, expandSize, base: onto })
  const states = facts.booleans.map(({ state }) => state)
  const policy: Policydb = {
    version: versionOf(options),
    mls: isMls,
    rejectUnknown: handling === 'reject',
    allowUnknown: handling === 'allow',
    policycaps: Ebitmap.of(facts.policycaps.map((name) => policycapNames.indexOf(name))),
    permissive: Ebitmap.of(facts.permissive.map((type) => numbering.type(type))),
    neveraudit: Ebitmap.of(facts.neveraudit.map((type) => numbering.type(type))),
    ...tables,
    avtab: writer.writeAlways(facts.always),
    conditionals: writeConditionals(tree, facts.booleanIfs, states, writer,
      { asSecilc: options.asSecilc ?? false, base: onto }),
    roleTransitions: roleTransitions(numbering),
    roleAllows: roleAllows(numbering),
    filenameTransitions: filenameTransitions(numbering, facts.always.typeRules),
    fsContexts: [],
    rangeTransitions: rangeTransitions(numbering, facts.rangeTransitions),
    ...writeLabels(numbering, orders.sids as SidSymbol[], tables.classes.items, { multipleDeclarations }),
  }
  return { policy, numbering }
}

const orderAll = (tree: Tree, facts: Facts) => {
  const classes = mergeOrders(tree, facts.classOrders)
  const sids = mergeOrders(tree, facts.sidOrders)
  const categories = mergeOrders(tree, facts.categoryOrders)
  const sensitivities = mergeOrders(tree, facts.sensitivityOrders)
  checkOrdered(tree, facts.sids, sids, 'sidorder')
  checkOrdered(tree, facts.classes, classes, 'classorder')
  checkOrdered(tree, facts.categories, categories, 'categoryorder')
  checkOrdered(tree, facts.sensitivities, sensitivities, 'sensitivityorder')
  if (sids.length === 0) throw new CilError('missing', 'a policy has at least one initial sid', null)
  return { classes, sids, categories, sensitivities }
}
