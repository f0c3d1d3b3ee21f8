/** All folders of a box that are copied on write: their changes, and what becomes of those. */
import { OptionError } from '@lsmkit/core/option-rules'
import type { Path } from '@lsmkit/core'
import type { Kernel } from '@lsmkit/kernel'
import type { LinkGuard } from '../names/link-guard.ts'
import { SandboxError } from '../sandbox-error.ts'
import type { Snapshot, SnapshotFolder } from '../snapshot.ts'
import type { BoxMounts } from '../tree.ts'
import type { Applied, ApplyOptions, Change, ChangesOptions } from './change.ts'
import { CowFolder, unmountAll } from './cow-folder.ts'
import { Walk } from './differences.ts'
import type { Difference } from './differences.ts'

const differencesOf = ({ upper, tree, state, ways, labels }: CowFolder): Difference[] =>
  new Walk({ upper, tree, state, labels }, ways).all()

/** Folders by where they are mounted, and the mounts that lie in each. */
export type CowMounts = Pick<BoxMounts, 'trees' | 'nested'>

export class CowFolders {
  /** An outer one before those that lie in it. */
  readonly #folders: CowFolder[] = []

  /**
   * The folders of the host are mounted there, or wait aside for the folder that they lie in. `from`: the upper layers
   * begin as they are in it. Throws SandboxError; no folder is open then.
   */
  constructor(kernel: Kernel, guard: LinkGuard, { trees, nested }: CowMounts, from: Snapshot | null) {
    try {
      for (const [target, tree] of trees) {
        const folder = new CowFolder(kernel, guard, target, tree, nested.get(target) ?? [])
        this.#folders.push(folder)
        const before = layerOf(from, folder)
        if (before !== null) folder.restore(before)
        folder.mount()
      }
    } catch (error) {
      this.leave()
      for (const tree of trees.values()) tree.close()
      const left = [...[...nested.values()].flat().map(({ stage }) => stage), ...trees.keys()]
      for (const path of left) unmountAll(kernel, path)
      throw error
    }
  }

  get isEmpty(): boolean {
    return this.#folders.length === 0
  }

  /** Inode numbers on the host, by where they are mounted. */
  get inodes(): Map<string, number> {
    return new Map(this.#folders.map(({ target, ino }) => [target, ino]))
  }

  get devices(): number[] {
    return this.#folders.flatMap(({ devices }) => devices)
  }

  /** Waits, if need be, until a change of the host cannot be taken for one from before. At most a tick of its clock. */
  async settled(): Promise<void> {
    const wait = Math.max(0, ...this.#folders.map(({ state }) => state.untilSettled))
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait))
  }

  /** Directories that an `apply` has left which was ended in its middle, in the box. */
  async unfinished(): Promise<string[]> {
    if (this.isEmpty) return []
    const [{ unfinishedIn }, { pathInBox }] = await Promise.all([import('./unfinished.ts'), import('./change.ts')])
    return this.#folders.flatMap(({ tree, target }) =>
      unfinishedIn(tree).map(({ directory }) => pathInBox(target, directory)))
  }

  readonly has = (path: Path): boolean => this.#folders.some((folder) => folder.has(path))

  snapshot(): Record<string, SnapshotFolder> {
    return Object.fromEntries(this.#folders.map((folder) => [folder.target, folder.snapshot()]))
  }

  async changes(options: ChangesOptions): Promise<Change[]> {
    if (this.isEmpty) return []
    const { ChangeList } = await import('./change-list.ts')
    const list = new ChangeList(options)
    return this.#folders.toSorted((a, b) => (a.target < b.target ? -1 : 1))
      .flatMap((folder) => differencesOf(folder).map((one) => list.of(folder, one)))
  }

  /**
   * Writes to the folders of the host; each is all or nothing for itself. `between` runs a step while no overlay is
   * mounted, `assertIdle` throws while programs run.
   */
  async apply(
    patterns: readonly string[], options: ApplyOptions, between: (step: () => void) => void, assertIdle: () => void,
  ): Promise<Applied> {
    if (this.isEmpty) throw noFolder('apply')
    const [
      { planOf }, { Applying }, { Pruning }, { matcherOf }, { changedPaths }, { assertFinished }, { assertApart },
    ] = await Promise.all([
      import('./apply-plan.ts'), import('./apply.ts'), import('./prune.ts'), import('./patterns.ts'),
      import('./change-list.ts'), import('./unfinished.ts'), import('./apart.ts'),
    ])
    // from here on nothing waits: no program comes in between
    assertIdle()
    const plans = this.#folders.map((folder) => {
      const all = differencesOf(folder)
      return { folder, all, plan: planOf(folder.target, all, matcherOf(patterns, folder.target), options) }
    }).filter(({ plan }) => plan.chosen.length > 0 || plan.left.length > 0)
    if (options.overwrite !== true) for (const { folder } of plans) assertFinished(folder)
    assertApart(plans)
    for (const { folder, plan } of plans) if (plan.chosen.length > 0) new Applying(folder, plan).run()
    between(() => {
      for (const { folder, all, plan } of plans) new Pruning(folder, all, plan.chosen).run()
    })
    return {
      applied: plans.flatMap(({ folder, plan }) => changedPaths(folder.target, plan.chosen)),
      left: plans.flatMap(({ plan }) => plan.left),
    }
  }

  /** While no overlay is mounted. */
  discard(): void {
    for (const folder of this.#folders) folder.empty()
  }

  /** Throws SandboxError for a snapshot of another folder, before anything changes. */
  checkRestorable(snapshot: Snapshot): void {
    for (const folder of this.#folders) layerOf(snapshot, folder)
  }

  /** While no overlay is mounted. Folders that the snapshot does not have keep their layers. */
  restore(snapshot: Snapshot): void {
    for (const folder of this.#folders) {
      const before = layerOf(snapshot, folder)
      if (before !== null) folder.restore(before)
    }
  }

  /** Runs `step` while no overlay is mounted. */
  between(step: () => void): void {
    for (const folder of this.#folders.toReversed()) folder.unmount()
    try {
      step()
    } finally {
      for (const folder of this.#folders) folder.mount()
    }
  }

  leave(): void {
    for (const folder of this.#folders.toReversed()) folder.leave()
  }
}

export const noFolder = (place: string): OptionError =>
  new OptionError('bad-option', 'no folder of the box is copied on write', {
    place, hint: "hostFolder('./repo', { copyOnWrite: true })",
  })

/** Null where the snapshot does not have it. Throws SandboxError where it has another folder. */
const layerOf = (snapshot: Snapshot | null, folder: CowFolder): SnapshotFolder | null => {
  const { target, ino } = folder
  const { folders = {} } = snapshot ?? {}
  const layer = Object.hasOwn(folders, target) ? folders[target]! : null
  if (layer === null) return null
  const covered = folder.coveredIn(layer)
  if (covered !== null) {
    const message = `the snapshot has another file at \`${target}${covered}\`, which leads to a mount`
    throw new SandboxError('not-there', message, { place: 'snapshot' })
  }
  if (layer.ino === ino) return layer
  const message = `the snapshot is of another folder than \`${target}\` is now`
  throw new SandboxError('not-there', message, { place: 'snapshot' })
}
