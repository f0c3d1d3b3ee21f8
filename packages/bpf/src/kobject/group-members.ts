/** Control groups as `struct cgroup`, and the set of a task as `struct css_set`: one object for each group. */
import type { Cgroup, Task } from '@lsmkit/core'
import { Alone } from './within.ts'

/** A group of who keeps the tree, as far as programs look at it; others may have nothing there. */
interface KernelGroup extends Cgroup {
  readonly dead?: boolean
  readonly freeze?: boolean
  readonly e_freeze?: number
  readonly frozen?: boolean
  readonly subtree_control?: ReadonlySet<string>
  readonly children?: ReadonlySet<KernelGroup>
  readonly nr_descendants?: number
  readonly nr_dying_descendants?: number
  readonly nr_populated_domain_children?: number
  readonly nr_populated_threaded_children?: number
  readonly nr_threaded_children?: number
  readonly max_descendants?: number
  readonly max_depth?: number
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

/** The state of one controller for a group. */
class ControllerState extends Alone {
  readonly struct = 'cgroup_subsys_state'
  readonly own: ShownGroup
  readonly id: number

  constructor(own: ShownGroup, id: number) {
    super()
    this.own = own
    this.id = id
  }

  get ss(): object {
    return subsystems[this.id]!
  }
}

/** `struct cgroup_root` of the one hierarchy. */
const roots = new WeakMap<ShownGroup, object>()
const rootOf = (own: ShownGroup): object => {
  const top = ancestorsOf(own)[0]!
  let root = roots.get(top)
  if (root === undefined) {
    const subsys_mask = 2 ** CGROUP_SUBSYS.length - 1
    roots.set(top, (root = { cgrp: top, hierarchy_id: 0, subsys_mask, name: '', kf_root: { kn: top.kn } }))
  }
  return root
}

const subsystems = CGROUP_SUBSYS.map((name, id) => ({ id, name, legacy_name: name }))

const states = new WeakMap<ShownGroup, ControllerState[]>()
const stateFor = (own: ShownGroup, id: number): ControllerState => {
  let all = states.get(own)
  if (all === undefined) states.set(own, (all = []))
  return (all[id] ??= new ControllerState(own, id))
}

/** Every controller's state, at its number. */
const statesOf = (group: KernelGroup): ControllerState[] =>
  CGROUP_SUBSYS.map((name, id) => stateFor(shownGroup(ruling(group, name)), id))

interface CssSet {
  readonly dfl_cgrp: ShownGroup
  readonly subsys: readonly ControllerState[]
}

const sets = new WeakMap<Cgroup, CssSet>()
const setOf = ({ thread }: Task): CssSet => {
  const group = (thread as { readonly cgroup?: KernelGroup } | null)?.cgroup ?? onlyGroup
  let set = sets.get(group)
  if (set === undefined) {
    set = { dfl_cgrp: shownGroup(group), subsys: statesOf(group) }
    sets.set(group, set)
  }
  // what is on in a group changes
  return Object.assign(set, { subsys: statesOf(group) })
}

const INT_MAX = 0x7fffffff
const ofGroup = (name: keyof KernelGroup) => ({ group }: ShownGroup) => group[name] ?? 0
const limit = (name: 'max_depth' | 'max_descendants') => ({ group }: ShownGroup) =>
  Math.min(group[name] ?? INT_MAX, INT_MAX)
const bit = (on: boolean | undefined, value: number): number => (on === true ? value : 0)

/** CGRP_FREEZE, CGRP_FROZEN; CSS_ONLINE and CSS_VISIBLE, or CSS_DYING. */
const flagsOf = ({ group }: ShownGroup): number => bit(group.freeze, 1 << 2) | bit(group.frozen, 1 << 3)
const stateFlags = ({ group }: ShownGroup): number => (group.dead === true ? 1 << 4 : (1 << 1) | (1 << 3))

const groupOf = (state: ShownGroup | ControllerState): ShownGroup =>
  state instanceof ControllerState ? state.own : state

const above = (state: ShownGroup | ControllerState): ShownGroup | ControllerState | null => {
  const own = parentOf(groupOf(state))
  return own === null || !(state instanceof ControllerState) ? own : stateFor(own, state.id)
}

const maskOf = ({ group }: ShownGroup): number =>
  CGROUP_SUBSYS.reduce((mask, name, at) => mask | bit(group.subtree_control?.has(name), 1 << at), 0)

export const groupMembers = {
  task_struct: { cgroups: setOf },
  cgroup: { self: null, ancestors: ancestorsOf, dom_cgrp: (own: ShownGroup) => own,
    root: rootOf, flags: flagsOf, subtree_control: maskOf, max_depth: limit('max_depth'),
    max_descendants: limit('max_descendants'), nr_descendants: ofGroup('nr_descendants'),
    nr_dying_descendants: ofGroup('nr_dying_descendants'),
    nr_populated_domain_children: ofGroup('nr_populated_domain_children'),
    nr_populated_threaded_children: ofGroup('nr_populated_threaded_children'),
    nr_threaded_children: ofGroup('nr_threaded_children'),
    freezer: ({ group }: ShownGroup) => ({ freeze: group.freeze ?? false, e_freeze: group.e_freeze ?? 0 }),
  },
  cgroup_subsys_state: {
    cgroup: groupOf, parent: { within: above }, id: () => 1, flags: (state: ShownGroup | ControllerState) =>
      stateFlags(groupOf(state)),
    serial_nr: (state: ShownGroup | ControllerState) => groupOf(state).serial,
  },
}
