/** Rules to the access vector table: attributes that are not kept are written out, masks of one key joined. */
import { Avtab } from '../../policydb/avtab.ts'
import {
  AVTAB_ALLOWED, AVTAB_AUDITALLOW, AVTAB_AUDITDENY, AVTAB_CHANGE, AVTAB_MEMBER, AVTAB_TRANSITION, AVTAB_TYPE,
  AVTAB_XPERMS_ALLOWED, AVTAB_XPERMS_AUDITALLOW, AVTAB_XPERMS_DONTAUDIT,
} from '../../policydb/constants.ts'
import { CilError } from '../errors.ts'
import { joined } from '../expand/number-ranges.ts'
import type { Ranges } from '../expand/number-ranges.ts'
import { xpermNumbers, xpermRecords } from '../expand/xperm-numbers.ts'
import type { AvRule, RuleKind, RuleList, TypeRule, XpermRule } from '../resolve/facts.ts'
import type { Declared } from '../resolve/scope.ts'
import { Attribute } from '../resolve/symbols.ts'
import type { BaseTables } from './base-tables.ts'
import type { Numbering } from './numbering.ts'
import { RuleIndex } from './rule-index.ts'

/** An index of rules that has the place of each in the table. */
interface Placed {
  readonly table: Avtab
  readonly index: RuleIndex
}

const avKinds = { allow: AVTAB_ALLOWED, auditallow: AVTAB_AUDITALLOW, dontaudit: AVTAB_AUDITDENY,
  neverallow: 0 } as const
const xpermKinds = {
  allow: AVTAB_XPERMS_ALLOWED, auditallow: AVTAB_XPERMS_AUDITALLOW, dontaudit: AVTAB_XPERMS_DONTAUDIT, neverallow: 0,
} as const
const typeKinds = { typetransition: AVTAB_TRANSITION, typechange: AVTAB_CHANGE, typemember: AVTAB_MEMBER } as const

/** Steps that writing a set of extended permissions takes: its drivers, and each range in one of them. */
const [DRIVERS, RANGE] = [256, 128]

export interface RuleOptions {
  readonly disableDontaudit: boolean
  readonly expandSize: number
  /** Rules of the policy that all of this is added to. */
  readonly base?: BaseTables | null
}

export class RuleWriter {
  readonly #n: Numbering
  readonly #options: RuleOptions
  readonly #expanded = new Map<Declared, readonly number[]>()
  /** Rules that always hold, to compare conditional type rules with. */
  #always: Placed | null = null
  readonly #conditionalTypes = new RuleIndex(1 << 10)
  readonly #conditionalResults: number[] = []

  constructor(n: Numbering, options: RuleOptions) {
    this.#n = n
    this.#options = options
  }

  /** The rules outside of booleanifs. */
  writeAlways({ rules, xpermRules, typeRules }: RuleList): Avtab {
    const { base } = this.#options
    const known = base?.policy.avtab.length ?? 0
    const table = new Avtab(rules.length * 2 + known + 16)
    const placed: Placed = { table, index: new RuleIndex(rules.length + known) }
    if (base) this.#copy(base, base.policy.avtab, placed)
    this.#always = placed
    for (const rule of typeRules) {
      if (rule.name === null) this.#typeRule(rule, (key, result) => this.#addType(placed, rule, key, result))
    }
    for (const rule of rules) this.#avRule(rule, placed)
    this.#xpermRules(xpermRules, placed.table)
    return placed.table
  }

  /** Rules of a branch of the base, before those of any source. */
  copyBranch(base: BaseTables, table: Avtab, into: ConditionalBranch): void {
    this.#copy(base, table, into)
    base.forEach(table, ({ source, target, tclass, specified, datum }) => {
      if ((specified & AVTAB_TYPE) === 0) return
      const { length } = this.#conditionalResults
      const at = this.#conditionalTypes.place(source, target, tclass, specified, length)
      if (at === length) this.#conditionalResults.push(datum)
    })
  }

  #copy(base: BaseTables, from: Avtab, { table, index }: Placed): void {
    this.#n.effort.write(from.length)
    base.forEach(from, ({ source, target, tclass, specified, datum }, extended) => {
      if (specified === AVTAB_AUDITDENY && this.#options.disableDontaudit) return
      if (extended >= 0) return table.addXperms(source, target, tclass, specified, from.xpermsOf(extended)!)
      const at = index.place(source, target, tclass, specified, table.length)
      if (at === table.length) table.add(source, target, tclass, specified, datum)
      else if (specified === AVTAB_AUDITDENY) table.datum[at]! &= datum
      else if ((specified & AVTAB_TYPE) === 0) table.datum[at]! |= datum
    })
  }

  /** One branch of a booleanif, added to what the condition has already. */
  writeBranch({ rules, xpermRules, typeRules }: RuleList, into: ConditionalBranch, other: ConditionalBranch): void {
    for (const rule of typeRules) {
      if (rule.name !== null) {
        throw new CilError('misplaced', 'a typetransition with a file name cannot be conditional',
          this.#n.tree.place(rule.node))
      }
      this.#typeRule(rule, (key, result) => this.#addConditionalType(rule, key, result, into, other))
    }
    for (const rule of rules) this.#avRule(rule, into)
    this.#xpermRules(xpermRules, into.table)
  }

  /** The values a name stands for in a rule: one for a type and a kept attribute, else all its members. */
  #values(symbol: Declared): readonly number[] {
    let values = this.#expanded.get(symbol)
    if (values === undefined) {
      const keeps = symbol instanceof Attribute && symbol.isKept &&
        this.#n.members(symbol).length >= this.#options.expandSize
      values = !(symbol instanceof Attribute) || keeps ? [this.#n.type(symbol)] : this.#n.typesIn(symbol.bits!)
      this.#expanded.set(symbol, values)
    }
    return values
  }

  /** Calls `visit` with each pair of values that the rule is written for; `each` is what it does with one. */
  #pairs(
    { source, target, node }: AvRule | XpermRule, each: number, visit: (source: number, target: number) => void,
  ): void {
    const { effort } = this.#n
    effort.node = node
    if (typeof target !== 'string') {
      const [sources, targets] = [this.#values(source), this.#values(target)]
      effort.visit(sources.length * targets.length * each)
      for (const from of sources) for (const to of targets) visit(from, to)
      return
    }
    const members = this.#n.members(source).map((place) => this.#n.typeValue[place]!)
    if (target === 'self') {
      effort.visit(members.length * each)
      for (const type of members) visit(type, type)
      return
    }
    const others = target === 'other' ? members : Array.from(this.#n.typeValue)
    effort.visit(members.length * others.length * each)
    for (const from of members) for (const to of others) if (from !== to) visit(from, to)
  }

  #avRule(rule: AvRule, { table, index }: Placed): void {
    if (rule.kind === 'neverallow' || (rule.kind === 'dontaudit' && this.#options.disableDontaudit)) return
    const { effort } = this.#n
    const masks = this.#n.masks.of(rule.permissions)
    const specified = avKinds[rule.kind]
    const isDeny = specified === AVTAB_AUDITDENY
    this.#pairs(rule, masks.length, (source, target) => {
      for (const { tclass, mask } of masks) {
        if (mask === 0) continue
        const value = tclass.value + 1
        const at = index.place(source, target, value, specified, table.length)
        if (at === table.length) {
          effort.write()
          table.add(source, target, value, specified, isDeny ? ~mask : mask)
        } else if (isDeny) table.datum[at]! &= ~mask
        else table.datum[at]! |= mask
      }
    })
  }

  #xpermRules(rules: readonly XpermRule[], table: Avtab): void {
    const { effort } = this.#n
    const found = new Map<string, { source: number; target: number; tclass: number; kind: RuleKind
      xperms: 'ioctl' | 'nlmsg'; numbers: Ranges[] }>()
    for (const rule of rules) {
      const { kind, xperms } = rule
      if (kind === 'neverallow' || (kind === 'dontaudit' && this.#options.disableDontaudit)) continue
      const numbers = xpermNumbers(this.#n.tree, xperms)
      const classes = this.#n.masks.classes(xperms.tclass!)
      this.#pairs(rule, classes.length, (source, target) => {
        for (const tclass of classes) {
          const key = `${source} ${target} ${tclass.value} ${kind} ${xperms.kind}`
          const known = found.get(key)
          if (known !== undefined) known.numbers.push(numbers)
          else {
            effort.write()
            found.set(key, { source, target, tclass: tclass.value + 1, kind, xperms: xperms.kind, numbers: [numbers] })
          }
        }
      })
    }
    for (const { source, target, tclass, kind, xperms, numbers } of found.values()) {
      effort.spend(numbers.reduce((sum, { length }) => sum + length * RANGE, DRIVERS))
      for (const record of xpermRecords(joined(numbers.flat()), xperms)) {
        effort.write()
        table.addXperms(source, target, tclass, xpermKinds[kind], record)
      }
    }
  }

  /** Type rules are written for types, never for attributes. */
  #typeRule(rule: TypeRule, add: (key: readonly [number, number, number], result: number) => void): void {
    const { typeValue } = this.#n
    const result = this.#n.type(rule.result)
    const classes = this.#n.masks.classes(rule.tclass)
    const sources = this.#n.members(rule.source)
    const all = rule.target === 'self' ? null : this.#n.members(rule.target as Declared)
    this.#n.effort.node = rule.node
    this.#n.effort.visit(sources.length * (all?.length ?? 1) * classes.length)
    for (const from of sources) {
      const source = typeValue[from]!
      const targets = all ?? [from]
      for (const to of targets) for (const tclass of classes) add([source, typeValue[to]!, tclass.value + 1], result)
    }
  }

  #addType(
    { table, index }: Placed, rule: TypeRule, [source, target, tclass]: readonly [number, number, number],
    result: number,
  ): void {
    const specified = typeKinds[rule.kind]
    const at = index.place(source, target, tclass, specified, table.length)
    if (at === table.length) {
      this.#n.effort.write()
      table.add(source, target, tclass, specified, result)
    } else if (table.datum[at] !== result) this.#conflict(rule)
  }

  /** As libsepol: a type rule may say one thing, or one thing in each branch of one condition. */
  #addConditionalType(rule: TypeRule, [source, target, tclass]: readonly [number, number, number],
    result: number,
    into: ConditionalBranch, other: ConditionalBranch): void {
    const specified = typeKinds[rule.kind]
    const always = this.#always
    const known = always!.index.find(source, target, tclass, specified)
    if (known >= 0) {
      if (always!.table.datum[known] !== result) this.#conflict(rule)
      return
    }
    const at = this.#conditionalTypes.place(source, target, tclass, specified, this.#conditionalResults.length)
    if (at === this.#conditionalResults.length) this.#conditionalResults.push(result)
    else if (other.index.find(source, target, tclass, specified) < 0) {
      if (this.#conditionalResults[at] !== result) this.#conflict(rule)
      if (into.index.find(source, target, tclass, specified) >= 0) return
    }
    this.#n.effort.write()
    into.index.place(source, target, tclass, specified, into.table.length)
    into.table.add(source, target, tclass, specified, result)
  }

  #conflict(rule: TypeRule): never {
    throw new CilError('conflict', `another ${rule.kind} of the same types and class has another result`,
      this.#n.tree.place(rule.node))
  }
}

/** One branch of a condition while it is written. */
export class ConditionalBranch {
  readonly table = new Avtab()
  readonly index = new RuleIndex(4)
}
