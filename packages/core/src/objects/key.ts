/** Keys and keyrings (include/linux/key.h). */
import type { Secured } from './secured.ts'

/** A key or keyring of keyrings(7) (`struct key`). */
export interface Key extends Secured {
  /** Serial number, as keyctl(2) takes it. */
  serial: number
  /** Its type: `user`, `keyring`, `logon`. */
  type: { readonly name: string }
  /** The text it is found by. */
  description: string
  /** Owner, a kuid. */
  uid: number
  /** Group, a kgid. */
  gid: number
  /** `KEY_POS_*`, `KEY_USR_*`, `KEY_GRP_*`, `KEY_OTH_*` bits. */
  perm: number
  /** `KEY_FLAG_*` bits. */
  flags: number
  /** The bytes; null while it is not made, and for keyrings. */
  payload: Uint8Array | null
}

/** `key_ref_t`: a key and whether the caller possesses it (the pointer's low bit in the kernel). */
export interface KeyRef {
  /** The key. */
  readonly key: Key
  /** Whether the caller can reach it through its own keyrings. */
  readonly possessed: boolean
}
