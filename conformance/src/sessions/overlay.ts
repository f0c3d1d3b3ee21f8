/** Operations on overlays by process 1, some as user 1000; a failed call's answer is the negative errno. */
import {
  AT_FDCWD, FS_IOC_GETFLAGS, FS_IOC_SETFLAGS, FSCONFIG_CMD_CREATE, FSCONFIG_SET_FLAG, FSCONFIG_SET_STRING,
  MOVE_MOUNT_F_EMPTY_PATH, O_RDONLY,
} from '@lsmkit/abi'
import type { Profile, Task } from '@lsmkit/core'
import { Kstatfs } from '@lsmkit/kernel'
import type { Kernel } from '@lsmkit/kernel'
import type { Calls } from '../c/actor.ts'
import type { Builtin, CMachine } from '../c/machine.ts'
import { HookTrace } from '../hook-trace/trace.ts'
import { traced } from '../hook-trace/world.ts'
import { bootOn, stackWith } from '../kernel.ts'
import { profileOf } from '../profile.ts'
import { listAttributes, listEntries, showFile, showStat, showTree } from './overlay-tree.ts'
import type { SessionActor, SessionKind, World } from './player.ts'

const USER = 1000
/**
 * Hooks that no recording has: they free something and are put off, depend on memory, or have no function of their own.
 */
const UNSEEN: ReadonlySet<string> = new Set([
  'file_release', 'file_free_security', 'backing_file_free', 'inode_free_security', 'sb_delete', 'vm_enough_memory',
  'inode_xattr_skipcap',
])
const decoder = new TextDecoder()

const operations = {
  begin: 'mkdir("/s", 0755), umask(022), rc = mount("s", "/s", "tmpfs", 0, "mode=755"), chdir("/s"), rc',
  tmpfs: 'mount("t", a, "tmpfs", 0, "mode=755")',
  mount: 'mount("o", a, "overlay", z, b)',
  fsmount: 'mount_by_steps()',
  umount: 'umount2(a, y)',
  bind: 'mount(a, b, NULL, MS_BIND, NULL)',
  remount: 'mount(NULL, a, NULL, MS_REMOUNT | y, strlen(c) > 0 ? c : NULL)',
  mounts: 'show_mounts()',
  umask: 'sprintf(note, "%o", umask(x)); say(note)',
  creat: 'fd = open(a, O_CREAT | O_EXCL | O_WRONLY, y); 0',
  write: 'fd = open(a, O_NONBLOCK | O_WRONLY | z, 0644); write(fd, b, strlen(b))',
  append: 'fd = open(a, O_NONBLOCK | O_WRONLY | O_APPEND | z, 0644); write(fd, b, strlen(b))',
  read: 'fd = open(a, O_RDONLY | O_NONBLOCK); show_read(pread64(fd, buf, 60, 0))',
  trunc: 'truncate(a, y)',
  mkdir: 'mkdir(a, y)',
  rmdir: 'rmdir(a)',
  unlink: 'unlink(a)',
  symlink: 'symlink(a, b)',
  readlink: 'show_bytes(readlink(a, buf, 4096))',
  link: 'link(a, b)',
  rename: 'renameat2(AT_FDCWD, a, AT_FDCWD, b, z)',
  mknod: 'mknod(a, y, z)',
  chmod: 'chmod(a, y)',
  chown: 'lchown(a, y, z)',
  utimes: `struct timespec times[2] = { { y, 0 }, { y, 0 } };
    utimensat(AT_FDCWD, a, times, AT_SYMLINK_NOFOLLOW)`,
  setx: 'lsetxattr(a, b, c, strlen(c), w)',
  getx: 'show_bytes(lgetxattr(a, b, buf, 4096))',
  rmx: 'lremovexattr(a, b)',
  listx: 'show_attributes(a)',
  acl: 'set_acl(a, b, z, w)',
  access: 'faccessat2(AT_FDCWD, a, y, AT_EACCESS)',
  stat: 'show_stat(a)',
  ls: 'fd = open(a, O_RDONLY | O_DIRECTORY); show_entries(fd, a)',
  dump: 'show_tree(a)',
  flags: 'fd = open(a, O_RDONLY | O_NONBLOCK); show_flags(fd, b, y)',
  statfs: 'show_statfs(a)',
  open: 'close(take(x)), 0; keep(x, open(b, z | O_NONBLOCK, 0644))',
  tmpfile: 'close(take(x)), 0; keep(x, open(b, O_TMPFILE | O_RDWR, 0640))',
  close: 'close(take(x))',
  fread: 'show_read(pread64(slot(x), buf, 60, 0))',
  fwrite: 'write(slot(x), b, strlen(b))',
  fstat: 'show_fstat(slot(x))',
  ftrunc: 'ftruncate(slot(x), y)',
  fchmod: 'fchmod(slot(x), y)',
  fls: `fd = slot(x) < 0 ? open(b, O_RDONLY | O_DIRECTORY) : dup(slot(x));
    lseek(fd, 0, SEEK_SET), show_entries(fd, b)`,
  fseek: 'lseek(slot(x), y, z)',
  falloc: 'fallocate(slot(x), y, z, w)',
  fsync: 'fsync(slot(x))',
  flink: 'sprintf(note, "/proc/self/fd/%d", slot(x)); linkat(AT_FDCWD, note, AT_FDCWD, b, AT_SYMLINK_FOLLOW)',
  copy: 'copy_file_range(slot(x), NULL, slot(y), NULL, z, 0)',
}

class OverlayWorld implements World {
  readonly trace: HookTrace
  readonly kernel: Kernel
  readonly first: Task

  constructor(profile: Profile) {
    const stack = stackWith([], { profile })
    this.trace = new HookTrace(stack)
    this.kernel = bootOn(traced(stack, this.trace))
    this.first = this.kernel.init
    this.trace.machine = this.kernel.machine
  }
}
type OverlayActor = SessionActor<OverlayWorld>

/** `u::rw- u:UID:PERM g::r-- m::rwx o::r--` as the attribute has it. */
const aclBytes = (uid: number, perm: number): Uint8Array => {
  const entries = [[1, 6, -1], [2, perm, uid], [4, 4, -1], [16, 7, -1], [32, 4, -1]] as const
  const view = new DataView(new ArrayBuffer(4 + 8 * entries.length))
  view.setUint32(0, 2, true)
  entries.forEach(([tag, bits, id], i) => {
    view.setUint16(4 + 8 * i, tag, true)
    view.setUint16(6 + 8 * i, bits, true)
    view.setInt32(8 + 8 * i, id, true)
  })
  return new Uint8Array(view.buffer)
}

/** Step by step: the answer of each until one is refused. */
const mountBySteps = (sys: Calls, [target = '', ...options]: readonly string[]): string => {
  const fs = sys.fsopen('overlay', 0)
  const answers: number[] = []
  const steps = [
    ...options.map((option) => () => {
      const at = option.indexOf('=')
      if (at < 0) return sys.fsconfig(fs, FSCONFIG_SET_FLAG, option, null, 0)
      return sys.fsconfig(fs, FSCONFIG_SET_STRING, option.slice(0, at), option.slice(at + 1), 0)
    }),
    () => sys.fsconfig(fs, FSCONFIG_CMD_CREATE, null, null, 0),
  ]
  for (const step of steps) if ((answers.at(-1) ?? 0) >= 0) answers.push(step())
  if (answers.at(-1)! >= 0) {
    const mnt = sys.fsmount(fs, 0, 0)
    answers.push(Math.min(mnt, 0))
    if (mnt >= 0) answers.push(sys.move_mount(mnt, '', AT_FDCWD, target, MOVE_MOUNT_F_EMPTY_PATH))
    sys.close(mnt)
  }
  sys.close(fs)
  return answers.join(' ')
}

const overlaysOf = (sys: Calls): string => {
  const fd = sys.openat(AT_FDCWD, '/proc/mounts', O_RDONLY, 0)
  const buf = new Uint8Array(65536)
  const size = sys.read(fd, buf)
  sys.close(fd)
  const lines = decoder.decode(buf.subarray(0, Math.max(size, 0))).split('\n')
  return lines.filter((line) => line.startsWith('o ')).map((line) => `${line};`).join('')
}

/** An inode's flags are read where no other ones are given. */
const flagsOf = (sys: Calls, fd: number, given: string, value: number): string => {
  const box = { value: given === '' ? 0 : value }
  const rc = sys.ioctl(fd, given === '' ? FS_IOC_GETFLAGS : FS_IOC_SETFLAGS, box)
  return given === '' ? `${rc} ${box.value.toString(16)}` : String(rc)
}

const statfsOf = (sys: Calls, path: string): string => {
  const s = new Kstatfs()
  const rc = sys.statfs(path, s)
  return `${rc} ${s.f_type.toString(16)} ${s.f_namelen} ${s.f_flags.toString(16)}`
}

const helpers = (m: CMachine, { player, sys }: OverlayActor): Record<string, Builtin> => {
  const text = (at: number): string => m.text(at)!
  const say = (answer: string | number): number =>
    (typeof answer === 'number' ? answer : player.say(answer))
  const read = (rc: number): string => {
    const at = m.addressOf('buf')!
    return decoder.decode(m.bytes.slice(at, at + rc))
  }
  return {
    mount_by_steps: () => say(mountBySteps(sys, player.args)),
    show_mounts: () => say(overlaysOf(sys)),
    show_read: (rc) => say(rc < 0 ? rc : `${rc}:${read(rc).replaceAll('\0', '.')}`),
    show_bytes: (rc) => say(rc < 0 ? rc : read(rc)),
    show_attributes: (path) => say(listAttributes(sys, text(path))),
    set_acl: (path, name, uid, perm) => sys.setxattr(text(path), text(name), aclBytes(uid, perm), 0),
    show_stat: (path) => say(showStat(sys, text(path))),
    show_fstat: (fd) => say(showFile(sys, fd)),
    show_entries: (fd, path) => say(listEntries(sys, fd, text(path))),
    show_tree: (path) => say(showTree(sys, text(path))),
    show_flags: (fd, given, value) => say(flagsOf(sys, fd, text(given), value)),
    show_statfs: (path) => say(statfsOf(sys, text(path))),
  }
}

/** By user 1000. */
const asUser = ({ sys }: OverlayActor, play: () => string): string => {
  sys.setgroups(0, [])
  sys.setresgid(-1, USER, -1)
  sys.setresuid(-1, USER, -1)
  const answer = play()
  sys.setresuid(-1, 0, -1)
  sys.setresgid(-1, 0, -1)
  return answer
}

/** With the hooks that were called, in their order. */
const withHooks = ({ player }: OverlayActor, play: () => string): string => {
  let answer = ''
  const { hooks } = player.world.trace.during(() => {
    answer = play()
    return 0
  })
  return [answer.trimEnd(), ...hooks.filter((hook) => !hook.startsWith('.') && !UNSEEN.has(hook))].join(' ')
}

export const overlaySessions: SessionKind<OverlayWorld> = {
  operations,
  helpers,
  options: ['kernel'],
  boot: (_parameters, options) => new OverlayWorld(profileOf(options)),
  show: String,
  missing: () => 'absent',
  around(actor, words, play) {
    const [first, ...rest] = words
    if (first === 'U') return asUser(actor, () => play(rest))
    return first === 'T' ? withHooks(actor, () => play(rest)) : play(words)
  },
}
