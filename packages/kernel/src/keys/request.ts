/**
 * request_key(2): finds a key, or asks a helper program of the machine to make it, as `/sbin/request-key` does on
 * Linux. An authorisation key stands for the helper's right to make it (security/keys/request_key.c).
 */
import {
  EAGAIN, EKEYREVOKED, ENOKEY, ENOMEM, EPERM, KEY_ALLOC_IN_QUOTA, KEY_ALLOC_NOT_IN_QUOTA, KEY_ALLOC_QUOTA_OVERRUN,
  KEY_FLAG_USER_CONSTRUCT, KEY_NEED_LINK, KEY_NEED_WRITE, KEY_POS_ALL, KEY_POS_LINK, KEY_POS_READ, KEY_POS_SEARCH,
  KEY_POS_SETATTR, KEY_POS_VIEW, KEY_POS_WRITE, KEY_REQKEY_DEFL_DEFAULT, KEY_REQKEY_DEFL_PROCESS_KEYRING,
  KEY_REQKEY_DEFL_REQUESTOR_KEYRING, KEY_REQKEY_DEFL_SESSION_KEYRING, KEY_REQKEY_DEFL_THREAD_KEYRING,
  KEY_REQKEY_DEFL_USER_KEYRING, KEY_USR_READ, KEY_USR_VIEW, SIGCHLD,
} from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { indexOf, key_get, kernelKey, keyRef } from '../state/keys/key.ts'
import type { KernelKey } from '../state/keys/key.ts'
import type { KeyQuery } from './search.ts'
import { keyring, request_key_auth } from '../state/keys/types.ts'
import type { KeyType } from '../state/keys/types.ts'
import { install_session_to_cred } from './install-keyrings.ts'
import { key_alloc, key_put } from './store.ts'
import { instantiateKey, keyring_alloc, key_invalidate, key_reject_and_link } from './life.ts'
import { look_up_user_keyrings } from './user-keyrings.ts'
import { key_link, linkBegin, putLink } from './links.ts'
import { key_validate, key_permission, key_task_permission } from './permission.ts'
import { search_process_keyrings } from './search-task.ts'

/** Seconds until a key that could not be made is requested again. */
const NEGATIVE_TIMEOUT = 60

/** The default permissions of a new key of this type. */
export const defaultPerm = (type: KeyType): number => {
  let perm = KEY_POS_VIEW | KEY_POS_SEARCH | KEY_POS_LINK | KEY_POS_SETATTR | KEY_USR_VIEW
  if (type.canRead) perm |= KEY_POS_READ
  if (type === keyring || type.canUpdate) perm |= KEY_POS_WRITE
  return perm
}

/** As `call_usermodehelper_keys`, up to the program itself, which is the host's. */
const spawn = (machine: Machine, session: KernelKey): Task | number => {
  const init = machine.tasks.find(1)!
  const task = machine.as(init, () => machine.forks.copy_process({ flags: 0, exit_signal: SIGCHLD }, false))
  if (typeof task === 'number') return task
  const rc = machine.as(task, () => {
    const next = machine.creds.prepare_creds()
    if (next === null) return -ENOMEM
    const installed = install_session_to_cred(machine, next, session)
    if (installed === 0) machine.creds.commit_creds(next)
    return installed
  })
  return rc === 0 ? task : rc
}

/** As `request_key_auth_new`: a task that serves a request passes on the original requester. */
const authorise = (
  machine: Machine, target: KernelKey, callout: Uint8Array, dest: KernelKey | null,
): KernelKey | number => {
  const { cred, pid } = machine.current.task
  const serving = kernelKey(cred.request_key_auth)
  if (serving !== null && (serving.isRevoked || serving.auth === null)) return -EKEYREVOKED
  const authkey = key_alloc(machine, {
    type: request_key_auth, description: target.serial.toString(16), uid: cred.fsuid, gid: cred.fsgid, cred,
    perm: KEY_POS_VIEW | KEY_POS_READ | KEY_POS_SEARCH | KEY_POS_LINK | KEY_USR_VIEW, flags: KEY_ALLOC_NOT_IN_QUOTA,
  })
  if (typeof authkey === 'number') return authkey
  key_get(target)
  key_get(dest)
  const requestor = serving?.auth ?? { cred, pid }
  authkey.auth = { target, dest, callout, cred: machine.creds.get_cred(requestor.cred), pid: requestor.pid }
  instantiateKey(machine, authkey, null, null, null)
  return authkey
}

/** As `call_sbin_request_key`. */
const callHelper = (machine: Machine, key: KernelKey, authkey: KernelKey): number => {
  const users = look_up_user_keyrings(machine)
  if (typeof users === 'number') return users
  const { cred } = machine.current.task
  const session = keyring_alloc(machine, {
    description: `_req.${key.serial}`, uid: cred.fsuid, gid: cred.fsgid, cred,
    perm: KEY_POS_ALL | KEY_USR_VIEW | KEY_USR_READ, flags: KEY_ALLOC_QUOTA_OVERRUN,
  })
  if (typeof session === 'number') return session
  const linked = key_link(machine, session, authkey)
  const serialOf = (ring: KernelKey | null): number => ring?.serial ?? 0
  const rings = [
    serialOf(kernelKey(cred.thread_keyring)), serialOf(kernelKey(cred.process_keyring)),
    serialOf(kernelKey(cred.session_keyring) ?? users.session),
  ]
  const argv = ['/sbin/request-key', 'create', ...[key.serial, cred.fsuid, cred.fsgid, ...rings].map(String)]
  const rc = linked < 0 ? linked : machine.onRequestKey({ argv, spawn: () => spawn(machine, session) })
  key_put(machine, session)
  if (rc < 0) return rc
  return key.has(KEY_FLAG_USER_CONSTRUCT) || key_validate(machine, key) < 0 ? -ENOKEY : 0
}

/** As `construct_key`: 0 once the key has been made. */
const construct = (machine: Machine, key: KernelKey, callout: Uint8Array, dest: KernelKey | null): number => {
  const authkey = authorise(machine, key, callout, dest)
  if (typeof authkey === 'number') return authkey
  const rc = callHelper(machine, key, authkey)
  if (rc < 0) key_invalidate(machine, authkey)
  key_put(machine, authkey)
  return rc
}

/** As `construct_get_dest_keyring`: the caller's default from there on, the first that there is. */
const defaultDest = (machine: Machine): KernelKey | number => {
  const { cred } = machine.current.task
  const from = cred.jit_keyring
  if (from === KEY_REQKEY_DEFL_DEFAULT || from === KEY_REQKEY_DEFL_REQUESTOR_KEYRING) {
    const dest = kernelKey(cred.request_key_auth)?.auth?.dest
    // permission for the keyring was checked when the request was made
    if (dest !== undefined && dest !== null) return dest
  }
  const start = from === KEY_REQKEY_DEFL_REQUESTOR_KEYRING ? KEY_REQKEY_DEFL_DEFAULT : from
  const own = [
    [KEY_REQKEY_DEFL_THREAD_KEYRING, cred.thread_keyring], [KEY_REQKEY_DEFL_PROCESS_KEYRING, cred.process_keyring],
    [KEY_REQKEY_DEFL_SESSION_KEYRING, cred.session_keyring],
  ] as const
  let ring = kernelKey(own.find(([which, held]) => which >= start && held !== null)?.[1] ?? null)
  if (ring === null) {
    const users = look_up_user_keyrings(machine)
    if (typeof users === 'number') return users
    ring = start === KEY_REQKEY_DEFL_USER_KEYRING ? users.user : users.session
  }
  return key_permission(machine, keyRef(ring, true), KEY_NEED_WRITE) || ring
}

/** As `construct_key_and_link`; a key that could not be made answers so for a while. */
const constructAndLink = (
  machine: Machine, query: KeyQuery, callout: Uint8Array, given: KernelKey | null,
): KernelKey | number => {
  const { type, description, cred } = query
  if (type === keyring) return -EPERM
  const dest = given ?? defaultDest(machine)
  if (typeof dest === 'number') return dest
  const key = key_alloc(machine, {
    type, description, uid: cred.fsuid, gid: cred.fsgid, cred, perm: defaultPerm(type), flags: KEY_ALLOC_IN_QUOTA,
  })
  if (typeof key === 'number') return key
  key.mark(KEY_FLAG_USER_CONSTRUCT)
  const found = search_process_keyrings(machine, query)
  if (typeof found !== 'number') {
    key_put(machine, key)
    return key_link(machine, dest, found.key) || found.key
  }
  const room = linkBegin(machine, dest, indexOf(type, description))
  if (room < 0) {
    key_put(machine, key)
    return room
  }
  putLink(machine, dest, key)
  const rc = construct(machine, key, callout, dest)
  if (rc < 0) key_reject_and_link(machine, key, NEGATIVE_TIMEOUT, ENOKEY, null, null)
  machine.keyTable.constructed.wake()
  key_put(machine, key)
  return rc < 0 ? rc : key
}

/** As `request_key_and_link`: -ENOKEY if there is no such key and `callout` is null. */
export const request_key_and_link = (
  machine: Machine, type: KeyType, description: string, callout: Uint8Array | null, dest: KernelKey | null,
): KernelKey | number => {
  const { cred } = machine.current.task
  const query: KeyQuery = { type, description, cred, only: null, usable: true, skipExpired: true, recurse: true }
  const found = search_process_keyrings(machine, query)
  if (typeof found !== 'number') {
    if (dest === null) return found.key
    return key_task_permission(machine, found, cred, KEY_NEED_LINK) || key_link(machine, dest, found.key) || found.key
  }
  if (found !== -EAGAIN) return found
  return callout === null ? -ENOKEY : constructAndLink(machine, query, callout, dest)
}
