/** Type enforcement rules and range transitions of two policies, type by type. */
import { AVTAB_AUDITDENY, AVTAB_AV, AVTAB_XPERMS } from '../../policydb/constants.ts'
import { avtabBits, xpermName, xpermText } from '../te-rule.ts'
import type { TeRule, TeRuleKind } from '../te-rule.ts'
import type { Algebra, Cell, CellComparison, Cells } from './cells.ts'
import { changeOf } from './differences.ts'
import type { Change, Differences, Listing, Modified } from './differences.ts'
import { Interned } from './interned.ts'
import { sides } from './policy-pair.ts'
import type { PolicyPair, Side } from './policy-pair.ts'
import { RuleReader } from './rule-reader.ts'
import { firstOnly, Masks, XpermSets } from './values.ts'

/** Cells that become objects when they are looked at. */
class Told<T> implements Listing<T> {
  readonly #cells: Cells
  readonly #tell: (cell: Cell) => T

  constructor(cells: Cells, tell: (cell: Cell) => T) {
    this.#cells = cells
    this.#tell = tell
  }

  get length(): number {
    return this.#cells.length
  }

  *[Symbol.iterator](): Generator<T> {
    for (const cell of this.#cells) yield this.#tell(cell)
  }
}

const told = <T>(
  { added, removed, modified }: CellComparison, item: (cell: Cell, side: Side) => T,
  changes: (cell: Cell) => Record<string, Change>,
): Differences<T> => ({
  added: new Told(added, (cell) => item(cell, 'after')),
  removed: new Told(removed, (cell) => item(cell, 'before')),
  modified: new Told<Modified<T>>(modified, (cell) => ({ item: item(cell, 'before'), changes: changes(cell) })),
})

/** What the cells of one kind of rule hold. */
interface Given {
  readonly algebra: Algebra
  /** The fields of a rule that tell it. */
  fields(cell: Cell, side: Side): Pick<TeRule, 'permissions' | 'xperms' | 'result'>
  changes(cell: Cell): Record<string, Change>
}

const permissions = (reader: RuleReader, pair: PolicyPair, specified: number): Given => {
  const masks = new Masks(pair, (layer) => reader.layers.at(layer).tclass)
  for (const side of sides) {
    reader.each(side, specified, ({ source, target, tclass, datum }, i, condition) => {
      const mask = specified === AVTAB_AUDITDENY ? ~datum[i]! >>> 0 : datum[i]!
      reader.add(side, source[i]!, target[i]!, tclass[i]!, null, condition, mask)
    })
  }
  const names = ({ layer, ...cell }: Cell, side: Side): string[] => masks.names(layer, side, cell[side])
  return {
    algebra: masks,
    fields: (cell, side) => ({ permissions: names(cell, side), xperms: [], result: null }),
    changes: (cell) => ({ permissions: changeOf(names(cell, 'before'), names(cell, 'after'))! }),
  }
}

const extended = (reader: RuleReader, specified: number): Given => {
  const sets = new XpermSets()
  for (const side of sides) {
    reader.each(side, specified, (table, i, condition) => {
      const xperms = table.xpermsOf(i)!
      const [source, target, tclass] = [table.source[i]!, table.target[i]!, table.tclass[i]!]
      reader.add(side, source, target, tclass, xpermName(xperms), condition, sets.of(xperms))
    })
  }
  const texts = (set: number): string[] => sets.numbers(set).map(xpermText)
  return {
    algebra: sets,
    fields: (cell, side) =>
      ({ permissions: [reader.layers.at(cell.layer).detail!], xperms: sets.numbers(cell[side]), result: null }),
    changes: ({ before, after }) => ({ xperms: changeOf(texts(before), texts(after))! }),
  }
}

const results = (reader: RuleReader, pair: PolicyPair, specified: number, named: boolean): Given => {
  const types = new Interned<string>()
  for (const side of sides) {
    const { names, policy } = pair[side]
    const numberOf = (value: number): number => {
      const name = names.types[value] ?? `#${value}`
      return types.of(name, () => name)
    }
    reader.each(side, specified, ({ source, target, tclass, datum }, i, condition) =>
      reader.add(side, source[i]!, target[i]!, tclass[i]!, null, condition, numberOf(datum[i]!)))
    for (const { name, target, tclass, results: found } of named ? policy.filenameTransitions : []) {
      for (const { sources, type } of found) {
        sources.forEach((bit) => reader.add(side, bit + 1, target, tclass, name, 0, numberOf(type)))
      }
    }
  }
  return {
    algebra: firstOnly,
    fields: (cell, side) => ({ permissions: [], xperms: [], result: types.at(cell[side]) }),
    changes: ({ before, after }) => ({ result: { before: types.at(before), after: types.at(after) } }),
  }
}

export const teDifferences = (pair: PolicyPair, kind: TeRuleKind): Differences<TeRule> => {
  const reader = new RuleReader(pair)
  const specified = avtabBits[kind]
  const given = (specified & AVTAB_AV) !== 0 ? permissions(reader, pair, specified)
    : (specified & AVTAB_XPERMS) !== 0 ? extended(reader, specified)
      : results(reader, pair, specified, kind === 'type_transition')
  const rule = (cell: Cell, side: Side): TeRule => {
    const { tclass, detail } = reader.layers.at(cell.layer)
    return {
      kind, source: pair.types[cell.source]!, target: pair.types[cell.target]!, tclass, ...given.fields(cell, side),
      filename: kind === 'type_transition' ? detail : null,
      conditional: cell.condition === 0 ? null : reader.conditions.at(cell.condition),
    }
  }
  return told(reader.compare(given.algebra), rule, given.changes)
}

export const rangeDifferences = (pair: PolicyPair): Differences<string> => {
  const reader = new RuleReader(pair)
  const ranges = new Interned<string>()
  for (const side of sides) {
    const { names, policy } = pair[side]
    for (const { source, target, tclass, range } of policy.rangeTransitions) {
      const text = names.range(range)
      reader.add(side, source, target, tclass, null, 0, ranges.of(text, () => text))
    }
  }
  const name = ({ source, target, layer }: Cell): string =>
    `range_transition ${pair.types[source]} ${pair.types[target]}:${reader.layers.at(layer).tclass}`
  const { added, removed, modified } = reader.compare(firstOnly)
  return {
    added: new Told(added, (cell) => `${name(cell)} ${ranges.at(cell.after)};`),
    removed: new Told(removed, (cell) => `${name(cell)} ${ranges.at(cell.before)};`),
    modified: new Told(modified, (cell) => ({ item: name(cell),
      changes: { range: { before: ranges.at(cell.before), after: ranges.at(cell.after) } } })),
  }
}
