/**
 * Rules in an open-addressed table of 32-bit words: a decision is one look-up, whatever the number of rules.
 *
 * A cell is two words: the object, and the subject with the modes in its low byte; a subject is never 0, so neither is
 * the second word of a cell in use. Rules are changed and never removed, as in the kernel, so a search ends at the
 * first free cell. The order that the kernel's lists keep is in arrays by age.
 */
import { ENOMEM } from '@lsmkit/abi'
import type { Label } from './label.ts'
import type { Rules, RuleVisitor } from './rules.ts'

const FIRST_CELLS = 16
const NONE = -1

/** `rwxa` are the low four bits already; `t`, `l` and `b` move down behind them. */
const pack = (modes: number): number => (modes & 0xf) | ((modes >> 8) & 0x70)
const unpack = (byte: number): number => (byte & 0xf) | ((byte & 0x70) << 8)

/** Rules by subject and object, in one look-up. */
export class RuleTable implements Rules {
  /** Rules set so far, those without any mode included. */
  size = 0
  changes = 0
  readonly #limit: number
  #cells = new Int32Array(2 * FIRST_CELLS)
  /** Cells less one, and how far a hash of 32 bits is shifted to be one of them. */
  #mask = FIRST_CELLS - 1
  #shift = Math.clz32(FIRST_CELLS - 1)
  /** By age: subject, object, and the next older rule of the same subject. */
  #subjects = new Int32Array(FIRST_CELLS)
  #objects = new Int32Array(FIRST_CELLS)
  #older = new Int32Array(FIRST_CELLS)
  /** By subject: its newest rule, counted from 1. */
  #newest = new Int32Array(FIRST_CELLS)

  /** `limit` bounds `size`. */
  constructor(limit: number) {
    this.#limit = limit
  }

  get(subject: Label, object: Label): number {
    const cells = this.#cells
    const mask = this.#mask
    let at = hash(subject, object) >>> this.#shift
    for (;;) {
      const word = cells[2 * at + 1]!
      if (word === 0) return NONE
      if (cells[2 * at] === object && word >>> 8 === subject) return unpack(word & 0xff)
      at = (at + 1) & mask
    }
  }

  /** 0, or -ENOMEM at the limit. */
  change(subject: Label, object: Label, allow: number, deny: number): number {
    let at = this.#cellOf(subject, object)
    const word = this.#cells[at + 1]!
    this.changes++
    if (word === 0) {
      if (this.size >= this.#limit) return -ENOMEM
      if (2 * this.size > this.#mask) {
        this.#grow()
        at = this.#cellOf(subject, object)
      }
      this.#add(subject, object)
    }
    const modes = pack((unpack(word & 0xff) | allow) & ~deny)
    this.#cells[at] = object
    this.#cells[at + 1] = (subject << 8) | modes
    return 0
  }

  renew(): void {
    this.changes++
  }

  revoke(subject: Label): void {
    this.changes++
    this.eachOf(subject, (_subject, object) => {
      this.#cells[this.#cellOf(subject, object) + 1] = subject << 8
    })
  }

  eachOf(subject: Label, visit: RuleVisitor): void {
    let rule = subject < this.#newest.length ? this.#newest[subject]! : 0
    while (rule > 0) {
      const object = this.#objects[rule - 1]!
      if (visit(subject, object, this.get(subject, object)) === false) return
      rule = this.#older[rule - 1]!
    }
  }

  each(visit: RuleVisitor): void {
    for (let rule = this.size - 1; rule >= 0; rule--) {
      const subject = this.#subjects[rule]!
      const object = this.#objects[rule]!
      if (visit(subject, object, this.get(subject, object)) === false) return
    }
  }

  copy(): RuleTable {
    const copy = new RuleTable(this.#limit)
    this.each((subject, object, modes) => void copy.change(subject, object, modes, 0))
    return copy
  }

  /** Bytes of all arrays. */
  get bytes(): number {
    return [this.#cells, this.#subjects, this.#objects, this.#older, this.#newest].reduce((sum, a) => sum + a.byteLength, 0)
  }

  /** Index of the first word of the rule's cell, or of the free one where it would be. */
  #cellOf(subject: Label, object: Label): number {
    const cells = this.#cells
    const mask = this.#mask
    let at = hash(subject, object) >>> this.#shift
    for (;;) {
      const word = cells[2 * at + 1]!
      if (word === 0 || (cells[2 * at] === object && word >>> 8 === subject)) return 2 * at
      at = (at + 1) & mask
    }
  }

  /** Gives the rule its place among the rules by age. */
  #add(subject: Label, object: Label): void {
    const rule = this.size
    if (rule === this.#objects.length) {
      this.#subjects = grown(this.#subjects, rule + 1)
      this.#objects = grown(this.#objects, rule + 1)
      this.#older = grown(this.#older, rule + 1)
    }
    if (subject >= this.#newest.length) this.#newest = grown(this.#newest, subject + 1)
    this.#subjects[rule] = subject
    this.#objects[rule] = object
    this.#older[rule] = this.#newest[subject]!
    this.#newest[subject] = rule + 1
    this.size = rule + 1
  }

  /** Doubles the cells: at most half of them are in use. */
  #grow(): void {
    const cells = this.#cells
    this.#cells = new Int32Array(2 * cells.length)
    this.#mask = 2 * this.#mask + 1
    this.#shift--
    for (let at = 0; at < cells.length; at += 2) {
      const word = cells[at + 1]!
      if (word === 0) continue
      const to = this.#cellOf(word >>> 8, cells[at]!)
      this.#cells[to] = cells[at]!
      this.#cells[to + 1] = word
    }
  }
}

/** Two odd multipliers spread numbers that count up from 10 over 32 bits; the high ones are the good ones. */
const hash = (subject: Label, object: Label): number => Math.imul(subject, 0x9e3779b1) ^ Math.imul(object, 0x85ebca77)

const grown = (array: Int32Array<ArrayBuffer>, needed: number): Int32Array<ArrayBuffer> => {
  const larger = new Int32Array(Math.max(needed, 2 * array.length))
  larger.set(array)
  return larger
}
