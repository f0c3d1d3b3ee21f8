/**
 * Kfuncs by release: those of 6.12 (prototypes.ts) with the release where each came, those that came later, and lines
 * for releases where flags or program types are others. Read from the sources of 6.1, 6.12 and 7.3 and the types of
 * 6.18 (scripts/kernels/kfuncs.ts); the first releases between them are those of public documentation.
 */
import type { KernelRelease, Span } from '../kernels/releases.ts'
import { earliest, from, isWithin, until } from '../kernels/releases.ts'
import type { KfuncPrototype } from './prototypes.ts'
import { kfuncPrototypes } from './prototypes.ts'

/** The part of a prototype that the kernel's types do not have. */
export type KfuncRule = Pick<KfuncPrototype, 'name' | 'flags' | 'programs' | 'filter'>

interface Line {
  readonly span: Span
  readonly rule: KfuncRule
}

const words = (text: string): string[] => text.split(/\s+/).filter((word) => word !== '')

const lines = (span: Span, flags: string, programs: string, filter: string, names: string): Line[] =>
  words(names).map((name) =>
    ({ span, rule: { name, flags: new Set(words(flags)), programs: words(programs), filter } }))

/** First releases of kfuncs that 6.12 has; the others came with 6.12. */
const arrivals: readonly (readonly [KernelRelease, string])[] = [
  ['5.15', `
    bbr_cwnd_event bbr_init bbr_main bbr_min_tso_segs bbr_set_state bbr_sndbuf_expand bbr_ssthresh bbr_undo_cwnd
    cubictcp_acked cubictcp_cong_avoid cubictcp_cwnd_event cubictcp_init cubictcp_recalc_ssthresh cubictcp_state
    dctcp_cwnd_event dctcp_cwnd_undo dctcp_init dctcp_ssthresh dctcp_state dctcp_update_alpha tcp_cong_avoid_ai
    tcp_reno_cong_avoid tcp_reno_ssthresh tcp_reno_undo_cwnd tcp_slow_start bpf_kfunc_call_test1 bpf_kfunc_call_test2
    bpf_kfunc_call_test3`],
  ['6.1', `
    bpf_ct_change_status bpf_ct_change_timeout bpf_ct_insert_entry bpf_ct_release bpf_ct_set_nat_info bpf_ct_set_status
    bpf_ct_set_timeout bpf_key_put bpf_kfunc_call_int_mem_release bpf_kfunc_call_memb1_release
    bpf_kfunc_call_memb_acquire bpf_kfunc_call_memb_release bpf_kfunc_call_test_acq_rdonly_mem
    bpf_kfunc_call_test_acquire bpf_kfunc_call_test_destructive bpf_kfunc_call_test_fail1 bpf_kfunc_call_test_fail2
    bpf_kfunc_call_test_fail3 bpf_kfunc_call_test_get_rdonly_mem bpf_kfunc_call_test_get_rdwr_mem
    bpf_kfunc_call_test_mem_len_fail1 bpf_kfunc_call_test_mem_len_fail2 bpf_kfunc_call_test_mem_len_pass1
    bpf_kfunc_call_test_pass1 bpf_kfunc_call_test_pass2 bpf_kfunc_call_test_pass_ctx bpf_kfunc_call_test_ref
    bpf_kfunc_call_test_release bpf_lookup_system_key bpf_lookup_user_key bpf_skb_ct_alloc bpf_skb_ct_lookup
    bpf_verify_pkcs7_signature bpf_xdp_ct_alloc bpf_xdp_ct_lookup cgroup_rstat_flush cgroup_rstat_updated crash_kexec`],
  ['6.6', `
    bpf_cast_to_kern_ctx bpf_cgroup_acquire bpf_cgroup_ancestor bpf_cgroup_from_id bpf_cgroup_release
    bpf_cpumask_acquire bpf_cpumask_and bpf_cpumask_any_and_distribute bpf_cpumask_any_distribute bpf_cpumask_clear
    bpf_cpumask_clear_cpu bpf_cpumask_copy bpf_cpumask_create bpf_cpumask_empty bpf_cpumask_equal bpf_cpumask_first
    bpf_cpumask_first_and bpf_cpumask_first_zero bpf_cpumask_full bpf_cpumask_intersects bpf_cpumask_or
    bpf_cpumask_release bpf_cpumask_set_cpu bpf_cpumask_setall bpf_cpumask_subset bpf_cpumask_test_and_clear_cpu
    bpf_cpumask_test_and_set_cpu bpf_cpumask_test_cpu bpf_cpumask_xor bpf_dynptr_adjust bpf_dynptr_clone
    bpf_dynptr_from_skb bpf_dynptr_from_xdp bpf_dynptr_is_null bpf_dynptr_is_rdonly bpf_dynptr_size bpf_dynptr_slice
    bpf_dynptr_slice_rdwr bpf_iter_num_destroy bpf_iter_num_new bpf_iter_num_next bpf_list_pop_back bpf_list_pop_front
    bpf_list_push_back_impl bpf_list_push_front_impl bpf_map_sum_elem_count bpf_obj_drop_impl bpf_obj_new_impl
    bpf_rbtree_add_impl bpf_rbtree_first bpf_rbtree_remove bpf_rcu_read_lock bpf_rcu_read_unlock bpf_rdonly_cast
    bpf_refcount_acquire_impl bpf_skb_get_fou_encap bpf_skb_get_xfrm_info bpf_skb_set_fou_encap bpf_skb_set_xfrm_info
    bpf_sock_destroy bpf_task_acquire bpf_task_from_pid bpf_task_release bpf_task_under_cgroup
    bpf_xdp_metadata_rx_hash bpf_xdp_metadata_rx_timestamp`],
]

/** First releases without a kfunc of 6.12. */
const departures: readonly (readonly [KernelRelease, string])[] = [
  ['6.18', `
    cgroup_rstat_flush cgroup_rstat_updated scx_bpf_consume scx_bpf_dispatch scx_bpf_dispatch_from_dsq
    scx_bpf_dispatch_from_dsq_set_slice scx_bpf_dispatch_from_dsq_set_vtime scx_bpf_dispatch_vtime
    scx_bpf_dispatch_vtime_from_dsq`],
  ['7.3', 'bbr_cwnd_event bpf_wq_set_callback_impl cubictcp_cwnd_event dctcp_cwnd_event scx_bpf_cpu_rq'],
]

const named = (table: readonly (readonly [KernelRelease, string])[]): Map<string, KernelRelease> =>
  new Map(table.flatMap(([release, names]) => words(names).map((name) => [name, release] as const)))

const [arrived, departed] = [named(arrivals), named(departures)]

/** 7.3 opens these to more program types. */
const OPEN = 'CGROUP_* SCHED_CLS STRUCT_OPS SYSCALL TRACING XDP'

/** Lines that stand for those of 6.12 in their releases. */
const others: readonly Line[] = [
  ...lines(until('6.6'), 'DESTRUCTIVE', 'TRACING', '', 'crash_kexec'),
  ...lines(from('7.3'), 'ACQUIRE RET_NULL', OPEN, '', 'bpf_lookup_system_key'),
  ...lines(from('7.3'), 'ACQUIRE RET_NULL SLEEPABLE', OPEN, '', 'bpf_lookup_user_key'),
  ...lines(from('7.3'), 'RELEASE', OPEN, '', 'bpf_key_put'),
  ...lines(from('7.3'), 'SLEEPABLE', OPEN, '', 'bpf_verify_pkcs7_signature'),
  ...lines(from('7.3'), '', 'ALL', '', 'bpf_arena_alloc_pages bpf_arena_free_pages'),
  ...lines(from('7.3'), '', 'KPROBE TRACING', 'bpf_session_filter', 'bpf_session_cookie bpf_session_is_return'),
]

/** Kfuncs that came after 6.12. Flags are those of 7.3, where every kfunc takes trusted pointers. */
const later: readonly Line[] = [
  ...lines(from('6.18'), 'ITER_DESTROY SLEEPABLE', 'ALL', '', `
    bpf_iter_dmabuf_destroy bpf_iter_kmem_cache_destroy`),
  ...lines(from('6.18'), 'ITER_NEW SLEEPABLE', 'ALL', '', `
    bpf_iter_dmabuf_new bpf_iter_kmem_cache_new`),
  ...lines(from('6.18'), 'ITER_NEXT RET_NULL SLEEPABLE', 'ALL', '', `
    bpf_iter_dmabuf_next bpf_iter_kmem_cache_next`),
  ...lines(from('6.18'), 'TRUSTED_ARGS', 'ALL', '', `
    bpf_arena_reserve_pages bpf_dynptr_copy bpf_dynptr_memset bpf_get_kmem_cache bpf_probe_read_kernel_dynptr
    bpf_probe_read_kernel_str_dynptr bpf_probe_read_user_dynptr bpf_probe_read_user_str_dynptr bpf_strcasecmp
    bpf_strchr bpf_strchrnul bpf_strcmp bpf_strcspn bpf_strlen bpf_strnchr bpf_strnlen bpf_strnstr bpf_strrchr
    bpf_strspn bpf_strstr`),
  ...lines(from('6.18'), 'TRUSTED_ARGS', 'CGROUP_* SCHED_CLS STRUCT_OPS SYSCALL TRACING XDP', '', `
    bpf_send_signal_task`),
  ...lines(from('6.18'), 'TRUSTED_ARGS', 'SOCK_OPS', '', `
    bpf_sock_ops_enable_tx_tstamp`),
  ...lines(from('6.18'), 'TRUSTED_ARGS', 'TRACING', '', `
    css_rstat_updated`),
  ...lines(from('6.18'), 'TRUSTED_ARGS', 'XDP', '', `
    bpf_xdp_pull_data`),
  ...lines(from('6.18'), 'TRUSTED_ARGS ACQUIRE RET_NULL', 'CGROUP_* SCHED_CLS STRUCT_OPS SYSCALL TRACING XDP', '', `
    bpf_task_from_vpid`),
  ...lines(from('6.18'), 'TRUSTED_ARGS RCU', 'ALL', '', `
    bpf_cgroup_read_xattr`),
  ...lines(from('6.18'), 'TRUSTED_ARGS RCU', 'STRUCT_OPS SYSCALL TRACING', '', `
    bpf_cpumask_populate`),
  ...lines(from('6.18'), 'TRUSTED_ARGS SLEEPABLE', 'ALL', '', `
    bpf_copy_from_user_dynptr bpf_copy_from_user_str_dynptr bpf_copy_from_user_task_dynptr
    bpf_copy_from_user_task_str bpf_copy_from_user_task_str_dynptr`),
  ...lines(from('6.18'), 'TRUSTED_ARGS SLEEPABLE', 'LSM STRUCT_OPS', 'bpf_fs_kfuncs_filter', `
    bpf_remove_dentry_xattr bpf_set_dentry_xattr`),
  ...lines(from('6.18'), 'TRUSTED_ARGS SLEEPABLE', 'TRACING', '', `
    css_rstat_flush`),
  ...lines(from('7.3'), '', 'STRUCT_OPS', '', `
    bbr_cwnd_event_tx_start cubictcp_cwnd_event_tx_start dctcp_cwnd_event_tx_start`),
  ...lines(from('7.3'), 'TRUSTED_ARGS', 'ALL', '', `
    bpf_mem_cgroup_memory_events bpf_mem_cgroup_page_state bpf_mem_cgroup_usage bpf_mem_cgroup_vm_events
    bpf_strcasestr bpf_strncasecmp bpf_strncasestr bpf_timer_cancel_async`),
  ...lines(from('7.3'), 'TRUSTED_ARGS', 'CGROUP_*', '', `
    bpf_icmp_send`),
  ...lines(from('7.3'), 'TRUSTED_ARGS ACQUIRE RET_NULL', 'ALL', '', `
    bpf_get_root_mem_cgroup`),
  ...lines(from('7.3'), 'TRUSTED_ARGS ACQUIRE RET_NULL RCU', 'ALL', '', `
    bpf_get_mem_cgroup`),
  ...lines(from('7.3'), 'TRUSTED_ARGS RCU', 'LSM STRUCT_OPS', 'bpf_fs_kfuncs_filter', `
    bpf_sock_read_xattr`),
  ...lines(from('7.3'), 'TRUSTED_ARGS RELEASE', 'ALL', '', `
    bpf_put_mem_cgroup`),
  ...lines(from('7.3'), 'TRUSTED_ARGS SLEEPABLE', 'ALL', '', `
    bpf_mem_cgroup_flush_stats`),
  ...lines(from('7.3'), 'TRUSTED_ARGS SLEEPABLE RET_NULL', 'LSM STRUCT_OPS', 'bpf_fs_kfuncs_filter', `
    bpf_real_data_inode`),
]

const byName = new Map<string, Line[]>()
for (const line of [...others, ...later]) {
  const known = byName.get(line.rule.name)
  if (known === undefined) byName.set(line.rule.name, [line])
  else known.push(line)
}

const baseSpan = (name: string): Span => ({ from: arrived.get(name) ?? '6.12', until: departed.get(name) ?? null })

for (const rule of kfuncPrototypes)
  byName.set(rule.name, [...byName.get(rule.name) ?? [], { span: baseSpan(rule.name), rule }])

/** The kfunc as that release has it; undefined where it has none of that name. */
export const kfuncIn = (release: KernelRelease, name: string): KfuncRule | undefined =>
  byName.get(name)?.find(({ span }) => isWithin(span, release))?.rule

/** The first release with a kfunc of that name; null where no table has it. */
export const firstWithKfunc = (name: string): KernelRelease | null => {
  const spans = byName.get(name) ?? []
  return spans.length === 0 ? null : earliest(spans.map(({ span }) => span.from))
}

/**
 * Kfuncs after 6.12 with rules of their own that this verifier does not know: locks and interrupts, allocated objects,
 * callbacks, file dynptrs. A program that calls one is refused.
 */
export const unknownKfuncs: ReadonlySet<string> = new Set(words(`
  bpf_binprm_select_interp bpf_binprm_set_flags bpf_binprm_set_interp bpf_binprm_set_interp_arg
  bpf_dynptr_file_discard bpf_dynptr_from_file bpf_dynptr_from_skb_meta bpf_io_uring_get_region
  bpf_io_uring_submit_sqes bpf_kfree_skb bpf_ksock_acquire bpf_ksock_connect bpf_ksock_create bpf_ksock_release
  bpf_ksock_send bpf_list_add bpf_list_back bpf_list_del bpf_list_empty bpf_list_front bpf_list_is_first
  bpf_list_is_last bpf_list_push_back bpf_list_push_front bpf_local_irq_restore bpf_local_irq_save bpf_obj_drop
  bpf_obj_new bpf_percpu_obj_drop bpf_percpu_obj_new bpf_qdisc_bstats_update bpf_qdisc_init_prologue
  bpf_qdisc_reset_destroy_epilogue bpf_qdisc_skb_drop bpf_qdisc_watchdog_schedule bpf_rbtree_add bpf_rbtree_left
  bpf_rbtree_right bpf_rbtree_root bpf_refcount_acquire bpf_res_spin_lock bpf_res_spin_lock_irqsave
  bpf_res_spin_unlock bpf_res_spin_unlock_irqrestore bpf_skb_get_hash bpf_stream_print_stack bpf_stream_vprintk
  bpf_stream_vprintk_impl bpf_task_work_schedule_resume bpf_task_work_schedule_signal
  bpf_task_work_schedule_resume_impl bpf_task_work_schedule_signal_impl bpf_wakeup_sources_get_head
  bpf_wakeup_sources_read_lock bpf_wakeup_sources_read_unlock bpf_wq_set_callback`))
