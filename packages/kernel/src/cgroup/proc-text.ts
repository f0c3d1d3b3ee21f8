/** Texts of /proc about control groups. */
import type { Task } from '@lsmkit/core'
import { threadOf } from '../state/task/thread.ts'
import { CONTROLLERS } from '../state/cgroup/cgroup.ts'
import type { CgroupHierarchy } from './hierarchy.ts'
import { cgroupNsOf, pathFrom } from './view.ts'

/** As `proc_cgroup_show`. */
export const procText = (hierarchy: CgroupHierarchy, task: Task): string => {
  if (!hierarchy.visible) return ''
  const { cgroup } = threadOf(task)
  const path = pathFrom(cgroupNsOf(hierarchy.machine.current.task).root_cgrp.kn, cgroup.kn)
  return `0::${path}${cgroup.dead ? ' (deleted)' : ''}\n`
}

/** As `proc_cgroupstats_show`: all controllers are in this hierarchy. */
export const controllersText = (hierarchy: CgroupHierarchy): string => {
  const { nr_descendants, nr_dying_descendants } = hierarchy.rootCgroup
  const lines = CONTROLLERS.map((name) => `${name}\t0\t${1 + nr_descendants + nr_dying_descendants}\t1\n`)
  return `#subsys_name\thierarchy\tnum_cgroups\tenabled\n${lines.join('')}`
}
