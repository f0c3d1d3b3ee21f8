/** The kinds of program by one letter, as the helper table uses them. */
import type { ProgramSpec } from '../../object/bpf-object.ts'

const letters: Readonly<Record<number, string>> = {
  1: 'S', 2: 'P', 3: 'T', 4: 'T', 5: 't', 6: 'X', 7: 'e', 8: 'K', 9: 'k', 10: 'i', 11: 'u', 12: 'x', 13: 'O', 14: 'b',
  15: 'd', 16: 'm', 17: 'R', 18: 'a', 19: '6', 21: 'r', 22: 'f', 23: 'y', 24: 'R', 25: 'o', 27: 'U', 30: 'l', 31: 'Y',
  32: 'N',
}

export const KPROBE = 2
export const TRACING = 26
export const STRUCT_OPS = 27
export const EXT = 28
export const LSM = 29
export const SYSCALL = 31
/** The program types for a loader without CAP_BPF: SOCKET_FILTER, CGROUP_SKB. */
export const UNPRIVILEGED_TYPES: ReadonlySet<number> = new Set([1, 8])
/** As `is_perfmon_prog_type`: probes, tracing, LSM, STRUCT_OPS, EXT. */
export const PERFMON_TYPES: ReadonlySet<number> = new Set([2, 5, 7, 17, 24, TRACING, STRUCT_OPS, EXT, LSM])
export const ATTACH_LSM_MAC = 27
export const ATTACH_LSM_CGROUP = 43
export const ATTACH_RAW_TP = 23
export const ATTACH_FENTRY = 24
export const ATTACH_FEXIT = 25
export const ATTACH_MODIFY_RETURN = 26
export const ATTACH_ITER = 28

/** The letter; empty for a type that is not known. */
export const programLetter = ({ type, expectedAttachType, attachTo }: ProgramSpec): string => {
  if (type === TRACING)
    return expectedAttachType === ATTACH_RAW_TP ? 'B' : expectedAttachType === ATTACH_ITER ? 'I' : 'F'
  if (type === LSM) return expectedAttachType === ATTACH_LSM_CGROUP ? 'C' : 'L'
  if (type === STRUCT_OPS) return attachTo?.startsWith('tcp_congestion_ops.') === true ? 'G' : 'U'
  return letters[type] ?? ''
}

const attachNames: Readonly<Record<number, string>> = {
  0: 'INET_INGRESS', 1: 'INET_EGRESS', 2: 'INET_SOCK_CREATE', 3: 'SOCK_OPS', 8: 'INET4_BIND', 9: 'INET6_BIND',
  10: 'INET4_CONNECT', 11: 'INET6_CONNECT', 12: 'INET4_POST_BIND', 13: 'INET6_POST_BIND', 14: 'UDP4_SENDMSG',
  15: 'UDP6_SENDMSG', 19: 'UDP4_RECVMSG', 20: 'UDP6_RECVMSG', 21: 'GETSOCKOPT', 22: 'SETSOCKOPT',
  29: 'INET4_GETPEERNAME', 30: 'INET6_GETPEERNAME', 31: 'INET4_GETSOCKNAME', 32: 'INET6_GETSOCKNAME', 33: 'XDP_DEVMAP',
  34: 'INET_SOCK_RELEASE', 42: 'KPROBE_MULTI', 48: 'UPROBE_MULTI', 49: 'UNIX_CONNECT', 50: 'UNIX_SENDMSG',
  51: 'UNIX_RECVMSG', 52: 'UNIX_GETPEERNAME', 53: 'UNIX_GETSOCKNAME', 56: 'KPROBE_SESSION',
  57: 'UPROBE_SESSION',
}
/** The attach type as the tables call it. */
export const attachName = (type: number): string => attachNames[type] ?? ''
