/** Commands of keyctl(2) for a task that makes a requested key, and the keyring that requested keys go to. */
import {
  EAGAIN, EFAULT, EINVAL, EKEYREVOKED, ENOKEY, EPERM, ERESTART_RESTARTBLOCK, ERESTARTNOHAND, ERESTARTNOINTR,
  ERESTARTSYS, KEY_LOOKUP_CREATE, KEY_NEED_WRITE, KEY_REQKEY_DEFL_DEFAULT, KEY_REQKEY_DEFL_NO_CHANGE,
  KEY_REQKEY_DEFL_PROCESS_KEYRING, KEY_REQKEY_DEFL_REQUESTOR_KEYRING, KEY_REQKEY_DEFL_SESSION_KEYRING,
  KEY_REQKEY_DEFL_THREAD_KEYRING, KEY_REQKEY_DEFL_USER_KEYRING, KEY_REQKEY_DEFL_USER_SESSION_KEYRING,
  KEY_SPEC_REQKEY_AUTH_KEY, KEY_SPEC_REQUESTOR_KEYRING, KEYCTL_ASSUME_AUTHORITY, KEYCTL_INSTANTIATE,
  KEYCTL_INSTANTIATE_IOV, KEYCTL_NEGATE, KEYCTL_REJECT, KEYCTL_SET_REQKEY_KEYRING,
} from '@lsmkit/abi'
import type { Cred } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { copyIn, gather, isGuestBytes, totalOf } from '../state/guest-bytes.ts'
import type { GuestBytes } from '../state/guest-bytes.ts'
import { number, serial } from '../state/keys/arguments.ts'
import type { KeyArg } from '../state/keys/arguments.ts'
import { key_get, kernelKey } from '../state/keys/key.ts'
import type { KernelKey, RequestKeyAuth } from '../state/keys/key.ts'
import { request_key_auth } from '../state/keys/types.ts'
import { search_process_keyrings } from './search-task.ts'
import { commitChanged, install_to_cred } from './install-keyrings.ts'
import { key_put } from './store.ts'
import { lookup_user_key } from './lookup-key.ts'
import { key_instantiate_and_link, key_reject_and_link } from './life.ts'
import type { KeyCommands } from './command-table.ts'

const PAYLOAD_MAX = 1024 * 1024 - 1
const MAX_ERRNO = 4095
/** Errnos that are the kernel's own. */
const INTERNAL = new Set<number>([ERESTARTSYS, ERESTARTNOINTR, ERESTARTNOHAND, ERESTART_RESTARTBLOCK])
/** Defaults that need nothing made. */
const PLAIN_DEFAULTS = new Set([
  KEY_REQKEY_DEFL_DEFAULT, KEY_REQKEY_DEFL_SESSION_KEYRING, KEY_REQKEY_DEFL_USER_KEYRING,
  KEY_REQKEY_DEFL_USER_SESSION_KEYRING, KEY_REQKEY_DEFL_REQUESTOR_KEYRING,
])

/** As `key_get_instantiation_authkey`: the right to make a key, if the caller's keyrings lead to it. */
export const authkeyOf = (machine: Machine, target: number): KernelKey | number => {
  const { cred } = machine.current.task
  const description = (target >>> 0).toString(16)
  const found = search_process_keyrings(machine, {
    type: request_key_auth, description, cred, only: null, usable: true, recurse: true,
  })
  if (typeof found === 'number') return found === -EAGAIN ? -ENOKEY : found
  return found.key.isRevoked ? -EKEYREVOKED : found.key
}

const assume = (machine: Machine, authkey: KernelKey | null): number =>
  commitChanged(machine, (next) => {
    key_put(machine, next.request_key_auth)
    key_get(authkey)
    next.request_key_auth = authkey
    return 0
  })

/** The keyring for a new key: by its number, or the one of the request. */
const destOf = (machine: Machine, ringid: number, auth: RequestKeyAuth): KernelKey | number | null => {
  if (ringid === 0) return null
  if (ringid > 0) {
    const ref = lookup_user_key(machine, ringid, KEY_LOOKUP_CREATE, KEY_NEED_WRITE)
    return typeof ref === 'number' ? ref : ref.key
  }
  if (ringid === KEY_SPEC_REQKEY_AUTH_KEY) return -EINVAL
  return ringid >= KEY_SPEC_REQUESTOR_KEYRING ? auth.dest : -ENOKEY
}

/** The caller has assumed the right to make `id`; it is used up when `finish` succeeds. */
const conclude = (
  machine: Machine, id: KeyArg, ringid: KeyArg,
  finish: (target: KernelKey, dest: KernelKey | null, authkey: KernelKey) => number,
): number => {
  const authkey = kernelKey(machine.current.task.cred.request_key_auth)
  if (authkey === null) return -EPERM
  const { auth } = authkey
  if (auth === null || authkey.isRevoked) return -EKEYREVOKED
  if (auth.target.serial !== serial(id)) return -EPERM
  const dest = destOf(machine, serial(ringid), auth)
  if (typeof dest === 'number') return dest
  const rc = finish(auth.target, dest, authkey)
  if (rc === 0) assume(machine, null)
  machine.keyTable.constructed.wake()
  return rc
}

const instantiate = (machine: Machine, id: KeyArg, data: Uint8Array | null, ringid: KeyArg): number => {
  if (data !== null && data.length > PAYLOAD_MAX) return -EINVAL
  return conclude(
    machine, id, ringid, (target, dest, authkey) => key_instantiate_and_link(machine, target, data, dest, authkey),
  )
}

const reject = (machine: Machine, id: KeyArg, timeout: KeyArg, error: number, ringid: KeyArg): number => {
  if (error <= 0 || error >= MAX_ERRNO || INTERNAL.has(error)) return -EINVAL
  return conclude(machine, id, ringid, (target, dest, authkey) =>
    key_reject_and_link(machine, target, number(timeout) >>> 0, error, dest, authkey))
}

/** Sets the keyring for requested keys, where the caller names none. Returns the former setting. */
const setDefault = (machine: Machine, to: number): number => {
  const before = machine.current.task.cred.jit_keyring
  if (to === KEY_REQKEY_DEFL_NO_CHANGE) return before
  const prepare = (next: Cred): number => {
    if (to === KEY_REQKEY_DEFL_THREAD_KEYRING) return install_to_cred(machine, next, 'thread_keyring')
    if (to === KEY_REQKEY_DEFL_PROCESS_KEYRING) return install_to_cred(machine, next, 'process_keyring')
    return PLAIN_DEFAULTS.has(to) ? 0 : -EINVAL
  }
  const rc = commitChanged(machine, (next) => {
    next.jit_keyring = to
    return prepare(next)
  })
  return rc < 0 ? rc : before
}

export const constructionCommands: KeyCommands = {
  [KEYCTL_INSTANTIATE](machine, id, data, length, ringid) {
    if (!isGuestBytes(data) || number(length) === 0) return instantiate(machine, id, null, ringid)
    // a payload that is too long is refused before it is read
    const wanted = Math.min(number(length), PAYLOAD_MAX + 1)
    return number(length) > data.length ? -EFAULT : instantiate(machine, id, copyIn(data, 0, wanted), ringid)
  },
  [KEYCTL_INSTANTIATE_IOV](machine, id, pieces, count, ringid) {
    const taken = Array.isArray(pieces) ? pieces.slice(0, number(count)) as readonly GuestBytes[] : []
    const bytes = gather(taken, Math.min(totalOf(taken), PAYLOAD_MAX + 1))
    return instantiate(machine, id, bytes.length === 0 ? null : bytes, ringid)
  },
  [KEYCTL_NEGATE]: (machine, id, timeout, ringid) => reject(machine, id, timeout, ENOKEY, ringid),
  [KEYCTL_REJECT]: (machine, id, timeout, error, ringid) => reject(machine, id, timeout, number(error), ringid),
  [KEYCTL_SET_REQKEY_KEYRING]: (machine, to) => setDefault(machine, serial(to)),
  [KEYCTL_ASSUME_AUTHORITY](machine, id) {
    if (serial(id) < 0) return -EINVAL
    if (serial(id) === 0) return assume(machine, null)
    const authkey = authkeyOf(machine, serial(id))
    return typeof authkey === 'number' ? authkey : assume(machine, authkey) || authkey.serial
  },
}
