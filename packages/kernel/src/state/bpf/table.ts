/** State of bpf(2) of one machine: the engine, and maps, programs, links and types by number. */
import type { BpfEngine } from '@lsmkit/core'
import type { FileOperations, InodeOperations, SuperOperations } from '../vfs/driver.ts'
import { CgroupProgs } from './cgroup-progs.ts'
import { Ids } from './ids.ts'
import { KernelBtf } from './objects.ts'
import type { KernelLink, KernelMap, KernelProg } from './objects.ts'

/** Operations of files and mounts that only this machine has. */
export interface BpfOperations {
  readonly map_fops: FileOperations
  readonly prog_fops: FileOperations
  readonly link_fops: FileOperations
  readonly btf_fops: FileOperations
  readonly token_fops: FileOperations
  /** Operations of directories of a bpffs. */
  readonly dirInode: InodeOperations
  readonly bpffsSuper: SuperOperations
}

export class BpfTable {
  readonly maps = new Ids<KernelMap>()
  readonly progs = new Ids<KernelProg>()
  readonly links = new Ids<KernelLink>()
  readonly btfs = new Ids<KernelBtf>()
  readonly cgroupProgs = new CgroupProgs()
  readonly operations: BpfOperations
  readonly #makeEngine: () => BpfEngine
  #engine: BpfEngine | null = null

  constructor(makeEngine: () => BpfEngine, operations: BpfOperations) {
    this.#makeEngine = makeEngine
    this.operations = operations
  }

  /** Makes the engine, which takes much memory, before the first command. */
  start(): void {
    if (this.#engine !== null) return
    this.#engine = this.#makeEngine()
    // the kernel's own types have the first number
    this.btfs.add(new KernelBtf(this.#engine.vmlinux))
  }

  get engine(): BpfEngine {
    return this.#engine!
  }
}
