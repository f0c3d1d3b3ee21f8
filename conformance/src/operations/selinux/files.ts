/** Operations of selinux-ops.tsv on files and their attributes. The scene has f, g, d, l and x; see the world. */
import { each } from '../operation.ts'
import type { Operations } from '../operation.ts'

const FILE_CAPS = '"\\0\\0\\0\\2\\0\\40\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0", 20'
const MINIMAL_ACL = '"\\2\\0\\0\\0\\1\\0\\6\\0\\377\\377\\377\\377\\4\\0\\4\\0\\377\\377\\377\\377' +
  '\\40\\0\\4\\0\\377\\377\\377\\377", 28'
const USER_T = 'setxattr("f", "user.t", "1", 1, 0)'
const ONE_SECOND = 'struct timespec t2[2] = { { 1, 0 }, { 1, 0 } }; utimensat(AT_FDCWD, "f", t2, 0)'

const watch = (events: string): string => `fd = inotify_init1(0); inotify_add_watch(fd, "f", ${events})`
const mark = (group: string, how: string, events: string): string =>
  `fd = fanotify_init(${group}, O_RDONLY); fanotify_mark(fd, ${how}, ${events}, AT_FDCWD, "f")`

export const fileOperations: Operations = each({}, {
  open_rdonly: 'open("f", O_RDONLY)',
  open_wronly: 'open("f", O_WRONLY)',
  open_rdwr: 'open("f", O_RDWR)',
  open_append: 'open("f", O_WRONLY|O_APPEND)',
  open_rdwr_append: 'open("f", O_RDWR|O_APPEND)',
  open_trunc: 'open("f", O_WRONLY|O_TRUNC)',
  open_path: 'open("f", O_PATH)',
  open_path_fstat: 'fd = open("f", O_PATH); fstat(fd, buf)',
  open_path_reopen: 's = open("f", O_PATH); sprintf(note, "/proc/self/fd/%d", s); open(note, O_RDONLY)',
  open_mode3: 'open("f", 3)',
  open_creat_existing: 'open("f", O_RDONLY|O_CREAT, 0666)',
  open_dir: 'open("d", O_RDONLY)',
  open_noatime: 'open("f", O_RDONLY|O_NOATIME)',
  openat2_beneath:
    'struct open_how how = { O_RDONLY, 0, RESOLVE_BENEATH }; openat2(AT_FDCWD, "d/f", &how, sizeof how)',
  stat: 'stat("f", buf)',
  stat_missing: 'stat("missing", buf)',
  lookup_in: 'stat("d/f", buf)',
  access_f: 'access("f", F_OK)',
  access_r: 'access("f", R_OK)',
  access_w: 'access("f", W_OK)',
  access_x: 'access("f", X_OK)',
  access_rwx: 'access("f", R_OK|W_OK|X_OK)',
  access_dir_x: 'access("d", X_OK)',
  access_dir_w: 'access("d", W_OK)',
  chmod: 'chmod("f", 0776)',
  chown_same: 'chown("f", 0, 0)',
  chown_other: 'chown("f", 1000, 1000)',
  utimens_now: 'utimensat(AT_FDCWD, "f", NULL, 0)',
  utimens_set: ONE_SECOND,
  truncate: 'truncate("f", 1)',
  statfs: 'statfs("f", buf)',
  lstat_symlink: 'lstat("l", buf)',
  readlink: 'readlink("l", buf, 64)',
  follow_symlink: 'open("l", O_RDONLY)',
  listxattr: 'listxattr("f", buf, 256)',
  setxattr_user: 'setxattr("f", "user.u", "v", 1, 0)',
  setxattr_trusted: 'setxattr("f", "trusted.t", "1", 1, 0)',
  setxattr_capability: `setxattr("f", "security.capability", ${FILE_CAPS}, 0)`,
  removexattr_selinux: 'removexattr("f", "security.selinux")',
  setxattr_selinux_invalid: 'set_label("f", ctx("nosuch_t"))',
  set_posix_acl: `setxattr("f", "system.posix_acl_access", ${MINIMAL_ACL}, 0)`,
  get_posix_acl: 'getxattr("f", "system.posix_acl_access", buf, 256)',
  inotify_modify: watch('IN_MODIFY'),
  inotify_access: watch('IN_ACCESS'),
  fanotify_inode: mark('0', 'FAN_MARK_ADD', 'FAN_MODIFY'),
  fanotify_mount: mark('0', 'FAN_MARK_ADD|FAN_MARK_MOUNT', 'FAN_OPEN'),
  fanotify_sb: mark('0', 'FAN_MARK_ADD|FAN_MARK_FILESYSTEM', 'FAN_MODIFY'),
  fanotify_perm: mark('FAN_CLASS_CONTENT', 'FAN_MARK_ADD', 'FAN_OPEN_PERM'),
})

/** Those with a set-up or an output of their own. */
export const preparedFileOperations: Operations = {
  open_fifo: { setup: 'node("p", "o_t", S_IFIFO|0666, 0)', act: 'open("p", O_RDWR|O_NONBLOCK)' },
  open_chr_null: { setup: 'node("c", "o_t", S_IFCHR|0666, makedev(1, 3))', act: 'open("c", O_RDWR)' },
  open_devzero_mmap: {
    setup: 'node("z", "o_t", S_IFCHR|0666, makedev(1, 5))',
    act: 'fd = open("z", O_RDWR); mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0)',
  },
  open_exec_denied: { setup: 'label("f", "e_t")', act: 'open("f", O_RDONLY)' },
  getxattr_user: { setup: USER_T, act: 'getxattr("f", "user.t", buf, 8)' },
  removexattr_user: { setup: USER_T, act: 'removexattr("f", "user.t")' },
  removexattr_capability: {
    setup: `setxattr("f", "security.capability", ${FILE_CAPS}, 0)`, act: 'removexattr("f", "security.capability")',
  },
  getxattr_selinux: { act: 'getxattr("f", "security.selinux", note, 256)', tells: ['text', 'value='] },
  ...each({ tells: ['created', 'f'] }, {
    setxattr_selinux: 'set_label("f", ctx("l_t"))',
    setxattr_selinux_same: 'set_label("f", ctx("o_t"))',
    setxattr_selinux_dom: 'set_label("f", dom("s_t"))',
  }),
  setxattr_selinux_dir: { act: 'set_label("d", ctx("l_t"))', tells: ['created', 'd'] },
  setxattr_selinux_validatetrans: {
    setup: 'label("f", "z_t")', act: 'set_label("f", ctx("l_t"))', tells: ['created', 'f'],
  },
  setxattr_selinux_notowner: {
    setup: 'chown("f", 1000, 1000)', act: 'set_label("f", ctx("l_t"))', tells: ['created', 'f'],
  },
  fsetxattr_selinux_fd: {
    setup: 'fd = open("f", O_RDONLY)', act: 'fset_label(fd, ctx("l_t"))', tells: ['created', 'f'],
  },
  name_to_handle: {
    setup: 'fd = open("/w", O_RDONLY|O_DIRECTORY)',
    act: `fh.h.handle_bytes = 128; name_to_handle_at(AT_FDCWD, "f", &fh.h, &one, 0);
      open_by_handle_at(fd, &fh.h, O_RDONLY)`,
  },
}
