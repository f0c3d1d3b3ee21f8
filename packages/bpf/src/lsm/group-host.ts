/** Control groups as programs see them: a `struct cgroup` for each that they have met. */
import type { Cgroup, CgroupTree, Task } from '@lsmkit/core'
import type { GroupHost } from '../helpers/run/index.ts'
import { onlyGroup, ShownGroup, shownGroup } from '../kobject/group-members.ts'
import type { KernelObjects } from '../kobject/kernel-objects.ts'

/** A machine whose tasks are all in one group. */
export const oneGroup: CgroupTree = {
  root: onlyGroup,
  ofTask: () => onlyGroup,
  id: () => 1,
  byId: (id) => (id === 1 ? onlyGroup : null),
  children: () => [],
}

/** Numbers of groups: those of who keeps the tree, else in the order of asking, behind the root's. */
export const groupNumbers = (tree: () => CgroupTree | undefined): ((group: Cgroup) => number) => {
  const numbers = new WeakMap<Cgroup, number>()
  let last = 1
  return (group) => {
    const number = tree()?.id(group) ?? numbers.get(group) ?? ++last
    numbers.set(group, number)
    return number
  }
}

export const groupHost = (
  treeNow: () => CgroupTree, objects: () => KernelObjects, taskAt: (address: number) => Task | null,
): GroupHost => {
  const levelOf = (group: Cgroup): number => (group.parent === null ? 0 : 1 + levelOf(group.parent))
  const address = (group: Cgroup): number =>
    objects().pointerTo(shownGroup(group, () => treeNow().id(group)), 'cgroup')
  const at = (place: number): Cgroup | null => {
    const own = objects().objectAt(place)
    return own instanceof ShownGroup ? own.group : null
  }
  const of = (place: number, tell: (group: Cgroup) => number): number => {
    const group = at(place)
    return group === null ? 0 : tell(group)
  }
  return {
    ofTask: (place) => {
      const task = taskAt(place)
      const tree = treeNow()
      return address((task === null ? null : tree.ofTask(task)) ?? tree.root)
    },
    id: (place) => of(place, (group) => treeNow().id(group)),
    fromId: (id) => {
      const group = treeNow().byId(id)
      return group === null ? 0 : address(group)
    },
    level: (place) => of(place, levelOf),
    parent: (place) => of(place, ({ parent }) => (parent === null ? 0 : address(parent))),
    children: (place) => {
      const group = at(place)
      return group === null ? [] : Array.from(treeNow().children(group), address)
    },
    isUnder: (place, above) => {
      for (let group = at(place); group !== null; group = group.parent) if (group === at(above)) return true
      return false
    },
    of: (held) => address(held as Cgroup),
  }
}
