/** Capabilities that BPF asks for, with or without a token (kernel/bpf/token.c). */
import {
  BPF_PROG_TYPE_CGROUP_DEVICE, BPF_PROG_TYPE_CGROUP_SOCK, BPF_PROG_TYPE_CGROUP_SOCK_ADDR, BPF_PROG_TYPE_CGROUP_SOCKOPT,
  BPF_PROG_TYPE_CGROUP_SYSCTL, BPF_PROG_TYPE_EXT, BPF_PROG_TYPE_FLOW_DISSECTOR, BPF_PROG_TYPE_KPROBE,
  BPF_PROG_TYPE_LSM, BPF_PROG_TYPE_LWT_IN, BPF_PROG_TYPE_LWT_OUT, BPF_PROG_TYPE_LWT_SEG6LOCAL, BPF_PROG_TYPE_LWT_XMIT,
  BPF_PROG_TYPE_NETFILTER, BPF_PROG_TYPE_PERF_EVENT, BPF_PROG_TYPE_RAW_TRACEPOINT,
  BPF_PROG_TYPE_RAW_TRACEPOINT_WRITABLE, BPF_PROG_TYPE_SCHED_ACT, BPF_PROG_TYPE_SCHED_CLS, BPF_PROG_TYPE_SK_MSG,
  BPF_PROG_TYPE_SK_SKB, BPF_PROG_TYPE_SOCK_OPS, BPF_PROG_TYPE_STRUCT_OPS, BPF_PROG_TYPE_TRACEPOINT,
  BPF_PROG_TYPE_TRACING, BPF_PROG_TYPE_XDP, CAP_SYS_ADMIN,
} from '@lsmkit/abi'
import { capable, ns_capable } from '@lsmkit/core'
import type { UserNamespace } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import type { KernelToken } from '../state/bpf/objects.ts'

/** Loading them takes CAP_NET_ADMIN on top (`is_net_admin_prog_type`). */
export const NET_ADMIN_TYPES: ReadonlySet<number> = new Set([
  BPF_PROG_TYPE_SCHED_CLS, BPF_PROG_TYPE_SCHED_ACT, BPF_PROG_TYPE_XDP, BPF_PROG_TYPE_LWT_IN, BPF_PROG_TYPE_LWT_OUT,
  BPF_PROG_TYPE_LWT_XMIT, BPF_PROG_TYPE_LWT_SEG6LOCAL, BPF_PROG_TYPE_SK_SKB, BPF_PROG_TYPE_SK_MSG,
  BPF_PROG_TYPE_FLOW_DISSECTOR, BPF_PROG_TYPE_CGROUP_DEVICE, BPF_PROG_TYPE_CGROUP_SOCK,
  BPF_PROG_TYPE_CGROUP_SOCK_ADDR, BPF_PROG_TYPE_CGROUP_SOCKOPT, BPF_PROG_TYPE_CGROUP_SYSCTL, BPF_PROG_TYPE_SOCK_OPS,
  BPF_PROG_TYPE_EXT, BPF_PROG_TYPE_NETFILTER,
])
/** Loading them takes CAP_PERFMON on top (`is_perfmon_prog_type`). */
export const PERFMON_TYPES: ReadonlySet<number> = new Set([
  BPF_PROG_TYPE_KPROBE, BPF_PROG_TYPE_TRACEPOINT, BPF_PROG_TYPE_PERF_EVENT, BPF_PROG_TYPE_RAW_TRACEPOINT,
  BPF_PROG_TYPE_RAW_TRACEPOINT_WRITABLE, BPF_PROG_TYPE_TRACING, BPF_PROG_TYPE_LSM, BPF_PROG_TYPE_STRUCT_OPS,
  BPF_PROG_TYPE_EXT,
])

const hasBit = (mask: bigint, bit: number): boolean => ((mask >> BigInt(bit)) & 1n) !== 0n

const hasIn = ({ lsm, current }: Machine, ns: UserNamespace, cap: number): boolean => ns_capable(lsm, current, ns, cap)

/** CAP_SYS_ADMIN contains all the others. */
const inNs = (machine: Machine, ns: UserNamespace, cap: number): boolean =>
  hasIn(machine, ns, cap) || (cap !== CAP_SYS_ADMIN && hasIn(machine, ns, CAP_SYS_ADMIN))

/** As `bpf_token_capable`: asks in the token's user namespace, or without a token in the initial one. */
export const token_capable = (machine: Machine, token: KernelToken | null, cap: number): boolean => {
  if (!inNs(machine, token === null ? machine.init_user_ns : token.userns, cap)) return false
  return token === null || machine.lsm.bpf_token_capable.ask(token, cap) >= 0
}

export const token_allow_cmd = (machine: Machine, token: KernelToken, cmd: number): boolean =>
  hasBit(token.allowed_cmds, cmd) && machine.lsm.bpf_token_cmd.ask(token, cmd) === 0

export const token_allow_map_type = (token: KernelToken, type: number): boolean => hasBit(token.allowed_maps, type)

export const token_allow_prog_type = (token: KernelToken, type: number, attach: number): boolean =>
  hasBit(token.allowed_progs, type) && hasBit(token.allowed_attachs, attach)

/** As `bpf_bypass_spec_v1` and `_v4`: a machine without mitigations asks nobody. */
export const bypass_spec = (machine: Machine, token: KernelToken | null, cap: number): boolean =>
  !machine.config.CPU_MITIGATIONS || token_capable(machine, token, cap)

export const isAdmin = ({ lsm, current }: Machine): boolean => capable(lsm, current, CAP_SYS_ADMIN)
