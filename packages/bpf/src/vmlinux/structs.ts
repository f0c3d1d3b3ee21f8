/** Structs of our kernel that core has no field table for: kernel names, in an order and layout of our own. */
import { attrStructs } from './bpf-attr.ts'
import { CGROUP_SUBSYS } from '../kobject/group-members.ts'

/**
 * Bodies as C members. A program compiled against a real kernel's types finds its fields here by CO-RE; one that is
 * not here is told apart by `bpf_core_field_exists`, or poisons the access.
 */
export const structs: Readonly<Record<string, string>> = {
  'struct anon_kuid_t': 'uid_t val',
  'struct anon_kgid_t': 'gid_t val',
  'struct anon_kernel_cap_t': 'u64 val',
  'struct anon_atomic_t': 'int counter',
  'struct anon_atomic64_t': 's64 counter',
  'struct refcount_struct': 'atomic_t refs',
  'struct anon_sigset_t': 'unsigned long sig[1]',
  'struct anon_sockptr_t': 'void *user; bool is_kernel',
  'struct hlist_node': 'struct hlist_node *next; struct hlist_node **pprev',
  'struct hlist_head': 'struct hlist_node *first',
  'struct list_head': 'struct list_head *next; struct list_head *prev',
  'struct path': 'struct vfsmount *mnt; struct dentry *dentry',
  'struct qstr': 'u32 hash; u32 len; const unsigned char *name',
  'struct vfsmount': 'struct dentry *mnt_root; struct super_block *mnt_sb; int mnt_flags; struct mnt_idmap *mnt_idmap',
  'struct mount':
    'struct mount *mnt_parent; struct dentry *mnt_mountpoint; struct vfsmount mnt; const char *mnt_devname; ' +
    'struct mnt_namespace *mnt_ns; int mnt_id; u64 mnt_id_unique; int mnt_group_id',
  'struct file_system_type': 'const char *name; int fs_flags',
  'struct fown_struct': 'struct file *file; struct pid *pid; kuid_t uid; kuid_t euid; int signum',
  'struct fs_struct': 'int users; int umask; struct path root; struct path pwd',
  'struct files_struct':
    'atomic_t count; struct fdtable *fdt; struct fdtable fdtab; unsigned int next_fd; ' +
    'unsigned long open_fds_init[16]; unsigned long close_on_exec_init[16]; struct file *fd_array[256]',
  'struct fdtable':
    'unsigned int max_fds; struct file **fd; unsigned long *close_on_exec; unsigned long *open_fds',
  'struct sighand_struct': 'refcount_t count; struct k_sigaction action[64]',
  'struct k_sigaction': 'struct sigaction sa',
  'struct sigaction': 'void *sa_handler; unsigned long sa_flags; sigset_t sa_mask',
  'struct sigpending': 'sigset_t signal',
  'struct thread_info': 'unsigned long flags; unsigned long syscall_work; u32 status',
  'struct seccomp': 'int mode',
  'struct filename': 'const char *name',
  'struct open_flags': 'int open_flag; umode_t mode; int acc_mode; int intent; int lookup_flags',
  'struct kernel_clone_args': 'u64 flags; int exit_signal; int cgroup',
  'struct renamedata':
    'struct mnt_idmap *old_mnt_idmap; struct inode *old_dir; struct dentry *old_dentry; ' +
    'struct mnt_idmap *new_mnt_idmap; struct inode *new_dir; struct dentry *new_dentry; unsigned int flags',
  'struct iattr':
    'unsigned int ia_valid; umode_t ia_mode; kuid_t ia_uid; kgid_t ia_gid; loff_t ia_size; time64_t ia_atime_sec; ' +
    'u32 ia_atime_nsec; time64_t ia_mtime_sec; u32 ia_mtime_nsec; struct file *ia_file; ' +
    'struct timespec64 ia_atime; struct timespec64 ia_mtime',
  'struct xattr': 'const char *name; void *value; size_t value_len',
  'struct fs_context':
    'struct file_system_type *fs_type; struct dentry *root; const struct cred *cred; struct user_namespace *user_ns; ' +
    'void *security; const char *source; unsigned int sb_flags; unsigned int sb_flags_mask; ' +
    'enum fs_context_purpose purpose; ' +
    'void *fs_private',
  'struct fs_parameter':
    'const char *key; enum fs_value_type type; char *string; void *blob; struct file *file; size_t size',
  'struct kernfs_node': 'const char *name; struct kernfs_node *parent; umode_t mode; u64 id',
  'struct block_device': 'dev_t bd_dev; void *security',
  'struct uid_gid_extent': 'u32 first; u32 lower_first; u32 count',
  'struct uid_gid_map': 'struct uid_gid_extent extent[5]; u32 nr_extents',
  'struct mnt_idmap': 'struct uid_gid_map uid_map; struct uid_gid_map gid_map',
  // one id by two names
  'struct posix_acl_entry': 'short e_tag; unsigned short e_perm; @4 kuid_t e_uid; @4 kgid_t e_gid',
  'struct posix_acl': 'unsigned int a_count; struct posix_acl_entry a_entries[0]',
  'struct audit_field': 'u32 type; u32 op; void *lsm_rule',
  'struct audit_krule': 'u32 field_count; struct audit_field *fields',
  'struct bpf_raw_tracepoint_args': '__u64 args[0]',
  'struct ns_common': 'unsigned int inum',
  'struct user_namespace':
    'struct uid_gid_map uid_map; struct uid_gid_map gid_map; ' +
    'struct user_namespace *parent; int level; kuid_t owner; kgid_t group; unsigned long flags; ' +
    'bool parent_could_setfcap; struct ns_common ns',
  'struct nsproxy':
    'struct uts_namespace *uts_ns; struct ipc_namespace *ipc_ns; struct mnt_namespace *mnt_ns; ' +
    'struct pid_namespace *pid_ns_for_children; struct net *net_ns; struct time_namespace *time_ns; ' +
    'struct time_namespace *time_ns_for_children; struct cgroup_namespace *cgroup_ns',
  'struct new_utsname':
    'char sysname[65]; char nodename[65]; char release[65]; char version[65]; char machine[65]; char domainname[65]',
  'struct uts_namespace': 'struct new_utsname name; struct user_namespace *user_ns; struct ns_common ns',
  'struct ipc_namespace': 'struct user_namespace *user_ns; struct ns_common ns',
  'struct mnt_namespace': 'struct ns_common ns; struct user_namespace *user_ns; u64 seq',
  'struct net':
    'struct user_namespace *user_ns; struct ns_common ns; u64 net_cookie; struct net_device *loopback_dev; u32 ifindex',
  'struct time_namespace': 'struct user_namespace *user_ns; struct ns_common ns',
  'struct cgroup_namespace': 'struct ns_common ns; struct user_namespace *user_ns',
  'struct pid_namespace':
    'struct task_struct *child_reaper; unsigned int level; struct pid_namespace *parent; ' +
    'struct user_namespace *user_ns; struct ns_common ns',
  'struct upid': 'int nr; struct pid_namespace *ns',
  // namespaces may lie 33 deep; an address is kept for each byte of the largest struct
  'struct pid': 'unsigned int level; struct upid numbers[24]',
  'struct group_info': 'refcount_t usage; int ngroups; kgid_t gid[0]',
  'struct rlimit': 'unsigned long rlim_cur; unsigned long rlim_max',
  'struct signal_struct':
    'int pgid; int sid; struct rlimit rlim[16]; short oom_score_adj; bool is_child_subreaper; ' +
    'struct tty_struct *tty; refcount_t sigcnt; atomic_t live; int nr_threads; struct list_head thread_head; ' +
    'struct sigpending shared_pending; int group_exit_code; unsigned int flags; bool has_child_subreaper; ' +
    'struct pid *pids[4]; int leader; short oom_score_adj_min; u64 cutime; u64 cstime',
  'struct tty_struct': 'int index; char name[64]',
  'struct linux_binprm':
    'struct file *executable; struct file *file; struct cred *cred; struct mm_struct *mm; ' +
    'struct vm_area_struct *vma; const char *filename; ' +
    'const char *interp; int unsafe; unsigned int per_clear; int argc; int envc; u8 secureexec; ' +
    'u8 point_of_no_return; ' +
    'char buf[256]; struct file *interpreter; unsigned int comm_from_dentry; struct rlimit rlim_stack',
  'struct kernel_siginfo':
    'int si_signo; int si_errno; int si_code; pid_t si_pid; kuid_t si_uid; union __sifields _sifields',
  'union __sifields':
    'struct anon___sifields__kill _kill; struct anon___sifields__rt _rt; struct anon___sifields__sigchld _sigchld',
  'struct anon___sifields__kill': '__kernel_pid_t _pid; __kernel_uid32_t _uid',
  'struct anon___sifields__rt': '__kernel_pid_t _pid; __kernel_uid32_t _uid',
  'struct anon___sifields__sigchld': '__kernel_pid_t _pid; __kernel_uid32_t _uid',
  'struct mm_struct':
    'int users; unsigned long total_vm; unsigned long locked_vm; unsigned long data_vm; unsigned long stack_vm; ' +
    'unsigned long start_brk; unsigned long brk; unsigned long start_stack; unsigned long start_code; ' +
    'unsigned long end_code; ' +
    'unsigned long arg_start; unsigned long arg_end; unsigned long env_start; unsigned long env_end; int dumpable; ' +
    'struct user_namespace *user_ns; struct file *exe_file; atomic_t mm_users; atomic_t mm_count; int map_count; ' +
    'unsigned long flags',
  'struct vm_area_struct':
    'unsigned long vm_start; unsigned long vm_end; vm_flags_t vm_flags; unsigned long vm_pgoff; ' +
    'struct file *vm_file; ' +
    'struct mm_struct *vm_mm',
  'struct kern_ipc_perm':
    'bool deleted; int id; int key; kuid_t uid; kgid_t gid; kuid_t cuid; kgid_t cgid; umode_t mode; ' +
    'unsigned long seq; ' +
    'void *security',
  'struct msg_msg': 'long m_type; size_t m_ts; void *security',
  'struct sembuf': 'unsigned short sem_num; short sem_op; short sem_flg',
  'struct key_type': 'const char *name',
  'struct key':
    'key_serial_t serial; struct key_type *type; char *description; kuid_t uid; kgid_t gid; key_perm_t perm; ' +
    'unsigned long flags; void *security; refcount_t usage; short state; time64_t expiry; time64_t revoked_at; ' +
    'unsigned short quotalen; unsigned short datalen; struct key_user *user; struct keyring_index_key index_key',
  'struct key_user': 'kuid_t uid; atomic_t nkeys; atomic_t nikeys; int qnkeys; int qnbytes',
  'struct keyring_index_key': 'struct key_type *type; const char *description; unsigned short desc_len',
  'struct sockaddr': 'sa_family_t sa_family; char sa_data[14]',
  'struct in_addr': '__be32 s_addr',
  'struct sockaddr_in': 'sa_family_t sin_family; __be16 sin_port; struct in_addr sin_addr; unsigned char pad[8]',
  'struct in6_addr': 'union anon_in6_addr_in6_u in6_u',
  'union anon_in6_addr_in6_u': '__u8 u6_addr8[16]; __be16 u6_addr16[8]; __be32 u6_addr32[4]',
  'struct sockaddr_in6':
    'unsigned short sin6_family; __be16 sin6_port; __be32 sin6_flowinfo; struct in6_addr sin6_addr; ' +
    '__u32 sin6_scope_id',
  'struct sockaddr_un': 'sa_family_t sun_family; char sun_path[108]',
  'struct msghdr':
    'void *msg_name; int msg_namelen; unsigned int msg_flags; struct iov_iter msg_iter',
  'struct iov_iter':
    'u8 iter_type; bool data_source; size_t iov_offset; const struct iovec *__iov; void *ubuf; size_t count; ' +
    'unsigned long nr_segs; struct iovec __ubuf_iovec',
  'struct iovec': 'void *iov_base; size_t iov_len',
  'struct sockaddr_ll':
    'unsigned short sll_family; __be16 sll_protocol; int sll_ifindex; unsigned short sll_hatype; ' +
    'unsigned char sll_pkttype; unsigned char sll_halen; unsigned char sll_addr[8]',
  'struct sockaddr_nl': 'sa_family_t nl_family; unsigned short nl_pad; __u32 nl_pid; __u32 nl_groups',
  'struct net_device': 'char name[16]; int ifindex; possible_net_t nd_net',
  'struct sk_buff':
    'struct sock *sk; struct net_device *dev; unsigned int len; __be16 protocol; u16 transport_header; ' +
    'u16 network_header; u32 secmark; u32 mark; unsigned char *head; unsigned char *data; u32 hash; int skb_iif',
  'struct request_sock': 'u32 secid; u32 peer_secid; struct sock *rsk_listener',
  'struct flowi_common': 'u32 flowic_secid; u32 flowic_mark; u8 flowic_proto',
  'struct xfrm_sec_ctx': 'u8 ctx_doi; u8 ctx_alg; u16 ctx_len; u32 ctx_sid',
  'struct xfrm_user_sec_ctx': 'u16 len; u16 exttype; u8 ctx_alg; u8 ctx_doi; u16 ctx_len',
  'struct xfrm_state': 'struct xfrm_sec_ctx *security',
  'struct xfrm_policy': 'struct xfrm_sec_ctx *security',
  'struct sctp_endpoint_common': 'struct sock *sk',
  'struct sctp_association': 'struct sctp_endpoint_common base; u32 secid; u32 peer_secid',
  // the first of `struct sock`, which has some of them flat besides
  'struct sock_common':
    '__be32 skc_daddr; __be32 skc_rcv_saddr; __be16 skc_dport; u16 skc_num; unsigned short skc_family; ' +
    'volatile unsigned char skc_state; int skc_bound_dev_if; struct proto *skc_prot; possible_net_t skc_net; ' +
    'struct in6_addr skc_v6_daddr; struct in6_addr skc_v6_rcv_saddr; refcount_t skc_refcnt',
  'struct anon_possible_net_t': 'struct net *net',
  'struct inet_sock': 'struct sock sk; __be32 inet_saddr; __be16 inet_sport',
  'struct unix_address': 'refcount_t refcnt; int len; struct sockaddr_un name[1]',
  // behind what an inet_sock has, so that each member has a place of its own
  'struct unix_sock': 'struct sock sk; __u64 __filler[4]; struct unix_address *addr; struct sock *peer',
  'struct bpf_local_storage_map': 'struct bpf_map map',
  'struct bpf_local_storage': 'struct bpf_local_storage_map *smap; void *owner',
  'struct hlist_bl_node': 'struct hlist_bl_node **pprev',
  'struct user_struct': 'refcount_t __count; kuid_t uid',
  'struct timespec64': 'time64_t tv_sec; long tv_nsec',
  'struct timezone': 'int tz_minuteswest; int tz_dsttime',
  'struct perf_event': 'u32 type; u64 config; void *security; struct perf_event_attr attr',
  'struct perf_event_attr': 'u32 type; u64 config',
  // as the header of our maps (maps/bpf-map.ts)
  'struct bpf_map':
    '@24 enum bpf_map_type map_type; @28 u32 key_size; @32 u32 value_size; @36 u32 max_entries; @40 u64 map_extra; ' +
    '@48 u32 map_flags; @52 u32 id; @96 char name[16]; @240 void *security',
  'struct bpf_prog_aux':
    'u32 id; u32 attach_btf_id; bool sleepable; char name[16]; void *security; u64 load_time; u32 used_map_cnt; ' +
    'struct bpf_prog *prog; struct bpf_token *token; atomic64_t refcnt; u32 verified_insns',
  'struct bpf_prog':
    'enum bpf_prog_type type; enum bpf_attach_type expected_attach_type; u32 len; struct bpf_prog_aux *aux; ' +
    'bool sleepable; u32 jited_len; u8 tag[8]',
  'struct bpf_link': 'u32 id; enum bpf_link_type type; struct bpf_prog *prog; atomic64_t refcnt',
  'struct bpf_token': 'u64 allowed_cmds; u64 allowed_maps; u64 allowed_progs; u64 allowed_attachs; void *security',
  ...attrStructs,
  'struct io_uring_cmd': 'struct file *file; u32 cmd_op; u32 flags',
  'struct watch_notification': '__u32 type; __u32 info',
  'struct lsm_ctx': '__u64 id; __u64 flags; __u64 len; __u64 ctx_len; __u8 ctx[0]',
  'struct bpf_iter_meta': 'struct seq_file *seq; u64 session_id; u64 seq_num',
  'struct seq_file': 'char *buf; size_t size; size_t count',
  // what kfuncs take and give
  'struct cgroup_subsys_state':
    'struct cgroup *cgroup; struct cgroup_subsys *ss; int id; u64 serial_nr; struct cgroup_subsys_state *parent; ' +
    'unsigned int flags',
  'struct cgroup_subsys': 'int id; const char *name; const char *legacy_name; struct cgroup_root *root',
  'struct cgroup_root':
    'struct cgroup cgrp; int hierarchy_id; unsigned int subsys_mask; char name[64]; struct kernfs_root *kf_root',
  'struct kernfs_root': 'struct kernfs_node *kn',
  'struct cgroup':
    'struct cgroup_subsys_state self; int level; struct kernfs_node *kn; struct cgroup *dom_cgrp; ' +
    'struct bpf_local_storage *bpf_cgrp_storage; struct cgroup *ancestors[16]; struct cgroup_root *root; ' +
    'int max_depth; int max_descendants; int nr_descendants; int nr_dying_descendants; ' +
    'int nr_populated_domain_children; int nr_populated_threaded_children; int nr_threaded_children; ' +
    'u16 subtree_control; unsigned long flags; struct cgroup_freezer_state freezer',
  'struct cgroup_freezer_state': 'bool freeze; int e_freeze',
  'struct css_set': `struct cgroup_subsys_state *subsys[${CGROUP_SUBSYS.length}]; struct cgroup *dfl_cgrp`,
  'struct cpumask': 'unsigned long bits[2]',
  'struct bpf_cpumask': 'struct cpumask cpumask; refcount_t usage',
  'struct bpf_key': 'struct key *key; bool has_ref',
  'struct bpf_dynptr': '__u64 opaque[2]',
  'struct bpf_iter_num': '__u64 opaque[1]',
  'struct bpf_iter_bits': '__u64 opaque[2]',
  'struct bpf_iter_task': '__u64 opaque[3]',
  'struct bpf_iter_task_vma': '__u64 opaque[1]',
  'struct bpf_iter_css': '__u64 opaque[3]',
  'struct bpf_iter_css_task': '__u64 opaque[1]',
  'struct bpf_wq': '__u64 opaque[2]',
  'struct bpf_timer': '__u64 opaque[2]',
  'struct bpf_spin_lock': '__u32 val',
  'struct bpf_refcount': '__u32 opaque[1]',
  'struct bpf_list_head': '__u64 opaque[2]',
  'struct bpf_list_node': '__u64 opaque[3]',
  'struct bpf_rb_root': '__u64 opaque[2]',
  'struct bpf_rb_node': '__u64 opaque[4]',
  'struct pt_regs':
    'unsigned long r15; unsigned long r14; unsigned long r13; unsigned long r12; unsigned long bp; unsigned long bx; ' +
    'unsigned long r11; unsigned long r10; unsigned long r9; unsigned long r8; unsigned long ax; unsigned long cx; ' +
    'unsigned long dx; unsigned long si; unsigned long di; unsigned long orig_ax; unsigned long ip; ' +
    'unsigned long cs; ' +
    'unsigned long flags; unsigned long sp; unsigned long ss; ' +
    '@136 u64 csx; @136 struct fred_cs fred_cs; @160 u64 ssx; @160 struct fred_ss fred_ss',
}

/** Put behind the members that core's field table has: what a kernel keeps beside what LSMs look at. */
export const additions: Readonly<Record<string, string>> = {
  'struct task_struct':
    'struct nsproxy *nsproxy; struct pid *thread_pid; u64 start_time; u64 start_boottime; int exit_signal; ' +
    'u64 self_exec_id; u64 parent_exec_id; struct css_set *cgroups; struct bpf_local_storage *bpf_storage; ' +
    'struct thread_info thread_info; unsigned int __state; void *stack; unsigned long jobctl; ' +
    'bool frozen; bool sched_reset_on_fork; struct list_head children; struct list_head sibling; ' +
    'struct list_head thread_node; ' +
    'struct sighand_struct *sighand; sigset_t blocked; struct sigpending pending; struct seccomp seccomp; ' +
    'unsigned long ptrace_message; kernel_siginfo_t *last_siginfo; u64 timer_slack_ns; u64 default_timer_slack_ns; ' +
    'int prio; int normal_prio; int nr_cpus_allowed; cpumask_t cpus_mask',
  'struct cred': 'struct user_struct *user',
  'struct dentry':
    'struct hlist_bl_node d_hash; unsigned char d_iname[40]',
  'struct super_block':
    'const struct super_operations *s_op; void *s_security; unsigned char s_blocksize_bits; atomic_t s_active; ' +
    'int s_stack_depth',
  'struct inode':
    'const struct inode_operations *i_op; const struct file_operations *i_fop; void *i_security; ' +
    'unsigned int __i_nlink; u8 i_blkbits; atomic_t i_count; atomic_t i_readcount; struct posix_acl *i_acl; ' +
    'struct posix_acl *i_default_acl; struct pipe_inode_info *i_pipe; char *i_link; enum rw_hint i_write_hint',
  'struct file': 'const struct file_operations *f_op; void *f_security',
  'struct socket': 'const struct proto_ops *ops',
  'struct sock':
    'u8 sk_kern_sock; u8 sk_shutdown; int sk_err; u32 sk_ack_backlog; u32 sk_max_ack_backlog; ' +
    'struct bpf_local_storage *sk_bpf_storage; void *sk_security; int sk_rcvbuf; int sk_sndbuf; u32 sk_priority',
}

/** Of members that core has as plain numbers or as its own: the type in Linux; null for one that Linux has not. */
export const retyped: Readonly<Record<string, string | null>> = {
  'cred.usage': 'atomic_long_t', 'file.f_count': 'atomic_long_t', 'inode.i_writecount': 'atomic_t',
  'sock.sk_peer_pid': 'struct pid *', 'socket.state': 'enum anon_socket_state', 'task_struct.thread': null,
}

/** Put in front of the members that core's field table has. */
export const fronts: Readonly<Record<string, string>> = {
  'struct sock': 'struct sock_common __sk_common',
}
