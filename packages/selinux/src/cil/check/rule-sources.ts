/** Rules of several tables by class and source: an assertion is compared with those whose source it could share. */
import type { Avtab } from '../../policydb/avtab.ts'
import type { Effort } from '../effort.ts'
import { hasType, meet } from '../expand/pairs.ts'
import type { TypeSet } from '../expand/pairs.ts'

/** Of one class: by the place of a type, and by the value of an attribute, which table and which rule in it, in turn. */
interface Sources {
  readonly types: Map<number, number[]>
  readonly attributes: Map<number, number[]>
}

export class RuleSources {
  private readonly byClass = new Map<number, Sources>()
  private readonly tables: readonly Avtab[]
  /** By value: the types. */
  private readonly members: readonly (TypeSet | undefined)[]
  private readonly effort: Effort

  /** Of the rules with one of the `specified` bits. */
  constructor(
    tables: readonly Avtab[], specified: number, members: readonly (TypeSet | undefined)[], effort: Effort,
  ) {
    this.tables = tables
    this.members = members
    this.effort = effort
    tables.forEach((table, at) => {
      for (let i = 0; i < table.length; i++) {
        if ((table.specified[i]! & specified) !== 0) this.add(table.tclass[i]!, table.source[i]!, at, i)
      }
    })
  }

  private add(tclass: number, source: number, table: number, rule: number): void {
    let sources = this.byClass.get(tclass)
    if (sources === undefined) this.byClass.set(tclass, sources = { types: new Map(), attributes: new Map() })
    const types = this.members[source]!
    const [map, key] = typeof types === 'number' ? [sources.types, types] : [sources.attributes, source]
    const places = map.get(key)
    if (places === undefined) map.set(key, [table, rule])
    else places.push(table, rule)
  }

  /** Whether `isMeant` holds of a rule of the class with a source among `own`. */
  some(tclass: number, own: TypeSet, isMeant: (table: Avtab, rule: number) => boolean): boolean {
    const { effort, tables, members } = this
    const among = (places: readonly number[]): boolean => {
      effort.spend(places.length)
      for (let at = 0; at < places.length; at += 2) if (isMeant(tables[places[at]!]!, places[at + 1]!)) return true
      return false
    }
    const sources = this.byClass.get(tclass)
    if (sources === undefined) return false
    if (typeof own === 'number') {
      const places = sources.types.get(own)
      if (places !== undefined && among(places)) return true
    } else {
      effort.spend(sources.types.size)
      for (const [type, places] of sources.types) if (hasType(own, type) && among(places)) return true
    }
    effort.spend(sources.attributes.size * (typeof own === 'number' ? 1 : own.length))
    for (const [value, places] of sources.attributes) if (meet(own, members[value]!) && among(places)) return true
    return false
  }
}
