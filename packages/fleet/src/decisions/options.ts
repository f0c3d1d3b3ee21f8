/** Options of decisions: `joinFleet({ decisions })`. */
import { aBoolean, aString, listOf, oneOf, OptionError, optionsOf, wholeNumber } from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import { spoolRules } from '../spool/options.ts'
import type { SpoolOptions } from '../spool/options.ts'
import type { Maskable } from './decision.ts'
import { parseFilter } from './filter.ts'

/** `hide` takes a text away. `digest` puts a keyed digest in its place, so that equal texts stay equal. */
export type MaskWay = 'hide' | 'digest'

/** A rule for decisions before they are written. All rules that match hold. */
export interface DecisionRule {
  /** A filter, as `parseFilter` reads it. Default: all decisions. */
  readonly when?: string
  /** Keeps one of so many. Of several rules the largest number holds. */
  readonly sample?: number
  /** Keeps none. They are counted. */
  readonly drop?: boolean
  readonly mask?: Mask
}

export type Mask = { readonly [Name in Maskable]?: MaskWay }

export interface DecisionOptions {
  readonly spool?: SpoolOptions
  readonly rules?: readonly DecisionRule[]
  /** The key of digests: the same on all hosts whose masked texts are to be compared. */
  readonly maskKey?: string
  /** Allowed decisions: `count` sends their numbers, `send` each one that the stack records. Default `count`. */
  readonly allows?: 'count' | 'send'
  /** Milliseconds between two lines with numbers. Default 10,000. */
  readonly interval?: number
}

const aWay = oneOf('hide', 'digest')
const maskRules: OptionRules<Mask> = {
  path: aWay, arguments: aWay, reason: aWay, program: aWay, label: aWay, peer: aWay,
}
const ruleRules: OptionRules<DecisionRule> = {
  when: aString, sample: wholeNumber(1), drop: aBoolean, mask: optionsOf(maskRules),
}
export const decisionRules: OptionRules<DecisionOptions> = {
  spool: optionsOf(spoolRules), rules: listOf(optionsOf(ruleRules)), maskKey: aString,
  allows: oneOf('count', 'send'), interval: wholeNumber(10, 86_400_000),
}

/** Throws OptionError, and FleetError for a filter. */
export const checkDecisions = ({ rules = [], maskKey }: DecisionOptions): void => {
  rules.forEach(({ when = '', mask = {} }, i) => {
    parseFilter(when)
    if (maskKey === undefined && Object.values(mask).includes('digest')) {
      throw new OptionError('bad-option', 'a digest needs a key, or it can be guessed', {
        place: `joinFleet: decisions: rules[${i}]`, hint: '`maskKey`',
      })
    }
  })
}
