/** All keys of one machine by serial number: made, charged for, and freed (security/keys/key.c). */
import {
  EINVAL, ENOMEM, KEY_ALLOC_NOT_IN_QUOTA, KEY_ALLOC_QUOTA_OVERRUN, KEY_ALLOC_UID_KEYRING, KEY_FLAG_IN_QUOTA,
  KEY_FLAG_UID_KEYRING,
} from '@lsmkit/abi'
import type { Cred, Key, KeyMap } from '@lsmkit/core'
import { COST } from '../state/memory-costs.ts'
import type { Machine } from '../machine.ts'
import { KernelKey, KEY_IS_UNINSTANTIATED, keyCost, kernelKey } from '../state/keys/key.ts'
import type { KeyType } from '../state/keys/types.ts'
import type { KeyUsers } from './users.ts'

/** Serials below are not given out. */
const FIRST_SERIAL = 3
const SERIAL_MAX = 0x7fffffff
/** What a link costs its keyring's owner (KEYQUOTA_LINK_BYTES). */
export const LINK_BYTES = 4

export interface NewKey {
  readonly type: KeyType
  readonly description: string
  readonly uid: number
  readonly gid: number
  /** Who makes it: the LSMs label the key by these. */
  readonly cred: Cred
  readonly perm: number
  /** KEY_ALLOC_*. */
  readonly flags: number
}

export const keyStore = (lsm: KeyMap, machine: Machine, users: KeyUsers) => {
  const bySerial = new Map<number, KernelKey>()

  const freshSerial = (): number => {
    const [a = 0, b = 0, c = 0, d = 0] = machine.random(4)
    let serial = Math.max(((a << 24) | (b << 16) | (c << 8) | d) & SERIAL_MAX, FIRST_SERIAL)
    while (bySerial.has(serial)) serial = serial === SERIAL_MAX ? FIRST_SERIAL : serial + 1
    return serial
  }

  /** A key without payload that nobody finds yet, held by the caller; -errno with nothing charged. */
  const key_alloc = ({ type, description, uid, gid, cred, perm, flags }: NewKey): KernelKey | number => {
    if (description === '') return -EINVAL
    const vetted = type.vet_description(description)
    if (vetted < 0) return vetted
    const { account } = machine
    if (!account.charge(keyCost(description))) return -ENOMEM
    const user = users.user(uid)
    const key = new KernelKey(account, type, description, uid, gid, perm, user)
    const isCharged = (flags & KEY_ALLOC_NOT_IN_QUOTA) === 0
    if (isCharged) {
      const rc = users.charge(user, key.quotalen, (flags & KEY_ALLOC_QUOTA_OVERRUN) !== 0)
      if (rc < 0) {
        users.drop(user)
        key.release()
        return rc
      }
      key.mark(KEY_FLAG_IN_QUOTA)
    }
    if ((flags & KEY_ALLOC_UID_KEYRING) !== 0) key.mark(KEY_FLAG_UID_KEYRING)
    const rc = lsm.key_alloc.ask(key, cred, flags)
    if (rc < 0) {
      if (isCharged) users.uncharge(user, key.quotalen)
      users.drop(user)
      key.release()
      return rc
    }
    user.nkeys++
    key.serial = freshSerial()
    bySerial.set(key.serial, key)
    return key
  }

  /** As `key_payload_reserve`: the owner pays for `datalen` bytes of payload from now on. */
  const key_payload_reserve = (key: KernelKey, datalen: number): number => {
    const delta = datalen - key.datalen
    const bytes = key.links === null ? delta : (delta / LINK_BYTES) * COST.keyLink
    if (!key.charge(bytes)) return -ENOMEM
    if (delta !== 0 && key.has(KEY_FLAG_IN_QUOTA)) {
      const rc = users.chargeBytes(key.user, delta)
      if (rc < 0) {
        key.uncharge(bytes)
        return rc
      }
      key.quotalen += delta
    }
    key.datalen = datalen
    return 0
  }

  const free = (key: KernelKey): void => {
    bySerial.delete(key.serial)
    key.names?.delete(key)
    if (key.has(KEY_FLAG_IN_QUOTA)) users.uncharge(key.user, key.quotalen)
    key.user.nkeys--
    if (key.state !== KEY_IS_UNINSTANTIATED) key.user.nikeys--
    users.drop(key.user)
    for (const linked of key.links?.values() ?? []) key_put(linked)
    dropAuth(key)
    key.release()
  }

  /** Keys nobody holds any more: as keyrings nest, freeing one adds to it. */
  const unused: KernelKey[] = []
  const key_put = (held: Key | null): void => {
    const key = kernelKey(held)
    if (key === null || --key.usage !== 0) return
    if (unused.push(key) > 1) return
    for (const next of unused) free(next)
    unused.length = 0
  }

  /** What an authorisation key stood for is let go of. */
  const dropAuth = (key: KernelKey): void => {
    if (key.auth === null) return
    const { target, dest, cred } = key.auth
    key.auth = null
    key_put(target)
    key_put(dest)
    machine.creds.put_cred(cred)
  }

  const key_lookup = (serial: number): KernelKey | null => bySerial.get(serial) ?? null
  /** In the order of serial numbers. */
  const all = (): readonly KernelKey[] => [...bySerial.values()].sort((a, b) => a.serial - b.serial)

  return { key_alloc, key_payload_reserve, key_put, dropAuth, key_lookup, all }
}
export type KeyStore = ReturnType<typeof keyStore>
