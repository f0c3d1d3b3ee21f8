/**
 * The answer of `stack.explain()`: which modules run and why, which are on each hook, where state lies, and what is odd
 * about it.
 */
import { ALONE } from '../blobs/security.ts'
import type { BlobPlace } from '../blobs/place-blobs.ts'
import type { Lsm } from '../define-lsm.ts'
import type { Dispatch } from '../dispatch/create-dispatch.ts'
import type { AnyHookDef } from '../hooks/hook-types.ts'
import { obeyedBecause } from '../hooks/waivable.ts'
import { moduleAbi } from '../module-abi.ts'
import { reasonOf } from '../order.ts'
import { explanationText } from './explain-text.ts'
import type { LsmExplanation, BlobExplanation, ExplanationData } from './explanation-data.ts'
import type { StackOptions } from './options.ts'
import type { Placed } from './placed.ts'
import type { StackOrder } from './stack-order.ts'

/** `util.inspect.custom`, by the name that hosts other than Node share. */
const INSPECT: unique symbol = Symbol.for('nodejs.util.inspect.custom')

/** Data for programs, text for people. */
export class Explanation {
  readonly #data: ExplanationData

  constructor(data: ExplanationData) {
    this.#data = data
  }

  toJSON(): ExplanationData {
    return this.#data
  }

  /** Lines of at most 80 columns. */
  toString(): string {
    return explanationText(this.#data)
  }

  /** The text that `console.log(stack.explain())` prints. */
  [INSPECT](): string {
    return this.toString().trimEnd()
  }
}

/** The data to explain. */
export interface Explained {
  readonly options: StackOptions
  readonly profile: string
  readonly order: StackOrder
  readonly placed: readonly Placed[]
  readonly places: readonly BlobPlace[]
  readonly failedInits: readonly string[]
  readonly dispatch: Pick<Dispatch, 'strategy' | 'explain'>
  /** The hooks of the stack. */
  readonly hooks: Readonly<Record<string, AnyHookDef>>
}

export const explain = (stack: Explained): Explanation => {
  const { options, profile, order, dispatch } = stack
  const reports = dispatch.explain()
  return new Explanation({
    abi: moduleAbi,
    profile,
    configLsm: order.configLsm,
    lsmParam: order.lsmParam,
    securityParam: order.securityParam,
    order: order.initOrder,
    lsms: options.lsms.map((lsm) => lsmExplanation(lsm, stack)),
    hooks: reports.filter(({ members }) => members.length > 0),
    hookCount: reports.length,
    blobs: blobExplanations(stack),
    xattrSlots: order.blobTotals.xattr_count,
    dispatch: { strategy: dispatch.strategy, why: options.dispatch === undefined ? 'the default' : 'asked for' },
    warnings: warningsOf(stack),
  })
}

const lsmExplanation = (
  { name, id, abi, exclusive }: Lsm, { options, order, placed, hooks }: Explained,
): LsmExplanation => {
  const own = placed.find(({ lsm }) => lsm.name === name)
  const why = reasonOf(name, order.events)
  const appended = order.appended.includes(name) && own !== undefined
  const on = Object.keys(own?.group ?? {})
  const permissive = options.permissive?.includes(name) ?? false
  return {
    name, id, abi, exclusive, enabled: own !== undefined, why: appended ? 'appended to the default CONFIG_LSM' : why,
    permissive, obeyed: permissive ? obeyedOf(on, hooks) : [], hooks: on,
  }
}

/** Hooks that are only told refuse nothing, so there is nothing to say of them. */
const obeyedOf = (on: readonly string[], hooks: Explained['hooks']): LsmExplanation['obeyed'] =>
  on.flatMap((hook) => {
    const def = hooks[hook]!
    const why = def.ret === 'void' ? null : obeyedBecause(hook, def)
    return why === null ? [] : [{ hook, why }]
  })

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
const warningsOf = (stack: Explained): string[] => {
  const { options, order, placed, failedInits } = stack
  const warnings: string[] = []
  if (options.capability === 'none') {
    warnings.push("NOBODY CHECKS CAPABILITIES (`capability: 'none'`): every one is granted")
  }
  for (const name of options.permissive ?? []) warnings.push(permissiveWarning(name, stack))
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

const permissiveWarning = (name: string, { options, placed, hooks }: Explained): string => {
  const group = placed.find(({ lsm }) => lsm.name === name)?.group
  if (group === undefined && options.lsms.some((lsm) => lsm.name === name)) {
    return `\`${name}\` is permissive, and off`
  }
  const loud = `\`${name}\` IS PERMISSIVE: what it refuses is recorded and allowed`
  const obeyed = obeyedOf(Object.keys(group ?? {}), hooks)
  return obeyed.length === 0 ? loud : `${loud}, but on ${obeyed.map(({ hook }) => hook).join(', ')}`
}

const unknown = (name: string, placed: readonly Placed[]): string =>
  placed.some(({ lsm }) => lsm.name === name) ? 'which is early: no list can name it' : 'which no LSM of this stack has'
