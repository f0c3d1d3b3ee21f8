/** The key of a serial, positive or one of the negative ones of keyctl(2) (`lookup_user_key`). */
import {
  EINVAL, EIO, EKEYREVOKED, ENOKEY, ERESTARTSYS, KEY_AUTHTOKEN_OVERRIDE, KEY_DEFER_PERM_CHECK, KEY_FLAG_UID_KEYRING,
  KEY_FLAG_USER_CONSTRUCT, KEY_LOOKUP_CREATE, KEY_LOOKUP_PARTIAL, KEY_NEED_UNLINK, KEY_SPEC_PROCESS_KEYRING,
  KEY_SPEC_REQKEY_AUTH_KEY, KEY_SPEC_REQUESTOR_KEYRING, KEY_SPEC_SESSION_KEYRING, KEY_SPEC_THREAD_KEYRING,
  KEY_SPEC_USER_KEYRING, KEY_SPEC_USER_SESSION_KEYRING,
} from '@lsmkit/abi'
import { commitChanged, install_session_to_cred, install_to_cred } from './install-keyrings.ts'
import type { Slot } from './install-keyrings.ts'
import { join_session_keyring } from './join-session.ts'
import { KEY_IS_UNINSTANTIATED, kernelKey, keyRef } from '../state/keys/key.ts'
import type { KernelKey, KernelKeyRef } from '../state/keys/key.ts'
import type { RingParts } from './ring-parts.ts'
import { search_process_keyrings } from './search-task.ts'

const sessionKeyring = (parts: RingParts, create: boolean): KernelKeyRef | number => {
  const { current } = parts.machine
  const ring = kernelKey(current.task.cred.session_keyring)
  const isUsers = ring !== null && ring.has(KEY_FLAG_UID_KEYRING)
  if (ring !== null && !(isUsers && create)) return keyRef(ring, true)
  // one is made at the first look; somebody who only looks gets the user's
  if (ring === null) {
    const users = parts.users.look_up_user_keyrings()
    // the kernel answers ENOKEY whatever went wrong here
    if (typeof users === 'number') return -ENOKEY
    if (!create && commitChanged(parts, (next) => install_session_to_cred(parts, next, users.session)) < 0)
      return -ENOKEY
  }
  if (create && join_session_keyring(parts, null) < 0) return -ENOKEY
  return keyRef(kernelKey(current.task.cred.session_keyring)!, true)
}

const ownKeyring = (parts: RingParts, slot: Slot, create: boolean): KernelKeyRef | number => {
  const { current } = parts.machine
  if (current.task.cred[slot] === null) {
    if (!create) return -ENOKEY
    const rc = commitChanged(parts, (next) => install_to_cred(parts, next, slot))
    if (rc < 0) return rc
  }
  return keyRef(kernelKey(current.task.cred[slot])!, true)
}

const requestorKeyring = (parts: RingParts): KernelKeyRef | number => {
  const authkey = kernelKey(parts.machine.current.task.cred.request_key_auth)
  if (authkey === null) return -ENOKEY
  if (authkey.isRevoked || authkey.auth === null) return -EKEYREVOKED
  return authkey.auth.dest === null ? -ENOKEY : keyRef(authkey.auth.dest, true)
}

/** A key by its number; the caller possesses it when its keyrings lead to it. */
const numbered = (parts: RingParts, serial: number): KernelKeyRef | number => {
  if (serial < 1) return -EINVAL
  const key = parts.store.key_lookup(serial)
  if (key === null) return -ENOKEY
  const { type, description } = key
  const { cred } = parts.machine.current.task
  const found = search_process_keyrings(parts, { type, description, cred, only: key, usable: false, recurse: true })
  return typeof found === 'number' ? keyRef(key, false) : found
}

const keyOf = (parts: RingParts, serial: number, create: boolean): KernelKeyRef | number => {
  switch (serial) {
    case KEY_SPEC_THREAD_KEYRING:
      return ownKeyring(parts, 'thread_keyring', create)
    case KEY_SPEC_PROCESS_KEYRING:
      return ownKeyring(parts, 'process_keyring', create)
    case KEY_SPEC_SESSION_KEYRING:
      return sessionKeyring(parts, create)
    case KEY_SPEC_USER_KEYRING:
    case KEY_SPEC_USER_SESSION_KEYRING: {
      const users = parts.users.look_up_user_keyrings()
      if (typeof users === 'number') return -ENOKEY
      return keyRef(serial === KEY_SPEC_USER_KEYRING ? users.user : users.session, true)
    }
    case KEY_SPEC_REQKEY_AUTH_KEY: {
      const authkey = kernelKey(parts.machine.current.task.cred.request_key_auth)
      return authkey === null ? -ENOKEY : keyRef(authkey, true)
    }
    case KEY_SPEC_REQUESTOR_KEYRING:
      return requestorKeyring(parts)
    default:
      return numbered(parts, serial)
  }
}

/** As `wait_for_key_construction`: 0, the errno of a key that was refused or is dead, or -ERESTARTSYS. */
export const wait_for_key_construction = (parts: RingParts, key: KernelKey): number => {
  if (key.has(KEY_FLAG_USER_CONSTRUCT)) {
    parts.machine.sleepOn = parts.constructed
    return -ERESTARTSYS
  }
  return key.state < 0 ? key.state : parts.permissions.key_validate(key)
}

/** What keeps a key that was found from being used for `need`. */
const refused = (parts: RingParts, key: KernelKey, lookup: number, need: number): number => {
  const mayBeBad = need === KEY_DEFER_PERM_CHECK
  if ((lookup & KEY_LOOKUP_PARTIAL) !== 0) return mayBeBad ? 0 : parts.permissions.key_validate(key)
  const rc = wait_for_key_construction(parts, key)
  if (rc !== 0 && (rc === -ERESTARTSYS || !(mayBeBad || need === KEY_AUTHTOKEN_OVERRIDE))) return rc
  return key.state === KEY_IS_UNINSTANTIATED ? -EIO : 0
}

/** As `lookup_user_key`: the key of a serial, positive or special, if the caller may use it for `need`. */
export const lookup_user_key = (
  parts: RingParts, serial: number, lookup: number, need: number,
): KernelKeyRef | number => {
  const ref = keyOf(parts, serial, (lookup & KEY_LOOKUP_CREATE) !== 0)
  if (typeof ref === 'number') return ref
  // unlinking looks at the keyring, not at the key
  const rc = (need === KEY_NEED_UNLINK ? 0 : refused(parts, ref.key, lookup, need)) ||
    parts.permissions.key_task_permission(ref, parts.machine.current.task.cred, need)
  return rc < 0 ? rc : ref
}
