/** Cgroup namespaces (kernel/cgroup/namespace.c): which group its members take for the root. */
import type { Task, UserNamespace } from '@lsmkit/core'
import { wayFrom } from '../fs/kernfs/node.ts'
import type { KernfsNode } from '../fs/kernfs/node.ts'
import type { NsCommon } from '../task/namespaces.ts'
import { threadOf } from '../task/thread.ts'
import type { Cgroup } from './cgroup.ts'

export class CgroupNamespace implements NsCommon {
  readonly inum: number
  readonly user_ns: UserNamespace
  /** Of a task that is being made into it: settled when the task is there. */
  root_cgrp: Cgroup

  constructor(user_ns: UserNamespace, inum: number, root_cgrp: Cgroup) {
    this.user_ns = user_ns
    this.inum = inum
    this.root_cgrp = root_cgrp
  }
}

export const cgroupNsOf = (task: Task): CgroupNamespace => threadOf(task).nsproxy.cgroup_ns

/** As `kernfs_path_from_node`: how `from` calls `to`, by `..` where that lies elsewhere. */
export const pathFrom = (from: KernfsNode, to: KernfsNode): string => {
  const { up, down } = wayFrom(from, to)
  return '/..'.repeat(up) + down.map((name) => `/${name}`).join('') || '/'
}
