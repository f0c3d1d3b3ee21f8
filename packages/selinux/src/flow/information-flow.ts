/**
 * Information flow: which type's information can get where, over however many steps. A type that may write another
 * sends to it, one that may read another takes from it; types that do the writing and reading carry it on.
 */
import {
  aBoolean, aString, checkOptions, either, instanceOf, listOf, oneOf, recordOf, wholeNumber,
} from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import {
  allPaths, bitsOf, flowLimitRules, hasBit, listBits, shortestPath, shortestPaths,
} from '@lsmkit/core/policy/flow'
import type { Bits, FlowEnds, FlowGraph, FlowLimits } from '@lsmkit/core/policy/flow'
import { bitsFor, list, union } from '../bits.ts'
import type { Policydb } from '../policydb/policydb.ts'
import { teRuleText } from '../query/te-rule.ts'
import { TeRules } from '../query/te-rules.ts'
import { PolicyView } from '../query/view.ts'
import { defaultPermissionMap } from './default-map.ts'
import type { PermissionMap } from './permission-map.ts'
import { tablesInForce } from './rule-tables.ts'
import type { BooleanStates } from './rule-tables.ts'
import { unmappedPermissions, weighRules } from './rule-weights.ts'
import type { WeighedRules } from './rule-weights.ts'
import { valuesByType } from '../policydb/type-values.ts'

export interface InformationFlowOptions {
  /** `defaultPermissionMap()` unless given. */
  readonly map?: PermissionMap
  /** Steps of less weight count as none; 3 unless given, from 1 to 10. */
  readonly minWeight?: number
  /** Types and attributes that nothing flows through, from or to. */
  readonly exclude?: readonly string[]
  /** `any` unless given: every rule counts, whatever its condition. */
  readonly booleans?: BooleanStates
}

/** One way from a type to another. */
export interface InformationFlow {
  /** Names of types, both ends included. */
  readonly path: readonly string[]
  /** The least of its steps' weights. */
  readonly weight: number
}

const LEAST = 3
const MOST = 10

const rules: OptionRules<InformationFlowOptions> = {
  map: instanceOf(Map),
  minWeight: wholeNumber(1, MOST),
  exclude: listOf(aString),
  booleans: either(oneOf('any'), recordOf(aBoolean)),
}

/** Steps of at least one weight. Sets of single types are made when they are asked for, and kept. */
class Level implements FlowGraph {
  readonly size: number
  /** By value of a type or attribute, what it sends to and takes from directly. */
  readonly #sends: Bits[] = []
  readonly #takes: Bits[] = []
  readonly #values: readonly (readonly number[])[]
  readonly #outOf: Bits[] = []
  readonly #inOf: Bits[] = []
  readonly #nothing: Bits

  constructor(view: PolicyView, values: readonly (readonly number[])[], weighed: WeighedRules, minWeight: number) {
    this.size = view.policy.types.nprim + 1
    this.#values = values
    this.#nothing = bitsFor(this.size)
    const { length, source, target, read, write } = weighed
    for (let i = 0; i < length; i++) {
      if (write[i]! >= minWeight) this.#connect(view, source[i]!, target[i]!)
      if (read[i]! >= minWeight) this.#connect(view, target[i]!, source[i]!)
    }
  }

  out(node: number): Bits {
    return this.#outOf[node] ??= this.#gather(this.#sends, node)
  }

  into(node: number): Bits {
    return this.#inOf[node] ??= this.#gather(this.#takes, node)
  }

  #connect(view: PolicyView, from: number, to: number): void {
    union(this.#sends[from] ??= bitsFor(this.size), view.members(to))
    union(this.#takes[to] ??= bitsFor(this.size), view.members(from))
  }

  #gather(table: readonly Bits[], node: number): Bits {
    const own = this.#values[node]
    if (own === undefined) return this.#nothing
    const bits = bitsFor(this.size)
    for (const value of own) {
      const more = table[value]
      if (more !== undefined) union(bits, more)
    }
    bits[node >>> 5]! &= ~(1 << (node & 31))
    return bits
  }
}

/** Asks one policy for flows. Throws QueryError for names that it does not have, and OptionError. */
export class InformationFlows {
  readonly view: PolicyView
  readonly minWeight: number
  readonly #map: PermissionMap
  readonly #tables: ReturnType<typeof tablesInForce>
  readonly #weighed: WeighedRules
  readonly #values: readonly (readonly number[])[]
  readonly #without: Bits
  readonly #levels: Level[] = []
  #te: TeRules | null = null

  constructor(policy: Policydb | PolicyView, options: InformationFlowOptions = {}) {
    checkOptions(options, rules, 'InformationFlows')
    const { map = defaultPermissionMap(), minWeight = LEAST, exclude = [], booleans = 'any' } = options
    this.view = policy instanceof PolicyView ? policy : new PolicyView(policy)
    this.#map = map
    this.minWeight = minWeight
    this.#tables = tablesInForce(this.view, booleans)
    this.#weighed = weighRules(this.view, map, this.#tables)
    this.#values = valuesByType(this.view.policy)
    this.#without = bitsOf(this.graph().size, exclude.flatMap((name) => this.typesOf(name)))
  }

  /** Steps of at least `minWeight`; nodes are values of types. */
  graph(minWeight = this.minWeight): FlowGraph {
    return this.#levels[minWeight] ??= new Level(this.view, this.#values, this.#weighed, minWeight)
  }

  /** The types that a name stands for: itself, or the members of an attribute. */
  typesOf(name: string): number[] {
    return list(this.view.members(this.view.type(name)))
  }

  /** All shortest flows between two types, or from any type of an attribute to any of another. */
  *shortest(from: string, to: string): Generator<InformationFlow> {
    for (const path of shortestPaths(this.graph(), this.#ends(from, to))) yield this.#flowOf(path)
  }

  /** One of the shortest flows, null when there is none. */
  first(from: string, to: string, limits: FlowLimits = {}): InformationFlow | null {
    checkOptions(limits, flowLimitRules, 'first')
    const { exclude, minWeight, steps } = limits
    const least = minWeight ?? this.minWeight
    const path = shortestPath(this.graph(least), this.#ends(from, to, exclude), steps ?? Infinity)
    return path === null ? null : this.#flowOf(path, least)
  }

  /** All flows of at most `steps` steps that visit no type twice. */
  *all(from: string, to: string, steps: number): Generator<InformationFlow> {
    for (const path of allPaths(this.graph(), this.#ends(from, to), steps)) yield this.#flowOf(path)
  }

  /** Flows from a type in one step. */
  *out(from: string): Generator<InformationFlow> {
    for (const source of this.typesOf(from)) {
      if (hasBit(this.#without, source)) continue
      for (const to of listBits(this.graph().out(source), this.#without)) yield this.#flowOf([source, to])
    }
  }

  /** Flows to a type in one step. */
  *into(to: string): Generator<InformationFlow> {
    for (const target of this.typesOf(to)) {
      if (hasBit(this.#without, target)) continue
      for (const from of listBits(this.graph().into(target), this.#without)) yield this.#flowOf([from, target])
    }
  }

  /** The rules that let a step be, as texts, sorted. */
  rulesOf(from: string, to: string, minWeight = this.minWeight): string[] {
    this.#te ??= new TeRules(this.view)
    const found = [...this.#stepRules(from, to, 'w', minWeight), ...this.#stepRules(to, from, 'r', minWeight)]
    return [...new Set(found)].sort()
  }

  /** Permissions that rules use and the map does not know: nothing is said to flow by them. */
  unmapped(): string[] {
    return unmappedPermissions(this.view, this.#map, this.#tables)
  }

  *#stepRules(
    source: string, target: string, direction: 'r' | 'w', minWeight: number,
  ): Generator<string> {
    for (const rule of this.#te!.search({ kinds: ['allow'], source, target })) {
      const flows = this.#map.get(rule.tclass)
      const carries = rule.permissions.some((permission) => {
        const flow = flows?.get(permission)
        return flow !== undefined && flow.weight >= minWeight && [direction, 'b'].includes(flow.direction)
      })
      if (carries) yield teRuleText(rule)
    }
  }

  #ends(from: string, to: string, exclude: readonly string[] = []): FlowEnds {
    const without = [...listBits(this.#without), ...exclude.flatMap((name) => this.typesOf(name))]
    return { from: this.typesOf(from), to: this.typesOf(to), without }
  }

  #flowOf(path: readonly number[], least = this.minWeight): InformationFlow {
    let weight = MOST
    for (let i = 1; i < path.length; i++) weight = this.#weightOf(path[i - 1]!, path[i]!, least, weight)
    return { path: path.map((type) => this.view.names.types[type] ?? `#${type}`), weight }
  }

  /** The weight of a step, or `most` when it is more. */
  #weightOf(from: number, to: number, least: number, most: number): number {
    let weight = most
    while (weight > least && !hasBit(this.graph(weight).out(from), to)) weight--
    return weight
  }
}
