/** keyctl_session_to_parent: the parent gets the session keyring of the caller. */
import { ENOMEM, EPERM, KEY_NEED_LINK, KEY_SPEC_SESSION_KEYRING } from '@lsmkit/abi'
import type { Cred } from '@lsmkit/core'
import { signalOf, threadOf } from '../state/task/thread.ts'
import { key_get } from '../state/keys/key.ts'
import { lookup_user_key } from './lookup-key.ts'
import type { Machine } from '../machine.ts'

/** As `keyctl_session_to_parent`: the parent has the caller's session keyring from when it runs next. */
export const session_to_parent = (machine: Machine): number => {
  const { creds } = machine
  const ref = lookup_user_key(machine, KEY_SPEC_SESSION_KEYRING, 0, KEY_NEED_LINK)
  if (typeof ref === 'number') return ref
  const { task } = machine.current
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
      machine.lsm.cred_transfer.tell(next, parent.real_cred)
      creds.commit_creds(next)
    })
  })
  return 0
}
