/**
 * The user namespaces of one machine below the first, with their reference counts. Credentials, other namespaces,
 * file systems, the file of a namespace and the namespaces below it each hold a reference.
 */
import type { UserNamespace } from '@lsmkit/core'
import type { Holder } from '../host-memory.ts'

interface Entry {
  refs: number
  readonly memory: Holder
}

export class UserNsTable {
  readonly entries = new WeakMap<UserNamespace, Entry>()

  /** Adds a new namespace with one reference. */
  add(ns: UserNamespace, memory: Holder): void {
    this.entries.set(ns, { refs: 1, memory })
  }

  /** As `get_user_ns`. */
  get(ns: UserNamespace): void {
    if (ns.parent !== null) this.entries.get(ns)!.refs++
  }

  /** As `put_user_ns`: the last reference releases the namespace, and its reference to the one above. */
  put(ns: UserNamespace): void {
    for (let at = ns; at.parent !== null; at = at.parent) {
      const entry = this.entries.get(at)!
      if (--entry.refs !== 0) return
      entry.memory.release()
    }
  }

  /** Charges the namespace with more bytes: false if there is no memory. */
  charge(ns: UserNamespace, bytes: number): boolean {
    return this.entries.get(ns)!.memory.charge(bytes)
  }

  /** Bytes that the namespace is charged with. */
  heldBy(ns: UserNamespace): number {
    return this.entries.get(ns)?.memory.held ?? 0
  }
}
