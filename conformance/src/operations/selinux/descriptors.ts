/** Operations of selinux-ops.tsv on descriptors that kernel_t has opened, and on mappings. */
import { each } from '../operation.ts'
import type { Operations } from '../operation.ts'

const opened = (flags: string, acts: Readonly<Record<string, string>>): Operations =>
  each({ setup: `fd = open("f", ${flags})` }, acts)
/** Of a file that has another type. */
const openedOf = (type: string, flags: string, acts: Readonly<Record<string, string>>): Operations =>
  each({ setup: `label("f", "${type}"); fd = open("f", ${flags})` }, acts)

const lock = (cmd: string, type: string, length: number): string =>
  `struct flock k = { ${type}, SEEK_SET, 0, ${length} }; fcntl(fd, ${cmd}, &k)`
const setFlags = (flags: string): string => `int w = ${flags}; ioctl(fd, FS_IOC_SETFLAGS, &w)`
const map = (prot: string, flags: string): string => `mmap(NULL, 4096, ${prot}, ${flags}, fd, 0)`
const anonymous = (prot: string, flags = 'MAP_PRIVATE', at = 'NULL'): string =>
  `mmap(${at}, 4096, ${prot}, ${flags}|MAP_ANONYMOUS, -1, 0)`

const RW = 'PROT_READ|PROT_WRITE'
const RX = 'PROT_READ|PROT_EXEC'
const RWX = `${RW}|PROT_EXEC`

export const descriptorOperations: Operations = {
  ...opened('O_RDONLY', {
    fd_read: 'read(fd, buf, 2)',
    fd_read_twice: 'read(fd, buf, 2); read(fd, buf, 2)',
    fd_pread: 'pread64(fd, buf, 2, 0)',
    fd_fstat: 'fstat(fd, buf)',
    fd_fchmod: 'fchmod(fd, 0600)',
    fd_fsync: 'fsync(fd)',
    fd_lseek: 'lseek(fd, 1, SEEK_SET)',
    fd_dup: 'dup(fd)',
    fd_flock_ex: 'flock(fd, LOCK_EX)',
    fd_setlk_rd: lock('F_SETLK', 'F_RDLCK', 1),
    fd_setlease: 'fcntl(fd, F_SETLEASE, F_RDLCK)',
    fd_setfl_nonblock: 'fcntl(fd, F_SETFL, O_NONBLOCK)',
    fd_getfl: 'fcntl(fd, F_GETFL)',
    fd_getfd: 'fcntl(fd, F_GETFD)',
    fd_setsig: 'fcntl(fd, F_SETSIG, SIGURG)',
    fd_ioctl_getflags: 'ioctl(fd, FS_IOC_GETFLAGS, &one)',
    fd_ioctl_setflags: setFlags('FS_NODUMP_FL'),
    fd_ioctl_setflags_immutable: setFlags('FS_IMMUTABLE_FL'),
    fd_ioctl_fionread: 'ioctl(fd, FIONREAD, &one)',
    fd_ioctl_fionbio: 'ioctl(fd, FIONBIO, &one)',
    fd_ioctl_fioclex: 'ioctl(fd, FIOCLEX)',
    fd_ioctl_figetbsz: 'ioctl(fd, FIGETBSZ, &one)',
    fd_ioctl_unknown: 'ioctl(fd, 0x1234, &one)',
    fd_splice_pipe: 'pipe(pp); splice(fd, NULL, pp[1], NULL, 2, 0)',
    mmap_read: map('PROT_READ', 'MAP_PRIVATE'),
    mmap_read_shared: map('PROT_READ', 'MAP_SHARED'),
    mmap_exec: map(RX, 'MAP_PRIVATE'),
    mmap_private_write: map(RW, 'MAP_PRIVATE'),
    mmap_exec_write_private: map(RWX, 'MAP_PRIVATE'),
    mprotect_execmod: `at = ${map(RW, 'MAP_PRIVATE')}; touch(at); mprotect(at, 4096, ${RX})`,
    mprotect_exec_write: `at = ${map(RX, 'MAP_PRIVATE')}; mprotect(at, 4096, ${RWX})`,
    mprotect_file_exec: `at = ${map('PROT_READ', 'MAP_PRIVATE')}; mprotect(at, 4096, ${RX})`,
  }),
  ...opened('O_RDWR', {
    fd_write: 'write(fd, "x", 1)',
    fd_pwrite: 'pwrite64(fd, "x", 1, 0)',
    fd_ftruncate: 'ftruncate(fd, 1)',
    fd_fallocate: 'fallocate(fd, 0, 0, 4096)',
    fd_flock_sh: 'flock(fd, LOCK_SH)',
    fd_setlk_wr: lock('F_SETLK', 'F_WRLCK', 1),
    fd_getlk: lock('F_GETLK', 'F_WRLCK', 1),
    fd_ofd_setlk: lock('F_OFD_SETLK', 'F_RDLCK', 1),
    fd_setown: 'fcntl(fd, F_SETOWN, getpid())',
    fd_ioctl_getversion: 'ioctl(fd, FS_IOC_GETVERSION, &one)',
    fd_reopen_proc: 'sprintf(note, "/proc/self/fd/%d", fd); open(note, O_RDONLY)',
    mmap_write_private: map(RW, 'MAP_PRIVATE'),
    mmap_write_shared: map(RW, 'MAP_SHARED'),
    mmap_shared_write: map(RW, 'MAP_SHARED'),
    mmap_exec_write_shared: map(RWX, 'MAP_SHARED'),
    mprotect_shared_write: `at = ${map('PROT_READ', 'MAP_SHARED')}; mprotect(at, 4096, ${RW})`,
  }),
  ...opened('O_RDWR|O_APPEND', {
    fd_append: 'write(fd, "x", 1)',
    fd_setfl_noappend: 'fcntl(fd, F_SETFL, 0)',
  }),
  ...opened('O_WRONLY|O_APPEND', { fd_write_append: 'write(fd, "ab", 2)' }),
  ...openedOf('io_t', 'O_RDONLY', {
    ioctl_xperm_listed: 'ioctl(fd, FIONREAD, &one)',
    ioctl_xperm_listed2: 'ioctl(fd, FIONBIO, &one)',
    ioctl_xperm_unlisted_driver: 'ioctl(fd, 0x1234, &one)',
  }),
  ...openedOf('io_t', 'O_RDWR', {
    ioctl_xperm_ok: 'ioctl(fd, 0x5413, buf)',
    ioctl_xperm_highbits: 'ioctl(fd, 0x80045413, buf)',
    ioctl_xperm_unlisted: 'ioctl(fd, 0x5450, buf)',
    ioctl_xperm_setflags: setFlags('0'),
  }),
  ...openedOf('mf_t', 'O_RDONLY', {
    ioctl_auditx_listed: 'ioctl(fd, FIONREAD, &one)',
    ioctl_auditx_unknown_driver: 'ioctl(fd, 0x1234, &one)',
    ioctl_auditx_other_driver: 'ioctl(fd, FS_IOC_GETFLAGS, &one)',
    ioctl_auditx_default: 'ioctl(fd, 0x5413, buf)',
    ioctl_auditx_same_driver: 'ioctl(fd, 0x5450, buf)',
  }),
  own_fd_read: { act: 'fd = open("f", O_RDONLY); read(fd, buf, 2)' },
  own_fd_read_setcon: { act: 'fd = open("f", O_RDONLY); attr("current", dom("y_t")); read(fd, buf, 2)' },
  own_fd_read_relabelled: { act: 'fd = open("f", O_RDONLY); fset_label(fd, ctx("l_t")); read(fd, buf, 2)' },
  fd_sendfile: {
    setup: 'fd = open("f", O_RDONLY); t = open("g", O_RDWR)', act: 'sendfile(t, fd, NULL, 4)',
  },
  fd_readdir: { act: 'fd = open("d", O_RDONLY|O_DIRECTORY); getdents64(fd, buf, 1024)' },
  fd_readdir_inherited: { setup: 'fd = open("d", O_RDONLY|O_DIRECTORY)', act: 'getdents64(fd, buf, 1024)' },
  fd_epoll_add: {
    setup: 'node("p", "o_t", S_IFIFO|0666, 0); fd = open("p", O_RDWR|O_NONBLOCK)',
    act: 's = epoll_create1(0); struct epoll_event e = { 1 }; epoll_ctl(s, 1, fd, &e)',
  },

  ...each({}, {
    mmap_anon_exec: anonymous(RWX),
    mmap_anon_rx: anonymous(RX),
    mmap_anon_shared_exec: anonymous(RWX, 'MAP_SHARED'),
    mprotect_anon_exec: `at = ${anonymous(RW)}; mprotect(at, 4096, ${RX})`,
    mprotect_stack_exec: `mprotect(stack_page(), 4096, ${RWX})`,
    mprotect_heap_exec: `at = brk(0); brk(at + 8192);
      at = (at + 4095) / 4096 * 4096; touch(at); mprotect(at, 4096, ${RWX})`,
    memfd_create: 'fd = memfd_create("m", 0); write(fd, "x", 1)',
    memfd_exec_map: `fd = memfd_create("m", 0); write(fd, "x", 1); ${map(RX, 'MAP_PRIVATE')}`,
    overcommit_brk: 'at = brk(0); brk(at + 0x100000)',
  }),
  mmap_zero: {
    setup: 'put("/proc/sys/vm/mmap_min_addr", "4096")', act: anonymous(RW, 'MAP_PRIVATE|MAP_FIXED', '4096'),
  },
}
