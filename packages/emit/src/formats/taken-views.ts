/** Mounts that were read, as the lists and mounts of a policy. */
import type { Place, Policy } from '@lsmkit/sandbox/policy-parts'
import type { LeftOut } from '../format.ts'
import { isBeneath } from '../question.ts'
import { rightsInView } from '../view.ts'
import type { View } from '../view.ts'

/** The place that a view shows; an empty folder in memory hides. Null for the box's own /proc. */
const placeOf = ({ kind, target, source, readOnly }: View): Place | null => {
  if (kind === 'tmpfs' || kind === 'hidden') return { kind: 'memory' }
  if (source === null) return null
  if (kind === 'overlay') return { kind: 'host-folder', path: source, copyOnWrite: true }
  return source === target && source === '/proc' ? null
    : { kind: 'host-folder', path: source, ...(readOnly ? {} : { writable: true }) }
}

const add = (list: string[], path: string): void => {
  if (!list.some((top) => isBeneath(path, top))) list.push(path)
}

/** Lists of a policy grant what lies below: what a view takes away beneath another one is left out, with a reason. */
export const takenViews = (views: readonly View[]): { policy: Policy; leftOut: LeftOut[] } => {
  const leftOut: LeftOut[] = []
  const lists = { read: [] as string[], write: [] as string[], exec: [] as string[] }
  const mounts = new Map<string, Place>()
  for (const view of views.toSorted((a, b) => (a.target < b.target ? -1 : 1))) {
    const { target } = view
    const place = placeOf(view)
    if (place !== null) mounts.set(target, place)
    const rights = rightsInView(views, target)
    if (rights.execute) add(lists.exec, target)
    else if (rights.read && !lists.exec.some((top) => isBeneath(target, top))) add(lists.read, target)
    if (rights.write) add(lists.write, target)
    const tops = (list: readonly string[]): boolean => list.some((top) => top !== target && isBeneath(target, top))
    const taken = [
      ...(!rights.read && tops([...lists.read, ...lists.exec]) ? ['reading'] : []),
      ...(!rights.execute && tops(lists.exec) ? ['executing'] : []),
    ]
    if (taken.length > 0) {
      const text = `${taken.join(' and ')} is taken away here, which a policy cannot say`
      leftOut.push({ place: target, path: target, text })
    }
  }
  const allow = Object.fromEntries(Object.entries(lists).filter(([, list]) => list.length > 0))
  return {
    policy: { version: 1, allow, ...(mounts.size === 0 ? {} : { mounts: Object.fromEntries(mounts) }) },
    leftOut,
  }
}
