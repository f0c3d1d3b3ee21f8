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
import { search_process_keyrings } from './search-task.ts'
import type { Machine } from '../machine.ts'
import { look_up_user_keyrings } from './user-keyrings.ts'
import { key_lookup } from './store.ts'
import { key_validate, key_task_permission } from './permission.ts'

const sessionKeyring = (machine: Machine, create: boolean): KernelKeyRef | number => {
  const { current } = machine
  const ring = kernelKey(current.task.cred.session_keyring)
  const isUsers = ring !== null && ring.has(KEY_FLAG_UID_KEYRING)
  if (ring !== null && !(isUsers && create)) return keyRef(ring, true)
  // a keyring is made at its first use; a mere lookup gets the user's
  if (ring === null) {
    const users = look_up_user_keyrings(machine)
    // the kernel answers ENOKEY whatever went wrong here
    if (typeof users === 'number') return -ENOKEY
    if (!create && commitChanged(machine, (next) => install_session_to_cred(machine, next, users.session)) < 0)
      return -ENOKEY
  }
  if (create && join_session_keyring(machine, null) < 0) return -ENOKEY
  return keyRef(kernelKey(current.task.cred.session_keyring)!, true)
}

const ownKeyring = (machine: Machine, slot: Slot, create: boolean): KernelKeyRef | number => {
  const { current } = machine
  if (current.task.cred[slot] === null) {
    if (!create) return -ENOKEY
    const rc = commitChanged(machine, (next) => install_to_cred(machine, next, slot))
    if (rc < 0) return rc
  }
  return keyRef(kernelKey(current.task.cred[slot])!, true)
}

const requestorKeyring = (machine: Machine): KernelKeyRef | number => {
  const authkey = kernelKey(machine.current.task.cred.request_key_auth)
  if (authkey === null) return -ENOKEY
  if (authkey.isRevoked || authkey.auth === null) return -EKEYREVOKED
  return authkey.auth.dest === null ? -ENOKEY : keyRef(authkey.auth.dest, true)
}

/** A key by its number; the caller possesses it when its keyrings lead to it. */
const numbered = (machine: Machine, serial: number): KernelKeyRef | number => {
  if (serial < 1) return -EINVAL
  const key = key_lookup(machine, serial)
  if (key === null) return -ENOKEY
  const { type, description } = key
  const { cred } = machine.current.task
  const found = search_process_keyrings(machine, { type, description, cred, only: key, usable: false, recurse: true })
  return typeof found === 'number' ? keyRef(key, false) : found
}

const keyOf = (machine: Machine, serial: number, create: boolean): KernelKeyRef | number => {
  switch (serial) {
    case KEY_SPEC_THREAD_KEYRING:
      return ownKeyring(machine, 'thread_keyring', create)
    case KEY_SPEC_PROCESS_KEYRING:
      return ownKeyring(machine, 'process_keyring', create)
    case KEY_SPEC_SESSION_KEYRING:
      return sessionKeyring(machine, create)
    case KEY_SPEC_USER_KEYRING:
    case KEY_SPEC_USER_SESSION_KEYRING: {
      const users = look_up_user_keyrings(machine)
      if (typeof users === 'number') return -ENOKEY
      return keyRef(serial === KEY_SPEC_USER_KEYRING ? users.user : users.session, true)
    }
    case KEY_SPEC_REQKEY_AUTH_KEY: {
      const authkey = kernelKey(machine.current.task.cred.request_key_auth)
      return authkey === null ? -ENOKEY : keyRef(authkey, true)
    }
    case KEY_SPEC_REQUESTOR_KEYRING:
      return requestorKeyring(machine)
    default:
      return numbered(machine, serial)
  }
}

/** As `wait_for_key_construction`: 0, the errno of a key that was refused or is dead, or -ERESTARTSYS. */
export const wait_for_key_construction = (machine: Machine, key: KernelKey): number => {
  if (key.has(KEY_FLAG_USER_CONSTRUCT)) return machine.sleep(machine.keyTable.constructed)
  return key.state < 0 ? key.state : key_validate(machine, key)
}

/** The error that keeps a key from being used for `need`; 0 without one. */
const refused = (machine: Machine, key: KernelKey, lookup: number, need: number): number => {
  const mayBeBad = need === KEY_DEFER_PERM_CHECK
  if ((lookup & KEY_LOOKUP_PARTIAL) !== 0) return mayBeBad ? 0 : key_validate(machine, key)
  const rc = wait_for_key_construction(machine, key)
  if (rc !== 0 && (rc === -ERESTARTSYS || !(mayBeBad || need === KEY_AUTHTOKEN_OVERRIDE))) return rc
  return key.state === KEY_IS_UNINSTANTIATED ? -EIO : 0
}

/** As `lookup_user_key`: the key of a serial, positive or special, if the caller may use it for `need`. */
export const lookup_user_key = (
  machine: Machine, serial: number, lookup: number, need: number,
): KernelKeyRef | number => {
  const ref = keyOf(machine, serial, (lookup & KEY_LOOKUP_CREATE) !== 0)
  if (typeof ref === 'number') return ref
  // unlinking looks at the keyring, not at the key
  const rc = (need === KEY_NEED_UNLINK ? 0 : refused(machine, ref.key, lookup, need)) ||
    key_task_permission(machine, ref, machine.current.task.cred, need)
  return rc < 0 ? rc : ref
}
