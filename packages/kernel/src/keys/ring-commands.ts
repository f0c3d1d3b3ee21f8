/** Commands of keyctl(2) about keyrings: which there are, what they hold, what is found in them. */
import {
  CAP_SYS_ADMIN, EAGAIN, EINVAL, ENOKEY, EPERM, KEY_FLAG_KEEP, KEY_FLAG_ROOT_CAN_CLEAR, KEY_LOOKUP_CREATE,
  KEY_LOOKUP_PARTIAL, KEY_NEED_LINK, KEY_NEED_SEARCH, KEY_NEED_SETATTR, KEY_NEED_UNLINK, KEY_NEED_WRITE,
  KEY_SYSADMIN_OVERRIDE, KEYCTL_CLEAR, KEYCTL_GET_KEYRING_ID, KEYCTL_GET_PERSISTENT, KEYCTL_JOIN_SESSION_KEYRING,
  KEYCTL_LINK, KEYCTL_MOVE, KEYCTL_MOVE_EXCL, KEYCTL_RESTRICT_KEYRING, KEYCTL_SEARCH, KEYCTL_SESSION_TO_PARENT,
  KEYCTL_UNLINK,
} from '@lsmkit/abi'
import { capable } from '@lsmkit/core'
import { number, optionalText, serial, text, typeName } from '../state/keys/arguments.ts'
import type { KeyArg, KeyCommands } from '../state/keys/arguments.ts'
import type { KernelKeyRef } from '../state/keys/key.ts'
import type { KeyParts } from './parts.ts'
import { key_type_lookup } from '../state/keys/types.ts'

export const ringCommands = ({ lsm, machine, links, search, permissions, tasks, users }: KeyParts): KeyCommands => {
  const { lookup_user_key } = tasks
  const { key_link, key_unlink, key_move, keyring_clear, keyring_restrict } = links

  const writable = (arg: KeyArg): KernelKeyRef | number =>
    lookup_user_key(serial(arg), KEY_LOOKUP_CREATE, KEY_NEED_WRITE)
  const linkable = (arg: KeyArg): KernelKeyRef | number =>
    lookup_user_key(serial(arg), KEY_LOOKUP_CREATE, KEY_NEED_LINK)

  const join = (arg: KeyArg): number => {
    const name = optionalText(arg)
    if (typeof name === 'number') return name
    return name?.startsWith('.') === true ? -EPERM : tasks.join_session_keyring(name)
  }

  const link = (id: KeyArg, ringid: KeyArg): number => {
    const ring = writable(ringid)
    if (typeof ring === 'number') return ring
    const key = linkable(id)
    return typeof key === 'number' ? key : key_link(ring.key, key.key)
  }

  const unlink = (id: KeyArg, ringid: KeyArg): number => {
    const ring = lookup_user_key(serial(ringid), 0, KEY_NEED_WRITE)
    if (typeof ring === 'number') return ring
    const key = lookup_user_key(serial(id), KEY_LOOKUP_PARTIAL, KEY_NEED_UNLINK)
    if (typeof key === 'number') return key
    return ring.key.has(KEY_FLAG_KEEP) && key.key.has(KEY_FLAG_KEEP) ? -EPERM : key_unlink(ring.key, key.key)
  }

  const move = (id: KeyArg, fromId: KeyArg, toId: KeyArg, flags: KeyArg): number => {
    if ((number(flags) & ~KEYCTL_MOVE_EXCL) !== 0) return -EINVAL
    const key = linkable(id)
    if (typeof key === 'number') return key
    const from = lookup_user_key(serial(fromId), 0, KEY_NEED_WRITE)
    if (typeof from === 'number') return from
    const to = writable(toId)
    return typeof to === 'number' ? to : key_move(key.key, from.key, to.key, number(flags))
  }

  /** Root may clear what the kernel has marked so. */
  const clear = (arg: KeyArg): number => {
    const ring = writable(arg)
    if (typeof ring !== 'number') return ring.key.has(KEY_FLAG_KEEP) ? -EPERM : keyring_clear(ring.key)
    if (!capable(lsm, machine.current, CAP_SYS_ADMIN)) return ring
    const special = lookup_user_key(serial(arg), 0, KEY_SYSADMIN_OVERRIDE)
    return typeof special !== 'number' && special.key.has(KEY_FLAG_ROOT_CAN_CLEAR) ? keyring_clear(special.key) : ring
  }

  const find = (ringid: KeyArg, typeArg: KeyArg, descriptionArg: KeyArg, destid: KeyArg): number => {
    const name = typeName(typeArg)
    if (typeof name === 'number') return name
    const description = text(descriptionArg)
    if (typeof description === 'number') return description
    const ring = lookup_user_key(serial(ringid), 0, KEY_NEED_SEARCH)
    if (typeof ring === 'number') return ring
    const dest = serial(destid) === 0 ? null : writable(destid)
    if (typeof dest === 'number') return dest
    const type = key_type_lookup(name)
    if (type === null) return -ENOKEY
    const { cred } = machine.current.task
    const found = search.keyring_search(ring, { type, description, cred, only: null, usable: true, recurse: true })
    if (typeof found === 'number') return found === -EAGAIN ? -ENOKEY : found
    if (dest === null) return found.key.serial
    return permissions.key_permission(found, KEY_NEED_LINK) || key_link(dest.key, found.key) || found.key.serial
  }

  const restrict = (arg: KeyArg, typeArg: KeyArg, restrictionArg: KeyArg): number => {
    const ring = lookup_user_key(serial(arg), 0, KEY_NEED_SETATTR)
    if (typeof ring === 'number') return ring
    const restriction = optionalText(restrictionArg)
    if (optionalText(typeArg) === null) return restriction === null ? keyring_restrict(ring.key, null) : -EINVAL
    if (restriction === null) return -EINVAL
    const name = typeName(typeArg)
    if (typeof name === 'number') return name
    return typeof restriction === 'number' ? restriction : keyring_restrict(ring.key, name)
  }

  return {
    [KEYCTL_GET_KEYRING_ID](id, create) {
      const ring = lookup_user_key(serial(id), number(create) === 0 ? 0 : KEY_LOOKUP_CREATE, KEY_NEED_SEARCH)
      return typeof ring === 'number' ? ring : ring.key.serial
    },
    [KEYCTL_JOIN_SESSION_KEYRING]: join,
    [KEYCTL_LINK]: link,
    [KEYCTL_UNLINK]: unlink,
    [KEYCTL_MOVE]: move,
    [KEYCTL_CLEAR]: clear,
    [KEYCTL_SEARCH]: find,
    [KEYCTL_RESTRICT_KEYRING]: restrict,
    [KEYCTL_GET_PERSISTENT]: (uid, destid) => users.get_persistent(serial(uid), () => writable(destid)),
    [KEYCTL_SESSION_TO_PARENT]: () => tasks.session_to_parent(),
  }
}
