/** Controllers and the threaded mode: what is switched on for whom (kernel/cgroup/cgroup.c). */
import { EBUSY, EINVAL, ENOENT, EOPNOTSUPP } from '@lsmkit/abi'
import type { MemoryAccount } from '../state/host-memory.ts'
import { CONTROLLERS, isDomainController } from '../state/cgroup/cgroup.ts'
import type { Cgroup } from '../state/cgroup/cgroup.ts'
import type { Membership } from '../state/cgroup/membership.ts'
import { strstrip } from './number.ts'
import { Pids } from '../state/cgroup/pids.ts'

/** Makes or removes the files of a controller in a group's directory: 0 or -errno. */
export interface ControllerFiles {
  readonly add: (cgrp: Cgroup, controller: string) => number
  readonly remove: (cgrp: Cgroup, controller: string) => void
  /** An account of the group's own, below that of the groups above. */
  readonly newMemory: (cgrp: Cgroup) => MemoryAccount
}

/** As `cgroup_vet_subtree_control_enable`: children must not compete with processes of the group itself. */
const vetEnable = (cgrp: Cgroup, names: readonly string[]): number => {
  if (!cgrp.dom_cgrp.isValidDomain) return -EOPNOTSUPP
  if (cgrp.isMixable) return 0
  if (names.some(isDomainController)) {
    if (cgrp.isThreadRoot || cgrp.isThreaded) return -EOPNOTSUPP
  } else if (cgrp.canBeThreadRoot || cgrp.isThreaded) return 0
  return cgrp.hasTasks ? -EBUSY : 0
}

/** `+pids -pids`: the last word on each counts. -EINVAL for anything else. */
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

export const cgroupControl = (membership: Membership, files: ControllerFiles) => {
  /** Tasks below count where they should now. */
  const recharge = (cgrp: Cgroup): void => {
    for (const at of cgrp.subtree()) for (const task of at.tasks) membership.recharge(task)
  }

  /** The controller's part of one group, with its files: 0, or -errno with nothing done. Threads have no part. */
  const enable = (cgrp: Cgroup, controller: string): number => {
    if (cgrp.isThreaded && isDomainController(controller)) return 0
    const rc = files.add(cgrp, controller)
    if (rc !== 0) return rc
    if (controller === 'memory') cgrp.memory = files.newMemory(cgrp)
    else cgrp.pids = new Pids(cgrp, cgrp.parent!.effectivePids)
    recharge(cgrp)
    return 0
  }
  const disable = (cgrp: Cgroup, controller: string): void => {
    files.remove(cgrp, controller)
    if (controller === 'memory') cgrp.memory = null
    else cgrp.pids = null
    recharge(cgrp)
  }

  /** Switches a controller for all children, or for none when one of them cannot have it. */
  const enableAll = (cgrp: Cgroup, controller: string): number => {
    cgrp.subtree_control.add(controller)
    const done: Cgroup[] = []
    for (const child of cgrp.children) {
      const rc = enable(child, controller)
      if (rc === 0) {
        done.push(child)
        continue
      }
      for (const other of done) disable(other, controller)
      cgrp.subtree_control.delete(controller)
      return rc
    }
    return 0
  }
  const disableAll = (cgrp: Cgroup, controller: string): void => {
    cgrp.subtree_control.delete(controller)
    for (const child of cgrp.children) disable(child, controller)
  }

  /** A write to cgroup.subtree_control. */
  const subtree_control_write = (cgrp: Cgroup, text: string): number => {
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
      if (!on) disableAll(cgrp, name)
      else {
        const rc = enableAll(cgrp, name)
        if (rc !== 0) return rc
      }
    }
    return 0
  }

  /** As `cgroup_enable_threaded`: it joins the resources of the group above, and there is no way back. */
  const enable_threaded = (cgrp: Cgroup): number => {
    if (cgrp.isThreaded) return 0
    const parent = cgrp.parent!
    const domain = parent.dom_cgrp
    if (cgrp.isPopulated || cgrp.hasDomainControllers) return -EOPNOTSUPP
    if (!domain.isValidDomain || !domain.canBeThreadRoot) return -EOPNOTSUPP
    if (cgrp.memory !== null) disable(cgrp, 'memory')
    for (const at of cgrp.subtree()) if (at === cgrp || at.isThreaded) at.dom_cgrp = domain
    parent.nr_threaded_children++
    return 0
  }

  /** A new group has what its parent has switched on. */
  const inherit = (cgrp: Cgroup): number => {
    for (const controller of cgrp.parent!.subtree_control) {
      const rc = enable(cgrp, controller)
      if (rc !== 0) return rc
    }
    return 0
  }

  return { subtree_control_write, enable_threaded, inherit }
}
export type CgroupControl = ReturnType<typeof cgroupControl>
