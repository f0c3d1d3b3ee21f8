/** Three sets together, `cap_t` of libcap: what a capability text describes. */
import { capAssign, CapSet, capUnion, capWithout } from '@lsmkit/abi'
import type { CapWords } from '@lsmkit/abi'

/** All 64 numbers may be in, those the kernel does not know too. */
export interface CapState {
  readonly effective: CapSet
  readonly permitted: CapSet
  readonly inheritable: CapSet
}

/** Three empty sets. */
export const emptyCapState = (): CapState => ({
  effective: new CapSet(),
  permitted: new CapSet(),
  inheritable: new CapSet(),
})

/** Flags of one capability in a state, weighted as libcap counts them. */
export const FLAG_E = 1
export const FLAG_P = 2
export const FLAG_I = 4

/** The sets of a state that `flags` names. */
export const setsOf = (state: CapState, flags: number): CapSet[] => {
  const sets: CapSet[] = []
  if (flags & FLAG_E) sets.push(state.effective)
  if (flags & FLAG_P) sets.push(state.permitted)
  if (flags & FLAG_I) sets.push(state.inheritable)
  return sets
}

export const addTo = (set: CapSet, members: CapWords): void => capAssign(set, capUnion(set, members))
export const takeFrom = (set: CapSet, members: CapWords): void => capAssign(set, capWithout(set, members))
