/** Which hooks each LSM of Linux 6.12 implements, in the table's order. bpf is left out: it has a nop on every hook. */
const words = (text: string): readonly string[] => text.trim().split(/\s+/)

export const inTree: Readonly<Record<string, readonly string[]>> = {
  capability: words(`
    ptrace_access_check ptrace_traceme capget capset capable settime vm_enough_memory bprm_creds_from_file
    inode_need_killpriv inode_killpriv inode_getsecurity mmap_addr mmap_file task_fix_setuid task_setnice
    task_setioprio task_setscheduler task_prctl
  `),
  selinux: words(`
    binder_set_context_mgr binder_transaction binder_transfer_binder binder_transfer_file ptrace_access_check
    ptrace_traceme capget capset capable quotactl quota_on syslog vm_enough_memory bprm_creds_for_exec
    bprm_committing_creds bprm_committed_creds fs_context_submount fs_context_dup fs_context_parse_param
    sb_alloc_security sb_free_mnt_opts sb_eat_lsm_opts sb_mnt_opts_compat sb_remount sb_kern_mount sb_show_options
    sb_statfs sb_mount sb_umount sb_set_mnt_opts sb_clone_mnt_opts move_mount dentry_init_security
    dentry_create_files_as path_notify inode_alloc_security inode_free_security inode_init_security
    inode_init_security_anon inode_create inode_link inode_unlink inode_symlink inode_mkdir inode_rmdir inode_mknod
    inode_rename inode_readlink inode_follow_link inode_permission inode_setattr inode_getattr inode_xattr_skipcap
    inode_setxattr inode_post_setxattr inode_getxattr inode_listxattr inode_removexattr inode_set_acl inode_get_acl
    inode_remove_acl inode_getsecurity inode_setsecurity inode_listsecurity inode_getsecid inode_copy_up
    inode_copy_up_xattr kernfs_init_security file_permission file_alloc_security backing_file_alloc
    backing_file_free file_ioctl file_ioctl_compat mmap_addr mmap_file mmap_backing_file file_mprotect file_lock
    file_fcntl file_set_fowner file_send_sigiotask file_receive file_open task_alloc cred_prepare cred_transfer
    cred_getsecid kernel_act_as kernel_create_files_as kernel_module_request kernel_load_data kernel_read_file
    task_setpgid task_getpgid task_getsid current_getsecid_subj task_getsecid_obj task_setnice task_setioprio
    task_getioprio task_prlimit task_setrlimit task_setscheduler task_getscheduler task_movememory task_kill
    task_to_inode userns_create ipc_permission ipc_getsecid msg_msg_alloc_security msg_queue_alloc_security
    msg_queue_associate msg_queue_msgctl msg_queue_msgsnd msg_queue_msgrcv shm_alloc_security shm_associate
    shm_shmctl shm_shmat sem_alloc_security sem_associate sem_semctl sem_semop netlink_send d_instantiate
    getselfattr setselfattr getprocattr setprocattr ismaclabel secid_to_secctx secctx_to_secid release_secctx
    inode_invalidate_secctx inode_notifysecctx inode_setsecctx inode_getsecctx watch_key unix_stream_connect
    unix_may_send socket_create socket_post_create socket_socketpair socket_bind socket_connect socket_listen
    socket_accept socket_sendmsg socket_recvmsg socket_getsockname socket_getpeername socket_getsockopt
    socket_setsockopt socket_shutdown socket_sock_rcv_skb socket_getpeersec_stream socket_getpeersec_dgram
    sk_alloc_security sk_free_security sk_clone_security sk_getsecid sock_graft inet_conn_request inet_csk_clone
    inet_conn_established secmark_relabel_packet secmark_refcount_inc secmark_refcount_dec req_classify_flow
    tun_dev_alloc_security tun_dev_create tun_dev_attach_queue tun_dev_attach tun_dev_open sctp_assoc_request
    sctp_bind_connect sctp_sk_clone sctp_assoc_established mptcp_add_subflow ib_pkey_access ib_endport_manage_subnet
    ib_alloc_security xfrm_policy_alloc_security xfrm_policy_clone_security xfrm_policy_free_security
    xfrm_policy_delete_security xfrm_state_alloc xfrm_state_alloc_acquire xfrm_state_free_security
    xfrm_state_delete_security xfrm_policy_lookup xfrm_state_pol_flow_match xfrm_decode_session key_alloc
    key_permission key_getsecurity audit_rule_init audit_rule_known audit_rule_match audit_rule_free bpf bpf_map
    bpf_prog bpf_map_create bpf_map_free bpf_prog_load bpf_prog_free bpf_token_create bpf_token_free perf_event_open
    perf_event_alloc perf_event_read perf_event_write uring_override_creds uring_sqpoll uring_cmd
  `),
  smack: words(`
    ptrace_access_check ptrace_traceme syslog bprm_creds_for_exec fs_context_submount fs_context_dup
    fs_context_parse_param sb_alloc_security sb_free_mnt_opts sb_eat_lsm_opts sb_statfs sb_set_mnt_opts
    dentry_create_files_as inode_alloc_security inode_init_security inode_link inode_unlink inode_rmdir inode_rename
    inode_permission inode_setattr inode_getattr inode_xattr_skipcap inode_setxattr inode_post_setxattr
    inode_getxattr inode_removexattr inode_set_acl inode_get_acl inode_remove_acl inode_getsecurity
    inode_setsecurity inode_listsecurity inode_getsecid inode_copy_up inode_copy_up_xattr file_alloc_security
    file_ioctl file_ioctl_compat mmap_addr mmap_file file_lock file_fcntl file_set_fowner file_send_sigiotask
    file_receive file_open cred_alloc_blank cred_free cred_prepare cred_transfer cred_getsecid kernel_act_as
    kernel_create_files_as task_setpgid task_getpgid task_getsid current_getsecid_subj task_getsecid_obj
    task_setnice task_setioprio task_getioprio task_setscheduler task_getscheduler task_movememory task_kill
    task_to_inode ipc_permission ipc_getsecid msg_msg_alloc_security msg_queue_alloc_security msg_queue_associate
    msg_queue_msgctl msg_queue_msgsnd msg_queue_msgrcv shm_alloc_security shm_associate shm_shmctl shm_shmat
    sem_alloc_security sem_associate sem_semctl sem_semop d_instantiate getselfattr setselfattr getprocattr
    setprocattr ismaclabel secid_to_secctx secctx_to_secid inode_notifysecctx inode_setsecctx inode_getsecctx
    post_notification watch_key unix_stream_connect unix_may_send socket_post_create socket_socketpair socket_bind
    socket_connect socket_sendmsg socket_sock_rcv_skb socket_getpeersec_stream socket_getpeersec_dgram
    sk_alloc_security sk_free_security sk_clone_security inet_conn_request inet_csk_clone key_alloc key_permission
    key_getsecurity audit_rule_init audit_rule_known audit_rule_match uring_override_creds uring_sqpoll uring_cmd
  `),
  apparmor: words(`
    ptrace_access_check ptrace_traceme capget capable bprm_creds_for_exec bprm_committing_creds bprm_committed_creds
    sb_mount sb_umount sb_pivotroot move_mount path_unlink path_mkdir path_rmdir path_mknod path_truncate
    path_symlink path_link path_rename path_chmod path_chown inode_getattr file_permission file_alloc_security
    file_free_security mmap_file file_mprotect file_lock file_receive file_open file_truncate task_alloc task_free
    cred_alloc_blank cred_free cred_prepare cred_transfer current_getsecid_subj task_getsecid_obj task_setrlimit
    task_kill userns_create getselfattr setselfattr getprocattr setprocattr secid_to_secctx secctx_to_secid
    release_secctx socket_create socket_post_create socket_bind socket_connect socket_listen socket_accept
    socket_sendmsg socket_recvmsg socket_getsockname socket_getpeername socket_getsockopt socket_setsockopt
    socket_shutdown socket_sock_rcv_skb socket_getpeersec_stream socket_getpeersec_dgram sk_free_security
    sk_clone_security sock_graft inet_conn_request audit_rule_init audit_rule_known audit_rule_match audit_rule_free
    uring_override_creds uring_sqpoll
  `),
  tomoyo: words(`
    bprm_creds_for_exec bprm_check_security bprm_committed_creds sb_mount sb_umount sb_pivotroot path_unlink
    path_mkdir path_rmdir path_mknod path_truncate path_symlink path_link path_rename path_chmod path_chown
    path_chroot inode_getattr file_ioctl file_ioctl_compat file_fcntl file_open file_truncate task_alloc task_free
    cred_prepare socket_bind socket_connect socket_listen socket_sendmsg
  `),
  yama: words(`
    ptrace_access_check ptrace_traceme task_free task_prctl
  `),
  loadpin: words(`
    sb_free_security kernel_load_data kernel_read_file
  `),
  safesetid: words(`
    capable task_fix_setuid task_fix_setgid task_fix_setgroups
  `),
  lockdown: words(`
    locked_down
  `),
  landlock: words(`
    ptrace_access_check ptrace_traceme sb_delete sb_remount sb_mount sb_umount sb_pivotroot move_mount path_unlink
    path_mkdir path_rmdir path_mknod path_truncate path_symlink path_link path_rename inode_free_security_rcu
    file_alloc_security file_free_security file_ioctl file_ioctl_compat file_set_fowner file_send_sigiotask
    file_open file_truncate cred_free cred_prepare cred_transfer task_kill unix_stream_connect unix_may_send
    socket_bind socket_connect socket_sendmsg
  `),
  ima: words(`
    bprm_check_security path_post_mknod path_truncate inode_free_security_rcu inode_post_create_tmpfile
    inode_post_setattr inode_setxattr inode_removexattr inode_set_acl inode_remove_acl file_release mmap_file
    file_mprotect file_post_open file_truncate kernel_module_request kernel_load_data kernel_post_load_data
    kernel_read_file kernel_post_read_file key_post_create_or_update
  `),
  evm: words(`
    path_post_mknod inode_alloc_security inode_init_security inode_setattr inode_post_setattr inode_setxattr
    inode_post_setxattr inode_removexattr inode_post_removexattr inode_set_acl inode_post_set_acl inode_remove_acl
    inode_post_remove_acl inode_copy_up_xattr file_release
  `),
  ipe: words(`
    bprm_check_security inode_setintegrity mmap_file file_mprotect kernel_load_data kernel_read_file
    initramfs_populated bdev_free_security bdev_setintegrity
  `),
}

/** Hooks in all, and of SELinux and Smack, when BPF LSM programs were argued about and in 6.12. */
export const hookCounts = [
  { when: '2020', hooks: 230, selinux: 202, smack: 108 },
  { when: '6.12', hooks: 271, selinux: 218, smack: 120 },
]
