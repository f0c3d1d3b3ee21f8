/** After `apply`: what the host has now goes from the upper layer, so that the box sees the folder itself again. */
import { sameContents } from './contents.ts'
import type { CowFolder } from './cow-folder.ts'
import { isBelow, joined, pathAfter, redirected } from './differences.ts'
import type { Difference } from './differences.ts'

export class Pruning {
  readonly #folder: CowFolder
  /** Files and directories of the upper layer, by their paths. */
  readonly #applied: ReadonlyMap<string, Difference>
  readonly #left: readonly Difference[]
  /** Directories that have been renamed on the host. */
  readonly #renames: readonly Difference[]

  /** `all`: the differences of before, of which `applied` have been written. */
  constructor(folder: CowFolder, all: readonly Difference[], applied: readonly Difference[]) {
    this.#folder = folder
    const chosen = new Set(applied)
    this.#applied = new Map(applied.filter(({ kind }) => kind !== 'removed').map((one) => [one.path, one]))
    this.#renames = applied.filter(({ kind, type }) => kind === 'renamed' && type === 'directory')
    this.#left = all.filter((one) => !chosen.has(one))
  }

  /** While the overlay is not mounted. */
  run(): void {
    this.#folder.tree.forget()
    this.#mendMode('')
    this.#directory('', '')
  }

  /** `lower`: the directory of the host that shows there from now on. */
  #directory(path: string, lower: string | null): void {
    const { upper, tree } = this.#folder
    for (const name of upper.list(path)) {
      const at = joined(path, name)
      const below = lower === null ? null : joined(lower, name)
      const kind = upper.stat(at)?.kind
      if (kind === 'dir') this.#subdirectory(at, below)
      else if (kind === 'whiteout') {
        if (below === null) continue
        if (tree.stat(below) === null) upper.unlink(at)
      } else if (below !== null && this.#isWritten(at, below)) upper.unlink(at)
      else this.#mendNote(at)
    }
  }

  /** Permissions that are written are the host's from now on. */
  #mendMode(path: string): void {
    const { upper } = this.#folder
    const note = this.#applied.has(path) ? upper.note(path) : null
    if (note !== null) upper.setNote(path, { ...note, mode: upper.stat(path)!.mode })
  }

  #mendNote(path: string): void {
    const { upper } = this.#folder
    const note = this.#renames.length === 0 ? null : upper.note(path)
    if (note === null) return
    const now = pathAfter(this.#renames, note.path)
    if (now !== note.path) upper.setNote(path, { ...note, path: now })
  }

  #subdirectory(path: string, below: string | null): void {
    const { upper, tree } = this.#folder
    this.#mendMode(path)
    const isHidden = upper.isOpaque(path)
    if (isHidden && (below === null || this.#hasLeft(path) || tree.stat(below)?.kind !== 'dir')) {
      return this.#directory(path, null)
    }
    if (isHidden) upper.clear(path, 'opaque')
    const redirect = upper.redirect(path)
    if (redirect === null) {
      return this.#directory(path, below !== null && tree.stat(below)?.kind === 'dir' ? below : null)
    }
    const from = redirected(redirect, below)
    const now = this.#applied.get(path)?.kind === 'renamed' ? path : pathAfter(this.#renames, from)
    // below a directory that hides the host's it is found from the root
    if (now === below) upper.clear(path, 'redirect')
    else if (now !== from) upper.setRedirect(path, now)
    this.#directory(path, tree.stat(now)?.kind === 'dir' ? now : null)
  }

  /** A change of the directory itself, or below it, was not written. */
  #hasLeft(path: string): boolean {
    const isOf = (name: string): boolean => name === path || isBelow(name, path)
    return this.#left.some((one) => isOf(one.path) || (one.lower !== null && isOf(one.lower)))
  }

  /** Attributes have no other place. */
  #isWritten(path: string, below: string): boolean {
    const { upper, tree } = this.#folder
    const one = this.#applied.get(path)
    if (one === undefined || one.attributes.length > 0) return false
    const [stat, base] = [upper.stat(path)!, tree.stat(below)]
    if (base === null || stat.kind !== base.kind) return false
    if (stat.kind === 'link') return upper.readlink(path) === tree.readlink(below)
    return stat.kind === 'file' && stat.mode === base.mode && stat.size === base.size &&
      sameContents(upper, path, tree, below)
  }
}
