/** Keyrings are made on demand, and put into credentials that are being prepared. */
import {
  ENOMEM, KEY_ALLOC_IN_QUOTA, KEY_ALLOC_QUOTA_OVERRUN, KEY_POS_ALL, KEY_USR_READ, KEY_USR_VIEW,
} from '@lsmkit/abi'
import type { Cred } from '@lsmkit/core'
import { key_get } from '../state/keys/key.ts'
import type { KernelKey } from '../state/keys/key.ts'
import type { Machine } from '../machine.ts'
import { keyring_alloc } from './life.ts'
import { key_put } from './store.ts'

export const OWN_PERM = KEY_POS_ALL | KEY_USR_VIEW
export type Slot = 'thread_keyring' | 'process_keyring'
const slotNames: Readonly<Record<Slot, string>> = { thread_keyring: '_tid', process_keyring: '_pid' }

/** As `install_thread_keyring_to_cred` and its twin, on credentials that are being prepared. */
export const install_to_cred = (machine: Machine, next: Cred, slot: Slot): number => {
  if (next[slot] !== null) return 0
  const ring = keyring_alloc(machine, {
    description: slotNames[slot], uid: next.uid, gid: next.gid, cred: next, perm: OWN_PERM,
    flags: KEY_ALLOC_QUOTA_OVERRUN,
  })
  if (typeof ring === 'number') return ring
  next[slot] = ring
  return 0
}

/** As `install_session_keyring_to_cred`; null: a new one without a name of its own. */
export const install_session_to_cred = (machine: Machine, next: Cred, given: KernelKey | null): number => {
  let ring: KernelKey | number | null = given
  if (ring === null) {
    ring = keyring_alloc(machine, {
      description: '_ses', uid: next.uid, gid: next.gid, cred: next, perm: OWN_PERM | KEY_USR_READ,
      flags: next.session_keyring === null ? KEY_ALLOC_QUOTA_OVERRUN : KEY_ALLOC_IN_QUOTA,
    })
    if (typeof ring === 'number') return ring
  } else key_get(ring)
  key_put(machine, next.session_keyring)
  next.session_keyring = ring
  return 0
}

/** Installs new credentials that `change` has had its way with. */
export const commitChanged = (machine: Machine, change: (next: Cred) => number): number => {
  const { creds } = machine
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
