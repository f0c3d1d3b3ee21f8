/** The decisions of a store that a command asks for, and an account of those that it cannot show. */
import { decisionFields, FleetError, parseFilter, readDecisions } from '@lsmkit/fleet'
import type { DecisionFields, FleetDecision, FleetRecord, Store } from '@lsmkit/fleet'
import { CommandError } from '../../command-error.ts'
import type { Io } from '../../io.ts'
import { counted } from '../../output.ts'
import { withStore } from './store.ts'
import type { StoreFlags } from './store.ts'

const UNITS = new Map([['s', 1000], ['m', 60_000], ['h', 3_600_000], ['d', 86_400_000]])

/** Milliseconds since 1970. Throws CommandError. */
export const sinceOf = (text: string | undefined, now = Date.now()): number => {
  if (text === undefined) return 0
  const [, number, unit] = /^(\d{1,9})([smhd])$/.exec(text) ?? []
  const time = number !== undefined ? now - Number(number) * UNITS.get(unit!)! : Date.parse(text)
  if (!Number.isNaN(time)) return Math.max(0, time)
  throw new CommandError('usage', `\`${text}\` is not a time`, '90s, 30m, 1h, 7d, or 2026-12-01T08:00:00Z')
}

export interface SourceFlags extends StoreFlags {
  readonly since?: string
  readonly host?: string
  readonly follow?: boolean
}

/** A decision, with the fields by which it was chosen. */
export interface Chosen {
  readonly decision: FleetDecision
  readonly fields: DecisionFields
}

/** The records that were read beside the decisions that were chosen. */
export class Account {
  readonly hosts = new Set<string>()
  decisions = 0
  /** Decisions that the chosen ones stand for, beside themselves. */
  sampled = 0
  /** Decisions that hosts have only counted. */
  counted = 0
  lost = 0
  missing = 0
  damaged = 0
  /** A host was ended, and does not know what it has lost. */
  ended = 0

  note(record: FleetRecord): void {
    this.hosts.add(record.host)
    if (record.kind === 'counts') for (const { count } of record.counts) this.counted += count
    if (record.kind === 'gap') {
      this.lost += record.count ?? 0
      if (record.count === null) this.ended += 1
    }
    if (record.kind === 'missing') this.missing += record.to - record.from + 1
    if (record.kind === 'damaged') this.damaged += 1
  }

  /** For people: what is not among the decisions. */
  lines(): string[] {
    const parts: readonly (readonly [number, string])[] = [
      [this.sampled, `${counted(this.sampled, 'decision')} not kept by sampling`],
      [this.counted, `${counted(this.counted, 'decision')} only counted`],
      [this.lost, `${counted(this.lost, 'record')} lost on hosts`],
      [this.missing, `${counted(this.missing, 'record')} missing in the store`],
      [this.damaged, `${counted(this.damaged, 'message')} damaged`],
      [this.ended, `${counted(this.ended, 'end')} of an agent, after which records may be missing`],
    ]
    return parts.filter(([count]) => count > 0).map(([, text]) => text)
  }
}

const filterOf = (text: string): ReturnType<typeof parseFilter> => {
  try {
    return parseFilter(text)
  } catch (error) {
    if (!(error instanceof FleetError)) throw error
    throw new CommandError('usage', `${String(error.place)}: ${error.summary}`, error.hint ?? undefined)
  }
}

export interface Source {
  readonly chosen: AsyncIterable<Chosen>
  readonly account: Account
}

async function* chosenIn(
  store: Store, text: string, { since, host, follow = false }: SourceFlags, account: Account, signal: AbortSignal,
): AsyncGenerator<Chosen> {
  const isWanted = filterOf(text)
  const options = { since: sinceOf(since), live: follow, signal, ...(host === undefined ? {} : { host }) }
  for await (const record of readDecisions(store, options)) {
    account.note(record)
    if (record.kind !== 'decision') continue
    const fields = decisionFields(record)
    if (!isWanted(fields)) continue
    account.decisions += 1
    account.sampled += record.sample - 1
    yield { decision: record, fields }
  }
}

/** Reads until the end, or with `follow` until somebody interrupts. Throws CommandError, and FleetError. */
export const withDecisions = async <T>(
  io: Io, filter: string, flags: SourceFlags, work: (source: Source) => Promise<T>,
): Promise<T> => {
  filterOf(filter)
  sinceOf(flags.since)
  const end = new AbortController()
  const stop = (): void => end.abort()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop)
  try {
    return await withStore(io, flags, (store) => {
      const account = new Account()
      return work({ account, chosen: chosenIn(store, filter, flags, account, end.signal) })
    })
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.removeListener(signal, stop)
  }
}
