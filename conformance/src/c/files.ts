/** System calls of files as C programs make them: memory and strings are taken out, results are laid back. */
import { S_IFIFO } from '@lsmkit/abi'
import { Kstat, Kstatfs, Statmount } from '@lsmkit/kernel'
import type { Actor } from './actor.ts'
import {
  bytes, fcntlArg, how, idReq, ioctlArg, longs, offset, pair, stat, str, times, vector,
} from './file-arguments.ts'
import type { Builtin, CMachine } from './machine.ts'

/** Opening and closing files, and descriptors. */
const descriptorCalls = (m: CMachine, { sys }: Actor): Record<string, Builtin> => ({
  openat: (dfd, name, flags, mode = 0) => sys.openat(dfd, str(m, name), flags, mode),
  open: (name, flags, mode = 0) => sys.open(str(m, name), flags, mode),
  creat: (name, mode) => sys.creat(str(m, name), mode),
  openat2: (dfd, name, at) => sys.openat2(dfd, str(m, name), how(m, at)),
  close: (fd) => sys.close(fd),
  close_range: (a, b, flags) => sys.close_range(a, b, flags),
  dup: (fd) => sys.dup(fd),
  dup2: (a, b) => sys.dup2(a, b),
  dup3: (a, b, flags) => sys.dup3(a, b, flags),
  pipe: (at) => pair(m, at, (fds) => sys.pipe(fds)),
  pipe2: (at, flags) => pair(m, at, (fds) => sys.pipe2(fds, flags)),
  fcntl: (fd, cmd, arg = 0) => sys.fcntl(fd, cmd, fcntlArg(m, cmd, arg)),
  flock: (fd, cmd) => sys.flock(fd, cmd),
  ioctl: (fd, cmd, at = 0) => sys.ioctl(fd, cmd, ioctlArg(m, cmd, at)),
  memfd_create: (name, flags) => sys.memfd_create(str(m, name), flags),
})

/** Reading, writing and moving data. */
const dataCalls = (m: CMachine, { sys }: Actor): Record<string, Builtin> => ({
  read: (fd, at, n) => sys.read(fd, bytes(m, at, n)),
  write: (fd, at, n) => sys.write(fd, bytes(m, at, n)),
  pread64: (fd, at, n, pos) => sys.pread64(fd, bytes(m, at, n), pos),
  pwrite64: (fd, at, n, pos) => sys.pwrite64(fd, bytes(m, at, n), pos),
  readv: (fd, v, n) => sys.readv(fd, vector(m, v, n)),
  writev: (fd, v, n) => sys.writev(fd, vector(m, v, n)),
  preadv: (fd, v, n, pos) => sys.preadv(fd, vector(m, v, n), pos),
  pwritev: (fd, v, n, pos) => sys.pwritev(fd, vector(m, v, n), pos),
  preadv2: (fd, v, n, pos, _high, flags = 0) => sys.preadv2(fd, vector(m, v, n), pos, flags),
  pwritev2: (fd, v, n, pos, _high, flags = 0) => sys.pwritev2(fd, vector(m, v, n), pos, flags),
  lseek: (fd, off, whence) => sys.lseek(fd, off, whence),
  truncate: (name, n) => sys.truncate(str(m, name), n),
  ftruncate: (fd, n) => sys.ftruncate(fd, n),
  fallocate: (fd, mode, off, n) => sys.fallocate(fd, mode, off, n),
  fadvise64: (fd, off, n, advice) => sys.fadvise64(fd, off, n, advice),
  fsync: (fd) => sys.fsync(fd),
  fdatasync: (fd) => sys.fdatasync(fd),
  sync: () => sys.sync(),
  syncfs: (fd) => sys.syncfs(fd),
  copy_file_range: (a, oa, b, ob, n, flags) => sys.copy_file_range(a, offset(m, oa), b, offset(m, ob), n, flags),
  sendfile: (out, input, off, n) => sys.sendfile(out, input, offset(m, off), n),
  splice: (a, oa, b, ob, n, flags) => sys.splice(a, offset(m, oa), b, offset(m, ob), n, flags),
  tee: (a, b, n, flags) => sys.tee(a, b, n, flags),
  vmsplice: (fd, v, n, flags) => sys.vmsplice(fd, vector(m, v, n), flags),
})

/** Attributes of files. */
const attributeCalls = (m: CMachine, { sys }: Actor): Record<string, Builtin> => ({
  stat: (name, at) => stat(m, at, (kstat) => sys.stat(str(m, name), kstat)),
  lstat: (name, at) => stat(m, at, (kstat) => sys.lstat(str(m, name), kstat)),
  fstat: (fd, at) => stat(m, at, (kstat) => sys.fstat(fd, kstat)),
  newfstatat: (dfd, name, at, flags) => stat(m, at, (kstat) => sys.newfstatat(dfd, str(m, name), kstat, flags)),
  statx: (dfd, name, flags, mask, at) => {
    const kstat = new Kstat()
    const rc = sys.statx(dfd, str(m, name), flags, mask, kstat)
    m.set(at, 'statx', 'stx_mnt_id', kstat.mnt_id)
    return rc
  },
  statfs: (name) => sys.statfs(str(m, name), new Kstatfs()),
  fstatfs: (fd) => sys.fstatfs(fd, new Kstatfs()),
  access: (name, mode) => sys.access(str(m, name), mode),
  faccessat: (dfd, name, mode) => sys.faccessat(dfd, str(m, name), mode),
  faccessat2: (dfd, name, mode, flags) => sys.faccessat2(dfd, str(m, name), mode, flags),
  chmod: (name, mode) => sys.chmod(str(m, name), mode),
  fchmod: (fd, mode) => sys.fchmod(fd, mode),
  fchmodat: (dfd, name, mode) => sys.fchmodat(dfd, str(m, name), mode),
  fchmodat2: (dfd, name, mode, flags) => sys.fchmodat2(dfd, str(m, name), mode, flags),
  chown: (name, uid, gid) => sys.chown(str(m, name), uid, gid),
  lchown: (name, uid, gid) => sys.lchown(str(m, name), uid, gid),
  fchown: (fd, uid, gid) => sys.fchown(fd, uid, gid),
  fchownat: (dfd, name, uid, gid, flags) => sys.fchownat(dfd, str(m, name), uid, gid, flags),
  utimensat: (dfd, name, at, flags) => sys.utimensat(dfd, str(m, name), times(m, at), flags),
  utime: (name) => sys.utime(str(m, name), null),
  utimes: (name) => sys.utimes(str(m, name), null),
})

/** Names, directories, and where a task is in the tree. */
const nameCalls = (m: CMachine, { sys }: Actor): Record<string, Builtin> => ({
  link: (a, b) => sys.link(str(m, a), str(m, b)),
  linkat: (da, a, db, b, flags) => sys.linkat(da, str(m, a), db, str(m, b), flags),
  symlink: (a, b) => sys.symlink(str(m, a), str(m, b)),
  symlinkat: (a, db, b) => sys.symlinkat(str(m, a), db, str(m, b)),
  readlink: (name, at, n) => sys.readlink(str(m, name), bytes(m, at, n)),
  readlinkat: (dfd, name, at, n) => sys.readlinkat(dfd, str(m, name), bytes(m, at, n)),
  rename: (a, b) => sys.rename(str(m, a), str(m, b)),
  renameat: (da, a, db, b) => sys.renameat(da, str(m, a), db, str(m, b)),
  renameat2: (da, a, db, b, flags) => sys.renameat2(da, str(m, a), db, str(m, b), flags),
  unlink: (name) => sys.unlink(str(m, name)),
  unlinkat: (dfd, name, flags) => sys.unlinkat(dfd, str(m, name), flags),
  rmdir: (name) => sys.rmdir(str(m, name)),
  mkdir: (name, mode) => sys.mkdir(str(m, name), mode),
  mkdirat: (dfd, name, mode) => sys.mkdirat(dfd, str(m, name), mode),
  mknod: (name, mode, dev) => sys.mknod(str(m, name), mode, dev),
  mknodat: (dfd, name, mode, dev) => sys.mknodat(dfd, str(m, name), mode, dev),
  mkfifo: (name, mode) => sys.mknod(str(m, name), mode | S_IFIFO, 0),
  getdents64: (fd, at, n) => sys.getdents64(fd, bytes(m, at, n)),
  getcwd: (at, n) => sys.getcwd(bytes(m, at, n)),
  chdir: (name) => sys.chdir(str(m, name)),
  fchdir: (fd) => sys.fchdir(fd),
  chroot: (name) => sys.chroot(str(m, name)),
  umask: (mask) => sys.umask(mask),
})

/** Extended attributes. */
const xattrCalls = (m: CMachine, { sys }: Actor): Record<string, Builtin> => ({
  setxattr: (name, key, at, n, flags) => sys.setxattr(str(m, name), str(m, key), bytes(m, at, n), flags),
  lsetxattr: (name, key, at, n, flags) => sys.lsetxattr(str(m, name), str(m, key), bytes(m, at, n), flags),
  fsetxattr: (fd, key, at, n, flags) => sys.fsetxattr(fd, str(m, key), bytes(m, at, n), flags),
  getxattr: (name, key, at, n) => sys.getxattr(str(m, name), str(m, key), bytes(m, at, n)),
  lgetxattr: (name, key, at, n) => sys.lgetxattr(str(m, name), str(m, key), bytes(m, at, n)),
  fgetxattr: (fd, key, at, n) => sys.fgetxattr(fd, str(m, key), bytes(m, at, n)),
  listxattr: (name, at, n) => sys.listxattr(str(m, name), bytes(m, at, n)),
  llistxattr: (name, at, n) => sys.llistxattr(str(m, name), bytes(m, at, n)),
  flistxattr: (fd, at, n) => sys.flistxattr(fd, bytes(m, at, n)),
  removexattr: (name, key) => sys.removexattr(str(m, name), str(m, key)),
  lremovexattr: (name, key) => sys.lremovexattr(str(m, name), str(m, key)),
  fremovexattr: (fd, key) => sys.fremovexattr(fd, str(m, key)),
})

/** Mounts, and what administrators do with file systems. */
const mountCalls = (m: CMachine, { sys }: Actor): Record<string, Builtin> => ({
  mount: (source, target, type, flags, data) =>
    sys.mount(str(m, source), str(m, target), str(m, type), flags, str(m, data)),
  umount2: (target, flags) => sys.umount2(str(m, target), flags),
  pivot_root: (next, put) => sys.pivot_root(str(m, next), str(m, put)),
  fsopen: (name, flags) => sys.fsopen(str(m, name), flags),
  fspick: (dfd, name, flags) => sys.fspick(dfd, str(m, name), flags),
  fsconfig: (fd, cmd, key, value, aux) => sys.fsconfig(fd, cmd, str(m, key), str(m, value), aux),
  fsmount: (fd, flags, attr) => sys.fsmount(fd, flags, attr),
  open_tree: (dfd, name, flags) => sys.open_tree(dfd, str(m, name), flags),
  move_mount: (fd, from, td, to, flags) => sys.move_mount(fd, str(m, from), td, str(m, to), flags),
  mount_setattr: (dfd, name, flags, at, size) => {
    const [attr_set = 0, attr_clr = 0, propagation = 0, userns_fd = 0] = longs(m, at, 4)
    return sys.mount_setattr(dfd, str(m, name), flags, { attr_set, attr_clr, propagation, userns_fd }, size)
  },
  statmount: (at, _buf, size, flags) => sys.statmount(idReq(m, at), new Statmount(), size, flags),
  listmount: (at, _ids, n, flags) => sys.listmount(idReq(m, at), [], n, flags),
  swapon: (name, flags) => sys.swapon(str(m, name), flags),
  swapoff: (name) => sys.swapoff(str(m, name)),
  acct: (name) => sys.acct(str(m, name)),
  QCMD: (cmd, type) => cmd * 256 + type,
  quotactl: (cmd, special, id) => sys.quotactl(cmd, str(m, special), id, null),
  ustat: (dev) => sys.ustat(dev, new Kstatfs()),
})

export const fileCalls = (m: CMachine, actor: Actor): Record<string, Builtin> => ({
  ...descriptorCalls(m, actor),
  ...dataCalls(m, actor),
  ...attributeCalls(m, actor),
  ...nameCalls(m, actor),
  ...xattrCalls(m, actor),
  ...mountCalls(m, actor),
})
