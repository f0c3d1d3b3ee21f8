/** State of a task that the kernel keeps for the runner of its program: segment bases, stacks and areas of calls. */
import { CLONE_VFORK, CLONE_VM } from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import type { Machine } from '../machine.ts'

/** `stack_t`. */
export interface StackT {
  ss_sp: number
  ss_flags: number
  ss_size: number
}

export class RunnerState {
  /** Bases of the FS and GS segments (arch_prctl). */
  readonly bases = new WeakMap<Task, { fs: number; gs: number }>()
  readonly robustLists = new WeakMap<Task, number>()
  readonly rseqAreas = new WeakMap<Task, number>()
  /** Alternate stacks for signals. */
  readonly altStacks = new WeakMap<Task, StackT>()
  readonly ioplLevels = new WeakMap<Task, number>()
  readonly mempolicies = new WeakMap<Task, number>()

  constructor(machine: Machine) {
    machine.onExec.push((task) => this.#exec(task))
    machine.onFork.push((child, parent, flags) => this.#fork(child, parent, flags))
  }

  #exec(task: Task): void {
    for (const kept of [this.bases, this.robustLists, this.rseqAreas, this.altStacks]) kept.delete(task)
  }

  #fork(child: Task, parent: Task, flags: number): void {
    const base = this.bases.get(parent)
    if (base !== undefined) this.bases.set(child, { ...base })
    const area = this.rseqAreas.get(parent)
    if (area !== undefined && (flags & CLONE_VM) === 0) this.rseqAreas.set(child, area)
    const stack = this.altStacks.get(parent)
    // in shared memory two tasks cannot use one stack, unless the parent waits
    if (stack !== undefined && (flags & (CLONE_VM | CLONE_VFORK)) !== CLONE_VM) this.altStacks.set(child, stack)
  }
}
