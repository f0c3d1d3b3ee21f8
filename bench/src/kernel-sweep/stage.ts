/** A kernel with one process that has room for everything, and what a crowd of objects around it is. */
import {
  AT_FDCWD, MNT_DETACH, O_CREAT, O_RDONLY, O_WRONLY, RLIMIT_MSGQUEUE, RLIMIT_NOFILE, RLIMIT_NPROC, RLIMIT_SIGPENDING,
} from '@lsmkit/abi'
import { capability } from '@lsmkit/capability'
import { createStack } from '@lsmkit/core'
import type { Task } from '@lsmkit/core'
import { bootKernel } from '@lsmkit/kernel'
import type { Kernel } from '@lsmkit/kernel'

/** Arguments for the calls: some of each, that have to do with the crowd. */
export interface Handles {
  readonly fds: readonly number[]
  readonly paths: readonly string[]
  readonly pids: readonly number[]
  /** Numbers of IPC objects, keys, timers, watches. */
  readonly ids: readonly number[]
  readonly addresses: readonly number[]
}

export interface Stage {
  readonly sys: Kernel['sys']
  readonly machine: Kernel['machine']
  readonly init: Task
  /** The caller. */
  readonly me: Task
  /** Somebody else. */
  readonly other: Task
}

export interface Crowd {
  /** Where a limit says how many there are at most. */
  readonly most?: number
  readonly sets: (stage: Stage) => {
    /** Makes number `i`: -errno fails. */
    readonly add: (i: number) => number
    /** Names for calls once all objects are there. */
    readonly handles?: (count: number) => Partial<Handles>
  }
}
export type Crowds = Readonly<Record<string, Crowd>>

export const must = (rc: number): number => {
  if (rc < 0) throw new Error(`the bench's kernel refused its own set-up: ${rc}`)
  return rc
}

const NR_OPEN = 1_048_576
const LIMITS: readonly (readonly [which: number, most: number])[] = [
  [RLIMIT_NOFILE, NR_OPEN], [RLIMIT_NPROC, Infinity], [RLIMIT_SIGPENDING, Infinity], [RLIMIT_MSGQUEUE, Infinity],
]
/** What `sweep` sends to the caller, which does not care. */
const IGNORED = [10, 29, 40]

/** A tmpfs without limits is on /c. */
export const stage = (): Stage => {
  const { sys, machine, init } = bootKernel({
    stack: createStack({ lsms: [capability()] }),
    sysctl: { file_max: 10_000_000, keys_root_maxkeys: 1e6, keys_root_maxbytes: 1e9 },
  })
  const fork = (): Task => machine.tasks.find(must(sys.fork(init)))!
  const [me, other] = [fork(), fork()]
  for (const [which, most] of LIMITS) must(sys.setrlimit(me, which, { rlim_cur: most, rlim_max: most }))
  for (const sig of IGNORED) must(sys.rt_sigaction(me, sig, { handler: 'ignore', flags: 0, mask: 0n }, null, 8))
  must(sys.mkdir(me, '/c', 0o777))
  must(sys.mount(me, 'c', '/c', 'tmpfs', 0, 'size=0,nr_inodes=0'))
  return { sys, machine, init, me, other }
}

/** The caller ends, and all that is on /c goes. */
export const endOf = ({ sys, machine, init, me }: Stage): void => {
  sys.exit_group(me, 0)
  sys.umount2(init, '/c', MNT_DETACH)
  machine.runRcu()
}

export const open = ({ sys, me }: Stage, path: string, flags = O_RDONLY): number =>
  must(sys.openat(me, AT_FDCWD, path, flags, 0o644))
export const touch = (at: Stage, path: string): number => at.sys.close(at.me, open(at, path, O_CREAT | O_WRONLY))
export const child = ({ sys, machine }: Stage, parent: Task): Task => machine.tasks.find(must(sys.fork(parent)))!

export const bytes = (length: number): Uint8Array => new Uint8Array(length)
/** The first, one in the middle, the last. */
export const some = <T>(all: readonly T[]): T[] => [all[0]!, all[all.length >> 1]!, all.at(-1)!]
export const someOf = (count: number): number[] => [0, count >> 1, count - 1]

/** Open files of the caller, however each is made. */
export const ofFiles = (make: (at: Stage, i: number) => number, most = 100_000): Crowd => ({
  most,
  sets: (at) => {
    const made: number[] = []
    return {
      add: (i) => made.push(must(make(at, i))),
      handles: () => ({
        fds: some(made),
        paths: ['/proc/self/fd', '/proc/self/fdinfo', `/proc/self/fd/${some(made)[1]}`],
      }),
    }
  },
})
