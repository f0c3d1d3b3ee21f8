/** Operations of selinux-ops.tsv on other tasks, what is shown of them, their IPC and their keys. */
import { each } from '../operation.ts'
import type { Operations } from '../operation.ts'

const proc = (name: string, rest: string): string => `sprintf(note, "/proc/%d/${name}", other); ${rest}`
const read = (name: string): string => proc(name, 'fd = open(note, O_RDONLY); read(fd, buf, 1024)')
const QUEUED = 'siginfo_t i = { SIGURG, 0, -1 }'

const onOther: Operations = each({ other: '' }, {
  kill_0: 'kill(other, 0)',
  kill_kill: 'kill(other, SIGKILL)',
  kill_stop: 'kill(other, SIGSTOP)',
  kill_term: 'kill(other, SIGTERM)',
  kill_urg: 'kill(other, SIGURG)',
  kill_cont: 'kill(other, SIGCONT)',
  kill_chld: 'kill(other, SIGCHLD)',
  tgkill: 'tgkill(other, other, SIGURG)',
  sigqueue: `${QUEUED}; rt_sigqueueinfo(other, SIGURG, &i)`,
  getpgid: 'getpgid(other)',
  getsid: 'getsid(other)',
  setpriority: 'setpriority(PRIO_PROCESS, other, 5)',
  setpriority_neg: 'setpriority(PRIO_PROCESS, other, -5)',
  getpriority: 'getpriority(PRIO_PROCESS, other)',
  sched_getparam: 'sched_getparam(other, buf)',
  sched_getscheduler: 'sched_getscheduler(other)',
  sched_setscheduler: 'struct sched_param p = { 0 }; sched_setscheduler(other, SCHED_BATCH, &p)',
  sched_setscheduler_fifo: 'struct sched_param p = { 1 }; sched_setscheduler(other, SCHED_FIFO, &p)',
  sched_getaffinity: 'sched_getaffinity(other, 8, buf)',
  sched_setaffinity: 'long cpus = 1; sched_setaffinity(other, 8, &cpus)',
  ioprio_get: 'ioprio_get(IOPRIO_WHO_PROCESS, other)',
  ioprio_set: 'ioprio_set(IOPRIO_WHO_PROCESS, other, 16388)',
  prlimit_get: 'prlimit64(other, RLIMIT_NOFILE, NULL, buf)',
  prlimit_set: 'struct rlimit r = { 100, 200 }; prlimit64(other, RLIMIT_NOFILE, &r, NULL)',
  prlimit_set_soft: 'struct rlimit r = { 100, 4096 }; prlimit64(other, RLIMIT_NOFILE, &r, NULL)',
  pidfd_open: 'pidfd_open(other, 0)',
  pidfd_getfd: 'fd = pidfd_open(other, 0); pidfd_getfd(fd, 0, 0)',
  pidfd_signal: 'fd = pidfd_open(other, 0); pidfd_send_signal(fd, SIGCONT, NULL, 0)',
  ptrace_attach: 'ptrace(PTRACE_ATTACH, other, 0, 0)',
  ptrace_seize: 'ptrace(PTRACE_SEIZE, other, 0, 0)',
  vm_readv: 'struct iovec v = { note, 4 }, w = { buf, 4 }; process_vm_readv(other, &v, 1, &w, 1, 0)',
  vm_writev: 'struct iovec v = { note, 4 }, w = { buf, 4 }; process_vm_writev(other, &v, 1, &w, 1, 0)',
  get_robust_list: 'get_robust_list(other, buf, note)',
  capget_other: 'struct __user_cap_header_struct h = { 0x20080522, other }; capget(&h, buf)',
  proc_environ: proc('environ', 'open(note, O_RDONLY)'),
  proc_maps: proc('maps', 'open(note, O_RDONLY)'),
  proc_mem_rdwr: proc('mem', 'open(note, O_RDWR)'),
  proc_cwd: proc('cwd', 'readlink(note, buf, 256)'),
  proc_exe: proc('exe', 'readlink(note, buf, 256)'),
  proc_stat: read('stat'),
  proc_status: read('status'),
  proc_wchan: read('wchan'),
  proc_attr: read('attr/current'),
  proc_attr_write_other: proc('attr/exec', 'fd = open(note, O_WRONLY); write(fd, dom("n_t"), 10)'),
  proc_fdinfo_dir: proc('fd', 'fd = open(note, O_RDONLY|O_DIRECTORY); getdents64(fd, buf, 1024)'),
  proc_oom_adj: proc('oom_score_adj', 'fd = open(note, O_WRONLY); write(fd, "10", 2)'),
})

const own: Operations = each({}, {
  fork: 'waiting_child(SIGCHLD)',
  clone_newuser: 'unshare(CLONE_NEWUSER)',
  clone_newuser_cap: 'unshare(CLONE_NEWUSER); unshare(CLONE_NEWUTS); sethostname("h", 1)',
  clone_newnet: 'unshare(CLONE_NEWNET)',
  clone_newns: 'unshare(CLONE_NEWNS)',
  setns_uts: 'fd = open("/proc/self/ns/uts", O_RDONLY); setns(fd, 0)',
  kill_self: 'kill(getpid(), SIGURG)',
  setpgid_child: 't = waiting_child(SIGCHLD); setpgid(t, 0); (kill(t, SIGKILL), 0)',
  setrlimit_self: 'struct rlimit r = { 100, 200 }; setrlimit(RLIMIT_NOFILE, &r)',
  setrlimit_self_raise: 'struct rlimit r = { 100, 4097 }; setrlimit(RLIMIT_NOFILE, &r)',
  ptrace_traceme: 'child(ptrace(PTRACE_TRACEME, 0, 0, 0))',
  // the effective set loses its first capability
  capset_self: `struct __user_cap_header_struct h = { 0x20080522, 0 }; struct __user_cap_data_struct c[2];
    capget(&h, c); c[0].effective &= ~1; capset(&h, c)`,
  wait_child_other: 't = child_ends_in(dom("y_t")); wait4(t, NULL, 0, NULL)',
})

const SHM = 'id = shmget(0x4b45, 4096, IPC_CREAT|0666)'
const SEM = 'id = semget(0x4b45, 1, IPC_CREAT|0666)'
const MSG = 'id = msgget(0x4b45, IPC_CREAT|0666)'
const MESSAGE = 'struct { long type; char text[16]; } m = { 1, "x" }'

const ipc: Operations = {
  ...each({}, {
    shm_create: 'shmget(IPC_PRIVATE, 4096, IPC_CREAT|0600)',
    sem_create: 'semget(IPC_PRIVATE, 1, IPC_CREAT|0600)',
    msg_create: 'msgget(IPC_PRIVATE, IPC_CREAT|0600)',
    mq_create: 'fd = mq_open("selq", O_CREAT|O_RDWR, 0600, NULL); mq_unlink("selq")',
  }),
  ...each({ other: SHM }, {
    shmget: 'shmget(0x4b45, 4096, 0666)',
    shmat_ro: 'shmat(id, NULL, SHM_RDONLY)',
    shmat_rw: 'shmat(id, NULL, 0)',
    shmat_exec: 'shmat(id, NULL, SHM_RDONLY|SHM_EXEC)',
    shmctl_stat: 'shmctl(id, IPC_STAT, buf)',
    shmctl_set: 'struct shmid_ds d = { { 0, 0, 0, 0, 0, 0666 } }; shmctl(id, IPC_SET, &d)',
    shmctl_rmid: 'shmctl(id, IPC_RMID, NULL)',
    shmctl_lock: 'shmctl(id, SHM_LOCK, NULL)',
    shmctl_info: 'shmctl(0, SHM_INFO, buf)',
    shmctl_ipcinfo: 'shmctl(0, IPC_INFO, buf)',
    shmctl_stat_index: 'shmctl(0, SHM_STAT, buf)',
    shmctl_stat_any: 'shmctl(0, SHM_STAT_ANY, buf)',
  }),
  ...each({ other: SEM }, {
    semget: 'semget(0x4b45, 1, 0666)',
    semop_alter: 'struct sembuf o = { 0, 1, IPC_NOWAIT }; semop(id, &o, 1)',
    semop_zero: 'struct sembuf o = { 0, 0, IPC_NOWAIT }; semop(id, &o, 1)',
    semctl_getval: 'semctl(id, 0, GETVAL, 0)',
    semctl_getpid: 'semctl(id, 0, GETPID, 0)',
    semctl_getall: 'semctl(id, 0, GETALL, buf)',
    semctl_setval: 'semctl(id, 0, SETVAL, 1)',
    semctl_stat: 'semctl(id, 0, IPC_STAT, buf)',
    semctl_stat_any: 'semctl(0, 0, SEM_STAT_ANY, buf)',
    semctl_set: 'struct semid_ds d = { { 0, 0, 0, 0, 0, 0666 } }; semctl(id, 0, IPC_SET, &d)',
    semctl_rmid: 'semctl(id, 0, IPC_RMID, 0)',
  }),
  ...each({ other: MSG }, {
    msgget: 'msgget(0x4b45, 0666)',
    msgsnd: `${MESSAGE}; msgsnd(id, &m, 1, 0)`,
    msgctl_stat: 'msgctl(id, IPC_STAT, buf)',
    msgctl_set:
      'struct msqid_ds d = { { 0, 0, 0, 0, 0, 0666 } }; d.msg_qbytes = 1000; msgctl(id, IPC_SET, &d)',
    msgctl_rmid: 'msgctl(id, IPC_RMID, NULL)',
    msgctl_info: 'msgctl(0, MSG_INFO, buf)',
  }),
  msgrcv: {
    other: `${MSG}; ${MESSAGE}; msgsnd(id, &m, 1, 0)`, act: `${MESSAGE}; msgrcv(id, &m, 16, 0, IPC_NOWAIT)`,
  },
}

/** The keyrings of the user are there, as after a login. */
const USER_KEYRINGS = 'keyctl(KEYCTL_GET_KEYRING_ID, KEY_SPEC_USER_SESSION_KEYRING, 0)'
const KEY = 'key = add_key("user", "theirs", "payload", 7, KEY_SPEC_PROCESS_KEYRING);' +
  ' keyctl(KEYCTL_SETPERM, key, 0x3f3f3f3f)'

const keys: Operations = {
  ...each({ setup: USER_KEYRINGS, other: KEY }, {
    key_describe: 'keyctl(KEYCTL_DESCRIBE, key, buf, 256)',
    key_read: 'keyctl(KEYCTL_READ, key, buf, 256)',
    key_update: 'keyctl(KEYCTL_UPDATE, key, "payload", 7)',
    key_link: 'keyctl(KEYCTL_LINK, key, KEY_SPEC_PROCESS_KEYRING)',
    key_chown: 'keyctl(KEYCTL_CHOWN, key, 0, -1)',
    key_setperm: 'keyctl(KEYCTL_SETPERM, key, 0x3f3f3f00)',
    key_revoke: 'keyctl(KEYCTL_REVOKE, key)',
    key_invalidate: 'keyctl(KEYCTL_INVALIDATE, key)',
    key_timeout: 'keyctl(KEYCTL_SET_TIMEOUT, key, 100)',
  }),
  key_getsecurity: {
    setup: USER_KEYRINGS, other: KEY, act: 'keyctl(KEYCTL_GET_SECURITY, key, note, 256)', tells: ['text', 'label='],
  },
  key_add: { act: 'add_key("user", "k", "pay", 3, KEY_SPEC_PROCESS_KEYRING)' },
  key_add_session: {
    act: 'keyctl(KEYCTL_JOIN_SESSION_KEYRING, NULL); add_key("user", "own", "payload", 7, KEY_SPEC_SESSION_KEYRING)',
  },
  key_request: { setup: USER_KEYRINGS, act: 'request_key("user", "nosuch", NULL, 0)' },
  key_search: {
    act: `add_key("user", "own", "payload", 7, KEY_SPEC_PROCESS_KEYRING);
      keyctl(KEYCTL_SEARCH, KEY_SPEC_PROCESS_KEYRING, "user", "own", 0)`,
  },
}

export const taskOperations: Operations = { ...onOther, ...own, ...ipc, ...keys }
