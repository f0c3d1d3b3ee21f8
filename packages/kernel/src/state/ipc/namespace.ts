/** `struct ipc_namespace`: the objects of an ipc namespace and the limits on them (ipc/namespace.c). */
import type { UserNamespace } from '@lsmkit/core'
import type { PlainNamespace } from '../task/namespaces.ts'
import type { Mount } from '../vfs/mount.ts'
import { IpcIds } from './ids.ts'
import type { MsgQueue } from './msg-queue.ts'
import type { SemArray } from './sem-array.ts'
import type { ShmSegment } from './shm-segment.ts'

/** As ULONG_MAX - (1 << 24): the value that means no limit on shared memory. */
const NO_LIMIT = Number.MAX_SAFE_INTEGER

export class IpcNamespace {
  /** The namespace as tasks refer to it. */
  readonly plain: PlainNamespace
  readonly msg = new IpcIds<MsgQueue>()
  readonly sem = new IpcIds<SemArray>()
  readonly shm = new IpcIds<ShmSegment>()
  /** Semaphores in all sets. */
  used_sems = 0
  /** Pages in all segments. */
  shm_tot = 0
  // what /proc/sys/kernel says of the kinds
  msg_ctlmax = 8192
  msg_ctlmnb = 16384
  msg_ctlmni = 32000
  sem_ctls: [semmsl: number, semmns: number, semopm: number, semmni: number] = [32000, 1024000000, 500, 32000]
  shm_ctlmax = NO_LIMIT
  shm_ctlall = NO_LIMIT
  shm_ctlmni = 4096
  // /proc/sys/fs/mqueue
  mq_queues_max = 256
  mq_msg_max = 10
  mq_msgsize_max = 8192
  mq_queues_count = 0
  /** Where POSIX message queues live. */
  mq_mnt: Mount | null = null

  constructor(plain: PlainNamespace) {
    this.plain = plain
  }

  get user_ns(): UserNamespace {
    return this.plain.user_ns
  }
}
