/** Processes, threads, their memory, signals and timers. */
import {
  CLONE_NEWUSER, CLONE_SIGHAND, CLONE_THREAD, CLONE_VM, MAP_ANONYMOUS, MAP_PRIVATE, MAP_SHARED, O_CREAT, O_RDWR,
  PROT_READ, PROT_WRITE, SIG_BLOCK, SI_QUEUE,
} from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import { child, must, open, some, someOf } from '../stage.ts'
import type { Crowd, Crowds, Stage } from '../stage.ts'

const PAGE = 4096

/** Children of the caller, or each of the one before. */
const tasks = (isChain: boolean, more: (at: Stage, task: Task, first: Task) => number = () => 0): Crowd => ({
  most: 30_000,
  sets: (at) => {
    const made: Task[] = []
    return {
      add(i) {
        const task = child(at, isChain && i > 0 ? made[i - 1]! : at.me)
        made.push(task)
        return more(at, task, made[0]!)
      },
      handles: () => ({
        pids: some(made).map(({ pid }) => pid),
        ids: some(made).map(({ pid }) => pid),
        paths: ['/proc', `/proc/${some(made)[1]!.pid}/status`, `/proc/${at.me.pid}/task`],
        fds: [open(at, '/proc'), open(at, `/proc/${at.me.pid}/status`)],
      }),
    }
  },
})

export const taskCrowds: Crowds = {
  'children': tasks(false),
  'descendants': tasks(true),
  'members of a process group': tasks(false, ({ sys }, task, first) => sys.setpgid(task, 0, first.pid)),
  'stopped children': tasks(false, ({ sys, init }, task) => sys.kill(init, task.pid, 19)),
  'dead children': tasks(false, ({ sys }, task) => sys.exit_group(task, 0)),
  'tracees': tasks(false, ({ sys, me }, task) => sys.ptrace(me, 16, task.pid, 0, 0)),
  'children with user namespaces': tasks(false, ({ sys }, task) => sys.unshare(task, CLONE_NEWUSER)),
  'threads': {
    most: 30_000,
    sets: (at) => {
      const { sys, me } = at
      const made: number[] = []
      return {
        add: () => made.push(must(sys.clone(me, CLONE_VM | CLONE_SIGHAND | CLONE_THREAD, 0, null, null, 0))),
        handles: () => ({
          pids: [me.pid, ...some(made)],
          paths: ['/proc', '/proc/self/task', '/proc/self/status'],
          fds: [open(at, '/proc/self/task'), open(at, '/proc')],
        }),
      }
    },
  },
  'signals that wait': {
    most: 60_000,
    sets: ({ sys, init, me }) => {
      must(sys.rt_sigprocmask(me, SIG_BLOCK, (1n << 64n) - 1n, null, 8))
      const info = { si_signo: 40, si_errno: 0, si_code: SI_QUEUE, si_pid: 1, si_uid: 0 }
      return { add: () => sys.rt_sigqueueinfo(init, me.pid, 40, info), handles: () => ({ pids: [me.pid] }) }
    },
  },
  'timers': {
    most: 60_000,
    sets: ({ sys, me }) => ({
      add(i) {
        const id = { value: 0 }
        const rc = sys.timer_create(me, 1, null, id)
        const value = { tv_sec: 1e6 + i, tv_nsec: 0 }
        const it_interval = { tv_sec: 0, tv_nsec: 0 }
        return rc || sys.timer_settime(me, id.value, 0, { it_interval, it_value: value }, null)
      },
      handles: (count) => ({ ids: someOf(count) }),
    }),
  },
  'waiters on a futex': {
    most: 30_000,
    sets: (at) => {
      const word = { value: 0 }
      return {
        add: () => at.sys.futex(child(at, at.me), word as never, 0, 0, null, null, 0) && 0,
        handles: () => ({}),
      }
    },
  },
  'groups of the caller': {
    most: 65_000,
    sets: ({ sys, me }) => {
      const all: number[] = []
      return { add: (i) => (all.push(i), 0), handles: (count) => (must(sys.setgroups(me, count, all)), {}) }
    },
  },
  'mappings': {
    most: 60_000,
    sets: ({ sys, me }) => {
      const made: number[] = []
      return {
        add(i) {
          const prot = i % 2 === 0 ? PROT_READ : PROT_READ | PROT_WRITE
          return made.push(must(sys.mmap(me, 0, PAGE, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)))
        },
        handles: () => ({ addresses: some(made), paths: ['/proc/self/maps', '/proc/self/smaps'] }),
      }
    },
  },
  'mappings of one file': {
    most: 60_000,
    sets: (at) => {
      const { sys, me } = at
      const fd = open(at, '/c/f', O_CREAT | O_RDWR)
      const made: number[] = []
      return {
        add: () => made.push(must(sys.mmap(me, 0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0))),
        handles: () => ({ addresses: some(made), fds: [fd], paths: ['/c/f', '/proc/self/maps'] }),
      }
    },
  },
}
