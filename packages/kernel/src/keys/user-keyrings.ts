/**
 * Keyrings that belong to users rather than to tasks: `_uid.N` and `_uid_ses.N`, kept in a register of the user
 * namespace, and the persistent ones (security/keys/{process_keys,persistent}.c).
 */
import {
  CAP_SETUID, EAGAIN, EINVAL, ENOTDIR, EPERM, KEY_ALLOC_IN_QUOTA, KEY_ALLOC_NOT_IN_QUOTA, KEY_ALLOC_UID_KEYRING,
  KEY_NEED_LINK, KEY_POS_ALL, KEY_POS_SEARCH, KEY_POS_SETATTR, KEY_POS_WRITE, KEY_USR_ALL, KEY_USR_READ, KEY_USR_VIEW,
} from '@lsmkit/abi'
import { from_kuid, INVALID_GID, make_kuid, ns_capable, uid_valid } from '@lsmkit/core'
import type { Cred, UserNamespace } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { indexOf, keyRef } from '../state/keys/key.ts'
import type { KernelKey, KernelKeyRef } from '../state/keys/key.ts'
import { keySeconds, key_task_permission } from './permission.ts'
import type { KeyQuery } from './search.ts'
import type { Registers } from '../state/keys/table.ts'
import { keyring } from '../state/keys/types.ts'
import { keyring_alloc, setExpiry } from './life.ts'
import { keyring_search } from './search.ts'
import { key_put } from './store.ts'
import { key_link } from './links.ts'

const USER_PERM = (KEY_POS_ALL & ~KEY_POS_SETATTR) | KEY_USR_ALL
const PERSISTENT_PERM = (KEY_POS_ALL & ~KEY_POS_SETATTR) | KEY_USR_VIEW | KEY_USR_READ

export interface UserKeyrings {
  readonly user: KernelKey
  readonly session: KernelKey
}

const registersOf = (machine: Machine, ns: UserNamespace): Registers => {
  const known = machine.keyTable.registers.get(ns) ?? { user: null, persistent: null }
  machine.keyTable.registers.set(ns, known)
  return known
}

const nameOf = (kind: string, { user_ns, uid }: Cred): string => `${kind}.${from_kuid(user_ns, uid)}`

const query = (description: string, cred: Cred): KeyQuery =>
  ({ type: keyring, description, cred, only: null, usable: true, recurse: false })

const userRegister = (machine: Machine, ns: UserNamespace): KernelKey | number => {
  const registers = registersOf(machine, ns)
  if (registers.user !== null) return registers.user
  const perm = KEY_POS_WRITE | KEY_POS_SEARCH | KEY_USR_VIEW | KEY_USR_READ
  const made = keyring_alloc(machine, {
    description: '.user_reg', uid: ns.owner, gid: INVALID_GID, cred: machine.init_cred, perm,
    flags: KEY_ALLOC_IN_QUOTA,
  })
  if (typeof made !== 'number') registers.user = made
  return made
}

/** As `look_up_user_keyrings`: the two of the caller's real uid, made when they are not there. */
export const look_up_user_keyrings = (machine: Machine): UserKeyrings | number => {
  const { cred } = machine.current.task
  const register = userRegister(machine, cred.user_ns)
  if (typeof register === 'number') return register
  const found = (description: string): KernelKey | number => {
    const ref = keyring_search(machine, keyRef(register, true), query(description, cred))
    return typeof ref === 'number' ? ref : ref.key
  }
  const make = (description: string, dest: KernelKey | null): KernelKey | number =>
    keyring_alloc(machine, {
      description, uid: cred.uid, gid: INVALID_GID, cred, perm: USER_PERM,
      flags: KEY_ALLOC_UID_KEYRING | KEY_ALLOC_IN_QUOTA,
    }, dest)
  let user = found(nameOf('_uid', cred))
  if (user === -EAGAIN) {
    user = make(nameOf('_uid', cred), register)
    // the register holds it
    if (typeof user !== 'number') key_put(machine, user)
  }
  if (typeof user === 'number') return user
  let session = found(nameOf('_uid_ses', cred))
  if (session === -EAGAIN) {
    session = make(nameOf('_uid_ses', cred), null)
    if (typeof session !== 'number') {
      const rc = key_link(machine, session, user) || key_link(machine, register, session)
      key_put(machine, session)
      if (rc < 0) return rc
    }
  }
  return typeof session === 'number' ? session : { user, session }
}

/** As `get_user_session_keyring_rcu`: the keyring in place of a session keyring, if it was ever made. */
export const userSessionOf = (machine: Machine, cred: Cred): KernelKey | null => {
  const register = registersOf(machine, cred.user_ns).user
  if (register === null) return null
  const ref = keyring_search(machine, keyRef(register, true), query(nameOf('_uid_ses', cred), cred))
  return typeof ref === 'number' ? null : ref.key
}

const persistentKeyring = (machine: Machine, ns: UserNamespace, uid: number): KernelKey | number => {
  const { cred } = machine.current.task
  const registers = registersOf(machine, ns)
  const common = { cred, perm: PERSISTENT_PERM, flags: KEY_ALLOC_NOT_IN_QUOTA }
  if (registers.persistent === null) {
    const made = keyring_alloc(machine, { description: '.persistent_register', uid: 0, gid: 0, ...common })
    if (typeof made === 'number') return made
    registers.persistent = made
  }
  const description = `_persistent.${from_kuid(ns, uid)}`
  const known = registers.persistent.links!.get(indexOf(keyring, description))
  if (known !== undefined && !known.isGone) return known
  const made = keyring_alloc(machine, { description, uid, gid: INVALID_GID, ...common }, registers.persistent)
  if (typeof made === 'number') return made
  key_put(machine, made)
  setExpiry(machine, made, keySeconds(machine) + machine.sysctl.persistent_keyring_expiry)
  return made
}

/** As `keyctl_get_persistent`: its serial once it is linked to `dest`, and a new life for it. */
export const get_persistent = (machine: Machine, user: number, dest: () => KernelKeyRef | number): number => {
  const { cred } = machine.current.task
  const ns = cred.user_ns
  let { uid } = cred
  if (user !== -1) {
    uid = make_kuid(ns, user)
    if (!uid_valid(uid)) return -EINVAL
    if (uid !== cred.uid && uid !== cred.euid &&
      !ns_capable(machine.lsm, machine.current, ns, CAP_SETUID)) return -EPERM
  }
  const into = dest()
  if (typeof into === 'number') return into
  if (into.key.links === null) return -ENOTDIR
  const ring = persistentKeyring(machine, ns, uid)
  if (typeof ring === 'number') return ring
  const rc = key_task_permission(machine, keyRef(ring, true), cred, KEY_NEED_LINK) || key_link(machine, into.key, ring)
  if (rc < 0) return rc
  setExpiry(machine, ring, keySeconds(machine) + machine.sysctl.persistent_keyring_expiry)
  return ring.serial
}
