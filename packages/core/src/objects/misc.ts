/** Objects of the smaller subsystems: perf, BPF, io_uring, watches, audit rules, time. */
import type { Cred } from './cred.ts'
import type { File } from './fs.ts'
import type { Secured } from './secured.ts'

export interface PerfEvent extends Secured {
  type: number
  config: number
}

export interface BpfMap extends Secured {
  id: number
  map_type: number
  key_size: number
  value_size: number
  max_entries: number
  map_flags: number
  name: string
}

export interface BpfProg extends Secured {
  id: number
  type: number
  expected_attach_type: number
  sleepable: boolean
  name: string
}

export interface BpfToken extends Secured {
  allowed_cmds: bigint
  allowed_maps: bigint
  allowed_progs: bigint
  allowed_attachs: bigint
}

/** `union bpf_attr` of the command at hand, as decoded by the bpf syscall. */
export type BpfAttr = Readonly<Record<string, unknown>>

export interface IoUringCmd {
  file: File
  cmd_op: number
  flags: number
}

export interface WatchNotification {
  type: number
  subtype: number
  info: number
}

/** `struct audit_krule`: fields an LSM may be asked about. */
export interface AuditKrule {
  fields: readonly { type: number; op: number; lsm_rule: unknown }[]
}

export interface Timespec64 {
  tv_sec: number
  tv_nsec: number
}

export interface Timezone {
  tz_minuteswest: number
  tz_dsttime: number
}

/** `sockptr_t optval` of SO_PEERSEC: the LSM appends at most `len` bytes and says how long the answer is. */
export interface PeersecBuffer {
  value: Uint8Array | null
  length: number
}

/** `struct lsm_ctx` (include/uapi/linux/lsm.h). */
export interface LsmCtx {
  id: number
  flags: number
  ctx: Uint8Array
}

/** Blob-only objects: `void *security` parameters that belong to a device rather than a struct LSMs know. */
export interface TunDev extends Secured {}
export interface InfiniBandAgent extends Secured {}

export type { Cred }
