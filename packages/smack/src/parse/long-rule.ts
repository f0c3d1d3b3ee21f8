/**
 * The format of load2, load-self2, access2 and change-rule: fields with white space between them
 * (smk_parse_long_rule).
 */
import { EINVAL } from '@lsmkit/abi'
import type { LabelTable } from '../label-table.ts'
import { isSpace, skipSpaces } from './bytes.ts'
import { fillRule } from './rule.ts'
import type { ParsedRule, ResolveLabel, RulePlaces } from './rule.ts'

/** Fields of a rule that sets modes, and of one that changes them. */
export const SET_FIELDS = 3
export const CHANGE_FIELDS = 4

/** Reads rules one after another; one object for a whole write, as there may be many in it. */
export class LongRuleReader implements RulePlaces {
  subject = 0
  object = 0
  allow = 0
  deny = -1
  /** Where the next rule starts. */
  at = 0
  readonly #data: string

  constructor(data: string) {
    this.#data = data
  }

  /** The next rule, or -errno: -EINVAL when fields are missing. Takes white space along; a NUL ends the data. */
  next(labels: LabelTable, fields: number, resolve: ResolveLabel): ParsedRule | number {
    this.subject = this.#field()
    this.object = this.#field()
    this.allow = this.#field()
    this.deny = fields === CHANGE_FIELDS ? this.#field() : -1
    const last = fields === CHANGE_FIELDS ? this.deny : this.allow
    if (!isInField(this.#data.charCodeAt(last))) return -EINVAL
    this.at = skipSpaces(this.#data, this.at)
    return fillRule(labels, this.#data, this, resolve, 0)
  }

  /** Where the next field starts, which is where the data ends when there is none; goes behind it. */
  #field(): number {
    const data = this.#data
    const start = skipSpaces(data, this.at)
    let end = start
    while (isInField(data.charCodeAt(end))) end++
    this.at = end
    return start
  }
}

/** Neither white space nor the end: a NUL, or NaN behind the last byte. */
const isInField = (byte: number): boolean => byte > 0 && !isSpace(byte)
