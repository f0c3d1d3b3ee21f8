/**
 * Credentials: a copy is prepared, changed and installed; installed ones never change (kernel/cred.c).
 *
 * References are counted: `get_cred` takes one, `put_cred` drops one, and the last one asks `cred_free`. Another task
 * may still read a cred that was installed, so it is freed after the system call, where the kernel waits for an RCU
 * grace period. `put_cred_now` frees at once a cred that no other task has seen (access(2)).
 */
import { capAssign, capIsSubset } from '@lsmkit/abi'
import type { Cred, Key, UserNamespace } from '@lsmkit/core'
import type { Creds } from '../interfaces/tasks.ts'
import { bound } from '../state/bound.ts'
import { key_get } from '../state/keys/key.ts'
import { COST } from '../state/memory-costs.ts'
import type { Machine } from '../machine.ts'

const GFP_KERNEL = 0xcc0
const GFP_KERNEL_ACCOUNT = 0x400cc0

/** The keys that a cred refers to. */
const keyringsOf = (cred: Cred): readonly (Key | null)[] =>
  [cred.session_keyring, cred.process_keyring, cred.thread_keyring, cred.request_key_auth]

/** Copies all of `from` to `to`, except for references and LSM state. */
export const copyCred = (to: Cred, from: Cred): void => {
  to.uid = from.uid
  to.gid = from.gid
  to.suid = from.suid
  to.sgid = from.sgid
  to.euid = from.euid
  to.egid = from.egid
  to.fsuid = from.fsuid
  to.fsgid = from.fsgid
  to.securebits = from.securebits
  capAssign(to.cap_inheritable, from.cap_inheritable)
  capAssign(to.cap_permitted, from.cap_permitted)
  capAssign(to.cap_effective, from.cap_effective)
  capAssign(to.cap_bset, from.cap_bset)
  capAssign(to.cap_ambient, from.cap_ambient)
  to.jit_keyring = from.jit_keyring
  to.session_keyring = from.session_keyring
  to.process_keyring = from.process_keyring
  to.thread_keyring = from.thread_keyring
  to.request_key_auth = from.request_key_auth
  for (const key of keyringsOf(to)) key_get(key)
  to.user_ns = from.user_ns
  to.group_info = from.group_info
}

/** As `cred_cap_issubset`: whether `set` permits all that `subset` permits. */
export const credCapIsSubset = (set: Cred, subset: Cred): boolean => {
  if (set.user_ns === subset.user_ns) return capIsSubset(subset.cap_permitted, set.cap_permitted)
  for (let ns: UserNamespace = subset.user_ns; ns.parent !== null; ns = ns.parent)
    if (ns.parent === set.user_ns && ns.owner === set.euid) return true
  return false
}

/** Bytes of the host's heap. Each cred pays for its list of groups, even if it shares it with others. */
const costOf = ({ group_info }: Cred): number => COST.cred + group_info.gid.length * COST.group

export const get_cred = (cred: Cred): Cred => {
  cred.usage++
  return cred
}

const free = (machine: Machine, cred: Cred): void => {
  machine.lsm.cred_free.tell(cred)
  machine.memory.uncharge(costOf(cred))
  machine.userNs.put_user_ns(cred.user_ns)
  for (const key of keyringsOf(cred)) if (key !== null) machine.keys.key_put(key)
}

const put_cred = (machine: Machine, cred: Cred): void => {
  if (--cred.usage === 0) machine.callRcu(() => free(machine, cred))
}

const put_cred_now = (machine: Machine, cred: Cred): void => {
  if (--cred.usage === 0) free(machine, cred)
}

/** Drops a keyring of `next`, which is not installed yet. */
const dropKeyring = (
  machine: Machine, next: Cred, slot: 'thread_keyring' | 'process_keyring' | 'request_key_auth',
): void => {
  const key = next[slot]
  next[slot] = null
  if (key !== null) machine.keys.key_put(key)
}

/**
 * A copy of the current task's subjective credentials; null if an LSM refuses it or there is no memory (callers
 * return -ENOMEM). The machine pays for it, not a control group: tasks of other groups may take it over.
 */
const prepare_creds = (machine: Machine): Cred | null => {
  const old = machine.current.task.cred
  if (!machine.memory.charge(costOf(old))) return null
  const next = machine.objects.cred(old.user_ns)
  copyCred(next, old)
  if (machine.lsm.cred_prepare.ask(next, old, GFP_KERNEL_ACCOUNT) >= 0) {
    machine.userNs.get_user_ns(next.user_ns)
    return next
  }
  machine.memory.uncharge(costOf(next))
  for (const key of keyringsOf(next)) if (key !== null) machine.keys.key_put(key)
  return null
}

/** As `set_groups`, for a cred that is not installed yet: false if there is no memory for the list. */
const set_groups = (machine: Machine, next: Cred, gid: number[]): boolean => {
  const before = costOf(next)
  const group_info = { gid }
  if (!machine.memory.charge(costOf({ ...next, group_info }))) return false
  next.group_info = group_info
  machine.memory.uncharge(before)
  return true
}

/** As `cred_alloc_blank`: an empty cred; null as in `prepare_creds`. */
const cred_alloc_blank = (machine: Machine, user_ns: UserNamespace): Cred | null => {
  if (!machine.memory.charge(COST.cred)) return null
  const next = machine.objects.cred(user_ns)
  if (machine.lsm.cred_alloc_blank.ask(next, GFP_KERNEL) >= 0) {
    machine.userNs.get_user_ns(user_ns)
    return next
  }
  machine.memory.uncharge(COST.cred)
  return null
}

/** As `prepare_exec_creds`: keyrings of the thread and the process do not survive an exec. */
const prepare_exec_creds = (machine: Machine): Cred | null => {
  const next = prepare_creds(machine)
  if (next === null) return null
  dropKeyring(machine, next, 'thread_keyring')
  dropKeyring(machine, next, 'process_keyring')
  next.suid = next.fsuid = next.euid
  next.sgid = next.fsgid = next.egid
  return next
}

/** Makes `next` the current task's own; it takes over the caller's reference. Always 0. */
const commit_creds = (machine: Machine, next: Cred): number => {
  const { task } = machine.current
  const old = task.real_cred
  if (
    old.euid !== next.euid || old.egid !== next.egid || old.fsuid !== next.fsuid || old.fsgid !== next.fsgid ||
    !credCapIsSubset(old, next)
  ) {
    if (task.mm !== null) task.mm.dumpable = machine.sysctl.suid_dumpable
    task.pdeath_signal = 0
  }
  if (next.thread_keyring !== null) {
    if (old.fsuid !== next.fsuid) next.thread_keyring.uid = next.fsuid
    if (old.fsgid !== next.fsgid) next.thread_keyring.gid = next.fsgid
  }
  task.real_cred = next
  machine.tasks.changeUser(task, old.uid, next.uid)
  task.cred = get_cred(next)
  put_cred(machine, old)
  put_cred(machine, old)
  return 0
}

/** Makes the blank `next` equal to `old`, except for its session keyring. */
const takeOver = (machine: Machine, next: Cred, old: Cred): void => {
  const ring = next.session_keyring
  machine.memory.force(costOf(old) - costOf(next))
  machine.userNs.get_user_ns(old.user_ns)
  machine.userNs.put_user_ns(next.user_ns)
  copyCred(next, old)
  for (const key of [next.session_keyring, next.request_key_auth]) if (key !== null) machine.keys.key_put(key)
  next.session_keyring = ring
  next.request_key_auth = null
}

/** Uses `next` until `revert_creds`, which takes the returned cred. */
const override_creds = (machine: Machine, next: Cred): Cred => {
  const old = machine.current.task.cred
  machine.current.task.cred = get_cred(next)
  return old
}

const revert_creds = (machine: Machine, old: Cred): void => {
  const override = machine.current.task.cred
  machine.current.task.cred = old
  put_cred(machine, override)
}

export const createCreds = (machine: Machine): Creds => ({
  get_cred, costOf,
  ...bound(machine, {
    put_cred, put_cred_now, prepare_creds, prepare_exec_creds, commit_creds, abort_creds: put_cred, override_creds,
    revert_creds, dropKeyring, takeOver, set_groups, cred_alloc_blank,
  }),
})
