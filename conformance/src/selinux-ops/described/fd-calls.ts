/** Calls on descriptors and memory, as descriptions name them. */
import { MAP_ANONYMOUS, MAP_PRIVATE, MAP_SHARED, PROT_EXEC, PROT_READ, PROT_WRITE, SEEK_SET, SIGURG } from '@lsmkit/abi'
import { ref } from '@lsmkit/core'
import { Kstat, spaceOf } from '@lsmkit/kernel'
import { encode, object } from '../world.ts'
import type { Calls } from '../world.ts'
import type { Reader } from './file-calls.ts'
import { flagsIn, numberOf } from './words.ts'

const PAGE = 4096
const UFFDIO_API = 0xc018aa3f
const done = (rc: number): number => Math.min(rc, 0)

const on = (call: (sys: Calls, fd: number, args: readonly string[]) => number): Reader => (scene, args, note) => {
  const fd = scene.descriptor(args[0] ?? (/\bfd\b/.test(note) ? note : undefined))
  return (sys) => done(call(sys, fd(), args))
}
/** Of a pair or a pipe the other end is read. */
const read: Reader = (scene, args, note) => {
  const fd = scene.descriptor(args[0] ?? (/\bfd\b/.test(note) ? note : undefined))
  return (sys) => done(sys.read(scene.second >= 0 ? scene.second : fd(), new Uint8Array(8)))
}
const number = (args: readonly string[], fallback: number): number =>
  args.slice(1).map(numberOf).find((value) => value !== null) ?? fallback

const lock = (l_type: number) => ({ l_type, l_whence: SEEK_SET, l_start: 0, l_len: 0, l_pid: 0 })

/** The argument of a command of fcntl. */
const fcntlArg = (command: string, value: string | undefined): unknown => {
  if (/SETLK|GETLK/.test(command)) return lock(numberOf(value ?? 'F_RDLCK') ?? 0)
  if (command === 'F_SETSIG') return numberOf(value ?? '') ?? SIGURG
  return numberOf(value ?? '') ?? 0
}

const protOf = (args: readonly string[]): number => {
  const flags = flagsIn(args.join(' '), 'PROT_')
  const short = args.join(' ').match(/(?:^|[\s(|])([RWX](?:\|[RWX])*|RWX?|RX)(?=$|[\s,|)])/)?.[1] ?? ''
  return flags | (/R/.test(short) ? PROT_READ : 0) | (/W/.test(short) ? PROT_WRITE : 0) | (/X/.test(short) ? PROT_EXEC : 0)
}

const TWICE = /\btwice\b/

export const fdCalls: Readonly<Record<string, Reader>> = {
  read: (scene, args, note) => {
    const step = read(scene, args, note)
    return TWICE.test(note) ? (sys) => step(sys) || step(sys) : step
  },
  readv: on((sys, fd) => sys.readv(fd, [new Uint8Array(4)])),
  pread: on((sys, fd) => sys.pread64(fd, new Uint8Array(4), 0)),
  write: (scene, args, note) => {
    const fd = scene.descriptor(args[0] ?? (/\bfd\b/.test(note) ? note : undefined))
    const data = /eventfd/.test(scene.text) ? Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0) : encode('x')
    return (sys) => done(sys.write(fd(), data))
  },
  writev: on((sys, fd) => sys.writev(fd, [encode('x')])),
  pwrite: on((sys, fd) => sys.pwrite64(fd, encode('x'), 0)),
  fstat: on((sys, fd) => sys.fstat(fd, new Kstat())),
  fchmod: on((sys, fd, args) => sys.fchmod(fd, number(args, 0o600))),
  fchown: on((sys, fd) => sys.fchown(fd, 1000, 1000)),
  futimens: on((sys, fd) => sys.utimensat(fd, null, null, 0)),
  ftruncate: on((sys, fd) => sys.ftruncate(fd, 1)),
  fallocate: on((sys, fd) => sys.fallocate(fd, 0, 0, PAGE)),
  fsync: on((sys, fd) => sys.fsync(fd)),
  fdatasync: on((sys, fd) => sys.fdatasync(fd)),
  fchdir: on((sys, fd) => sys.fchdir(fd)),
  lseek: on((sys, fd) => sys.lseek(fd, 0, SEEK_SET)),
  dup: on((sys, fd) => sys.dup(fd)),
  dup2: on((sys, fd) => sys.dup2(fd, 20)),
  close: on((sys, fd) => sys.close(fd)),
  flock: on((sys, fd, args) => sys.flock(fd, number(args, 1))),
  getdents64: on((sys, fd) => sys.getdents64(fd, new Uint8Array(1024))),
  posix_fadvise: on((sys, fd) => sys.fadvise64(fd, 0, 0, 4)),
  readahead: on((sys, fd) => sys.readahead(fd, 0, PAGE)),
  fgetxattr: on((sys, fd, args) =>
    sys.fgetxattr(fd, args[1]?.replaceAll('"', '') ?? 'security.selinux', new Uint8Array(99))),
  fsetxattr: (scene, args) => {
    const fd = scene.descriptor(args[0])
    const name = args[1]?.replaceAll('"', '') ?? ''
    const value = name === 'security.selinux' ? object(/\w+_t\b/.exec(args[2] ?? '')?.[0] ?? 'l_t') : '1'
    return (sys) => {
      const rc = sys.fsetxattr(fd(), name, encode(value), 0)
      return rc === 0 && name === 'security.selinux' ? { rc, result: `created=${scene.world.labelOf('f')}` } : rc
    }
  },
  fcntl: on((sys, fd, args) => {
    const at = args.findIndex((arg) => arg.startsWith('F_'))
    const command = args[at] ?? ''
    return sys.fcntl(fd, numberOf(command)!, fcntlArg(command, args[at + 1]) as never)
  }),
  ioctl: on((sys, fd, args) => {
    const at = args.findIndex((arg) => /^[A-Z]\w+|^0x/.test(arg))
    const command = /^[A-Z]\w+|0x[\da-f]+/.exec(args[at] ?? '')?.[0] ?? '0'
    if (command === 'UFFDIO_API') return sys.ioctl(fd, UFFDIO_API, { api: 0xaa, features: 0, ioctls: 0 })
    return sys.ioctl(fd, numberOf(command)!, ref(numberOf(args[at + 1] ?? '') ?? 1))
  }),
  sendfile: (scene) => {
    scene.make('f')
    scene.world.file('g', 'l_t')
    const [from, to] = [scene.world.fd('f', 0), scene.world.fd('g', 2)]
    return (sys) => done(sys.sendfile(to, from, null, 4))
  },
  copy_file_range: (scene) => {
    scene.world.file('g', 'l_t')
    const [from, to] = [scene.world.fd('f', 0), scene.world.fd('g', 2)]
    return (sys) => done(sys.copy_file_range(from, null, to, null, 4, 0))
  },
  splice: (scene) => {
    const from = scene.world.fd('f', 0)
    return (sys) => {
      const fds: number[] = []
      const rc = sys.pipe(fds)
      return rc < 0 ? rc : done(sys.splice(from, null, fds[1]!, null, 4, 0))
    }
  },
  epoll_create1: (scene) => (sys) => (scene.second = sys.epoll_create1(0)),
  epoll_ctl: (scene, args) => {
    const fd = scene.descriptor(args.find((arg) => /\bfd\b/.test(arg)))
    return (sys) => sys.epoll_ctl(scene.second, 1, fd(), { events: 1, data: 0n } as never)
  },
  memfd_create: (scene) => (sys) => (scene.fd = sys.memfd_create('m', 0)),
  eventfd: (scene) => (sys) => (scene.fd = sys.eventfd2(0, 0)),

  mmap: (scene, args) => {
    const anonymous = args.some((arg) => /anonymous|MAP_ANON/.test(arg))
    const given = flagsIn(args.join(' '), 'MAP_')
    const flags = (given & (MAP_SHARED | MAP_PRIVATE)) === 0 ? given | MAP_PRIVATE : given
    const prot = protOf(args)
    const wantsWrite = (flags & 3) === 1 && (prot & PROT_WRITE) !== 0 || /O_RDWR/.test(args.join(' '))
    const own = scene.opens && !args.some((arg) => /\bfd\b/.test(arg))
    const inherited = wantsWrite ? 'inherited fd O_RDWR' : 'inherited fd'
    const fd = own ? () => scene.fd : anonymous ? () => -1 : scene.descriptor(inherited)
    return (sys) => {
      scene.address = sys.mmap(0, PAGE, prot, anonymous ? flags | MAP_ANONYMOUS : flags, fd(), 0)
      return done(scene.address)
    }
  },
  mprotect: (scene, args) => {
    const prot = protOf(args)
    if (/\bstack\b/.test(args[0] ?? '')) {
      return (sys) => {
        const { start_stack } = scene.world.actor.mm!
        const { vmas } = spaceOf(scene.world.actor.mm!)
        const { vm_start, vm_end } = vmas.find((vma) => vma.vm_start <= start_stack && vma.vm_end >= start_stack)!
        return sys.mprotect(vm_start, vm_end - vm_start, prot)
      }
    }
    if (/\b(?:heap|brk)\b/.test(args[0] ?? '')) {
      return (sys) => {
        const at = sys.brk(0)
        sys.brk(at + PAGE)
        return sys.mprotect(at, PAGE, prot)
      }
    }
    return (sys) => {
      if (/write to it/.test(scene.text)) {
        for (const vma of spaceOf(scene.world.actor.mm!).vmas) if (vma.vm_start === scene.address) vma.anon_vma = true
      }
      return sys.mprotect(scene.address, PAGE, prot)
    }
  },
}
