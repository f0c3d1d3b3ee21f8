/** A filter of system calls on a kernel: asked before the call, inherited, deadly when it says so. */
import {
  EACCES, EINVAL, ENOSYS, PR_SET_NO_NEW_PRIVS, SECCOMP_SET_MODE_FILTER, SECCOMP_SET_MODE_STRICT, SIGKILL, SIGSYS,
  SYS_mkdir, waitSignalled,
} from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import { expect, test } from 'vitest'
import type { SyscallFilter, Verdict } from '../interfaces/seccomp.ts'
import { bootForTest } from '../testing/boot.ts'

/** Answers the same for mkdir to every task that attached something or has it from its parent. */
const filterOf = (verdict: Verdict): SyscallFilter & { readonly seen: unknown[][] } => {
  const tasks = new WeakSet<Task>()
  const seen: unknown[][] = []
  return {
    seen,
    attach: (task, filter) => {
      if (filter.length > 1) return -EINVAL
      tasks.add(task)
      return 0
    },
    inherit: (parent, child) => void (tasks.has(parent) && tasks.add(child)),
    enter: (task, nr, args) => {
      seen.push([nr, ...args])
      return nr === SYS_mkdir && tasks.has(task) ? verdict : null
    },
  }
}

const prog = { len: 1, filter: [{ code: 0x06, jt: 0, jf: 0, k: 0 }] }

test('an answer stands in for the call, in the task and in its children; others do not notice', () => {
  const syscallFilter = filterOf({ kind: 'answer', rc: -EACCES })
  const { sys, init, fork } = bootForTest({ syscallFilter })
  const task = fork()
  expect(sys.mkdir(task, '/a', 0o755)).toBe(0)
  expect(syscallFilter.seen).toEqual([])
  expect(sys.seccomp(task, SECCOMP_SET_MODE_FILTER, 0, prog)).toBe(0)
  expect(sys.mkdir(task, '/b', 0o755)).toBe(-EACCES)
  expect(sys.mkdir(fork(task), '/b', 0o755)).toBe(-EACCES)
  expect(sys.mkdir(init, '/b', 0o755)).toBe(0)
  expect(syscallFilter.seen[0]).toEqual([SYS_mkdir, '/b', 0o755])
})

test('without privilege no_new_privs comes first; what the runner refuses is refused', () => {
  const { sys, init, fork } = bootForTest({ syscallFilter: filterOf({ kind: 'answer', rc: -EACCES }) })
  const user = fork(init, 1000)
  expect(sys.seccomp(user, SECCOMP_SET_MODE_FILTER, 0, prog)).toBe(-EACCES)
  expect(sys.prctl(user, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)).toBe(0)
  const two = { len: 2, filter: [prog.filter[0]!, prog.filter[0]!] }
  expect(sys.seccomp(user, SECCOMP_SET_MODE_FILTER, 0, two)).toBe(-EINVAL)
  expect(sys.seccomp(user, SECCOMP_SET_MODE_FILTER, 0, prog)).toBe(0)
})

test.each<[Verdict, number]>([
  [{ kind: 'kill', scope: 'process' }, SIGSYS],
  [{ kind: 'kill', scope: 'thread' }, SIGSYS],
  [{ kind: 'trap', rc: -ENOSYS }, SIGSYS],
])('%o ends a task that does not handle it', (verdict, signal) => {
  const { sys, init, fork } = bootForTest({ syscallFilter: filterOf(verdict) })
  const task = fork()
  sys.seccomp(task, SECCOMP_SET_MODE_FILTER, 0, prog)
  sys.mkdir(task, '/a', 0o755)
  expect(task.exit_code & 0x7f).toBe(waitSignalled(signal, false))
  expect(sys.mkdir(init, '/a', 0o755)).toBe(0)
})

test('strict mode kills for all but four calls', () => {
  const { sys, fork } = bootForTest({ syscallFilter: filterOf({ kind: 'answer', rc: 0 }) })
  const task = fork()
  sys.seccomp(task, SECCOMP_SET_MODE_STRICT, 0, null)
  expect(sys.write(task, 99, new Uint8Array(1))).toBeLessThan(0)
  expect(task.exit_state).toBe(0)
  sys.mkdir(task, '/a', 0o755)
  expect(task.exit_code & 0x7f).toBe(waitSignalled(SIGKILL, false))
})
