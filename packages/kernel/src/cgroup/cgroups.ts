/** Control groups of one machine, as the rest of the kernel calls them. */
import { CAP_SYS_ADMIN, EPERM } from '@lsmkit/abi'
import { ns_capable } from '@lsmkit/core'
import type { Task, UserNamespace } from '@lsmkit/core'
import { bound } from '../state/bound.ts'
import type { Cgroups } from '../interfaces/cgroups.ts'
import type { Machine } from '../machine.ts'
import { threadOf } from '../state/task/thread.ts'
import { cgroupFiles } from './files.ts'
import { enterFreezer, isFreezing, settleFrozen } from './freezer.ts'
import { kernfsRules } from './groups.ts'
import { confine } from './confine.ts'
import { can_fork, exit, post_fork } from './fork.ts'
import { CgroupHierarchy } from './hierarchy.ts'
import { releaseTask } from '../state/cgroup/membership.ts'
import { CgroupNamespace } from '../state/cgroup/namespace.ts'
import { controllersText, procText } from './proc-text.ts'
import { cgroupPrograms, CgroupSocks } from './programs.ts'

/** As `copy_cgroup_ns`. The caller has checked what all namespaces have in common. */
const copy_cgroup_ns = ({ machine }: CgroupHierarchy, user_ns: UserNamespace): CgroupNamespace | number => {
  const { lsm, current } = machine
  if (!ns_capable(lsm, current, user_ns, CAP_SYS_ADMIN)) return -EPERM
  return new CgroupNamespace(user_ns, machine.nextInum(), threadOf(current.task).cgroup)
}

/** A removed group ends with the last zombie in it. */
const releaseFrom = (hierarchy: CgroupHierarchy, task: Task): void => {
  const { cgroup_release } = hierarchy.machine.tracing.points
  const { cgroup } = threadOf(task)
  releaseTask(task)
  if (cgroup_release.on && cgroup.dead && cgroup.members === 0) cgroup_release.hit(cgroup, hierarchy.pathOf(cgroup))
}

export const createCgroups = (machine: Machine): Cgroups => {
  const hierarchy = new CgroupHierarchy(machine, kernfsRules, cgroupFiles)
  const { rootCgroup, flags, init_cgroup_ns, tree, onOffline, files } = hierarchy
  const socks = new CgroupSocks(hierarchy)
  return {
    root: rootCgroup, flags, init_cgroup_ns, tree, onOffline,
    freezer: { isFreezing, enter: enterFreezer, ...bound(machine, { settle: settleFrozen }) },
    programs: cgroupPrograms(hierarchy, socks),
    delegatable: files.delegatable,
    ...bound(hierarchy, { confine, copy_cgroup_ns, can_fork, post_fork, exit, procText, controllersText }),
    fromFd: (fd) => hierarchy.fromFd(fd),
    release: (task) => releaseFrom(hierarchy, task),
    sk_alloc: (sk) => socks.alloc(sk),
    sk_clone: (sk, from) => socks.clone(sk, from),
    show() {
      hierarchy.visible = true
    },
  }
}
