/**
 * Domain transitions: which domain can become which other one. By exec it takes the permission to change, a program
 * that the one may execute and the other be entered by, and either a type_transition rule for that program or the
 * permission to ask for a domain (setexec). Dynamically it takes dyntransition and setcurrent.
 */
import { aBoolean, aString, checkOptions, either, listOf, oneOf, recordOf } from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import { addBit, allPaths, bitsOf, hasBit, listBits, shortestPath, shortestPaths } from '@lsmkit/core/policy/flow'
import type { Bits, FlowEnds, FlowGraph } from '@lsmkit/core/policy/flow'
import { bitsFor, list, union } from '../bits.ts'
import type { Avtab } from '../policydb/avtab.ts'
import { AVTAB_ALLOWED, AVTAB_ENABLED, AVTAB_TRANSITION } from '../policydb/constants.ts'
import type { Policydb } from '../policydb/policydb.ts'
import { PolicyView } from '../query/view.ts'
import { tablesInForce } from './rule-tables.ts'
import type { BooleanStates } from './rule-tables.ts'
import { valuesByType } from '../policydb/type-values.ts'

export interface DomainTransitionOptions {
  /** Types and attributes that are not domains on the way or programs. */
  readonly exclude?: readonly string[]
  /** `any` unless given: every rule counts, whatever its condition. */
  readonly booleans?: BooleanStates
}

export interface DomainTransition {
  readonly source: string
  readonly target: string
  /** Types of programs by which it happens on exec; none of a transition that is only dynamic. */
  readonly entrypoints: readonly string[]
  /** A process can take the other domain without an exec too. */
  readonly dynamic: boolean
}

const rules: OptionRules<DomainTransitionOptions> = {
  exclude: listOf(aString),
  booleans: either(oneOf('any'), recordOf(aBoolean)),
}

/** By value of a type or attribute: a set of types. */
type SetsByValue = Bits[]

/** Asks one policy for domain transitions. Throws QueryError for names that it does not have, and OptionError. */
export class DomainTransitions implements FlowGraph {
  readonly view: PolicyView
  readonly size: number
  readonly #values: readonly (readonly number[])[]
  readonly #without: Bits
  readonly #sets: Readonly<Record<'transition' | 'dyntransition' | 'execute' | 'entrypoint', SetsByValue>> =
    { transition: [], dyntransition: [], execute: [], entrypoint: [] }
  readonly #setexec: Bits
  readonly #setcurrent: Bits
  /** By value of the source: pairs of program and new domain, by value. */
  readonly #automatic: number[][] = []
  readonly #known: { out: Bits[]; into: Bits[] | null } = { out: [], into: null }
  readonly #automaticBy: Map<number, Bits>[] = []
  readonly #gathered = new Map<SetsByValue, Bits[]>()

  constructor(policy: Policydb | PolicyView, options: DomainTransitionOptions = {}) {
    checkOptions(options, rules, 'DomainTransitions')
    const { exclude = [], booleans = 'any' } = options
    this.view = policy instanceof PolicyView ? policy : new PolicyView(policy)
    this.size = this.view.policy.types.nprim + 1
    this.#values = valuesByType(this.view.policy)
    this.#setexec = bitsFor(this.size)
    this.#setcurrent = bitsFor(this.size)
    for (const table of tablesInForce(this.view, booleans)) this.#readTable(table)
    this.#without = bitsOf(this.size, exclude.flatMap((name) => this.typesOf(name)))
  }

  typesOf(name: string): number[] {
    return list(this.view.members(this.view.type(name)))
  }

  /** Domains that `node` can become. */
  out(node: number): Bits {
    return this.#known.out[node] ??= this.#targetsOf(node)
  }

  into(node: number): Bits {
    this.#known.into ??= this.#turned()
    return this.#known.into[node]!
  }

  /** Transitions of a domain, or of the domains of an attribute. */
  *from(name: string): Generator<DomainTransition> {
    for (const source of this.typesOf(name)) {
      if (hasBit(this.#without, source)) continue
      for (const target of listBits(this.out(source), this.#without)) yield this.#transition(source, target)
    }
  }

  /** Transitions to a domain. */
  *to(name: string): Generator<DomainTransition> {
    for (const target of this.typesOf(name)) {
      if (hasBit(this.#without, target)) continue
      for (const source of listBits(this.into(target), this.#without)) yield this.#transition(source, target)
    }
  }

  /** All shortest chains of transitions. */
  *shortest(from: string, to: string): Generator<DomainTransition[]> {
    for (const path of shortestPaths(this, this.#ends(from, to))) yield this.#chain(path)
  }

  /** One of the shortest chains, null when there is none of at most `steps`. */
  first(from: string, to: string, steps: number | null = null): DomainTransition[] | null {
    const path = shortestPath(this, this.#ends(from, to), steps ?? Infinity)
    return path === null ? null : this.#chain(path)
  }

  /** All chains of at most `steps` transitions that visit no domain twice. */
  *all(from: string, to: string, steps: number): Generator<DomainTransition[]> {
    for (const path of allPaths(this, this.#ends(from, to), steps)) yield this.#chain(path)
  }

  #ends(from: string, to: string): FlowEnds {
    return { from: this.typesOf(from), to: this.typesOf(to), without: listBits(this.#without) }
  }

  #chain(path: readonly number[]): DomainTransition[] {
    return path.slice(1).map((target, i) => this.#transition(path[i]!, target))
  }

  #transition(source: number, target: number): DomainTransition {
    const name = (value: number): string => this.view.names.types[value] ?? `#${value}`
    const programs = hasBit(this.#gather(this.#sets.transition, source), target) ? this.#programs(source, target) : []
    return { source: name(source), target: name(target), entrypoints: programs.map(name).sort(),
      dynamic: hasBit(this.#setcurrent, source) && hasBit(this.#gather(this.#sets.dyntransition, source), target) }
  }

  /** Types of programs that take `source` to `target`. */
  #programs(source: number, target: number): number[] {
    const enters = this.#gather(this.#sets.entrypoint, target)
    const runs = this.#gather(this.#sets.execute, source)
    const both = runs.map((word, i) => word & enters[i]! & ~this.#without[i]!)
    return listBits(hasBit(this.#setexec, source) ? both : both.map((word, i) =>
      word & (this.#automaticTo(source).get(target)?.[i] ?? 0)))
  }

  #targetsOf(source: number): Bits {
    const bits = bitsFor(this.size)
    if (this.#values[source] === undefined) return bits
    for (const target of listBits(this.#gather(this.#sets.transition, source))) {
      if (target !== source && this.#programs(source, target).length > 0) addBit(bits, target)
    }
    if (hasBit(this.#setcurrent, source)) union(bits, this.#gather(this.#sets.dyntransition, source))
    bits[source >>> 5]! &= ~(1 << (source & 31))
    return bits
  }

  /** By the domain that type_transition rules give to `source`: the programs they do it for. */
  #automaticTo(source: number): Map<number, Bits> {
    const known = this.#automaticBy[source]
    if (known !== undefined) return known
    const found = new Map<number, Bits>()
    for (const value of this.#values[source]!) {
      const pairs = this.#automatic[value] ?? []
      for (let i = 0; i < pairs.length; i += 2) {
        const programs = found.get(pairs[i + 1]!) ?? bitsFor(this.size)
        found.set(pairs[i + 1]!, union(programs, this.view.members(pairs[i]!)))
      }
    }
    return this.#automaticBy[source] = found
  }

  #turned(): Bits[] {
    const into = Array.from({ length: this.size }, () => bitsFor(this.size))
    for (let source = 1; source < this.size; source++) {
      for (const target of listBits(this.out(source))) addBit(into[target]!, source)
    }
    return into
  }

  /** The union of a table over all values of a type. */
  #gather(table: SetsByValue, type: number): Bits {
    let kept = this.#gathered.get(table)
    if (kept === undefined) this.#gathered.set(table, kept = [])
    return kept[type] ??= (this.#values[type] ?? []).reduce(
      (bits, value) => (table[value] === undefined ? bits : union(bits, table[value])), bitsFor(this.size))
  }

  #readTable(table: Avtab): void {
    const { view, size } = this
    const process = view.hasClass('process') ? view.tclass('process') : 0
    const file = view.hasClass('file') ? view.tclass('file') : 0
    const bit = (tclass: number, permission: string): number => {
      const at = view.names.permissions[tclass]?.indexOf(permission) ?? -1
      return at < 0 ? 0 : 1 << at
    }
    const masks = {
      transition: bit(process, 'transition'), dyntransition: bit(process, 'dyntransition'),
      execute: bit(file, 'execute'), entrypoint: bit(file, 'entrypoint'),
    }
    const [setexec, setcurrent] = [bit(process, 'setexec'), bit(process, 'setcurrent')]
    for (let i = 0; i < table.length; i++) {
      const [source, target, tclass] = [table.source[i]!, table.target[i]!, table.tclass[i]!]
      if (tclass !== process && tclass !== file) continue
      const specified = table.specified[i]! & ~AVTAB_ENABLED
      const datum = table.datum[i]!
      if (specified === AVTAB_TRANSITION && tclass === process) (this.#automatic[source] ??= []).push(target, datum)
      if (specified !== AVTAB_ALLOWED) continue
      for (const name of tclass === process ? ofProcess : ofFile) {
        if ((datum & masks[name]) !== 0) union(this.#sets[name][source] ??= bitsFor(size), view.members(target))
      }
      if (tclass !== process) continue
      if ((datum & setexec) !== 0) union(this.#setexec, view.members(source))
      if ((datum & setcurrent) !== 0) union(this.#setcurrent, view.members(source))
    }
  }
}

const ofProcess = ['transition', 'dyntransition'] as const
const ofFile = ['execute', 'entrypoint'] as const
