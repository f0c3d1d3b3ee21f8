/** Operations of selinux-ops.tsv that need a capability, and mounts. */
import { each } from '../operation.ts'
import type { Operations } from '../operation.ts'

const M = 'dir("m", "td_t")'
/** With a tmpfs on `m`, and `d` of another type. */
const MOUNTED = `${M}; label("d", "o_t"); mount("tmpfs", "m", "tmpfs", 0, NULL)`
const tmpfs = (option: string, type: string): string =>
  `mount("tmpfs", "m", "tmpfs", 0, "${option}=u:object_r:${type}:s0")`
const ALL_O = 'label("d", "o_t")'

const mounts: Operations = {
  ...each({ setup: M }, {
    mount_tmpfs: 'mount("tmpfs", "/w/m", "tmpfs", 0, NULL)',
    mount_tmpfs_fscontext: tmpfs('fscontext', 'mf_t'),
    mount_tmpfs_defcontext: tmpfs('defcontext', 'm_t'),
    mount_tmpfs_context_invalid: tmpfs('context', 'nosuch_t'),
    mount_proc: 'mount("proc", "m", "proc", 0, NULL)',
    fsopen_mount: `fd = fsopen("tmpfs", 0); fsconfig(fd, FSCONFIG_CMD_CREATE, NULL, NULL, 0);
      fd = fsmount(fd, 0, 0); move_mount(fd, "", AT_FDCWD, "m", MOVE_MOUNT_F_EMPTY_PATH)`,
  }),
  mount_tmpfs_rootcontext: { setup: M, act: tmpfs('rootcontext', 'm_t'), tells: ['created', 'm'] },
  mount_tmpfs_context: {
    setup: M, act: `${tmpfs('context', 'm_t')}; open("m/n", O_CREAT|O_EXCL|O_RDWR, 0666)`, tells: ['created', 'm/n'],
  },
  mount_context_relabel: {
    setup: `${M}; ${tmpfs('context', 'm_t')}; t = open("m/f", O_CREAT|O_RDWR, 0777); close(t)`,
    act: 'set_label("m/f", ctx("l_t"))',
  },
  mount_bind: { setup: `${M}; ${ALL_O}`, act: 'mount("d", "m", NULL, MS_BIND, NULL)' },
  open_tree_clone: { setup: ALL_O, act: 'open_tree(AT_FDCWD, "d", OPEN_TREE_CLONE)' },
  ...each({ setup: MOUNTED }, {
    mount_remount: 'mount(NULL, "m", NULL, MS_REMOUNT|MS_RDONLY, NULL)',
    mount_remount_bind: 'mount(NULL, "m", NULL, MS_REMOUNT|MS_BIND|MS_NOSUID, NULL)',
    mount_propagation: 'mount(NULL, "m", NULL, MS_PRIVATE, NULL)',
    mount_move: 'mount("m", "d", NULL, MS_MOVE, NULL)',
    umount: 'umount2("m", 0)',
    pivot_root_bad: 'pivot_root("m", "m")',
  }),
}

const own: Operations = each({}, {
  cap_chroot: 'chroot("/")',
  cap_sethostname: 'sethostname("h", 1)',
  cap_setuid: 'setuid(1000)',
  cap_setuid_same: 'setuid(0)',
  cap_setgid: 'setgid(1000)',
  cap_setresuid: 'setresuid(1000, -1, -1)',
  cap_setgroups: 'setgroups(0, NULL)',
  cap_chown: 'chown("f", 1000, -1)',
  cap_nice_self: 'setpriority(PRIO_PROCESS, 0, -5)',
  cap_sched_fifo_self: 'struct sched_param p = { 1 }; sched_setscheduler(0, SCHED_FIFO, &p)',
  cap_settime: 'struct timeval v = { 1700000000, 0 }; settimeofday(&v, NULL)',
  cap_adjtimex: 'struct timex x = { ADJ_FREQUENCY }; adjtimex(&x)',
  cap_boot_cad: 'reboot(LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, LINUX_REBOOT_CMD_CAD_OFF, NULL)',
  cap_swapon: 'swapon("f", 0)',
  cap_vhangup: 'vhangup()',
  cap_syslog_console: 'syslog(8, NULL, 4)',
  cap_syslog_read: 'syslog(3, buf, 1000)',
  cap_syslog_size: 'syslog(10, NULL, 0)',
  cap_kmsg_read: 'open("/dev/kmsg", O_RDONLY)',
  cap_bset_drop: 'prctl(PR_CAPBSET_DROP, 5, 0, 0, 0)',
  cap_securebits: 'prctl(PR_SET_SECUREBITS, 16, 0, 0, 0)',
  cap_checkpoint_restore: 'open("/proc/self/map_files", O_RDONLY)',
  cap_seccomp: `struct sock_filter f = { 6, 0, 0, 0x7fff0000 }; struct sock_fprog p = { 1, &f };
    seccomp(SECCOMP_SET_MODE_FILTER, 0, &p)`,
  cap_mlock: `struct rlimit r = { 0, 0 }; (setrlimit(RLIMIT_MEMLOCK, &r), 0);
    at = mmap(NULL, 4096, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0); mlock(at, 4096)`,
  cap_ioctl_tiocsti: 'fd = open("/dev/ptmx", O_RDWR); ioctl(fd, TIOCSTI, "x")',
  cap_sysctl_write: 'fd = open("/proc/sys/kernel/printk_ratelimit", O_WRONLY); write(fd, "5\\n", 2)',
  cap_sysctl_read: 'fd = open("/proc/sys/kernel/printk_ratelimit", O_RDONLY); read(fd, buf, 16)',
  cap_sysctl_mmap_min: 'fd = open("/proc/sys/vm/mmap_min_addr", O_WRONLY); write(fd, "65536\\n", 6)',
  cap_pipe_size: 'pipe(pp); fcntl(pp[0], F_SETPIPE_SZ, 4194304)',
  pipe_rw: 'pipe(pp); write(pp[1], "x", 1); read(pp[0], buf, 1)',
  eventfd_rw: 'fd = eventfd2(0, 0); long n = 1; write(fd, &n, 8); read(fd, buf, 8)',
  timerfd: 'timerfd_create(1, 0)',
  signalfd: 'long set = 1; signalfd4(-1, &set, 8, 0)',
  pty_open: `fd = open("/dev/pts/ptmx", O_RDWR|O_NOCTTY); int n = 0; ioctl(fd, TIOCSPTLCK, &n);
    ioctl(fd, TIOCGPTN, &n); sprintf(note, "/dev/pts/%d", n); open(note, O_RDWR|O_NOCTTY)`,
})

const prepared: Operations = {
  cap_dac_dir_write: {
    setup: 'chmod("d", 0555); chown("d", 1000, 1000)', act: 'open("d/n", O_CREAT|O_EXCL|O_RDWR, 0666)',
  },
  cap_dac_override_w: { setup: 'chmod("f", 0400); chown("f", 1000, 1000)', act: 'open("f", O_WRONLY)' },
  cap_dac_read_search: { setup: 'chmod("f", 0); chown("f", 1000, 1000)', act: 'open("f", O_RDONLY)' },
  cap_dac_dir_search: { setup: 'chmod("d", 0); chown("d", 1000, 1000)', act: 'stat("d/f", buf)' },
  cap_fowner_chmod: { setup: 'chown("f", 1000, 1000)', act: 'chmod("f", 0770)' },
  cap_fowner_sticky: {
    setup: 'chmod("d", 01777); chown("d/f", 1001, 1001); chown("d", 1000, 1000)', act: 'unlink("d/f")',
  },
  cap_fsetid_chmod: { setup: 'chown("f", 0, 1000)', act: 'chmod("f", 02777)' },
  cap_fsetid_write: {
    setup: 'chmod("f", 04777)', act: 'fd = open("f", O_WRONLY); write(fd, "x", 1); mode_of("/w/f")',
    tells: ['text', 'mode='],
  },
  cap_lease_other: {
    setup: 'chown("f", 1000, 1000)', act: 'fd = open("f", O_RDONLY); fcntl(fd, F_SETLEASE, F_RDLCK)',
  },
  ...each({ other: 'setresuid(1000, 1000, 1000)' }, {
    cap_kill: 'kill(other, SIGCONT)',
    cap_kill_term: 'kill(other, SIGTERM)',
    cap_nice_otheruid: 'setpriority(PRIO_PROCESS, other, 5)',
    cap_ptrace_otheruid: 'ptrace(PTRACE_SEIZE, other, 0, 0)',
  }),
}

export const capabilityOperations: Operations = { ...mounts, ...own, ...prepared }
