/** `struct key`: one key or keyring. Keys are counted: the last reference frees a key. */
import { KEY_FLAG_INVALIDATED, KEY_FLAG_REVOKED } from '@lsmkit/abi'
import type { Cred, Key, KeyRef, Security } from '@lsmkit/core'
import { Holder } from '../host-memory.ts'
import type { MemoryAccount } from '../host-memory.ts'
import { COST } from '../memory-costs.ts'
import type { KeyType } from './types.ts'

/** Keys of one user, as its quota counts them (`struct key_user`). */
export interface KeyUser {
  readonly uid: number
  /** Keys, and those of them that are instantiated. */
  nkeys: number
  nikeys: number
  /** Keys and bytes that count against the quota. */
  qnkeys: number
  qnbytes: number
}

/** States of a key. A rejected key has the negative errno that a search returns. */
export const KEY_IS_UNINSTANTIATED = 0
export const KEY_IS_POSITIVE = 1

/** The request that an authorisation key stands for (request_key_auth). */
export interface RequestKeyAuth {
  readonly target: KernelKey
  readonly dest: KernelKey | null
  /** Credentials whose keyrings count as the caller's while the key is made. */
  readonly cred: Cred
  readonly pid: number
  readonly callout: Uint8Array
}

/** Restricts the links of a keyring: 0, or -errno for a key of this type. */
export type LinkRestriction = (type: KeyType) => number

/** Bytes of the host's heap that a key without payload takes. */
export const keyCost = (description: string): number => COST.key + 2 * description.length

export class KernelKey extends Holder implements Key {
  security: Security | null = null
  serial = 0
  readonly type: KeyType
  readonly description: string
  uid: number
  gid: number
  perm: number
  flags = 0
  payload: Uint8Array | null = null
  usage = 1
  state = KEY_IS_UNINSTANTIATED
  /** Seconds since the epoch. */
  expiry = Infinity
  revoked_at = Infinity
  user: KeyUser
  /** Bytes its owner is charged with, and those of them that are its payload. */
  quotalen: number
  datalen = 0
  /** Links of a keyring by `indexOf`, in the order they were made; null for other keys. */
  readonly links: Map<string, KernelKey> | null
  restrict_link: LinkRestriction | null = null
  /** The set of names in which a keyring is listed. */
  names: Set<KernelKey> | null = null
  auth: RequestKeyAuth | null = null

  /** `account` has been charged with what `keyCost` says. */
  constructor(
    account: MemoryAccount, type: KeyType, description: string, uid: number, gid: number, perm: number, user: KeyUser,
  ) {
    super(account, keyCost(description))
    this.type = type
    this.description = description
    this.uid = uid
    this.gid = gid
    this.perm = perm
    this.user = user
    this.quotalen = description.length + 1
    this.links = type.name === 'keyring' ? new Map() : null
  }

  has(flag: number): boolean {
    return (this.flags & (1 << flag)) !== 0
  }
  mark(flag: number): void {
    this.flags |= 1 << flag
  }

  get isRevoked(): boolean {
    return this.has(KEY_FLAG_REVOKED)
  }
  /** Nothing is found through it, nor by it. */
  get isGone(): boolean {
    return this.has(KEY_FLAG_INVALIDATED) || this.has(KEY_FLAG_REVOKED)
  }
}

/** A keyring holds one key of each index. */
export const indexOf = (type: { readonly name: string }, description: string): string => `${type.name}\0${description}`

export interface KernelKeyRef extends KeyRef {
  readonly key: KernelKey
}
export const keyRef = (key: KernelKey, possessed: boolean): KernelKeyRef => ({ key, possessed })

/** The keyrings of credentials are this kernel's own keys. */
export const kernelKey = (key: Key | null): KernelKey | null => key as KernelKey | null

export const key_get = (key: Key | null): void => {
  if (key !== null) (key as KernelKey).usage++
}
