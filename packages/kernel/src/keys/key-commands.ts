/** Commands of keyctl(2) about one key: its attributes, its contents, and its end. */
import {
  CAP_SYS_ADMIN, EACCES, EINVAL, ENOKEY, EOPNOTSUPP, EPERM, KEY_AUTHTOKEN_OVERRIDE, KEY_DEFER_PERM_CHECK, KEY_FLAG_KEEP,
  KEY_FLAG_ROOT_CAN_INVAL, KEY_GRP_ALL, KEY_LOOKUP_CREATE, KEY_LOOKUP_PARTIAL, KEY_NEED_READ, KEY_NEED_SEARCH,
  KEY_NEED_SETATTR, KEY_NEED_VIEW, KEY_NEED_WRITE, KEY_OTH_ALL, KEY_POS_ALL, KEY_SYSADMIN_OVERRIDE, KEY_USR_ALL,
  KEYCTL_CHOWN, KEYCTL_DESCRIBE, KEYCTL_GET_SECURITY, KEYCTL_INVALIDATE, KEYCTL_READ, KEYCTL_REVOKE, KEYCTL_SET_TIMEOUT,
  KEYCTL_SETPERM, KEYCTL_UPDATE, PAGE_SIZE,
} from '@lsmkit/abi'
import {
  capable, from_kgid_munged, from_kuid_munged, gid_valid, in_group, make_kgid, make_kuid, uid_valid,
} from '@lsmkit/core'
import type { Ref } from '@lsmkit/core'
import { clear, copyOut } from '../state/guest-bytes.ts'
import type { GuestBytes } from '../state/guest-bytes.ts'
import { buffer, number, payload, serial } from '../state/keys/arguments.ts'
import type { KeyCommands } from './command-table.ts'
import type { KeyArg } from '../state/keys/arguments.ts'
import { KEY_IS_UNINSTANTIATED } from '../state/keys/key.ts'
import type { KernelKey, KernelKeyRef } from '../state/keys/key.ts'
import { keySeconds, key_validate, key_permission } from './permission.ts'
import type { Machine } from '../machine.ts'
import { lookup_user_key } from './lookup-key.ts'
import { authkeyOf } from './construction-commands.ts'
import { key_update } from './create.ts'
import { key_revoke, key_invalidate, setExpiry } from './life.ts'
import { moveKey } from './users.ts'

const ALL_BITS = KEY_POS_ALL | KEY_USR_ALL | KEY_GRP_ALL | KEY_OTH_ALL
const SERIAL_BYTES = 4
const encoder = new TextEncoder()

/** As much of `bytes` as there is room for; answers how many there are. */
const answer = (bytes: Uint8Array, into: GuestBytes | null): number => {
  if (into !== null) copyOut(bytes.subarray(0, into.length), into)
  return bytes.length
}

const isAdmin = (machine: Machine): boolean => capable(machine.lsm, machine.current, CAP_SYS_ADMIN)

const owned = (machine: Machine, arg: KeyArg): KernelKeyRef | number =>
  lookup_user_key(machine, serial(arg), KEY_LOOKUP_CREATE | KEY_LOOKUP_PARTIAL, KEY_NEED_SETATTR)

const overridden = (machine: Machine, arg: KeyArg): KernelKeyRef | number =>
  lookup_user_key(machine, serial(arg), KEY_LOOKUP_PARTIAL, KEY_AUTHTOKEN_OVERRIDE)

/** A task that makes the key may look at it and set its timeout, even if the permission bits forbid it. */
const orAuthorised = (machine: Machine, arg: KeyArg, found: KernelKeyRef | number): KernelKeyRef | number => {
  if (found !== -EACCES) return found
  const authkey = authkeyOf(machine, serial(arg))
  if (typeof authkey === 'number') return found
  return overridden(machine, arg)
}

const describe = (machine: Machine, arg: KeyArg, at: KeyArg, length: KeyArg): number => {
  const ref = orAuthorised(machine, arg, lookup_user_key(machine, serial(arg), KEY_LOOKUP_PARTIAL, KEY_NEED_VIEW))
  if (typeof ref === 'number') return ref
  const { type, uid, gid, perm, description } = ref.key
  const { user_ns } = machine.current.task.cred
  const ids = `${from_kuid_munged(user_ns, uid) | 0};${from_kgid_munged(user_ns, gid) | 0}`
  const text = encoder.encode(`${type.name};${ids};${(perm >>> 0).toString(16).padStart(8, '0')};${description}\0`)
  const into = buffer(at, number(length))
  return into !== null && into.length >= text.length ? answer(text, into) : text.length
}

/** Serials of a keyring, as many as fit whole; the payload of another key; -EOPNOTSUPP where it is secret. */
const contents = (machine: Machine, key: KernelKey, into: GuestBytes | null): number => {
  const rc = key_validate(machine, key)
  if (rc < 0) return rc
  if (!key.type.canRead) return -EOPNOTSUPP
  if (key.links === null) return answer(key.auth?.callout ?? key.payload ?? new Uint8Array(), into)
  if (into !== null && into.length % SERIAL_BYTES !== 0) return -EINVAL
  const bytes = new DataView(new ArrayBuffer(key.links.size * SERIAL_BYTES))
  let at = 0
  for (const linked of key.links.values()) {
    bytes.setInt32(at, linked.serial, true)
    at += SERIAL_BYTES
  }
  return answer(new Uint8Array(bytes.buffer), into)
}

/** Reads a key. Permission to search for it is enough. */
const read = (machine: Machine, arg: KeyArg, at: KeyArg, length: KeyArg): number => {
  const ref = lookup_user_key(machine, serial(arg), 0, KEY_DEFER_PERM_CHECK)
  if (typeof ref === 'number') return -ENOKEY
  if (ref.key.state < 0) return ref.key.state
  const rc = key_permission(machine, ref, KEY_NEED_READ)
  if (rc !== 0 && (rc !== -EACCES || !ref.possessed)) return rc
  return contents(machine, ref.key, buffer(at, number(length)))
}

const update = (machine: Machine, arg: KeyArg, data: KeyArg, length: KeyArg): number => {
  if (!(number(length) >= 0 && number(length) <= PAGE_SIZE)) return -EINVAL
  const bytes = payload(data, number(length))
  if (typeof bytes === 'number') return bytes
  const ref = lookup_user_key(machine, serial(arg), 0, KEY_NEED_WRITE)
  return typeof ref === 'number' ? ref : key_update(machine, ref, bytes)
}

/** Revokes a key. Permission to write it or to set its attributes is enough. */
const revoke = (machine: Machine, arg: KeyArg): number => {
  let ref = lookup_user_key(machine, serial(arg), 0, KEY_NEED_WRITE)
  if (ref === -EACCES) ref = lookup_user_key(machine, serial(arg), 0, KEY_NEED_SETATTR)
  if (typeof ref === 'number') return ref
  if (ref.key.has(KEY_FLAG_KEEP)) return -EPERM
  key_revoke(machine, ref.key)
  return 0
}

const invalidate = (machine: Machine, arg: KeyArg): number => {
  let ref = lookup_user_key(machine, serial(arg), 0, KEY_NEED_SEARCH)
  if (typeof ref === 'number') {
    if (!isAdmin(machine)) return ref
    const special = lookup_user_key(machine, serial(arg), 0, KEY_SYSADMIN_OVERRIDE)
    if (typeof special === 'number' || !special.key.has(KEY_FLAG_ROOT_CAN_INVAL)) return ref
    ref = special
  }
  if (ref.key.has(KEY_FLAG_KEEP)) return -EPERM
  key_invalidate(machine, ref.key)
  return 0
}

/** The new owner pays for the key from now on. */
const giveTo = (machine: Machine, key: KernelKey, uid: number): number => {
  const rc = moveKey(machine, key, uid, key.state !== KEY_IS_UNINSTANTIATED)
  if (rc === 0) key.uid = uid
  return rc
}

const chown = (machine: Machine, arg: KeyArg, user: KeyArg, group: KeyArg): number => {
  const { user_ns } = machine.current.task.cred
  const keepsUser = serial(user) === -1
  const keepsGroup = serial(group) === -1
  const uid = make_kuid(user_ns, serial(user))
  const gid = make_kgid(user_ns, serial(group))
  if ((!keepsUser && !uid_valid(uid)) || (!keepsGroup && !gid_valid(gid))) return -EINVAL
  if (keepsUser && keepsGroup) return 0
  const ref = owned(machine, arg)
  if (typeof ref === 'number') return ref
  const { key } = ref
  const givesAway = !keepsUser && uid !== key.uid
  const needsAdmin = givesAway || (!keepsGroup && gid !== key.gid && !in_group(machine.current.task.cred, gid))
  if (needsAdmin && !isAdmin(machine)) return -EACCES
  if (givesAway) {
    const rc = giveTo(machine, key, uid)
    if (rc < 0) return rc
  }
  if (!keepsGroup) key.gid = gid
  return 0
}

const setperm = (machine: Machine, arg: KeyArg, perm: KeyArg): number => {
  if ((number(perm) & ~ALL_BITS) !== 0) return -EINVAL
  const ref = owned(machine, arg)
  if (typeof ref === 'number') return ref
  if (ref.key.uid !== machine.current.task.cred.fsuid && !isAdmin(machine)) return -EACCES
  ref.key.perm = number(perm) >>> 0
  return 0
}

const setKeyTimeout = (machine: Machine, arg: KeyArg, timeout: KeyArg): number => {
  const ref = orAuthorised(machine, arg, owned(machine, arg))
  if (typeof ref === 'number') return ref
  if (ref.key.has(KEY_FLAG_KEEP)) return -EPERM
  const seconds = number(timeout) >>> 0
  setExpiry(machine, ref.key, seconds === 0 ? Infinity : keySeconds(machine) + seconds)
  return 0
}

/** Copies as much of the label as there is room for; without a label an empty text. */
const security = (machine: Machine, arg: KeyArg, at: KeyArg, length: KeyArg): number => {
  let ref = lookup_user_key(machine, serial(arg), KEY_LOOKUP_PARTIAL, KEY_NEED_VIEW)
  if (ref === -EACCES) {
    // without the right to make the key, the error is returned here
    const authkey = authkeyOf(machine, serial(arg))
    ref = typeof authkey === 'number' ? authkey : overridden(machine, arg)
  }
  if (typeof ref === 'number') return ref
  const label: Ref<string | null> = { value: null }
  const rc = machine.lsm.key_getsecurity.ask(ref.key, label)
  if (rc < 0) return rc
  const into = buffer(at, number(length))
  if (rc === 0) {
    if (into !== null) clear(into, 0, 1)
    return 1
  }
  const bytes = new Uint8Array(rc)
  bytes.set(encoder.encode(label.value ?? '').subarray(0, rc))
  return answer(bytes, into)
}

export const keyCommands: KeyCommands = {
  [KEYCTL_DESCRIBE]: describe,
  [KEYCTL_READ]: read,
  [KEYCTL_UPDATE]: update,
  [KEYCTL_REVOKE]: revoke,
  [KEYCTL_INVALIDATE]: invalidate,
  [KEYCTL_CHOWN]: chown,
  [KEYCTL_SETPERM]: setperm,
  [KEYCTL_SET_TIMEOUT]: setKeyTimeout,
  [KEYCTL_GET_SECURITY]: security,
}
