/** Keys that programs make: a new one in a keyring, or a new payload for the one that is there. */
import {
  EEXIST, EINVAL, ENODEV, ENOTDIR, EOPNOTSUPP, EPERM, KEY_ALLOC_IN_QUOTA, KEY_LOOKUP_CREATE, KEY_NEED_WRITE,
} from '@lsmkit/abi'
import type { Machine } from '../machine.ts'
import { optionalText, payload, typeName } from '../state/keys/arguments.ts'
import type { KeyArg } from '../state/keys/arguments.ts'
import { indexOf, keyRef } from '../state/keys/key.ts'
import type { KernelKey, KernelKeyRef } from '../state/keys/key.ts'
import { defaultPerm } from './request.ts'
import { key_type_lookup } from '../state/keys/types.ts'
import { key_permission } from './permission.ts'
import { updateKey, instantiateKey, sweepDue } from './life.ts'
import { wait_for_key_construction, lookup_user_key } from './lookup-key.ts'
import { linkBegin, linkCancel } from './links.ts'
import { key_put, key_alloc } from './store.ts'

const PAYLOAD_MAX = 1024 * 1024 - 1

/** As `key_update`. */
export const key_update = (machine: Machine, ref: KernelKeyRef, data: Uint8Array | null): number => {
  const rc = key_permission(machine, ref, KEY_NEED_WRITE)
  if (rc < 0) return rc
  if (!ref.key.type.canUpdate) return -EOPNOTSUPP
  return ref.key.type.preparse(data) || updateKey(machine, ref.key, data)
}

const updateInstead = (machine: Machine, ring: KernelKey, ref: KernelKeyRef, data: Uint8Array | null): number => {
  const { key } = ref
  if (key.state <= 0) {
    const rc = wait_for_key_construction(machine, key)
    if (rc < 0 && key.state === 0) return rc
  }
  const rc = key_permission(machine, ref, KEY_NEED_WRITE) ||
    (key.type.canUpdate ? updateKey(machine, key, data) : -EEXIST)
  if (rc < 0) return rc
  machine.lsm.key_post_create_or_update.tell(ring, key, data, data?.length ?? 0, KEY_ALLOC_IN_QUOTA, false)
  return key.serial
}

/** As `key_create_or_update`: its serial. */
const create_or_update = (
  machine: Machine, { key: ring, possessed }: KernelKeyRef, typeText: string, description: string | null,
  data: Uint8Array | null,
): number => {
  const type = key_type_lookup(typeText)
  if (type === null) return -ENODEV
  if (ring.links === null) return -ENOTDIR
  const parsed = type.preparse(data)
  if (parsed < 0) return parsed
  if (description === null) return -EINVAL
  const index = indexOf(type, description)
  let rc = linkBegin(machine, ring, index)
  if (rc < 0) return rc
  rc = (ring.restrict_link?.(type) ?? 0) || key_permission(machine, keyRef(ring, possessed), KEY_NEED_WRITE)
  const known = ring.links.get(index)
  if (rc === 0 && type.canUpdate && known !== undefined && !known.isGone)
    return updateInstead(machine, ring, keyRef(known, possessed), data)
  const key = rc < 0 ? rc : make(machine, ring, { type, description }, data)
  if (typeof key === 'number') {
    linkCancel(machine, ring, index)
    return key
  }
  machine.lsm.key_post_create_or_update.tell(ring, key, data, data?.length ?? 0, KEY_ALLOC_IN_QUOTA, true)
  key_put(machine, key)
  return key.serial
}

/** In the keyring, where room has been made, and held by the caller. */
const make = (
  machine: Machine, ring: KernelKey, what: Pick<KernelKey, 'type' | 'description'>, data: Uint8Array | null,
): KernelKey | number => {
  const { cred } = machine.current.task
  const key = key_alloc(machine, {
    ...what, uid: cred.fsuid, gid: cred.fsgid, cred, perm: defaultPerm(what.type), flags: KEY_ALLOC_IN_QUOTA,
  })
  if (typeof key === 'number') return key
  const rc = instantiateKey(machine, key, data, ring, null)
  if (rc === 0) return key
  key_put(machine, key)
  return rc
}

export const add_key = (
  machine: Machine, type: KeyArg, description: KeyArg, data: KeyArg, plen: number, ringid: number,
): number => {
  if (!(plen >= 0 && plen <= PAYLOAD_MAX)) return -EINVAL
  const name = typeName(type)
  if (typeof name === 'number') return name
  const text = optionalText(description)
  if (typeof text === 'number') return text
  if (text?.startsWith('.') === true && name.startsWith('keyring')) return -EPERM
  const bytes = payload(data, plen)
  if (typeof bytes === 'number') return bytes
  sweepDue(machine)
  const ring = lookup_user_key(machine, ringid | 0, KEY_LOOKUP_CREATE, KEY_NEED_WRITE)
  return typeof ring === 'number' ? ring : create_or_update(machine, ring, name, text || null, bytes)
}
