/** Namespaces of a task other than those of users and files: `struct nsproxy`. */
import type { UserNamespace } from '@lsmkit/core'
import type { CgroupNamespace } from '../cgroup/namespace.ts'
import type { Holder } from '../host-memory.ts'
import type { MountNamespace } from '../vfs/mount.ts'
import type { NsCommon } from './ns-common.ts'
import type { PidNamespace } from './pid.ts'

export interface ClockOffset {
  readonly sec: number
  readonly nsec: number
}

/** `struct timens_offsets`, and whether they are final. */
export interface TimeOffsets {
  monotonic: ClockOffset
  boottime: ClockOffset
  frozen: boolean
}

/** `struct new_utsname`. */
export interface Utsname {
  sysname: string
  nodename: string
  release: string
  version: string
  machine: string
  domainname: string
}

export interface UtsNamespace extends NsCommon, Utsname {}

/** Namespaces whose contents are kept elsewhere, with this object as key. */
export interface PlainNamespace extends NsCommon {
  readonly kind: 'ipc' | 'net' | 'time'
  /** Offsets of a time namespace. */
  readonly offsets: TimeOffsets | null
  /** The memory that is charged for it; null for the first namespaces of the machine. */
  readonly memory: Holder | null
  /** Tasks that are in it, and what keeps it beside them: socks other than its own, attached segments. */
  users: number
}

/** Shared between tasks until one unshares; never changed in place. */
export interface NsProxy {
  readonly uts_ns: UtsNamespace
  readonly ipc_ns: PlainNamespace
  readonly mnt_ns: MountNamespace
  /** Namespace of future children: the task's own pid namespace is that of its pid. */
  readonly pid_ns_for_children: PidNamespace
  readonly net_ns: PlainNamespace
  readonly cgroup_ns: CgroupNamespace
  readonly time_ns: PlainNamespace
  readonly time_ns_for_children: PlainNamespace
}

/** nsfs inode numbers of the initial namespaces (linux/proc_ns.h); later ones count from PROC_DYNAMIC_FIRST. */
export const INIT_INUM = {
  ipc: 0xefffffff, uts: 0xeffffffe, user: 0xeffffffd, pid: 0xeffffffc, cgroup: 0xeffffffb, time: 0xeffffffa,
} as const
export const PROC_DYNAMIC_FIRST = 0xf0000000

export const plainNamespace = (
  kind: PlainNamespace['kind'], user_ns: UserNamespace, inum: number, offsets: TimeOffsets | null = null,
  memory: Holder | null = null,
): PlainNamespace => ({ kind, user_ns, inum, offsets, memory, users: 0 })

/** Namespaces that setns joins: those of a task, or the caller's own with one replaced. */
export interface Joined {
  readonly proxy: NsProxy
  readonly pid_ns: PidNamespace
  readonly user_ns: UserNamespace
}
