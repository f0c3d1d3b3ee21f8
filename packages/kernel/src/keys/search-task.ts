/** Searching the keyrings of a task, in their order: thread, process, session. */
import { EACCES, EAGAIN, ENOKEY } from '@lsmkit/abi'
import { kernelKey, keyRef } from '../state/keys/key.ts'
import type { KernelKeyRef } from '../state/keys/key.ts'
import type { KeyQuery } from './search.ts'
import { request_key_auth } from '../state/keys/types.ts'
import type { Machine } from '../machine.ts'
import { userSessionOf } from './user-keyrings.ts'
import { keyring_search } from './search.ts'
import { key_validate } from './permission.ts'

/** How an answer of one keyring counts against those of others: found nothing, or a key that was refused. */
const isMiss = (rc: number): boolean => rc === -EAGAIN || rc === -ENOKEY

/** As `search_cred_keyrings_rcu`: a key, or the most specific error. */
export const search_cred_keyrings = (machine: Machine, query: KeyQuery): KernelKeyRef | number => {
  const { cred } = query
  const tops = [
    () => kernelKey(cred.thread_keyring), () => kernelKey(cred.process_keyring),
    // looked for only when the others have led nowhere
    () => kernelKey(cred.session_keyring) ?? userSessionOf(machine, cred),
  ]
  let missed = 0
  let failed = -EAGAIN
  for (const ringOf of tops) {
    const top = ringOf()
    if (top === null) continue
    const found = keyring_search(machine, keyRef(top, true), query)
    if (typeof found !== 'number') return found
    if (!isMiss(found)) failed = found
    else if (missed === 0 || found === -ENOKEY) missed = found
  }
  return missed || failed
}

/** As `search_process_keyrings_rcu`: a task that makes a key for another also searches that task's keyrings. */
export const search_process_keyrings = (machine: Machine, query: KeyQuery): KernelKeyRef | number => {
  const own = search_cred_keyrings(machine, query)
  if (typeof own !== 'number') return own
  let others = -EACCES
  const authkey = kernelKey(query.cred.request_key_auth)
  if (
    authkey !== null && query.cred === machine.current.task.cred && query.type !== request_key_auth &&
    authkey.auth !== null && key_validate(machine, authkey) === 0
  ) {
    const found = search_cred_keyrings(machine, { ...query, cred: authkey.auth.cred })
    if (typeof found !== 'number') return found
    others = found
  }
  if (own === -ENOKEY || others === -ENOKEY) return -ENOKEY
  return own === -EACCES ? others : own
}
