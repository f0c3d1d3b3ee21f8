/** Rules of several tables by class and source: an assertion is compared with those whose source it could share. */
import { count, list } from '../../bits.ts'
import type { Bits } from '../../bits.ts'
import type { Avtab } from '../../policydb/avtab.ts'
import type { Effort } from '../effort.ts'
import { hasType, meet } from '../expand/pairs.ts'
import type { TypeSet } from '../expand/pairs.ts'

/** Of one class: by place of a type, and by value of an attribute, which table and which rule in it, in turn. */
interface Sources {
  readonly types: Map<number, number[]>
  readonly attributes: Map<number, number[]>
}

export interface SourceParts {
  /** By value of a type or attribute: the types. */
  readonly members: readonly (TypeSet | undefined)[]
  /** By place of a type: the values of its attributes. */
  readonly attributesOf: (type: number) => readonly number[]
  readonly effort: Effort
}

export class RuleSources {
  readonly #byClass = new Map<number, Sources>()
  readonly #tables: readonly Avtab[]
  readonly #members: SourceParts['members']
  readonly #attributesOf: SourceParts['attributesOf']
  readonly #effort: Effort

  /** Of the rules with one of the `specified` bits. */
  constructor(
    tables: readonly Avtab[], specified: number,
    { members, attributesOf, effort }: SourceParts,
  ) {
    this.#tables = tables
    this.#members = members
    this.#attributesOf = attributesOf
    this.#effort = effort
    tables.forEach((table, at) => {
      for (let i = 0; i < table.length; i++) {
        if ((table.specified[i]! & specified) !== 0) this.#add(table.tclass[i]!, table.source[i]!, at, i)
      }
    })
  }

  #add(tclass: number, source: number, table: number, rule: number): void {
    let sources = this.#byClass.get(tclass)
    if (sources === undefined) this.#byClass.set(tclass, sources = { types: new Map(), attributes: new Map() })
    const types = this.#members[source]!
    const [map, key] = typeof types === 'number' ? [sources.types, types] : [sources.attributes, source]
    const places = map.get(key)
    if (places === undefined) map.set(key, [table, rule])
    else places.push(table, rule)
  }

  /** Whether `isMeant` holds of a rule of the class with a source among `own`. */
  some(tclass: number, own: TypeSet, isMeant: (table: Avtab, rule: number) => boolean): boolean {
    const tables = this.#tables
    const effort = this.#effort
    const among = (places: readonly number[]): boolean => {
      effort.spend(places.length)
      for (let at = 0; at < places.length; at += 2) if (isMeant(tables[places[at]!]!, places[at + 1]!)) return true
      return false
    }
    const sources = this.#byClass.get(tclass)
    if (sources === undefined) return false
    const types = typeof own === 'number' ? [own] : count(own) < sources.types.size ? list(own) : null
    if (types === null) {
      effort.spend(sources.types.size)
      for (const [type, places] of sources.types) if (hasType(own, type) && among(places)) return true
    } else for (const type of types) if (among(sources.types.get(type) ?? [])) return true
    for (const value of this.#attributes(sources, own)) if (among(sources.attributes.get(value)!)) return true
    return false
  }

  /** The attributes that are sources and have one of the types: of few types those they have, else all are compared. */
  #attributes({ attributes }: Sources, own: TypeSet): Iterable<number> {
    const types = typeof own === 'number' ? [own] : count(own) < own.length ? list(own) : null
    if (types !== null) {
      const found = new Set<number>()
      for (const type of types) {
        for (const value of this.#attributesOf(type)) if (attributes.has(value)) found.add(value)
      }
      return found
    }
    this.#effort.spend(attributes.size * (own as Bits).length)
    return [...attributes.keys()].filter((value) => meet(own, this.#members[value]!))
  }
}
