/**
 * The purpose of each hook, in our words: when Linux 6.12 calls it, what its parameters hold, what an answer does.
 *
 * The editor, `lsm hooks NAME` and the site show this text; hook-doc.ts adds the facts of the hook table and the
 * recorded operations (dispatch rule, system calls, modules). A parameter that means the same everywhere is described
 * once, in `parameterWords`. An int hook without `answer` follows the usual rule: 0 goes on, -errno refuses.
 */
import type { HookName } from './hook-defs.ts'

export interface HookWords {
  readonly when: string
  /** By C parameter name; only what `parameterWords` does not say. */
  readonly args?: Readonly<Record<string, string>>
  readonly answer?: string
}

/** Parameters that mean the same in every hook that has them, unless the hook says otherwise. */
export const parameterWords: Readonly<Record<string, string>> = {
  idmap: 'the id map of the mount that the call came through; it translates owners between mount and file system',
  gfp: '`GFP_*` flags of the allocation; of no meaning here',
  bprm: 'the program that is being started: `file` is its file, `filename` the name as given, `cred` the new credentials',
  fc: 'the context that collects the options of a mount: `fs_type`, `security` (yours), `user_ns`',
  sb: 'the super block: one mounted file system, whatever the number of its mounts',
  mnt_opts: 'your own parsed options, as `sb_eat_lsm_opts` or `fs_context_parse_param` left them; null when there are none',
  dir: 'the directory',
  dentry: 'the name, with its inode in `d_inode` (null when the name does not exist yet)',
  inode: 'the inode',
  mode: 'file type and permission bits (`S_IF*` and 0o7777)',
  file: 'the open file; `f_inode`, `f_flags` (`O_*`), `f_mode` (`FMODE_*`), `f_cred` (credentials it was opened with)',
  name: 'full name of the extended attribute, prefix included: `security.selinux`',
  value: 'the bytes of the value',
  size: 'length of the value in bytes',
  acl_name: '`system.posix_acl_access` or `system.posix_acl_default`',
  kacl: 'the access control list, decoded',
  secid: 'where the security id goes: set `.value`',
  p: 'the other task; it may be the calling one',
  new: 'the new credentials, not yet in use: they may be changed',
  old: 'the credentials they are made from',
  perm: 'the IPC object: `key`, `id`, `uid`, `gid`, `cuid`, `cgid`, `mode`',
  ipcp: 'the IPC object: `key`, `id`, `uid`, `gid`, `cuid`, `cgid`, `mode`',
  msg: 'the message',
  sk: 'the protocol socket, which carries the security state of the connection',
  sock: 'the socket as a program sees it; `sk` is the protocol socket below',
  skb: 'the packet',
  address: 'the address, already copied from the program; its family may be wrong, and its length is `addrlen`',
  addrlen: 'length of the address in bytes, at most 128',
  family: 'address family, `AF_*`',
  protocol: 'protocol number, 0 for the default of the family',
  kern: '1 when the kernel makes the socket for itself, 0 when a program does',
  asoc: 'the SCTP association',
  req: 'the connection request, in a queue of the listening socket',
  security: 'the security state of the TUN device',
  sec: 'the security state of the InfiniBand agent',
  x: 'the state (security association) of IPsec',
  key: 'the key',
  map: 'the BPF map',
  prog: 'the BPF program',
  token: 'the BPF token, or null when the call was made without one',
  attr: 'the argument of bpf(2)',
  event: 'the performance event',
  bdev: 'the block device',
  cmd: 'the command number',
  ctxlen: 'length of the context in bytes',
}

/** The purpose of each hook, in the order of the hook table. */
export const hookWords: { readonly [N in HookName]: HookWords } = {
  // Binder
  binder_set_context_mgr: {
    when: 'A process asks to become the context manager of Binder, the one that names services.',
    args: { mgr: 'credentials of that process' },
  },
  binder_transaction: {
    when: 'A Binder transaction or reply is about to be delivered.',
    args: { from: 'credentials of the sender', to: 'credentials of the receiver' },
    answer: '0 delivers. -errno fails the transaction; the sender sees BR_FAILED_REPLY.',
  },
  binder_transfer_binder: {
    when: 'A transaction carries a reference to a Binder object. Asked once for each reference.',
    args: { from: 'credentials of the sender', to: 'credentials of the receiver' },
    answer: '0 hands the reference over. -errno fails the whole transaction.',
  },
  binder_transfer_file: {
    when: 'A transaction carries a file descriptor. Asked once for each, when the sender hands it in.',
    args: { from: 'credentials of the sender', to: 'credentials of the receiver', file: 'the open file behind the descriptor' },
    answer: '0 hands the file over. -errno fails the whole transaction.',
  },

  // Tracing
  ptrace_access_check: {
    when: 'The current task wants to trace or inspect another: PTRACE_ATTACH, /proc/PID/mem and its like, pidfd_getfd, process_vm_readv. The ids have been compared already.',
    args: { child: 'the task that would be traced or read', mode: 'PTRACE_MODE_READ or _ATTACH, with _FSCREDS or _REALCREDS, and _NOAUDIT for "do not log"' },
    answer: '0 allows. -EPERM is usual; /proc files turn it into EACCES or hide themselves.',
  },
  ptrace_traceme: {
    when: 'The current task asks its parent to trace it (PTRACE_TRACEME).',
    args: { parent: 'the task that would become the tracer' },
  },

  // Capabilities
  capget: {
    when: 'capget(2) reads the capability sets of a task.',
    args: { target: 'the task that is asked about', effective: 'filled in by you', inheritable: 'filled in by you', permitted: 'filled in by you' },
    answer: '0 goes on. `capability` fills in the sets; another module only refuses.',
  },
  capset: {
    when: 'capset(2) is about to change the sets of the current task.',
    args: { effective: 'the set that was asked for', inheritable: 'the set that was asked for', permitted: 'the set that was asked for' },
    answer: '0 goes on: `capability` has then stored the sets in `new`. -errno leaves the task as it was.',
  },
  capable: {
    when: 'The kernel asks whether credentials have a capability in a user namespace, wherever Linux says `ns_capable`. It is the hook that is asked most often.',
    args: { cred: 'the credentials, mostly those of the current task', ns: 'the user namespace that owns the object', cap: 'the capability, `CAP_*`', opts: 'CAP_OPT_NOAUDIT: the kernel only wants to know, do not log; CAP_OPT_INSETID: for a change of ids' },
    answer: '0 grants, -EPERM denies. Callers see yes or no and choose the errno of the system call. The default is 0: a stack without `capability` grants everything.',
  },
  quotactl: {
    when: 'quotactl(2) is about to do something to the quotas of a file system.',
    args: { cmds: 'the subcommand, `Q_*`', type: 'USRQUOTA, GRPQUOTA or PRJQUOTA', id: 'the user, group or project; 0 when the command has none', sb: 'the file system; null for Q_SYNC of all' },
  },
  quota_on: {
    when: 'Quotas are about to be switched on with a quota file.',
    args: { dentry: 'the name of the quota file' },
  },
  syslog: {
    when: 'A task wants to read or control the kernel log: syslog(2), /dev/kmsg, /proc/kmsg.',
    args: { type: 'the action, `SYSLOG_ACTION_*`: 3 reads all, 10 asks for the size' },
  },
  settime: {
    when: 'The system clock or the time zone is about to be set.',
    args: { ts: 'the new time in seconds and nanoseconds; null when only the zone is set', tz: 'the new time zone; null when only the time is set' },
    answer: '0 sets it. `capability` asks for CAP_SYS_TIME and answers -EPERM without.',
  },
  vm_enough_memory: {
    when: 'A mapping, a fork or shared memory wants pages that count against the commit limit.',
    args: { mm: 'the address space that grows', pages: 'how many pages of 4096 bytes' },
    answer: '0 lets the task use the reserve of the administrator, a negative answer takes it away. Nothing here refuses the memory: the accounting that follows does.',
  },

  // Executing programs
  bprm_creds_for_exec: {
    when: 'Early in execve, before the file is looked into. Runs once, for the file that was named, not for interpreters. Here a module changes the label of the new program.',
    answer: '0 goes on. -errno fails execve; the old program runs on. Set `bprm.secureexec` to 1 for AT_SECURE.',
  },
  bprm_creds_from_file: {
    when: 'execve knows the file whose privileges count (for a script: the interpreter). Set-id bits and file capabilities are worked out here.',
    args: { file: 'the file whose set-id bits and capabilities count' },
    answer: '0 goes on. -errno fails execve; the old program runs on.',
  },
  bprm_check_security: {
    when: 'execve has read the head of a file and is about to look for a handler of its format. Asked again for each interpreter.',
    answer: '0 goes on. -errno fails execve. This is the place to refuse a program.',
  },
  bprm_committing_creds: {
    when: 'execve can no longer fail, and is about to put the new credentials in use. The old ones are still current: close files and change limits here.',
  },
  bprm_committed_creds: {
    when: 'execve has put the new credentials in use. Signals and the parent can be dealt with here.',
  },

  // File system contexts and super blocks
  fs_context_submount: {
    when: 'A file system mounts another below itself (an NFS export, an automount). Options are to be taken from where it lies.',
    args: { fc: 'the context of the new mount', reference: 'the super block it lies on' },
  },
  fs_context_dup: {
    when: 'A file system duplicates a mount context. Copy your options.',
    args: { fc: 'the copy', src_sc: 'the context it is copied from' },
  },
  fs_context_parse_param: {
    when: 'A mount option arrives (one of `-o a,b=c`, or one fsconfig). You may claim it before the file system sees it.',
    args: { param: 'the option: `key`, `type`, `string`' },
    answer: '0 claims the option, -ENOPARAM says it is not yours, anything else fails the mount. Every module is asked, and several may claim the same one.',
  },
  sb_alloc_security: {
    when: 'A super block has been made. Your state is on it; fill it in.',
  },
  sb_delete: {
    when: 'A file system is being shut down and its inodes are about to go. Release what keeps inodes in use.',
  },
  sb_free_security: {
    when: 'A super block is about to be freed. Release what your state refers to.',
  },
  sb_free_mnt_opts: {
    when: 'Parsed mount options are no longer needed.',
    args: { mnt_opts: 'the options that your own hook had made' },
  },
  sb_eat_lsm_opts: {
    when: 'mount(2) passes options as one text. Take yours out of it.',
    args: { orig: 'the text, comma separated; the rest that you leave goes to the file system', mnt_opts: 'where your parsed options go' },
  },
  sb_mnt_opts_compat: {
    when: 'A file system that is mounted already is mounted again with options. Say whether they agree with those in use.',
    answer: '0 when they agree. -errno fails the second mount.',
  },
  sb_remount: {
    when: 'A mounted file system is about to get new options.',
  },
  sb_kern_mount: {
    when: 'A file system has been set up and is about to be mounted.',
  },
  sb_show_options: {
    when: 'Somebody reads /proc/mounts or /proc/PID/mountinfo. Write your options, each with a comma in front.',
    args: { m: 'the text that is being made' },
    answer: '0 goes on. -errno fails the read.',
  },
  sb_statfs: {
    when: 'statfs(2) and its kin ask for the numbers of a file system.',
    args: { dentry: 'the root of the file system, or the name that was asked about' },
  },
  sb_mount: {
    when: 'mount(2) in all its forms: a new mount, a bind mount, a remount, a change of propagation. The flags distinguish them.',
    args: { dev_name: 'the source as given; null when there is none', path: 'where it goes', type: 'name of the file system; null for bind and remount', flags: '`MS_*` flags', data: 'the options as text; null when there are none' },
  },
  sb_umount: {
    when: 'umount2(2) is about to take a mount away.',
    args: { mnt: 'the mount', flags: 'MNT_FORCE, MNT_DETACH, MNT_EXPIRE' },
  },
  sb_pivotroot: {
    when: 'pivot_root(2) is about to exchange the root.',
    args: { old_path: 'where the old root will lie', new_path: 'the new root' },
  },
  sb_set_mnt_opts: {
    when: 'A mount takes its options in use, once for each super block.',
    args: { kern_flags: 'flags of the kernel: SECURITY_LSM_NATIVE_LABELS when the file system brings labels of its own', set_kern_flags: 'where you say which of them you take' },
    answer: '0 goes on, also to the next module. -errno fails the mount. With options in hand and no module on the hook the mount fails with -EOPNOTSUPP.',
  },
  sb_clone_mnt_opts: {
    when: 'NFS makes a super block out of another one. Copy your options.',
    args: { oldsb: 'the super block they come from', newsb: 'the new one', kern_flags: 'flags of the kernel', set_kern_flags: 'where you say which of them you take' },
  },
  move_mount: {
    when: 'move_mount(2), or mount(2) with MS_MOVE, is about to put a mount elsewhere.',
    args: { from_path: 'the mount', to_path: 'where it goes' },
  },

  // New names
  dentry_init_security: {
    when: 'A network file system (NFS, Ceph, FUSE) creates a name and wants its label before the server is asked.',
    args: { name: 'last component of the name', xattr_name: 'where the name of your attribute goes', ctx: 'where the label goes', ctxlen: 'where its length goes' },
    answer: '0 when you have given a label. -EOPNOTSUPP when you have none.',
  },
  dentry_create_files_as: {
    when: 'overlayfs creates a name in the upper layer. The label is to be worked out as if the caller made the file itself.',
    args: { name: 'last component of the name', old: 'credentials of the caller', new: 'credentials to create the file with; change them' },
  },

  // Names, with the mount they are seen through
  path_unlink: { when: 'unlink(2) is about to remove a name.', args: { dir: 'the directory, with its mount' } },
  path_mkdir: { when: 'mkdir(2) is about to make a directory.', args: { dir: 'the directory it goes into, with its mount' } },
  path_rmdir: { when: 'rmdir(2) is about to remove a directory.', args: { dir: 'the directory that holds it, with its mount' } },
  path_mknod: {
    when: 'A file that is not a directory or link is about to be made: open with O_CREAT, mknod(2), bind(2) of a Unix socket.',
    args: { dir: 'the directory it goes into, with its mount', dev: 'device number of a device node, 0 otherwise' },
  },
  path_post_mknod: { when: 'mknod(2) has made a regular file.' },
  path_truncate: {
    when: 'truncate(2) is about to change the length of a file by name.',
    args: { path: 'the file, with its mount' },
  },
  path_symlink: {
    when: 'symlink(2) is about to make a symbolic link.',
    args: { dir: 'the directory it goes into, with its mount', old_name: 'the text of the link' },
  },
  path_link: {
    when: 'link(2) is about to give a file one more name.',
    args: { old_dentry: 'a name the file has', new_dir: 'the directory of the new name, with its mount', new_dentry: 'the new name' },
  },
  path_rename: {
    when: 'rename(2) is about to move a name. RENAME_EXCHANGE asks once, with the flag.',
    args: { old_dir: 'the directory it leaves, with its mount', old_dentry: 'the name that moves', new_dir: 'the directory it goes to, with its mount', new_dentry: 'the name it gets; an existing file is replaced or exchanged', flags: 'RENAME_NOREPLACE, RENAME_EXCHANGE, RENAME_WHITEOUT' },
  },
  path_chmod: { when: 'chmod(2) is about to change permission bits.', args: { path: 'the file, with its mount', mode: 'the new permission bits' } },
  path_chown: {
    when: 'chown(2) is about to change owners.',
    args: { path: 'the file, with its mount', uid: 'the new owner, -1 for "as it is"', gid: 'the new group, -1 for "as it is"' },
  },
  path_chroot: { when: 'chroot(2) is about to change the root of the current task.', args: { path: 'the new root' } },
  path_notify: {
    when: 'A watch is about to be put on a file, mount or file system: inotify, fanotify, F_NOTIFY.',
    args: { path: 'what is to be watched', mask: 'events, `FS_*`', obj_type: '`FSNOTIFY_OBJ_TYPE_*`: an inode, a mount or a super block' },
  },

  // Inodes
  inode_alloc_security: {
    when: 'An inode has been made, for a file that exists or is new. Its number, owner and mode may not be set yet. Your state is on it.',
    answer: '0 goes on. -errno undoes what the modules before you have done, and the caller sees -ENOMEM.',
  },
  inode_free_security: {
    when: 'An inode is about to go. Tasks may still read its state: free it in `inode_free_security_rcu`.',
  },
  inode_free_security_rcu: {
    when: 'Nobody can read the state of a freed inode any longer.',
    args: { inode_security: 'the state alone; the inode is gone' },
  },
  inode_init_security: {
    when: 'A file system has made an inode on disk and asks for the attributes it starts with. The attributes and the inode are stored together.',
    args: { dir: 'the directory it is made in', qstr: 'its name in the directory; null when it has none', xattrs: 'slots for attributes; null when the file system stores none', xattr_count: 'how many slots are taken' },
    answer: '0 and -EOPNOTSUPP go on to the next module. Any other -errno fails the creation.',
  },
  inode_init_security_anon: {
    when: 'The kernel makes an inode without a name that still needs a label: userfaultfd, io_uring, memfd_secret.',
    args: { name: 'what it is: `[userfaultfd]`, `[io_uring]`', context_inode: 'an inode it is related to, or null' },
    answer: '0 goes on. -errno fails the call that made it.',
  },
  inode_create: { when: 'A regular file is about to be made in a directory.', args: { dentry: 'the new name', mode: 'file type and permission bits, umask applied' } },
  inode_post_create_tmpfile: { when: 'A file without a name has been made (O_TMPFILE).' },
  inode_link: {
    when: 'A hard link is about to be made.',
    args: { old_dentry: 'a name the file has', dir: 'the directory of the new name', new_dentry: 'the new name' },
  },
  inode_unlink: { when: 'A name is about to be removed.' },
  inode_symlink: { when: 'A symbolic link is about to be made.', args: { dentry: 'the new name', old_name: 'the text of the link' } },
  inode_mkdir: { when: 'A directory is about to be made.', args: { dir: 'the directory it goes into', dentry: 'the new name' } },
  inode_rmdir: { when: 'A directory is about to be removed.', args: { dir: 'the directory that holds it' } },
  inode_mknod: {
    when: 'A device node, FIFO or socket is about to be made. Regular files ask `inode_create`.',
    args: { dentry: 'the new name', dev: 'device number, 0 for FIFO and socket' },
  },
  inode_rename: {
    when: 'A name is about to move. RENAME_EXCHANGE asks twice, the second time the other way round.',
    args: { old_dir: 'the directory it leaves', old_dentry: 'the name that moves', new_dir: 'the directory it goes to', new_dentry: 'the name it gets; `d_inode` is what is replaced, or null' },
  },
  inode_readlink: { when: 'readlink(2) is about to read the text of a symbolic link.', args: { dentry: 'the link' } },
  inode_follow_link: {
    when: 'A path walk is about to go through a symbolic link.',
    args: { dentry: 'the link', rcu: 'true in the walk that may not sleep; a module that must sleep answers -ECHILD and is asked again' },
  },
  inode_permission: {
    when: 'Access to an inode is checked by mask: each directory of a path walk (MAY_EXEC), an open, access(2). The mode bits have agreed already.',
    args: { mask: 'MAY_READ, MAY_WRITE, MAY_EXEC, MAY_APPEND, with MAY_OPEN, MAY_ACCESS, MAY_CHDIR for the reason, MAY_NOT_BLOCK for "may not sleep"' },
    answer: '0 allows. -EACCES is usual.',
  },
  inode_setattr: {
    when: 'Owner, mode, length or times of an inode are about to change.',
    args: { attr: '`ia_valid` (`ATTR_*`) says which of the other fields count; ATTR_FORCE is the kernel\'s own change' },
  },
  inode_post_setattr: { when: 'Owner, mode, length or times of an inode have changed.', args: { ia_valid: 'which of them, `ATTR_*`' } },
  inode_getattr: { when: 'stat(2) and its kin are about to read the attributes of a file.', args: { path: 'the file, with its mount' } },
  inode_xattr_skipcap: {
    when: 'An attribute is about to be set or removed, and the kernel asks whether a module guards that name itself.',
    answer: '1 says that the attribute is yours: CAP_SYS_ADMIN is then not asked for. 0 has no opinion.',
  },
  inode_setxattr: {
    when: 'An extended attribute is about to be set.',
    args: { flags: 'XATTR_CREATE, XATTR_REPLACE or 0' },
    answer: '0 allows. Where no module guards the name (`inode_xattr_skipcap`), `security.*` needs a capability, and this is checked first.',
  },
  inode_post_setxattr: { when: 'An extended attribute has been set. Take over a new label here.', args: { flags: 'XATTR_CREATE, XATTR_REPLACE or 0' } },
  inode_getxattr: { when: 'An extended attribute is about to be read.' },
  inode_listxattr: { when: 'The names of the extended attributes are about to be read.' },
  inode_removexattr: {
    when: 'An extended attribute is about to be removed.',
    answer: '0 allows. Where no module guards the name (`inode_xattr_skipcap`), `security.*` needs a capability, and this is checked first.',
  },
  inode_post_removexattr: { when: 'An extended attribute has been removed.' },
  inode_set_acl: { when: 'A POSIX access control list is about to be set.' },
  inode_post_set_acl: { when: 'A POSIX access control list has been set.' },
  inode_get_acl: { when: 'A POSIX access control list is about to be read.' },
  inode_remove_acl: { when: 'A POSIX access control list is about to be removed.' },
  inode_post_remove_acl: { when: 'A POSIX access control list has been removed.' },
  inode_need_killpriv: {
    when: 'A file is about to be written, truncated or given away, and the kernel asks whether it carries privileges that must go.',
    answer: 'A positive answer says that `inode_killpriv` must run, 0 that nothing is to be done. -errno refuses the change.',
  },
  inode_killpriv: { when: 'The privileges of a file (its capabilities) are to be removed because it changes.', answer: '0 goes on. -errno fails the change of the file.' },
  inode_getsecurity: {
    when: 'A `security.*` attribute is read, and a module may answer instead of the file system.',
    args: { name: 'the name without `security.`: `selinux`', buffer: 'where the value goes; only when `alloc`', alloc: 'false when only the length is wanted' },
    answer: 'The length in bytes when the name is yours. -EOPNOTSUPP when it is not: the next module, then the file system is asked.',
  },
  inode_setsecurity: {
    when: 'A `security.*` attribute is set on a file system that stores none. Keep it in your own state.',
    args: { name: 'the name without `security.`: `selinux`', flags: 'XATTR_CREATE, XATTR_REPLACE or 0' },
    answer: '0 when the name is yours and is kept. -EOPNOTSUPP when it is not.',
  },
  inode_listsecurity: {
    when: 'The names of attributes are listed on a file system that stores none. Add yours.',
    args: { buffer: 'where the names go, each with a NUL; null when only the length is wanted', buffer_size: 'its room in bytes' },
    answer: 'The length in bytes of your names. The first module that answers more than 0 ends the list: lists are not joined in 6.12.',
  },
  inode_getsecid: { when: 'Audit, IMA or BPF asks for the security id of an inode.' },
  inode_copy_up: {
    when: 'overlayfs is about to copy a file from a lower layer to the upper one. Choose the label of the copy.',
    args: { src: 'the file in the lower layer', new: 'credentials to create the copy with; make them when null' },
  },
  inode_copy_up_xattr: {
    when: 'overlayfs is about to copy one attribute of a file to the upper layer.',
    args: { src: 'the file in the lower layer' },
    answer: '-ECANCELED leaves the attribute out, 0 copies it, -EOPNOTSUPP has no opinion (it is copied). Any other -errno fails the copy.',
  },
  inode_setintegrity: {
    when: 'A file system knows something about the integrity of a file, such as the digest or signature of fs-verity.',
    args: { type: 'LSM_INT_FSVERITY_BUILTINSIG_VALID and its kin', value: 'the bytes; null when it is withdrawn' },
  },
  kernfs_init_security: {
    when: 'A node of kernfs (sysfs, cgroupfs) has been made. Give it the attributes that its inode will have.',
    args: { kn_dir: 'the node of the directory', kn: 'the new node' },
  },

  // Open files
  file_permission: {
    when: 'An open file is about to be read, written or listed: each read(2), write(2) and getdents(2). The open was decided before; check again only what may have changed.',
    args: { mask: 'MAY_READ, MAY_WRITE, MAY_APPEND, MAY_EXEC' },
    answer: '0 allows. -EACCES is usual.',
  },
  file_alloc_security: {
    when: 'An open file has been made, and nothing is known of it yet but `f_cred`. Your state is on it.',
    answer: '0 goes on. -errno undoes what the modules before you have done and fails the open.',
  },
  file_release: { when: 'The last descriptor of an open file has been closed. The inode is still there.' },
  file_free_security: { when: 'An open file is about to be freed. Release what your state refers to.' },
  backing_file_alloc: {
    when: 'overlayfs has opened the file of a layer on behalf of an open overlay file. Your state is on it.',
    args: { backing_file: 'the open file of the layer', user_file: 'the open file that the program holds' },
  },
  backing_file_free: { when: 'The open file of a layer is about to be freed.', args: { backing_file: 'the open file of the layer' } },
  file_ioctl: {
    when: 'ioctl(2) is about to run, the commands that the kernel itself answers included.',
    args: { arg: 'the third argument: a number or an address' },
  },
  file_ioctl_compat: {
    when: 'As `file_ioctl`, from a 32-bit program.',
    args: { arg: 'the third argument: a number or an address' },
  },
  mmap_addr: { when: 'A mapping is about to be placed at an address.', args: { addr: 'the address in bytes; low ones need CAP_SYS_RAWIO' } },
  mmap_file: {
    when: 'A mapping is about to be made, of a file or of anonymous memory.',
    args: { file: 'the file; null for anonymous memory', reqprot: 'the protection that was asked for, `PROT_*`', prot: 'the protection that the kernel will use: PROT_EXEC may be added', flags: '`MAP_*`' },
    answer: '0 maps. -EACCES is usual.',
  },
  mmap_backing_file: {
    when: 'overlayfs maps the file of a layer in place of its own.',
    args: { vma: 'the mapping', backing_file: 'the open file of the layer', user_file: 'the open file that the program holds' },
  },
  file_mprotect: {
    when: 'mprotect(2) is about to change the protection of a mapping.',
    args: { vma: 'the mapping, with its file and its present flags (`VM_*`)', reqprot: 'the protection that was asked for, `PROT_*`', prot: 'the protection that the kernel will use' },
  },
  file_lock: { when: 'A lock is about to be taken or given up: flock(2), F_SETLK and its kin.', args: { cmd: 'F_RDLCK, F_WRLCK or F_UNLCK' } },
  file_fcntl: { when: 'fcntl(2) is about to run.', args: { cmd: 'the command, `F_*`', arg: 'the third argument: a number or an address' } },
  file_set_fowner: {
    when: 'An open file gets an owner who will receive its signals (F_SETOWN, F_NOTIFY, a lease). Remember who set it.',
  },
  file_send_sigiotask: {
    when: 'The kernel is about to send SIGIO or SIGURG because something happened on a file. The current task may be anybody.',
    args: { tsk: 'the task that would get it', fown: 'the owner record of the open file', sig: 'the signal; 0 is SIGIO' },
    answer: '0 sends. -errno drops the signal.',
  },
  file_receive: {
    when: 'A task is about to receive an open file: over a Unix socket (SCM_RIGHTS) or by pidfd_getfd(2).',
    args: { file: 'the open file; `current` is the receiver' },
    answer: '0 installs the descriptor. -errno ends the list of descriptors there; the message is still delivered.',
  },
  file_open: {
    when: 'Each open, after the path walk and the mode bits and before the file system\'s own open.',
    args: { file: 'the file about to be open: `f_inode`, `f_path`, `f_flags` (`O_*`), `f_mode` (`FMODE_*`), `f_cred` (the opener)' },
    answer: '0 opens. -errno fails open(2) with it, -EACCES usually; a file that O_CREAT made stays.',
  },
  file_post_open: {
    when: 'An open has succeeded, and the program does not have the descriptor yet. IMA measures here.',
    args: { mask: 'MAY_READ, MAY_WRITE, MAY_EXEC as it was opened' },
    answer: '0 goes on. -errno closes the file again and fails open(2).',
  },
  file_truncate: { when: 'An open file is about to change its length: ftruncate(2), or open with O_TRUNC.' },

  // Tasks and credentials
  task_alloc: {
    when: 'fork or clone has made a task that does not run yet. Your state is on it.',
    args: { task: 'the new task; `current` is the parent', clone_flags: '`CLONE_*`' },
    answer: '0 goes on. -errno undoes what the modules before you have done and fails the fork.',
  },
  task_free: { when: 'A task has gone and is about to be freed.', args: { task: 'the task' } },
  cred_alloc_blank: {
    when: 'The kernel makes empty credentials, to be filled in later by `cred_transfer`.',
    args: { cred: 'the new credentials, all zero' },
  },
  cred_free: { when: 'Credentials are about to be freed.', args: { cred: 'the credentials' } },
  cred_prepare: {
    when: 'The kernel copies credentials in order to change them: fork, execve, setuid, capset. Copy your state.',
    args: { new: 'the copy, with your state fresh on it', old: 'the credentials it is made from' },
    answer: '0 goes on. -errno undoes what the modules before you have done; the caller sees -ENOMEM.',
  },
  cred_transfer: {
    when: 'Blank credentials take over everything from others (KEYCTL_SESSION_TO_PARENT). Copy your state.',
    args: { new: 'the credentials made by `cred_alloc_blank`' },
  },
  cred_getsecid: { when: 'Audit or IMA asks for the security id of credentials.', args: { c: 'the credentials' } },
  kernel_act_as: {
    when: 'A service inside the kernel (cachefiles) is about to act as somebody else.',
    args: { secid: 'the security id to act under' },
  },
  kernel_create_files_as: {
    when: 'A service inside the kernel is to create files labelled like an inode.',
    args: { inode: 'the inode to take after' },
  },

  // What the kernel loads
  kernel_module_request: {
    when: 'The kernel wants user space to load a module that something needs.',
    args: { kmod_name: 'its name or alias: `fs-ext4`, `net-pf-40`' },
    answer: '0 asks user space. -errno: the module is not loaded, and what needed it fails.',
  },
  kernel_load_data: {
    when: 'A program hands the kernel code or data without a file: init_module(2), kexec_load(2), firmware.',
    args: { id: 'what it is, `LOADING_*`', contents: 'true when `kernel_post_load_data` will see the bytes' },
  },
  kernel_post_load_data: {
    when: 'The bytes of `kernel_load_data` have been read, and nothing has been done with them.',
    args: { buf: 'the bytes', size: 'how many', id: 'what it is, `LOADING_*`', description: 'what it is, in words' },
  },
  kernel_read_file: {
    when: 'The kernel is about to read a file for itself: a module, firmware, a kexec image, a policy.',
    args: { file: 'the open file; null when it is not from a file', id: 'what it is, `READING_*`', contents: 'true when `kernel_post_read_file` will see the bytes' },
  },
  kernel_post_read_file: {
    when: 'The bytes of `kernel_read_file` have been read, and nothing has been done with them.',
    args: { file: 'the open file; null when it is not from a file', buf: 'the bytes', size: 'how many', id: 'what it is, `READING_*`' },
  },

  // What tasks do to tasks
  task_fix_setuid: {
    when: 'A `set*uid` call has put new user ids into new credentials. Adjust what follows from them.',
    args: { flags: 'which call: LSM_SETID_ID, _RE, _RES, _FS' },
    answer: '0 goes on. -errno fails the call. `capability` drops capabilities here.',
  },
  task_fix_setgid: {
    when: 'A `set*gid` call has put new group ids into new credentials.',
    args: { flags: 'which call: LSM_SETID_ID, _RE, _RES, _FS' },
  },
  task_fix_setgroups: { when: 'setgroups(2) has put a new list of groups into new credentials.' },
  task_setpgid: { when: 'setpgid(2) is about to move a task to a process group.', args: { pgid: 'the process group' } },
  task_getpgid: { when: 'getpgid(2) asks for the process group of a task.' },
  task_getsid: { when: 'getsid(2) asks for the session of a task.' },
  current_getsecid_subj: { when: 'Audit, IMA or NetLabel asks for the security id the current task acts under.' },
  task_getsecid_obj: { when: 'Audit asks for the security id of a task that something is done to.' },
  task_setnice: { when: 'The nice value of a task is about to change.', args: { nice: '-20 (first) to 19 (last)' } },
  task_setioprio: { when: 'The I/O priority of a task is about to change.', args: { ioprio: 'class in the upper three bits, level below' } },
  task_getioprio: { when: 'ioprio_get(2) asks for the I/O priority of a task.' },
  task_prlimit: {
    when: 'prlimit(2) is about to read or set limits of another process.',
    args: { cred: 'credentials of the caller', tcred: 'credentials of the other process', flags: 'LSM_PRLIMIT_READ, LSM_PRLIMIT_WRITE, or both' },
  },
  task_setrlimit: {
    when: 'A resource limit of a process is about to change.',
    args: { p: 'a task of the process', resource: '`RLIMIT_*`', new_rlim: 'the new soft and hard limit' },
  },
  task_setscheduler: { when: 'Policy, priority or processors of a task are about to change.' },
  task_getscheduler: { when: 'Policy, priority or processors of a task are asked for.' },
  task_movememory: { when: 'The pages of a task are about to move between memory nodes (move_pages, migrate_pages).' },
  task_kill: {
    when: 'A signal is about to be sent to a task. Signals that the kernel itself raises do not ask.',
    args: { p: 'the task that would get it', info: 'details of the signal; null when there are none', sig: 'the signal; 0 only asks whether it could be sent', cred: 'credentials to check; null for those of the current task' },
    answer: '0 sends. -EPERM is usual.',
  },
  task_prctl: {
    when: 'prctl(2) runs, for every option, also those that no kernel knows.',
    args: { option: '`PR_*`', arg2: 'as the program gave it', arg3: 'as the program gave it', arg4: 'as the program gave it', arg5: 'as the program gave it' },
    answer: '-ENOSYS says that the option is not yours. Anything else is the result of prctl; a value other than 0 ends the round, 0 lets later modules see the call too.',
  },
  task_to_inode: { when: 'An inode under /proc/PID takes its label from the task.' },
  userns_create: { when: 'A user namespace is about to be made.', args: { cred: 'the credentials that make it' } },

  // System V IPC
  ipc_permission: {
    when: 'Access to a System V object is checked by its mode bits, which have agreed already.',
    args: { flag: 'what is wanted, as mode bits: 0o444 to read, 0o222 to write' },
  },
  ipc_getsecid: { when: 'Audit asks for the security id of a System V object.' },
  msg_msg_alloc_security: { when: 'A message has been made, and is not in a queue yet. Your state is on it.' },
  msg_msg_free_security: { when: 'A message is about to be freed.' },
  msg_queue_alloc_security: { when: 'A message queue has been made. Your state is on it.' },
  msg_queue_free_security: { when: 'A message queue is about to be freed.' },
  msg_queue_associate: { when: 'msgget(2) has found a queue by its key.', args: { msqflg: 'mode bits and `IPC_*` of the call' } },
  msg_queue_msgctl: { when: 'msgctl(2) is about to run.', args: { perm: 'the queue; null for commands about all of them', cmd: '`IPC_*`, `MSG_*`' } },
  msg_queue_msgsnd: { when: 'A message is about to be put into a queue.', args: { msqflg: 'IPC_NOWAIT or 0' } },
  msg_queue_msgrcv: {
    when: 'A message is about to be taken from a queue. Asked for each candidate; it may be asked by the sender, for a receiver that waits.',
    args: { target: 'the task that would get it', type: 'the type asked for, as in msgrcv(2)', mode: 'how the type was meant: any, equal, not equal, at most, by number' },
    answer: '0 takes it. -errno passes over this message.',
  },
  shm_alloc_security: { when: 'A shared memory segment has been made. Your state is on it.' },
  shm_free_security: { when: 'A shared memory segment is about to be freed.' },
  shm_associate: { when: 'shmget(2) has found a segment by its key.', args: { shmflg: 'mode bits and `IPC_*` of the call' } },
  shm_shmctl: { when: 'shmctl(2) is about to run.', args: { perm: 'the segment; null for commands about all of them', cmd: '`IPC_*`, `SHM_*`' } },
  shm_shmat: { when: 'shmat(2) is about to map a segment.', args: { shmaddr: 'the address asked for; null for any', shmflg: 'SHM_RDONLY, SHM_EXEC, SHM_REMAP' } },
  sem_alloc_security: { when: 'A semaphore set has been made. Your state is on it.' },
  sem_free_security: { when: 'A semaphore set is about to be freed.' },
  sem_associate: { when: 'semget(2) has found a set by its key.', args: { semflg: 'mode bits and `IPC_*` of the call' } },
  sem_semctl: { when: 'semctl(2) is about to run.', args: { perm: 'the set; null for commands about all of them', cmd: '`IPC_*`, `SEM_*`, GETVAL and its kin' } },
  sem_semop: {
    when: 'Operations on semaphores are about to run.',
    args: { sops: 'the operations: `sem_num`, `sem_op`, `sem_flg`', nsops: 'how many', alter: '1 when one of them changes a value, 0 when all only wait' },
  },
  netlink_send: { when: 'A program is about to send a netlink message.', args: { sk: 'the sending socket', skb: 'the message' } },
  d_instantiate: {
    when: 'A name gets its inode: at a look-up, or when a file is made. An inode whose label is not known yet finds it out here.',
    args: { inode: 'its inode; null for a name that does not exist' },
  },

  // Attributes of tasks
  getselfattr: {
    when: 'lsm_get_self_attr(2) reads an attribute of the current task. All modules that have it answer, one record each.',
    args: { attr: 'LSM_ATTR_CURRENT, _EXEC, _FSCREATE, _KEYCREATE, _PREV, _SOCKCREATE', ctx: 'room for your record; null when only the length is wanted', size: 'bytes of room left; set it to what you need', flags: '0 or LSM_FLAG_SINGLE' },
    answer: 'How many records you have written. -EOPNOTSUPP: you do not have the attribute. -E2BIG: no room. Any other -errno ends the call.',
  },
  setselfattr: {
    when: 'lsm_set_self_attr(2) sets an attribute of the current task. Only the module that is named is asked.',
    args: { attr: '`LSM_ATTR_*`', ctx: 'the record, header checked', size: 'bytes of the record', flags: '0' },
    answer: '0 or more when it is set. -EOPNOTSUPP: you do not have the attribute.',
  },
  getprocattr: {
    when: '/proc/PID/attr/NAME is read. Without a module in the path only the first module on this hook is asked.',
    args: { p: 'the task', name: 'current, prev, exec, fscreate, keycreate, sockcreate', value: 'where the text goes' },
    answer: 'Length of the text in bytes, 0 for none. -EINVAL: no such attribute.',
  },
  setprocattr: {
    when: '/proc/self/attr/NAME is written. Without a module in the path only the first module on this hook is asked.',
    args: { name: 'current, exec, fscreate, keycreate, sockcreate', value: 'the bytes written', size: 'how many, at most 4096' },
    answer: 'How many bytes you have taken. -EINVAL: no such attribute or no such label.',
  },
  ismaclabel: {
    when: 'NFS asks whether an attribute name is a label.',
    args: { name: 'the name without `security.`: `selinux`' },
    answer: '1 when the name is your label, 0 when it is not.',
  },
  secid_to_secctx: {
    when: 'A security id is turned into text: audit, SO_PEERSEC, SCM_SECURITY.',
    args: { secid: 'the security id', secdata: 'where the text goes; null when only the length is wanted', seclen: 'where its length in bytes goes' },
    answer: '0 when you have given the text. -EOPNOTSUPP: the id is not yours.',
  },
  secctx_to_secid: {
    when: 'The text of a label is turned into a security id.',
    args: { secdata: 'the text', seclen: 'its length in bytes' },
    answer: '0 goes on to the next module: the last one that sets `secid` wins. -errno ends the round.',
  },
  release_secctx: { when: 'A text that `secid_to_secctx` or `inode_getsecctx` gave is no longer needed.', args: { secdata: 'the text', seclen: 'its length in bytes' } },
  inode_invalidate_secctx: { when: 'A network file system knows that a label has changed on the server. Forget yours.' },
  inode_notifysecctx: { when: 'A file system has learnt the label of an inode from elsewhere. Take it over, without storing it.', args: { ctx: 'the label as text' } },
  inode_setsecctx: { when: 'An NFS server or client sets the label of a file. Store it and take it over.', args: { ctx: 'the label as text' } },
  inode_getsecctx: {
    when: 'An NFS server or Ceph asks for the label of a file as text.',
    args: { ctx: 'where the text goes', ctxlen: 'where its length in bytes goes' },
    answer: '0 when you have given the text. -EOPNOTSUPP when you have none.',
  },
  post_notification: {
    when: 'A notification is about to be put into a watch queue.',
    args: { w_cred: 'credentials of whoever set the watch', cred: 'credentials of whoever caused the event', n: 'the notification' },
    answer: '0 delivers. -errno drops it.',
  },
  watch_key: { when: 'A watch is about to be put on a key.' },

  // Sockets
  unix_stream_connect: {
    when: 'A Unix stream socket is about to be connected to a listener.',
    args: { sock: 'the connecting socket', other: 'the listening socket', newsk: 'the new end on the side of the listener' },
  },
  unix_may_send: {
    when: 'A Unix datagram is about to be sent, or a datagram socket connected.',
    args: { sock: 'the sender', other: 'the receiver' },
  },
  socket_create: { when: 'A socket is about to be made.', args: { type: 'SOCK_STREAM, SOCK_DGRAM and so on' } },
  socket_post_create: {
    when: 'A socket has been made and has an inode. Label it.',
    args: { type: 'SOCK_STREAM, SOCK_DGRAM and so on' },
    answer: '0 goes on. -errno destroys the socket and fails the call.',
  },
  socket_socketpair: { when: 'socketpair(2) has made two sockets and is about to join them.', args: { socka: 'the first', sockb: 'the second' } },
  socket_bind: { when: 'bind(2) is about to give a socket its address.' },
  socket_connect: { when: 'connect(2) is about to run.' },
  socket_listen: { when: 'listen(2) is about to run.', args: { backlog: 'how many connections may wait, limited by somaxconn' } },
  socket_accept: {
    when: 'accept(2) is about to take a connection. Which one is not known yet.',
    args: { sock: 'the listening socket', newsock: 'the new socket, still without a connection' },
  },
  socket_sendmsg: { when: 'A message is about to be sent, by write(2) too.', args: { msg: 'the message: `msg_name` is the address, or null', size: 'length in bytes' } },
  socket_recvmsg: { when: 'A message is about to be received, by read(2) too.', args: { msg: 'where it goes', size: 'room in bytes', flags: '`MSG_*`' } },
  socket_getsockname: { when: 'getsockname(2) is about to run.' },
  socket_getpeername: { when: 'getpeername(2) is about to run.' },
  socket_getsockopt: { when: 'getsockopt(2) is about to run.', args: { level: '`SOL_*` or a protocol', optname: 'the option' } },
  socket_setsockopt: { when: 'setsockopt(2) is about to run.', args: { level: '`SOL_*` or a protocol', optname: 'the option' } },
  socket_shutdown: { when: 'shutdown(2) is about to run.', args: { how: '0 for receiving, 1 for sending, 2 for both' } },
  socket_sock_rcv_skb: {
    when: 'A packet has arrived for a socket and is about to be queued. The current task may be anybody.',
    answer: '0 queues. -errno drops the packet; the sender is not notified.',
  },
  socket_getpeersec_stream: {
    when: 'SO_PEERSEC asks for the label of the peer of a connection.',
    args: { optval: 'where the text goes', optlen: 'where its length goes', len: 'room in bytes' },
    answer: '0 when you have given the label. -ENOPROTOOPT when you have none. -ERANGE: no room.',
  },
  socket_getpeersec_dgram: {
    when: 'The sender of a datagram is asked for: it is received with SO_PASSSEC, or sent over a Unix socket.',
    args: { sock: 'a connected socket, or null', skb: 'the packet, or null' },
    answer: '0 when you have set `secid`. -ENOPROTOOPT when you know nothing.',
  },
  sk_alloc_security: {
    when: 'A protocol socket has been made. Your state is on it.',
    args: { priority: '`GFP_*` flags of the allocation; of no meaning here' },
  },
  sk_free_security: { when: 'A protocol socket is about to be freed.' },
  sk_clone_security: { when: 'A protocol socket is copied for a new connection. Copy your state.', args: { sk: 'the socket it is copied from', newsk: 'the copy' } },
  sk_getsecid: { when: 'A packet that leaves a socket takes its security id.' },
  sock_graft: { when: 'An accepted connection gets the socket that the program will see.', args: { sk: 'the connection', parent: 'the socket' } },
  inet_conn_request: {
    when: 'A request for a connection (SYN) has arrived at a listener.',
    args: { sk: 'the listening socket' },
    answer: '0 goes on. -errno drops the request; the peer is not notified.',
  },
  inet_csk_clone: { when: 'The third packet of a handshake has made a socket of a request. Take over what the request knows.', args: { newsk: 'the new socket' } },
  inet_conn_established: { when: 'An outgoing connection has been accepted by the peer.', args: { skb: 'the packet that said so' } },
  secmark_relabel_packet: { when: 'A netfilter rule that labels packets is about to be made.', args: { secid: 'the label that packets will get' } },
  secmark_refcount_inc: { when: 'One more rule labels packets.' },
  secmark_refcount_dec: { when: 'One rule less labels packets.' },
  req_classify_flow: {
    when: 'The answer to a connection request needs a route. Give the flow the security id of the request.',
    args: { flic: 'the flow: set `flowic_secid`' },
  },
  tun_dev_alloc_security: { when: 'A TUN device is about to be made. Your state is on it.' },
  tun_dev_create: { when: 'The current task wants to make a TUN device.' },
  tun_dev_attach_queue: { when: 'A queue is about to be attached to a TUN device.' },
  tun_dev_attach: { when: 'A TUN device takes over the socket of its queue. Label it.', args: { sk: 'the socket of the queue' } },
  tun_dev_open: { when: 'The current task is about to use a TUN device that lasts.' },
  sctp_assoc_request: { when: 'A request for an SCTP association has arrived at a listener.', answer: '0 goes on. -errno drops the packet.' },
  sctp_bind_connect: {
    when: 'Addresses are about to be added to an SCTP socket, or a connection be made to several.',
    args: { optname: 'SCTP_SOCKOPT_BINDX_ADD, SCTP_PRIMARY_ADDR, SCTP_SENDMSG_CONNECT and so on', address: 'one address or several behind one another', addrlen: 'length of all of them in bytes' },
  },
  sctp_sk_clone: { when: 'An association gets a socket of its own (accept or peeloff). Copy your state.', args: { sk: 'the socket it comes from', newsk: 'the new one' } },
  sctp_assoc_established: { when: 'An outgoing association has been accepted by the peer.', args: { skb: 'the packet that said so' } },
  mptcp_add_subflow: { when: 'A connection of Multipath TCP gets one more subflow. Label it.', args: { sk: 'the socket of the connection', ssk: 'the socket of the subflow' } },

  // InfiniBand
  ib_pkey_access: { when: 'A queue pair is about to use a partition.', args: { subnet_prefix: 'prefix of the subnet, 64 bits', pkey: 'the partition key, 16 bits' } },
  ib_endport_manage_subnet: { when: 'An agent is about to send management packets.', args: { dev_name: 'name of the device', port_num: 'its port, from 1' } },
  ib_alloc_security: { when: 'An InfiniBand agent or queue pair has been made. Your state is on it.' },

  // IPsec
  xfrm_policy_alloc_security: {
    when: 'A policy of IPsec with a security context is made.',
    args: { ctxp: 'where your context goes', sec_ctx: 'the context as user space wrote it' },
  },
  xfrm_policy_clone_security: { when: 'A policy of IPsec is copied. Copy your context.', args: { old_ctx: 'the context, or null', new_ctx: 'where the copy goes' } },
  xfrm_policy_free_security: { when: 'The context of a policy is about to be freed.', args: { ctx: 'the context' } },
  xfrm_policy_delete_security: { when: 'A policy of IPsec is about to be deleted.', args: { ctx: 'its context' } },
  xfrm_state_alloc: { when: 'A state of IPsec with a security context is made.', args: { sec_ctx: 'the context as user space wrote it' } },
  xfrm_state_alloc_acquire: {
    when: 'The kernel makes a state because a packet needs one, and takes the context from the policy.',
    args: { polsec: 'the context of the policy, or null', secid: 'the security id of the flow' },
  },
  xfrm_state_free_security: { when: 'A state of IPsec is about to be freed.' },
  xfrm_state_delete_security: { when: 'A state of IPsec is about to be deleted.' },
  xfrm_policy_lookup: {
    when: 'A flow looks for the policy of IPsec that it falls under.',
    args: { ctx: 'the context of a candidate, or null', fl_secid: 'the security id of the flow' },
    answer: '0: the flow may use the policy. -ESRCH: try the next one. Any other -errno drops the packet.',
  },
  xfrm_state_pol_flow_match: {
    when: 'A flow and a policy look for a state. Only the first module on this hook is asked.',
    args: { xp: 'the policy', flic: 'the flow: `flowic_secid`' },
    answer: '1 takes the state, 0 passes over it.',
  },
  xfrm_decode_session: {
    when: 'A packet is asked for the security id that IPsec gave it.',
    args: { ckall: '1: all states must agree; 0: the caller only classifies, and must get 0' },
    answer: '0 when `secid` is set. -errno drops the packet; with `ckall` 0 it must not come.',
  },

  // Keys
  key_alloc: {
    when: 'A key has been made. Your state is on it.',
    args: { cred: 'the credentials that make it', flags: '`KEY_ALLOC_*`' },
    answer: '0 goes on. -errno undoes what the modules before you have done and fails the call.',
  },
  key_permission: {
    when: 'A key is about to be used. The permission bits of the key have agreed already.',
    args: { key_ref: 'the key, and whether the caller possesses it', cred: 'the credentials of the user', need_perm: 'KEY_NEED_VIEW, _READ, _WRITE, _SEARCH, _LINK, _SETATTR and so on' },
    answer: '0 allows. -EACCES is usual.',
  },
  key_getsecurity: {
    when: 'KEYCTL_GET_SECURITY asks for the label of a key.',
    args: { buffer: 'where the text goes' },
    answer: 'Length of the text in bytes with its NUL. 0: you have none.',
  },
  key_post_create_or_update: {
    when: 'A key has been made or got a new payload.',
    args: { keyring: 'the keyring it is linked to', payload: 'the bytes, or null', payload_len: 'how many', flags: '`KEY_ALLOC_*`', create: 'true when it is new' },
  },

  // Audit
  audit_rule_init: {
    when: 'A rule of audit or IMA names a label. Turn the text into a rule of yours.',
    args: { field: '`AUDIT_SUBJ_*`, `AUDIT_OBJ_*`', op: 'Audit_equal and so on', rulestr: 'the text', lsmrule: 'where your rule goes' },
    answer: '0 goes on. -EINVAL: the field is yours and the text is wrong.',
  },
  audit_rule_known: { when: 'Audit asks whether a rule has a field of yours.', args: { krule: 'the rule: `fields`' }, answer: '1 when it has, 0 when not.' },
  audit_rule_match: {
    when: 'Audit or IMA asks whether a security id falls under a rule.',
    args: { secid: 'the security id', field: '`AUDIT_SUBJ_*`, `AUDIT_OBJ_*`', op: 'Audit_equal and so on', lsmrule: 'your rule' },
    answer: '1 when it does, 0 when not. -errno: the rule is no longer good.',
  },
  audit_rule_free: { when: 'A rule of yours is no longer needed.', args: { lsmrule: 'your rule' } },

  // BPF
  bpf: { when: 'bpf(2) is about to run any of its commands.', args: { cmd: '`BPF_*`', size: 'bytes of `attr` that the program gave' } },
  bpf_map: { when: 'A descriptor of a BPF map is about to be handed out.', args: { fmode: 'FMODE_READ, FMODE_WRITE as it will be' } },
  bpf_prog: { when: 'A descriptor of a BPF program is about to be handed out.' },
  bpf_map_create: { when: 'A BPF map has been made, and nobody has it yet.', answer: '0 goes on. -errno frees the map (`bpf_map_free` runs) and fails the call.' },
  bpf_map_free: { when: 'A BPF map is about to be freed.' },
  bpf_prog_load: { when: 'A BPF program is about to be verified.', answer: '0 goes on. -errno frees the program (`bpf_prog_free` runs) and fails the call.' },
  bpf_prog_free: { when: 'A BPF program is about to be freed.' },
  bpf_token_create: {
    when: 'BPF_TOKEN_CREATE makes a token out of a mounted bpffs.',
    args: { path: 'the root of the bpffs' },
    answer: '0 goes on. -errno frees the token (`bpf_token_free` runs) and fails the call.',
  },
  bpf_token_free: { when: 'A BPF token is about to be freed.' },
  bpf_token_cmd: { when: 'A call of bpf(2) is made with a token, and the kernel asks whether the token may permit the command.', args: { cmd: '`BPF_*`' }, answer: '0: the token counts. -errno: the call goes on as if there were no token.' },
  bpf_token_capable: { when: 'A token is asked for a capability that it delegates.', args: { cap: '`CAP_*`' }, answer: '0: it is granted. A negative answer: it is not.' },

  // The rest
  locked_down: {
    when: 'Something is about to be done that could change the running kernel or read its secrets: /dev/mem, unsigned modules, kexec, debugfs.',
    args: { what: '`LOCKDOWN_*`' },
    answer: '0 allows. -EPERM is usual.',
  },
  perf_event_open: { when: 'perf_event_open(2) is about to run.', args: { type: 'PERF_SECURITY_OPEN, _CPU, _KERNEL or _TRACEPOINT' } },
  perf_event_alloc: { when: 'A performance event has been made. Your state is on it.' },
  perf_event_read: { when: 'The counter of a performance event is about to be read or mapped.' },
  perf_event_write: { when: 'A performance event is about to be controlled by ioctl(2).' },
  uring_override_creds: { when: 'A request of io_uring is about to run under registered credentials.', args: { new: 'those credentials' } },
  uring_sqpoll: { when: 'A task wants an io_uring whose queue a kernel thread polls.' },
  uring_cmd: { when: 'io_uring is about to pass a command through to a device (IORING_OP_URING_CMD).', args: { ioucmd: 'the command: `file`, `cmd_op`' } },
  initramfs_populated: { when: 'The initramfs has been unpacked, before the first program runs.' },
  bdev_alloc_security: { when: 'A block device has been made. Your state is on it.' },
  bdev_free_security: { when: 'A block device is about to be freed.' },
  bdev_setintegrity: {
    when: 'dm-verity knows something about the integrity of a block device: its root hash, or that its signature is good.',
    args: { type: 'LSM_INT_DMVERITY_ROOTHASH, LSM_INT_DMVERITY_SIG_VALID', value: 'the bytes; null when it is withdrawn' },
  },
}
