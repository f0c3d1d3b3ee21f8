/**
 * The keys that the table of every release has. Written by scripts/generate-dispatch.ts, in full: an object
 * that hundreds of names are added to in a loop is slow, and nothing that is called through it folds.
 */
import { askKey, tellKey } from '../dispatch/key.ts'
import type { Answers } from '../dispatch/key.ts'

type AskKey = ReturnType<typeof askKey>
type TellKey = ReturnType<typeof tellKey>

export class SharedKeys {
  declare readonly binder_set_context_mgr: AskKey
  declare readonly binder_transaction: AskKey
  declare readonly binder_transfer_binder: AskKey
  declare readonly binder_transfer_file: AskKey
  declare readonly ptrace_access_check: AskKey
  declare readonly ptrace_traceme: AskKey
  declare readonly capget: AskKey
  declare readonly capset: AskKey
  declare readonly capable: AskKey
  declare readonly quotactl: AskKey
  declare readonly quota_on: AskKey
  declare readonly syslog: AskKey
  declare readonly settime: AskKey
  declare readonly vm_enough_memory: AskKey
  declare readonly bprm_creds_for_exec: AskKey
  declare readonly bprm_creds_from_file: AskKey
  declare readonly bprm_check_security: AskKey
  declare readonly bprm_committing_creds: TellKey
  declare readonly bprm_committed_creds: TellKey
  declare readonly fs_context_submount: AskKey
  declare readonly fs_context_dup: AskKey
  declare readonly fs_context_parse_param: AskKey
  declare readonly sb_alloc_security: AskKey
  declare readonly sb_delete: TellKey
  declare readonly sb_free_security: TellKey
  declare readonly sb_free_mnt_opts: TellKey
  declare readonly sb_eat_lsm_opts: AskKey
  declare readonly sb_mnt_opts_compat: AskKey
  declare readonly sb_remount: AskKey
  declare readonly sb_kern_mount: AskKey
  declare readonly sb_show_options: AskKey
  declare readonly sb_statfs: AskKey
  declare readonly sb_mount: AskKey
  declare readonly sb_umount: AskKey
  declare readonly sb_pivotroot: AskKey
  declare readonly sb_set_mnt_opts: AskKey
  declare readonly sb_clone_mnt_opts: AskKey
  declare readonly move_mount: AskKey
  declare readonly dentry_init_security: AskKey
  declare readonly dentry_create_files_as: AskKey
  declare readonly path_unlink: AskKey
  declare readonly path_mkdir: AskKey
  declare readonly path_rmdir: AskKey
  declare readonly path_mknod: AskKey
  declare readonly path_post_mknod: TellKey
  declare readonly path_truncate: AskKey
  declare readonly path_symlink: AskKey
  declare readonly path_link: AskKey
  declare readonly path_rename: AskKey
  declare readonly path_chmod: AskKey
  declare readonly path_chown: AskKey
  declare readonly path_chroot: AskKey
  declare readonly path_notify: AskKey
  declare readonly inode_alloc_security: AskKey
  declare readonly inode_free_security: TellKey
  declare readonly inode_free_security_rcu: TellKey
  declare readonly inode_init_security: AskKey
  declare readonly inode_init_security_anon: AskKey
  declare readonly inode_create: AskKey
  declare readonly inode_post_create_tmpfile: TellKey
  declare readonly inode_link: AskKey
  declare readonly inode_unlink: AskKey
  declare readonly inode_symlink: AskKey
  declare readonly inode_mkdir: AskKey
  declare readonly inode_rmdir: AskKey
  declare readonly inode_mknod: AskKey
  declare readonly inode_rename: AskKey
  declare readonly inode_readlink: AskKey
  declare readonly inode_follow_link: AskKey
  declare readonly inode_permission: AskKey
  declare readonly inode_setattr: AskKey
  declare readonly inode_post_setattr: TellKey
  declare readonly inode_getattr: AskKey
  declare readonly inode_xattr_skipcap: AskKey
  declare readonly inode_setxattr: AskKey
  declare readonly inode_post_setxattr: TellKey
  declare readonly inode_getxattr: AskKey
  declare readonly inode_listxattr: AskKey
  declare readonly inode_removexattr: AskKey
  declare readonly inode_post_removexattr: TellKey
  declare readonly inode_set_acl: AskKey
  declare readonly inode_post_set_acl: TellKey
  declare readonly inode_get_acl: AskKey
  declare readonly inode_remove_acl: AskKey
  declare readonly inode_post_remove_acl: TellKey
  declare readonly inode_need_killpriv: AskKey
  declare readonly inode_killpriv: AskKey
  declare readonly inode_getsecurity: AskKey
  declare readonly inode_setsecurity: AskKey
  declare readonly inode_listsecurity: AskKey
  declare readonly inode_copy_up: AskKey
  declare readonly inode_copy_up_xattr: AskKey
  declare readonly inode_setintegrity: AskKey
  declare readonly kernfs_init_security: AskKey
  declare readonly file_permission: AskKey
  declare readonly file_alloc_security: AskKey
  declare readonly file_release: TellKey
  declare readonly file_free_security: TellKey
  declare readonly file_ioctl: AskKey
  declare readonly file_ioctl_compat: AskKey
  declare readonly mmap_addr: AskKey
  declare readonly mmap_file: AskKey
  declare readonly file_mprotect: AskKey
  declare readonly file_lock: AskKey
  declare readonly file_fcntl: AskKey
  declare readonly file_set_fowner: TellKey
  declare readonly file_send_sigiotask: AskKey
  declare readonly file_receive: AskKey
  declare readonly file_open: AskKey
  declare readonly file_post_open: AskKey
  declare readonly file_truncate: AskKey
  declare readonly task_alloc: AskKey
  declare readonly task_free: TellKey
  declare readonly cred_alloc_blank: AskKey
  declare readonly cred_free: TellKey
  declare readonly cred_prepare: AskKey
  declare readonly cred_transfer: TellKey
  declare readonly cred_getsecid: TellKey
  declare readonly kernel_act_as: AskKey
  declare readonly kernel_create_files_as: AskKey
  declare readonly kernel_module_request: AskKey
  declare readonly kernel_load_data: AskKey
  declare readonly kernel_post_load_data: AskKey
  declare readonly kernel_read_file: AskKey
  declare readonly kernel_post_read_file: AskKey
  declare readonly task_fix_setuid: AskKey
  declare readonly task_fix_setgid: AskKey
  declare readonly task_fix_setgroups: AskKey
  declare readonly task_setpgid: AskKey
  declare readonly task_getpgid: AskKey
  declare readonly task_getsid: AskKey
  declare readonly task_setnice: AskKey
  declare readonly task_setioprio: AskKey
  declare readonly task_getioprio: AskKey
  declare readonly task_prlimit: AskKey
  declare readonly task_setrlimit: AskKey
  declare readonly task_setscheduler: AskKey
  declare readonly task_getscheduler: AskKey
  declare readonly task_movememory: AskKey
  declare readonly task_kill: AskKey
  declare readonly task_prctl: AskKey
  declare readonly task_to_inode: TellKey
  declare readonly userns_create: AskKey
  declare readonly ipc_permission: AskKey
  declare readonly msg_msg_alloc_security: AskKey
  declare readonly msg_msg_free_security: TellKey
  declare readonly msg_queue_alloc_security: AskKey
  declare readonly msg_queue_free_security: TellKey
  declare readonly msg_queue_associate: AskKey
  declare readonly msg_queue_msgctl: AskKey
  declare readonly msg_queue_msgsnd: AskKey
  declare readonly msg_queue_msgrcv: AskKey
  declare readonly shm_alloc_security: AskKey
  declare readonly shm_free_security: TellKey
  declare readonly shm_associate: AskKey
  declare readonly shm_shmctl: AskKey
  declare readonly shm_shmat: AskKey
  declare readonly sem_alloc_security: AskKey
  declare readonly sem_free_security: TellKey
  declare readonly sem_associate: AskKey
  declare readonly sem_semctl: AskKey
  declare readonly sem_semop: AskKey
  declare readonly netlink_send: AskKey
  declare readonly d_instantiate: TellKey
  declare readonly getselfattr: AskKey
  declare readonly setselfattr: AskKey
  declare readonly getprocattr: AskKey
  declare readonly setprocattr: AskKey
  declare readonly ismaclabel: AskKey
  declare readonly secid_to_secctx: AskKey
  declare readonly secctx_to_secid: AskKey
  declare readonly release_secctx: TellKey
  declare readonly inode_invalidate_secctx: TellKey
  declare readonly inode_notifysecctx: AskKey
  declare readonly inode_setsecctx: AskKey
  declare readonly inode_getsecctx: AskKey
  declare readonly post_notification: AskKey
  declare readonly watch_key: AskKey
  declare readonly unix_stream_connect: AskKey
  declare readonly unix_may_send: AskKey
  declare readonly socket_create: AskKey
  declare readonly socket_post_create: AskKey
  declare readonly socket_socketpair: AskKey
  declare readonly socket_bind: AskKey
  declare readonly socket_connect: AskKey
  declare readonly socket_listen: AskKey
  declare readonly socket_accept: AskKey
  declare readonly socket_sendmsg: AskKey
  declare readonly socket_recvmsg: AskKey
  declare readonly socket_getsockname: AskKey
  declare readonly socket_getpeername: AskKey
  declare readonly socket_getsockopt: AskKey
  declare readonly socket_setsockopt: AskKey
  declare readonly socket_shutdown: AskKey
  declare readonly socket_sock_rcv_skb: AskKey
  declare readonly socket_getpeersec_stream: AskKey
  declare readonly socket_getpeersec_dgram: AskKey
  declare readonly sk_alloc_security: AskKey
  declare readonly sk_free_security: TellKey
  declare readonly sk_clone_security: TellKey
  declare readonly sk_getsecid: TellKey
  declare readonly sock_graft: TellKey
  declare readonly inet_conn_request: AskKey
  declare readonly inet_csk_clone: TellKey
  declare readonly inet_conn_established: TellKey
  declare readonly secmark_relabel_packet: AskKey
  declare readonly secmark_refcount_inc: TellKey
  declare readonly secmark_refcount_dec: TellKey
  declare readonly req_classify_flow: TellKey
  declare readonly tun_dev_alloc_security: AskKey
  declare readonly tun_dev_create: AskKey
  declare readonly tun_dev_attach_queue: AskKey
  declare readonly tun_dev_attach: AskKey
  declare readonly tun_dev_open: AskKey
  declare readonly sctp_assoc_request: AskKey
  declare readonly sctp_bind_connect: AskKey
  declare readonly sctp_sk_clone: TellKey
  declare readonly sctp_assoc_established: AskKey
  declare readonly mptcp_add_subflow: AskKey
  declare readonly ib_pkey_access: AskKey
  declare readonly ib_endport_manage_subnet: AskKey
  declare readonly ib_alloc_security: AskKey
  declare readonly xfrm_policy_alloc_security: AskKey
  declare readonly xfrm_policy_clone_security: AskKey
  declare readonly xfrm_policy_free_security: TellKey
  declare readonly xfrm_policy_delete_security: AskKey
  declare readonly xfrm_state_alloc: AskKey
  declare readonly xfrm_state_alloc_acquire: AskKey
  declare readonly xfrm_state_free_security: TellKey
  declare readonly xfrm_state_delete_security: AskKey
  declare readonly xfrm_policy_lookup: AskKey
  declare readonly xfrm_state_pol_flow_match: AskKey
  declare readonly xfrm_decode_session: AskKey
  declare readonly key_alloc: AskKey
  declare readonly key_permission: AskKey
  declare readonly key_getsecurity: AskKey
  declare readonly key_post_create_or_update: TellKey
  declare readonly audit_rule_init: AskKey
  declare readonly audit_rule_known: AskKey
  declare readonly audit_rule_match: AskKey
  declare readonly audit_rule_free: TellKey
  declare readonly bpf: AskKey
  declare readonly bpf_map: AskKey
  declare readonly bpf_prog: AskKey
  declare readonly bpf_map_create: AskKey
  declare readonly bpf_map_free: TellKey
  declare readonly bpf_prog_load: AskKey
  declare readonly bpf_prog_free: TellKey
  declare readonly bpf_token_create: AskKey
  declare readonly bpf_token_free: TellKey
  declare readonly bpf_token_cmd: AskKey
  declare readonly bpf_token_capable: AskKey
  declare readonly locked_down: AskKey
  declare readonly perf_event_open: AskKey
  declare readonly perf_event_alloc: AskKey
  declare readonly perf_event_read: AskKey
  declare readonly perf_event_write: AskKey
  declare readonly uring_override_creds: AskKey
  declare readonly uring_sqpoll: AskKey
  declare readonly uring_cmd: AskKey
  declare readonly initramfs_populated: TellKey
  declare readonly bdev_alloc_security: AskKey
  declare readonly bdev_free_security: TellKey
  declare readonly bdev_setintegrity: AskKey

  constructor(answers: Answers) {
    this.binder_set_context_mgr = askKey(answers.binder_set_context_mgr!)
    this.binder_transaction = askKey(answers.binder_transaction!)
    this.binder_transfer_binder = askKey(answers.binder_transfer_binder!)
    this.binder_transfer_file = askKey(answers.binder_transfer_file!)
    this.ptrace_access_check = askKey(answers.ptrace_access_check!)
    this.ptrace_traceme = askKey(answers.ptrace_traceme!)
    this.capget = askKey(answers.capget!)
    this.capset = askKey(answers.capset!)
    this.capable = askKey(answers.capable!)
    this.quotactl = askKey(answers.quotactl!)
    this.quota_on = askKey(answers.quota_on!)
    this.syslog = askKey(answers.syslog!)
    this.settime = askKey(answers.settime!)
    this.vm_enough_memory = askKey(answers.vm_enough_memory!)
    this.bprm_creds_for_exec = askKey(answers.bprm_creds_for_exec!)
    this.bprm_creds_from_file = askKey(answers.bprm_creds_from_file!)
    this.bprm_check_security = askKey(answers.bprm_check_security!)
    this.bprm_committing_creds = tellKey(answers.bprm_committing_creds!)
    this.bprm_committed_creds = tellKey(answers.bprm_committed_creds!)
    this.fs_context_submount = askKey(answers.fs_context_submount!)
    this.fs_context_dup = askKey(answers.fs_context_dup!)
    this.fs_context_parse_param = askKey(answers.fs_context_parse_param!)
    this.sb_alloc_security = askKey(answers.sb_alloc_security!)
    this.sb_delete = tellKey(answers.sb_delete!)
    this.sb_free_security = tellKey(answers.sb_free_security!)
    this.sb_free_mnt_opts = tellKey(answers.sb_free_mnt_opts!)
    this.sb_eat_lsm_opts = askKey(answers.sb_eat_lsm_opts!)
    this.sb_mnt_opts_compat = askKey(answers.sb_mnt_opts_compat!)
    this.sb_remount = askKey(answers.sb_remount!)
    this.sb_kern_mount = askKey(answers.sb_kern_mount!)
    this.sb_show_options = askKey(answers.sb_show_options!)
    this.sb_statfs = askKey(answers.sb_statfs!)
    this.sb_mount = askKey(answers.sb_mount!)
    this.sb_umount = askKey(answers.sb_umount!)
    this.sb_pivotroot = askKey(answers.sb_pivotroot!)
    this.sb_set_mnt_opts = askKey(answers.sb_set_mnt_opts!)
    this.sb_clone_mnt_opts = askKey(answers.sb_clone_mnt_opts!)
    this.move_mount = askKey(answers.move_mount!)
    this.dentry_init_security = askKey(answers.dentry_init_security!)
    this.dentry_create_files_as = askKey(answers.dentry_create_files_as!)
    this.path_unlink = askKey(answers.path_unlink!)
    this.path_mkdir = askKey(answers.path_mkdir!)
    this.path_rmdir = askKey(answers.path_rmdir!)
    this.path_mknod = askKey(answers.path_mknod!)
    this.path_post_mknod = tellKey(answers.path_post_mknod!)
    this.path_truncate = askKey(answers.path_truncate!)
    this.path_symlink = askKey(answers.path_symlink!)
    this.path_link = askKey(answers.path_link!)
    this.path_rename = askKey(answers.path_rename!)
    this.path_chmod = askKey(answers.path_chmod!)
    this.path_chown = askKey(answers.path_chown!)
    this.path_chroot = askKey(answers.path_chroot!)
    this.path_notify = askKey(answers.path_notify!)
    this.inode_alloc_security = askKey(answers.inode_alloc_security!)
    this.inode_free_security = tellKey(answers.inode_free_security!)
    this.inode_free_security_rcu = tellKey(answers.inode_free_security_rcu!)
    this.inode_init_security = askKey(answers.inode_init_security!)
    this.inode_init_security_anon = askKey(answers.inode_init_security_anon!)
    this.inode_create = askKey(answers.inode_create!)
    this.inode_post_create_tmpfile = tellKey(answers.inode_post_create_tmpfile!)
    this.inode_link = askKey(answers.inode_link!)
    this.inode_unlink = askKey(answers.inode_unlink!)
    this.inode_symlink = askKey(answers.inode_symlink!)
    this.inode_mkdir = askKey(answers.inode_mkdir!)
    this.inode_rmdir = askKey(answers.inode_rmdir!)
    this.inode_mknod = askKey(answers.inode_mknod!)
    this.inode_rename = askKey(answers.inode_rename!)
    this.inode_readlink = askKey(answers.inode_readlink!)
    this.inode_follow_link = askKey(answers.inode_follow_link!)
    this.inode_permission = askKey(answers.inode_permission!)
    this.inode_setattr = askKey(answers.inode_setattr!)
    this.inode_post_setattr = tellKey(answers.inode_post_setattr!)
    this.inode_getattr = askKey(answers.inode_getattr!)
    this.inode_xattr_skipcap = askKey(answers.inode_xattr_skipcap!)
    this.inode_setxattr = askKey(answers.inode_setxattr!)
    this.inode_post_setxattr = tellKey(answers.inode_post_setxattr!)
    this.inode_getxattr = askKey(answers.inode_getxattr!)
    this.inode_listxattr = askKey(answers.inode_listxattr!)
    this.inode_removexattr = askKey(answers.inode_removexattr!)
    this.inode_post_removexattr = tellKey(answers.inode_post_removexattr!)
    this.inode_set_acl = askKey(answers.inode_set_acl!)
    this.inode_post_set_acl = tellKey(answers.inode_post_set_acl!)
    this.inode_get_acl = askKey(answers.inode_get_acl!)
    this.inode_remove_acl = askKey(answers.inode_remove_acl!)
    this.inode_post_remove_acl = tellKey(answers.inode_post_remove_acl!)
    this.inode_need_killpriv = askKey(answers.inode_need_killpriv!)
    this.inode_killpriv = askKey(answers.inode_killpriv!)
    this.inode_getsecurity = askKey(answers.inode_getsecurity!)
    this.inode_setsecurity = askKey(answers.inode_setsecurity!)
    this.inode_listsecurity = askKey(answers.inode_listsecurity!)
    this.inode_copy_up = askKey(answers.inode_copy_up!)
    this.inode_copy_up_xattr = askKey(answers.inode_copy_up_xattr!)
    this.inode_setintegrity = askKey(answers.inode_setintegrity!)
    this.kernfs_init_security = askKey(answers.kernfs_init_security!)
    this.file_permission = askKey(answers.file_permission!)
    this.file_alloc_security = askKey(answers.file_alloc_security!)
    this.file_release = tellKey(answers.file_release!)
    this.file_free_security = tellKey(answers.file_free_security!)
    this.file_ioctl = askKey(answers.file_ioctl!)
    this.file_ioctl_compat = askKey(answers.file_ioctl_compat!)
    this.mmap_addr = askKey(answers.mmap_addr!)
    this.mmap_file = askKey(answers.mmap_file!)
    this.file_mprotect = askKey(answers.file_mprotect!)
    this.file_lock = askKey(answers.file_lock!)
    this.file_fcntl = askKey(answers.file_fcntl!)
    this.file_set_fowner = tellKey(answers.file_set_fowner!)
    this.file_send_sigiotask = askKey(answers.file_send_sigiotask!)
    this.file_receive = askKey(answers.file_receive!)
    this.file_open = askKey(answers.file_open!)
    this.file_post_open = askKey(answers.file_post_open!)
    this.file_truncate = askKey(answers.file_truncate!)
    this.task_alloc = askKey(answers.task_alloc!)
    this.task_free = tellKey(answers.task_free!)
    this.cred_alloc_blank = askKey(answers.cred_alloc_blank!)
    this.cred_free = tellKey(answers.cred_free!)
    this.cred_prepare = askKey(answers.cred_prepare!)
    this.cred_transfer = tellKey(answers.cred_transfer!)
    this.cred_getsecid = tellKey(answers.cred_getsecid!)
    this.kernel_act_as = askKey(answers.kernel_act_as!)
    this.kernel_create_files_as = askKey(answers.kernel_create_files_as!)
    this.kernel_module_request = askKey(answers.kernel_module_request!)
    this.kernel_load_data = askKey(answers.kernel_load_data!)
    this.kernel_post_load_data = askKey(answers.kernel_post_load_data!)
    this.kernel_read_file = askKey(answers.kernel_read_file!)
    this.kernel_post_read_file = askKey(answers.kernel_post_read_file!)
    this.task_fix_setuid = askKey(answers.task_fix_setuid!)
    this.task_fix_setgid = askKey(answers.task_fix_setgid!)
    this.task_fix_setgroups = askKey(answers.task_fix_setgroups!)
    this.task_setpgid = askKey(answers.task_setpgid!)
    this.task_getpgid = askKey(answers.task_getpgid!)
    this.task_getsid = askKey(answers.task_getsid!)
    this.task_setnice = askKey(answers.task_setnice!)
    this.task_setioprio = askKey(answers.task_setioprio!)
    this.task_getioprio = askKey(answers.task_getioprio!)
    this.task_prlimit = askKey(answers.task_prlimit!)
    this.task_setrlimit = askKey(answers.task_setrlimit!)
    this.task_setscheduler = askKey(answers.task_setscheduler!)
    this.task_getscheduler = askKey(answers.task_getscheduler!)
    this.task_movememory = askKey(answers.task_movememory!)
    this.task_kill = askKey(answers.task_kill!)
    this.task_prctl = askKey(answers.task_prctl!)
    this.task_to_inode = tellKey(answers.task_to_inode!)
    this.userns_create = askKey(answers.userns_create!)
    this.ipc_permission = askKey(answers.ipc_permission!)
    this.msg_msg_alloc_security = askKey(answers.msg_msg_alloc_security!)
    this.msg_msg_free_security = tellKey(answers.msg_msg_free_security!)
    this.msg_queue_alloc_security = askKey(answers.msg_queue_alloc_security!)
    this.msg_queue_free_security = tellKey(answers.msg_queue_free_security!)
    this.msg_queue_associate = askKey(answers.msg_queue_associate!)
    this.msg_queue_msgctl = askKey(answers.msg_queue_msgctl!)
    this.msg_queue_msgsnd = askKey(answers.msg_queue_msgsnd!)
    this.msg_queue_msgrcv = askKey(answers.msg_queue_msgrcv!)
    this.shm_alloc_security = askKey(answers.shm_alloc_security!)
    this.shm_free_security = tellKey(answers.shm_free_security!)
    this.shm_associate = askKey(answers.shm_associate!)
    this.shm_shmctl = askKey(answers.shm_shmctl!)
    this.shm_shmat = askKey(answers.shm_shmat!)
    this.sem_alloc_security = askKey(answers.sem_alloc_security!)
    this.sem_free_security = tellKey(answers.sem_free_security!)
    this.sem_associate = askKey(answers.sem_associate!)
    this.sem_semctl = askKey(answers.sem_semctl!)
    this.sem_semop = askKey(answers.sem_semop!)
    this.netlink_send = askKey(answers.netlink_send!)
    this.d_instantiate = tellKey(answers.d_instantiate!)
    this.getselfattr = askKey(answers.getselfattr!)
    this.setselfattr = askKey(answers.setselfattr!)
    this.getprocattr = askKey(answers.getprocattr!)
    this.setprocattr = askKey(answers.setprocattr!)
    this.ismaclabel = askKey(answers.ismaclabel!)
    this.secid_to_secctx = askKey(answers.secid_to_secctx!)
    this.secctx_to_secid = askKey(answers.secctx_to_secid!)
    this.release_secctx = tellKey(answers.release_secctx!)
    this.inode_invalidate_secctx = tellKey(answers.inode_invalidate_secctx!)
    this.inode_notifysecctx = askKey(answers.inode_notifysecctx!)
    this.inode_setsecctx = askKey(answers.inode_setsecctx!)
    this.inode_getsecctx = askKey(answers.inode_getsecctx!)
    this.post_notification = askKey(answers.post_notification!)
    this.watch_key = askKey(answers.watch_key!)
    this.unix_stream_connect = askKey(answers.unix_stream_connect!)
    this.unix_may_send = askKey(answers.unix_may_send!)
    this.socket_create = askKey(answers.socket_create!)
    this.socket_post_create = askKey(answers.socket_post_create!)
    this.socket_socketpair = askKey(answers.socket_socketpair!)
    this.socket_bind = askKey(answers.socket_bind!)
    this.socket_connect = askKey(answers.socket_connect!)
    this.socket_listen = askKey(answers.socket_listen!)
    this.socket_accept = askKey(answers.socket_accept!)
    this.socket_sendmsg = askKey(answers.socket_sendmsg!)
    this.socket_recvmsg = askKey(answers.socket_recvmsg!)
    this.socket_getsockname = askKey(answers.socket_getsockname!)
    this.socket_getpeername = askKey(answers.socket_getpeername!)
    this.socket_getsockopt = askKey(answers.socket_getsockopt!)
    this.socket_setsockopt = askKey(answers.socket_setsockopt!)
    this.socket_shutdown = askKey(answers.socket_shutdown!)
    this.socket_sock_rcv_skb = askKey(answers.socket_sock_rcv_skb!)
    this.socket_getpeersec_stream = askKey(answers.socket_getpeersec_stream!)
    this.socket_getpeersec_dgram = askKey(answers.socket_getpeersec_dgram!)
    this.sk_alloc_security = askKey(answers.sk_alloc_security!)
    this.sk_free_security = tellKey(answers.sk_free_security!)
    this.sk_clone_security = tellKey(answers.sk_clone_security!)
    this.sk_getsecid = tellKey(answers.sk_getsecid!)
    this.sock_graft = tellKey(answers.sock_graft!)
    this.inet_conn_request = askKey(answers.inet_conn_request!)
    this.inet_csk_clone = tellKey(answers.inet_csk_clone!)
    this.inet_conn_established = tellKey(answers.inet_conn_established!)
    this.secmark_relabel_packet = askKey(answers.secmark_relabel_packet!)
    this.secmark_refcount_inc = tellKey(answers.secmark_refcount_inc!)
    this.secmark_refcount_dec = tellKey(answers.secmark_refcount_dec!)
    this.req_classify_flow = tellKey(answers.req_classify_flow!)
    this.tun_dev_alloc_security = askKey(answers.tun_dev_alloc_security!)
    this.tun_dev_create = askKey(answers.tun_dev_create!)
    this.tun_dev_attach_queue = askKey(answers.tun_dev_attach_queue!)
    this.tun_dev_attach = askKey(answers.tun_dev_attach!)
    this.tun_dev_open = askKey(answers.tun_dev_open!)
    this.sctp_assoc_request = askKey(answers.sctp_assoc_request!)
    this.sctp_bind_connect = askKey(answers.sctp_bind_connect!)
    this.sctp_sk_clone = tellKey(answers.sctp_sk_clone!)
    this.sctp_assoc_established = askKey(answers.sctp_assoc_established!)
    this.mptcp_add_subflow = askKey(answers.mptcp_add_subflow!)
    this.ib_pkey_access = askKey(answers.ib_pkey_access!)
    this.ib_endport_manage_subnet = askKey(answers.ib_endport_manage_subnet!)
    this.ib_alloc_security = askKey(answers.ib_alloc_security!)
    this.xfrm_policy_alloc_security = askKey(answers.xfrm_policy_alloc_security!)
    this.xfrm_policy_clone_security = askKey(answers.xfrm_policy_clone_security!)
    this.xfrm_policy_free_security = tellKey(answers.xfrm_policy_free_security!)
    this.xfrm_policy_delete_security = askKey(answers.xfrm_policy_delete_security!)
    this.xfrm_state_alloc = askKey(answers.xfrm_state_alloc!)
    this.xfrm_state_alloc_acquire = askKey(answers.xfrm_state_alloc_acquire!)
    this.xfrm_state_free_security = tellKey(answers.xfrm_state_free_security!)
    this.xfrm_state_delete_security = askKey(answers.xfrm_state_delete_security!)
    this.xfrm_policy_lookup = askKey(answers.xfrm_policy_lookup!)
    this.xfrm_state_pol_flow_match = askKey(answers.xfrm_state_pol_flow_match!)
    this.xfrm_decode_session = askKey(answers.xfrm_decode_session!)
    this.key_alloc = askKey(answers.key_alloc!)
    this.key_permission = askKey(answers.key_permission!)
    this.key_getsecurity = askKey(answers.key_getsecurity!)
    this.key_post_create_or_update = tellKey(answers.key_post_create_or_update!)
    this.audit_rule_init = askKey(answers.audit_rule_init!)
    this.audit_rule_known = askKey(answers.audit_rule_known!)
    this.audit_rule_match = askKey(answers.audit_rule_match!)
    this.audit_rule_free = tellKey(answers.audit_rule_free!)
    this.bpf = askKey(answers.bpf!)
    this.bpf_map = askKey(answers.bpf_map!)
    this.bpf_prog = askKey(answers.bpf_prog!)
    this.bpf_map_create = askKey(answers.bpf_map_create!)
    this.bpf_map_free = tellKey(answers.bpf_map_free!)
    this.bpf_prog_load = askKey(answers.bpf_prog_load!)
    this.bpf_prog_free = tellKey(answers.bpf_prog_free!)
    this.bpf_token_create = askKey(answers.bpf_token_create!)
    this.bpf_token_free = tellKey(answers.bpf_token_free!)
    this.bpf_token_cmd = askKey(answers.bpf_token_cmd!)
    this.bpf_token_capable = askKey(answers.bpf_token_capable!)
    this.locked_down = askKey(answers.locked_down!)
    this.perf_event_open = askKey(answers.perf_event_open!)
    this.perf_event_alloc = askKey(answers.perf_event_alloc!)
    this.perf_event_read = askKey(answers.perf_event_read!)
    this.perf_event_write = askKey(answers.perf_event_write!)
    this.uring_override_creds = askKey(answers.uring_override_creds!)
    this.uring_sqpoll = askKey(answers.uring_sqpoll!)
    this.uring_cmd = askKey(answers.uring_cmd!)
    this.initramfs_populated = tellKey(answers.initramfs_populated!)
    this.bdev_alloc_security = askKey(answers.bdev_alloc_security!)
    this.bdev_free_security = tellKey(answers.bdev_free_security!)
    this.bdev_setintegrity = askKey(answers.bdev_setintegrity!)
  }
}
