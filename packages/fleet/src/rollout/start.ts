/** Starts a rollout: which hosts, which bundle, and whether there is a way back. */
import { randomUUID } from 'node:crypto'
import { aBoolean, aString, checkOptions, listOf, optionsOf, required } from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import { aDigest } from '../agent/records.ts'
import { readBundle } from '../bundle/container.ts'
import { FleetError } from '../fleet-error.ts'
import { checkKey } from '../store/keys.ts'
import { getLarge } from '../store/large.ts'
import { buckets } from '../store/store.ts'
import type { Store } from '../store/store.ts'
import { lookAt } from './controller.ts'
import { putFirst } from './record.ts'
import { withReports } from './reports.ts'
import { freshHost, gateOf, gateRules } from './state.ts'
import type { Gate, Rollout } from './state.ts'

export interface RingOptions {
  readonly name: string
  readonly hosts: readonly string[]
}

export interface StartOptions {
  /** Digest of the file, as `putLarge` gives it. */
  readonly bundle: string
  /** In their order; the first is the canary. A host that is in no ring keeps its bundle. */
  readonly rings: readonly RingOptions[]
  readonly gate?: Partial<Gate>
  /** Takes hosts that have no bundle yet. They have no way back, and keep the new one. Default `false`. */
  readonly first?: boolean
}

const ringRules: OptionRules<RingOptions> = { name: required(aString), hosts: required(listOf(aString)) }
const rules: OptionRules<StartOptions> = {
  bundle: required(aDigest), rings: required(listOf(optionsOf(ringRules))), gate: optionsOf(gateRules), first: aBoolean,
}
/** Room for one host in the state, beside its name: about 1100 hosts fit. */
const BYTES_OF_HOST = 410
const MOST_NAME = 100

const badRing = (message: string): FleetError => new FleetError('rollout', message, { place: 'startRollout: rings' })

const checkRings = (rings: readonly RingOptions[]): void => {
  const seen = new Set<string>()
  if (rings.length === 0) throw badRing('there is no ring')
  for (const { name, hosts } of rings) {
    if (name.length > MOST_NAME) throw badRing(`a name has more than ${MOST_NAME} characters`)
    if (hosts.length === 0) throw badRing(`ring \`${name}\` has no hosts`)
    for (const host of hosts) {
      if (seen.has(checkKey(host, 'host'))) throw badRing(`host \`${host}\` is there twice`)
      seen.add(host)
    }
  }
  const size = [...seen].reduce((sum, host) => sum + host.length + BYTES_OF_HOST, 0)
  if (size > buckets.rollout.mostBytes * 0.9) {
    throw new FleetError('too-large', `${seen.size} hosts are too many for one rollout`, {
      place: 'startRollout: rings', hint: 'roll out to some of them first, and then to others',
    })
  }
}

type Looked = Awaited<ReturnType<typeof lookAt>>

/** The digest that a host had; it has to enforce it, or there is no revision before to compare with. */
const beforeOf = ({ host, want, wanted }: Looked, first: boolean): string | null => {
  if (wanted?.mode === 'enforce') return wanted.bundle
  if (want === 0 && first) return null
  throw new FleetError('no-way-back', want === 0
    ? `host \`${host}\` has no bundle to which it could be brought back`
    : `host \`${host}\` is not asked to enforce a bundle`, {
    place: host, hint: want === 0 ? '`first` (--first) takes it, without a way back' : 'writeWant',
  })
}

/** A bundle of an older epoch is taken only if the new one names it. */
const checkWayBack = async (store: Store, back: readonly string[], before: ReadonlySet<string>): Promise<void> => {
  for (const digest of before) {
    const { id, manifest } = readBundle(await getLarge(store, digest))
    if (back.includes(id)) continue
    throw new FleetError('no-way-back', `the bundle does not lead back to ${manifest.name} ${manifest.version}`, {
      place: id, hint: 'lsm fleet bundle build --back',
    })
  }
}

/**
 * Puts a rollout into the store; controllers (`runRollout`) do the rest. Rejects with OptionError, and with FleetError
 * `rollout`, `no-way-back`, `too-large` and those of `getLarge` and `readBundle`.
 */
export const startRollout = async (store: Store, options: StartOptions): Promise<Rollout> => {
  checkOptions(options, rules, 'startRollout')
  const { bundle, rings, gate = {}, first = false } = options
  checkRings(rings)
  const { manifest } = readBundle(await getLarge(store, bundle))
  const seen: Looked[] = []
  for (const host of rings.flatMap(({ hosts }) => hosts)) seen.push(await lookAt(store, host))
  const before = new Map(seen.map((one) => [one.host, beforeOf(one, first)]))
  const same = seen.find(({ host }) => before.get(host) === bundle)
  if (same !== undefined) throw badRing(`host \`${same.host}\` has the bundle already`)
  await checkWayBack(store, manifest.back, new Set([...before.values()].filter((one) => one !== null)))
  const now = Date.now()
  const state: Rollout = {
    format: 1, id: randomUUID(), bundle, title: `${manifest.name} ${manifest.version}`,
    gate: gateOf(gate), step: 'draft', ring: 0, paused: null, stopped: null, at: now, elapsed: 0,
    since: 0, limit: 0, notes: [{ at: now, text: 'draft' }],
    rings: rings.map(({ name, hosts }) => ({ name, hosts: hosts.map((host) => freshHost(host, before.get(host)!)) })),
  }
  const counted = withReports(state, seen)
  await putFirst(store, counted)
  return counted
}
