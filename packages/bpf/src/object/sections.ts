/** The program type for a section's name: the table libbpf loads by. */
import * as abi from '@lsmkit/abi'

export interface SectionKind {
  /** `BPF_PROG_TYPE_*`. */
  readonly type: number
  /** `BPF_*` attach type; 0 where the kernel expects none. */
  readonly attachType: number
  readonly sleepable: boolean
  /** `BPF_F_*` of the load beside BPF_F_SLEEPABLE. */
  readonly flags: number
  /** How the rest of the name is found in the kernel's BTF: prefix and kind; null when it is not. */
  readonly btf: { readonly prefix: string; readonly kind: 'func' | 'typedef' } | null
}

interface Options {
  readonly sleepable?: boolean
  readonly flags?: number
  readonly btf?: SectionKind['btf']
}

const kind = (type: number, attachType = 0, { sleepable = false, flags = 0, btf = null }: Options = {}): SectionKind =>
  ({ type, attachType, sleepable, flags, btf })

const func = { prefix: '', kind: 'func' } as const
const hook = { prefix: 'bpf_lsm_', kind: 'func' } as const
const iterator = { prefix: 'bpf_iter_', kind: 'func' } as const
const trace = { prefix: 'btf_trace_', kind: 'typedef' } as const
const sleepable = true
const frags = abi.BPF_F_XDP_HAS_FRAGS

/** A name that ends in `+` stands alone or is followed by a slash and what is attached to. First match counts. */
export const sectionTable: readonly (readonly [name: string, kind: SectionKind])[] = [
  ['socket', kind(abi.BPF_PROG_TYPE_SOCKET_FILTER)],
  ['sk_reuseport/migrate', kind(abi.BPF_PROG_TYPE_SK_REUSEPORT, abi.BPF_SK_REUSEPORT_SELECT_OR_MIGRATE)],
  ['sk_reuseport', kind(abi.BPF_PROG_TYPE_SK_REUSEPORT, abi.BPF_SK_REUSEPORT_SELECT)],
  ['kprobe+', kind(abi.BPF_PROG_TYPE_KPROBE)],
  ['uprobe+', kind(abi.BPF_PROG_TYPE_KPROBE)],
  ['uprobe.s+', kind(abi.BPF_PROG_TYPE_KPROBE, 0, { sleepable })],
  ['kretprobe+', kind(abi.BPF_PROG_TYPE_KPROBE)],
  ['uretprobe+', kind(abi.BPF_PROG_TYPE_KPROBE)],
  ['uretprobe.s+', kind(abi.BPF_PROG_TYPE_KPROBE, 0, { sleepable })],
  ['kprobe.multi+', kind(abi.BPF_PROG_TYPE_KPROBE, abi.BPF_TRACE_KPROBE_MULTI)],
  ['kretprobe.multi+', kind(abi.BPF_PROG_TYPE_KPROBE, abi.BPF_TRACE_KPROBE_MULTI)],
  ['kprobe.session+', kind(abi.BPF_PROG_TYPE_KPROBE, abi.BPF_TRACE_KPROBE_SESSION)],
  ['uprobe.multi+', kind(abi.BPF_PROG_TYPE_KPROBE, abi.BPF_TRACE_UPROBE_MULTI)],
  ['uretprobe.multi+', kind(abi.BPF_PROG_TYPE_KPROBE, abi.BPF_TRACE_UPROBE_MULTI)],
  ['uprobe.multi.s+', kind(abi.BPF_PROG_TYPE_KPROBE, abi.BPF_TRACE_UPROBE_MULTI, { sleepable })],
  ['uretprobe.multi.s+', kind(abi.BPF_PROG_TYPE_KPROBE, abi.BPF_TRACE_UPROBE_MULTI, { sleepable })],
  ['ksyscall+', kind(abi.BPF_PROG_TYPE_KPROBE)],
  ['kretsyscall+', kind(abi.BPF_PROG_TYPE_KPROBE)],
  ['usdt+', kind(abi.BPF_PROG_TYPE_KPROBE)],
  ['usdt.s+', kind(abi.BPF_PROG_TYPE_KPROBE, 0, { sleepable })],
  ['tc/ingress', kind(abi.BPF_PROG_TYPE_SCHED_CLS, abi.BPF_TCX_INGRESS)],
  ['tc/egress', kind(abi.BPF_PROG_TYPE_SCHED_CLS, abi.BPF_TCX_EGRESS)],
  ['tcx/ingress', kind(abi.BPF_PROG_TYPE_SCHED_CLS, abi.BPF_TCX_INGRESS)],
  ['tcx/egress', kind(abi.BPF_PROG_TYPE_SCHED_CLS, abi.BPF_TCX_EGRESS)],
  ['tc', kind(abi.BPF_PROG_TYPE_SCHED_CLS)],
  ['classifier', kind(abi.BPF_PROG_TYPE_SCHED_CLS)],
  ['action', kind(abi.BPF_PROG_TYPE_SCHED_ACT)],
  ['netkit/primary', kind(abi.BPF_PROG_TYPE_SCHED_CLS, abi.BPF_NETKIT_PRIMARY)],
  ['netkit/peer', kind(abi.BPF_PROG_TYPE_SCHED_CLS, abi.BPF_NETKIT_PEER)],
  ['tracepoint+', kind(abi.BPF_PROG_TYPE_TRACEPOINT)],
  ['tp+', kind(abi.BPF_PROG_TYPE_TRACEPOINT)],
  ['raw_tracepoint+', kind(abi.BPF_PROG_TYPE_RAW_TRACEPOINT)],
  ['raw_tp+', kind(abi.BPF_PROG_TYPE_RAW_TRACEPOINT)],
  ['raw_tracepoint.w+', kind(abi.BPF_PROG_TYPE_RAW_TRACEPOINT_WRITABLE)],
  ['raw_tp.w+', kind(abi.BPF_PROG_TYPE_RAW_TRACEPOINT_WRITABLE)],
  ['tp_btf+', kind(abi.BPF_PROG_TYPE_TRACING, abi.BPF_TRACE_RAW_TP, { btf: trace })],
  ['fentry+', kind(abi.BPF_PROG_TYPE_TRACING, abi.BPF_TRACE_FENTRY, { btf: func })],
  ['fmod_ret+', kind(abi.BPF_PROG_TYPE_TRACING, abi.BPF_MODIFY_RETURN, { btf: func })],
  ['fexit+', kind(abi.BPF_PROG_TYPE_TRACING, abi.BPF_TRACE_FEXIT, { btf: func })],
  ['fentry.s+', kind(abi.BPF_PROG_TYPE_TRACING, abi.BPF_TRACE_FENTRY, { btf: func, sleepable })],
  ['fmod_ret.s+', kind(abi.BPF_PROG_TYPE_TRACING, abi.BPF_MODIFY_RETURN, { btf: func, sleepable })],
  ['fexit.s+', kind(abi.BPF_PROG_TYPE_TRACING, abi.BPF_TRACE_FEXIT, { btf: func, sleepable })],
  ['freplace+', kind(abi.BPF_PROG_TYPE_EXT)],
  ['lsm+', kind(abi.BPF_PROG_TYPE_LSM, abi.BPF_LSM_MAC, { btf: hook })],
  ['lsm.s+', kind(abi.BPF_PROG_TYPE_LSM, abi.BPF_LSM_MAC, { btf: hook, sleepable })],
  ['lsm_cgroup+', kind(abi.BPF_PROG_TYPE_LSM, abi.BPF_LSM_CGROUP, { btf: hook })],
  ['iter+', kind(abi.BPF_PROG_TYPE_TRACING, abi.BPF_TRACE_ITER, { btf: iterator })],
  ['iter.s+', kind(abi.BPF_PROG_TYPE_TRACING, abi.BPF_TRACE_ITER, { btf: iterator, sleepable })],
  ['syscall', kind(abi.BPF_PROG_TYPE_SYSCALL, 0, { sleepable })],
  ['xdp.frags/devmap', kind(abi.BPF_PROG_TYPE_XDP, abi.BPF_XDP_DEVMAP, { flags: frags })],
  ['xdp/devmap', kind(abi.BPF_PROG_TYPE_XDP, abi.BPF_XDP_DEVMAP)],
  ['xdp.frags/cpumap', kind(abi.BPF_PROG_TYPE_XDP, abi.BPF_XDP_CPUMAP, { flags: frags })],
  ['xdp/cpumap', kind(abi.BPF_PROG_TYPE_XDP, abi.BPF_XDP_CPUMAP)],
  ['xdp.frags', kind(abi.BPF_PROG_TYPE_XDP, abi.BPF_XDP, { flags: frags })],
  ['xdp', kind(abi.BPF_PROG_TYPE_XDP, abi.BPF_XDP)],
  ['perf_event', kind(abi.BPF_PROG_TYPE_PERF_EVENT)],
  ['lwt_in', kind(abi.BPF_PROG_TYPE_LWT_IN)],
  ['lwt_out', kind(abi.BPF_PROG_TYPE_LWT_OUT)],
  ['lwt_xmit', kind(abi.BPF_PROG_TYPE_LWT_XMIT)],
  ['lwt_seg6local', kind(abi.BPF_PROG_TYPE_LWT_SEG6LOCAL)],
  ['sockops', kind(abi.BPF_PROG_TYPE_SOCK_OPS, abi.BPF_CGROUP_SOCK_OPS)],
  ['sk_skb/stream_parser', kind(abi.BPF_PROG_TYPE_SK_SKB, abi.BPF_SK_SKB_STREAM_PARSER)],
  ['sk_skb/stream_verdict', kind(abi.BPF_PROG_TYPE_SK_SKB, abi.BPF_SK_SKB_STREAM_VERDICT)],
  ['sk_skb/verdict', kind(abi.BPF_PROG_TYPE_SK_SKB, abi.BPF_SK_SKB_VERDICT)],
  ['sk_skb', kind(abi.BPF_PROG_TYPE_SK_SKB)],
  ['sk_msg', kind(abi.BPF_PROG_TYPE_SK_MSG, abi.BPF_SK_MSG_VERDICT)],
  ['lirc_mode2', kind(abi.BPF_PROG_TYPE_LIRC_MODE2, abi.BPF_LIRC_MODE2)],
  ['flow_dissector', kind(abi.BPF_PROG_TYPE_FLOW_DISSECTOR, abi.BPF_FLOW_DISSECTOR)],
  ['cgroup_skb/ingress', kind(abi.BPF_PROG_TYPE_CGROUP_SKB, abi.BPF_CGROUP_INET_INGRESS)],
  ['cgroup_skb/egress', kind(abi.BPF_PROG_TYPE_CGROUP_SKB, abi.BPF_CGROUP_INET_EGRESS)],
  ['cgroup/skb', kind(abi.BPF_PROG_TYPE_CGROUP_SKB)],
  ['cgroup/sock_create', kind(abi.BPF_PROG_TYPE_CGROUP_SOCK, abi.BPF_CGROUP_INET_SOCK_CREATE)],
  ['cgroup/sock_release', kind(abi.BPF_PROG_TYPE_CGROUP_SOCK, abi.BPF_CGROUP_INET_SOCK_RELEASE)],
  ['cgroup/sock', kind(abi.BPF_PROG_TYPE_CGROUP_SOCK, abi.BPF_CGROUP_INET_SOCK_CREATE)],
  ['cgroup/post_bind4', kind(abi.BPF_PROG_TYPE_CGROUP_SOCK, abi.BPF_CGROUP_INET4_POST_BIND)],
  ['cgroup/post_bind6', kind(abi.BPF_PROG_TYPE_CGROUP_SOCK, abi.BPF_CGROUP_INET6_POST_BIND)],
  ['cgroup/bind4', kind(abi.BPF_PROG_TYPE_CGROUP_SOCK_ADDR, abi.BPF_CGROUP_INET4_BIND)],
  ['cgroup/bind6', kind(abi.BPF_PROG_TYPE_CGROUP_SOCK_ADDR, abi.BPF_CGROUP_INET6_BIND)],
  ['cgroup/connect4', kind(abi.BPF_PROG_TYPE_CGROUP_SOCK_ADDR, abi.BPF_CGROUP_INET4_CONNECT)],
  ['cgroup/connect6', kind(abi.BPF_PROG_TYPE_CGROUP_SOCK_ADDR, abi.BPF_CGROUP_INET6_CONNECT)],
  ['cgroup/connect_unix', kind(abi.BPF_PROG_TYPE_CGROUP_SOCK_ADDR, abi.BPF_CGROUP_UNIX_CONNECT)],
  ['cgroup/sendmsg4', kind(abi.BPF_PROG_TYPE_CGROUP_SOCK_ADDR, abi.BPF_CGROUP_UDP4_SENDMSG)],
  ['cgroup/sendmsg6', kind(abi.BPF_PROG_TYPE_CGROUP_SOCK_ADDR, abi.BPF_CGROUP_UDP6_SENDMSG)],
  ['cgroup/sendmsg_unix', kind(abi.BPF_PROG_TYPE_CGROUP_SOCK_ADDR, abi.BPF_CGROUP_UNIX_SENDMSG)],
  ['cgroup/recvmsg4', kind(abi.BPF_PROG_TYPE_CGROUP_SOCK_ADDR, abi.BPF_CGROUP_UDP4_RECVMSG)],
  ['cgroup/recvmsg6', kind(abi.BPF_PROG_TYPE_CGROUP_SOCK_ADDR, abi.BPF_CGROUP_UDP6_RECVMSG)],
  ['cgroup/recvmsg_unix', kind(abi.BPF_PROG_TYPE_CGROUP_SOCK_ADDR, abi.BPF_CGROUP_UNIX_RECVMSG)],
  ['cgroup/getpeername4', kind(abi.BPF_PROG_TYPE_CGROUP_SOCK_ADDR, abi.BPF_CGROUP_INET4_GETPEERNAME)],
  ['cgroup/getpeername6', kind(abi.BPF_PROG_TYPE_CGROUP_SOCK_ADDR, abi.BPF_CGROUP_INET6_GETPEERNAME)],
  ['cgroup/getpeername_unix', kind(abi.BPF_PROG_TYPE_CGROUP_SOCK_ADDR, abi.BPF_CGROUP_UNIX_GETPEERNAME)],
  ['cgroup/getsockname4', kind(abi.BPF_PROG_TYPE_CGROUP_SOCK_ADDR, abi.BPF_CGROUP_INET4_GETSOCKNAME)],
  ['cgroup/getsockname6', kind(abi.BPF_PROG_TYPE_CGROUP_SOCK_ADDR, abi.BPF_CGROUP_INET6_GETSOCKNAME)],
  ['cgroup/getsockname_unix', kind(abi.BPF_PROG_TYPE_CGROUP_SOCK_ADDR, abi.BPF_CGROUP_UNIX_GETSOCKNAME)],
  ['cgroup/sysctl', kind(abi.BPF_PROG_TYPE_CGROUP_SYSCTL, abi.BPF_CGROUP_SYSCTL)],
  ['cgroup/getsockopt', kind(abi.BPF_PROG_TYPE_CGROUP_SOCKOPT, abi.BPF_CGROUP_GETSOCKOPT)],
  ['cgroup/setsockopt', kind(abi.BPF_PROG_TYPE_CGROUP_SOCKOPT, abi.BPF_CGROUP_SETSOCKOPT)],
  ['cgroup/dev', kind(abi.BPF_PROG_TYPE_CGROUP_DEVICE, abi.BPF_CGROUP_DEVICE)],
  ['struct_ops+', kind(abi.BPF_PROG_TYPE_STRUCT_OPS)],
  ['struct_ops.s+', kind(abi.BPF_PROG_TYPE_STRUCT_OPS, 0, { sleepable })],
  ['sk_lookup', kind(abi.BPF_PROG_TYPE_SK_LOOKUP, abi.BPF_SK_LOOKUP)],
  ['netfilter', kind(abi.BPF_PROG_TYPE_NETFILTER, abi.BPF_NETFILTER)],
]

/** A section's kind and what follows its slash; null for a name that is not in the table. */
export const sectionKind = (section: string): { kind: SectionKind; attachTo: string | null } | null => {
  for (const [name, found] of sectionTable) {
    if (!name.endsWith('+')) {
      if (section === name) return { kind: found, attachTo: null }
      continue
    }
    const prefix = name.slice(0, -1)
    if (section === prefix) return { kind: found, attachTo: null }
    if (section.startsWith(`${prefix}/`)) return { kind: found, attachTo: section.slice(prefix.length + 1) }
  }
  return null
}
