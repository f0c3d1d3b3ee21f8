/** Described operations on files and directories. */
import { described } from './described-trace.ts'

const FILE = 'mkf("f", 0644);'
/** A file of uid 1000, by uid 1000. */
const OWN = 'chown("f", 1000, 1000); user();'
/** A capability as an attribute of a file. */
const CAPS = '"security.capability", "\\0\\0\\0\\2\\0\\40\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0", 20, 0'

const onFile = described({
  fcntl_setlease_other: ['user(); int f = open("f", O_RDONLY);', 'fcntl(f, F_SETLEASE, F_RDLCK) = EACCES'],
  fstat_opath: ['int f = open("f", O_PATH); struct stat st;', 'fstat(f, &st)'],
  link_: 'link("f", "g")',
  link_user: [OWN, 'link("f", "g")'],
  open_directory_on_file: 'openat(CWD, "f", O_RDONLY | O_DIRECTORY) = ENOTDIR',
  open_noatime_owner: [OWN, 'openat(CWD, "f", O_RDONLY | O_NOATIME)'],
  open_nofollow_link: ['symlink("f", "l");', 'openat(CWD, "l", O_RDONLY | O_NOFOLLOW) = ELOOP'],
  openat2_in_root: [
    'struct open_how how = { .flags = O_RDONLY, .resolve = RESOLVE_IN_ROOT };', 'openat2(CWD, "/f", &how, sizeof how)',
  ],
  openat2_plain: ['struct open_how how = { .flags = O_RDONLY };', 'openat2(CWD, "f", &how, sizeof how)'],
  read_opath: ['int f = open("f", O_PATH);', 'read(f, buf, 10) = EBADF'],
  readlink_file: 'readlink("f", buf, 100) = EINVAL',
  rename_hardlink: ['link("f", "g");', 'rename("f", "g")'],
  setxattr_security: 'setxattr("f", "security.other", "x", 1, 0)',
  dac_setxattr_caps: [OWN, `setxattr("f", ${CAPS}) = EPERM`],
  user_open_own: [OWN, 'openat(CWD, "f", O_RDWR)'],
}, FILE)

const onOpenFile = described({
  fcntl_ofd: [
    'int f = of(O_RDWR); struct flock k = { .l_type = F_WRLCK, .l_start = 0, .l_len = 5 };',
    'fcntl(f, F_OFD_SETLK, &k)',
  ],
  fgetxattr_: ['int f = of(O_RDONLY); setxattr("f", "user.x", "v", 1, 0);', 'fgetxattr(f, "user.x", buf, 100)'],
  mmap_file_shared_rw: ['int f = of(O_RDWR);', 'mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, f, 0)'],
  msync_: [
    'int f = of(O_RDWR); char *m = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, f, 0);',
    'msync(m, 4096, MS_SYNC)',
  ],
})

const others = described({
  cgroup_mkdir: 'mkdir("/sys/fs/cgroup/x", 0755)',
  dac_link_protected: ['mkf("f", 0600); user();', 'link("f", "g") = EPERM'],
  dac_stat_search: ['mkdir("d", 0700); mkf("d/f", 0644); user(); struct stat st;', 'stat("d/f", &st) = EACCES'],
  dac_utimes: [
    'mkf("f", 0666); user(); struct timespec t[2] = { { 1, 0 }, { 1, 0 } };', 'utimensat(CWD, "f", t, 0) = EPERM',
  ],
  getxattr_sec_noxattr: 'getxattr("/proc/self/status", "security.selinux", buf, 100) = ENOTSUP',
  setxattr_sec_noxattr: 'setxattr("/proc/self/status", "security.selinux", "x", 1, 0) = ENOTSUP',
  open_deep: [
    'mkdir("a", 0755); mkdir("a/b", 0755); mkdir("a/b/c", 0755); mkdir("a/b/c/d", 0755); mkf("a/b/c/d/f", 0644);',
    'openat(CWD, "a/b/c/d/f", O_RDONLY)',
  ],
  open_dotdot: ['mkdir("d", 0755); mkf("f", 0644);', 'openat(CWD, "d/../f", O_RDONLY)'],
  open_fifo_nonblock_wr: ['mkfifo("p", 0644);', 'openat(CWD, "p", O_WRONLY | O_NONBLOCK) = ENXIO'],
  open_fifo_rdwr: ['mkfifo("p", 0644);', 'openat(CWD, "p", O_RDWR)'],
  open_unixsock: ['mknod("s", S_IFSOCK | 0644, 0);', 'openat(CWD, "s", O_RDWR) = ENXIO'],
  read_badfd: 'read(77, buf, 10) = EBADF',
  removexattr_capability: [`mkf("f", 0755); setxattr("f", ${CAPS});`, 'removexattr("f", "security.capability")'],
  rename_exchange_dirs: [
    'mkdir("d", 0755); mkdir("e", 0755); mkf("e/f", 0644);', 'renameat2(CWD, "d", CWD, "e", RENAME_EXCHANGE)',
  ],
  swapoff_: ['mkf("f", 0600);', 'swapoff("f") = EINVAL'],
})

export const fileTraces = { ...onFile, ...onOpenFile, ...others }
