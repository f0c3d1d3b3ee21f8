/** Controllers and the threaded mode: which groups they are enabled in (kernel/cgroup/cgroup.c). */
import { EBUSY, EINVAL, ENOENT, EOPNOTSUPP } from '@lsmkit/abi'
import { MemoryAccount } from '../state/host-memory.ts'
import { CONTROLLERS, isDomainController } from '../state/cgroup/cgroup.ts'
import type { Cgroup } from '../state/cgroup/cgroup.ts'
import { rechargeTask } from '../state/cgroup/membership.ts'
import type { CgroupHierarchy } from './hierarchy.ts'
import { strstrip } from './number.ts'
import { Pids } from '../state/cgroup/pids.ts'

/** As `cgroup_vet_subtree_control_enable`: children must not compete with processes of the group itself. */
const vetEnable = (cgrp: Cgroup, names: readonly string[]): number => {
  if (!cgrp.dom_cgrp.isValidDomain) return -EOPNOTSUPP
  if (cgrp.isMixable) return 0
  if (names.some(isDomainController)) {
    if (cgrp.isThreadRoot || cgrp.isThreaded) return -EOPNOTSUPP
  } else if (cgrp.canBeThreadRoot || cgrp.isThreaded) return 0
  return cgrp.hasTasks ? -EBUSY : 0
}

/** Parses `+pids -memory`: the last word about a controller counts. -EINVAL for anything else. */
const parse = (text: string): ReadonlyMap<string, boolean> | number => {
  const wanted = new Map<string, boolean>()
  for (const token of strstrip(text).split(' ')) {
    if (token === '') continue
    const name = token.slice(1)
    if (!CONTROLLERS.includes(name) || !/^[+-]/.test(token)) return -EINVAL
    wanted.set(name, token.startsWith('+'))
  }
  return wanted
}

/** An account of the group's own, below that of the groups above; its events count the charges that it refuses. */
const newMemory = (cgrp: Cgroup): MemoryAccount => {
  const memory = new MemoryAccount(cgrp.parent!.effectiveMemory)
  const notify = (name: string): void => cgrp.files.get('memory')?.notify(name)
  memory.onRefusal = () => {
    notify('memory.events')
    notify('memory.events.local')
  }
  return memory
}

/** Charges the tasks below where they count now. */
const recharge = (cgrp: Cgroup): void => {
  for (const at of cgrp.subtree()) for (const task of at.tasks) rechargeTask(task)
}

/**
 * Makes the controller's part of one group, with its files: 0, or -errno with nothing done. A threaded group has no
 * part of a domain controller.
 */
const enable = (hierarchy: CgroupHierarchy, cgrp: Cgroup, controller: string): number => {
  if (cgrp.isThreaded && isDomainController(controller)) return 0
  const rc = hierarchy.files.add(cgrp, controller)
  if (rc !== 0) return rc
  if (controller === 'memory') cgrp.memory = newMemory(cgrp)
  else cgrp.pids = new Pids(cgrp, cgrp.parent!.effectivePids)
  recharge(cgrp)
  return 0
}

const disable = (hierarchy: CgroupHierarchy, cgrp: Cgroup, controller: string): void => {
  hierarchy.files.remove(cgrp, controller)
  if (controller === 'memory') cgrp.memory = null
  else cgrp.pids = null
  recharge(cgrp)
}

/** Enables a controller for all children; if one of them cannot have it, for no child. */
const enableAll = (hierarchy: CgroupHierarchy, cgrp: Cgroup, controller: string): number => {
  cgrp.subtree_control.add(controller)
  const done: Cgroup[] = []
  for (const child of cgrp.children) {
    const rc = enable(hierarchy, child, controller)
    if (rc === 0) {
      done.push(child)
      continue
    }
    for (const other of done) disable(hierarchy, other, controller)
    cgrp.subtree_control.delete(controller)
    return rc
  }
  return 0
}

const disableAll = (hierarchy: CgroupHierarchy, cgrp: Cgroup, controller: string): void => {
  cgrp.subtree_control.delete(controller)
  for (const child of cgrp.children) disable(hierarchy, child, controller)
}

/** A write to cgroup.subtree_control. */
export const subtree_control_write = (hierarchy: CgroupHierarchy, cgrp: Cgroup, text: string): number => {
  const wanted = parse(text)
  if (typeof wanted === 'number') return wanted
  const changes = [...wanted].filter(([name, on]) => cgrp.subtree_control.has(name) !== on)
  for (const [name, on] of changes) {
    if (on && !cgrp.control.has(name)) return -ENOENT
    if (!on && [...cgrp.children].some(({ subtree_control }) => subtree_control.has(name))) return -EBUSY
  }
  const enabled = changes.filter(([, on]) => on)
  if (enabled.length > 0) {
    const rc = vetEnable(cgrp, enabled.map(([name]) => name))
    if (rc !== 0) return rc
  }
  for (const [name, on] of changes) {
    if (!on) disableAll(hierarchy, cgrp, name)
    else {
      const rc = enableAll(hierarchy, cgrp, name)
      if (rc !== 0) return rc
    }
  }
  return 0
}

/** As `cgroup_enable_threaded`: the group shares the resources of the group above. This cannot be undone. */
export const enable_threaded = (hierarchy: CgroupHierarchy, cgrp: Cgroup): number => {
  if (cgrp.isThreaded) return 0
  const parent = cgrp.parent!
  const domain = parent.dom_cgrp
  if (cgrp.isPopulated || cgrp.hasDomainControllers) return -EOPNOTSUPP
  if (!domain.isValidDomain || !domain.canBeThreadRoot) return -EOPNOTSUPP
  if (cgrp.memory !== null) disable(hierarchy, cgrp, 'memory')
  for (const at of cgrp.subtree()) if (at === cgrp || at.isThreaded) at.dom_cgrp = domain
  parent.nr_threaded_children++
  return 0
}

/** Enables in a new group the controllers that its parent has enabled for its children. */
export const inheritControllers = (hierarchy: CgroupHierarchy, cgrp: Cgroup): number => {
  for (const controller of cgrp.parent!.subtree_control) {
    const rc = enable(hierarchy, cgrp, controller)
    if (rc !== 0) return rc
  }
  return 0
}
