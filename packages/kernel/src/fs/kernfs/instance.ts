/** A tree of kernfs nodes as a file system: its operations, and its super blocks by namespace. */
import type { SuperBlock } from '@lsmkit/core'
import type { Machine } from '../../machine.ts'
import { superState } from '../../state/vfs/state.ts'
import type { InodeOperations, SuperOperations } from '../../state/vfs/driver.ts'
import type { KernfsRoot } from './root.ts'

/** The network namespace that a super block shows the tree for; null where all see the same. */
export const kernfs_super_ns = (sb: SuperBlock): object | null => superState(sb).fs as object | null

export interface KernfsOperations {
  readonly dir: InodeOperations
  readonly file: InodeOperations
  readonly link: InodeOperations
  readonly s_op: SuperOperations
}

export class KernfsInstance {
  readonly machine: Machine
  readonly root: KernfsRoot
  readonly magic: number
  readonly operations: KernfsOperations
  /** One for each namespace, shared by all its mounts. */
  readonly supers = new Map<object | null, SuperBlock>()

  constructor(
    machine: Machine, root: KernfsRoot, magic: number, operations: (own: KernfsInstance) => KernfsOperations,
  ) {
    this.machine = machine
    this.root = root
    this.magic = magic
    this.operations = operations(this)
  }
}
