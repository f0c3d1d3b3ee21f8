/** All keys of one machine by serial number: made, charged for, and freed (security/keys/key.c). */
import {
  EINVAL, ENOMEM, KEY_ALLOC_NOT_IN_QUOTA, KEY_ALLOC_QUOTA_OVERRUN, KEY_ALLOC_UID_KEYRING, KEY_FLAG_IN_QUOTA,
  KEY_FLAG_UID_KEYRING,
} from '@lsmkit/abi'
import type { Cred, Key } from '@lsmkit/core'
import { COST } from '../state/memory-costs.ts'
import type { Machine } from '../machine.ts'
import { KernelKey, KEY_IS_UNINSTANTIATED, keyCost, kernelKey } from '../state/keys/key.ts'
import type { KeyType } from '../state/keys/types.ts'
import { keyUserOf, chargeKey, dropKeyUser, unchargeKey, chargeKeyBytes } from './users.ts'

/** Serials below are not given out. */
const FIRST_SERIAL = 3
const SERIAL_MAX = 0x7fffffff
/** Bytes that a link costs the owner of its keyring (KEYQUOTA_LINK_BYTES). */
export const LINK_BYTES = 4

export interface NewKey {
  readonly type: KeyType
  readonly description: string
  readonly uid: number
  readonly gid: number
  /** Credentials of the maker, from which the LSMs label the key. */
  readonly cred: Cred
  readonly perm: number
  /** KEY_ALLOC_*. */
  readonly flags: number
}

const freshSerial = (machine: Machine): number => {
  const [a = 0, b = 0, c = 0, d = 0] = machine.random(4)
  let serial = Math.max(((a << 24) | (b << 16) | (c << 8) | d) & SERIAL_MAX, FIRST_SERIAL)
  while (machine.keyTable.bySerial.has(serial)) serial = serial === SERIAL_MAX ? FIRST_SERIAL : serial + 1
  return serial
}

/** Makes a key without payload, which no search finds yet; the caller holds it. -errno with nothing charged. */
export const key_alloc = (
  machine: Machine, { type, description, uid, gid, cred, perm, flags }: NewKey,
): KernelKey | number => {
  if (description === '') return -EINVAL
  const vetted = type.vet_description(description)
  if (vetted < 0) return vetted
  const { account } = machine
  if (!account.charge(keyCost(description))) return -ENOMEM
  const user = keyUserOf(machine, uid)
  const key = new KernelKey(account, type, description, uid, gid, perm, user)
  const isCharged = (flags & KEY_ALLOC_NOT_IN_QUOTA) === 0
  if (isCharged) {
    const rc = chargeKey(machine, user, key.quotalen, (flags & KEY_ALLOC_QUOTA_OVERRUN) !== 0)
    if (rc < 0) {
      dropKeyUser(machine, user)
      key.release()
      return rc
    }
    key.mark(KEY_FLAG_IN_QUOTA)
  }
  if ((flags & KEY_ALLOC_UID_KEYRING) !== 0) key.mark(KEY_FLAG_UID_KEYRING)
  const rc = machine.lsm.key_alloc.ask(key, cred, flags)
  if (rc < 0) {
    if (isCharged) unchargeKey(user, key.quotalen)
    dropKeyUser(machine, user)
    key.release()
    return rc
  }
  user.nkeys++
  key.serial = freshSerial(machine)
  machine.keyTable.bySerial.set(key.serial, key)
  return key
}

/** As `key_payload_reserve`: the owner pays for `datalen` bytes of payload from now on. */
export const key_payload_reserve = (machine: Machine, key: KernelKey, datalen: number): number => {
  const delta = datalen - key.datalen
  const bytes = key.links === null ? delta : (delta / LINK_BYTES) * COST.keyLink
  if (!key.charge(bytes)) return -ENOMEM
  if (delta !== 0 && key.has(KEY_FLAG_IN_QUOTA)) {
    const rc = chargeKeyBytes(machine, key.user, delta)
    if (rc < 0) {
      key.uncharge(bytes)
      return rc
    }
    key.quotalen += delta
  }
  key.datalen = datalen
  return 0
}

const freeKey = (machine: Machine, key: KernelKey): void => {
  machine.keyTable.bySerial.delete(key.serial)
  key.names?.delete(key)
  if (key.has(KEY_FLAG_IN_QUOTA)) unchargeKey(key.user, key.quotalen)
  key.user.nkeys--
  if (key.state !== KEY_IS_UNINSTANTIATED) key.user.nikeys--
  dropKeyUser(machine, key.user)
  for (const linked of key.links?.values() ?? []) key_put(machine, linked)
  dropAuth(machine, key)
  key.release()
}

export const key_put = (machine: Machine, held: Key | null): void => {
  const key = kernelKey(held)
  if (key === null || --key.usage !== 0) return
  if (machine.keyTable.unused.push(key) > 1) return
  for (const next of machine.keyTable.unused) freeKey(machine, next)
  machine.keyTable.unused.length = 0
}

/** Releases the request that an authorisation key stands for. */
export const dropAuth = (machine: Machine, key: KernelKey): void => {
  if (key.auth === null) return
  const { target, dest, cred } = key.auth
  key.auth = null
  key_put(machine, target)
  key_put(machine, dest)
  machine.creds.put_cred(cred)
}

export const key_lookup = (
  machine: Machine, serial: number,
): KernelKey | null => machine.keyTable.bySerial.get(serial) ?? null

/** In the order of serial numbers. */
export const allKeys = (machine: Machine): readonly KernelKey[] => [...machine.keyTable.bySerial.values()].sort(
  (a, b) => a.serial - b.serial,
)
