/**
 * Operations beside those of the recorded rows, named as they are: the whole table has more than its sample.
 * `needs` says the modes each takes, and a test holds it to that.
 */
import {
  AT_FDCWD, AT_SYMLINK_NOFOLLOW, F_GETLK, F_GETOWN, F_OFD_GETLK, F_SETLK, F_SETSIG, F_WRLCK, GETALL, IOPRIO_WHO_PROCESS,
  IPC_CREAT, IPC_NOWAIT, IPC_PRIVATE, IPC_RMID, IPC_STAT, LOCK_EX, LOCK_SH, O_APPEND, O_CREAT, O_DIRECTORY, O_EXCL,
  O_PATH, O_RDONLY, O_RDWR, O_TRUNC, O_WRONLY, PRIO_PROCESS, PTRACE_ATTACH, R_OK, RLIMIT_NOFILE, S_IFIFO, SEEK_SET,
  SETVAL, SHM_RDONLY, SIGKILL, SIGUSR1, X_OK, XATTR_NAME_SMACK,
  XATTR_NAME_SMACKEXEC,
} from '@lsmkit/abi'
import { Kstat, Kstatfs } from '@lsmkit/kernel'
import { inDirectory, labelled, newSemaphores, onFile, onIpc, onOpened, onTask } from './preparations.ts'
import type { Operation } from './preparations.ts'

const value = new TextEncoder().encode('value')
const nothing = new Uint8Array(256)

const opening = (flags: number): Operation =>
  onFile(({ kernel, subject }, path) => [kernel.sys.openat(subject, AT_FDCWD, path, flags, 0)])
const asking = (mode: number): Operation =>
  onFile(({ kernel, subject }, path) => [kernel.sys.access(subject, path, mode)])
const locking = (command: number): Operation => onOpened(({ kernel, subject }, fd) => {
  const lock = { l_type: F_WRLCK, l_whence: SEEK_SET, l_start: 0, l_len: 1, l_pid: 0 }
  return [kernel.sys.fcntl(subject, fd, command, lock)]
})
const flocking = (operation: number): Operation =>
  onOpened(({ kernel, subject }, fd) => [kernel.sys.flock(subject, fd, operation)])
const signalling = (signal: number): Operation =>
  onTask(({ kernel, subject }, pid) => kernel.sys.kill(subject, pid, signal))
const newQueue = ({ kernel }: Parameters<typeof newSemaphores>[0], task: Parameters<typeof newSemaphores>[1]): number =>
  kernel.sys.msgget(task, IPC_PRIVATE, IPC_CREAT | 0o666)
const newSegment = (
  { kernel }: Parameters<typeof newSemaphores>[0], task: Parameters<typeof newSemaphores>[1],
): number => kernel.sys.shmget(task, IPC_PRIVATE, 4096, IPC_CREAT | 0o666)

/** By name: the modes it needs, and what it does. */
export const siblings: Readonly<Record<string, readonly [needs: string, act: Operation]>> = {
  open_r: ['r', opening(O_RDONLY)],
  // file_open asks for read, whatever the file is opened for
  open_w: ['rw', opening(O_WRONLY)],
  open_rw: ['rw', opening(O_RDWR)],
  open_append: ['rwa', opening(O_WRONLY | O_APPEND)],
  open_trunc: ['rw', opening(O_WRONLY | O_TRUNC)],
  open_path: ['', opening(O_PATH)],
  access_r: ['r', asking(R_OK)],
  access_x: ['x', onFile(({ kernel, init, subject }, path) => {
    kernel.sys.chmod(init, path, 0o777)
    return [kernel.sys.access(subject, path, X_OK)]
  })],
  lstat: ['r', onFile(({ kernel, subject }, path) => [kernel.sys.lstat(subject, path, new Kstat())])],
  chmod: ['w', onFile(({ kernel, subject }, path) => [kernel.sys.chmod(subject, path, 0o600)])],
  chown: ['w', onFile(({ kernel, subject }, path) => [kernel.sys.chown(subject, path, 1000, 1000)])],
  utimensat: ['w', onFile(({ kernel, subject }, path) => [kernel.sys.utimensat(subject, AT_FDCWD, path, null, 0)])],
  truncate: ['w', onFile(({ kernel, subject }, path) => [kernel.sys.truncate(subject, path, 1)])],
  unlink: ['w', onFile(({ kernel, subject }, path) => [kernel.sys.unlink(subject, path)])],
  link_away: ['w', onFile(({ kernel, subject }, path) =>
    [kernel.sys.linkat(subject, AT_FDCWD, path, AT_FDCWD, '/w/second', 0)])],
  getxattr_user: ['r', onFile(({ kernel, init, subject }, path) => {
    kernel.sys.setxattr(init, path, 'user.note', value, 0)
    return [kernel.sys.getxattr(subject, path, 'user.note', nothing)]
  })],
  removexattr_user: ['w', onFile(({ kernel, init, subject }, path) => {
    kernel.sys.setxattr(init, path, 'user.note', value, 0)
    return [kernel.sys.removexattr(subject, path, 'user.note')]
  })],
  getxattr_smack: ['r', onFile(({ kernel, subject }, path) =>
    [kernel.sys.getxattr(subject, path, XATTR_NAME_SMACK, nothing)])],
  statfs: ['', onFile(({ kernel, subject }, path) => [kernel.sys.statfs(subject, path, new Kstatfs())])],
  rename_star_over_it: ['rw', (world) => {
    const path = world.file('object')
    const star = world.file('star', '*')
    world.start()
    return [world.kernel.sys.rename(world.subject, star, path)]
  }],

  fd_write: ['', onOpened(({ kernel, subject }, fd) => [kernel.sys.write(subject, fd, value)])],
  fd_ftruncate: ['w', onOpened(({ kernel, subject }, fd) => [kernel.sys.ftruncate(subject, fd, 1)])],
  fd_fchmod: ['w', onOpened(({ kernel, subject }, fd) => [kernel.sys.fchmod(subject, fd, 0o600)])],
  fd_fchown: ['w', onOpened(({ kernel, subject }, fd) => [kernel.sys.fchown(subject, fd, 1000, 1000)])],
  fd_flock_sh: ['l', flocking(LOCK_SH)],
  fd_flock_ex: ['l', flocking(LOCK_EX)],
  fd_setlk: ['l', locking(F_SETLK)],
  fd_getlk: ['', locking(F_GETLK)],
  fd_ofd_getlk: ['', locking(F_OFD_GETLK)],
  fd_getown: ['', onOpened(({ kernel, subject }, fd) => [kernel.sys.fcntl(subject, fd, F_GETOWN, 0)])],
  fd_setsig: ['w', onOpened(({ kernel, subject }, fd) => [kernel.sys.fcntl(subject, fd, F_SETSIG, SIGUSR1)])],
  fd_fgetxattr_smack: ['r', onOpened(({ kernel, subject }, fd) =>
    [kernel.sys.fgetxattr(subject, fd, XATTR_NAME_SMACK, nothing)])],
  fd_flistxattr: ['', onOpened(({ kernel, subject }, fd) => [kernel.sys.flistxattr(subject, fd, nothing)])],

  create_in: ['wx', inDirectory((world, dir) => labelled(world, world.kernel.sys.openat(
    world.subject, AT_FDCWD, `${dir}/new`, O_CREAT | O_EXCL | O_RDWR, 0o600), `${dir}/new`))],
  mkdir_in: ['wx', inDirectory((world, dir) =>
    labelled(world, world.kernel.sys.mkdirat(world.subject, AT_FDCWD, `${dir}/new`, 0o700), `${dir}/new`))],
  mknod_in: ['wx', inDirectory((world, dir) => labelled(
    world, world.kernel.sys.mknodat(world.subject, AT_FDCWD, `${dir}/new`, S_IFIFO | 0o600, 0), `${dir}/new`))],
  opendir: ['r', inDirectory(({ kernel, subject }, dir) =>
    [kernel.sys.openat(subject, AT_FDCWD, dir, O_RDONLY | O_DIRECTORY, 0)])],
  chdir: ['x', inDirectory(({ kernel, subject }, dir) => [kernel.sys.chdir(subject, dir)])],
  rmdir: ['w', inDirectory(({ kernel, subject }, dir) => [kernel.sys.rmdir(subject, dir)])],
  lookup_in: ['x', (world) => {
    const dir = world.directory('/w/dir')
    const star = world.file('dir/star', '*')
    world.start()
    return [world.kernel.sys.faccessat2(world.subject, AT_FDCWD, star || dir, R_OK, AT_SYMLINK_NOFOLLOW)]
  }],

  exec: ['rx', (world) => {
    const path = world.program('object')
    world.start()
    return world.execute(path)
  }],
  // everybody's program, with the object's label for who executes it: no rule is asked
  exec_label: ['', (world) => {
    const path = world.program('star', '*')
    const label = new TextEncoder().encode(world.row.object)
    world.kernel.sys.setxattr(world.init, path, XATTR_NAME_SMACKEXEC, label, 0)
    world.start()
    return world.execute(path)
  }],

  kill_0: ['', signalling(0)],
  kill_kill: ['a', signalling(SIGKILL)],
  kill_usr1: ['a', signalling(SIGUSR1)],
  getpgid: ['r', onTask(({ kernel, subject }, pid) => kernel.sys.getpgid(subject, pid))],
  setpriority: ['w', onTask(({ kernel, subject }, pid) => kernel.sys.setpriority(subject, PRIO_PROCESS, pid, 5))],
  ioprio_get: ['r', onTask(({ kernel, subject }, pid) => kernel.sys.ioprio_get(subject, IOPRIO_WHO_PROCESS, pid))],
  sched_getscheduler: ['r', onTask(({ kernel, subject }, pid) => kernel.sys.sched_getscheduler(subject, pid))],
  prlimit_get: ['', onTask(({ kernel, subject }, pid) =>
    kernel.sys.prlimit64(subject, pid, RLIMIT_NOFILE, null, { rlim_cur: 0, rlim_max: 0 }))],
  ptrace_attach: ['rw', onTask(({ kernel, subject }, pid) => kernel.sys.ptrace(subject, PTRACE_ATTACH, pid, 0, 0))],
  proc_environ: ['rx', onTask((world, pid) => world.readAs(world.subject, `/proc/${pid}/environ`))],
  proc_status: ['rx', onTask((world, pid) => world.readAs(world.subject, `/proc/${pid}/status`))],

  semctl_setval: ['rw', onIpc(newSemaphores, ({ kernel, subject }, id) =>
    kernel.sys.semctl(subject, id, 0, SETVAL, 1))],
  semctl_getall: ['r', onIpc(newSemaphores, ({ kernel, subject }, id) =>
    kernel.sys.semctl(subject, id, 0, GETALL, [0] as never))],
  semctl_stat: ['r', onIpc(newSemaphores, ({ kernel, subject }, id) =>
    kernel.sys.semctl(subject, id, 0, IPC_STAT, {} as never))],
  semctl_rmid: ['rw', onIpc(newSemaphores, ({ kernel, subject }, id) =>
    kernel.sys.semctl(subject, id, 0, IPC_RMID, null as never))],
  msgctl_stat: ['r', onIpc(newQueue, ({ kernel, subject }, id) =>
    kernel.sys.msgctl(subject, id, IPC_STAT, {} as never))],
  msgctl_rmid: ['rw', onIpc(newQueue, ({ kernel, subject }, id) => kernel.sys.msgctl(subject, id, IPC_RMID, null))],
  msgsnd: ['w', onIpc(newQueue, ({ kernel, subject }, id) =>
    kernel.sys.msgsnd(subject, id, { mtype: 1, mtext: value } as never, value.length, IPC_NOWAIT))],
  shmat_ro: ['r', onIpc(newSegment, ({ kernel, subject }, id) => kernel.sys.shmat(subject, id, null, SHM_RDONLY))],
  shmctl_stat: ['r', onIpc(newSegment, ({ kernel, subject }, id) =>
    kernel.sys.shmctl(subject, id, IPC_STAT, {} as never))],
  shmctl_rmid: ['rw', onIpc(newSegment, ({ kernel, subject }, id) =>
    kernel.sys.shmctl(subject, id, IPC_RMID, null))],
}
