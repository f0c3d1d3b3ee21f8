/**
 * The controller of a rollout. It has no state: any number of them may run, and any may die. INVARIANT: a want is read
 * before the state that decides about it was written, and written only at the revision that was read.
 */
import { aFunction, checkOptions, instanceOf, wholeNumber } from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import { parseHave, parseWant, wantBytes } from '../agent/records.ts'
import type { Have, Want } from '../agent/records.ts'
import { FleetError } from '../fleet-error.ts'
import type { Entry, Store } from '../store/store.ts'
import { pause } from '../store/waiting.ts'
import { advance } from './machine.ts'
import { readEntry, swapState } from './record.ts'
import type { SeenHost, SeenReport } from './reports.ts'
import { isOver } from './state.ts'
import type { Rollout } from './state.ts'
import { wantsOf } from './wants.ts'
import type { HostWant } from './wants.ts'

const AT_ONCE = 32

const inParallel = async <T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> => {
  const results: R[] = Array.from({ length: items.length })
  let next = 0
  const worker = async (): Promise<void> => {
    for (let i = next++; i < items.length; i = next++) results[i] = await work(items[i]!)
  }
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, items.length) }, worker))
  return results
}

/** A record that cannot be read is as none: the host counts as silent. */
const readable = <T>(entry: Entry | null, parse: (bytes: Uint8Array, host: string) => T): T | null => {
  try {
    return entry === null ? null : parse(entry.value, entry.key)
  } catch (error) {
    if (error instanceof FleetError && error.code === 'damaged') return null
    throw error
  }
}

const reportOf = (revision: number, have: Have): SeenReport => ({
  revision, boot: have.boot, want: have.want, error: have.error === null ? null : have.error.code,
  enforced: have.enforced?.bundle ?? null, permissive: have.permissive?.bundle ?? null, counts: have.counts,
})

/** @internal */
export const lookAt = async (store: Store, host: string): Promise<SeenHost & { readonly wanted: Want | null }> => {
  const want = await store.get('want', host)
  const have = await store.get('have', host)
  const wanted = readable(want, parseWant)
  const report = readable(have, parseHave)
  return {
    host, want: want?.revision ?? 0, by: wanted?.by ?? null, wanted,
    report: report === null ? null : reportOf(have!.revision, report),
  }
}

/** A want that was written meanwhile is left: the next look sees who was first. */
const writeOver = async (store: Store, { host, ...want }: HostWant, revision: number): Promise<void> => {
  try {
    await store.swap('want', host, wantBytes(want), revision)
  } catch (error) {
    if (!(error instanceof FleetError) || error.code !== 'conflict') throw error
  }
}

const hostsOf = ({ rings }: Rollout): readonly string[] => rings.flatMap(({ hosts }) => hosts.map(({ host }) => host))

/**
 * One look at all hosts, and one step where it is due. The state after it; null where the store has no rollout. Rejects
 * with what the store rejects with, and may be called again then. `at` is the time in milliseconds since 1970.
 */
export const stepRollout = async (store: Store, at = Date.now()): Promise<Rollout | null> => {
  const entry = await readEntry(store)
  if (entry === null || isOver(entry.state)) return entry?.state ?? null
  const hosts = await inParallel(hostsOf(entry.state), (host) => lookAt(store, host))
  const { state } = advance(entry.state, { kind: 'look', at, hosts })
  const revision = await swapState(store, state, entry.revision)
  if (revision === null) return (await readEntry(store))?.state ?? null
  const seen = new Map(hosts.map((one) => [one.host, one]))
  const due = wantsOf(state).filter(({ host, by }) => seen.get(host)?.by !== by)
  await inParallel(due, (want) => writeOver(store, want, seen.get(want.host)!.want))
  return state
}

export interface ControllerOptions {
  /** Milliseconds between two looks. Default 5000; a minute or less, because more does not count. */
  readonly every?: number
  readonly signal?: AbortSignal
  /** Called after each look. */
  readonly onLook?: (state: Rollout) => void
  /** Called when the store is away; the controller tries again. */
  readonly onError?: (error: unknown) => void
}

const rules: OptionRules<ControllerOptions> = {
  every: wholeNumber(1, 60_000), signal: instanceOf(AbortSignal), onLook: aFunction, onError: aFunction,
}

/** Until the rollout is done or rolled back, or the signal comes. The last state; null where there is no rollout. */
export const runRollout = async (store: Store, options: ControllerOptions = {}): Promise<Rollout | null> => {
  checkOptions(options, rules, 'runRollout')
  const { every = 5000, signal, onLook, onError } = options
  let last: Rollout | null = null
  for (;;) {
    if (signal?.aborted === true) return last
    try {
      last = await stepRollout(store)
      if (last !== null) onLook?.(last)
      if (last === null || isOver(last)) return last
    } catch (error) {
      if (!(error instanceof FleetError) || error.code === 'damaged' || error.code === 'closed') throw error
      onError?.(error)
    }
    await pause(every, signal)
  }
}
