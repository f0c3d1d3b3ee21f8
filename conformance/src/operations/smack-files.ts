/** Operations of smack-fs.tsv on files and directories; `file`, `dir`, `program` and the like make labelled things. */
import { each } from './operation.ts'
import type { Operation, Operations } from './operation.ts'

const F = 'file("f", object)'
const FG = `${F}; file("g", "*")`
const D = 'dir("d", object); file("d/f", "*"); dir("d/sub", "*")'
const DG = `${D}; file("g", "*")`
const LINK = 'file("g", "*"); symlink("g", "l"); label("l", object)'
const OPENED = `${F}; fd = open("f", O_RDWR)`
/** A descriptor of `f` waits in a socket. */
const sent = (flags: string): string =>
  `${F}; fd = open("f", ${flags}); socketpair(AF_UNIX, SOCK_DGRAM, 0, sp); send_fd(sp[0], fd)`
const TRANSMUTE = 'setxattr("d", "security.SMACK64TRANSMUTE", "TRUE", 4, 0)'

/** In the directory: the label of the new name is told, whatever came of the call. */
const makes = (setup: string, name: string, acts: Readonly<Record<string, string>>): Operations =>
  each({ setup, tells: ['label', name] }, acts)

const RECEIVES: Omit<Operation, 'setup'> = { act: 'recv_fd(sp[1])', tells: ['received'] }

export const smackFiles: Operations = {
  ...each({ setup: F }, {
    open_rdonly: 'open("f", O_RDONLY)',
    open_wronly: 'open("f", O_WRONLY)',
    open_rdwr: 'open("f", O_RDWR)',
    open_append: 'open("f", O_WRONLY|O_APPEND)',
    open_trunc: 'open("f", O_WRONLY|O_TRUNC)',
    open_path: 'open("f", O_PATH)',
    open_creat_existing: 'open("f", O_RDONLY|O_CREAT, 0666)',
    stat: 'stat("f", buf)',
    access_r: 'access("f", R_OK)',
    access_w: 'access("f", W_OK)',
    access_x: 'access("f", X_OK)',
    chmod: 'chmod("f", 0776)',
    chown_same: 'chown("f", 1000, 1000)',
    utimens: 'utimensat(AT_FDCWD, "f", NULL, 0)',
    truncate: 'truncate("f", 1)',
    link: 'link("f", "n")',
    unlink: 'unlink("f")',
    rename_away: 'rename("f", "n")',
    getxattr_user: 'getxattr("f", "user.t", buf, 100)',
    setxattr_user: 'setxattr("f", "user.t", "w", 1, 0)',
    removexattr_user: 'removexattr("f", "user.t")',
    listxattr: 'listxattr("f", buf, 100)',
    getxattr_smack: 'getxattr("f", "security.SMACK64", buf, 100)',
    setxattr_smack: 'setxattr("f", "security.SMACK64", "Other", 5, 0)',
    setxattr_smackexec: 'setxattr("f", "security.SMACK64EXEC", "Other", 5, 0)',
    statfs: 'statfs("f", buf)',
    inotify_add: 'fd = inotify_init1(0); inotify_add_watch(fd, "f", IN_MODIFY)',
  }),
  removexattr_smack: { setup: F, act: 'removexattr("f", "security.SMACK64")', tells: ['removed', 'f'] },
  open_fifo_rdwr: { setup: 'fifo("f", object)', act: 'open("f", O_RDWR|O_NONBLOCK)' },
  ...each({ setup: FG }, {
    rename_over_it: 'rename("g", "f")',
    rename_it_over_star: 'rename("f", "g")',
    exchange_with_star: 'renameat2(AT_FDCWD, "f", AT_FDCWD, "g", RENAME_EXCHANGE)',
  }),
  ...each({ setup: LINK }, {
    readlink: 'readlink("l", buf, 100)',
    follow_symlink: 'open("l", O_RDONLY)',
  }),

  exec: { setup: 'program("x", object)', act: 'execute("x")', tells: ['program'] },
  exec_smackexec: {
    setup: 'program("x", "*"); attribute("x", "SMACK64EXEC", object)', act: 'execute("x")', tells: ['program'],
  },
  exec_smackexec_nnp: {
    setup: 'program("x", "*"); attribute("x", "SMACK64EXEC", object)',
    act: 'prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); execute("x")', tells: ['program'],
  },

  ...each({ setup: OPENED }, {
    fd_read: 'read(fd, buf, 2)',
    fd_write: 'write(fd, "ab", 2)',
    fd_fstat: 'fstat(fd, buf)',
    fd_fchmod: 'fchmod(fd, 0775)',
    fd_ftruncate: 'ftruncate(fd, 3)',
    fd_flock_sh: 'flock(fd, LOCK_SH)',
    fd_flock_ex: 'flock(fd, LOCK_EX)',
    fd_setlk_rd: 'struct flock l = { F_RDLCK, SEEK_SET, 0, 1 }; fcntl(fd, F_SETLK, &l)',
    fd_setlk_wr: 'struct flock l = { F_WRLCK, SEEK_SET, 0, 1 }; fcntl(fd, F_SETLK, &l)',
    fd_ofd_setlk: 'struct flock l = { F_WRLCK, SEEK_SET, 0, 1 }; fcntl(fd, F_OFD_SETLK, &l)',
    fd_getlk: 'struct flock l = { F_RDLCK, SEEK_SET, 0, 1 }; fcntl(fd, F_GETLK, &l)',
    fd_setlease: 'fcntl(fd, F_SETLEASE, F_UNLCK)',
    fd_setown: 'fcntl(fd, F_SETOWN, getpid())',
    fd_setsig: 'fcntl(fd, F_SETSIG, SIGUSR1)',
    fd_fsetxattr_user: 'fsetxattr(fd, "user.t", "w", 1, 0)',
    fd_ioctl_read: 'ioctl(fd, FS_IOC_GETFLAGS, &one)',
    fd_ioctl_write: 'int flags = FS_NODUMP_FL; ioctl(fd, FS_IOC_SETFLAGS, &flags)',
    fd_ioctl_none: 'ioctl(fd, FIONREAD, &one)',
    fd_mmap_read: 'mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0)',
    fd_mmap_exec: 'mmap(NULL, 4096, PROT_READ|PROT_EXEC, MAP_PRIVATE, fd, 0)',
    fd_reopen_proc: 'sprintf(note, "/proc/self/fd/%d", fd); open(note, O_RDONLY)',
  }),
  fd_mmap_smackmmap: {
    setup: 'file("f", "*"); attribute("f", "SMACK64MMAP", object); fd = open("f", O_RDWR)',
    act: 'mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0)',
  },
  recv_fd_r: { setup: sent('O_RDONLY'), ...RECEIVES },
  recv_fd_w: { setup: sent('O_WRONLY'), ...RECEIVES },
  recv_fd_rw: { setup: sent('O_RDWR'), ...RECEIVES },

  ...each({ setup: D }, {
    opendir: 'open("d", O_RDONLY|O_DIRECTORY)',
    chdir: 'chdir("d")',
    lookup_in: 'stat("d/f", buf)',
    tmpfile_in: 'open("d", O_TMPFILE|O_RDWR, 0600)',
    unlink_in: 'unlink("d/f")',
    rmdir_in: 'rmdir("d/sub")',
    rename_within: 'rename("d/f", "d/n")',
    rename_out: 'rename("d/f", "n")',
    set_transmute: TRANSMUTE,
  }),
  rmdir_it: { setup: 'dir("d", object)', act: 'rmdir("d")' },
  ...makes(D, 'd/n', {
    create_in: 'open("d/n", O_CREAT|O_EXCL|O_RDWR, 0777)',
    mkdir_in: 'mkdir("d/n", 0777)',
    mkfifo_in: 'mkfifo("d/n", 0777)',
    symlink_in: 'symlink("q", "d/n")',
    bind_in: 's = socket(AF_UNIX, SOCK_STREAM, 0); bind(s, ua("d/n"), 110)',
  }),
  ...makes(DG, 'd/n', {
    link_into: 'link("g", "d/n")',
    rename_into: 'rename("g", "d/n")',
  }),
  ...makes(`${D}; ${TRANSMUTE}`, 'd/n', {
    trans_create_in: 'open("d/n", O_CREAT|O_EXCL|O_RDWR, 0777)',
    trans_mkdir_in: 'mkdir("d/n", 0777)',
    trans_mkfifo_in: 'mkfifo("d/n", 0777)',
    trans_symlink_in: 'symlink("q", "d/n")',
  }),
  ...makes(`${DG}; ${TRANSMUTE}`, 'd/n', {
    trans_link_into: 'link("g", "d/n")',
    trans_rename_into: 'rename("g", "d/n")',
  }),
}
