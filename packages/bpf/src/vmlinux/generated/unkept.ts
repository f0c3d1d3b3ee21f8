/** Made by scripts/generate-members.ts: members without values, `reason:declarations|reason:…`. Do not edit. */

export const unkeptMembers: Readonly<Record<string, string>> = {
  'struct cred':
    'feature:struct ucounts *ucounts;int non_rcu|lock:struct callback_head rcu',
  'struct callback_head':
    'lock:struct callback_head *next|function:void *func',
  'struct file':
    'lock:struct spinlock f_lock;struct mutex f_pos_lock|pages:struct address_space *f_mapping;unsigned int ' +
    'f_iocb_flags;u32 f_wb_err,f_sb_err;struct file_ra_state f_ra;freeptr_t f_freeptr|call:u64 f_pipe;struct ' +
    'hlist_head *f_ep;struct callback_head f_task_work|link:struct llist_node f_llist',
  'struct spinlock':
    'lock:struct raw_spinlock rlock',
  'struct raw_spinlock':
    'lock:struct qspinlock raw_lock',
  'struct qspinlock':
    'lock:atomic_t val;u8 locked,pending;u16 locked_pending,tail',
  'struct mutex':
    'lock:atomic_long_t owner;struct raw_spinlock wait_lock;struct optimistic_spin_queue osq|link:struct ' +
    'list_head wait_list',
  'struct optimistic_spin_queue':
    'lock:atomic_t tail',
  'struct llist_node':
    'link:struct llist_node *next',
  'struct file_ra_state':
    'pages:unsigned long start;unsigned int size,async_size,ra_pages,mmap_miss;loff_t prev_pos',
  'struct anon_freeptr_t':
    'link:unsigned long v',
  'struct task_struct':
    'schedule:unsigned int saved_state,wakee_flips,sched_contributes_to_load:1,sched_migrated:1,sched_task_hot:1,' +
    'sched_remote_wakeup:1,sched_rt_mutex:1,no_cgroup_migration:1,psi_flags;int on_cpu,recent_used_cpu,wake_cpu,' +
    'on_rq,rcu_read_lock_nesting,rcu_tasks_idle_cpu,rcu_tasks_exit_cpu,trc_reader_nesting,trc_ipi_to_cpu,' +
    'trc_blkd_cpu;struct __call_single_node wake_entry;unsigned long wakee_flip_decay_ts,max_allowed_capacity,' +
    'rcu_tasks_nvcsw,nvcsw,nivcsw,last_switch_count,last_switch_time;struct task_struct *last_wakee,*pi_top_task;' +
    'struct sched_entity se;struct sched_rt_entity rt;struct sched_dl_entity dl,*dl_server;struct sched_class ' +
    '*sched_class;struct task_group *sched_task_group;struct sched_statistics stats;struct cpumask *cpus_ptr,' +
    '*user_cpus_ptr;void *migration_pending;unsigned short migration_disabled,migration_flags;union rcu_special ' +
    'rcu_read_unlock_special,trc_reader_special;struct list_head rcu_node_entry,rcu_tasks_holdout_list,' +
    'rcu_tasks_exit_list,trc_holdout_list,trc_blkd_node,pi_state_list;struct rcu_node *rcu_blocked_node;u8 ' +
    'rcu_tasks_holdout,rcu_tasks_idx;struct plist_node pushable_tasks;struct rb_node pushable_dl_tasks;struct ' +
    'raw_spinlock pi_lock;struct wake_q_node wake_q;struct rb_root_cached pi_waiters;struct rt_mutex_waiter ' +
    '*pi_blocked_on;struct futex_pi_state *pi_state_cache;u64 last_sum_exec_runtime;refcount_t ' +
    'rcu_users|count:refcount_t usage,stack_refcount|feature:struct hlist_head preempt_notifiers;unsigned int ' +
    'user_dumpable:1,futex_state;struct list_head ptraced;struct sysv_sem sysvsem;struct sysv_shm sysvshm;struct ' +
    'io_uring_task *io_uring;struct syscall_user_dispatch syscall_dispatch;struct robust_list_head *robust_list;' +
    'struct compat_robust_list_head *compat_robust_list;struct mutex futex_exit_mutex;struct rseq *rseq;u32 ' +
    'rseq_len,rseq_sig;unsigned long rseq_event_mask;int patch_state|block:unsigned int btrace_seq,in_iowait:1,' +
    'sequential_io,sequential_io_avg;struct bio_list *bio_list;struct blk_plug *plug;struct io_context ' +
    '*io_context|time:struct sched_info sched_info;u64 utime,stime,gtime,acct_timexpd;struct prev_cputime ' +
    'prev_cputime;struct vtime vtime;atomic_t tick_dep_mask;struct posix_cputimers posix_cputimers;struct ' +
    'posix_cputimers_work posix_cputimers_work;struct task_io_accounting ioac;struct task_delay_info ' +
    '*delays|link:struct list_head tasks,ptrace_entry,cg_list;struct hlist_node pid_links[4]|pages:struct ' +
    'mm_struct *active_mm;struct address_space *faults_disabled_mapping;unsigned int in_lru_fault:1,' +
    'use_memdelay:1,in_memstall:1,in_thrashing:1,numa_scan_period,numa_scan_period_max,memcg_nr_pages_over_high;' +
    'unsigned long min_flt,maj_flt,numa_migrate_retry,*numa_faults,total_numa_faults,numa_faults_locality[3],' +
    'numa_pages_migrated,dirty_paused_when;struct reclaim_state *reclaim_state;struct capture_control ' +
    '*capture_control;u64 acct_rss_mem1,acct_vm_mem1,node_stamp,last_task_numa_placement;nodemask_t mems_allowed;' +
    'struct seqcount_spinlock mems_allowed_seq;int cpuset_mem_spread_rotor,numa_scan_seq,numa_preferred_nid,' +
    'mm_cid,last_mm_cid,migrate_from_cpu,mm_cid_active,nr_dirtied,nr_dirtied_pause,pagefault_disabled;struct ' +
    'mempolicy *mempolicy;short il_prev,pref_node_fork;u8 il_weight;struct callback_head numa_work,cid_work;' +
    'struct numa_group *numa_group;struct page_frag task_frag;struct mem_cgroup *active_memcg;struct obj_cgroup ' +
    '*objcg;struct gendisk *throttle_disk;struct task_struct *oom_reaper_list;struct timer_list ' +
    'oom_reaper_timer|call:unsigned int restore_sigmask:1;struct restart_block restart_block;struct completion ' +
    '*vfork_done;int *set_child_tid,*clear_child_tid;void *worker_private,*journal_info;struct key ' +
    '*cached_requested_key;struct nameidata *nameidata;sigset_t real_blocked,saved_sigmask;struct callback_head ' +
    '*task_works;struct pipe_inode_info *splice_pipe;struct bpf_run_ctx *bpf_ctx;struct bpf_net_context ' +
    '*bpf_net_context|tracing:unsigned int in_eventfd:1;u8 perf_recursion[4];struct perf_event_context ' +
    '*perf_event_ctxp;struct mutex perf_event_mutex;struct list_head perf_event_list;int curr_ret_stack,' +
    'curr_ret_depth;unsigned long *ret_stack,trace_recursion;unsigned long long ftrace_timestamp;atomic_t ' +
    'trace_overrun,tracing_graph_pause;struct uprobe_task *utask;struct llist_head kretprobe_instances,' +
    'rethooks|processor:unsigned int pasid_activated:1,reported_split_lock:1,sas_ss_flags;unsigned long ' +
    'stack_canary,sas_ss_sp;size_t sas_ss_size;u32 closid,rmid,kstack_offset;struct tlbflush_unmap_batch tlb_ubc;' +
    'struct kmap_ctrl kmap_ctrl;struct vm_struct *stack_vm_area;void *mce_vaddr;__u64 mce_kflags,mce_ripv:1,' +
    'mce_whole_page:1;u64 mce_addr;struct callback_head mce_kill_me,l1d_flush_kill;int mce_count;struct ' +
    'thread_struct thread|audit:struct audit_context *audit_context|lock:struct spinlock alloc_lock;struct ' +
    'callback_head rcu|filler:__u64 __mce_reserved:62',
  'struct thread_info':
    'processor:u32 cpu',
  'struct __call_single_node':
    'link:struct llist_node llist|lock:unsigned int u_flags;atomic_t a_flags;u16 src,dst',
  'struct sched_entity':
    'schedule:struct load_weight load;u64 deadline,min_vruntime,min_slice,exec_start,sum_exec_runtime,' +
    'prev_sum_exec_runtime,vruntime,slice,nr_migrations;unsigned char on_rq,sched_delayed,rel_deadline,' +
    'custom_slice;s64 vlag;int depth;struct sched_entity *parent;struct cfs_rq *cfs_rq,*my_q;unsigned long ' +
    'runnable_weight;struct sched_avg avg|link:struct rb_node run_node;struct list_head group_node',
  'struct load_weight':
    'schedule:unsigned long weight;u32 inv_weight',
  'struct rb_node':
    'link:unsigned long __rb_parent_color;struct rb_node *rb_right,*rb_left',
  'struct sched_avg':
    'schedule:u64 last_update_time,load_sum,runnable_sum;u32 util_sum,period_contrib;unsigned long load_avg,' +
    'runnable_avg,util_avg;unsigned int util_est',
  'struct sched_rt_entity':
    'link:struct list_head run_list|schedule:unsigned long timeout,watchdog_stamp;unsigned int time_slice;' +
    'unsigned short on_rq,on_list;struct sched_rt_entity *back',
  'struct sched_dl_entity':
    'link:struct rb_node rb_node|schedule:u64 dl_runtime,dl_deadline,dl_period,dl_bw,dl_density,deadline;s64 ' +
    'runtime;unsigned int flags,dl_throttled:1,dl_yielded:1,dl_non_contending:1,dl_overrun:1,dl_server:1,' +
    'dl_server_active:1,dl_defer:1,dl_defer_armed:1,dl_defer_running:1;struct rq *rq;void *server_pick_task;' +
    'struct sched_dl_entity *pi_se|lock:struct hrtimer dl_timer,inactive_timer',
  'struct hrtimer':
    'lock:struct timerqueue_node node|time:s64 _softexpires;struct hrtimer_clock_base *base;u8 state,is_rel,' +
    'is_soft,is_hard|function:void *function',
  'struct timerqueue_node':
    'link:struct rb_node node|time:s64 expires',
  'struct sched_statistics':
    'schedule:u64 wait_start,wait_max,wait_count,wait_sum,iowait_count,iowait_sum,sleep_start,sleep_max,' +
    'block_start,block_max,slice_max,nr_migrations_cold,nr_failed_migrations_affine,nr_failed_migrations_running,' +
    'nr_failed_migrations_hot,nr_forced_migrations,nr_wakeups,nr_wakeups_sync,nr_wakeups_migrate,nr_wakeups_local,' +
    'nr_wakeups_remote,nr_wakeups_affine,nr_wakeups_affine_attempts,nr_wakeups_passive,nr_wakeups_idle;s64 ' +
    'sum_sleep_runtime,sum_block_runtime,exec_max',
  'union rcu_special':
    'filler:struct anon_rcu_special_b b;u32 s',
  'struct anon_rcu_special_b':
    'schedule:u8 blocked,need_qs,exp_hint,need_mb',
  'struct sched_info':
    'schedule:unsigned long pcount;unsigned long long run_delay,last_arrival,last_queued',
  'struct plist_node':
    'schedule:int prio|link:struct list_head prio_list,node_list',
  'struct restart_block':
    'call:unsigned long arch_data;void *fn;struct anon_restart_block_futex futex;struct ' +
    'anon_restart_block_nanosleep nanosleep;struct anon_restart_block_poll poll',
  'struct anon_restart_block_futex':
    'feature:u32 *uaddr,val,flags,bitset,*uaddr2;u64 time',
  'struct anon_restart_block_nanosleep':
    'feature:int clockid;enum timespec_type type;struct __kernel_timespec *rmtp;struct old_timespec32 ' +
    '*compat_rmtp;u64 expires',
  'struct anon_restart_block_poll':
    'feature:struct pollfd *ufds;int nfds,has_timeout;unsigned long tv_sec,tv_nsec',
  'struct prev_cputime':
    'time:u64 utime,stime|lock:struct raw_spinlock lock',
  'struct vtime':
    'lock:struct seqcount seqcount|time:unsigned long long starttime;enum vtime_state state;unsigned int cpu;u64 ' +
    'utime,stime,gtime',
  'struct seqcount':
    'lock:unsigned int sequence',
  'struct posix_cputimers':
    'time:struct posix_cputimer_base bases[3];unsigned int timers_active,expiry_active',
  'struct posix_cputimer_base':
    'time:u64 nextevt|lock:struct timerqueue_head tqhead',
  'struct timerqueue_head':
    'link:struct rb_root_cached rb_root',
  'struct rb_root_cached':
    'link:struct rb_root rb_root;struct rb_node *rb_leftmost',
  'struct rb_root':
    'link:struct rb_node *rb_node',
  'struct posix_cputimers_work':
    'lock:struct callback_head work;struct mutex mutex|time:unsigned int scheduled',
  'struct sysv_sem':
    'feature:struct sem_undo_list *undo_list',
  'struct sysv_shm':
    'link:struct list_head shm_clist',
  'struct sigpending':
    'link:struct list_head list',
  'struct seccomp':
    'call:atomic_t filter_count;struct seccomp_filter *filter',
  'struct syscall_user_dispatch':
    'feature:char *selector;unsigned long offset,len;bool on_dispatch',
  'struct wake_q_node':
    'lock:struct wake_q_node *next',
  'struct task_io_accounting':
    'time:u64 rchar,wchar,syscr,syscw,read_bytes,write_bytes,cancelled_write_bytes',
  'struct anon_nodemask_t':
    'pages:unsigned long bits[16]',
  'struct seqcount_spinlock':
    'lock:struct seqcount seqcount',
  'struct tlbflush_unmap_batch':
    'schedule:struct arch_tlbflush_unmap_batch arch;bool flush_required,writable',
  'struct arch_tlbflush_unmap_batch':
    'schedule:struct cpumask cpumask',
  'struct page_frag':
    'pages:struct page *page;__u32 offset,size',
  'struct kmap_ctrl':
    '',
  'struct timer_list':
    'link:struct hlist_node entry|time:unsigned long expires;u32 flags|function:void *function',
  'struct llist_head':
    'link:struct llist_node *first',
  'struct thread_struct':
    'processor:struct desc_struct tls_array[3];unsigned long sp,fsbase,gsbase,virtual_dr6,ptrace_dr7,cr2,trap_nr,' +
    'error_code,iopl_emul,features,features_locked;unsigned short es,ds,fsindex,gsindex;struct perf_event ' +
    '*ptrace_bps[4];struct io_bitmap *io_bitmap;unsigned int iopl_warn:1;u32 pkru;struct thread_shstk shstk;' +
    'struct fpu fpu',
  'struct desc_struct':
    'processor:u16 limit0,base0,base1:8,type:4,s:1,dpl:2,p:1,limit1:4,avl:1,l:1,d:1,g:1,base2:8',
  'struct thread_shstk':
    'processor:u64 base,size',
  'struct fpu':
    'processor:unsigned int last_cpu;unsigned long avx512_timestamp;struct fpstate *fpstate,*__task_fpstate,' +
    '__fpstate;struct fpu_state_perm perm,guest_perm',
  'struct fpu_state_perm':
    'processor:u64 __state_perm;unsigned int __state_size,__user_state_size',
  'struct fpstate':
    'processor:unsigned int size,user_size,is_valloc:1,is_guest:1,is_confidential:1,in_use:1;u64 xfeatures,' +
    'user_xfeatures,xfd;union fpregs_state regs',
  'union fpregs_state':
    'processor:struct fregs_state fsave;struct fxregs_state fxsave;struct swregs_state soft;struct xregs_state ' +
    'xsave;u8 __padding[4096]',
  'struct fregs_state':
    'processor:u32 cwd,swd,twd,fip,fcs,foo,fos,st_space[20],status',
  'struct fxregs_state':
    'processor:u16 cwd,swd,twd,fop;u64 rip,rdp;u32 fip,fcs,foo,fos,mxcsr,mxcsr_mask,st_space[32],xmm_space[64],' +
    'padding[12],padding1[12],sw_reserved[12]',
  'struct swregs_state':
    'processor:u32 cwd,swd,twd,fip,fcs,foo,fos,st_space[20],entry_eip;u8 ftop,changed,lookahead,no_update,rm,' +
    'alimit;struct math_emu_info *info',
  'struct xregs_state':
    'processor:struct fxregs_state i387;struct xstate_header header;u8 extended_state_area[0]',
  'struct xstate_header':
    'processor:u64 xfeatures,xcomp_bv,reserved[6]',
  'struct user_namespace':
    'feature:struct uid_gid_map projid_map;struct list_head keyring_name_list;struct key *user_keyring_register,' +
    '*persistent_keyring_register;struct rw_semaphore keyring_sem;struct ctl_table_set set;struct ' +
    'ctl_table_header *sysctls;struct ucounts *ucounts;long ucount_max[12],rlimit_max[4];struct binfmt_misc ' +
    '*binfmt_misc|call:struct work_struct work',
  'struct uid_gid_map':
    'format:struct uid_gid_extent *forward,*reverse',
  'struct ns_common':
    'call:struct dentry *stashed;struct proc_ns_operations *ops;refcount_t count',
  'struct rw_semaphore':
    'lock:atomic_long_t count,owner;struct optimistic_spin_queue osq;struct raw_spinlock wait_lock|link:struct ' +
    'list_head wait_list',
  'struct work_struct':
    'lock:atomic_long_t data;void *func|link:struct list_head entry',
  'struct ctl_table_set':
    'function:void *is_seen|feature:struct ctl_dir dir',
  'struct ctl_dir':
    'feature:struct ctl_table_header header|link:struct rb_root root',
  'struct ctl_table_header':
    'feature:struct ctl_table *ctl_table,*ctl_table_arg;int ctl_table_size,used,count,nreg;struct ctl_table_root ' +
    '*root;struct ctl_table_set *set;struct ctl_dir *parent;struct ctl_node *node;enum anon_ctl_table_header_type ' +
    'type|lock:struct callback_head rcu;struct completion *unregistering|link:struct hlist_head inodes',
  'struct super_block':
    'link:struct list_head s_list,s_mounts,s_inodes,s_inodes_wb;struct hlist_bl_head s_roots;struct hlist_node ' +
    's_instances|feature:struct dquot_operations *dq_op;struct quotactl_ops *s_qcop;struct export_operations ' +
    '*s_export_op;struct xattr_handler **s_xattr;struct fscrypt_operations *s_cop;struct fscrypt_keyring ' +
    '*s_master_keys;struct fsverity_operations *s_vop;struct unicode_map *s_encoding;__u16 s_encoding_flags;' +
    'struct mtd_info *s_mtd;unsigned int s_quota_types,s_max_links;struct quota_info s_dquot;u32 s_fsnotify_mask;' +
    'struct fsnotify_sb_info *s_fsnotify_info;uuid_t s_uuid;u8 s_uuid_len;char s_sysfs_name[37];struct hlist_head ' +
    's_pins|lock:struct rw_semaphore s_umount;struct mutex s_vfs_rename_mutex,s_sync_lock;struct callback_head ' +
    'rcu;struct work_struct destroy_work;struct spinlock s_inode_list_lock,s_inode_wblist_lock|call:int s_count;' +
    'char *s_subtype;struct dentry_operations *s_d_op|block:struct file *s_bdev_file;struct sb_writers s_writers;' +
    'u32 s_time_gran;time64_t s_time_min,s_time_max;int s_readonly_remount|pages:struct backing_dev_info *s_bdi;' +
    'struct shrinker *s_shrink;atomic_long_t s_remove_count;u32 s_wb_err;struct workqueue_struct *s_dio_done_wq;' +
    'struct list_lru s_dentry_lru,s_inode_lru',
  'struct hlist_bl_head':
    'link:struct hlist_bl_node *first',
  'struct quota_info':
    'block:unsigned int flags;struct inode *files[3];struct mem_dqinfo info[3]|lock:struct rw_semaphore ' +
    'dqio_sem|function:struct quota_format_ops *ops[3]',
  'struct mem_dqinfo':
    'block:struct quota_format_type *dqi_format;int dqi_fmt_id;unsigned long dqi_flags;unsigned int dqi_bgrace,' +
    'dqi_igrace;long long dqi_max_spc_limit,dqi_max_ino_limit;void *dqi_priv|link:struct list_head dqi_dirty_list',
  'struct sb_writers':
    'block:unsigned short frozen;int freeze_kcount,freeze_ucount|lock:struct percpu_rw_semaphore rw_sem[3]',
  'struct percpu_rw_semaphore':
    'lock:struct rcu_sync rss;struct rcuwait writer;struct wait_queue_head waiters|block:unsigned int *read_count;' +
    'atomic_t block',
  'struct rcu_sync':
    'schedule:int gp_state,gp_count|lock:struct wait_queue_head gp_wait;struct callback_head cb_head',
  'struct wait_queue_head':
    'lock:struct spinlock lock|link:struct list_head head',
  'struct rcuwait':
    'lock:struct task_struct *task',
  'struct anon_uuid_t':
    'feature:__u8 b[16]',
  'struct list_lru':
    'link:struct list_lru_node *node;struct list_head list;struct xarray xa|pages:int shrinker_id;bool ' +
    'memcg_aware',
  'struct xarray':
    'lock:struct spinlock xa_lock|link:gfp_t xa_flags;void *xa_head',
  'struct dentry':
    'lock:struct seqcount_spinlock d_seq;struct wait_queue_head *d_wait|call:struct dentry_operations *d_op;' +
    'unsigned long d_time;union anon_dentry_d_u d_u|count:struct lockref d_lockref|link:struct list_head d_lru;' +
    'struct hlist_node d_sib',
  'struct hlist_bl_node':
    'link:struct hlist_bl_node *next',
  'struct qstr':
    'format:u64 hash_len',
  'struct lockref':
    'lock:__u64 lock_count;struct spinlock lock;int count',
  'union anon_dentry_d_u':
    'link:struct hlist_node d_alias;struct hlist_bl_node d_in_lookup_hash|lock:struct callback_head d_rcu',
  'struct mm_struct':
    'pages:struct maple_tree mm_mt;unsigned long mmap_base,mmap_legacy_base,mmap_compat_base,' +
    'mmap_compat_legacy_base,task_size,mm_cid_next_scan,hiwater_rss,hiwater_vm,exec_vm,def_flags,start_data,' +
    'end_data,saved_auxv[52],numa_next_scan,numa_scan_offset,cpu_bitmap[0];void *pgd;atomic_t membarrier_state,' +
    'tlb_flush_pending,tlb_flush_batched;struct mm_cid *pcpu_cid;atomic_long_t pgtables_bytes,hugetlb_usage;' +
    'struct spinlock page_table_lock,arg_lock,ioctx_lock;struct rw_semaphore mmap_lock;struct list_head mmlist;' +
    'struct seqcount mm_lock_seq,write_protect_seq;atomic64_t futex_unique_id,pinned_vm;struct percpu_counter ' +
    'rss_stat[4];struct linux_binfmt *binfmt;mm_context_t context;struct task_struct *owner;int numa_scan_seq;' +
    'struct work_struct async_put_work;struct iommu_mm_data *iommu_mm;struct anon_mm_struct_lru_gen ' +
    'lru_gen|feature:struct kioctx_table *ioctx_table;struct mmu_notifier_subscriptions *notifier_subscriptions;' +
    'struct uprobes_state uprobes_state;unsigned long ksm_merging_pages,ksm_rmap_items;atomic_long_t ' +
    'ksm_zero_pages',
  'struct maple_tree':
    'lock:struct spinlock ma_lock|pages:lockdep_map_p ma_external_lock;unsigned int ma_flags;void *ma_root',
  'struct anon_lockdep_map_p':
    '',
  'struct percpu_counter':
    'lock:struct raw_spinlock lock|pages:s64 count;s32 *counters|link:struct list_head list',
  'struct anon_mm_context_t':
    'processor:u64 ctx_id;atomic64_t tlb_gen;unsigned long next_trim_cpumask,flags;struct ldt_struct *ldt;void ' +
    '*vdso;struct vdso_image *vdso_image;atomic_t perf_rdpmc_allowed;u16 pkey_allocation_map;s16 ' +
    'execute_only_pkey|lock:struct rw_semaphore ldt_usr_sem;struct mutex lock',
  'struct uprobes_state':
    'pages:struct xol_area *xol_area',
  'struct anon_mm_struct_lru_gen':
    'link:struct list_head list|pages:unsigned long bitmap;struct mem_cgroup *memcg',
  'struct linux_binprm':
    'call:unsigned long vma_pages,argmin,p,loader,exec;unsigned int have_execfd:1,execfd_creds:1,interp_flags;' +
    'char *fdpath;int execfd',
  'struct fs_context':
    'call:struct fs_context_operations *ops;struct mutex uapi_mutex;void *sget_key,*s_fs_info;struct net *net_ns;' +
    'struct p_log log;unsigned int s_iflags;enum fs_context_phase phase:8;bool need_free:1,global:1,oldapi:1,' +
    'exclusive:1',
  'struct p_log':
    'call:char *prefix;struct fc_log *log',
  'struct fs_parameter':
    'call:struct filename *name;int dirfd',
  'struct seq_file':
    'call:size_t from,pad_until;loff_t index,read_pos;struct mutex lock;struct seq_operations *op;int poll_event;' +
    'struct file *file;void *private',
  'struct mnt_idmap':
    'count:refcount_t count',
  'struct inode':
    'call:unsigned short i_opflags,i_bytes;struct file_lock_context *i_flctx;unsigned int i_dir_seq|pages:struct ' +
    'address_space *i_mapping,i_data;atomic_t i_dio_count|lock:struct spinlock i_lock;struct rw_semaphore i_rwsem;' +
    'struct callback_head i_rcu|block:u32 i_state;unsigned long dirtied_when,dirtied_time_when;struct list_head ' +
    'i_io_list,i_wb_list;struct bdi_writeback *i_wb;int i_wb_frn_winner;u16 i_wb_frn_avg_time,' +
    'i_wb_frn_history|link:struct hlist_node i_hash;struct list_head i_lru,i_sb_list,i_devices;struct hlist_head ' +
    'i_dentry|feature:atomic64_t i_version,i_sequence;struct cdev *i_cdev;__u32 i_fsnotify_mask;struct ' +
    'fsnotify_mark_connector *i_fsnotify_marks;struct fscrypt_inode_info *i_crypt_info;struct fsverity_info ' +
    '*i_verity_info|function:void *free_inode',
  'struct address_space':
    'pages:struct inode *host;gfp_t gfp_mask;atomic_t i_mmap_writable;unsigned long nrpages,writeback_index,flags;' +
    'u32 wb_err;void *i_private_data|link:struct xarray i_pages;struct rb_root_cached i_mmap;struct list_head ' +
    'i_private_list|lock:struct rw_semaphore invalidate_lock,i_mmap_rwsem;struct spinlock ' +
    'i_private_lock|function:struct address_space_operations *a_ops',
  'struct iattr':
    'call:vfsuid_t ia_vfsuid;vfsgid_t ia_vfsgid;struct timespec64 ia_ctime',
  'struct posix_acl':
    'count:refcount_t a_refcount|lock:struct callback_head a_rcu',
  'struct kernfs_node':
    'call:atomic_t count,active;struct rb_node rb;void *ns,*priv;unsigned int hash;unsigned short flags;struct ' +
    'kernfs_elem_dir dir;struct kernfs_elem_symlink symlink;struct kernfs_elem_attr attr;struct kernfs_iattrs ' +
    '*iattr;struct callback_head rcu',
  'struct kernfs_elem_dir':
    'feature:unsigned long subdirs,rev;struct kernfs_root *root|link:struct rb_root children',
  'struct kernfs_elem_symlink':
    'feature:struct kernfs_node *target_kn',
  'struct kernfs_elem_attr':
    'function:struct kernfs_ops *ops|feature:struct kernfs_open_node *open;loff_t size;struct kernfs_node ' +
    '*notify_next',
  'struct vm_area_struct':
    'pages:struct callback_head vm_rcu;struct pgprot vm_page_prot;vm_flags_t __vm_flags;bool detached;unsigned ' +
    'int vm_lock_seq;struct vma_lock *vm_lock;struct anon_vm_area_struct_shared shared;struct list_head ' +
    'anon_vma_chain;struct anon_vma *anon_vma;struct vm_operations_struct *vm_ops;void *vm_private_data;' +
    'atomic_long_t swap_readahead_info;struct mempolicy *vm_policy;struct vma_numab_state *numab_state;struct ' +
    'vm_userfaultfd_ctx vm_userfaultfd_ctx',
  'struct pgprot':
    'pages:unsigned long pgprot',
  'struct anon_vm_area_struct_shared':
    'link:struct rb_node rb|pages:unsigned long rb_subtree_last',
  'struct vm_userfaultfd_ctx':
    'pages:struct userfaultfd_ctx *ctx',
  'struct fown_struct':
    'call:rwlock_t lock;enum pid_type pid_type',
  'struct anon_rwlock_t':
    'lock:struct qrwlock raw_lock',
  'struct qrwlock':
    'lock:atomic_t cnts;u8 wlocked,__lstate[3];struct qspinlock wait_lock',
  'union __sifields':
    'call:struct anon___sifields__timer _timer;struct anon___sifields__sigfault _sigfault;struct ' +
    'anon___sifields__sigpoll _sigpoll;struct anon___sifields__sigsys _sigsys',
  'struct anon___sifields__timer':
    'call:int _tid,_overrun,_sys_private;union sigval _sigval',
  'union sigval':
    'call:int sival_int;void *sival_ptr',
  'struct anon___sifields__rt':
    'call:union sigval _sigval',
  'struct anon___sifields__sigchld':
    'call:int _status|lock:long _utime,_stime',
  'struct anon___sifields__sigfault':
    'call:void *_addr;int _trapno;short _addr_lsb;struct anon___sifields__sigfault__addr_bnd _addr_bnd;struct ' +
    'anon___sifields__sigfault__addr_pkey _addr_pkey;struct anon___sifields__sigfault__perf _perf',
  'struct anon___sifields__sigfault__addr_bnd':
    'call:char _dummy_bnd[8];void *_lower,*_upper',
  'struct anon___sifields__sigfault__addr_pkey':
    'call:char _dummy_pkey[8];__u32 _pkey',
  'struct anon___sifields__sigfault__perf':
    'call:unsigned long _data;__u32 _type,_flags',
  'struct anon___sifields__sigpoll':
    'call:long _band;int _fd',
  'struct anon___sifields__sigsys':
    'call:void *_call_addr;int _syscall;unsigned int _arch',
  'struct kern_ipc_perm':
    'lock:struct spinlock lock;struct callback_head rcu|link:struct rhash_head khtnode|count:refcount_t refcount',
  'struct rhash_head':
    'link:struct rhash_head *next',
  'struct msg_msg':
    'link:struct list_head m_list|format:struct msg_msgseg *next',
  'struct sock':
    'filler:__u8 __cacheline_group_begin__sock_write_rx[0],__cacheline_group_end__sock_write_rx[0],' +
    '__cacheline_group_begin__sock_read_rx[0],__cacheline_group_end__sock_read_rx[0],' +
    '__cacheline_group_begin__sock_read_rxtx[0],__cacheline_group_end__sock_read_rxtx[0],' +
    '__cacheline_group_begin__sock_write_rxtx[0],__cacheline_group_end__sock_write_rxtx[0],' +
    '__cacheline_group_begin__sock_write_tx[0],__cacheline_group_end__sock_write_tx[0],' +
    '__cacheline_group_begin__sock_read_tx[0],__cacheline_group_end__sock_read_tx[0]|packets:atomic_t sk_drops,' +
    'sk_omem_alloc,sk_zckey,sk_tskey;__s32 sk_peek_off;struct sk_buff_head sk_error_queue,sk_receive_queue,' +
    'sk_write_queue;struct anon_sock_sk_backlog sk_backlog;struct dst_entry *sk_rx_dst,*sk_dst_cache;int ' +
    'sk_rx_dst_ifindex,sk_rcvlowat,sk_forward_alloc,sk_write_pending,sk_wmem_queued,sk_err_soft,sk_bind_phc,' +
    'sk_disconnects;u32 sk_rx_dst_cookie,sk_reserved_mem,sk_tsflags,sk_dst_pending_confirm,sk_pacing_status,' +
    'sk_txhash;unsigned int sk_ll_usec,sk_napi_id,sk_gso_max_size;u16 sk_busy_poll_budget,sk_gso_type,' +
    'sk_gso_max_segs;u8 sk_prefer_busy_poll,sk_userlocks,sk_pacing_shift,sk_gso_disabled:1,sk_no_check_tx:1,' +
    'sk_no_check_rx:1,sk_txrehash,sk_clockid,sk_txtime_deadline_mode:1,sk_txtime_report_errors:1,' +
    'sk_txtime_unused:6;struct sk_filter *sk_filter;struct socket_wq *sk_wq,*sk_wq_raw;void *sk_data_ready,' +
    '*sk_validate_xmit_skb,*sk_state_change,*sk_write_space,*sk_error_report,*sk_backlog_rcv,*sk_destruct;long ' +
    'sk_rcvtimeo,sk_sndtimeo;struct mem_cgroup *sk_memcg;struct xfrm_policy *sk_policy[2];socket_lock_t sk_lock;' +
    'refcount_t sk_wmem_alloc;unsigned long sk_tsq_flags,sk_pacing_rate,sk_max_pacing_rate,sk_lingertime;struct ' +
    'sk_buff *sk_send_head;struct rb_root tcp_rtx_queue;struct page_frag sk_frag;struct timer_list sk_timer,' +
    'mptcp_retransmit_timer;u64 sk_route_caps;gfp_t sk_allocation;bool sk_use_task_frag;struct proto ' +
    '*sk_prot_creator;rwlock_t sk_callback_lock;struct spinlock sk_peer_lock;struct cred *sk_peer_cred;s64 ' +
    'sk_stamp;struct sock_cgroup_data sk_cgrp_data;struct sock_reuseport *sk_reuseport_cb;struct callback_head ' +
    'sk_rcu;netns_tracker ns_tracker;struct xarray sk_user_frags',
  'struct sock_common':
    'packets:__u64 skc_addrpair;unsigned int skc_hash;__u16 skc_u16hashes[2];__u32 skc_portpair;unsigned char ' +
    'skc_reuse:4,skc_reuseport:1,skc_ipv6only:1,skc_net_refcnt:1;struct hlist_node skc_bind_node,' +
    'skc_portaddr_node,skc_node;atomic64_t skc_cookie;unsigned long skc_flags;struct sock *skc_listener;struct ' +
    'inet_timewait_death_row *skc_tw_dr;struct hlist_nulls_node skc_nulls_node;unsigned short ' +
    'skc_tx_queue_mapping,skc_rx_queue_mapping;int skc_incoming_cpu;u32 skc_rcv_wnd,skc_tw_rcv_nxt,skc_rxhash,' +
    'skc_window_clamp,skc_tw_snd_nxt|filler:int skc_dontcopy_begin[0],skc_dontcopy_end[0]',
  'struct hlist_nulls_node':
    'link:struct hlist_nulls_node *next,**pprev',
  'struct sk_buff_head':
    'packets:struct sk_buff *next,*prev;struct sk_buff_list list;__u32 qlen|lock:struct spinlock lock',
  'struct sk_buff_list':
    'packets:struct sk_buff *next,*prev',
  'struct anon_sock_sk_backlog':
    'packets:atomic_t rmem_alloc;int len;struct sk_buff *head,*tail',
  'struct anon_socket_lock_t':
    'lock:struct spinlock slock;struct wait_queue_head wq|packets:int owned',
  'struct sock_cgroup_data':
    'packets:struct cgroup *cgroup;u32 classid;u16 prioidx',
  'struct sk_buff':
    'packets:struct sk_buff *next,*prev;unsigned long dev_scratch,_skb_refdst,_sk_redir,_nfct;struct rb_node ' +
    'rbnode;struct list_head list,tcp_tsorted_anchor;struct llist_node ll_node;s64 tstamp;u64 skb_mstamp_ns;char ' +
    'cb[48];void *destructor;unsigned int data_len,napi_id,sender_cpu,tail,end,truesize;__u16 mac_len,hdr_len,' +
    'queue_mapping,tc_index,csum_start,csum_offset,vlan_tci,inner_transport_header,inner_network_header,' +
    'inner_mac_header,mac_header;__u8 cloned:1,nohdr:1,fclone:2,peeked:1,head_frag:1,pfmemalloc:1,pp_recycle:1,' +
    'active_extensions,pkt_type:3,ignore_df:1,dst_pending_confirm:1,ip_summed:2,ooo_okay:1,tstamp_type:2,' +
    'tc_at_ingress:1,tc_skip_classify:1,remcsum_offload:1,csum_complete_sw:1,csum_level:2,inner_protocol_type:1,' +
    'l4_hash:1,sw_hash:1,wifi_acked_valid:1,wifi_acked:1,no_fcs:1,encapsulation:1,encap_hdr_csum:1,csum_valid:1,' +
    'ndisc_nodetype:2,ipvs_property:1,nf_trace:1,offload_fwd_mark:1,offload_l3_fwd_mark:1,redirected:1,' +
    'from_ingress:1,nf_skip_egress:1,decrypted:1,slow_gro:1,csum_not_inet:1,unreadable:1,tc_depth:2,inner_ipproto;' +
    'u16 alloc_cpu;__wsum csum;__u32 priority,reserved_tailroom;u32 vlan_all;__be16 vlan_proto,inner_protocol;' +
    'struct anon_sk_buff_headers headers;refcount_t users;struct skb_ext *extensions|filler:__u8 ' +
    '__cloned_offset[0],__pkt_type_offset[0],__mono_tc_offset[0]',
  'struct anon_sk_buff_headers':
    'filler:__u8 __pkt_type_offset[0],__mono_tc_offset[0]|packets:__u8 pkt_type:3,ignore_df:1,' +
    'dst_pending_confirm:1,ip_summed:2,ooo_okay:1,tstamp_type:2,tc_at_ingress:1,tc_skip_classify:1,' +
    'remcsum_offload:1,csum_complete_sw:1,csum_level:2,inner_protocol_type:1,l4_hash:1,sw_hash:1,' +
    'wifi_acked_valid:1,wifi_acked:1,no_fcs:1,encapsulation:1,encap_hdr_csum:1,csum_valid:1,ndisc_nodetype:2,' +
    'ipvs_property:1,nf_trace:1,offload_fwd_mark:1,offload_l3_fwd_mark:1,redirected:1,from_ingress:1,' +
    'nf_skip_egress:1,decrypted:1,slow_gro:1,csum_not_inet:1,unreadable:1,tc_depth:2,inner_ipproto;__u16 tc_index,' +
    'csum_start,csum_offset,vlan_tci,inner_transport_header,inner_network_header,inner_mac_header,' +
    'transport_header,network_header,mac_header;u16 alloc_cpu;__wsum csum;__u32 priority,hash,secmark,mark,' +
    'reserved_tailroom;int skb_iif;u32 vlan_all;__be16 vlan_proto,inner_protocol,protocol;unsigned int napi_id,' +
    'sender_cpu',
  'struct socket':
    'packets:struct socket_wq wq',
  'struct socket_wq':
    'lock:struct wait_queue_head wait;struct fasync_struct *fasync_list;struct callback_head rcu|packets:unsigned ' +
    'long flags',
  'struct sockaddr':
    'format:char sa_data_min[14]|filler:struct anon_lockdep_map_p __empty_sa_data',
  'struct msghdr':
    'packets:int msg_inq;void *msg_control,*msg_control_user,*sg_from_iter;bool msg_control_is_user:1,' +
    'msg_get_inq:1;unsigned long msg_controllen;struct kiocb *msg_iocb;struct ubuf_info *msg_ubuf',
  'struct iov_iter':
    'call:bool nofault;struct kvec *kvec;struct bio_vec *bvec;struct folio_queue *folioq;struct xarray *xarray;u8 ' +
    'folioq_slot;loff_t xarray_start',
  'struct request_sock':
    'packets:struct sock_common __req_common;struct request_sock *dl_next;u16 mss;u8 num_retrans,syncookie:1,' +
    'num_timeout:7;u32 ts_recent,timeout;struct timer_list rsk_timer;struct request_sock_ops *rsk_ops;struct sock ' +
    '*sk;struct saved_syn *saved_syn',
  'struct flowi_common':
    'packets:int flowic_oif,flowic_iif,flowic_l3mdev;__u8 flowic_tos,flowic_scope,flowic_flags;kuid_t flowic_uid;' +
    '__u32 flowic_multipath_hash;struct flowi_tunnel flowic_tun_key',
  'struct flowi_tunnel':
    'packets:__u64 tun_id',
  'struct sctp_association':
    'link:struct list_head asocs,asconf_ack_list,addip_chunk_list,endpoint_shared_keys|protocol:__s32 assoc_id;' +
    'struct sctp_endpoint *ep;struct sctp_cookie c;struct anon_sctp_association_peer peer;enum sctp_state state;' +
    'int overall_error_count,max_burst,max_retrans,shutdown_retries,sndbuf_used,init_err_counter,init_cycle,' +
    'numduptsns,src_out_of_asoc_ok,sent_cnt_removable;s64 cookie_life;unsigned long rto_initial,rto_max,rto_min,' +
    'max_init_timeo,hbinterval,probe_interval,sackdelay,timeouts[12];__u16 pf_retrans,ps_retrans,' +
    'max_init_attempts,init_retries,pathmaxrxt,unack_data,default_stream,default_flags,default_hmac_id,' +
    'active_key_id,subscribe;__be16 encap_port;__u32 flowlabel,pathmtu,param_flags,sackfreq,next_tsn,' +
    'ctsn_ack_point,adv_peer_ack_point,highest_sacked,fast_recovery_exit,rtx_data_chunks,rwnd,a_rwnd,rwnd_over,' +
    'rwnd_press,frag_point,user_frag,default_ppid,default_context,default_timetolive,default_rcv_context,' +
    'last_ecne_tsn,last_cwr_tsn,addip_serial,strreset_outseq,strreset_inseq,strreset_result[2];__u8 dscp,' +
    'pmtu_pending,fast_recovery,need_ecne:1,temp:1,pf_expose:2,force_delay:1,strreset_enable,strreset_outstanding;' +
    'struct sctp_transport *shutdown_last_sent_to,*init_last_sent_to,*new_transport;atomic_t rmem_alloc;struct ' +
    'sctp_stream stream;struct sctp_outq outqueue;struct sctp_ulpq ulpq;struct sctp_chunk *addip_last_asconf,' +
    '*strreset_chunk;union sctp_addr *asconf_addr_del_pending;struct sctp_auth_bytes *asoc_shared_key;struct ' +
    'sctp_shared_key *shkey;struct sctp_priv_assoc_stats stats;__u64 abandoned_unsent[3],' +
    'abandoned_sent[3]|lock:struct timer_list timers[12];struct wait_queue_head wait;struct callback_head rcu',
  'struct sctp_ep_common':
    'protocol:enum sctp_endpoint_type type;bool dead;struct sock *sk;struct net *net;struct sctp_inq inqueue;' +
    'struct sctp_bind_addr bind_addr|count:refcount_t refcnt',
  'struct sctp_inq':
    'link:struct list_head in_chunk_list|protocol:struct sctp_chunk *in_progress|lock:struct work_struct ' +
    'immediate',
  'struct sctp_bind_addr':
    'protocol:__u16 port|link:struct list_head address_list',
  'struct sctp_cookie':
    'protocol:__u32 my_vtag,peer_vtag,my_ttag,peer_ttag,initial_tsn,adaptation_ind,raw_addr_list_len;s64 ' +
    'expiration;__u16 sinit_num_ostreams,sinit_max_instreams,my_port;union sctp_addr peer_addr;__u8 ' +
    'prsctp_capable,padding,auth_random[36],auth_hmacs[12],auth_chunks[20]',
  'union sctp_addr':
    'protocol:struct sockaddr_in v4;struct sockaddr_in6 v6;struct sockaddr sa',
  'struct sockaddr_in':
    'format:unsigned char __pad[8]',
  'struct anon_sctp_association_peer':
    'link:struct list_head transport_addr_list|protocol:__u32 rwnd,sack_cnt,adaptation_ind,addip_serial;__u16 ' +
    'transport_count,port,ecn_capable:1,ipv4_address:1,ipv6_address:1,asconf_capable:1,prsctp_capable:1,' +
    'reconf_capable:1,intl_capable:1,auth_capable:1,sack_needed:1,sack_generation:1,zero_window_announced:1;' +
    'struct sctp_transport *primary_path,*active_path,*retran_path,*last_sent_to,*last_data_from;union sctp_addr ' +
    'primary_addr;struct sctp_tsnmap tsn_map;__be16 addip_disabled_mask;struct sctp_inithdr_host i;void *cookie;' +
    'int cookie_len;struct sctp_random_param *peer_random;struct sctp_chunks_param *peer_chunks;struct ' +
    'sctp_hmac_algo_param *peer_hmacs',
  'struct sctp_tsnmap':
    'protocol:unsigned long *tsn_map;__u32 base_tsn,cumulative_tsn_ack_point,max_tsn_seen;__u16 len,pending_data,' +
    'num_dup_tsns;__be32 dup_tsns[16]',
  'struct sctp_inithdr_host':
    'protocol:__u32 init_tag,a_rwnd,initial_tsn;__u16 num_outbound_streams,num_inbound_streams',
  'struct sctp_stream':
    'protocol:struct anon_sctp_stream_out out;struct anon_sctp_stream_in in;__u16 outcnt,incnt;struct ' +
    'sctp_stream_out *out_curr;struct sctp_stream_out_ext *rr_next;struct sctp_stream_interleave *si|link:struct ' +
    'list_head prio_list,rr_list,fc_list',
  'struct anon_sctp_stream_out':
    'protocol:struct __genradix tree;struct sctp_stream_out type[0]',
  'struct __genradix':
    'protocol:struct genradix_root *root',
  'struct sctp_stream_out':
    'protocol:__u32 mid,mid_uo;__u16 ssn;struct sctp_stream_out_ext *ext;__u8 state',
  'struct anon_sctp_stream_in':
    'protocol:struct __genradix tree;struct sctp_stream_in type[0]',
  'struct sctp_stream_in':
    'protocol:__u32 mid,mid_uo,fsn,fsn_uo;__u16 ssn;char pd_mode,pd_mode_uo',
  'struct sctp_outq':
    'protocol:struct sctp_association *asoc;unsigned int out_qlen,error;__u32 outstanding_bytes;char fast_rtx,' +
    'cork|link:struct list_head out_chunk_list,control_chunk_list,sacked,retransmit,abandoned|function:struct ' +
    'sctp_sched_ops *sched',
  'struct sctp_ulpq':
    'protocol:char pd_mode;struct sctp_association *asoc|link:struct sk_buff_head reasm,reasm_uo,lobby',
  'struct sctp_priv_assoc_stats':
    'protocol:struct __kernel_sockaddr_storage obs_rto_ipaddr;__u64 max_obs_rto,isacks,osacks,opackets,ipackets,' +
    'rtxchunks,outofseqtsns,idupchunks,gapcnt,ouodchunks,iuodchunks,oodchunks,iodchunks,octrlchunks,ictrlchunks',
  'struct __kernel_sockaddr_storage':
    'format:unsigned short ss_family;char __data[126];void *__align',
  'struct xfrm_sec_ctx':
    'protocol:char ctx_str[0]',
  'struct xfrm_state':
    'protocol:possible_net_t xs_net;u32 pcpu_num,if_id,tfcpad,genid,new_mapping,mapping_maxage,' +
    'nat_keepalive_interval,xflags,replay_maxage,replay_maxdiff;struct xfrm_id id;struct xfrm_selector sel;struct ' +
    'xfrm_mark mark;struct xfrm_state_walk km;struct anon_xfrm_state_props props;struct xfrm_lifetime_cfg lft;' +
    'struct xfrm_algo_auth *aalg;struct xfrm_algo *ealg,*calg;struct xfrm_algo_aead *aead;char *geniv;__be16 ' +
    'new_mapping_sport;struct xfrm_encap_tmpl *encap;time64_t nat_keepalive_expiration,lastused;void *coaddr,' +
    '*data;struct xfrm_state *tunnel;atomic_t tunnel_users;struct xfrm_replay_state replay,preplay;struct ' +
    'xfrm_replay_state_esn *replay_esn,*preplay_esn;enum xfrm_replay_mode repl_mode;struct xfrm_stats stats;' +
    'struct xfrm_lifetime_cur curlft;struct xfrm_dev_offload xso;long saved_tmo;struct page_frag xfrag;struct ' +
    'xfrm_type *type;struct xfrm_mode inner_mode,inner_mode_iaf,outer_mode;struct xfrm_type_offload *type_offload;' +
    'u8 dir|link:struct hlist_node gclist,bydst,dev_gclist,bysrc,byspi,byseq,state_cache,' +
    'state_cache_input|count:refcount_t refcnt|lock:struct spinlock lock;struct timer_list rtimer;struct hrtimer ' +
    'mtimer',
  'struct xfrm_id':
    'protocol:xfrm_address_t daddr;__be32 spi;__u8 proto',
  'union anon_xfrm_address_t':
    'protocol:__be32 a4,a6[4];struct in6_addr in6',
  'struct xfrm_selector':
    'protocol:xfrm_address_t daddr,saddr;__be16 dport,dport_mask,sport,sport_mask;__u16 family;__u8 prefixlen_d,' +
    'prefixlen_s,proto;int ifindex;__kernel_uid32_t user',
  'struct xfrm_mark':
    'protocol:__u32 v,m',
  'struct xfrm_state_walk':
    'link:struct list_head all|protocol:u8 state,dying,proto;u32 seq;struct xfrm_address_filter *filter',
  'struct anon_xfrm_state_props':
    'protocol:u32 reqid,extra_flags;u8 mode,replay_window,aalgo,ealgo,calgo,flags;u16 family;xfrm_address_t saddr;' +
    'int header_len,trailer_len;struct xfrm_mark smark',
  'struct xfrm_lifetime_cfg':
    'protocol:__u64 soft_byte_limit,hard_byte_limit,soft_packet_limit,hard_packet_limit,soft_add_expires_seconds,' +
    'hard_add_expires_seconds,soft_use_expires_seconds,hard_use_expires_seconds',
  'struct xfrm_replay_state':
    'protocol:__u32 oseq,seq,bitmap',
  'struct xfrm_stats':
    'protocol:__u32 replay_window,replay,integrity_failed',
  'struct xfrm_lifetime_cur':
    'protocol:__u64 bytes,packets,add_time,use_time',
  'struct xfrm_dev_offload':
    'protocol:struct net_device *dev,*real_dev;netdevice_tracker dev_tracker;unsigned long offload_handle;u8 ' +
    'dir:2,type:2,flags:2',
  'struct xfrm_mode':
    'protocol:u8 encap,family,flags',
  'struct xfrm_policy':
    'protocol:possible_net_t xp_net;u32 pos,priority,index,if_id;atomic_t genid;struct xfrm_mark mark;struct ' +
    'xfrm_selector selector;struct xfrm_lifetime_cfg lft;struct xfrm_lifetime_cur curlft;struct ' +
    'xfrm_policy_walk_entry walk;struct xfrm_policy_queue polq;bool bydst_reinsert;u8 type,action,flags,xfrm_nr;' +
    'u16 family;struct xfrm_tmpl xfrm_vec[6];struct xfrm_dev_offload xdo|link:struct hlist_node bydst,byidx;' +
    'struct hlist_head state_cache_list|lock:rwlock_t lock;struct timer_list timer;struct callback_head ' +
    'rcu|count:refcount_t refcnt',
  'struct xfrm_policy_walk_entry':
    'link:struct list_head all|protocol:u8 dead',
  'struct xfrm_policy_queue':
    'link:struct sk_buff_head hold_queue|lock:struct timer_list hold_timer|protocol:unsigned long timeout',
  'struct xfrm_tmpl':
    'protocol:struct xfrm_id id;xfrm_address_t saddr;unsigned short encap_family;u32 reqid,aalgos,ealgos,calgos;' +
    'u8 mode,share,optional,allalgs',
  'struct key':
    'feature:struct list_head graveyard_link,name_link;struct rb_node serial_node;struct rw_semaphore sem;' +
    'time64_t last_used_at;unsigned long hash,len_desc;struct key_tag *domain_tag;u64 type_id,domain_id;union ' +
    'key_payload payload;struct assoc_array keys;struct key_restriction *restrict_link',
  'struct keyring_index_key':
    'feature:unsigned long hash,x;char desc[6];struct key_tag *domain_tag;u64 type_id,domain_id',
  'union key_payload':
    'call:void *rcu_data0,*data[4]',
  'struct assoc_array':
    'call:struct assoc_array_ptr *root;unsigned long nr_leaves_on_tree',
  'struct audit_krule':
    'audit:u32 pflags,flags,listnr,action,mask[64],buflen;char *filterkey;struct audit_field *arch_f,*inode_f;' +
    'struct audit_watch *watch;struct audit_tree *tree;struct audit_fsnotify_mark *exe;u64 prio|link:struct ' +
    'list_head rlist,list',
  'struct bpf_map':
    'verifier:struct bpf_map_ops *ops;struct bpf_map *inner_map_meta;struct btf_record *record;int numa_node;u32 ' +
    'btf_key_type_id,btf_value_type_id,btf_vmlinux_value_type_id;struct btf *btf;struct obj_cgroup *objcg;struct ' +
    'mutex freeze_mutex;atomic64_t refcnt,usercnt,writecnt,sleepable_refcnt;struct work_struct work;struct ' +
    'callback_head rcu;struct spinlock owner_lock;struct bpf_map_owner *owner;bool bypass_spec_v1,frozen,' +
    'free_after_mult_rcu_gp,free_after_rcu_gp;s64 *elem_count;u64 cookie',
  'struct bpf_prog':
    'verifier:u16 pages,jited:1,jit_requested:1,gpl_compatible:1,cb_access:1,dst_needed:1,blinding_requested:1,' +
    'blinded:1,is_func:1,kprobe_override:1,has_callchain_buf:1,enforce_expected_attach_type:1,call_get_stack:1,' +
    'call_get_func_ip:1,tstamp_type_access:1;struct bpf_prog_stats *stats;int *active;void *bpf_func;struct ' +
    'sock_fprog_kern *orig_prog;struct sock_filter insns[0];struct bpf_insn insnsi[0]|filler:struct ' +
    'anon_lockdep_map_p __empty_insns,__empty_insnsi',
  'struct sock_filter':
    'packets:__u16 code;__u8 jt,jf;__u32 k',
  'struct bpf_insn':
    'verifier:__u8 code,dst_reg:4,src_reg:4;__s16 off;__s32 imm',
  'struct bpf_token':
    'lock:struct work_struct work|verifier:atomic64_t refcnt;struct user_namespace *userns',
  'struct perf_event':
    'link:struct list_head event_entry,sibling_list,active_list,migrate_entry,active_entry,child_list,owner_entry,' +
    'rb_entry,sb_list;struct rb_node group_node;struct hlist_node hlist_entry|tracing:u64 group_index,' +
    'total_time_enabled,total_time_running,tstamp,id,bpf_cookie;int nr_siblings,event_caps,group_caps,oncpu,cpu,' +
    'rcu_pending;unsigned int group_generation,attach_state,pending_wakeup,pending_kill,pending_disable,' +
    'pending_work;struct perf_event *group_leader,*parent,*aux_event;struct pmu *pmu;void *pmu_private,' +
    '*overflow_handler,*overflow_handler_context;enum perf_event_state state;local64_t count;atomic64_t ' +
    'child_count,child_total_time_enabled,child_total_time_running,lost_samples;u16 header_size,id_header_size,' +
    'read_size;struct hw_perf_event hw;struct perf_event_context *ctx;struct perf_event_pmu_context *pmu_ctx;' +
    'atomic_long_t refcount;struct task_struct *owner;atomic_t mmap_count,event_limit;struct perf_buffer *rb;' +
    'unsigned long rcu_batches,pending_addr,addr_filters_gen;struct perf_addr_filters_head addr_filters;struct ' +
    'perf_addr_filter_range *addr_filter_ranges;struct pid_namespace *ns;struct bpf_prog *prog;struct ' +
    'trace_event_call *tp_event;struct event_filter *filter;struct perf_cgroup *cgrp;__u32 orig_type|lock:struct ' +
    'mutex child_mutex,mmap_mutex;struct wait_queue_head waitq;struct fasync_struct *fasync;struct irq_work ' +
    'pending_irq,pending_disable_irq;struct callback_head pending_task,callback_head|function:void *destroy,' +
    '*clock;struct ftrace_ops ftrace_ops',
  'struct anon_local64_t':
    'tracing:local_t a',
  'struct anon_local_t':
    'tracing:atomic_long_t a',
  'struct perf_event_attr':
    'tracing:__u32 size,wakeup_events,wakeup_watermark,bp_type,sample_stack_user,aux_watermark,aux_sample_size,' +
    'aux_action,aux_start_paused:1,aux_pause:1,aux_resume:1;__u64 sample_period,sample_freq,sample_type,' +
    'read_format,disabled:1,inherit:1,pinned:1,exclusive:1,exclude_user:1,exclude_kernel:1,exclude_hv:1,' +
    'exclude_idle:1,mmap:1,comm:1,freq:1,inherit_stat:1,enable_on_exec:1,task:1,watermark:1,precise_ip:2,' +
    'mmap_data:1,sample_id_all:1,exclude_host:1,exclude_guest:1,exclude_callchain_kernel:1,' +
    'exclude_callchain_user:1,mmap2:1,comm_exec:1,use_clockid:1,context_switch:1,write_backward:1,namespaces:1,' +
    'ksymbol:1,bpf_event:1,aux_output:1,cgroup:1,text_poke:1,build_id:1,inherit_thread:1,remove_on_exec:1,' +
    'sigtrap:1,bp_addr,kprobe_func,uprobe_path,config1,bp_len,kprobe_addr,probe_offset,config2,branch_sample_type,' +
    'sample_regs_user,sample_regs_intr,sig_data,config3;__s32 clockid;__u16 sample_max_stack|filler:__u64 ' +
    '__reserved_1:26;__u16 __reserved_2;__u32 __reserved_3:29',
  'struct hw_perf_event':
    'device:u64 config,last_tag,aux_config,pwr_acc,ptsc,conf,conf1,sample_period,last_period,saved_metric,' +
    'saved_slots,interrupts_seq,interrupts,freq_time_stamp,freq_count_stamp;unsigned long config_base,event_base,' +
    'addr_filters_gen;int event_base_rdpmc,idx,last_cpu,flags,state;struct hw_perf_event_extra extra_reg,' +
    'branch_reg;unsigned int aux_paused;struct arch_hw_breakpoint info;u8 iommu_bank,iommu_cntr;u16 padding;' +
    'struct task_struct *target;void *addr_filters;local64_t prev_count,period_left|lock:struct hrtimer ' +
    'hrtimer|link:struct list_head tp_list;struct rhlist_head bp_list',
  'struct hw_perf_event_extra':
    'device:u64 config;unsigned int reg;int alloc,idx',
  'struct arch_hw_breakpoint':
    'processor:unsigned long address,mask;u8 len,type',
  'struct rhlist_head':
    'link:struct rhash_head rhead;struct rhlist_head *next',
  'struct irq_work':
    'lock:struct __call_single_node node;struct rcuwait irqwait|function:void *func',
  'struct perf_addr_filters_head':
    'link:struct list_head list|lock:struct raw_spinlock lock|tracing:unsigned int nr_file_filters',
  'struct ftrace_ops':
    'function:void *func,*private,*saved_func,*ops_func;struct ftrace_ops *next,*managed;unsigned long flags,' +
    'trampoline,trampoline_size,direct_call;struct ftrace_ops_hash local_hash,*func_hash,old_hash|link:struct ' +
    'list_head list,subop_list',
  'struct ftrace_ops_hash':
    'tracing:struct ftrace_hash *notrace_hash,*filter_hash|lock:struct mutex regex_lock',
  'struct io_uring_cmd':
    'call:struct io_uring_sqe *sqe;void *task_work_cb;u8 pdu[32]',
  'struct block_device':
    'call:sector_t bd_start_sect,bd_nr_sectors;struct gendisk *bd_disk;struct request_queue *bd_queue;struct ' +
    'disk_stats *bd_stats;unsigned long bd_stamp;atomic_t __bd_flags,bd_openers,bd_fsfreeze_count;struct ' +
    'address_space *bd_mapping;struct spinlock bd_size_lock;void *bd_claiming,*bd_holder,*bd_security;struct ' +
    'blk_holder_ops *bd_holder_ops;struct mutex bd_holder_lock,bd_fsfreeze_mutex;int bd_holders,bd_writers;struct ' +
    'kobject *bd_holder_dir;struct partition_meta_info *bd_meta_info;struct device bd_device',
  'struct device':
    'count:struct kobject kobj|device:struct device *parent;struct device_private *p;char *init_name;struct ' +
    'device_type *type;struct bus_type *bus;struct device_driver *driver;void *platform_data,*driver_data;struct ' +
    'anon_device_driver_override driver_override;struct dev_links_info links;struct dev_pm_info power;struct ' +
    'dev_pm_domain *pm_domain;struct em_perf_domain *em_pd;struct dev_pin_info *pins;struct dev_msi_info msi;u64 ' +
    '*dma_mask,coherent_dma_mask,bus_dma_limit;struct bus_dma_region *dma_range_map;struct device_dma_parameters ' +
    '*dma_parms;struct io_tlb_mem *dma_io_tlb_mem;struct dev_archdata archdata;struct device_node *of_node;struct ' +
    'fwnode_handle *fwnode;int numa_node;dev_t devt;u32 id;struct class *class;struct attribute_group **groups;' +
    'struct iommu_group *iommu_group;struct dev_iommu *iommu;struct device_physical_location *physical_location;' +
    'enum device_removable removable;bool offline_disabled:1,offline:1,of_node_reused:1,state_synced:1,' +
    'can_match:1,dma_skip_sync:1,dma_iommu:1;unsigned long flags[1]|lock:struct mutex mutex;struct spinlock ' +
    'devres_lock|function:struct dma_map_ops *dma_ops;void *release|link:struct list_head dma_pools,devres_head',
  'struct kobject':
    'device:char *name;struct kobj_type *ktype;struct kernfs_node *sd;unsigned int state_initialized:1,' +
    'state_in_sysfs:1,state_add_uevent_sent:1,state_remove_uevent_sent:1,uevent_suppress:1|link:struct list_head ' +
    'entry|count:struct kobject *parent;struct kset *kset;struct kref kref',
  'struct kref':
    'count:refcount_t refcount',
  'struct anon_device_driver_override':
    'device:char *name|lock:struct spinlock lock',
  'struct dev_links_info':
    'link:struct list_head suppliers,consumers,defer_sync|device:enum dl_dev_state status',
  'struct dev_pm_info':
    'device:struct pm_message power_state;bool can_wakeup:1,async_suspend:1,in_dpm_list:1,is_prepared:1,' +
    'is_suspended:1,is_noirq_suspended:1,is_late_suspended:1,no_pm:1,early_init:1,direct_complete:1,wakeup_path:1,' +
    'syscore:1,no_pm_callbacks:1,async_in_progress:1,smart_suspend:1,must_resume:1,may_skip_resume:1,' +
    'idle_notification:1,request_pending:1,deferred_resume:1,needs_force_resume:1,runtime_auto:1,' +
    'ignore_children:1,no_callbacks:1,irq_safe:1,use_autosuspend:1,timer_autosuspends:1,memalloc_noio:1;u32 ' +
    'driver_flags;struct wakeup_source *wakeup;u64 timer_expires,last_busy,active_time,suspended_time,' +
    'accounting_timestamp;struct wake_irq *wakeirq;atomic_t usage_count,child_count;unsigned int disable_depth:3,' +
    'links_count;enum rpm_request request;enum rpm_status runtime_status,last_status;int runtime_error,' +
    'autosuspend_delay;struct pm_subsys_data *subsys_data;struct dev_pm_qos *qos|lock:struct spinlock lock;struct ' +
    'completion completion;struct hrtimer suspend_timer;struct work_struct work;struct wait_queue_head ' +
    'wait_queue|link:struct list_head entry|function:void *set_latency_tolerance',
  'struct pm_message':
    'device:int event',
  'struct completion':
    'lock:unsigned int done;struct swait_queue_head wait',
  'struct swait_queue_head':
    'lock:struct raw_spinlock lock|link:struct list_head task_list',
  'struct dev_msi_info':
    'device:struct irq_domain *domain;struct msi_device_data *data',
  'struct dev_archdata':
    '',
  'struct bpf_link':
    'verifier:struct bpf_link_ops *ops;struct callback_head rcu;struct work_struct work',
  'struct cgroup':
    'schedule:int nr_populated_csets,nr_dying_subsys[14];unsigned int kill_seq;struct cgroup_file procs_file,' +
    'events_file,psi_files[3];u16 subtree_ss_mask,old_subtree_control,old_subtree_ss_mask;struct ' +
    'cgroup_subsys_state *subsys[14];struct list_head cset_links,e_csets[14],rstat_css_list,pidlists;struct ' +
    'cgroup *old_dom_cgrp,*rstat_flush_next;struct cgroup_rstat_cpu *rstat_cpu;struct cgroup_base_stat last_bstat,' +
    'bstat;struct prev_cputime prev_cputime;struct work_struct release_agent_work;struct psi_group *psi;struct ' +
    'cgroup_bpf bpf|filler:struct cacheline_padding _pad_|lock:struct mutex pidlist_mutex;struct wait_queue_head ' +
    'offline_waitq',
  'struct cgroup_subsys_state':
    'count:struct percpu_ref refcnt|link:struct list_head sibling,children|schedule:struct list_head ' +
    'rstat_css_node;atomic_t online_cnt;int nr_descendants|lock:struct work_struct destroy_work;struct rcu_work ' +
    'destroy_rwork',
  'struct percpu_ref':
    'count:unsigned long percpu_count_ptr;struct percpu_ref_data *data',
  'struct rcu_work':
    'lock:struct work_struct work;struct callback_head rcu;struct workqueue_struct *wq',
  'struct cgroup_file':
    'schedule:struct kernfs_node *kn;unsigned long notified_at|lock:struct timer_list notify_timer',
  'struct cacheline_padding':
    'filler:char x[0]',
  'struct cgroup_base_stat':
    'schedule:struct task_cputime cputime;u64 ntime',
  'struct task_cputime':
    'time:u64 stime,utime;unsigned long long sum_exec_runtime',
  'struct cgroup_bpf':
    'format:struct bpf_prog_array *effective[38],*inactive;u8 flags[38];u64 revisions[38]|link:struct hlist_head ' +
    'progs[38];struct list_head storages|count:struct percpu_ref refcnt|lock:struct work_struct release_work',
  'struct cgroup_freezer_state':
    'schedule:int nr_frozen_descendants,nr_frozen_tasks',
  'struct kallsym_iter':
    'code:loff_t pos,pos_mod_end,pos_ftrace_mod_end,pos_bpf_end;unsigned long value;unsigned int nameoff;char ' +
    'type,name[512],module_name[56];int exported,show_value',
  'struct udp_sock':
    'packets:struct inet_sock inet;unsigned long udp_flags;int pending,forward_deficit,forward_threshold;__u8 ' +
    'encap_type;__u16 len,gso_size,pcslen,pcrlen;void *encap_rcv,*encap_err_rcv,*encap_err_lookup,*encap_destroy,' +
    '*gro_receive,*gro_complete;struct sk_buff_head reader_queue;bool peeking_with_offset',
  'struct inet_sock':
    'packets:struct ipv6_pinfo *pinet6;struct ipv6_fl_socklist *ipv6_fl_list;unsigned long inet_flags;__s16 ' +
    'uc_ttl;struct ip_options_rcu *inet_opt;atomic_t inet_id;__u8 tos,min_ttl,mc_ttl,pmtudisc,rcv_tos,' +
    'convert_csum;int uc_index,mc_index;__be32 mc_addr;u32 local_port_range;struct ip_mc_socklist *mc_list;struct ' +
    'inet_cork_full cork',
  'struct inet_cork_full':
    'packets:struct inet_cork base;struct flowi fl',
  'struct inet_cork':
    'packets:unsigned int flags,fragsize;__be32 addr;struct ip_options *opt;int length;struct dst_entry *dst;u8 ' +
    'tx_flags;__u8 ttl;__s16 tos;char priority;__u16 gso_size;u64 transmit_time;u32 mark',
  'struct flowi':
    'packets:union anon_flowi_u u',
  'union anon_flowi_u':
    'packets:struct flowi_common __fl_common;struct flowi4 ip4;struct flowi6 ip6',
  'struct flowi4':
    'packets:struct flowi_common __fl_common;__be32 saddr,daddr;union flowi_uli uli',
  'union flowi_uli':
    'packets:struct anon_flowi_uli_ports ports;struct anon_flowi_uli_icmpt icmpt;__be32 gre_key;struct ' +
    'anon_flowi_uli_mht mht',
  'struct anon_flowi_uli_ports':
    'packets:__be16 dport,sport',
  'struct anon_flowi_uli_icmpt':
    'packets:__u8 type,code',
  'struct anon_flowi_uli_mht':
    'packets:__u8 type',
  'struct flowi6':
    'packets:struct flowi_common __fl_common;struct in6_addr daddr,saddr;__be32 flowlabel;union flowi_uli uli;' +
    '__u32 mp_hash',
  'struct unix_sock':
    'packets:struct path path;struct mutex iolock,bindlock;struct sock *listener;struct unix_vertex *vertex;' +
    'struct spinlock lock;struct socket_wq peer_wq;struct wait_queue_entry peer_wake;struct scm_stat scm_stat;' +
    'struct sk_buff *oob_skb',
  'struct wait_queue_entry':
    'lock:unsigned int flags;void *private,*func|link:struct list_head entry',
  'struct scm_stat':
    'packets:atomic_t nr_fds;unsigned long nr_unix_fds',
  'struct netlink_sock':
    'packets:struct sock sk;unsigned long flags,*groups,state;u32 portid,dst_portid,dst_group,subscriptions,' +
    'ngroups;size_t max_recvmsg_len;struct wait_queue_head wait;bool bound,cb_running;int dump_done_errno;struct ' +
    'netlink_callback cb;struct mutex nl_cb_mutex;void *netlink_rcv,*netlink_bind,*netlink_unbind,' +
    '*netlink_release;struct module *module;struct rhash_head node;struct callback_head rcu',
  'struct netlink_callback':
    'packets:struct sk_buff *skb;struct nlmsghdr *nlh;void *data;struct module *module;struct netlink_ext_ack ' +
    '*extack;u16 family,answer_flags;u32 min_dump_alloc;unsigned int prev_seq,seq;int flags;bool strict_check;u8 ' +
    'ctx[48];long args[6]|function:void *dump,*done',
  'struct fib6_info':
    'packets:struct fib6_table *fib6_table;struct fib6_info *fib6_next;struct fib6_node *fib6_node;unsigned int ' +
    'fib6_nsiblings;unsigned long expires;struct dst_metrics *fib6_metrics;struct rt6key fib6_dst,fib6_src,' +
    'fib6_prefsrc;u32 fib6_flags,fib6_metric;u8 fib6_protocol,fib6_type,offload,trap,offload_failed,' +
    'should_flush:1,dst_nocount:1,dst_nopolicy:1,fib6_destroying:1,unused:4;struct nexthop *nh;struct fib6_nh ' +
    'fib6_nh[0]|link:struct list_head fib6_siblings,nh_list;struct hlist_node gc_link|count:refcount_t ' +
    'fib6_ref|lock:struct callback_head rcu',
  'struct rt6key':
    'packets:struct in6_addr addr;int plen',
  'struct fib6_nh':
    'packets:struct fib_nh_common nh_common;unsigned long last_probe;struct rt6_info **rt6i_pcpu;struct ' +
    'rt6_exception_bucket *rt6i_exception_bucket',
  'struct fib_nh_common':
    'packets:struct net_device *nhc_dev;netdevice_tracker nhc_dev_tracker;int nhc_oif,nhc_weight;unsigned char ' +
    'nhc_scope,nhc_flags;u8 nhc_family,nhc_gw_family;struct lwtunnel_state *nhc_lwtstate;union ' +
    'anon_fib_nh_common_nhc_gw nhc_gw;atomic_t nhc_upper_bound;struct rtable **nhc_pcpu_rth_output,*nhc_rth_input;' +
    'struct fnhe_hash_bucket *nhc_exceptions',
  'union anon_fib_nh_common_nhc_gw':
    'packets:__be32 ipv4;struct in6_addr ipv6',
  'struct renamedata':
    'call:struct inode **delegated_inode',
  'struct filename':
    'call:char *uptr,iname[0];atomic_t refcnt|audit:struct audit_names *aname',
  'struct kernel_clone_args':
    'call:int *pidfd,*child_tid,*parent_tid,idle;char *name;u32 kthread:1,io_thread:1,user_worker:1,no_files:1;' +
    'unsigned long stack,stack_size,tls;pid_t *set_tid;size_t set_tid_size;void *fn_arg;struct cgroup *cgrp;' +
    'struct css_set *cset;unsigned int kill_seq|function:void *fn',
  'struct fred_cs':
    'processor:u64 cs:16,sl:2,wfe:1',
  'struct fred_ss':
    'processor:u64 ss:16,sti:1,swevent:1,nmi:1,vector:8,type:4,enclave:1,lm:1,nested:1,insnlen:4',
  'struct pid':
    'call:refcount_t count;struct spinlock lock;struct dentry *stashed;u64 ino;struct hlist_head tasks[4],inodes;' +
    'struct wait_queue_head wait_pidfd;struct callback_head rcu',
  'struct sigaction':
    'processor:void *sa_restorer',
  'struct user_struct':
    'feature:struct percpu_counter epoll_watches;unsigned long unix_inflight;atomic_long_t pipe_bufs,locked_vm,' +
    'perf_mlock;struct ratelimit_state ratelimit|link:struct hlist_node uidhash_node',
  'struct ratelimit_state':
    'lock:struct raw_spinlock lock|device:int interval,burst,printed,missed;unsigned int flags;unsigned long ' +
    'begin',
  'struct ucounts':
    'link:struct hlist_node node|feature:struct user_namespace *ns;kuid_t uid;atomic_t count;atomic_long_t ' +
    'ucount[12],rlimit[4]',
  'struct file_operations':
    'function:struct module *owner;unsigned int fop_flags;void *llseek,*read,*write,*read_iter,*write_iter,' +
    '*iopoll,*iterate_shared,*poll,*unlocked_ioctl,*compat_ioctl,*mmap,*open,*flush,*release,*fsync,*fasync,*lock,' +
    '*get_unmapped_area,*check_flags,*flock,*splice_write,*splice_read,*splice_eof,*setlease,*fallocate,' +
    '*show_fdinfo,*copy_file_range,*remap_file_range,*fadvise,*uring_cmd,*uring_cmd_iopoll',
  'struct sched_class':
    'function:void *enqueue_task,*dequeue_task,*yield_task,*yield_to_task,*wakeup_preempt,*balance,*pick_task,' +
    '*pick_next_task,*put_prev_task,*set_next_task,*select_task_rq,*migrate_task_rq,*task_woken,*set_cpus_allowed,' +
    '*rq_online,*rq_offline,*find_lock_rq,*task_tick,*task_fork,*task_dead,*switching_to,*switched_from,' +
    '*switched_to,*reweight_task,*prio_changed,*get_rr_interval,*update_curr,*task_change_group',
  'struct task_group':
    'schedule:struct cgroup_subsys_state css;int idle;struct sched_entity **se;struct cfs_rq **cfs_rq;unsigned ' +
    'long shares;atomic_long_t load_avg;struct task_group *parent;struct autogroup *autogroup;struct ' +
    'cfs_bandwidth cfs_bandwidth|lock:struct callback_head rcu|link:struct list_head list,siblings,children',
  'struct cfs_bandwidth':
    'lock:struct raw_spinlock lock;struct hrtimer period_timer,slack_timer|schedule:s64 period,hierarchical_quota;' +
    'u64 quota,runtime,burst,runtime_snap,throttled_time,burst_time;u8 idle,period_active,slack_started;int ' +
    'nr_periods,nr_throttled,nr_burst|link:struct list_head throttled_cfs_rq',
  'struct rcu_node':
    'lock:struct raw_spinlock lock,fqslock,exp_poll_lock;struct rt_mutex boost_mtx;struct mutex kthread_mutex;' +
    'struct swait_queue_head nocb_gp_wq[2];struct spinlock exp_lock;struct wait_queue_head exp_wq[4];struct ' +
    'work_struct exp_poll_wq|schedule:unsigned long gp_seq,gp_seq_needed,completedqs,qsmask,rcu_gp_init_mask,' +
    'qsmaskinit,qsmaskinitnext,expmask,expmaskinit,expmaskinitnext,cbovldmask,ffmask,grpmask,boost_time,n_boosts,' +
    'exp_seq_rq,exp_seq_poll_rq;struct kthread_worker *exp_kworker;int grplo,grphi;u8 grpnum,level;bool ' +
    'wait_blkd_tasks,exp_need_flush;struct rcu_node *parent;struct task_struct *boost_kthread_task;unsigned int ' +
    'boost_kthread_status;struct rcu_exp_work rew|link:struct list_head blkd_tasks,*gp_tasks,*exp_tasks,' +
    '*boost_tasks',
  'struct rt_mutex':
    'lock:struct rt_mutex_base rtmutex',
  'struct rt_mutex_base':
    'lock:struct raw_spinlock wait_lock|link:struct rb_root_cached waiters|schedule:struct task_struct *owner',
  'struct rcu_exp_work':
    'schedule:unsigned long rew_s|lock:struct kthread_work rew_work',
  'struct kthread_work':
    'link:struct list_head node|lock:void *func;struct kthread_worker *worker;int canceling',
  'struct nameidata':
    'call:struct path path,root;struct qstr last;struct inode *inode;unsigned int flags,state,seq,next_seq,m_seq,' +
    'r_seq,depth,root_seq;int last_type,total_link_count,dfd;struct saved *stack,internal[2];struct filename ' +
    '*name;struct nameidata *saved;vfsuid_t dir_vfsuid;umode_t dir_mode',
  'struct saved':
    'time:struct path link;struct delayed_call done;char *name;unsigned int seq',
  'struct delayed_call':
    'function:void *fn|time:void *arg',
  'struct fs_struct':
    'call:struct spinlock lock;struct seqcount_spinlock seq;int in_exec',
  'struct files_struct':
    'call:bool resize_in_progress;struct wait_queue_head resize_wait;struct spinlock file_lock;unsigned long ' +
    'full_fds_bits_init[1]',
  'struct fdtable':
    'call:unsigned long *full_fds_bits|lock:struct callback_head rcu',
  'struct io_uring_task':
    'feature:int cached_refs;struct io_ring_ctx *last;struct io_wq *io_wq;struct file *registered_rings[16];' +
    'atomic_t in_cancel,inflight_tracked;struct percpu_counter inflight|link:struct xarray xa;struct llist_head ' +
    'task_list|lock:struct wait_queue_head wait;struct callback_head task_work',
  'struct nsproxy':
    'count:refcount_t count',
  'struct signal_struct':
    'call:int quick_threads,notify_count,group_stop_count;struct task_struct *curr_target,*group_exec_task;struct ' +
    'hlist_head multiprocess,posix_timers;struct core_state *core_state;unsigned int next_posix_timer_id;struct ' +
    'hrtimer real_timer;s64 it_real_incr;struct pid *tty_old_pgrp|lock:struct wait_queue_head wait_chldexit;' +
    'struct mutex cred_guard_mutex;struct rw_semaphore exec_update_lock|time:struct cpu_itimer it[2];struct ' +
    'thread_group_cputimer cputimer;struct posix_cputimers posix_cputimers;atomic_t tick_dep_mask;seqlock_t ' +
    'stats_lock;u64 utime,stime,gtime,cgtime;struct prev_cputime prev_cputime;unsigned long inblock,oublock,' +
    'cinblock,coublock,maxrss,cmaxrss;struct task_io_accounting ioac;unsigned long long sum_sched_runtime;struct ' +
    'pacct_struct pacct;struct taskstats *stats|schedule:struct autogroup *autogroup;unsigned long nvcsw,nivcsw,' +
    'cnvcsw,cnivcsw|pages:unsigned long min_flt,maj_flt,cmin_flt,cmaj_flt;bool oom_flag_origin;struct mm_struct ' +
    '*oom_mm|audit:unsigned int audit_tty;struct tty_audit_buf *tty_audit_buf',
  'struct cpu_itimer':
    'schedule:u64 expires,incr',
  'struct thread_group_cputimer':
    'time:struct task_cputime_atomic cputime_atomic',
  'struct task_cputime_atomic':
    'time:atomic64_t utime,stime,sum_exec_runtime',
  'struct anon_seqlock_t':
    'lock:struct seqcount_spinlock seqcount;struct spinlock lock',
  'struct pacct_struct':
    'time:int ac_flag;long ac_exitcode;unsigned long ac_mem,ac_minflt,ac_majflt;u64 ac_utime,ac_stime',
  'struct sighand_struct':
    'lock:struct spinlock siglock;struct wait_queue_head signalfd_wqh',
  'struct audit_context':
    'audit:int dummy,major,uring_op,return_valid,name_count,arch,tree_count,type,fds[2];enum ' +
    'anon_audit_context_context context;enum audit_state state,current_state;unsigned int serial,target_sessionid;' +
    'struct timespec64 ctime;unsigned long argv[4],personality;long return_code;u64 prio;struct audit_names ' +
    'preallocated_names[5];char *filterkey,target_comm[16];struct path pwd;struct audit_aux_data *aux,*aux_pids;' +
    'struct __kernel_sockaddr_storage *sockaddr;size_t sockaddr_len;pid_t ppid,target_pid;kuid_t uid,euid,suid,' +
    'fsuid,target_auid,target_uid;kgid_t gid,egid,sgid,fsgid;u32 target_sid;struct audit_tree_refs *trees,' +
    '*first_trees;struct anon_audit_context_socketcall socketcall;struct anon_audit_context_ipc ipc;struct ' +
    'anon_audit_context_mq_getsetattr mq_getsetattr;struct anon_audit_context_mq_notify mq_notify;struct ' +
    'anon_audit_context_mq_sendrecv mq_sendrecv;struct anon_audit_context_mq_open mq_open;struct ' +
    'anon_audit_context_capset capset;struct anon_audit_context_mmap mmap;struct open_how openat2;struct ' +
    'anon_audit_context_execve execve;struct anon_audit_context_module module;struct anon_audit_context_time time;' +
    'struct audit_proctitle proctitle|link:struct list_head names_list,killed_trees',
  'struct audit_names':
    'link:struct list_head list|audit:struct filename *name;int name_len;bool hidden,should_free;u64 ino;dev_t ' +
    'dev,rdev;umode_t mode;kuid_t uid;kgid_t gid;u32 osid;struct audit_cap_data fcap;unsigned int fcap_ver;' +
    'unsigned char type',
  'struct audit_cap_data':
    'audit:kernel_cap_t permitted,inheritable,effective,ambient;unsigned int fE;kuid_t rootid',
  'struct anon_audit_context_socketcall':
    'audit:int nargs;long args[6]',
  'struct anon_audit_context_ipc':
    'audit:kuid_t uid;kgid_t gid;umode_t mode,perm_mode;u32 osid;int has_perm;uid_t perm_uid;gid_t perm_gid;' +
    'unsigned long qbytes',
  'struct anon_audit_context_mq_getsetattr':
    'audit:int mqdes;struct mq_attr mqstat',
  'struct mq_attr':
    'audit:long mq_flags,mq_maxmsg,mq_msgsize,mq_curmsgs|filler:long __reserved[4]',
  'struct anon_audit_context_mq_notify':
    'audit:int mqdes,sigev_signo',
  'struct anon_audit_context_mq_sendrecv':
    'audit:int mqdes;size_t msg_len;unsigned int msg_prio;struct timespec64 abs_timeout',
  'struct anon_audit_context_mq_open':
    'audit:int oflag;umode_t mode;struct mq_attr attr',
  'struct anon_audit_context_capset':
    'audit:pid_t pid;struct audit_cap_data cap',
  'struct anon_audit_context_mmap':
    'audit:int fd,flags',
  'struct open_how':
    'audit:__u64 flags,mode,resolve',
  'struct anon_audit_context_execve':
    'audit:int argc',
  'struct anon_audit_context_module':
    'audit:char *name',
  'struct anon_audit_context_time':
    'audit:struct audit_ntp_data ntp_data;struct timespec64 tk_injoffset',
  'struct audit_ntp_data':
    'audit:struct audit_ntp_val vals[6]',
  'struct audit_ntp_val':
    'audit:long long oldval,newval',
  'struct audit_proctitle':
    'audit:int len;char *value',
  'struct rt_mutex_waiter':
    'schedule:struct rt_waiter_node tree,pi_tree;struct task_struct *task;unsigned int wake_state;struct ' +
    'ww_acquire_ctx *ww_ctx|lock:struct rt_mutex_base *lock',
  'struct rt_waiter_node':
    'link:struct rb_node entry|schedule:int prio;u64 deadline',
  'struct bio_list':
    'block:struct bio *head,*tail',
  'struct blk_plug':
    'block:struct rq_list mq_list,cached_rqs;u64 cur_ktime;unsigned short nr_ios,rq_count;bool multiple_queues,' +
    'has_elevator|link:struct list_head cb_list',
  'struct rq_list':
    'schedule:struct request *head,*tail',
  'struct reclaim_state':
    'pages:unsigned long reclaimed;struct lru_gen_mm_walk *mm_walk',
  'struct io_context':
    'block:atomic_long_t refcount;atomic_t active_ref;unsigned short ioprio;struct io_cq *icq_hint|lock:struct ' +
    'spinlock lock;struct work_struct release_work|link:struct xarray icq_tree;struct hlist_head icq_list',
  'struct capture_control':
    'pages:struct compact_control *cc;struct page *page',
  'struct css_set':
    'count:refcount_t refcount|schedule:struct css_set *dom_cset,*mg_dst_cset;struct list_head mg_tasks,' +
    'task_iters,e_cset_node[14],threaded_csets,threaded_csets_node,mg_src_preload_node,mg_dst_preload_node,' +
    'mg_node;struct cgroup *mg_src_cgrp,*mg_dst_cgrp|format:int nr_tasks;bool dead|link:struct list_head tasks,' +
    'dying_tasks,cgrp_links;struct hlist_node hlist|lock:struct callback_head callback_head',
  'struct robust_list_head':
    'tracing:struct robust_list list,*list_op_pending;long futex_offset',
  'struct robust_list':
    'tracing:struct robust_list *next',
  'struct compat_robust_list_head':
    'feature:struct compat_robust_list list;s32 futex_offset;u32 list_op_pending',
  'struct compat_robust_list':
    'feature:u32 next',
  'struct futex_pi_state':
    'link:struct list_head list|lock:struct rt_mutex_base pi_mutex|feature:struct task_struct *owner;union ' +
    'futex_key key|count:refcount_t refcount',
  'union futex_key':
    'feature:struct anon_futex_key_shared shared;struct anon_futex_key_private private;struct anon_futex_key_both ' +
    'both',
  'struct anon_futex_key_shared':
    'feature:u64 i_seq;unsigned long pgoff;unsigned int offset',
  'struct anon_futex_key_private':
    'feature:struct mm_struct *mm;u64 mm_seq;unsigned long address;unsigned int offset',
  'struct anon_futex_key_both':
    'feature:u64 ptr;unsigned long word;unsigned int offset',
  'struct perf_event_context':
    'lock:struct raw_spinlock lock;struct mutex mutex;struct callback_head callback_head|link:struct list_head ' +
    'pmu_ctx_list,event_list|tracing:struct perf_event_groups pinned_groups,flexible_groups;int nr_events,nr_user,' +
    'is_active,nr_task_data,nr_stat,nr_freq,rotate_disable,pin_count,nr_cgroups;struct task_struct *task;u64 time,' +
    'timestamp,timeoffset,parent_gen,generation;struct perf_event_context *parent_ctx;local_t ' +
    'nr_no_switch_fast|count:refcount_t refcount',
  'struct perf_event_groups':
    'link:struct rb_root tree|tracing:u64 index',
  'struct mempolicy':
    'pages:atomic_t refcnt;unsigned short mode,flags;nodemask_t nodes;int home_node;union anon_mempolicy_w w',
  'union anon_mempolicy_w':
    'pages:nodemask_t cpuset_mems_allowed,user_nodemask',
  'struct numa_group':
    'count:refcount_t refcount|lock:struct spinlock lock;struct callback_head rcu|schedule:int nr_tasks,' +
    'active_nodes;pid_t gid;unsigned long total_faults,max_faults_cpu,faults[0]',
  'struct rseq':
    'feature:__u32 cpu_id_start,cpu_id,flags,node_id,mm_cid;__u64 rseq_cs;char end[0]',
  'struct pipe_inode_info':
    'lock:struct mutex mutex;struct wait_queue_head rd_wait,wr_wait;struct fasync_struct *fasync_readers,' +
    '*fasync_writers|call:unsigned int head,tail,max_usage,ring_size,nr_accounted,readers,writers,files,r_counter,' +
    'w_counter;bool poll_usage;struct page *tmp_page;struct pipe_buffer *bufs;struct user_struct *user',
  'struct task_delay_info':
    'lock:struct raw_spinlock lock|time:u64 blkio_start,blkio_delay,swapin_start,swapin_delay,freepages_start,' +
    'freepages_delay,thrashing_start,thrashing_delay,compact_start,compact_delay,wpcopy_start,wpcopy_delay,' +
    'irq_delay;u32 blkio_count,swapin_count,freepages_count,thrashing_count,compact_count,wpcopy_count,irq_count',
  'struct mem_cgroup':
    'pages:struct cgroup_subsys_state css;struct mem_cgroup_id id;struct page_counter memory,swap,memsw;unsigned ' +
    'long zswap_max;bool zswap_writeback,oom_group;struct vmpressure vmpressure;int swappiness,kmemcg_id;struct ' +
    'cgroup_file events_file,events_local_file,swap_events_file;struct memcg_vmstats *vmstats;atomic_long_t ' +
    'memory_events[9],memory_events_local[9];u64 socket_pressure;struct obj_cgroup *objcg,*orig_objcg;struct ' +
    'memcg_vmstats_percpu *vmstats_percpu;struct wb_domain cgwb_domain;struct memcg_cgwb_frn cgwb_frn[4];struct ' +
    'deferred_split deferred_split_queue;struct lru_gen_mm_list mm_list;struct mem_cgroup_per_node ' +
    '*nodeinfo[0]|link:struct list_head memory_peaks,swap_peaks,objcg_list,cgwb_list|lock:struct spinlock ' +
    'peaks_lock;struct work_struct high_work',
  'struct mem_cgroup_id':
    'pages:int id|count:refcount_t ref',
  'struct page_counter':
    'pages:atomic_long_t usage,min_usage,children_min_usage,low_usage,children_low_usage;struct cacheline_padding ' +
    '_pad1_,_pad2_;unsigned long emin,elow,watermark,local_watermark,failcnt,min,low,high,max;bool ' +
    'protection_support;struct page_counter *parent',
  'struct vmpressure':
    'pages:unsigned long scanned,reclaimed,tree_scanned,tree_reclaimed|lock:struct spinlock sr_lock;struct mutex ' +
    'events_lock;struct work_struct work|link:struct list_head events',
  'struct wb_domain':
    'lock:struct spinlock lock;struct timer_list period_timer|pages:struct fprop_global completions;unsigned long ' +
    'period_time,dirty_limit_tstamp,dirty_limit',
  'struct fprop_global':
    'pages:struct percpu_counter events;unsigned int period|lock:struct seqcount sequence',
  'struct memcg_cgwb_frn':
    'pages:u64 bdi_id,at;int memcg_id;struct wb_completion done',
  'struct wb_completion':
    'pages:atomic_t cnt|lock:struct wait_queue_head *waitq',
  'struct deferred_split':
    'lock:struct spinlock split_queue_lock|link:struct list_head split_queue|pages:unsigned long split_queue_len',
  'struct lru_gen_mm_list':
    'link:struct list_head fifo|lock:struct spinlock lock',
  'struct obj_cgroup':
    'count:struct percpu_ref refcnt|pages:struct mem_cgroup *memcg;atomic_t nr_charged_bytes|link:struct ' +
    'list_head list|lock:struct callback_head rcu',
  'struct gendisk':
    'block:int major,first_minor,minors,flags,node_id;char disk_name[32];unsigned short events,event_flags;struct ' +
    'block_device *part0;struct request_queue *queue;void *private_data;struct bio_set bio_split;unsigned long ' +
    'state,*conv_zones_bitmap;unsigned int open_partitions,nr_zones,zone_capacity,last_zone_capacity,' +
    'zone_wplugs_hash_bits,open_mode;struct backing_dev_info *bdi;struct timer_rand_state *random;atomic_t ' +
    'sync_io,nr_zone_wplugs;struct disk_events *ev;struct mempool_s *zone_wplugs_pool;struct cdrom_device_info ' +
    '*cdi;struct badblocks *bb;u64 diskseq;struct blk_independent_access_ranges *ia_ranges|link:struct xarray ' +
    'part_tbl;struct list_head slave_bdevs;struct hlist_head *zone_wplugs_hash|function:struct ' +
    'block_device_operations *fops|lock:struct mutex open_mutex;struct spinlock zone_wplugs_lock;struct ' +
    'workqueue_struct *zone_wplugs_wq;struct lockdep_map lockdep_map|count:struct kobject queue_kobj,*slave_dir',
  'struct bio_set':
    'block:struct kmem_cache *bio_slab;unsigned int front_pad,back_pad;struct bio_alloc_cache *cache;struct ' +
    'mempool_s bio_pool,bvec_pool,bio_integrity_pool,bvec_integrity_pool;struct bio_list rescue_list|lock:struct ' +
    'spinlock rescue_lock;struct work_struct rescue_work;struct workqueue_struct *rescue_workqueue|link:struct ' +
    'hlist_node cpuhp_dead',
  'struct mempool_s':
    'lock:struct spinlock lock;struct wait_queue_head wait|block:int min_nr,curr_nr;void **elements,*pool_data,' +
    '*alloc,*free',
  'struct lockdep_map':
    '',
  'struct uprobe_task':
    'tracing:enum uprobe_task_state state;struct arch_uprobe_task autask;unsigned long vaddr,dup_xol_addr,' +
    'xol_vaddr;struct uprobe *active_uprobe;struct arch_uprobe *auprobe;struct return_instance *return_instances;' +
    'unsigned int depth|lock:struct callback_head dup_xol_work',
  'struct arch_uprobe_task':
    'processor:unsigned long saved_scratch_register;unsigned int saved_trap_nr,saved_tf',
  'struct vm_struct':
    'pages:struct vm_struct *next;void *addr,*caller;unsigned long size,flags,requested_size;struct page **pages;' +
    'unsigned int page_order,nr_pages;u64 phys_addr',
  'struct bpf_local_storage':
    'verifier:struct bpf_local_storage_data *cache[16]|link:struct hlist_head list|lock:struct callback_head rcu;' +
    'struct raw_spinlock lock',
  'struct bpf_run_ctx':
    '',
  'struct bpf_net_context':
    'verifier:struct bpf_redirect_info ri|link:struct list_head cpu_map_flush_list,dev_map_flush_list,' +
    'xskmap_map_flush_list',
  'struct bpf_redirect_info':
    'verifier:u64 tgt_index;void *tgt_value;struct bpf_map *map;u32 flags,map_id,kern_flags;enum bpf_map_type ' +
    'map_type;struct bpf_nh_params nh',
  'struct bpf_nh_params':
    'verifier:u32 nh_family,ipv4_nh;struct in6_addr ipv6_nh',
  'struct cfs_rq':
    'schedule:struct load_weight load;unsigned int nr_running,h_nr_queued,h_nr_runnable,idle_nr_running,' +
    'idle_h_nr_running,h_nr_delayed;s64 avg_vruntime,runtime_remaining;u64 avg_load,zero_vruntime,' +
    'last_update_tg_load_avg,last_h_load_update,throttled_pelt_idle,throttled_clock,throttled_clock_pelt,' +
    'throttled_clock_pelt_time,throttled_clock_self,throttled_clock_self_time;struct sched_entity *curr,*next,' +
    '*h_load_next;struct sched_avg avg;struct anon_cfs_rq_removed removed;unsigned long tg_load_avg_contrib,' +
    'h_load;long propagate,prop_runnable_sum;struct rq *rq;int on_list,idle,runtime_enabled,throttled,' +
    'throttle_count;struct task_group *tg|link:struct rb_root_cached tasks_timeline;struct list_head ' +
    'leaf_cfs_rq_list,throttled_list,throttled_csd_list',
  'struct anon_cfs_rq_removed':
    'lock:struct raw_spinlock lock|schedule:int nr;unsigned long load_avg,util_avg,runnable_avg',
  'struct rq':
    'lock:struct raw_spinlock __lock;struct __call_single_data nohz_csd,hrtick_csd,cfsb_csd;struct rcuwait ' +
    'hotplug_wait;struct hrtimer hrtick_timer|schedule:unsigned int nr_running,nr_numa_running,' +
    'nr_preferred_running,numa_migrate_on,has_blocked_load,nohz_tick_stopped,ttwu_pending,clock_update_flags,' +
    'yld_count,sched_count,sched_goidle,ttwu_count,ttwu_local,nr_pinned,push_busy;unsigned long ' +
    'last_blocked_load_update_tick,nr_uninterruptible,next_balance,lost_idle_time,cpu_capacity,misfit_task_load,' +
    'calc_load_update;atomic_t nohz_flags,nr_iowait;u64 nr_switches,clock,clock_task,clock_pelt,clock_pelt_idle,' +
    'clock_idle,last_seen_need_resched_ns,idle_stamp,avg_idle,max_idle_balance_cost,prev_steal_time;struct cfs_rq ' +
    'cfs;struct rt_rq rt;struct dl_rq dl;struct sched_dl_entity fair_server,*dl_server;struct task_struct *donor,' +
    '*curr,*idle,*stop;struct mm_struct *prev_mm;int ticks_without_resched,membarrier_state,active_balance,' +
    'push_cpu,cpu,online;struct root_domain *rd;struct sched_domain *sd;struct balance_callback *balance_callback;' +
    'unsigned char nohz_idle_balance,idle_balance;struct cpu_stop_work active_balance_work,push_work;struct ' +
    'sched_avg avg_rt,avg_dl;long calc_load_active;s64 hrtick_time;struct sched_info rq_sched_info;unsigned long ' +
    'long rq_cpu_time;struct cpuidle_state *idle_state;struct cpumask *scratch_mask|link:struct list_head ' +
    'leaf_cfs_rq_list,*tmp_alone_branch,cfs_tasks,cfsb_csd_list',
  'struct __call_single_data':
    'lock:struct __call_single_node node;void *func,*info',
  'struct rt_rq':
    'schedule:struct rt_prio_array active;unsigned int rt_nr_running,rr_nr_running;struct anon_rt_rq_highest_prio ' +
    'highest_prio;bool overloaded;int rt_queued|link:struct plist_head pushable_tasks',
  'struct rt_prio_array':
    'schedule:unsigned long bitmap[2]|link:struct list_head queue[100]',
  'struct anon_rt_rq_highest_prio':
    'schedule:int curr,next',
  'struct plist_head':
    'link:struct list_head node_list',
  'struct dl_rq':
    'link:struct rb_root_cached root,pushable_dl_tasks_root|schedule:unsigned int dl_nr_running;struct ' +
    'anon_dl_rq_earliest_dl earliest_dl;bool overloaded;u64 running_bw,this_bw,extra_bw,max_bw,bw_ratio',
  'struct anon_dl_rq_earliest_dl':
    'schedule:u64 curr,next',
  'struct cpu_stop_work':
    'link:struct list_head list|schedule:void *fn,*arg;unsigned long caller;struct cpu_stop_done *done',
  'struct hrtimer_clock_base':
    'time:struct hrtimer_cpu_base *cpu_base;unsigned int index;int clockid;s64 offset|lock:struct ' +
    'seqcount_raw_spinlock seq;struct hrtimer *running;struct timerqueue_head active|function:void *get_time',
  'struct seqcount_raw_spinlock':
    'lock:struct seqcount seqcount',
  'struct __kernel_timespec':
    'time:long long tv_sec,tv_nsec',
  'struct old_timespec32':
    'time:s32 tv_sec,tv_nsec',
  'struct pollfd':
    'feature:int fd;short events,revents',
  'struct sem_undo_list':
    'count:refcount_t refcnt|lock:struct spinlock lock|link:struct list_head list_proc',
  'struct seccomp_filter':
    'count:refcount_t refs,users|verifier:bool log,wait_killable_recv;struct action_cache cache;struct ' +
    'seccomp_filter *prev;struct bpf_prog *prog;struct notification *notif|lock:struct mutex notify_lock;struct ' +
    'wait_queue_head wqh',
  'struct action_cache':
    'verifier:unsigned long allow_native[8],allow_compat[8]',
  'struct page':
    'pages:unsigned long flags,index,share,private,pp_magic,_pp_mapping_pad,dma_addr,compound_head,memcg_data;' +
    'void *__filler,*zone_device_data;unsigned int mlock_count,page_type;struct address_space *mapping;struct ' +
    'page_pool *pp;atomic_long_t pp_ref_count;struct dev_pagemap *pgmap;atomic_t _mapcount,_refcount|link:struct ' +
    'list_head lru,buddy_list,pcp_list|lock:struct callback_head callback_head',
  'struct io_bitmap':
    'processor:u64 sequence;unsigned int max;unsigned long bitmap[1024]|count:refcount_t refcnt',
  'struct math_emu_info':
    'processor:long ___orig_eip;struct pt_regs *regs',
  'struct binfmt_misc':
    'link:struct list_head entries|lock:rwlock_t entries_lock|feature:bool enabled',
  'struct proc_ns_operations':
    'function:char *name,*real_ns_name;int type;void *get,*put,*install,*owner,*get_parent',
  'struct ctl_table':
    'feature:char *procname;void *data,*proc_handler,*extra1,*extra2;int maxlen;umode_t mode;struct ' +
    'ctl_table_poll *poll',
  'struct ctl_table_root':
    'feature:struct ctl_table_set default_set|function:void *lookup,*set_ownership,*permissions',
  'struct ctl_node':
    'link:struct rb_node node|feature:struct ctl_table_header *header',
  'struct file_system_type':
    'function:void *init_fs_context,*mount,*kill_sb|format:struct fs_parameter_spec *parameters;struct module ' +
    '*owner;struct file_system_type *next|link:struct hlist_head fs_supers|lock:struct lock_class_key s_lock_key,' +
    's_umount_key,s_vfs_rename_key,s_writers_key[3],i_lock_key,i_mutex_key,invalidate_lock_key,i_mutex_dir_key',
  'struct lock_class_key':
    '',
  'struct super_operations':
    'function:void *alloc_inode,*destroy_inode,*free_inode,*dirty_inode,*write_inode,*drop_inode,*evict_inode,' +
    '*put_super,*sync_fs,*freeze_super,*freeze_fs,*thaw_super,*unfreeze_fs,*statfs,*remount_fs,*umount_begin,' +
    '*show_options,*show_devname,*show_path,*show_stats,*quota_read,*quota_write,*get_dquots,*nr_cached_objects,' +
    '*free_cached_objects,*shutdown',
  'struct dquot_operations':
    'function:void *write_dquot,*alloc_dquot,*destroy_dquot,*acquire_dquot,*release_dquot,*mark_dirty,*write_info,' +
    '*get_reserved_space,*get_projid,*get_inode_usage,*get_next_id',
  'struct quotactl_ops':
    'function:void *quota_on,*quota_off,*quota_enable,*quota_disable,*quota_sync,*set_info,*get_dqblk,' +
    '*get_nextdqblk,*set_dqblk,*get_state,*rm_xquota',
  'struct export_operations':
    'function:void *encode_fh,*fh_to_dentry,*fh_to_parent,*get_name,*get_parent,*commit_metadata,*get_uuid,' +
    '*map_blocks,*commit_blocks;unsigned long flags',
  'struct fscrypt_operations':
    'function:unsigned int needs_bounce_pages:1,has_32bit_inodes:1,supports_subblock_data_units:1;char ' +
    '*legacy_key_prefix;void *get_context,*set_context,*get_dummy_policy,*empty_dir,*has_stable_inodes,' +
    '*get_devices',
  'struct fscrypt_keyring':
    'lock:struct spinlock lock|link:struct hlist_head key_hashtable[128]',
  'struct fsverity_operations':
    'function:void *begin_enable_verity,*end_enable_verity,*get_verity_descriptor,*read_merkle_tree_page,' +
    '*write_merkle_tree_block',
  'struct unicode_map':
    'feature:unsigned int version;struct utf8data *ntab[2];struct utf8data_table *tables|lock:struct ' +
    'callback_head rcu',
  'struct backing_dev_info':
    'pages:u64 id;unsigned long ra_pages,io_pages,last_bdp_sleep;unsigned int capabilities,min_ratio,max_ratio,' +
    'max_prop_frac;atomic_long_t tot_write_bandwidth;struct bdi_writeback wb;struct device *dev,*owner;char ' +
    'dev_name[64];struct dentry *debug_dir|link:struct rb_node rb_node;struct list_head bdi_list,wb_list;struct ' +
    'xarray cgwb_tree|count:struct kref refcnt|lock:struct mutex cgwb_release_mutex;struct rw_semaphore ' +
    'wb_switch_rwsem;struct wait_queue_head wb_waitq;struct timer_list laptop_mode_wb_timer',
  'struct bdi_writeback':
    'pages:struct backing_dev_info *bdi;unsigned long state,last_old_flush,bw_time_stamp,dirtied_stamp,' +
    'written_stamp,write_bandwidth,avg_write_bandwidth,dirty_ratelimit,balanced_dirty_ratelimit;atomic_t ' +
    'writeback_inodes;struct percpu_counter stat[4];struct fprop_local_percpu completions,memcg_completions;int ' +
    'dirty_exceeded;enum wb_reason start_all_reason;struct cgroup_subsys_state *memcg_css,*blkcg_css|link:struct ' +
    'list_head b_dirty,b_io,b_more_io,b_dirty_time,work_list,bdi_node,memcg_node,blkcg_node,b_attached,' +
    'offline_node;struct llist_head switch_wbs_ctxs|lock:struct spinlock list_lock,work_lock;struct delayed_work ' +
    'dwork,bw_dwork;struct work_struct switch_work,release_work;struct callback_head rcu|count:struct percpu_ref ' +
    'refcnt',
  'struct fprop_local_percpu':
    'pages:struct percpu_counter events;unsigned int period|lock:struct raw_spinlock lock',
  'struct delayed_work':
    'lock:struct work_struct work;struct timer_list timer;struct workqueue_struct *wq;int cpu',
  'struct fsnotify_sb_info':
    'feature:struct fsnotify_mark_connector *sb_marks;atomic_long_t watched_objects[3]',
  'struct dentry_operations':
    'function:void *d_revalidate,*d_weak_revalidate,*d_hash,*d_compare,*d_delete,*d_init,*d_release,*d_prune,' +
    '*d_iput,*d_dname,*d_automount,*d_manage,*d_real',
  'struct shrinker':
    'function:void *count_objects,*scan_objects|pages:long batch;int seeks,id;unsigned int flags;void ' +
    '*private_data,*nr_deferred|count:refcount_t refcount|lock:struct completion done;struct callback_head ' +
    'rcu|link:struct list_head list',
  'struct workqueue_struct':
    'link:struct list_head pwqs,list,flusher_queue,flusher_overflow,maydays|lock:struct mutex mutex;int ' +
    'work_color,flush_color,nr_drainers,max_active,min_active,saved_max_active,saved_min_active;atomic_t ' +
    'nr_pwqs_to_flush;struct wq_flusher *first_flusher;struct worker *rescuer;struct workqueue_attrs ' +
    '*unbound_attrs;struct pool_workqueue *dfl_pwq,**cpu_pwq;struct wq_device *wq_dev;char name[32];struct ' +
    'callback_head rcu;unsigned int flags;struct wq_node_nr_active *node_nr_active[0]',
  'struct quota_format_ops':
    'function:void *check_quota_file,*read_file_info,*write_file_info,*free_file_info,*read_dqblk,*commit_dqblk,' +
    '*release_dqblk,*get_next_id',
  'struct quota_format_type':
    'block:int qf_fmt_id;struct module *qf_owner;struct quota_format_type *qf_next|function:struct ' +
    'quota_format_ops *qf_ops',
  'struct list_lru_node':
    'lock:struct spinlock lock|link:struct list_lru_one lru|pages:long nr_items',
  'struct list_lru_one':
    'link:struct list_head list|pages:long nr_items',
  'struct mm_cid':
    'pages:u64 time;int cid',
  'struct linux_binfmt':
    'link:struct list_head lh|pages:struct module *module;unsigned long min_coredump|function:void *load_binary,' +
    '*load_shlib,*core_dump',
  'struct kioctx_table':
    'lock:struct callback_head rcu|pages:unsigned int nr;struct kioctx *table[0]',
  'struct mmu_notifier_subscriptions':
    'link:struct hlist_head list,deferred_list;struct rb_root_cached itree|pages:bool has_itree;unsigned long ' +
    'invalidate_seq,active_invalidate_ranges|lock:struct spinlock lock;struct wait_queue_head wq',
  'struct iommu_mm_data':
    'pages:u32 pasid|link:struct list_head sva_domains',
  'struct ldt_struct':
    'processor:struct desc_struct *entries;unsigned int nr_entries;int slot',
  'struct vdso_image':
    'processor:void *data,*extable;unsigned long size,alt,alt_len,extable_base,extable_len;long sym_vvar_start,' +
    'sym_vvar_page,sym_pvclock_page,sym_hvclock_page,sym_timens_page,sym_VDSO32_NOTE_MASK,sym___kernel_sigreturn,' +
    'sym___kernel_rt_sigreturn,sym___kernel_vsyscall,sym_int80_landing_pad,sym_vdso32_sigreturn_landing_pad,' +
    'sym_vdso32_rt_sigreturn_landing_pad',
  'struct xol_area':
    'lock:struct wait_queue_head wq|pages:atomic_t slot_count;unsigned long *bitmap,vaddr;struct page *page',
  'struct fs_context_operations':
    'function:void *free,*dup,*parse_param,*parse_monolithic,*get_tree,*reconfigure',
  'struct net':
    'count:refcount_t passive|lock:struct spinlock rules_mod_lock,nsid_lock;struct raw_notifier_head ' +
    'netdev_chain|packets:unsigned int dev_base_seq;atomic_t fnhe_genid;struct proc_dir_entry *proc_net,' +
    '*proc_net_stat;struct sock *rtnl,*genl_sock,*crypto_nlsk,*diag_nlsk;struct uevent_sock *uevent_sock;u32 ' +
    'hash_mix;struct netns_core core;struct netns_mib mib;struct netns_packet packet;struct netns_unix unx;struct ' +
    'netns_nexthop nexthop;struct netns_ipv4 ipv4;struct netns_ipv6 ipv6;struct netns_ieee802154_lowpan ' +
    'ieee802154_lowpan;struct netns_sctp sctp;struct netns_nf nf;struct netns_ct ct;struct netns_nftables nft;' +
    'struct netns_ft ft;struct net_generic *gen;struct netns_bpf bpf;struct netns_xfrm xfrm;struct netns_ipvs ' +
    '*ipvs;struct netns_mpls mpls;struct netns_can can;struct netns_xdp xdp;struct netns_smc smc|link:struct ' +
    'list_head list,exit_list,dev_base_head,rules_ops;struct llist_node defer_free_list,cleanup_list;struct idr ' +
    'netns_ids;struct hlist_head *dev_name_head,*dev_index_head;struct xarray dev_by_index;struct sk_buff_head ' +
    'wext_nlevents|feature:struct key_tag *key_domain;struct ucounts *ucounts;struct ref_tracker_dir ' +
    'refcnt_tracker,notrefcnt_tracker;struct ctl_table_set sysctls',
  'struct idr':
    'link:struct xarray idr_rt;unsigned int idr_base,idr_next',
  'struct ref_tracker_dir':
    '',
  'struct raw_notifier_head':
    'lock:struct notifier_block *head',
  'struct netns_core':
    'packets:struct ctl_table_header *sysctl_hdr;int sysctl_somaxconn,sysctl_optmem_max;u8 sysctl_txrehash;struct ' +
    'prot_inuse *prot_inuse;struct cpumask *rps_default_mask',
  'struct netns_mib':
    'packets:struct ipstats_mib *ip_statistics,*ipv6_statistics;struct tcp_mib *tcp_statistics;struct linux_mib ' +
    '*net_statistics;struct udp_mib *udp_statistics,*udp_stats_in6,*udplite_statistics,*udplite_stats_in6;struct ' +
    'linux_xfrm_mib *xfrm_statistics;struct linux_tls_mib *tls_statistics;struct mptcp_mib *mptcp_statistics;' +
    'struct icmp_mib *icmp_statistics;struct icmpmsg_mib *icmpmsg_statistics;struct icmpv6_mib *icmpv6_statistics;' +
    'struct icmpv6msg_mib *icmpv6msg_statistics;struct proc_dir_entry *proc_net_devsnmp6',
  'struct netns_packet':
    'lock:struct mutex sklist_lock|link:struct hlist_head sklist',
  'struct netns_unix':
    'packets:struct unix_table table;int sysctl_max_dgram_qlen;struct ctl_table_header *ctl',
  'struct unix_table':
    'lock:struct spinlock *locks|link:struct hlist_head *buckets',
  'struct netns_nexthop':
    'link:struct rb_root rb_root;struct hlist_head *devhash|packets:unsigned int seq;u32 ' +
    'last_id_allocated|lock:struct blocking_notifier_head notifier_chain',
  'struct blocking_notifier_head':
    'lock:struct rw_semaphore rwsem;struct notifier_block *head',
  'struct netns_ipv4':
    'filler:__u8 __cacheline_group_begin__netns_ipv4_read_tx[0],__cacheline_group_end__netns_ipv4_read_tx[0],' +
    '__cacheline_group_begin__netns_ipv4_read_txrx[0],__cacheline_group_end__netns_ipv4_read_txrx[0],' +
    '__cacheline_group_begin__netns_ipv4_read_rx[0],__cacheline_group_end__netns_ipv4_read_rx[0],' +
    '__cacheline_group_begin__icmp[0],__cacheline_group_end__icmp[0];struct anon_lockdep_map_p ' +
    '__cacheline_group_pad__icmp|packets:u8 sysctl_tcp_early_retrans,sysctl_tcp_tso_win_divisor,' +
    'sysctl_tcp_tso_rtt_log,sysctl_tcp_autocorking,sysctl_ip_fwd_use_pmtu,sysctl_tcp_moderate_rcvbuf,' +
    'sysctl_ip_early_demux,sysctl_tcp_early_demux,sysctl_tcp_shrink_window,sysctl_icmp_echo_ignore_all,' +
    'sysctl_icmp_echo_enable_probe,sysctl_icmp_echo_ignore_broadcasts,sysctl_icmp_ignore_bogus_error_responses,' +
    'sysctl_icmp_errors_use_inbound_ifaddr,sysctl_tcp_ecn,sysctl_tcp_ecn_fallback,sysctl_ip_default_ttl,' +
    'sysctl_ip_no_pmtu_disc,sysctl_ip_fwd_update_priority,sysctl_ip_nonlocal_bind,sysctl_ip_autobind_reuse,' +
    'sysctl_ip_dynaddr,sysctl_raw_l3mdev_accept,sysctl_udp_early_demux,sysctl_nexthop_compat_mode,' +
    'sysctl_fwmark_reflect,sysctl_tcp_fwmark_accept,sysctl_tcp_l3mdev_accept,sysctl_tcp_mtu_probing,' +
    'sysctl_tcp_keepalive_probes,sysctl_tcp_syn_retries,sysctl_tcp_synack_retries,sysctl_tcp_syncookies,' +
    'sysctl_tcp_migrate_req,sysctl_tcp_comp_sack_nr,sysctl_tcp_backlog_ack_defer,sysctl_tcp_pingpong_thresh,' +
    'sysctl_tcp_retries1,sysctl_tcp_retries2,sysctl_tcp_orphan_retries,sysctl_tcp_tw_reuse,sysctl_tcp_sack,' +
    'sysctl_tcp_window_scaling,sysctl_tcp_timestamps,sysctl_tcp_recovery,sysctl_tcp_thin_linear_timeouts,' +
    'sysctl_tcp_slow_start_after_idle,sysctl_tcp_retrans_collapse,sysctl_tcp_stdurg,sysctl_tcp_rfc1337,' +
    'sysctl_tcp_abort_on_overflow,sysctl_tcp_fack,sysctl_tcp_dsack,sysctl_tcp_app_win,sysctl_tcp_frto,' +
    'sysctl_tcp_nometrics_save,sysctl_tcp_no_ssthresh_metrics_save,sysctl_tcp_workaround_signed_windows,' +
    'sysctl_tcp_min_tso_segs,sysctl_tcp_reflect_tos,sysctl_tcp_plb_enabled,sysctl_tcp_plb_idle_rehash_rounds,' +
    'sysctl_tcp_plb_rehash_rounds,sysctl_tcp_plb_suspend_rto_sec,sysctl_fib_notify_on_flag_change,' +
    'sysctl_tcp_syn_linear_timeouts,sysctl_udp_l3mdev_accept,sysctl_igmp_llm_reports,' +
    'sysctl_fib_multipath_use_neigh,sysctl_fib_multipath_hash_policy;int sysctl_tcp_min_snd_mss,' +
    'sysctl_tcp_limit_output_bytes,sysctl_tcp_min_rtt_wlen,sysctl_tcp_wmem[3],sysctl_tcp_reordering,' +
    'sysctl_tcp_rmem[3],sysctl_icmp_ratelimit,sysctl_icmp_ratemask,sysctl_icmp_msgs_per_sec,' +
    'sysctl_icmp_msgs_burst,ip_rt_mtu_expires,ip_rt_min_advmss,sysctl_tcp_mtu_probe_floor,sysctl_tcp_base_mss,' +
    'sysctl_tcp_probe_threshold,sysctl_tcp_keepalive_time,sysctl_tcp_keepalive_intvl,sysctl_tcp_fin_timeout,' +
    'sysctl_tcp_rto_min_us,sysctl_tcp_max_reordering,sysctl_tcp_adv_win_scale,sysctl_tcp_challenge_ack_limit,' +
    'sysctl_tcp_invalid_ratelimit,sysctl_tcp_pacing_ss_ratio,sysctl_tcp_pacing_ca_ratio,sysctl_max_syn_backlog,' +
    'sysctl_tcp_fastopen,sysctl_tcp_plb_cong_thresh,sysctl_udp_wmem_min,sysctl_udp_rmem_min,' +
    'sysctl_igmp_max_memberships,sysctl_igmp_max_msf,sysctl_igmp_qrv,sysctl_ip_prot_sock;unsigned int ' +
    'sysctl_tcp_notsent_lowat,fib_rules_require_fldissect,sysctl_tcp_child_ehash_entries,' +
    'sysctl_tcp_fastopen_blackhole_timeout,sysctl_udp_child_hash_entries,fib_seq,ipmr_seq;atomic_t ' +
    'icmp_global_credit,fib_num_tclassid_users,tfo_active_disable_times,dev_addr_genid,rt_genid;u32 ' +
    'icmp_global_stamp,ip_rt_min_pmtu,sysctl_tcp_probe_interval,tcp_challenge_timestamp,tcp_challenge_count,' +
    'sysctl_fib_multipath_hash_fields;struct inet_timewait_death_row tcp_death_row;struct udp_table *udp_table;' +
    'struct ctl_table_header *forw_hdr,*frags_hdr,*ipv4_hdr,*route_hdr,*xfrm4_hdr;struct ipv4_devconf ' +
    '*devconf_all,*devconf_dflt;struct ip_ra_chain *ra_chain;struct fib_table *fib_main,*fib_default;bool ' +
    'fib_has_custom_rules,fib_has_custom_local_routes,fib_offload_disabled;struct sock *fibnl,*mc_autojoin_sk;' +
    'struct inet_peer_base *peers;struct fqdir *fqdir;struct local_ports ip_local_ports;unsigned long ' +
    'sysctl_tcp_comp_sack_delay_ns,sysctl_tcp_comp_sack_slack_ns,tfo_active_disable_stamp,' +
    '*sysctl_local_reserved_ports;struct tcp_fastopen_context *tcp_fastopen_ctx;struct ping_group_range ' +
    'ping_group_range;struct sysctl_fib_multipath_hash_seed sysctl_fib_multipath_hash_seed;siphash_key_t ' +
    'ip_id_key|lock:struct mutex ra_mutex|function:struct fib_rules_ops *rules_ops,*mr_rules_ops;struct ' +
    'tcp_congestion_ops *tcp_congestion_control;struct fib_notifier_ops *notifier_ops,' +
    '*ipmr_notifier_ops|link:struct hlist_head *fib_table_hash;struct list_head mr_tables',
  'struct inet_timewait_death_row':
    'count:refcount_t tw_refcount|packets:struct inet_hashinfo *hashinfo;int sysctl_max_tw_buckets',
  'struct local_ports':
    'pages:u32 range;bool warned',
  'struct ping_group_range':
    'lock:seqlock_t lock|packets:kgid_t range[2]',
  'struct sysctl_fib_multipath_hash_seed':
    'packets:u32 user_seed,mp_seed',
  'struct anon_siphash_key_t':
    'packets:u64 key[2]',
  'struct netns_ipv6':
    'function:struct dst_ops ip6_dst_ops;struct fib_rules_ops *fib6_rules_ops,*mr6_rules_ops;struct ' +
    'fib_notifier_ops *notifier_ops,*ip6mr_notifier_ops|packets:struct netns_sysctl_ipv6 sysctl;struct ' +
    'ipv6_devconf *devconf_all,*devconf_dflt;struct inet_peer_base *peers;struct fqdir *fqdir;struct fib6_info ' +
    '*fib6_null_entry;struct rt6_info *ip6_null_entry,*ip6_prohibit_entry,*ip6_blk_hole_entry;struct ' +
    'rt6_statistics *rt6_stats;struct fib6_table *fib6_main_tbl,*fib6_local_tbl;atomic_t ip6_rt_gc_expire,' +
    'dev_addr_genid,fib6_sernum;unsigned long ip6_rt_last_gc;unsigned char flowlabel_has_excl;bool ' +
    'fib6_has_custom_rules;unsigned int fib6_rules_require_fldissect,fib6_routes_require_src,ipmr_seq;struct sock ' +
    '*ndisc_sk,*tcp_sk,*igmp_sk,*mc_autojoin_sk;struct seg6_pernet_data *seg6_data;struct ' +
    'anon_netns_ipv6_ip6addrlbl_table ip6addrlbl_table;struct ioam6_pernet_data *ioam6_data|lock:struct ' +
    'timer_list ip6_fib_timer;rwlock_t fib6_walker_lock;struct spinlock fib6_gc_lock,addrconf_hash_lock;struct ' +
    'delayed_work addr_chk_work|link:struct hlist_head *fib_table_hash,*inet6_addr_lst;struct list_head ' +
    'fib6_walkers,mr6_tables',
  'struct dst_ops':
    'packets:unsigned short family;unsigned int gc_thresh;struct kmem_cache *kmem_cachep;struct percpu_counter ' +
    'pcpuc_entries|function:void *gc,*check,*default_advmss,*mtu,*cow_metrics,*destroy,*ifdown,*negative_advice,' +
    '*link_failure,*update_pmtu,*redirect,*local_out,*neigh_lookup,*confirm_neigh',
  'struct netns_sysctl_ipv6':
    'packets:struct ctl_table_header *hdr,*route_hdr,*icmp_hdr,*frags_hdr,*xfrm6_hdr;int flush_delay,' +
    'ip6_rt_max_size,ip6_rt_gc_min_interval,ip6_rt_gc_timeout,ip6_rt_gc_interval,ip6_rt_gc_elasticity,' +
    'ip6_rt_mtu_expires,ip6_rt_min_advmss,icmpv6_time,idgen_retries,idgen_delay,flowlabel_reflect,' +
    'max_dst_opts_cnt,max_hbh_opts_cnt,max_dst_opts_len,max_hbh_opts_len,seg6_flowlabel;u32 multipath_hash_fields,' +
    'ioam6_id;u8 multipath_hash_policy,bindv6only,flowlabel_consistency,auto_flowlabels,icmpv6_echo_ignore_all,' +
    'icmpv6_echo_ignore_multicast,icmpv6_echo_ignore_anycast,anycast_src_echo_reply,ip_nonlocal_bind,' +
    'fwmark_reflect,flowlabel_state_ranges,skip_notify_on_dev_down,fib_notify_on_flag_change,' +
    'icmpv6_error_anycast_as_unicast;unsigned long icmpv6_ratemask[4],*icmpv6_ratemask_ptr;u64 ioam6_id_wide',
  'struct anon_netns_ipv6_ip6addrlbl_table':
    'link:struct hlist_head head|lock:struct spinlock lock|packets:u32 seq',
  'struct netns_ieee802154_lowpan':
    'packets:struct netns_sysctl_lowpan sysctl;struct fqdir *fqdir',
  'struct netns_sysctl_lowpan':
    'packets:struct ctl_table_header *frags_hdr',
  'struct netns_sctp':
    'packets:struct sctp_mib *sctp_statistics;struct proc_dir_entry *proc_net_sctp;struct ctl_table_header ' +
    '*sysctl_header;struct sock *ctl_sock,*udp4_sock,*udp6_sock;int udp_port,encap_port,rto_alpha,rto_beta,' +
    'max_burst,cookie_preserve_enable,max_retrans_association,max_retrans_path,max_retrans_init,pf_retrans,' +
    'ps_retrans,pf_enable,pf_expose,sndbuf_policy,rcvbuf_policy,default_auto_asconf,addip_enable,addip_noauth,' +
    'prsctp_enable,reconf_enable,auth_enable,intl_enable,ecn_enable,scope_policy,rwnd_upd_shift,l3mdev_accept;' +
    'unsigned int rto_initial,rto_min,rto_max,valid_cookie_life,sack_timeout,hb_interval,probe_interval;char ' +
    '*sctp_hmac_alg;unsigned long max_autoclose|link:struct list_head local_addr_list,addr_waitq,' +
    'auto_asconf_splist|lock:struct timer_list addr_wq_timer;struct spinlock addr_wq_lock,local_addr_lock',
  'struct netns_nf':
    'packets:struct proc_dir_entry *proc_netfilter;struct nf_logger *nf_loggers[11];struct ctl_table_header ' +
    '*nf_log_dir_header,*nf_lwtnl_dir_header;struct nf_hook_entries *hooks_ipv4[5],*hooks_ipv6[5],*hooks_arp[3],' +
    '*hooks_bridge[5];unsigned int defrag_ipv4_users,defrag_ipv6_users',
  'struct netns_ct':
    'packets:bool ecache_dwork_pending;u8 sysctl_log_invalid,sysctl_events,sysctl_acct,sysctl_tstamp,' +
    'sysctl_checksum;struct ip_conntrack_stat *stat;struct nf_ct_event_notifier *nf_conntrack_event_cb;struct ' +
    'nf_ip_net nf_ct_proto;atomic_t labels_used',
  'struct nf_ip_net':
    'packets:struct nf_generic_net generic;struct nf_tcp_net tcp;struct nf_udp_net udp;struct nf_icmp_net icmp,' +
    'icmpv6;struct nf_dccp_net dccp;struct nf_sctp_net sctp;struct nf_gre_net gre',
  'struct nf_generic_net':
    'packets:unsigned int timeout',
  'struct nf_tcp_net':
    'packets:unsigned int timeouts[14],offload_timeout;u8 tcp_loose,tcp_be_liberal,tcp_max_retrans,' +
    'tcp_ignore_invalid_rst',
  'struct nf_udp_net':
    'packets:unsigned int timeouts[2],offload_timeout',
  'struct nf_icmp_net':
    'packets:unsigned int timeout',
  'struct nf_dccp_net':
    'packets:u8 dccp_loose;unsigned int dccp_timeout[10]',
  'struct nf_sctp_net':
    'packets:unsigned int timeouts[10]',
  'struct nf_gre_net':
    'link:struct list_head keymap_list|packets:unsigned int timeouts[2]',
  'struct netns_nftables':
    'packets:unsigned int base_seq;u8 gencursor',
  'struct netns_ft':
    'packets:struct nf_flow_table_stat *stat',
  'struct netns_bpf':
    'packets:struct bpf_prog_array *run_array[2];struct bpf_prog *progs[2]|link:struct list_head links[2]',
  'struct netns_xfrm':
    'link:struct list_head state_all,policy_all,inexact_bins;struct hlist_head *state_bydst,*state_bysrc,' +
    '*state_byspi,*state_byseq,*state_cache_input,*policy_byidx|packets:unsigned int state_hmask,state_num,' +
    'policy_idx_hmask,idx_generator,policy_count[6];struct xfrm_policy_hash policy_bydst[3];struct ' +
    'xfrm_policy_hthresh policy_hthresh;struct sock *nlsk,*nlsk_stash;u32 sysctl_aevent_etime,' +
    'sysctl_aevent_rseqth,sysctl_acq_expires;int sysctl_larval_drop;u8 policy_default[3];struct ctl_table_header ' +
    '*sysctl_hdr|lock:struct work_struct state_hash_work,policy_hash_work;struct spinlock xfrm_state_lock,' +
    'xfrm_policy_lock;struct seqcount_spinlock xfrm_state_hash_generation,xfrm_policy_hash_generation;struct ' +
    'mutex xfrm_cfg_mutex;struct delayed_work nat_keepalive_work|function:struct dst_ops xfrm4_dst_ops,' +
    'xfrm6_dst_ops',
  'struct xfrm_policy_hash':
    'link:struct hlist_head *table|protocol:unsigned int hmask;u8 dbits4,sbits4,dbits6,sbits6',
  'struct xfrm_policy_hthresh':
    'lock:struct work_struct work;seqlock_t lock|protocol:u8 lbits4,rbits4,lbits6,rbits6',
  'struct netns_mpls':
    'packets:int ip_ttl_propagate,default_ttl;size_t platform_labels;struct mpls_route **platform_label;struct ' +
    'ctl_table_header *ctl|lock:struct mutex platform_mutex;struct seqcount_mutex platform_label_seq',
  'struct seqcount_mutex':
    'lock:struct seqcount seqcount',
  'struct netns_can':
    'packets:struct proc_dir_entry *proc_dir,*pde_stats,*pde_reset_stats,*pde_rcvlist_all,*pde_rcvlist_fil,' +
    '*pde_rcvlist_inv,*pde_rcvlist_sff,*pde_rcvlist_eff,*pde_rcvlist_err,*bcmproc_dir;struct can_dev_rcv_lists ' +
    '*rx_alldev_list;struct can_pkg_stats *pkg_stats;struct can_rcv_lists_stats *rcv_lists_stats|lock:struct ' +
    'spinlock rcvlists_lock;struct timer_list stattimer|link:struct hlist_head cgw_list',
  'struct netns_xdp':
    'lock:struct mutex lock|link:struct hlist_head list',
  'struct netns_smc':
    'packets:struct smc_stats *smc_stats;struct smc_stats_rsn *fback_rsn;bool limit_smc_hs;struct ' +
    'ctl_table_header *smc_hdr;unsigned int sysctl_autocorking_size,sysctl_smcr_buf_type;int ' +
    'sysctl_smcr_testlink_time,sysctl_wmem,sysctl_rmem,sysctl_max_links_per_lgr,' +
    'sysctl_max_conns_per_lgr|lock:struct mutex mutex_fback_rsn',
  'struct fc_log':
    'count:refcount_t usage|call:u8 head,tail,need_free;struct module *owner;char *buffer[8]',
  'struct seq_operations':
    'function:void *start,*stop,*next,*show',
  'struct inode_operations':
    'function:void *lookup,*get_link,*permission,*get_inode_acl,*readlink,*create,*link,*unlink,*symlink,*mkdir,' +
    '*rmdir,*mknod,*rename,*setattr,*getattr,*listxattr,*fiemap,*update_time,*atomic_open,*tmpfile,*get_acl,' +
    '*set_acl,*fileattr_set,*fileattr_get,*get_offset_ctx',
  'struct file_lock_context':
    'lock:struct spinlock flc_lock|link:struct list_head flc_flock,flc_posix,flc_lease',
  'struct cdev':
    'count:struct kobject kobj|device:struct module *owner;dev_t dev;unsigned int count|function:struct ' +
    'file_operations *ops|link:struct list_head list',
  'struct fsnotify_mark_connector':
    'lock:struct spinlock lock|feature:unsigned char type,prio;unsigned short flags;void *obj;struct ' +
    'fsnotify_mark_connector *destroy_next|link:struct hlist_head list',
  'struct fscrypt_inode_info':
    'feature:struct fscrypt_prepared_key ci_enc_key;u8 ci_owns_key:1,ci_dirhash_key_initialized:1,' +
    'ci_data_unit_bits,ci_data_units_per_block_bits,ci_nonce[16];u32 ci_hashed_ino;struct fscrypt_mode *ci_mode;' +
    'struct inode *ci_inode;struct fscrypt_master_key *ci_master_key;struct fscrypt_direct_key *ci_direct_key;' +
    'siphash_key_t ci_dirhash_key;union fscrypt_policy ci_policy|link:struct list_head ci_master_key_link',
  'struct fscrypt_prepared_key':
    'feature:struct crypto_skcipher *tfm',
  'union fscrypt_policy':
    'feature:u8 version;struct fscrypt_policy_v1 v1;struct fscrypt_policy_v2 v2',
  'struct fscrypt_policy_v1':
    'feature:__u8 version,contents_encryption_mode,filenames_encryption_mode,flags,master_key_descriptor[8]',
  'struct fscrypt_policy_v2':
    'feature:__u8 version,contents_encryption_mode,filenames_encryption_mode,flags,log2_data_unit_size,' +
    'master_key_identifier[16]|filler:__u8 __reserved[3]',
  'struct fsverity_info':
    'feature:struct merkle_tree_params tree_params;u8 root_hash[64],file_digest[64];struct inode *inode;unsigned ' +
    'long *hash_block_verified',
  'struct merkle_tree_params':
    'feature:struct fsverity_hash_alg *hash_alg;u8 *hashstate,log_digestsize,log_blocksize,log_arity,' +
    'log_blocks_per_page;unsigned int digest_size,block_size,hashes_per_block,blocks_per_page,num_levels;u64 ' +
    'tree_size;unsigned long tree_pages,level_start[8]',
  'struct address_space_operations':
    'function:void *writepage,*read_folio,*writepages,*dirty_folio,*readahead,*write_begin,*write_end,*bmap,' +
    '*invalidate_folio,*release_folio,*free_folio,*direct_IO,*migrate_folio,*launder_folio,*is_partially_uptodate,' +
    '*is_dirty_writeback,*error_remove_folio,*swap_activate,*swap_deactivate,*swap_rw',
  'struct kernfs_iattrs':
    'feature:kuid_t ia_uid;kgid_t ia_gid;struct timespec64 ia_atime,ia_mtime,ia_ctime;struct simple_xattrs xattrs;' +
    'atomic_t nr_user_xattrs,user_xattr_size',
  'struct simple_xattrs':
    'link:struct rb_root rb_root|lock:rwlock_t lock',
  'struct kernfs_root':
    'call:unsigned int flags;struct idr ino_idr;u32 last_id_lowbits,id_highbits;struct kernfs_syscall_ops ' +
    '*syscall_ops;struct list_head supers;struct wait_queue_head deactivate_waitq;struct rw_semaphore ' +
    'kernfs_rwsem,kernfs_iattr_rwsem,kernfs_supers_rwsem;struct callback_head rcu',
  'struct kernfs_ops':
    'function:void *open,*release,*seq_show,*seq_start,*seq_next,*seq_stop,*read,*write,*poll,*mmap,*llseek;' +
    'size_t atomic_write_len;bool prealloc',
  'struct kernfs_open_node':
    'lock:struct callback_head callback_head;struct wait_queue_head poll|feature:atomic_t event;unsigned int ' +
    'nr_mmapped,nr_to_release|link:struct list_head files',
  'struct vma_lock':
    'lock:struct rw_semaphore lock',
  'struct anon_vma':
    'pages:struct anon_vma *root,*parent;atomic_t refcount;unsigned long num_children,num_active_vmas|lock:struct ' +
    'rw_semaphore rwsem|link:struct rb_root_cached rb_root',
  'struct vm_operations_struct':
    'pages:void *open,*close,*may_split,*mremap,*mprotect,*fault,*huge_fault,*map_pages,*pagesize,*page_mkwrite,' +
    '*pfn_mkwrite,*access,*name,*set_policy,*get_policy,*find_special_page',
  'struct vma_numab_state':
    'pages:unsigned long next_scan,pids_active_reset,pids_active[2];int start_scan_seq,prev_scan_seq',
  'struct userfaultfd_ctx':
    'lock:struct wait_queue_head fault_pending_wqh,fault_wqh,fd_wqh,event_wqh;struct seqcount_spinlock refile_seq;' +
    'struct rw_semaphore map_changing_lock|count:refcount_t refcount|pages:unsigned int flags,features;bool ' +
    'released;atomic_t mmap_changing;struct mm_struct *mm',
  'struct msg_msgseg':
    'format:struct msg_msgseg *next',
  'struct dst_entry':
    'packets:struct net_device *dev,*dev_rcu;unsigned long _metrics,expires,lastuse;struct xfrm_state *xfrm;' +
    'unsigned short flags,header_len,trailer_len;short obsolete,error,__pad;rcuref_t __rcuref;int __use;__u32 ' +
    'tclassid;netdevice_tracker dev_tracker;struct uncached_list *rt_uncached_list;struct lwtunnel_state ' +
    '*lwtstate|function:struct dst_ops *ops;void *input,*output|lock:struct callback_head ' +
    'callback_head|link:struct list_head rt_uncached',
  'struct anon_rcuref_t':
    'lock:atomic_t refcnt',
  'struct sk_filter':
    'count:refcount_t refcnt|lock:struct callback_head rcu|packets:struct bpf_prog *prog',
  'struct proto':
    'function:void *close,*pre_connect,*connect,*disconnect,*accept,*ioctl,*init,*destroy,*shutdown,*setsockopt,' +
    '*getsockopt,*keepalive,*compat_ioctl,*sendmsg,*recvmsg,*splice_eof,*bind,*bind_add,*backlog_rcv,' +
    '*bpf_bypass_getsockopt,*release_cb,*hash,*unhash,*rehash,*get_port,*put_port,*psock_update_sk_prot,' +
    '*forward_alloc_get,*stream_memory_free,*sock_is_readable,*enter_memory_pressure,*leave_memory_pressure,' +
    '*diag_destroy;struct request_sock_ops *rsk_prot;struct timewait_sock_ops *twsk_prot|packets:unsigned int ' +
    'inuse_idx,obj_size,ipv6_pinfo_offset,slab_flags,useroffset,usersize,*orphan_count;void *memory_allocated;int ' +
    '*per_cpu_fw_alloc,*sysctl_wmem,*sysctl_rmem,max_header;struct percpu_counter *sockets_allocated;unsigned ' +
    'long *memory_pressure;long *sysctl_mem;u32 sysctl_wmem_offset,sysctl_rmem_offset;bool no_autobind;struct ' +
    'kmem_cache *slab;union anon_proto_h h;struct module *owner;char name[32]|link:struct list_head node',
  'union anon_proto_h':
    'packets:struct inet_hashinfo *hashinfo;struct udp_table *udp_table;struct raw_hashinfo *raw_hash;struct ' +
    'smc_hashinfo *smc_hash',
  'struct sock_reuseport':
    'lock:struct callback_head rcu|packets:u16 max_socks,num_socks,num_closed_socks,incoming_cpu;unsigned int ' +
    'synq_overflow_ts,reuseport_id,bind_inany:1,has_conns:1;struct bpf_prog *prog;struct sock *socks[0]',
  'struct net_device':
    'filler:__u8 __cacheline_group_begin__net_device_read_tx[0],__cacheline_group_end__net_device_read_tx[0],' +
    '__cacheline_group_begin__net_device_read_txrx[0],__cacheline_group_end__net_device_read_txrx[0],' +
    '__cacheline_group_begin__net_device_read_rx[0],__cacheline_group_end__net_device_read_rx[0]|packets:unsigned ' +
    'long priv_flags:32,lltx:1,state,gro_flush_timeout,mem_end,mem_start,base_addr,see_all_hwtstamp_requests:1,' +
    'change_proto_down:1,netns_immutable:1,fcoe_mtu:1;struct anon_net_device_priv_flags_fast priv_flags_fast;' +
    'struct netdev_queue *_tx,*ingress_queue;u64 gso_partial_features,features,hw_features,wanted_features,' +
    'vlan_features,hw_enc_features,mpls_features,mangleid_features;unsigned int real_num_tx_queues,gso_max_size,' +
    'gso_ipv4_max_size,mtu,flags,real_num_rx_queues,gro_max_size,gro_ipv4_max_size,min_mtu,max_mtu,operstate,' +
    'promiscuity,allmulti,num_rx_queues,xdp_zc_max_segs,num_tx_queues,tx_queue_len,tso_max_size,fcoe_ddp_xid;u16 ' +
    'gso_max_segs,tso_max_segs;s16 num_tc;unsigned short needed_headroom,hard_header_len,gflags,needed_tailroom,' +
    'type,neigh_priv_len,dev_id,dev_port;struct netdev_tc_txq tc_to_txq[16];struct xps_dev_maps *xps_maps[2];' +
    'struct nf_hook_entries *nf_hooks_egress,*nf_hooks_ingress;struct bpf_mprog_entry *tcx_egress,*tcx_ingress;' +
    'struct pcpu_lstats *lstats;struct pcpu_sw_netstats *tstats;struct pcpu_dstats *dstats;enum netdev_stat_type ' +
    'pcpu_stat_type:8;struct inet6_dev *ip6_ptr;struct bpf_prog *xdp_prog;struct netdev_rx_queue *_rx;u32 ' +
    'napi_defer_hard_irqs,xdp_features,priv_len,proto_down_reason;void *rx_handler,*rx_handler_data,*atalk_ptr,' +
    '*ml_priv;struct netpoll_info *npinfo;struct netdev_name_node *name_node;struct dev_ifalias *ifalias;struct ' +
    'anon_net_device_adj_list adj_list;unsigned char min_header_len,name_assign_type,link_mode,if_port,dma,' +
    'perm_addr[32],addr_assign_type,addr_len,upper_level,lower_level,*dev_addr,broadcast[32];int group,irq,' +
    'watchdog_timeo,*pcpu_refcnt;struct net_device_stats stats;struct net_device_core_stats *core_stats;atomic_t ' +
    'carrier_up_count,carrier_down_count;struct iw_handler_def *wireless_handlers;struct iw_public_data ' +
    '*wireless_data;struct netdev_hw_addr_list uc,mc,dev_addrs;bool uc_promisc,watchdog_ref_held,dismantle,' +
    'needs_free_netdev,proto_down,threaded;struct in_device *ip_ptr;struct vlan_info *vlan_info;struct ' +
    'tipc_bearer *tipc_ptr;struct ax25_dev *ax25_ptr;struct wireless_dev *ieee80211_ptr;struct wpan_dev ' +
    '*ieee802154_ptr;struct mpls_dev *mpls_ptr;struct cpu_rmap *rx_cpu_rmap;struct Qdisc *qdisc;struct ' +
    'xdp_dev_bulk_queue *xdp_bulkq;struct ref_tracker_dir refcnt_tracker;u8 reg_state,prio_tc_map[16],' +
    'dev_addr_shadow[32],priv[0];enum anon_net_device_rtnl_link_state rtnl_link_state:16;enum netdev_ml_priv_type ' +
    'ml_priv_type;struct garp_port *garp_port;struct mrp_port *mrp_port;struct dm_hw_stat_delta *dm_private;' +
    'struct device dev;struct attribute_group *sysfs_groups[4],*sysfs_rx_queue_group;struct netprio_map *priomap;' +
    'struct phy_link_topology *link_topo;struct phy_device *phydev;struct sfp_bus *sfp_bus;struct ' +
    'udp_tunnel_nic_info *udp_tunnel_nic_info;struct udp_tunnel_nic *udp_tunnel_nic;struct ethtool_netdev_state ' +
    '*ethtool;struct bpf_xdp_entity xdp_state[3];netdevice_tracker linkwatch_dev_tracker,watchdog_dev_tracker,' +
    'dev_registered_tracker;struct rtnl_hw_stats64 *offload_xstats_l3;struct devlink_port *devlink_port;struct ' +
    'dpll_pin *dpll_pin;struct dim_irq_moder *irq_moder|function:struct net_device_ops *netdev_ops;struct ' +
    'header_ops *header_ops;struct xdp_metadata_ops *xdp_metadata_ops;struct xsk_tx_metadata_ops ' +
    '*xsk_tx_metadata_ops;struct ethtool_ops *ethtool_ops;struct l3mdev_ops *l3mdev_ops;struct ndisc_ops ' +
    '*ndisc_ops;struct xfrmdev_ops *xfrmdev_ops;struct tlsdev_ops *tlsdev_ops;void *priv_destructor;struct ' +
    'rtnl_link_ops *rtnl_link_ops;struct netdev_stat_ops *stat_ops;struct netdev_queue_mgmt_ops *queue_mgmt_ops;' +
    'struct dcbnl_rtnl_ops *dcbnl_ops;struct macsec_ops *macsec_ops|link:struct list_head ptype_specific,dev_list,' +
    'napi_list,unreg_list,close_list,ptype_all,todo_list,link_watch_list,net_notifier_list;struct hlist_node ' +
    'index_hlist;struct hlist_head qdisc_hash[16],page_pools|lock:struct spinlock addr_list_lock,tx_global_lock,' +
    'watchdog_lock;struct timer_list watchdog_timer;struct lock_class_key *qdisc_tx_busylock|count:struct kset ' +
    '*queues_kset',
  'struct anon_net_device_priv_flags_fast':
    'packets:unsigned long priv_flags:32,lltx:1',
  'struct netdev_tc_txq':
    'packets:u16 count,offset',
  'struct anon_net_device_adj_list':
    'link:struct list_head upper,lower',
  'struct net_device_stats':
    'packets:unsigned long rx_packets,tx_packets,rx_bytes,tx_bytes,rx_errors,tx_errors,rx_dropped,tx_dropped,' +
    'multicast,collisions,rx_length_errors,rx_over_errors,rx_crc_errors,rx_frame_errors,rx_fifo_errors,' +
    'rx_missed_errors,tx_aborted_errors,tx_carrier_errors,tx_fifo_errors,tx_heartbeat_errors,tx_window_errors,' +
    'rx_compressed,tx_compressed;atomic_long_t __rx_packets,__tx_packets,__rx_bytes,__tx_bytes,__rx_errors,' +
    '__tx_errors,__rx_dropped,__tx_dropped,__multicast,__collisions,__rx_length_errors,__rx_over_errors,' +
    '__rx_crc_errors,__rx_frame_errors,__rx_fifo_errors,__rx_missed_errors,__tx_aborted_errors,' +
    '__tx_carrier_errors,__tx_fifo_errors,__tx_heartbeat_errors,__tx_window_errors,__rx_compressed,' +
    '__tx_compressed',
  'struct netdev_hw_addr_list':
    'link:struct list_head list;struct rb_root tree|packets:int count',
  'struct bpf_xdp_entity':
    'packets:struct bpf_prog *prog;struct bpf_xdp_link *link',
  'struct skb_ext':
    'count:refcount_t refcnt|packets:u8 offset[3],chunks;char data[0]',
  'struct proto_ops':
    'packets:int family;struct module *owner|function:void *release,*bind,*connect,*socketpair,*accept,*getname,' +
    '*poll,*ioctl,*compat_ioctl,*gettstamp,*listen,*shutdown,*setsockopt,*getsockopt,*getsockopt_iter,' +
    '*show_fdinfo,*sendmsg,*recvmsg,*mmap,*splice_read,*splice_eof,*set_peek_off,*peek_len,*read_sock,*read_skb,' +
    '*sendmsg_locked,*set_rcvlowat',
  'struct fasync_struct':
    'lock:rwlock_t fa_lock;int magic,fa_fd;struct fasync_struct *fa_next;struct file *fa_file;struct ' +
    'callback_head fa_rcu',
  'struct kiocb':
    'packets:struct file *ki_filp;loff_t ki_pos;void *private;int ki_flags;u16 ki_ioprio;struct wait_page_queue ' +
    '*ki_waitq|function:void *ki_complete,*dio_complete',
  'struct ubuf_info':
    'function:struct ubuf_info_ops *ops|count:refcount_t refcnt|packets:u8 flags',
  'struct kvec':
    'pages:void *iov_base;size_t iov_len',
  'struct bio_vec':
    'pages:struct page *bv_page;unsigned int bv_len,bv_offset',
  'struct folio_queue':
    'pages:struct folio_batch vec;u8 orders[31];struct folio_queue *next,*prev;unsigned long marks,marks2,marks3;' +
    'unsigned int rreq_id,debug_id',
  'struct folio_batch':
    'pages:unsigned char nr,i;bool percpu_pvec_drained;struct folio *folios[31]',
  'struct request_sock_ops':
    'packets:int family;unsigned int obj_size;struct kmem_cache *slab;char *slab_name|function:void *rtx_syn_ack,' +
    '*send_ack,*send_reset,*destructor,*syn_ack_timeout',
  'struct saved_syn':
    'packets:u32 mac_hdrlen,network_hdrlen,tcp_hdrlen;u8 data[0]',
  'struct sctp_endpoint':
    'protocol:struct sctp_ep_common base;int hashent;__u8 secret_key[32],*digest,ecn_enable:1,auth_enable:1,' +
    'intl_enable:1,prsctp_enable:1,asconf_enable:1,reconf_enable:1,strreset_enable;__u32 sndbuf_policy,' +
    'rcvbuf_policy;struct crypto_shash **auth_hmacs;struct sctp_hmac_algo_param *auth_hmacs_list;struct ' +
    'sctp_chunks_param *auth_chunk_list;__u16 active_key_id|link:struct hlist_node node;struct list_head asocs,' +
    'endpoint_shared_keys|lock:struct callback_head rcu',
  'struct sctp_transport':
    'link:struct list_head transports,transmitted,send_ready;struct rhlist_head node|count:refcount_t ' +
    'refcnt|protocol:__u32 dead:1,rto_pending:1,hb_sent:1,pmtu_pending:1,dst_pending_confirm:1,sack_generation:1,' +
    'rtt,rttvar,srtt,cwnd,ssthresh,partial_bytes_acked,flight_size,burst_limited,sackfreq,flowlabel,pathmtu,' +
    'param_flags;u32 dst_cookie;struct flowi fl;union sctp_addr ipaddr,saddr;struct sctp_af *af_specific;struct ' +
    'sctp_association *asoc;unsigned long rto,hbinterval,probe_interval,sackdelay,last_time_sent,' +
    'last_time_ecne_reduced;struct dst_entry *dst;atomic_t mtu_info;s64 last_time_heard;__be16 encap_port;__u16 ' +
    'pathmaxrxt,pf_retrans,ps_retrans;__u8 dscp;int init_sent_count,state;unsigned short error_count;struct ' +
    'sctp_packet packet;struct anon_sctp_transport_cacc cacc;struct anon_sctp_transport_pl pl;__u64 ' +
    'hb_nonce|lock:struct timer_list T3_rtx_timer,hb_timer,proto_unreach_timer,reconf_timer,probe_timer;struct ' +
    'callback_head rcu',
  'struct sctp_packet':
    'protocol:__u16 source_port,destination_port;__u32 vtag;size_t overhead,size,max_size;struct sctp_transport ' +
    '*transport;struct sctp_chunk *auth;u8 has_cookie_echo:1,has_sack:1,has_auth:1,has_data:1,' +
    'ipfragok:1|link:struct list_head chunk_list',
  'struct anon_sctp_transport_cacc':
    'protocol:__u32 next_tsn_at_change;char changeover_active,cycling_changeover,cacc_saw_newack',
  'struct anon_sctp_transport_pl':
    'protocol:__u16 pmtu,probe_size,probe_high;__u8 probe_count,state',
  'struct sctp_chunk':
    'link:struct list_head list,transmitted_list,stream_list,frag_list|count:refcount_t refcnt|protocol:int ' +
    'sent_count;struct sk_buff *skb,*head_skb,*auth_chunk;struct sctp_shared_key *shkey;union sctp_params ' +
    'param_hdr;union anon_sctp_chunk_subh subh;__u8 *chunk_end;struct sctp_chunkhdr *chunk_hdr;struct sctphdr ' +
    '*sctp_hdr;struct sctp_sndrcvinfo sinfo;struct sctp_association *asoc;struct sctp_ep_common *rcvr;unsigned ' +
    'long sent_at;union sctp_addr source,dest;struct sctp_datamsg *msg;struct sctp_transport *transport;__u16 ' +
    'rtt_in_progress:1,has_tsn:1,has_ssn:1,singleton:1,end_of_packet:1,ecn_ce_done:1,pdiscard:1,tsn_gap_acked:1,' +
    'data_accepted:1,auth:1,has_asconf:1,pmtu_probe:1,tsn_missing_report:2,fast_retransmit:2',
  'union sctp_params':
    'protocol:void *v;struct sctp_paramhdr *p;struct sctp_cookie_preserve_param *life;struct sctp_hostname_param ' +
    '*dns;struct sctp_cookie_param *cookie;struct sctp_supported_addrs_param *sat;struct sctp_ipv4addr_param *v4;' +
    'struct sctp_ipv6addr_param *v6;union sctp_addr_param *addr;struct sctp_adaptation_ind_param *aind;struct ' +
    'sctp_supported_ext_param *ext;struct sctp_random_param *random;struct sctp_chunks_param *chunks;struct ' +
    'sctp_hmac_algo_param *hmac_algo;struct sctp_addip_param *addip',
  'union anon_sctp_chunk_subh':
    'protocol:__u8 *v;struct sctp_datahdr *data_hdr;struct sctp_inithdr *init_hdr;struct sctp_sackhdr *sack_hdr;' +
    'struct sctp_heartbeathdr *hb_hdr;struct sctp_sender_hb_info *hbs_hdr;struct sctp_shutdownhdr *shutdown_hdr;' +
    'struct sctp_signed_cookie *cookie_hdr;struct sctp_ecnehdr *ecne_hdr;struct sctp_cwrhdr *ecn_cwr_hdr;struct ' +
    'sctp_errhdr *err_hdr;struct sctp_addiphdr *addip_hdr;struct sctp_fwdtsn_hdr *fwdtsn_hdr;struct sctp_authhdr ' +
    '*auth_hdr;struct sctp_idatahdr *idata_hdr;struct sctp_ifwdtsn_hdr *ifwdtsn_hdr',
  'struct sctp_sndrcvinfo':
    'protocol:__u16 sinfo_stream,sinfo_ssn,sinfo_flags;__u32 sinfo_ppid,sinfo_context,sinfo_timetolive,sinfo_tsn,' +
    'sinfo_cumtsn;__s32 sinfo_assoc_id',
  'struct sctp_auth_bytes':
    'count:refcount_t refcnt|protocol:__u32 len;__u8 data[0]',
  'struct sctp_shared_key':
    'link:struct list_head key_list|protocol:struct sctp_auth_bytes *key;__u16 key_id;__u8 ' +
    'deactivated|count:refcount_t refcnt',
  'struct sctp_random_param':
    'protocol:struct sctp_paramhdr param_hdr;__u8 random_val[0]',
  'struct sctp_paramhdr':
    'protocol:__be16 type,length',
  'struct sctp_chunks_param':
    'protocol:struct sctp_paramhdr param_hdr;__u8 chunks[0]',
  'struct sctp_hmac_algo_param':
    'protocol:struct sctp_paramhdr param_hdr;__be16 hmac_ids[0]',
  'struct sctp_stream_out_ext':
    'protocol:__u64 abandoned_unsent[3],abandoned_sent[3];struct sctp_stream_priorities *prio_head;__u32 ' +
    'fc_length;__u16 fc_weight|link:struct list_head outq,prio_list,rr_list,fc_list',
  'struct sctp_stream_interleave':
    'protocol:__u16 data_chunk_len,ftsn_chunk_len|function:void *make_datafrag,*assign_number,*validate_data,' +
    '*ulpevent_data,*enqueue_event,*renege_events,*start_pd,*abort_pd,*generate_ftsn,*validate_ftsn,*report_ftsn,' +
    '*handle_ftsn',
  'struct xfrm_algo_auth':
    'protocol:char alg_name[64],alg_key[0];unsigned int alg_key_len,alg_trunc_len',
  'struct xfrm_algo':
    'protocol:char alg_name[64],alg_key[0];unsigned int alg_key_len',
  'struct xfrm_algo_aead':
    'protocol:char alg_name[64],alg_key[0];unsigned int alg_key_len,alg_icv_len',
  'struct xfrm_encap_tmpl':
    'protocol:__u16 encap_type;__be16 encap_sport,encap_dport;xfrm_address_t encap_oa',
  'struct xfrm_replay_state_esn':
    'protocol:unsigned int bmp_len;__u32 oseq,seq,oseq_hi,seq_hi,replay_window,bmp[0]',
  'struct xfrm_type':
    'protocol:struct module *owner;u8 proto,flags|function:void *init_state,*destructor,*input,*output,*reject',
  'struct xfrm_type_offload':
    'protocol:struct module *owner;u8 proto|function:void *encap,*input_tail,*xmit',
  'struct xfrm_address_filter':
    'protocol:xfrm_address_t saddr,daddr;__u16 family;__u8 splen,dplen',
  'struct key_user':
    'feature:struct rb_node node;struct mutex cons_lock;struct spinlock lock;refcount_t usage',
  'struct key_type':
    'feature:size_t def_datalen;unsigned int flags;void *vet_description,*preparse,*free_preparse,*instantiate,' +
    '*update,*match_preparse,*match_free,*revoke,*destroy,*describe,*read,*request_key,*lookup_restriction,' +
    '*asym_query,*asym_eds_op,*asym_verify_signature;atomic64_t index_id;struct list_head link;struct ' +
    'lock_class_key lock_class',
  'struct key_tag':
    'lock:struct callback_head rcu|call:atomic64_t index_id;bool removed|count:refcount_t usage',
  'struct key_restriction':
    'call:void *check;struct key *key;struct key_type *keytype',
  'struct audit_field':
    'audit:u32 val;kuid_t uid;kgid_t gid;char *lsm_str',
  'struct audit_watch':
    'count:refcount_t count|feature:dev_t dev;char *path;u64 ino;struct audit_parent *parent|link:struct ' +
    'list_head wlist,rules',
  'struct audit_tree':
    'count:refcount_t count|feature:int goner;struct audit_chunk *root;char pathname[0]|link:struct list_head ' +
    'chunks,rules,list,same_root|lock:struct callback_head head',
  'struct audit_fsnotify_mark':
    'feature:dev_t dev;u64 ino;char *path;struct fsnotify_mark mark;struct audit_krule *rule',
  'struct fsnotify_mark':
    'feature:__u32 mask,ignore_mask;struct fsnotify_group *group;struct fsnotify_mark_connector *connector;' +
    'unsigned int flags|count:refcount_t refcnt|link:struct list_head g_list;struct hlist_node ' +
    'obj_list|lock:struct spinlock lock',
  'struct bpf_map_ops':
    'function:void *map_alloc_check,*map_alloc,*map_release,*map_free,*map_get_next_key,*map_release_uref,' +
    '*map_lookup_elem_sys_only,*map_lookup_batch,*map_lookup_and_delete_elem,*map_lookup_and_delete_batch,' +
    '*map_update_batch,*map_delete_batch,*map_lookup_elem,*map_update_elem,*map_delete_elem,*map_push_elem,' +
    '*map_pop_elem,*map_peek_elem,*map_lookup_percpu_elem,*map_fd_get_ptr,*map_fd_put_ptr,*map_gen_lookup,' +
    '*map_fd_sys_lookup_elem,*map_seq_show_elem,*map_check_btf,*map_poke_track,*map_poke_untrack,*map_poke_run,' +
    '*map_direct_value_addr,*map_direct_value_meta,*map_mmap,*map_poll,*map_get_unmapped_area,' +
    '*map_local_storage_charge,*map_local_storage_uncharge,*map_owner_storage_ptr,*map_redirect,*map_meta_equal,' +
    '*map_set_for_each_callback_args,*map_for_each_callback,*map_mem_usage;int *map_btf_id;struct ' +
    'bpf_iter_seq_info *iter_seq_info',
  'struct btf_record':
    'verifier:u32 cnt,field_mask;int spin_lock_off,timer_off,wq_off,refcount_off;struct btf_field fields[0]',
  'struct btf_field':
    'verifier:u32 offset,size;enum btf_field_type type;struct btf_field_kptr kptr;struct btf_field_graph_root ' +
    'graph_root',
  'struct btf_field_kptr':
    'verifier:struct btf *btf;struct module *module;void *dtor;u32 btf_id',
  'struct btf_field_graph_root':
    'verifier:struct btf *btf;u32 value_btf_id,node_offset;struct btf_record *value_rec',
  'struct btf':
    'verifier:void *data,*nohdr_data;struct btf_type **types;u32 *resolved_ids,*resolved_sizes,nr_types,' +
    'types_size,data_size,id,start_id,start_str_off;char *strings,name[56];struct btf_header hdr;struct ' +
    'btf_kfunc_set_tab *kfunc_set_tab;struct btf_id_dtor_kfunc_tab *dtor_kfunc_tab;struct btf_struct_metas ' +
    '*struct_meta_tab;struct btf_struct_ops_tab *struct_ops_tab;struct btf *base_btf;bool kernel_btf;__u32 ' +
    '*base_id_map|count:refcount_t refcnt|lock:struct callback_head rcu',
  'struct btf_header':
    'verifier:__u16 magic;__u8 version,flags;__u32 hdr_len,type_off,type_len,str_off,str_len',
  'struct bpf_map_owner':
    'verifier:enum bpf_prog_type type;bool jited,xdp_has_frags;u64 storage_cookie[2];struct btf_type ' +
    '*attach_func_proto;enum bpf_attach_type expected_attach_type',
  'struct bpf_prog_stats':
    'verifier:u64_stats_t cnt,nsecs,misses;struct u64_stats_sync syncp',
  'struct anon_u64_stats_t':
    'tracing:local64_t v',
  'struct u64_stats_sync':
    '',
  'struct bpf_prog_aux':
    'verifier:u32 used_btf_cnt,max_ctx_offset,max_pkt_offset,max_tp_access,stack_depth,func_cnt,real_func_cnt,' +
    'func_idx,ctx_arg_info_size,max_rdonly_access,max_rdwr_access,size_poke_tab,func_info_cnt,nr_linfo,linfo_idx,' +
    'num_exentries;struct btf *attach_btf,*btf;struct bpf_ctx_arg_aux *ctx_arg_info;struct mutex dst_mutex,' +
    'ext_mutex,used_maps_mutex;struct bpf_prog *dst_prog,**func;struct bpf_trampoline *dst_trampoline;enum ' +
    'bpf_prog_type saved_dst_prog_type;enum bpf_attach_type saved_dst_attach_type;bool verifier_zext,dev_bound,' +
    'offload_requested,attach_btf_trace,attach_tracing_prog,func_proto_unreliable,tail_call_reachable,' +
    'xdp_has_frags,exception_cb,exception_boundary,is_extended,changes_pkt_data;u64 prog_array_member_cnt;struct ' +
    'bpf_arena *arena;struct btf_type *attach_func_proto;char *attach_func_name;void *jit_data,*bpf_exception_cb,' +
    '**jited_linfo;struct bpf_jit_poke_descriptor *poke_tab;struct bpf_kfunc_desc_tab *kfunc_tab;struct ' +
    'bpf_kfunc_btf_tab *kfunc_btf_tab;struct bpf_ksym ksym;struct bpf_prog_ops *ops;struct bpf_map **used_maps,' +
    '*cgroup_storage[2];struct btf_mod_pair *used_btfs;struct user_struct *user;int cgroup_atype;struct ' +
    'bpf_prog_offload *offload;struct bpf_func_info *func_info;struct bpf_func_info_aux *func_info_aux;struct ' +
    'bpf_line_info *linfo;struct module *mod;struct exception_table_entry *extable;struct work_struct work;struct ' +
    'callback_head rcu',
  'struct bpf_ksym':
    'code:unsigned long start,end;char name[512];bool prog|link:struct list_head lnode;struct latch_tree_node ' +
    'tnode',
  'struct latch_tree_node':
    'link:struct rb_node node[2]',
  'struct sock_fprog_kern':
    'packets:u16 len;struct sock_filter *filter',
  'struct pmu':
    'link:struct list_head entry|device:struct module *module;struct device *dev,*parent;struct attribute_group ' +
    '**attr_groups,**attr_update;char *name;int type,capabilities,*pmu_disable_count,task_ctx_nr,' +
    'hrtimer_interval_ms;unsigned int scope,nr_addr_filters;struct perf_cpu_pmu_context *cpu_pmu_context;atomic_t ' +
    'exclusive_cnt;struct kmem_cache *task_ctx_cache|function:void *pmu_enable,*pmu_disable,*event_init,' +
    '*event_mapped,*event_unmapped,*add,*del,*start,*stop,*read,*start_txn,*commit_txn,*cancel_txn,*event_idx,' +
    '*sched_task,*swap_task_ctx,*setup_aux,*free_aux,*snapshot_aux,*addr_filters_validate,*addr_filters_sync,' +
    '*aux_output_match,*filter,*check_period',
  'struct perf_event_pmu_context':
    'tracing:struct pmu *pmu;struct perf_event_context *ctx;unsigned int embedded:1,nr_events,nr_cgroups,nr_freq;' +
    'atomic_t refcount;void *task_ctx_data;int rotate_necessary|link:struct list_head pmu_ctx_entry,pinned_active,' +
    'flexible_active|lock:struct callback_head callback_head',
  'struct perf_buffer':
    'count:refcount_t refcount,aux_refcount|lock:struct callback_head callback_head;struct spinlock event_lock;' +
    'struct mutex aux_mutex|tracing:int nr_pages,overwrite,paused,aux_nr_pages,aux_overwrite,aux_in_sampling,' +
    'aux_in_pause_resume;atomic_t poll,mmap_count,aux_mmap_count;local_t head,events,wakeup,lost;unsigned int ' +
    'nest,aux_nest;long watermark,aux_watermark,aux_head,aux_wakeup;unsigned long mmap_locked,aux_pgoff,' +
    'aux_mmap_locked;struct user_struct *mmap_user;void **aux_pages,*aux_priv,*data_pages[0];struct ' +
    'perf_event_mmap_page *user_page|link:struct list_head event_list|function:void *free_aux',
  'struct perf_addr_filter_range':
    'tracing:unsigned long start,size',
  'struct pid_namespace':
    'feature:struct idr idr;struct kmem_cache *pid_cachep;struct fs_pin *bacct;struct ucounts *ucounts;int reboot,' +
    'memfd_noexec_scope|lock:struct callback_head rcu|format:unsigned int pid_allocated',
  'struct trace_event_call':
    'link:struct list_head list;struct hlist_head *perf_events|tracing:struct trace_event_class *class;char *name,' +
    '*print_fmt;struct tracepoint *tp;struct trace_event event;void *module,*data;atomic_t refcnt;int flags,' +
    'perf_refcount;struct bpf_prog_array *prog_array|function:void *perf_perm',
  'struct trace_event':
    'link:struct hlist_node node|tracing:int type;struct trace_event_functions *funcs',
  'struct event_filter':
    'tracing:struct prog_entry *prog;char *filter_string',
  'struct perf_cgroup':
    'tracing:struct cgroup_subsys_state css;struct perf_cgroup_info *info',
  'struct ftrace_hash':
    'tracing:unsigned long size_bits,count,flags|link:struct hlist_head *buckets|lock:struct callback_head rcu',
  'struct io_uring_sqe':
    'feature:__u8 opcode,flags,cmd[0];__u16 ioprio,poll_events,buf_index,buf_group,personality,addr_len,__pad3[1];' +
    '__s32 fd,splice_fd_in;__u64 off,addr2,addr,splice_off_in,user_data,addr3,__pad2[1],optval;__u32 cmd_op,' +
    '__pad1,level,optname,len,rw_flags,fsync_flags,poll32_events,sync_range_flags,msg_flags,timeout_flags,' +
    'accept_flags,cancel_flags,open_flags,statx_flags,fadvise_advice,splice_flags,rename_flags,unlink_flags,' +
    'hardlink_flags,xattr_flags,msg_ring_flags,uring_cmd_flags,waitid_flags,futex_flags,install_fd_flags,' +
    'nop_flags,file_index,optlen',
  'struct request_queue':
    'block:void *queuedata;struct elevator_queue *elevator;struct blk_mq_ctx *queue_ctx;unsigned long queue_flags,' +
    'nr_requests,blkcg_pols[1];unsigned int rq_timeout,queue_depth,nr_hw_queues;struct request *last_merge;int ' +
    'quiesce_depth,id,node,mq_freeze_depth;struct gendisk *disk;struct queue_limits limits;struct device *dev;' +
    'enum rpm_status rpm_status;atomic_t pm_only,nr_active_requests_shared_tags;struct blk_queue_stats *stats;' +
    'struct rq_qos *rq_qos;struct blk_mq_tags *sched_shared_tags;struct blkcg_gq *root_blkg;struct blk_trace ' +
    '*blk_trace;struct blk_flush_queue *fq;struct throtl_data *td;struct blk_mq_tag_set *tag_set;struct dentry ' +
    '*debugfs_dir,*sched_debugfs_dir,*rqos_debugfs_dir;bool mq_sysfs_init_done|function:struct blk_mq_ops ' +
    '*mq_ops|count:refcount_t refs;struct percpu_ref q_usage_counter;struct kobject *mq_kobj|link:struct xarray ' +
    'hctx_table;struct list_head icq_list,blkg_list,requeue_list,flush_list,unused_hctx_list,' +
    'tag_set_list|lock:struct lock_class_key io_lock_cls_key,q_lock_cls_key;struct lockdep_map io_lockdep_map,' +
    'q_lockdep_map;struct spinlock queue_lock,requeue_lock,unused_hctx_lock;struct mutex rq_qos_mutex,blkcg_mutex,' +
    'sysfs_lock,sysfs_dir_lock,limits_lock,mq_freeze_lock,debugfs_mutex;struct timer_list timeout;struct ' +
    'work_struct timeout_work;struct delayed_work requeue_work;struct callback_head callback_head;struct ' +
    'wait_queue_head mq_freeze_wq',
  'struct queue_limits':
    'block:unsigned int features,flags,max_hw_sectors,max_dev_sectors,chunk_sectors,max_sectors,max_user_sectors,' +
    'max_segment_size,physical_block_size,logical_block_size,alignment_offset,io_min,io_opt,max_discard_sectors,' +
    'max_hw_discard_sectors,max_user_discard_sectors,max_secure_erase_sectors,max_write_zeroes_sectors,' +
    'max_zone_append_sectors,discard_granularity,discard_alignment,zone_write_granularity,atomic_write_hw_max,' +
    'atomic_write_max_sectors,atomic_write_hw_boundary,atomic_write_boundary_sectors,atomic_write_hw_unit_min,' +
    'atomic_write_unit_min,atomic_write_hw_unit_max,atomic_write_unit_max,max_open_zones,max_active_zones,' +
    'dma_alignment,dma_pad_mask;unsigned long seg_boundary_mask,virt_boundary_mask;unsigned short max_segments,' +
    'max_integrity_segments,max_discard_segments;struct blk_integrity integrity',
  'struct blk_integrity':
    'block:unsigned char flags,tuple_size,pi_offset,interval_exp,tag_size;enum blk_integrity_checksum csum_type',
  'struct disk_stats':
    'block:u64 nsecs[4];unsigned long sectors[4],ios[4],merges[4],io_ticks;local_t in_flight[2]',
  'struct blk_holder_ops':
    'function:void *mark_dead,*sync,*freeze,*thaw',
  'struct partition_meta_info':
    'block:char uuid[37];u8 volname[64]',
  'struct device_private':
    'link:struct klist klist_children;struct klist_node knode_parent,knode_driver,knode_bus,knode_class;struct ' +
    'list_head deferred_probe|device:struct device_driver *async_driver;char *deferred_probe_reason;struct device ' +
    '*device;u8 dead:1',
  'struct klist':
    'lock:struct spinlock k_lock|link:struct list_head k_list|function:void *get,*put',
  'struct klist_node':
    'device:void *n_klist|link:struct list_head n_node|count:struct kref n_ref',
  'struct device_type':
    'device:char *name;struct attribute_group **groups;bool need_parent_lock|function:void *uevent,*devnode,' +
    '*release;struct dev_pm_ops *pm',
  'struct bus_type':
    'device:char *name,*dev_name;struct attribute_group **bus_groups,**dev_groups,**drv_groups;bool ' +
    'driver_override|function:void *match,*uevent,*probe,*sync_state,*remove,*shutdown,*irq_get_affinity,*online,' +
    '*offline,*suspend,*resume,*num_vf,*dma_configure,*dma_cleanup;struct dev_pm_ops *pm',
  'struct device_driver':
    'device:char *name,*mod_name;struct bus_type *bus;struct module *owner;bool suppress_bind_attrs;enum ' +
    'probe_type probe_type;struct of_device_id *of_match_table;struct acpi_device_id *acpi_match_table;struct ' +
    'attribute_group **groups,**dev_groups;struct driver_private *p|function:void *probe,*sync_state,*remove,' +
    '*shutdown,*suspend,*resume,*coredump;struct dev_pm_ops *pm',
  'struct dev_pm_domain':
    'function:struct dev_pm_ops ops;void *start,*detach,*activate,*sync,*dismiss,*set_performance_state',
  'struct dev_pm_ops':
    'function:void *prepare,*complete,*suspend,*resume,*freeze,*thaw,*poweroff,*restore,*suspend_late,' +
    '*resume_early,*freeze_late,*thaw_early,*poweroff_late,*restore_early,*suspend_noirq,*resume_noirq,' +
    '*freeze_noirq,*thaw_noirq,*poweroff_noirq,*restore_noirq,*runtime_suspend,*runtime_resume,*runtime_idle',
  'struct em_perf_domain':
    'device:struct em_perf_table *em_table;int nr_perf_states;unsigned long flags,cpus[0]',
  'struct dev_pin_info':
    'device:struct pinctrl *p;struct pinctrl_state *default_state,*init_state,*sleep_state,*idle_state',
  'struct dma_map_ops':
    'function:void *alloc,*free,*alloc_pages_op,*free_pages,*mmap,*get_sgtable,*map_page,*unmap_page,*map_sg,' +
    '*unmap_sg,*map_resource,*unmap_resource,*sync_single_for_cpu,*sync_single_for_device,*sync_sg_for_cpu,' +
    '*sync_sg_for_device,*cache_sync,*dma_supported,*get_required_mask,*max_mapping_size,*opt_mapping_size,' +
    '*get_merge_boundary',
  'struct bus_dma_region':
    'device:u64 cpu_start,dma_start,size',
  'struct device_dma_parameters':
    'device:unsigned int max_segment_size,min_align_mask;unsigned long segment_boundary_mask',
  'struct io_tlb_mem':
    'pages:struct io_tlb_pool defpool;unsigned long nslabs;struct dentry *debugfs;bool force_bounce,for_alloc;' +
    'atomic_long_t total_used,used_hiwater,transient_nslabs',
  'struct io_tlb_pool':
    'pages:u64 start,end;void *vaddr;unsigned long nslabs;bool late_alloc;unsigned int nareas,area_nslabs;struct ' +
    'io_tlb_area *areas;struct io_tlb_slot *slots',
  'struct device_node':
    'device:char *name,*full_name;u32 phandle;struct fwnode_handle fwnode;struct property *properties,*deadprops;' +
    'struct device_node *parent,*child,*sibling;unsigned long _flags;void *data',
  'struct fwnode_handle':
    'device:struct fwnode_handle *secondary;struct device *dev;unsigned long flags|function:struct ' +
    'fwnode_operations *ops|link:struct list_head suppliers,consumers',
  'struct class':
    'device:char *name;struct attribute_group **class_groups,**dev_groups|function:void *dev_uevent,*devnode,' +
    '*class_release,*dev_release,*shutdown_pre,*namespace,*get_ownership;struct kobj_ns_type_operations *ns_type;' +
    'struct dev_pm_ops *pm',
  'struct iommu_group':
    'count:struct kobject kobj,*devices_kobj|link:struct list_head devices,entry;struct xarray ' +
    'pasid_array|lock:struct mutex mutex|device:void *iommu_data,*owner;char *name;int id;struct iommu_domain ' +
    '*default_domain,*blocking_domain,*domain;unsigned int owner_cnt|function:void *iommu_data_release',
  'struct dev_iommu':
    'lock:struct mutex lock|device:struct iommu_fault_param *fault_param;struct iommu_fwspec *fwspec;struct ' +
    'iommu_device *iommu_dev;void *priv;u32 max_pasids,attach_deferred:1,pci_32bit_workaround:1,require_direct:1,' +
    'shadow_on_flush:1',
  'struct device_physical_location':
    'device:enum device_physical_location_panel panel;enum device_physical_location_vertical_position ' +
    'vertical_position;enum device_physical_location_horizontal_position horizontal_position;bool dock,lid',
  'struct kset':
    'link:struct list_head list|lock:struct spinlock list_lock|count:struct kobject kobj|function:struct ' +
    'kset_uevent_ops *uevent_ops',
  'struct kobj_type':
    'function:void *release,*child_ns_type,*namespace,*get_ownership;struct sysfs_ops *sysfs_ops|device:struct ' +
    'attribute_group **default_groups',
  'struct wakeup_source':
    'device:char *name;int id;struct wake_irq *wakeirq;unsigned long timer_expires,event_count,active_count,' +
    'relax_count,expire_count,wakeup_count;s64 total_time,max_time,last_time,start_prevent_time,' +
    'prevent_sleep_time;struct device *dev;bool active:1,autosleep_enabled:1|link:struct list_head ' +
    'entry|lock:struct spinlock lock;struct timer_list timer',
  'struct wake_irq':
    'device:struct device *dev;unsigned int status;int irq;char *name',
  'struct pm_subsys_data':
    'lock:struct spinlock lock;struct mutex clock_mutex|device:unsigned int refcount,clock_op_might_sleep;struct ' +
    'pm_domain_data *domain_data|link:struct list_head clock_list',
  'struct dev_pm_qos':
    'device:struct pm_qos_constraints resume_latency,latency_tolerance;struct freq_constraints freq;struct ' +
    'pm_qos_flags flags;struct dev_pm_qos_request *resume_latency_req,*latency_tolerance_req,*flags_req',
  'struct pm_qos_constraints':
    'link:struct plist_head list|device:s32 target_value,default_value,no_constraint_value;enum pm_qos_type ' +
    'type|lock:struct blocking_notifier_head *notifiers',
  'struct freq_constraints':
    'device:struct pm_qos_constraints min_freq,max_freq|lock:struct blocking_notifier_head min_freq_notifiers,' +
    'max_freq_notifiers',
  'struct pm_qos_flags':
    'link:struct list_head list|device:s32 effective_flags',
  'struct irq_domain':
    'link:struct list_head link;struct xarray revmap_tree|device:char *name;void *host_data;unsigned int flags,' +
    'mapcount,revmap_size;struct irq_domain *root,*parent;struct fwnode_handle *fwnode;enum irq_domain_bus_token ' +
    'bus_token;struct irq_domain_chip_generic *gc;struct device *dev,*pm_dev;unsigned long hwirq_max;struct ' +
    'irq_data *revmap[0]|function:struct irq_domain_ops *ops;struct msi_parent_ops *msi_parent_ops;void ' +
    '*exit|lock:struct mutex mutex',
  'struct msi_device_data':
    'device:unsigned long properties,__iter_idx;struct msi_dev_domain __domains[1]|lock:struct mutex mutex',
  'struct msi_dev_domain':
    'link:struct xarray store|device:struct irq_domain *domain',
  'struct bpf_link_ops':
    'function:void *release,*dealloc,*dealloc_deferred,*detach,*update_prog,*show_fdinfo,*fill_link_info,' +
    '*update_map,*poll',
  'struct cgroup_root':
    'link:struct list_head root_list|lock:struct callback_head rcu|schedule:struct cgroup *cgrp_ancestor_storage;' +
    'atomic_t nr_cgrps;unsigned int flags;char release_agent_path[4096]',
  'struct cgroup_rstat_cpu':
    'schedule:struct u64_stats_sync bsync;struct cgroup_base_stat bstat,last_bstat,subtree_bstat,' +
    'last_subtree_bstat;struct cgroup *updated_children,*updated_next',
  'struct psi_group':
    'schedule:struct psi_group *parent;bool enabled;struct psi_group_cpu *pcpu;u64 avg_total[6],avg_last_update,' +
    'avg_next_update,total[12],rtpoll_min_period,rtpoll_total[6],rtpoll_next_update,rtpoll_until;u32 ' +
    'avg_nr_triggers[6],rtpoll_nr_triggers[6],rtpoll_states;unsigned long avg[18];struct task_struct *rtpoll_task;' +
    'atomic_t rtpoll_wakeup,rtpoll_scheduled|lock:struct mutex avgs_lock,rtpoll_trigger_lock;struct delayed_work ' +
    'avgs_work;struct timer_list rtpoll_timer;struct wait_queue_head rtpoll_wait|link:struct list_head ' +
    'avg_triggers,rtpoll_triggers',
  'struct cgroup_subsys':
    'function:void *css_alloc,*css_online,*css_offline,*css_released,*css_free,*css_reset,*css_killed,' +
    '*css_extra_stat_show,*css_local_stat_show,*can_attach,*cancel_attach,*attach,*post_attach,*can_fork,' +
    '*cancel_fork,*fork,*exit,*release,*bind;bool threaded:1|schedule:void *css_rstat_flush;bool early_init:1,' +
    'implicit_on_dfl:1;struct idr css_idr;struct list_head cfts;struct cftype *dfl_cftypes,*legacy_cftypes;' +
    'unsigned int depends_on',
  'struct percpu_ref_data':
    'count:atomic_long_t count;void *release,*confirm_switch;bool force_atomic:1,allow_reinit:1;struct percpu_ref ' +
    '*ref|lock:struct callback_head rcu',
  'struct bpf_prog_array':
    'lock:struct callback_head rcu|verifier:struct bpf_prog_array_item items[0]',
  'struct bpf_prog_array_item':
    'verifier:struct bpf_prog *prog;struct bpf_cgroup_storage *cgroup_storage[2];u64 bpf_cookie',
  'struct ipv6_pinfo':
    'packets:struct in6_addr saddr,*daddr_cache;__be32 flow_label,rcv_flowinfo;u32 dst_cookie,frag_size;struct ' +
    'ipv6_txoptions *opt;s16 hop_limit;u8 pmtudisc,tclass,mcast_hops,srcprefs,min_hopcount;bool saddr_cache;int ' +
    'ucast_oif,mcast_oif;union anon_ipv6_pinfo_rxopt rxopt;struct in6_pktinfo sticky_pktinfo;struct sk_buff ' +
    '*pktoptions,*rxpmtu;struct inet6_cork cork;struct ipv6_mc_socklist *ipv6_mc_list;struct ipv6_ac_socklist ' +
    '*ipv6_ac_list',
  'union anon_ipv6_pinfo_rxopt':
    'packets:struct anon_ipv6_pinfo_rxopt_bits bits;u16 all',
  'struct anon_ipv6_pinfo_rxopt_bits':
    'packets:u16 srcrt:1,osrcrt:1,rxinfo:1,rxoinfo:1,rxhlim:1,rxohlim:1,hopopts:1,ohopopts:1,dstopts:1,odstopts:1,' +
    'rxflow:1,rxtclass:1,rxpmtu:1,rxorigdstaddr:1,recvfragsize:1',
  'struct in6_pktinfo':
    'packets:struct in6_addr ipi6_addr;int ipi6_ifindex',
  'struct inet6_cork':
    'packets:struct ipv6_txoptions *opt;u8 hop_limit,tclass,dontfrag:1',
  'struct ipv6_fl_socklist':
    'packets:struct ipv6_fl_socklist *next;struct ip6_flowlabel *fl|lock:struct callback_head rcu',
  'struct ip_options_rcu':
    'lock:struct callback_head rcu|packets:struct ip_options opt',
  'struct ip_options':
    'packets:__be32 faddr,nexthop;unsigned char optlen,srr,rr,ts,is_strictroute:1,srr_is_hit:1,is_changed:1,' +
    'rr_needaddr:1,ts_needtime:1,ts_needaddr:1,router_alert,cipso,__pad2,__data[0]',
  'struct ip_mc_socklist':
    'packets:struct ip_mc_socklist *next_rcu;struct ip_mreqn multi;unsigned int sfmode;struct ip_sf_socklist ' +
    '*sflist|lock:struct callback_head rcu',
  'struct ip_mreqn':
    'packets:struct in_addr imr_multiaddr,imr_address;int imr_ifindex',
  'struct unix_vertex':
    'link:struct list_head edges,entry,scc_entry|packets:unsigned long out_degree,index,scc_index',
  'struct module':
    'code:enum module_state state;struct list_head list,bug_list,source_list,target_list;char name[56],*version,' +
    '*srcversion,*args,**trace_bprintk_fmt_start;struct module_kobject mkobj;struct module_attribute ' +
    '*modinfo_attrs;struct kobject *holders_dir;struct kernel_symbol *syms,*gpl_syms;s32 *crcs,*gpl_crcs;unsigned ' +
    'int num_syms,num_kp,num_gpl_syms,num_exentries,num_bugs,percpu_size,noinstr_text_size,num_tracepoints,' +
    'num_srcu_structs,num_bpf_raw_events,btf_data_size,btf_base_data_size,num_jump_entries,num_trace_bprintk_fmt,' +
    'num_trace_events,num_trace_evals,num_ftrace_callsites,kprobes_text_size,num_kprobe_blacklist;struct mutex ' +
    'param_lock;struct kernel_param *kp;bool using_gplonly_symbols,sig_ok,async_probe_requested,klp,klp_alive;' +
    'struct exception_table_entry *extable;void *init,*percpu,*noinstr_text_start,*btf_data,*btf_base_data,' +
    '*kprobes_text_start,*exit,**its_page_array;struct module_memory mem[7];struct mod_arch_specific arch;' +
    'unsigned long taints,*ftrace_callsites,*kprobe_blacklist;struct bug_entry *bug_table;struct mod_kallsyms ' +
    '*kallsyms,core_kallsyms;struct module_sect_attrs *sect_attrs;struct module_notes_attrs *notes_attrs;int ' +
    '*tracepoints_ptrs,num_static_call_sites,its_num_pages;struct srcu_struct **srcu_struct_ptrs;struct ' +
    'bpf_raw_event_map *bpf_raw_events;struct jump_entry *jump_entries;struct trace_event_call **trace_events;' +
    'struct trace_eval_map **trace_evals;struct static_call_site *static_call_sites;struct klp_modinfo *klp_info;' +
    'atomic_t refcnt;struct _ddebug_info dyndbg_info',
  'struct module_kobject':
    'count:struct kobject kobj,*drivers_dir|code:struct module *mod;struct module_param_attrs *mp|lock:struct ' +
    'completion *kobj_completion',
  'struct module_memory':
    'code:void *base;unsigned int size;struct mod_tree_node mtn',
  'struct mod_tree_node':
    'code:struct module *mod|link:struct latch_tree_node node',
  'struct mod_arch_specific':
    'code:unsigned int num_orcs;int *orc_unwind_ip;struct orc_entry *orc_unwind',
  'struct mod_kallsyms':
    'code:struct elf64_sym *symtab;unsigned int num_symtab;char *strtab,*typetab',
  'struct _ddebug_info':
    'code:struct _ddebug *descs;struct ddebug_class_map *classes;unsigned int num_descs,num_classes',
  'struct nlmsghdr':
    'packets:__u32 nlmsg_len,nlmsg_seq,nlmsg_pid;__u16 nlmsg_type,nlmsg_flags',
  'struct netlink_ext_ack':
    'packets:char *_msg,_msg_buf[80];struct nlattr *bad_attr,*miss_nest;struct nla_policy *policy;u16 miss_type;' +
    'u8 cookie[20],cookie_len',
  'struct fib6_table':
    'link:struct hlist_node tb6_hlist;struct hlist_head tb6_gc_hlist|packets:u32 tb6_id;struct fib6_node tb6_root;' +
    'struct inet_peer_base tb6_peers;unsigned int flags,fib_seq|lock:struct spinlock tb6_lock',
  'struct fib6_node':
    'packets:struct fib6_node *parent,*left,*right,*subtree;struct fib6_info *leaf,*rr_ptr;__u16 fn_bit,fn_flags;' +
    'int fn_sernum|lock:struct callback_head rcu',
  'struct inet_peer_base':
    'link:struct rb_root rb_root|lock:seqlock_t lock|packets:int total',
  'struct dst_metrics':
    'packets:u32 metrics[17]|count:refcount_t refcnt',
  'struct nexthop':
    'link:struct rb_node rb_node;struct list_head fi_list,f6i_list,fdb_list,grp_list|packets:struct net *net;u32 ' +
    'id;u8 protocol,nh_flags;bool is_group;struct nh_info *nh_info;struct nh_group *nh_grp|count:refcount_t ' +
    'refcnt|lock:struct callback_head rcu',
  'struct rt6_exception_bucket':
    'link:struct hlist_head chain|packets:int depth',
  'struct lwtunnel_state':
    'packets:__u16 type,flags,headroom;atomic_t refcnt;__u8 data[0]|function:void *orig_output,' +
    '*orig_input|lock:struct callback_head rcu',
  'struct rtable':
    'packets:struct dst_entry dst;int rt_genid,rt_iif;unsigned int rt_flags;__u16 rt_type;__u8 rt_is_input,' +
    'rt_uses_gateway;u8 rt_gw_family;__be32 rt_gw4;struct in6_addr rt_gw6;u32 rt_mtu_locked:1,rt_pmtu:31',
  'struct fnhe_hash_bucket':
    'packets:struct fib_nh_exception *chain',
  'struct irqaction':
    'silent:void *handler,*dev_id,*percpu_dev_id,*thread_fn;struct irqaction *next,*secondary;struct task_struct ' +
    '*thread;unsigned int irq,flags;unsigned long thread_flags,thread_mask;char *name;struct proc_dir_entry *dir;' +
    'struct callback_head thread_dtor',
  'struct request':
    'silent:struct request_queue *q;struct blk_mq_ctx *mq_ctx;struct blk_mq_hw_ctx *mq_hctx;__u32 cmd_flags,' +
    'rq_flags;int tag,internal_tag;unsigned int timeout,__data_len;sector_t __sector;struct bio *bio,*biotail;' +
    'struct list_head queuelist;struct request *rq_next;struct block_device *part;u64 alloc_time_ns,start_time_ns,' +
    'io_start_time_ns,fifo_time;unsigned short wbt_flags,stats_sectors,nr_phys_segments,nr_integrity_segments;' +
    'enum mq_rq_state state;atomic_t ref;unsigned long deadline;struct hlist_node hash;struct llist_node ipi_list;' +
    'struct rb_node rb_node;struct bio_vec special_vec;struct anon_request_elv elv;struct anon_request_flush ' +
    'flush;void *end_io,*end_io_data',
  'struct anon_request_elv':
    'silent:struct io_cq *icq;void *priv[2]',
  'struct anon_request_flush':
    'silent:unsigned int seq;void *saved_end_io',
  'struct napi_struct':
    'silent:struct list_head poll_list,rx_list,dev_list;unsigned long state,gro_bitmask;int weight,poll_owner,' +
    'list_owner,rx_count,irq;u32 defer_hard_irqs_count;void *poll;struct net_device *dev;struct gro_list ' +
    'gro_hash[8];struct sk_buff *skb;unsigned int napi_id;struct hrtimer timer;struct task_struct *thread;struct ' +
    'hlist_node napi_hash_node',
  'struct gro_list':
    'silent:struct list_head list;int count',
}

export const unkeptTypedefs: Readonly<Record<string, string>> = {
  freeptr_t:
    'struct anon_freeptr_t v',
  nodemask_t:
    'struct anon_nodemask_t v',
  uuid_t:
    'struct anon_uuid_t v',
  mm_context_t:
    'struct anon_mm_context_t v',
  lockdep_map_p:
    'struct anon_lockdep_map_p v',
  vfsuid_t:
    'struct anon_kuid_t v',
  vfsgid_t:
    'struct anon_kgid_t v',
  rwlock_t:
    'struct anon_rwlock_t v',
  socket_lock_t:
    'struct anon_socket_lock_t v',
  netns_tracker:
    'struct anon_lockdep_map_p v',
  xfrm_address_t:
    'union anon_xfrm_address_t v',
  netdevice_tracker:
    'struct anon_lockdep_map_p v',
  local64_t:
    'struct anon_local64_t v',
  local_t:
    'struct anon_local_t v',
  seqlock_t:
    'struct anon_seqlock_t v',
  siphash_key_t:
    'struct anon_siphash_key_t v',
  rcuref_t:
    'struct anon_rcuref_t v',
  u64_stats_t:
    'struct anon_u64_stats_t v',
}

export const unkeptEnums: Readonly<Record<string, string>> = {
  timespec_type:
    'TT_NONE=0 TT_NATIVE=1 TT_COMPAT=2',
  vtime_state:
    'VTIME_INACTIVE=0 VTIME_IDLE=1 VTIME_SYS=2 VTIME_USER=3 VTIME_GUEST=4',
  anon_ctl_table_header_type:
    'SYSCTL_TABLE_TYPE_DEFAULT=0 SYSCTL_TABLE_TYPE_PERMANENTLY_EMPTY=1',
  fs_context_phase:
    'FS_CONTEXT_CREATE_PARAMS=0 FS_CONTEXT_CREATING=1 FS_CONTEXT_AWAITING_MOUNT=2 FS_CONTEXT_AWAITING_RECONF=3 ' +
    'FS_CONTEXT_RECONF_PARAMS=4 FS_CONTEXT_RECONFIGURING=5 FS_CONTEXT_FAILED=6',
  rw_hint:
    'WRITE_LIFE_NOT_SET=0 WRITE_LIFE_NONE=1 WRITE_LIFE_SHORT=2 WRITE_LIFE_MEDIUM=3 WRITE_LIFE_LONG=4 ' +
    'WRITE_LIFE_EXTREME=5',
  sctp_state:
    'SCTP_STATE_CLOSED=0 SCTP_STATE_COOKIE_WAIT=1 SCTP_STATE_COOKIE_ECHOED=2 SCTP_STATE_ESTABLISHED=3 ' +
    'SCTP_STATE_SHUTDOWN_PENDING=4 SCTP_STATE_SHUTDOWN_SENT=5 SCTP_STATE_SHUTDOWN_RECEIVED=6 ' +
    'SCTP_STATE_SHUTDOWN_ACK_SENT=7',
  sctp_endpoint_type:
    'SCTP_EP_TYPE_SOCKET=0 SCTP_EP_TYPE_ASSOCIATION=1',
  xfrm_replay_mode:
    'XFRM_REPLAY_MODE_LEGACY=0 XFRM_REPLAY_MODE_BMP=1 XFRM_REPLAY_MODE_ESN=2',
  perf_event_state:
    'PERF_EVENT_STATE_DEAD=-4 PERF_EVENT_STATE_EXIT=-3 PERF_EVENT_STATE_ERROR=-2 PERF_EVENT_STATE_OFF=-1 ' +
    'PERF_EVENT_STATE_INACTIVE=0 PERF_EVENT_STATE_ACTIVE=1',
  device_removable:
    'DEVICE_REMOVABLE_NOT_SUPPORTED=0 DEVICE_REMOVABLE_UNKNOWN=1 DEVICE_FIXED=2 DEVICE_REMOVABLE=3',
  dl_dev_state:
    'DL_DEV_NO_DRIVER=0 DL_DEV_PROBING=1 DL_DEV_DRIVER_BOUND=2 DL_DEV_UNBINDING=3',
  rpm_request:
    'RPM_REQ_NONE=0 RPM_REQ_IDLE=1 RPM_REQ_SUSPEND=2 RPM_REQ_AUTOSUSPEND=3 RPM_REQ_RESUME=4',
  rpm_status:
    'RPM_INVALID=-1 RPM_ACTIVE=0 RPM_RESUMING=1 RPM_SUSPENDED=2 RPM_SUSPENDING=3 RPM_BLOCKED=4',
  anon_audit_context_context:
    'AUDIT_CTX_UNUSED=0 AUDIT_CTX_SYSCALL=1 AUDIT_CTX_URING=2',
  audit_state:
    'AUDIT_STATE_DISABLED=0 AUDIT_STATE_BUILD=1 AUDIT_STATE_RECORD=2',
  uprobe_task_state:
    'UTASK_RUNNING=0 UTASK_SSTEP=1 UTASK_SSTEP_ACK=2 UTASK_SSTEP_TRAPPED=3',
  wb_reason:
    'WB_REASON_BACKGROUND=0 WB_REASON_VMSCAN=1 WB_REASON_SYNC=2 WB_REASON_PERIODIC=3 WB_REASON_LAPTOP_TIMER=4 ' +
    'WB_REASON_FS_FREE_SPACE=5 WB_REASON_FORKER_THREAD=6 WB_REASON_FOREIGN_FLUSH=7 WB_REASON_MAX=8',
  netdev_stat_type:
    'NETDEV_PCPU_STAT_NONE=0 NETDEV_PCPU_STAT_LSTATS=1 NETDEV_PCPU_STAT_TSTATS=2 NETDEV_PCPU_STAT_DSTATS=3',
  anon_net_device_rtnl_link_state:
    'RTNL_LINK_INITIALIZED=0 RTNL_LINK_INITIALIZING=1',
  netdev_ml_priv_type:
    'ML_PRIV_NONE=0 ML_PRIV_CAN=1',
  btf_field_type:
    'BPF_SPIN_LOCK=1 BPF_TIMER=2 BPF_KPTR_UNREF=4 BPF_KPTR_REF=8 BPF_KPTR_PERCPU=16 BPF_KPTR=28 BPF_LIST_HEAD=32 ' +
    'BPF_LIST_NODE=64 BPF_RB_ROOT=128 BPF_RB_NODE=256 BPF_GRAPH_NODE=320 BPF_GRAPH_ROOT=160 BPF_REFCOUNT=512 ' +
    'BPF_WORKQUEUE=1024',
  blk_integrity_checksum:
    'BLK_INTEGRITY_CSUM_NONE=0 BLK_INTEGRITY_CSUM_IP=1 BLK_INTEGRITY_CSUM_CRC=2 BLK_INTEGRITY_CSUM_CRC64=3',
  probe_type:
    'PROBE_DEFAULT_STRATEGY=0 PROBE_PREFER_ASYNCHRONOUS=1 PROBE_FORCE_SYNCHRONOUS=2',
  device_physical_location_panel:
    'DEVICE_PANEL_TOP=0 DEVICE_PANEL_BOTTOM=1 DEVICE_PANEL_LEFT=2 DEVICE_PANEL_RIGHT=3 DEVICE_PANEL_FRONT=4 ' +
    'DEVICE_PANEL_BACK=5 DEVICE_PANEL_UNKNOWN=6',
  device_physical_location_vertical_position:
    'DEVICE_VERT_POS_UPPER=0 DEVICE_VERT_POS_CENTER=1 DEVICE_VERT_POS_LOWER=2',
  device_physical_location_horizontal_position:
    'DEVICE_HORI_POS_LEFT=0 DEVICE_HORI_POS_CENTER=1 DEVICE_HORI_POS_RIGHT=2',
  pm_qos_type:
    'PM_QOS_UNITIALIZED=0 PM_QOS_MAX=1 PM_QOS_MIN=2',
  irq_domain_bus_token:
    'DOMAIN_BUS_ANY=0 DOMAIN_BUS_WIRED=1 DOMAIN_BUS_GENERIC_MSI=2 DOMAIN_BUS_PCI_MSI=3 DOMAIN_BUS_PLATFORM_MSI=4 ' +
    'DOMAIN_BUS_NEXUS=5 DOMAIN_BUS_IPI=6 DOMAIN_BUS_FSL_MC_MSI=7 DOMAIN_BUS_TI_SCI_INTA_MSI=8 DOMAIN_BUS_WAKEUP=9 ' +
    'DOMAIN_BUS_VMD_MSI=10 DOMAIN_BUS_PCI_DEVICE_MSI=11 DOMAIN_BUS_PCI_DEVICE_MSIX=12 DOMAIN_BUS_DMAR=13 ' +
    'DOMAIN_BUS_AMDVI=14 DOMAIN_BUS_DEVICE_MSI=15 DOMAIN_BUS_WIRED_TO_MSI=16',
  module_state:
    'MODULE_STATE_LIVE=0 MODULE_STATE_COMING=1 MODULE_STATE_GOING=2 MODULE_STATE_UNFORMED=3',
  mq_rq_state:
    'MQ_RQ_IDLE=0 MQ_RQ_IN_FLIGHT=1 MQ_RQ_COMPLETE=2',
}
