/** Reads the decisions of a fleet from the store: each once, with the gaps between them. */
import { checkOptions, aBoolean, aString, instanceOf, wholeNumber } from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import { reasonOf } from '../fleet-error.ts'
import type { LogRecord, Store } from '../store/store.ts'
import type { FleetRecord, Line } from './decision.ts'
import { parseMessage } from './message.ts'
import { SeenSerials } from './seen-serials.ts'

export interface ReadDecisionsOptions {
  /** Milliseconds since 1970: only what was decided and stored then or later. Clocks of hosts may be wrong. */
  readonly since?: number
  /** Only of this host. */
  readonly host?: string
  /** Goes on with what comes, until the signal. Default `false`: ends with what is there. */
  readonly live?: boolean
  readonly signal?: AbortSignal
}

const rules: OptionRules<ReadDecisionsOptions> = {
  since: wholeNumber(0, 8.64e15), host: aString, live: aBoolean, signal: instanceOf(AbortSignal),
}
/** Hosts whose serials are remembered. */
const MOST_HOSTS = 200_000

class Reading {
  readonly #hosts = new Map<string, SeenSerials>()
  readonly #since: number

  constructor(since: number) {
    this.#since = since
  }

  #serialsOf(host: string): SeenSerials {
    const known = this.#hosts.get(host)
    if (known !== undefined) return known
    const serials = new SeenSerials()
    if (this.#hosts.size < MOST_HOSTS) this.#hosts.set(host, serials)
    return serials
  }

  *records({ key: host, value, sequence, time: arrived }: LogRecord): Generator<FleetRecord> {
    let lines: readonly Line[]
    try {
      lines = parseMessage(value)
    } catch (error) {
      yield { kind: 'damaged', host, sequence, reason: reasonOf(error) }
      return
    }
    const serials = this.#serialsOf(host)
    for (const line of lines) {
      if (!serials.add(line.serial)) continue
      if (line.kind === 'gap') for (const range of line.ranges) serials.cover(range)
      if (line.time >= this.#since) yield { ...line, host, arrived }
    }
  }

  *missing(): Generator<FleetRecord> {
    for (const [host, serials] of this.#hosts) {
      for (const [from, to] of serials.missing()) yield { kind: 'missing', host, from, to }
    }
  }
}

/**
 * Decisions, counts and gaps, each once, in the order of the store: of one host mostly by serial. At the end come the
 * serials that are missing without a reason, between the first and the last that were read of a host. Rejects with
 * FleetError, and with OptionError.
 */
export async function* readDecisions(store: Store, options: ReadDecisionsOptions = {}): AsyncGenerator<FleetRecord> {
  checkOptions(options, rules, 'readDecisions')
  const { since = 0, host, live = false, signal } = options
  const reading = new Reading(since)
  const log = store.read('dec', {
    live, since, ...(host === undefined ? {} : { key: host }), ...(signal === undefined ? {} : { signal }),
  })
  for await (const record of log) yield* reading.records(record)
  yield* reading.missing()
}
