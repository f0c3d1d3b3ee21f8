/** The quota of keys of each user (`struct key_user`). */
import { EDQUOT, KEY_FLAG_IN_QUOTA } from '@lsmkit/abi'
import type { Machine } from '../machine.ts'
import type { KeyUser } from '../state/keys/key.ts'

/** The part of a key that the quota needs. */
interface Charged {
  user: KeyUser
  readonly quotalen: number
  has(flag: number): boolean
}

export const keyUserOf = (machine: Machine, uid: number): KeyUser => {
  const known = machine.keyTable.users.get(uid)
  if (known !== undefined) return known
  const made = { uid, nkeys: 0, nikeys: 0, qnkeys: 0, qnbytes: 0 }
  machine.keyTable.users.set(uid, made)
  return made
}

export const maxKeysOf = (
  machine: Machine, uid: number,
): number => (uid === 0 ? machine.sysctl.keys_root_maxkeys : machine.sysctl.keys_maxkeys)

export const maxKeyBytesOf = (
  machine: Machine, uid: number,
): number => (uid === 0 ? machine.sysctl.keys_root_maxbytes : machine.sysctl.keys_maxbytes)

/** Charges for one more key; -EDQUOT, and nothing is charged, where that would be too much and may not be. */
export const chargeKey = (machine: Machine, owner: KeyUser, bytes: number, mayOverrun: boolean): number => {
  const over = owner.qnkeys + 1 > maxKeysOf(machine, owner.uid) || owner.qnbytes + bytes > maxKeyBytesOf(
    machine, owner.uid,
  )
  if (over && !mayOverrun) return -EDQUOT
  owner.qnkeys++
  owner.qnbytes += bytes
  return 0
}

export const unchargeKey = (owner: KeyUser, bytes: number): void => {
  owner.qnkeys--
  owner.qnbytes -= bytes
}

/** Charges `bytes` more, or less, for a key that counts already. */
export const chargeKeyBytes = (machine: Machine, owner: KeyUser, bytes: number): number => {
  if (bytes > 0 && owner.qnbytes + bytes > maxKeyBytesOf(machine, owner.uid)) return -EDQUOT
  owner.qnbytes += bytes
  return 0
}

/** Moves a key to the quota of another user: -EDQUOT, with nothing changed, if that is full. */
export const moveKey = (machine: Machine, key: Charged, uid: number, isInstantiated: boolean): number => {
  const to = keyUserOf(machine, uid)
  const from = key.user
  if (key.has(KEY_FLAG_IN_QUOTA)) {
    const rc = chargeKey(machine, to, key.quotalen, false)
    if (rc < 0) {
      dropKeyUser(machine, to)
      return rc
    }
    unchargeKey(from, key.quotalen)
  }
  from.nkeys--
  to.nkeys++
  if (isInstantiated) {
    from.nikeys--
    to.nikeys++
  }
  dropKeyUser(machine, from)
  key.user = to
  return 0
}

/** A record without keys is not kept. */
export const dropKeyUser = (machine: Machine, owner: KeyUser): void => {
  if (owner.nkeys === 0 && owner.qnkeys === 0) machine.keyTable.users.delete(owner.uid)
}

export const allKeyUsers = (machine: Machine): readonly KeyUser[] => [...machine.keyTable.users.values()].sort(
  (a, b) => a.uid - b.uid,
)
