/** Credentials, tasks, address spaces, and an execve in progress. */
import { CAP_FULL_SET, capCopy, capRaise, CapSet, SECUREBITS_DEFAULT } from '@lsmkit/abi'
import { initUserNamespace } from '@lsmkit/core'
import type { Binprm, Cred, File, Mm, SignalStruct, Task, UserNamespace, Vma } from '@lsmkit/core'
import { assign, bound, mustAgree } from './maker.ts'
import type { Fields, Maker } from './maker.ts'

/**
 * Fields of a cred. `uid` alone is all four user ids and `euid` alone the file system's too; groups likewise. Nobody
 * in particular is uid 1000. `caps` are effective and permitted: by default all of them for euid 0, else none.
 */
export interface CredTraits extends Fields<Cred> {
  readonly caps?: readonly number[]
}

/** Fields of a task, and of the cred it gets unless one is given. */
export interface TaskTraits extends Fields<Task>, Omit<CredTraits, keyof Fields<Task>> {
  /** Makes it a thread of this task's process. */
  readonly threadOf?: Task
}

const ORDINARY_ID = 1000
const RLIM_NLIMITS = 16

const capsOf = (caps: readonly number[] | undefined, euid: number): CapSet => {
  if (caps === undefined) return capCopy(euid === 0 ? CAP_FULL_SET : new CapSet())
  const set = new CapSet()
  for (const cap of caps) capRaise(set, cap)
  return set
}

/** The names of Cred's fields among those of a task's traits. */
const credNames = new Set([
  'caps', 'uid', 'gid', 'suid', 'sgid', 'euid', 'egid', 'fsuid', 'fsgid', 'securebits', 'cap_inheritable',
  'cap_permitted', 'cap_effective', 'cap_bset', 'cap_ambient', 'user_ns', 'group_info', 'usage', 'jit_keyring',
  'session_keyring', 'process_keyring', 'thread_keyring', 'request_key_auth',
])

const split = (traits: TaskTraits): { readonly cred: CredTraits; readonly task: Fields<Task> } => {
  const entries = Object.entries(traits).filter(([name]) => name !== 'threadOf')
  return {
    cred: Object.fromEntries(entries.filter(([name]) => credNames.has(name))),
    task: Object.fromEntries(entries.filter(([name]) => !credNames.has(name))),
  }
}

/** A user namespace below the maker's own, or another initial one. */
const aUserNamespace = (fields: Partial<UserNamespace> = {}): UserNamespace => {
  const { parent = null } = fields
  const made = { ...initUserNamespace(), parent, level: parent === null ? 0 : parent.level + 1 }
  return assign<UserNamespace>(made, fields, 'aUserNamespace')
}

const bareCred = (maker: Maker, { caps, ...fields }: CredTraits = {}): Cred => {
  const cred = maker.objects.cred(fields.user_ns ?? maker.user_ns)
  const { uid = ORDINARY_ID, gid = ORDINARY_ID } = fields
  const { euid = uid, egid = gid } = fields
  const cap_permitted = fields.cap_permitted ?? capsOf(caps, euid)
  return assign(cred, {
    uid, gid, suid: uid, sgid: gid, euid, egid, fsuid: euid, fsgid: egid,
    securebits: SECUREBITS_DEFAULT,
    cap_permitted,
    cap_effective: capCopy(cap_permitted),
    cap_bset: capCopy(CAP_FULL_SET),
    ...fields,
  }, 'aCred', ['caps'])
}

export const aCred = (maker: Maker, traits: CredTraits = {}): Cred => {
  const { lsm } = maker
  const cred = bareCred(maker, traits)
  const old = maker.current()?.cred
  if (lsm !== null && old !== undefined) mustAgree(lsm.cred_prepare.ask(cred, old, 0), 'cred_prepare')
  return cred
}

const aMm = (maker: Maker, fields: Fields<Mm> = {}): Mm => assign<Mm>({
  users: 1, total_vm: 0, locked_vm: 0, data_vm: 0, stack_vm: 0, start_brk: 0, brk: 0, start_stack: 0, start_code: 0,
  end_code: 0, arg_start: 0, arg_end: 0, env_start: 0, env_end: 0, dumpable: 1, user_ns: maker.user_ns,
  exe_file: null, vmas: [],
}, fields, 'aMm')

const aVma = (maker: Maker, fields: Fields<Vma> = {}): Vma => assign<Vma>({
  vm_start: 0x10000, vm_end: 0x11000, vm_flags: 1, vm_pgoff: 0, vm_file: null, vm_mm: aMm(maker), anon_vma: false,
}, fields, 'aVma')

const aSignal = (pgid: number): SignalStruct => ({
  pgid,
  sid: pgid,
  rlim: Array.from({ length: RLIM_NLIMITS }, () => ({ rlim_cur: Infinity, rlim_max: Infinity })),
  oom_score_adj: 0,
  is_child_subreaper: false,
})

const bareTask = (maker: Maker, { threadOf: leader, ...traits }: TaskTraits = {}): Task => {
  const given = split(traits)
  const pid = given.task.pid ?? maker.next()
  const cred = given.task.cred ?? given.task.real_cred ?? aCred(maker, given.cred)
  const task = maker.objects.task(pid, given.task.tgid ?? leader?.tgid ?? pid, given.task.real_cred ?? cred, cred)
  const real_parent = given.task.real_parent ?? leader?.real_parent ?? null
  return assign(task, {
    comm: 'test',
    group_leader: leader?.group_leader ?? leader ?? task,
    signal: leader?.signal ?? aSignal(pid),
    mm: leader?.mm ?? aMm(maker),
    real_parent,
    parent: real_parent,
    ...given.task,
  }, 'aTask', ['threadOf', ...credNames])
}

/** `aTask({ euid: 1000, real_parent: shell })`: a process, or with `threadOf` a thread of one. */
const aTask = (maker: Maker, traits: TaskTraits = {}): Task => {
  const { lsm } = maker
  const task = bareTask(maker, traits)
  if (lsm !== null) mustAgree(lsm.task_alloc.ask(task, 0), 'task_alloc')
  return task
}

/** An execve of `file` that has just begun: its creds are a copy in the making. */
const aBinprm = (maker: Maker, file: File, fields: Fields<Binprm> = {}): Binprm => assign<Binprm>({
  cred: aCred(maker),
  file,
  executable: null,
  filename: file.f_path.dentry.d_name.name,
  interp: file.f_path.dentry.d_name.name,
  unsafe: 0,
  per_clear: 0,
  secureexec: false,
  argc: 1,
  envc: 0,
  buf: new Uint8Array(256),
  mm: aMm(maker),
  point_of_no_return: false,
  is_check: false,
}, fields, 'aBinprm')

export const taskBuilders = (maker: Maker) => ({
  ...bound(maker, {
    bareCred, aCred, aMm, aVma, bareTask, aTask, aBinprm,
  }),
  aUserNamespace,
})
