/** Orphaned process groups (kernel/exit.c): no process of their session outside of them could continue them. */
import { SIGCONT, SIGHUP } from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import type { Pid } from '../state/task/pid.ts'
import { kernelSiginfo } from './signal-info.ts'
import { signalOf } from '../state/task/thread.ts'

/**
 * As `will_become_orphaned_pgrp`: whether no process of the group, `ignored` aside, has a parent in the same session
 * outside the group.
 */
export const isOrphaned = (machine: Machine, pgrp: Pid, ignored: Task | null): boolean => {
  for (const task of pgrp.group) {
    const { real_parent } = task
    if (task === ignored || (task.exit_state !== 0 && machine.exits.isGroupGone(task))) continue
    if (real_parent === null || machine.tasks.isGlobalInit(real_parent)) continue
    const parent = signalOf(real_parent)
    if (parent.pgrp !== pgrp && parent.session === signalOf(task).session) return false
  }
  return true
}

/**
 * As `kill_orphaned_pgrp`: `parent` connected the group of `task` with its session. If no other process does, and a
 * part of the group is stopped, all of it gets SIGHUP and SIGCONT.
 */
export const hangUpOrphans = (machine: Machine, task: Task, parent: Task | null, ignored: Task | null): void => {
  const { pgrp, session } = signalOf(task)
  if (parent === null || signalOf(parent).pgrp === pgrp || signalOf(parent).session !== session) return
  if (pgrp.stopped === 0 || !isOrphaned(machine, pgrp, ignored)) return
  const members = [...pgrp.group]
  for (const sig of [SIGHUP, SIGCONT])
    for (const member of members) machine.signals.send(sig, kernelSiginfo(sig), member, 'process')
}
