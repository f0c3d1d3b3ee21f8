/**
 * Labels of modules in a copy-on-write folder whose host keeps them: which of them programs have changed, and which
 * ones a file gets that `apply` writes.
 */
import {
  O_CLOEXEC, O_NOFOLLOW, O_PATH, XATTR_SECURITY_PREFIX, XATTR_SELINUX_SUFFIX, XATTR_SMACK_SUFFIX,
} from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import { fdTable } from '@lsmkit/kernel/boot'
import type { Kernel } from '@lsmkit/kernel'
import { FileError, TaskFiles } from '@lsmkit/kernel/files'
import type { HostTree } from '@lsmkit/kernel/hostfs'
import { attributesOf } from '../fs/fs-calls.ts'
import type { UpperLayer } from './upper-layer.ts'

export interface Label {
  /** Without `security.`. */
  readonly name: string
  readonly value: Uint8Array
  /** The host has changed it too since the box has seen it. */
  readonly isLate: boolean
}

/** Labels that modules check accesses to a file by. */
const OF_FILES: ReadonlySet<string> = new Set([XATTR_SELINUX_SUFFIX, XATTR_SMACK_SUFFIX])

/** Contexts of SELinux may end in a zero byte, and mean the same without. */
const meaning = (value: Uint8Array): string => Array.from(value).join().replace(/(,0)+$/, '')
const areSame = (a: Uint8Array | null, b: Uint8Array | null): boolean =>
  a !== null && b !== null && meaning(a) === meaning(b)

export class CowLabels {
  readonly #kernel: Kernel
  /** Stands in the folder of the host, below the overlay. */
  readonly #below: Task
  readonly #tree: HostTree
  readonly #upper: UpperLayer

  constructor(kernel: Kernel, below: Task, tree: HostTree, upper: UpperLayer) {
    this.#kernel = kernel
    this.#below = below
    this.#tree = tree
    this.#upper = upper
  }

  /** Labels of the upper layer's file that the file of the host at `lower` does not have; all where that is null. */
  changed(path: string, kind: 'dir' | 'file' | 'link', lower: string | null): readonly Label[] {
    if (!this.#tree.keepsLabels(kind)) return []
    return this.#upper.labels(path).flatMap(([name, value]): Label[] => {
      if (lower === null) return [{ name, value, isLate: false }]
      const [now, before] = [this.#onHost(lower, name), this.#seen(lower, name)]
      if (areSame(value, before) || areSame(value, now)) return []
      return [{ name, value, isLate: now !== null && before !== null && !areSame(now, before) }]
    })
  }

  /** Labels of a new file that takes the place of the one at `lower`: those that programs left alone are the host's. */
  ofNewFile(path: string, kind: 'file' | 'link', lower: string | null): readonly Label[] {
    if (lower === null || !this.#tree.keepsLabels(kind)) return this.changed(path, kind, null)
    const changed = this.changed(path, kind, lower)
    const names = new Set(changed.map(({ name }) => name))
    const kept = this.#upper.labels(path).flatMap(([name]): Label[] => {
      const value = names.has(name) ? null : this.#tree.label(lower, name)
      return value === null ? [] : [{ name, value, isLate: false }]
    })
    return [...changed, ...kept]
  }

  /** The kernel learns labels of a directory of the host that have been written. */
  learn(path: string, labels: readonly Label[]): void {
    const { sys, machine } = this.#kernel
    const fd = sys.open(this.#below, `./${path}`, O_PATH | O_CLOEXEC | O_NOFOLLOW, 0)
    if (fd < 0) return
    const inode = fdTable(this.#below).get(fd)!.f_path.dentry.d_inode!
    // one hook for the label of the file itself; there is no hook for labels of another use
    for (const { value } of labels.filter(({ name }) => OF_FILES.has(name))) {
      const context = new TextDecoder().decode(value).replace(/\0+$/, '')
      machine.lsm.inode_notifysecctx.ask(inode, context, context.length)
    }
    sys.close(this.#below, fd)
  }

  /** Null where the host's file has no such label; no bytes where it has one that this process may not read. */
  #onHost(lower: string, name: string): Uint8Array | null {
    try {
      return this.#tree.label(lower, name)
    } catch (error) {
      if (error instanceof FileError && error.code === 'EACCES') return new Uint8Array()
      throw error
    }
  }

  /** The label by which the kernel knows a file of the host. A file without a label has one too. */
  #seen(lower: string, name: string): Uint8Array | null {
    try {
      const files = new TaskFiles(this.#kernel, this.#below)
      return attributesOf(files, `./${lower}`, false).get(XATTR_SECURITY_PREFIX + name)
    } catch (error) {
      if (error instanceof FileError) return null
      throw error
    }
  }
}
