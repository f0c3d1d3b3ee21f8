/**
 * Keyrings that belong to users rather than to tasks: `_uid.N` and `_uid_ses.N`, kept in a register of the user
 * namespace, and the persistent ones (security/keys/{process_keys,persistent}.c).
 */
import {
  CAP_SETUID, EAGAIN, EINVAL, ENOTDIR, EPERM, KEY_ALLOC_IN_QUOTA, KEY_ALLOC_NOT_IN_QUOTA, KEY_ALLOC_UID_KEYRING,
  KEY_NEED_LINK, KEY_POS_ALL, KEY_POS_SEARCH, KEY_POS_SETATTR, KEY_POS_WRITE, KEY_USR_ALL, KEY_USR_READ, KEY_USR_VIEW,
} from '@lsmkit/abi'
import { from_kuid, INVALID_GID, make_kuid, ns_capable, uid_valid } from '@lsmkit/core'
import type { Cred, KeyMap, UserNamespace } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { indexOf, keyRef } from '../state/keys/key.ts'
import type { KernelKey, KernelKeyRef } from '../state/keys/key.ts'
import type { KeyLife } from './life.ts'
import type { KeyLinks } from './links.ts'
import { keySeconds } from './permission.ts'
import type { KeyPermissions } from './permission.ts'
import type { KeyQuery, KeySearch } from './search.ts'
import type { KeyStore } from './store.ts'
import { keyring } from '../state/keys/types.ts'

const USER_PERM = (KEY_POS_ALL & ~KEY_POS_SETATTR) | KEY_USR_ALL
const PERSISTENT_PERM = (KEY_POS_ALL & ~KEY_POS_SETATTR) | KEY_USR_VIEW | KEY_USR_READ

/** Of one user namespace. */
interface Registers {
  user: KernelKey | null
  persistent: KernelKey | null
}

export interface UserKeyrings {
  readonly user: KernelKey
  readonly session: KernelKey
}

export const userKeyrings = (
  lsm: KeyMap,
  machine: Machine,
  { keyring_search }: KeySearch,
  { key_put }: KeyStore,
  { key_link }: KeyLinks,
  { keyring_alloc, setExpiry }: KeyLife,
  { key_task_permission }: KeyPermissions,
) => {
  const { current } = machine
  const all = new WeakMap<UserNamespace, Registers>()
  const registersOf = (ns: UserNamespace): Registers => {
    const known = all.get(ns) ?? { user: null, persistent: null }
    all.set(ns, known)
    return known
  }
  const nameOf = (kind: string, { user_ns, uid }: Cred): string => `${kind}.${from_kuid(user_ns, uid)}`
  const query = (description: string, cred: Cred): KeyQuery =>
    ({ type: keyring, description, cred, only: null, usable: true, recurse: false })

  const userRegister = (ns: UserNamespace): KernelKey | number => {
    const registers = registersOf(ns)
    if (registers.user !== null) return registers.user
    const perm = KEY_POS_WRITE | KEY_POS_SEARCH | KEY_USR_VIEW | KEY_USR_READ
    const made = keyring_alloc({
      description: '.user_reg', uid: ns.owner, gid: INVALID_GID, cred: machine.init_cred, perm,
      flags: KEY_ALLOC_IN_QUOTA,
    })
    if (typeof made !== 'number') registers.user = made
    return made
  }

  /** As `look_up_user_keyrings`: the two of the caller's real uid, made when they are not there. */
  const look_up_user_keyrings = (): UserKeyrings | number => {
    const { cred } = current.task
    const register = userRegister(cred.user_ns)
    if (typeof register === 'number') return register
    const found = (description: string): KernelKey | number => {
      const ref = keyring_search(keyRef(register, true), query(description, cred))
      return typeof ref === 'number' ? ref : ref.key
    }
    const make = (description: string, dest: KernelKey | null): KernelKey | number =>
      keyring_alloc({
        description, uid: cred.uid, gid: INVALID_GID, cred, perm: USER_PERM,
        flags: KEY_ALLOC_UID_KEYRING | KEY_ALLOC_IN_QUOTA,
      }, dest)
    let user = found(nameOf('_uid', cred))
    if (user === -EAGAIN) {
      user = make(nameOf('_uid', cred), register)
      // the register holds it
      if (typeof user !== 'number') key_put(user)
    }
    if (typeof user === 'number') return user
    let session = found(nameOf('_uid_ses', cred))
    if (session === -EAGAIN) {
      session = make(nameOf('_uid_ses', cred), null)
      if (typeof session !== 'number') {
        const rc = key_link(session, user) || key_link(register, session)
        key_put(session)
        if (rc < 0) return rc
      }
    }
    return typeof session === 'number' ? session : { user, session }
  }

  /** As `get_user_session_keyring_rcu`: what stands in for a session keyring, if it has ever been made. */
  const userSessionOf = (cred: Cred): KernelKey | null => {
    const register = registersOf(cred.user_ns).user
    if (register === null) return null
    const ref = keyring_search(keyRef(register, true), query(nameOf('_uid_ses', cred), cred))
    return typeof ref === 'number' ? null : ref.key
  }

  const persistentKeyring = (ns: UserNamespace, uid: number): KernelKey | number => {
    const { cred } = current.task
    const registers = registersOf(ns)
    const common = { cred, perm: PERSISTENT_PERM, flags: KEY_ALLOC_NOT_IN_QUOTA }
    if (registers.persistent === null) {
      const made = keyring_alloc({ description: '.persistent_register', uid: 0, gid: 0, ...common })
      if (typeof made === 'number') return made
      registers.persistent = made
    }
    const description = `_persistent.${from_kuid(ns, uid)}`
    const known = registers.persistent.links!.get(indexOf(keyring, description))
    if (known !== undefined && !known.isGone) return known
    const made = keyring_alloc({ description, uid, gid: INVALID_GID, ...common }, registers.persistent)
    if (typeof made === 'number') return made
    key_put(made)
    setExpiry(made, keySeconds(machine) + machine.sysctl.persistent_keyring_expiry)
    return made
  }

  /** As `keyctl_get_persistent`: its serial once it is linked to `dest`, and a new life for it. */
  const get_persistent = (user: number, dest: () => KernelKeyRef | number): number => {
    const { cred } = current.task
    const ns = cred.user_ns
    let { uid } = cred
    if (user !== -1) {
      uid = make_kuid(ns, user)
      if (!uid_valid(uid)) return -EINVAL
      if (uid !== cred.uid && uid !== cred.euid && !ns_capable(lsm, current, ns, CAP_SETUID)) return -EPERM
    }
    const into = dest()
    if (typeof into === 'number') return into
    if (into.key.links === null) return -ENOTDIR
    const ring = persistentKeyring(ns, uid)
    if (typeof ring === 'number') return ring
    const rc = key_task_permission(keyRef(ring, true), cred, KEY_NEED_LINK) || key_link(into.key, ring)
    if (rc < 0) return rc
    setExpiry(ring, keySeconds(machine) + machine.sysctl.persistent_keyring_expiry)
    return ring.serial
  }

  return { look_up_user_keyrings, userSessionOf, get_persistent }
}
export type UserKeyringsOf = ReturnType<typeof userKeyrings>
