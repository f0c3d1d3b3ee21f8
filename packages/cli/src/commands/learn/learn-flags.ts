/** Options of `lsm learn`. */
import type { ReportFlags } from '../../reporter-choice.ts'
import type { HeaderFlags } from '../selinux/source-inputs.ts'
import type { LearnChoice } from './learner.ts'

export interface LearnFlags extends ReportFlags, HeaderFlags, LearnChoice {
  readonly for?: readonly string[]
  readonly domain?: string
  readonly program?: string
  readonly from?: string
  /** A folder for the files of a domain. */
  readonly output?: string
  /** Of Landlock: the ruleset in JSON. */
  readonly ruleset?: boolean
  /** A store, and since when its decisions are taken. */
  readonly fromFleet?: string
  readonly since?: string
  readonly credentials?: string
}
