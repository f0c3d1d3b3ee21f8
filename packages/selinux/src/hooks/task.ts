/** Operations of one task on another, and on itself: class process. */
import { LSM_PRLIMIT_READ, LSM_PRLIMIT_WRITE, SIGCHLD, SIGKILL, SIGSTOP } from '@lsmkit/abi'
import type { HookTable, Task } from '@lsmkit/core'
import { currentHas, selfHas } from '../checks.ts'
import { AV, SECCLASS } from '../class-map.ts'
import { modeClass } from '../mode-class.ts'
import { credSid, currentSid, taskSid } from '../state.ts'
import type { Selinux } from '../state.ts'

const { process } = AV

/** As `signal_to_av`: those that cannot be caught have permissions of their own. */
export const signalPerm = (sig: number): number => {
  switch (sig) {
    case SIGCHLD:
      return process.sigchld
    case SIGKILL:
      return process.sigkill
    case SIGSTOP:
      return process.sigstop
    default:
      return process.signal
  }
}

const on = (selinux: Selinux, task: Task, perm: number): number =>
  currentHas(selinux, taskSid(selinux, task), SECCLASS.process, perm)

export const taskHooks: HookTable<Selinux> = {
  task_alloc: (selinux) => selfHas(selinux, SECCLASS.process, process.fork),
  task_setpgid: (selinux, p) => on(selinux, p, process.setpgid),
  task_getpgid: (selinux, p) => on(selinux, p, process.getpgid),
  task_getsid: (selinux, p) => on(selinux, p, process.getsession),
  task_setnice: (selinux, p) => on(selinux, p, process.setsched),
  task_setioprio: (selinux, p) => on(selinux, p, process.setsched),
  task_getioprio: (selinux, p) => on(selinux, p, process.getsched),
  task_setscheduler: (selinux, p) => on(selinux, p, process.setsched),
  task_getscheduler: (selinux, p) => on(selinux, p, process.getsched),
  task_movememory: (selinux, p) => on(selinux, p, process.setsched),

  task_prlimit(selinux, cred, tcred, flags) {
    const set = (flags & LSM_PRLIMIT_WRITE) !== 0 ? process.setrlimit : 0
    const get = (flags & LSM_PRLIMIT_READ) !== 0 ? process.getrlimit : 0
    if ((set | get) === 0) return 0
    return selinux.avc.hasPerm(
      credSid(selinux, cred), credSid(selinux, tcred), SECCLASS.process, set | get, 'nothing', null,
    )
  },

  /** Soft limits are what execve resets: only a changed hard limit is asked about. */
  task_setrlimit(selinux, p, resource, limit) {
    if (p.signal?.rlim[resource]?.rlim_max === limit.rlim_max) return 0
    return on(selinux, p, process.setrlimit)
  },

  task_kill(selinux, p, _info, sig, cred) {
    const perm = sig === 0 ? process.signull : signalPerm(sig)
    const sid = cred === null ? currentSid(selinux) : credSid(selinux, cred)
    return selinux.avc.hasPerm(sid, taskSid(selinux, p), SECCLASS.process, perm, 'nothing', null)
  },

  /** /proc/PID is labelled as its task. */
  task_to_inode(selinux, p, inode) {
    selinux.blobs.inode(inode).label(taskSid(selinux, p), modeClass(inode.i_mode))
  },

  userns_create: (selinux) => selfHas(selinux, SECCLASS.user_namespace, AV.user_namespace.create),
}
