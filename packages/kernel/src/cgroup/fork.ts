/** Tasks are born into groups and exit from them (cgroup_can_fork, cgroup_post_fork, cgroup_exit). */
import { CLONE_NEWCGROUP, CLONE_THREAD, EAGAIN, EBADF, SIGKILL } from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import { threadOf } from '../state/task/thread.ts'
import { fget_raw } from '../state/vfs/fdtable.ts'
import type { Cgroup } from '../state/cgroup/cgroup.ts'
import { addNewTask, exitGroup } from '../state/cgroup/membership.ts'
import { settleFrozen, updateFrozen } from './freezer.ts'
import type { CgroupHierarchy } from './hierarchy.ts'
import { attach_permissions, may_write } from './migrate.ts'
import type { CountingGroup, Pids } from '../state/cgroup/pids.ts'

const LOG_INFO = 6

/** The group that CLONE_INTO_CGROUP names, if the caller may put a task there; else -errno. */
const targetOfFork = (hierarchy: CgroupHierarchy, fd: number, clone_flags: number): Cgroup | number => {
  const { current } = hierarchy.machine
  const file = fget_raw(current.task, fd)
  if (file === null) return -EBADF
  const dst = hierarchy.fromFile(file)
  if (typeof dst === 'number') return dst
  const { d_sb } = file.f_path.dentry
  const { cgroup: src, nsproxy } = threadOf(current.task)
  const isProcess = (clone_flags & CLONE_THREAD) === 0
  const rc = may_write(hierarchy, dst, d_sb) ||
    attach_permissions(hierarchy, src, dst, d_sb, isProcess, nsproxy.cgroup_ns)
  return rc !== 0 ? rc : dst
}

/** As `pids_event`: counts a refused fork for the group that forked and for the group with the limit. */
const forkRejected = (hierarchy: CgroupHierarchy, forking: Pids, over: Pids): void => {
  const notify = ({ files: own }: CountingGroup, name: string): void => own.get('pids')?.notify(name)
  forking.forkfail++
  if (forking.forkfail === 1) {
    const path = hierarchy.pathOf(forking.cgroup)
    hierarchy.machine.log.add(LOG_INFO, `cgroup: fork rejected by pids controller in ${path}`)
  }
  if (hierarchy.flags.pids_localevents) {
    for (const name of ['pids.events', 'pids.events.local']) notify(forking.cgroup, name)
    return
  }
  over.max_local++
  notify(over.cgroup, 'pids.events.local')
  for (const at of over.counting()) {
    at.max++
    notify(at.cgroup, 'pids.events')
  }
}

/** As `cgroup_can_fork`: charges a new task to its group, and returns the group. Nothing may fail after it. */
export const can_fork = (hierarchy: CgroupHierarchy, clone_flags: number, into: number | null): Cgroup | number => {
  const cgrp =
    into === null ? threadOf(hierarchy.machine.current.task).cgroup : targetOfFork(hierarchy, into, clone_flags)
  if (typeof cgrp === 'number') return cgrp
  const pids = cgrp.effectivePids
  const over = pids.tryCharge()
  if (over === null) return cgrp
  forkRejected(hierarchy, pids, over)
  return -EAGAIN
}

/** As `cgroup_post_fork`: a new cgroup namespace of the child has the child's group as its root. */
export const post_fork = (hierarchy: CgroupHierarchy, child: Task, clone_flags: number): void => {
  const { cgroup, nsproxy } = threadOf(child)
  const { machine } = hierarchy
  addNewTask(child)
  if (cgroup.e_freeze > 0) settleFrozen(machine, child)
  if (!machine.rules.forksIntoKilledCgroups && cgroup.kills !== threadOf(machine.current.task).cgroup.kills) {
    machine.sendSignal(child, SIGKILL)
  }
  if ((clone_flags & CLONE_NEWCGROUP) !== 0) nsproxy.cgroup_ns.root_cgrp = cgroup
}

export const exit = (hierarchy: CgroupHierarchy, task: Task): void => {
  const thread = threadOf(task)
  thread.frozen = false
  exitGroup(task)
  if (thread.cgroup.e_freeze > 0) updateFrozen(thread.cgroup)
}
