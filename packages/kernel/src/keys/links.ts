/** Links of keyrings, one key for each type and description: linked, moved, replaced (security/keys/keyring.c). */
import { EEXIST, EKEYREVOKED, ENOENT, ENOKEY, ENOTDIR, EPERM, KEYCTL_MOVE_EXCL } from '@lsmkit/abi'
import { indexOf } from '../state/keys/key.ts'
import type { KernelKey } from '../state/keys/key.ts'
import { LINK_BYTES, key_payload_reserve, key_put } from './store.ts'
import { key_type_lookup } from '../state/keys/types.ts'
import type { Machine } from '../machine.ts'
import { keyring_detect_cycle } from './search.ts'

/** As `__key_link_begin`: pays for a link of this index; one that is replaced costs nothing. */
export const linkBegin = (machine: Machine, ring: KernelKey, index: string): number => {
  if (ring.links === null) return -ENOTDIR
  if (ring.isRevoked) return -EKEYREVOKED
  return ring.links.has(index) ? 0 : key_payload_reserve(machine, ring, ring.datalen + LINK_BYTES)
}

export const linkCancel = (machine: Machine, ring: KernelKey, index: string): void => {
  if (!ring.links!.has(index)) key_payload_reserve(machine, ring, ring.datalen - LINK_BYTES)
}

/** After `linkBegin`. */
export const putLink = (machine: Machine, ring: KernelKey, key: KernelKey): void => {
  const index = indexOf(key.type, key.description)
  const before = ring.links!.get(index)
  key.usage++
  ring.links!.set(index, key)
  if (before !== undefined) key_put(machine, before)
}

const mayLink = (ring: KernelKey, key: KernelKey): number => {
  const rc = ring.restrict_link?.(key.type) ?? 0
  return rc !== 0 || key.links === null ? rc : keyring_detect_cycle(ring, key)
}

export const key_link = (machine: Machine, ring: KernelKey, key: KernelKey): number => {
  const index = indexOf(key.type, key.description)
  let rc = linkBegin(machine, ring, index)
  if (rc < 0) return rc
  rc = mayLink(ring, key)
  if (rc < 0) linkCancel(machine, ring, index)
  else putLink(machine, ring, key)
  return rc
}

/** Removes the link with this index, whichever key it leads to. */
export const unlinkIndex = (machine: Machine, ring: KernelKey, index: string): void => {
  const held = ring.links!.get(index)!
  ring.links!.delete(index)
  key_payload_reserve(machine, ring, ring.datalen - LINK_BYTES)
  key_put(machine, held)
}

export const key_unlink = (machine: Machine, ring: KernelKey, key: KernelKey): number => {
  if (ring.links === null) return -ENOTDIR
  const index = indexOf(key.type, key.description)
  if (!ring.links.has(index)) return -ENOENT
  unlinkIndex(machine, ring, index)
  return 0
}

export const key_move = (machine: Machine, key: KernelKey, from: KernelKey, to: KernelKey, flags: number): number => {
  if (from === to) return 0
  if (from.links === null || to.links === null) return -ENOTDIR
  const index = indexOf(key.type, key.description)
  if (!from.links.has(index)) return -ENOENT
  let rc = linkBegin(machine, to, index)
  if (rc < 0) return rc
  rc = to.links.has(index) && (flags & KEYCTL_MOVE_EXCL) !== 0 ? -EEXIST : mayLink(to, key)
  if (rc < 0) {
    linkCancel(machine, to, index)
    return rc
  }
  putLink(machine, to, key)
  unlinkIndex(machine, from, index)
  return 0
}

export const clearKeyring = (machine: Machine, ring: KernelKey): void => {
  const held = [...ring.links!.values()]
  ring.links!.clear()
  key_payload_reserve(machine, ring, 0)
  for (const key of held) key_put(machine, key)
}

export const keyring_clear = (machine: Machine, ring: KernelKey): number => {
  if (ring.links === null) return -ENOTDIR
  clearKeyring(machine, ring)
  return 0
}

/** As `keyring_restrict`: nothing may be linked any more. No type that is here restricts by its own rules. */
export const keyring_restrict = (ring: KernelKey, type: string | null): number => {
  if (ring.links === null) return -ENOTDIR
  if (type !== null) return key_type_lookup(type) === null ? -ENOKEY : -ENOENT
  if (ring.restrict_link !== null) return -EEXIST
  ring.restrict_link = () => -EPERM
  return 0
}
