/** Tasks: ids, limits, signals, tracing, copies. */
import {
  capFromBigInt, CapSet, capToHex, CLONE_PARENT, O_RDONLY, packUserCap, PR_SET_DUMPABLE, PR_SET_KEEPCAPS,
  PR_SET_NO_NEW_PRIVS, PTRACE_ATTACH, PTRACE_DETACH, PTRACE_SEIZE, unpackUserCap, _LINUX_CAPABILITY_VERSION_3,
} from '@lsmkit/abi'
import { Kstat } from '@lsmkit/kernel'
import { percentText } from '../percent.ts'
import type { Actor, World } from '../world.ts'
import { keep, num, plain } from './play.ts'
import type { Answer, Play } from './play.ts'

const SIGRTMIN = 32

const signal = (text = '0'): number => (text.startsWith('rt') ? SIGRTMIN + Number(text.slice(2)) : num(text))

const pidOf = (world: World, of: string | undefined): number => world.actors.get(Number(of))?.task.pid ?? 0

const copy = (world: World, actor: Actor, to: string | undefined, flags: number): Answer => {
  const { kernel } = world
  const pid = kernel.syscall(actor.task, 'clone', (flags | CLONE_PARENT) >>> 0, 0, null, null, 0)
  if (pid < 0) return [pid]
  const task = kernel.machine.tasks.find(pid)!
  world.actors.set(Number(to), { task, slots: new Map(actor.slots), pair: actor.pair })
  return [0, `pid=@${to}`]
}

const limit = (value: number): string => (value === Infinity ? '-1' : String(value))
const limitOf = (text: string | undefined): number => (text === '-1' ? Infinity : num(text))

const setLimit = (world: World, actor: Actor, pid: number, args: readonly string[]): Answer => {
  const [which, soft, hard] = args
  const next = { rlim_cur: limitOf(soft), rlim_max: limitOf(hard) }
  return [world.kernel.sys.prlimit64(actor.task, pid, num(which), next, null)]
}

const trace = (how: number): Play => (world, { task }, [of]) => {
  const { kernel } = world
  const rc = kernel.syscall(task, 'ptrace', how, pidOf(world, of), 0, 0)
  if (rc === 0) kernel.syscall(task, 'ptrace', PTRACE_DETACH, pidOf(world, of), 0, 0)
  return [rc]
}

const vm = (call: string): Play => (world, { task }, [of]) => {
  const remote = [{ iov_base: 0x10000, iov_len: 8 }]
  const rc = world.kernel.syscall(task, call, pidOf(world, of), [new Uint8Array(8)], 1, remote, 1, 0)
  return [Math.min(rc, 0)]
}

const readOther: Play = (world, { task }, [of, file]) => {
  const { sys } = world.kernel
  const fd = sys.open(task, `/proc/${pidOf(world, of)}/${file}`, O_RDONLY, 0)
  if (fd < 0) return [fd]
  const rc = sys.read(task, fd, new Uint8Array(1))
  sys.close(task, fd)
  return [Math.min(rc, 0)]
}

const pidfdKill: Play = (world, { task }, [of, sig]) => {
  const { kernel } = world
  const fd = kernel.syscall(task, 'pidfd_open', pidOf(world, of), 0)
  if (fd < 0) return [fd]
  const number = sig?.startsWith('rt') ? 0 : signal(sig)
  const rc = kernel.syscall(task, 'pidfd_send_signal', fd, number, null, 0)
  kernel.sys.close(task, fd)
  return [rc]
}

const showCaps: Play = ({ kernel }, { task }) => {
  const data = new Uint8Array(24)
  const rc = kernel.sys.capget(task, { version: _LINUX_CAPABILITY_VERSION_3, pid: 0 }, data)
  const sets = unpackUserCap(data, 2)!
  return rc < 0 ? [rc] : [0, [sets.effective, sets.permitted, sets.inheritable].map(capToHex).join(' ')]
}

const keepCaps: Play = ({ kernel }, { task }, [mask]) => {
  const set = capFromBigInt(BigInt(num(mask)))
  const data = packUserCap({ effective: set, permitted: set, inheritable: new CapSet() }, 2)
  return [kernel.sys.capset(task, { version: _LINUX_CAPABILITY_VERSION_3, pid: 0 }, data)]
}

export const taskOperations: Readonly<Record<string, Play>> = {
  nop: () => [0],
  id: ({ kernel: { sys } }, { task }) => [0, `uid=${sys.getuid(task)} euid=${sys.geteuid(task)}`],
  exit({ kernel }, { task }) {
    kernel.sys.exit_group(task, 0)
    return [0]
  },
  nnp: ({ kernel }, { task }) => [kernel.sys.prctl(task, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)],
  dumpable: ({ kernel }, { task }) => [kernel.sys.prctl(task, PR_SET_DUMPABLE, 1, 0, 0, 0)],
  keepcaps: ({ kernel }, { task }) => [kernel.sys.prctl(task, PR_SET_KEEPCAPS, 1, 0, 0, 0)],
  setuid: ({ kernel }, { task }, [id]) => [kernel.sys.setresuid(task, num(id), num(id), num(id))],
  setgid: ({ kernel }, { task }, [id]) => [kernel.sys.setresgid(task, num(id), num(id), num(id))],
  setfsuid: ({ kernel }, { task }, [id]) => [Math.min(kernel.sys.setfsuid(task, num(id)), 0)],
  capget: showCaps,
  capkeep: keepCaps,
  fork: (world, actor, [to]) => copy(world, actor, to, 0),
  clone: (world, actor, [to, flags]) => copy(world, actor, to, num(flags)),
  unshare: plain('unshare', 'n'),
  kill: (world, { task }, [of, sig]) => [world.kernel.sys.kill(task, pidOf(world, of), signal(sig))],
  pidfd_kill: pidfdKill,
  ptrace_attach: trace(PTRACE_ATTACH),
  ptrace_seize: trace(PTRACE_SEIZE),
  ptrace_hold: (world, { task }, [of]) =>
    [world.kernel.syscall(task, 'ptrace', PTRACE_SEIZE, pidOf(world, of), 0, 0)],
  vm_readv: vm('process_vm_readv'),
  vm_writev: vm('process_vm_writev'),
  procread: readOther,
  proclink(world, { task }, [of, file]) {
    const buf = new Uint8Array(4096)
    const rc = world.kernel.sys.readlink(task, `/proc/${pidOf(world, of)}/${file}`, buf)
    return rc < 0 ? [rc] : [0, percentText(buf.subarray(0, rc), true)]
  },
  kcmp: (world, { task }, [of]) =>
    [Math.min(world.kernel.syscall(task, 'kcmp', task.pid, pidOf(world, of), 0, 0, 0), 0)],
  pidfd_getfd(world, actor, [of, fd]) {
    const { kernel } = world
    const pidfd = kernel.syscall(actor.task, 'pidfd_open', pidOf(world, of), 0)
    if (pidfd < 0) return [pidfd]
    const rc = kernel.syscall(actor.task, 'pidfd_getfd', pidfd, num(fd), 0)
    kernel.sys.close(actor.task, pidfd)
    return keep(world, actor, '9', rc)
  },
  getpriority: ({ kernel }, { task }) => [Math.min(kernel.syscall(task, 'getpriority', 0, 0), 0)],
  setpriority: (world, { task }, [nice, of]) =>
    [world.kernel.syscall(task, 'setpriority', 0, of === undefined ? 0 : pidOf(world, of), num(nice))],
  sched: ({ kernel }, { task }) => [kernel.syscall(task, 'sched_setscheduler', 0, 1, { sched_priority: 1 })],
  getrlimit({ kernel }, { task }, [which]) {
    const old = { rlim_cur: 0, rlim_max: 0 }
    const rc = kernel.sys.prlimit64(task, 0, num(which), null, old)
    return rc < 0 ? [rc] : [0, `${limit(old.rlim_cur)} ${limit(old.rlim_max)}`]
  },
  setrlimit: (world, actor, args) => setLimit(world, actor, 0, args),
  prlimit: (world, actor, [of, ...args]) => setLimit(world, actor, pidOf(world, of), args),
  fdinfo: (world, actor) => [0, fdInfo(world, actor)],
}

const S_IFMT = 0o170000
const kinds: Readonly<Record<number, string>> = {
  0o20000: 'chr', 0o140000: 'sock', 0o100000: 'file', 0o40000: 'dir', 0o10000: 'fifo',
}

/** The kind of a descriptor. */
export const fdKind = ({ kernel }: World, { task }: Actor, fd: number): string => {
  const stat = new Kstat()
  const rc = kernel.sys.fstat(task, fd, stat)
  return rc < 0 ? 'none' : kinds[stat.mode & S_IFMT] ?? 'other'
}

/** What kept descriptors are now. */
const fdInfo = (world: World, actor: Actor): string => [...actor.slots].sort(([a], [b]) => a - b)
  .map(([at, fd]) => `${at}:${fdKind(world, actor, fd)}`).join(' ')
