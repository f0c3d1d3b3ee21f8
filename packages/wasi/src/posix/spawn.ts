/** `spawn`: fork, a few steps of the child, and execve, as posix_spawn has them; the child then runs by itself. */
import {
  AT_FDCWD, EFAULT, EINVAL, ENOSYS, ERESTARTSYS, PF_EXITING, SIG_SETMASK, TIOCSPGRP, waitExited,
} from '@lsmkit/abi'
import { ref } from '@lsmkit/core'
import type { Task } from '@lsmkit/core'
import type { GuestMemory } from '../memory.ts'
import type { Process } from '../process.ts'
import { readText, textList } from '../syscalls/argument.ts'

/**
 * `struct lsmkit_spawn`, all of four bytes: path, argv, envp, actions, how many of them, flags, pgroup, sigdefault,
 * sigmask.
 */
const REQUEST_SIZE = 36
const SETPGROUP = 1
const SETSIGDEF = 2
const SETSIGMASK = 4
const SETSID = 8
const FLAGS = SETPGROUP | SETSIGDEF | SETSIGMASK | SETSID
const MOST_ACTIONS = 1024
const SIGSET_SIZE = 8
const NOT_EXECUTED = 127

/** `struct lsmkit_spawn_action`: kind, fd, second number, path, mode. */
const ACTION_SIZE = 20
type Step = (sys: Process['sys'], child: Task) => number

interface Request {
  readonly path: string
  readonly argv: readonly string[]
  readonly envp: readonly string[]
  readonly steps: readonly Step[]
}

/** The pid, or -errno: that of the step that the child could not make included. */
export const spawn = (process: Process, [at]: readonly number[]): number => {
  const { posix, sys, task, machine } = process
  if (posix === null) return -ENOSYS
  const request = readRequest(process.memory, at! >>> 0)
  if (typeof request === 'number') return request
  const pid = sys.fork(task)
  if (pid < 0) return pid
  const child = machine.as(task, () => machine.tasks.findByVpid(pid)) as Task
  const proceed = becoming(process, child, request)
  const rc = proceed()
  if (rc < 0 && rc !== -ERESTARTSYS) return giveUp(process, child, pid, rc)
  posix.begin(child, process.descriptors, rc === 0 ? null : proceed)
  return pid
}

/** What the child does before it runs: 0 or -errno; -ERESTARTSYS when it has to wait in the middle,
  and then goes on. */
const becoming = (
  { sys }: Process, child: Task, { path, argv, envp, steps }: Request,
): (() => number) => {
  let next = 0
  return () => {
    for (; next < steps.length; next++) {
      const rc = steps[next]!(sys, child)
      if (rc < 0) return rc
    }
    return sys.execve(child, path, argv, envp)
  }
}

/** Nothing is left of a child that could not become the program. */
const giveUp = ({ sys, machine, task }: Process, child: Task, pid: number, rc: number): number => {
  if ((child.flags & PF_EXITING) === 0) machine.exits.do_group_exit(child, waitExited(NOT_EXECUTED))
  sys.wait4(task, pid, ref(0), 0, null)
  return rc
}

type NineWords = [number, number, number, number, number, number, number, number, number]
type FiveWords = [number, number, number, number, number]

/** The words of a struct, each read once; null where it leads out of the memory. */
const readWords = (memory: GuestMemory, at: number, size: number): number[] | null =>
  memory.has(at, size) ? Array.from({ length: size / 4 }, (_, i) => memory.view.getUint32(at + i * 4, true)) : null

const readRequest = (memory: GuestMemory, at: number): Request | number => {
  const request = readWords(memory, at, REQUEST_SIZE)
  if (request === null) return -EFAULT
  const [pathAt, argvAt, envpAt, actionsAt, count, flags, pgroup, sigdefault, sigmask] = request as NineWords
  const path = readText(memory, pathAt)
  const argv = textList(memory, [argvAt], 0)
  const envp = textList(memory, [envpAt], 0)
  if (path === null || argv === null || envp === null) return -EFAULT
  if ((flags & ~FLAGS) !== 0 || count > MOST_ACTIONS) return -EINVAL
  const actions = readWords(memory, actionsAt, count * ACTION_SIZE)
  if (actions === null) return -EFAULT
  const steps: Step[] = attributes(flags, pgroup | 0, sigdefault, sigmask)
  for (let i = 0; i < actions.length; i += ACTION_SIZE / 4) {
    const step = readAction(memory, actions.slice(i, i + ACTION_SIZE / 4) as FiveWords)
    if (typeof step === 'number') return step
    steps.push(step)
  }
  return { path, argv: (argv.value ?? []) as string[], envp: (envp.value ?? []) as string[], steps }
}

/** What comes before the actions, in the order of posix_spawn. */
const attributes = (flags: number, pgroup: number, sigdefault: number, mask: number): Step[] => [
  ...((flags & SETSID) === 0 ? [] : [(sys: Process['sys'], child: Task) => sys.setsid(child)]),
  ...((flags & SETPGROUP) === 0 ? [] : [(sys: Process['sys'], child: Task) => sys.setpgid(child, 0, pgroup)]),
  ...((flags & SETSIGDEF) === 0 ? [] : [(sys: Process['sys'], child: Task) => toDefault(sys, child, sigdefault)]),
  ...((flags & SETSIGMASK) === 0
    ? []
    : [(sys: Process['sys'], child: Task) => sys.rt_sigprocmask(child, SIG_SETMASK, BigInt(mask), null, SIGSET_SIZE)]),
]

const toDefault = (sys: Process['sys'], child: Task, set: number): number => {
  for (let sig = 1; sig <= 31; sig++)
    if ((set & (1 << (sig - 1))) !== 0)
      sys.rt_sigaction(child, sig, { handler: 'default', flags: 0, mask: 0n }, null, SIGSET_SIZE)
  return 0
}

const CLOSE = 1
const DUP2 = 2
const OPEN = 3
const CHDIR = 4
const TCSETPGRP = 5

const readAction = (memory: GuestMemory, [kind, fdWord, secondWord, path, mode]: FiveWords): Step | number => {
  const [fd, second] = [fdWord | 0, secondWord | 0]
  const name = path === 0 ? '' : readText(memory, path)
  if (name === null) return -EFAULT
  switch (kind) {
    case CLOSE: return (sys, child) => sys.close(child, fd)
    case DUP2: return (sys, child) => sys.dup2(child, fd, second)
    case OPEN: return (sys, child) => openAt(sys, child, fd, name, second, mode)
    case CHDIR: return (sys, child) => sys.chdir(child, name)
    case TCSETPGRP: return (sys, child) => sys.ioctl(child, fd, TIOCSPGRP, ref(sys.getpgid(child, 0)))
    default: return -EINVAL
  }
}

/** Opens at a number of its own; the flags are Linux's. */
const openAt = (sys: Process['sys'], child: Task, fd: number, path: string, flags: number, mode: number): number => {
  const opened = sys.openat(child, AT_FDCWD, path, flags, mode)
  if (opened < 0 || opened === fd) return opened
  const rc = sys.dup2(child, opened, fd)
  sys.close(child, opened)
  return rc
}
