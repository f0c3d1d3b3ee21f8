/**
 * cgroup2: the hierarchy of control groups as files (kernel/cgroup/cgroup.c). The root of a mount is the root of its
 * maker's cgroup namespace.
 */
import { EINVAL, ENOPARAM, FS_USERNS_MOUNT, fs_value_is_flag } from '@lsmkit/abi'
import type { Dentry, FsContext } from '@lsmkit/core'
import { CGROUP_FLAG_NAMES, noCgroupFlags } from '../state/cgroup/flags.ts'
import type { CgroupFlags } from '../state/cgroup/flags.ts'
import { cgroupNsOf } from './view.ts'
import type { Machine } from '../machine.ts'
import type { FileSystem } from '../state/vfs/driver.ts'

const optionsOf = (fc: FsContext): CgroupFlags => (fc.fs_private ??= noCgroupFlags()) as CgroupFlags

export const cgroup2 = (machine: Machine): FileSystem => {
  const { cgroups, vfs, current } = machine
  const { tree, init_cgroup_ns } = cgroups

  /** As `apply_cgroup_root_flags`: only the first namespace has a say. */
  const apply = (fc: FsContext): void => {
    if (cgroupNsOf(current.task) === init_cgroup_ns) Object.assign(cgroups.flags, optionsOf(fc))
  }

  /** In another namespace, the directory of that namespace's root is mounted. */
  const enterNamespace = (fc: FsContext): number => {
    const { root_cgrp } = cgroupNsOf(current.task)
    if (cgroupNsOf(current.task) === init_cgroup_ns) return 0
    const { d_sb } = fc.root as Dentry
    const dentry = tree.kernfs_node_dentry(root_cgrp.kn, d_sb)
    if (typeof dentry === 'number') {
      fc.root = null
      vfs.sput(d_sb)
      return dentry
    }
    fc.root = dentry
    return 0
  }

  return {
    name: 'cgroup2',
    fs_flags: FS_USERNS_MOUNT,
    owner: () => cgroupNsOf(current.task).user_ns,
    parse_param(fc, { key, type }) {
      const flag = CGROUP_FLAG_NAMES.find((name) => name === key)
      if (flag === undefined) return -ENOPARAM
      if (type !== fs_value_is_flag) return -EINVAL
      optionsOf(fc)[flag] = true
      return 0
    },
    get_tree(fc) {
      cgroups.show()
      const rc = tree.get_tree(fc, null) || enterNamespace(fc)
      if (rc === 0) apply(fc)
      return rc
    },
    reconfigure(fc) {
      apply(fc)
      return 0
    },
  }
}
