/**
 * A folder of the host that a box works on without changing it. On the place of its mount lie, from below: the folder,
 * read-only; a file system in memory with the upper layer; the overlay of both. Changes of the upper layer from below
 * are made while the overlay is not mounted.
 */
import { MNT_DETACH, O_CLOEXEC, O_PATH, S_IFCHR, S_IFDIR, S_IFMT } from '@lsmkit/abi'
import type { Path, SuperBlock, Task } from '@lsmkit/core'
import { fdTable, Kstat } from '@lsmkit/kernel/boot'
import type { Kernel } from '@lsmkit/kernel'
import type { HostTree } from '@lsmkit/kernel/hostfs'
import type { LinkGuard } from '../names/link-guard.ts'
import { restoreSnapshot, takeSnapshot } from '../snapshot.ts'
import type { SnapshotEntry, SnapshotFolder } from '../snapshot.ts'
import { forked, must } from '../subject.ts'
import { CowState, noteBytes, noteOfRoot, pathInLayer, shownIno } from './cow-state.ts'
import { CowLabels } from './labels.ts'
import { NestedMounts } from './nested-mounts.ts'
import type { NestedPlace } from './stages.ts'
import { UpperLayer } from './upper-layer.ts'
import type { Ways } from './ways.ts'

/** Every directory that is new has it. */
const OPAQUE = 'trusted.overlay.opaque'
/** The root of the upper layer. */
const ROOT = ['/'] as const

export class CowFolder {
  /** Where it is mounted. */
  readonly target: string
  readonly tree: HostTree
  readonly state: CowState
  readonly upper: UpperLayer
  readonly labels: CowLabels
  readonly #kernel: Kernel
  /** Stands in the folder of the host, below all other mounts. */
  readonly #mounter: Task
  readonly #lower: SuperBlock
  readonly #nested: NestedMounts
  #overlay: SuperBlock | null = null
  #isFirst = true

  /** The folder is mounted there. `nested`: mounts that lie in it. Throws SandboxError. */
  constructor(
    kernel: Kernel, guard: LinkGuard, target: string, tree: HostTree, nested: readonly NestedPlace[],
  ) {
    this.#kernel = kernel
    this.target = target
    this.tree = tree
    this.state = new CowState()
    const { sys } = kernel
    this.#mounter = forked(kernel, kernel.init)
    guard.own(this.#mounter)
    must(sys.chdir(this.#mounter, target), target)
    this.#lower = this.#superOf(target)
    this.upper = new UpperLayer(kernel, this.#makeUpper(guard))
    this.labels = new CowLabels(kernel, this.#mounter, tree, this.upper)
    this.#dressRoot()
    this.#nested = new NestedMounts(kernel, guard, target, `${target}/aside`, nested)
    // a note on each copy: what the host had when it was made
    const others = kernel.machine.overlayNote
    kernel.machine.overlayNote = (lower, stat) => {
      if (lower.dentry.d_sb !== this.#lower) return others?.(lower, stat) ?? null
      const note = this.state.noteOf(pathInLayer(lower), stat)
      return note === null ? null : noteBytes(note)
    }
  }

  /** Device and inode number by which the folder is known again. */
  get ino(): number {
    return shownIno(this.tree.rootStat.ino)
  }

  /** Devices of the kernel whose files lie in the upper layer. */
  get devices(): number[] {
    const stat = new Kstat()
    must(this.#kernel.sys.lstat(this.upper.task, '/', stat), this.target)
    return [stat.dev, ...(this.#overlay === null ? [] : [this.#overlay.s_dev])]
  }

  /** Whether a path that is open lies in the overlay. */
  has({ dentry }: Path): boolean {
    return dentry.d_sb === this.#overlay
  }

  /** Names in it that belong to mounts. */
  get ways(): Ways {
    return this.#nested.ways
  }

  mount(): void {
    const { sys } = this.#kernel
    const dir = this.target.replace(/[\\,:]/g, '\\$&')
    const options = `lowerdir=.,upperdir=${dir}/upper,workdir=${dir}/work,redirect_dir=on`
    must(sys.mount(this.#mounter, 'overlay', this.target, 'overlay', 0, options), this.target)
    this.#overlay = this.#superOf(this.target)
    const root = new Kstat()
    must(sys.stat(this.#mounter, '.', root), this.target)
    this.#nested.enter(root, this.#isFirst)
    this.#isFirst = false
  }

  /** Programs that still have files open there keep them, below nothing. */
  unmount(): void {
    this.#nested.leave()
    must(this.#kernel.sys.umount2(this.#mounter, this.target, MNT_DETACH), this.target)
    this.#overlay = null
  }

  /** All mounts of the place. */
  leave(): void {
    const { sys } = this.#kernel
    for (const task of [this.upper.task, this.#mounter, this.#nested.task]) sys.exit_group(task, 0)
    unmountAll(this.#kernel, this.target)
    this.tree.close()
  }

  snapshot(): SnapshotFolder {
    const { since, own } = this.state
    const entries = this.#withoutWays(takeSnapshot(this.#kernel, this.upper.task, ROOT).entries)
    return { ino: this.ino, since, own: [...own].map(([path, { ino, ctime }]) => ({ path, ino, ctime })), entries }
  }

  /** Directories that are there for mounts alone are made anew by each box. */
  #withoutWays(entries: readonly SnapshotEntry[]): SnapshotEntry[] {
    const kept = new Set<string>()
    return entries.toReversed().filter(({ path, attributes }) => {
      const inner = path.slice(1)
      const isBare = this.ways.isAbove(inner) && !kept.has(path) && attributes.every(([name]) => name === OPAQUE)
      if (isBare || this.ways.isMount(inner)) return false
      kept.add(path.slice(0, path.lastIndexOf('/')))
      return true
    }).toReversed()
  }

  /** The first name on the way to a mount that the layer has as a file or link; null for none. */
  coveredIn({ entries }: SnapshotFolder): string | null {
    const isOther = ({ path, mode, data }: SnapshotEntry): boolean =>
      this.ways.has(path.slice(1)) && (mode & S_IFMT) !== S_IFDIR && !((mode & S_IFMT) === S_IFCHR && data === 0)
    return entries.find(isOther)?.path ?? null
  }

  /** While the overlay is not mounted. */
  restore({ since, own, entries }: SnapshotFolder): void {
    restoreSnapshot(this.#kernel, this.upper.task, ROOT, { version: 1, entries })
    this.state.reset(since, own.map(({ path, ...write }) => [path, write]))
  }

  /** While the overlay is not mounted. */
  empty(): void {
    for (const name of this.upper.list('')) this.upper.files.remove(`/${name}`)
    this.#dressRoot()
    this.state.reset()
  }

  #superOf(path: string): SuperBlock {
    const { sys } = this.#kernel
    const fd = must(sys.open(this.#mounter, path, O_PATH | O_CLOEXEC, 0), path)
    const { d_sb } = fdTable(this.#mounter).get(fd)!.f_path.dentry
    sys.close(this.#mounter, fd)
    return d_sb
  }

  /** A task whose root is the upper layer. */
  #makeUpper(guard: LinkGuard): Task {
    const { sys } = this.#kernel
    const task = this.#mounter
    must(sys.mount(task, 'upper', this.target, 'tmpfs', 0, 'mode=700'), this.target)
    const [upper, work, aside] = ['upper', 'work', 'aside'].map((name) => `${this.target}/${name}`) as
      [string, string, string]
    for (const dir of [upper, work, aside]) must(sys.mkdir(task, dir, 0o700), dir)
    const inside = forked(this.#kernel, this.#kernel.init)
    guard.own(inside)
    must(sys.chdir(inside, upper), upper)
    must(sys.chroot(inside, '.'), upper)
    return inside
  }

  /** The root of the layer gets the attributes of the folder itself. */
  #dressRoot(): void {
    const root = new Kstat()
    must(this.#kernel.sys.stat(this.#mounter, '.', root), this.target)
    const { mode } = this.tree.rootStat
    this.upper.files.chown('/', root.uid, root.gid, false)
    must(this.#kernel.sys.chmod(this.upper.task, '/', mode), this.target)
    this.upper.setNote('', { ...noteOfRoot(this.tree.rootStat), mode })
  }
}

/** All three mounts of a place, and all that lies in them. */
export const unmountAll = ({ sys, init }: Kernel, target: string): void => {
  for (let mounts = 0; mounts < 3; mounts++) sys.umount2(init, target, MNT_DETACH)
}
