/** Resource limits: what init starts with. */
import {
  INR_OPEN_CUR, INR_OPEN_MAX, MLOCK_LIMIT, MQ_BYTES_MAX, RLIM_INFINITY, RLIM_NLIMITS, RLIMIT_CORE, RLIMIT_MEMLOCK,
  RLIMIT_MSGQUEUE, RLIMIT_NICE, RLIMIT_NOFILE, RLIMIT_NPROC, RLIMIT_RTPRIO, RLIMIT_SIGPENDING, RLIMIT_STACK, _STK_LIM,
} from '@lsmkit/abi'
import type { Rlimit, Task } from '@lsmkit/core'
import { signalOf } from './thread.ts'

/** Threads a kernel of this size allows; half of it is the default limit of a user. */
export const MAX_THREADS = 63_488

const limits: Readonly<Record<number, readonly [soft: number, hard: number]>> = {
  [RLIMIT_STACK]: [_STK_LIM, RLIM_INFINITY],
  [RLIMIT_CORE]: [0, RLIM_INFINITY],
  [RLIMIT_NPROC]: [MAX_THREADS / 2, MAX_THREADS / 2],
  [RLIMIT_NOFILE]: [INR_OPEN_CUR, INR_OPEN_MAX],
  [RLIMIT_MEMLOCK]: [MLOCK_LIMIT, MLOCK_LIMIT],
  [RLIMIT_SIGPENDING]: [MAX_THREADS / 2, MAX_THREADS / 2],
  [RLIMIT_MSGQUEUE]: [MQ_BYTES_MAX, MQ_BYTES_MAX],
  [RLIMIT_NICE]: [0, 0],
  [RLIMIT_RTPRIO]: [0, 0],
}

/** INIT_RLIMITS, as fork_init completes them. */
export const initRlimits = (): Rlimit[] =>
  Array.from({ length: RLIM_NLIMITS }, (_, resource) => {
    const [rlim_cur, rlim_max] = limits[resource] ?? [RLIM_INFINITY, RLIM_INFINITY]
    return { rlim_cur, rlim_max }
  })

/** The soft limit of a task. */
export const rlimit = (task: Task, resource: number): number => signalOf(task).rlim[resource]!.rlim_cur
