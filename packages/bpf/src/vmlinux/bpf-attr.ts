/** `union bpf_attr` as user space knows it (include/uapi/linux/bpf.h): members by their offsets. */

export const attrStructs: Readonly<Record<string, string>> = {
  'struct anon_bpf_attr_batch':
    '@0 __u64 in_batch; @8 __u64 out_batch; @16 __u64 keys; @24 __u64 values; @32 __u32 count; @36 __u32 ' +
    'map_fd; @40 __u64 elem_flags; @48 __u64 flags',
  'struct anon_bpf_attr_test':
    '@0 __u32 prog_fd; @4 __u32 retval; @8 __u32 data_size_in; @12 __u32 data_size_out; @16 __u64 data_in; @24 ' +
    '__u64 data_out; @32 __u32 repeat; @36 __u32 duration; @40 __u32 ctx_size_in; @44 __u32 ctx_size_out; @48 ' +
    '__u64 ctx_in; @56 __u64 ctx_out; @64 __u32 flags; @68 __u32 cpu; @72 __u32 batch_size',
  'struct anon_bpf_attr_info':
    '@0 __u32 bpf_fd; @4 __u32 info_len; @8 __u64 info',
  'struct anon_bpf_attr_query':
    '@0 __u32 target_fd; @0 __u32 target_ifindex; @4 __u32 attach_type; @8 __u32 query_flags; @12 __u32 ' +
    'attach_flags; @16 __u64 prog_ids; @24 __u32 prog_cnt; @24 __u32 count; @32 __u64 prog_attach_flags; @40 ' +
    '__u64 link_ids; @48 __u64 link_attach_flags; @56 __u64 revision',
  'struct anon_bpf_attr_raw_tracepoint':
    '@0 __u64 name; @8 __u32 prog_fd; @16 __u64 cookie',
  'struct anon_bpf_attr_task_fd_query':
    '@0 __u32 pid; @4 __u32 fd; @8 __u32 flags; @12 __u32 buf_len; @16 __u64 buf; @24 __u32 prog_id; @28 __u32 ' +
    'fd_type; @32 __u64 probe_offset; @40 __u64 probe_addr',
  'struct anon_bpf_attr_link_create_perf_event':
    '@0 __u64 bpf_cookie',
  'struct anon_bpf_attr_link_create_kprobe_multi':
    '@0 __u32 flags; @4 __u32 cnt; @8 __u64 syms; @16 __u64 addrs; @24 __u64 cookies',
  'struct anon_bpf_attr_link_create_tracing':
    '@0 __u32 target_btf_id; @8 __u64 cookie',
  'struct anon_bpf_attr_link_create_netfilter':
    '@0 __u32 pf; @4 __u32 hooknum; @8 __s32 priority; @12 __u32 flags',
  'struct anon_bpf_attr_link_create_tcx':
    '@0 __u32 relative_fd; @0 __u32 relative_id; @8 __u64 expected_revision',
  'struct anon_bpf_attr_link_create_uprobe_multi':
    '@0 __u64 path; @8 __u64 offsets; @16 __u64 ref_ctr_offsets; @24 __u64 cookies; @32 __u32 cnt; @36 __u32 ' +
    'flags; @40 __u32 pid',
  'struct anon_bpf_attr_link_create':
    '@0 __u32 prog_fd; @0 __u32 map_fd; @4 __u32 target_fd; @4 __u32 target_ifindex; @8 __u32 attach_type; @12 ' +
    '__u32 flags; @16 __u32 target_btf_id; @16 __u64 iter_info; @24 __u32 iter_info_len; @16 struct ' +
    'anon_bpf_attr_link_create_perf_event perf_event; @16 struct anon_bpf_attr_link_create_kprobe_multi ' +
    'kprobe_multi; @16 struct anon_bpf_attr_link_create_tracing tracing; @16 struct ' +
    'anon_bpf_attr_link_create_netfilter netfilter; @16 struct anon_bpf_attr_link_create_tcx tcx; @16 struct ' +
    'anon_bpf_attr_link_create_uprobe_multi uprobe_multi; @16 struct anon_bpf_attr_link_create_tcx netkit; @16 ' +
    'struct anon_bpf_attr_link_create_tcx cgroup',
  'struct anon_bpf_attr_link_update':
    '@0 __u32 link_fd; @4 __u32 new_prog_fd; @4 __u32 new_map_fd; @8 __u32 flags; @12 __u32 old_prog_fd; @12 ' +
    '__u32 old_map_fd',
  'struct anon_bpf_attr_link_detach':
    '@0 __u32 link_fd',
  'struct anon_bpf_attr_enable_stats':
    '@0 __u32 type',
  'struct anon_bpf_attr_iter_create':
    '@0 __u32 link_fd; @4 __u32 flags',
  'struct anon_bpf_attr_prog_bind_map':
    '@0 __u32 prog_fd; @4 __u32 map_fd; @8 __u32 flags',
  'struct anon_bpf_attr_token_create':
    '@0 __u32 flags; @4 __u32 bpffs_fd',
  'union bpf_attr':
    '@0 __u32 map_type; @4 __u32 key_size; @8 __u32 value_size; @12 __u32 max_entries; @16 __u32 map_flags; ' +
    '@20 __u32 inner_map_fd; @24 __u32 numa_node; @28 char map_name[16]; @44 __u32 map_ifindex; @48 __u32 ' +
    'btf_fd; @52 __u32 btf_key_type_id; @56 __u32 btf_value_type_id; @60 __u32 btf_vmlinux_value_type_id; @64 ' +
    '__u64 map_extra; @72 __s32 value_type_btf_obj_fd; @76 __s32 map_token_fd; @0 __u32 map_fd; @8 __u64 key; ' +
    '@16 __u64 value; @16 __u64 next_key; @24 __u64 flags; @0 struct anon_bpf_attr_batch batch; @0 __u32 ' +
    'prog_type; @4 __u32 insn_cnt; @8 __u64 insns; @16 __u64 license; @24 __u32 log_level; @28 __u32 log_size; ' +
    '@32 __u64 log_buf; @40 __u32 kern_version; @44 __u32 prog_flags; @48 char prog_name[16]; @64 __u32 ' +
    'prog_ifindex; @68 __u32 expected_attach_type; @72 __u32 prog_btf_fd; @76 __u32 func_info_rec_size; @80 ' +
    '__u64 func_info; @88 __u32 func_info_cnt; @92 __u32 line_info_rec_size; @96 __u64 line_info; @104 __u32 ' +
    'line_info_cnt; @108 __u32 attach_btf_id; @112 __u32 attach_prog_fd; @112 __u32 attach_btf_obj_fd; @116 ' +
    '__u32 core_relo_cnt; @120 __u64 fd_array; @128 __u64 core_relos; @136 __u32 core_relo_rec_size; @140 ' +
    '__u32 log_true_size; @144 __s32 prog_token_fd; @0 __u64 pathname; @8 __u32 bpf_fd; @12 __u32 file_flags; ' +
    '@16 __s32 path_fd; @0 __u32 target_fd; @0 __u32 target_ifindex; @4 __u32 attach_bpf_fd; @8 __u32 ' +
    'attach_type; @12 __u32 attach_flags; @16 __u32 replace_bpf_fd; @20 __u32 relative_fd; @20 __u32 ' +
    'relative_id; @24 __u64 expected_revision; @0 struct anon_bpf_attr_test test; @0 __u32 start_id; @0 __u32 ' +
    'prog_id; @0 __u32 map_id; @0 __u32 btf_id; @0 __u32 link_id; @4 __u32 next_id; @8 __u32 open_flags; @0 ' +
    'struct anon_bpf_attr_info info; @0 struct anon_bpf_attr_query query; @0 struct ' +
    'anon_bpf_attr_raw_tracepoint raw_tracepoint; @0 __u64 btf; @8 __u64 btf_log_buf; @16 __u32 btf_size; @20 ' +
    '__u32 btf_log_size; @24 __u32 btf_log_level; @28 __u32 btf_log_true_size; @32 __u32 btf_flags; @36 __s32 ' +
    'btf_token_fd; @0 struct anon_bpf_attr_task_fd_query task_fd_query; @0 struct anon_bpf_attr_link_create ' +
    'link_create; @0 struct anon_bpf_attr_link_update link_update; @0 struct anon_bpf_attr_link_detach ' +
    'link_detach; @0 struct anon_bpf_attr_enable_stats enable_stats; @0 struct anon_bpf_attr_iter_create ' +
    'iter_create; @0 struct anon_bpf_attr_prog_bind_map prog_bind_map; @0 struct anon_bpf_attr_token_create ' +
    'token_create',
}
