/** The file systems of a box whose files belong to a moment: those in memory, and folders that are copied on write. */
import type { Task } from '@lsmkit/core'
import { Kstat } from '@lsmkit/kernel/boot'
import type { Kernel } from '@lsmkit/kernel'
import type { CowFolders } from './cow/cow-folders.ts'
import { must } from './subject.ts'

export interface KeptDevicesOf {
  readonly plain: Kernel
  readonly hostTask: Task
  /** Where file systems in memory lie. */
  readonly roots: readonly string[]
  readonly cow: CowFolders
}

export class KeptDevices {
  readonly #of: KeptDevicesOf
  #devices: ReadonlySet<number> = new Set()

  constructor(of: KeptDevicesOf) {
    this.#of = of
    this.refresh()
  }

  has(dev: number): boolean {
    return this.#devices.has(dev)
  }

  /** Call it when something was mounted. */
  refresh(): void {
    const { plain, hostTask, roots, cow } = this.#of
    const stat = new Kstat()
    const memory = roots.map((root) => {
      must(plain.sys.lstat(hostTask, root, stat), root)
      return stat.dev
    })
    this.#devices = new Set([...memory, ...cow.devices])
  }
}
