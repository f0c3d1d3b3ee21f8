/** All keys of one machine, and the quotas of their users. */
import type { UserNamespace } from '@lsmkit/core'
import { WaitQueue } from '../vfs/wait.ts'
import type { KernelKey, KeyUser } from './key.ts'

/** Keyrings of one user namespace that lead to those of its users. */
export interface Registers {
  user: KernelKey | null
  persistent: KernelKey | null
}

export class KeyTable {
  readonly bySerial = new Map<number, KernelKey>()
  /** Keys without references, while they are freed: freeing a keyring may add more. */
  readonly unused: KernelKey[] = []
  /** Keyrings that can be found by their names, by the user namespace of their maker. */
  readonly names = new WeakMap<object, Set<KernelKey>>()
  readonly registers = new WeakMap<UserNamespace, Registers>()
  readonly users = new Map<number, KeyUser>()
  /** Waiters for a key to be made. */
  readonly constructed = new WaitQueue()
  /** When the next key may have to leave the keyrings that hold it. */
  nextSweep = Infinity
}
