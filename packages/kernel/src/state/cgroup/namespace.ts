/** Cgroup namespaces (kernel/cgroup/namespace.c): which group its members take for the root. */
import type { UserNamespace } from '@lsmkit/core'
import type { NsCommon } from '../task/ns-common.ts'
import type { Cgroup } from './cgroup.ts'

export class CgroupNamespace implements NsCommon {
  readonly inum: number
  readonly user_ns: UserNamespace
  /** The root. For a task that is being made into a new group it is set once the task is there. */
  root_cgrp: Cgroup

  constructor(user_ns: UserNamespace, inum: number, root_cgrp: Cgroup) {
    this.user_ns = user_ns
    this.inum = inum
    this.root_cgrp = root_cgrp
  }
}
