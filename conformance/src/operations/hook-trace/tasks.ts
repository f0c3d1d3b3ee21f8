/** Described operations of tasks: execve, signals, other processes, their files in /proc. */
import { described } from './described-trace.ts'
import type { DescribedTraces } from './described-trace.ts'

/** `execve` of x, which is set up; by id, what it fails with. */
const exec = (errno: string, setups: Readonly<Record<string, string>>): DescribedTraces => {
  const calls = `execve("x", a, a + 1)${errno === '' ? '' : ` = ${errno}`}`
  return described(Object.fromEntries(Object.entries(setups).map(([id, setup]) =>
    [id, [`${setup} char *a[] = { "x", NULL };`, calls]])))
}

const written = (text: string, size: number): string =>
  `int f = open("x", O_CREAT | O_WRONLY, 0755); write(f, "${text}\\n", ${size}); close(f);`

const execs = {
  ...exec('', {
    exec_cloexec: 'cpf("/probe", "x", 0755); int f = of(O_RDONLY | O_CLOEXEC);',
    exec_suid_nnp: 'cpf("/probe", "x", 04755); user(); prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);',
  }),
  ...exec('EACCES', { exec_nonexec: 'mkf("x", 0644);' }),
  ...exec('ENOEXEC', { exec_garbage: written('garbage in here', 16) }),
  ...exec('ENOENT', { exec_script_noint: written('#!/nosuch', 10) }),
}

const onChild = described({
  get_robust_list_: ['void *h; size_t l;', 'get_robust_list(k, &h, &l)'],
  kill_dac_cont: ['user();', 'kill(k, SIGCONT)'],
  pidfd_send_dac: ['int f = S(pidfd_open, k, 0); user();', 'pidfd_send_signal(f, SIGTERM, NULL, 0) = EPERM'],
}, 'int k = kid(0, NULL);')

const others = described({
  clone_pidfd: [
    'int pfd = -1; signal(SIGCHLD, SIG_DFL);',
    'p = clone(CLONE_PIDFD | SIGCHLD, 0, &pfd, NULL, 0); wait4(p, NULL, 0, NULL)',
  ],
  getpgrp_: 'getpgrp()',
  kill_pgrp: ['setpgid(0, 0);', 'kill(0, 0)'],
  prctl_ambient_clear: 'prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)',
  prctl_bad: 'prctl(123456, 0, 0, 0, 0) = EINVAL',
  prctl_mm_exe: [
    'cpf("/probe", "x", 0755); int f = open("x", O_RDONLY);', 'prctl(PR_SET_MM, PR_SET_MM_EXE_FILE, f, 0, 0) = EBUSY',
  ],
  proc_list: 'f = openat(CWD, "/proc", O_RDONLY | O_DIRECTORY); getdents64(f, buf, 60000)',
  proc_stat_read_dac: ['int f = open(pp(kid(0, NULL), "stat"), O_RDONLY); user();', 'read(f, buf, 1000)'],
  proc_status_read: ['int f = open("/proc/self/status", O_RDONLY);', 'read(f, buf, 4000)'],
  ptrace_nodump: ['int k = kid(1000, nodump); user();', 'ptrace(PTRACE_ATTACH, k, 0, 0) = EPERM'],
  setsid_: 'setsid()',
  sigaction_: 'rt_sigaction(SIGUSR1, NULL, buf, 8)',
  tgkill_other: ['int k = kid(1000, NULL);', 'tgkill(k, k, SIGCONT)'],
  unshare_files_user: ['user();', 'unshare(CLONE_FILES)'],
  unshare_newpid_user: ['user();', 'unshare(CLONE_NEWPID) = EPERM'],
})

export const taskTraces = { ...execs, ...onChild, ...others }
