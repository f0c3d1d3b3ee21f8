/** Control groups as files: the rules of the hierarchy, of moving tasks, of namespaces, freezing and counting. */
import {
  AT_FDCWD, CLONE_INTO_CGROUP, CLONE_NEWCGROUP, CLONE_NEWNS, CLONE_PIDFD, CLONE_SIGHAND, CLONE_THREAD, CLONE_VM,
  EAGAIN, EBADF, EINVAL, ENODEV, EPERM, EPOLLERR, EPOLLPRI, errnoName, IN_MODIFY, IN_NONBLOCK,
  MS_REMOUNT, O_PATH, O_RDONLY, O_RDWR, O_WRONLY, PF_EXITING, SIGCHLD, SIGCONT, SIGSTOP, SIGUSR1, WNOHANG,
} from '@lsmkit/abi'
import { defineLsm } from '@lsmkit/core'
import type { Task } from '@lsmkit/core'
import { describe, expect, test } from 'vitest'
import { threadOf } from '../state/task/thread.ts'
import { bootForTest } from '../testing/boot.ts'
import { fdTable } from '../state/vfs/fdtable.ts'
import { Kstat } from '../state/vfs/kstat.ts'
import { fileState } from '../state/vfs/state.ts'

const ROOT = '/sys/fs/cgroup'
const outcome = (rc: number): string => (rc === 0 ? 'OK' : errnoName(rc))
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

const setUp = (options: Parameters<typeof bootForTest>[0] = {}) => {
  const kernel = bootForTest(options)
  const { sys, init, cat, machine } = kernel
  const at = (place: string): string => `${ROOT}/${place}`
  const write = (place: string, text: string, by: Task = init): string => {
    const fd = sys.openat(by, AT_FDCWD, at(place), O_WRONLY, 0)
    if (fd < 0) return `open ${errnoName(fd)}`
    const rc = sys.write(by, fd, bytes(text))
    if ((by.flags & PF_EXITING) === 0) sys.close(by, fd)
    return rc < 0 ? errnoName(rc) : 'ok'
  }
  const read = (place: string, by: Task = init): string => {
    const text = cat(by, at(place))
    return typeof text === 'number' ? errnoName(text) : text
  }
  const mkdir = (place: string, by: Task = init): string => outcome(sys.mkdir(by, at(place), 0o755))
  const rmdir = (place: string, by: Task = init): string => outcome(sys.rmdir(by, at(place)))
  const move = (task: Task, place: string, by: Task = init): string => write(`${place}/cgroup.procs`, `${task.pid}`, by)
  const thread = (of: Task): Task =>
    machine.tasks.find(sys.clone(of, CLONE_VM | CLONE_SIGHAND | CLONE_THREAD, 0, null, null, 0))!
  const groupOf = (task: Task, by: Task = init): string => String(cat(by, `/proc/${task.pid}/cgroup`))
  const into = (place: string, by: Task = init, size = 88): number => {
    const cgroup = sys.openat(by, AT_FDCWD, at(place), O_PATH, 0)
    const rc = sys.clone3(by, { flags: CLONE_INTO_CGROUP, exit_signal: SIGCHLD, cgroup }, size)
    sys.close(by, cgroup)
    return rc
  }
  return { ...kernel, at, write, read, mkdir, rmdir, move, thread, groupOf, into }
}

describe('the hierarchy', () => {
  test('groups are directories with files of their maker', () => {
    const { mkdir, read, sys, init, at, fork, groupOf, move, rmdir } = setUp()
    expect([mkdir('a'), mkdir('a/b'), mkdir('a'), mkdir('x\ny')]).toEqual(['OK', 'OK', 'EEXIST', 'EINVAL'])
    expect(read('a/cgroup.stat')).toMatch(/^nr_descendants 1\n/)
    const child = fork()
    expect([move(child, 'a/b'), groupOf(child), read('a/b/cgroup.procs')])
      .toEqual(['ok', '0::/a/b\n', `${child.pid}\n`])
    expect([rmdir('a'), rmdir('a/b')]).toEqual(['EBUSY', 'EBUSY'])
    sys.exit_group(child, 0)
    expect([rmdir('a/b'), groupOf(child)]).toEqual(['OK', '0::/a/b (deleted)\n'])
    expect(read('a/cgroup.stat')).toMatch(/^nr_descendants 0\n[^]*nr_dying_descendants 1\n/)
    sys.wait4(init, child.pid, null, WNOHANG, null)
    expect(read('a/cgroup.stat')).toMatch(/nr_dying_descendants 0\n/)
    expect([errnoName(sys.rename(init, at('a'), at('c'))), errnoName(sys.unlink(init, at('a/cgroup.procs')))])
      .toEqual(['EPERM', 'EPERM'])
  })

  test.each([
    ['cgroup.max.depth', '1', ['OK', 'EAGAIN']],
    ['cgroup.max.depth', '0', ['EAGAIN', 'EAGAIN']],
    ['cgroup.max.descendants', '1', ['OK', 'EAGAIN']],
    ['cgroup.max.descendants', 'max', ['OK', 'OK']],
  ])('%s of %s', (file, limit, answers) => {
    const { mkdir, write } = setUp()
    mkdir('a')
    expect(write(`a/${file}`, limit)).toBe('ok')
    const first = mkdir('a/b')
    expect([first, mkdir(first === 'OK' ? 'a/b/c' : 'a/c')]).toEqual(answers)
  })

  test.each([
    ['cgroup.max.depth', '-1', 'ERANGE'],
    ['cgroup.max.depth', '2147483648', 'ERANGE'],
    ['cgroup.max.depth', 'x', 'EINVAL'],
    ['cgroup.max.depth', '0x10', 'ok'],
    ['cgroup.max.depth', '08', 'EINVAL'],
    ['cgroup.freeze', '2', 'ERANGE'],
    ['cgroup.kill', '0', 'ERANGE'],
    ['cgroup.type', 'domain', 'EINVAL'],
    ['cgroup.subtree_control', 'pids', 'EINVAL'],
    ['cgroup.subtree_control', '+cpu', 'EINVAL'],
    ['cgroup.subtree_control', '+memory', 'ENOENT'],
    ['cgroup.subtree_control', '+pids', 'ENOENT'],
    ['cgroup.procs', 'x', 'EINVAL'],
    ['cgroup.procs', '-1', 'EINVAL'],
    ['cgroup.procs', '99999', 'ESRCH'],
    ['cgroup.events', '1', 'EINVAL'],
    ['cgroup.procs', ' '.repeat(4097), 'E2BIG'],
    ['cgroup.procs', '', 'ok'],
  ])('%s takes `%s`: %s', (file, text, answer) => {
    const { mkdir, write } = setUp()
    mkdir('a')
    expect(write(`a/${file}`, text)).toBe(answer)
  })

  test('what is open of a removed group is dead', () => {
    const { mkdir, rmdir, sys, init, at, read } = setUp()
    mkdir('a')
    const fd = sys.openat(init, AT_FDCWD, at('a/cgroup.procs'), O_RDWR, 0)
    const dir = sys.openat(init, AT_FDCWD, at('a'), O_RDONLY, 0)
    expect([rmdir('a'), mkdir('a')]).toEqual(['OK', 'OK'])
    expect([sys.write(init, fd, bytes('0')), sys.read(init, fd, new Uint8Array(8))]).toEqual([-ENODEV, -ENODEV])
    expect(errnoName(sys.mkdirat(init, dir, 'b', 0o755))).toBe('ENOENT')
    expect(read('a/cgroup.procs')).toBe('')
  })

  test('a refused node refuses the group, with nothing left behind', () => {
    const refused = ['a', 'pids.events']
    const lsm = defineLsm({
      name: 'refuser',
      abi: '1.0', id: 200,
      hooks: { kernfs_init_security: (_dir, { name }) => (refused.includes(name) ? -EPERM : 0) },
    })
    const { mkdir, write, read, sys, init, at } = setUp({ lsms: [lsm] })
    expect([mkdir('a'), mkdir('b')]).toEqual(['ENOMEM', 'OK'])
    expect([write('cgroup.subtree_control', '+pids'), read('cgroup.subtree_control')]).toEqual(['ENOMEM', ''])
    expect(errnoName(sys.access(init, at('b/pids.max'), 0))).toBe('ENOENT')
    expect(mkdir('c')).toBe('OK')
  })

  test('LSMs are asked of the directory and of each file, owned by who makes them', () => {
    const { trace, mkdir, sys, init, at } = setUp()
    const asked = trace(() => mkdir('a'))
    expect(asked.filter((name) => name === 'kernfs_init_security')).toHaveLength(14)
    const buf = new Uint8Array(64)
    expect([sys.setxattr(init, at('a'), 'user.k', bytes('v'), 0), sys.getxattr(init, at('a'), 'user.k', buf)])
      .toEqual([0, 1])
    const large = bytes('x'.repeat(60_000))
    const store = (n: number): string => outcome(sys.setxattr(init, at('a'), `user.${n}`, large, 0))
    expect([store(1), store(2), store(3)]).toEqual(['OK', 'OK', 'ENOSPC'])
  })
})

describe('who may move whom', () => {
  /** Groups a and a/b belong to user 1000; c does not. */
  const delegated = () => {
    const kernel = setUp()
    const { mkdir, sys, init, at, fork } = kernel
    for (const group of ['a', 'a/b', 'c']) mkdir(group)
    for (const place of ['a', 'a/cgroup.procs', 'a/b', 'a/b/cgroup.procs']) sys.chown(init, at(place), 1000, 1000)
    return { ...kernel, user: fork(init, 1000), child: fork(init, 1000) }
  }

  test('within what is one\'s own, but not into it or out of it', () => {
    const { move, user, child } = delegated()
    expect(move(child, 'a', user)).toBe('EACCES')
    expect([move(child, 'a'), move(child, 'a/b', user), move(child, 'c', user)]).toEqual(['ok', 'ok', 'open EACCES'])
  })

  test('who opened the file is asked about, not who writes', () => {
    const { sys, init, user, child, at, move } = delegated()
    move(child, 'c')
    const fd = sys.openat(user, AT_FDCWD, at('a/cgroup.procs'), O_WRONLY, 0)
    const file = fdTable(user).get(fd)!
    file.f_count++
    fdTable(init).install(50, file)
    expect(errnoName(sys.write(init, 50, bytes(String(child.pid))))).toBe('EACCES')
  })

  test('CLONE_INTO_CGROUP', () => {
    const { into, user, sys, init, groupOf, machine, at, mkdir, rmdir } = delegated()
    const born = machine.tasks.find(into('a/b'))!
    expect(groupOf(born)).toBe('0::/a/b\n')
    expect([errnoName(into('a/b', user)), errnoName(into('c', user)), into('a', init, 80)])
      .toEqual(['EACCES', 'EACCES', -EINVAL])
    const clone = (cgroup: number): number => sys.clone3(init, { flags: CLONE_INTO_CGROUP, cgroup }, 88)
    const [file, tmp] = [at('a/cgroup.procs'), '/tmp'].map((path) => sys.openat(init, AT_FDCWD, path, O_RDONLY, 0))
    expect([clone(file!), clone(tmp!), clone(99)]).toEqual([-EBADF, -EBADF, -EBADF])
    mkdir('gone')
    const gone = sys.openat(init, AT_FDCWD, at('gone'), O_RDONLY, 0)
    rmdir('gone')
    expect(errnoName(clone(gone))).toBe('ENOENT')
  })
})

describe('cgroup namespaces', () => {
  const inside = () => {
    const kernel = setUp()
    const { mkdir, fork, move, sys } = kernel
    for (const group of ['a', 'a/b', 'c']) mkdir(group)
    const task = fork()
    move(task, 'a')
    sys.unshare(task, CLONE_NEWCGROUP | CLONE_NEWNS)
    return { ...kernel, task }
  }

  test('its group is the root, and others lie above', () => {
    const { task, fork, move, groupOf, cat } = inside()
    const [below, beside] = [fork(task), fork()]
    move(below, 'a/b')
    move(beside, 'c')
    expect([task, below, beside].map((one) => groupOf(one, task))).toEqual(['0::/\n', '0::/b\n', '0::/../c\n'])
    expect(groupOf(task)).toBe('0::/a\n')
    expect(cat(task, '/proc/self/mountinfo')).toContain(' /.. /sys/fs/cgroup ')
  })

  test('a mount shows the root of who mounts', () => {
    const { task, sys, cat, init } = inside()
    sys.mkdir(task, '/tmp/cg', 0o755)
    expect(sys.mount(task, 'cg', '/tmp/cg', 'cgroup2', 0, null)).toBe(0)
    expect(cat(task, '/tmp/cg/cgroup.procs')).toBe(`${task.pid}\n`)
    expect(cat(task, '/proc/self/mountinfo')).toContain(' / /tmp/cg ')
    expect(cat(init, '/proc/self/mountinfo')).toContain(' / /sys/fs/cgroup ')
  })

  test('where namespaces are borders: own limits stay closed, and nothing crosses', () => {
    const { task, write, fork, move } = inside()
    const beside = fork()
    move(beside, 'c')
    expect(write('a/cgroup.max.depth', '1', task)).toBe('EPERM')
    expect(write('a/b/cgroup.max.depth', '1', task)).toBe('ok')
    expect([move(beside, 'a', task), move(task, 'a/b', task), move(task, 'c', task)])
      .toEqual(['ENOENT', 'ok', 'ENOENT'])
  })

  test('only the first namespace sets what the hierarchy is like', () => {
    const { task, sys, init, cat, write } = inside()
    expect(sys.mount(task, null, ROOT, null, MS_REMOUNT, 'favordynmods')).toBe(0)
    expect(cat(init, '/proc/self/mounts')).toContain('cgroup2 rw,relatime,nsdelegate ')
    expect(sys.mount(init, null, ROOT, null, MS_REMOUNT, 'favordynmods')).toBe(0)
    expect(cat(init, '/proc/self/mounts')).toContain('cgroup2 rw,relatime,favordynmods ')
    expect(write('a/cgroup.max.depth', '1', task)).toBe('ok')
    expect(sys.mount(init, null, ROOT, null, MS_REMOUNT, 'nonsense')).toBe(-EINVAL)
  })

  test('one that is made with a task has its root where the task is', () => {
    const { sys, machine, at, init, groupOf } = inside()
    const cgroup = sys.openat(init, AT_FDCWD, at('c'), O_RDONLY, 0)
    const task = machine.tasks.find(sys.clone3(init, { flags: CLONE_NEWCGROUP + CLONE_INTO_CGROUP, cgroup }, 88))!
    expect([groupOf(task), groupOf(task, task)]).toEqual(['0::/c\n', '0::/\n'])
  })
})

describe('controllers and processes beside them', () => {
  test('groups with processes give their children no controllers, but may begin to be threaded', () => {
    const { mkdir, write, fork, move, read } = setUp()
    for (const group of ['a', 'a/b', 'a/b/c']) mkdir(group)
    write('cgroup.subtree_control', '+pids')
    const [one, two] = [fork(), fork()]
    move(one, 'a')
    move(two, 'a/b')
    expect([read('a/cgroup.controllers'), read('a/cgroup.subtree_control')]).toEqual(['pids\n', ''])
    expect(write('a/cgroup.subtree_control', '+pids')).toBe('EBUSY')
    move(two, '.')
    expect([write('a/cgroup.subtree_control', '+pids'), read('a/cgroup.type')]).toEqual(['ok', 'domain threaded\n'])
    expect([read('a/b/cgroup.type'), move(two, 'a/b')]).toEqual(['domain invalid\n', 'EOPNOTSUPP'])
  })

  test('a controller stays as long as a group below needs it', () => {
    const { mkdir, write, read } = setUp()
    for (const group of ['a', 'a/b']) mkdir(group)
    expect(write('a/cgroup.subtree_control', '+pids')).toBe('ENOENT')
    write('cgroup.subtree_control', '+pids')
    write('a/cgroup.subtree_control', '+pids')
    expect([write('cgroup.subtree_control', '-pids'), read('a/b/pids.max')]).toEqual(['EBUSY', 'max\n'])
    expect([write('a/cgroup.subtree_control', '+pids -pids'), read('a/b/pids.max')]).toEqual(['ok', 'ENOENT'])
    expect([write('cgroup.subtree_control', '-pids'), read('a/pids.max')]).toEqual(['ok', 'ENOENT'])
  })

  test('threads of one process in several groups', () => {
    const { mkdir, write, read, fork, thread, move, sys, groupOf } = setUp()
    for (const group of ['a', 'a/t', 'b']) mkdir(group)
    const task = fork()
    move(task, 'a')
    const other = thread(task)
    expect(write('a/t/cgroup.threads', `${other.pid}`)).toBe('EOPNOTSUPP')
    expect([write('a/t/cgroup.type', 'threaded'), read('a/t/cgroup.type'), read('a/cgroup.type')])
      .toEqual(['ok', 'threaded\n', 'domain threaded\n'])
    expect([write('a/t/cgroup.threads', `${other.pid}`), write('b/cgroup.threads', `${other.pid}`)])
      .toEqual(['ok', 'EOPNOTSUPP'])
    expect([read('a/t/cgroup.threads'), read('a/t/cgroup.procs'), read('a/cgroup.procs'), groupOf(other)])
      .toEqual([`${other.pid}\n`, 'EOPNOTSUPP', `${task.pid}\n`, '0::/a/t\n'])
    expect(write('a/t/cgroup.kill', '1')).toBe('EOPNOTSUPP')
    // a leader that has ended stands for its process
    sys.exit(task, 0)
    expect([read('a/cgroup.procs'), read('a/cgroup.threads')]).toEqual([`${task.pid}\n`, ''])
    expect([move(task, 'b'), read('a/cgroup.events')]).toEqual(['ok', expect.stringContaining('populated 0')])
    expect(groupOf(other)).toBe('0::/b\n')
  })
})

describe('pids', () => {
  const counted = (limit: string) => {
    const kernel = setUp()
    const { mkdir, write, fork, move } = kernel
    mkdir('a')
    write('cgroup.subtree_control', '+pids')
    write('a/cgroup.subtree_control', '+pids')
    mkdir('a/b')
    const task = fork()
    move(task, 'a/b')
    write('a/pids.max', limit)
    return { ...kernel, task }
  }

  test('a fork beyond the limit of a group above is refused, and told there', () => {
    const { sys, task, read } = counted('2')
    const fd = sys.openat(task, AT_FDCWD, '/dev/null', O_RDONLY, 0)
    expect([sys.fork(task) > 0, sys.fork(task)]).toEqual([true, -EAGAIN])
    expect(sys.clone3(task, { flags: CLONE_PIDFD, pidfd: { value: 0 } }, 88)).toBe(-EAGAIN)
    expect(sys.openat(task, AT_FDCWD, '/dev/null', O_RDONLY, 0)).toBe(fd + 1)
    const files = ['pids.events', 'pids.events.local']
    expect(files.map((file) => read(`a/${file}`))).toEqual(['max 2\n', 'max 2\n'])
    expect(files.map((file) => read(`a/b/${file}`))).toEqual(['max 0\n', 'max 0\n'])
  })

  test('zombies count until they are reaped, moves are never refused', () => {
    const { sys, task, read, fork, move, machine } = counted('2')
    const child = machine.tasks.find(sys.fork(task))!
    sys.exit_group(child, 0)
    expect([read('a/pids.current'), sys.fork(task)]).toEqual(['2\n', -EAGAIN])
    sys.wait4(task, child.pid, null, WNOHANG, null)
    expect(read('a/b/pids.current')).toBe('1\n')
    const others = [fork(), fork()]
    for (const other of others) expect(move(other, 'a/b')).toBe('ok')
    expect([read('a/pids.current'), read('a/pids.peak'), sys.fork(task)]).toEqual(['3\n', '3\n', -EAGAIN])
  })

  test.each([
    ['-1', 'EINVAL'], ['4194304', 'ok'], ['4194305', 'EINVAL'], ['99999999999999999999', 'ERANGE'], [' max\n', 'ok'],
  ])('pids.max of %s: %s', (text, answer) => expect(counted('max').write('a/pids.max', text)).toBe(answer))

  test('what a controller counted is forgotten with it, also by zombies', () => {
    const { sys, task, read, write, machine } = counted('max')
    const child = machine.tasks.find(sys.fork(task))!
    sys.exit_group(child, 0)
    write('a/cgroup.subtree_control', '-pids')
    write('a/cgroup.subtree_control', '+pids')
    expect([read('a/b/pids.current'), read('a/pids.current')]).toEqual(['1\n', '2\n'])
    sys.wait4(task, child.pid, null, WNOHANG, null)
    expect([read('a/b/pids.current'), read('a/pids.current')]).toEqual(['1\n', '1\n'])
  })

  test('with pids_localevents a group tells of its own refusals alone', () => {
    const { sys, init, task, read } = counted('1')
    sys.mount(init, null, ROOT, null, MS_REMOUNT, 'pids_localevents')
    sys.fork(task)
    expect([read('a/pids.events'), read('a/b/pids.events')]).toEqual(['max 0\n', 'max 1\n'])
  })
})

describe('freezing and killing', () => {
  const cold = () => {
    const kernel = setUp()
    const { mkdir, fork, move } = kernel
    for (const group of ['a', 'a/b']) mkdir(group)
    const task = fork()
    move(task, 'a/b')
    const isFrozen = (group: string): boolean => kernel.read(`${group}/cgroup.events`).includes('frozen 1')
    return { ...kernel, task, isFrozen }
  }

  test('all below is at rest, takes no signals, and goes on when nothing holds it', () => {
    const { write, task, isFrozen, sys, init, machine, mkdir } = cold()
    sys.rt_sigaction(task, SIGUSR1, { handler: () => {}, flags: 0, mask: 0n }, null, 8)
    expect([write('a/cgroup.freeze', '1'), isFrozen('a'), isFrozen('a/b'), threadOf(task).frozen])
      .toEqual(['ok', true, true, true])
    sys.kill(init, task.pid, SIGUSR1)
    expect(machine.delivery.dequeue(task)).toBe(null)
    write('a/b/cgroup.freeze', '1')
    write('a/cgroup.freeze', '0')
    expect([isFrozen('a'), isFrozen('a/b'), threadOf(task).frozen]).toEqual([false, true, true])
    mkdir('a/b/c')
    expect(isFrozen('a/b/c')).toBe(true)
    write('a/b/cgroup.freeze', '0')
    expect([isFrozen('a/b'), isFrozen('a/b/c'), threadOf(task).frozen]).toEqual([false, false, false])
    expect(machine.delivery.dequeue(task)?.info.si_signo).toBe(SIGUSR1)
  })

  test('stopped tasks are at rest, those that come are frozen, those that leave thaw', () => {
    const { write, task, isFrozen, sys, init, fork, move, into, machine } = cold()
    sys.kill(init, task.pid, SIGSTOP)
    write('a/b/cgroup.freeze', '1')
    expect([isFrozen('a/b'), threadOf(task).frozen]).toEqual([true, false])
    sys.kill(init, task.pid, SIGCONT)
    expect(threadOf(task).frozen).toBe(true)
    const other = fork()
    move(other, 'a/b')
    expect([threadOf(other).frozen, threadOf(machine.tasks.find(into('a/b'))!).frozen]).toEqual([true, true])
    move(other, 'a')
    expect([threadOf(other).frozen, isFrozen('a/b')]).toEqual([false, true])
    sys.kill(init, task.pid, 9)
    expect(task.flags & PF_EXITING).not.toBe(0)
  })

  test('cgroup.kill ends all below, frozen or not', () => {
    const { write, task, fork, read } = cold()
    const child = fork(task)
    write('a/cgroup.freeze', '1')
    expect(write('a/cgroup.kill', '1')).toBe('ok')
    expect([task, child].every(({ flags }) => (flags & PF_EXITING) !== 0)).toBe(true)
    expect(read('a/cgroup.events')).toContain('populated 0')
  })
})

test('changes are told to who polls and to who watches', () => {
  const { mkdir, sys, init, at, fork, move, read } = setUp()
  for (const group of ['a', 'a/b']) mkdir(group)
  const fd = sys.openat(init, AT_FDCWD, at('a/cgroup.events'), O_RDONLY, 0)
  const poll = (): number => {
    const file = fdTable(init).get(fd)!
    return fileState(file).f_op.poll!(file) & (EPOLLPRI | EPOLLERR)
  }
  sys.read(init, fd, new Uint8Array(64))
  const inotify = sys.inotify_init1(init, IN_NONBLOCK)
  sys.inotify_add_watch(init, inotify, at('a/cgroup.events'), IN_MODIFY)
  expect(poll()).toBe(0)
  move(fork(), 'a/b')
  expect([poll(), sys.read(init, inotify, new Uint8Array(64)) > 0]).toEqual([EPOLLPRI | EPOLLERR, true])
  sys.pread64(init, fd, new Uint8Array(64), 0)
  expect([poll(), read('a/cgroup.events')]).toEqual([0, 'populated 1\nfrozen 0\n'])
})

test('a file handle is the number of a group, which finds it again', () => {
  const { mkdir, rmdir, sys, init, at, machine } = setUp()
  for (const group of ['a', 'a/b']) mkdir(group)
  const handle = { handle_bytes: 8, handle_type: 0, f_handle: new Uint8Array(0) }
  expect(sys.name_to_handle_at(init, AT_FDCWD, at('a/b'), handle, { value: 0 }, 0)).toBe(0)
  const stat = new Kstat()
  sys.stat(init, at('a/b'), stat)
  const id = Number(new DataView(handle.f_handle.buffer).getBigUint64(0, true))
  expect([handle.handle_type, id, machine.cgroups.programs.byId(id)?.parent?.parent])
    .toEqual([0xfe, stat.ino, machine.cgroups.root])
  const root = sys.openat(init, AT_FDCWD, ROOT, O_RDONLY, 0)
  const made = { ...handle, f_handle: handle.f_handle.slice() }
  const fd = sys.open_by_handle_at(init, root, made, O_RDONLY)
  expect(sys.readlink(init, `/proc/self/fd/${fd}`, new Uint8Array(64))).toBe(at('a/b').length)
  rmdir('a/b')
  expect(errnoName(sys.open_by_handle_at(init, root, made, O_RDONLY))).toBe('ESTALE')
})

test('a group that is gone leaves nothing', () => {
  let inodes = 0
  const lsm = defineLsm({
    name: 'counter',
    abi: '1.0', id: 200,
    hooks: { inode_alloc_security: () => (inodes++, 0), inode_free_security: () => void inodes-- },
  })
  const { mkdir, rmdir, write, read, at, sys, init, machine } = setUp({ lsms: [lsm] })
  write('cgroup.subtree_control', '+pids')
  const cycle = (): void => {
    for (const group of ['a', 'a/b']) mkdir(group)
    const fd = sys.openat(init, AT_FDCWD, at('a/cgroup.events'), O_RDONLY, 0)
    for (const file of ['pids.max', 'cgroup.procs', 'cgroup.type']) read(`a/${file}`)
    write('a/cgroup.subtree_control', '+pids')
    read('a/b/pids.max')
    for (const group of ['a/b', 'a']) rmdir(group)
    sys.close(init, fd)
  }
  cycle()
  machine.runRcu()
  const before = inodes
  for (let n = 0; n < 5; n++) cycle()
  machine.runRcu()
  expect(inodes).toBe(before)
})
