/** Enums of our kernel, with the values of Linux 6.12. Programs ask for these by name when they are loaded (CO-RE). */
import * as abi from '@lsmkit/abi'
import { CGROUP_SUBSYS } from '../kobject/group-members.ts'

export type EnumValues = readonly (readonly [name: string, value: number])[]

/** Names that are numbered from `first`. */
const from = (first: number, ...names: readonly string[]): EnumValues =>
  names.map((name, at) => [name, first + at])

/** A table of abi, with what it leaves out: `end`, the name of the first number that is none. */
const tableOf = ({ entries }: { entries(): EnumValues }, end: string | null, aliases: EnumValues = []): EnumValues => {
  const values = entries()
  return [...values, ...aliases, ...(end === null ? [] : from(values.at(-1)![1] + 1, end))]
}

/** Those of bpf(2) and its programs. */
const ofBpf: Readonly<Record<string, EnumValues>> = {
  bpf_func_id: tableOf(abi.bpfHelperTable, '__BPF_FUNC_MAX_ID'),
  bpf_map_type: tableOf(abi.bpfMapTypeTable, '__MAX_BPF_MAP_TYPE', Object.entries({
    BPF_MAP_TYPE_CGROUP_STORAGE_DEPRECATED: abi.BPF_MAP_TYPE_CGROUP_STORAGE_DEPRECATED,
    BPF_MAP_TYPE_PERCPU_CGROUP_STORAGE_DEPRECATED: abi.BPF_MAP_TYPE_PERCPU_CGROUP_STORAGE_DEPRECATED,
  })),
  bpf_prog_type: tableOf(abi.bpfProgTypeTable, '__MAX_BPF_PROG_TYPE'),
  bpf_attach_type: tableOf(abi.bpfAttachTypeTable, '__MAX_BPF_ATTACH_TYPE'),
  bpf_link_type: tableOf(abi.bpfLinkTypeTable, '__MAX_BPF_LINK_TYPE'),
  bpf_cmd: tableOf(abi.bpfCmdTable, '__MAX_BPF_CMD', [['BPF_PROG_RUN', abi.BPF_PROG_RUN]]),
  bpf_perf_event_type: from(0, 'BPF_PERF_EVENT_UNSPEC', 'BPF_PERF_EVENT_UPROBE', 'BPF_PERF_EVENT_URETPROBE',
    'BPF_PERF_EVENT_KPROBE', 'BPF_PERF_EVENT_KRETPROBE', 'BPF_PERF_EVENT_TRACEPOINT', 'BPF_PERF_EVENT_EVENT'),
  bpf_core_relo_kind: from(0, 'BPF_CORE_FIELD_BYTE_OFFSET', 'BPF_CORE_FIELD_BYTE_SIZE', 'BPF_CORE_FIELD_EXISTS',
    'BPF_CORE_FIELD_SIGNED', 'BPF_CORE_FIELD_LSHIFT_U64', 'BPF_CORE_FIELD_RSHIFT_U64', 'BPF_CORE_TYPE_ID_LOCAL',
    'BPF_CORE_TYPE_ID_TARGET', 'BPF_CORE_TYPE_EXISTS', 'BPF_CORE_TYPE_SIZE', 'BPF_CORE_ENUMVAL_EXISTS',
    'BPF_CORE_ENUMVAL_VALUE', 'BPF_CORE_TYPE_MATCHES'),
  bpf_ret_code: Object.entries({
    BPF_OK: abi.BPF_OK, BPF_DROP: abi.BPF_DROP, BPF_REDIRECT: abi.BPF_REDIRECT, BPF_LWT_REROUTE: abi.BPF_LWT_REROUTE,
    BPF_FLOW_DISSECTOR_CONTINUE: abi.BPF_FLOW_DISSECTOR_CONTINUE,
  }),
  bpf_cgroup_iter_order: from(0, 'BPF_CGROUP_ITER_ORDER_UNSPEC', 'BPF_CGROUP_ITER_SELF_ONLY',
    'BPF_CGROUP_ITER_DESCENDANTS_PRE', 'BPF_CGROUP_ITER_DESCENDANTS_POST', 'BPF_CGROUP_ITER_ANCESTORS_UP'),
  bpf_task_fd_type: from(0, 'BPF_FD_TYPE_RAW_TRACEPOINT', 'BPF_FD_TYPE_TRACEPOINT', 'BPF_FD_TYPE_KPROBE',
    'BPF_FD_TYPE_KRETPROBE', 'BPF_FD_TYPE_UPROBE', 'BPF_FD_TYPE_URETPROBE'),
  bpf_stack_build_id_status: from(0, 'BPF_STACK_BUILD_ID_EMPTY', 'BPF_STACK_BUILD_ID_VALID', 'BPF_STACK_BUILD_ID_IP'),
  bpf_iter_task_type: from(0, 'BPF_TASK_ITER_ALL', 'BPF_TASK_ITER_TID', 'BPF_TASK_ITER_TGID'),
  bpf_iter_state: from(0, 'BPF_ITER_STATE_INVALID', 'BPF_ITER_STATE_ACTIVE', 'BPF_ITER_STATE_DRAINED'),
  bpf_dynptr_type: from(0, 'BPF_DYNPTR_TYPE_INVALID', 'BPF_DYNPTR_TYPE_LOCAL', 'BPF_DYNPTR_TYPE_RINGBUF',
    'BPF_DYNPTR_TYPE_SKB', 'BPF_DYNPTR_TYPE_XDP'),
  bpf_access_type: from(1, 'BPF_READ', 'BPF_WRITE'),
  bpf_stats_type: from(0, 'BPF_STATS_RUN_TIME'),
  bpf_cond_pseudo_jmp: from(0, 'BPF_MAY_GOTO'),
  bpf_addr_space_cast: from(1, 'BPF_ADDR_SPACE_CAST'),
  bpf_kfunc_flags: from(1, 'BPF_F_PAD_ZEROS'),
  btf_func_linkage: from(0, 'BTF_FUNC_STATIC', 'BTF_FUNC_GLOBAL', 'BTF_FUNC_EXTERN'),
}

/** Those of programs on packets. */
const ofPackets: Readonly<Record<string, EnumValues>> = {
  xdp_action: from(0, 'XDP_ABORTED', 'XDP_DROP', 'XDP_PASS', 'XDP_TX', 'XDP_REDIRECT'),
  sk_action: from(0, 'SK_DROP', 'SK_PASS'),
  tcx_action_base: Object.entries({
    TCX_NEXT: abi.TCX_NEXT, TCX_PASS: abi.TCX_PASS, TCX_DROP: abi.TCX_DROP, TCX_REDIRECT: abi.TCX_REDIRECT,
  }),
  bpf_adj_room_mode: from(0, 'BPF_ADJ_ROOM_NET', 'BPF_ADJ_ROOM_MAC'),
  bpf_hdr_start_off: from(0, 'BPF_HDR_START_MAC', 'BPF_HDR_START_NET'),
  bpf_lwt_encap_mode: from(0, 'BPF_LWT_ENCAP_SEG6', 'BPF_LWT_ENCAP_SEG6_INLINE', 'BPF_LWT_ENCAP_IP'),
  bpf_check_mtu_flags: from(1, 'BPF_MTU_CHK_SEGS'),
  bpf_check_mtu_ret:
    from(0, 'BPF_MTU_CHK_RET_SUCCESS', 'BPF_MTU_CHK_RET_FRAG_NEEDED', 'BPF_MTU_CHK_RET_SEGS_TOOBIG'),
  nf_inet_hooks: [
    ...from(0, 'NF_INET_PRE_ROUTING', 'NF_INET_LOCAL_IN', 'NF_INET_FORWARD', 'NF_INET_LOCAL_OUT',
      'NF_INET_POST_ROUTING', 'NF_INET_NUMHOOKS'),
    ['NF_INET_INGRESS', 5],
  ],
  // a module's, which has it in types of its own
  nf_nat_manip_type: from(0, 'NF_NAT_MANIP_SRC', 'NF_NAT_MANIP_DST'),
  xdp_rss_hash_type: xdpHashTypes(),
}

/** Bits of layers and protocols, and the combinations of them that have names. */
function xdpHashTypes(): EnumValues {
  const bits = ['L3_IPV4', 'L3_IPV6', 'L3_DYNHDR', 'L4', 'L4_TCP', 'L4_UDP', 'L4_SCTP', 'L4_IPSEC', 'L4_ICMP']
  const bit = (name: string): number => 1 << bits.indexOf(name)
  const type = (name: string, ...parts: string[]): [string, number] =>
    [`XDP_RSS_TYPE_${name}`, parts.reduce((sum, part) => sum | bit(part), 0)]
  const over = (version: string): EnumValues => ['TCP', 'UDP', 'SCTP', 'IPSEC', 'ICMP'].map((protocol) =>
    type(`L4_${version}_${protocol}`, `L3_${version}`, 'L4', `L4_${protocol}`))
  return [
    ...bits.map((name): [string, number] => [`XDP_RSS_${name}`, bit(name)]),
    type('NONE'), type('L2'), type('L3_IPV4', 'L3_IPV4'), type('L3_IPV6', 'L3_IPV6'),
    type('L3_IPV4_OPT', 'L3_IPV4', 'L3_DYNHDR'), type('L3_IPV6_EX', 'L3_IPV6', 'L3_DYNHDR'), type('L4_ANY', 'L4'),
    ...over('IPV4'), ...over('IPV6'),
    ...['TCP', 'UDP', 'SCTP'].map((protocol) =>
      type(`L4_IPV6_${protocol}_EX`, 'L3_IPV6', 'L3_DYNHDR', 'L4', `L4_${protocol}`)),
  ]
}

/** Those of hooks' arguments and of what hooks look at. */
const ofKernel: Readonly<Record<string, EnumValues>> = {
  lockdown_reason: tableOf(abi.lockdownTable, null),
  kernel_read_file_id: from(abi.READING_UNKNOWN, 'READING_UNKNOWN', 'READING_FIRMWARE', 'READING_MODULE',
    'READING_KEXEC_IMAGE', 'READING_KEXEC_INITRAMFS', 'READING_POLICY', 'READING_X509_CERTIFICATE', 'READING_MAX_ID'),
  kernel_load_data_id: from(abi.LOADING_UNKNOWN, 'LOADING_UNKNOWN', 'LOADING_FIRMWARE', 'LOADING_MODULE',
    'LOADING_KEXEC_IMAGE', 'LOADING_KEXEC_INITRAMFS', 'LOADING_POLICY', 'LOADING_X509_CERTIFICATE', 'LOADING_MAX_ID'),
  key_need_perm: from(0, 'KEY_NEED_UNSPECIFIED', 'KEY_NEED_VIEW', 'KEY_NEED_READ', 'KEY_NEED_WRITE',
    'KEY_NEED_SEARCH', 'KEY_NEED_LINK', 'KEY_NEED_SETATTR', 'KEY_NEED_UNLINK', 'KEY_SYSADMIN_OVERRIDE',
    'KEY_AUTHTOKEN_OVERRIDE', 'KEY_DEFER_PERM_CHECK'),
  lsm_integrity_type:
    from(0, 'LSM_INT_DMVERITY_SIG_VALID', 'LSM_INT_DMVERITY_ROOTHASH', 'LSM_INT_FSVERITY_BUILTINSIG_VALID'),
  lsm_event: from(0, 'LSM_POLICY_CHANGE'),
  lsm_order: from(abi.LSM_ORDER_FIRST, 'LSM_ORDER_FIRST', 'LSM_ORDER_MUTABLE', 'LSM_ORDER_LAST'),
  landlock_rule_type: from(abi.LANDLOCK_RULE_PATH_BENEATH, 'LANDLOCK_RULE_PATH_BENEATH', 'LANDLOCK_RULE_NET_PORT'),
  fs_context_purpose: from(0, 'FS_CONTEXT_FOR_MOUNT', 'FS_CONTEXT_FOR_SUBMOUNT', 'FS_CONTEXT_FOR_RECONFIGURE'),
  fs_value_type: from(0, 'fs_value_is_undefined', 'fs_value_is_flag', 'fs_value_is_string', 'fs_value_is_blob',
    'fs_value_is_filename', 'fs_value_is_file'),
  anon_socket_state: from(0, 'SS_FREE', 'SS_UNCONNECTED', 'SS_CONNECTING', 'SS_CONNECTED', 'SS_DISCONNECTING'),
  pid_type: from(0, 'PIDTYPE_PID', 'PIDTYPE_TGID', 'PIDTYPE_PGID', 'PIDTYPE_SID', 'PIDTYPE_MAX'),
  sock_type: [
    ...from(1, 'SOCK_STREAM', 'SOCK_DGRAM', 'SOCK_RAW', 'SOCK_RDM', 'SOCK_SEQPACKET', 'SOCK_DCCP'),
    ['SOCK_PACKET', 10],
  ],
  perf_type_id: from(0, 'PERF_TYPE_HARDWARE', 'PERF_TYPE_SOFTWARE', 'PERF_TYPE_TRACEPOINT', 'PERF_TYPE_HW_CACHE',
    'PERF_TYPE_RAW', 'PERF_TYPE_BREAKPOINT', 'PERF_TYPE_MAX'),
  // numbers depend on how a kernel is built: these are ours
  cgroup_subsys_id: from(0, ...CGROUP_SUBSYS.map((name) => `${name}_cgrp_id`), 'CGROUP_SUBSYS_COUNT'),
}

export const enums: Readonly<Record<string, EnumValues>> = { ...ofBpf, ...ofPackets, ...ofKernel }
