/** Control groups as BPF programs see them: the tree, and the group of a task or a socket. */
import type { CgroupMap, CgroupTree, Sock } from '@lsmkit/core'
import { threadOf } from '../state/task/thread.ts'
import { Cgroup } from '../state/cgroup/cgroup.ts'
import type { CgroupHierarchy } from './hierarchy.ts'

/** Each socket belongs to a group for good. */
export class CgroupSocks {
  /** Of those that are not the root's, as most are: to remember a socket costs as much as to make one. */
  readonly #groups = new WeakMap<Sock, Cgroup>()
  readonly #hierarchy: CgroupHierarchy

  constructor(hierarchy: CgroupHierarchy) {
    this.#hierarchy = hierarchy
  }

  of(sk: Sock): Cgroup {
    return this.#groups.get(sk) ?? this.#hierarchy.rootCgroup
  }

  /** As `cgroup_sk_alloc`: a socket belongs to the group of its maker; one that a packet makes belongs to the root. */
  alloc(sk: Sock): void {
    const { machine, rootCgroup } = this.#hierarchy
    this.#belongs(sk, machine.inSoftirq ? rootCgroup : threadOf(machine.current.task).cgroup)
  }

  /** As `cgroup_sk_clone`. */
  clone(sk: Sock, from: Sock): void {
    this.#belongs(sk, this.of(from))
  }

  #belongs(sk: Sock, group: Cgroup): void {
    if (group !== this.#hierarchy.rootCgroup) this.#groups.set(sk, group)
  }
}

export const cgroupPrograms = ({ root, rootCgroup }: CgroupHierarchy, socks: CgroupSocks): CgroupTree & CgroupMap => ({
  root: rootCgroup,
  ofTask: (task) => (task.thread === null ? rootCgroup : threadOf(task).cgroup),
  ofSock: (sk) => socks.of(sk),
  id: (cgrp) => (cgrp instanceof Cgroup ? cgrp.kn.id : 0),
  byId: (id) => (root.byId(id)?.priv ?? null) as Cgroup | null,
  children: (cgrp) => (cgrp instanceof Cgroup ? cgrp.children : []),
})
