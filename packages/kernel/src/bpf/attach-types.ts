/** Which attach types a program type may be loaded with, and which type each of them takes (kernel/bpf/syscall.c). */
import * as abi from '@lsmkit/abi'

const SOCK_ADDR: ReadonlySet<number> = new Set([
  abi.BPF_CGROUP_INET4_BIND, abi.BPF_CGROUP_INET6_BIND, abi.BPF_CGROUP_INET4_CONNECT, abi.BPF_CGROUP_INET6_CONNECT,
  abi.BPF_CGROUP_UNIX_CONNECT, abi.BPF_CGROUP_INET4_GETPEERNAME, abi.BPF_CGROUP_INET6_GETPEERNAME,
  abi.BPF_CGROUP_UNIX_GETPEERNAME, abi.BPF_CGROUP_INET4_GETSOCKNAME, abi.BPF_CGROUP_INET6_GETSOCKNAME,
  abi.BPF_CGROUP_UNIX_GETSOCKNAME, abi.BPF_CGROUP_UDP4_SENDMSG, abi.BPF_CGROUP_UDP6_SENDMSG,
  abi.BPF_CGROUP_UNIX_SENDMSG, abi.BPF_CGROUP_UDP4_RECVMSG, abi.BPF_CGROUP_UDP6_RECVMSG,
  abi.BPF_CGROUP_UNIX_RECVMSG,
])
const SOCK: ReadonlySet<number> = new Set([
  abi.BPF_CGROUP_INET_SOCK_CREATE, abi.BPF_CGROUP_INET_SOCK_RELEASE, abi.BPF_CGROUP_INET4_POST_BIND,
  abi.BPF_CGROUP_INET6_POST_BIND,
])
const SKB: ReadonlySet<number> = new Set([abi.BPF_CGROUP_INET_INGRESS, abi.BPF_CGROUP_INET_EGRESS])
const SOCKOPT: ReadonlySet<number> = new Set([abi.BPF_CGROUP_SETSOCKOPT, abi.BPF_CGROUP_GETSOCKOPT])

/** Types that take only these when they are loaded; the others take any. */
const LOADED_FOR: Readonly<Record<number, ReadonlySet<number>>> = {
  [abi.BPF_PROG_TYPE_CGROUP_SOCK]: SOCK,
  [abi.BPF_PROG_TYPE_CGROUP_SOCK_ADDR]: SOCK_ADDR,
  [abi.BPF_PROG_TYPE_CGROUP_SKB]: SKB,
  [abi.BPF_PROG_TYPE_CGROUP_SOCKOPT]: SOCKOPT,
  [abi.BPF_PROG_TYPE_SK_LOOKUP]: new Set([abi.BPF_SK_LOOKUP]),
  [abi.BPF_PROG_TYPE_SK_REUSEPORT]: new Set([
    abi.BPF_SK_REUSEPORT_SELECT, abi.BPF_SK_REUSEPORT_SELECT_OR_MIGRATE,
  ]),
  [abi.BPF_PROG_TYPE_NETFILTER]: new Set([abi.BPF_NETFILTER]),
  [abi.BPF_PROG_TYPE_SYSCALL]: new Set([0]),
  [abi.BPF_PROG_TYPE_EXT]: new Set([0]),
}

/** Those that name a function of the kernel. */
const WITH_BTF_ID: ReadonlySet<number> = new Set([
  abi.BPF_PROG_TYPE_TRACING, abi.BPF_PROG_TYPE_LSM, abi.BPF_PROG_TYPE_STRUCT_OPS, abi.BPF_PROG_TYPE_EXT,
])

/** As `bpf_prog_load_check_attach`, where no program is the target. */
export const mayLoadFor = (type: number, attachType: number, attachBtfId: number, hasAttachBtf: boolean): boolean => {
  if (attachBtfId !== 0 && (!hasAttachBtf || !WITH_BTF_ID.has(type))) return false
  if (hasAttachBtf && attachBtfId === 0) return false
  return LOADED_FOR[type]?.has(attachType) ?? true
}

const OF_ATTACH_TYPE: ReadonlyMap<number, number> = new Map([
  ...[...SKB].map((type) => [type, abi.BPF_PROG_TYPE_CGROUP_SKB] as const),
  ...[...SOCK].map((type) => [type, abi.BPF_PROG_TYPE_CGROUP_SOCK] as const),
  ...[...SOCK_ADDR].map((type) => [type, abi.BPF_PROG_TYPE_CGROUP_SOCK_ADDR] as const),
  ...[...SOCKOPT].map((type) => [type, abi.BPF_PROG_TYPE_CGROUP_SOCKOPT] as const),
  [abi.BPF_CGROUP_SOCK_OPS, abi.BPF_PROG_TYPE_SOCK_OPS],
  [abi.BPF_CGROUP_DEVICE, abi.BPF_PROG_TYPE_CGROUP_DEVICE],
  [abi.BPF_CGROUP_SYSCTL, abi.BPF_PROG_TYPE_CGROUP_SYSCTL],
  [abi.BPF_SK_MSG_VERDICT, abi.BPF_PROG_TYPE_SK_MSG],
  [abi.BPF_SK_SKB_STREAM_PARSER, abi.BPF_PROG_TYPE_SK_SKB],
  [abi.BPF_SK_SKB_STREAM_VERDICT, abi.BPF_PROG_TYPE_SK_SKB],
  [abi.BPF_SK_SKB_VERDICT, abi.BPF_PROG_TYPE_SK_SKB],
  [abi.BPF_LIRC_MODE2, abi.BPF_PROG_TYPE_LIRC_MODE2],
  [abi.BPF_FLOW_DISSECTOR, abi.BPF_PROG_TYPE_FLOW_DISSECTOR],
  [abi.BPF_TRACE_ITER, abi.BPF_PROG_TYPE_TRACING],
  [abi.BPF_TRACE_RAW_TP, abi.BPF_PROG_TYPE_TRACING],
  [abi.BPF_TRACE_FENTRY, abi.BPF_PROG_TYPE_TRACING],
  [abi.BPF_TRACE_FEXIT, abi.BPF_PROG_TYPE_TRACING],
  [abi.BPF_MODIFY_RETURN, abi.BPF_PROG_TYPE_TRACING],
  [abi.BPF_LSM_MAC, abi.BPF_PROG_TYPE_LSM],
  [abi.BPF_LSM_CGROUP, abi.BPF_PROG_TYPE_LSM],
  [abi.BPF_SK_LOOKUP, abi.BPF_PROG_TYPE_SK_LOOKUP],
  [abi.BPF_XDP, abi.BPF_PROG_TYPE_XDP],
  [abi.BPF_TCX_INGRESS, abi.BPF_PROG_TYPE_SCHED_CLS],
  [abi.BPF_TCX_EGRESS, abi.BPF_PROG_TYPE_SCHED_CLS],
  [abi.BPF_NETKIT_PRIMARY, abi.BPF_PROG_TYPE_SCHED_CLS],
  [abi.BPF_NETKIT_PEER, abi.BPF_PROG_TYPE_SCHED_CLS],
])

/** As `attach_type_to_prog_type`; BPF_PROG_TYPE_UNSPEC for one that no command attaches by. */
export const progTypeOf = (attachType: number): number =>
  OF_ATTACH_TYPE.get(attachType) ?? abi.BPF_PROG_TYPE_UNSPEC

/** Attached to a control group (`is_cgroup_prog_type`). */
export const CGROUP_TYPES: ReadonlySet<number> = new Set([
  abi.BPF_PROG_TYPE_CGROUP_DEVICE, abi.BPF_PROG_TYPE_CGROUP_SKB, abi.BPF_PROG_TYPE_CGROUP_SOCK,
  abi.BPF_PROG_TYPE_CGROUP_SOCK_ADDR, abi.BPF_PROG_TYPE_CGROUP_SOCKOPT, abi.BPF_PROG_TYPE_CGROUP_SYSCTL,
  abi.BPF_PROG_TYPE_SOCK_OPS,
])

/** Must be attached by the very type that they were loaded for. */
const EXACT: ReadonlySet<number> = new Set([
  abi.BPF_PROG_TYPE_CGROUP_SOCK, abi.BPF_PROG_TYPE_CGROUP_SOCK_ADDR, abi.BPF_PROG_TYPE_CGROUP_SOCKOPT,
  abi.BPF_PROG_TYPE_SK_LOOKUP,
])
const KPROBES: ReadonlySet<number> = new Set([
  abi.BPF_PERF_EVENT, abi.BPF_TRACE_KPROBE_MULTI, abi.BPF_TRACE_KPROBE_SESSION, abi.BPF_TRACE_UPROBE_MULTI,
])
const SCHED: ReadonlySet<number> = new Set([
  abi.BPF_TCX_INGRESS, abi.BPF_TCX_EGRESS, abi.BPF_NETKIT_PRIMARY, abi.BPF_NETKIT_PEER,
])

/** As `bpf_prog_attach_check_attach_type`, without the capability check of BPF_PROG_TYPE_CGROUP_SKB. */
export const mayAttachBy = (type: number, loadedFor: number, attachType: number): boolean => {
  if (EXACT.has(type)) return attachType === loadedFor
  switch (type) {
    case abi.BPF_PROG_TYPE_EXT: return true
    case abi.BPF_PROG_TYPE_NETFILTER: return attachType === abi.BPF_NETFILTER
    case abi.BPF_PROG_TYPE_PERF_EVENT: case abi.BPF_PROG_TYPE_TRACEPOINT: return attachType === abi.BPF_PERF_EVENT
    case abi.BPF_PROG_TYPE_KPROBE:
      return KPROBES.has(attachType) &&
        (loadedFor === 0 || loadedFor === abi.BPF_PERF_EVENT || loadedFor === attachType)
    case abi.BPF_PROG_TYPE_SCHED_CLS: return SCHED.has(attachType)
    default: return progTypeOf(attachType) === type
  }
}
