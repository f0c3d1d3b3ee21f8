/** The world a session plays in: an empty tmpfs with only /proc, process 1, and the actors it has forked. */
import {
  capAssign, capFromHex, CAP_EMPTY_SET, O_RDWR, RLIMIT_FSIZE, RLIMIT_NOFILE, SIG_BLOCK, SIGALRM, SIGBUS, SIGCHLD,
  SIGFPE, SIGILL, SIGKILL, SIGPIPE, SIGSEGV, SIGSTOP, SIGSYS, SIGTRAP, SIGXFSZ,
} from '@lsmkit/abi'
import { capability } from '@lsmkit/capability'
import { createStack, profiles } from '@lsmkit/core'
import type { Cred, File, Profile, Stack, Task } from '@lsmkit/core'
import { bootKernel, fdTable, hostFormat } from '@lsmkit/kernel'
import type { Kernel, NativeProcess } from '@lsmkit/kernel'
import type { Actor, Header } from './session.ts'

/** An ELF identification, with a mark of our own in its padding: other files may begin like ELF programs, too. */
const ELF_MAGIC = [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, 0, 0x6c, 0x73, 0x6d, 0x6b, 0x69, 0x74, 0]
const UNBLOCKED = [SIGKILL, SIGSTOP, SIGALRM, SIGCHLD, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS]

/** The report program's file: its size, and the magic of an ELF program. */
export const reportProgram = (size: number): Uint8Array => {
  const bytes = new Uint8Array(size)
  bytes.set(ELF_MAGIC)
  return bytes
}

export interface World {
  readonly kernel: Kernel
  readonly header: Header
  readonly actors: readonly Task[]
  /** The last output of the report program. */
  report: NativeProcess | null
  /** Children left running by `hold`, by actor and number. */
  readonly held: Map<Task, Task[]>
  /** Inodes of the root file system in the order of first sight. */
  readonly inodes: Map<number, number>
  readonly panics: string[]
}

const number = (header: Header, name: string): number => Number(header.sysctl[name])

const setCreds = (cred: Cred, { uid, gid, groups, caps }: Actor, bounding: string): void => {
  cred.uid = cred.euid = cred.suid = cred.fsuid = uid
  cred.gid = cred.egid = cred.sgid = cred.fsgid = gid
  cred.group_info = { gid: [...groups].sort((a, b) => a - b) }
  const bset = capFromHex(bounding)!
  const own = caps === 'all' ? bset : capFromHex(caps)!
  capAssign(cred.cap_bset, bset)
  capAssign(cred.cap_permitted, own)
  capAssign(cred.cap_effective, own)
  capAssign(cred.cap_inheritable, CAP_EMPTY_SET)
  capAssign(cred.cap_ambient, CAP_EMPTY_SET)
}

/** /dev/null of a devtmpfs that no path of the session leads to. */
const openNull = (kernel: Kernel): File => {
  const { vfs } = kernel.machine
  const fc = vfs.fs_context_for_mount(kernel.machine.filesystem('devtmpfs')!, 0)
  vfs.vfs_get_tree(fc)
  const mnt = vfs.alloc_mount(fc.root!, 0, 'dev')
  vfs.put_fs_context(fc)
  const op = { open_flag: O_RDWR, mode: 0, acc_mode: 6, intent: 0x100, lookup_flags: 1 }
  const file = vfs.do_filp_open(-1, 'null', op, { mnt, dentry: mnt.mnt_root })
  if (typeof file === 'number') throw new Error(`/dev/null: ${file}`)
  return file
}

const blockedSignals = (): bigint => {
  let set = 0n
  for (let sig = 1; sig <= 64; sig++) if (!UNBLOCKED.includes(sig)) set |= 1n << BigInt(sig - 1)
  return set
}

const makeActor = (kernel: Kernel, actor: Actor, bounding: string): Task => {
  const { sys, init, machine } = kernel
  const task = machine.tasks.find(sys.fork(init))!
  setCreds(task.cred, actor, bounding)
  sys.umask(task, Number.parseInt(actor.umask, 8))
  sys.rt_sigprocmask(task, SIG_BLOCK, blockedSignals(), null, 8)
  for (const sig of [SIGPIPE, SIGXFSZ]) sys.rt_sigaction(task, sig, { handler: 'ignore', flags: 0, mask: 0n }, null, 8)
  return task
}

/** The rules of the kernel that a table was recorded on. */
const profileOf = (header: Header): Profile => {
  const profile = profiles.find((one) => header.kernel.startsWith(`${one}.`))
  if (profile === undefined) throw new Error(`there are no rules of the kernel \`${header.kernel}\``)
  return profile
}

/**
 * Boots and makes the actors in order: actor n is process n + 2. `onBoot` sees the kernel before any call is made,
 * and gives the one to use; `profile` is another release than the recorded one's.
 */
export const makeWorld = (
  header: Header, actors: readonly Actor[], onBoot?: (kernel: Kernel, stack: Stack) => Kernel,
  profile = profileOf(header),
): World => {
  const panics: string[] = []
  const stack = createStack({ lsms: [capability()], profile })
  const booted = bootKernel({
    stack,
    usualMounts: false,
    mounts: [{ type: 'proc', target: '/proc' }],
    onPanic: (call, error) => panics.push(`${call}: ${String((error as Error).stack ?? error)}`),
    sysctl: {
      protected_hardlinks: number(header, 'protected_hardlinks'),
      protected_symlinks: number(header, 'protected_symlinks'),
      protected_regular: number(header, 'protected_regular'),
      protected_fifos: number(header, 'protected_fifos'),
      suid_dumpable: number(header, 'suid_dumpable'),
      pipe_max_size: number(header, 'pipe-max-size'),
    },
  })
  const kernel = onBoot?.(booted, stack) ?? booted
  const { init, sys, machine } = kernel
  sys.setsid(init)
  setCreds(init.cred, { uid: 0, gid: 0, groups: [], caps: 'all', umask: '0022' }, header.bounding)
  init.signal!.rlim[RLIMIT_NOFILE] = { rlim_cur: 1024, rlim_max: 4096 }
  init.signal!.rlim[RLIMIT_FSIZE] = { rlim_cur: Infinity, rlim_max: Infinity }
  const file = openNull(kernel)
  file.f_count = 3
  for (const fd of [0, 1, 2]) fdTable(init).replace(fd, file, false)
  const tasks = actors.map((actor) => makeActor(kernel, actor, header.bounding))
  const world: World = {
    kernel, header, actors: tasks, report: null, held: new Map(), inodes: new Map(), panics,
  }
  const isElf = (buf: Uint8Array): boolean => ELF_MAGIC.every((byte, i) => buf[i] === byte)
  machine.exec.registerBinfmt(hostFormat(machine, 'report', isElf, (process) => {
    world.report = process
    return 0
  }))
  return world
}
