/** Operations of selinux-ops.tsv: other tasks and what is shown of them. */
import {
  CLONE_NEWNET, CLONE_NEWNS, CLONE_NEWUSER, CLONE_NEWUTS, _LINUX_CAPABILITY_VERSION_3, O_DIRECTORY, O_RDONLY, O_RDWR,
  O_WRONLY, PRIO_PROCESS, RLIMIT_NOFILE, SCHED_FIFO, SCHED_NORMAL, SI_QUEUE, SIGCONT, SIGKILL, SIGSTOP, SIGTERM, SIGURG,
} from '@lsmkit/abi'
import { ref } from '@lsmkit/core'
import { setcon } from './attributes.ts'
import { encode } from './world.ts'
import type { Calls, Operation, World } from './world.ts'

/** A call on the other process. */
const onOther = (run: (sys: Calls, pid: number, world: World) => number): Operation => (world) => {
  const { pid } = world.other()
  return (sys) => Math.min(run(sys, pid, world), 0)
}

const openProc = (name: string, flags: number): Operation =>
  onOther((sys, pid) => sys.open(`/proc/${pid}/${name}`, flags, 0))

const plain = (run: ReturnType<Operation>): Operation => () => run

const queued = { si_signo: SIGURG, si_errno: 0, si_code: SI_QUEUE, si_pid: 0, si_uid: 0 }
/** IOPRIO_CLASS_BE, 4. */
const BEST_EFFORT_4 = (2 << 13) | 4
const IOPRIO_WHO_PROCESS = 1
/** Memory that every process of this kernel has. */
const remote = { iov_base: 0x400000, iov_len: 4 }

export const processOperations: Readonly<Record<string, Operation>> = {
  fork: plain((sys) => Math.min(sys.fork(), 0)),
  clone_newuser_cap: plain((sys) => {
    const rc = sys.unshare(CLONE_NEWUSER) || sys.unshare(CLONE_NEWUTS)
    return rc !== 0 ? rc : sys.sethostname('h', 1)
  }),
  clone_newnet: plain((sys) => sys.unshare(CLONE_NEWNET)),
  clone_newns: plain((sys) => sys.unshare(CLONE_NEWNS)),

  kill_0: onOther((sys, pid) => sys.kill(pid, 0)),
  kill_kill: onOther((sys, pid) => sys.kill(pid, SIGKILL)),
  kill_stop: onOther((sys, pid) => sys.kill(pid, SIGSTOP)),
  kill_term: onOther((sys, pid) => sys.kill(pid, SIGTERM)),
  kill_urg: onOther((sys, pid) => sys.kill(pid, SIGURG)),
  sigqueue: onOther((sys, pid) => sys.rt_sigqueueinfo(pid, SIGURG, queued)),

  getpgid: onOther((sys, pid) => sys.getpgid(pid)),
  getsid: onOther((sys, pid) => sys.getsid(pid)),
  setpgid_child: plain((sys) => {
    const pid = sys.fork()
    if (pid < 0) return pid
    const rc = sys.setpgid(pid, 0)
    sys.kill(pid, SIGKILL)
    return rc
  }),
  setpriority: onOther((sys, pid) => sys.setpriority(PRIO_PROCESS, pid, 5)),
  getpriority: onOther((sys, pid) => sys.getpriority(PRIO_PROCESS, pid)),
  sched_getparam: onOther((sys, pid) => sys.sched_getparam(pid, { sched_priority: 0 })),
  sched_getscheduler: onOther((sys, pid) => sys.sched_getscheduler(pid)),
  sched_setscheduler: onOther((sys, pid) => sys.sched_setscheduler(pid, SCHED_NORMAL, { sched_priority: 0 })),
  sched_setscheduler_fifo: onOther((sys, pid) => sys.sched_setscheduler(pid, SCHED_FIFO, { sched_priority: 1 })),
  sched_getaffinity: onOther((sys, pid) => sys.sched_getaffinity(pid, 8, ref(0n))),
  sched_setaffinity: onOther((sys, pid) => sys.sched_setaffinity(pid, 8, 1n)),
  ioprio_get: onOther((sys, pid) => sys.ioprio_get(IOPRIO_WHO_PROCESS, pid)),
  ioprio_set: onOther((sys, pid) => sys.ioprio_set(IOPRIO_WHO_PROCESS, pid, BEST_EFFORT_4)),
  prlimit_get: onOther((sys, pid) => sys.prlimit64(pid, RLIMIT_NOFILE, null, { rlim_cur: 0, rlim_max: 0 })),
  prlimit_set: onOther((sys, pid) => sys.prlimit64(pid, RLIMIT_NOFILE, { rlim_cur: 100, rlim_max: 200 }, null)),
  prlimit_set_soft: onOther((sys, pid, world) => {
    const { rlim_max } = world.taskOf(pid).signal!.rlim[RLIMIT_NOFILE]!
    return sys.prlimit64(pid, RLIMIT_NOFILE, { rlim_cur: 100, rlim_max }, null)
  }),
  setrlimit_self_raise: (world) => {
    const { rlim_max } = world.actor.signal!.rlim[RLIMIT_NOFILE]!
    return (sys) => sys.setrlimit(RLIMIT_NOFILE, { rlim_cur: 100, rlim_max: rlim_max + 1 })
  },
  pidfd_getfd: onOther((sys, pid) => {
    const fd = sys.pidfd_open(pid, 0)
    return fd < 0 ? fd : sys.pidfd_getfd(fd, 0, 0)
  }),
  pidfd_signal: onOther((sys, pid) => {
    const fd = sys.pidfd_open(pid, 0)
    return fd < 0 ? fd : sys.pidfd_send_signal(fd, SIGCONT, null, 0)
  }),

  vm_readv: onOther((sys, pid) => sys.process_vm_readv(pid, [new Uint8Array(4)], 1, [remote], 1, 0)),
  vm_writev: onOther((sys, pid) => sys.process_vm_writev(pid, [new Uint8Array(4)], 1, [remote], 1, 0)),

  proc_environ: openProc('environ', O_RDONLY),
  proc_maps: openProc('maps', O_RDONLY),
  proc_mem_rdwr: openProc('mem', O_RDWR),
  proc_cwd: onOther((sys, pid) => sys.readlink(`/proc/${pid}/cwd`, new Uint8Array(256))),
  proc_stat: onOther((sys, pid) => {
    const fd = sys.open(`/proc/${pid}/stat`, O_RDONLY, 0)
    return fd < 0 ? fd : sys.read(fd, new Uint8Array(1024))
  }),
  proc_fdinfo_dir: onOther((sys, pid) => {
    const fd = sys.open(`/proc/${pid}/fd`, O_RDONLY | O_DIRECTORY, 0)
    return fd < 0 ? fd : sys.getdents64(fd, new Uint8Array(1024))
  }),
  proc_oom_adj: onOther((sys, pid) => {
    const fd = sys.open(`/proc/${pid}/oom_score_adj`, O_WRONLY, 0)
    return fd < 0 ? fd : sys.write(fd, encode('10'))
  }),
  capset_self: plain((sys) => {
    const header = { version: _LINUX_CAPABILITY_VERSION_3, pid: 0 }
    const data = new Uint8Array(24)
    const rc = sys.capget(header, data)
    if (rc !== 0) return rc
    // the effective set loses its first capability
    data[0]! &= ~1
    return sys.capset(header, data)
  }),
  wait_child_other: (world) => (sys) => {
    const pid = sys.fork()
    if (pid < 0) return pid
    const child = world.calls(world.taskOf(pid))
    setcon(child, 'y_t')
    child.exit_group(0)
    return Math.min(sys.wait4(pid, null, 0, null), 0)
  },
}
