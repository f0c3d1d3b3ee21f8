/** What `stack.explain()` tells: who runs and why, who is on which hook, where state lies, and what is odd about it. */
import { ALONE } from '../blobs/security.ts'
import type { BlobPlace } from '../blobs/place-blobs.ts'
import type { Lsm } from '../define-lsm.ts'
import type { Dispatch } from '../dispatch/create-dispatch.ts'
import type { BlobKind } from '../hooks/hook-types.ts'
import { moduleAbi } from '../module-abi.ts'
import { reasonOf } from '../order.ts'
import type { StackOptions } from './options.ts'
import type { Placed } from './placed.ts'
import type { StackOrder } from './stack-order.ts'

export interface LsmExplanation {
  readonly name: string
  readonly id: number
  /** The module ABI that it is written for; null when it does not say. */
  readonly abi: string | null
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
  /** What stands behind the hook's key now: `flat`, `list`, `walk`… */
  readonly form: string
  /** What is around the chain: a framework function, programs. */
  readonly around: readonly string[]
}

export interface BlobExplanation {
  readonly kind: BlobKind
  /** Bytes, as the kernel would lay them out. */
  readonly total: number
  readonly places: readonly BlobPart[]
}

/** Bytes of one LSM, and the slot its accessor reads; null where nobody else keeps state on the kind. */
export interface BlobPart {
  readonly lsm: string
  readonly offset: number
  readonly size: number
  readonly slot: number | null
}

export interface ExplanationData {
  /** The module ABI of this core. */
  readonly abi: string
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

/** What there is to explain. */
export interface Explained {
  readonly options: StackOptions
  readonly profile: string
  readonly order: StackOrder
  readonly placed: readonly Placed[]
  readonly places: readonly BlobPlace[]
  readonly failedInits: readonly string[]
  readonly dispatch: Pick<Dispatch, 'strategy' | 'explain'>
}

export const explain = (stack: Explained): Explanation => {
  const { options, profile, order, placed, dispatch } = stack
  const reports = dispatch.explain()
  return new Explanation({
    abi: moduleAbi,
    profile,
    configLsm: order.configLsm,
    lsmParam: order.lsmParam,
    securityParam: order.securityParam,
    order: order.initOrder,
    lsms: options.lsms.map((lsm) => lsmExplanation(lsm, order, placed)),
    hooks: reports.filter(({ members }) => members.length > 0),
    hookCount: reports.length,
    blobs: blobExplanations(stack),
    xattrSlots: order.blobTotals.xattr_count,
    dispatch: { strategy: dispatch.strategy, why: options.dispatch === undefined ? 'the default' : 'asked for' },
    warnings: warningsOf(stack),
  })
}

const lsmExplanation = (
  { name, id, abi, exclusive }: Lsm,
  order: StackOrder,
  placed: readonly Placed[],
): LsmExplanation => {
  const own = placed.find(({ lsm }) => lsm.name === name)
  const why = reasonOf(name, order.events)
  const appended = order.appended.includes(name) && own !== undefined
  return {
    name, id, abi, exclusive, enabled: own !== undefined, why: appended ? 'appended to the default CONFIG_LSM' : why,
    hooks: Object.keys(own?.group ?? {}),
  }
}

const blobExplanations = ({ places, order }: Explained): BlobExplanation[] =>
  [...new Set(places.map(({ kind }) => kind))].map((kind) => ({
    kind,
    total: order.blobTotals[kind],
    places: places
      .filter((place) => place.kind === kind)
      .map(({ lsm, slot, accessor }) => ({
        lsm, offset: order.offsets[lsm]![kind], size: accessor.size, slot: slot === ALONE ? null : slot,
      })),
  }))

/** What the kernel would only have logged, and where this stack leaves its rules. */
const warningsOf = ({ options, order, placed, failedInits }: Explained): string[] => {
  const warnings: string[] = []
  if (options.capability === 'none') {
    warnings.push("NOBODY CHECKS CAPABILITIES (`capability: 'none'`): every one is granted")
  }
  const together = placed.filter(({ lsm }) => lsm.exclusive).map(({ lsm }) => `\`${lsm.name}\``).join(' and ')
  if (together.includes(' and ')) warnings.push(`${together} are exclusive and run together: no kernel does that`)
  if (order.securityParamIgnored) warnings.push('`security=` is ignored because `lsm=` is given')
  for (const event of order.events) {
    if (event.kind !== 'unknown' || event.name === '') continue
    if (event.by === 'builtin' && options.config === undefined) continue
    const list = event.by === 'cmdline' ? 'lsm=' : 'config'
    warnings.push(`\`${list}\` names \`${event.name}\`, ${unknown(event.name, placed)}`)
  }
  for (const { name, abi } of options.lsms) {
    if (abi === null) warnings.push(`\`${name}\` does not say which module ABI it is for (\`abi: '${moduleAbi}'\`)`)
  }
  for (const name of failedInits) warnings.push(`\`init\` of \`${name}\` failed; its hooks stay`)
  if (options.onFault === 'throw') warnings.push("a hook that throws is rethrown (`onFault: 'throw'`): for tests only")
  return warnings
}

const unknown = (name: string, placed: readonly Placed[]): string =>
  placed.some(({ lsm }) => lsm.name === name) ? 'which is early: no list can name it' : 'which no LSM of this stack has'

const explanationText = (data: ExplanationData): string => {
  const sections = [
    `order: ${data.order.join(', ')}\n${listText(data)}`,
    table(data.lsms.map(({ name, id, enabled, why }) => [name, String(id), enabled ? 'enabled' : 'disabled', why])),
    `${data.hooks.length} of ${data.hookCount} hooks in use`,
    table(data.hooks.map((one) => [one.hook, one.members.join(', '), [one.form, ...one.around].join(', ')])),
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

const placeText = ({ lsm, offset, size, slot }: BlobPart): string =>
  `${lsm} ${size} at ${offset} (${slot === null ? 'alone' : `s${slot}`})`

/** Rows with their columns aligned; the last is as long as it likes. */
const table = (rows: readonly (readonly string[])[]): string => {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]!.length)))
  const line = (row: readonly string[]): string => row.map((cell, i) => cell.padEnd(widths[i]!)).join('  ').trimEnd()
  return rows.map(line).join('\n')
}
