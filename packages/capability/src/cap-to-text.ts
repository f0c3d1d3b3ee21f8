/** `cap_to_text` of libcap 2.75: the commonest flags first, then what differs from them. */
import { CAP_LAST_CAP, capHas, capName } from '@lsmkit/abi'
import type { CapWords } from '@lsmkit/abi'
import { FLAG_E, FLAG_I, FLAG_P } from './cap-state.ts'

/** Sets may be those of a state, a cred or a file. */
export interface CapSets {
  readonly effective: CapWords
  readonly permitted: CapWords
  readonly inheritable: CapWords
}

const COMBINATIONS = 8

const flagsOf = (sets: CapSets, cap: number): number =>
  (capHas(sets.effective, cap) ? FLAG_E : 0) |
  (capHas(sets.permitted, cap) ? FLAG_P : 0) |
  (capHas(sets.inheritable, cap) ? FLAG_I : 0)

const letters = (flags: number): string =>
  (flags & FLAG_E ? 'e' : '') + (flags & FLAG_I ? 'i' : '') + (flags & FLAG_P ? 'p' : '')

/** Capabilities `from`..`to` by their combination of flags. */
const groups = (sets: CapSets, from: number, to: number): number[][] => {
  const by: number[][] = Array.from({ length: COMBINATIONS }, () => [])
  for (let cap = from; cap <= to; cap++) by[flagsOf(sets, cap)]!.push(cap)
  return by
}

/** The combination most capabilities have; the smaller one of equals. */
const commonest = (by: readonly number[][]): number =>
  by.reduce((best, caps, flags) => (caps.length > by[best]!.length ? flags : best), 0)

const change = (sign: string, flags: number): string => (flags ? sign + letters(flags) : '')

/** Unknown numbers (41 to 63) come last, by number. */
export const capToText = (sets: CapSets): string => {
  const known = groups(sets, 0, CAP_LAST_CAP)
  const base = commonest(known)
  const clauses: string[] = []
  for (let flags = COMBINATIONS - 1; flags >= 0; flags--) {
    if (flags === base || known[flags]!.length === 0) continue
    const names = known[flags]!.map((cap) => capName(cap).toLowerCase()).join(',')
    clauses.push(names + change('+', flags & ~base) + change('-', base & ~flags))
  }
  const unknown = groups(sets, CAP_LAST_CAP + 1, 63)
  const numbers: string[] = []
  for (let flags = COMBINATIONS - 1; flags > 0; flags--)
    if (unknown[flags]!.length > 0) numbers.push(`${unknown[flags]!.join(',')}+${letters(flags)}`)
  if (base === 0 && clauses.length > 0) clauses[0] = clauses[0]!.replace('+', '=')
  else clauses.unshift(`=${letters(base)}`)
  return [...clauses, ...numbers].join(' ')
}
