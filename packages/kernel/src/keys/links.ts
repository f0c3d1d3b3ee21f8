/** What keyrings hold: one key of each type and description, linked, moved, replaced (security/keys/keyring.c). */
import {
  EEXIST, EKEYREVOKED, ENOENT, ENOKEY, ENOTDIR, EPERM, KEYCTL_MOVE_EXCL,
} from '@lsmkit/abi'
import { indexOf } from '../state/keys/key.ts'
import type { KernelKey } from '../state/keys/key.ts'
import type { KeySearch } from './search.ts'
import { LINK_BYTES } from './store.ts'
import type { KeyStore } from './store.ts'
import { key_type_lookup } from '../state/keys/types.ts'

export const keyLinks = ({ key_payload_reserve, key_put }: KeyStore, { keyring_detect_cycle }: KeySearch) => {
  /** As `__key_link_begin`: pays for a link of this index; one that is replaced costs nothing. */
  const linkBegin = (ring: KernelKey, index: string): number => {
    if (ring.links === null) return -ENOTDIR
    if (ring.isRevoked) return -EKEYREVOKED
    return ring.links.has(index) ? 0 : key_payload_reserve(ring, ring.datalen + LINK_BYTES)
  }
  const linkCancel = (ring: KernelKey, index: string): void => {
    if (!ring.links!.has(index)) key_payload_reserve(ring, ring.datalen - LINK_BYTES)
  }
  /** After `linkBegin`. */
  const link = (ring: KernelKey, key: KernelKey): void => {
    const index = indexOf(key.type, key.description)
    const before = ring.links!.get(index)
    key.usage++
    ring.links!.set(index, key)
    if (before !== undefined) key_put(before)
  }
  const mayLink = (ring: KernelKey, key: KernelKey): number => {
    const rc = ring.restrict_link?.(key.type) ?? 0
    return rc !== 0 || key.links === null ? rc : keyring_detect_cycle(ring, key)
  }
  const key_link = (ring: KernelKey, key: KernelKey): number => {
    const index = indexOf(key.type, key.description)
    let rc = linkBegin(ring, index)
    if (rc < 0) return rc
    rc = mayLink(ring, key)
    if (rc < 0) linkCancel(ring, index)
    else link(ring, key)
    return rc
  }

  /** A key of the same index is as good as the key itself. */
  const unlinkIndex = (ring: KernelKey, index: string): void => {
    const held = ring.links!.get(index)!
    ring.links!.delete(index)
    key_payload_reserve(ring, ring.datalen - LINK_BYTES)
    key_put(held)
  }
  const key_unlink = (ring: KernelKey, key: KernelKey): number => {
    if (ring.links === null) return -ENOTDIR
    const index = indexOf(key.type, key.description)
    if (!ring.links.has(index)) return -ENOENT
    unlinkIndex(ring, index)
    return 0
  }

  const key_move = (key: KernelKey, from: KernelKey, to: KernelKey, flags: number): number => {
    if (from === to) return 0
    if (from.links === null || to.links === null) return -ENOTDIR
    const index = indexOf(key.type, key.description)
    if (!from.links.has(index)) return -ENOENT
    let rc = linkBegin(to, index)
    if (rc < 0) return rc
    rc = to.links.has(index) && (flags & KEYCTL_MOVE_EXCL) !== 0 ? -EEXIST : mayLink(to, key)
    if (rc < 0) {
      linkCancel(to, index)
      return rc
    }
    link(to, key)
    unlinkIndex(from, index)
    return 0
  }

  const clear = (ring: KernelKey): void => {
    const held = [...ring.links!.values()]
    ring.links!.clear()
    key_payload_reserve(ring, 0)
    held.forEach(key_put)
  }
  const keyring_clear = (ring: KernelKey): number => {
    if (ring.links === null) return -ENOTDIR
    clear(ring)
    return 0
  }

  /** As `keyring_restrict`: nothing may be linked any more. No type that is here restricts by its own rules. */
  const keyring_restrict = (ring: KernelKey, type: string | null): number => {
    if (ring.links === null) return -ENOTDIR
    if (type !== null) return key_type_lookup(type) === null ? -ENOKEY : -ENOENT
    if (ring.restrict_link !== null) return -EEXIST
    ring.restrict_link = () => -EPERM
    return 0
  }

  return {
    linkBegin, linkCancel, link, key_link, unlinkIndex, key_unlink, key_move, clear, keyring_clear, keyring_restrict,
  }
}
export type KeyLinks = ReturnType<typeof keyLinks>
