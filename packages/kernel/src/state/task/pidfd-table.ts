/** The file system of pidfds, and the dentries of the processes that have one. */
import type { Dentry } from '@lsmkit/core'
import type { FileOperations } from '../vfs/driver.ts'
import type { Mount } from '../vfs/mount.ts'
import type { Pid } from './pid.ts'

export class PidfdTable {
  readonly mount: Mount
  readonly operations: FileOperations
  readonly dentries = new WeakMap<Pid, Dentry>()

  constructor(mount: Mount, operations: FileOperations) {
    this.mount = mount
    this.operations = operations
  }
}
