/** Session keyrings are joined by name. */
import { ENOMEM, KEY_ALLOC_IN_QUOTA, KEY_NEED_SEARCH, KEY_USR_LINK, KEY_USR_READ } from '@lsmkit/abi'
import { kuid_has_mapping } from '@lsmkit/core'
import { OWN_PERM, install_session_to_cred } from './install-keyrings.ts'
import { kernelKey, keyRef } from '../state/keys/key.ts'
import type { KernelKey } from '../state/keys/key.ts'
import type { RingParts } from './ring-parts.ts'

/** As `find_keyring_by_name`: one that the caller may search. */
const find_keyring_by_name = (parts: RingParts, name: string): KernelKey | null => {
  const { user_ns } = parts.machine.current.task.cred
  for (const ring of parts.life.namesOf(user_ns)) {
    if (ring.isRevoked || ring.description !== name || !kuid_has_mapping(user_ns, ring.uid)) continue
    if (parts.permissions.key_permission(keyRef(ring, false), KEY_NEED_SEARCH) >= 0) return ring
  }
  return null
}

/** As `join_session_keyring`: its serial; 0 for the one that the caller has already. */
export const join_session_keyring = (parts: RingParts, name: string | null): number => {
  const { creds } = parts.machine
  const next = creds.prepare_creds()
  if (next === null) return -ENOMEM
  const give = (rc: number): number => {
    if (rc < 0) {
      creds.abort_creds(next)
      return rc
    }
    creds.commit_creds(next)
    return kernelKey(next.session_keyring)!.serial
  }
  if (name === null) return give(install_session_to_cred(parts, next, null))
  const known = find_keyring_by_name(parts, name)
  if (known !== null && known === next.session_keyring) {
    creds.abort_creds(next)
    return 0
  }
  if (known !== null) return give(install_session_to_cred(parts, next, known))
  const { cred } = parts.machine.current.task
  const made = parts.life.keyring_alloc({
    description: name, uid: cred.uid, gid: cred.gid, cred, perm: OWN_PERM | KEY_USR_READ | KEY_USR_LINK,
    flags: KEY_ALLOC_IN_QUOTA,
  })
  if (typeof made === 'number') return give(made)
  const serial = give(install_session_to_cred(parts, next, made))
  parts.store.key_put(made)
  return serial
}
