/** One shared memory segment: a file of tmpfs without a name, and its attachments (struct shmid_kernel). */
import { PAGE_SIZE } from '@lsmkit/abi'
import type { File } from '@lsmkit/core'
import { Holder } from '../host-memory.ts'
import type { MemoryAccount } from '../host-memory.ts'
import { COST } from '../memory-costs.ts'
import type { Pid } from '../task/pid.ts'
import type { IpcPerm } from './ids.ts'

/** Bits of the mode beside the permissions. */
export const SHM_DEST = 0o1000
export const SHM_LOCKED = 0o2000

export class ShmSegment extends Holder {
  readonly perm: IpcPerm
  readonly file: File
  readonly segsz: number
  /** Mappings, one for each VMA. */
  nattch = 0
  atime = 0
  dtime = 0
  ctime: number
  readonly cpid: Pid
  lpid: Pid | null = null

  /** `account` has been charged for a segment. */
  constructor(account: MemoryAccount, perm: IpcPerm, file: File, segsz: number, cpid: Pid, ctime: number) {
    super(account, COST.shmSegment)
    this.perm = perm
    this.file = file
    this.segsz = segsz
    this.cpid = cpid
    this.ctime = ctime
  }

  get pages(): number {
    return Math.ceil(this.segsz / PAGE_SIZE)
  }
}
