/** What `stack.explain()` tells: who runs and why, who is on which hook, where state lies, and what is odd about it. */
import type { BlobPlace } from './blob.ts'
import type { Lsm } from './define-lsm.ts'
import type { BlobKind } from './hooks/hook-types.ts'
import { reasonOf } from './order.ts'
import type { OrderOptions, StackOrder } from './stack-order.ts'

export interface LsmExplanation {
  readonly name: string
  readonly id: number
  readonly enabled: boolean
  /** Why it is where it is, or why it is off. */
  readonly why: string
  readonly exclusive: boolean
  /** Names of the hooks it is on; empty when it is off. */
  readonly hooks: readonly string[]
}

export interface HookExplanation {
  readonly hook: string
  /** LSMs in the order they are asked. */
  readonly members: readonly string[]
  /** What stands behind the hook's key now. */
  readonly form: string
}

export interface BlobExplanation {
  readonly kind: BlobKind
  /** Bytes, as the kernel would lay them out. */
  readonly total: number
  readonly places: readonly { readonly lsm: string; readonly offset: number; readonly size: number; readonly slot: number }[]
}

export interface ExplanationData {
  readonly profile: string
  readonly configLsm: string
  readonly lsmParam: string | null
  readonly securityParam: string | null
  /** Names in the order they are asked. */
  readonly order: readonly string[]
  readonly lsms: readonly LsmExplanation[]
  readonly hooks: readonly HookExplanation[]
  readonly hookCount: number
  readonly blobs: readonly BlobExplanation[]
  readonly xattrSlots: number
  readonly dispatch: { readonly strategy: string; readonly why: string }
  readonly warnings: readonly string[]
}

/** Data for programs, text for people. */
export class Explanation {
  private readonly data: ExplanationData

  constructor(data: ExplanationData) {
    this.data = data
  }

  toJSON(): ExplanationData {
    return this.data
  }

  toString(): string {
    return explanationText(this.data)
  }
}

/** Every LSM that was given, in the order of the array, with the reason of its place. */
export const explainLsms = (lsms: readonly Lsm[], order: StackOrder, hooksOf: (name: string) => readonly string[]): LsmExplanation[] =>
  lsms.map(({ name, id, exclusive }) => ({
    name,
    id,
    enabled: order.initOrder.includes(name),
    why: reasonOf(name, order.events),
    exclusive,
    hooks: hooksOf(name),
  }))

export const explainBlobs = (places: readonly BlobPlace[], order: StackOrder): BlobExplanation[] =>
  [...new Set(places.map(({ kind }) => kind))].map((kind) => ({
    kind,
    total: order.blobTotals[kind],
    places: places
      .filter((place) => place.kind === kind)
      .map(({ lsm, slot, accessor }) => ({ lsm, offset: order.offsets[lsm]![kind], size: accessor.size, slot })),
  }))

/** What the kernel would only have logged, and where we leave its rules. */
export const orderWarnings = (order: StackOrder, { lsms, config }: OrderOptions): string[] => {
  const warnings: string[] = []
  if (order.securityParamIgnored) warnings.push('`security=` is ignored because `lsm=` is given')
  for (const event of order.events) {
    if (event.kind === 'unknown' && event.name !== '' && (event.by === 'cmdline' || config !== undefined)) {
      warnings.push(`${event.by === 'cmdline' ? '`lsm=`' : '`config`'} names \`${event.name}\`, which no LSM of this stack has`)
    }
    if (event.kind === 'full') warnings.push(`\`${event.name}\` is left out: more LSMs than MAX_LSM_COUNT`)
  }
  const together = lsms.filter(({ name, exclusive }) => exclusive && order.initOrder.includes(name)).map(({ name }) => name)
  if (together.length > 1) {
    warnings.push(`${together.map((name) => `\`${name}\``).join(' and ')} are exclusive and run together: no kernel does that`)
  }
  return warnings
}

const explanationText = (data: ExplanationData): string => {
  const sections = [
    `order: ${data.order.join(', ')}\n${listText(data)}`,
    table(data.lsms.map(({ name, id, enabled, why }) => [name, String(id), enabled ? 'enabled' : 'disabled', why])),
    `${data.hooks.length} of ${data.hookCount} hooks in use`,
    table(data.hooks.map(({ hook, members, form }) => [hook, members.join(', '), form])),
    table(data.blobs.map((blob) => [blob.kind, `${blob.total} bytes`, blob.places.map(placeText).join(', ')])),
    data.xattrSlots === 0 ? '' : `room for ${data.xattrSlots} attributes on a new inode`,
    `dispatch: ${data.dispatch.strategy} (${data.dispatch.why})`,
    data.warnings.map((warning) => `warning: ${warning}`).join('\n'),
  ]
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`
}

const listText = ({ configLsm, lsmParam, securityParam }: ExplanationData): string =>
  [
    lsmParam === null ? `CONFIG_LSM=${configLsm}` : `lsm=${lsmParam}`,
    securityParam === null ? [] : [`security=${securityParam}`],
  ].flat().join(' ')

const placeText = ({ lsm, offset, size, slot }: BlobExplanation['places'][number]): string =>
  `${lsm} ${size} at ${offset} (s${slot})`

/** Rows with their columns aligned; the last is as long as it likes. */
const table = (rows: readonly (readonly string[])[]): string => {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]!.length)))
  return rows.map((row) => row.map((cell, i) => (i === row.length - 1 ? cell : cell.padEnd(widths[i]!))).join('  ').trimEnd()).join('\n')
}
