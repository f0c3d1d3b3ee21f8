/** SEM_UNDO: changes of semaphores that are taken back when the last thread of a process ends (exit_sem). */
import { CLONE_SYSVSEM } from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import { COST } from '../state/memory-costs.ts'
import type { Machine } from '../machine.ts'
import { SEMVMX } from '../state/ipc/sem-array.ts'
import type { Adjustments, SemArray } from '../state/ipc/sem-array.ts'
import { tgidOf } from './stat.ts'
import type { UndoList } from '../state/ipc/table.ts'

const listOf = (machine: Machine, task: Task): UndoList => {
  const known = machine.ipcTable.undoLists.get(task)
  if (known !== undefined) return known
  const list: UndoList = { users: 1, sets: new Map() }
  machine.ipcTable.undoLists.set(task, list)
  machine.ipcTable.livingUndo.add(list)
  return list
}

const costOf = (set: SemArray): number => COST.semUndo + 4 * set.sems.length

/** As `find_alloc_undo`; null where there is no memory for it. The set pays. */
export const undoOf = (machine: Machine, task: Task, set: SemArray): Adjustments | null => {
  const { sets } = listOf(machine, task)
  const known = sets.get(set)
  if (known !== undefined) return known
  if (!set.charge(costOf(set))) return null
  const undo = new Int32Array(set.sems.length)
  sets.set(set, undo)
  return undo
}

/** As `copy_semundo`. */
export const copySemUndo = (machine: Machine, child: Task, parent: Task, flags: number): void => {
  if ((flags & CLONE_SYSVSEM) === 0) return
  const list = listOf(machine, parent)
  list.users++
  machine.ipcTable.undoLists.set(child, list)
}

const apply = (machine: Machine, task: Task, set: SemArray, undo: Adjustments): void => {
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
export const exitSemUndo = (machine: Machine, task: Task): void => {
  const list = machine.ipcTable.undoLists.get(task)
  if (list === undefined) return
  machine.ipcTable.undoLists.delete(task)
  if (--list.users !== 0) return
  machine.ipcTable.livingUndo.delete(list)
  for (const [set, undo] of list.sets) {
    apply(machine, task, set, undo)
    set.uncharge(costOf(set))
  }
}

/** Nothing of semaphore `num` is taken back any more; of all with null. */
export const forgetSemUndo = (machine: Machine, set: SemArray, num: number | null): void => {
  for (const { sets } of machine.ipcTable.livingUndo) {
    const undo = sets.get(set)
    if (undo === undefined) continue
    if (num === null) undo.fill(0)
    else undo[num] = 0
  }
}

/** The set is gone. */
export const dropSemUndo = (machine: Machine, set: SemArray): void => {
  for (const { sets } of machine.ipcTable.livingUndo) if (sets.delete(set)) set.uncharge(costOf(set))
}
