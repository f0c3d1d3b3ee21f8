/** Keys, as the rest of the kernel sees them. */
import type { Cred, Key, Task } from '@lsmkit/core'

/** A key that a program of the host is asked to make (`machine.onRequestKey`). */
export interface KeyUpcall {
  /** `/sbin/request-key create KEY UID GID THREAD PROCESS SESSION`, keyrings by serial, 0 for none. */
  readonly argv: readonly string[]
  /** A new child of process 1 whose session keyring has the right to make the key; it is the host's to end. */
  readonly spawn: () => Task | number
}

export interface Keys {
  key_put(held: Key | null): void
  install_to_cred(next: Cred, slot: 'thread_keyring' | 'process_keyring'): number
  /** Texts of /proc/keys and /proc/key-users. */
  readonly texts: { keys(): string; keyUsers(): string }
}
