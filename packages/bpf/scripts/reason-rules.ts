/** Which reason stands for which member: the first rule that fits. A member without one is a gap. */
import type { Reason } from '../src/vmlinux/reasons.ts'

/** Patterns match whole names; `*` stands for anything. A type is its name without pointers, or `function`. */
interface Rule {
  readonly reason: Reason
  readonly structs?: string
  readonly members?: string
  readonly types?: string
}

/** Members of structs whose other members have values. */
const ofMembers: readonly Rule[] = [
  { reason: 'count', types: 'lockref' },
  { reason: 'filler', members: '__cacheline_group_* __*_offset *dontcopy_* _pad_ __reserved* __mce_reserved __empty*' },
  { reason: 'filler', structs: 'rcu_special cacheline_padding', members: '*' },
  { reason: 'processor', structs: 'task_struct',
    members: 'thread mce_* kstack_offset stack_canary l1d_flush_kill stack_vm_area reported_split_lock ' +
    'pasid_activated ' +
      'tlb_ubc closid rmid kmap_ctrl' },
  { reason: 'processor', structs: 'thread_info', members: 'cpu' },
  { reason: 'pages', structs: 'task_struct',
    members: '*flt numa_* *numa* il_* pref_node_fork node_stamp mempolicy mems_allowed* cpuset_* in_lru_fault ' +
      'memcg_nr_pages_over_high active_memcg objcg use_memdelay in_memstall in_thrashing acct_*mem1 ' +
      'pagefault_disabled oom_reaper_* task_frag reclaim_state capture_control faults_disabled_mapping nr_dirtied* ' +
      'dirty_paused_when active_mm mm_cid* last_mm_cid cid_work migrate_from_cpu throttle_disk' },
  { reason: 'block', structs: 'task_struct', members: 'bio_list plug io_context btrace_seq sequential_io* in_iowait' },
  { reason: 'time', structs: 'task_struct', members: '*utime *stime gtime prev_cputime vtime posix_cputimers* ' +
    'acct_timexpd sched_info delays ioac tick_dep_mask' },
  { reason: 'time', structs: 'signal_struct', members: '*utime *stime *gtime prev_cputime posix_cputimers ' +
    'cputimer tick_dep_mask sum_sched_runtime it stats pacct stats_lock ioac *maxrss *block *oublock *inblock' },
  { reason: 'pages', structs: 'signal_struct', members: '*flt oom_flag_origin oom_mm' },
  { reason: 'schedule', structs: 'signal_struct', members: '*csw autogroup' },
  { reason: 'schedule', structs: 'task_struct',
    members: '*csw *switch* on_* wake* *wakee* recent_used_cpu *prio se rt dl dl_server sched_* stats ' +
      'max_allowed_capacity *cpus_* user_cpus_ptr migration_* rcu_* trc_* pushable_* pi_* psi_flags ' +
      'last_* wake_cpu saved_state no_cgroup_migration' },
  { reason: 'tracing', structs: 'task_struct',
    members: 'perf_* *ret_stack* curr_ret_* ftrace_* trac* utask kretprobe_instances rethooks in_eventfd' },
  { reason: 'feature', structs: 'task_struct',
    members: 'io_uring rseq* patch_state syscall_dispatch preempt_notifiers robust_list compat_robust_list futex_* ' +
      'user_dumpable sysvsem sysvshm ptraced' },
  { reason: 'call', structs: 'task_struct',
    members: 'restart_block nameidata splice_pipe journal_info bpf_ctx bpf_net_context worker_private task_works ' +
      'vfork_done cached_requested_key saved_sigmask real_blocked restore_sigmask jobctl wake_q' },
  { reason: 'processor', structs: 'task_struct', members: 'sas_ss_*' },
  { reason: 'audit', structs: 'task_struct signal_struct filename', members: 'audit_context audit_tty tty_audit_buf ' +
    'aname' },
  { reason: 'call', structs: 'signal_struct',
    members: 'quick_threads curr_target multiprocess notify_count group_exec_task group_stop_count core_state flags ' +
      'next_posix_timer_id posix_timers real_timer it_real_incr tty_old_pgrp nr_threads' },
  { reason: 'feature', structs: 'file inode super_block mm_struct user_namespace nsproxy',
    members: 'i_crypt_info i_verity_info s_cop s_master_keys s_vop s_encoding* *quota* dq_op s_qcop s_dquot ' +
      'i_fsnotify_* s_fsnotify_* s_export_op ioctx_table notifier_subscriptions uprobes_state ksm_* ' +
      'binfmt_misc i_version i_sequence s_mtd i_cdev s_sysfs_name s_pins s_xattr s_max_links s_uuid*' },
  { reason: 'pages', structs: 'file inode super_block',
    members: 'f_mapping f_ra f_wb_err f_sb_err i_mapping i_data i_dio_count s_wb_err s_shrink s_*_lru s_bdi ' +
      's_remove_count s_dio_done_wq f_freeptr f_iocb_flags' },
  { reason: 'block', structs: 'inode super_block',
    members: 'dirtied_* i_wb* i_write_hint i_io_list i_state s_time_* s_writers s_readonly_remount s_stack_depth ' +
      's_blocksize_bits s_bdev_file' },
  { reason: 'call', structs: 'inode file super_block dentry', members: 'i_opflags i_dir_seq f_task_work f_pipe ' +
    'd_time ' +
    's_d_op d_op i_flctx f_ep i_link d_u i_bytes i_readcount' },
  { reason: 'pages', structs: 'mm_struct vm_area_struct vm_operations_struct',
    members: '*' },
  { reason: 'call', structs: 'linux_binprm',
    members: 'vma_pages argmin p have_execfd execfd_creds comm_from_dentry fdpath interp_flags execfd loader exec' },
  { reason: 'feature', structs: 'cred user_struct user_namespace pid_namespace net nsproxy',
    members: '*ucount* non_rcu *keyring* set sysctls rlimit_max epoll_watches *locked_vm perf_mlock unix_inflight ' +
      'pipe_bufs bacct reboot memfd_noexec_scope projid_map pid_cachep idr ratelimit persistent_* key_domain ' +
    '*tracker' },
  { reason: 'feature', structs: 'key keyring_index_key key_user key_type',
    members: '*' },
  { reason: 'packets', structs: 'sock sock_common socket sk_buff inet_sock unix_sock udp_sock netlink_sock ' +
    'request_sock msghdr sock_cgroup_data flowi_common', members: '*' },
  { reason: 'call', structs: 'iov_iter', members: '*' },
  { reason: 'schedule', structs: 'cgroup cgroup_subsys_state cgroup_subsys cgroup_root css_set psi_group',
    members: '*rstat* *bstat* psi* prev_cputime *preload* mg_* *cset* *iters kill_seq pidlists *subsys ' +
      'nr_dying_subsys release_agent* old_* cgrp_ancestor_storage early_init implicit_on_dfl depends_on *cftypes ' +
      'cfts css_idr *_files *_file bpf freezer subtree_ss_mask flags online_cnt nr_descendants nr_cgrps legacy_name' },
  { reason: 'verifier', structs: 'bpf_prog bpf_prog_aux bpf_map bpf_link bpf_verifier_log', members: '*' },
  { reason: 'code', structs: 'module', members: '*' },
  { reason: 'call', structs: 'fs_context seq_file fs_struct files_struct fown_struct filename block_device ' +
    'kernfs_node ' +
    'kernfs_root pid io_uring_cmd nameidata user_namespace fs_parameter pt_regs ns_common iattr restart_block* seccomp',
  members: '*' },
]

/** Types that have no counterpart wherever they are. */
const ofTypes: readonly Rule[] = [
  { reason: 'function', types: 'function *_operations *_ops *_op ops *_actor_t' },
  { reason: 'lock', types: 'spinlock* raw_spinlock* mutex rw_semaphore seq*count* seqlock_t rwlock_t qrwlock ' +
    '*wait_queue* wait_queue* swait* callback_head work_struct delayed_work timer_list hrtimer completion ' +
    'rcu_work rcu_head *_semaphore qspinlock optimistic_spin_queue lockdep_map lock_class_key rcuwait rcu_sync ' +
    'kthread_work irq_work fasync_struct workqueue_struct static_key* timerqueue* rt_mutex* wake_q_node ' +
    'arch_spinlock_t *lock_t lockref blocking_notifier_head raw_notifier_head call_single_data_t __call_single*' },
  { reason: 'link', types: 'list_head hlist_* rb_* llist_* plist_* xarray idr rhash_* rhlist_* maple_tree list_lru* ' +
    'klist* radix* latch_tree_node assoc_array sk_buff_head' },
  { reason: 'count', types: 'refcount_t kref percpu_ref refcount_struct kobject kset' },
]

/** Structs of parts that are not there at all. */
const ofStructs: readonly Rule[] = [
  { reason: 'link', structs: 'task_struct', members: 'tasks ptraced ptrace_entry cg_list' },
  { reason: 'count', types: 'lockref' },
  { reason: 'lock', structs: 'qspinlock qrwlock mutex optimistic_spin_queue rw_semaphore work_struct delayed_work ' +
    'rcuwait completion seqcount* kthread_work workqueue_struct *notifier_head __call_single* lockref fasync_struct ' +
    'anon_qspinlock* anon_rcuref_t' },
  { reason: 'lock', structs: 'wait_queue_entry' },
  { reason: 'packets', structs: 'rt6* rtable lwtunnel* fib* anon_fib* fnhe*' },
  { reason: 'link', structs: 'rb_node xarray idr anon_freeptr_t' },
  { reason: 'count', structs: 'percpu_ref*' },
  { reason: 'packets', structs: 'net', members: '*' },
  { reason: 'schedule', structs: 'anon_cfs_rq* anon_rt_rq* anon_dl_rq* anon_rcu_special*' },
  { reason: 'processor', structs: 'fpregs_state anon_mm_context_t' },
  { reason: 'pages', structs: 'anon_mempolicy*' },
  { reason: 'tracing', structs: 'anon_u64_stats_t' },
  { reason: 'format', structs: 'uid_gid_map', members: 'forward reverse' },
  { reason: 'call', structs: 'super_block seccomp', members: 's_count s_subtype filter_count' },
  { reason: 'call', structs: 'renamedata', members: 'delegated_inode' },
  { reason: 'call', structs: 'task_struct', members: '*_child_tid' },
  { reason: 'call', structs: 'kernel_clone_args', members: '*' },
  { reason: 'call', structs: 'fdtable', members: 'full_fds_bits' },
  { reason: 'processor', structs: 'sigaction', members: 'sa_restorer' },
  { reason: 'schedule', structs: 'sched_* rq rt_rq dl_rq cfs_* task_group load_weight rt_prio_array cpu_stop_work ' +
    'rcu_* psi_group root_domain uclamp* cgroup_rstat_cpu cgroup_base_stat *cpu_itimer numa_group tlbflush* ' +
    'arch_tlbflush* plist* preempt* wake_q_node rt_* rq_list cgroup_freezer_state cgroup_file' },
  { reason: 'time', structs: 'prev_cputime vtime posix_* task_cputime* thread_group_cputimer pacct_struct ' +
    'task_io_accounting task_delay_info timer* hrtimer* *timespec* saved delayed_call' },
  { reason: 'processor', structs: 'thread_struct fpu* fxregs_state fregs_state swregs_state xregs_state ' +
    'xstate_header ' +
    'fpstate desc_struct thread_shstk fred_* io_bitmap math_emu_info mm_context_t *ldt_struct *mm_struct_context ' +
    'arch_* vdso_image kmap_ctrl anon_fpu* llist*' },
  { reason: 'pages', structs: 'page* address_space file_ra_state anon_vma* vma_* mem_cgroup* vmpressure *lru* ' +
    'mempolicy ' +
    'mm_* wb_* fprop_* memcg_* deferred_split obj_cgroup vm_* xol_area uprobes_state mmu_* iommu_mm_data folio_* ' +
    'reclaim_state capture_control shrinker pgprot* backing_dev_info bdi_writeback numa* maple_tree ' +
    'percpu_counter anon_vm_area_struct_shared anon_mm_struct_lru_gen userfaultfd_ctx kioctx* anon_nodemask_t ' +
    'swap* local_* io_tlb_* bio_vec kvec slab* ioctx* linux_binfmt tlb*' },
  { reason: 'device', structs: 'device* dev_* bus_* class kobj* kset fwnode* iommu_* irq_* msi_* dma_* wake* pm_* ' +
    'freq_constraints em_* wakeup_source klist* subsys* io_tlb* cdev kref driver* pmu hw_* anon_device* ratelimit*' },
  { reason: 'block', structs: 'gendisk request_queue queue_limits disk_stats blk_* partition_* bio_* quota* ' +
    'mem_dqinfo ' +
    'sb_writers percpu_rw_semaphore list_lru* mempool* rq_qos bio_set mempool_s io_context block_device*' },
  { reason: 'packets', structs: 'net_device* netdev_* netns_* dst_* proto skb_* sock_* sk_* *_net local_ports ' +
    'ping_group_range inet_* inet6_* ipv6_* ip_* in6_* proto_ops request_sock_ops saved_syn socket_wq scm_* unix_* ' +
    'neigh* sysctl_fib* netlink_* nlmsghdr bpf_xdp_entity anon_net* anon_sock* anon_sk_buff* anon_possible_net* ' +
    'anon_proto_h ubuf_info kiocb page_frag flowi* anon_flowi* nexthop* anon_netns* fib* anon_inet* anon_ipv6* ' +
    'anon_in6* anon_ping* anon_dst* udp_* simple_xattrs hlist_nulls_node ref_tracker* siphash* anon_siphash_key_t' },
  { reason: 'protocol', structs: 'sctp_* anon_sctp* xfrm_* anon_xfrm* __genradix genradix*' },
  { reason: 'function', structs: '*_operations *_ops seq_operations cgroup_subsys sched_class pmu' },
  { reason: 'tracing', structs: 'perf_* anon_perf* trace_* ftrace_* event_filter uprobe_task local64_t ' +
    'arch_uprobe* bpf_raw_event_map anon_local* irq_work anon_hw_perf* robust*' },
  { reason: 'feature', structs: 'fscrypt_* fsverity_* merkle_* unicode_map userfaultfd_ctx rseq io_uring* ' +
    'anon_io_uring* ' +
    'robust_list* compat_robust* futex_* anon_futex* syscall_user_dispatch binfmt_misc fsnotify_* simple_xattr* ' +
    'sysv_* sem_undo_list ctl_* ucounts audit_tree audit_watch audit_fsnotify_mark anon_io* anon_uprobe* ' +
    'kernfs_* anon_uuid_t anon_guid_t proc_ns* export* pollfd anon_restart_block*' },
  { reason: 'audit', structs: 'audit_* anon_audit_* mq_attr open_how' },
  { reason: 'code', structs: 'module_* mod_* kernel_symbol kernel_param *exception_table_entry bug_entry bpf_ksym ' +
    'jump_entry static_* _ddebug* klp_* elf64_* orc_entry ddebug* attribute* bin_attribute param_attribute ' +
    'anon__ddebug* kallsym_iter' },
  { reason: 'verifier', structs: 'btf* bpf_* sock_filter sock_fprog* anon_bpf* sock_fprog_kern seccomp_filter ' +
    'action_cache latch_tree_node' },
  { reason: 'call', structs: 'nameidata anon_nameidata* iov_iter kernel_siginfo __sifields anon___sifields* sigval ' +
    'anon_sigval* p_log fc_log pipe_inode_info key_* kernfs_* file_lock_context sigpending filename assoc_array ' +
    'rt_mutex_waiter' },
  { reason: 'format', structs: 'posix_acl* msg_msgseg __kernel_sockaddr_storage sockaddr* in_addr* lsm_ctx iattr ' +
    'kern_ipc_perm msg_msg mnt_idmap watch_notification xattr timezone file_system_type qstr dentry user_struct cred ' +
    'group_info upid ns_common pid_namespace cgroup* css_set vfsmount rlimit sembuf path fs_*' },
]

const rules: readonly Rule[] = [...ofMembers, ...ofTypes, ...ofStructs]

const compiled = new Map<string, RegExp>()
const matches = (patterns: string | undefined, text: string): boolean => {
  if (patterns === undefined) return true
  let regex = compiled.get(patterns)
  if (regex === undefined) {
    const all = patterns.split(/\s+/).filter((one) => one !== '').map((one) => one.replaceAll('*', '.*'))
    compiled.set(patterns, (regex = new RegExp(`^(?:${all.join('|')})$`)))
  }
  return regex.test(text)
}

/** Null: a gap. */
export const reasonFor = (struct: string, member: string, type: string): Reason | null =>
  rules.find(({ structs, members, types }) =>
    matches(structs, struct) && matches(members, member) && matches(types, type))?.reason ?? null
