/**
 * The cost of each hook on this stack: those that a program of files, memory, processes and sockets asks, again and
 * again with the arguments they had, on a machine like the one that runs, where nothing is recorded.
 */
import {
  AF_UNIX, AT_FDCWD, F_GETFL, MAP_PRIVATE, O_CREAT, O_RDWR, PROT_READ, RLIMIT_CORE, SOCK_STREAM,
} from '@lsmkit/abi'
import { createSubject } from '@lsmkit/cli/subject'
import { hookDefs, hookNames } from '@lsmkit/core'
import type { HookName, Stack, Task } from '@lsmkit/core'
import { VISITOR_UID } from '@lsmkit/demo/tree'
import type { Kernel } from '@lsmkit/kernel'
import type { Machine } from './machine.ts'
import type { HookCost } from './protocol.ts'

/** Milliseconds that one pass takes at least: clocks of browsers tell tenths of them. */
const PASS = 2
const PASSES = 5
const MOST_CALLS = 100_000
const FIRST_CALLS = 2000

type Ask = () => unknown

/** Leaves everything open that hooks were asked about. */
const work = ({ sys }: Kernel, task: Task): void => {
  const path = '/tmp/costs'
  const fd = sys.openat(task, AT_FDCWD, path, O_CREAT | O_RDWR, 0o600)
  sys.write(task, fd, new Uint8Array(16))
  sys.lseek(task, fd, 0, 0)
  sys.read(task, fd, new Uint8Array(16))
  sys.ftruncate(task, fd, 8)
  sys.fcntl(task, fd, F_GETFL, 0)
  sys.flock(task, fd, 1)
  sys.mmap(task, 0, 4096, PROT_READ, MAP_PRIVATE, fd, 0)
  sys.fchmodat(task, AT_FDCWD, path, 0o640)
  sys.setxattr(task, path, 'user.costs', new Uint8Array(1), 0)
  sys.getxattr(task, path, 'user.costs', new Uint8Array(8))
  sys.listxattr(task, path, new Uint8Array(64))
  sys.mkdirat(task, AT_FDCWD, `${path}.d`, 0o700)
  sys.symlinkat(task, path, AT_FDCWD, `${path}.s`)
  sys.readlinkat(task, AT_FDCWD, `${path}.s`, new Uint8Array(64))
  sys.linkat(task, AT_FDCWD, path, AT_FDCWD, `${path}.l`, 0)
  sys.renameat(task, AT_FDCWD, `${path}.l`, AT_FDCWD, `${path}.r`)
  sys.unlinkat(task, AT_FDCWD, `${path}.r`, 0)
  sys.chdir(task, '/tmp')
  sys.fork(task)
  sys.getpgid(task, 0)
  sys.setpgid(task, 0, 0)
  sys.kill(task, task.pid, 0)
  sys.prlimit64(task, task.pid, RLIMIT_CORE, null, { rlim_cur: 0, rlim_max: 0 })
  sys.openat(task, AT_FDCWD, '/etc/shadow', O_RDWR, 0)
  const socket = sys.socket(task, AF_UNIX, SOCK_STREAM, 0)
  sys.listen(task, socket, 1)
}

/** The arguments that each hook was asked with last, while `what` ran. */
const askedDuring = (stack: Stack, what: () => void): ReadonlyMap<HookName, readonly unknown[]> => {
  const asked = new Map<HookName, readonly unknown[]>()
  const links = hookNames.map((hook) =>
    stack.observe(hook, { entry: (...args: readonly unknown[]) => void asked.set(hook, args) }))
  what()
  for (const link of links) link.detach()
  return asked
}

/** What makes or ends something is not asked twice of the same object. */
const isQuestion = (hook: HookName): boolean => {
  const { ret, allocates, special } = hookDefs[hook]
  return ret === 'int' && allocates === null && !special
}

const timeOf = (ask: Ask, calls: number): number => {
  const from = performance.now()
  for (let i = 0; i < calls; i++) ask()
  return performance.now() - from
}

/** By hook, the dearest first; the median of some passes. The machine is used up. */
export const measureCosts = ({ quiet, stack }: Machine): HookCost[] => {
  const task = createSubject(quiet, { uid: VISITOR_UID })
  const asked = askedDuring(stack, () => work(quiet, task))
  stack.current.task = task
  const costs = [...asked].filter(([hook]) => isQuestion(hook)).map(([hook, args]): HookCost => {
    const key = stack.lsm[hook] as unknown as { readonly ask: (...args: readonly unknown[]) => unknown }
    const ask = (): unknown => key.ask(...args)
    let calls = FIRST_CALLS
    while (timeOf(ask, calls) < PASS && calls < MOST_CALLS) calls *= 2
    const passes = Array.from({ length: PASSES }, () => (timeOf(ask, calls) * 1e6) / calls).sort((a, b) => a - b)
    return { hook, calls: calls * PASSES, nanoseconds: passes[PASSES >> 1]! }
  })
  return costs.sort((a, b) => b.nanoseconds - a.nanoseconds)
}
