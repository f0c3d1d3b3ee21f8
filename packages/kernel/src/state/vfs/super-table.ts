/** All super blocks of one machine (vfs/super.ts). */
import type { SuperBlock } from '@lsmkit/core'

export class SuperTable {
  /** Super blocks that have not been shut down. */
  readonly living = new Set<SuperBlock>()
  /** The last device number given to a file system without a device. */
  lastAnonymousDev = 0
  /** The dentry cache is to be shrunk after the current call. */
  isShrinking = false
}
