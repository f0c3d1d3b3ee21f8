/** What becomes of a key: instantiated or refused, changed, revoked, expired, swept away (security/keys/{key,gc}.c). */
import {
  EBUSY, EPERM, KEY_FLAG_INVALIDATED, KEY_FLAG_KEEP, KEY_FLAG_REVOKED, KEY_FLAG_USER_CONSTRUCT,
} from '@lsmkit/abi'
import type { Machine } from '../machine.ts'
import { indexOf, KEY_IS_POSITIVE, KEY_IS_UNINSTANTIATED } from '../state/keys/key.ts'
import type { KernelKey } from '../state/keys/key.ts'
import type { KeyLinks } from './links.ts'
import { keySeconds } from './permission.ts'
import type { KeyStore, NewKey } from './store.ts'
import { keyring, request_key_auth } from '../state/keys/types.ts'

export const keyLife = (machine: Machine, store: KeyStore, links: KeyLinks) => {
  const { key_alloc, key_payload_reserve, key_put, dropAuth, all } = store
  const { linkBegin, linkCancel, link, unlinkIndex, clear } = links
  const { current } = machine
  /** When the next key may have to leave the keyrings that hold it. */
  let nextSweep = Infinity

  const setPayload = (key: KernelKey, payload: Uint8Array | null): number => {
    const rc = key_payload_reserve(key, payload?.length ?? 0)
    if (rc === 0) key.payload = payload
    return rc
  }
  const settle = (key: KernelKey, state: number): void => {
    if (key.state === KEY_IS_UNINSTANTIATED) key.user.nikeys++
    key.state = state
    key.flags &= ~(1 << KEY_FLAG_USER_CONSTRUCT)
  }
  /** A keyring is found by its name in the user namespace of who made it; not those of the kernel. */
  const publish = (ring: KernelKey): void => {
    if (ring.description.startsWith('.')) return
    ring.names = namesOf(current.task.cred.user_ns)
    ring.names.add(ring)
  }
  const names = new WeakMap<object, Set<KernelKey>>()
  const namesOf = (user_ns: object): Set<KernelKey> => {
    const known = names.get(user_ns) ?? new Set<KernelKey>()
    names.set(user_ns, known)
    return known
  }

  /** Gives a key its payload and links it to `ring`, where room has been made; a payload is given once. */
  const instantiate = (
    key: KernelKey, payload: Uint8Array | null, ring: KernelKey | null, authkey: KernelKey | null,
  ): number => {
    if (key.state !== KEY_IS_UNINSTANTIATED) return -EBUSY
    const rc = setPayload(key, payload)
    if (rc < 0) return rc
    if (key.links !== null) publish(key)
    settle(key, KEY_IS_POSITIVE)
    if (ring !== null) {
      if (ring.has(KEY_FLAG_KEEP)) key.mark(KEY_FLAG_KEEP)
      link(ring, key)
    }
    if (authkey !== null) key_invalidate(authkey)
    return 0
  }

  /** As `key_instantiate_and_link`; `authkey` has served its purpose then. */
  const key_instantiate_and_link = (
    key: KernelKey, payload: Uint8Array | null, ring: KernelKey | null, authkey: KernelKey | null,
  ): number => {
    const parsed = key.type.preparse(payload)
    if (parsed < 0) return parsed
    if (ring === null) return instantiate(key, payload, null, authkey)
    const index = indexOf(key.type, key.description)
    let rc = linkBegin(ring, index)
    if (rc < 0) return rc
    rc = ring.restrict_link?.(key.type) ?? 0
    if (rc === 0) rc = instantiate(key, payload, ring, authkey)
    if (rc < 0) linkCancel(ring, index)
    return rc
  }

  /** As `key_reject_and_link`: who finds the key is given `error`, until it expires. */
  const key_reject_and_link = (
    key: KernelKey, timeout: number, error: number, ring: KernelKey | null, authkey: KernelKey | null,
  ): number => {
    if (ring !== null && ring.restrict_link !== null) return -EPERM
    if (key.state !== KEY_IS_UNINSTANTIATED) return -EBUSY
    const linked = ring === null ? 0 : linkBegin(ring, indexOf(key.type, key.description))
    settle(key, -error)
    setExpiry(key, keySeconds(machine) + timeout)
    if (ring !== null && linked === 0) link(ring, key)
    if (authkey !== null) key_invalidate(authkey)
    return linked
  }

  /** A key that was refused is a good one by it. */
  const update = (key: KernelKey, payload: Uint8Array | null): number => {
    const rc = setPayload(key, payload)
    if (rc < 0) return rc
    key.expiry = Infinity
    settle(key, KEY_IS_POSITIVE)
    return 0
  }

  /** As `keyring_alloc`, linked to `dest` where there is one. */
  const keyring_alloc = (given: Omit<NewKey, 'type'>, dest: KernelKey | null = null): KernelKey | number => {
    const ring = key_alloc({ type: keyring, ...given })
    if (typeof ring === 'number') return ring
    const rc = key_instantiate_and_link(ring, null, dest, null)
    if (rc === 0) return ring
    key_put(ring)
    return rc
  }

  const key_revoke = (key: KernelKey): void => {
    if (key.isRevoked) return
    key.mark(KEY_FLAG_REVOKED)
    if (key.links !== null) clear(key)
    else if (key.type === request_key_auth) dropAuth(key)
    else void setPayload(key, null)
    key.revoked_at = keySeconds(machine)
    sweepAt(key.revoked_at)
  }

  const key_invalidate = (key: KernelKey): void => {
    if (key.has(KEY_FLAG_INVALIDATED)) return
    key.mark(KEY_FLAG_INVALIDATED)
    machine.callRcu(sweep)
  }

  const setExpiry = (key: KernelKey, seconds: number): void => {
    key.expiry = seconds
    sweepAt(seconds)
  }

  /** Dead keys stay in sight for a while, so that who looks for them learns why they are gone. */
  const sweepAt = (end: number): void => {
    nextSweep = Math.min(nextSweep, end + machine.sysctl.keys_gc_delay)
  }

  /** As the collector does: keys that are dead, or have been for long enough, leave the keyrings that hold them. */
  const sweep = (): void => {
    const limit = keySeconds(machine) - machine.sysctl.keys_gc_delay
    const end = ({ expiry, revoked_at }: KernelKey): number => Math.min(expiry, revoked_at)
    for (const ring of all()) {
      if (ring.links === null || ring.isGone) continue
      for (const [index, key] of [...ring.links]) {
        if (key.has(KEY_FLAG_INVALIDATED) || end(key) <= limit) unlinkIndex(ring, index)
      }
    }
    nextSweep = Infinity
    for (const key of all()) if (end(key) > limit) sweepAt(end(key))
  }
  /** Time passes between calls, not during one. */
  const sweepDue = (): void => {
    if (nextSweep <= keySeconds(machine)) sweep()
  }

  return {
    namesOf, instantiate, key_instantiate_and_link, key_reject_and_link, update, keyring_alloc, key_revoke,
    key_invalidate, setExpiry, sweepDue,
  }
}
export type KeyLife = ReturnType<typeof keyLife>
