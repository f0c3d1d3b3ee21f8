/**
 * Constraints as jumps: a leaf compares and says where to go on if it holds and if it does not, so that nothing is
 * evaluated whose value does not matter, and nothing is stacked. `constraint-reference.ts` is the plain evaluator.
 */
import {
  CEXPR_AND, CEXPR_ATTR, CEXPR_DOM, CEXPR_DOMBY, CEXPR_EQ, CEXPR_H1H2, CEXPR_H1L2, CEXPR_L1H1, CEXPR_L1H2, CEXPR_L1L2,
  CEXPR_L2H2, CEXPR_NAMES, CEXPR_NEQ, CEXPR_NOT, CEXPR_OR, CEXPR_ROLE, CEXPR_TARGET, CEXPR_USER,
  CEXPR_XTARGET,
} from '../policydb/constants.ts'
import type { Ebitmap } from '../policydb/ebitmap.ts'
import { PolicyError } from '../policydb/errors.ts'
import type { ConstraintNode } from '../policydb/policydb.ts'
import type { SecurityContext } from './context.ts'
import { dominates } from './levels.ts'
import type { MlsLevel } from './levels.ts'

/** An instruction: what is compared, its argument, and where to go on. */
const WORDS = 4
const TRUE = -1
const FALSE = -2

const USER = 0
const ROLE = 1
const TYPE = 2
/** Names: plus 0 to 2 for what of the source, 3 to 5 of the target, 6 to 8 of the third context. */
const IN = 3
const ROLE_DOM = 12
const ROLE_DOMBY = 13
const LEVEL = 16
/** Levels: by pair, then by comparison. */
const pairs = [CEXPR_L1L2, CEXPR_L1H2, CEXPR_H1L2, CEXPR_H1H2, CEXPR_L1H1, CEXPR_L2H2]
const EQ = 0
const DOM = 1
const DOMBY = 2
const INCOMP = 3
/** By operator; "not equal" is "equal" with the jumps swapped. */
const comparisons = new Map([[CEXPR_EQ, EQ], [CEXPR_NEQ, EQ], [CEXPR_DOM, DOM], [CEXPR_DOMBY, DOMBY]])

/** Words of all sets together: more than any policy has, and less than what could hurt. */
const SET_WORDS = 4 * 1024 * 1024

/** Sets of one hash that are told apart; whoever makes more of them has them stored twice. */
const ALIKE = 8

const fieldOf = (attribute: number): number => (attribute & CEXPR_USER ? USER : attribute & CEXPR_ROLE ? ROLE : TYPE)

const compareLevels = (comparison: number, a: MlsLevel, b: MlsLevel): boolean => {
  switch (comparison) {
    case EQ:
      return a === b
    case DOM:
      return dominates(a, b)
    case DOMBY:
      return dominates(b, a)
    default:
      return !dominates(a, b) && !dominates(b, a)
  }
}

/** All constraints of a policy. An expression is known by where it begins. */
export class ConstraintProgram {
  #code = new Int32Array(64 * WORDS)
  #length = 0
  #sets = new Uint32Array(1024)
  #setWords = 0
  /** By a hash of their nodes. */
  readonly #knownSets = new Map<number, readonly { readonly set: Ebitmap; readonly at: number }[]>()
  readonly #knownExpressions = new Map<string, number>()
  /** By role value: the roles it dominates. */
  readonly #dominatesOf: readonly (Ebitmap | undefined)[]

  constructor(dominatesOf: readonly (Ebitmap | undefined)[]) {
    this.#dominatesOf = dominatesOf
  }

  /** Compiles a postfix expression; answers where it begins. */
  add(expression: readonly ConstraintNode[]): number {
    const leaves = expression.map((node) => (node.kind === CEXPR_NAMES ? this.#addSet(node.names!) : 0))
    const key = expression.map(
      ({ kind, attribute, operator }, i) => `${kind} ${attribute} ${operator} ${leaves[i]}`,
    ).join()
    let entry = this.#knownExpressions.get(key)
    if (entry === undefined) {
      entry = this.#compile(expression, leaves)
      this.#knownExpressions.set(key, entry)
    }
    return entry
  }

  /**
   * From the root, which stands last, down: what is to the right of an operator is emitted before what is to its
   * left.
   */
  #compile(expression: readonly ConstraintNode[], leaves: readonly number[]): number {
    /** Where the terms still to come go on; null stands for the beginning of the term emitted last. */
    const pending: [whenTrue: number | null, whenFalse: number | null][] = [[TRUE, FALSE]]
    let last = 0
    for (let i = expression.length - 1; i >= 0; i--) {
      const node = expression[i]!
      const [t, f] = pending.pop()!
      const whenTrue = t ?? last
      const whenFalse = f ?? last
      if (node.kind === CEXPR_NOT) pending.push([whenFalse, whenTrue])
      else if (node.kind === CEXPR_AND) pending.push([null, whenFalse], [whenTrue, whenFalse])
      else if (node.kind === CEXPR_OR) pending.push([whenTrue, null], [whenTrue, whenFalse])
      else last = this.#emit(node, leaves[i]!, whenTrue, whenFalse)
    }
    return last
  }

  #emit(
    { kind, attribute, operator }: ConstraintNode, set: number, whenTrue: number, whenFalse: number,
  ): number {
    const negated = operator === CEXPR_NEQ
    const comparison = comparisons.get(operator) ?? INCOMP
    if (kind === CEXPR_NAMES) {
      const who = attribute & CEXPR_XTARGET ? 6 : attribute & CEXPR_TARGET ? 3 : 0
      return this.#push(IN + who + fieldOf(attribute), set, negated, whenTrue, whenFalse)
    }
    if (kind !== CEXPR_ATTR) throw new PolicyError('bad-expression', `a constraint has a node of kind ${kind}`)
    const pair = pairs.indexOf(attribute)
    if (pair >= 0) return this.#push(LEVEL + 4 * pair + comparison, 0, negated, whenTrue, whenFalse)
    if (attribute !== CEXPR_ROLE || comparison === EQ) {
      return this.#push(fieldOf(attribute), 0, negated, whenTrue, whenFalse)
    }
    if (comparison !== INCOMP) {
      return this.#push(comparison === DOM ? ROLE_DOM : ROLE_DOMBY, 0, false, whenTrue, whenFalse)
    }
    const second = this.#push(ROLE_DOMBY, 0, true, whenTrue, whenFalse)
    return this.#push(ROLE_DOM, 0, true, second, whenFalse)
  }

  #push(op: number, arg: number, negated: boolean, whenTrue: number, whenFalse: number): number {
    if (this.#length + WORDS > this.#code.length) {
      const wider = new Int32Array(2 * this.#code.length)
      wider.set(this.#code)
      this.#code = wider
    }
    const at = this.#length
    this.#code[at] = op
    this.#code[at + 1] = arg
    this.#code[at + 2] = negated ? whenFalse : whenTrue
    this.#code[at + 3] = negated ? whenTrue : whenFalse
    this.#length += WORDS
    return at
  }

  /** A set as its length in words, then the words; answers where it begins. */
  #addSet(names: Ebitmap): number {
    let hash = 0
    names.forEachNode((start, low, high) => {
      hash = Math.imul(hash ^ start ^ low ^ Math.imul(high, 0x85ebca6b), 0x9e3779b1)
    })
    const alike = this.#knownSets.get(hash) ?? []
    const known = alike.find(({ set }) => set.equals(names))
    if (known !== undefined) return known.at
    const at = this.#setWords
    const words = ((names.max + 32) >>> 5) + 1
    const needed = at + 1 + words
    if (needed > SET_WORDS) throw new PolicyError('bad-count', 'constraints name too many sets')
    if (needed > this.#sets.length) {
      const wider = new Uint32Array(Math.max(2 * this.#sets.length, needed))
      wider.set(this.#sets)
      this.#sets = wider
    }
    this.#sets[at] = words
    names.copyInto(this.#sets.subarray(at + 1, needed))
    this.#setWords = needed
    if (alike.length < ALIKE) this.#knownSets.set(hash, [...alike, { set: names, at }])
    return at
  }

  /** The value at `entry` of the expression for these contexts; `third` is asked by validatetrans alone. */
  holds(entry: number, source: SecurityContext, target: SecurityContext, third: SecurityContext | null): boolean {
    const code = this.#code
    let at = entry
    while (at >= 0) {
      at = code[at + (this.#compare(code[at]!, code[at + 1]!, source, target, third) ? 2 : 3)]!
    }
    return at === TRUE
  }

  #includes(set: number, value: number): boolean {
    const word = (value - 1) >>> 5
    return word < this.#sets[set]! && (this.#sets[set + 1 + word]! & (1 << ((value - 1) & 31))) !== 0
  }

  #compare(
    op: number, arg: number, source: SecurityContext, target: SecurityContext, third: SecurityContext | null,
  ): boolean {
    switch (op) {
      case USER:
        return source.user === target.user
      case ROLE:
        return source.role === target.role
      case TYPE:
        return source.type === target.type
      case IN + USER:
        return this.#includes(arg, source.user)
      case IN + ROLE:
        return this.#includes(arg, source.role)
      case IN + TYPE:
        return this.#includes(arg, source.type)
      case IN + 3 + USER:
        return this.#includes(arg, target.user)
      case IN + 3 + ROLE:
        return this.#includes(arg, target.role)
      case IN + 3 + TYPE:
        return this.#includes(arg, target.type)
      case IN + 6 + USER:
        return third !== null && this.#includes(arg, third.user)
      case IN + 6 + ROLE:
        return third !== null && this.#includes(arg, third.role)
      case IN + 6 + TYPE:
        return third !== null && this.#includes(arg, third.type)
      case ROLE_DOM:
        return this.#dominatesOf[source.role]?.has(target.role - 1) ?? false
      case ROLE_DOMBY:
        return this.#dominatesOf[target.role]?.has(source.role - 1) ?? false
      default:
        return this.#compareLevelsOf(op - LEVEL, source, target)
    }
  }

  #compareLevelsOf(op: number, source: SecurityContext, target: SecurityContext): boolean {
    const comparison = op & 3
    switch (pairs[op >> 2]) {
      case CEXPR_L1L2:
        return compareLevels(comparison, source.low, target.low)
      case CEXPR_L1H2:
        return compareLevels(comparison, source.low, target.high)
      case CEXPR_H1L2:
        return compareLevels(comparison, source.high, target.low)
      case CEXPR_H1H2:
        return compareLevels(comparison, source.high, target.high)
      case CEXPR_L1H1:
        return compareLevels(comparison, source.low, source.high)
      default:
        return compareLevels(comparison, target.low, target.high)
    }
  }
}
