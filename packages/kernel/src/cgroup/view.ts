/** How control groups look to a task: by the root of its cgroup namespace. */
import type { Task } from '@lsmkit/core'
import { wayFrom } from '../state/kernfs/node.ts'
import type { KernfsNode } from '../state/kernfs/node.ts'
import { threadOf } from '../state/task/thread.ts'
import type { CgroupNamespace } from '../state/cgroup/namespace.ts'

export const cgroupNsOf = (task: Task): CgroupNamespace => threadOf(task).nsproxy.cgroup_ns

/** As `kernfs_path_from_node`: how `from` calls `to`, by `..` where that lies elsewhere. */
export const pathFrom = (from: KernfsNode, to: KernfsNode): string => {
  const { up, down } = wayFrom(from, to)
  return '/..'.repeat(up) + down.map((name) => `/${name}`).join('') || '/'
}
