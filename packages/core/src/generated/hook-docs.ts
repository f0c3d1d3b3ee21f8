/**
 * What the editor shows for each hook: the types of hooks and keys are mapped over this interface, which carries the
 * comments along. Written by scripts/generate-hook-docs.ts from hook-words-table.ts; a test keeps it in step.
 */
export interface HookDocs {
  /**
   * A process asks to become the context manager of Binder, the one that names services.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno.
   *
   * System calls: ioctl.
   *
   * In Linux 6.12: selinux.
   *
   * @param mgr - credentials of that process
   */
  binder_set_context_mgr: unknown

  /**
   * A Binder transaction or reply is about to be delivered.
   *
   * Answer: 0 delivers. -errno fails the transaction; the sender sees BR_FAILED_REPLY.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno.
   *
   * System calls: ioctl.
   *
   * In Linux 6.12: selinux.
   *
   * @param from - credentials of the sender
   * @param to - credentials of the receiver
   */
  binder_transaction: unknown

  /**
   * A transaction carries a reference to a Binder object. Asked once for each reference.
   *
   * Answer: 0 hands the reference over. -errno fails the whole transaction.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno.
   *
   * System calls: ioctl.
   *
   * In Linux 6.12: selinux.
   *
   * @param from - credentials of the sender
   * @param to - credentials of the receiver
   */
  binder_transfer_binder: unknown

  /**
   * A transaction carries a file descriptor. Asked once for each, when the sender hands it in.
   *
   * Answer: 0 hands the file over. -errno fails the whole transaction.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno.
   *
   * System calls: ioctl.
   *
   * In Linux 6.12: selinux.
   *
   * @param from - credentials of the sender
   * @param to - credentials of the receiver
   * @param file - the open file behind the descriptor
   */
  binder_transfer_file: unknown

  /**
   * The current task wants to trace or inspect another: PTRACE_ATTACH, /proc/PID/mem and its like, pidfd_getfd,
   * process_vm_readv. The ids have been compared already.
   *
   * Answer: 0 allows. -EPERM is usual; /proc files turn it into EACCES or hide themselves.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno.
   *
   * System calls: open, readlink, ptrace, openat, setns, process_vm_writev, pidfd_getfd, process_madvise.
   *
   * In Linux 6.12: capability, selinux, smack, apparmor, yama, landlock.
   *
   * @param child - the task that would be traced or read
   * @param mode - PTRACE_MODE_READ or _ATTACH, with _FSCREDS or _REALCREDS, and _NOAUDIT for "do not log"
   */
  ptrace_access_check: unknown

  /**
   * The current task asks its parent to trace it (PTRACE_TRACEME).
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno.
   *
   * System calls: ptrace.
   *
   * In Linux 6.12: capability, selinux, smack, apparmor, yama, landlock.
   *
   * @param parent - the task that would become the tracer
   */
  ptrace_traceme: unknown

  /**
   * capget(2) reads the capability sets of a task.
   *
   * Answer: 0 goes on. `capability` fills in the sets; another module only refuses.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno, and
   * may sleep.
   *
   * System calls: capget.
   *
   * In Linux 6.12: capability, selinux, apparmor.
   *
   * @param target - the task that is asked about
   * @param effective - filled in by you
   * @param inheritable - filled in by you
   * @param permitted - filled in by you
   */
  capget: unknown

  /**
   * capset(2) is about to change the sets of the current task.
   *
   * Answer: 0 goes on: `capability` has then stored the sets in `new`. -errno leaves the task as it was.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno, and
   * may sleep.
   *
   * System calls: capset.
   *
   * In Linux 6.12: capability, selinux.
   *
   * @param new - the new credentials, not yet in use: they may be changed
   * @param old - the credentials they are made from
   * @param effective - the set that was asked for
   * @param inheritable - the set that was asked for
   * @param permitted - the set that was asked for
   */
  capset: unknown

  /**
   * The kernel asks whether credentials have a capability in a user namespace, wherever Linux says `ns_capable`. It
   * is the hook that is asked most often.
   *
   * Answer: 0 grants, -EPERM denies. Callers see yes or no and choose the errno of the system call. The default is
   * 0: a stack without `capability` grants everything.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno.
   *
   * System calls: write, open, mmap, ioctl, pwrite64, access, shmget, shmat, shmctl, socket, connect, sendto and 115
   * more.
   *
   * In Linux 6.12: capability, selinux, apparmor, safesetid.
   *
   * @param cred - the credentials, mostly those of the current task
   * @param ns - the user namespace that owns the object
   * @param cap - the capability, `CAP_*`
   * @param opts - CAP_OPT_NOAUDIT: the kernel only wants to know, do not log; CAP_OPT_INSETID: for a change of ids
   */
  capable: unknown

  /**
   * quotactl(2) is about to do something to the quotas of a file system.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno.
   *
   * System calls: quotactl.
   *
   * In Linux 6.12: selinux.
   *
   * @param cmds - the subcommand, `Q_*`
   * @param type - USRQUOTA, GRPQUOTA or PRJQUOTA
   * @param id - the user, group or project; 0 when the command has none
   * @param sb - the file system; null for Q_SYNC of all
   */
  quotactl: unknown

  /**
   * Quotas are about to be switched on with a quota file.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno.
   *
   * System calls: none of those recorded.
   *
   * In Linux 6.12: selinux.
   *
   * @param dentry - the name of the quota file
   */
  quota_on: unknown

  /**
   * A task wants to read or control the kernel log: syslog(2), /dev/kmsg, /proc/kmsg.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno, and
   * may sleep.
   *
   * System calls: syslog.
   *
   * In Linux 6.12: selinux, smack.
   *
   * @param type - the action, `SYSLOG_ACTION_*`: 3 reads all, 10 asks for the size
   */
  syslog: unknown

  /**
   * The system clock or the time zone is about to be set.
   *
   * Answer: 0 sets it. `capability` asks for CAP_SYS_TIME and answers -EPERM without.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno, and
   * may sleep.
   *
   * System calls: settimeofday, clock_settime.
   *
   * In Linux 6.12: capability.
   *
   * @param ts - the new time in seconds and nanoseconds; null when only the zone is set
   * @param tz - the new time zone; null when only the time is set
   */
  settime: unknown

  /**
   * A mapping, a fork or shared memory wants pages that count against the commit limit.
   *
   * Answer: 0 lets the task use the reserve of the administrator, a negative answer takes it away. Nothing here
   * refuses the memory: the accounting that follows does.
   *
   * It has a dispatch rule of its own. BPF programs may not attach.
   *
   * System calls: mmap, brk, mremap, shmget, clone, fork, execve, execveat, clone3.
   *
   * In Linux 6.12: capability, selinux.
   *
   * @param mm - the address space that grows
   * @param pages - how many pages of 4096 bytes
   */
  vm_enough_memory: unknown

  /**
   * Early in execve, before the file is looked into. Runs once, for the file that was named, not for interpreters.
   * Here a module changes the label of the new program.
   *
   * Answer: 0 goes on. -errno fails execve; the old program runs on. Set `bprm.secureexec` to 1 for AT_SECURE.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno, and
   * may sleep.
   *
   * System calls: execve, execveat.
   *
   * In Linux 6.12: selinux, smack, apparmor, tomoyo.
   *
   * @param bprm - the program that is being started: `file` is its file, `filename` the name as given, `cred` the
   * new credentials
   */
  bprm_creds_for_exec: unknown

  /**
   * execve knows the file whose privileges count (for a script: the interpreter). Set-id bits and file capabilities
   * are worked out here.
   *
   * Answer: 0 goes on. -errno fails execve; the old program runs on.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno, and
   * may sleep.
   *
   * System calls: execve, execveat.
   *
   * In Linux 6.12: capability.
   *
   * @param bprm - the program that is being started: `file` is its file, `filename` the name as given, `cred` the
   * new credentials
   * @param file - the file whose set-id bits and capabilities count
   */
  bprm_creds_from_file: unknown

  /**
   * execve has read the head of a file and is about to look for a handler of its format. Asked again for each
   * interpreter.
   *
   * Answer: 0 goes on. -errno fails execve. This is the place to refuse a program.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno, and
   * may sleep.
   *
   * System calls: execve, execveat.
   *
   * In Linux 6.12: tomoyo, ima, ipe.
   *
   * @param bprm - the program that is being started: `file` is its file, `filename` the name as given, `cred` the
   * new credentials
   */
  bprm_check_security: unknown

  /**
   * execve can no longer fail, and is about to put the new credentials in use. The old ones are still current: close
   * files and change limits here.
   *
   * Answer: None: the hook is a notification.
   *
   * Every module is called. BPF programs return nothing that counts, and may sleep.
   *
   * System calls: execve, execveat.
   *
   * In Linux 6.12: selinux, apparmor.
   *
   * @param bprm - the program that is being started: `file` is its file, `filename` the name as given, `cred` the
   * new credentials
   */
  bprm_committing_creds: unknown

  /**
   * execve has put the new credentials in use. Signals and the parent can be dealt with here.
   *
   * Answer: None: the hook is a notification.
   *
   * Every module is called. BPF programs return nothing that counts, and may sleep.
   *
   * System calls: execve, execveat.
   *
   * In Linux 6.12: selinux, apparmor, tomoyo.
   *
   * @param bprm - the program that is being started: `file` is its file, `filename` the name as given, `cred` the
   * new credentials
   */
  bprm_committed_creds: unknown

  /**
   * A file system mounts another below itself (an NFS export, an automount). Options are to be taken from where it
   * lies.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno.
   *
   * System calls: none of those recorded.
   *
   * In Linux 6.12: selinux, smack.
   *
   * @param fc - the context of the new mount
   * @param reference - the super block it lies on
   */
  fs_context_submount: unknown

  /**
   * A file system duplicates a mount context. Copy your options.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno.
   *
   * System calls: none of those recorded.
   *
   * In Linux 6.12: selinux, smack.
   *
   * @param fc - the copy
   * @param src_sc - the context it is copied from
   */
  fs_context_dup: unknown

  /**
   * A mount option arrives (one of `-o a,b=c`, or one fsconfig). You may claim it before the file system sees it.
   *
   * Answer: 0 claims the option, -ENOPARAM says it is not yours, anything else fails the mount. Every module is
   * asked, and several may claim the same one.
   *
   * It has a dispatch rule of its own. BPF programs return 0 or -errno.
   *
   * System calls: mount, openat, fsconfig.
   *
   * In Linux 6.12: selinux, smack.
   *
   * @param fc - the context that collects the options of a mount: `fs_type`, `security` (yours), `user_ns`
   * @param param - the option: `key`, `type`, `string`
   */
  fs_context_parse_param: unknown

  /**
   * A super block has been made. Your state is on it; fill it in.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. State on `superblock` is made before
   * the modules are asked, and freed when one refuses. BPF programs return 0 or -errno, and may sleep.
   *
   * System calls: mount, unshare, fsconfig.
   *
   * In Linux 6.12: selinux, smack.
   *
   * @param sb - the super block: one mounted file system, whatever the number of its mounts
   */
  sb_alloc_security: unknown

  /**
   * A file system is being shut down and its inodes are about to go. Release what keeps inodes in use.
   *
   * Answer: None: the hook is a notification.
   *
   * Every module is called. BPF programs return nothing that counts.
   *
   * System calls: umount2.
   *
   * In Linux 6.12: landlock.
   *
   * @param sb - the super block: one mounted file system, whatever the number of its mounts
   */
  sb_delete: unknown

  /**
   * A super block is about to be freed. Release what your state refers to.
   *
   * Answer: None: the hook is a notification.
   *
   * Every module is called. BPF programs return nothing that counts.
   *
   * System calls: umount2.
   *
   * In Linux 6.12: loadpin.
   *
   * @param sb - the super block: one mounted file system, whatever the number of its mounts
   */
  sb_free_security: unknown

  /**
   * Parsed mount options are no longer needed.
   *
   * Answer: None: the hook is a notification.
   *
   * Every module is called. BPF programs return nothing that counts.
   *
   * System calls: mount, openat, unshare, fsconfig, fsmount.
   *
   * In Linux 6.12: selinux, smack.
   *
   * @param mnt_opts - the options that your own hook had made
   */
  sb_free_mnt_opts: unknown

  /**
   * mount(2) passes options as one text. Take yours out of it.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno, and
   * may sleep.
   *
   * System calls: mount.
   *
   * In Linux 6.12: selinux, smack.
   *
   * @param orig - the text, comma separated; the rest that you leave goes to the file system
   * @param mnt_opts - where your parsed options go
   */
  sb_eat_lsm_opts: unknown

  /**
   * A file system that is mounted already is mounted again with options. Say whether they agree with those in use.
   *
   * Answer: 0 when they agree. -errno fails the second mount.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno.
   *
   * System calls: none of those recorded.
   *
   * In Linux 6.12: selinux.
   *
   * @param sb - the super block: one mounted file system, whatever the number of its mounts
   * @param mnt_opts - your own parsed options, as `sb_eat_lsm_opts` or `fs_context_parse_param` left them; null when
   * there are none
   */
  sb_mnt_opts_compat: unknown

  /**
   * A mounted file system is about to get new options.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno, and
   * may sleep.
   *
   * System calls: mount, fsconfig.
   *
   * In Linux 6.12: selinux, landlock.
   *
   * @param sb - the super block: one mounted file system, whatever the number of its mounts
   * @param mnt_opts - your own parsed options, as `sb_eat_lsm_opts` or `fs_context_parse_param` left them; null when
   * there are none
   */
  sb_remount: unknown

  /**
   * A file system has been set up and is about to be mounted.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno, and
   * may sleep.
   *
   * System calls: mount, fsconfig.
   *
   * In Linux 6.12: selinux.
   *
   * @param sb - the super block: one mounted file system, whatever the number of its mounts
   */
  sb_kern_mount: unknown

  /**
   * Somebody reads /proc/mounts or /proc/PID/mountinfo. Write your options, each with a comma in front.
   *
   * Answer: 0 goes on. -errno fails the read.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno, and
   * may sleep.
   *
   * System calls: read.
   *
   * In Linux 6.12: selinux.
   *
   * @param m - the text that is being made
   * @param sb - the super block: one mounted file system, whatever the number of its mounts
   */
  sb_show_options: unknown

  /**
   * statfs(2) and its kin ask for the numbers of a file system.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno, and
   * may sleep.
   *
   * System calls: ustat, statfs, fstatfs, statmount, listmount.
   *
   * In Linux 6.12: selinux, smack.
   *
   * @param dentry - the root of the file system, or the name that was asked about
   */
  sb_statfs: unknown

  /**
   * mount(2) in all its forms: a new mount, a bind mount, a remount, a change of propagation. The flags distinguish
   * them.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno, and
   * may sleep.
   *
   * System calls: mount.
   *
   * In Linux 6.12: selinux, apparmor, tomoyo, landlock.
   *
   * @param dev_name - the source as given; null when there is none
   * @param path - where it goes
   * @param type - name of the file system; null for bind and remount
   * @param flags - `MS_*` flags
   * @param data - the options as text; null when there are none
   */
  sb_mount: unknown

  /**
   * umount2(2) is about to take a mount away.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno, and
   * may sleep.
   *
   * System calls: umount2.
   *
   * In Linux 6.12: selinux, apparmor, tomoyo, landlock.
   *
   * @param mnt - the mount
   * @param flags - MNT_FORCE, MNT_DETACH, MNT_EXPIRE
   */
  sb_umount: unknown

  /**
   * pivot_root(2) is about to exchange the root.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno.
   *
   * System calls: pivot_root.
   *
   * In Linux 6.12: apparmor, tomoyo, landlock.
   *
   * @param old_path - where the old root will lie
   * @param new_path - the new root
   */
  sb_pivotroot: unknown

  /**
   * A mount takes its options in use, once for each super block.
   *
   * Answer: 0 goes on, also to the next module. -errno fails the mount. With options in hand and no module on the
   * hook the mount fails with -EOPNOTSUPP.
   *
   * It has a dispatch rule of its own. BPF programs return 0 or -errno, and may sleep.
   *
   * System calls: mount, openat, unshare, fsconfig.
   *
   * In Linux 6.12: selinux, smack.
   *
   * @param sb - the super block: one mounted file system, whatever the number of its mounts
   * @param mnt_opts - your own parsed options, as `sb_eat_lsm_opts` or `fs_context_parse_param` left them; null when
   * there are none
   * @param kern_flags - flags of the kernel: SECURITY_LSM_NATIVE_LABELS when the file system brings labels of its
   * own
   * @param set_kern_flags - where you say which of them you take
   */
  sb_set_mnt_opts: unknown

  /**
   * NFS makes a super block out of another one. Copy your options.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno.
   *
   * System calls: none of those recorded.
   *
   * In Linux 6.12: selinux.
   *
   * @param oldsb - the super block they come from
   * @param newsb - the new one
   * @param kern_flags - flags of the kernel
   * @param set_kern_flags - where you say which of them you take
   */
  sb_clone_mnt_opts: unknown

  /**
   * move_mount(2), or mount(2) with MS_MOVE, is about to put a mount elsewhere.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno.
   *
   * System calls: move_mount.
   *
   * In Linux 6.12: selinux, apparmor, landlock.
   *
   * @param from_path - the mount
   * @param to_path - where it goes
   */
  move_mount: unknown

  /**
   * A network file system (NFS, Ceph, FUSE) creates a name and wants its label before the server is asked.
   *
   * Answer: 0 when you have given a label. -EOPNOTSUPP when you have none.
   *
   * -EOPNOTSUPP means "no opinion". The first other answer decides, 0 included. BPF programs return 0 or -errno.
   *
   * System calls: none of those recorded.
   *
   * In Linux 6.12: selinux.
   *
   * @param dentry - the name, with its inode in `d_inode` (null when the name does not exist yet)
   * @param mode - file type and permission bits (`S_IF*` and 0o7777)
   * @param name - last component of the name
   * @param xattr_name - where the name of your attribute goes
   * @param ctx - where the label goes
   * @param ctxlen - where its length goes
   */
  dentry_init_security: unknown

  /**
   * overlayfs creates a name in the upper layer. The label is to be worked out as if the caller made the file
   * itself.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno.
   *
   * System calls: write, mkdir, openat.
   *
   * In Linux 6.12: selinux, smack.
   *
   * @param dentry - the name, with its inode in `d_inode` (null when the name does not exist yet)
   * @param mode - file type and permission bits (`S_IF*` and 0o7777)
   * @param name - last component of the name
   * @param old - credentials of the caller
   * @param new - credentials to create the file with; change them
   */
  dentry_create_files_as: unknown

  /**
   * unlink(2) is about to remove a name.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. Private inodes (S_PRIVATE) are not
   * asked about. BPF programs return 0 or -errno, and may sleep.
   *
   * System calls: unlink, unlinkat.
   *
   * In Linux 6.12: apparmor, tomoyo, landlock.
   *
   * @param dir - the directory, with its mount
   * @param dentry - the name, with its inode in `d_inode` (null when the name does not exist yet)
   */
  path_unlink: unknown

  /**
   * mkdir(2) is about to make a directory.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. Private inodes (S_PRIVATE) are not
   * asked about. BPF programs return 0 or -errno, and may sleep.
   *
   * System calls: mkdir, mkdirat.
   *
   * In Linux 6.12: apparmor, tomoyo, landlock.
   *
   * @param dir - the directory it goes into, with its mount
   * @param dentry - the name, with its inode in `d_inode` (null when the name does not exist yet)
   * @param mode - file type and permission bits (`S_IF*` and 0o7777)
   */
  path_mkdir: unknown

  /**
   * rmdir(2) is about to remove a directory.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. Private inodes (S_PRIVATE) are not
   * asked about. BPF programs return 0 or -errno, and may sleep.
   *
   * System calls: rmdir, unlinkat.
   *
   * In Linux 6.12: apparmor, tomoyo, landlock.
   *
   * @param dir - the directory that holds it, with its mount
   * @param dentry - the name, with its inode in `d_inode` (null when the name does not exist yet)
   */
  path_rmdir: unknown

  /**
   * A file that is not a directory or link is about to be made: open with O_CREAT, mknod(2), bind(2) of a Unix
   * socket.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. Private inodes (S_PRIVATE) are not
   * asked about. BPF programs return 0 or -errno.
   *
   * System calls: open, bind, creat, mknod, openat, mknodat, openat2.
   *
   * In Linux 6.12: apparmor, tomoyo, landlock.
   *
   * @param dir - the directory it goes into, with its mount
   * @param dentry - the name, with its inode in `d_inode` (null when the name does not exist yet)
   * @param mode - file type and permission bits (`S_IF*` and 0o7777)
   * @param dev - device number of a device node, 0 otherwise
   */
  path_mknod: unknown

  /**
   * mknod(2) has made a regular file.
   *
   * Answer: None: the hook is a notification.
   *
   * Every module is called. Private inodes (S_PRIVATE) are not asked about. BPF programs return nothing that counts.
   *
   * System calls: mknod, mknodat.
   *
   * In Linux 6.12: ima, evm.
   *
   * @param idmap - the id map of the mount that the call came through; it translates owners between mount and file
   * system
   * @param dentry - the name, with its inode in `d_inode` (null when the name does not exist yet)
   */
  path_post_mknod: unknown

  /**
   * truncate(2) is about to change the length of a file by name.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. Private inodes (S_PRIVATE) are not
   * asked about. BPF programs return 0 or -errno, and may sleep.
   *
   * System calls: truncate.
   *
   * In Linux 6.12: apparmor, tomoyo, landlock, ima.
   *
   * @param path - the file, with its mount
   */
  path_truncate: unknown

  /**
   * symlink(2) is about to make a symbolic link.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. Private inodes (S_PRIVATE) are not
   * asked about. BPF programs return 0 or -errno, and may sleep.
   *
   * System calls: symlink, symlinkat.
   *
   * In Linux 6.12: apparmor, tomoyo, landlock.
   *
   * @param dir - the directory it goes into, with its mount
   * @param dentry - the name, with its inode in `d_inode` (null when the name does not exist yet)
   * @param old_name - the text of the link
   */
  path_symlink: unknown

  /**
   * link(2) is about to give a file one more name.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. Private inodes (S_PRIVATE) are not
   * asked about. BPF programs return 0 or -errno, and may sleep.
   *
   * System calls: link, linkat.
   *
   * In Linux 6.12: apparmor, tomoyo, landlock.
   *
   * @param old_dentry - a name the file has
   * @param new_dir - the directory of the new name, with its mount
   * @param new_dentry - the new name
   */
  path_link: unknown

  /**
   * rename(2) is about to move a name. RENAME_EXCHANGE asks once, with the flag.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. Private inodes (S_PRIVATE) are not
   * asked about. BPF programs return 0 or -errno, and may sleep.
   *
   * System calls: rename, renameat2.
   *
   * In Linux 6.12: apparmor, tomoyo, landlock.
   *
   * @param old_dir - the directory it leaves, with its mount
   * @param old_dentry - the name that moves
   * @param new_dir - the directory it goes to, with its mount
   * @param new_dentry - the name it gets; an existing file is replaced or exchanged
   * @param flags - RENAME_NOREPLACE, RENAME_EXCHANGE, RENAME_WHITEOUT
   */
  path_rename: unknown

  /**
   * chmod(2) is about to change permission bits.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. Private inodes (S_PRIVATE) are not
   * asked about. BPF programs return 0 or -errno, and may sleep.
   *
   * System calls: chmod, fchmod, fchmodat, fchmodat2.
   *
   * In Linux 6.12: apparmor, tomoyo.
   *
   * @param path - the file, with its mount
   * @param mode - the new permission bits
   */
  path_chmod: unknown

  /**
   * chown(2) is about to change owners.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. Private inodes (S_PRIVATE) are not
   * asked about. BPF programs return 0 or -errno, and may sleep.
   *
   * System calls: chown, fchown, lchown, fchownat.
   *
   * In Linux 6.12: apparmor, tomoyo.
   *
   * @param path - the file, with its mount
   * @param uid - the new owner, -1 for "as it is"
   * @param gid - the new group, -1 for "as it is"
   */
  path_chown: unknown

  /**
   * chroot(2) is about to change the root of the current task.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno.
   *
   * System calls: chroot.
   *
   * In Linux 6.12: tomoyo.
   *
   * @param path - the new root
   */
  path_chroot: unknown

  /**
   * A watch is about to be put on a file, mount or file system: inotify, fanotify, F_NOTIFY.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno, and
   * may sleep.
   *
   * System calls: fcntl, inotify_add_watch, fanotify_mark.
   *
   * In Linux 6.12: selinux.
   *
   * @param path - what is to be watched
   * @param mask - events, `FS_*`
   * @param obj_type - `FSNOTIFY_OBJ_TYPE_*`: an inode, a mount or a super block
   */
  path_notify: unknown

  /**
   * An inode has been made, for a file that exists or is new. Its number, owner and mode may not be set yet. Your
   * state is on it.
   *
   * Answer: 0 goes on. -errno undoes what the modules before you have done, and the caller sees -ENOMEM.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. State on `inode` is made before the
   * modules are asked, and freed when one refuses. BPF programs return 0 or -errno.
   *
   * System calls: open, stat, mmap, access, pipe, shmget, socket, connect, accept, bind, socketpair, getsockopt and
   * 34 more.
   *
   * In Linux 6.12: selinux, smack, evm.
   *
   * @param inode - the inode
   */
  inode_alloc_security: unknown

  /**
   * An inode is about to go. Tasks may still read its state: free it in `inode_free_security_rcu`.
   *
   * Answer: None: the hook is a notification.
   *
   * Every module is called. BPF programs return nothing that counts, and may sleep.
   *
   * System calls: close, socket, connect, bind, socketpair, chdir, rename, rmdir, unlink, readlink, unlinkat,
   * renameat2.
   *
   * In Linux 6.12: selinux.
   *
   * @param inode - the inode
   */
  inode_free_security: unknown

  /**
   * Nobody can read the state of a freed inode any longer.
   *
   * Answer: None: the hook is a notification.
   *
   * Every module is called. BPF programs return nothing that counts.
   *
   * System calls: none of those recorded.
   *
   * In Linux 6.12: landlock, ima.
   *
   * @param inode_security - the state alone; the inode is gone
   */
  inode_free_security_rcu: unknown

  /**
   * A file system has made an inode on disk and asks for the attributes it starts with. The attributes and the inode
   * are stored together.
   *
   * Answer: 0 and -EOPNOTSUPP go on to the next module. Any other -errno fails the creation.
   *
   * It has a dispatch rule of its own. Private inodes (S_PRIVATE) are not asked about. BPF programs return 0 or
   * -errno.
   *
   * System calls: open, bind, mkdir, creat, symlink, mknod, openat, mkdirat, mknodat, symlinkat, renameat2, openat2.
   *
   * In Linux 6.12: selinux, smack, evm.
   *
   * @param inode - the inode
   * @param dir - the directory it is made in
   * @param qstr - its name in the directory; null when it has none
   * @param xattrs - slots for attributes; null when the file system stores none
   * @param xattr_count - how many slots are taken
   */
  inode_init_security: unknown

  /**
   * The kernel makes an inode without a name that still needs a label: userfaultfd, io_uring, memfd_secret.
   *
   * Answer: 0 goes on. -errno fails the call that made it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno.
   *
   * System calls: userfaultfd, io_uring_setup, memfd_secret.
   *
   * In Linux 6.12: selinux.
   *
   * @param inode - the inode
   * @param name - what it is: `[userfaultfd]`, `[io_uring]`
   * @param context_inode - an inode it is related to, or null
   */
  inode_init_security_anon: unknown

  /**
   * A regular file is about to be made in a directory.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. Private inodes (S_PRIVATE) are not
   * asked about. BPF programs return 0 or -errno, and may sleep.
   *
   * System calls: open, creat, mknod, mq_open, openat, mknodat, openat2.
   *
   * In Linux 6.12: selinux.
   *
   * @param dir - the directory
   * @param dentry - the new name
   * @param mode - file type and permission bits, umask applied
   */
  inode_create: unknown

  /**
   * A file without a name has been made (O_TMPFILE).
   *
   * Answer: None: the hook is a notification.
   *
   * Every module is called. Private inodes (S_PRIVATE) are not asked about. BPF programs return nothing that counts.
   *
   * System calls: open, openat, openat2.
   *
   * In Linux 6.12: ima.
   *
   * @param idmap - the id map of the mount that the call came through; it translates owners between mount and file
   * system
   * @param inode - the inode
   */
  inode_post_create_tmpfile: unknown

  /**
   * A hard link is about to be made.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. Private inodes (S_PRIVATE) are not
   * asked about. BPF programs return 0 or -errno.
   *
   * System calls: link, linkat.
   *
   * In Linux 6.12: selinux, smack.
   *
   * @param old_dentry - a name the file has
   * @param dir - the directory of the new name
   * @param new_dentry - the new name
   */
  inode_link: unknown

  /**
   * A name is about to be removed.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. Private inodes (S_PRIVATE) are not
   * asked about. BPF programs return 0 or -errno, and may sleep.
   *
   * System calls: unlink, mq_unlink, unlinkat.
   *
   * In Linux 6.12: selinux, smack.
   *
   * @param dir - the directory
   * @param dentry - the name, with its inode in `d_inode` (null when the name does not exist yet)
   */
  inode_unlink: unknown

  /**
   * A symbolic link is about to be made.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. Private inodes (S_PRIVATE) are not
   * asked about. BPF programs return 0 or -errno, and may sleep.
   *
   * System calls: symlink, symlinkat.
   *
   * In Linux 6.12: selinux.
   *
   * @param dir - the directory
   * @param dentry - the new name
   * @param old_name - the text of the link
   */
  inode_symlink: unknown

  /**
   * A directory is about to be made.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. Private inodes (S_PRIVATE) are not
   * asked about. BPF programs return 0 or -errno.
   *
   * System calls: mkdir, mkdirat.
   *
   * In Linux 6.12: selinux.
   *
   * @param dir - the directory it goes into
   * @param dentry - the new name
   * @param mode - file type and permission bits (`S_IF*` and 0o7777)
   */
  inode_mkdir: unknown

  /**
   * A directory is about to be removed.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. Private inodes (S_PRIVATE) are not
   * asked about. BPF programs return 0 or -errno, and may sleep.
   *
   * System calls: rmdir, unlinkat.
   *
   * In Linux 6.12: selinux, smack.
   *
   * @param dir - the directory that holds it
   * @param dentry - the name, with its inode in `d_inode` (null when the name does not exist yet)
   */
  inode_rmdir: unknown

  /**
   * A device node, FIFO or socket is about to be made. Regular files ask `inode_create`.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. Private inodes (S_PRIVATE) are not
   * asked about. BPF programs return 0 or -errno, and may sleep.
   *
   * System calls: bind, mknod, mknodat.
   *
   * In Linux 6.12: selinux.
   *
   * @param dir - the directory
   * @param dentry - the new name
   * @param mode - file type and permission bits (`S_IF*` and 0o7777)
   * @param dev - device number, 0 for FIFO and socket
   */
  inode_mknod: unknown

  /**
   * A name is about to move. RENAME_EXCHANGE asks twice, the second time the other way round.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * It has a dispatch rule of its own. Private inodes (S_PRIVATE) are not asked about. BPF programs return 0 or
   * -errno, and may sleep.
   *
   * System calls: rename, renameat2.
   *
   * In Linux 6.12: selinux, smack.
   *
   * @param old_dir - the directory it leaves
   * @param old_dentry - the name that moves
   * @param new_dir - the directory it goes to
   * @param new_dentry - the name it gets; `d_inode` is what is replaced, or null
   */
  inode_rename: unknown

  /**
   * readlink(2) is about to read the text of a symbolic link.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. Private inodes (S_PRIVATE) are not
   * asked about. BPF programs return 0 or -errno, and may sleep.
   *
   * System calls: readlink, readlinkat.
   *
   * In Linux 6.12: selinux.
   *
   * @param dentry - the link
   */
  inode_readlink: unknown

  /**
   * A path walk is about to go through a symbolic link.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. Private inodes (S_PRIVATE) are not
   * asked about. BPF programs return 0 or -errno.
   *
   * System calls: open, stat, access, execve, truncate, chdir, rename, mkdir, rmdir, creat, link, unlink and 27
   * more.
   *
   * In Linux 6.12: selinux.
   *
   * @param dentry - the link
   * @param inode - the inode
   * @param rcu - true in the walk that may not sleep; a module that must sleep answers -ECHILD and is asked again
   */
  inode_follow_link: unknown

  /**
   * Access to an inode is checked by mask: each directory of a path walk (MAY_EXEC), an open, access(2). The mode
   * bits have agreed already.
   *
   * Answer: 0 allows. -EACCES is usual.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. Private inodes (S_PRIVATE) are not
   * asked about. BPF programs return 0 or -errno.
   *
   * System calls: open, stat, lstat, access, connect, sendto, bind, execve, truncate, chdir, fchdir, rename and 56
   * more.
   *
   * In Linux 6.12: selinux, smack.
   *
   * @param inode - the inode
   * @param mask - MAY_READ, MAY_WRITE, MAY_EXEC, MAY_APPEND, with MAY_OPEN, MAY_ACCESS, MAY_CHDIR for the reason,
   * MAY_NOT_BLOCK for "may not sleep"
   */
  inode_permission: unknown

  /**
   * Owner, mode, length or times of an inode are about to change.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. Private inodes (S_PRIVATE) are not
   * asked about. BPF programs return 0 or -errno, and may sleep.
   *
   * System calls: write, open, pwrite64, truncate, ftruncate, creat, chmod, fchmod, chown, fchown, lchown, openat
   * and 7 more.
   *
   * In Linux 6.12: selinux, smack, evm.
   *
   * @param idmap - the id map of the mount that the call came through; it translates owners between mount and file
   * system
   * @param dentry - the name, with its inode in `d_inode` (null when the name does not exist yet)
   * @param attr - `ia_valid` (`ATTR_*`) says which of the other fields count; ATTR_FORCE is the kernel's own change
   */
  inode_setattr: unknown

  /**
   * Owner, mode, length or times of an inode have changed.
   *
   * Answer: None: the hook is a notification.
   *
   * Every module is called. Private inodes (S_PRIVATE) are not asked about. BPF programs return nothing that counts.
   *
   * System calls: write, open, pwrite64, truncate, ftruncate, creat, chmod, fchmod, chown, fchown, lchown, openat
   * and 7 more.
   *
   * In Linux 6.12: ima, evm.
   *
   * @param idmap - the id map of the mount that the call came through; it translates owners between mount and file
   * system
   * @param dentry - the name, with its inode in `d_inode` (null when the name does not exist yet)
   * @param ia_valid - which of them, `ATTR_*`
   */
  inode_post_setattr: unknown

  /**
   * stat(2) and its kin are about to read the attributes of a file.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. Private inodes (S_PRIVATE) are not
   * asked about. BPF programs return 0 or -errno, and may sleep.
   *
   * System calls: stat, fstat, lstat, newfstatat, statx.
   *
   * In Linux 6.12: selinux, smack, apparmor, tomoyo.
   *
   * @param path - the file, with its mount
   */
  inode_getattr: unknown

  /**
   * An attribute is about to be set or removed, and the kernel asks whether a module guards that name itself.
   *
   * Answer: 1 says that the attribute is yours: CAP_SYS_ADMIN is then not asked for. 0 has no opinion.
   *
   * It has a dispatch rule of its own. Private inodes (S_PRIVATE) are not asked about. BPF programs return 0 or 1.
   *
   * System calls: setxattr, lsetxattr, fsetxattr, removexattr, lremovexattr, fremovexattr.
   *
   * In Linux 6.12: selinux, smack.
   *
   * @param name - full name of the extended attribute, prefix included: `security.selinux`
   */
  inode_xattr_skipcap: unknown

  /**
   * An extended attribute is about to be set.
   *
   * Answer: 0 allows. Where no module guards the name (`inode_xattr_skipcap`), `security.*` needs a capability, and
   * this is checked first.
   *
   * It has a dispatch rule of its own. Private inodes (S_PRIVATE) are not asked about. BPF programs return 0 or
   * -errno, and may sleep.
   *
   * System calls: setxattr, lsetxattr, fsetxattr.
   *
   * In Linux 6.12: selinux, smack, ima, evm.
   *
   * @param idmap - the id map of the mount that the call came through; it translates owners between mount and file
   * system
   * @param dentry - the name, with its inode in `d_inode` (null when the name does not exist yet)
   * @param name - full name of the extended attribute, prefix included: `security.selinux`
   * @param value - the bytes of the value
   * @param size - length of the value in bytes
   * @param flags - XATTR_CREATE, XATTR_REPLACE or 0
   */
  inode_setxattr: unknown

  /**
   * An extended attribute has been set. Take over a new label here.
   *
   * Answer: None: the hook is a notification.
   *
   * Every module is called. Private inodes (S_PRIVATE) are not asked about. BPF programs return nothing that counts,
   * and may sleep.
   *
   * System calls: setxattr, lsetxattr, fsetxattr.
   *
   * In Linux 6.12: selinux, smack, evm.
   *
   * @param dentry - the name, with its inode in `d_inode` (null when the name does not exist yet)
   * @param name - full name of the extended attribute, prefix included: `security.selinux`
   * @param value - the bytes of the value
   * @param size - length of the value in bytes
   * @param flags - XATTR_CREATE, XATTR_REPLACE or 0
   */
  inode_post_setxattr: unknown

  /**
   * An extended attribute is about to be read.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. Private inodes (S_PRIVATE) are not
   * asked about. BPF programs return 0 or -errno, and may sleep.
   *
   * System calls: getxattr, lgetxattr, fgetxattr.
   *
   * In Linux 6.12: selinux, smack.
   *
   * @param dentry - the name, with its inode in `d_inode` (null when the name does not exist yet)
   * @param name - full name of the extended attribute, prefix included: `security.selinux`
   */
  inode_getxattr: unknown

  /**
   * The names of the extended attributes are about to be read.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. Private inodes (S_PRIVATE) are not
   * asked about. BPF programs return 0 or -errno.
   *
   * System calls: listxattr, llistxattr, flistxattr.
   *
   * In Linux 6.12: selinux.
   *
   * @param dentry - the name, with its inode in `d_inode` (null when the name does not exist yet)
   */
  inode_listxattr: unknown

  /**
   * An extended attribute is about to be removed.
   *
   * Answer: 0 allows. Where no module guards the name (`inode_xattr_skipcap`), `security.*` needs a capability, and
   * this is checked first.
   *
   * It has a dispatch rule of its own. Private inodes (S_PRIVATE) are not asked about. BPF programs return 0 or
   * -errno.
   *
   * System calls: removexattr, lremovexattr, fremovexattr.
   *
   * In Linux 6.12: selinux, smack, ima, evm.
   *
   * @param idmap - the id map of the mount that the call came through; it translates owners between mount and file
   * system
   * @param dentry - the name, with its inode in `d_inode` (null when the name does not exist yet)
   * @param name - full name of the extended attribute, prefix included: `security.selinux`
   */
  inode_removexattr: unknown

  /**
   * An extended attribute has been removed.
   *
   * Answer: None: the hook is a notification.
   *
   * Every module is called. Private inodes (S_PRIVATE) are not asked about. BPF programs return nothing that counts.
   *
   * System calls: removexattr.
   *
   * In Linux 6.12: evm.
   *
   * @param dentry - the name, with its inode in `d_inode` (null when the name does not exist yet)
   * @param name - full name of the extended attribute, prefix included: `security.selinux`
   */
  inode_post_removexattr: unknown

  /**
   * A POSIX access control list is about to be set.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. Private inodes (S_PRIVATE) are not
   * asked about. BPF programs return 0 or -errno.
   *
   * System calls: setxattr.
   *
   * In Linux 6.12: selinux, smack, ima, evm.
   *
   * @param idmap - the id map of the mount that the call came through; it translates owners between mount and file
   * system
   * @param dentry - the name, with its inode in `d_inode` (null when the name does not exist yet)
   * @param acl_name - `system.posix_acl_access` or `system.posix_acl_default`
   * @param kacl - the access control list, decoded
   */
  inode_set_acl: unknown

  /**
   * A POSIX access control list has been set.
   *
   * Answer: None: the hook is a notification.
   *
   * Every module is called. Private inodes (S_PRIVATE) are not asked about. BPF programs return nothing that counts.
   *
   * System calls: setxattr.
   *
   * In Linux 6.12: evm.
   *
   * @param dentry - the name, with its inode in `d_inode` (null when the name does not exist yet)
   * @param acl_name - `system.posix_acl_access` or `system.posix_acl_default`
   * @param kacl - the access control list, decoded
   */
  inode_post_set_acl: unknown

  /**
   * A POSIX access control list is about to be read.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. Private inodes (S_PRIVATE) are not
   * asked about. BPF programs return 0 or -errno.
   *
   * System calls: getxattr.
   *
   * In Linux 6.12: selinux, smack.
   *
   * @param idmap - the id map of the mount that the call came through; it translates owners between mount and file
   * system
   * @param dentry - the name, with its inode in `d_inode` (null when the name does not exist yet)
   * @param acl_name - `system.posix_acl_access` or `system.posix_acl_default`
   */
  inode_get_acl: unknown

  /**
   * A POSIX access control list is about to be removed.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. Private inodes (S_PRIVATE) are not
   * asked about. BPF programs return 0 or -errno.
   *
   * System calls: removexattr.
   *
   * In Linux 6.12: selinux, smack, ima, evm.
   *
   * @param idmap - the id map of the mount that the call came through; it translates owners between mount and file
   * system
   * @param dentry - the name, with its inode in `d_inode` (null when the name does not exist yet)
   * @param acl_name - `system.posix_acl_access` or `system.posix_acl_default`
   */
  inode_remove_acl: unknown

  /**
   * A POSIX access control list has been removed.
   *
   * Answer: None: the hook is a notification.
   *
   * Every module is called. Private inodes (S_PRIVATE) are not asked about. BPF programs return nothing that counts.
   *
   * System calls: removexattr.
   *
   * In Linux 6.12: evm.
   *
   * @param idmap - the id map of the mount that the call came through; it translates owners between mount and file
   * system
   * @param dentry - the name, with its inode in `d_inode` (null when the name does not exist yet)
   * @param acl_name - `system.posix_acl_access` or `system.posix_acl_default`
   */
  inode_post_remove_acl: unknown

  /**
   * A file is about to be written, truncated or given away, and the kernel asks whether it carries privileges that
   * must go.
   *
   * Answer: A positive answer says that `inode_killpriv` must run, 0 that nothing is to be done. -errno refuses the
   * change.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs may not attach.
   *
   * System calls: write, open, pwrite64, sendfile, truncate, ftruncate, creat, chown, fchown, lchown, openat,
   * fchownat and 3 more.
   *
   * In Linux 6.12: capability.
   *
   * @param dentry - the name, with its inode in `d_inode` (null when the name does not exist yet)
   */
  inode_need_killpriv: unknown

  /**
   * The privileges of a file (its capabilities) are to be removed because it changes.
   *
   * Answer: 0 goes on. -errno fails the change of the file.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno.
   *
   * System calls: write, chown.
   *
   * In Linux 6.12: capability.
   *
   * @param idmap - the id map of the mount that the call came through; it translates owners between mount and file
   * system
   * @param dentry - the name, with its inode in `d_inode` (null when the name does not exist yet)
   */
  inode_killpriv: unknown

  /**
   * A `security.*` attribute is read, and a module may answer instead of the file system.
   *
   * Answer: The length in bytes when the name is yours. -EOPNOTSUPP when it is not: the next module, then the file
   * system is asked.
   *
   * -EOPNOTSUPP means "no opinion". The first other answer decides, 0 included. Private inodes (S_PRIVATE) are not
   * asked about. BPF programs may not attach.
   *
   * System calls: getxattr, lgetxattr, fgetxattr.
   *
   * In Linux 6.12: capability, selinux, smack.
   *
   * @param idmap - the id map of the mount that the call came through; it translates owners between mount and file
   * system
   * @param inode - the inode
   * @param name - the name without `security.`: `selinux`
   * @param buffer - where the value goes; only when `alloc`
   * @param alloc - false when only the length is wanted
   */
  inode_getsecurity: unknown

  /**
   * A `security.*` attribute is set on a file system that stores none. Keep it in your own state.
   *
   * Answer: 0 when the name is yours and is kept. -EOPNOTSUPP when it is not.
   *
   * -EOPNOTSUPP means "no opinion". The first other answer decides, 0 included. Private inodes (S_PRIVATE) are not
   * asked about. BPF programs return 0 or -errno.
   *
   * System calls: setxattr.
   *
   * In Linux 6.12: selinux, smack.
   *
   * @param inode - the inode
   * @param name - the name without `security.`: `selinux`
   * @param value - the bytes of the value
   * @param size - length of the value in bytes
   * @param flags - XATTR_CREATE, XATTR_REPLACE or 0
   */
  inode_setsecurity: unknown

  /**
   * The names of attributes are listed on a file system that stores none. Add yours.
   *
   * Answer: The length in bytes of your names. The first module that answers more than 0 ends the list: lists are
   * not joined in 6.12.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. Private inodes (S_PRIVATE) are not
   * asked about. BPF programs may not attach.
   *
   * System calls: listxattr, llistxattr, flistxattr.
   *
   * In Linux 6.12: selinux, smack.
   *
   * @param inode - the inode
   * @param buffer - where the names go, each with a NUL; null when only the length is wanted
   * @param buffer_size - its room in bytes
   */
  inode_listsecurity: unknown

  /**
   * Audit, IMA or BPF asks for the security id of an inode.
   *
   * Answer: None: the hook is a notification.
   *
   * Every module is called. BPF programs return nothing that counts.
   *
   * System calls: lstat, unlink, chmod, openat.
   *
   * In Linux 6.12: selinux, smack.
   *
   * @param inode - the inode
   * @param secid - where the security id goes: set `.value`
   */
  inode_getsecid: unknown

  /**
   * overlayfs is about to copy a file from a lower layer to the upper one. Choose the label of the copy.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno.
   *
   * System calls: rename, chmod, openat.
   *
   * In Linux 6.12: selinux, smack.
   *
   * @param src - the file in the lower layer
   * @param new - credentials to create the copy with; make them when null
   */
  inode_copy_up: unknown

  /**
   * overlayfs is about to copy one attribute of a file to the upper layer.
   *
   * Answer: -ECANCELED leaves the attribute out, 0 copies it, -EOPNOTSUPP has no opinion (it is copied). Any other
   * -errno fails the copy.
   *
   * -EOPNOTSUPP means "no opinion". The first other answer decides, 0 included. BPF programs may not attach.
   *
   * System calls: rename, chmod, openat.
   *
   * In Linux 6.12: selinux, smack, evm.
   *
   * @param src - the file in the lower layer
   * @param name - full name of the extended attribute, prefix included: `security.selinux`
   */
  inode_copy_up_xattr: unknown

  /**
   * A file system knows something about the integrity of a file, such as the digest or signature of fs-verity.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno.
   *
   * System calls: none of those recorded.
   *
   * In Linux 6.12: ipe.
   *
   * @param inode - the inode
   * @param type - LSM_INT_FSVERITY_BUILTINSIG_VALID and its kin
   * @param value - the bytes; null when it is withdrawn
   * @param size - length of the value in bytes
   */
  inode_setintegrity: unknown

  /**
   * A node of kernfs (sysfs, cgroupfs) has been made. Give it the attributes that its inode will have.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno, and
   * may sleep.
   *
   * System calls: ioctl, clone, unshare.
   *
   * In Linux 6.12: selinux.
   *
   * @param kn_dir - the node of the directory
   * @param kn - the new node
   */
  kernfs_init_security: unknown

  /**
   * An open file is about to be read, written or listed: each read(2), write(2) and getdents(2). The open was
   * decided before; check again only what may have changed.
   *
   * Answer: 0 allows. -EACCES is usual.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno.
   *
   * System calls: read, write, pread64, pwrite64, writev, sendfile, execve, getdents64, splice, fallocate,
   * finit_module, kexec_file_load and 3 more.
   *
   * In Linux 6.12: selinux, apparmor.
   *
   * @param file - the open file; `f_inode`, `f_flags` (`O_*`), `f_mode` (`FMODE_*`), `f_cred` (credentials it was
   * opened with)
   * @param mask - MAY_READ, MAY_WRITE, MAY_APPEND, MAY_EXEC
   */
  file_permission: unknown

  /**
   * An open file has been made, and nothing is known of it yet but `f_cred`. Your state is on it.
   *
   * Answer: 0 goes on. -errno undoes what the modules before you have done and fails the open.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. State on `file` is made before the
   * modules are asked, and freed when one refuses. BPF programs return 0 or -errno.
   *
   * System calls: read, open, mmap, pipe, shmget, shmat, socket, accept, socketpair, getsockopt, execve, creat and
   * 28 more.
   *
   * In Linux 6.12: selinux, smack, apparmor, landlock.
   *
   * @param file - the open file; `f_inode`, `f_flags` (`O_*`), `f_mode` (`FMODE_*`), `f_cred` (credentials it was
   * opened with)
   */
  file_alloc_security: unknown

  /**
   * The last descriptor of an open file has been closed. The inode is still there.
   *
   * Answer: None: the hook is a notification.
   *
   * Every module is called. BPF programs return nothing that counts.
   *
   * System calls: close.
   *
   * In Linux 6.12: ima, evm.
   *
   * @param file - the open file; `f_inode`, `f_flags` (`O_*`), `f_mode` (`FMODE_*`), `f_cred` (credentials it was
   * opened with)
   */
  file_release: unknown

  /**
   * An open file is about to be freed. Release what your state refers to.
   *
   * Answer: None: the hook is a notification.
   *
   * Every module is called. BPF programs return nothing that counts.
   *
   * System calls: open, close, execve, creat, openat, execveat, openat2.
   *
   * In Linux 6.12: apparmor, landlock.
   *
   * @param file - the open file; `f_inode`, `f_flags` (`O_*`), `f_mode` (`FMODE_*`), `f_cred` (credentials it was
   * opened with)
   */
  file_free_security: unknown

  /**
   * overlayfs has opened the file of a layer on behalf of an open overlay file. Your state is on it.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. State on `backing_file` is made before
   * the modules are asked, and freed when one refuses. BPF programs return 0 or -errno.
   *
   * System calls: open, openat.
   *
   * In Linux 6.12: selinux.
   *
   * @param backing_file - the open file of the layer
   * @param user_file - the open file that the program holds
   */
  backing_file_alloc: unknown

  /**
   * The open file of a layer is about to be freed.
   *
   * Answer: None: the hook is a notification.
   *
   * Every module is called. BPF programs return nothing that counts.
   *
   * System calls: close.
   *
   * In Linux 6.12: selinux.
   *
   * @param backing_file - the open file of the layer
   */
  backing_file_free: unknown

  /**
   * ioctl(2) is about to run, the commands that the kernel itself answers included.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno, and
   * may sleep.
   *
   * System calls: ioctl.
   *
   * In Linux 6.12: selinux, smack, tomoyo, landlock.
   *
   * @param file - the open file; `f_inode`, `f_flags` (`O_*`), `f_mode` (`FMODE_*`), `f_cred` (credentials it was
   * opened with)
   * @param cmd - the command number
   * @param arg - the third argument: a number or an address
   */
  file_ioctl: unknown

  /**
   * As `file_ioctl`, from a 32-bit program.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno.
   *
   * System calls: none of those recorded.
   *
   * In Linux 6.12: selinux, smack, tomoyo, landlock.
   *
   * @param file - the open file; `f_inode`, `f_flags` (`O_*`), `f_mode` (`FMODE_*`), `f_cred` (credentials it was
   * opened with)
   * @param cmd - the command number
   * @param arg - the third argument: a number or an address
   */
  file_ioctl_compat: unknown

  /**
   * A mapping is about to be placed at an address.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno.
   *
   * System calls: mmap, brk, mremap, shmat, execve, io_setup, remap_file_pages, execveat.
   *
   * In Linux 6.12: capability, selinux, smack.
   *
   * @param addr - the address in bytes; low ones need CAP_SYS_RAWIO
   */
  mmap_addr: unknown

  /**
   * A mapping is about to be made, of a file or of anonymous memory.
   *
   * Answer: 0 maps. -EACCES is usual.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno, and
   * may sleep.
   *
   * System calls: mmap, shmat, execve, remap_file_pages, execveat.
   *
   * In Linux 6.12: capability, selinux, smack, apparmor, ima, ipe.
   *
   * @param file - the file; null for anonymous memory
   * @param reqprot - the protection that was asked for, `PROT_*`
   * @param prot - the protection that the kernel will use: PROT_EXEC may be added
   * @param flags - `MAP_*`
   */
  mmap_file: unknown

  /**
   * overlayfs maps the file of a layer in place of its own.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno.
   *
   * System calls: mmap.
   *
   * In Linux 6.12: selinux.
   *
   * @param vma - the mapping
   * @param backing_file - the open file of the layer
   * @param user_file - the open file that the program holds
   */
  mmap_backing_file: unknown

  /**
   * mprotect(2) is about to change the protection of a mapping.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno.
   *
   * System calls: mprotect, pkey_mprotect.
   *
   * In Linux 6.12: selinux, apparmor, ima, ipe.
   *
   * @param vma - the mapping, with its file and its present flags (`VM_*`)
   * @param reqprot - the protection that was asked for, `PROT_*`
   * @param prot - the protection that the kernel will use
   */
  file_mprotect: unknown

  /**
   * A lock is about to be taken or given up: flock(2), F_SETLK and its kin.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno, and
   * may sleep.
   *
   * System calls: fcntl, flock.
   *
   * In Linux 6.12: selinux, smack, apparmor.
   *
   * @param file - the open file; `f_inode`, `f_flags` (`O_*`), `f_mode` (`FMODE_*`), `f_cred` (credentials it was
   * opened with)
   * @param cmd - F_RDLCK, F_WRLCK or F_UNLCK
   */
  file_lock: unknown

  /**
   * fcntl(2) is about to run.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno.
   *
   * System calls: fcntl.
   *
   * In Linux 6.12: selinux, smack, tomoyo.
   *
   * @param file - the open file; `f_inode`, `f_flags` (`O_*`), `f_mode` (`FMODE_*`), `f_cred` (credentials it was
   * opened with)
   * @param cmd - the command, `F_*`
   * @param arg - the third argument: a number or an address
   */
  file_fcntl: unknown

  /**
   * An open file gets an owner who will receive its signals (F_SETOWN, F_NOTIFY, a lease). Remember who set it.
   *
   * Answer: None: the hook is a notification.
   *
   * Every module is called. BPF programs return nothing that counts.
   *
   * System calls: fcntl.
   *
   * In Linux 6.12: selinux, smack, landlock.
   *
   * @param file - the open file; `f_inode`, `f_flags` (`O_*`), `f_mode` (`FMODE_*`), `f_cred` (credentials it was
   * opened with)
   */
  file_set_fowner: unknown

  /**
   * The kernel is about to send SIGIO or SIGURG because something happened on a file. The current task may be
   * anybody.
   *
   * Answer: 0 sends. -errno drops the signal.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno.
   *
   * System calls: write.
   *
   * In Linux 6.12: selinux, smack, landlock.
   *
   * @param tsk - the task that would get it
   * @param fown - the owner record of the open file
   * @param sig - the signal; 0 is SIGIO
   */
  file_send_sigiotask: unknown

  /**
   * A task is about to receive an open file: over a Unix socket (SCM_RIGHTS) or by pidfd_getfd(2).
   *
   * Answer: 0 installs the descriptor. -errno ends the list of descriptors there; the message is still delivered.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno, and
   * may sleep.
   *
   * System calls: recvmsg, pidfd_getfd.
   *
   * In Linux 6.12: selinux, smack, apparmor.
   *
   * @param file - the open file; `current` is the receiver
   */
  file_receive: unknown

  /**
   * Each open, after the path walk and the mode bits and before the file system's own open.
   *
   * Answer: 0 opens. -errno fails open(2) with it, -EACCES usually; a file that O_CREAT made stays.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno, and
   * may sleep.
   *
   * System calls: read, open, execve, creat, acct, swapon, mq_open, openat, open_by_handle_at, execveat,
   * io_uring_enter, pidfd_open, openat2.
   *
   * In Linux 6.12: selinux, smack, apparmor, tomoyo, landlock.
   *
   * @param file - the file about to be open: `f_inode`, `f_path`, `f_flags` (`O_*`), `f_mode` (`FMODE_*`), `f_cred`
   * (the opener)
   */
  file_open: unknown

  /**
   * An open has succeeded, and the program does not have the descriptor yet. IMA measures here.
   *
   * Answer: 0 goes on. -errno closes the file again and fails open(2).
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno, and
   * may sleep.
   *
   * System calls: open, execve, creat, acct, swapon, openat, open_by_handle_at, execveat, io_uring_enter, openat2.
   *
   * In Linux 6.12: ima.
   *
   * @param file - the open file; `f_inode`, `f_flags` (`O_*`), `f_mode` (`FMODE_*`), `f_cred` (credentials it was
   * opened with)
   * @param mask - MAY_READ, MAY_WRITE, MAY_EXEC as it was opened
   */
  file_post_open: unknown

  /**
   * An open file is about to change its length: ftruncate(2), or open with O_TRUNC.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno.
   *
   * System calls: open, ftruncate, creat, openat, openat2.
   *
   * In Linux 6.12: apparmor, tomoyo, landlock, ima.
   *
   * @param file - the open file; `f_inode`, `f_flags` (`O_*`), `f_mode` (`FMODE_*`), `f_cred` (credentials it was
   * opened with)
   */
  file_truncate: unknown

  /**
   * fork or clone has made a task that does not run yet. Your state is on it.
   *
   * Answer: 0 goes on. -errno undoes what the modules before you have done and fails the fork.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. State on `task` is made before the
   * modules are asked, and freed when one refuses. BPF programs return 0 or -errno, and may sleep.
   *
   * System calls: clone, fork, io_uring_setup, io_uring_enter, clone3.
   *
   * In Linux 6.12: selinux, apparmor, tomoyo.
   *
   * @param task - the new task; `current` is the parent
   * @param clone_flags - `CLONE_*`
   */
  task_alloc: unknown

  /**
   * A task has gone and is about to be freed.
   *
   * Answer: None: the hook is a notification.
   *
   * Every module is called. BPF programs return nothing that counts.
   *
   * System calls: clone.
   *
   * In Linux 6.12: apparmor, tomoyo, yama.
   *
   * @param task - the task
   */
  task_free: unknown

  /**
   * The kernel makes empty credentials, to be filled in later by `cred_transfer`.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. State on `cred` is made before the
   * modules are asked, and freed when one refuses. BPF programs return 0 or -errno.
   *
   * System calls: keyctl.
   *
   * In Linux 6.12: smack, apparmor.
   *
   * @param cred - the new credentials, all zero
   * @param gfp - `GFP_*` flags of the allocation; of no meaning here
   */
  cred_alloc_blank: unknown

  /**
   * Credentials are about to be freed.
   *
   * Answer: None: the hook is a notification.
   *
   * Every module is called. BPF programs return nothing that counts.
   *
   * System calls: access, faccessat2.
   *
   * In Linux 6.12: smack, apparmor, landlock.
   *
   * @param cred - the credentials
   */
  cred_free: unknown

  /**
   * The kernel copies credentials in order to change them: fork, execve, setuid, capset. Copy your state.
   *
   * Answer: 0 goes on. -errno undoes what the modules before you have done; the caller sees -ENOMEM.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. State on `cred` is made before the
   * modules are asked, and freed when one refuses. BPF programs return 0 or -errno, and may sleep.
   *
   * System calls: access, clone, fork, execve, setuid, setgid, setreuid, setregid, setgroups, setresuid, setresgid,
   * setfsuid and 10 more.
   *
   * In Linux 6.12: selinux, smack, apparmor, tomoyo, landlock.
   *
   * @param new - the copy, with your state fresh on it
   * @param old - the credentials it is made from
   * @param gfp - `GFP_*` flags of the allocation; of no meaning here
   */
  cred_prepare: unknown

  /**
   * Blank credentials take over everything from others (KEYCTL_SESSION_TO_PARENT). Copy your state.
   *
   * Answer: None: the hook is a notification.
   *
   * Every module is called. BPF programs return nothing that counts.
   *
   * System calls: keyctl.
   *
   * In Linux 6.12: selinux, smack, apparmor, landlock.
   *
   * @param new - the credentials made by `cred_alloc_blank`
   * @param old - the credentials they are made from
   */
  cred_transfer: unknown

  /**
   * Audit or IMA asks for the security id of credentials.
   *
   * Answer: None: the hook is a notification.
   *
   * Every module is called. The output is cleared before the first module is asked. BPF programs return nothing that
   * counts.
   *
   * System calls: ioctl.
   *
   * In Linux 6.12: selinux, smack.
   *
   * @param c - the credentials
   * @param secid - where the security id goes: set `.value`
   */
  cred_getsecid: unknown

  /**
   * A service inside the kernel (cachefiles) is about to act as somebody else.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno.
   *
   * System calls: write.
   *
   * In Linux 6.12: selinux, smack.
   *
   * @param new - the new credentials, not yet in use: they may be changed
   * @param secid - the security id to act under
   */
  kernel_act_as: unknown

  /**
   * A service inside the kernel is to create files labelled like an inode.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno.
   *
   * System calls: write.
   *
   * In Linux 6.12: selinux, smack.
   *
   * @param new - the new credentials, not yet in use: they may be changed
   * @param inode - the inode to take after
   */
  kernel_create_files_as: unknown

  /**
   * The kernel wants user space to load a module that something needs.
   *
   * Answer: 0 asks user space. -errno: the module is not loaded, and what needed it fails.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno, and
   * may sleep.
   *
   * System calls: execve.
   *
   * In Linux 6.12: selinux, ima.
   *
   * @param kmod_name - its name or alias: `fs-ext4`, `net-pf-40`
   */
  kernel_module_request: unknown

  /**
   * A program hands the kernel code or data without a file: init_module(2), kexec_load(2), firmware.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno.
   *
   * System calls: init_module, kexec_load.
   *
   * In Linux 6.12: selinux, loadpin, ima, ipe.
   *
   * @param id - what it is, `LOADING_*`
   * @param contents - true when `kernel_post_load_data` will see the bytes
   */
  kernel_load_data: unknown

  /**
   * The bytes of `kernel_load_data` have been read, and nothing has been done with them.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno.
   *
   * System calls: init_module.
   *
   * In Linux 6.12: ima.
   *
   * @param buf - the bytes
   * @param size - how many
   * @param id - what it is, `LOADING_*`
   * @param description - what it is, in words
   */
  kernel_post_load_data: unknown

  /**
   * The kernel is about to read a file for itself: a module, firmware, a kexec image, a policy.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno, and
   * may sleep.
   *
   * System calls: finit_module, kexec_file_load.
   *
   * In Linux 6.12: selinux, loadpin, ima, ipe.
   *
   * @param file - the open file; null when it is not from a file
   * @param id - what it is, `READING_*`
   * @param contents - true when `kernel_post_read_file` will see the bytes
   */
  kernel_read_file: unknown

  /**
   * The bytes of `kernel_read_file` have been read, and nothing has been done with them.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno.
   *
   * System calls: finit_module, kexec_file_load.
   *
   * In Linux 6.12: ima.
   *
   * @param file - the open file; null when it is not from a file
   * @param buf - the bytes
   * @param size - how many
   * @param id - what it is, `READING_*`
   */
  kernel_post_read_file: unknown

  /**
   * A `set*uid` call has put new user ids into new credentials. Adjust what follows from them.
   *
   * Answer: 0 goes on. -errno fails the call. `capability` drops capabilities here.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno.
   *
   * System calls: setuid, setreuid, setresuid, setfsuid.
   *
   * In Linux 6.12: capability, safesetid.
   *
   * @param new - the new credentials, not yet in use: they may be changed
   * @param old - the credentials they are made from
   * @param flags - which call: LSM_SETID_ID, _RE, _RES, _FS
   */
  task_fix_setuid: unknown

  /**
   * A `set*gid` call has put new group ids into new credentials.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno.
   *
   * System calls: setgid, setregid, setresgid, setfsgid.
   *
   * In Linux 6.12: safesetid.
   *
   * @param new - the new credentials, not yet in use: they may be changed
   * @param old - the credentials they are made from
   * @param flags - which call: LSM_SETID_ID, _RE, _RES, _FS
   */
  task_fix_setgid: unknown

  /**
   * setgroups(2) has put a new list of groups into new credentials.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno.
   *
   * System calls: setgroups.
   *
   * In Linux 6.12: safesetid.
   *
   * @param new - the new credentials, not yet in use: they may be changed
   * @param old - the credentials they are made from
   */
  task_fix_setgroups: unknown

  /**
   * setpgid(2) is about to move a task to a process group.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno.
   *
   * System calls: setpgid.
   *
   * In Linux 6.12: selinux, smack.
   *
   * @param p - the other task; it may be the calling one
   * @param pgid - the process group
   */
  task_setpgid: unknown

  /**
   * getpgid(2) asks for the process group of a task.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno.
   *
   * System calls: getpgid.
   *
   * In Linux 6.12: selinux, smack.
   *
   * @param p - the other task; it may be the calling one
   */
  task_getpgid: unknown

  /**
   * getsid(2) asks for the session of a task.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno.
   *
   * System calls: getsid.
   *
   * In Linux 6.12: selinux, smack.
   *
   * @param p - the other task; it may be the calling one
   */
  task_getsid: unknown

  /**
   * Audit, IMA or NetLabel asks for the security id the current task acts under.
   *
   * Answer: None: the hook is a notification.
   *
   * Every module is called. The output is cleared before the first module is asked. BPF programs return nothing that
   * counts, and may sleep.
   *
   * System calls: write, open, pwrite64, access, shmget, shmat, shmctl, execve, kill, semget, semop, semctl and 65
   * more.
   *
   * In Linux 6.12: selinux, smack, apparmor.
   *
   * @param secid - where the security id goes: set `.value`
   */
  current_getsecid_subj: unknown

  /**
   * Audit asks for the security id of a task that something is done to.
   *
   * Answer: None: the hook is a notification.
   *
   * Every module is called. The output is cleared before the first module is asked. BPF programs return nothing that
   * counts, and may sleep.
   *
   * System calls: kill.
   *
   * In Linux 6.12: selinux, smack, apparmor.
   *
   * @param p - the other task; it may be the calling one
   * @param secid - where the security id goes: set `.value`
   */
  task_getsecid_obj: unknown

  /**
   * The nice value of a task is about to change.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno.
   *
   * System calls: setpriority.
   *
   * In Linux 6.12: capability, selinux, smack.
   *
   * @param p - the other task; it may be the calling one
   * @param nice - -20 (first) to 19 (last)
   */
  task_setnice: unknown

  /**
   * The I/O priority of a task is about to change.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno.
   *
   * System calls: ioprio_set.
   *
   * In Linux 6.12: capability, selinux, smack.
   *
   * @param p - the other task; it may be the calling one
   * @param ioprio - class in the upper three bits, level below
   */
  task_setioprio: unknown

  /**
   * ioprio_get(2) asks for the I/O priority of a task.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno.
   *
   * System calls: ioprio_get.
   *
   * In Linux 6.12: selinux, smack.
   *
   * @param p - the other task; it may be the calling one
   */
  task_getioprio: unknown

  /**
   * prlimit(2) is about to read or set limits of another process.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno.
   *
   * System calls: prlimit64.
   *
   * In Linux 6.12: selinux.
   *
   * @param cred - credentials of the caller
   * @param tcred - credentials of the other process
   * @param flags - LSM_PRLIMIT_READ, LSM_PRLIMIT_WRITE, or both
   */
  task_prlimit: unknown

  /**
   * A resource limit of a process is about to change.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno.
   *
   * System calls: setrlimit, prlimit64.
   *
   * In Linux 6.12: selinux, apparmor.
   *
   * @param p - a task of the process
   * @param resource - `RLIMIT_*`
   * @param new_rlim - the new soft and hard limit
   */
  task_setrlimit: unknown

  /**
   * Policy, priority or processors of a task are about to change.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno, and
   * may sleep.
   *
   * System calls: sched_setparam, sched_setscheduler.
   *
   * In Linux 6.12: capability, selinux, smack.
   *
   * @param p - the other task; it may be the calling one
   */
  task_setscheduler: unknown

  /**
   * Policy, priority or processors of a task are asked for.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno.
   *
   * System calls: sched_getparam, sched_getscheduler, sched_rr_get_interval, sched_getaffinity.
   *
   * In Linux 6.12: selinux, smack.
   *
   * @param p - the other task; it may be the calling one
   */
  task_getscheduler: unknown

  /**
   * The pages of a task are about to move between memory nodes (move_pages, migrate_pages).
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno.
   *
   * System calls: migrate_pages, move_pages.
   *
   * In Linux 6.12: selinux, smack.
   *
   * @param p - the other task; it may be the calling one
   */
  task_movememory: unknown

  /**
   * A signal is about to be sent to a task. Signals that the kernel itself raises do not ask.
   *
   * Answer: 0 sends. -EPERM is usual.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno.
   *
   * System calls: kill, rt_sigqueueinfo, tkill, pidfd_send_signal.
   *
   * In Linux 6.12: selinux, smack, apparmor, landlock.
   *
   * @param p - the task that would get it
   * @param info - details of the signal; null when there are none
   * @param sig - the signal; 0 only asks whether it could be sent
   * @param cred - credentials to check; null for those of the current task
   */
  task_kill: unknown

  /**
   * prctl(2) runs, for every option, also those that no kernel knows.
   *
   * Answer: -ENOSYS says that the option is not yours. Anything else is the result of prctl; a value other than 0
   * ends the round, 0 lets later modules see the call too.
   *
   * It has a dispatch rule of its own. BPF programs return 0 or -errno, and may sleep.
   *
   * System calls: prctl.
   *
   * In Linux 6.12: capability, yama.
   *
   * @param option - `PR_*`
   * @param arg2 - as the program gave it
   * @param arg3 - as the program gave it
   * @param arg4 - as the program gave it
   * @param arg5 - as the program gave it
   */
  task_prctl: unknown

  /**
   * An inode under /proc/PID takes its label from the task.
   *
   * Answer: None: the hook is a notification.
   *
   * Every module is called. BPF programs return nothing that counts.
   *
   * System calls: open, stat, access, truncate, chdir, readlink, chmod, getdents64, openat, fchownat, newfstatat,
   * unlinkat and 6 more.
   *
   * In Linux 6.12: selinux, smack.
   *
   * @param p - the other task; it may be the calling one
   * @param inode - the inode
   */
  task_to_inode: unknown

  /**
   * A user namespace is about to be made.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno, and
   * may sleep.
   *
   * System calls: clone, unshare.
   *
   * In Linux 6.12: selinux, apparmor.
   *
   * @param cred - the credentials that make it
   */
  userns_create: unknown

  /**
   * Access to a System V object is checked by its mode bits, which have agreed already.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno.
   *
   * System calls: shmget, shmat, shmctl, semget, semop, semctl, msgget, msgsnd, msgrcv, msgctl.
   *
   * In Linux 6.12: selinux, smack.
   *
   * @param ipcp - the IPC object: `key`, `id`, `uid`, `gid`, `cuid`, `cgid`, `mode`
   * @param flag - what is wanted, as mode bits: 0o444 to read, 0o222 to write
   */
  ipc_permission: unknown

  /**
   * Audit asks for the security id of a System V object.
   *
   * Answer: None: the hook is a notification.
   *
   * Every module is called. The output is cleared before the first module is asked. BPF programs return nothing that
   * counts.
   *
   * System calls: shmctl.
   *
   * In Linux 6.12: selinux, smack.
   *
   * @param ipcp - the IPC object: `key`, `id`, `uid`, `gid`, `cuid`, `cgid`, `mode`
   * @param secid - where the security id goes: set `.value`
   */
  ipc_getsecid: unknown

  /**
   * A message has been made, and is not in a queue yet. Your state is on it.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. State on `msg_msg` is made before the
   * modules are asked, and freed when one refuses. BPF programs return 0 or -errno.
   *
   * System calls: msgsnd, mq_timedsend.
   *
   * In Linux 6.12: selinux, smack.
   *
   * @param msg - the message
   */
  msg_msg_alloc_security: unknown

  /**
   * A message is about to be freed.
   *
   * Answer: None: the hook is a notification.
   *
   * Every module is called. BPF programs return nothing that counts.
   *
   * System calls: msgsnd, msgrcv, msgctl.
   *
   * In Linux 6.12: no module but bpf.
   *
   * @param msg - the message
   */
  msg_msg_free_security: unknown

  /**
   * A message queue has been made. Your state is on it.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. State on `ipc` is made before the
   * modules are asked, and freed when one refuses. BPF programs return 0 or -errno.
   *
   * System calls: msgget.
   *
   * In Linux 6.12: selinux, smack.
   *
   * @param perm - the IPC object: `key`, `id`, `uid`, `gid`, `cuid`, `cgid`, `mode`
   */
  msg_queue_alloc_security: unknown

  /**
   * A message queue is about to be freed.
   *
   * Answer: None: the hook is a notification.
   *
   * Every module is called. BPF programs return nothing that counts.
   *
   * System calls: msgctl.
   *
   * In Linux 6.12: no module but bpf.
   *
   * @param perm - the IPC object: `key`, `id`, `uid`, `gid`, `cuid`, `cgid`, `mode`
   */
  msg_queue_free_security: unknown

  /**
   * msgget(2) has found a queue by its key.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno.
   *
   * System calls: msgget.
   *
   * In Linux 6.12: selinux, smack.
   *
   * @param perm - the IPC object: `key`, `id`, `uid`, `gid`, `cuid`, `cgid`, `mode`
   * @param msqflg - mode bits and `IPC_*` of the call
   */
  msg_queue_associate: unknown

  /**
   * msgctl(2) is about to run.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno.
   *
   * System calls: msgctl.
   *
   * In Linux 6.12: selinux, smack.
   *
   * @param perm - the queue; null for commands about all of them
   * @param cmd - `IPC_*`, `MSG_*`
   */
  msg_queue_msgctl: unknown

  /**
   * A message is about to be put into a queue.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno.
   *
   * System calls: msgsnd.
   *
   * In Linux 6.12: selinux, smack.
   *
   * @param perm - the IPC object: `key`, `id`, `uid`, `gid`, `cuid`, `cgid`, `mode`
   * @param msg - the message
   * @param msqflg - IPC_NOWAIT or 0
   */
  msg_queue_msgsnd: unknown

  /**
   * A message is about to be taken from a queue. Asked for each candidate; it may be asked by the sender, for a
   * receiver that waits.
   *
   * Answer: 0 takes it. -errno passes over this message.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno.
   *
   * System calls: msgsnd, msgrcv.
   *
   * In Linux 6.12: selinux, smack.
   *
   * @param perm - the IPC object: `key`, `id`, `uid`, `gid`, `cuid`, `cgid`, `mode`
   * @param msg - the message
   * @param target - the task that would get it
   * @param type - the type asked for, as in msgrcv(2)
   * @param mode - how the type was meant: any, equal, not equal, at most, by number
   */
  msg_queue_msgrcv: unknown

  /**
   * A shared memory segment has been made. Your state is on it.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. State on `ipc` is made before the
   * modules are asked, and freed when one refuses. BPF programs return 0 or -errno.
   *
   * System calls: shmget.
   *
   * In Linux 6.12: selinux, smack.
   *
   * @param perm - the IPC object: `key`, `id`, `uid`, `gid`, `cuid`, `cgid`, `mode`
   */
  shm_alloc_security: unknown

  /**
   * A shared memory segment is about to be freed.
   *
   * Answer: None: the hook is a notification.
   *
   * Every module is called. BPF programs return nothing that counts.
   *
   * System calls: shmctl.
   *
   * In Linux 6.12: no module but bpf.
   *
   * @param perm - the IPC object: `key`, `id`, `uid`, `gid`, `cuid`, `cgid`, `mode`
   */
  shm_free_security: unknown

  /**
   * shmget(2) has found a segment by its key.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno.
   *
   * System calls: shmget.
   *
   * In Linux 6.12: selinux, smack.
   *
   * @param perm - the IPC object: `key`, `id`, `uid`, `gid`, `cuid`, `cgid`, `mode`
   * @param shmflg - mode bits and `IPC_*` of the call
   */
  shm_associate: unknown

  /**
   * shmctl(2) is about to run.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno.
   *
   * System calls: shmctl.
   *
   * In Linux 6.12: selinux, smack.
   *
   * @param perm - the segment; null for commands about all of them
   * @param cmd - `IPC_*`, `SHM_*`
   */
  shm_shmctl: unknown

  /**
   * shmat(2) is about to map a segment.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno.
   *
   * System calls: shmat.
   *
   * In Linux 6.12: selinux, smack.
   *
   * @param perm - the IPC object: `key`, `id`, `uid`, `gid`, `cuid`, `cgid`, `mode`
   * @param shmaddr - the address asked for; null for any
   * @param shmflg - SHM_RDONLY, SHM_EXEC, SHM_REMAP
   */
  shm_shmat: unknown

  /**
   * A semaphore set has been made. Your state is on it.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. State on `ipc` is made before the
   * modules are asked, and freed when one refuses. BPF programs return 0 or -errno.
   *
   * System calls: semget.
   *
   * In Linux 6.12: selinux, smack.
   *
   * @param perm - the IPC object: `key`, `id`, `uid`, `gid`, `cuid`, `cgid`, `mode`
   */
  sem_alloc_security: unknown

  /**
   * A semaphore set is about to be freed.
   *
   * Answer: None: the hook is a notification.
   *
   * Every module is called. BPF programs return nothing that counts.
   *
   * System calls: semctl.
   *
   * In Linux 6.12: no module but bpf.
   *
   * @param perm - the IPC object: `key`, `id`, `uid`, `gid`, `cuid`, `cgid`, `mode`
   */
  sem_free_security: unknown

  /**
   * semget(2) has found a set by its key.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno.
   *
   * System calls: semget.
   *
   * In Linux 6.12: selinux, smack.
   *
   * @param perm - the IPC object: `key`, `id`, `uid`, `gid`, `cuid`, `cgid`, `mode`
   * @param semflg - mode bits and `IPC_*` of the call
   */
  sem_associate: unknown

  /**
   * semctl(2) is about to run.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno.
   *
   * System calls: semctl.
   *
   * In Linux 6.12: selinux, smack.
   *
   * @param perm - the set; null for commands about all of them
   * @param cmd - `IPC_*`, `SEM_*`, GETVAL and its kin
   */
  sem_semctl: unknown

  /**
   * Operations on semaphores are about to run.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno.
   *
   * System calls: semop.
   *
   * In Linux 6.12: selinux, smack.
   *
   * @param perm - the IPC object: `key`, `id`, `uid`, `gid`, `cuid`, `cgid`, `mode`
   * @param sops - the operations: `sem_num`, `sem_op`, `sem_flg`
   * @param nsops - how many
   * @param alter - 1 when one of them changes a value, 0 when all only wait
   */
  sem_semop: unknown

  /**
   * A program is about to send a netlink message.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno, and
   * may sleep.
   *
   * System calls: sendto.
   *
   * In Linux 6.12: selinux.
   *
   * @param sk - the sending socket
   * @param skb - the message
   */
  netlink_send: unknown

  /**
   * A name gets its inode: at a look-up, or when a file is made. An inode whose label is not known yet finds it out
   * here.
   *
   * Answer: None: the hook is a notification.
   *
   * Every module is called. Private inodes (S_PRIVATE) are not asked about. BPF programs return nothing that counts.
   *
   * System calls: open, stat, mmap, access, pipe, shmget, socket, accept, bind, socketpair, getsockopt, truncate and
   * 43 more.
   *
   * In Linux 6.12: selinux, smack.
   *
   * @param dentry - the name, with its inode in `d_inode` (null when the name does not exist yet)
   * @param inode - its inode; null for a name that does not exist
   */
  d_instantiate: unknown

  /**
   * lsm_get_self_attr(2) reads an attribute of the current task. All modules that have it answer, one record each.
   *
   * Answer: How many records you have written. -EOPNOTSUPP: you do not have the attribute. -E2BIG: no room. Any
   * other -errno ends the call.
   *
   * It has a dispatch rule of its own. BPF programs may not attach.
   *
   * System calls: lsm_get_self_attr.
   *
   * In Linux 6.12: selinux, smack, apparmor.
   *
   * @param attr - LSM_ATTR_CURRENT, _EXEC, _FSCREATE, _KEYCREATE, _PREV, _SOCKCREATE
   * @param ctx - room for your record; null when only the length is wanted
   * @param size - bytes of room left; set it to what you need
   * @param flags - 0 or LSM_FLAG_SINGLE
   */
  getselfattr: unknown

  /**
   * lsm_set_self_attr(2) sets an attribute of the current task. Only the module that is named is asked.
   *
   * Answer: 0 or more when it is set. -EOPNOTSUPP: you do not have the attribute.
   *
   * It has a dispatch rule of its own. BPF programs return 0 or -errno.
   *
   * System calls: lsm_set_self_attr.
   *
   * In Linux 6.12: selinux, smack, apparmor.
   *
   * @param attr - `LSM_ATTR_*`
   * @param ctx - the record, header checked
   * @param size - bytes of the record
   * @param flags - 0
   */
  setselfattr: unknown

  /**
   * /proc/PID/attr/NAME is read. Without a module in the path only the first module on this hook is asked.
   *
   * Answer: Length of the text in bytes, 0 for none. -EINVAL: no such attribute.
   *
   * It has a dispatch rule of its own. BPF programs may not attach.
   *
   * System calls: read.
   *
   * In Linux 6.12: selinux, smack, apparmor.
   *
   * @param p - the task
   * @param name - current, prev, exec, fscreate, keycreate, sockcreate
   * @param value - where the text goes
   */
  getprocattr: unknown

  /**
   * /proc/self/attr/NAME is written. Without a module in the path only the first module on this hook is asked.
   *
   * Answer: How many bytes you have taken. -EINVAL: no such attribute or no such label.
   *
   * It has a dispatch rule of its own. BPF programs may not attach.
   *
   * System calls: write.
   *
   * In Linux 6.12: selinux, smack, apparmor.
   *
   * @param name - current, exec, fscreate, keycreate, sockcreate
   * @param value - the bytes written
   * @param size - how many, at most 4096
   */
  setprocattr: unknown

  /**
   * NFS asks whether an attribute name is a label.
   *
   * Answer: 1 when the name is your label, 0 when it is not.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs may not attach.
   *
   * System calls: listxattr.
   *
   * In Linux 6.12: selinux, smack.
   *
   * @param name - the name without `security.`: `selinux`
   */
  ismaclabel: unknown

  /**
   * A security id is turned into text: audit, SO_PEERSEC, SCM_SECURITY.
   *
   * Answer: 0 when you have given the text. -EOPNOTSUPP: the id is not yours.
   *
   * -EOPNOTSUPP means "no opinion". The first other answer decides, 0 included. BPF programs return 0 or -errno.
   *
   * System calls: recvmsg.
   *
   * In Linux 6.12: selinux, smack, apparmor.
   *
   * @param secid - the security id
   * @param secdata - where the text goes; null when only the length is wanted
   * @param seclen - where its length in bytes goes
   */
  secid_to_secctx: unknown

  /**
   * The text of a label is turned into a security id.
   *
   * Answer: 0 goes on to the next module: the last one that sets `secid` wins. -errno ends the round.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. The output is cleared before the first
   * module is asked. BPF programs return 0 or -errno.
   *
   * System calls: write.
   *
   * In Linux 6.12: selinux, smack, apparmor.
   *
   * @param secdata - the text
   * @param seclen - its length in bytes
   * @param secid - where the security id goes: set `.value`
   */
  secctx_to_secid: unknown

  /**
   * A text that `secid_to_secctx` or `inode_getsecctx` gave is no longer needed.
   *
   * Answer: None: the hook is a notification.
   *
   * Every module is called. BPF programs return nothing that counts, and may sleep.
   *
   * System calls: getpid, sendto.
   *
   * In Linux 6.12: selinux, apparmor.
   *
   * @param secdata - the text
   * @param seclen - its length in bytes
   */
  release_secctx: unknown

  /**
   * A network file system knows that a label has changed on the server. Forget yours.
   *
   * Answer: None: the hook is a notification.
   *
   * Every module is called. BPF programs return nothing that counts.
   *
   * System calls: none of those recorded.
   *
   * In Linux 6.12: selinux.
   *
   * @param inode - the inode
   */
  inode_invalidate_secctx: unknown

  /**
   * A file system has learnt the label of an inode from elsewhere. Take it over, without storing it.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno.
   *
   * System calls: none of those recorded.
   *
   * In Linux 6.12: selinux, smack.
   *
   * @param inode - the inode
   * @param ctx - the label as text
   * @param ctxlen - length of the context in bytes
   */
  inode_notifysecctx: unknown

  /**
   * An NFS server or client sets the label of a file. Store it and take it over.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno.
   *
   * System calls: none of those recorded.
   *
   * In Linux 6.12: selinux, smack.
   *
   * @param dentry - the name, with its inode in `d_inode` (null when the name does not exist yet)
   * @param ctx - the label as text
   * @param ctxlen - length of the context in bytes
   */
  inode_setsecctx: unknown

  /**
   * An NFS server or Ceph asks for the label of a file as text.
   *
   * Answer: 0 when you have given the text. -EOPNOTSUPP when you have none.
   *
   * -EOPNOTSUPP means "no opinion". The first other answer decides, 0 included. BPF programs return 0 or -errno.
   *
   * System calls: none of those recorded.
   *
   * In Linux 6.12: selinux, smack.
   *
   * @param inode - the inode
   * @param ctx - where the text goes
   * @param ctxlen - where its length in bytes goes
   */
  inode_getsecctx: unknown

  /**
   * A notification is about to be put into a watch queue.
   *
   * Answer: 0 delivers. -errno drops it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno.
   *
   * System calls: none of those recorded.
   *
   * In Linux 6.12: smack.
   *
   * @param w_cred - credentials of whoever set the watch
   * @param cred - credentials of whoever caused the event
   * @param n - the notification
   */
  post_notification: unknown

  /**
   * A watch is about to be put on a key.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno.
   *
   * System calls: none of those recorded.
   *
   * In Linux 6.12: selinux, smack.
   *
   * @param key - the key
   */
  watch_key: unknown

  /**
   * A Unix stream socket is about to be connected to a listener.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno.
   *
   * System calls: connect.
   *
   * In Linux 6.12: selinux, smack, landlock.
   *
   * @param sock - the connecting socket
   * @param other - the listening socket
   * @param newsk - the new end on the side of the listener
   */
  unix_stream_connect: unknown

  /**
   * A Unix datagram is about to be sent, or a datagram socket connected.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno.
   *
   * System calls: write, connect, sendto, sendmmsg.
   *
   * In Linux 6.12: selinux, smack, landlock.
   *
   * @param sock - the sender
   * @param other - the receiver
   */
  unix_may_send: unknown

  /**
   * A socket is about to be made.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno, and
   * may sleep.
   *
   * System calls: socket, connect, bind, socketpair, getsockopt, unshare, io_uring_enter.
   *
   * In Linux 6.12: selinux, apparmor.
   *
   * @param family - address family, `AF_*`
   * @param type - SOCK_STREAM, SOCK_DGRAM and so on
   * @param protocol - protocol number, 0 for the default of the family
   * @param kern - 1 when the kernel makes the socket for itself, 0 when a program does
   */
  socket_create: unknown

  /**
   * A socket has been made and has an inode. Label it.
   *
   * Answer: 0 goes on. -errno destroys the socket and fails the call.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno, and
   * may sleep.
   *
   * System calls: socket, connect, bind, socketpair, getsockopt, unshare, io_uring_enter.
   *
   * In Linux 6.12: selinux, smack, apparmor.
   *
   * @param sock - the socket as a program sees it; `sk` is the protocol socket below
   * @param family - address family, `AF_*`
   * @param type - SOCK_STREAM, SOCK_DGRAM and so on
   * @param protocol - protocol number, 0 for the default of the family
   * @param kern - 1 when the kernel makes the socket for itself, 0 when a program does
   */
  socket_post_create: unknown

  /**
   * socketpair(2) has made two sockets and is about to join them.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno, and
   * may sleep.
   *
   * System calls: socketpair.
   *
   * In Linux 6.12: selinux, smack.
   *
   * @param socka - the first
   * @param sockb - the second
   */
  socket_socketpair: unknown

  /**
   * bind(2) is about to give a socket its address.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno, and
   * may sleep.
   *
   * System calls: bind.
   *
   * In Linux 6.12: selinux, smack, apparmor, tomoyo, landlock.
   *
   * @param sock - the socket as a program sees it; `sk` is the protocol socket below
   * @param address - the address, already copied from the program; its family may be wrong, and its length is
   * `addrlen`
   * @param addrlen - length of the address in bytes, at most 128
   */
  socket_bind: unknown

  /**
   * connect(2) is about to run.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno, and
   * may sleep.
   *
   * System calls: connect.
   *
   * In Linux 6.12: selinux, smack, apparmor, tomoyo, landlock.
   *
   * @param sock - the socket as a program sees it; `sk` is the protocol socket below
   * @param address - the address, already copied from the program; its family may be wrong, and its length is
   * `addrlen`
   * @param addrlen - length of the address in bytes, at most 128
   */
  socket_connect: unknown

  /**
   * listen(2) is about to run.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno, and
   * may sleep.
   *
   * System calls: listen.
   *
   * In Linux 6.12: selinux, apparmor, tomoyo.
   *
   * @param sock - the socket as a program sees it; `sk` is the protocol socket below
   * @param backlog - how many connections may wait, limited by somaxconn
   */
  socket_listen: unknown

  /**
   * accept(2) is about to take a connection. Which one is not known yet.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno, and
   * may sleep.
   *
   * System calls: accept, accept4.
   *
   * In Linux 6.12: selinux, apparmor.
   *
   * @param sock - the listening socket
   * @param newsock - the new socket, still without a connection
   */
  socket_accept: unknown

  /**
   * A message is about to be sent, by write(2) too.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno, and
   * may sleep.
   *
   * System calls: write, sendto, sendmsg, splice, sendmmsg.
   *
   * In Linux 6.12: selinux, smack, apparmor, tomoyo, landlock.
   *
   * @param sock - the socket as a program sees it; `sk` is the protocol socket below
   * @param msg - the message: `msg_name` is the address, or null
   * @param size - length in bytes
   */
  socket_sendmsg: unknown

  /**
   * A message is about to be received, by read(2) too.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno, and
   * may sleep.
   *
   * System calls: read, recvfrom, recvmsg, recvmmsg.
   *
   * In Linux 6.12: selinux, apparmor.
   *
   * @param sock - the socket as a program sees it; `sk` is the protocol socket below
   * @param msg - where it goes
   * @param size - room in bytes
   * @param flags - `MSG_*`
   */
  socket_recvmsg: unknown

  /**
   * getsockname(2) is about to run.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno, and
   * may sleep.
   *
   * System calls: getsockname.
   *
   * In Linux 6.12: selinux, apparmor.
   *
   * @param sock - the socket as a program sees it; `sk` is the protocol socket below
   */
  socket_getsockname: unknown

  /**
   * getpeername(2) is about to run.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno, and
   * may sleep.
   *
   * System calls: getpeername.
   *
   * In Linux 6.12: selinux, apparmor.
   *
   * @param sock - the socket as a program sees it; `sk` is the protocol socket below
   */
  socket_getpeername: unknown

  /**
   * getsockopt(2) is about to run.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno, and
   * may sleep.
   *
   * System calls: getsockopt.
   *
   * In Linux 6.12: selinux, apparmor.
   *
   * @param sock - the socket as a program sees it; `sk` is the protocol socket below
   * @param level - `SOL_*` or a protocol
   * @param optname - the option
   */
  socket_getsockopt: unknown

  /**
   * setsockopt(2) is about to run.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno.
   *
   * System calls: setsockopt.
   *
   * In Linux 6.12: selinux, apparmor.
   *
   * @param sock - the socket as a program sees it; `sk` is the protocol socket below
   * @param level - `SOL_*` or a protocol
   * @param optname - the option
   */
  socket_setsockopt: unknown

  /**
   * shutdown(2) is about to run.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno, and
   * may sleep.
   *
   * System calls: shutdown.
   *
   * In Linux 6.12: selinux, apparmor.
   *
   * @param sock - the socket as a program sees it; `sk` is the protocol socket below
   * @param how - 0 for receiving, 1 for sending, 2 for both
   */
  socket_shutdown: unknown

  /**
   * A packet has arrived for a socket and is about to be queued. The current task may be anybody.
   *
   * Answer: 0 queues. -errno drops the packet; the sender is not notified.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno.
   *
   * System calls: write, connect, sendto, shutdown, sendmmsg.
   *
   * In Linux 6.12: selinux, smack, apparmor.
   *
   * @param sk - the protocol socket, which carries the security state of the connection
   * @param skb - the packet
   */
  socket_sock_rcv_skb: unknown

  /**
   * SO_PEERSEC asks for the label of the peer of a connection.
   *
   * Answer: 0 when you have given the label. -ENOPROTOOPT when you have none. -ERANGE: no room.
   *
   * -ENOPROTOOPT means "no opinion". The first other answer decides, 0 included. BPF programs return 0 or -errno.
   *
   * System calls: getsockopt.
   *
   * In Linux 6.12: selinux, smack, apparmor.
   *
   * @param sock - the socket as a program sees it; `sk` is the protocol socket below
   * @param optval - where the text goes
   * @param optlen - where its length goes
   * @param len - room in bytes
   */
  socket_getpeersec_stream: unknown

  /**
   * The sender of a datagram is asked for: it is received with SO_PASSSEC, or sent over a Unix socket.
   *
   * Answer: 0 when you have set `secid`. -ENOPROTOOPT when you know nothing.
   *
   * -ENOPROTOOPT means "no opinion". The first other answer decides, 0 included. BPF programs return 0 or -errno,
   * and may sleep.
   *
   * System calls: write, sendto, sendmsg, splice, sendmmsg.
   *
   * In Linux 6.12: selinux, smack, apparmor.
   *
   * @param sock - a connected socket, or null
   * @param skb - the packet, or null
   * @param secid - where the security id goes: set `.value`
   */
  socket_getpeersec_dgram: unknown

  /**
   * A protocol socket has been made. Your state is on it.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. State on `sock` is made before the
   * modules are asked, and freed when one refuses. BPF programs return 0 or -errno.
   *
   * System calls: open, socket, connect, bind, socketpair, getsockopt, unshare, accept4, bpf, io_uring_enter.
   *
   * In Linux 6.12: selinux, smack.
   *
   * @param sk - the protocol socket, which carries the security state of the connection
   * @param family - address family, `AF_*`
   * @param priority - `GFP_*` flags of the allocation; of no meaning here
   */
  sk_alloc_security: unknown

  /**
   * A protocol socket is about to be freed.
   *
   * Answer: None: the hook is a notification.
   *
   * Every module is called. BPF programs return nothing that counts.
   *
   * System calls: close, socket, connect, socketpair, bpf.
   *
   * In Linux 6.12: selinux, smack, apparmor.
   *
   * @param sk - the protocol socket, which carries the security state of the connection
   */
  sk_free_security: unknown

  /**
   * A protocol socket is copied for a new connection. Copy your state.
   *
   * Answer: None: the hook is a notification.
   *
   * Every module is called. BPF programs return nothing that counts.
   *
   * System calls: connect.
   *
   * In Linux 6.12: selinux, smack, apparmor.
   *
   * @param sk - the socket it is copied from
   * @param newsk - the copy
   */
  sk_clone_security: unknown

  /**
   * A packet that leaves a socket takes its security id.
   *
   * Answer: None: the hook is a notification.
   *
   * Every module is called. BPF programs return nothing that counts.
   *
   * System calls: connect, sendto.
   *
   * In Linux 6.12: selinux.
   *
   * @param sk - the protocol socket, which carries the security state of the connection
   * @param secid - where the security id goes: set `.value`
   */
  sk_getsecid: unknown

  /**
   * An accepted connection gets the socket that the program will see.
   *
   * Answer: None: the hook is a notification.
   *
   * Every module is called. BPF programs return nothing that counts.
   *
   * System calls: accept, accept4.
   *
   * In Linux 6.12: selinux, apparmor.
   *
   * @param sk - the connection
   * @param parent - the socket
   */
  sock_graft: unknown

  /**
   * A request for a connection (SYN) has arrived at a listener.
   *
   * Answer: 0 goes on. -errno drops the request; the peer is not notified.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno.
   *
   * System calls: connect.
   *
   * In Linux 6.12: selinux, smack, apparmor.
   *
   * @param sk - the listening socket
   * @param skb - the packet
   * @param req - the connection request, in a queue of the listening socket
   */
  inet_conn_request: unknown

  /**
   * The third packet of a handshake has made a socket of a request. Take over what the request knows.
   *
   * Answer: None: the hook is a notification.
   *
   * Every module is called. BPF programs return nothing that counts.
   *
   * System calls: connect.
   *
   * In Linux 6.12: selinux, smack.
   *
   * @param newsk - the new socket
   * @param req - the connection request, in a queue of the listening socket
   */
  inet_csk_clone: unknown

  /**
   * An outgoing connection has been accepted by the peer.
   *
   * Answer: None: the hook is a notification.
   *
   * Every module is called. BPF programs return nothing that counts.
   *
   * System calls: connect.
   *
   * In Linux 6.12: selinux.
   *
   * @param sk - the protocol socket, which carries the security state of the connection
   * @param skb - the packet that said so
   */
  inet_conn_established: unknown

  /**
   * A netfilter rule that labels packets is about to be made.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno.
   *
   * System calls: none of those recorded.
   *
   * In Linux 6.12: selinux.
   *
   * @param secid - the label that packets will get
   */
  secmark_relabel_packet: unknown

  /**
   * One more rule labels packets.
   *
   * Answer: None: the hook is a notification.
   *
   * Every module is called. BPF programs return nothing that counts.
   *
   * System calls: none of those recorded.
   *
   * In Linux 6.12: selinux.
   */
  secmark_refcount_inc: unknown

  /**
   * One rule less labels packets.
   *
   * Answer: None: the hook is a notification.
   *
   * Every module is called. BPF programs return nothing that counts.
   *
   * System calls: none of those recorded.
   *
   * In Linux 6.12: selinux.
   */
  secmark_refcount_dec: unknown

  /**
   * The answer to a connection request needs a route. Give the flow the security id of the request.
   *
   * Answer: None: the hook is a notification.
   *
   * Every module is called. BPF programs return nothing that counts.
   *
   * System calls: connect.
   *
   * In Linux 6.12: selinux.
   *
   * @param req - the connection request, in a queue of the listening socket
   * @param flic - the flow: set `flowic_secid`
   */
  req_classify_flow: unknown

  /**
   * A TUN device is about to be made. Your state is on it.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. State on `tun_dev` is made before the
   * modules are asked, and freed when one refuses. BPF programs return 0 or -errno.
   *
   * System calls: ioctl.
   *
   * In Linux 6.12: selinux.
   *
   * @param security - the security state of the TUN device
   */
  tun_dev_alloc_security: unknown

  /**
   * The current task wants to make a TUN device.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno.
   *
   * System calls: ioctl.
   *
   * In Linux 6.12: selinux.
   */
  tun_dev_create: unknown

  /**
   * A queue is about to be attached to a TUN device.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno.
   *
   * System calls: ioctl.
   *
   * In Linux 6.12: selinux.
   *
   * @param security - the security state of the TUN device
   */
  tun_dev_attach_queue: unknown

  /**
   * A TUN device takes over the socket of its queue. Label it.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno.
   *
   * System calls: ioctl.
   *
   * In Linux 6.12: selinux.
   *
   * @param sk - the socket of the queue
   * @param security - the security state of the TUN device
   */
  tun_dev_attach: unknown

  /**
   * The current task is about to use a TUN device that lasts.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno.
   *
   * System calls: ioctl.
   *
   * In Linux 6.12: selinux.
   *
   * @param security - the security state of the TUN device
   */
  tun_dev_open: unknown

  /**
   * A request for an SCTP association has arrived at a listener.
   *
   * Answer: 0 goes on. -errno drops the packet.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno.
   *
   * System calls: connect.
   *
   * In Linux 6.12: selinux.
   *
   * @param asoc - the SCTP association
   * @param skb - the packet
   */
  sctp_assoc_request: unknown

  /**
   * Addresses are about to be added to an SCTP socket, or a connection be made to several.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno.
   *
   * System calls: setsockopt.
   *
   * In Linux 6.12: selinux.
   *
   * @param sk - the protocol socket, which carries the security state of the connection
   * @param optname - SCTP_SOCKOPT_BINDX_ADD, SCTP_PRIMARY_ADDR, SCTP_SENDMSG_CONNECT and so on
   * @param address - one address or several behind one another
   * @param addrlen - length of all of them in bytes
   */
  sctp_bind_connect: unknown

  /**
   * An association gets a socket of its own (accept or peeloff). Copy your state.
   *
   * Answer: None: the hook is a notification.
   *
   * Every module is called. BPF programs return nothing that counts.
   *
   * System calls: getsockopt, accept4.
   *
   * In Linux 6.12: selinux.
   *
   * @param asoc - the SCTP association
   * @param sk - the socket it comes from
   * @param newsk - the new one
   */
  sctp_sk_clone: unknown

  /**
   * An outgoing association has been accepted by the peer.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno.
   *
   * System calls: connect.
   *
   * In Linux 6.12: selinux.
   *
   * @param asoc - the SCTP association
   * @param skb - the packet that said so
   */
  sctp_assoc_established: unknown

  /**
   * A connection of Multipath TCP gets one more subflow. Label it.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno.
   *
   * System calls: connect, bind.
   *
   * In Linux 6.12: selinux.
   *
   * @param sk - the socket of the connection
   * @param ssk - the socket of the subflow
   */
  mptcp_add_subflow: unknown

  /**
   * A queue pair is about to use a partition.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno.
   *
   * System calls: none of those recorded.
   *
   * In Linux 6.12: selinux.
   *
   * @param sec - the security state of the InfiniBand agent
   * @param subnet_prefix - prefix of the subnet, 64 bits
   * @param pkey - the partition key, 16 bits
   */
  ib_pkey_access: unknown

  /**
   * An agent is about to send management packets.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno.
   *
   * System calls: none of those recorded.
   *
   * In Linux 6.12: selinux.
   *
   * @param sec - the security state of the InfiniBand agent
   * @param dev_name - name of the device
   * @param port_num - its port, from 1
   */
  ib_endport_manage_subnet: unknown

  /**
   * An InfiniBand agent or queue pair has been made. Your state is on it.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. State on `ib` is made before the
   * modules are asked, and freed when one refuses. BPF programs return 0 or -errno.
   *
   * System calls: none of those recorded.
   *
   * In Linux 6.12: selinux.
   *
   * @param sec - the security state of the InfiniBand agent
   */
  ib_alloc_security: unknown

  /**
   * A policy of IPsec with a security context is made.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno.
   *
   * System calls: sendto.
   *
   * In Linux 6.12: selinux.
   *
   * @param ctxp - where your context goes
   * @param sec_ctx - the context as user space wrote it
   * @param gfp - `GFP_*` flags of the allocation; of no meaning here
   */
  xfrm_policy_alloc_security: unknown

  /**
   * A policy of IPsec is copied. Copy your context.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno.
   *
   * System calls: connect.
   *
   * In Linux 6.12: selinux.
   *
   * @param old_ctx - the context, or null
   * @param new_ctx - where the copy goes
   */
  xfrm_policy_clone_security: unknown

  /**
   * The context of a policy is about to be freed.
   *
   * Answer: None: the hook is a notification.
   *
   * Every module is called. BPF programs return nothing that counts.
   *
   * System calls: sendto.
   *
   * In Linux 6.12: selinux.
   *
   * @param ctx - the context
   */
  xfrm_policy_free_security: unknown

  /**
   * A policy of IPsec is about to be deleted.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno.
   *
   * System calls: sendto.
   *
   * In Linux 6.12: selinux.
   *
   * @param ctx - its context
   */
  xfrm_policy_delete_security: unknown

  /**
   * A state of IPsec with a security context is made.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno.
   *
   * System calls: sendto.
   *
   * In Linux 6.12: selinux.
   *
   * @param x - the state (security association) of IPsec
   * @param sec_ctx - the context as user space wrote it
   */
  xfrm_state_alloc: unknown

  /**
   * The kernel makes a state because a packet needs one, and takes the context from the policy.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno.
   *
   * System calls: none of those recorded.
   *
   * In Linux 6.12: selinux.
   *
   * @param x - the state (security association) of IPsec
   * @param polsec - the context of the policy, or null
   * @param secid - the security id of the flow
   */
  xfrm_state_alloc_acquire: unknown

  /**
   * A state of IPsec is about to be freed.
   *
   * Answer: None: the hook is a notification.
   *
   * Every module is called. BPF programs return nothing that counts.
   *
   * System calls: sendto.
   *
   * In Linux 6.12: selinux.
   *
   * @param x - the state (security association) of IPsec
   */
  xfrm_state_free_security: unknown

  /**
   * A state of IPsec is about to be deleted.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno.
   *
   * System calls: sendto.
   *
   * In Linux 6.12: selinux.
   *
   * @param x - the state (security association) of IPsec
   */
  xfrm_state_delete_security: unknown

  /**
   * A flow looks for the policy of IPsec that it falls under.
   *
   * Answer: 0: the flow may use the policy. -ESRCH: try the next one. Any other -errno drops the packet.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno.
   *
   * System calls: sendto.
   *
   * In Linux 6.12: selinux.
   *
   * @param ctx - the context of a candidate, or null
   * @param fl_secid - the security id of the flow
   */
  xfrm_policy_lookup: unknown

  /**
   * A flow and a policy look for a state. Only the first module on this hook is asked.
   *
   * Answer: 1 takes the state, 0 passes over it.
   *
   * It has a dispatch rule of its own. BPF programs return 0 or 1.
   *
   * System calls: none of those recorded.
   *
   * In Linux 6.12: selinux.
   *
   * @param x - the state (security association) of IPsec
   * @param xp - the policy
   * @param flic - the flow: `flowic_secid`
   */
  xfrm_state_pol_flow_match: unknown

  /**
   * A packet is asked for the security id that IPsec gave it.
   *
   * Answer: 0 when `secid` is set. -errno drops the packet; with `ckall` 0 it must not come.
   *
   * It has a dispatch rule of its own. BPF programs may not attach.
   *
   * System calls: connect.
   *
   * In Linux 6.12: selinux.
   *
   * @param skb - the packet
   * @param secid - where the security id goes: set `.value`
   * @param ckall - 1: all states must agree; 0: the caller only classifies, and must get 0
   */
  xfrm_decode_session: unknown

  /**
   * A key has been made. Your state is on it.
   *
   * Answer: 0 goes on. -errno undoes what the modules before you have done and fails the call.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. State on `key` is made before the
   * modules are asked, and freed when one refuses. BPF programs return 0 or -errno.
   *
   * System calls: add_key, request_key, keyctl.
   *
   * In Linux 6.12: selinux, smack.
   *
   * @param key - the key
   * @param cred - the credentials that make it
   * @param flags - `KEY_ALLOC_*`
   */
  key_alloc: unknown

  /**
   * A key is about to be used. The permission bits of the key have agreed already.
   *
   * Answer: 0 allows. -EACCES is usual.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno.
   *
   * System calls: add_key, request_key, keyctl.
   *
   * In Linux 6.12: selinux, smack.
   *
   * @param key_ref - the key, and whether the caller possesses it
   * @param cred - the credentials of the user
   * @param need_perm - KEY_NEED_VIEW, _READ, _WRITE, _SEARCH, _LINK, _SETATTR and so on
   */
  key_permission: unknown

  /**
   * KEYCTL_GET_SECURITY asks for the label of a key.
   *
   * Answer: Length of the text in bytes with its NUL. 0: you have none.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. The output is cleared before the first
   * module is asked. BPF programs may not attach.
   *
   * System calls: keyctl.
   *
   * In Linux 6.12: selinux, smack.
   *
   * @param key - the key
   * @param buffer - where the text goes
   */
  key_getsecurity: unknown

  /**
   * A key has been made or got a new payload.
   *
   * Answer: None: the hook is a notification.
   *
   * Every module is called. BPF programs return nothing that counts.
   *
   * System calls: add_key.
   *
   * In Linux 6.12: ima.
   *
   * @param keyring - the keyring it is linked to
   * @param key - the key
   * @param payload - the bytes, or null
   * @param payload_len - how many
   * @param flags - `KEY_ALLOC_*`
   * @param create - true when it is new
   */
  key_post_create_or_update: unknown

  /**
   * A rule of audit or IMA names a label. Turn the text into a rule of yours.
   *
   * Answer: 0 goes on. -EINVAL: the field is yours and the text is wrong.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno.
   *
   * System calls: sendto.
   *
   * In Linux 6.12: selinux, smack, apparmor.
   *
   * @param field - `AUDIT_SUBJ_*`, `AUDIT_OBJ_*`
   * @param op - Audit_equal and so on
   * @param rulestr - the text
   * @param lsmrule - where your rule goes
   * @param gfp - `GFP_*` flags of the allocation; of no meaning here
   */
  audit_rule_init: unknown

  /**
   * Audit asks whether a rule has a field of yours.
   *
   * Answer: 1 when it has, 0 when not.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or 1.
   *
   * System calls: none of those recorded.
   *
   * In Linux 6.12: selinux, smack, apparmor.
   *
   * @param krule - the rule: `fields`
   */
  audit_rule_known: unknown

  /**
   * Audit or IMA asks whether a security id falls under a rule.
   *
   * Answer: 1 when it does, 0 when not. -errno: the rule is no longer good.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs may not attach.
   *
   * System calls: getpid.
   *
   * In Linux 6.12: selinux, smack, apparmor.
   *
   * @param secid - the security id
   * @param field - `AUDIT_SUBJ_*`, `AUDIT_OBJ_*`
   * @param op - Audit_equal and so on
   * @param lsmrule - your rule
   */
  audit_rule_match: unknown

  /**
   * A rule of yours is no longer needed.
   *
   * Answer: None: the hook is a notification.
   *
   * Every module is called. BPF programs return nothing that counts.
   *
   * System calls: sendto.
   *
   * In Linux 6.12: selinux, apparmor.
   *
   * @param lsmrule - your rule
   */
  audit_rule_free: unknown

  /**
   * bpf(2) is about to run any of its commands.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno, and
   * may sleep.
   *
   * System calls: bpf.
   *
   * In Linux 6.12: selinux.
   *
   * @param cmd - `BPF_*`
   * @param attr - the argument of bpf(2)
   * @param size - bytes of `attr` that the program gave
   */
  bpf: unknown

  /**
   * A descriptor of a BPF map is about to be handed out.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno, and
   * may sleep.
   *
   * System calls: bpf.
   *
   * In Linux 6.12: selinux.
   *
   * @param map - the BPF map
   * @param fmode - FMODE_READ, FMODE_WRITE as it will be
   */
  bpf_map: unknown

  /**
   * A descriptor of a BPF program is about to be handed out.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno, and
   * may sleep.
   *
   * System calls: bpf.
   *
   * In Linux 6.12: selinux.
   *
   * @param prog - the BPF program
   */
  bpf_prog: unknown

  /**
   * A BPF map has been made, and nobody has it yet.
   *
   * Answer: 0 goes on. -errno frees the map (`bpf_map_free` runs) and fails the call.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno, and
   * may sleep.
   *
   * System calls: bpf.
   *
   * In Linux 6.12: selinux.
   *
   * @param map - the BPF map
   * @param attr - the argument of bpf(2)
   * @param token - the BPF token, or null when the call was made without one
   */
  bpf_map_create: unknown

  /**
   * A BPF map is about to be freed.
   *
   * Answer: None: the hook is a notification.
   *
   * Every module is called. BPF programs return nothing that counts, and may sleep.
   *
   * System calls: close.
   *
   * In Linux 6.12: selinux.
   *
   * @param map - the BPF map
   */
  bpf_map_free: unknown

  /**
   * A BPF program is about to be verified.
   *
   * Answer: 0 goes on. -errno frees the program (`bpf_prog_free` runs) and fails the call.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno, and
   * may sleep.
   *
   * System calls: bpf.
   *
   * In Linux 6.12: selinux.
   *
   * @param prog - the BPF program
   * @param attr - the argument of bpf(2)
   * @param token - the BPF token, or null when the call was made without one
   */
  bpf_prog_load: unknown

  /**
   * A BPF program is about to be freed.
   *
   * Answer: None: the hook is a notification.
   *
   * Every module is called. BPF programs return nothing that counts.
   *
   * System calls: bpf.
   *
   * In Linux 6.12: selinux.
   *
   * @param prog - the BPF program
   */
  bpf_prog_free: unknown

  /**
   * BPF_TOKEN_CREATE makes a token out of a mounted bpffs.
   *
   * Answer: 0 goes on. -errno frees the token (`bpf_token_free` runs) and fails the call.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno, and
   * may sleep.
   *
   * System calls: bpf.
   *
   * In Linux 6.12: selinux.
   *
   * @param token - the BPF token, or null when the call was made without one
   * @param attr - the argument of bpf(2)
   * @param path - the root of the bpffs
   */
  bpf_token_create: unknown

  /**
   * A BPF token is about to be freed.
   *
   * Answer: None: the hook is a notification.
   *
   * Every module is called. BPF programs return nothing that counts, and may sleep.
   *
   * System calls: close.
   *
   * In Linux 6.12: selinux.
   *
   * @param token - the BPF token, or null when the call was made without one
   */
  bpf_token_free: unknown

  /**
   * A call of bpf(2) is made with a token, and the kernel asks whether the token may permit the command.
   *
   * Answer: 0: the token counts. -errno: the call goes on as if there were no token.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno, and
   * may sleep.
   *
   * System calls: bpf.
   *
   * In Linux 6.12: no module but bpf.
   *
   * @param token - the BPF token, or null when the call was made without one
   * @param cmd - `BPF_*`
   */
  bpf_token_cmd: unknown

  /**
   * A token is asked for a capability that it delegates.
   *
   * Answer: 0: it is granted. A negative answer: it is not.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno, and
   * may sleep.
   *
   * System calls: bpf.
   *
   * In Linux 6.12: no module but bpf.
   *
   * @param token - the BPF token, or null when the call was made without one
   * @param cap - `CAP_*`
   */
  bpf_token_capable: unknown

  /**
   * Something is about to be done that could change the running kernel or read its secrets: /dev/mem, unsigned
   * modules, kexec, debugfs.
   *
   * Answer: 0 allows. -EPERM is usual.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno.
   *
   * System calls: open, iopl, ioperm, init_module, kexec_load, openat, finit_module.
   *
   * In Linux 6.12: lockdown.
   *
   * @param what - `LOCKDOWN_*`
   */
  locked_down: unknown

  /**
   * perf_event_open(2) is about to run.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno.
   *
   * System calls: perf_event_open.
   *
   * In Linux 6.12: selinux.
   *
   * @param type - PERF_SECURITY_OPEN, _CPU, _KERNEL or _TRACEPOINT
   */
  perf_event_open: unknown

  /**
   * A performance event has been made. Your state is on it.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. State on `perf_event` is made before
   * the modules are asked, and freed when one refuses. BPF programs return 0 or -errno.
   *
   * System calls: perf_event_open.
   *
   * In Linux 6.12: selinux.
   *
   * @param event - the performance event
   */
  perf_event_alloc: unknown

  /**
   * The counter of a performance event is about to be read or mapped.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno.
   *
   * System calls: read, mmap.
   *
   * In Linux 6.12: selinux.
   *
   * @param event - the performance event
   */
  perf_event_read: unknown

  /**
   * A performance event is about to be controlled by ioctl(2).
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno.
   *
   * System calls: ioctl.
   *
   * In Linux 6.12: selinux.
   *
   * @param event - the performance event
   */
  perf_event_write: unknown

  /**
   * A request of io_uring is about to run under registered credentials.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno.
   *
   * System calls: io_uring_enter.
   *
   * In Linux 6.12: selinux, smack, apparmor.
   *
   * @param new - those credentials
   */
  uring_override_creds: unknown

  /**
   * A task wants an io_uring whose queue a kernel thread polls.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno.
   *
   * System calls: io_uring_setup.
   *
   * In Linux 6.12: selinux, smack, apparmor.
   */
  uring_sqpoll: unknown

  /**
   * io_uring is about to pass a command through to a device (IORING_OP_URING_CMD).
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno.
   *
   * System calls: io_uring_enter.
   *
   * In Linux 6.12: selinux, smack.
   *
   * @param ioucmd - the command: `file`, `cmd_op`
   */
  uring_cmd: unknown

  /**
   * The initramfs has been unpacked, before the first program runs.
   *
   * Answer: None: the hook is a notification.
   *
   * Every module is called. BPF programs return nothing that counts.
   *
   * System calls: none of those recorded.
   *
   * In Linux 6.12: ipe.
   */
  initramfs_populated: unknown

  /**
   * A block device has been made. Your state is on it.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. State on `bdev` is made before the
   * modules are asked, and freed when one refuses. BPF programs return 0 or -errno.
   *
   * System calls: ioctl.
   *
   * In Linux 6.12: no module but bpf.
   *
   * @param bdev - the block device
   */
  bdev_alloc_security: unknown

  /**
   * A block device is about to be freed.
   *
   * Answer: None: the hook is a notification.
   *
   * Every module is called. BPF programs return nothing that counts.
   *
   * System calls: ioctl.
   *
   * In Linux 6.12: ipe.
   *
   * @param bdev - the block device
   */
  bdev_free_security: unknown

  /**
   * dm-verity knows something about the integrity of a block device: its root hash, or that its signature is good.
   *
   * Answer: 0 goes on. -errno refuses, and the call fails with it.
   *
   * The first answer that is not 0 decides; the modules behind are not asked. BPF programs return 0 or -errno.
   *
   * System calls: none of those recorded.
   *
   * In Linux 6.12: ipe.
   *
   * @param bdev - the block device
   * @param type - LSM_INT_DMVERITY_ROOTHASH, LSM_INT_DMVERITY_SIG_VALID
   * @param value - the bytes; null when it is withdrawn
   * @param size - length of the value in bytes
   */
  bdev_setintegrity: unknown
}
