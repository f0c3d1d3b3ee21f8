/** What a name of a bpffs may keep. */
import { KernelMap } from '../state/bpf/objects.ts'
import type { KernelLink, KernelProg } from '../state/bpf/objects.ts'

export type Pinned = KernelMap | KernelProg | KernelLink

/** One more user of what is pinned; a map's name counts as a descriptor does. */
export const takePinned = (held: Pinned): void => {
  held.refs++
  if (held instanceof KernelMap) held.userRefs++
}
