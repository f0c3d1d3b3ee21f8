/** Commands of keyctl(2) about keyrings: listing, linking, searching. */
import {
  CAP_SYS_ADMIN, EAGAIN, EINVAL, ENOKEY, EPERM, KEY_FLAG_KEEP, KEY_FLAG_ROOT_CAN_CLEAR, KEY_LOOKUP_CREATE,
  KEY_LOOKUP_PARTIAL, KEY_NEED_LINK, KEY_NEED_SEARCH, KEY_NEED_SETATTR, KEY_NEED_UNLINK, KEY_NEED_WRITE,
  KEY_SYSADMIN_OVERRIDE, KEYCTL_CLEAR, KEYCTL_GET_KEYRING_ID, KEYCTL_GET_PERSISTENT, KEYCTL_JOIN_SESSION_KEYRING,
  KEYCTL_LINK, KEYCTL_MOVE, KEYCTL_MOVE_EXCL, KEYCTL_RESTRICT_KEYRING, KEYCTL_SEARCH, KEYCTL_SESSION_TO_PARENT,
  KEYCTL_UNLINK,
} from '@lsmkit/abi'
import { capable } from '@lsmkit/core'
import { number, optionalText, serial, text, typeName } from '../state/keys/arguments.ts'
import type { KeyArg } from '../state/keys/arguments.ts'
import type { KernelKeyRef } from '../state/keys/key.ts'
import { key_type_lookup } from '../state/keys/types.ts'
import type { Machine } from '../machine.ts'
import { lookup_user_key } from './lookup-key.ts'
import { join_session_keyring } from './join-session.ts'
import { key_link, key_unlink, key_move, keyring_clear, keyring_restrict } from './links.ts'
import { keyring_search } from './search.ts'
import { key_permission } from './permission.ts'
import { get_persistent } from './user-keyrings.ts'
import { session_to_parent } from './session-to-parent.ts'
import type { KeyCommands } from './command-table.ts'

const writable = (machine: Machine, arg: KeyArg): KernelKeyRef | number =>
  lookup_user_key(machine, serial(arg), KEY_LOOKUP_CREATE, KEY_NEED_WRITE)

const linkable = (machine: Machine, arg: KeyArg): KernelKeyRef | number =>
  lookup_user_key(machine, serial(arg), KEY_LOOKUP_CREATE, KEY_NEED_LINK)

const join = (machine: Machine, arg: KeyArg): number => {
  const name = optionalText(arg)
  if (typeof name === 'number') return name
  return name?.startsWith('.') === true ? -EPERM : join_session_keyring(machine, name)
}

const link = (machine: Machine, id: KeyArg, ringid: KeyArg): number => {
  const ring = writable(machine, ringid)
  if (typeof ring === 'number') return ring
  const key = linkable(machine, id)
  return typeof key === 'number' ? key : key_link(machine, ring.key, key.key)
}

const unlink = (machine: Machine, id: KeyArg, ringid: KeyArg): number => {
  const ring = lookup_user_key(machine, serial(ringid), 0, KEY_NEED_WRITE)
  if (typeof ring === 'number') return ring
  const key = lookup_user_key(machine, serial(id), KEY_LOOKUP_PARTIAL, KEY_NEED_UNLINK)
  if (typeof key === 'number') return key
  return ring.key.has(KEY_FLAG_KEEP) && key.key.has(KEY_FLAG_KEEP) ? -EPERM : key_unlink(machine, ring.key, key.key)
}

const move = (machine: Machine, id: KeyArg, fromId: KeyArg, toId: KeyArg, flags: KeyArg): number => {
  if ((number(flags) & ~KEYCTL_MOVE_EXCL) !== 0) return -EINVAL
  const key = linkable(machine, id)
  if (typeof key === 'number') return key
  const from = lookup_user_key(machine, serial(fromId), 0, KEY_NEED_WRITE)
  if (typeof from === 'number') return from
  const to = writable(machine, toId)
  return typeof to === 'number' ? to : key_move(machine, key.key, from.key, to.key, number(flags))
}

/** Clears a keyring. Root may clear those that the kernel has marked for that. */
const clear = (machine: Machine, arg: KeyArg): number => {
  const ring = writable(machine, arg)
  if (typeof ring !== 'number') return ring.key.has(KEY_FLAG_KEEP) ? -EPERM : keyring_clear(machine, ring.key)
  if (!capable(machine.lsm, machine.current, CAP_SYS_ADMIN)) return ring
  const special = lookup_user_key(machine, serial(arg), 0, KEY_SYSADMIN_OVERRIDE)
  return typeof special !== 'number' && special.key.has(KEY_FLAG_ROOT_CAN_CLEAR)
    ? keyring_clear(machine, special.key) : ring
}

const find = (machine: Machine, ringid: KeyArg, typeArg: KeyArg, descriptionArg: KeyArg, destid: KeyArg): number => {
  const name = typeName(typeArg)
  if (typeof name === 'number') return name
  const description = text(descriptionArg)
  if (typeof description === 'number') return description
  const ring = lookup_user_key(machine, serial(ringid), 0, KEY_NEED_SEARCH)
  if (typeof ring === 'number') return ring
  const dest = serial(destid) === 0 ? null : writable(machine, destid)
  if (typeof dest === 'number') return dest
  const type = key_type_lookup(name)
  if (type === null) return -ENOKEY
  const { cred } = machine.current.task
  const found = keyring_search(machine, ring, { type, description, cred, only: null, usable: true, recurse: true })
  if (typeof found === 'number') return found === -EAGAIN ? -ENOKEY : found
  if (dest === null) return found.key.serial
  return key_permission(machine, found, KEY_NEED_LINK) || key_link(machine, dest.key, found.key) || found.key.serial
}

const restrict = (machine: Machine, arg: KeyArg, typeArg: KeyArg, restrictionArg: KeyArg): number => {
  const ring = lookup_user_key(machine, serial(arg), 0, KEY_NEED_SETATTR)
  if (typeof ring === 'number') return ring
  const restriction = optionalText(restrictionArg)
  if (optionalText(typeArg) === null) return restriction === null ? keyring_restrict(ring.key, null) : -EINVAL
  if (restriction === null) return -EINVAL
  const name = typeName(typeArg)
  if (typeof name === 'number') return name
  return typeof restriction === 'number' ? restriction : keyring_restrict(ring.key, name)
}

export const ringCommands: KeyCommands = {
  [KEYCTL_GET_KEYRING_ID](machine, id, create) {
    const ring = lookup_user_key(machine, serial(id), number(create) === 0 ? 0 : KEY_LOOKUP_CREATE, KEY_NEED_SEARCH)
    return typeof ring === 'number' ? ring : ring.key.serial
  },
  [KEYCTL_JOIN_SESSION_KEYRING]: join,
  [KEYCTL_LINK]: link,
  [KEYCTL_UNLINK]: unlink,
  [KEYCTL_MOVE]: move,
  [KEYCTL_CLEAR]: clear,
  [KEYCTL_SEARCH]: find,
  [KEYCTL_RESTRICT_KEYRING]: restrict,
  [KEYCTL_GET_PERSISTENT]: (machine, uid, destid) => get_persistent(
    machine, serial(uid), () => writable(machine, destid),
  ),
  [KEYCTL_SESSION_TO_PARENT]: (machine) => session_to_parent(machine),
}
