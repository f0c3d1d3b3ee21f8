/** The values symbols get in the binary policy, and what the rest of the compiler is turned into numbers with. */
import { Ebitmap } from '../../policydb/ebitmap.ts'
import type { Context, Level, Range } from '../../policydb/policydb.ts'
import { list } from '../../bits.ts'
import type { Bits } from '../../bits.ts'
import type { Categories } from '../expand/categories.ts'
import type { ClassMasks } from '../expand/class-masks.ts'
import type { Tree } from '../parse.ts'
import { qualifiedName } from '../resolve/lookup.ts'
import type { Facts } from '../resolve/facts.ts'
import type { Effort } from '../effort.ts'
import { CilError } from '../errors.ts'
import { W } from '../keywords.ts'
import type { Declared } from '../resolve/scope.ts'
import { Attribute } from '../resolve/symbols.ts'
import type { ContextSymbol, LevelSymbol, RangeSymbol } from '../resolve/symbols.ts'

/** Values are 16-bit numbers in rules. */
const MOST_VALUES = 0xffff
/** Bits that a place takes in a list. */
const PLACE = 64
/** Bits that 64 categories take in a level. */
const NODE = 96
const NO_LEVEL: Level = { sens: 0, cats: Ebitmap.empty }

export class Numbering {
  readonly tree: Tree
  readonly facts: Facts
  readonly categories: Categories
  readonly masks: ClassMasks
  readonly effort: Effort
  readonly isMls: boolean
  readonly classOrder: readonly Declared[]
  /** Values of types and kept attributes, from 1 on, in the order of declaration. */
  readonly #typeValues = new Map<Declared, number>()
  /** By a type's place among the types: its value. */
  readonly typeValue: Uint16Array
  readonly #roleValue: Uint16Array
  readonly #membersOf = new Map<Attribute, readonly number[]>()
  readonly #contexts = new Map<ContextSymbol, Context>()
  readonly #levels = new Map<LevelSymbol, Level>()

  /** Throws CilError where there are more of a kind than a policy can number. */
  constructor(tree: Tree, facts: Facts, parts: { categories: Categories; masks: ClassMasks; effort: Effort
    isMls: boolean; classOrder: readonly Declared[] }) {
    this.tree = tree
    this.facts = facts
    this.categories = parts.categories
    this.masks = parts.masks
    this.effort = parts.effort
    this.isMls = parts.isMls
    this.classOrder = parts.classOrder
    this.typeValue = new Uint16Array(facts.types.length)
    let value = 0
    for (const symbol of facts.typeOrder) {
      if (symbol instanceof Attribute && !symbol.isKept) continue
      this.#typeValues.set(symbol, ++value)
      if (!(symbol instanceof Attribute)) this.typeValue[symbol.value] = value
    }
    // object_r is 1, whether or not, and wherever, the source has it.
    this.#roleValue = new Uint16Array(facts.roles.length)
    let roles = 1
    facts.roles.forEach((role, i) => void (
      this.#roleValue[i] = role.name === W.object_r && role.home?.kind === 'policy' ? 1 : ++roles))
    parts.classOrder.forEach((tclass, i) => void (tclass.value = i))
    const { users, booleans, sensitivities, categories: cats } = facts
    const counts = Object.entries({ types: value, roles, classes: parts.classOrder.length, users: users.length,
      booleans: booleans.length, sensitivities: sensitivities.length, categories: cats.length })
    for (const [kind, count] of counts) {
      if (count > MOST_VALUES) throw new CilError('too-many', `more than ${MOST_VALUES} ${kind}`, null)
    }
  }

  name(symbol: Declared): string {
    return qualifiedName(this.tree, symbol)
  }

  get typeCount(): number {
    return this.#typeValues.size
  }

  /** The value of a type or kept attribute; 0 of an attribute that is written out. */
  type(symbol: Declared): number {
    return this.#typeValues.get(symbol) ?? 0
  }

  role(symbol: Declared): number {
    return this.#roleValue[symbol.value]!
  }

  roleAt(place: number): number {
    return this.#roleValue[place]!
  }

  /** The values of the types in a set, ascending by declaration. */
  typesIn(bits: Bits): number[] {
    this.effort.spend(bits.length)
    return list(bits).map((bit) => this.typeValue[bit]!)
  }

  /** The places of the types a name stands for. */
  members(symbol: Declared): readonly number[] {
    if (!(symbol instanceof Attribute)) return [symbol.value]
    let members = this.#membersOf.get(symbol)
    if (members === undefined) {
      members = list(symbol.bits!)
      this.effort.keep(members.length * PLACE)
      this.#membersOf.set(symbol, members)
    }
    return members
  }

  level(symbol: LevelSymbol): Level {
    if (!this.isMls) return NO_LEVEL
    let level = this.#levels.get(symbol)
    if (level === undefined) {
      const bits = this.categories.level(symbol)
      level = { sens: symbol.sensitivity!.value + 1, cats: Ebitmap.of(list(bits)) }
      this.effort.keep(bits.length + level.cats.nodes * NODE)
      this.#levels.set(symbol, level)
    }
    return level
  }

  range(symbol: RangeSymbol): Range {
    return { low: this.level(symbol.low!), high: this.level(symbol.high!) }
  }

  context(symbol: ContextSymbol): Context {
    let context = this.#contexts.get(symbol)
    if (context === undefined) {
      context = { user: symbol.user!.value + 1, role: this.role(symbol.role!), type: this.type(symbol.type!),
        range: this.range(symbol.range!) }
      this.#contexts.set(symbol, context)
    }
    return context
  }
}
