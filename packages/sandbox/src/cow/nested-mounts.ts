/**
 * Mounts of the policy that lie in a folder that is copied on write. They lie on names of the overlay. While that is
 * not mounted they wait in a directory of the file system below it, so they stay the mounts that they were.
 *
 * The directories that lead to them are in the upper layer from the start, so that the host cannot take them away.
 */
import {
  AT_FDCWD, MOVE_MOUNT_F_EMPTY_PATH, MOVE_MOUNT_T_EMPTY_PATH, O_CLOEXEC, O_PATH, S_IFDIR, S_IFMT,
} from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import { Kstat } from '@lsmkit/kernel/boot'
import type { Kernel } from '@lsmkit/kernel'
import { TaskFiles } from '@lsmkit/kernel/files'
import type { LinkGuard } from '../names/link-guard.ts'
import { openStrictly } from '../names/named-places.ts'
import { SandboxError } from '../sandbox-error.ts'
import { forked, must } from '../subject.ts'
import type { Ids } from '../subject.ts'
import type { NestedPlace } from './stages.ts'
import { Ways } from './ways.ts'

/** A mount, and the directory in which it waits. */
interface Nested {
  readonly path: string
  /** Its root, as a descriptor: it stays the same wherever the mount is moved. */
  readonly root: number
  readonly aside: number
}

export class NestedMounts {
  readonly ways: Ways
  readonly #kernel: Kernel
  /** Has the descriptors, and follows no link. */
  readonly task: Task
  readonly #target: string
  readonly #all: readonly Nested[]

  /** Takes the mounts from where they were made. `aside`: an empty directory below the overlay. Throws SandboxError. */
  constructor(kernel: Kernel, guard: LinkGuard, target: string, aside: string, places: readonly NestedPlace[]) {
    const { sys } = kernel
    this.#kernel = kernel
    const task = this.task = forked(kernel, kernel.init)
    guard.own(task)
    this.#target = target
    this.ways = new Ways(places.map(({ path }) => path))
    this.#all = places.map(({ path, stage }, i): Nested => {
      const dir = `${aside}/${i}`
      must(sys.mkdir(task, dir, 0o700), dir)
      const nested = {
        path, root: this.#open(stage, `${target}/${path}`),
        aside: must(sys.open(task, dir, O_PATH | O_CLOEXEC, 0), dir),
      }
      this.#move(nested, nested.aside)
      must(sys.rmdir(task, stage), stage)
      return nested
    })
  }

  /** Before the overlay is unmounted. */
  leave(): void {
    for (const nested of this.#all) this.#move(nested, nested.aside)
  }

  /**
   * After the overlay was mounted. Directories that are missing are made, and belong to `ids`. `isFirst`: a file or
   * link in the way is an error; later, when the host has made it, it is covered.
   */
  enter(ids: Ids, isFirst: boolean): void {
    for (const nested of this.#all) {
      for (const dir of this.ways.leadingTo(nested.path)) this.#directory(dir, ids, isFirst)
      const at = `${this.#target}/${nested.path}`
      const fd = this.#open(at, at)
      this.#move(nested, fd)
      this.#kernel.sys.close(this.task, fd)
    }
  }

  #directory(path: string, ids: Ids, isFirst: boolean): void {
    const { sys } = this.#kernel
    const [task, at, stat] = [this.task, `${this.#target}/${path}`, new Kstat()]
    const isThere = sys.lstat(task, at, stat) === 0
    if (isThere && (stat.mode & S_IFMT) === S_IFDIR) {
      // a change of nothing takes a copy into the upper layer
      must(sys.chmod(task, at, stat.mode & 0o7777), at)
      return
    }
    if (isThere && isFirst) {
      throw new SandboxError('bad-policy', `\`${at}\` is not a directory, so nothing can be mounted there`, {
        place: 'mounts', hint: 'name a directory of the folder, or a name that is not there',
      })
    }
    if (isThere) new TaskFiles(this.#kernel, task).remove(at)
    must(sys.mkdir(task, at, 0o755), at)
    must(sys.fchownat(task, AT_FDCWD, at, ids.uid, ids.gid, 0), at)
  }

  #open(path: string, what: string): number {
    return must(openStrictly(this.#kernel, this.task, path), what)
  }

  #move({ path, root }: Nested, to: number): void {
    const flags = MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH
    must(this.#kernel.sys.move_mount(this.task, root, '', to, '', flags), `${this.#target}/${path}`)
  }
}
