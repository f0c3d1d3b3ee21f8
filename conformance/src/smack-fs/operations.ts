/** The operations of smack-fs.tsv by name: what is prepared, then the one call of the subject. */
import {
  AT_FDCWD, F_OFD_SETLK, F_SETOWN, F_WRLCK, GETVAL, IOPRIO_WHO_PROCESS, IPC_CREAT, IPC_PRIVATE, IPC_SET,
  KEYCTL_DESCRIBE, O_CREAT, O_RDWR, O_TMPFILE, PTRACE_SEIZE, PTRACE_TRACEME, RLIMIT_NOFILE, SEEK_SET, SIGTERM, W_OK,
  XATTR_NAME_SMACKTRANSMUTE,
} from '@lsmkit/abi'
import { Kstat } from '@lsmkit/kernel'
import { inDirectory, labelled, newSemaphores, onFile, onIpc, onKey, onOpened, onTask } from './preparations.ts'
import type { Operation } from './preparations.ts'
import { others, siblings } from './siblings/siblings.ts'
import { socketOperations } from './sockets.ts'

const encoder = new TextEncoder()
const value = encoder.encode('value')
const NICE_IOPRIO = (2 << 13) | 5

/** Those of the recorded rows. */
export const operations: Readonly<Record<string, Operation>> = {
  ...socketOperations,
  ...others,
  ...Object.fromEntries(Object.entries(siblings).map(([name, [, act]]) => [name, act])),
  stat: onFile(({ kernel, subject }, path) => [kernel.sys.stat(subject, path, new Kstat())]),
  access_w: onFile(({ kernel, subject }, path) => [kernel.sys.access(subject, path, W_OK)]),
  setxattr_user: onFile(({ kernel, subject }, path) => [kernel.sys.setxattr(subject, path, 'user.note', value, 0)]),
  listxattr: onFile(({ kernel, subject }, path) => [kernel.sys.listxattr(subject, path, new Uint8Array(256))]),
  rename_away: onFile(({ kernel, subject }, path) => [kernel.sys.rename(subject, path, '/w/elsewhere')]),
  rename_it_over_star: (world) => {
    const path = world.file('object')
    const star = world.file('star', '*')
    world.start()
    return [world.kernel.sys.rename(world.subject, path, star)]
  },
  fd_read: onOpened(({ kernel, subject }, fd) => [kernel.sys.read(subject, fd, new Uint8Array(4))]),
  fd_fstat: onOpened(({ kernel, subject }, fd) => [kernel.sys.fstat(subject, fd, new Kstat())]),
  fd_setown: onOpened(({ kernel, subject }, fd) => [kernel.sys.fcntl(subject, fd, F_SETOWN, subject.pid)]),
  fd_fsetxattr_user: onOpened(({ kernel, subject }, fd) =>
    [kernel.sys.fsetxattr(subject, fd, 'user.note', value, 0)]),
  fd_ofd_setlk: onOpened(({ kernel, subject }, fd) => {
    const lock = { l_type: F_WRLCK, l_whence: SEEK_SET, l_start: 0, l_len: 1, l_pid: 0 }
    return [kernel.sys.fcntl(subject, fd, F_OFD_SETLK, lock)]
  }),
  symlink_in: inDirectory((world, dir) =>
    labelled(world, world.kernel.sys.symlink(world.subject, 'target', `${dir}/new`), `${dir}/new`)),
  tmpfile_in: inDirectory(({ kernel, subject }, dir) =>
    [kernel.sys.openat(subject, AT_FDCWD, dir, O_TMPFILE | O_RDWR, 0o600)]),
  trans_create_in: (world) => {
    const dir = world.directory('/w/dir')
    const { sys, init } = world.kernel
    sys.setxattr(init, dir, XATTR_NAME_SMACKTRANSMUTE, encoder.encode('TRUE'), 0)
    world.start()
    return labelled(world, sys.openat(world.subject, AT_FDCWD, `${dir}/new`, O_CREAT | O_RDWR, 0o600), `${dir}/new`)
  },
  // what is linked is everybody's: the directory alone decides
  link_into: (world) => {
    const dir = world.directory('/w/dir')
    const star = world.file('star', '*')
    world.start()
    return labelled(world, world.kernel.sys.link(world.subject, star, `${dir}/new`), `${dir}/new`)
  },

  kill_term: onTask(({ kernel, subject }, pid) => kernel.sys.kill(subject, pid, SIGTERM)),
  getsid: onTask(({ kernel, subject }, pid) => kernel.sys.getsid(subject, pid)),
  ioprio_set: onTask(({ kernel, subject }, pid) =>
    kernel.sys.ioprio_set(subject, IOPRIO_WHO_PROCESS, pid, NICE_IOPRIO)),
  prlimit_set: onTask(({ kernel, subject }, pid) =>
    kernel.sys.prlimit64(subject, pid, RLIMIT_NOFILE, { rlim_cur: 64, rlim_max: 64 }, null)),
  proc_maps: onTask((world, pid) => world.readAs(world.subject, `/proc/${pid}/maps`)),
  ptrace_seize: onTask(({ kernel, subject }, pid) => kernel.sys.ptrace(subject, PTRACE_SEIZE, pid, 0, 0)),
  // a child of the subject asks to be traced by it; the object plays no part
  ptrace_traceme_of: (world) => {
    const { sys, machine } = world.kernel
    const child = machine.tasks.find(sys.fork(world.start()))!
    return [sys.ptrace(child, PTRACE_TRACEME, 0, 0, 0)]
  },

  self_relabel: (world) => [world.writeAs(world.start(), '/proc/self/attr/current', world.row.object)],
  load2_write: (world) => [world.writeAs(world.start(), '/sys/fs/smackfs/load2', 'New Newer r')],

  key_describe: onKey(({ kernel, subject }, key) =>
    kernel.sys.keyctl(subject, KEYCTL_DESCRIBE, key, new Uint8Array(256), 256, 0)),

  semctl_getval: onIpc(newSemaphores, ({ kernel, subject }, id) => kernel.sys.semctl(subject, id, 0, GETVAL, 0)),
  semop_alter: onIpc(newSemaphores, ({ kernel, subject }, id) =>
    kernel.sys.semop(subject, id, [{ sem_num: 0, sem_op: 1, sem_flg: 0 }], 1)),
  msgctl_set: onIpc(
    ({ kernel }, task) => kernel.sys.msgget(task, IPC_PRIVATE, IPC_CREAT | 0o666),
    ({ kernel, subject }, id) =>
      kernel.sys.msgctl(subject, id, IPC_SET, { uid: 1000, gid: 1000, mode: 0o666, msg_qbytes: 4096 }),
  ),
  shmat_rw: onIpc(
    ({ kernel }, task) => kernel.sys.shmget(task, IPC_PRIVATE, 4096, IPC_CREAT | 0o666),
    ({ kernel, subject }, id) => kernel.sys.shmat(subject, id, null, 0),
  ),
}
