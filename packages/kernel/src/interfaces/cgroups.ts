/** Control groups, as the rest of the kernel sees them. */
import type {
  CgroupMap, CgroupTree, Dentry, FsContext, Sock, SuperBlock, Task, UserNamespace,
} from '@lsmkit/core'
import type { Cgroup } from '../state/cgroup/cgroup.ts'
import type { CgroupFlags } from '../state/cgroup/flags.ts'
import type { CgroupNamespace } from '../state/cgroup/namespace.ts'
import type { KernfsNode } from '../state/kernfs/node.ts'

export interface Cgroups {
  readonly root: Cgroup
  readonly flags: CgroupFlags
  readonly init_cgroup_ns: CgroupNamespace
  readonly tree: {
    get_tree(fc: FsContext, ns: object | null, s_iflags?: number): number
    kernfs_node_dentry(kn: KernfsNode, sb: SuperBlock): Dentry | number
    kernfs_node_from_dentry(dentry: Dentry): KernfsNode | null
  }
  readonly freezer: {
    isFreezing(task: Task): boolean
    enter(task: Task): void
    settle(task: Task): void
  }
  readonly programs: CgroupTree & CgroupMap
  readonly onOffline: ((cgrp: Cgroup) => void)[]
  readonly delegatable: readonly string[]
  fromFd(fd: number): Cgroup | number
  confine(task: Task, tasks: number): (() => void) | number
  copy_cgroup_ns(user_ns: UserNamespace): CgroupNamespace | number
  can_fork(clone_flags: number, into: number | null): Cgroup | number
  post_fork(child: Task, clone_flags: number): void
  exit(task: Task): void
  release(task: Task): void
  procText(task: Task): string
  controllersText(): string
  sk_alloc(sk: Sock): void
  sk_clone(sk: Sock, from: Sock): void
  show(): void
}
