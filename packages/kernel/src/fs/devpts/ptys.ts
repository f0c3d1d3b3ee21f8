/** All pseudo terminals of one machine by number, and the mounts of devpts that name them. */
import type { Dentry, File, Inode, SuperBlock, Task } from '@lsmkit/core'
import type { Machine } from '../../machine.ts'
import { signalOf } from '../../state/task/thread.ts'
import type { FileOperations } from '../../state/vfs/driver.ts'
import { fileState, superState } from '../../state/vfs/state.ts'
import { newOptions } from './options.ts'
import { Pty, slaveDev } from './pty.ts'

export const MOST_PTYS = 4096

/** One mount of devpts: its options, and its terminals by index. */
export class DevptsMount {
  readonly ptys = new Map<number, { readonly pty: Pty; readonly dentry: Dentry }>()
  readonly options = newOptions()
  ptmx: Inode | null = null
}

export class Ptys {
  readonly machine: Machine
  /** Of every slave. */
  readonly slave_fops: FileOperations
  /** By the number of the slave. */
  readonly #byDev = new Map<number, Pty>()
  /** No lower index is free. */
  #lowest = 0

  constructor(machine: Machine, slaveOperations: (own: Ptys) => FileOperations) {
    this.machine = machine
    this.slave_fops = slaveOperations(this)
  }

  get isFull(): boolean {
    return this.#byDev.size >= MOST_PTYS
  }

  /** A terminal with the lowest free index. */
  add(signal: (pty: Pty, sig: number) => void): Pty {
    while (this.#byDev.has(slaveDev(this.#lowest))) this.#lowest++
    const pty: Pty = new Pty(this.#lowest, (sig) => signal(pty, sig))
    this.#byDev.set(pty.dev, pty)
    return pty
  }

  remove(pty: Pty): void {
    this.#byDev.delete(pty.dev)
    this.#lowest = Math.min(this.#lowest, pty.index)
  }

  /** The terminal of a task's session, which /dev/tty stands for. */
  controlling(task: Task): Pty | null {
    return this.#byDev.get(signalOf(task).tty) ?? null
  }
}

export const mountOf = (sb: SuperBlock): DevptsMount => superState(sb).fs as DevptsMount
export const ptyOf = (file: File): Pty => fileState(file).data as Pty
