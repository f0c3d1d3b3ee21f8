/** What a box is to those who work in it beside its programs: a shell, a tool, a file system of another library. */
import type { Task } from '@lsmkit/core'
import type { Kernel } from '@lsmkit/kernel'
import { aBoolean, aString, wholeNumber } from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import { aUser } from './policy.ts'
import type { User } from './policy.ts'

export interface TaskChoice {
  readonly user?: User | undefined
  readonly label?: string | undefined
  readonly cwd?: string
  /** The label is for the program that the task will execute. */
  readonly executes?: boolean
  /** What its refusals are told of; 0, unless given, is no run. */
  readonly run?: number
}

export const taskRules: OptionRules<TaskChoice> = {
  user: aUser, label: aString, cwd: aString, executes: aBoolean, run: wholeNumber(0),
}

export interface Inside {
  /** As programs get it: what its calls are refused is told by `box.denials`, for tasks that `task` gave. */
  readonly kernel: Kernel
  /** A task as a program gets one: the policy, the user, no privilege. Whoever takes it ends it. */
  task(choice?: TaskChoice): Task
  end(task: Task, status?: number): void
}
