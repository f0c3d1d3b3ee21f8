/** Access vector and type rules, a column a field: what a policy has most of. */
import { AVTAB_XPERMS } from './constants.ts'

const FIRST = 16

const NO_NUMBERS = new Uint16Array()
const NO_DATA = new Uint32Array()

const grown = <T extends Uint8Array | Uint16Array | Uint32Array>(column: T, length: number): T => {
  const wider = new (column.constructor as new (length: number) => T)(length)
  wider.set(column)
  return wider
}

/** Extended permissions of one rule: 256 bits, bit n in word n >>> 5. */
export interface Xperms {
  /** AVTAB_XPERMS_IOCTLFUNCTION, AVTAB_XPERMS_IOCTLDRIVER or AVTAB_XPERMS_NLMSG. */
  readonly kind: number
  readonly driver: number
  readonly bits: Uint32Array
}

/**
 * Rules in file order. The columns are longer than `length`. `datum` is a permission mask, a type value, or for an
 * extended-permission rule its place in `xperms`.
 */
export class Avtab {
  length = 0
  source: Uint16Array
  target: Uint16Array
  tclass: Uint16Array
  /** One AVTAB_ bit; AVTAB_ENABLED may be set besides and means nothing. */
  specified: Uint16Array
  datum: Uint32Array
  readonly xperms: Xperms[] = []

  constructor(capacity = FIRST) {
    if (capacity === 0) {
      // Conditionals have many without rules.
      this.source = this.target = this.tclass = this.specified = NO_NUMBERS
      this.datum = NO_DATA
      return
    }
    this.source = new Uint16Array(capacity)
    this.target = new Uint16Array(capacity)
    this.tclass = new Uint16Array(capacity)
    this.specified = new Uint16Array(capacity)
    this.datum = new Uint32Array(capacity)
  }

  /** A rule with a mask or a type value. */
  add(source: number, target: number, tclass: number, specified: number, datum: number): void {
    if (this.length === this.source.length) this.#grow()
    const i = this.length++
    this.source[i] = source
    this.target[i] = target
    this.tclass[i] = tclass
    this.specified[i] = specified
    this.datum[i] = datum
  }

  addXperms(source: number, target: number, tclass: number, specified: number, xperms: Xperms): void {
    this.add(source, target, tclass, specified, this.xperms.length)
    this.xperms.push(xperms)
  }

  /** The extended permissions of rule `i`, null of another kind of rule. */
  xpermsOf(i: number): Xperms | null {
    return (this.specified[i]! & AVTAB_XPERMS) === 0 ? null : this.xperms[this.datum[i]!]!
  }

  #grow(): void {
    const length = Math.max(FIRST, 2 * this.length)
    this.source = grown(this.source, length)
    this.target = grown(this.target, length)
    this.tclass = grown(this.tclass, length)
    this.specified = grown(this.specified, length)
    this.datum = grown(this.datum, length)
  }
}
