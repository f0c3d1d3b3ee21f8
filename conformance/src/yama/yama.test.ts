/** Yama under the kernel: attaching, naming a tracer, and writing the setting, all as system calls. */
import {
  AT_FDCWD, CAP_EMPTY_SET, capAssign, EINVAL, EPERM, O_RDONLY, O_WRONLY, PR_SET_PTRACER, PR_SET_PTRACER_ANY,
  PTRACE_ATTACH, PTRACE_DETACH, PTRACE_SEIZE, PTRACE_TRACEME,
} from '@lsmkit/abi'
import { capability } from '@lsmkit/capability'
import { createStack } from '@lsmkit/core'
import type { Task } from '@lsmkit/core'
import { bootKernel } from '@lsmkit/kernel'
import { yama } from '@lsmkit/yama'
import type { PtraceScope } from '@lsmkit/yama'
import { expect, test } from 'vitest'

const SETTING = '/proc/sys/kernel/yama/ptrace_scope'

const boot = (ptraceScope?: PtraceScope) => {
  const stack = createStack({ lsms: [capability(), yama(ptraceScope === undefined ? {} : { ptraceScope })] })
  const { sys, init, machine } = bootKernel({ stack })

  const fork = (parent: Task, uid = 0): Task => {
    const child = machine.tasks.find(sys.fork(parent))!
    if (uid !== 0) {
      sys.setresgid(child, uid, uid, uid)
      sys.setresuid(child, uid, uid, uid)
      const { cred } = child
      for (const set of [cred.cap_effective, cred.cap_permitted, cred.cap_inheritable]) capAssign(set, CAP_EMPTY_SET)
      child.mm!.dumpable = 1
    }
    return child
  }
  const attach = (tracer: Task, target: Task): number => {
    const rc = sys.ptrace(tracer, PTRACE_ATTACH, target.pid, 0, 0)
    if (rc === 0) sys.ptrace(tracer, PTRACE_DETACH, target.pid, 0, 0)
    return rc
  }
  const read = (task: Task): string => {
    const fd = sys.openat(task, AT_FDCWD, SETTING, O_RDONLY, 0)
    const buf = new Uint8Array(16)
    const length = sys.read(task, fd, buf)
    sys.close(task, fd)
    return new TextDecoder().decode(buf.subarray(0, length))
  }
  const write = (task: Task, text: string): number => {
    const fd = sys.openat(task, AT_FDCWD, SETTING, O_WRONLY, 0)
    if (fd < 0) return fd
    const rc = sys.write(task, fd, new TextEncoder().encode(text))
    sys.close(task, fd)
    return rc
  }
  const user = fork(init, 1000)
  return { stack, sys, init, machine, fork, attach, read, write, user, app: fork(user), debug: fork(user) }
}

test('scope 1: a parent attaches, a sister does not, until it is named', () => {
  const { sys, attach, stack, user, app, debug } = boot()
  expect(attach(user, app)).toBe(0)
  expect(attach(debug, app)).toBe(-EPERM)
  expect(stack.denial).toMatchObject({ hook: 'ptrace_access_check', lsm: 'yama', rc: -EPERM })
  expect(sys.ptrace(debug, PTRACE_SEIZE, app.pid, 0, 0)).toBe(-EPERM)
  expect(sys.prctl(app, PR_SET_PTRACER, debug.pid, 0, 0, 0)).toBe(0)
  expect(attach(debug, app)).toBe(0)
  expect(sys.prctl(app, PR_SET_PTRACER, 0, 0, 0, 0)).toBe(0)
  expect(attach(debug, app)).toBe(-EPERM)
})

test('a pid that is nobody\'s is EINVAL', () => {
  const { sys, app } = boot()
  expect(sys.prctl(app, PR_SET_PTRACER, 4_000_000, 0, 0, 0)).toBe(-EINVAL)
})

test('the wish is not inherited by fork', () => {
  const { sys, attach, fork, app, debug } = boot()
  sys.prctl(app, PR_SET_PTRACER, PR_SET_PTRACER_ANY, 0, 0, 0)
  expect(attach(debug, app)).toBe(0)
  expect(attach(debug, fork(app))).toBe(-EPERM)
})

test('when the tracer that was named is reaped the relation is gone, also for who gets its pid next', () => {
  const { sys, attach, fork, machine, user, app, debug } = boot()
  const named = fork(user)
  const child = fork(named)
  sys.prctl(app, PR_SET_PTRACER, named.pid, 0, 0, 0)
  expect(attach(child, app)).toBe(0)
  sys.exit_group(named, 0)
  sys.wait4(user, named.pid, null, 0, null)
  machine.runRcu()
  expect(machine.tasks.find(named.pid)).toBeNull()
  expect(attach(child, app)).toBe(-EPERM)
  expect(attach(debug, app)).toBe(-EPERM)
})

test('who is adopted by init is no descendant any more', () => {
  const { sys, attach, fork, user, app } = boot()
  const grandchild = fork(app)
  expect(attach(user, grandchild)).toBe(0)
  sys.exit_group(app, 0)
  expect(attach(user, grandchild)).toBe(-EPERM)
})

test.each([
  { scope: 0, rc: 0 },
  { scope: 1, rc: 0 },
  { scope: 2, rc: -EPERM },
  { scope: 3, rc: -EPERM },
] as const)('PTRACE_TRACEME in scope $scope -> $rc', ({ scope, rc }) => {
  const { sys, app } = boot(scope)
  expect(sys.ptrace(app, PTRACE_TRACEME, 0, 0, 0)).toBe(rc)
})

test('the setting: read by all, written by root, locked at 3', () => {
  const { init, attach, read, write, user, app, debug } = boot()
  expect(read(user)).toBe('1\n')
  expect(write(user, '0')).toBeLessThan(0)
  expect(write(init, '0\n')).toBe(2)
  expect(attach(debug, app)).toBe(0)
  expect(write(init, '2\n')).toBe(2)
  expect(attach(user, app)).toBe(-EPERM)
  expect(attach(init, app)).toBe(0)
  expect(write(init, '4')).toBe(-EINVAL)
  expect(write(init, '3')).toBe(1)
  expect(attach(init, app)).toBe(-EPERM)
  expect(write(init, '0')).toBe(-EINVAL)
  expect(read(user)).toBe('3\n')
})

test('the setting takes CAP_SYS_PTRACE, also of root', () => {
  const { init, fork, write, read } = boot()
  const weak = fork(init)
  capAssign(weak.cred.cap_effective, CAP_EMPTY_SET)
  expect(write(weak, '0')).toBe(-EPERM)
  expect(read(init)).toBe('1\n')
})
