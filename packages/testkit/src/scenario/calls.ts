/** System calls that a step can make: one line a call, a letter an argument. */

/**
 * `n` a number, constants of C (`O_RDWR|O_CREAT`), or `$name` for what a step has saved and for the pid of an
 * identity; `p` a path or null, `$name` in it too; `d` bytes that go in; `b` room for bytes that come out; `v` a list
 * of texts; `l` a list of numbers; a capital letter one of the `structs`, or null; `u` the path of a local socket,
 * which becomes an address and its length; `s` a message that is sent, `[text, $descriptor, …]`; `m` room for one that
 * comes; `a` and `A` a ruleset and a rule of Landlock, as maps. Those that a step does not give: `t` struct stat, `y`
 * struct statfs, `f` descriptors handed out, `w` a wait
 * status, `z` a null pointer.
 */
export const calls: Readonly<Record<string, string>> = {
  // files
  open: 'pnn', creat: 'pn', openat: 'npnn', openat2: 'npH', close: 'n', dup: 'n', dup2: 'nn', dup3: 'nnn',
  read: 'nb', pread64: 'nbn', write: 'nd', pwrite64: 'ndn', lseek: 'nnn', sendfile: 'nnVn', copy_file_range: 'nVnVnn',
  truncate: 'pn', ftruncate: 'nn', fallocate: 'nnnn', fsync: 'n', flock: 'nn', fcntl: 'nnn', fcntl_lock: 'nnL',
  ioctl: 'nnn', pipe2: 'fn', memfd_create: 'pn', eventfd2: 'nn',
  // names
  access: 'pn', faccessat: 'npn', faccessat2: 'npnn', stat: 'pt', lstat: 'pt', fstat: 'nt', newfstatat: 'nptn',
  statfs: 'py', link: 'pp', linkat: 'npnpn', symlink: 'pp', symlinkat: 'pnp', readlink: 'pb', readlinkat: 'npb',
  rename: 'pp', renameat: 'npnp', renameat2: 'npnpn', unlink: 'p', unlinkat: 'npn', mkdir: 'pn', mkdirat: 'npn',
  rmdir: 'p', mknod: 'pnn', mknodat: 'npnn', getdents64: 'nb', chdir: 'p', fchdir: 'n', chroot: 'p', getcwd: 'b',
  // attributes
  chmod: 'pn', fchmod: 'nn', fchmodat: 'npn', fchmodat2: 'npnn', chown: 'pnn', lchown: 'pnn', fchown: 'nnn',
  fchownat: 'npnnn', umask: 'n', setxattr: 'ppdn', lsetxattr: 'ppdn', fsetxattr: 'npdn', getxattr: 'ppb',
  lgetxattr: 'ppb', fgetxattr: 'npb', listxattr: 'pb', llistxattr: 'pb', flistxattr: 'nb', removexattr: 'pp',
  lremovexattr: 'pp', fremovexattr: 'np',
  // mounts
  mount: 'pppnp', umount2: 'pn', pivot_root: 'pp', unshare: 'n', setns: 'nn', fsopen: 'pn', fsmount: 'nnn',
  move_mount: 'npnpn', open_tree: 'npn',
  // processes
  fork: '', vfork: '', execve: 'pvv', execveat: 'npvvn', exit: 'n', exit_group: 'n', wait4: 'nwnz', kill: 'nn',
  tkill: 'nn', tgkill: 'nnn', getpid: '', getppid: '', gettid: '', setsid: '', getsid: 'n', setpgid: 'nn',
  getpgid: 'n', getpgrp: '', ptrace: 'nnnn', prctl: 'nnnnn', pidfd_open: 'nn', pidfd_getfd: 'nnn',
  pidfd_send_signal: 'nnzn', prlimit64: 'nnRz', getpriority: 'nn', setpriority: 'nnn', ioprio_get: 'nn',
  ioprio_set: 'nnn', sched_getscheduler: 'n', sched_setscheduler: 'nnS',
  // ids
  setuid: 'n', setgid: 'n', setreuid: 'nn', setregid: 'nn', setresuid: 'nnn', setresgid: 'nnn', setfsuid: 'n',
  setfsgid: 'n', setgroups: 'nl', getuid: '', geteuid: '', getgid: '', getegid: '',
  // local sockets
  socket: 'nnn', socketpair: 'nnnf', bind: 'nu', listen: 'nn', connect: 'nu', accept4: 'nzzn', sendmsg: 'nsn',
  recvmsg: 'nmn',
  // what the kernel loads, and hardware
  init_module: 'dnp', finit_module: 'npn', kexec_load: 'nnzn', kexec_file_load: 'nnnpn', ioperm: 'nnn', iopl: 'n',
  // Landlock
  landlock_create_ruleset: 'ann', landlock_add_rule: 'nnAn', landlock_restrict_self: 'nn',
  // memory
  mmap: 'nnnnnn', mprotect: 'nnn', munmap: 'nn', mremap: 'nnnnn', brk: 'n',
}

/** Structs as a step writes them, by the letter of their argument: names of their fields. */
export const structs: Readonly<Record<string, readonly string[]>> = {
  H: ['flags', 'mode', 'resolve'],
  L: ['l_type', 'l_whence', 'l_start', 'l_len', 'l_pid'],
  R: ['rlim_cur', 'rlim_max'],
  S: ['sched_priority'],
  V: ['value'],
}

/** Calls whose own name a step writes otherwise, as their arguments differ by command. */
export const realName = (call: string): string => (call === 'fcntl_lock' ? 'fcntl' : call)
