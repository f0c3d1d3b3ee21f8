/** Limits that the kernel keeps for one guest, a task and what it forks, beneath what the machine itself allows. */
import { RLIMIT_NOFILE } from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import type { Growth } from './state/ceiling.ts'
import type { Machine } from './machine.ts'
import { signalOf } from './state/task/thread.ts'

/** Each may be Infinity: no limit. */
export interface Confines extends Growth {
  /** Open ones of each process (RLIMIT_NOFILE). */
  readonly descriptors: number
  /** Of the guest at a time, itself among them (pids controller, in a control group of its own). */
  readonly processes: number
}

/**
 * Holds `task`, which has no threads, to these limits. Returns a function to call when it has ended, or -errno. Files
 * and inodes are those of all file systems in memory, mounted by whomever: while several guests are held, what one
 * adds counts for all.
 */
export const confine = (machine: Machine, task: Task, limits: Confines): (() => void) | number => {
  const { descriptors, processes } = limits
  const leaveGroup = processes === Infinity
    ? () => {}
    : machine.as(task, () => machine.cgroups.confine(task, Math.floor(processes)))
  if (typeof leaveGroup === 'number') return leaveGroup
  const open = signalOf(task).rlim[RLIMIT_NOFILE]!
  const most = Math.min(open.rlim_max, Math.floor(descriptors))
  signalOf(task).rlim[RLIMIT_NOFILE] = { rlim_cur: Math.min(open.rlim_cur, most), rlim_max: most }
  const release = machine.ceiling.hold(limits)
  return () => {
    release()
    leaveGroup()
  }
}
