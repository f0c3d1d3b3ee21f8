/** Permission checks of keys: the four sets of bits, then the LSMs (security/keys/permission.c). */
import {
  EACCES, EKEYEXPIRED, EKEYREVOKED, ENOKEY, KEY_AUTHTOKEN_OVERRIDE, KEY_DEFER_PERM_CHECK, KEY_FLAG_DEAD,
  KEY_FLAG_INVALIDATED, KEY_FLAG_REVOKED, KEY_GRP_ALL, KEY_NEED_LINK, KEY_NEED_READ, KEY_NEED_SEARCH, KEY_NEED_SETATTR,
  KEY_NEED_UNLINK, KEY_NEED_VIEW, KEY_NEED_WRITE, KEY_OTH_LINK, KEY_OTH_READ, KEY_OTH_SEARCH, KEY_OTH_SETATTR,
  KEY_OTH_VIEW, KEY_OTH_WRITE, KEY_SYSADMIN_OVERRIDE,
} from '@lsmkit/abi'
import { in_group, INVALID_GID } from '@lsmkit/core'
import type { Cred } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import type { KernelKey, KernelKeyRef } from '../state/keys/key.ts'

/** The bit of each need, as others have it; 0 where the bits do not decide. */
const BIT_OF_NEED = new Map([
  [KEY_NEED_VIEW, KEY_OTH_VIEW], [KEY_NEED_READ, KEY_OTH_READ], [KEY_NEED_WRITE, KEY_OTH_WRITE],
  [KEY_NEED_SEARCH, KEY_OTH_SEARCH], [KEY_NEED_LINK, KEY_OTH_LINK], [KEY_NEED_SETATTR, KEY_OTH_SETATTR],
  [KEY_NEED_UNLINK, 0], [KEY_SYSADMIN_OVERRIDE, 0], [KEY_AUTHTOKEN_OVERRIDE, 0], [KEY_DEFER_PERM_CHECK, 0],
])

/** The bits of user, group or others, with those of the possessor added. */
const granted = ({ key, possessed }: KernelKeyRef, cred: Cred): number => {
  let bits = key.perm
  if (key.uid === cred.fsuid) bits >>>= 16
  else if (key.gid !== INVALID_GID && (key.perm & KEY_GRP_ALL) !== 0 && in_group(cred, key.gid)) bits >>>= 8
  return possessed ? bits | (key.perm >>> 24) : bits
}

/** Seconds, as keys expire. */
export const keySeconds = (machine: Machine): number => Math.floor(machine.realtime() / 1000)

/** As `key_task_permission`. */
export const key_task_permission = (machine: Machine, ref: KernelKeyRef, cred: Cred, need: number): number => {
  const bit = BIT_OF_NEED.get(need)
  if (bit === undefined || (granted(ref, cred) & bit) !== bit) return -EACCES
  return machine.lsm.key_permission.ask(ref, cred, need)
}

export const key_permission = (machine: Machine, ref: KernelKeyRef, need: number): number =>
  key_task_permission(machine, ref, machine.current.task.cred, need)

/** As `key_validate`: whether the key can still be used. */
export const key_validate = (machine: Machine, key: KernelKey): number => {
  if (key.has(KEY_FLAG_INVALIDATED)) return -ENOKEY
  if (key.has(KEY_FLAG_REVOKED) || key.has(KEY_FLAG_DEAD)) return -EKEYREVOKED
  return keySeconds(machine) >= key.expiry ? -EKEYEXPIRED : 0
}
