/** Operations of one task on another, and on itself: class process. */
import { LSM_PRLIMIT_READ, LSM_PRLIMIT_WRITE, SIGCHLD, SIGKILL, SIGSTOP } from '@lsmkit/abi'
import type { HookGroup, Task } from '@lsmkit/core'
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

export const taskHooks = (selinux: Selinux): HookGroup => {
  const { avc } = selinux
  const on = (task: Task, perm: number): number => currentHas(selinux, taskSid(selinux, task), SECCLASS.process, perm)
  return {
    task_alloc: () => selfHas(selinux, SECCLASS.process, process.fork),
    task_setpgid: (p) => on(p, process.setpgid),
    task_getpgid: (p) => on(p, process.getpgid),
    task_getsid: (p) => on(p, process.getsession),
    task_setnice: (p) => on(p, process.setsched),
    task_setioprio: (p) => on(p, process.setsched),
    task_getioprio: (p) => on(p, process.getsched),
    task_setscheduler: (p) => on(p, process.setsched),
    task_getscheduler: (p) => on(p, process.getsched),
    task_movememory: (p) => on(p, process.setsched),

    task_prlimit(cred, tcred, flags) {
      const set = (flags & LSM_PRLIMIT_WRITE) !== 0 ? process.setrlimit : 0
      const get = (flags & LSM_PRLIMIT_READ) !== 0 ? process.getrlimit : 0
      if ((set | get) === 0) return 0
      return avc.hasPerm(
        credSid(selinux, cred), credSid(selinux, tcred), SECCLASS.process, set | get, 'nothing', null,
      )
    },

    /** Soft limits are what execve resets: only a changed hard limit is asked about. */
    task_setrlimit(p, resource, limit) {
      if (p.signal?.rlim[resource]?.rlim_max === limit.rlim_max) return 0
      return on(p, process.setrlimit)
    },

    task_kill(p, _info, sig, cred) {
      const perm = sig === 0 ? process.signull : signalPerm(sig)
      const sid = cred === null ? currentSid(selinux) : credSid(selinux, cred)
      return avc.hasPerm(sid, taskSid(selinux, p), SECCLASS.process, perm, 'nothing', null)
    },

    /** /proc/PID is labelled as its task. */
    task_to_inode(p, inode) {
      selinux.blobs.inode(inode).label(taskSid(selinux, p), modeClass(inode.i_mode))
    },

    userns_create: () => selfHas(selinux, SECCLASS.user_namespace, AV.user_namespace.create),
  }
}
