/** What a name of a bpffs may keep. */
import { KernelMap } from './objects.ts'
import type { KernelLink, KernelProg } from './objects.ts'

export type Pinned = KernelMap | KernelProg | KernelLink

/** One more user of what is pinned; a map's name counts as a descriptor does. */
export const takePinned = (held: Pinned): void => {
  held.refs++
  if (held instanceof KernelMap) held.userRefs++
}
