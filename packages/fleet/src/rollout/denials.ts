/** The refusals of a rollout's bundle, from the log of decisions, alike ones together: they show why it was stopped. */
import { checkOptions, instanceOf, wholeNumber } from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import { decisionFields } from '../decisions/decision.ts'
import type { DecisionFields, FleetDecision } from '../decisions/decision.ts'
import { readDecisions } from '../decisions/read.ts'
import type { Store } from '../store/store.ts'
import type { Rollout } from './state.ts'

/** Refusals that differ in nothing that a policy looks at. */
export interface RolloutDenial {
  /** `would-deny` is of the permissive step. */
  readonly verdict: 'deny' | 'would-deny'
  readonly module: string
  readonly operation: string | null
  /** A path, or a peer with its port. */
  readonly target: string | null
  readonly error: string | null
  /** Why, in words of the module. */
  readonly reason: string | null
  readonly count: number
  /** Hosts that have it: a few are named. */
  readonly hosts: number
  readonly examples: readonly string[]
  /** Milliseconds since 1970, of the last one. */
  readonly last: number
  /** Of the last one: its program, and records of the module as a kernel prints them. */
  readonly program: string | null
  readonly texts: readonly string[]
}

export interface DenialOptions {
  /** Groups, those of most refusals first. Default 20. */
  readonly most?: number
  /** Records of the log that are read. Default 200,000. */
  readonly mostRecords?: number
  readonly signal?: AbortSignal
}

const rules: OptionRules<DenialOptions> = {
  most: wholeNumber(1, 1000), mostRecords: wholeNumber(1), signal: instanceOf(AbortSignal),
}
const MOST_EXAMPLES = 3
const MOST_GROUPS = 10_000
const MOST_TEXT = 1000
/** Hosts have clocks of their own. */
const CLOCK_MS = 3_600_000

class Group {
  readonly #hosts = new Set<string>()
  #count = 0
  #last: FleetDecision

  constructor(first: FleetDecision) {
    this.#last = first
  }

  add(decision: FleetDecision): void {
    this.#count += decision.sample
    this.#hosts.add(decision.host)
    this.#last = decision
  }

  denial(): RolloutDenial {
    const { verdict, module, operation, error, reason, program, time, ...more } = decisionFields(this.#last)
    return {
      verdict: verdict as RolloutDenial['verdict'], module, operation, target: targetOf(more), error,
      reason: reason?.slice(0, MOST_TEXT) ?? null, count: this.#count, hosts: this.#hosts.size,
      examples: [...this.#hosts].slice(0, MOST_EXAMPLES), last: time, program,
      texts: this.#last.texts.slice(0, MOST_EXAMPLES).map((text) => text.slice(0, MOST_TEXT)),
    }
  }
}

const targetOf = ({ path, peer, port }: Pick<DecisionFields, 'path' | 'peer' | 'port'>): string | null =>
  path ?? (peer === null ? null : port === null ? peer : `${peer}:${port}`)

const keyOf = (decision: FleetDecision): string => {
  const { verdict, module, operation, error, reason, ...more } = decisionFields(decision)
  return JSON.stringify([verdict, module, operation, targetOf(more), error, reason])
}

/**
 * Decisions of the rollout's bundle that were refused, or would be, since it began. Empty where hosts send none.
 * Rejects with OptionError, and with FleetError: on NATS it takes the rights of a reader.
 */
export const rolloutDenials = async (
  store: Store, { bundle, notes }: Rollout, options: DenialOptions = {},
): Promise<readonly RolloutDenial[]> => {
  checkOptions(options, rules, 'rolloutDenials')
  const { most = 20, mostRecords = 200_000, signal } = options
  const groups = new Map<string, Group>()
  const since = Math.max(0, (notes[0]?.at ?? 0) - CLOCK_MS)
  let records = 0
  for await (const record of readDecisions(store, { since, ...(signal === undefined ? {} : { signal }) })) {
    if ((records += 1) > mostRecords) break
    if (record.kind !== 'decision' || record.bundle !== bundle) continue
    if (record.verdict !== 'deny' && record.verdict !== 'would-deny') continue
    const key = keyOf(record)
    if (!groups.has(key) && groups.size < MOST_GROUPS) groups.set(key, new Group(record))
    groups.get(key)?.add(record)
  }
  return [...groups.values()].map((group) => group.denial()).sort((a, b) => b.count - a.count).slice(0, most)
}
