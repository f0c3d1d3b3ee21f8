/** Operations on files, descriptors, directories and programs beside those of the recorded rows. */
import {
  AT_FDCWD, AT_SYMLINK_NOFOLLOW, ENODATA, F_GETFD, F_GETFL, F_GETLK, F_GETOWN, F_OFD_GETLK, F_RDLCK, F_SETFL,
  F_SETLEASE, F_SETLK, F_SETLKW, F_SETSIG, F_WRLCK, LOCK_EX, LOCK_SH, MAP_PRIVATE, MAP_SHARED, O_APPEND, O_CREAT,
  O_DIRECTORY, O_EXCL, O_PATH, O_RDONLY, O_RDWR, O_TRUNC, O_WRONLY, PROT_EXEC, PROT_READ, PROT_WRITE, R_OK, SEEK_SET,
  SIGUSR1, S_IFIFO, UTIME_NOW, W_OK, XATTR_NAME_SMACK, XATTR_NAME_SMACKEXEC, X_OK,
} from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import { Kstat, Kstatfs } from '@lsmkit/kernel'
import type { SysCalls } from '@lsmkit/kernel'
import { inDirectory, labelled, onFile, onOpened } from '../preparations.ts'
import type { Operation, Siblings } from '../preparations.ts'

const value = new TextEncoder().encode('value')
const nothing = new Uint8Array(256)

const opening = (flags: number): Operation =>
  onFile(({ kernel, subject }, path) => [kernel.sys.openat(subject, AT_FDCWD, path, flags, 0)])
const asking = (mode: number): Operation =>
  onFile(({ kernel, subject }, path) => [kernel.sys.access(subject, path, mode)])
const locking = (command: number, l_type = F_WRLCK): Operation => onOpened(({ kernel, subject }, fd) => {
  const lock = { l_type, l_whence: SEEK_SET, l_start: 0, l_len: 1, l_pid: 0 }
  return [kernel.sys.fcntl(subject, fd, command, lock)]
})
const flocking = (operation: number): Operation =>
  onOpened(({ kernel, subject }, fd) => [kernel.sys.flock(subject, fd, operation)])
const onDescriptor = (call: (sys: SysCalls, task: Task, fd: number) => number): Operation =>
  onOpened(({ kernel, subject }, fd) => [call(kernel.sys, subject, fd)])
const onPath = (call: (sys: SysCalls, task: Task, path: string) => number): Operation =>
  onFile(({ kernel, subject }, path) => [call(kernel.sys, subject, path)])
const mapping = (prot: number, flags: number): Operation =>
  onDescriptor((sys, task, fd) => Math.min(sys.mmap(task, 0, 4096, prot, flags, fd, 0), 0))
const now = () => [{ tv_sec: 0, tv_nsec: UTIME_NOW }, { tv_sec: 0, tv_nsec: UTIME_NOW }] as const

export const fileSiblings: Siblings = {
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
  access_f: ['', asking(0)],
  access_rw: ['rw', asking(R_OK | W_OK)],
  statx: ['r', onPath((sys, task, path) => sys.statx(task, AT_FDCWD, path, 0, 0x7ff, new Kstat()))],
  utimens: ['w', onPath((sys, task, path) => sys.utimensat(task, AT_FDCWD, path, now(), 0))],
  utimens_set: ['w', onPath((sys, task, path) =>
    sys.utimensat(task, AT_FDCWD, path, [{ tv_sec: 1, tv_nsec: 0 }, { tv_sec: 1, tv_nsec: 0 }], 0))],
  getxattr_missing: ['r', onFile(({ kernel, init, subject }, path) => {
    const rc = kernel.sys.getxattr(subject, path, 'user.none', nothing)
    return [rc === -ENODATA ? kernel.sys.access(init, path, 0) : rc]
  })],
  name_to_handle: ['', onPath((sys, task, path) => {
    const handle = { handle_bytes: 128, handle_type: 0, f_handle: new Uint8Array(128) }
    return sys.name_to_handle_at(task, AT_FDCWD, path, handle, { value: 0 }, 0)
  })],
  inotify_add: ['r', onPath((sys, task, path) => sys.inotify_add_watch(task, sys.inotify_init1(task, 0), path, 2))],
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

  fd_pread: ['', onDescriptor((sys, task, fd) => sys.pread64(task, fd, new Uint8Array(4), 0))],
  fd_pwrite: ['', onDescriptor((sys, task, fd) => sys.pwrite64(task, fd, value, 0))],
  fd_lseek: ['', onDescriptor((sys, task, fd) => sys.lseek(task, fd, 0, SEEK_SET))],
  fd_fsync: ['', onDescriptor((sys, task, fd) => sys.fsync(task, fd))],
  fd_fallocate: ['', onDescriptor((sys, task, fd) => sys.fallocate(task, fd, 0, 0, 16))],
  fd_fstatfs: ['', onDescriptor((sys, task, fd) => sys.fstatfs(task, fd, new Kstatfs()))],
  fd_futimens: ['w', onDescriptor((sys, task, fd) => sys.utimensat(task, fd, null, now(), 0))],
  fd_dup: ['', onDescriptor((sys, task, fd) => sys.dup(task, fd))],
  fd_getfl: ['', onDescriptor((sys, task, fd) => sys.fcntl(task, fd, F_GETFL, 0))],
  fd_setfl: ['', onDescriptor((sys, task, fd) => sys.fcntl(task, fd, F_SETFL, O_APPEND))],
  fd_getfd: ['', onDescriptor((sys, task, fd) => sys.fcntl(task, fd, F_GETFD, 0))],
  fd_setlease: ['l', onDescriptor((sys, task, fd) => sys.fcntl(task, fd, F_SETLEASE, F_WRLCK))],
  fd_setlk_rd: ['l', locking(F_SETLK, F_RDLCK)],
  fd_setlk_wr: ['l', locking(F_SETLK)],
  fd_setlkw: ['l', locking(F_SETLKW)],
  fd_fgetxattr_user: ['r', onOpened(({ kernel, init, subject }, fd) => {
    kernel.sys.fsetxattr(init, fd, 'user.note', value, 0)
    return [kernel.sys.fgetxattr(subject, fd, 'user.note', nothing)]
  })],
  fd_fremovexattr_user: ['w', onOpened(({ kernel, init, subject }, fd) => {
    kernel.sys.fsetxattr(init, fd, 'user.note', value, 0)
    return [kernel.sys.fremovexattr(subject, fd, 'user.note')]
  })],
  fd_mmap_r: ['', mapping(PROT_READ, MAP_PRIVATE)],
  fd_mmap_w: ['', mapping(PROT_READ | PROT_WRITE, MAP_SHARED)],
  fd_mmap_x: ['', mapping(PROT_READ | PROT_EXEC, MAP_PRIVATE)],

  create_in: ['wx', inDirectory((world, dir) => labelled(world, world.kernel.sys.openat(
    world.subject, AT_FDCWD, `${dir}/new`, O_CREAT | O_EXCL | O_RDWR, 0o600), `${dir}/new`))],
  mkdir_in: ['wx', inDirectory((world, dir) =>
    labelled(world, world.kernel.sys.mkdirat(world.subject, AT_FDCWD, `${dir}/new`, 0o700), `${dir}/new`))],
  mknod_in: ['wx', inDirectory((world, dir) => labelled(
    world, world.kernel.sys.mknodat(world.subject, AT_FDCWD, `${dir}/new`, S_IFIFO | 0o600, 0), `${dir}/new`))],
  opendir: ['r', inDirectory(({ kernel, subject }, dir) =>
    [kernel.sys.openat(subject, AT_FDCWD, dir, O_RDONLY | O_DIRECTORY, 0)])],
  chdir: ['x', inDirectory(({ kernel, subject }, dir) => [kernel.sys.chdir(subject, dir)])],
  fifo_in: ['wx', inDirectory((world, dir) => labelled(
    world, world.kernel.sys.mknodat(world.subject, AT_FDCWD, `${dir}/new`, S_IFIFO | 0o600, 0), `${dir}/new`))],
  link_in: ['wx', (world) => {
    const dir = world.directory('/w/dir')
    const star = world.file('star', '*')
    world.start()
    return labelled(world, world.kernel.sys.link(world.subject, star, `${dir}/new`), `${dir}/new`)
  }],
  unlink_in: ['wx', (world) => {
    const dir = world.directory('/w/dir')
    const star = world.file('dir/star', '*')
    world.start()
    return [world.kernel.sys.unlink(world.subject, star || dir)]
  }],
  readdir: ['r', inDirectory(({ kernel, subject }, dir) => {
    const fd = kernel.sys.openat(subject, AT_FDCWD, dir, O_RDONLY | O_DIRECTORY, 0)
    return [fd < 0 ? fd : kernel.sys.getdents64(subject, fd, new Uint8Array(256))]
  })],
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
}
