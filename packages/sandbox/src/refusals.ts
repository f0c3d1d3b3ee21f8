/** The refusals of the runs of a box, and the files of before those runs. */
import type { Task } from '@lsmkit/core'
import { Kstat } from '@lsmkit/kernel/boot'
import type { Kernel } from '@lsmkit/kernel'
import { TaskFiles } from '@lsmkit/kernel/files'
import type { WholeAllow } from './allow.ts'
import { denialOf } from './denials.ts'
import type { DenialContext } from './denials.ts'
import type { Denial } from './denial.ts'
import type { InsideWatcher } from './inside-box.ts'
import type { Moment, Moments } from './moments.ts'
import type { Reach } from './names/reach.ts'
import { wayOf } from './names/walk-name.ts'
import { RunDenials } from './run-denials.ts'
import type { RunRefusals } from './run-denials.ts'
import type { DenialCollector, Refusal } from './denial-collector.ts'

/** Moments before runs that were refused something are kept for `with`; the oldest go first. */
export const MOST_MOMENTS = 4

/** The facts that explain refusals. */
export interface Surroundings {
  readonly kernel: Kernel
  /** The task that the box looks at files with. */
  readonly hostTask: Task
  readonly denialCollector: DenialCollector
  /** The permissions of tasks by their role; null is a task without one. */
  readonly allowOf: (role: string | null) => WholeAllow | null
  readonly reach: Reach
  readonly moments: Moments
  readonly onDenial: (denial: Denial) => void
}

export class Refusals {
  readonly #of: Surroundings
  #lastRun = 0
  readonly #runOf = new WeakMap<Task, { readonly run: number; readonly role: string | null }>()
  readonly #denials = new Map<number, RunDenials>()
  readonly #before = new Map<number, Moment>()
  readonly #watchers = new Set<InsideWatcher>()

  constructor(of: Surroundings) {
    this.#of = of
  }

  /** From now on the task, and those that it forks, belong to the run. */
  assign(task: Task, run: number, role: string | null): void {
    this.#runOf.set(task, { run, role })
  }

  /** The run of a task; 0 for a task of none. */
  runOf(task: Task): number {
    return this.#runOf.get(task)?.run ?? 0
  }

  /** The run of a task that programs have; 0 for one of none, and null for a task of the box itself. */
  guestRunOf(task: Task): number | null {
    return this.#runOf.get(task)?.run ?? null
  }

  /** The role of a task; null where it has none. */
  roleOf(task: Task): string | null {
    return this.#runOf.get(task)?.role ?? null
  }

  inherit(child: Task, parent: Task): void {
    const run = this.#runOf.get(parent)
    if (run !== undefined) this.#runOf.set(child, run)
  }

  /** The number of a new run, and the moment before it. */
  begin(): [run: number, before: Moment] {
    const run = ++this.#lastRun
    this.#denials.set(run, new RunDenials())
    for (const { onRun } of this.#watchers) onRun?.(run)
    return [run, this.#of.moments.hold()]
  }

  /** Calls the watcher from now on; the answer stops that. */
  watch(watcher: InsideWatcher): () => void {
    this.#watchers.add(watcher)
    return () => void this.#watchers.delete(watcher)
  }

  /** The moment before a run; undefined if it is not kept any more. */
  before(run: number): Moment | undefined {
    return this.#before.get(run)
  }

  note(refusal: Refusal): void {
    const own = this.#runOf.get(refusal.task)
    if (own === undefined) return
    const { run, role } = own
    const denial = this.#of.denialCollector.withoutRecording(() => denialOf(refusal, this.#sceneOf(refusal, run, role)))
    const known = this.#denials.get(run)
    // a program that asks again and again is reported once
    if (known !== undefined && !known.add(denial)) return
    this.#of.onDenial(denial)
    for (const { onDenial } of this.#watchers) onDenial?.(denial)
  }

  #sceneOf({ names, followed }: Refusal, run: number, role: string | null): DenialContext {
    const { kernel, hostTask, allowOf, reach } = this.#of
    const stat = new Kstat()
    const isFollowed = (path: string): boolean => kernel.sys.lstat(hostTask, path, stat) === 0 &&
      followed.some(({ dev, ino }) => dev === stat.dev && ino === stat.ino)
    const ways = names.map((name) => wayOf(new TaskFiles(kernel, hostTask), name, followed.length > 0, isFollowed))
    const links = ways.flatMap((way) => way.links)
    return {
      run, role, allow: allowOf(role), ways,
      // those that the call has followed, and those that the name leads over by now
      isForeignLink: followed.some((link) => reach.isForeignLink(link)) ||
        links.some((link) => reach.isForeign(link.path)),
      isThere: (path) => kernel.sys.lstat(hostTask, path, stat) === 0,
    }
  }

  /** Ends a run: answers what it was refused. The moment before it is kept if it was refused anything. */
  taken(run: number, moment: Moment): RunRefusals {
    const { all: denials, leftOut: denialsLeftOut } = this.#denials.get(run) ?? new RunDenials()
    this.#denials.delete(run)
    if (denials.length === 0) {
      this.#of.moments.drop(moment)
      return { denials, denialsLeftOut }
    }
    this.#before.set(run, moment)
    const [oldest] = this.#before
    if (this.#before.size > MOST_MOMENTS && oldest !== undefined) {
      this.#before.delete(oldest[0])
      this.#of.moments.drop(oldest[1])
    }
    return { denials, denialsLeftOut }
  }
}
