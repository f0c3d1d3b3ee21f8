/** Links modules onto a binary policy: names are resolved against its symbols, and its rules stay unchanged. */
import { aBoolean, checkOptions, listOf, aString } from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import { compileOnto } from '../../cil/compile.ts'
import type { Base, CompileOptions, Compiled } from '../../cil/compile.ts'
import { CilError } from '../../cil/errors.ts'
import type { CilWarning } from '../../cil/errors.ts'
import type { CilSource } from '../../cil/sources.ts'
import { Avtab } from '../../policydb/avtab.ts'
import { PolicyNames } from '../../policydb/names.ts'
import { TYPE_ATTRIBUTE } from '../../policydb/constants.ts'
import { optimisePolicy } from '../../policydb/optimise.ts'
import type { Policydb } from '../../policydb/policydb.ts'
import { namelessAttribute } from '../binary/as-module.ts'
import { symbolsText } from '../binary/policy-to-cil.ts'
import { fileContextsToCil } from '../context-lines.ts'
import { missingSets } from './missing-sets.ts'
import type { LinkedModule, MissingSet } from './missing-sets.ts'
import { Recovery } from './recover.ts'
import type { Joins, Recovered } from './recover.ts'

export interface LinkOptions {
  /** The name of the policy in errors. */
  readonly name?: string
  /** file_contexts of the policy: those of the modules are put in where they belong. */
  readonly fileContexts?: string
  /** Attributes that the policy left out and no rule of it uses: modules may name them. */
  readonly attributes?: readonly string[]
  /** Do not work out what the policy gives types by their attributes. */
  readonly literal?: boolean
  /** Do not check neverallow, neverallowx and bounds. */
  readonly disableNeverallow?: boolean
  /** Types and labels may be declared more than once. */
  readonly multipleDeclarations?: boolean
  /** Leave out rules that others say too, as semodule does. */
  readonly optimise?: boolean
}

const optionRules: OptionRules<LinkOptions> = {
  name: aString, fileContexts: aString, attributes: listOf(aString), literal: aBoolean, disableNeverallow: aBoolean,
  multipleDeclarations: aBoolean, optimise: aBoolean,
}

export interface Linked {
  readonly policy: Policydb
  /** Of the modules, and of the policy where they were given. */
  readonly fileContexts: string
  readonly warnings: readonly CilWarning[]
  /** Statements that types of the modules get by their attributes, with the attribute. */
  readonly recovered: readonly Recovered[]
  /** Attributes that modules name and the policy has left out: what is not known for that. */
  readonly missing: readonly MissingSet[]
}

/**
 * The policy with the modules added. Throws OptionError, PolicyError for a policy that CIL cannot say, and CilError
 * with a place for modules that do not fit it.
 */
export const linkModules = (policy: Policydb, modules: readonly LinkedModule[], options: LinkOptions = {}): Linked => {
  checkOptions(options, optionRules, 'linkModules')
  const { name = 'policy', fileContexts = '', attributes = [] } = options
  const { text, writer } = symbolsText(policy)
  const missing = missingSets(policy, modules, attributes)
  const declared = [...attributes, ...missing.filter(({ kind }) => kind === 'type').map((set) => set.name)]
    .map((attribute) => `(typeattribute ${attribute})`)
  const roles = missing.filter(({ kind }) => kind === 'role').map((set) => `(roleattribute ${set.name})`)
  const symbols: CilSource[] = [
    { name, text },
    { name: `${name} (file contexts)`, text: fileContextsToCil(fileContexts) },
    { name: `${name} (attributes left out)`, text: [...declared, ...roles].join('\n') },
    ...modules,
  ]
  const compile = compileOptions(policy, options)
  const recovered = options.literal === true ? []
    : advised(() => recover(policy, symbols, compile, new Recovery(policy, writer)))
  const more = { name: `${name} (by attributes)`, text: recovered.map(({ cil }) => cil).join('\n') }
  const base: Base = { policy, nameOf: nameOf(policy) }
  const compiled = advised(() => compileOnto(base, [...symbols, more], compile))
  const { warnings, fileContexts: lines } = compiled
  const written = options.optimise === true ? optimisePolicy(compiled.policy) : compiled.policy
  return { policy: written, fileContexts: lines, warnings, recovered, missing }
}

/** A name that a binary policy lacks may be an attribute that its compiler has left out. */
const advised = <T>(work: () => T): T => {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof CilError) || error.code !== 'unresolved' || error.hint !== null) throw error
    const { code, summary, place, related } = error
    const hint = 'a binary policy lacks macros, and attributes that no rule names: give the first as a module, ' +
      'the second by name'
    throw new CilError(code, summary, place, { hint, related })
  }
}

const compileOptions = (
  { version }: Policydb, { disableNeverallow = false, multipleDeclarations = false }: LinkOptions,
): CompileOptions => ({ version, disableNeverallow, multipleDeclarations, dialect: '3.10' })

const nameOf = (policy: Policydb): ((value: number) => string) => {
  const { types } = new PolicyNames(policy)
  return (value) => types[value] ?? namelessAttribute(value)
}

/** Compiles the symbols alone, to see which types join which attributes. */
const recover = (
  policy: Policydb, symbols: readonly CilSource[], compile: CompileOptions, recovery: Recovery,
): Recovered[] => {
  const base: Base = { policy: { ...policy, avtab: new Avtab(0), conditionals: [] }, nameOf: nameOf(policy) }
  const first = compileOnto(base, symbols, { ...compile, disableNeverallow: true })
  return recovery.of(joinsOf(policy, first))
}

const attributesByType = (policy: Policydb): Map<string, string[]> => {
  const name = nameOf(policy)
  const found = new Map<string, string[]>()
  for (const { name: type, value, properties } of policy.types.items) {
    if (properties === 0 || (properties & TYPE_ATTRIBUTE) !== 0) continue
    found.set(type, Array.from(policy.typeAttributes[value - 1] ?? [], (bit) => bit + 1)
      .filter((each) => each !== value).map(name))
  }
  return found
}

const joinsOf = (before: Policydb, { policy }: Compiled): Joins => {
  const [old, now] = [attributesByType(before), attributesByType(policy)]
  const joins = new Map<string, readonly string[]>()
  for (const [type, attributes] of now) {
    const known = new Set(old.get(type))
    const more = attributes.filter((name) => !known.has(name))
    if (more.length > 0 || !old.has(type)) joins.set(type, more)
  }
  return joins
}
