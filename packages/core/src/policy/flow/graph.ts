/** Flows of information in a policy of any module: nodes are its labels, edges single steps. */
import { aString, listOf, orNull, wholeNumber } from '../../option-rules.ts'
import type { OptionRules } from '../../option-rules.ts'
import type { Bits } from './bits.ts'

export interface FlowGraph {
  /** Nodes are numbers below it; not every number need be one. */
  readonly size: number
  /** The nodes one step behind `node`, never itself. The caller may not change the set. */
  out(node: number): Bits
  /** The nodes one step in front of it. */
  into(node: number): Bits
}

/** From where to where. */
export interface FlowEnds {
  readonly from: Iterable<number>
  readonly to: Iterable<number>
  /** Nodes that count as not there. */
  readonly without?: Iterable<number>
}

/** Further limits of a question; names are those of the policy. */
export interface FlowLimits {
  /** Labels that nothing flows through, besides those that are left out anyway. */
  readonly exclude?: readonly string[]
  /** Steps of less weight count as none. */
  readonly minWeight?: number | null
  /** The most steps. */
  readonly steps?: number | null
}

/** Rules of the options that all questions about flows take. */
export const flowLimitRules: OptionRules<FlowLimits> = {
  exclude: listOf(aString),
  minWeight: orNull(wholeNumber(1, 10)),
  steps: orNull(wholeNumber(1)),
}
