/** Keys that programs make: a new one in a keyring, or a new payload for the one that is there. */
import {
  EEXIST, EINVAL, ENODEV, ENOTDIR, EOPNOTSUPP, EPERM, KEY_ALLOC_IN_QUOTA, KEY_LOOKUP_CREATE, KEY_NEED_WRITE,
} from '@lsmkit/abi'
import type { KeyMap } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { optionalText, payload, typeName } from '../state/keys/arguments.ts'
import type { KeyArg } from '../state/keys/arguments.ts'
import { indexOf, keyRef } from '../state/keys/key.ts'
import type { KernelKey, KernelKeyRef } from '../state/keys/key.ts'
import type { KeyLife } from './life.ts'
import type { KeyLinks } from './links.ts'
import type { KeyPermissions } from './permission.ts'
import { defaultPerm } from './request.ts'
import type { KeyStore } from './store.ts'
import type { TaskKeyrings } from './task-keyrings.ts'
import { key_type_lookup } from '../state/keys/types.ts'

const PAYLOAD_MAX = 1024 * 1024 - 1

export const keyCreation = (
  lsm: KeyMap,
  machine: Machine,
  { key_alloc, key_put }: KeyStore,
  { linkBegin, linkCancel }: KeyLinks,
  { instantiate, update, sweepDue }: KeyLife,
  { key_permission }: KeyPermissions,
  { lookup_user_key, wait_for_key_construction }: TaskKeyrings,
) => {
  const { current } = machine

  /** As `key_update`. */
  const key_update = (ref: KernelKeyRef, data: Uint8Array | null): number => {
    const rc = key_permission(ref, KEY_NEED_WRITE)
    if (rc < 0) return rc
    if (!ref.key.type.canUpdate) return -EOPNOTSUPP
    return ref.key.type.preparse(data) || update(ref.key, data)
  }

  const updateInstead = (ring: KernelKey, ref: KernelKeyRef, data: Uint8Array | null): number => {
    const { key } = ref
    if (key.state <= 0) {
      const rc = wait_for_key_construction(key)
      if (rc < 0 && key.state === 0) return rc
    }
    const rc = key_permission(ref, KEY_NEED_WRITE) || (key.type.canUpdate ? update(key, data) : -EEXIST)
    if (rc < 0) return rc
    lsm.key_post_create_or_update.tell(ring, key, data, data?.length ?? 0, KEY_ALLOC_IN_QUOTA, false)
    return key.serial
  }

  /** As `key_create_or_update`: its serial. */
  const create_or_update = (
    { key: ring, possessed }: KernelKeyRef, typeText: string, description: string | null, data: Uint8Array | null,
  ): number => {
    const type = key_type_lookup(typeText)
    if (type === null) return -ENODEV
    if (ring.links === null) return -ENOTDIR
    const parsed = type.preparse(data)
    if (parsed < 0) return parsed
    if (description === null) return -EINVAL
    const index = indexOf(type, description)
    let rc = linkBegin(ring, index)
    if (rc < 0) return rc
    rc = (ring.restrict_link?.(type) ?? 0) || key_permission(keyRef(ring, possessed), KEY_NEED_WRITE)
    const known = ring.links.get(index)
    if (rc === 0 && type.canUpdate && known !== undefined && !known.isGone)
      return updateInstead(ring, keyRef(known, possessed), data)
    const key = rc < 0 ? rc : make(ring, { type, description }, data)
    if (typeof key === 'number') {
      linkCancel(ring, index)
      return key
    }
    lsm.key_post_create_or_update.tell(ring, key, data, data?.length ?? 0, KEY_ALLOC_IN_QUOTA, true)
    key_put(key)
    return key.serial
  }

  /** In the keyring, where room has been made, and held by the caller. */
  const make = (
    ring: KernelKey, what: Pick<KernelKey, 'type' | 'description'>, data: Uint8Array | null,
  ): KernelKey | number => {
    const { cred } = current.task
    const key = key_alloc({
      ...what, uid: cred.fsuid, gid: cred.fsgid, cred, perm: defaultPerm(what.type), flags: KEY_ALLOC_IN_QUOTA,
    })
    if (typeof key === 'number') return key
    const rc = instantiate(key, data, ring, null)
    if (rc === 0) return key
    key_put(key)
    return rc
  }

  const add_key = (type: KeyArg, description: KeyArg, data: KeyArg, plen: number, ringid: number): number => {
    if (!(plen >= 0 && plen <= PAYLOAD_MAX)) return -EINVAL
    const name = typeName(type)
    if (typeof name === 'number') return name
    const text = optionalText(description)
    if (typeof text === 'number') return text
    if (text?.startsWith('.') === true && name.startsWith('keyring')) return -EPERM
    const bytes = payload(data, plen)
    if (typeof bytes === 'number') return bytes
    sweepDue()
    const ring = lookup_user_key(ringid | 0, KEY_LOOKUP_CREATE, KEY_NEED_WRITE)
    return typeof ring === 'number' ? ring : create_or_update(ring, name, text || null, bytes)
  }

  return { add_key, key_update }
}
export type KeyCreation = ReturnType<typeof keyCreation>
