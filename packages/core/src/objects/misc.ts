/** Objects of the smaller subsystems: perf, BPF, io_uring, watches, audit rules, time. */
import type { Cred } from './cred.ts'
import type { File } from './fs.ts'
import type { Secured } from './secured.ts'

/** An event that perf_event_open(2) counts (`struct perf_event`). */
export interface PerfEvent extends Secured {
  /** `PERF_TYPE_*`. */
  type: number
  /** Which event of that type. */
  config: number
}

/** A map of BPF (`struct bpf_map`). */
export interface BpfMap extends Secured {
  /** Identifier. */
  id: number
  /** `BPF_MAP_TYPE_*`. */
  map_type: number
  /** Bytes of a key. */
  key_size: number
  /** Bytes of a value. */
  value_size: number
  /** How many entries it holds at most; bytes of a ring buffer. */
  max_entries: number
  /** `BPF_F_*` flags. */
  map_flags: number
  /** Its name, at most 15 bytes. */
  name: string
}

/** A loaded BPF program (`struct bpf_prog`). */
export interface BpfProg extends Secured {
  /** Identifier. */
  id: number
  /** `BPF_PROG_TYPE_*`. */
  type: number
  /** `BPF_*`: what it says it will be attached to. */
  expected_attach_type: number
  /** Whether it may sleep. */
  sleepable: boolean
  /** Its name, at most 15 bytes. */
  name: string
}

/** The parts of BPF that a user namespace may use (`struct bpf_token`). */
export interface BpfToken extends Secured {
  /** Bit n: command n of bpf(2). */
  allowed_cmds: bigint
  /** Bit n: map type n. */
  allowed_maps: bigint
  /** Bit n: program type n. */
  allowed_progs: bigint
  /** Bit n: attach type n. */
  allowed_attachs: bigint
}

/**
 * `union bpf_attr` of the command at hand, as decoded by the bpf syscall. A host that has the bytes gives a function
 * for them under ATTR_BYTES.
 */
export type BpfAttr = Readonly<Record<string, unknown>>
export const ATTR_BYTES: unique symbol = Symbol.for('lsmkit.bpf_attr')

/** A command that io_uring hands to a driver (`struct io_uring_cmd`). */
export interface IoUringCmd {
  /** The open file it goes to. */
  file: File
  /** The command, of the driver. */
  cmd_op: number
  /** `IORING_URING_CMD_*` flags. */
  flags: number
}

/** A message in a watch queue (`struct watch_notification`). */
export interface WatchNotification {
  /** `WATCH_TYPE_*`. */
  type: number
  /** Which event of that type. */
  subtype: number
  /** Length and identifier of the watch. */
  info: number
}

/** `struct audit_krule`: fields an LSM may be asked about. */
export interface AuditKrule {
  /** `type` is `AUDIT_*`, `op` the comparison, `lsm_rule` what `audit_rule_init` gave. */
  fields: readonly { type: number; op: number; lsm_rule: unknown }[]
}

/** A time in seconds and nanoseconds (`struct timespec64`). */
export interface Timespec64 {
  /** Seconds since the epoch. */
  tv_sec: number
  /** Nanoseconds. */
  tv_nsec: number
}

/** The time zone that settimeofday(2) sets (`struct timezone`). */
export interface Timezone {
  /** Minutes west of Greenwich. */
  tz_minuteswest: number
  /** Unused. */
  tz_dsttime: number
}

/** `sockptr_t optval` of SO_PEERSEC: the LSM appends at most `len` bytes and says how long the answer is. */
export interface PeersecBuffer {
  /** The label, or null until one is given. */
  value: Uint8Array | null
  /** How many bytes it takes. */
  length: number
}

/** `struct lsm_ctx` (include/uapi/linux/lsm.h). */
export interface LsmCtx {
  /** `LSM_ID_*` of the module it is for. */
  id: number
  /** 0 in 6.12. */
  flags: number
  /** The label, as bytes. */
  ctx: Uint8Array
}

/** Blob-only objects: `void *security` parameters that belong to a device rather than a struct LSMs know. */
export interface TunDev extends Secured {}
/** A user of the management interface of InfiniBand (`struct ib_mad_agent`). */
export interface InfiniBandAgent extends Secured {}

export type { Cred }
