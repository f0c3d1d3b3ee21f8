/** Calls by path, as descriptions name them. */
import {
  AT_FDCWD, AT_SYMLINK_FOLLOW, AT_SYMLINK_NOFOLLOW, O_CREAT, O_RDWR, O_TMPFILE, S_IFBLK, S_IFCHR, S_IFIFO,
  S_IFREG, S_IFSOCK,
} from '@lsmkit/abi'
import { Kstat } from '@lsmkit/kernel'
import { labelled } from '../directories.ts'
import { encode, object } from '../world.ts'
import type { Calls, Outcome } from '../world.ts'
import type { Scene, Step } from './scene.ts'
import { flagsIn, needNumber, numberOf, unquoted } from './words.ts'

/** Reads the arguments at once, and gives what is done with them. */
export type Reader = (scene: Scene, args: readonly string[], note: string) => Step

/** VFS_CAP_REVISION_2 with CAP_NET_RAW. */
const FILE_CAPS = new Uint8Array(Uint32Array.of(0x02000000, 1 << 13, 0, 0, 0).buffer)
const MINIMAL_ACL = new Uint8Array([
  2, 0, 0, 0, ...[[1, 6], [4, 4], [0x20, 4]].flatMap(([tag, perm]) => [tag!, 0, perm!, 0, 255, 255, 255, 255]),
])
const NODES: Readonly<Record<string, number>> = {
  S_IFIFO, S_IFCHR, S_IFBLK, S_IFREG, S_IFSOCK,
}

const atLeast = (rc: number): number => Math.min(rc, 0)
const one = (call: (sys: Calls, path: string) => number): Reader => (scene, [path = '"f"']) => {
  const name = scene.path(path)
  return (sys) => atLeast(call(sys, name))
}
/** Makes its last path, whose label is looked at. */
const making = (call: (sys: Calls, paths: readonly string[], args: readonly string[]) => number): Reader =>
  (scene, args) => {
    const paths = args.filter((arg) => arg.startsWith('"')).map((arg) => scene.path(arg))
    return (sys) => labelled(scene.world, paths.at(-1)!, call(sys, paths, args))
  }

/** Devices, new files, and those without a name are opened for both unless something else is said. */
const opening = (scene: Scene, path: string, asked: number): Step => (sys) => {
  const both = asked === O_TMPFILE || asked === O_CREAT || (asked === 0 && path.startsWith('/dev/'))
  const flags = both ? asked | O_RDWR : asked
  const rc = sys.open(path, flags, 0o666)
  scene.fd = rc
  if (rc < 0) return rc
  if ((flags & O_TMPFILE) === O_TMPFILE) return /linkat/.test(scene.text) ? 0 : { rc: 0, result: attributeOf(sys, rc) }
  return (flags & O_CREAT) !== 0 ? labelled(scene.world, path, 0) : 0
}

const attributeOf = (sys: Calls, fd: number): string => {
  const value = new Uint8Array(256)
  const n = sys.fgetxattr(fd, 'security.selinux', value)
  return n < 0 ? '' : `label=${new TextDecoder().decode(value.subarray(0, n)).replace(/\0$/, '')}`
}

const valueOf = (name: string, word: string | undefined): Uint8Array => {
  if (name === 'security.selinux') return encode(object(/\w+_t\b/.exec(word ?? '')?.[0] ?? 'l_t'))
  if (name === 'security.capability') return FILE_CAPS
  return name.startsWith('system.posix_acl') ? MINIMAL_ACL : encode('1')
}

/** An attribute that is to be read or taken away is there first. */
const attributed = (call: (sys: Calls, path: string, name: string) => number | Outcome): Reader => (scene, args) => {
  const [path, name] = [scene.path(args[0] ?? '"f"'), unquoted(args[1] ?? '')]
  if (name !== 'security.selinux') scene.world.root.setxattr(path, name, valueOf(name, undefined), 0)
  return (sys) => call(sys, path, name)
}

const setxattr = (how: 'setxattr' | 'lsetxattr'): Reader => (scene, [path = '"f"', quoted = '', value]) => {
  const [at, name] = [scene.path(path), unquoted(quoted)]
  return (sys) => {
    const rc = sys[how](at, name, valueOf(name, value), 0)
    return rc === 0 && name === 'security.selinux' ? { rc, result: `created=${scene.world.labelOf(at)}` } : rc
  }
}

const getxattr: Reader = attributed((sys, path, name) => {
  const value = new Uint8Array(256)
  const n = sys.getxattr(path, name, value)
  if (n < 0 || name !== 'security.selinux') return atLeast(n)
  return { rc: 0, result: `value=${new TextDecoder().decode(value.subarray(0, n)).replace(/\0$/, '')}` }
})

/** `{1s,1s}`, or now. */
const timesOf = (text: string) => (/\ds/.test(text) ? [{ tv_sec: 1, tv_nsec: 0 }, { tv_sec: 1, tv_nsec: 0 }] : null)

export const fileCalls: Readonly<Record<string, Reader>> = {
  open: (scene, [path = '"f"', flags = 'O_RDONLY']) => opening(scene, scene.path(path), flagsIn(flags, 'O_')),
  openat: (scene, [, path = '"f"', flags = '']) => opening(scene, scene.path(path), flagsIn(flags, 'O_')),
  creat: (scene, [path = '"n"']) => opening(scene, scene.path(path), O_CREAT | 0o1001),
  opendir: (scene, [path = '"d"']) => opening(scene, scene.path(path), 0o200000),
  openat2: (scene, args) => {
    const path = scene.path(args.find((arg) => arg.startsWith('"')) ?? '"f"')
    const how = { flags: flagsIn(args.join(' '), 'O_'), mode: 0, resolve: flagsIn(args.join(' '), 'RESOLVE_') }
    return (sys) => (scene.fd = sys.openat2(AT_FDCWD, path, how))
  },
  stat: one((sys, path) => sys.stat(path, new Kstat())),
  lstat: one((sys, path) => sys.lstat(path, new Kstat())),
  statx: one((sys, path) => sys.statx(AT_FDCWD, path, 0, 0x7ff, new Kstat())),
  access: (scene, [path = '"f"', mode = 'F_OK']) => {
    const [name, asked] = [scene.path(path), needNumber(mode)]
    return (sys) => sys.access(name, asked)
  },
  chmod: (scene, [path = '"f"', mode]) => {
    const name = scene.path(path)
    return (sys) => sys.chmod(name, numberOf(mode ?? '') ?? 0o600)
  },
  chown: (scene, [path = '"f"', uid, gid]) => {
    const name = scene.path(path)
    if (/group (\d+)/.test(scene.text)) scene.world.root.chown(name, 0, Number(/group (\d+)/.exec(scene.text)![1]))
    return (sys) => sys.chown(name, numberOf(uid ?? '') ?? 0, numberOf(gid ?? '') ?? 0)
  },
  lchown: (scene, [path = '"l"', uid, gid]) => {
    const name = scene.path(path)
    return (sys) => sys.lchown(name, numberOf(uid ?? '') ?? 0, numberOf(gid ?? '') ?? 0)
  },
  utimensat: (scene, [path = '"f"', times = 'NULL']) => {
    const name = scene.path(path)
    return (sys) => sys.utimensat(AT_FDCWD, name, timesOf(times), /NOFOLLOW/.test(scene.text) ? AT_SYMLINK_NOFOLLOW : 0)
  },
  truncate: one((sys, path) => sys.truncate(path, 1)),
  unlink: one((sys, path) => sys.unlink(path)),
  rmdir: one((sys, path) => sys.rmdir(path)),
  readlink: one((sys, path) => sys.readlink(path, new Uint8Array(256))),
  chdir: one((sys, path) => sys.chdir(path)),
  chroot: one((sys, path) => sys.chroot(path)),
  listxattr: one((sys, path) => sys.listxattr(path, new Uint8Array(256))),
  swapon: one((sys, path) => sys.swapon(path, 0)),
  acct: (scene, [path = 'NULL']) => {
    const name = path === 'NULL' ? null : scene.path(path)
    return (sys) => sys.acct(name)
  },
  rename: (scene, [from = '"f"', to = '"n"'], note) => {
    const [old, name] = [scene.path(from), scene.path(to)]
    const over = /over an? (?:empty )?(directory|file|existing)(?: file)?(?: (\w+_t))?/.exec(note)
    if (over?.[1] === 'directory') scene.world.dir(name, over[2] ?? 'o_t')
    else if (over !== null && !/^[fd]$|\//.test(name)) scene.world.file(name, over[2] ?? 'o_t')
    return (sys) => sys.rename(old, name)
  },
  renameat2: (scene, args) => {
    const [old = 'f', name = 'n'] = args.filter((arg) => arg.startsWith('"')).map((arg) => scene.path(arg))
    const flags = flagsIn(args.join(' '), 'RENAME_')
    if ((flags & 2) !== 0 && name === 'n') scene.world.file('n', 'l_t')
    return (sys) => sys.renameat2(AT_FDCWD, old, AT_FDCWD, name, flags)
  },
  mkdir: making((sys, [path]) => sys.mkdir(path!, 0o777)),
  symlink: making((sys, [target, path]) => sys.symlink(target!, path!)),
  link: making((sys, [from, to]) => sys.link(from!, to!)),
  mkfifo: making((sys, [path]) => sys.mknod(path!, S_IFIFO | 0o666, 0)),
  mknod: making((sys, [path], [, kind = 'S_IFIFO', device = '0:0']) => {
    const [major = 0, minor = 0] = device.split(':').map(Number)
    return sys.mknod(path!, (NODES[/S_IF\w+/.exec(kind)?.[0] ?? ''] ?? S_IFREG) | 0o666, (major << 8) | minor)
  }),
  linkat: (scene, args) => {
    const paths = args.filter((arg) => arg.startsWith('"')).map((arg) => scene.path(arg))
    const to = paths.at(-1)!
    return (sys) => {
      const from = paths.length > 1 ? paths[0]! : `/proc/self/fd/${scene.fd}`
      return labelled(scene.world, to, sys.linkat(AT_FDCWD, from, AT_FDCWD, to, AT_SYMLINK_FOLLOW))
    }
  },
  getxattr,
  lgetxattr: getxattr,
  setxattr: setxattr('setxattr'),
  lsetxattr: setxattr('lsetxattr'),
  removexattr: attributed((sys, path, name) => sys.removexattr(path, name)),
}
