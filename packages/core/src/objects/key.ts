/** Keys and keyrings (include/linux/key.h). */
import type { Secured } from './secured.ts'

export interface Key extends Secured {
  serial: number
  type: { readonly name: string }
  description: string
  uid: number
  gid: number
  /** KEY_POS_*, KEY_USR_*, KEY_GRP_*, KEY_OTH_* bits. */
  perm: number
  flags: number
  payload: Uint8Array | null
}

/** `key_ref_t`: a key and whether the caller possesses it (the pointer's low bit in the kernel). */
export interface KeyRef {
  readonly key: Key
  readonly possessed: boolean
}
