/**
 * Differences written to the folder of the host: all or nothing, as far as a file system lets us. First contents are
 * staged, then everything is looked at again, then names change, each in one step; a step that fails takes back those
 * before it.
 */
import type { FileError } from '@lsmkit/kernel/files'
import type { HostTreeStat } from '@lsmkit/kernel/hostfs'
import { SandboxError } from '../sandbox-error.ts'
import { REASONS, refused } from './apply-plan.ts'
import type { Plan } from './apply-plan.ts'
import { pathInBox } from './change.ts'
import type { CowFolder } from './cow-folder.ts'
import { isLateBelow, pathAfter } from './differences.ts'
import type { Difference } from './differences.ts'
import { HostMoved, HostWrites, isUntouched } from './host-writes.ts'

/** From what lies deepest up, so that nothing is taken away with a directory that has to stay. */
const deepestFirst = (a: Difference, b: Difference): number => b.lower!.length - a.lower!.length

/** Whether a name of the host goes away before others are put. */
const isTaken = ({ kind }: Difference): boolean => kind === 'removed' || kind === 'renamed'

/** A file that stays the host's own: it only gets another name or other permissions. */
const keepsFile = (one: Difference): boolean =>
  (one.kind === 'renamed' || one.kind === 'changed') && one.type === 'file' && !isStaged(one)

/** Whether a new file takes its place: one with other labels too, so that nobody sees the old label on new contents. */
const isStaged = ({ kind, hasNewContents, labels }: Difference): boolean =>
  kind !== 'removed' && (hasNewContents || labels.length > 0)

export class Applying {
  readonly #folder: CowFolder
  readonly #chosen: readonly Difference[]
  readonly #writes: HostWrites
  readonly #staged = new Map<Difference, string>()
  readonly #taken = new Map<Difference, string>()

  constructor(folder: CowFolder, { chosen }: Plan) {
    this.#folder = folder
    this.#chosen = chosen
    this.#writes = new HostWrites(folder.tree)
  }

  /** Throws SandboxError; then nothing has changed, unless its code is `half-applied`. */
  run(): void {
    try {
      this.#stage()
      this.#lookAgain()
      for (const one of this.#chosen.filter(isTaken).toSorted(deepestFirst)) {
        this.#taken.set(one, this.#take(one))
      }
      // a directory is before what lies in it
      for (const one of this.#chosen) if (one.kind !== 'removed') this.#put(one)
    } catch (error) {
      this.#failed(error)
    }
    const renames = this.#chosen.filter(({ kind, type }) => kind === 'renamed' && type === 'directory')
    if (renames.length > 0) this.#folder.state.rename((path) => pathAfter(renames, path))
    this.#noteOwn()
    try {
      this.#writes.finish()
    } catch (error) {
      throw this.#half(['what was replaced is kept', error instanceof Error ? error.message : String(error)], error)
    }
    this.#noteOwn()
    for (const { type, kind, path, labels } of this.#chosen) {
      if (type === 'directory' && kind !== 'removed' && labels.length > 0) this.#folder.labels.learn(path, labels)
    }
  }

  #stage(): void {
    for (const one of this.#chosen) {
      const { type, text, mode, base, path, lower } = one
      if (!isStaged(one) || (type !== 'link' && type !== 'file')) continue
      const { upper, labels } = this.#folder
      const owner = base?.kind === 'file' ? base : null
      const own = labels.ofNewFile(path, type, base?.kind === type ? lower : null)
      this.#staged.set(one, type === 'link' ? this.#writes.stageLink(text!, own)
        : this.#writes.stageFile(upper, path, { mode: mode!, owner, labels: own }))
    }
  }

  /** A directory goes back if the host has put something into it since it was looked at. */
  #take({ kind, type, lower, base, conflict }: Difference): string {
    const { tree, state } = this.#folder
    const taken = this.#writes.take(lower!, base!)
    const isWhole = kind === 'removed' && type === 'directory' && conflict === null
    if (isWhole && isLateBelow(tree, state, lower!, base!, taken)) throw new HostMoved(lower!)
    return taken
  }

  /** The whole of it, right before the first name changes. */
  #lookAgain(): void {
    const { tree, target } = this.#folder
    tree.forget()
    const places = this.#chosen.flatMap(({ lower, base, path }) => {
      const now = lower === null ? null : tree.stat(lower)
      const isSame = base === null || (now !== null && isUntouched(now, base))
      return isSame ? [] : [{ path: pathInBox(target, path), reason: REASONS.changed }]
    })
    if (places.length > 0) throw refused(places)
  }

  #put(one: Difference): void {
    const { kind, type, path, mode, base, lower } = one
    const staged = this.#staged.get(one)
    if (type === 'directory') return this.#putDirectory(one)
    if (keepsFile(one)) {
      if (kind === 'renamed') this.#writes.put(this.#taken.get(one)!, path)
      if (mode !== null && mode !== base!.mode) this.#writes.chmod(path, mode, base!.mode)
      return
    }
    if (staged === undefined) {
      // a link that only gets another name
      if (kind === 'renamed') this.#writes.put(this.#taken.get(one)!, path)
      return
    }
    if (one.sameAs !== null && kind === 'added' && this.#writes.linkAlso(one.sameAs, path, staged)) return
    if (kind === 'changed' && lower !== null) this.#writes.replace(staged, path, base!)
    else this.#writes.put(staged, path)
  }

  #putDirectory(one: Difference): void {
    const { kind, path, mode, base, labels } = one
    if (kind === 'added') return this.#writes.mkdir(path, mode!, labels)
    if (kind === 'renamed') this.#writes.move(this.#taken.get(one)!, path)
    for (const label of labels) this.#writes.setLabel(path, label)
    if (mode !== base!.mode) this.#writes.chmod(path, mode!, base!.mode)
  }

  #failed(error: unknown): never {
    const failed = this.#writes.undo()
    if (failed.length > 0) throw this.#half(failed, error)
    if (error instanceof HostMoved) {
      throw refused([{ path: pathInBox(this.#folder.target, error.path), reason: REASONS.changed }])
    }
    if (error instanceof SandboxError) throw error
    const { message, path } = error as Partial<FileError>
    throw new SandboxError('bad-tree', `nothing was written: ${message ?? String(error)}`, {
      place: 'apply', cause: error,
      places: path === undefined ? [] : [{ path: pathInBox(this.#folder.target, path), reason: message ?? '' }],
    })
  }

  #half(failed: readonly string[], cause: unknown): SandboxError {
    return new SandboxError('half-applied', `not all could be taken back: ${failed[0]!}`, {
      place: 'apply', cause, places: failed.map((reason) => ({ path: this.#folder.target, reason })),
      hint: 'what was there before lies in a directory `.lsmkit-apply-…` of the folder',
    })
  }

  /** Our own files do not count as changes of the host. */
  #noteOwn(): void {
    const { tree, state } = this.#folder
    tree.forget()
    for (const { kind, path } of this.#chosen) {
      const stat: HostTreeStat | null = kind === 'removed' ? null : tree.stat(path)
      if (stat !== null) state.noteOwn(path, stat)
    }
  }
}
