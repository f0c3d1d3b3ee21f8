/** Entries of declared trees as paths, on mounts of the kernel's own (simple_pin_fs). */
import type { Path, PseudoPlace } from '@lsmkit/core'
import { d_alloc, d_lookup } from '../vfs/dcache.ts'
import { lookup } from '../fs/pseudo/engine.ts'
import type { PseudoEngine } from '../fs/pseudo/engine.ts'
import type { Machine } from '../machine.ts'
import type { FileSystem } from '../state/vfs/driver.ts'
import type { Mount } from '../state/vfs/mount.ts'
import { revalidate } from '../vfs/path/walk.ts'
import { kernMount } from './first-mounts.ts'

export class PseudoPlaces {
  readonly #machine: Machine
  readonly #engine: PseudoEngine
  /** Types that nobody can mount. */
  readonly #hidden = new Map<string, FileSystem>()
  readonly #mounts = new Map<string, Mount>()

  constructor(machine: Machine, engine: PseudoEngine) {
    this.#machine = machine
    this.#engine = engine
  }

  /** Takes a type that is not registered. */
  add(type: FileSystem): void {
    this.#hidden.set(type.name, type)
  }

  /** The path of a place; null where there is no such type or entry. */
  pathOf({ type, path }: PseudoPlace): Path | null {
    const mnt = this.#mountOf(type)
    if (mnt === null) return null
    let at = mnt.mnt_root
    for (const name of path.split('/').filter((part) => part !== '')) {
      const known = d_lookup(at, name)
      const isKnown = known !== null && known.d_inode !== null && revalidate(known, 0) > 0
      const child = isKnown ? known : d_alloc(this.#machine, at, name)
      if (!isKnown && (at.d_inode === null || lookup(this.#engine, at.d_inode, child) !== 0)) return null
      if (child.d_inode === null) return null
      at = child
    }
    return { mnt, dentry: at }
  }

  #mountOf(name: string): Mount | null {
    const made = this.#mounts.get(name)
    if (made !== undefined) return made
    const type = this.#hidden.get(name) ?? this.#machine.filesystem(name)
    if (type === null) return null
    const mount = kernMount(this.#machine, type)
    this.#mounts.set(name, mount)
    return mount
  }
}
