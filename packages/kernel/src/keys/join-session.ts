/** Session keyrings are joined by name. */
import { ENOMEM, KEY_ALLOC_IN_QUOTA, KEY_NEED_SEARCH, KEY_USR_LINK, KEY_USR_READ } from '@lsmkit/abi'
import { kuid_has_mapping } from '@lsmkit/core'
import { OWN_PERM, install_session_to_cred } from './install-keyrings.ts'
import { kernelKey, keyRef } from '../state/keys/key.ts'
import type { KernelKey } from '../state/keys/key.ts'
import type { Machine } from '../machine.ts'
import { namesOf, keyring_alloc } from './life.ts'
import { key_permission } from './permission.ts'
import { key_put } from './store.ts'

/** As `find_keyring_by_name`: one that the caller may search. */
const find_keyring_by_name = (machine: Machine, name: string): KernelKey | null => {
  const { user_ns } = machine.current.task.cred
  for (const ring of namesOf(machine, user_ns)) {
    if (ring.isRevoked || ring.description !== name || !kuid_has_mapping(user_ns, ring.uid)) continue
    if (key_permission(machine, keyRef(ring, false), KEY_NEED_SEARCH) >= 0) return ring
  }
  return null
}

/** As `join_session_keyring`: its serial; 0 for the one that the caller has already. */
export const join_session_keyring = (machine: Machine, name: string | null): number => {
  const { creds } = machine
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
  if (name === null) return give(install_session_to_cred(machine, next, null))
  const known = find_keyring_by_name(machine, name)
  if (known !== null && known === next.session_keyring) {
    creds.abort_creds(next)
    return 0
  }
  if (known !== null) return give(install_session_to_cred(machine, next, known))
  const { cred } = machine.current.task
  const made = keyring_alloc(machine, {
    description: name, uid: cred.uid, gid: cred.gid, cred, perm: OWN_PERM | KEY_USR_READ | KEY_USR_LINK,
    flags: KEY_ALLOC_IN_QUOTA,
  })
  if (typeof made === 'number') return give(made)
  const serial = give(install_session_to_cred(machine, next, made))
  key_put(machine, made)
  return serial
}
