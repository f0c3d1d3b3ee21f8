/** Making and removing groups, which are directories of the hierarchy (kernel/cgroup/cgroup.c). */
import { EAGAIN, EBUSY, EINVAL } from '@lsmkit/abi'
import type { KernfsNode, KernfsRules } from '../state/kernfs/node.ts'
import { COST } from '../state/memory-costs.ts'
import { Cgroup, cgroupAt } from '../state/cgroup/cgroup.ts'
import { CGROUP_FLAG_NAMES } from '../state/cgroup/flags.ts'
import { inheritControllers } from './control.ts'
import { updateFrozen } from './freezer.ts'
import type { CgroupHierarchy } from './hierarchy.ts'
import { cgroupNsOf, pathFrom } from './view.ts'

/** As `cgroup_check_hierarchy_limits`. */
const isWithinLimits = (parent: Cgroup): boolean => {
  let depth = 0
  for (const at of [parent, ...parent.ancestors()]) {
    if (at.nr_descendants >= at.max_descendants || depth >= at.max_depth) return false
    depth++
  }
  return true
}

/** As `cgroup_mkdir`: 0 or -errno. */
export const cgroup_mkdir = (
  hierarchy: CgroupHierarchy, parent: KernfsNode, name: string, mode: number,
): number => {
  const { machine, root } = hierarchy
  const point = machine.tracing.points.cgroup_mkdir
  // each line of /proc/PID/cgroup is one path
  if (name.includes('\n')) return -EINVAL
  const above = cgroupAt(parent)
  if (!isWithinLimits(above)) return -EAGAIN
  const { fsuid: uid, fsgid: gid } = machine.current.task.cred
  const kn = root.mkdir(parent, name, mode & 0o7777, { uid, gid })
  if (typeof kn === 'number') return kn
  const cgrp = new Cgroup(above, kn)
  kn.force(COST.cgroup)
  kn.priv = cgrp
  above.children.add(cgrp)
  for (const at of cgrp.ancestors()) at.nr_descendants++
  const rc = hierarchy.files.add(cgrp, null) || inheritControllers(hierarchy, cgrp)
  if (rc !== 0) cgroup_destroy(hierarchy, cgrp)
  else if (point.on) point.hit(cgrp, hierarchy.pathOf(cgrp))
  return rc
}

/** As `cgroup_destroy_locked`: 0 or -errno. */
export const cgroup_destroy = (hierarchy: CgroupHierarchy, cgrp: Cgroup): number => {
  const { cgroup_rmdir, cgroup_release } = hierarchy.machine.tracing.points
  if (cgrp.isPopulated || cgrp.children.size > 0) return -EBUSY
  const parent = cgrp.parent!
  const path = cgroup_rmdir.on || cgroup_release.on ? hierarchy.pathOf(cgrp) : ''
  cgrp.dead = true
  hierarchy.root.remove(cgrp.kn)
  parent.children.delete(cgrp)
  if (cgrp.isThreaded) parent.nr_threaded_children--
  for (const at of cgrp.ancestors()) {
    at.nr_descendants--
    if (cgrp.members > 0) at.nr_dying_descendants++
  }
  updateFrozen(parent)
  for (const step of hierarchy.onOffline) step(cgrp)
  if (cgroup_rmdir.on) cgroup_rmdir.hit(cgrp, path)
  if (cgroup_release.on && cgrp.members === 0) hierarchy.machine.callRcu(() => cgroup_release.hit(cgrp, path))
  return 0
}

/** Directory operations and mount options of the cgroup file system. */
export const kernfsRules = (hierarchy: CgroupHierarchy): KernfsRules => ({
  mkdir: (parent, name, mode) => cgroup_mkdir(hierarchy, parent, name, mode),
  rmdir: (kn) => cgroup_destroy(hierarchy, cgroupAt(kn)),
  user_xattr: true,
  exportop: true,
  super_ops: {
    show_options: (m) => {
      m.text += CGROUP_FLAG_NAMES.map((name) => (hierarchy.flags[name] ? `,${name}` : '')).join('')
      return 0
    },
    show_path: (dentry) => {
      const { root_cgrp } = cgroupNsOf(hierarchy.machine.current.task)
      return pathFrom(root_cgrp.kn, hierarchy.tree.kernfs_node_from_dentry(dentry)!)
    },
  },
})
