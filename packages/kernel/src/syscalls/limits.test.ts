/** Resource limits, priorities, scheduling and sessions, by table. */
import {
  EACCES, EFAULT, EINVAL, EPERM, ESRCH, IOPRIO_CLASS_BE, IOPRIO_CLASS_IDLE, IOPRIO_CLASS_RT, PRIO_PGRP, PRIO_PROCESS,
  RLIMIT_CORE, RLIMIT_NICE, RLIMIT_NOFILE, RLIMIT_RTPRIO, SCHED_BATCH, SCHED_FIFO, SCHED_IDLE, SCHED_NORMAL,
} from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import { describe, expect, test } from 'vitest'
import { bootForTest } from '../testing/boot.ts'

const kernel = bootForTest()
const { sys, fork, init } = kernel
type Call = (task: Task) => number
const user = () => fork(init, 1000)
const prio = (cls: number, level: number) => (cls << 13) | level

describe('limits', () => {
  test.each<readonly [what: string, who: () => Task, call: Call, rc: number]>([
    ['lower one’s own', user, (t) => sys.setrlimit(t, RLIMIT_CORE, { rlim_cur: 1, rlim_max: 2 }), 0],
    [
      'raise one’s own',
      user,
      (t) => (
        sys.setrlimit(t, RLIMIT_CORE, { rlim_cur: 1, rlim_max: 1 }),
        sys.setrlimit(t, RLIMIT_CORE, { rlim_cur: 1, rlim_max: 2 })
      ),
      -EPERM,
    ],
    [
      'raise it with the capability',
      fork,
      (t) => (
        sys.setrlimit(t, RLIMIT_CORE, { rlim_cur: 1, rlim_max: 1 }),
        sys.setrlimit(t, RLIMIT_CORE, { rlim_cur: 1, rlim_max: 2 })
      ),
      0,
    ],
    ['soft above hard', fork, (t) => sys.setrlimit(t, RLIMIT_CORE, { rlim_cur: 3, rlim_max: 2 }), -EINVAL],
    [
      'more descriptors than there may be',
      fork,
      (t) => sys.setrlimit(t, RLIMIT_NOFILE, { rlim_cur: 1, rlim_max: 2 ** 30 }),
      -EPERM,
    ],
    ['a limit that is none', fork, (t) => sys.getrlimit(t, 16, { rlim_cur: 0, rlim_max: 0 }), -EINVAL],
    ['a negative limit', fork, (t) => sys.getrlimit(t, -1, { rlim_cur: 0, rlim_max: 0 }), -EINVAL],
    ['nowhere to put it', fork, (t) => sys.getrlimit(t, RLIMIT_CORE, null), -EFAULT],
    ['nothing to set', fork, (t) => sys.setrlimit(t, RLIMIT_CORE, null), -EFAULT],
    ['not a number', fork, (t) => sys.setrlimit(t, RLIMIT_CORE, { rlim_cur: NaN, rlim_max: 1 }), -EINVAL],
    ['of nobody', fork, (t) => sys.prlimit64(t, 30000, RLIMIT_CORE, null, null), -ESRCH],
    ['of another user', user, (t) => sys.prlimit64(t, 1, RLIMIT_CORE, null, { rlim_cur: 0, rlim_max: 0 }), -EPERM],
    [
      'of the same user',
      user,
      (t) => sys.prlimit64(t, user().pid, RLIMIT_CORE, null, { rlim_cur: 0, rlim_max: 0 }),
      0,
    ],
  ])('%s', (_, who, call, rc) => expect(call(who())).toBe(rc))

  test('children have them, and a refused change changes nothing', () => {
    const parent = user()
    sys.setrlimit(parent, RLIMIT_NOFILE, { rlim_cur: 5, rlim_max: 7 })
    const limit = { rlim_cur: 0, rlim_max: 0 }
    sys.prlimit64(fork(parent), 0, RLIMIT_NOFILE, { rlim_cur: 1, rlim_max: 8 }, null)
    sys.getrlimit(fork(parent), RLIMIT_NOFILE, limit)
    expect(limit).toEqual({ rlim_cur: 5, rlim_max: 7 })
  })
})

describe('nice values', () => {
  test.each<readonly [what: string, who: () => Task, call: Call, rc: number]>([
    ['slower', user, (t) => sys.setpriority(t, PRIO_PROCESS, 0, 5), 0],
    ['faster', user, (t) => sys.setpriority(t, PRIO_PROCESS, 0, -5), -EACCES],
    [
      'faster with the limit for it',
      user,
      (t) => (
        sys.prlimit64(init, t.pid, RLIMIT_NICE, { rlim_cur: 25, rlim_max: 25 }, null),
        sys.setpriority(t, PRIO_PROCESS, 0, -5)
      ),
      0,
    ],
    ['faster with the capability', fork, (t) => sys.setpriority(t, PRIO_PROCESS, 0, -5), 0],
    ['of another user', user, (t) => sys.setpriority(t, PRIO_PROCESS, 1, 5), -EPERM],
    ['of nobody', fork, (t) => sys.setpriority(t, PRIO_PROCESS, 30000, 5), -ESRCH],
    ['of a group that is none', fork, (t) => sys.getpriority(t, PRIO_PGRP, 30000), -ESRCH],
    ['of another kind', fork, (t) => sys.setpriority(t, 7, 0, 5), -EINVAL],
  ])('%s', (_, who, call, rc) => expect(call(who())).toBe(rc))

  test('are kept in range, and told as 20 less', () => {
    const task = fork()
    sys.setpriority(task, PRIO_PROCESS, 0, 100)
    expect(sys.getpriority(task, PRIO_PROCESS, 0)).toBe(1)
    sys.setpriority(task, PRIO_PROCESS, 0, -100)
    expect(sys.getpriority(task, PRIO_PROCESS, 0)).toBe(40)
  })
})

test.each<readonly [what: string, who: () => Task, call: Call, rc: number]>([
  ['best effort', user, (t) => sys.ioprio_set(t, 1, 0, prio(IOPRIO_CLASS_BE, 7)), 0],
  ['best effort with a hint', user, (t) => sys.ioprio_set(t, 1, 0, prio(IOPRIO_CLASS_BE, 8)), 0],
  ['real time', user, (t) => sys.ioprio_set(t, 1, 0, prio(IOPRIO_CLASS_RT, 0)), -EPERM],
  ['real time with the capability', fork, (t) => sys.ioprio_set(t, 1, 0, prio(IOPRIO_CLASS_RT, 0)), 0],
  ['idle', user, (t) => sys.ioprio_set(t, 1, 0, prio(IOPRIO_CLASS_IDLE, 0)), 0],
  ['nothing with a level', user, (t) => sys.ioprio_set(t, 1, 0, prio(0, 3)), -EINVAL],
  ['of user 0, who is not the caller', user, (t) => sys.ioprio_set(t, 3, 0, prio(IOPRIO_CLASS_BE, 4)), -EPERM],
  ['of another user', user, (t) => sys.ioprio_set(t, 1, 1, prio(IOPRIO_CLASS_BE, 4)), -EPERM],
  ['of another kind', user, (t) => sys.ioprio_set(t, 9, 0, prio(IOPRIO_CLASS_BE, 4)), -EINVAL],
])('io priority: %s', (_, who, call, rc) => expect(call(who())).toBe(rc))

describe('policies', () => {
  test.each<readonly [what: string, who: () => Task, call: Call, rc: number]>([
    ['batch', user, (t) => sys.sched_setscheduler(t, 0, SCHED_BATCH, { sched_priority: 0 }), 0],
    ['first in, first out', user, (t) => sys.sched_setscheduler(t, 0, SCHED_FIFO, { sched_priority: 1 }), -EPERM],
    [
      'first in, first out within the limit',
      user,
      (t) => (
        sys.prlimit64(init, t.pid, RLIMIT_RTPRIO, { rlim_cur: 5, rlim_max: 5 }, null),
        sys.sched_setscheduler(t, 0, SCHED_FIFO, { sched_priority: 5 })
      ),
      0,
    ],
    [
      'and above it',
      user,
      (t) => (
        sys.prlimit64(init, t.pid, RLIMIT_RTPRIO, { rlim_cur: 5, rlim_max: 5 }, null),
        sys.sched_setscheduler(t, 0, SCHED_FIFO, { sched_priority: 6 })
      ),
      -EPERM,
    ],
    [
      'a priority for the plain one',
      fork,
      (t) => sys.sched_setscheduler(t, 0, SCHED_NORMAL, { sched_priority: 1 }),
      -EINVAL,
    ],
    [
      'no priority for real time',
      fork,
      (t) => sys.sched_setscheduler(t, 0, SCHED_FIFO, { sched_priority: 0 }),
      -EINVAL,
    ],
    ['a policy that is none', fork, (t) => sys.sched_setscheduler(t, 0, 99, { sched_priority: 0 }), -EINVAL],
    ['no parameters', fork, (t) => sys.sched_setscheduler(t, 0, SCHED_NORMAL, null), -EINVAL],
    // who is idle has no right to his old nice value
    [
      'out of idle',
      user,
      (t) => (
        sys.sched_setscheduler(t, 0, SCHED_IDLE, { sched_priority: 0 }),
        sys.sched_setscheduler(t, 0, SCHED_NORMAL, { sched_priority: 0 })
      ),
      -EPERM,
    ],
    ['of nobody', fork, (t) => sys.sched_getscheduler(t, 30000), -ESRCH],
    ['of a negative pid', fork, (t) => sys.sched_getscheduler(t, -1), -EINVAL],
  ])('%s', (_, who, call, rc) => expect(call(who())).toBe(rc))
  test('ranges', () => {
    expect(
      [SCHED_FIFO, SCHED_NORMAL, 99].map((policy) => [
        sys.sched_get_priority_min(init, policy),
        sys.sched_get_priority_max(init, policy),
      ]),
    ).toEqual([
      [1, 99],
      [0, 0],
      [-EINVAL, -EINVAL],
    ])
  })
})

describe('sessions and groups', () => {
  test('a new session is a new group, and not twice', () => {
    const task = fork()
    expect([sys.setsid(task), sys.getsid(task, 0), sys.getpgid(task, 0), sys.setsid(task)]).toEqual([
      task.pid,
      task.pid,
      task.pid,
      -EPERM,
    ])
  })
  test.each<readonly [what: string, call: (task: Task, child: Task) => number, rc: number]>([
    ['a child into its own group', (t, c) => sys.setpgid(t, c.pid, c.pid), 0],
    ['a child into the parent’s group', (t, c) => sys.setpgid(t, c.pid, t.pid), 0],
    ['into a group of no one', (t) => sys.setpgid(t, 0, 30000), -EPERM],
    ['a negative group', (t) => sys.setpgid(t, 0, -1), -EINVAL],
    ['a stranger', (t) => sys.setpgid(t, 1, 0), -ESRCH],
    ['nobody', (t) => sys.setpgid(t, 30000, 0), -ESRCH],
    ['a child of another session', (t, c) => (sys.setsid(c), sys.setpgid(t, c.pid, t.pid)), -EPERM],
    ['a session leader', (_t, c) => (sys.setsid(c), sys.setpgid(c, 0, 0)), -EPERM],
    ['the group of nobody', (t) => sys.getpgid(t, 30000), -ESRCH],
    ['the session of nobody', (t) => sys.getsid(t, 30000), -ESRCH],
  ])('%s', (_, call, rc) => {
    const task = fork()
    sys.setpgid(task, 0, 0)
    expect(call(task, fork(task))).toBe(rc)
  })
  test('a child that has executed something is left alone', () => {
    kernel.file('/prog', Uint8Array.of(0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00), 0o755)
    const task = fork()
    const child = fork(task)
    sys.execve(child, '/prog', ['x'], [])
    expect(sys.setpgid(task, child.pid, 0)).toBe(-EACCES)
  })
})
