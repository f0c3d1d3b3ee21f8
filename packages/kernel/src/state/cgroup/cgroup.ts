/** One control group of the unified hierarchy (kernel/cgroup/cgroup.c): its place, its tasks, and its mode. */
import type { Cgroup as CgroupPlace, Task } from '@lsmkit/core'
import type { KernfsFiles } from '../kernfs/files.ts'
import type { KernfsNode } from '../kernfs/node.ts'
import type { MemoryAccount } from '../host-memory.ts'
import { Pids } from './pids.ts'

/** Names of the controllers that can be enabled for the groups below a group. */
export const CONTROLLERS: readonly string[] = ['memory', 'pids']
/** Those that work among the threads of a process; the others rule whole processes (cgrp_dfl_threaded_ss_mask). */
const THREADED: ReadonlySet<string> = new Set(['pids'])
export const isDomainController = (name: string): boolean => !THREADED.has(name)

/** The line of `cgroup.events` that has changed. */
export type CgroupChange = 'populated' | 'frozen'

/** Sees the changes of all groups of a hierarchy, as the tracepoints `cgroup_notify_*` show them. */
export type CgroupWatcher = (cgrp: Cgroup, what: CgroupChange) => void

export class Cgroup implements CgroupPlace {
  readonly parent: Cgroup | null
  readonly level: number
  /** Its directory. */
  readonly kn: KernfsNode
  /** Interface files by the controller that they are of, null for those of every group. */
  readonly files = new Map<string | null, KernfsFiles>()
  /** Living groups right below, oldest first. */
  readonly children = new Set<Cgroup>()
  dead = false
  /** How often cgroup.kill of it or above it was used. */
  kills = 0
  /** The group whose resources the tasks use: this one, unless it is threaded. */
  dom_cgrp: Cgroup = this
  nr_threaded_children = 0
  nr_populated_domain_children = 0
  nr_populated_threaded_children = 0
  /** Tasks that have not exited. */
  readonly tasks = new Set<Task>()
  /** Leaders that have, while other threads of the process go on. */
  readonly dyingLeaders = new Set<Task>()
  /** Tasks that name it, zombies included. */
  members = 0
  nr_descendants = 0
  /** Removed ones below that zombies still name. */
  nr_dying_descendants = 0
  max_descendants = Infinity
  max_depth = Infinity
  /** Controllers that are on for the children. */
  readonly subtree_control = new Set<string>()
  /** Null while the controller is not on here. */
  pids: Pids | null = null
  memory: MemoryAccount | null
  /**
   * The value of cgroup.freeze; the number of frozen groups among this one and those above; whether all tasks are at
   * rest.
   */
  freeze = false
  e_freeze = 0
  frozen = false

  readonly #watcher: CgroupWatcher

  /** `memory` is the account of the machine, for the root; the groups below have the watcher of the root. */
  constructor(
    parent: Cgroup | null, kn: KernfsNode, memory: MemoryAccount | null = null, watcher: CgroupWatcher = () => {},
  ) {
    this.parent = parent
    this.#watcher = parent === null ? watcher : parent.#watcher
    this.level = parent === null ? 0 : parent.level + 1
    this.kn = kn
    this.memory = memory
    if (parent === null) this.pids = new Pids(this, null)
    else {
      this.e_freeze = parent.e_freeze
      this.frozen = parent.e_freeze > 0
    }
  }

  /** A line of `cgroup.events` has changed, or is as it was where a writer waits for it. */
  notify(what: CgroupChange): void {
    this.#watcher(this, what)
    this.files.get(null)?.notify('cgroup.events')
  }

  get hasTasks(): boolean {
    return this.tasks.size > 0
  }
  get isPopulated(): boolean {
    return this.hasTasks || this.nr_populated_domain_children + this.nr_populated_threaded_children > 0
  }

  /** Controllers that may be switched on for the children; in the middle of a process only threaded ones. */
  get control(): ReadonlySet<string> {
    const all = this.parent === null ? CONTROLLERS : [...this.parent.subtree_control]
    return new Set(this.isThreaded ? all.filter((name) => THREADED.has(name)) : all)
  }
  /** One that rules whole processes is on for the children. */
  get hasDomainControllers(): boolean {
    return [...this.subtree_control].some(isDomainController)
  }

  /** The nearest group from here upwards that counts processes. */
  get effectivePids(): Pids {
    return this.pids ?? this.parent!.effectivePids
  }

  /** The same for memory. */
  get effectiveMemory(): MemoryAccount {
    return this.memory ?? this.parent!.effectiveMemory
  }

  get isThreaded(): boolean {
    return this.dom_cgrp !== this
  }
  /** The root is free of the rules: it has tasks, threaded children and others at once. */
  get isMixable(): boolean {
    return this.parent === null
  }
  get canBeThreadRoot(): boolean {
    if (this.isMixable) return true
    return !this.isThreaded && this.nr_populated_domain_children === 0 && !this.hasDomainControllers
  }
  /** Has threaded children, or tasks beside threaded controllers for children. */
  get isThreadRoot(): boolean {
    if (this.isThreaded) return false
    return this.nr_threaded_children > 0 ||
      (this.hasTasks && [...this.subtree_control].some((name) => THREADED.has(name)))
  }
  /** Nothing between it and the root is threaded or a thread root. */
  get isValidDomain(): boolean {
    if (this.isThreaded) return false
    for (let at = this.parent; at !== null; at = at.parent) {
      if ((!at.isMixable && at.isThreadRoot) || at.isThreaded) return false
    }
    return true
  }

  isDescendantOf(ancestor: Cgroup): boolean {
    let at: Cgroup = this
    while (at.level > ancestor.level) at = at.parent!
    return at === ancestor
  }

  /** The living groups from here downwards, each before those below it. */
  *subtree(): Generator<Cgroup> {
    const rest: Cgroup[] = [this]
    for (let at = rest.pop(); at !== undefined; at = rest.pop()) {
      for (const child of [...at.children].reverse()) rest.push(child)
      yield at
    }
  }

  *ancestors(): Generator<Cgroup> {
    for (let at = this.parent; at !== null; at = at.parent) yield at
  }
}

/** The group of a directory of the tree. */
export const cgroupAt = (kn: KernfsNode): Cgroup => kn.priv as Cgroup
