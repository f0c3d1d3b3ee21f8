/** The flow that each allow rule of a policy permits, by a permission map: the largest weight each way. */
import { AVTAB_ALLOWED, AVTAB_ENABLED } from '../policydb/constants.ts'
import type { Avtab } from '../policydb/avtab.ts'
import type { PolicyView } from '../query/view.ts'
import type { PermissionFlow, PermissionMap } from './permission-map.ts'

/** Rules in columns. */
export interface WeighedRules {
  readonly length: number
  readonly source: Uint16Array
  readonly target: Uint16Array
  /** Of flows from the target to the source. */
  readonly read: Uint8Array
  /** Of flows from the source to the target. */
  readonly write: Uint8Array
}

/** By class value: flows by bit. */
type FlowsByBit = readonly (PermissionFlow | undefined)[]

const flowsByClass = ({ names }: PolicyView, map: PermissionMap): FlowsByBit[] =>
  names.classes.map((tclass, value) => {
    const flows = map.get(tclass ?? '')
    return (names.permissions[value] ?? []).map((permission) => flows?.get(permission ?? ''))
  })

/** The weight of a mask one way, 0 of nothing. */
const weightOf = (flows: FlowsByBit, mask: number, direction: 'r' | 'w'): number => {
  let weight = 0
  for (let rest = mask; rest !== 0; rest &= rest - 1) {
    const flow = flows[31 - Math.clz32(rest & -rest)]
    if (flow !== undefined && (flow.direction === direction || flow.direction === 'b')) {
      weight = Math.max(weight, flow.weight)
    }
  }
  return weight
}

/** Rules of `tables` that let anything flow. */
export const weighRules = (view: PolicyView, map: PermissionMap, tables: readonly Avtab[]): WeighedRules => {
  const most = tables.reduce((sum, table) => sum + table.length, 0)
  const found = {
    length: 0, source: new Uint16Array(most), target: new Uint16Array(most), read: new Uint8Array(most),
    write: new Uint8Array(most),
  }
  const byClass = flowsByClass(view, map)
  const known = new Map<number, number>()
  const weigh = (tclass: number, mask: number): number => {
    const key = tclass * 2 ** 32 + mask
    let weights = known.get(key)
    if (weights === undefined) {
      const flows = byClass[tclass] ?? []
      weights = weightOf(flows, mask, 'r') * 16 + weightOf(flows, mask, 'w')
      known.set(key, weights)
    }
    return weights
  }
  for (const { length, source, target, tclass, specified, datum } of tables) {
    for (let i = 0; i < length; i++) {
      if ((specified[i]! & ~AVTAB_ENABLED) !== AVTAB_ALLOWED) continue
      const weights = weigh(tclass[i]!, datum[i]!)
      if (weights === 0) continue
      const at = found.length++
      found.source[at] = source[i]!
      found.target[at] = target[i]!
      found.read[at] = weights >> 4
      found.write[at] = weights & 15
    }
  }
  return found
}

/** Classes and permissions that rules use and the map does not know, as `class:permission`, sorted. */
export const unmappedPermissions = (view: PolicyView, map: PermissionMap, tables: readonly Avtab[]): string[] => {
  const used = new Map<number, number>()
  for (const { length, tclass, specified, datum } of tables) {
    for (let i = 0; i < length; i++) {
      if ((specified[i]! & ~AVTAB_ENABLED) !== AVTAB_ALLOWED) continue
      used.set(tclass[i]!, (used.get(tclass[i]!) ?? 0) | datum[i]!)
    }
  }
  return [...used].flatMap(([value, mask]) => {
    const tclass = view.names.classes[value] ?? `#${value}`
    const known = map.get(tclass)
    return view.names.permissionsOf(value, mask)
      .filter((name) => (known?.get(name)?.direction ?? 'u') === 'u').map((name) => `${tclass}:${name}`)
  }).sort()
}
