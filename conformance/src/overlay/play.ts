/** Plays recorded operations on overlays in a kernel of ours: what recorder.c does on a real one, answer for answer. */
import {
  AT_EACCESS, AT_FDCWD, AT_SYMLINK_FOLLOW, AT_SYMLINK_NOFOLLOW, FS_IOC_GETFLAGS, FS_IOC_SETFLAGS, FSCONFIG_CMD_CREATE,
  FSCONFIG_SET_FLAG, FSCONFIG_SET_STRING, MNT_DETACH, MOVE_MOUNT_F_EMPTY_PATH, MS_BIND, MS_REMOUNT, O_APPEND, O_CREAT,
  O_DIRECTORY, O_EXCL, O_NONBLOCK, O_RDONLY, O_RDWR, O_TMPFILE, O_WRONLY, S_IFDIR, S_IFLNK, S_IFMT, S_IFREG, SEEK_SET,
} from '@lsmkit/abi'
import { capability } from '@lsmkit/capability'
import { createStack } from '@lsmkit/core'
import { bootKernel, Kstat, Kstatfs } from '@lsmkit/kernel'
import type { SysCalls } from '@lsmkit/kernel'
import type { Task } from '@lsmkit/core'
import { HookTrace } from '../hook-trace/trace.ts'
import { traced } from '../hook-trace/world.ts'

type Tail<F> = F extends (task: Task, ...args: infer A) => number ? (...args: A) => number : never
type Calls = { readonly [N in keyof SysCalls]: Tail<SysCalls[N]> }

const encoder = new TextEncoder()
const decoder = new TextDecoder()
/** Not in a recording: what frees, for it is put off; what depends on memory; what has no function of its own. */
const UNSEEN: ReadonlySet<string> = new Set([
  'file_release', 'file_free_security', 'backing_file_free', 'inode_free_security', 'sb_delete', 'vm_enough_memory',
  'inode_xattr_skipcap',
])
/** Times that nobody has set. */
const NOW = 1_000_000
const LAYERS = ['u', 'l1', 'l2'] as const
/** Attributes whose bytes differ from boot to boot. */
const isOpaqueValue = (name: string): boolean => /\.origin|\.upper|\.uuid|posix_acl/.test(name)

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

/** Of a name in the index only the inode number is the same in every boot. */
const steady = (name: string): string => (name.length > 60 ? name.slice(50) : name)

type Answer = string | number

export class OverlayPlayer {
  readonly #sys: Calls
  readonly #fds = [-1, -1, -1, -1]
  readonly #trace: HookTrace

  constructor() {
    const stack = createStack({ lsms: [capability()], onFault: 'throw', audit: { denials: false } })
    this.#trace = new HookTrace(stack)
    const onPanic = (syscall: string, cause: unknown) => {
      throw new Error(`${syscall} threw`, { cause })
    }
    const { sys, init, machine } = bootKernel({ stack: traced(stack, this.#trace), onPanic })
    this.#trace.machine = machine
    const bound: Record<string, unknown> = {}
    for (const [name, call] of Object.entries(sys)) {
      bound[name] = (...args: unknown[]) => (call as (...all: unknown[]) => number)(init, ...args)
    }
    this.#sys = bound as unknown as Calls
  }

  /** The answer to one line; `U` before it: as user 1000; `T`: and the hooks in their order. */
  play(line: string): string {
    const words = line.split(' ')
    if (words[0] === 'T') return this.#playTraced(words[1]!, words.slice(2))
    const asUser = words[0] === 'U'
    if (asUser) {
      words.shift()
      this.#sys.setgroups(0, [])
      this.#sys.setresgid(-1, 1000, -1)
      this.#sys.setresuid(-1, 1000, -1)
    }
    const answer = this.#run(words[0]!, words.slice(1))
    if (asUser) {
      this.#sys.setresuid(-1, 0, -1)
      this.#sys.setresgid(-1, 0, -1)
    }
    return String(answer)
  }

  #playTraced(name: string, args: readonly string[]): string {
    let answer: Answer = ''
    const { hooks } = this.#trace.during(() => {
      answer = this.#run(name, args)
      return 0
    })
    return [String(answer).trimEnd(), ...hooks.filter((hook) => !hook.startsWith('.') && !UNSEEN.has(hook))].join(' ')
  }

  #run(name: string, args: readonly string[]): Answer {
    const [a = '', b = '', c = ''] = args
    const num = (i: number): number => {
      const text = args[i] ?? '0'
      return /^0\d/.test(text) ? Number.parseInt(text, 8) : Number(text)
    }
    const sys = this.#sys
    const fd = this.#fds[num(0)] ?? -1
    switch (name) {
      case 'session': return this.#session()
      case 'tmpfs': return sys.mount('t', a, 'tmpfs', 0, 'mode=755')
      case 'mount': return sys.mount('o', a, 'overlay', num(2), b)
      case 'fsmount': return this.#fsmount(a, args.slice(1))
      case 'umount': return sys.umount2(a, num(1))
      case 'bind': return sys.mount(a, b, null, MS_BIND, null)
      case 'remount': return sys.mount(null, a, null, MS_REMOUNT | num(1), args[2] ?? null)
      case 'mounts': return this.#mounts()
      case 'umask': return sys.umask(num(0)).toString(8)
      case 'creat': return this.#opened(a, O_CREAT | O_EXCL | O_WRONLY, num(1), () => 0)
      case 'write':
        return this.#opened(a, O_NONBLOCK | O_WRONLY | num(2), 0o644, (f) => sys.write(f, encoder.encode(b)))
      case 'append':
        return this.#opened(a, O_NONBLOCK | O_WRONLY | O_APPEND | num(2), 0o644, (f) => sys.write(f, encoder.encode(b)))
      case 'read': return this.#opened(a, O_RDONLY | O_NONBLOCK, 0, (f) => this.#readAll(f))
      case 'trunc': return sys.truncate(a, num(1))
      case 'mkdir': return sys.mkdir(a, num(1))
      case 'rmdir': return sys.rmdir(a)
      case 'unlink': return sys.unlink(a)
      case 'symlink': return sys.symlink(a, b)
      case 'readlink': return this.#readlink(a)
      case 'link': return sys.link(a, b)
      case 'rename': return sys.renameat2(AT_FDCWD, a, AT_FDCWD, b, num(2))
      case 'mknod': return sys.mknod(a, num(1), num(2))
      case 'chmod': return sys.chmod(a, num(1))
      case 'chown': return sys.lchown(a, num(1), num(2))
      case 'utimes': return this.#utimes(a, num(1))
      case 'setx': return sys.lsetxattr(a, b, encoder.encode(c), num(3))
      case 'getx': return this.#getx(a, b)
      case 'rmx': return sys.lremovexattr(a, b)
      case 'listx': return this.#listAttrs(a)
      case 'acl': return sys.setxattr(a, b, aclBytes(num(2), num(3)), 0)
      case 'access': return sys.faccessat2(AT_FDCWD, a, num(1), AT_EACCESS)
      case 'stat': return this.#stat(a)
      case 'ls': return this.#ls(a)
      case 'dump': return this.#dump(a)
      case 'flags': return this.#flags(a, args.length > 1 ? num(1) : null)
      case 'statfs': return this.#statfs(a)
      case 'open': return this.#open(num(0), b, num(2) | O_NONBLOCK)
      case 'tmpfile': return this.#open(num(0), b, O_TMPFILE | O_RDWR, 0o640)
      case 'close': return this.#close(num(0))
      case 'fread': return this.#readAll(fd)
      case 'fwrite': return sys.write(fd, encoder.encode(b))
      case 'fstat': return this.#fstat(fd)
      case 'ftrunc': return sys.ftruncate(fd, num(1))
      case 'fchmod': return sys.fchmod(fd, num(1))
      case 'fls':
        if (fd < 0) return this.#ls(b)
        sys.lseek(fd, 0, SEEK_SET)
        return this.#entries(fd, b)
      case 'fseek': return sys.lseek(fd, num(1), num(2))
      case 'falloc': return sys.fallocate(fd, num(1), num(2), num(3))
      case 'fsync': return sys.fsync(fd)
      case 'flink': return sys.linkat(AT_FDCWD, `/proc/self/fd/${fd}`, AT_FDCWD, b, AT_SYMLINK_FOLLOW)
      case 'copy': return sys.copy_file_range(fd, null, this.#fds[num(1)] ?? -1, null, num(2), 0)
      default: return 'unknown'
    }
  }

  #session(): number {
    const sys = this.#sys
    this.#fds.forEach((fd, i) => {
      if (fd >= 0) sys.close(fd)
      this.#fds[i] = -1
    })
    sys.chdir('/')
    sys.umount2('/s', MNT_DETACH)
    sys.mkdir('/s', 0o755)
    sys.umask(0o022)
    const rc = sys.mount('s', '/s', 'tmpfs', 0, 'mode=755')
    sys.chdir('/s')
    return rc
  }

  /** Step by step: the answer of each until one is refused. */
  #fsmount(target: string, options: readonly string[]): string {
    const sys = this.#sys
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

  #opened(path: string, flags: number, mode: number, use: (fd: number) => Answer): Answer {
    const fd = this.#sys.openat(AT_FDCWD, path, flags, mode)
    if (fd < 0) return fd
    const answer = use(fd)
    this.#sys.close(fd)
    return answer
  }

  #open(slot: number, path: string, flags: number, mode = 0o644): number {
    if (this.#fds[slot]! >= 0) this.#sys.close(this.#fds[slot]!)
    const fd = this.#sys.openat(AT_FDCWD, path, flags, mode)
    this.#fds[slot] = fd < 0 ? -1 : fd
    return fd < 0 ? fd : 0
  }

  #close(slot: number): number {
    const rc = this.#sys.close(this.#fds[slot] ?? -1)
    this.#fds[slot] = -1
    return rc
  }

  #readAll(fd: number): string {
    const buf = new Uint8Array(60)
    const n = this.#sys.pread64(fd, buf, 0)
    return n < 0 ? String(n) : `${n}:${decoder.decode(buf.subarray(0, n)).replaceAll('\0', '.')}`
  }

  #text(path: string): string {
    const fd = this.#sys.openat(AT_FDCWD, path, O_RDONLY, 0)
    const buf = new Uint8Array(65536)
    const n = this.#sys.read(fd, buf)
    this.#sys.close(fd)
    return decoder.decode(buf.subarray(0, Math.max(n, 0)))
  }
  #mounts(): string {
    const lines = this.#text('/proc/mounts').split('\n')
    return lines.filter((line) => line.startsWith('o ')).map((line) => `${line};`).join('')
  }

  #readlink(path: string): Answer {
    const buf = new Uint8Array(4096)
    const n = this.#sys.readlink(path, buf)
    return n < 0 ? n : decoder.decode(buf.subarray(0, n))
  }

  #utimes(path: string, sec: number): number {
    const time = { tv_sec: sec, tv_nsec: 0 }
    return this.#sys.utimensat(AT_FDCWD, path, [time, time], AT_SYMLINK_NOFOLLOW)
  }

  #getx(path: string, name: string): Answer {
    const buf = new Uint8Array(4096)
    const n = this.#sys.lgetxattr(path, name, buf)
    return n < 0 ? n : decoder.decode(buf.subarray(0, n))
  }
  #listAttrs(path: string): string {
    const buf = new Uint8Array(4096)
    const n = this.#sys.llistxattr(path, buf)
    if (n < 0) return String(n)
    const names = decoder.decode(buf.subarray(0, n)).split('\0').filter((name) => name !== '')
    return names.map((name) => {
      const value = new Uint8Array(300)
      const length = this.#sys.lgetxattr(path, name, value)
      if (isOpaqueValue(name)) return `${name}#${length} `
      return length < 0 ? `${name}${length} ` : `${name}=${decoder.decode(value.subarray(0, length))} `
    }).join('')
  }

  #lstat(path: string): Kstat | number {
    const st = new Kstat()
    const rc = this.#sys.lstat(path, st)
    return rc < 0 ? rc : st
  }

  /** The owner of an inode number: the layer, under the same name. */
  #whose(path: string, { ino }: Kstat): string {
    if (path !== 'm' && !path.startsWith('m/')) return 'self'
    for (const layer of LAYERS) {
      const other = this.#lstat(layer + path.slice(1))
      if (typeof other !== 'number' && other.ino === ino) return layer
    }
    return 'other'
  }

  #show(path: string | null, st: Kstat): string {
    const when = (sec: number): string => (sec > NOW ? 'now' : String(sec))
    const blocks = (st.mode & S_IFMT) === S_IFREG ? ` b${st.blocks}` : ''
    const rdev = st.rdev === 0 ? '' : ` r${(st.rdev >> 8) & 0xfff}.${st.rdev & 0xff}`
    const own = `${st.mode.toString(8)} n${st.nlink} ${st.uid}:${st.gid} s${st.size}${blocks}${rdev}`
    const times = ` m${when(st.mtime_sec)} a${when(st.atime_sec)}`
    if (path === null) return own + times
    const root = this.#lstat('m')
    const dev = typeof root !== 'number' && root.dev === st.dev ? 'odev' : '-'
    return `${own}${times} ${dev} ${this.#whose(path, st)}`
  }
  #stat(path: string): Answer {
    const st = this.#lstat(path)
    return typeof st === 'number' ? st : this.#show(path, st)
  }
  #fstat(fd: number): Answer {
    const st = new Kstat()
    const rc = this.#sys.fstat(fd, st)
    return rc < 0 ? rc : this.#show(null, st)
  }

  #names(fd: number): { name: string; ino: number; type: number }[] | number {
    const all: { name: string; ino: number; type: number }[] = []
    const buf = new Uint8Array(8192)
    const view = new DataView(buf.buffer)
    for (;;) {
      const n = this.#sys.getdents64(fd, buf)
      if (n < 0) return n
      if (n === 0) return all
      for (let at = 0; at < n; at += view.getUint16(at + 16, true)) {
        const end = buf.indexOf(0, at + 19)
        const name = decoder.decode(buf.subarray(at + 19, end))
        all.push({ name, ino: Number(view.getBigUint64(at, true)), type: buf[at + 18]! })
      }
    }
  }
  #entries(fd: number, path: string): string {
    const names = this.#names(fd)
    if (typeof names === 'number') return String(names)
    return names.map(({ name, ino, type }) => {
      const st = name === '..' ? -1 : this.#lstat(`${path}/${name}`)
      return `${name}:${type}${typeof st === 'number' ? '?' : st.ino === ino ? '=' : '!'} `
    }).join('')
  }
  #ls(path: string): Answer {
    return this.#opened(path, O_RDONLY | O_DIRECTORY, 0, (fd) => this.#entries(fd, path))
  }

  #dump(path: string, shown = path): string {
    const st = this.#lstat(path)
    if (typeof st === 'number') return `${shown} ${st}; `
    const link = (st.mode & S_IFMT) === S_IFLNK ? ` ->${this.#readlink(path)}` : ''
    const own = `${shown} ${this.#show(null, st)}${link} [${this.#listAttrs(path)}]; `
    if ((st.mode & S_IFMT) !== S_IFDIR) return own
    const fd = this.#sys.openat(AT_FDCWD, path, O_RDONLY | O_DIRECTORY, 0)
    const names = this.#names(fd)
    this.#sys.close(fd)
    if (typeof names === 'number') return own
    const below = names.map(({ name }) => name).filter((name) => name !== '.' && name !== '..')
    below.sort((a, b) => (steady(a) < steady(b) ? -1 : 1))
    // names in the work directory are by chance
    return own + below.map((name) =>
      name.startsWith('#') ? `${shown}/#; ` : this.#dump(`${path}/${name}`, `${shown}/${steady(name)}`)).join('')
  }

  #flags(path: string, set: number | null): Answer {
    return this.#opened(path, O_RDONLY | O_NONBLOCK, 0, (fd) => {
      const box = { value: set ?? 0 }
      const rc = this.#sys.ioctl(fd, set === null ? FS_IOC_GETFLAGS : FS_IOC_SETFLAGS, box)
      return set === null ? `${rc} ${box.value.toString(16)}` : rc
    })
  }

  #statfs(path: string): string {
    const s = new Kstatfs()
    const rc = this.#sys.statfs(path, s)
    return `${rc} ${s.f_type.toString(16)} ${s.f_namelen} ${s.f_flags.toString(16)}`
  }
}
