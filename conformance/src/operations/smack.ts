/** Every operation of smack-fs.tsv. `other` is a task of the object's label, and its pid. */
import { each } from './operation.ts'
import type { Operations } from './operation.ts'
import { smackFiles } from './smack-files.ts'

/** The other task is there, whether or not the call needs it. */
const WAITS = ''

/** On the other task's pid. */
const tasks: Operations = each({ other: WAITS }, {
  kill_0: 'kill(other, 0)',
  kill_cont: 'kill(other, SIGCONT)',
  kill_term: 'kill(other, SIGTERM)',
  getpgid: 'getpgid(other)',
  getsid: 'getsid(other)',
  getpriority: 'getpriority(PRIO_PROCESS, other)',
  setpriority: 'setpriority(PRIO_PROCESS, other, 5)',
  sched_getscheduler: 'sched_getscheduler(other)',
  sched_setscheduler: 'struct sched_param p = { 0 }; sched_setscheduler(other, SCHED_BATCH, &p)',
  sched_getaffinity: 'sched_getaffinity(other, 8, buf)',
  sched_setaffinity: 'long cpus = 1; sched_setaffinity(other, 8, &cpus)',
  ioprio_get: 'ioprio_get(IOPRIO_WHO_PROCESS, other)',
  ioprio_set: 'ioprio_set(IOPRIO_WHO_PROCESS, other, 16389)',
  prlimit_get: 'prlimit64(other, RLIMIT_NOFILE, NULL, buf)',
  prlimit_set: 'struct rlimit r = { 64, 64 }; prlimit64(other, RLIMIT_NOFILE, &r, NULL)',
  pidfd_open: 'pidfd_open(other, 0)',
  pidfd_getfd: 'fd = pidfd_open(other, 0); pidfd_getfd(fd, 0, 0)',
  pidfd_signal: 'fd = pidfd_open(other, 0); pidfd_send_signal(fd, SIGCONT, NULL, 0)',
  proc_environ: 'sprintf(note, "/proc/%d/environ", other); open(note, O_RDONLY)',
  proc_stat: 'sprintf(note, "/proc/%d/stat", other); open(note, O_RDONLY)',
  proc_maps: 'sprintf(note, "/proc/%d/maps", other); fd = open(note, O_RDONLY); read(fd, buf, 100)',
  proc_exe: 'sprintf(note, "/proc/%d/exe", other); readlink(note, buf, 100)',
  proc_attr: 'sprintf(note, "/proc/%d/attr/smack/current", other); fd = open(note, O_RDONLY); read(fd, buf, 100)',
  ptrace_attach: 'ptrace(PTRACE_ATTACH, other, 0, 0)',
  ptrace_seize: 'ptrace(PTRACE_SEIZE, other, 0, 0)',
  ptrace_traceme_of: 'child(ptrace(PTRACE_TRACEME, 0, 0, 0))',
  vm_readv: 'struct iovec l = { buf, 8 }, r = { buf, 8 }; process_vm_readv(other, &l, 1, &r, 1, 0)',
})

const sockets: Operations = {
  unix_stream_connect: {
    other: 's = socket(AF_UNIX, SOCK_STREAM, 0); bind(s, ab("str"), 6); listen(s, 5)',
    act: 's = socket(AF_UNIX, SOCK_STREAM, 0); connect(s, ab("str"), 6)',
  },
  unix_stream_connect_path: {
    other: 's = socket(AF_UNIX, SOCK_STREAM, 0); bind(s, ua("sock"), 110); chmod("sock", 0777); listen(s, 5)',
    act: 's = socket(AF_UNIX, SOCK_STREAM, 0); connect(s, ua("sock"), 110)',
  },
  unix_dgram_sendto: {
    other: 's = socket(AF_UNIX, SOCK_DGRAM, 0); bind(s, ab("dgr"), 6)',
    act: 's = socket(AF_UNIX, SOCK_DGRAM, 0); sendto(s, "x", 1, 0, ab("dgr"), 6)',
  },
  unix_dgram_connect: {
    other: 's = socket(AF_UNIX, SOCK_DGRAM, 0); bind(s, ab("dgr"), 6)',
    act: 's = socket(AF_UNIX, SOCK_DGRAM, 0); connect(s, ab("dgr"), 6)',
  },
  tcp4_connect: {
    other: 's = socket(AF_INET, SOCK_STREAM, 0); bind(s, i4(5555), 16); listen(s, 5)',
    act: 's = socket(AF_INET, SOCK_STREAM, 0); connect(s, i4(5555), 16)',
  },
  udp4_send: {
    other: 't = socket(AF_INET, SOCK_DGRAM, 0); bind(t, i4(5555), 16)',
    act: 's = socket(AF_INET, SOCK_DGRAM, 0); sendto(s, "x", 1, 0, i4(5555), 16)',
    tells: ['delivered'],
  },
}

const SHM = 'id = shmget(77, 4096, IPC_CREAT|0666)'
const SEM = 'id = semget(77, 1, IPC_CREAT|0666)'
const MSG = 'id = msgget(77, IPC_CREAT|0666)'
const MESSAGE = 'struct { long type; char text[16]; } m = { 1, "x" }'

const ipc: Operations = {
  ...each({ other: SHM }, {
    shmget: 'shmget(77, 0, 0666)',
    shmat_ro: 'shmat(id, NULL, SHM_RDONLY)',
    shmat_rw: 'shmat(id, NULL, 0)',
    shmctl_stat: 'shmctl(id, IPC_STAT, buf)',
    shmctl_rmid: 'shmctl(id, IPC_RMID, NULL)',
    shmctl_set: 'struct shmid_ds d = { { 0, 1000, 1000, 0, 0, 0666 } }; shmctl(id, IPC_SET, &d)',
    shmctl_lock: 'shmctl(id, SHM_LOCK, NULL)',
    shmctl_info: 'shmctl(id, SHM_INFO, buf)',
  }),
  ...each({ other: SEM }, {
    semget: 'semget(77, 1, 0666)',
    semop_alter: 'struct sembuf o = { 0, 1, IPC_NOWAIT }; semop(id, &o, 1)',
    semop_zero: 'struct sembuf o = { 0, 0, IPC_NOWAIT }; semop(id, &o, 1)',
    semctl_stat: 'semctl(id, 0, IPC_STAT, buf)',
    semctl_rmid: 'semctl(id, 0, IPC_RMID, 0)',
    semctl_getval: 'semctl(id, 0, GETVAL, 0)',
    semctl_setval: 'semctl(id, 0, SETVAL, 1)',
  }),
  ...each({ other: MSG }, {
    msgget: 'msgget(77, 0666)',
    msgsnd: `${MESSAGE}; msgsnd(id, &m, 1, IPC_NOWAIT)`,
    msgctl_stat: 'msgctl(id, IPC_STAT, buf)',
    msgctl_rmid: 'msgctl(id, IPC_RMID, NULL)',
    msgctl_set:
      'struct msqid_ds d = { { 0, 1000, 1000, 0, 0, 0666 } }; d.msg_qbytes = 4096; msgctl(id, IPC_SET, &d)',
  }),
  msgrcv: {
    other: `${MSG}; ${MESSAGE}; msgsnd(id, &m, 1, 0)`,
    act: `${MESSAGE}; msgrcv(id, &m, 16, 0, IPC_NOWAIT)`,
  },
}

const keys: Operations = each({
  other: 'key = add_key("user", "k", "pay", 3, KEY_SPEC_PROCESS_KEYRING); keyctl(KEYCTL_SETPERM, key, 0x3f3f3f3f)',
}, {
  key_read: 'keyctl(KEYCTL_READ, key, buf, 100)',
  key_update: 'keyctl(KEYCTL_UPDATE, key, "zz", 2)',
  key_describe: 'keyctl(KEYCTL_DESCRIBE, key, buf, 100)',
  key_setperm: 'keyctl(KEYCTL_SETPERM, key, 0x3f3f3f00)',
  key_link: 'keyctl(KEYCTL_LINK, key, KEY_SPEC_PROCESS_KEYRING)',
  key_revoke: 'keyctl(KEYCTL_REVOKE, key)',
  key_getsecurity: 'keyctl(KEYCTL_GET_SECURITY, key, buf, 100)',
})

const own: Operations = {
  self_relabel: { act: 'fd = open("/proc/self/attr/smack/current", O_WRONLY); write(fd, object, strlen(object))' },
  load2_write: { act: 'fd = open("/sys/fs/smackfs/load2", O_WRONLY); write(fd, "New Newer r", 11)' },
  load_self: {
    act: `sprintf(note, "%s %s rwx", subject, object); fd = open("/sys/fs/smackfs/load-self2", O_WRONLY);
      write(fd, note, strlen(note))`,
  },
  syslog_read: { act: 'syslog(3, buf, 10)' },
}

export const smackOperations: Operations = { ...smackFiles, ...tasks, ...sockets, ...ipc, ...keys, ...own }
