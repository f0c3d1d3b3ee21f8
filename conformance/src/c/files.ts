/** System calls of files as C programs make them: memory and strings are taken out, results are laid back. */
import {
  F_GET_RW_HINT, F_GETLK, F_GETOWN_EX, F_OFD_GETLK, F_OFD_SETLK, F_OFD_SETLKW, F_SET_RW_HINT, F_SETLK, F_SETLKW,
  F_SETOWN_EX, FICLONE, FICLONERANGE, S_IFIFO, TCGETS, TUNSETIFF, TUNSETQUEUE,
} from '@lsmkit/abi'
import { Kstat, Kstatfs, Statmount } from '@lsmkit/kernel'
import type { Actor } from './actor.ts'
import { FIRST } from './memory.ts'
import type { Builtin, CMachine } from './machine.ts'

/** fcntl commands that take a `struct flock`. */
const LOCKS: ReadonlySet<number> = new Set([F_GETLK, F_SETLK, F_SETLKW, F_OFD_GETLK, F_OFD_SETLK, F_OFD_SETLKW])
/** Those that take a 64-bit number by its address. */
const HINTS: ReadonlySet<number> = new Set([F_GET_RW_HINT, F_SET_RW_HINT])

export const fileCalls = (m: CMachine, { sys }: Actor): Record<string, Builtin> => {
  const str = (at: number) => m.text(at)
  const bytes = (at: number, length: number) => (at === 0 ? null : m.slice(at, length))
  const longs = (at: number, count: number) =>
    Array.from({ length: count }, (_, i) => Number(m.view.getBigInt64(at + 8 * i, true)))
  const vector = (at: number, count: number) =>
    Array.from({ length: count }, (_, i) =>
      m.slice(m.get(at + 16 * i, 'iovec', 'iov_base'), m.get(at + 16 * i, 'iovec', 'iov_len')),
    )
  const times = (at: number) => {
    if (at === 0) return null
    const [a = 0, b = 0, c = 0, d = 0] = longs(at, 4)
    return [{ tv_sec: a, tv_nsec: b }, { tv_sec: c, tv_nsec: d }]
  }
  const offset = (at: number) => (at === 0 ? null : { value: longs(at, 1)[0]! })
  const pair = (at: number, call: (fds: number[]) => number) => {
    const fds = [-1, -1]
    const rc = call(fds)
    fds.forEach((fd, i) => m.view.setInt32(at + 4 * i, fd, true))
    return rc
  }
  const stat = (at: number, call: (stat: Kstat) => number) => {
    const kstat = new Kstat()
    const rc = call(kstat)
    m.set(at, 'stat', 'st_dev', kstat.dev)
    return rc
  }
  const how = (at: number) => ({
    flags: m.get(at, 'open_how', 'flags'),
    mode: m.get(at, 'open_how', 'mode'),
    resolve: m.get(at, 'open_how', 'resolve'),
  })
  const flock = (at: number) => {
    const field = (name: string) => m.get(at, 'flock', name)
    return {
      l_type: field('l_type'),
      l_whence: field('l_whence'),
      l_start: field('l_start'),
      l_len: field('l_len'),
      l_pid: field('l_pid'),
    }
  }
  const fcntlArg = (cmd: number, arg: number) => {
    if (LOCKS.has(cmd)) return flock(arg)
    if (cmd === F_SETOWN_EX || cmd === F_GETOWN_EX)
      return { type: m.view.getInt32(arg, true), pid: m.view.getInt32(arg + 4, true) }
    return HINTS.has(cmd) ? { value: m.view.getBigUint64(arg, true) } : arg
  }
  /** What the command finds at the address: for most an int. */
  const ioctlArg = (cmd: number, at: number): unknown => {
    if (at < FIRST || cmd === FICLONE) return at
    if (cmd === FICLONERANGE) return { src_fd: longs(at, 1)[0] }
    if (cmd >= 0x8910 && cmd <= 0x8990) return { ifr_name: m.text(at) }
    if (cmd === TUNSETIFF || cmd === TUNSETQUEUE)
      return { ifr_name: m.text(at), ifr_flags: m.get(at, 'ifreq', 'ifr_flags') }
    return cmd === TCGETS ? {} : { value: m.view.getInt32(at, true) }
  }
  /** Its first word is the size. */
  const idReq = (at: number) => {
    const [, mnt_id = 0, param = 0] = longs(at, 3)
    return { mnt_id, param }
  }

  return {
    openat: (dfd, name, flags, mode = 0) => sys.openat(dfd, str(name), flags, mode),
    open: (name, flags, mode = 0) => sys.open(str(name), flags, mode),
    creat: (name, mode) => sys.creat(str(name), mode),
    openat2: (dfd, name, at) => sys.openat2(dfd, str(name), how(at)),
    close: (fd) => sys.close(fd),
    close_range: (a, b, flags) => sys.close_range(a, b, flags),
    dup: (fd) => sys.dup(fd),
    dup2: (a, b) => sys.dup2(a, b),
    dup3: (a, b, flags) => sys.dup3(a, b, flags),
    pipe: (at) => pair(at, (fds) => sys.pipe(fds)),
    pipe2: (at, flags) => pair(at, (fds) => sys.pipe2(fds, flags)),
    read: (fd, at, n) => sys.read(fd, bytes(at, n)),
    write: (fd, at, n) => sys.write(fd, bytes(at, n)),
    pread64: (fd, at, n, pos) => sys.pread64(fd, bytes(at, n), pos),
    pwrite64: (fd, at, n, pos) => sys.pwrite64(fd, bytes(at, n), pos),
    readv: (fd, v, n) => sys.readv(fd, vector(v, n)),
    writev: (fd, v, n) => sys.writev(fd, vector(v, n)),
    preadv: (fd, v, n, pos) => sys.preadv(fd, vector(v, n), pos),
    pwritev: (fd, v, n, pos) => sys.pwritev(fd, vector(v, n), pos),
    preadv2: (fd, v, n, pos, _high, flags = 0) => sys.preadv2(fd, vector(v, n), pos, flags),
    pwritev2: (fd, v, n, pos, _high, flags = 0) => sys.pwritev2(fd, vector(v, n), pos, flags),
    lseek: (fd, off, whence) => sys.lseek(fd, off, whence),
    truncate: (name, n) => sys.truncate(str(name), n),
    ftruncate: (fd, n) => sys.ftruncate(fd, n),
    fallocate: (fd, mode, off, n) => sys.fallocate(fd, mode, off, n),
    fadvise64: (fd, off, n, advice) => sys.fadvise64(fd, off, n, advice),
    fsync: (fd) => sys.fsync(fd),
    fdatasync: (fd) => sys.fdatasync(fd),
    sync: () => sys.sync(),
    syncfs: (fd) => sys.syncfs(fd),
    copy_file_range: (a, oa, b, ob, n, flags) => sys.copy_file_range(a, offset(oa), b, offset(ob), n, flags),
    sendfile: (out, input, off, n) => sys.sendfile(out, input, offset(off), n),
    splice: (a, oa, b, ob, n, flags) => sys.splice(a, offset(oa), b, offset(ob), n, flags),
    tee: (a, b, n, flags) => sys.tee(a, b, n, flags),
    vmsplice: (fd, v, n, flags) => sys.vmsplice(fd, vector(v, n), flags),
    stat: (name, at) => stat(at, (kstat) => sys.stat(str(name), kstat)),
    lstat: (name, at) => stat(at, (kstat) => sys.lstat(str(name), kstat)),
    fstat: (fd, at) => stat(at, (kstat) => sys.fstat(fd, kstat)),
    newfstatat: (dfd, name, at, flags) => stat(at, (kstat) => sys.newfstatat(dfd, str(name), kstat, flags)),
    statx: (dfd, name, flags, mask, at) => {
      const kstat = new Kstat()
      const rc = sys.statx(dfd, str(name), flags, mask, kstat)
      m.set(at, 'statx', 'stx_mnt_id', kstat.mnt_id)
      return rc
    },
    statfs: (name) => sys.statfs(str(name), new Kstatfs()),
    fstatfs: (fd) => sys.fstatfs(fd, new Kstatfs()),
    access: (name, mode) => sys.access(str(name), mode),
    faccessat: (dfd, name, mode) => sys.faccessat(dfd, str(name), mode),
    faccessat2: (dfd, name, mode, flags) => sys.faccessat2(dfd, str(name), mode, flags),
    chmod: (name, mode) => sys.chmod(str(name), mode),
    fchmod: (fd, mode) => sys.fchmod(fd, mode),
    fchmodat: (dfd, name, mode) => sys.fchmodat(dfd, str(name), mode),
    fchmodat2: (dfd, name, mode, flags) => sys.fchmodat2(dfd, str(name), mode, flags),
    chown: (name, uid, gid) => sys.chown(str(name), uid, gid),
    lchown: (name, uid, gid) => sys.lchown(str(name), uid, gid),
    fchown: (fd, uid, gid) => sys.fchown(fd, uid, gid),
    fchownat: (dfd, name, uid, gid, flags) => sys.fchownat(dfd, str(name), uid, gid, flags),
    utimensat: (dfd, name, at, flags) => sys.utimensat(dfd, str(name), times(at), flags),
    link: (a, b) => sys.link(str(a), str(b)),
    linkat: (da, a, db, b, flags) => sys.linkat(da, str(a), db, str(b), flags),
    symlink: (a, b) => sys.symlink(str(a), str(b)),
    symlinkat: (a, db, b) => sys.symlinkat(str(a), db, str(b)),
    readlink: (name, at, n) => sys.readlink(str(name), bytes(at, n)),
    readlinkat: (dfd, name, at, n) => sys.readlinkat(dfd, str(name), bytes(at, n)),
    rename: (a, b) => sys.rename(str(a), str(b)),
    renameat: (da, a, db, b) => sys.renameat(da, str(a), db, str(b)),
    renameat2: (da, a, db, b, flags) => sys.renameat2(da, str(a), db, str(b), flags),
    unlink: (name) => sys.unlink(str(name)),
    unlinkat: (dfd, name, flags) => sys.unlinkat(dfd, str(name), flags),
    rmdir: (name) => sys.rmdir(str(name)),
    mkdir: (name, mode) => sys.mkdir(str(name), mode),
    mkdirat: (dfd, name, mode) => sys.mkdirat(dfd, str(name), mode),
    mknod: (name, mode, dev) => sys.mknod(str(name), mode, dev),
    mknodat: (dfd, name, mode, dev) => sys.mknodat(dfd, str(name), mode, dev),
    mkfifo: (name, mode) => sys.mknod(str(name), mode | S_IFIFO, 0),
    getdents64: (fd, at, n) => sys.getdents64(fd, bytes(at, n)),
    getcwd: (at, n) => sys.getcwd(bytes(at, n)),
    chdir: (name) => sys.chdir(str(name)),
    fchdir: (fd) => sys.fchdir(fd),
    chroot: (name) => sys.chroot(str(name)),
    umask: (mask) => sys.umask(mask),
    setxattr: (name, key, at, n, flags) => sys.setxattr(str(name), str(key), bytes(at, n), flags),
    lsetxattr: (name, key, at, n, flags) => sys.lsetxattr(str(name), str(key), bytes(at, n), flags),
    fsetxattr: (fd, key, at, n, flags) => sys.fsetxattr(fd, str(key), bytes(at, n), flags),
    getxattr: (name, key, at, n) => sys.getxattr(str(name), str(key), bytes(at, n)),
    lgetxattr: (name, key, at, n) => sys.lgetxattr(str(name), str(key), bytes(at, n)),
    fgetxattr: (fd, key, at, n) => sys.fgetxattr(fd, str(key), bytes(at, n)),
    listxattr: (name, at, n) => sys.listxattr(str(name), bytes(at, n)),
    llistxattr: (name, at, n) => sys.llistxattr(str(name), bytes(at, n)),
    flistxattr: (fd, at, n) => sys.flistxattr(fd, bytes(at, n)),
    removexattr: (name, key) => sys.removexattr(str(name), str(key)),
    lremovexattr: (name, key) => sys.lremovexattr(str(name), str(key)),
    fremovexattr: (fd, key) => sys.fremovexattr(fd, str(key)),
    fcntl: (fd, cmd, arg = 0) => sys.fcntl(fd, cmd, fcntlArg(cmd, arg)),
    flock: (fd, cmd) => sys.flock(fd, cmd),
    mount: (source, target, type, flags, data) => sys.mount(str(source), str(target), str(type), flags, str(data)),
    umount2: (target, flags) => sys.umount2(str(target), flags),
    pivot_root: (next, put) => sys.pivot_root(str(next), str(put)),
    fsopen: (name, flags) => sys.fsopen(str(name), flags),
    fspick: (dfd, name, flags) => sys.fspick(dfd, str(name), flags),
    fsconfig: (fd, cmd, key, value, aux) => sys.fsconfig(fd, cmd, str(key), str(value), aux),
    fsmount: (fd, flags, attr) => sys.fsmount(fd, flags, attr),
    open_tree: (dfd, name, flags) => sys.open_tree(dfd, str(name), flags),
    move_mount: (fd, from, td, to, flags) => sys.move_mount(fd, str(from), td, str(to), flags),
    mount_setattr: (dfd, name, flags, at, size) => {
      const [attr_set = 0, attr_clr = 0, propagation = 0, userns_fd = 0] = longs(at, 4)
      return sys.mount_setattr(dfd, str(name), flags, { attr_set, attr_clr, propagation, userns_fd }, size)
    },
    statmount: (at, _buf, size, flags) => sys.statmount(idReq(at), new Statmount(), size, flags),
    listmount: (at, _ids, n, flags) => sys.listmount(idReq(at), [], n, flags),
    ioctl: (fd, cmd, at = 0) => sys.ioctl(fd, cmd, ioctlArg(cmd, at)),
    memfd_create: (name, flags) => sys.memfd_create(str(name), flags),
    utime: (name) => sys.utime(str(name), null),
    utimes: (name) => sys.utimes(str(name), null),
    swapon: (name, flags) => sys.swapon(str(name), flags),
    swapoff: (name) => sys.swapoff(str(name)),
    acct: (name) => sys.acct(str(name)),
    QCMD: (cmd, type) => cmd * 256 + type,
    quotactl: (cmd, special, id) => sys.quotactl(cmd, str(special), id, null),
    ustat: (dev) => sys.ustat(dev, new Kstatfs()),
  }
}
