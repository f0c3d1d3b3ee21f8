/**
 * A folder of the host that a box works on without changing it. On the place of its mount lie, from below: the folder,
 * read-only; a file system in memory with the upper layer; the overlay of both. Changes of the upper layer from below
 * are made while the overlay is not mounted.
 */
import { MNT_DETACH, O_CLOEXEC, O_PATH } from '@lsmkit/abi'
import type { Path, SuperBlock, Task } from '@lsmkit/core'
import { fdTable, Kstat } from '@lsmkit/kernel/boot'
import type { Kernel } from '@lsmkit/kernel'
import type { HostTree } from '@lsmkit/kernel/hostfs'
import type { LinkGuard } from '../names/link-guard.ts'
import { restoreSnapshot, takeSnapshot } from '../snapshot.ts'
import type { SnapshotFolder } from '../snapshot.ts'
import { forked, must } from '../subject.ts'
import { CowState, noteBytes, pathInLayer, shownIno } from './cow-state.ts'
import { UpperLayer } from './upper-layer.ts'

/** The root of the upper layer. */
const ROOT = ['/'] as const

export class CowFolder {
  /** Where it is mounted. */
  readonly target: string
  readonly tree: HostTree
  readonly state: CowState
  readonly upper: UpperLayer
  readonly #kernel: Kernel
  /** Stands in the folder of the host, below all other mounts. */
  readonly #mounter: Task
  readonly #lower: SuperBlock
  #overlay: SuperBlock | null = null

  /** The folder is mounted there. Throws SandboxError. */
  constructor(kernel: Kernel, guard: LinkGuard, target: string, tree: HostTree) {
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

  mount(): void {
    const { sys } = this.#kernel
    const dir = this.target.replace(/[\\,:]/g, '\\$&')
    const options = `lowerdir=.,upperdir=${dir}/upper,workdir=${dir}/work,redirect_dir=on`
    must(sys.mount(this.#mounter, 'overlay', this.target, 'overlay', 0, options), this.target)
    this.#overlay = this.#superOf(this.target)
  }

  /** Programs that still have files open there keep them, below nothing. */
  unmount(): void {
    must(this.#kernel.sys.umount2(this.#mounter, this.target, MNT_DETACH), this.target)
    this.#overlay = null
  }

  /** All mounts of the place. */
  leave(): void {
    const { sys, init } = this.#kernel
    for (const task of [this.upper.task, this.#mounter]) sys.exit_group(task, 0)
    for (let mounts = 0; mounts < 3; mounts++) sys.umount2(init, this.target, MNT_DETACH)
    this.tree.close()
  }

  snapshot(): SnapshotFolder {
    const { since, own } = this.state
    const { entries } = takeSnapshot(this.#kernel, this.upper.task, ROOT)
    return { ino: this.ino, since, own: [...own].map(([path, { ino, ctime }]) => ({ path, ino, ctime })), entries }
  }

  /** While the overlay is not mounted. */
  restore({ since, own, entries }: SnapshotFolder): void {
    restoreSnapshot(this.#kernel, this.upper.task, ROOT, { version: 1, entries })
    this.state.reset(since, own.map(({ path, ...write }) => [path, write]))
  }

  /** While the overlay is not mounted. */
  empty(): void {
    for (const name of this.upper.list('')) this.upper.files.remove(`/${name}`)
    this.state.reset(Date.now())
  }

  #superOf(path: string): SuperBlock {
    const { sys } = this.#kernel
    const fd = must(sys.open(this.#mounter, path, O_PATH | O_CLOEXEC, 0), path)
    const { d_sb } = fdTable(this.#mounter).get(fd)!.f_path.dentry
    sys.close(this.#mounter, fd)
    return d_sb
  }

  /** A task whose root is the upper layer, which has the attributes of the folder itself. */
  #makeUpper(guard: LinkGuard): Task {
    const { sys } = this.#kernel
    const [task, root] = [this.#mounter, new Kstat()]
    must(sys.stat(task, '.', root), this.target)
    must(sys.mount(task, 'upper', this.target, 'tmpfs', 0, 'mode=700'), this.target)
    const [upper, work] = [`${this.target}/upper`, `${this.target}/work`]
    for (const dir of [upper, work]) must(sys.mkdir(task, dir, 0o700), dir)
    must(sys.chown(task, upper, root.uid, root.gid), upper)
    must(sys.chmod(task, upper, root.mode & 0o777), upper)
    const inside = forked(this.#kernel, this.#kernel.init)
    guard.own(inside)
    must(sys.chdir(inside, upper), upper)
    must(sys.chroot(inside, '.'), upper)
    return inside
  }
}
