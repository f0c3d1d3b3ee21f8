/** SEM_UNDO: what a process has changed in semaphore sets, taken back when its last thread ends (exit_sem). */
import { CLONE_SYSVSEM } from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import { COST } from '../state/memory-costs.ts'
import type { Machine } from '../machine.ts'
import { SEMVMX } from '../state/ipc/sem-array.ts'
import type { Adjustments, SemArray } from '../state/ipc/sem-array.ts'
import { tgidOf } from './stat.ts'

/** `struct sem_undo_list`: shared by tasks that were cloned with CLONE_SYSVSEM. */
interface UndoList {
  users: number
  readonly sets: Map<SemArray, Adjustments>
}

export const semUndo = (machine: Machine) => {
  const lists = new WeakMap<Task, UndoList>()
  /** All that lives, to reach the adjustments of one set. */
  const living = new Set<UndoList>()

  const listOf = (task: Task): UndoList => {
    const known = lists.get(task)
    if (known !== undefined) return known
    const list: UndoList = { users: 1, sets: new Map() }
    lists.set(task, list)
    living.add(list)
    return list
  }

  const costOf = (set: SemArray): number => COST.semUndo + 4 * set.sems.length

  /** As `find_alloc_undo`; null where there is no memory for it. The set pays. */
  const undoOf = (task: Task, set: SemArray): Adjustments | null => {
    const { sets } = listOf(task)
    const known = sets.get(set)
    if (known !== undefined) return known
    if (!set.charge(costOf(set))) return null
    const undo = new Int32Array(set.sems.length)
    sets.set(set, undo)
    return undo
  }

  /** As `copy_semundo`. */
  const onFork = (child: Task, parent: Task, flags: number): void => {
    if ((flags & CLONE_SYSVSEM) === 0) return
    const list = listOf(parent)
    list.users++
    lists.set(child, list)
  }

  const apply = (task: Task, set: SemArray, undo: Adjustments): void => {
    undo.forEach((adjustment, num) => {
      const sem = set.sems[num]!
      if (adjustment === 0) return
      sem.semval = Math.min(Math.max(sem.semval + adjustment, 0), SEMVMX)
      sem.sempid = tgidOf(task)
    })
    set.otime = machine.now().sec
    set.wait.wake()
  }

  /** The task ends, or leaves the namespace its sets are in. */
  const exit = (task: Task): void => {
    const list = lists.get(task)
    if (list === undefined) return
    lists.delete(task)
    if (--list.users !== 0) return
    living.delete(list)
    for (const [set, undo] of list.sets) {
      apply(task, set, undo)
      set.uncharge(costOf(set))
    }
  }

  /** Nothing of semaphore `num` is taken back any more; of all with null. */
  const forget = (set: SemArray, num: number | null): void => {
    for (const { sets } of living) {
      const undo = sets.get(set)
      if (undo === undefined) continue
      if (num === null) undo.fill(0)
      else undo[num] = 0
    }
  }

  /** The set is gone. */
  const drop = (set: SemArray): void => {
    for (const { sets } of living) if (sets.delete(set)) set.uncharge(costOf(set))
  }

  return { undoOf, onFork, exit, forget, drop }
}
export type SemUndo = ReturnType<typeof semUndo>
