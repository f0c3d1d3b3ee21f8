/**
 * The inside of a box, for code that works in it beside its programs: a shell, a tool, a file system of another
 * library.
 */
import type { Task } from '@lsmkit/core'
import type { ExecImage, Kernel } from '@lsmkit/kernel'
import {
  aBoolean, aFunction, anObject, aString, bytes, orNull, recordOf, required, wholeNumber,
} from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import type { FetchRequest, FetchResponse } from './hosts/http.ts'
import type { RunRefusals } from './run-denials.ts'
import type { Denial } from './denial.ts'
import { aUser } from './policy.ts'
import type { User } from './policy.ts'
import type { StartThread } from './work-thread.ts'

export interface TaskChoice {
  readonly user?: User | undefined
  readonly label?: string | undefined
  /** A role of the policy, which narrows what the task may do. */
  readonly role?: string | null | undefined
  readonly cwd?: string
  /** The label is for the program that the task will execute. */
  readonly executes?: boolean
  /** The run whose refusals these are; 0, the default, is not a run. */
  readonly run?: number
}

export const taskRules: OptionRules<TaskChoice> = {
  user: aUser, label: aString, role: orNull(aString), cwd: aString, executes: aBoolean, run: wholeNumber(0),
}

/** The input of a program that a shell has started. */
export interface ProgramInput {
  readonly stdin: Uint8Array
  readonly env: Readonly<Record<string, string>>
  readonly cwd: string
  readonly signal?: AbortSignal | undefined
}
export const inputRules: OptionRules<ProgramInput> = {
  stdin: required(bytes), env: required(recordOf(aString)), cwd: required(aString), signal: anObject,
}

export interface ProgramOutput {
  readonly status: number
  readonly stdout: Uint8Array
  readonly stderr: Uint8Array
}

/** Limits of the box, in bytes, for those who read and print on behalf of its programs; Infinity for none. */
export interface InsideLimits {
  /** The memory that may be held, and so the most of a file that is read whole. */
  readonly memory: number
  readonly output: number
}

/** A run of your own: refusals of the tasks that have its number, until `end`. */
export interface InsideRun {
  readonly run: number
  /** Ends the run, and answers what it was refused. */
  end(): RunRefusals
}

/** Called as things happen, in the call that made them happen. */
export interface InsideWatcher {
  /** A run begins: of `box.run`, `box.sh` or `beginRun`. It is called where the run was asked for. */
  readonly onRun?: (run: number) => void
  /** A refusal, once in each run. */
  readonly onDenial?: (denial: Denial) => void
}

export const watcherRules: OptionRules<InsideWatcher> = { onRun: aFunction, onDenial: aFunction }

export interface Inside {
  readonly limits: InsideLimits
  /** Starts a thread for work that has to end on demand; null if the host has no threads. */
  readonly startThread: StartThread | null
  /** The kernel as programs get it: `box.denials` reports refused calls of tasks that `task` gave. */
  readonly kernel: Kernel
  /** A task as a program gets one: the policy, the user, no privilege. The caller ends it. */
  task(choice?: TaskChoice): Task
  end(task: Task, status?: number): void
  /**
   * A request of HTTP for a task, by the policy's hosts; null where modules alone decide. Rejects with FetchError, and
   * `box.denials` reports a refusal.
   */
  readonly fetch: ((task: Task, request: FetchRequest, signal?: AbortSignal) => Promise<FetchResponse>) | null
  /**
   * Makes a call that cannot wait, and makes it again each time that it had to wait for a file whose contents come from
   * a function of `files`. The answer is a promise only then.
   */
  whenThere<T>(call: () => T): T | Promise<T>
  /** Begins a run of your own: give its number to `task`. `box.with` knows the files of before it. */
  beginRun(): InsideRun
  /** Calls the watcher from now on. Call what is returned to stop. */
  watch(watcher: InsideWatcher): () => void
  /** Runs what `task` has executed, a WASI program, under the limits of the box. The task has ended then. */
  runProgram(task: Task, image: ExecImage, input: ProgramInput): Promise<ProgramOutput>
}
