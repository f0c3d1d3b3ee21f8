/** Rules of a binary policy by the numbers of a compilation that has its symbols: what modules are linked onto. */
import type { Avtab } from '../../policydb/avtab.ts'
import {
  AVTAB_AUDITDENY, AVTAB_ENABLED, AVTAB_TYPE, AVTAB_XPERMS, COND_BOOL,
} from '../../policydb/constants.ts'
import { PolicyNames } from '../../policydb/names.ts'
import type { Conditional, ConditionalNode, Policydb } from '../../policydb/policydb.ts'
import { CilError } from '../errors.ts'
import type { ClassSymbol } from '../resolve/symbols.ts'
import type { Numbering } from './numbering.ts'

/** One rule by the new numbers. */
export interface BaseRule {
  readonly source: number
  readonly target: number
  readonly tclass: number
  readonly specified: number
  readonly datum: number
}

/** What to do with permissions of a class whose bits are others now. */
type Moved = readonly (number | undefined)[]

export class BaseTables {
  readonly policy: Policydb
  readonly #types: readonly number[]
  readonly #classes: readonly number[]
  readonly #booleans: readonly number[]
  /** By class of the base: null where each bit stays. */
  readonly #bits: readonly (Moved | null)[]

  /** `nameOf` names a type or attribute of the base by value. Throws CilError where a symbol is missing. */
  constructor(n: Numbering, policy: Policydb, nameOf: (value: number) => string) {
    this.policy = policy
    const names = new PolicyNames(policy)
    const types = new Map(n.facts.typeOrder.map((symbol) => [n.name(symbol), n.type(symbol)]))
    this.#types = Array.from({ length: policy.types.nprim + 1 }, (_, value) =>
      value === 0 ? 0 : (types.get(nameOf(value)) ?? 0))
    const classes = new Map(n.classOrder.map((tclass) => [n.name(tclass), tclass.value + 1]))
    this.#classes = names.classes.map((name) => name === undefined ? 0 : (classes.get(name) ?? 0))
    const booleans = new Map(n.facts.booleans.map((bool) => [n.name(bool), bool.value + 1]))
    this.#booleans = names.booleans.map((name) => name === undefined ? 0 : (booleans.get(name) ?? 0))
    this.#bits = movedBits(n, names)
  }

  /** Calls `rule` with each rule of a table, and with the place of it where it is extended. */
  forEach(table: Avtab, rule: (rule: BaseRule, extended: number) => void): void {
    for (let i = 0; i < table.length; i++) {
      const [source, target] = [this.#types[table.source[i]!]!, this.#types[table.target[i]!]!]
      const tclass = this.#classes[table.tclass[i]!]!
      const specified = table.specified[i]! & ~AVTAB_ENABLED
      if (source === 0 || target === 0 || tclass === 0) missing('a type or class of a rule')
      const isExtended = (specified & AVTAB_XPERMS) !== 0
      const datum = (specified & AVTAB_TYPE) !== 0 ? this.#types[table.datum[i]!]!
        : isExtended ? table.datum[i]! : this.#mask(table.tclass[i]!, specified, table.datum[i]!)
      rule({ source, target, tclass, specified, datum }, isExtended ? i : -1)
    }
  }

  expression({ expression }: Conditional): ConditionalNode[] {
    return expression.map(({ kind, bool }) => {
      const value = kind === COND_BOOL ? this.#booleans[bool] : 0
      return { kind, bool: value ?? missing('a boolean') }
    })
  }

  #mask(tclass: number, specified: number, datum: number): number {
    const moved = this.#bits[tclass]
    if (moved === null || moved === undefined) return datum
    const mask = specified === AVTAB_AUDITDENY ? ~datum : datum
    let other = 0
    for (const [bit, to] of moved.entries()) if (to !== undefined && (mask & (1 << bit)) !== 0) other |= 1 << to
    return (specified === AVTAB_AUDITDENY ? ~other : other) >>> 0
  }
}

const missing = (what: string): never => {
  throw new CilError('unresolved', `${what} of the policy is not among the symbols`, null)
}

/** Compilers number permissions without holes: those of a class may move. */
const movedBits = (n: Numbering, names: PolicyNames): (Moved | null)[] => {
  const symbols = new Map(n.classOrder.map((tclass) => [n.name(tclass), tclass]))
  return names.permissions.map((permissions, value) => {
    const tclass = symbols.get(names.classes[value] ?? '') as ClassSymbol | undefined
    const moved = Array.from(permissions ?? [], (name) => {
      const permission = name === undefined ? undefined : tclass?.permission(n.tree.names.of(name))
      return permission === undefined ? undefined : tclass!.bitOf(permission)
    })
    return moved.every((to, bit) => to === bit) ? null : moved
  })
}
