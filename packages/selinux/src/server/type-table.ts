/** Types and attributes in one numbering, attributes first, and the attributes of each type as one flat list. */
import { TYPE_ATTRIBUTE } from '../policydb/constants.ts'
import type { Policydb } from '../policydb/policydb.ts'

export class TypeTable {
  /** By value, from 1: places of attributes are below `attributes`, those of types above. */
  readonly place: Uint16Array
  /** How many attributes there are. */
  readonly attributes: number
  /** Of the type of value v from `start[v]` to `start[v + 1]`: places of its attributes and, last, its own. */
  readonly list: Uint16Array
  readonly start: Uint32Array

  constructor({ types, typeAttributes }: Policydb) {
    const count = types.nprim
    const isAttribute = new Uint8Array(count + 1)
    for (const { value, properties } of types.items) if (properties & TYPE_ATTRIBUTE) isAttribute[value] = 1
    let total = count
    // Files before version 24 have no records of attributes; what a type has besides itself is one.
    let own = 0
    const mark = (bit: number): void => {
      if (bit !== own) isAttribute[bit + 1] = 1
    }
    for (own = 0; own < count; own++) {
      total += typeAttributes[own]!.size
      typeAttributes[own]!.forEach(mark)
    }
    this.place = new Uint16Array(count + 1)
    let next = 0
    for (const wanted of [1, 0]) {
      for (let value = 1; value <= count; value++) if (isAttribute[value] === wanted) this.place[value] = next++
      if (wanted === 1) this.attributes = next
    }
    this.attributes ??= 0
    this.list = new Uint16Array(total)
    this.start = new Uint32Array(count + 2)
    let at = 0
    const enter = (bit: number): void => {
      if (bit !== own) this.list[at++] = this.place[bit + 1]!
    }
    for (own = 0; own < count; own++) {
      this.start[own + 1] = at
      typeAttributes[own]!.forEach(enter)
      this.list[at++] = this.place[own + 1]!
    }
    this.start[count + 1] = at
  }
}
