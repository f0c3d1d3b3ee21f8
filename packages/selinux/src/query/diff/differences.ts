/** The result of a comparison: items on one side only, and items on both that differ. */
import { dictionary } from '@lsmkit/abi'
import type { Component } from '../components/component.ts'

/** A list that may be too long to be held as objects. */
export interface Listing<T> extends Iterable<T> {
  readonly length: number
}

/** Names that came and went, or a value that is another one. */
export type Change =
  { readonly added: readonly string[]; readonly removed: readonly string[] } |
  { readonly before: string; readonly after: string }

export interface Modified<T> {
  /** As it was before. */
  readonly item: T
  readonly changes: Readonly<Record<string, Change>>
}

/** Each list is sorted. */
export interface Differences<T> {
  readonly added: Listing<T>
  readonly removed: Listing<T>
  readonly modified: Listing<Modified<T>>
}

const lacking = (names: readonly string[], in_: readonly string[]): string[] => {
  const known = new Set(in_)
  return names.filter((name) => !known.has(name))
}

/** Names added and removed between two lists, null if there are none. */
export const changeOf = (before: readonly string[], after: readonly string[]): Change | null => {
  const [added, removed] = [lacking(after, before), lacking(before, after)]
  return added.length + removed.length === 0 ? null : { added, removed }
}

const changesOf = (before: Component['has'], after: Component['has']): Record<string, Change> => {
  const changes = dictionary<Change>()
  for (const [what, was] of Object.entries(before)) {
    const is = after[what]!
    if (typeof was === 'string') {
      if (was !== is) changes[what] = { before: was, after: String(is) }
    } else {
      const change = changeOf(was, is as readonly string[])
      if (change !== null) changes[what] = change
    }
  }
  return changes
}

const byName = ({ name: a }: Component, { name: b }: Component): number => a < b ? -1 : a > b ? 1 : 0

/** The first of one name counts. */
const named = (items: readonly Component[]): Map<string, Component> =>
  new Map([...items].reverse().map((item) => [item.name, item]))

/** Compares by name; `show` formats an added or removed item. */
export const compareComponents = (
  before: readonly Component[], after: readonly Component[], show: (item: Component) => string,
): Differences<string> => {
  const [was, is] = [named(before), named(after)]
  const only = (items: Map<string, Component>, other: Map<string, Component>): string[] =>
    [...items.values()].filter(({ name }) => !other.has(name)).sort(byName).map(show)
  const modified: Modified<string>[] = []
  for (const item of [...was.values()].sort(byName)) {
    const now = is.get(item.name)
    if (now === undefined) continue
    const changes = changesOf(item.has, now.has)
    if (Object.keys(changes).length > 0) modified.push({ item: item.name, changes })
  }
  return { added: only(is, was), removed: only(was, is), modified }
}
