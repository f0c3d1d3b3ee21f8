/** Structs of our kernel that core has no field table for: kernel names, in an order and layout of our own. */
import { CGROUP_SUBSYS } from '../kobject/group-members.ts'

/**
 * Bodies as C members. A program compiled against a real kernel's types finds its fields here by CO-RE; one that is
 * not here is told apart by `bpf_core_field_exists`, or poisons the access.
 */
export const structs: Readonly<Record<string, string>> = {
  'struct anon_kuid': 'uid_t val',
  'struct anon_kgid': 'gid_t val',
  'struct anon_kernel_cap': 'u64 val',
  'struct anon_sockptr': 'void *user; bool is_kernel',
  'struct hlist_node': 'struct hlist_node *next; struct hlist_node **pprev',
  'struct hlist_head': 'struct hlist_node *first',
  'struct list_head': 'struct list_head *next; struct list_head *prev',
  'struct path': 'struct vfsmount *mnt; struct dentry *dentry',
  'struct qstr': 'u32 hash; u32 len; const unsigned char *name',
  'struct vfsmount': 'struct dentry *mnt_root; struct super_block *mnt_sb; int mnt_flags; struct mnt_idmap *mnt_idmap',
  'struct mount':
    'struct mount *mnt_parent; struct dentry *mnt_mountpoint; struct vfsmount mnt; const char *mnt_devname; ' +
    'struct mnt_namespace *mnt_ns; int mnt_id',
  'struct file_system_type': 'const char *name; int fs_flags',
  'struct fown_struct': 'struct file *file; int pid; kuid_t uid; kuid_t euid; int signum',
  'struct fs_struct': 'int users; int umask; struct path root; struct path pwd',
  'struct files_struct': 'int count',
  'struct iattr':
    'unsigned int ia_valid; umode_t ia_mode; kuid_t ia_uid; kgid_t ia_gid; loff_t ia_size; time64_t ia_atime_sec; ' +
    'u32 ia_atime_nsec; time64_t ia_mtime_sec; u32 ia_mtime_nsec; struct file *ia_file',
  'struct xattr': 'const char *name; void *value; size_t value_len',
  'struct fs_context':
    'struct file_system_type *fs_type; struct dentry *root; const struct cred *cred; struct user_namespace *user_ns; ' +
    'void *security; const char *source; unsigned int sb_flags; unsigned int sb_flags_mask; int purpose; ' +
    'void *fs_private',
  'struct fs_parameter': 'const char *key; int type; const char *string; struct file *file',
  'struct kernfs_node': 'const char *name; struct kernfs_node *parent; umode_t mode; u64 id',
  'struct block_device': 'dev_t bd_dev; void *security',
  'struct uid_gid_extent': 'u32 first; u32 lower_first; u32 count',
  'struct ns_common': 'unsigned int inum',
  'struct user_namespace':
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
  'struct net': 'struct user_namespace *user_ns; struct ns_common ns',
  'struct time_namespace': 'struct user_namespace *user_ns; struct ns_common ns',
  'struct cgroup_namespace': 'struct ns_common ns; struct user_namespace *user_ns',
  'struct pid_namespace':
    'struct task_struct *child_reaper; unsigned int level; struct pid_namespace *parent; ' +
    'struct user_namespace *user_ns; struct ns_common ns',
  'struct upid': 'int nr; struct pid_namespace *ns',
  // namespaces may lie 33 deep; an address is kept for each byte of the largest struct
  'struct pid': 'unsigned int level; struct upid numbers[24]',
  'struct group_info': 'int usage; int ngroups; kgid_t gid[0]',
  'struct rlimit': 'unsigned long rlim_cur; unsigned long rlim_max',
  'struct signal_struct':
    'int pgid; int sid; struct rlimit rlim[16]; short oom_score_adj; bool is_child_subreaper; ' +
    'struct tty_struct *tty',
  'struct tty_struct': 'int index; char name[64]',
  'struct linux_binprm':
    'struct file *executable; struct file *file; struct cred *cred; struct mm_struct *mm; ' +
    'struct vm_area_struct *vma; const char *filename; ' +
    'const char *interp; int unsafe; unsigned int per_clear; int argc; int envc; u8 secureexec; ' +
    'u8 point_of_no_return; ' +
    'char buf[256]',
  'struct kernel_siginfo': 'int si_signo; int si_errno; int si_code; pid_t si_pid; kuid_t si_uid',
  'struct mm_struct':
    'int users; unsigned long total_vm; unsigned long locked_vm; unsigned long data_vm; unsigned long stack_vm; ' +
    'unsigned long start_brk; unsigned long brk; unsigned long start_stack; unsigned long start_code; ' +
    'unsigned long end_code; ' +
    'unsigned long arg_start; unsigned long arg_end; unsigned long env_start; unsigned long env_end; int dumpable; ' +
    'struct user_namespace *user_ns; struct file *exe_file',
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
    'key_serial_t serial; struct key_type *type; const char *description; kuid_t uid; kgid_t gid; key_perm_t perm; ' +
    'unsigned long flags; void *security',
  'struct sockaddr': 'sa_family_t sa_family; char sa_data[14]',
  'struct in_addr': '__be32 s_addr',
  'struct sockaddr_in': 'sa_family_t sin_family; __be16 sin_port; struct in_addr sin_addr; unsigned char pad[8]',
  'struct in6_addr': 'union anon_in6_u in6_u',
  'union anon_in6_u': '__u8 u6_addr8[16]; __be16 u6_addr16[8]; __be32 u6_addr32[4]',
  'struct sockaddr_in6':
    'unsigned short sin6_family; __be16 sin6_port; __be32 sin6_flowinfo; struct in6_addr sin6_addr; ' +
    '__u32 sin6_scope_id',
  'struct sockaddr_un': 'sa_family_t sun_family; char sun_path[108]',
  'struct msghdr': 'struct sockaddr *msg_name; int msg_namelen; unsigned int msg_flags',
  'struct sockaddr_ll':
    'unsigned short sll_family; __be16 sll_protocol; int sll_ifindex; unsigned short sll_hatype; ' +
    'unsigned char sll_pkttype; unsigned char sll_halen; unsigned char sll_addr[8]',
  'struct sockaddr_nl': 'sa_family_t nl_family; unsigned short nl_pad; __u32 nl_pid; __u32 nl_groups',
  'struct net_device': 'char name[16]; int ifindex',
  'struct sk_buff':
    'struct sock *sk; struct net_device *dev; unsigned int len; __be16 protocol; u16 transport_header; ' +
    'u16 network_header; u32 secmark; u32 mark; unsigned char *head; unsigned char *data',
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
  'struct anon_possible_net': 'struct net *net',
  'struct inet_sock': 'struct sock sk; __be32 inet_saddr; __be16 inet_sport',
  'struct unix_address': 'refcount_t refcnt; int len; struct sockaddr_un name[1]',
  // behind what an inet_sock has, so that each member has a place of its own
  'struct unix_sock': 'struct sock sk; @320 struct unix_address *addr; @328 struct sock *peer',
  'struct bpf_local_storage_map': 'struct bpf_map map',
  'struct bpf_local_storage': 'struct bpf_local_storage_map *smap; void *owner',
  'struct user_struct': 'refcount_t __count; kuid_t uid',
  'struct timespec64': 'time64_t tv_sec; long tv_nsec',
  'struct timezone': 'int tz_minuteswest; int tz_dsttime',
  'struct perf_event': 'u32 type; u64 config; void *security',
  // as the header of our maps (maps/bpf-map.ts)
  'struct bpf_map':
    '@24 unsigned int map_type; @28 u32 key_size; @32 u32 value_size; @36 u32 max_entries; @40 u64 map_extra; ' +
    '@48 u32 map_flags; @52 u32 id; @96 char name[16]; @240 void *security',
  'struct bpf_prog_aux': 'u32 id; u32 attach_btf_id; bool sleepable; char name[16]; void *security',
  'struct bpf_prog': 'u32 type; u32 expected_attach_type; u32 len; struct bpf_prog_aux *aux',
  'struct bpf_token': 'u64 allowed_cmds; u64 allowed_maps; u64 allowed_progs; u64 allowed_attachs; void *security',
  'union bpf_attr': 'u64 words[18]',
  'struct io_uring_cmd': 'struct file *file; u32 cmd_op; u32 flags',
  'struct watch_notification': '__u32 type; __u32 info',
  'struct lsm_ctx': '__u64 id; __u64 flags; __u64 len; __u64 ctx_len; __u8 ctx[0]',
  'struct bpf_iter_meta': 'struct seq_file *seq; u64 session_id; u64 seq_num',
  'struct seq_file': 'char *buf; size_t size; size_t count',
  // what kfuncs take and give
  'struct cgroup_subsys_state':
    'struct cgroup *cgroup; int id; u64 serial_nr; struct cgroup_subsys_state *parent',
  'struct cgroup':
    'struct cgroup_subsys_state self; int level; struct kernfs_node *kn; struct cgroup *dom_cgrp; ' +
    'struct bpf_local_storage *bpf_cgrp_storage; struct cgroup *ancestors[16]',
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
    'unsigned long flags; unsigned long sp; unsigned long ss',
}

/** Put behind the members that core's field table has: what a kernel keeps beside what LSMs look at. */
export const additions: Readonly<Record<string, string>> = {
  'struct task_struct':
    'struct nsproxy *nsproxy; struct pid *thread_pid; u64 start_time; u64 start_boottime; int exit_signal; ' +
    'u64 self_exec_id; u64 parent_exec_id; struct css_set *cgroups; struct bpf_local_storage *bpf_storage',
  'struct cred': 'struct user_struct *user',
  'struct super_block': 'const struct super_operations *s_op',
  'struct inode': 'const struct inode_operations *i_op; const struct file_operations *i_fop',
  'struct file': 'const struct file_operations *f_op',
  'struct socket': 'const struct proto_ops *ops',
  'struct sock':
    'u8 sk_kern_sock; u8 sk_shutdown; int sk_err; u32 sk_ack_backlog; u32 sk_max_ack_backlog; ' +
    'struct bpf_local_storage *sk_bpf_storage',
}

/** Put in front of the members that core's field table has. */
export const fronts: Readonly<Record<string, string>> = {
  'struct sock': 'struct sock_common __sk_common',
}
