/**
 * Operations of hook-trace.tsv that golden/operations.md describes and no recorded row has: C text as the rows bring
 * it, and the errno that the kernel's source says they come to.
 */

/** By id: errno of the last call, setup (`-` none), calls. */
export const describedTraces: Readonly<Record<string, readonly [errno: string, setup: string, calls: string]>> = {
  adjtimex_query: ['OK', 'struct timex x = { 0 };', 'adjtimex(&x)'],
  adjtimex_set: ['OK', 'struct timex x = { .modes = ADJ_FREQUENCY };', 'adjtimex(&x)'],
  bpf_btf_load: [
    'EINVAL',
    'ATTR0(a); char z[24] = { 0 }; a.btf = (long)z; a.btf_size = 24;',
    'bpf(BPF_BTF_LOAD, &a, sizeof a)',
  ],
  bpf_map_close: ['OK', 'int m = mkmap();', 'close(m)'],
  bpf_map_get_fd_by_id: [
    'OK',
    'int m = mkmap(); ATTR0(a); struct bpf_map_info i = { 0 }; a.info.bpf_fd = m; a.info.info_len = sizeof i; ' +
      'a.info.info = (long)&i; S(bpf, BPF_OBJ_GET_INFO_BY_FD, &a, sizeof a); memset(&a, 0, sizeof a); ' +
      'a.map_id = i.id;',
    'bpf(BPF_MAP_GET_FD_BY_ID, &a, sizeof a)',
  ],
  bpf_pin: [
    'OK',
    'int m = mkmap(); ATTR0(a); a.pathname = (long)"/sys/fs/bpf/hp"; a.bpf_fd = m;',
    'bpf(BPF_OBJ_PIN, &a, sizeof a); a.bpf_fd = 0; bpf(BPF_OBJ_GET, &a, sizeof a)',
  ],
  bpf_prog_close: ['OK', 'int m = mkprog();', 'close(m)'],
  bpf_prog_info: [
    'OK',
    'int m = mkprog(); ATTR0(a); struct bpf_prog_info i = { 0 }; a.info.bpf_fd = m; ' +
      'a.info.info_len = sizeof i; a.info.info = (long)&i;',
    'bpf(BPF_OBJ_GET_INFO_BY_FD, &a, sizeof a)',
  ],
  bpf_prog_load: ['OK', 'union bpf_attr a; pa(&a, BPF_PROG_TYPE_SOCKET_FILTER);', 'bpf(BPF_PROG_LOAD, &a, sizeof a)'],
  bpf_prog_load_kprobe: ['OK', 'union bpf_attr a; pa(&a, BPF_PROG_TYPE_KPROBE);', 'bpf(BPF_PROG_LOAD, &a, sizeof a)'],
  cgroup_mkdir: ['OK', '-', 'mkdir("/sys/fs/cgroup/x", 0755)'],
  clone_pidfd: [
    'OK',
    'int pfd = -1; signal(SIGCHLD, SIG_DFL);',
    'p = clone(CLONE_PIDFD | SIGCHLD, 0, &pfd, NULL, 0); wait4(p, NULL, 0, NULL)',
  ],
  dac_link_protected: ['EPERM', 'mkf("f", 0600); user();', 'link("f", "g")'],
  dac_setxattr_caps: [
    'EPERM',
    'mkf("f", 0644); chown("f", 1000, 1000); user();',
    'setxattr("f", "security.capability", "\\0\\0\\0\\2\\0\\40\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0", 20, 0)',
  ],
  dac_stat_search: ['EACCES', 'mkdir("d", 0700); mkf("d/f", 0644); user(); struct stat st;', 'stat("d/f", &st)'],
  dac_utimes: [
    'EPERM',
    'mkf("f", 0666); user(); struct timespec t[2] = { { 1, 0 }, { 1, 0 } };',
    'utimensat(CWD, "f", t, 0)',
  ],
  delete_module_missing: ['ENOENT', '-', 'delete_module("nosuch", O_NONBLOCK)'],
  exec_cloexec: [
    'OK',
    'cpf("/probe", "x", 0755); int f = of(O_RDONLY | O_CLOEXEC); char *a[] = { "x", NULL };',
    'execve("x", a, a + 1)',
  ],
  exec_garbage: [
    'ENOEXEC',
    'int f = open("x", O_CREAT | O_WRONLY, 0755); write(f, "garbage in here\\n", 16); close(f); ' +
      'char *a[] = { "x", NULL };',
    'execve("x", a, a + 1)',
  ],
  exec_nonexec: ['EACCES', 'mkf("x", 0644); char *a[] = { "x", NULL };', 'execve("x", a, a + 1)'],
  exec_script_noint: [
    'ENOENT',
    'int f = open("x", O_CREAT | O_WRONLY, 0755); write(f, "#!/nosuch\\n", 10); close(f); ' +
      'char *a[] = { "x", NULL };',
    'execve("x", a, a + 1)',
  ],
  exec_suid_nnp: [
    'OK',
    'cpf("/probe", "x", 04755); user(); prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); char *a[] = { "x", NULL };',
    'execve("x", a, a + 1)',
  ],
  fcntl_ofd: [
    'OK',
    'int f = of(O_RDWR); struct flock k = { .l_type = F_WRLCK, .l_start = 0, .l_len = 5 };',
    'fcntl(f, F_OFD_SETLK, &k)',
  ],
  fcntl_setlease_other: [
    'EACCES',
    'mkf("f", 0644); user(); int f = open("f", O_RDONLY);',
    'fcntl(f, F_SETLEASE, F_RDLCK)',
  ],
  fgetxattr_: ['OK', 'int f = of(O_RDONLY); setxattr("f", "user.x", "v", 1, 0);', 'fgetxattr(f, "user.x", buf, 100)'],
  firmware_modprobe: ['EAFNOSUPPORT', '-', 'socket(12, SOCK_DGRAM, 0)'],
  fstat_opath: ['OK', 'mkf("f", 0644); int f = open("f", O_PATH); struct stat st;', 'fstat(f, &st)'],
  get_robust_list_: ['OK', 'int k = kid(0, NULL); void *h; size_t l;', 'get_robust_list(k, &h, &l)'],
  getpgrp_: ['OK', '-', 'getpgrp()'],
  getxattr_sec_noxattr: ['ENOTSUP', '-', 'getxattr("/proc/self/status", "security.selinux", buf, 100)'],
  setxattr_sec_noxattr: ['ENOTSUP', '-', 'setxattr("/proc/self/status", "security.selinux", "x", 1, 0)'],
  ip_passsec_recv: [
    'OK',
    'struct sockaddr_in a = i4(20090); ' +
      'int s = socket(AF_INET, SOCK_DGRAM, 0), c = socket(AF_INET, SOCK_DGRAM, 0); ' +
      'bind(s, (void *)&a, sizeof a); setsockopt(s, IPPROTO_IP, IP_PASSSEC, &one, 4); ' +
      'sendto(c, "x", 1, 0, (void *)&a, sizeof a); char ch; struct iovec v = { &ch, 1 }; ' +
      'struct msghdr r = { .msg_iov = &v, .msg_iovlen = 1, .msg_control = cb, .msg_controllen = sizeof cb };',
    'recvmsg(s, &r, 0)',
  ],
  keyctl_dac: [
    'EACCES',
    'int k = ak("hk"); keyctl(KEYCTL_SETPERM, k, 0x003f0000, 0, 0); user();',
    'keyctl(KEYCTL_READ, k, buf, 100, 0)',
  ],
  keyctl_restrict: [
    'OK',
    'int k = add_key("keyring", "hr", NULL, 0, KEY_SPEC_PROCESS_KEYRING);',
    'keyctl(KEYCTL_RESTRICT_KEYRING, k, NULL, NULL, 0)',
  ],
  kill_dac_cont: ['OK', 'int k = kid(0, NULL); user();', 'kill(k, SIGCONT)'],
  kill_pgrp: ['OK', 'setpgid(0, 0);', 'kill(0, 0)'],
  kmsg_open: ['OK', '-', 'openat(CWD, "/dev/kmsg", O_RDONLY)'],
  link_: ['OK', 'mkf("f", 0644);', 'link("f", "g")'],
  link_user: ['OK', 'mkf("f", 0644); chown("f", 1000, 1000); user();', 'link("f", "g")'],
  mmap_file_shared_rw: ['OK', 'int f = of(O_RDWR);', 'mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, f, 0)'],
  mq_notify_: [
    'OK',
    'int q = mq_open(MQU, O_CREAT | O_RDWR, 0600, NULL); mq_unlink(MQU); ' +
      'struct sigevent e = { .sigev_notify = SIGEV_NONE };',
    'mq_notify(q, &e)',
  ],
  mq_open_old: ['OK', 'int q = mq_open(MQU, O_CREAT | O_RDWR, 0600, NULL);', 'mq_open(MQU, O_RDWR, 0, NULL)'],
  mq_receive_: [
    'OK',
    'int q = mq_open(MQU, O_CREAT | O_RDWR, 0600, NULL); mq_unlink(MQU); mq_timedsend(q, "x", 1, 0, NULL);',
    'mq_timedreceive(q, buf, 8192, NULL, NULL)',
  ],
  msgget_new: ['OK', '-', 'msgget(IPC_PRIVATE, 0600)'],
  msync_: [
    'OK',
    'int f = of(O_RDWR); char *m = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, f, 0);',
    'msync(m, 4096, MS_SYNC)',
  ],
  open_deep: [
    'OK',
    'mkdir("a", 0755); mkdir("a/b", 0755); mkdir("a/b/c", 0755); mkdir("a/b/c/d", 0755); ' +
      'mkf("a/b/c/d/f", 0644);',
    'openat(CWD, "a/b/c/d/f", O_RDONLY)',
  ],
  open_directory_on_file: ['ENOTDIR', 'mkf("f", 0644);', 'openat(CWD, "f", O_RDONLY | O_DIRECTORY)'],
  open_dotdot: ['OK', 'mkdir("d", 0755); mkf("f", 0644);', 'openat(CWD, "d/../f", O_RDONLY)'],
  open_fifo_nonblock_wr: ['ENXIO', 'mkfifo("p", 0644);', 'openat(CWD, "p", O_WRONLY | O_NONBLOCK)'],
  open_fifo_rdwr: ['OK', 'mkfifo("p", 0644);', 'openat(CWD, "p", O_RDWR)'],
  open_noatime_owner: [
    'OK',
    'mkf("f", 0644); chown("f", 1000, 1000); user();',
    'openat(CWD, "f", O_RDONLY | O_NOATIME)',
  ],
  open_nofollow_link: ['ELOOP', 'mkf("f", 0644); symlink("f", "l");', 'openat(CWD, "l", O_RDONLY | O_NOFOLLOW)'],
  open_unixsock: ['ENXIO', 'mknod("s", S_IFSOCK | 0644, 0);', 'openat(CWD, "s", O_RDWR)'],
  openat2_in_root: [
    'OK',
    'mkf("f", 0644); struct open_how how = { .flags = O_RDONLY, .resolve = RESOLVE_IN_ROOT };',
    'openat2(CWD, "/f", &how, sizeof how)',
  ],
  openat2_plain: [
    'OK',
    'mkf("f", 0644); struct open_how how = { .flags = O_RDONLY };',
    'openat2(CWD, "f", &how, sizeof how)',
  ],
  perf_ioctl: [
    'OK',
    'struct perf_event_attr a = pe(); int f = S(perf_event_open, &a, 0, -1, -1, 0);',
    'ioctl(f, PERF_EVENT_IOC_ENABLE, 0)',
  ],
  perf_open_cpu: ['OK', 'struct perf_event_attr a = pe();', 'perf_event_open(&a, -1, 0, -1, 0)'],
  perf_open_other: [
    'OK',
    'struct perf_event_attr a = pe(); int k = kid(0, NULL);',
    'perf_event_open(&a, k, -1, -1, 0)',
  ],
  pidfd_send_dac: [
    'EPERM',
    'int k = kid(0, NULL); int f = S(pidfd_open, k, 0); user();',
    'pidfd_send_signal(f, SIGTERM, NULL, 0)',
  ],
  prctl_ambient_clear: ['OK', '-', 'prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)'],
  prctl_bad: ['EINVAL', '-', 'prctl(123456, 0, 0, 0, 0)'],
  prctl_mm_exe: [
    'EBUSY',
    'cpf("/probe", "x", 0755); int f = open("x", O_RDONLY);',
    'prctl(PR_SET_MM, PR_SET_MM_EXE_FILE, f, 0, 0)',
  ],
  proc_keys: ['OK', '-', 'f = openat(CWD, "/proc/keys", O_RDONLY); read(f, buf, 1000)'],
  proc_list: ['OK', '-', 'f = openat(CWD, "/proc", O_RDONLY | O_DIRECTORY); getdents64(f, buf, 60000)'],
  proc_stat_read_dac: ['OK', 'int f = open(pp(kid(0, NULL), "stat"), O_RDONLY); user();', 'read(f, buf, 1000)'],
  proc_status_read: ['OK', 'int f = open("/proc/self/status", O_RDONLY);', 'read(f, buf, 4000)'],
  proc_sysvipc: ['OK', 'shm();', 'f = openat(CWD, "/proc/sysvipc/shm", O_RDONLY); read(f, buf, 1000)'],
  ptrace_nodump: ['EPERM', 'int k = kid(1000, nodump); user();', 'ptrace(PTRACE_ATTACH, k, 0, 0)'],
  read_badfd: ['EBADF', '-', 'read(77, buf, 10)'],
  read_opath: ['EBADF', 'mkf("f", 0644); int f = open("f", O_PATH);', 'read(f, buf, 10)'],
  readlink_file: ['EINVAL', 'mkf("f", 0644);', 'readlink("f", buf, 100)'],
  removexattr_capability: [
    'OK',
    'mkf("f", 0755); ' +
      'setxattr("f", "security.capability", "\\0\\0\\0\\2\\0\\40\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0", 20, 0);',
    'removexattr("f", "security.capability")',
  ],
  rename_exchange_dirs: [
    'OK',
    'mkdir("d", 0755); mkdir("e", 0755); mkf("e/f", 0644);',
    'renameat2(CWD, "d", CWD, "e", RENAME_EXCHANGE)',
  ],
  rename_hardlink: ['OK', 'mkf("f", 0644); link("f", "g");', 'rename("f", "g")'],
  setsid_: ['OK', '-', 'setsid()'],
  settimeofday_tz: ['OK', 'struct timezone z = { 0, 0 };', 'settimeofday(NULL, &z)'],
  setxattr_security: ['OK', 'mkf("f", 0644);', 'setxattr("f", "security.other", "x", 1, 0)'],
  shmctl_rmid_dac: ['EPERM', 'int i = shm(); user();', 'shmctl(i, IPC_RMID, NULL)'],
  shmctl_stat_dac: ['EACCES', 'int i = shm(); user(); struct shmid_ds b;', 'shmctl(i, IPC_STAT, &b)'],
  shmget_key_excl: ['EEXIST', 'shmget(77, 4096, IPC_CREAT | 0600);', 'shmget(77, 4096, IPC_CREAT | IPC_EXCL | 0600)'],
  sigaction_: ['OK', '-', 'rt_sigaction(SIGUSR1, NULL, buf, 8)'],
  swapoff_: ['EINVAL', 'mkf("f", 0600);', 'swapoff("f")'],
  sysfs_call: ['OK', '-', 'sysfs(3, 0, 0)'],
  tgkill_other: ['OK', 'int k = kid(1000, NULL);', 'tgkill(k, k, SIGCONT)'],
  uffd_user: ['OK', 'user();', 'userfaultfd(UFFD_USER_MODE_ONLY)'],
  uffd_user_kernel: ['EPERM', 'user();', 'userfaultfd(0)'],
  unix_getxattr: [
    'OK',
    'int p[2]; socketpair(AF_UNIX, SOCK_STREAM, 0, p);',
    'fgetxattr(p[0], "system.sockprotoname", buf, 100)',
  ],
  unshare_files_user: ['OK', 'user();', 'unshare(CLONE_FILES)'],
  unshare_newpid_user: ['EPERM', 'user();', 'unshare(CLONE_NEWPID)'],
  user_open_own: ['OK', 'mkf("f", 0644); chown("f", 1000, 1000); user();', 'openat(CWD, "f", O_RDWR)'],
  sctp_bind: [
    'OK',
    'struct sockaddr_in a = i4(20095); int s = socket(AF_INET, SOCK_STREAM, IPPROTO_SCTP);',
    'bind(s, (void *)&a, sizeof a)',
  ],
  sctp_connectx: [
    'OK',
    'int s = ssrv(); struct sockaddr_in a; socklen_t l = sizeof a; getsockname(s, (void *)&a, &l); ' +
      'int c = socket(AF_INET, SOCK_STREAM, IPPROTO_SCTP);',
    'setsockopt(c, IPPROTO_SCTP, 110, &a, sizeof a)',
  ],
  socket_sctp: ['OK', '-', 'socket(AF_INET, SOCK_STREAM, IPPROTO_SCTP)'],
  socket_key: ['EAFNOSUPPORT', '-', 'socket(15, SOCK_RAW, 2)'],
  tun_attach: [
    'OK',
    'int f = open("/dev/net/tun", O_RDWR); struct ifreq r = { .ifr_name = "tp1" }; ' +
      'r.ifr_flags = IFF_TAP | IFF_NO_PI; ioctl(f, TUNSETIFF, &r); ioctl(f, TUNSETPERSIST, 1); close(f); ' +
      'f = open("/dev/net/tun", O_RDWR);',
    'ioctl(f, TUNSETIFF, &r)',
  ],
  tun_create_user: [
    'EPERM',
    'user(); int f = open("/dev/net/tun", O_RDWR); struct ifreq r = { .ifr_name = "tp2" }; ' +
      'r.ifr_flags = IFF_TAP | IFF_NO_PI;',
    'ioctl(f, TUNSETIFF, &r)',
  ],
  tun_queue: [
    'OK',
    'int f = open("/dev/net/tun", O_RDWR); struct ifreq r = { .ifr_name = "tp3" }; ' +
      'r.ifr_flags = IFF_TAP | IFF_NO_PI | IFF_MULTI_QUEUE; ioctl(f, TUNSETIFF, &r); ' +
      'r.ifr_flags = IFF_DETACH_QUEUE; ioctl(f, TUNSETQUEUE, &r); r.ifr_flags = IFF_ATTACH_QUEUE;',
    'ioctl(f, TUNSETQUEUE, &r)',
  ],
}

/** Those that nobody can play here, and why. */
export const unplayableTraces: Readonly<Record<string, string>> = {
  ext4_open: 'ext4 is another file system',
  ext4_reserved_full: 'ext4 is another file system',
  mount_ext4: 'ext4 is another file system',
  quotactl_on: 'ext4 is another file system',
  quotactl_get: 'ext4 is another file system',
  quotactl_get_user: 'ext4 is another file system',
  uring_setup: 'this kernel has no io_uring',
  uring_personality: 'this kernel has no io_uring',
  uring_nop_personality: 'this kernel has no io_uring',
  xfrm_newpolicy: 'this kernel has no policies of IPsec',
  xfrm_delpolicy: 'this kernel has no policies of IPsec',
  xfrm_send: 'this kernel has no policies of IPsec',
  xfrm_sockpolicy_clone: 'this kernel has no policies of IPsec',
  audit_del_rule: 'this kernel has no rules of the audit system',
  aud_openat: 'this kernel has no rules of the audit system',
  aud_kill: 'this kernel has no rules of the audit system',
  aud_shmctl: 'this kernel has no rules of the audit system',
  loop_add: 'this kernel has no loop devices',
  finit_module_good: 'a module for another machine is not loaded',
  init_module_good: 'a module for another machine is not loaded',
  alarm_fires: 'the row alone tells how it is made',
  bpf_token_userns: 'the row alone tells how it is made',
  mem_read: 'the row alone tells how it is made',
  pivot_root_: 'the row alone tells how it is made',
  ovl_mount: 'overlays are counted as another file system',
  ovl_open_read: 'overlays are counted as another file system',
  ovl_create: 'overlays are counted as another file system',
  ovl_mmap: 'overlays are counted as another file system',
  ovl_mkdir: 'overlays are counted as another file system',
}
