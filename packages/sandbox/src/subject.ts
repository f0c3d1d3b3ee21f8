/** The subjects in a box: programs without any privilege, and the host task that works on its files. */
import {
  _LINUX_CAPABILITY_VERSION_3, capAssign, CapSet, errnoName, packUserCap, WNOHANG,
} from '@lsmkit/abi'
import { ref } from '@lsmkit/core'
import type { Task } from '@lsmkit/core'
import type { Kernel } from '@lsmkit/kernel'
import { SandboxError } from './sandbox-error.ts'

export interface Ids {
  readonly uid: number
  readonly gid: number
}

export const must = (rc: number, what: string): number => {
  if (rc < 0) throw new SandboxError('bad-tree', `${what}: ${errnoName(rc)}`)
  return rc
}

export const forked = ({ sys, machine }: Kernel, parent: Task): Task => {
  const pid = must(sys.fork(parent), 'fork')
  return machine.as(parent, () => machine.tasks.findByVpid(pid)) as Task
}

/** Ends a task of the box's own, and takes it from its parent. */
export const endTask = ({ sys }: Kernel, parent: Task, task: Task): void => {
  sys.exit_group(task, 0)
  sys.wait4(parent, task.pid, ref(0), WNOHANG, null)
}

/** No program of it gets a capability by executing anything. */
export const dropBound = ({ machine }: Kernel, task: Task): void => machine.as(task, () => {
  // as prctl(PR_CAPBSET_DROP) of each capability
  const next = machine.creds.prepare_creds()
  if (next === null) throw new SandboxError('bad-tree', 'no memory for credentials without capabilities')
  capAssign(next.cap_bset, new CapSet())
  machine.creds.commit_creds(next)
})

const setCaps = ({ sys }: Kernel, task: Task, set: CapSet): void => {
  const data = packUserCap({ effective: set, permitted: set, inheritable: new CapSet() }, 2)
  must(sys.capset(task, { version: _LINUX_CAPABILITY_VERSION_3, pid: 0 }, data), 'capset')
}

/** The task, which has no groups beside, becomes that user and keeps no capability. */
export const becomeUser = (kernel: Kernel, task: Task, { uid, gid }: Ids): void => {
  const { sys } = kernel
  must(sys.setresgid(task, gid, gid, gid), 'setresgid')
  must(sys.setresuid(task, uid, uid, uid), 'setresuid')
  // who was root and is no more has lost them by that
  const { cap_permitted, cap_effective, cap_inheritable } = task.cred
  const isBare = [cap_permitted, cap_effective, cap_inheritable].every(({ lo, hi }) => lo === 0 && hi === 0)
  if (!isBare) setCaps(kernel, task, new CapSet())
}

/** A child of process 1 that may do all to files, and what it makes belongs to that user. */
export const hostTaskOf = (kernel: Kernel, { uid, gid }: Ids): Task => {
  const task = forked(kernel, kernel.init)
  const { lo, hi } = task.cred.cap_permitted
  const all = new CapSet(lo, hi)
  kernel.sys.setfsgid(task, gid)
  kernel.sys.setfsuid(task, uid)
  // what a change of the user took from the effective set comes back
  setCaps(kernel, task, all)
  return task
}
