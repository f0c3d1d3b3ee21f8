/**
 * The keyrings of a task: thread, process and session, made on demand, searched in this order, and named by the
 * negative serials of keyctl(2) (security/keys/process_keys.c).
 */
import {
  EACCES, EAGAIN, EINVAL, EIO, EKEYREVOKED, ENOKEY, ENOMEM, EPERM, ERESTARTSYS, KEY_ALLOC_IN_QUOTA,
  KEY_ALLOC_QUOTA_OVERRUN, KEY_AUTHTOKEN_OVERRIDE, KEY_DEFER_PERM_CHECK, KEY_FLAG_UID_KEYRING, KEY_FLAG_USER_CONSTRUCT,
  KEY_LOOKUP_CREATE, KEY_LOOKUP_PARTIAL, KEY_NEED_LINK, KEY_NEED_SEARCH, KEY_NEED_UNLINK, KEY_POS_ALL,
  KEY_SPEC_PROCESS_KEYRING, KEY_SPEC_REQKEY_AUTH_KEY, KEY_SPEC_REQUESTOR_KEYRING, KEY_SPEC_SESSION_KEYRING,
  KEY_SPEC_THREAD_KEYRING, KEY_SPEC_USER_KEYRING, KEY_SPEC_USER_SESSION_KEYRING, KEY_USR_LINK, KEY_USR_READ,
  KEY_USR_VIEW,
} from '@lsmkit/abi'
import { kuid_has_mapping } from '@lsmkit/core'
import type { Cred, KeyMap } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { signalOf, threadOf } from '../task/thread.ts'
import { WaitQueue } from '../vfs/wait.ts'
import { KEY_IS_UNINSTANTIATED, kernelKey, key_get, keyRef } from './key.ts'
import type { KernelKey, KernelKeyRef } from './key.ts'
import type { KeyLife } from './life.ts'
import type { KeyPermissions } from './permission.ts'
import type { KeyQuery, KeySearch } from './search.ts'
import type { KeyStore } from './store.ts'
import { request_key_auth } from './types.ts'
import type { UserKeyringsOf } from './user-keyrings.ts'

const OWN_PERM = KEY_POS_ALL | KEY_USR_VIEW

/** How an answer of one keyring counts against those of others: found nothing, or a key that was refused. */
const isMiss = (rc: number): boolean => rc === -EAGAIN || rc === -ENOKEY

export const taskKeyrings = (
  lsm: KeyMap,
  machine: Machine,
  { key_lookup, key_put }: KeyStore,
  { namesOf, keyring_alloc }: KeyLife,
  { keyring_search }: KeySearch,
  { key_permission, key_task_permission, key_validate }: KeyPermissions,
  { look_up_user_keyrings, userSessionOf }: UserKeyringsOf,
) => {
  const { current, creds } = machine
  /** Who waits for a key to be made. */
  const constructed = new WaitQueue()

  type Slot = 'thread_keyring' | 'process_keyring'
  const slotNames: Readonly<Record<Slot, string>> = { thread_keyring: '_tid', process_keyring: '_pid' }

  /** As `install_thread_keyring_to_cred` and its twin, on credentials that are being prepared. */
  const install_to_cred = (next: Cred, slot: Slot): number => {
    if (next[slot] !== null) return 0
    const ring = keyring_alloc({
      description: slotNames[slot], uid: next.uid, gid: next.gid, cred: next, perm: OWN_PERM,
      flags: KEY_ALLOC_QUOTA_OVERRUN,
    })
    if (typeof ring === 'number') return ring
    next[slot] = ring
    return 0
  }

  /** As `install_session_keyring_to_cred`; null: a new one without a name of its own. */
  const install_session_to_cred = (next: Cred, given: KernelKey | null): number => {
    let ring: KernelKey | number | null = given
    if (ring === null) {
      ring = keyring_alloc({
        description: '_ses', uid: next.uid, gid: next.gid, cred: next, perm: OWN_PERM | KEY_USR_READ,
        flags: next.session_keyring === null ? KEY_ALLOC_QUOTA_OVERRUN : KEY_ALLOC_IN_QUOTA,
      })
      if (typeof ring === 'number') return ring
    } else key_get(ring)
    key_put(next.session_keyring)
    next.session_keyring = ring
    return 0
  }

  /** Installs new credentials that `change` has had its way with. */
  const withCred = (change: (next: Cred) => number): number => {
    const next = creds.prepare_creds()
    if (next === null) return -ENOMEM
    const rc = change(next)
    if (rc < 0) {
      creds.abort_creds(next)
      return rc
    }
    creds.commit_creds(next)
    return rc
  }

  /** As `find_keyring_by_name`: one that the caller may search. */
  const find_keyring_by_name = (name: string): KernelKey | null => {
    const { user_ns } = current.task.cred
    for (const ring of namesOf(user_ns)) {
      if (ring.isRevoked || ring.description !== name || !kuid_has_mapping(user_ns, ring.uid)) continue
      if (key_permission(keyRef(ring, false), KEY_NEED_SEARCH) >= 0) return ring
    }
    return null
  }

  /** As `join_session_keyring`: its serial; 0 for the one that the caller has already. */
  const join_session_keyring = (name: string | null): number => {
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
    if (name === null) return give(install_session_to_cred(next, null))
    const known = find_keyring_by_name(name)
    if (known !== null && known === next.session_keyring) {
      creds.abort_creds(next)
      return 0
    }
    if (known !== null) return give(install_session_to_cred(next, known))
    const { cred } = current.task
    const made = keyring_alloc({
      description: name, uid: cred.uid, gid: cred.gid, cred, perm: OWN_PERM | KEY_USR_READ | KEY_USR_LINK,
      flags: KEY_ALLOC_IN_QUOTA,
    })
    if (typeof made === 'number') return give(made)
    const serial = give(install_session_to_cred(next, made))
    key_put(made)
    return serial
  }

  /** As `search_cred_keyrings_rcu`: a key, else what tells most about why there is none. */
  const searchCred = (query: KeyQuery): KernelKeyRef | number => {
    const { cred } = query
    const tops = [
      () => kernelKey(cred.thread_keyring), () => kernelKey(cred.process_keyring),
      // looked for only when the others have led nowhere
      () => kernelKey(cred.session_keyring) ?? userSessionOf(cred),
    ]
    let missed = 0
    let failed = -EAGAIN
    for (const ringOf of tops) {
      const top = ringOf()
      if (top === null) continue
      const found = keyring_search(keyRef(top, true), query)
      if (typeof found !== 'number') return found
      if (!isMiss(found)) failed = found
      else if (missed === 0 || found === -ENOKEY) missed = found
    }
    return missed || failed
  }

  /** As `search_process_keyrings_rcu`: while a key is made for somebody, his keyrings are searched, too. */
  const search_process_keyrings = (query: KeyQuery): KernelKeyRef | number => {
    const own = searchCred(query)
    if (typeof own !== 'number') return own
    let others = -EACCES
    const authkey = kernelKey(query.cred.request_key_auth)
    if (
      authkey !== null && query.cred === current.task.cred && query.type !== request_key_auth &&
      authkey.auth !== null && key_validate(authkey) === 0
    ) {
      const found = searchCred({ ...query, cred: authkey.auth.cred })
      if (typeof found !== 'number') return found
      others = found
    }
    if (own === -ENOKEY || others === -ENOKEY) return -ENOKEY
    return own === -EACCES ? others : own
  }

  const sessionKeyring = (create: boolean): KernelKeyRef | number => {
    const ring = kernelKey(current.task.cred.session_keyring)
    const isUsers = ring !== null && ring.has(KEY_FLAG_UID_KEYRING)
    if (ring !== null && !(isUsers && create)) return keyRef(ring, true)
    // one is made at the first look; somebody who only looks gets the user's
    if (ring === null) {
      const users = look_up_user_keyrings()
      // the kernel answers ENOKEY whatever went wrong here
      if (typeof users === 'number') return -ENOKEY
      if (!create && withCred((next) => install_session_to_cred(next, users.session)) < 0) return -ENOKEY
    }
    if (create && join_session_keyring(null) < 0) return -ENOKEY
    return keyRef(kernelKey(current.task.cred.session_keyring)!, true)
  }

  const ownKeyring = (slot: Slot, create: boolean): KernelKeyRef | number => {
    if (current.task.cred[slot] === null) {
      if (!create) return -ENOKEY
      const rc = withCred((next) => install_to_cred(next, slot))
      if (rc < 0) return rc
    }
    return keyRef(kernelKey(current.task.cred[slot])!, true)
  }

  const requestorKeyring = (): KernelKeyRef | number => {
    const authkey = kernelKey(current.task.cred.request_key_auth)
    if (authkey === null) return -ENOKEY
    if (authkey.isRevoked || authkey.auth === null) return -EKEYREVOKED
    return authkey.auth.dest === null ? -ENOKEY : keyRef(authkey.auth.dest, true)
  }

  /** A key by its number; the caller possesses it when its keyrings lead to it. */
  const numbered = (serial: number): KernelKeyRef | number => {
    if (serial < 1) return -EINVAL
    const key = key_lookup(serial)
    if (key === null) return -ENOKEY
    const { type, description } = key
    const { cred } = current.task
    const found = search_process_keyrings({ type, description, cred, only: key, usable: false, recurse: true })
    return typeof found === 'number' ? keyRef(key, false) : found
  }

  const find = (serial: number, create: boolean): KernelKeyRef | number => {
    switch (serial) {
      case KEY_SPEC_THREAD_KEYRING:
        return ownKeyring('thread_keyring', create)
      case KEY_SPEC_PROCESS_KEYRING:
        return ownKeyring('process_keyring', create)
      case KEY_SPEC_SESSION_KEYRING:
        return sessionKeyring(create)
      case KEY_SPEC_USER_KEYRING:
      case KEY_SPEC_USER_SESSION_KEYRING: {
        const users = look_up_user_keyrings()
        if (typeof users === 'number') return -ENOKEY
        return keyRef(serial === KEY_SPEC_USER_KEYRING ? users.user : users.session, true)
      }
      case KEY_SPEC_REQKEY_AUTH_KEY: {
        const authkey = kernelKey(current.task.cred.request_key_auth)
        return authkey === null ? -ENOKEY : keyRef(authkey, true)
      }
      case KEY_SPEC_REQUESTOR_KEYRING:
        return requestorKeyring()
      default:
        return numbered(serial)
    }
  }

  /** As `wait_for_key_construction`: 0, the errno of a key that was refused or is dead, or -ERESTARTSYS. */
  const wait_for_key_construction = (key: KernelKey): number => {
    if (key.has(KEY_FLAG_USER_CONSTRUCT)) {
      machine.sleepOn = constructed
      return -ERESTARTSYS
    }
    return key.state < 0 ? key.state : key_validate(key)
  }

  /** What keeps a key that was found from being used for `need`. */
  const refused = (key: KernelKey, lookup: number, need: number): number => {
    const mayBeBad = need === KEY_DEFER_PERM_CHECK
    if ((lookup & KEY_LOOKUP_PARTIAL) !== 0) return mayBeBad ? 0 : key_validate(key)
    const rc = wait_for_key_construction(key)
    if (rc !== 0 && (rc === -ERESTARTSYS || !(mayBeBad || need === KEY_AUTHTOKEN_OVERRIDE))) return rc
    return key.state === KEY_IS_UNINSTANTIATED ? -EIO : 0
  }

  /** As `lookup_user_key`: the key of a serial, positive or special, if the caller may use it for `need`. */
  const lookup_user_key = (serial: number, lookup: number, need: number): KernelKeyRef | number => {
    const ref = find(serial, (lookup & KEY_LOOKUP_CREATE) !== 0)
    if (typeof ref === 'number') return ref
    // unlinking looks at the keyring, not at the key
    const rc = (need === KEY_NEED_UNLINK ? 0 : refused(ref.key, lookup, need)) ||
      key_task_permission(ref, current.task.cred, need)
    return rc < 0 ? rc : ref
  }

  /** As `keyctl_session_to_parent`: the parent has the caller's session keyring from when it runs next. */
  const session_to_parent = (): number => {
    const ref = lookup_user_key(KEY_SPEC_SESSION_KEYRING, 0, KEY_NEED_LINK)
    if (typeof ref === 'number') return ref
    const { task } = current
    const mine = task.cred
    const next = creds.cred_alloc_blank(mine.user_ns)
    if (next === null) return -ENOMEM
    key_get(ref.key)
    next.session_keyring = ref.key
    const parent = task.real_parent!
    const its = parent.real_cred
    const isSame = mine === its || mine.session_keyring === its.session_keyring
    const owns = [its.uid, its.euid, its.suid].every((uid) => uid === mine.euid) &&
      [its.gid, its.egid, its.sgid].every((gid) => gid === mine.egid)
    const ringOwned = (cred: Cred): boolean => cred.session_keyring === null || cred.session_keyring.uid === mine.euid
    const mayBe = parent.pid > 1 && parent.mm !== null && signalOf(parent).threads.size === 1
    if (!mayBe || isSame || !owns || !ringOwned(its) || !ringOwned(mine)) {
      creds.abort_creds(next)
      return mayBe && isSame ? 0 : -EPERM
    }
    machine.callRcu(() => {
      if (threadOf(parent).pid.task === null) {
        creds.abort_creds(next)
        return
      }
      machine.as(parent, () => {
        creds.takeOver(next, parent.real_cred)
        lsm.cred_transfer.tell(next, parent.real_cred)
        creds.commit_creds(next)
      })
    })
    return 0
  }

  return {
    install_to_cred, install_session_to_cred, withCred, join_session_keyring, searchCred, search_process_keyrings,
    wait_for_key_construction, lookup_user_key, session_to_parent, constructed,
  }
}
export type TaskKeyrings = ReturnType<typeof taskKeyrings>
