/** Operations of hook-trace.tsv: tasks, waiting, signals, pidfds, sessions and priorities. */
import {
  CLONE_FILES, CLONE_FS, CLONE_NEWNS, CLONE_NEWPID, CLONE_NEWUSER, CLONE_SIGHAND, CLONE_SYSVSEM, CLONE_THREAD,
  CLONE_VM, KEYCTL_JOIN_SESSION_KEYRING, KEYCTL_SESSION_TO_PARENT, P_ALL, P_PIDFD, PRIO_PROCESS, RLIMIT_CORE,
  RLIMIT_NOFILE, RLIMIT_NPROC, SCHED_BATCH, SCHED_FIFO, SI_QUEUE, SIGCHLD, SIGCONT, SIGKILL, SIGSEGV, SIGTERM, SIGUSR1,
  WEXITED,
} from '@lsmkit/abi'
import { ROOT_TASKS } from './world.ts'
import type { Operation, World } from './world.ts'

const ignore = ({ sys }: World): void => {
  sys.rt_sigaction(SIGUSR1, { handler: 'ignore', flags: 0, mask: 0n }, null, 8)
}

const queued = (sig: number) => ({ si_signo: sig, si_errno: 0, si_code: SI_QUEUE, si_pid: 0, si_uid: 0 })

/** Clones with `flags`, has the child end, and waits for it. */
const cloneAndWait = (flags: number, asUser = false): Operation => (world) => {
  const { sys } = world
  if (asUser) world.user()
  return () => {
    const pid = sys.clone(flags, 0, null, null, 0)
    if (pid < 0) return
    world.of(world.taskOf(pid)).exit_group(0)
    sys.wait4(pid, null, 0, null)
  }
}

const THREAD = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM

/** A signal of uid 1000 to a task of root. */
const killRoot = (sig: number): Operation => (world) => {
  const kid = world.kid()
  world.user()
  return () => world.sys.kill(kid, sig)
}

const pidfdOf = (world: World, pid: number): number => world.must(world.sys.pidfd_open(pid, 0), 'pidfd_open')

export const taskOperations: Readonly<Record<string, Operation>> = {
  keyctl_session_to_parent(world) {
    const { sys } = world
    sys.keyctl(KEYCTL_JOIN_SESSION_KEYRING, null, 0, 0, 0)
    const child = world.recorded(world.taskOf(world.must(sys.fork(), 'fork')))
    child.keyctl(KEYCTL_JOIN_SESSION_KEYRING, null, 0, 0, 0)
    return () => child.keyctl(KEYCTL_SESSION_TO_PARENT, 0, 0, 0, 0)
  },
  fork_only: ({ sys }) => () => sys.fork(),
  clone_thread: ({ sys }) => () => sys.clone(THREAD, 0, null, null, 0),
  clone3_: (world) => () => {
    const pid = world.sys.clone3({ flags: 0, exit_signal: SIGCHLD }, 88)
    world.of(world.taskOf(pid)).exit_group(0)
    world.sys.wait4(pid, null, 0, null)
  },
  clone_newuser: cloneAndWait(CLONE_NEWUSER | SIGCHLD, true),
  clone_newns: cloneAndWait(CLONE_NEWNS | CLONE_NEWPID | SIGCHLD),
  clone_newns_user: cloneAndWait(CLONE_NEWNS | SIGCHLD, true),
  fork_rlimit: (world) => {
    world.sys.setrlimit(RLIMIT_NPROC, { rlim_cur: 0, rlim_max: 0 })
    world.user()
    return () => world.sys.fork()
  },
  waitid_nochild: ({ sys }) => () => sys.waitid(P_ALL, 0, null, WEXITED, null),
  waitid_pidfd: (world) => {
    const pid = world.sys.fork()
    world.of(world.taskOf(pid)).exit_group(0)
    const f = pidfdOf(world, pid)
    return () => world.sys.waitid(P_PIDFD, f, null, WEXITED, null)
  },
  segv_: (world) => () => {
    const pid = world.sys.fork()
    world.of(world.taskOf(pid)).kill(pid, SIGSEGV)
    world.sys.wait4(pid, null, 0, null)
  },

  kill_self: (world) => {
    ignore(world)
    return () => world.sys.kill(world.sys.getpid(), SIGUSR1)
  },
  kill_child: (world) => {
    const kid = world.kid()
    return () => world.sys.kill(kid, SIGKILL)
  },
  kill_dac: killRoot(SIGTERM),
  kill_dac0: killRoot(0),
  kill_missing: ({ sys }) => () => sys.kill(30000, SIGTERM),
  kill_all: (world) => {
    // process 1 counts as one of root's
    for (let i = 0; i < ROOT_TASKS; i++) world.kid()
    world.kid(1000)
    world.user()
    return () => world.sys.kill(-1, 0)
  },
  tkill_: (world) => {
    ignore(world)
    return () => world.sys.tkill(world.sys.getpid(), SIGUSR1)
  },
  sigqueue_self: (world) => {
    ignore(world)
    return () => world.sys.rt_sigqueueinfo(world.sys.getpid(), SIGUSR1, queued(SIGUSR1))
  },
  sigqueue_other: (world) => {
    const kid = world.kid()
    return () => world.sys.rt_sigqueueinfo(kid, SIGCONT, queued(SIGCONT))
  },

  pidfd_open_: (world) => {
    const kid = world.kid()
    return () => world.sys.pidfd_open(kid, 0)
  },
  pidfd_send_: (world) => {
    const f = pidfdOf(world, world.kid())
    return () => world.sys.pidfd_send_signal(f, SIGCONT, null, 0)
  },
  pidfd_getfd_: (world) => {
    const f = pidfdOf(world, world.kid(0, world.openf))
    return () => world.sys.pidfd_getfd(f, 40, 0)
  },
  pidfd_getfd_dac: (world) => {
    const f = pidfdOf(world, world.kid(0, world.openf))
    world.user()
    return () => world.sys.pidfd_getfd(f, 40, 0)
  },

  setpgid_missing: ({ sys }) => () => sys.setpgid(30000, 0),
  getsid0: ({ sys }) => () => sys.getsid(0),
  nice_down_user: (world) => {
    world.user()
    return () => world.sys.setpriority(PRIO_PROCESS, 0, -5)
  },
  nice_other_dac: (world) => {
    const kid = world.kid()
    world.user()
    return () => world.sys.setpriority(PRIO_PROCESS, kid, 5)
  },
  getpriority_: ({ sys }) => () => sys.getpriority(PRIO_PROCESS, 0),
  ioprio_set_: ({ sys }) => () => sys.ioprio_set(1, 0, (2 << 13) | 4),
  sched_setscheduler_user: (world) => {
    world.user()
    return () => world.sys.sched_setscheduler(0, SCHED_FIFO, { sched_priority: 1 })
  },
  sched_setscheduler_batch: (world) => {
    world.user()
    return () => world.sys.sched_setscheduler(0, SCHED_BATCH, { sched_priority: 0 })
  },
  sched_setscheduler_dac: (world) => {
    const kid = world.kid()
    world.user()
    return () => world.sys.sched_setscheduler(kid, SCHED_BATCH, { sched_priority: 0 })
  },
  sched_getscheduler_: ({ sys }) => () => sys.sched_getscheduler(0),
  sched_setparam_: ({ sys }) => () => sys.sched_setparam(0, { sched_priority: 0 }),
  sched_getparam_: ({ sys }) => () => sys.sched_getparam(0, { sched_priority: 0 }),
  sched_setaffinity_dac: (world) => {
    const kid = world.kid()
    world.user()
    return () => world.sys.sched_setaffinity(kid, 8, 1n)
  },
  sched_getaffinity_: ({ sys }) => () => sys.sched_getaffinity(0, 128, { value: 0n }),
  sched_yield_: ({ sys }) => () => sys.sched_yield(),
  sched_rr_: ({ sys }) => () => sys.sched_rr_get_interval(0, { tv_sec: 0, tv_nsec: 0 }),
  getrlimit_: ({ sys }) => () => sys.getrlimit(RLIMIT_NOFILE, { rlim_cur: 0, rlim_max: 0 }),
  prlimit_self: ({ sys }) => () => sys.prlimit64(0, RLIMIT_NOFILE, null, { rlim_cur: 0, rlim_max: 0 }),
  prlimit_other: (world) => {
    const kid = world.kid()
    return () =>
      world.sys.prlimit64(kid, RLIMIT_CORE, { rlim_cur: 100, rlim_max: 100 }, { rlim_cur: 0, rlim_max: 0 })
  },
  personality_: ({ sys }) => () => sys.personality(0xffffffff),
}
