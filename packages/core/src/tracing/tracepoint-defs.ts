/** Tracepoints of the kernel (include/trace/events), as far as ours comes by them: name, and arguments as in C. */

/** Those that our kernel comes by. */
const reached = {
  sys_enter: 'struct pt_regs *regs, long id',
  sys_exit: 'struct pt_regs *regs, long ret',
  task_newtask: 'struct task_struct *task, unsigned long clone_flags',
  task_rename: 'struct task_struct *task, const char *comm',
  sched_process_fork: 'struct task_struct *parent, struct task_struct *child',
  sched_prepare_exec: 'struct task_struct *task, struct linux_binprm *bprm',
  sched_process_exec: 'struct task_struct *p, pid_t old_pid, struct linux_binprm *bprm',
  sched_process_exit: 'struct task_struct *p',
  sched_process_free: 'struct task_struct *p',
  sched_process_wait: 'struct pid *pid',
  sched_switch: 'bool preempt, struct task_struct *prev, struct task_struct *next, unsigned int prev_state',
  sched_waking: 'struct task_struct *p',
  sched_wakeup: 'struct task_struct *p',
  sched_wakeup_new: 'struct task_struct *p',
  signal_generate: 'int sig, struct kernel_siginfo *info, struct task_struct *task, int group, int result',
  signal_deliver: 'int sig, struct kernel_siginfo *info, struct k_sigaction *ka',
  oom_score_adj_update: 'struct task_struct *task',
  module_request: 'char *name, bool wait, unsigned long ip',
  cgroup_mkdir: 'struct cgroup *cgrp, const char *path',
  cgroup_rmdir: 'struct cgroup *cgrp, const char *path',
  cgroup_release: 'struct cgroup *cgrp, const char *path',
  cgroup_freeze: 'struct cgroup *cgrp, const char *path',
  cgroup_unfreeze: 'struct cgroup *cgrp, const char *path',
  cgroup_attach_task: 'struct cgroup *dst_cgrp, const char *path, struct task_struct *task, bool threadgroup',
  cgroup_notify_populated: 'struct cgroup *cgrp, const char *path, int val',
  cgroup_notify_frozen: 'struct cgroup *cgrp, const char *path, int val',
  inet_sock_set_state: 'const struct sock *sk, const int oldstate, const int newstate',
} as const

/** Those of parts that a kernel in user space does not have: programs are put on them and never run. */
const silent = {
  // one hierarchy of groups, which stands from the boot on; its groups keep their names
  cgroup_setup_root: 'struct cgroup_root *root',
  cgroup_destroy_root: 'struct cgroup_root *root',
  cgroup_remount: 'struct cgroup_root *root',
  cgroup_rename: 'struct cgroup *cgrp, const char *path',
  cgroup_transfer_tasks: 'struct cgroup *dst_cgrp, const char *path, struct task_struct *task, bool threadgroup',
  // a module's code cannot be run: each is refused when it has been checked
  module_load: 'struct module *mod',
  module_free: 'struct module *mod',
  module_get: 'struct module *mod, unsigned long ip',
  module_put: 'struct module *mod, unsigned long ip',
  // the host schedules
  sched_migrate_task: 'struct task_struct *p, int dest_cpu',
  sched_stat_runtime: 'struct task_struct *tsk, u64 runtime',
  sched_wait_task: 'struct task_struct *p',
  sched_process_hang: 'struct task_struct *tsk',
  // memory, processors and timers are the host's
  page_fault_user: 'unsigned long address, struct pt_regs *regs, unsigned long error_code',
  page_fault_kernel: 'unsigned long address, struct pt_regs *regs, unsigned long error_code',
  rss_stat: 'struct mm_struct *mm, int member',
  mark_victim: 'struct task_struct *task, uid_t uid',
  kmalloc: 'unsigned long call_site, const void *ptr, size_t bytes_req, size_t bytes_alloc, gfp_t gfp_flags, int node',
  kfree: 'unsigned long call_site, const void *ptr',
  mm_page_alloc: 'struct page *page, unsigned int order, gfp_t gfp_flags, int migratetype',
  mm_page_free: 'struct page *page, unsigned int order',
  mm_vmscan_direct_reclaim_begin: 'int order, gfp_t gfp_flags',
  mm_vmscan_direct_reclaim_end: 'unsigned long nr_reclaimed',
  contention_begin: 'void *lock, unsigned int flags',
  contention_end: 'void *lock, int ret',
  irq_handler_entry: 'int irq, struct irqaction *action',
  irq_handler_exit: 'int irq, struct irqaction *action, int ret',
  softirq_raise: 'unsigned int vec_nr',
  softirq_entry: 'unsigned int vec_nr',
  softirq_exit: 'unsigned int vec_nr',
  cpu_idle: 'unsigned int state, unsigned int cpu_id',
  cpu_frequency: 'unsigned int frequency, unsigned int cpu_id',
  workqueue_execute_start: 'struct work_struct *work',
  timer_start: 'struct timer_list *timer, unsigned long bucket_expiry',
  timer_expire_entry: 'struct timer_list *timer, unsigned long baseclk',
  // there is no block layer
  block_rq_insert: 'struct request *rq',
  block_rq_issue: 'struct request *rq',
  block_io_start: 'struct request *rq',
  block_io_done: 'struct request *rq',
  // sockets hand data over by calls of functions
  tcp_retransmit_skb: 'const struct sock *sk, const struct sk_buff *skb',
  tcp_destroy_sock: 'struct sock *sk',
  tcp_receive_reset: 'struct sock *sk',
  tcp_probe: 'struct sock *sk, struct sk_buff *skb',
  tcp_rcv_space_adjust: 'struct sock *sk',
  net_dev_queue: 'struct sk_buff *skb',
  net_dev_xmit: 'struct sk_buff *skb, int rc, struct net_device *dev, unsigned int skb_len',
  netif_receive_skb: 'struct sk_buff *skb',
  netif_rx: 'struct sk_buff *skb',
  napi_poll: 'struct napi_struct *napi, int work, int budget',
  consume_skb: 'struct sk_buff *skb, void *location',
  sock_exceed_buf_limit: 'struct sock *sk, struct proto *prot, long allocated, int kind',
  sock_rcvqueue_full: 'struct sock *sk, struct sk_buff *skb',
  inet_sk_error_report: 'const struct sock *sk',
} as const

export const tracepointDefs = { ...reached, ...silent } as const

export type TracepointName = keyof typeof tracepointDefs
export const tracepointNames = Object.keys(tracepointDefs) as TracepointName[]
/** Tracepoints that a program may be put on, where it never runs. */
export const silentTracepoints: ReadonlySet<string> = new Set(Object.keys(silent))
