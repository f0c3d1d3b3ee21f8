/** Operations on other processes beside those of the recorded rows. */
import {
  IOPRIO_WHO_PROCESS, PRIO_PROCESS, PTRACE_ATTACH, RLIMIT_NOFILE, SCHED_BATCH, SIGCONT, SIGKILL, SIGSTOP,
  SIGTERM, SIGUSR1,
} from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import type { SysCalls } from '@lsmkit/kernel'
import { onTask } from '../preparations.ts'
import type { Operation, Siblings } from '../preparations.ts'

const on = (call: (sys: SysCalls, subject: Task, pid: number) => number): Operation =>
  onTask(({ kernel, subject }, pid) => call(kernel.sys, subject, pid))
const signalling = (signal: number): Operation => on((sys, subject, pid) => sys.kill(subject, pid, signal))
const reading = (name: string): Operation => onTask((world, pid) => world.readAs(world.subject, `/proc/${pid}/${name}`))
const linked = (name: string): Operation =>
  on((sys, subject, pid) => sys.readlink(subject, `/proc/${pid}/${name}`, new Uint8Array(256)))
const queued = { si_signo: SIGUSR1, si_errno: 0, si_code: -1, si_pid: 0, si_uid: 0 }
const limits = () => ({ rlim_cur: 0, rlim_max: 0 })

export const processSiblings: Siblings = {
  kill_0: ['', signalling(0)],
  kill_kill: ['a', signalling(SIGKILL)],
  kill_usr1: ['a', signalling(SIGUSR1)],
  kill_stop: ['a', signalling(SIGSTOP)],
  kill_cont: ['a', signalling(SIGCONT)],
  tkill: ['a', on((sys, subject, pid) => sys.tkill(subject, pid, SIGTERM))],
  tgkill: ['a', on((sys, subject, pid) => sys.tgkill(subject, pid, pid, SIGTERM))],
  sigqueue: ['a', on((sys, subject, pid) => sys.rt_sigqueueinfo(subject, pid, SIGUSR1, { ...queued }))],
  pidfd_signal: ['a', on((sys, subject, pid) =>
    sys.pidfd_send_signal(subject, sys.pidfd_open(subject, pid, 0), SIGTERM, null, 0))],
  getpgid: ['r', on((sys, subject, pid) => sys.getpgid(subject, pid))],
  getpriority: ['', on((sys, subject, pid) => sys.getpriority(subject, PRIO_PROCESS, pid))],
  setpriority: ['w', on((sys, subject, pid) => sys.setpriority(subject, PRIO_PROCESS, pid, 5))],
  ioprio_get: ['r', on((sys, subject, pid) => sys.ioprio_get(subject, IOPRIO_WHO_PROCESS, pid))],
  sched_getscheduler: ['r', on((sys, subject, pid) => sys.sched_getscheduler(subject, pid))],
  sched_setscheduler: ['w', on((sys, subject, pid) =>
    sys.sched_setscheduler(subject, pid, SCHED_BATCH, { sched_priority: 0 }))],
  sched_getparam: ['r', on((sys, subject, pid) => sys.sched_getparam(subject, pid, { sched_priority: 0 }))],
  sched_setparam: ['w', on((sys, subject, pid) => sys.sched_setparam(subject, pid, { sched_priority: 0 }))],
  sched_getaffinity: ['r', on((sys, subject, pid) => sys.sched_getaffinity(subject, pid, 8, { value: 0n }))],
  sched_setaffinity: ['w', on((sys, subject, pid) => sys.sched_setaffinity(subject, pid, 8, 1n))],
  prlimit_get: ['', on((sys, subject, pid) => sys.prlimit64(subject, pid, RLIMIT_NOFILE, null, limits()))],
  ptrace_attach: ['rw', on((sys, subject, pid) => sys.ptrace(subject, PTRACE_ATTACH, pid, 0, 0))],
  proc_environ: ['rx', reading('environ')],
  proc_auxv: ['rx', reading('auxv')],
  proc_status: ['rx', reading('status')],
  proc_stat: ['rx', reading('stat')],
  proc_cmdline: ['rx', reading('cmdline')],
  proc_attr_current: ['rx', reading('attr/current')],
  proc_cwd: ['rx', linked('cwd')],
}
