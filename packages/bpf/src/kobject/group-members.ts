/** Control groups as `struct cgroup`, and the set of a task as `struct css_set`: one object for each group. */
import type { Cgroup, Task } from '@lsmkit/core'

/** A group of who keeps the tree, as far as programs look at it; others may have nothing there. */
interface KernelGroup extends Cgroup {
  readonly parent: KernelGroup | null
  readonly kn?: object
  /** Controllers that are on in the group, by name, for those that it has. */
  readonly memory?: object | null
  readonly pids?: object | null
}

/** `enum cgroup_subsys_id` of Debian's 6.12, in its order. */
export const CGROUP_SUBSYS: readonly string[] = [
  'cpuset', 'cpu', 'cpuacct', 'io', 'memory', 'devices', 'freezer', 'net_cls', 'perf_event', 'net_prio', 'hugetlb',
  'pids', 'rdma', 'misc',
]

/** A machine whose tasks are all in one group. */
export const onlyGroup: KernelGroup = { parent: null }

export class ShownGroup {
  readonly group: KernelGroup
  readonly level: number
  handle = 0
  readonly #number: () => number

  constructor(group: KernelGroup, number: () => number) {
    this.group = group
    this.level = group.parent === null ? 0 : shownGroup(group.parent).level + 1
    this.#number = number
  }

  /** Its directory; of a tree without directories, its number alone. */
  get kn(): object {
    return this.group.kn ?? { id: this.#number() }
  }

  get serial(): number {
    return this.#number()
  }
}

const shown = new WeakMap<Cgroup, ShownGroup>()
let last = 0

/** `number`: what who keeps the tree calls it. */
export const shownGroup = (group: Cgroup, number?: () => number): ShownGroup => {
  let own = shown.get(group)
  if (own === undefined) {
    const next = ++last
    own = new ShownGroup(group, number ?? (() => next))
    shown.set(group, own)
  }
  return own
}

const parentOf = ({ group }: ShownGroup): ShownGroup | null => (group.parent === null ? null : shownGroup(group.parent))

/** Itself and those above it, the root first. */
const ancestorsOf = (own: ShownGroup): ShownGroup[] => {
  const above = parentOf(own)
  return above === null ? [own] : [...ancestorsOf(above), own]
}

/** The group that rules a controller's use: the next one up where it is on; the root for what this kernel has not. */
const ruling = (group: KernelGroup, controller: string): KernelGroup => {
  const isOn = (group as unknown as Readonly<Record<string, object | null | undefined>>)[controller] ?? null
  return isOn !== null || group.parent === null ? group : ruling(group.parent, controller)
}

interface CssSet {
  readonly dfl_cgrp: ShownGroup
  readonly subsys: readonly ShownGroup[]
}

const sets = new WeakMap<Cgroup, CssSet>()
const setOf = ({ thread }: Task): CssSet => {
  const group = (thread as { readonly cgroup?: KernelGroup } | null)?.cgroup ?? onlyGroup
  let set = sets.get(group)
  if (set === undefined) {
    set = { dfl_cgrp: shownGroup(group), subsys: CGROUP_SUBSYS.map((name) => shownGroup(ruling(group, name))) }
    sets.set(group, set)
  }
  // what is on in a group changes
  const subsys = CGROUP_SUBSYS.map((name) => shownGroup(ruling(group, name)))
  return Object.assign(set, { subsys })
}

export const groupMembers = {
  task_struct: { cgroups: setOf },
  cgroup: { self: null, ancestors: ancestorsOf, dom_cgrp: (own: ShownGroup) => own },
  cgroup_subsys_state: {
    cgroup: (own: ShownGroup) => own, parent: parentOf, id: () => 1, serial_nr: ({ serial }: ShownGroup) => serial,
  },
}
