/** A folder of the host on one machine: its operations, and what the running system call has asked the host already. */
import type { Inode } from '@lsmkit/core'
import type { Machine } from '../../machine.ts'
import type { FileOperations, InodeOperations } from '../../state/vfs/driver.ts'
import { inodeState, superState } from '../../state/vfs/state.ts'
import type { HostDir } from './host-dir.ts'
import type { HostNode, LabelSpace } from './host-node.ts'
import { WritableHostDir } from './host-write.ts'

/** Operations by kind of node. */
export interface HostOperations {
  readonly iops: Readonly<Record<HostNode['kind'], InodeOperations>>
  readonly fops: Readonly<Record<HostNode['kind'], FileOperations>>
}

export class HostFs {
  readonly machine: Machine
  readonly host: HostDir
  /** Null for a folder that is read-only. */
  readonly writable: WritableHostDir | null
  /** The owner of all files. */
  readonly uid: number
  readonly gid: number
  /** Where labels are kept on the host; null for a folder without them. */
  readonly labels: LabelSpace | null
  readonly operations: HostOperations
  #asked: HostNode | null = null
  #known: HostNode | null = null
  #isNoted = false
  /** Watches were read. */
  #isFresh = false

  constructor(
    machine: Machine, host: HostDir, owner: { readonly uid: number; readonly gid: number },
    operations: (own: HostFs) => HostOperations, labels: LabelSpace | null = null,
  ) {
    this.machine = machine
    this.host = host
    this.writable = host instanceof WritableHostDir ? host : null
    this.uid = owner.uid
    this.gid = owner.gid
    this.labels = labels
    this.operations = operations(this)
  }

  /** The host was asked about this node in the running system call, and need not be asked again. */
  get asked(): HostNode | null {
    return this.#asked
  }

  /** The folder whose name was found unchanged in the running system call. */
  get known(): HostNode | null {
    return this.#known
  }

  /** Of all folders that are watched, once in a system call. */
  refreshWatches(): void {
    if (this.#isFresh) return
    this.host.refreshWatches()
    this.#noteFirst()
    this.#isFresh = true
  }

  noteAsked(node: HostNode): void {
    this.noteKnown(node)
    this.#asked = node
  }

  noteKnown(node: HostNode): void {
    this.#noteFirst()
    this.#known = node
  }

  #noteFirst(): void {
    if (this.#isNoted) return
    this.machine.callRcu(this.#forget)
    this.#isNoted = true
  }
  readonly #forget = (): void => {
    this.#asked = this.#known = null
    this.#isNoted = this.#isFresh = false
  }
}

export const nodeOf = (inode: Inode): HostNode => inodeState(inode).fs as HostNode
export const hostOf = (inode: Inode): HostDir => superState(inode.i_sb).fs as HostDir
