/** Operations of selinux-ops.tsv: descriptors that somebody else has opened, and mappings. */
import {
  F_GETFD, F_RDLCK, F_SETFL, F_SETLEASE, F_SETLK, F_SETSIG, F_WRLCK, FIGETBSZ, FIOCLEX, FIONBIO, FIONREAD,
  FS_IMMUTABLE_FL, FS_IOC_GETFLAGS, FS_IOC_SETFLAGS, FS_NODUMP_FL, LOCK_EX, MAP_ANONYMOUS, MAP_PRIVATE, MAP_SHARED,
  O_APPEND, O_DIRECTORY, O_NONBLOCK, O_RDONLY, O_RDWR, PROT_EXEC, PROT_READ, PROT_WRITE, S_IFIFO, SEEK_SET, SIGURG,
} from '@lsmkit/abi'
import { ref } from '@lsmkit/core'
import { Kstat, spaceOf } from '@lsmkit/kernel'
import { setcon } from './attributes.ts'
import { tree } from './files.ts'
import { encode } from './world.ts'
import type { Calls, Operation, World } from './world.ts'

/** A call on an inherited descriptor of `f`, which has this type. */
type OnFd = (sys: Calls, fd: number, world: World) => number
const onFd = (run: OnFd, flags: number = O_RDONLY, type = 'o_t'): Operation =>
  (world) => {
    world.file('f', type)
    const fd = world.fd('f', flags)
    return (sys) => run(sys, fd, world)
  }

const ioctl = (cmd: number, arg: () => unknown = () => ref(0), type = 'o_t'): Operation =>
  onFd((sys, fd) => sys.ioctl(fd, cmd, arg()), O_RDONLY, type)

const lock = (type: number) => ({ l_type: type, l_whence: SEEK_SET, l_start: 0, l_len: 0, l_pid: 0 })

const PAGE = 4096
/** An address, or -errno, as 0 or -errno. */
const done = (at: number): number => Math.min(at, 0)

const map = (prot: number, flags: number, mode: number = O_RDONLY): Operation =>
  onFd((sys, fd) => done(sys.mmap(0, PAGE, prot, flags, fd, 0)), mode)

/** Maps the descriptor and changes the protection. */
const remap = (from: number, to: number, flags: number, mode: number, dirty = false): Operation =>
  onFd((sys, fd, world) => {
    const at = sys.mmap(0, PAGE, from, flags, fd, 0)
    if (at < 0) return at
    // a private page that was written to is the task's own from then on
    if (dirty) for (const vma of spaceOf(world.actor.mm!).vmas) if (vma.vm_start === at) vma.anon_vma = true
    return sys.mprotect(at, PAGE, to)
  }, mode)

const RW = PROT_READ | PROT_WRITE
const RX = PROT_READ | PROT_EXEC

export const descriptorOperations: Readonly<Record<string, Operation>> = {
  fd_read: onFd((sys, fd) => done(sys.read(fd, new Uint8Array(4)))),
  fd_read_twice: onFd((sys, fd) => {
    const rc = sys.read(fd, new Uint8Array(4))
    return rc < 0 ? rc : done(sys.read(fd, new Uint8Array(4)))
  }),
  fd_write: onFd((sys, fd) => done(sys.write(fd, encode('x'))), O_RDWR),
  fd_append: onFd((sys, fd) => done(sys.write(fd, encode('x'))), O_RDWR | O_APPEND),
  own_fd_read: (world) => {
    tree(world)
    return (sys) => {
      const fd = sys.open('f', O_RDONLY, 0)
      return fd < 0 ? fd : done(sys.read(fd, new Uint8Array(4)))
    }
  },
  own_fd_read_setcon: (world) => {
    tree(world)
    return (sys) => {
      const fd = sys.open('f', O_RDONLY, 0)
      if (fd < 0) return fd
      return setcon(sys, 'y_t') || done(sys.read(fd, new Uint8Array(4)))
    }
  },
  fd_pread: onFd((sys, fd) => done(sys.pread64(fd, new Uint8Array(4), 0))),
  fd_pwrite: onFd((sys, fd) => done(sys.pwrite64(fd, encode('x'), 0)), O_RDWR),
  fd_fstat: onFd((sys, fd) => sys.fstat(fd, new Kstat())),
  fd_fchmod: onFd((sys, fd) => sys.fchmod(fd, 0o600)),
  fd_ftruncate: onFd((sys, fd) => sys.ftruncate(fd, 1), O_RDWR),
  fd_fallocate: onFd((sys, fd) => sys.fallocate(fd, 0, 0, PAGE), O_RDWR),
  fd_fsync: onFd((sys, fd) => sys.fsync(fd)),
  fd_lseek: onFd((sys, fd) => done(sys.lseek(fd, 0, SEEK_SET))),
  fd_flock_ex: onFd((sys, fd) => sys.flock(fd, LOCK_EX)),
  fd_setlk_wr: onFd((sys, fd) => sys.fcntl(fd, F_SETLK, lock(F_WRLCK)), O_RDWR),
  fd_setlk_rd: onFd((sys, fd) => sys.fcntl(fd, F_SETLK, lock(F_RDLCK))),
  fd_setlease: onFd((sys, fd) => sys.fcntl(fd, F_SETLEASE, F_RDLCK)),
  fd_setfl_noappend: onFd((sys, fd) => sys.fcntl(fd, F_SETFL, 0), O_RDWR | O_APPEND),
  fd_setfl_nonblock: onFd((sys, fd) => sys.fcntl(fd, F_SETFL, O_NONBLOCK)),
  fd_setsig: onFd((sys, fd) => sys.fcntl(fd, F_SETSIG, SIGURG)),
  fd_getfd: onFd((sys, fd) => sys.fcntl(fd, F_GETFD, 0)),

  fd_ioctl_getflags: ioctl(FS_IOC_GETFLAGS),
  fd_ioctl_setflags: ioctl(FS_IOC_SETFLAGS, () => ref(FS_NODUMP_FL)),
  fd_ioctl_setflags_immutable: ioctl(FS_IOC_SETFLAGS, () => ref(FS_IMMUTABLE_FL)),
  fd_ioctl_fionread: ioctl(FIONREAD),
  fd_ioctl_fionbio: ioctl(FIONBIO, () => ref(1)),
  fd_ioctl_fioclex: ioctl(FIOCLEX),
  fd_ioctl_figetbsz: ioctl(FIGETBSZ),
  fd_ioctl_unknown: ioctl(0x1234),
  ioctl_xperm_listed: ioctl(FIONREAD, undefined, 'io_t'),
  ioctl_xperm_listed2: ioctl(FIONBIO, () => ref(1), 'io_t'),
  ioctl_xperm_unlisted_driver: ioctl(0x1234, undefined, 'io_t'),
  ioctl_auditx_listed: ioctl(FIONREAD, undefined, 'mf_t'),
  ioctl_auditx_unknown_driver: ioctl(0x1234, undefined, 'mf_t'),
  ioctl_auditx_other_driver: ioctl(FS_IOC_GETFLAGS, undefined, 'mf_t'),

  fd_sendfile: (world) => {
    world.file('f', 'o_t')
    world.file('g', 'l_t')
    const from = world.fd('f', O_RDONLY)
    const to = world.fd('g', O_RDWR)
    return (sys) => done(sys.sendfile(to, from, null, 4))
  },
  fd_readdir_inherited: (world) => {
    tree(world)
    const fd = world.fd('d', O_RDONLY | O_DIRECTORY)
    return (sys) => done(sys.getdents64(fd, new Uint8Array(1024)))
  },
  fd_epoll_add: (world) => {
    world.node('p', 'o_t', S_IFIFO | 0o666)
    const fd = world.fd('p', O_RDWR | O_NONBLOCK)
    return (sys) => {
      const epoll = sys.epoll_create1(0)
      return epoll < 0 ? epoll : sys.epoll_ctl(epoll, 1, fd, { events: 1, data: 0n } as never)
    }
  },

  mmap_read: map(PROT_READ, MAP_PRIVATE),
  mmap_exec: map(RX, MAP_PRIVATE),
  mmap_shared_write: map(RW, MAP_SHARED, O_RDWR),
  mmap_private_write: map(RW, MAP_PRIVATE),
  mmap_exec_write_private: map(RW | PROT_EXEC, MAP_PRIVATE),
  mprotect_anon_exec: () => (sys) => {
    const at = sys.mmap(0, PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    return at < 0 ? at : sys.mprotect(at, PAGE, RX)
  },
  mmap_anon_exec: () => (sys) => done(sys.mmap(0, PAGE, RW | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)),
  mprotect_execmod: remap(RW, RX, MAP_PRIVATE, O_RDONLY, true),
  mprotect_exec_write: remap(RX, RW | PROT_EXEC, MAP_PRIVATE, O_RDONLY),
  mprotect_shared_write: remap(PROT_READ, RW, MAP_SHARED, O_RDWR),
  memfd_create: () => (sys) => {
    const fd = sys.memfd_create('m', 0)
    return fd < 0 ? fd : done(sys.write(fd, encode('x')))
  },
  overcommit_brk: () => (sys) => {
    const at = sys.brk(0)
    return at < 0 ? at : done(sys.brk(at + 0x100000))
  },
}
