/** The interface files of a group, in the order of its directory (cgroup_base_files, memory_files, pids_files). */
import { EINVAL, EOPNOTSUPP, ERANGE, SIGKILL } from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import { signalOf } from '../state/task/thread.ts'
import { CONTROLLERS } from '../state/cgroup/cgroup.ts'
import type { Cgroup } from '../state/cgroup/cgroup.ts'
import { enable_threaded, subtree_control_write } from './control.ts'
import { controllerFiles } from './controller-files.ts'
import { freezeGroup } from './freezer.ts'
import type { CgroupFile } from './group-files.ts'
import type { CgroupHierarchy } from './hierarchy.ts'
import { maxText, parseLimit } from './limits.ts'
import { procs_write } from './migrate.ts'
import { kstrtoint, strstrip } from './number.ts'

const wordList = (names: Iterable<string>): string => {
  const text = [...names].join(' ')
  return text === '' ? '' : `${text}\n`
}

/** Tasks that use the resources of `cgrp`: its own, and those of threaded groups below it. */
function* domainTasks(cgrp: Cgroup): Generator<Task> {
  for (const at of cgrp.subtree()) if (at.dom_cgrp === cgrp.dom_cgrp) yield* [...at.tasks, ...at.dyingLeaders]
}

/** Text of cgroup.stat: how many groups are below `cgrp`, live and dying, and how many have each controller. */
const statText = (cgrp: Cgroup): string => {
  const all = [...cgrp.subtree()]
  const having = (controller: 'memory' | 'pids'): number =>
    cgrp[controller] === null ? 0 : all.filter((one) => one[controller] !== null).length
  return `nr_descendants ${cgrp.nr_descendants}\n` +
    `nr_subsys_memory ${having('memory')}\nnr_subsys_pids ${having('pids')}\n` +
    `nr_dying_descendants ${cgrp.nr_dying_descendants}\nnr_dying_subsys_memory 0\nnr_dying_subsys_pids 0\n`
}

const pidText = ({ machine }: CgroupHierarchy, tasks: Iterable<Task>): string =>
  [...tasks].map((task) => `${machine.tasks.pidNr(task)}\n`).join('')

/** Thread group leaders; a dead one stays listed as long as a thread of its process lives. */
const procsText = (cgrp: Cgroup, hierarchy: CgroupHierarchy): string | number => {
  if (cgrp.isThreaded) return -EOPNOTSUPP
  const leaders = [...domainTasks(cgrp)].filter((task) => task.group_leader === task)
  return pidText(hierarchy, leaders.filter((task) => signalOf(task).threads.size > 0))
}

const typeText = (cgrp: Cgroup): string =>
  cgrp.isThreaded ? 'threaded\n'
    : !cgrp.isValidDomain ? 'domain invalid\n'
      : cgrp.isThreadRoot ? 'domain threaded\n' : 'domain\n'

const writeHierarchyLimit = (field: 'max_depth' | 'max_descendants') => (cgrp: Cgroup, text: string): number => {
  const limit = parseLimit(text, kstrtoint, Infinity)
  if (typeof limit === 'number') return limit
  if (limit.value < 0) return -ERANGE
  cgrp[field] = limit.value
  return 0
}

const writeFreeze = (cgrp: Cgroup, text: string, hierarchy: CgroupHierarchy): number => {
  const on = kstrtoint(strstrip(text))
  if (typeof on === 'number') return on
  if (on.value !== 0 && on.value !== 1) return -ERANGE
  freezeGroup(hierarchy.machine, cgrp, on.value === 1, (one) => hierarchy.pathOf(one))
  return 0
}

/** Kills all tasks of the group and below it. There is no permission check beyond the write to the file. */
const writeKill = (cgrp: Cgroup, text: string, { machine }: CgroupHierarchy): number => {
  const kill = kstrtoint(strstrip(text))
  if (typeof kill === 'number') return kill
  if (kill.value !== 1) return -ERANGE
  if (cgrp.isThreaded) return -EOPNOTSUPP
  const { send, userSiginfo } = machine.signals
  for (const at of cgrp.subtree()) {
    at.kills++
    for (const task of at.tasks) send(SIGKILL, userSiginfo(SIGKILL), task, 'thread')
  }
  return 0
}

const base: readonly Omit<CgroupFile<CgroupHierarchy>, 'controller'>[] = [
  {
    name: 'cgroup.type',
    notOnRoot: true,
    read: typeText,
    write: (cgrp, text, hierarchy) => (strstrip(text) === 'threaded' ? enable_threaded(hierarchy, cgrp) : -EINVAL),
  },
  {
    name: 'cgroup.procs',
    delegatable: true,
    read: procsText,
    write: (cgrp, text, hierarchy, of) => procs_write(hierarchy, cgrp, of, text, true),
  },
  {
    name: 'cgroup.threads',
    delegatable: true,
    read: ({ tasks }, hierarchy) => pidText(hierarchy, tasks),
    write: (cgrp, text, hierarchy, of) => procs_write(hierarchy, cgrp, of, text, false),
  },
  { name: 'cgroup.controllers', read: (cgrp) => wordList(cgrp.control) },
  {
    name: 'cgroup.subtree_control',
    delegatable: true,
    read: (cgrp) => wordList(CONTROLLERS.filter((name) => cgrp.subtree_control.has(name))),
    write: (cgrp, text, hierarchy) => subtree_control_write(hierarchy, cgrp, text),
  },
  {
    name: 'cgroup.events',
    notOnRoot: true,
    read: (cgrp) => `populated ${Number(cgrp.isPopulated)}\nfrozen ${Number(cgrp.frozen)}\n`,
  },
  {
    name: 'cgroup.max.descendants',
    read: (cgrp) => maxText(cgrp.max_descendants, Infinity),
    write: writeHierarchyLimit('max_descendants'),
  },
  {
    name: 'cgroup.max.depth',
    read: (cgrp) => maxText(cgrp.max_depth, Infinity),
    write: writeHierarchyLimit('max_depth'),
  },
  { name: 'cgroup.stat', read: statText },
  { name: 'cgroup.freeze', notOnRoot: true, read: ({ freeze }) => `${Number(freeze)}\n`, write: writeFreeze },
  { name: 'cgroup.kill', notOnRoot: true, write: writeKill },
  { name: 'cpu.stat', // no time is measured
    read: () => 'usage_usec 0\nuser_usec 0\nsystem_usec 0\nnice_usec 0\n' },
  { name: 'cpu.stat.local', read: () => '' },
]

export const cgroupFiles: readonly CgroupFile<CgroupHierarchy>[] =
  [...base.map((file) => ({ ...file, controller: null })), ...controllerFiles]
