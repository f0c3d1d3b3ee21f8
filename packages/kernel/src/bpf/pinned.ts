/** Objects that a name of a bpffs may keep. */
import { KernelMap, KernelProg } from '../state/bpf/objects.ts'
import type { KernelLink } from '../state/bpf/objects.ts'
import type { Machine } from '../machine.ts'
import { put_map_with_uref, put_prog, put_link } from './references.ts'

export type Pinned = KernelMap | KernelProg | KernelLink

/** Adds a user; a map's name counts as a descriptor does. */
export const takePinned = (held: Pinned): void => {
  held.refs++
  if (held instanceof KernelMap) held.userRefs++
}

/** Puts a pinned object after its name is removed. */
export const putPinned = (machine: Machine, held: Pinned): void => {
  if (held instanceof KernelMap) put_map_with_uref(machine, held)
  else if (held instanceof KernelProg) put_prog(machine, held)
  else put_link(machine, held)
}
