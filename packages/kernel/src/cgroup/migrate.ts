/** Moving tasks between groups (kernel/cgroup/cgroup.c): who may, whether the target takes them, and the move. */
import { EBUSY, EINVAL, ENOENT, ENOMEM, EOPNOTSUPP, ESRCH, MAY_WRITE, PF_EXITING } from '@lsmkit/abi'
import { nop_mnt_idmap } from '@lsmkit/core'
import type { SuperBlock, Task } from '@lsmkit/core'
import type { KernfsOpenFile } from '../state/kernfs/node.ts'
import type { Machine } from '../machine.ts'
import type { Kernfs } from '../fs/kernfs/kernfs.ts'
import { leaderOf, signalOf, threadOf } from '../state/task/thread.ts'
import type { Cgroup } from '../state/cgroup/cgroup.ts'
import type { CgroupFreezer } from './freezer.ts'
import { pathFrom } from './view.ts'
import type { CgroupNamespace } from '../state/cgroup/namespace.ts'
import { kstrtoint, strstrip } from './number.ts'
import type { Membership } from '../state/cgroup/membership.ts'

/** As `cgroup_migrate_vet_dst`: no processes beside groups that controllers count. */
const vetTarget = (dst: Cgroup): number => {
  if (!dst.dom_cgrp.isValidDomain) return -EOPNOTSUPP
  if (dst.canBeThreadRoot || dst.isThreaded) return 0
  return dst.subtree_control.size > 0 ? -EBUSY : 0
}

export const cgroupMigration = (
  machine: Machine,
  { kernfs_get_inode }: Kernfs,
  membership: Membership,
  freezer: CgroupFreezer,
  isDelegated: () => boolean,
) => {
  const { current, vfs, creds, tracing: { points: { cgroup_attach_task } } } = machine

  /** As `cgroup_may_write`: the file that takes processes is writable for the caller. */
  const may_write = (cgrp: Cgroup, sb: SuperBlock): number => {
    const inode = kernfs_get_inode(sb, cgrp.files.get(null)!.node('cgroup.procs'))
    if (inode === null) return -ENOMEM
    vfs.ihold(inode)
    const rc = vfs.inode_permission(nop_mnt_idmap, inode, MAY_WRITE)
    vfs.iput(inode)
    return rc
  }

  /** As `cgroup_procs_write_permission`: whoever moves tasks must rule what both groups lie in, and see both. */
  const writePermission = (src: Cgroup, dst: Cgroup, sb: SuperBlock, ns: CgroupNamespace): number => {
    let common = src
    while (!dst.isDescendantOf(common)) common = common.parent!
    const rc = may_write(common, sb)
    if (rc !== 0 || !isDelegated()) return rc
    return src.isDescendantOf(ns.root_cgrp) && dst.isDescendantOf(ns.root_cgrp) ? 0 : -ENOENT
  }

  /** As `cgroup_attach_permissions`: threads stay within the resources of their process. */
  const attach_permissions = (
    src: Cgroup, dst: Cgroup, sb: SuperBlock, threadgroup: boolean, ns: CgroupNamespace,
  ): number => {
    const rc = writePermission(src, dst, sb, ns) || vetTarget(dst)
    if (rc !== 0) return rc
    return !threadgroup && src.dom_cgrp !== dst.dom_cgrp ? -EOPNOTSUPP : 0
  }

  /** As `cgroup_attach_task`; what is exiting stays where it is. */
  const attach = (dst: Cgroup, task: Task, threadgroup: boolean): void => {
    for (const one of threadgroup ? [...signalOf(task).threads] : [task]) {
      const src = threadOf(one).cgroup
      if ((one.flags & PF_EXITING) !== 0 || src === dst) continue
      membership.move(one, dst)
      if (src.e_freeze === 0 && dst.e_freeze === 0) continue
      freezer.update(dst)
      freezer.update(src)
      freezer.settle(one)
    }
    if (cgroup_attach_task.on) cgroup_attach_task.hit(dst, pathFrom(machine.cgroups.root.kn, dst.kn), task, threadgroup)
  }

  /** As `cgroup_procs_write_start`: 0 is the caller. */
  const taskOf = (text: string, threadgroup: boolean): Task | number => {
    const pid = kstrtoint(strstrip(text))
    if (typeof pid === 'number' || pid.value < 0) return -EINVAL
    const task = pid.value === 0 ? current.task : machine.tasks.findByVpid(pid.value)
    if (task === null) return -ESRCH
    return threadgroup ? leaderOf(task) : task
  }

  /** A write to cgroup.procs or cgroup.threads: who opened the file is asked about, not who was handed it. */
  const procs_write = (dst: Cgroup, { file, priv }: KernfsOpenFile, text: string, threadgroup: boolean): number => {
    const task = taskOf(text, threadgroup)
    if (typeof task === 'number') return task
    const src = threadOf(task).cgroup
    const saved = creds.override_creds(file.f_cred)
    const rc = attach_permissions(src, dst, file.f_path.dentry.d_sb, threadgroup, priv as CgroupNamespace)
    creds.revert_creds(saved)
    if (rc !== 0) return rc
    attach(dst, task, threadgroup)
    return 0
  }

  return { may_write, attach_permissions, procs_write }
}
export type CgroupMigration = ReturnType<typeof cgroupMigration>
