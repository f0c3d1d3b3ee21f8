/** The memory controller: who pays, whose limit refuses, what the files say, and where the controller may be on. */
import {
  AT_FDCWD, CLONE_SIGHAND, CLONE_THREAD, CLONE_VM, ENOMEM, EPOLLPRI, errnoName, O_CREAT, O_RDONLY, O_RDWR, O_WRONLY,
  WNOHANG,
} from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import { expect, test } from 'vitest'
import { bootForTest } from '../testing/boot.ts'
import { fdTable } from '../state/vfs/fdtable.ts'
import { fileState } from '../state/vfs/state.ts'

const ROOT = '/sys/fs/cgroup'
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

const setUp = (): ReturnType<typeof world> => {
  const made = world()
  made.write('cgroup.subtree_control', '+memory +pids')
  made.mkdir('a')
  made.write('a/cgroup.subtree_control', '+memory')
  made.mkdir('a/b')
  return made
}
const world = () => {
  const kernel = bootForTest()
  const { sys, init, cat } = kernel
  const write = (place: string, text: string): string => {
    const fd = sys.openat(init, AT_FDCWD, `${ROOT}/${place}`, O_WRONLY, 0)
    if (fd < 0) return `open ${errnoName(fd)}`
    const rc = sys.write(init, fd, bytes(text))
    sys.close(init, fd)
    return rc < 0 ? errnoName(rc) : 'ok'
  }
  const read = (place: string): string => String(cat(init, `${ROOT}/${place}`))
  const mkdir = (place: string): string => errnoName(sys.mkdir(init, `${ROOT}/${place}`, 0o755))
  const move = (task: Task, place: string): string => write(`${place}/cgroup.procs`, `${task.pid}`)
  const current = (place: string): number => Number(read(`${place}/memory.current`))
  const file = (task: Task, path: string, size: number): number => {
    const fd = sys.openat(task, AT_FDCWD, path, O_CREAT | O_RDWR, 0o644)
    return fd < 0 ? fd : sys.write(task, fd, new Uint8Array(size))
  }
  return { ...kernel, write, read, mkdir, move, current, file }
}

test('a group pays for what its tasks make, also when they have left, until it goes', () => {
  const { fork, move, current, file, sys, init } = setUp()
  const task = fork()
  expect([move(task, 'a/b'), current('a/b')]).toEqual(['ok', 0])
  expect(file(task, '/tmp/f', 100_000)).toBe(100_000)
  const charged = current('a/b')
  expect([charged > 100_000, current('a') >= charged]).toEqual([true, true])
  expect([move(task, 'a'), move(task, '.'), current('a/b')]).toEqual(['EBUSY', 'ok', charged])
  sys.exit_group(task, 0)
  sys.wait4(init, task.pid, null, WNOHANG, null)
  sys.unlink(init, '/tmp/f')
  expect([current('a/b'), current('a')]).toEqual([0, 0])
})

test.each([['a', [4, 4]], ['a/b', [0, 4]]])('the limit of %s refuses, and tells', (limited, [local, below]) => {
  const { fork, move, write, read, file, sys, init, current } = setUp()
  const task = fork()
  move(task, 'a/b')
  expect(write(`${limited}/memory.max`, '300K')).toBe('ok')
  const fd = sys.openat(init, AT_FDCWD, `${ROOT}/a/b/memory.events`, O_RDONLY, 0)
  sys.read(init, fd, new Uint8Array(200))
  const events = fdTable(init).get(fd)!
  const poll = (): number => fileState(events).f_op.poll!(events) & EPOLLPRI
  expect([file(task, '/tmp/f', 100_000), poll()]).toEqual([100_000, 0])
  const rcs = [1, 2, 3].map((i) => file(task, `/tmp/f${i}`, 500_000))
  expect([rcs[0]! > 0 && rcs[0]! < 500_000, rcs.slice(1).every((rc) => rc === -ENOMEM || rc > 0)]).toEqual([true, true])
  expect([current(limited) <= 300 * 1024, sys.fork(task)]).toEqual([true, -ENOMEM])
  // others have room
  expect(file(init, '/tmp/g', 500_000)).toBe(500_000)
  const count = (place: string): number => Number(/^max (\d+)$/m.exec(read(place))![1])
  expect([count(`${limited}/memory.events.local`) > 0, count(`${limited}/memory.events`) > 0]).toEqual([true, true])
  expect([count('a/b/memory.events.local') > 0, poll() !== 0]).toEqual([local === 0, local === 0])
  expect(count('a/memory.events') > 0).toBe(below > 0)
})

test.each([
  ['max', 'ok', 'max\n'],
  ['4096', 'ok', '4096\n'],
  ['5000', 'ok', '4096\n'],
  [' 1M\n', 'ok', '1048576\n'],
  ['0x1000', 'ok', '4096\n'],
  ['-1', 'EINVAL', 'max\n'],
  ['1x', 'EINVAL', 'max\n'],
  ['', 'ok', 'max\n'],
])('memory.max takes `%s`: %s', (text, answer, shown) => {
  const { write, read } = setUp()
  expect([write('a/memory.max', text), read('a/memory.max')]).toEqual([answer, shown])
})

test('what the files say of a new group', () => {
  const { read, write, sys, init } = setUp()
  expect(read('a/b/memory.events')).toBe('low 0\nhigh 0\nmax 0\noom 0\noom_kill 0\noom_group_kill 0\n')
  expect([read('cgroup.controllers'), read('a/cgroup.controllers'), read('a/b/cgroup.controllers')])
    .toEqual(['memory pids\n', 'memory pids\n', 'memory\n'])
  expect(write('a/b/memory.current', '0')).toBe('EINVAL')
  expect(errnoName(sys.access(init, `${ROOT}/memory.current`, 0))).toBe('ENOENT')
  expect(read('a/cgroup.stat')).toContain('nr_subsys_memory 2\nnr_subsys_pids 1\n')
})

test('it rules processes, so it is not on in the middle of one', () => {
  const { write, mkdir, fork, move, machine, sys, read } = world()
  write('cgroup.subtree_control', '+pids +memory')
  mkdir('t')
  mkdir('t/x')
  expect([write('t/x/cgroup.type', 'threaded'), read('t/x/cgroup.controllers')]).toEqual(['ok', ''])
  expect(write('t/cgroup.subtree_control', '+memory')).toBe('EOPNOTSUPP')
  expect([write('t/cgroup.subtree_control', '+pids'), read('t/x/cgroup.controllers')]).toEqual(['ok', 'pids\n'])
  const task = fork()
  expect(move(task, 't')).toBe('ok')
  const thread = machine.tasks.find(sys.clone(task, CLONE_VM | CLONE_SIGHAND | CLONE_THREAD, 0, null, null, 0))!
  expect(write('t/x/cgroup.threads', `${thread.pid}`)).toBe('ok')
  mkdir('d')
  mkdir('d/y')
  write('d/cgroup.subtree_control', '+memory')
  expect([write('d/y/cgroup.type', 'threaded'), move(task, 'd')]).toEqual(['EOPNOTSUPP', 'EBUSY'])
})
