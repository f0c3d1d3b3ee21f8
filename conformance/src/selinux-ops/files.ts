/** Operations of selinux-ops.tsv: opening files, their attributes and labels. */
import {
  AT_FDCWD, F_OK, FAN_CLASS_CONTENT, FAN_CLASS_NOTIF, FAN_MARK_ADD, FAN_MARK_FILESYSTEM, FAN_MODIFY, FAN_OPEN_PERM,
  MAP_PRIVATE, O_APPEND, O_NOATIME, O_NONBLOCK, O_PATH, O_RDONLY, O_RDWR, O_TRUNC, O_WRONLY, PROT_READ,
  R_OK, RESOLVE_BENEATH, S_IFCHR, S_IFIFO, W_OK, X_OK,
} from '@lsmkit/abi'
import { Kstat } from '@lsmkit/kernel'
import { encode, object } from './world.ts'
import type { Calls, Operation, World } from './world.ts'

/** `f` of type o_t, and a directory `d` of td_t. */
export const tree = (world: World): void => {
  world.file('f', 'o_t')
  world.dir('d', 'td_t')
  world.file('d/f', 'o_t')
}

const open = (name: string, flags: number): Operation => (world) => {
  tree(world)
  return (sys) => sys.open(name, flags, 0)
}

/** A call on the tree. */
const call = (run: ReturnType<Operation>): Operation => (world) => {
  tree(world)
  return run
}

/** Sets an attribute of `f`, which has type `from`, and looks at its label. */
const relabel = (from: string, to: string): Operation => (world) => {
  world.file('f', from)
  return (sys) => {
    const rc = sys.setxattr('f', 'security.selinux', encode(object(to)), 0)
    return rc < 0 ? rc : { rc, result: `created=${world.labelOf('f')}` }
  }
}

/** VFS_CAP_REVISION_2 with CAP_NET_RAW. */
const FILE_CAPS = new Uint8Array(Uint32Array.of(0x02000000, 1 << 13, 0, 0, 0).buffer)
/** An ACL of owner, group and others alone. */
const MINIMAL_ACL = new Uint8Array([
  2, 0, 0, 0, ...[[1, 6], [4, 4], [0x20, 4]].flatMap(([tag, perm]) => [tag!, 0, perm!, 0, 255, 255, 255, 255]),
])

const xattr = (name: string, value: Uint8Array): Operation => call((sys) => sys.setxattr('f', name, value, 0))
const withXattr = (name: string, value: Uint8Array, run: (sys: Calls) => number): Operation => (world) => {
  tree(world)
  world.must(world.root.setxattr('f', name, value, 0), name)
  return run
}

/** Puts a mark on `f`. */
const fanotify = (group: number, how: number, events: number): Operation => call((sys) => {
  const fd = sys.fanotify_init(group, O_RDONLY)
  return fd < 0 ? fd : sys.fanotify_mark(fd, how, events, AT_FDCWD, 'f')
})

/** Two times of one second past the epoch. */
const ONE_SECOND = [{ tv_sec: 1, tv_nsec: 0 }, { tv_sec: 1, tv_nsec: 0 }] as const

export const fileOperations: Readonly<Record<string, Operation>> = {
  open_rdonly: open('f', O_RDONLY),
  open_wronly: open('f', O_WRONLY),
  open_rdwr: open('f', O_RDWR),
  open_append: open('f', O_WRONLY | O_APPEND),
  open_rdwr_append: open('f', O_RDWR | O_APPEND),
  open_trunc: open('f', O_WRONLY | O_TRUNC),
  open_path: open('f', O_PATH),
  open_path_fstat: call((sys) => {
    const fd = sys.open('f', O_PATH, 0)
    return fd < 0 ? fd : sys.fstat(fd, new Kstat())
  }),
  open_dir: open('d', O_RDONLY),
  open_noatime: open('f', O_RDONLY | O_NOATIME),
  open_fifo: (world) => {
    world.node('p', 'o_t', S_IFIFO | 0o666)
    return (sys) => sys.open('p', O_RDWR | O_NONBLOCK, 0)
  },
  open_devzero_mmap: (world) => {
    world.node('z', 'o_t', S_IFCHR | 0o666, 0x105)
    return (sys) => {
      const fd = sys.open('z', O_RDWR, 0)
      return fd < 0 ? fd : Math.min(sys.mmap(0, 4096, PROT_READ, MAP_PRIVATE, fd, 0), 0)
    }
  },
  open_exec_denied: (world) => {
    world.file('f', 'e_t')
    return (sys) => sys.open('f', O_RDONLY, 0)
  },
  openat2_beneath: call((sys) => sys.openat2(AT_FDCWD, 'd/f', { flags: O_RDONLY, mode: 0, resolve: RESOLVE_BENEATH })),

  stat: call((sys) => sys.stat('f', new Kstat())),
  lookup_in: call((sys) => sys.stat('d/f', new Kstat())),
  access_f: call((sys) => sys.access('f', F_OK)),
  access_r: call((sys) => sys.access('f', R_OK)),
  access_w: call((sys) => sys.access('f', W_OK)),
  access_x: (world) => {
    world.file('f', 'o_t', 'text', 0o755)
    return (sys) => sys.access('f', X_OK)
  },
  access_rwx: (world) => {
    world.file('f', 'o_t', 'text', 0o755)
    return (sys) => sys.access('f', R_OK | W_OK | X_OK)
  },
  access_dir_x: call((sys) => sys.access('d', X_OK)),
  access_dir_w: call((sys) => sys.access('d', W_OK)),

  chmod: call((sys) => sys.chmod('f', 0o600)),
  chown_other: call((sys) => sys.chown('f', 1000, 1000)),
  utimens_set: call((sys) => sys.utimensat(AT_FDCWD, 'f', ONE_SECOND, 0)),
  truncate: call((sys) => sys.truncate('f', 1)),

  getxattr_user: withXattr('user.t', encode('1'), (sys) => Math.min(sys.getxattr('f', 'user.t', new Uint8Array(8)), 0)),
  setxattr_user: xattr('user.t', encode('1')),
  removexattr_user: withXattr('user.t', encode('1'), (sys) => sys.removexattr('f', 'user.t')),
  listxattr: call((sys) => Math.min(sys.listxattr('f', new Uint8Array(256)), 0)),
  getxattr_selinux: call((sys) => {
    const value = new Uint8Array(256)
    const n = sys.getxattr('f', 'security.selinux', value)
    const text = new TextDecoder().decode(value.subarray(0, Math.max(n, 0))).replace(/\0$/, '')
    return n < 0 ? n : { rc: 0, result: `value=${text}` }
  }),
  setxattr_selinux: relabel('o_t', 'l_t'),
  setxattr_selinux_same: relabel('o_t', 'o_t'),
  setxattr_selinux_validatetrans: relabel('z_t', 'l_t'),
  fsetxattr_selinux_fd: (world) => {
    tree(world)
    const fd = world.fd('f', O_RDONLY)
    return (sys) => {
      const rc = sys.fsetxattr(fd, 'security.selinux', encode(object('l_t')), 0)
      return rc < 0 ? rc : { rc, result: `created=${world.labelOf('f')}` }
    }
  },
  removexattr_selinux: call((sys) => sys.removexattr('f', 'security.selinux')),
  setxattr_capability: xattr('security.capability', FILE_CAPS),
  removexattr_capability: withXattr('security.capability', FILE_CAPS, (sys) =>
    sys.removexattr('f', 'security.capability')),
  setxattr_trusted: xattr('trusted.t', encode('1')),
  fanotify_sb: fanotify(FAN_CLASS_NOTIF, FAN_MARK_ADD | FAN_MARK_FILESYSTEM, FAN_MODIFY),
  fanotify_perm: fanotify(FAN_CLASS_CONTENT, FAN_MARK_ADD, FAN_OPEN_PERM),
  inotify_modify: call((sys) => {
    const fd = sys.inotify_init1(0)
    return fd < 0 ? fd : Math.min(sys.inotify_add_watch(fd, 'f', FAN_MODIFY), 0)
  }),
  set_posix_acl: xattr('system.posix_acl_access', MINIMAL_ACL),
}
