/**
 * Takes records as an audit sink does, in the middle of a hook, and hands them on later, in batches. Records that do
 * not fit are dropped and counted: a flood of refusals costs a bounded amount of memory.
 */
import { errnoName } from '@lsmkit/abi'
import { aBoolean, checkOptions, objectWith, wholeNumber } from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import * as api from '@opentelemetry/api'
import type { Context, Counter, LogRecord, MeterProvider, Tracer, TracerProvider } from '@opentelemetry/api'
import { logOf } from './log-record.ts'
import { traceDecision } from './span.ts'
import { operationOf, decisionOf, moduleOf, rcOf } from './telemetry-record.ts'
import type { TelemetryRecord } from './telemetry-record.ts'

const NAME = '@lsmkit/otel'

/**
 * The part of a LoggerProvider that is used: that of `@opentelemetry/api`, or of the older `@opentelemetry/api-logs`.
 */
export interface LogProvider {
  getLogger(name: string): { emit(record: LogRecord): void }
}

export interface TelemetryOptions {
  /** Default: the one registered globally. */
  readonly loggerProvider?: LogProvider
  readonly meterProvider?: MeterProvider
  readonly tracerProvider?: TracerProvider
  /** Each record is a span too, in the trace of the caller. False unless a `tracerProvider` is given. */
  readonly spans?: boolean
  /** Records that wait at most; more are dropped. 2,048 unless given. */
  readonly capacity?: number
  /** Records handed on at a time. 512 unless given. */
  readonly batch?: number
  /** Milliseconds that a record waits at most for others. 1,000 unless given. */
  readonly delay?: number
}

export interface TelemetryStats {
  /** Records taken, those handed on, and those lost for want of room or because the logger threw. */
  readonly taken: number
  readonly emitted: number
  readonly dropped: number
}

const rules: OptionRules<TelemetryOptions> = {
  loggerProvider: objectWith('getLogger', 'a LoggerProvider'),
  meterProvider: objectWith('getMeter', 'a MeterProvider'),
  tracerProvider: objectWith('getTracer', 'a TracerProvider'),
  spans: aBoolean,
  capacity: wholeNumber(1),
  batch: wholeNumber(1),
  delay: wholeNumber(0),
}

/** The API has logs since 1.10; with an older one they go nowhere unless a provider is given. */
const globalLogs = (): LogProvider =>
  (api as { readonly logs?: unknown }).logs as LogProvider | undefined ?? { getLogger: () => ({ emit: () => {} }) }

/** A record with the context of the call. */
interface Waiting {
  readonly record: TelemetryRecord
  readonly context: Context
}

/** A timer that keeps no process alive, where the host has such. */
const later = (run: () => void, ms: number): ReturnType<typeof setTimeout> => {
  const timer = setTimeout(run, ms)
  ;(timer as { unref?: () => void }).unref?.()
  return timer
}

/** What a counter tells apart; few values each. */
const countedAs = (told: TelemetryRecord): Record<string, string> => {
  const rc = rcOf(told)
  const [module, asked] = [moduleOf(told), operationOf(told)]
  return {
    'lsmkit.decision': decisionOf(told),
    ...(module === null ? {} : { 'lsmkit.module': module }),
    ...(asked === null ? {} : { [told.kind === 'call' ? 'lsmkit.call' : 'lsmkit.hook']: asked }),
    ...(rc !== null && rc < 0 ? { 'error.type': errnoName(rc) } : {}),
  }
}

export class Telemetry {
  readonly #logger: ReturnType<LogProvider['getLogger']>
  readonly #tracer: Tracer | null
  readonly #decisions: Counter
  readonly #drops: Counter
  readonly #capacity: number
  readonly #batch: number
  readonly #delay: number
  #waiting: Waiting[] = []
  #timer: ReturnType<typeof setTimeout> | null = null
  #isSoon = false
  #full = 0
  #stats = { taken: 0, emitted: 0, dropped: 0 }

  /** Throws OptionError. */
  constructor(options: TelemetryOptions = {}) {
    checkOptions(options, rules, 'Telemetry')
    const { loggerProvider = globalLogs(), meterProvider = api.metrics, tracerProvider = api.trace } = options
    const { spans = options.tracerProvider !== undefined } = options
    const { capacity = 2048, batch = 512, delay = 1000 } = options
    this.#logger = loggerProvider.getLogger(NAME)
    this.#tracer = spans ? tracerProvider.getTracer(NAME) : null
    const meter = meterProvider.getMeter(NAME)
    this.#decisions = meter.createCounter('lsmkit.decisions', {
      description: 'Decisions that were recorded', unit: '{decision}',
    })
    this.#drops = meter.createCounter('lsmkit.audit.dropped', {
      description: 'Records that were lost', unit: '{record}',
    })
    this.#capacity = capacity
    this.#batch = batch
    this.#delay = delay
  }

  /** For `createStack({ audit: { sinks: [telemetry.sink] } })`. Only keeps the record. */
  readonly sink = (told: TelemetryRecord): void => {
    this.#stats.taken++
    if (this.#waiting.length >= this.#capacity) {
      this.#full++
      this.#stats.dropped++
      return
    }
    this.#waiting.push({ record: told, context: api.context.active() })
    this.#schedule()
  }

  get stats(): TelemetryStats {
    return { ...this.#stats }
  }

  /** Hands on all that waits. Whether it has left the process, your SDK's `forceFlush` says. */
  flush(): void {
    while (this.#waiting.length > 0) this.#handOn()
    this.#tellDrops()
  }

  #schedule(): void {
    const isSoon = this.#waiting.length >= this.#batch
    if (this.#timer !== null && (this.#isSoon || !isSoon)) return
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#isSoon = isSoon
    this.#timer = later(() => {
      this.#timer = null
      this.#handOn()
      this.#tellDrops()
      if (this.#waiting.length > 0) this.#schedule()
    }, isSoon ? 0 : this.#delay)
  }

  #handOn(): void {
    const batch = this.#waiting.splice(0, this.#batch)
    const counts = new Map<string, { readonly as: Record<string, string>; count: number }>()
    let failed = 0
    for (const { record: told, context } of batch) {
      const as = countedAs(told)
      const key = Object.values(as).join('\0')
      const counted = counts.get(key)
      if (counted === undefined) counts.set(key, { as, count: 1 })
      else counted.count++
      try {
        this.#logger.emit({ ...logOf(told), context })
        if (this.#tracer !== null) traceDecision(this.#tracer, told, context)
        this.#stats.emitted++
      } catch {
        failed++
      }
    }
    for (const { as, count } of counts.values()) this.#decisions.add(count, as)
    if (failed === 0) return
    this.#stats.dropped += failed
    this.#drops.add(failed, { 'lsmkit.drop.reason': 'logger-threw' })
  }

  #tellDrops(): void {
    if (this.#full === 0) return
    this.#drops.add(this.#full, { 'lsmkit.drop.reason': 'no-room' })
    this.#full = 0
  }
}
