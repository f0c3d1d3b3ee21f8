/** `begin_new_exec`: the point of no return, where the task gives up its old program. */
import { PF_FORKNOEXEC, PF_RANDOMIZE, RLIMIT_STACK, SIGCHLD, SUID_DUMP_USER, _STK_LIM } from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { set_task_comm } from '../task/comm.ts'
import { isLeader, signalOf, threadOf } from '../state/task/thread.ts'
import { fdTable, unshare_fd } from '../state/vfs/fdtable.ts'
import type { ExecBinprm } from '../state/exec/binprm.ts'
import { bprm_fill_uid, would_dump } from './exec-privilege.ts'

/** As `de_thread`: the caller becomes the only thread, under the pid of the process. */
const de_thread = (machine: Machine, me: Task): void => {
  for (const thread of [...signalOf(me).threads]) if (thread !== me) machine.exits.do_exit(thread, 0)
  if (!isLeader(me)) machine.exits.takeLeadership(me)
  threadOf(me).exit_signal = SIGCHLD
}

const unshareFiles = (machine: Machine, me: Task): number => {
  const rc = unshare_fd(me, machine.account)
  if (rc !== 0) return rc
  const own = fdTable(me)
  for (const fd of [...own.open()]) {
    if (!own.close_on_exec[fd]) continue
    const file = own.take(fd)!
    machine.callRcu(() => machine.vfs.filp_close(file, own))
  }
  return 0
}

/** As `mm_release`: if other threads keep the old memory, they see in `clear_child_tid` that this one has left it. */
const mm_release = (me: Task): void => {
  const thread = threadOf(me)
  if (thread.clear_child_tid !== null && (me.mm?.users ?? 1) > 1) thread.clear_child_tid.value = 0
  thread.clear_child_tid = null
}

/** As `exec_mmap`. */
const exec_mmap = (machine: Machine, me: Task, bprm: ExecBinprm): void => {
  const old = me.mm
  me.mm = bprm.mm
  bprm.mm = null
  if (old !== null) machine.mms.mmput(old)
}

const setDumpable = (machine: Machine, me: Task, bprm: ExecBinprm): void => {
  const { cred } = me
  const plain = !bprm.enforce_nondump && cred.euid === cred.uid && cred.egid === cred.gid
  me.mm!.dumpable = plain ? SUID_DUMP_USER : machine.sysctl.suid_dumpable
}

const setComm = (machine: Machine, me: Task, bprm: ExecBinprm): void => {
  const name = bprm.comm_from_dentry
    ? bprm.file.f_path.dentry.d_name.name
    : bprm.filename.slice(bprm.filename.lastIndexOf('/') + 1)
  set_task_comm(machine, me, name)
}

/** As `begin_new_exec`: 0, or -errno; after the credentials are known there is no way back. */
export const begin_new_exec = (machine: Machine, bprm: ExecBinprm): number => {
  const { lsm } = machine
  const me = machine.current.task
  const thread = threadOf(me)
  const { sched_prepare_exec } = machine.tracing.points
  bprm_fill_uid(machine, bprm, bprm.file)
  let rc = lsm.bprm_creds_from_file.ask(bprm, bprm.file)
  if (rc !== 0) return rc
  if (sched_prepare_exec.on) sched_prepare_exec.hit(me, bprm)
  bprm.point_of_no_return = true
  de_thread(machine, me)
  rc = unshareFiles(machine, me)
  if (rc !== 0) return rc
  machine.mms.setExe(bprm.mm!, bprm.file)
  would_dump(machine, bprm)
  mm_release(me)
  exec_mmap(machine, me, bprm)
  machine.namespaces.exec_task_namespaces(me)
  for (const step of machine.onExec) step(me)
  thread.sighand = machine.exits.unshareSighand(thread.sighand)
  me.flags &= ~(PF_RANDOMIZE | PF_FORKNOEXEC)
  me.personality &= ~bprm.per_clear
  if (bprm.secureexec) {
    me.pdeath_signal = 0
    if (bprm.rlim_stack.rlim_cur > _STK_LIM) bprm.rlim_stack.rlim_cur = _STK_LIM
  }
  setDumpable(machine, me, bprm)
  setComm(machine, me, bprm)
  thread.self_exec_id++
  thread.sighand.action.forEach((action) => {
    if (action !== null)
      Object.assign(action, { handler: action.handler === 'ignore' ? 'ignore' : 'default', flags: 0, mask: 0n })
  })
  lsm.bprm_committing_creds.tell(bprm)
  machine.creds.commit_creds(bprm.cred)
  bprm.cred = null as never
  lsm.bprm_committed_creds.tell(bprm)
  signalOf(me).rlim[RLIMIT_STACK] = bprm.rlim_stack
  return 0
}
