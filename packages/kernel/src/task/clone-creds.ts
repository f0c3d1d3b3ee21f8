/** The credentials of a new task: shared with a sister thread, or a copy. */
import { CAP_SYS_ADMIN, CAP_SYS_RESOURCE, CLONE_NEWUSER, CLONE_THREAD, ENOMEM, RLIMIT_NPROC } from '@lsmkit/abi'
import { capable } from '@lsmkit/core'
import type { Cred } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { has } from './clone-flags.ts'
import { MAX_THREADS, rlimit } from '../state/task/rlimits.ts'

/** As `copy_creds`: a thread without keyring of its own shares, everybody else gets a copy. */
export const copy_creds = (machine: Machine, flags: number): Cred | number => {
  const { creds } = machine
  const own = machine.current.task.cred
  if (has(flags, CLONE_THREAD) && own.thread_keyring === null) {
    own.usage += 2
    return own
  }
  const next = creds.prepare_creds()
  if (next === null) return -ENOMEM
  if (has(flags, CLONE_NEWUSER)) {
    const rc = machine.userNs.create_user_ns(next)
    if (rc < 0) {
      creds.put_cred(next)
      return rc
    }
  }
  if (next.thread_keyring !== null) {
    creds.dropKeyring(next, 'thread_keyring')
    if (has(flags, CLONE_THREAD)) machine.keys.install_to_cred(next, 'thread_keyring')
  }
  if (!has(flags, CLONE_THREAD)) creds.dropKeyring(next, 'process_keyring')
  next.usage++
  return next
}

export const dropCreds = (machine: Machine, cred: Cred): void => {
  machine.creds.put_cred(cred)
  machine.creds.put_cred(cred)
}

/**
 * Whether RLIMIT_NPROC forbids the new task, which counts. It does not bind root, nor tasks with CAP_SYS_RESOURCE or
 * CAP_SYS_ADMIN.
 */
export const isOverProcessLimit = (machine: Machine, cred: Cred): boolean => {
  const { current } = machine
  if (machine.tasks.byPid.size >= MAX_THREADS) return true
  const limit = rlimit(current.task, RLIMIT_NPROC)
  if (cred.uid === 0 || limit === Infinity || machine.tasks.ofUser.of(cred.uid) + 1 <= limit) return false
  return !capable(machine.lsm, current, CAP_SYS_RESOURCE) && !capable(machine.lsm, current, CAP_SYS_ADMIN)
}
