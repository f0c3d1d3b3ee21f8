/**
 * The limit on the effort of compiling a policy. A few lines can ask for every pair of thousands of types, or for
 * thousands of sets of all of them: such a policy ends in a typed error, not in an hour or a full heap. Debian's whole
 * policy takes a fifteenth of it.
 */
import { CilError } from './errors.ts'
import type { Tree } from './parse.ts'

/** Steps of work: a pair of types of a rule, a word of a set, a rule looked at for another. */
const MOST_STEPS = 2 ** 27
/** Words of 32 bits that are kept in sets. */
const MOST_WORDS = 2 ** 26
/** Rules of the binary policy. */
const MOST_RULES = 2 ** 21
/** Steps that a rule takes until it has its place in the policy. */
const RULE = 8

export class Effort {
  /** Of work that may grow faster than the text; the rest is linear. */
  steps = 0
  /** The statement that is worked on, -1 of none in particular. */
  node = -1
  #words = 0
  #rules = 0
  readonly #tree: Tree

  constructor(tree: Tree) {
    this.#tree = tree
  }

  spend(steps: number): void {
    this.steps += steps
    if (this.steps > MOST_STEPS) this.#refuse(`compiling takes more than ${MOST_STEPS} steps`)
  }

  /** A set of so many bits that stays until the policy is done. */
  keep(bits: number): void {
    this.#words += (bits + 31) >>> 5
    if (this.#words > MOST_WORDS) this.#refuse(`sets come to more than ${MOST_WORDS * 4} bytes`)
    this.spend((bits + 31) >>> 5)
  }

  /** So many pairs of types (and classes) that a rule is written for: some are new, others are there already. */
  visit(pairs: number): void {
    this.spend(pairs * RULE)
  }

  /** A rule of the policy that was not there before; `weight`: of those that take more room than an access rule. */
  write(weight = 1): void {
    this.#rules += weight
    if (this.#rules > MOST_RULES) this.#refuse(`the policy comes to more than ${MOST_RULES} rules`)
  }

  #refuse(message: string): never {
    throw new CilError('too-many', message, this.node < 0 ? null : this.#tree.place(this.node),
      { hint: 'fewer rules on large sets written out, or the policy in parts' })
  }
}
