/**
 * The differences between the upper layer and the folder of the host, found by a walk of the upper layer alone. Each
 * name of it is compared with the name of the host that it covers, as that is now.
 */
import type { HostTree, HostTreeStat } from '@lsmkit/kernel/hostfs'
import { isAsNoted, shownIno } from './cow-state.ts'
import type { CowState, LowerNote } from './cow-state.ts'
import { sameContents } from './contents.ts'
import type { CowLabels, Label } from './labels.ts'
import type { UpperLayer, UpperStat } from './upper-layer.ts'
import type { Ways } from './ways.ts'

export type ChangeKind = 'added' | 'changed' | 'removed' | 'renamed'
export type ChangedType = 'file' | 'directory' | 'link' | 'special'

/** Paths are relative to the folder. */
export interface Difference {
  kind: ChangeKind
  readonly type: ChangedType
  /** Where it is in the box; of what was removed, where it is on the host. */
  readonly path: string
  /** The name on the host that it is compared with; null if there is nothing. */
  lower: string | null
  base: HostTreeStat | null
  readonly mode: number | null
  /** Contents of a file, or the text of a link, differ. */
  hasNewContents: boolean
  /** The text of a link. */
  readonly text: string | null
  /** Another name of the same file, which is before it in the list. */
  sameAs: string | null
  /** Number of the file in the upper layer where it has several names. */
  readonly names: number | null
  readonly attributes: readonly string[]
  /** Labels of modules that the host's file does not have, where the host keeps them. */
  labels: readonly Label[]
  /** Why it cannot be written without undoing what the host has done meanwhile. */
  conflict: Conflict | null
}

/** The host's own change of it meanwhile. */
export type Conflict = 'changed' | 'removed' | 'made' | 'replaced'

export const joined = (dir: string, name: string): string => (dir === '' ? name : `${dir}/${name}`)
export const isBelow = (path: string, top: string): boolean => top === '' || path.startsWith(`${top}/`)
const typeOf = (kind: UpperStat['kind'] | HostTreeStat['kind']): ChangedType =>
  kind === 'dir' ? 'directory' : kind === 'file' || kind === 'link' ? kind : 'special'

/** Where a name of the host lies after directories of it have been renamed. */
export const pathAfter = (renames: readonly Difference[], path: string): string => {
  const [nearest] = renames.filter(({ lower }) => path === lower! || isBelow(path, lower!))
    .toSorted((a, b) => b.lower!.length - a.lower!.length)
  return nearest === undefined ? path : nearest.path + path.slice(nearest.lower!.length)
}

/** Where a directory that was moved lies on the host. */
export const redirected = (redirect: string, lower: string | null): string => {
  if (redirect.startsWith('/')) return redirect.slice(1)
  const at = lower?.lastIndexOf('/') ?? -1
  return at < 0 ? redirect : `${lower!.slice(0, at)}/${redirect}`
}

/**
 * The directory of the host that shows in one of the upper layer; null for none. `lower`: the name that it covers,
 * where its parent is merged with a directory of the host. A path from the root leads there from anywhere.
 */
export const shownIn = (upper: UpperLayer, path: string, lower: string | null): string | null => {
  if (upper.isOpaque(path)) return null
  const redirect = upper.redirect(path)
  if (redirect === null) return lower
  return lower === null && !redirect.startsWith('/') ? null : redirected(redirect, lower)
}

/** What a walk reads of a folder. */
interface WalkedFolder {
  readonly upper: UpperLayer
  readonly tree: HostTree
  readonly state: CowState
  readonly labels: CowLabels
}

export class Walk {
  readonly #upper: UpperLayer
  readonly #tree: HostTree
  readonly #state: CowState
  readonly #labels: CowLabels
  readonly #ways: Ways
  readonly found: Difference[] = []
  /** By path of the host. */
  readonly #removed = new Map<string, Difference>()
  /** Files that were copied from another name of the host. */
  readonly #moved: { readonly difference: Difference; readonly note: LowerNote }[] = []
  readonly #movedDirs = new Set<string>()
  /** First names of files of several names. */
  readonly #names = new Map<number, string>()

  /** `ways`: names that belong to mounts, which are not changes. */
  constructor({ upper, tree, state, labels }: WalkedFolder, ways: Ways) {
    this.#upper = upper
    this.#tree = tree
    this.#state = state
    this.#labels = labels
    this.#ways = ways
  }

  all(): Difference[] {
    this.#tree.forget()
    this.#noteMoves('', '', true)
    const root = this.#upper.stat('')!
    const base = this.#tree.rootStat
    const own = this.#own('', root, '', base)
    const mode = own.hasNewMode ? root.mode : base.mode
    if (own.isNew) this.#add('', { ...root, mode }, { kind: 'changed', lower: '', base, conflict: own.conflict })
    this.#directory('', '', true, false)
    for (const { difference, note } of this.#moved) this.#settleMove(difference, note)
    const all = [...this.found, ...this.#removed.values()]
      .toSorted((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))
    for (const one of all) this.#settleNames(one)
    return all
  }

  /** Directories of the host that lie elsewhere now: their old names have nothing. */
  #noteMoves(path: string, lower: string | null, isMerged: boolean): void {
    for (const name of this.#upper.list(path)) {
      const at = joined(path, name)
      if (this.#upper.stat(at)?.kind !== 'dir') continue
      const place = lower === null ? null : joined(lower, name)
      const from = shownIn(this.#upper, at, isMerged ? place : null)
      const isThere = from !== null && this.#tree.stat(from)?.kind === 'dir'
      if (isThere && from !== place) this.#movedDirs.add(from)
      const covered = isThere ? from : place !== null && this.#tree.stat(place)?.kind === 'dir' ? place : null
      this.#noteMoves(at, covered, isThere)
    }
  }

  #settleNames(one: Difference): void {
    if (one.names === null) return
    one.sameAs = this.#names.get(one.names) ?? null
    if (one.sameAs === null) this.#names.set(one.names, one.path)
  }

  /** The file of the host there; null if the box has moved it away with a directory. */
  #baseOf(lower: string | null): HostTreeStat | null {
    return lower === null || this.#movedDirs.has(lower) ? null : this.#tree.stat(lower)
  }

  /** `lower`: the directory of the host that it is merged with or lies over; `isReplaced`: not the one it was. */
  #directory(path: string, lower: string | null, isMerged: boolean, isReplaced: boolean): void {
    const names = this.#upper.list(path)
    for (const name of names) {
      this.#entry(joined(path, name), lower === null ? null : joined(lower, name), isMerged, isReplaced)
    }
    if (isMerged || lower === null) return
    const there = new Set(names)
    for (const name of this.#tree.list(lower)) if (!there.has(name)) this.#remove(joined(lower, name), isReplaced)
  }

  #entry(path: string, lower: string | null, isMerged: boolean, isReplaced: boolean): void {
    const stat = this.#upper.stat(path)
    if (stat === null || this.#ways.isMount(path)) return
    const base = this.#baseOf(lower)
    if (stat.kind === 'whiteout') {
      if (base !== null) this.#remove(lower!, isReplaced)
      return
    }
    if (stat.kind === 'dir') this.#dir(path, lower, base, stat, isMerged, isReplaced)
    else this.#leaf(path, lower, base, stat, isReplaced)
  }

  #dir(
    path: string, lower: string | null, base: HostTreeStat | null, stat: UpperStat, isMerged: boolean,
    isReplaced: boolean,
  ): void {
    const from = shownIn(this.#upper, path, isMerged ? lower : null)
    const fromStat = from === lower ? base : from === null ? null : this.#tree.stat(from)
    const note = this.#upper.note(path)
    if (from !== null && fromStat?.kind === 'dir' && (from !== lower || base !== null)) {
      const isOther = isReplaced || (note !== null && note.ino !== shownIno(fromStat.ino))
      const own = this.#own(path, stat, from, fromStat)
      const conflict = isOther ? 'replaced' : own.conflict
      if (from !== lower) {
        if (base !== null) this.#remove(lower!, isReplaced)
        this.#add(path, { ...stat, mode: own.hasNewMode ? stat.mode : fromStat.mode }, {
          kind: 'renamed', lower: from, base: fromStat, conflict,
        })
      } else if (own.isNew) {
        const mode = own.hasNewMode ? stat.mode : fromStat.mode
        this.#add(path, { ...stat, mode }, { kind: 'changed', lower: from, base: fromStat, conflict })
      }
      return this.#directory(path, from, true, isOther)
    }
    const isGone = from !== null && note !== null
    if (base?.kind === 'dir') {
      // made anew in place of one that was removed
      const isNew = stat.mode !== base.mode || this.#labels.changed(path, 'dir', lower).length > 0
      if (isNew) this.#add(path, stat, { kind: 'changed', lower, base, conflict: null })
      return this.#directory(path, lower, false, isReplaced)
    }
    const isWay = this.#ways.isAbove(path)
    if (base !== null && !isWay) this.#remove(lower!, isReplaced)
    const conflict = isGone ? 'removed' : base !== null && isWay ? 'made' : null
    const added = this.#add(path, stat, { kind: 'added', lower: null, base: null, conflict })
    this.#directory(path, null, false, isReplaced)
    // made for a mount: it is a change if programs have put something into it
    if (isWay && this.found.at(-1) === added) this.found.pop()
  }

  /** Whether programs have changed the permissions or labels of a directory, and the host meanwhile too. */
  #own(
    path: string, { mode }: UpperStat, lower: string, base: HostTreeStat,
  ): { isNew: boolean; hasNewMode: boolean; conflict: Conflict | null } {
    const before = this.#upper.note(path)?.mode ?? base.mode
    const hasNewMode = mode !== before && mode !== base.mode
    const labels = this.#labels.changed(path, 'dir', lower)
    const isLate = (hasNewMode && before !== base.mode) || labels.some((label) => label.isLate)
    return { isNew: hasNewMode || labels.length > 0, hasNewMode, conflict: isLate ? 'changed' : null }
  }

  #leaf(path: string, lower: string | null, base: HostTreeStat | null, stat: UpperStat, isReplaced: boolean): void {
    const note = this.#upper.note(path)
    if (base !== null && base.kind !== 'dir') return this.#changed(path, lower!, base, stat, note, isReplaced)
    if (base !== null) this.#remove(lower!, isReplaced)
    const isGone = note !== null && note.path === lower
    const difference = this.#add(path, stat, {
      kind: 'added', lower: null, base: null, conflict: isGone ? 'removed' : isReplaced ? 'replaced' : null,
    })
    if (note !== null && !isGone) this.#moved.push({ difference, note })
  }

  #changed(
    path: string, lower: string, base: HostTreeStat, stat: UpperStat, note: LowerNote | null, isReplaced: boolean,
  ): void {
    const hasNewContents = !this.#isSame(path, stat, lower, base)
    const hasNewMode = stat.kind === 'file' && stat.mode !== base.mode
    const isOther = hasNewContents || hasNewMode || this.#upper.userAttributes(path).length > 0
    if (!isOther && this.#labelsOf(path, stat, lower).length === 0) return
    const conflict = isReplaced ? 'replaced' : this.#conflictOf(lower, base, note)
    this.#add(path, stat, { kind: 'changed', lower, base, conflict }).hasNewContents = hasNewContents
  }

  #conflictOf(lower: string, base: HostTreeStat, note: LowerNote | null): Conflict | null {
    if (this.#state.isOwn(lower, base)) return null
    if (base.kind === 'other') return 'made'
    if (note !== null && note.path === lower) return isAsNoted(note, base) ? null : 'changed'
    return this.#state.isLate(lower, base) ? 'changed' : null
  }

  #isSame(path: string, stat: UpperStat, lower: string, base: HostTreeStat): boolean {
    if (stat.kind !== base.kind) return false
    if (stat.kind === 'link') return this.#upper.readlink(path) === this.#tree.readlink(lower)
    return stat.kind === 'file' && stat.size === base.size && sameContents(this.#upper, path, this.#tree, lower)
  }

  /** A copy of a name that is gone has been renamed; a copy of one that is there is a file of its own. */
  #settleMove(difference: Difference, note: LowerNote): void {
    const removed = this.#removed.get(note.path)
    const isGone = removed !== undefined || [...this.#removed.keys()].some((top) => isBelow(note.path, top))
    if (!isGone) return
    const base = this.#tree.stat(note.path)
    if (base === null || base.kind === 'dir' || base.kind === 'other') return
    this.#removed.delete(note.path)
    difference.kind = 'renamed'
    difference.lower = note.path
    difference.base = base
    difference.labels = this.#labelsOf(difference.path, this.#upper.stat(difference.path)!, note.path)
    difference.conflict ??= this.#conflictOf(note.path, base, note)
    const stat = this.#upper.stat(difference.path)!
    difference.hasNewContents = !this.#isSame(difference.path, stat, note.path, base)
  }

  #labelsOf(path: string, { kind }: UpperStat, lower: string | null): readonly Label[] {
    return kind === 'special' || kind === 'whiteout' ? [] : this.#labels.changed(path, kind, lower)
  }

  #add(
    path: string, stat: UpperStat, more: Pick<Difference, 'kind' | 'lower' | 'base' | 'conflict'>,
  ): Difference {
    const difference: Difference = {
      ...more, path, type: typeOf(stat.kind), mode: stat.kind === 'link' ? null : stat.mode, sameAs: null,
      names: stat.kind === 'file' && stat.nlink > 1 ? stat.ino : null,
      hasNewContents: stat.kind === 'file' || stat.kind === 'link', attributes: this.#upper.userAttributes(path),
      labels: this.#labelsOf(path, stat, more.lower),
      text: stat.kind === 'link' ? this.#upper.readlink(path) : null,
    }
    this.found.push(difference)
    return difference
  }

  #remove(lower: string, isReplaced: boolean): void {
    const base = this.#baseOf(lower)
    if (base === null) return
    const isLate = isLateBelow(this.#tree, this.#state, lower, base)
    this.#removed.set(lower, {
      kind: 'removed', type: typeOf(base.kind), path: lower, lower, base, mode: null, hasNewContents: false, text: null,
      sameAs: null, names: null, attributes: [], labels: [],
      conflict: isReplaced ? 'replaced' : isLate ? 'changed' : null,
    })
  }
}

/**
 * Whether anything that would go with it has changed on the host. The time of a directory says nothing of what it is.
 * `at`: where it lies now.
 */
export const isLateBelow = (
  tree: HostTree, state: CowState, path: string, stat: HostTreeStat, at = path,
): boolean => {
  if (stat.kind !== 'dir') return stat.kind === 'other' || state.isLate(path, stat)
  return tree.list(at).some((name) => {
    const [next, place] = [joined(path, name), joined(at, name)]
    const below = tree.stat(place)
    return below !== null && isLateBelow(tree, state, next, below, place)
  })
}
