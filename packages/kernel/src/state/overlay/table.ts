/** State of overlayfs of one machine: its operations, and the upper layers in use. */
import type { Inode } from '@lsmkit/core'
import type { FileOperations, InodeOperations, SuperOperations, XattrHandler } from '../vfs/driver.ts'

/** Operations of an inode by its type. */
export interface InodeTables {
  readonly dir: readonly [InodeOperations, FileOperations]
  readonly file: readonly [InodeOperations, FileOperations]
  readonly link: InodeOperations
  readonly special: InodeOperations
}

/** Attributes of the overlay's own, by the namespace that a mount keeps them in. */
export interface OverlayXattrs {
  readonly trusted: readonly XattrHandler[]
  readonly user: readonly XattrHandler[]
}

export class OverlayTable {
  readonly tables: InodeTables
  readonly xattrs: OverlayXattrs
  readonly s_op: SuperOperations
  /** Of a file system whose inodes have file handles. */
  readonly s_op_exports: SuperOperations
  /** Upper and work directories of mounted overlays. */
  readonly inUse = new WeakSet<Inode>()
  /** The number in the last name of a temporary file. */
  lastTemp = 0

  constructor(tables: InodeTables, xattrs: OverlayXattrs, s_op: SuperOperations, s_op_exports: SuperOperations) {
    this.tables = tables
    this.xattrs = xattrs
    this.s_op = s_op
    this.s_op_exports = s_op_exports
  }
}
