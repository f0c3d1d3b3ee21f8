/**
 * Which LSMs run, in which order, and where their blobs lie: a pure function of records and boot arguments, rule for
 * rule that of security/security.c of Linux 6.12 (early_security_init, ordered_lsm_parse, prepare_lsm).
 */
import { dictionary } from '@lsmkit/abi'
import { addBlobs, emptyTotals } from './order/blob-layout.ts'
import type { BlobSizes } from './order/order-record.ts'
import type { OrderEvent } from './order/order-event.ts'
import type { OrderRecord } from './order/order-record.ts'
import { checkOptions } from './option-rules.ts'
import { bootRules } from './order/order-boot.ts'
import type { OrderBoot } from './order/order-boot.ts'

export { bootArguments, splitCommandLine } from './order/command-line.ts'
export type { BootArguments } from './order/command-line.ts'
export type { BlobSizes, SizedKind } from './order/order-record.ts'
export { kernelLog, reasonOf } from './order/order-event.ts'
export type { OrderEvent } from './order/order-event.ts'
export type { OrderRecord } from './order/order-record.ts'
export { DEFAULT_CONFIG_LSM } from './order/default-config.ts'
export type { OrderBoot } from './order/order-boot.ts'
export { initLog } from './order/init-log.ts'
export { linuxModules } from './order/linux-modules.ts'

export interface Order {
  /** The ordered list. Disabled LSMs that were named are in it, early ones are not. */
  readonly listed: readonly string[]
  /** Those that are enabled, in the order in which they are initialised and asked: early ones first. */
  readonly initOrder: readonly string[]
  /** The exclusive LSM that was chosen. */
  readonly exclusive: string | null
  /** The text of /sys/kernel/security/lsm: the enabled LSMs that register hooks. */
  readonly lsmFile: string
  /** The boot message that names the enabled ones. */
  readonly initializing: string
  /** `lsm=` was given, so `security=` counts for nothing. */
  readonly securityParamIgnored: boolean
  /** How often the kernel would have said WARN: an LSM more than MAX_LSM_COUNT. */
  readonly warned: number
  readonly blobTotals: BlobSizes
  /** By enabled LSM, in link order: where its blobs start. 0 for a kind it does not use. */
  readonly offsets: Readonly<Record<string, BlobSizes>>
  /** Every step, as a value: `kernelLog` gives them as lsm.debug prints them. */
  readonly events: readonly OrderEvent[]
}

/** What becomes of one record while the list is made. */
interface State {
  readonly record: OrderRecord
  enabled: boolean
  listed: boolean
}

/**
 * `records` are in link order, names distinct. The kernel boots with any boot arguments: only options that do not exist
 * throw.
 */
export const orderLsms = (records: readonly OrderRecord[], boot: OrderBoot): Order => {
  checkOptions(boot, bootRules, 'orderLsms')
  const states = records.map((record): State => ({ record, enabled: record.enabled ?? true, listed: false }))
  const early = states.filter(({ record }) => record.early)
  const late = states.filter(({ record }) => !record.early)
  const events: OrderEvent[] = early.map(({ record, enabled }) => ({ kind: 'early', name: record.name, enabled }))
  const { list, warned } = parse(late, boot, records.length, events)
  const { exclusive, totals, offsets } = prepare([...early, ...list], boot, events)

  const { lsmParam = null, securityParam = null } = boot
  const enabled = [...early, ...list].filter((state) => state.enabled).map(({ record }) => record)
  const initOrder = enabled.map(({ name }) => name)
  return {
    listed: list.map(({ record }) => record.name),
    initOrder,
    exclusive,
    lsmFile: enabled.filter((record) => record.registers ?? true).map(({ name }) => name).join(','),
    initializing: `initializing lsm=${initOrder.join(',')}`,
    securityParamIgnored: lsmParam !== null && securityParam !== null,
    warned,
    blobTotals: totals,
    offsets: Object.fromEntries(states.filter((s) => s.enabled).map(({ record: { name } }) => [name, offsets[name]!])),
    events,
  }
}

/** As ordered_lsm_parse: FIRST, then the list, then what `security=` names, then LAST; the rest is disabled. */
const parse = (late: State[], boot: OrderBoot, count: number, events: OrderEvent[]) => {
  const { lsmParam = null, securityParam = null, maxLsmCount = count } = boot
  const from = lsmParam === null ? 'builtin' : 'cmdline'
  const chosen = lsmParam === null ? securityParam : null
  const list: State[] = []
  let warned = 0
  const append = (state: State, by: 'first' | 'builtin' | 'cmdline' | 'security=' | 'last'): void => {
    if (state.listed) return
    if (list.length === maxLsmCount) {
      warned++
      events.push({ kind: 'full', name: state.record.name })
      return
    }
    state.listed = true
    list.push(state)
    events.push({ kind: 'ordered', name: state.record.name, by, enabled: state.enabled })
  }
  const appendAll = (order: 'first' | 'last'): void => {
    for (const state of late) if (state.record.order === order) append(state, order)
  }

  appendAll('first')
  if (chosen !== null) {
    for (const state of late) {
      if (!state.record.legacyMajor || state.record.name === chosen) continue
      state.enabled = false
      events.push({ kind: 'not-chosen', name: state.record.name, chosen })
    }
  }
  for (const name of (lsmParam ?? boot.configLsm).split(',')) {
    const found = late.filter(({ record }) => record.name === name)
    for (const state of found) if ((state.record.order ?? 'mutable') === 'mutable') append(state, from)
    if (found.length === 0) events.push({ kind: 'unknown', name, by: from })
  }
  if (chosen !== null) for (const state of late) if (state.record.name === chosen) append(state, 'security=')
  appendAll('last')
  for (const state of late) {
    if (state.listed) continue
    state.enabled = false
    events.push({ kind: 'skipped', name: state.record.name, by: from })
  }
  return { list, warned }
}

/** As prepare_lsm, in order: the first exclusive LSM wins, and whoever is left takes its part of the blobs. */
const prepare = (order: readonly State[], boot: OrderBoot, events: OrderEvent[]) => {
  const totals = emptyTotals()
  const offsets = dictionary<BlobSizes>()
  let exclusive: string | null = null
  for (const state of order) {
    const { record } = state
    if (state.enabled && record.exclusive && exclusive !== null && boot.exclusive !== 'allow') {
      state.enabled = false
      events.push({ kind: 'exclusive', name: record.name, chosen: exclusive })
    }
    if (!state.enabled) continue
    if (record.exclusive && exclusive === null) {
      exclusive = record.name
      events.push({ kind: 'exclusive', name: record.name, chosen: record.name })
    }
    offsets[record.name] = addBlobs(totals, record)
  }
  return { exclusive, totals, offsets }
}
