/** The state that LoadPin keeps for one stack. */
import type { LsmContext, SuperBlock } from '@lsmkit/core'

/** The pinned file system was unmounted while pinning was enforced: nothing is loaded any more. */
export const GONE = 'gone'

export interface LoadPin {
  readonly ctx: LsmContext
  readonly printk: (line: string) => void
  /** kernel.loadpin.enforce: other than 0 refuses, 0 only logs. */
  enforce: number
  /** READING_* that are not looked at. */
  readonly excluded: Set<number>
  /** Where the first file came from; null before it, and after an unmount that was allowed. */
  pinned: SuperBlock | typeof GONE | null
  /** Whether enforcing may be given up: the file system that was pinned last could be written to. */
  mayRelax: boolean
  /** Root digests of dm-verity devices that are as good as the pinned file system, in hexadecimal. */
  readonly trusted: Set<string>
  /** A list of digests was refused: no other is taken. */
  refusesDigests: boolean
}
