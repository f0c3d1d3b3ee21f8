/** Files: names, descriptors, attributes. */
import {
  AT_FDCWD, AT_SYMLINK_FOLLOW, AT_SYMLINK_NOFOLLOW, F_RDLCK, F_SETFL, F_SETLK, F_UNLCK, F_WRLCK,
  O_CREAT, O_DIRECTORY, O_NONBLOCK, O_RDONLY, O_TRUNC, O_WRONLY, S_IFBLK, S_IFCHR, S_IFDIR, S_IFIFO,
  S_IFMT, S_IFREG, S_IFSOCK, ownValue,
} from '@lsmkit/abi'
import { Kstat } from '@lsmkit/kernel'
import { percentText } from '../percent.ts'
import type { World } from '../world.ts'
import type { Task } from '@lsmkit/core'
import { bytes, keep, name, num, plain, slot } from './play.ts'
import type { Answer, Play } from './play.ts'

/** Sizes of directories are not compared. */
const statText = ({ mode, uid, gid, size }: Kstat): string =>
  `${mode.toString(8)} ${uid} ${gid} ${(mode & S_IFMT) === S_IFDIR ? 0 : size}`

const statOf = (call: (stat: Kstat) => number): Answer => {
  const stat = new Kstat()
  const rc = call(stat)
  return rc < 0 ? [rc] : [0, statText(stat)]
}

/** Reads at most `size` bytes. */
const readText = ({ kernel }: World, task: Task, fd: number, size: number): Answer => {
  const buf = new Uint8Array(size)
  const rc = kernel.sys.read(task, fd, buf)
  return rc < 0 ? [rc] : [0, percentText(buf.subarray(0, rc), true)]
}

const readAll = (world: World, task: Task, path: string, flags: number, parts: number): Answer => {
  const { sys } = world.kernel
  const fd = sys.open(task, path, flags, 0)
  if (fd < 0) return [fd]
  let text = ''
  for (let i = 0; i < parts; i++) {
    const [rc, part = ''] = readText(world, task, fd, 4096)
    if (rc < 0) {
      sys.close(task, fd)
      return [rc]
    }
    if (part === '') break
    text += part
  }
  sys.close(task, fd)
  return [0, text]
}

const writeTo = ({ kernel: { sys } }: World, task: Task, path: string, data: Uint8Array): Answer => {
  const fd = sys.open(task, path, O_WRONLY, 0)
  if (fd < 0) return [fd, 'open']
  const rc = sys.write(task, fd, data)
  sys.close(task, fd)
  return [Math.min(rc, 0)]
}

const make: Play = ({ kernel: { sys } }, { task }, [path, text = 'data%0A', mode = '0644']) => {
  const fd = sys.open(task, name(path), O_WRONLY | O_CREAT | O_TRUNC, 0o644)
  if (fd < 0) return [fd]
  const rc = sys.write(task, fd, bytes(text))
  sys.fchmod(task, fd, num(mode))
  sys.close(task, fd)
  return [Math.min(rc, 0)]
}

const PROG = '/t/bin/.prog'

/** A copy of the test program. */
const copyProgram: Play = (world, { task }, [path]) => {
  const { sys } = world.kernel
  const from = sys.open(task, PROG, O_RDONLY, 0)
  if (from < 0) return [from]
  const buf = new Uint8Array(16384)
  const size = sys.read(task, from, buf)
  sys.close(task, from)
  const to = sys.open(task, name(path), O_WRONLY | O_CREAT | O_TRUNC, 0o755)
  if (to < 0) return [to]
  const rc = sys.write(task, to, buf.subarray(0, size))
  sys.close(task, to)
  return [Math.min(rc, 0)]
}

/** struct linux_dirent64: the length of the entry, and where its name begins. */
const LENGTH_AT = 16
const NAME_AT = 19

const namesIn = ({ kernel }: World, task: Task, fd: number): string[] => {
  const names: string[] = []
  const buf = new Uint8Array(32768)
  const view = new DataView(buf.buffer)
  for (let size = kernel.sys.getdents64(task, fd, buf); size > 0; size = kernel.sys.getdents64(task, fd, buf)) {
    for (let at = 0; at < size; at += view.getUint16(at + LENGTH_AT, true)) {
      names.push(percentText(buf.subarray(at + NAME_AT, buf.indexOf(0, at + NAME_AT))))
    }
  }
  return names
}

const NUMBERED = /\.(\d+)$/

/** Profiles under policy/ have a number behind their name. */
const isNumbered = (names: readonly string[]): boolean => names.length > 0 && names.every((one) => NUMBERED.test(one))

/** Counted from the smallest number. */
const relativeNames = (names: readonly string[]): string[] => {
  if (!isNumbered(names)) return [...names]
  const numbers = names.map((one) => Number(NUMBERED.exec(one)![1]))
  const least = Math.min(...numbers)
  return names.map((one, i) => one.replace(NUMBERED, `.#${numbers[i]! - least}`))
}

/** Names of a directory in order; numbers behind names of profiles count from the smallest that was seen. */
const list: Play = (world, { task }, [path]) => {
  const { sys } = world.kernel
  const fd = sys.open(task, name(path), O_RDONLY | O_DIRECTORY, 0)
  if (fd < 0) return [fd]
  const names = namesIn(world, task, fd)
  sys.close(task, fd)
  return [0, relativeNames(names.filter((one) => one !== '.' && one !== '..')).sort().join(' ')]
}

const types: Readonly<Record<string, readonly [mode: number, dev: number]>> = {
  p: [S_IFIFO, 0], c: [S_IFCHR, 0x103], b: [S_IFBLK, 0x700], s: [S_IFSOCK, 0], f: [S_IFREG, 0],
}

const locks: Readonly<Record<string, number>> = { r: F_RDLCK, w: F_WRLCK, u: F_UNLCK }

const setLock: Play = ({ kernel }, actor, [at, type = 'r']) => {
  const lock = { l_type: ownValue(locks, type)!, l_whence: 0, l_start: 0, l_len: 1, l_pid: 0 }
  return [kernel.sys.fcntl(actor.task, slot(actor, at), F_SETLK, lock)]
}

const map: Play = ({ kernel }, actor, [at, prot, flags]) => {
  const rc = kernel.syscall(actor.task, 'mmap', 0, 4096, num(prot), num(flags), slot(actor, at), 0)
  return [Math.min(rc, 0)]
}

const protect: Play = ({ kernel }, actor, [at, prot, next, flags]) => {
  const rc = kernel.syscall(actor.task, 'mmap', 0, 4096, num(prot), num(flags), slot(actor, at), 0)
  return rc < 0 ? [rc, 'mmap'] : [kernel.syscall(actor.task, 'mprotect', rc, 4096, num(next))]
}

export const fileOperations: Readonly<Record<string, Play>> = {
  open: (world, actor, [path, flags, mode, at]) =>
    keep(world, actor, at, world.kernel.sys.open(actor.task, name(path), num(flags), num(mode))),
  close(world, actor, [at]) {
    const rc = world.kernel.sys.close(actor.task, slot(actor, at))
    actor.slots.delete(Number(at))
    return [rc]
  },
  read: (world, actor, [at]) => readText(world, actor.task, slot(actor, at), 200),
  write({ kernel }, actor, [at, text]) {
    const data = bytes(text)
    return [Math.min(kernel.sys.write(actor.task, slot(actor, at), data), 0)]
  },
  mk: make,
  mkdir: plain('mkdir', 'pn'),
  rmdir: plain('rmdir', 'p'),
  unlink: plain('unlink', 'p'),
  symlink: plain('symlink', 'pp'),
  link: plain('link', 'pp'),
  rename: plain('rename', 'pp'),
  chmod: plain('chmod', 'pn'),
  chown: plain('chown', 'pnn'),
  lchown: plain('lchown', 'pnn'),
  truncate: plain('truncate', 'pn'),
  access: plain('access', 'pn'),
  chdir: plain('chdir', 'p'),
  chroot: plain('chroot', 'p'),
  fchmod: plain('fchmod', 'sn'),
  fchown: plain('fchown', 'snn'),
  ftruncate: plain('ftruncate', 'sn'),
  flock: ({ kernel }, actor, [at, how]) => [kernel.sys.flock(actor.task, slot(actor, at), num(how) | num('LOCK_NB'))],
  fallocate: ({ kernel }, actor, [at, length]) =>
    [kernel.syscall(actor.task, 'fallocate', slot(actor, at), 0, 0, num(length))],
  rename2: ({ kernel }, { task }, [from, to, flags]) =>
    [kernel.sys.renameat2(task, AT_FDCWD, name(from), AT_FDCWD, name(to), num(flags))],
  linkfd({ kernel }, actor, [at, path]) {
    const from = `/proc/self/fd/${slot(actor, at)}`
    return [kernel.sys.linkat(actor.task, AT_FDCWD, from, AT_FDCWD, name(path), AT_SYMLINK_FOLLOW)]
  },
  mknod({ kernel }, { task }, [path, type = 'f']) {
    const [mode, dev] = ownValue(types, type)!
    return [kernel.sys.mknod(task, name(path), mode | 0o644, dev)]
  },
  readlink({ kernel }, { task }, [path]) {
    const buf = new Uint8Array(4096)
    const rc = kernel.sys.readlink(task, name(path), buf)
    return rc < 0 ? [rc] : [0, percentText(buf.subarray(0, rc), true)]
  },
  stat: ({ kernel }, { task }, [path]) => statOf((stat) => kernel.sys.newfstatat(task, AT_FDCWD, name(path), stat, 0)),
  lstat: ({ kernel }, { task }, [path]) =>
    statOf((stat) => kernel.sys.newfstatat(task, AT_FDCWD, name(path), stat, AT_SYMLINK_NOFOLLOW)),
  fstat: ({ kernel }, actor, [at]) => statOf((stat) => kernel.sys.fstat(actor.task, slot(actor, at), stat)),
  statfs: ({ kernel }, { task }, [path]) => [kernel.syscall(task, 'statfs', name(path), {})],
  utimens: ({ kernel }, { task }, [path]) => [kernel.sys.utimensat(task, AT_FDCWD, name(path), null, 0)],
  setxattr: ({ kernel }, { task }, [path, attribute, value]) =>
    [kernel.sys.setxattr(task, name(path), name(attribute), bytes(value), 0)],
  getxattr({ kernel }, { task }, [path, attribute]) {
    const buf = new Uint8Array(1000)
    const rc = kernel.sys.getxattr(task, name(path), name(attribute), buf)
    return rc < 0 ? [rc] : [0, percentText(buf.subarray(0, rc), true)]
  },
  listxattr({ kernel }, { task }, [path]) {
    const buf = new Uint8Array(4000)
    const rc = kernel.sys.listxattr(task, name(path), buf)
    return rc < 0 ? [rc] : [0, percentText(buf.subarray(0, rc), true)]
  },
  removexattr: plain('removexattr', 'pp'),
  setlk: setLock,
  setfl: ({ kernel }, actor, [at, flags]) => [kernel.sys.fcntl(actor.task, slot(actor, at), F_SETFL, num(flags))],
  mmap: map,
  mprotect: protect,
  getdents: list,
  cat: (world, { task }, [path]) => readAll(world, task, name(path), O_RDONLY, 64),
  catnb: (world, { task }, [path]) => readAll(world, task, name(path), O_RDONLY | O_NONBLOCK, 1),
  put: (world, { task }, [path, text]) => writeTo(world, task, name(path), bytes(text)),
  prog: ({ kernel }, { task }, [path]) => [kernel.sys.link(task, PROG, name(path))],
  progcp: copyProgram,
  memfd: (world, actor, [label, at]) =>
    keep(world, actor, at, world.kernel.syscall(actor.task, 'memfd_create', name(label), 0)),
}

export { writeTo }
