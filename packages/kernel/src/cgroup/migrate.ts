/** Moving tasks between groups (kernel/cgroup/cgroup.c): the permission checks, the target's rules, and the move. */
import { EBUSY, EINVAL, ENOENT, ENOMEM, EOPNOTSUPP, ESRCH, MAY_WRITE, PF_EXITING } from '@lsmkit/abi'
import { nop_mnt_idmap } from '@lsmkit/core'
import type { SuperBlock, Task } from '@lsmkit/core'
import type { KernfsOpenFile } from '../state/kernfs/node.ts'
import { leaderOf, signalOf, threadOf } from '../state/task/thread.ts'
import type { Cgroup } from '../state/cgroup/cgroup.ts'
import { settleFrozen, updateFrozen } from './freezer.ts'
import type { CgroupHierarchy } from './hierarchy.ts'
import type { CgroupNamespace } from '../state/cgroup/namespace.ts'
import { kstrtoint, strstrip } from './number.ts'
import { moveTask } from '../state/cgroup/membership.ts'

/** As `cgroup_migrate_vet_dst`: a group with controllers for its children takes no processes. */
const vetTarget = (dst: Cgroup): number => {
  if (!dst.dom_cgrp.isValidDomain) return -EOPNOTSUPP
  if (dst.canBeThreadRoot || dst.isThreaded) return 0
  return dst.subtree_control.size > 0 ? -EBUSY : 0
}

/** As `cgroup_may_write`: whether the caller may write `cgroup.procs` of the group; 0 or -errno. */
export const may_write = (hierarchy: CgroupHierarchy, cgrp: Cgroup, sb: SuperBlock): number => {
  const inode = hierarchy.tree.kernfs_get_inode(sb, cgrp.files.get(null)!.node('cgroup.procs'))
  if (inode === null) return -ENOMEM
  hierarchy.machine.vfs.ihold(inode)
  const rc = hierarchy.machine.vfs.inode_permission(nop_mnt_idmap, inode, MAY_WRITE)
  hierarchy.machine.vfs.iput(inode)
  return rc
}

/**
 * As `cgroup_procs_write_permission`: the caller needs write access to the closest group above both; with `nsdelegate`
 * both groups have to lie in the caller's namespace.
 */
const writePermission = (
  hierarchy: CgroupHierarchy, src: Cgroup, dst: Cgroup, sb: SuperBlock, ns: CgroupNamespace,
): number => {
  let common = src
  while (!dst.isDescendantOf(common)) common = common.parent!
  const rc = may_write(hierarchy, common, sb)
  if (rc !== 0 || !hierarchy.flags.nsdelegate) return rc
  return src.isDescendantOf(ns.root_cgrp) && dst.isDescendantOf(ns.root_cgrp) ? 0 : -ENOENT
}

/** As `cgroup_attach_permissions`: threads stay within the resources of their process. */
export const attach_permissions = (hierarchy: CgroupHierarchy,
  src: Cgroup, dst: Cgroup, sb: SuperBlock, threadgroup: boolean, ns: CgroupNamespace,
): number => {
  const rc = writePermission(hierarchy, src, dst, sb, ns) || vetTarget(dst)
  if (rc !== 0) return rc
  return !threadgroup && src.dom_cgrp !== dst.dom_cgrp ? -EOPNOTSUPP : 0
}

/** As `cgroup_attach_task`; exiting tasks stay where they are. */
const attach = (hierarchy: CgroupHierarchy, dst: Cgroup, task: Task, threadgroup: boolean): void => {
  for (const one of threadgroup ? [...signalOf(task).threads] : [task]) {
    const src = threadOf(one).cgroup
    if ((one.flags & PF_EXITING) !== 0 || src === dst) continue
    moveTask(one, dst)
    if (src.e_freeze === 0 && dst.e_freeze === 0) continue
    updateFrozen(dst)
    updateFrozen(src)
    settleFrozen(hierarchy.machine, one)
  }
  const { cgroup_attach_task } = hierarchy.machine.tracing.points
  if (cgroup_attach_task.on) cgroup_attach_task.hit(dst, hierarchy.pathOf(dst), task, threadgroup)
}

/** As `cgroup_procs_write_start`: the task with this number; 0 means the caller. */
const taskOf = (hierarchy: CgroupHierarchy, text: string, threadgroup: boolean): Task | number => {
  const pid = kstrtoint(strstrip(text))
  if (typeof pid === 'number' || pid.value < 0) return -EINVAL
  const task = pid.value === 0 ? hierarchy.machine.current.task : hierarchy.machine.tasks.findByVpid(pid.value)
  if (task === null) return -ESRCH
  return threadgroup ? leaderOf(task) : task
}

/** A write to cgroup.procs or cgroup.threads. The credentials of the task that opened the file count. */
export const procs_write = (
  hierarchy: CgroupHierarchy, dst: Cgroup, { file, priv }: KernfsOpenFile, text: string, threadgroup: boolean,
): number => {
  const task = taskOf(hierarchy, text, threadgroup)
  if (typeof task === 'number') return task
  const src = threadOf(task).cgroup
  const saved = hierarchy.machine.creds.override_creds(file.f_cred)
  const rc = attach_permissions(hierarchy, src, dst, file.f_path.dentry.d_sb, threadgroup, priv as CgroupNamespace)
  hierarchy.machine.creds.revert_creds(saved)
  if (rc !== 0) return rc
  attach(hierarchy, dst, task, threadgroup)
  return 0
}
