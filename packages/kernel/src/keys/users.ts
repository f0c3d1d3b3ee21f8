/** What each user has in keys, and the limits on it (`struct key_user`). */
import { EDQUOT, KEY_FLAG_IN_QUOTA } from '@lsmkit/abi'
import type { Machine } from '../machine.ts'
import type { KeyUser } from '../state/keys/key.ts'

/** The part of a key that is about who pays for it. */
interface Charged {
  user: KeyUser
  readonly quotalen: number
  has(flag: number): boolean
}

export const keyUsers = ({ sysctl }: Machine) => {
  const byUid = new Map<number, KeyUser>()

  const user = (uid: number): KeyUser => {
    const known = byUid.get(uid)
    if (known !== undefined) return known
    const made = { uid, nkeys: 0, nikeys: 0, qnkeys: 0, qnbytes: 0 }
    byUid.set(uid, made)
    return made
  }

  const maxKeys = (uid: number): number => (uid === 0 ? sysctl.keys_root_maxkeys : sysctl.keys_maxkeys)
  const maxBytes = (uid: number): number => (uid === 0 ? sysctl.keys_root_maxbytes : sysctl.keys_maxbytes)

  /** Charges for one more key; -EDQUOT, and nothing is charged, where that would be too much and may not be. */
  const charge = (owner: KeyUser, bytes: number, mayOverrun: boolean): number => {
    const over = owner.qnkeys + 1 > maxKeys(owner.uid) || owner.qnbytes + bytes > maxBytes(owner.uid)
    if (over && !mayOverrun) return -EDQUOT
    owner.qnkeys++
    owner.qnbytes += bytes
    return 0
  }
  const uncharge = (owner: KeyUser, bytes: number): void => {
    owner.qnkeys--
    owner.qnbytes -= bytes
  }

  /** Charges `bytes` more, or less, for a key that counts already. */
  const chargeBytes = (owner: KeyUser, bytes: number): number => {
    if (bytes > 0 && owner.qnbytes + bytes > maxBytes(owner.uid)) return -EDQUOT
    owner.qnbytes += bytes
    return 0
  }

  /** A key that counts as its owner's from now on; -EDQUOT, and it stays whose it was, when that would be too much. */
  const move = (key: Charged, uid: number, isInstantiated: boolean): number => {
    const to = user(uid)
    const from = key.user
    if (key.has(KEY_FLAG_IN_QUOTA)) {
      const rc = charge(to, key.quotalen, false)
      if (rc < 0) {
        drop(to)
        return rc
      }
      uncharge(from, key.quotalen)
    }
    from.nkeys--
    to.nkeys++
    if (isInstantiated) {
      from.nikeys--
      to.nikeys++
    }
    drop(from)
    key.user = to
    return 0
  }

  /** A record without keys is not kept. */
  const drop = (owner: KeyUser): void => {
    if (owner.nkeys === 0 && owner.qnkeys === 0) byUid.delete(owner.uid)
  }

  const all = (): readonly KeyUser[] => [...byUid.values()].sort((a, b) => a.uid - b.uid)

  return { user, charge, uncharge, chargeBytes, move, drop, all, maxKeys, maxBytes }
}
export type KeyUsers = ReturnType<typeof keyUsers>
