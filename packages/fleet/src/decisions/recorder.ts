/** Decisions of a host on their way into the spool: counted, chosen by rule, masked, written. */
import type { AuditRecord, TextRecord } from '@lsmkit/core'
import type { Spool } from '../spool/spool.ts'
import { decisionFields } from './decision.ts'
import type { Counted, CountsLine, DecisionLine, DecisionRecord, Verdict } from './decision.ts'
import { parseFilter } from './filter.ts'
import type { DecisionFilter } from './filter.ts'
import { maskedRecord } from './masking.ts'
import type { DecisionOptions, DecisionRule, Mask } from './options.ts'

/** Lines of one count; more are one line. */
const MOST_COUNTED = 100

const kinds: Readonly<Record<Exclude<DecisionRecord['kind'], 'text'>, Verdict>> = {
  denial: 'deny', call: 'deny', host: 'deny', 'would-deny': 'would-deny', allow: 'allow', fault: 'fault',
}

/** Modules say in their details whether they have only noted it: SELinux and AppArmor each in their way. */
const noted = ({ details }: TextRecord): Verdict => {
  const { denied, permissive, type } = details ?? {}
  return (denied === true && permissive === true) || type === 'ALLOWED' ? 'would-deny' : 'note'
}

export const verdictOf = (record: DecisionRecord): Verdict =>
  (record.kind === 'text' ? noted(record) : kinds[record.kind])

/** The bundles of the host now, by digest. */
export interface Bundles {
  readonly enforced: string | null
  readonly permissive: string | null
}

interface Rule extends Omit<DecisionRule, 'when'> {
  readonly isFor: DecisionFilter
}

const ruleOf = ({ when = '', ...rule }: DecisionRule): Rule => ({ ...rule, isFor: parseFilter(when) })

/** The rules for one decision, taken together. */
interface Choice {
  readonly sample: number
  readonly isDropped: boolean
  readonly mask: Mask
}

const NO_RULES: Choice = { sample: 1, isDropped: false, mask: {} }

export interface Recorded {
  readonly source: string
  /** Default: that of the record. */
  readonly verdict?: Verdict
  /** Of the bundle that has decided. */
  readonly bundle: string | null
  readonly texts?: readonly string[]
}

export class DecisionRecorder {
  readonly #host: string
  readonly #boot: string
  readonly #spool: Spool
  readonly #rules: readonly Rule[]
  readonly #maskKey: string
  readonly #sendsAllowed: boolean
  /** Decisions since the last one that was kept, by the rules that match. */
  readonly #since = new Map<string, number>()
  readonly #counts = new Map<string, { readonly of: Omit<Counted, 'count'>, count: number }>()
  #countedFrom = Date.now()

  constructor(host: string, boot: string, spool: Spool, { rules = [], maskKey = '', allows }: DecisionOptions) {
    this.#host = host
    this.#boot = boot
    this.#spool = spool
    this.#rules = rules.map(ruleOf)
    this.#maskKey = maskKey
    this.#sendsAllowed = allows === 'send'
  }

  /** Writes a decision, or counts it. */
  add(record: DecisionRecord, { source, bundle, texts = [], verdict = verdictOf(record) }: Recorded): void {
    if (verdict === 'allow' && !this.#sendsAllowed) {
      this.count({ source, operation: 'hook' in record ? record.hook : '', verdict }, 1)
      return
    }
    const head = { time: record.time, boot: this.#boot, bundle, source, verdict }
    const { sample, isDropped, mask } = this.#choice({ ...head, record })
    if (isDropped) {
      this.count({ source, operation: 'hook' in record ? record.hook : '', verdict }, 1)
      return
    }
    if (sample > 1 && !this.#isSampled(sample, source, verdict)) return
    const kept = maskedRecord(record, texts, mask, this.#maskKey)
    const line: Omit<DecisionLine, 'serial'> = { kind: 'decision', ...head, sample, ...kept }
    this.#spool.push(JSON.stringify(line), verdict === 'allow')
  }

  #choice(decision: Pick<DecisionLine, 'time' | 'boot' | 'bundle' | 'source' | 'verdict' | 'record'>): Choice {
    if (this.#rules.length === 0) return NO_RULES
    const fields = decisionFields({ ...decision, host: this.#host, serial: 0, sample: 1 })
    let choice = NO_RULES
    for (const { isFor, sample = 1, drop = false, mask = {} } of this.#rules) {
      if (!isFor(fields)) continue
      choice = {
        sample: Math.max(choice.sample, sample), isDropped: choice.isDropped || drop, mask: { ...choice.mask, ...mask },
      }
    }
    return choice
  }

  /** The first of so many. */
  #isSampled(sample: number, source: string, verdict: Verdict): boolean {
    const key = `${sample} ${verdict} ${source}`
    const before = this.#since.get(key) ?? 0
    this.#since.set(key, (before + 1) % sample)
    return before === 0
  }

  /** Decisions that are only counted. */
  count(of: Omit<Counted, 'count'>, count: number): void {
    const key = `${of.verdict} ${of.operation} ${of.source}`
    const known = this.#counts.get(key)
    if (known !== undefined) known.count += count
    else if (this.#counts.size < MOST_COUNTED) this.#counts.set(key, { of, count })
    else this.#counts.set('', { of: { ...of, operation: '', source: '' }, count: count + this.#others() })
  }

  #others(): number {
    return this.#counts.get('')?.count ?? 0
  }

  /** Writes the numbers since the last call. */
  writeCounts(bundle: string | null): void {
    const [since, time] = [this.#countedFrom, Date.now()]
    this.#countedFrom = time
    if (this.#counts.size === 0) return
    const counts = [...this.#counts.values()].map(({ of, count }) => ({ ...of, count }))
    this.#counts.clear()
    const line: Omit<CountsLine, 'serial'> = { kind: 'counts', time, boot: this.#boot, bundle, since, counts }
    this.#spool.push(JSON.stringify(line), true)
  }
}

/**
 * Records of a stack as they come. Texts of a module belong to the refusal that the framework records next; texts that
 * no refusal follows are decisions themselves.
 */
export class StackRecords {
  readonly #take: (record: AuditRecord, texts: readonly string[]) => void
  #texts: TextRecord[] = []
  #timer: NodeJS.Immediate | null = null

  constructor(take: (record: AuditRecord, texts: readonly string[]) => void) {
    this.#take = take
  }

  readonly sink = (record: AuditRecord): void => {
    if (record.kind === 'text') {
      if (this.#texts.length > 0 && this.#texts[0]!.lsm !== record.lsm) this.flush()
      this.#texts.push(record)
      this.#timer ??= setImmediate(() => this.flush())
      return
    }
    const isAbout = (record.kind === 'denial' || record.kind === 'would-deny') && this.#texts[0]?.lsm === record.lsm
    const texts = isAbout ? this.#texts.map(({ text }) => text) : []
    if (isAbout) this.#texts = []
    this.flush()
    this.#take(record, texts)
  }

  flush(): void {
    if (this.#timer !== null) clearImmediate(this.#timer)
    this.#timer = null
    const texts = this.#texts
    this.#texts = []
    for (const record of texts) this.#take(record, [])
  }
}
