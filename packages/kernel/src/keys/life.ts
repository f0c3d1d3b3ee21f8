/** The life of a key: instantiated or rejected, updated, revoked, expired, collected (security/keys/{key,gc}.c). */
import {
  EBUSY, EPERM, KEY_FLAG_INVALIDATED, KEY_FLAG_KEEP, KEY_FLAG_REVOKED, KEY_FLAG_USER_CONSTRUCT,
} from '@lsmkit/abi'
import type { Machine } from '../machine.ts'
import { indexOf, KEY_IS_POSITIVE, KEY_IS_UNINSTANTIATED } from '../state/keys/key.ts'
import type { KernelKey } from '../state/keys/key.ts'
import { keySeconds } from './permission.ts'
import type { NewKey } from './store.ts'
import { keyring, request_key_auth } from '../state/keys/types.ts'
import { key_payload_reserve, key_alloc, key_put, dropAuth, allKeys } from './store.ts'
import { putLink, linkBegin, linkCancel, clearKeyring, unlinkIndex } from './links.ts'

const setPayload = (machine: Machine, key: KernelKey, payload: Uint8Array | null): number => {
  const rc = key_payload_reserve(machine, key, payload?.length ?? 0)
  if (rc === 0) key.payload = payload
  return rc
}

const settle = (key: KernelKey, state: number): void => {
  if (key.state === KEY_IS_UNINSTANTIATED) key.user.nikeys++
  key.state = state
  key.flags &= ~(1 << KEY_FLAG_USER_CONSTRUCT)
}

/** Lists a keyring by its name in the user namespace of its maker; keyrings of the kernel are not listed. */
const publish = (machine: Machine, ring: KernelKey): void => {
  if (ring.description.startsWith('.')) return
  ring.names = namesOf(machine, machine.current.task.cred.user_ns)
  ring.names.add(ring)
}

export const namesOf = (machine: Machine, user_ns: object): Set<KernelKey> => {
  const known = machine.keyTable.names.get(user_ns) ?? new Set<KernelKey>()
  machine.keyTable.names.set(user_ns, known)
  return known
}

/** Gives a key its payload and links it to `ring`, where room has been made; a payload is given once. */
export const instantiateKey = (
  machine: Machine, key: KernelKey, payload: Uint8Array | null, ring: KernelKey | null, authkey: KernelKey | null,
): number => {
  if (key.state !== KEY_IS_UNINSTANTIATED) return -EBUSY
  const rc = setPayload(machine, key, payload)
  if (rc < 0) return rc
  if (key.links !== null) publish(machine, key)
  settle(key, KEY_IS_POSITIVE)
  if (ring !== null) {
    if (ring.has(KEY_FLAG_KEEP)) key.mark(KEY_FLAG_KEEP)
    putLink(machine, ring, key)
  }
  if (authkey !== null) key_invalidate(machine, authkey)
  return 0
}

/** As `key_instantiate_and_link`; `authkey` has served its purpose then. */
export const key_instantiate_and_link = (
  machine: Machine, key: KernelKey, payload: Uint8Array | null, ring: KernelKey | null, authkey: KernelKey | null,
): number => {
  const parsed = key.type.preparse(payload)
  if (parsed < 0) return parsed
  if (ring === null) return instantiateKey(machine, key, payload, null, authkey)
  const index = indexOf(key.type, key.description)
  let rc = linkBegin(machine, ring, index)
  if (rc < 0) return rc
  rc = ring.restrict_link?.(key.type) ?? 0
  if (rc === 0) rc = instantiateKey(machine, key, payload, ring, authkey)
  if (rc < 0) linkCancel(machine, ring, index)
  return rc
}

/** As `key_reject_and_link`: a task that finds the key gets `error`, until the key expires. */
export const key_reject_and_link = (
  machine: Machine, key: KernelKey, timeout: number, error: number, ring: KernelKey | null, authkey: KernelKey | null,
): number => {
  if (ring !== null && ring.restrict_link !== null) return -EPERM
  if (key.state !== KEY_IS_UNINSTANTIATED) return -EBUSY
  const linked = ring === null ? 0 : linkBegin(machine, ring, indexOf(key.type, key.description))
  settle(key, -error)
  setExpiry(machine, key, keySeconds(machine) + timeout)
  if (ring !== null && linked === 0) putLink(machine, ring, key)
  if (authkey !== null) key_invalidate(machine, authkey)
  return linked
}

/** A key that was refused is a good one by it. */
export const updateKey = (machine: Machine, key: KernelKey, payload: Uint8Array | null): number => {
  const rc = setPayload(machine, key, payload)
  if (rc < 0) return rc
  key.expiry = Infinity
  settle(key, KEY_IS_POSITIVE)
  return 0
}

/** As `keyring_alloc`, linked to `dest` where there is one. */
export const keyring_alloc = (
  machine: Machine, given: Omit<NewKey, 'type'>, dest: KernelKey | null = null,
): KernelKey | number => {
  const ring = key_alloc(machine, { type: keyring, ...given })
  if (typeof ring === 'number') return ring
  const rc = key_instantiate_and_link(machine, ring, null, dest, null)
  if (rc === 0) return ring
  key_put(machine, ring)
  return rc
}

export const key_revoke = (machine: Machine, key: KernelKey): void => {
  if (key.isRevoked) return
  key.mark(KEY_FLAG_REVOKED)
  if (key.links !== null) clearKeyring(machine, key)
  else if (key.type === request_key_auth) dropAuth(machine, key)
  else void setPayload(machine, key, null)
  key.revoked_at = keySeconds(machine)
  sweepAt(machine, key.revoked_at)
}

export const key_invalidate = (machine: Machine, key: KernelKey): void => {
  if (key.has(KEY_FLAG_INVALIDATED)) return
  key.mark(KEY_FLAG_INVALIDATED)
  machine.callRcu(() => sweep(machine))
}

export const setExpiry = (machine: Machine, key: KernelKey, seconds: number): void => {
  key.expiry = seconds
  sweepAt(machine, seconds)
}

/** Dead keys can be found for a while, so that a search returns the reason. */
const sweepAt = (machine: Machine, end: number): void => {
  machine.keyTable.nextSweep = Math.min(machine.keyTable.nextSweep, end + machine.sysctl.keys_gc_delay)
}

/** As the collector does: keys that are dead, or have been for long enough, leave the keyrings that hold them. */
const sweep = (machine: Machine): void => {
  const limit = keySeconds(machine) - machine.sysctl.keys_gc_delay
  const end = ({ expiry, revoked_at }: KernelKey): number => Math.min(expiry, revoked_at)
  for (const ring of allKeys(machine)) {
    if (ring.links === null || ring.isGone) continue
    for (const [index, key] of [...ring.links]) {
      if (key.has(KEY_FLAG_INVALIDATED) || end(key) <= limit) unlinkIndex(machine, ring, index)
    }
  }
  machine.keyTable.nextSweep = Infinity
  for (const key of allKeys(machine)) if (end(key) > limit) sweepAt(machine, end(key))
}

/** Time passes between calls, not during one. */
export const sweepDue = (machine: Machine): void => {
  if (machine.keyTable.nextSweep <= keySeconds(machine)) sweep(machine)
}
