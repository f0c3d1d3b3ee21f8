/** debugfs and tracefs: where they are, who may look, what lockdown closes, and the mount that appears on demand. */
import {
  AT_FDCWD, AT_SYMLINK_NOFOLLOW, CLONE_NEWNS, EACCES, EINVAL, EPERM, errnoName, LOCKDOWN_DEBUGFS, LOCKDOWN_TRACEFS,
  MNT_DETACH, O_RDONLY, O_RDWR, O_TRUNC, O_WRONLY,
} from '@lsmkit/abi'
import { defineLsm } from '@lsmkit/core'
import type { Task } from '@lsmkit/core'
import { describe, expect, test } from 'vitest'
import { bootForTest } from '../../testing/boot.ts'
import { Kstat } from '../../state/vfs/kstat.ts'

const setUp = (closed: readonly number[] = []) => {
  const locked: number[] = []
  const lockdown = defineLsm({
    name: 'locker',
    abi: '1.0',
    id: 200,
    hooks: {
      locked_down(what) {
        locked.push(what)
        return closed.includes(what) ? -EPERM : 0
      },
    },
  })
  const kernel = bootForTest({ lsms: [lockdown] })
  const { sys, init, cat } = kernel
  locked.length = 0
  const write = (path: string, text: string, flags = 0): number => {
    const fd = sys.openat(init, AT_FDCWD, path, O_WRONLY | flags, 0)
    return fd < 0 ? fd : sys.write(init, fd, new TextEncoder().encode(text))
  }
  const mounted = (by: Task = init): boolean =>
    String(cat(by, '/proc/self/mounts')).includes(' /sys/kernel/debug/tracing ')
  return { ...kernel, locked, write, mounted }
}

describe('tracefs', () => {
  test('is asked about at every open, and answers', () => {
    const { cat, init, locked, write } = setUp()
    expect(cat(init, '/sys/kernel/tracing/current_tracer')).toBe('nop\n')
    expect([write('/sys/kernel/tracing/current_tracer', 'function'), write('/sys/kernel/tracing/trace_clock', 'boot')])
      .toEqual([-EINVAL, 4])
    expect(cat(init, '/sys/kernel/tracing/trace_clock')).toMatch(/^local .* \[boot\] /)
    expect(locked).toEqual([LOCKDOWN_TRACEFS, LOCKDOWN_TRACEFS, LOCKDOWN_TRACEFS, LOCKDOWN_TRACEFS])
  })

  test('marks are kept while tracing is on, until the trace is cut', () => {
    const { cat, init, write } = setUp()
    write('/sys/kernel/tracing/trace_marker', 'one\n')
    write('/sys/kernel/tracing/tracing_on', '0')
    write('/sys/kernel/tracing/trace_marker', 'two')
    const trace = () => String(cat(init, '/sys/kernel/tracing/trace'))
    expect(trace()).toMatch(/1\/1 .*\n[\s\S]*: tracing_mark_write: one\n$/)
    write('/sys/kernel/tracing/trace', '', O_TRUNC)
    expect(trace()).toMatch(/0\/0 /)
  })

  test.each([
    ['another user', [], 1000, -EACCES],
    ['lockdown', [LOCKDOWN_TRACEFS], 0, -EPERM],
    ['lockdown of debugfs alone', [LOCKDOWN_DEBUGFS], 0, 0],
  ] as const)('%s', (_, closed, uid, rc) => {
    const { sys, fork } = setUp(closed)
    const path = '/sys/kernel/tracing/README'
    expect(errnoName(Math.min(0, sys.openat(fork(undefined, uid), AT_FDCWD, path, O_RDONLY, 0)))).toBe(errnoName(rc))
  })
})

describe('debugfs', () => {
  const VERBOSE = '/sys/kernel/debug/sched/verbose'

  test('a switch', () => {
    const { cat, init, write, locked } = setUp()
    expect([cat(init, VERBOSE), write(VERBOSE, 'on\n'), cat(init, VERBOSE), write(VERBOSE, 'x')])
      .toEqual(['N\n', 3, 'Y\n', -EINVAL])
    expect(new Set(locked)).toEqual(new Set([LOCKDOWN_DEBUGFS]))
  })

  test('lockdown closes what can be written, and holds owners and modes', () => {
    const { sys, init } = setUp([LOCKDOWN_DEBUGFS])
    const open = (flags: number) => Math.min(0, sys.openat(init, AT_FDCWD, VERBOSE, flags, 0))
    expect([open(O_RDONLY), open(O_RDWR)]).toEqual([-EPERM, -EPERM])
    expect([sys.chmod(init, VERBOSE, 0o444), sys.chown(init, VERBOSE, 1, 1)]).toEqual([-EPERM, -EPERM])
  })

  test('a file that all may only read is harmless', () => {
    const { sys, init, locked } = setUp()
    expect(sys.chmod(init, VERBOSE, 0o444)).toBe(0)
    locked.length = 0
    expect(sys.openat(init, AT_FDCWD, VERBOSE, O_RDONLY, 0)).toBeGreaterThanOrEqual(0)
    expect(locked).toEqual([])
  })

  test('options of the mount', () => {
    const { sys, init } = setUp()
    sys.mkdir(init, '/m', 0o755)
    const stat = new Kstat()
    expect(sys.mount(init, 'd', '/m', 'debugfs', 0, 'mode=755,uid=7,nonsense=1')).toBe(0)
    sys.stat(init, '/m', stat)
    expect([(stat.mode & 0o7777).toString(8), stat.uid]).toEqual(['755', 7])
    expect(sys.mount(init, 'd', '/m', 'debugfs', 0, 'mode=9')).toBe(-EINVAL)
    expect(sys.mount(init, 'd', '/m', 'tracefs', 0, 'nonsense=1')).toBe(-EINVAL)
  })

  test('tracing is mounted when somebody goes in, not when it is looked at', () => {
    const { sys, init, cat, mounted } = setUp()
    const stat = new Kstat()
    sys.lstat(init, '/sys/kernel/debug/tracing', stat)
    expect(mounted()).toBe(false)
    expect(cat(init, '/sys/kernel/debug/tracing/available_tracers')).toBe('nop\n')
    expect(mounted()).toBe(true)
    expect(sys.umount2(init, '/sys/kernel/debug/tracing', MNT_DETACH)).toBe(0)
    const fd = sys.openat(init, AT_FDCWD, '/sys/kernel/debug/tracing', O_RDONLY, 0)
    expect([fd >= 0, mounted()]).toEqual([true, true])
  })

  test('each namespace has its own', () => {
    const { sys, fork, cat, mounted } = setUp()
    const other = fork()
    sys.unshare(other, CLONE_NEWNS)
    expect(cat(other, '/sys/kernel/debug/tracing/trace_clock')).toMatch(/^\[local\]/)
    expect([mounted(other), mounted()]).toEqual([true, false])
    expect(sys.fchmodat2(other, AT_FDCWD, '/sys/kernel/debug/tracing', 0o755, AT_SYMLINK_NOFOLLOW)).toBe(0)
  })
})
