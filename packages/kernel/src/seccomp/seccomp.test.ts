/** The kernel's own filters: every action, order, inheritance, threads, and listeners that decide. */
import {
  CLONE_FILES, CLONE_FS, CLONE_SIGHAND, CLONE_THREAD, CLONE_VM, EACCES, EBUSY, EINPROGRESS, EINVAL, ENOENT, ENOSYS,
  EPERM, EPOLLIN, EPOLLOUT, ERESTARTSYS, ESRCH, O_RDONLY, O_RDWR, PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP,
  SECCOMP_ADDFD_FLAG_SEND, SECCOMP_FILTER_FLAG_LOG, SECCOMP_FILTER_FLAG_NEW_LISTENER, SECCOMP_FILTER_FLAG_TSYNC,
  SECCOMP_FILTER_FLAG_TSYNC_ESRCH, SECCOMP_IOCTL_NOTIF_ADDFD, SECCOMP_IOCTL_NOTIF_ID_VALID,
  SECCOMP_IOCTL_NOTIF_RECV, SECCOMP_IOCTL_NOTIF_SEND, SECCOMP_MODE_FILTER, SECCOMP_RET_ALLOW, SECCOMP_RET_ERRNO,
  SECCOMP_RET_KILL_PROCESS, SECCOMP_RET_KILL_THREAD, SECCOMP_RET_LOG, SECCOMP_RET_TRACE, SECCOMP_RET_TRAP,
  SECCOMP_RET_USER_NOTIF, SECCOMP_SET_MODE_FILTER, SECCOMP_USER_NOTIF_FLAG_CONTINUE, SIGSYS, SYS_mkdir, SYS_open,
  waitSignalled,
} from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import type { SockFilter } from '../state/seccomp/classic.ts'
import { expect, test } from 'vitest'
import { bootForTest } from '../testing/boot.ts'
import type { TestKernel } from '../testing/boot.ts'
import type { SeccompNotif } from './notify.ts'

const op = (code: number, k = 0, jt = 0, jf = 0): SockFilter => ({ code, jt, jf, k })
/** `answer` for the call of that number, allow for the rest. */
const on = (nr: number, answer: number) => {
  const filter = [op(0x20, 0), op(0x15, nr, 0, 1), op(0x06, answer), op(0x06, SECCOMP_RET_ALLOW)]
  return { len: filter.length, filter }
}
const attach = ({ sys }: TestKernel, task: Task, nr: number, answer: number, flags = 0): number =>
  sys.seccomp(task, SECCOMP_SET_MODE_FILTER, flags, on(nr, answer))

test.each([
  ['allow', SECCOMP_RET_ALLOW, 0],
  ['log', SECCOMP_RET_LOG, 0],
  ['an errno', SECCOMP_RET_ERRNO | EACCES, -EACCES],
  ['an errno that is too large', SECCOMP_RET_ERRNO | 0xffff, -4095],
  ['a tracer that is not there', SECCOMP_RET_TRACE, -ENOSYS],
  ['a listener that is not there', SECCOMP_RET_USER_NOTIF, -ENOSYS],
])('%s', (_what, answer, rc) => {
  const kernel = bootForTest()
  const task = kernel.fork()
  expect(attach(kernel, task, SYS_mkdir, answer)).toBe(0)
  expect(kernel.sys.mkdir(task, '/d', 0o755)).toBe(rc)
  expect(kernel.sys.mkdir(kernel.init, '/e', 0o755)).toBe(0)
})

test.each([
  ['the process', SECCOMP_RET_KILL_PROCESS], ['the thread', SECCOMP_RET_KILL_THREAD], ['by a trap', SECCOMP_RET_TRAP],
])('ends %s by SIGSYS, and the call is not made', (_what, answer) => {
  const kernel = bootForTest()
  const task = kernel.fork()
  attach(kernel, task, SYS_mkdir, answer)
  kernel.sys.mkdir(task, '/d', 0o755)
  expect(task.exit_code & 0x7f).toBe(waitSignalled(SIGSYS, false))
  expect(kernel.sys.rmdir(kernel.init, '/d')).toBe(-ENOENT)
})

test('the most severe answer counts; children have what their parents have, and execve changes nothing', () => {
  const kernel = bootForTest()
  const { sys, fork } = kernel
  const task = fork()
  attach(kernel, task, SYS_mkdir, SECCOMP_RET_ERRNO | EACCES)
  attach(kernel, task, SYS_mkdir, SECCOMP_RET_LOG)
  attach(kernel, task, SYS_mkdir, SECCOMP_RET_ERRNO | EPERM)
  expect(sys.mkdir(task, '/d', 0o755)).toBe(-EPERM)
  const child = fork(task)
  expect(sys.mkdir(child, '/d', 0o755)).toBe(-EPERM)
  const status = sys.open(child, '/proc/self/status', O_RDONLY, 0)
  const text = new Uint8Array(4096)
  expect(new TextDecoder().decode(text.subarray(0, sys.read(child, status, text)))).toContain(
    'Seccomp:\t2\nSeccomp_filters:\t3\n')
})

test('by prctl too, and without privilege after no_new_privs alone', () => {
  const { sys, init, fork } = bootForTest()
  const user = fork(init, 1000)
  const filter = on(SYS_mkdir, SECCOMP_RET_ERRNO | EPERM) as never
  expect(sys.prctl(user, PR_SET_SECCOMP, SECCOMP_MODE_FILTER, filter, 0, 0)).toBe(-EACCES)
  sys.prctl(user, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
  expect(sys.prctl(user, PR_SET_SECCOMP, SECCOMP_MODE_FILTER, filter, 0, 0)).toBe(0)
  expect(sys.mkdir(user, '/tmp/d', 0o755)).toBe(-EPERM)
  expect(sys.prctl(user, PR_SET_SECCOMP, 7, 0, 0, 0)).toBe(-EINVAL)
})

const THREAD = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD

test('threads follow, unless they have filters of their own', () => {
  const kernel = bootForTest()
  const { sys, fork, machine } = kernel
  const task = fork()
  const thread = machine.tasks.find(sys.clone(task, THREAD, 0, null, null, 0))!
  sys.prctl(task, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
  expect(attach(kernel, task, SYS_mkdir, SECCOMP_RET_ERRNO | EPERM, SECCOMP_FILTER_FLAG_TSYNC)).toBe(0)
  expect(sys.mkdir(thread, '/d', 0o755)).toBe(-EPERM)
  expect(thread.atomic_flags & 1).toBe(task.atomic_flags & 1)
  expect(attach(kernel, thread, SYS_open, SECCOMP_RET_ALLOW)).toBe(0)
  const both = SECCOMP_FILTER_FLAG_TSYNC | SECCOMP_FILTER_FLAG_TSYNC_ESRCH
  expect(attach(kernel, task, SYS_open, SECCOMP_RET_ERRNO | EPERM, SECCOMP_FILTER_FLAG_TSYNC)).toBe(thread.pid)
  expect(attach(kernel, task, SYS_open, SECCOMP_RET_ERRNO | EPERM, both)).toBe(-ESRCH)
  expect(sys.open(task, '/dev/null', O_RDONLY, 0)).toBeGreaterThanOrEqual(0)
})

test('what a filter asked to be logged, and SECCOMP_RET_LOG, are in the log of the kernel', () => {
  const kernel = bootForTest()
  const task = kernel.fork()
  attach(kernel, task, SYS_mkdir, SECCOMP_RET_ERRNO | EPERM, SECCOMP_FILTER_FLAG_LOG)
  kernel.sys.mkdir(task, '/d', 0o755)
  attach(kernel, task, SYS_open, SECCOMP_RET_LOG)
  kernel.sys.open(task, '/dev/null', O_RDONLY, 0)
  const lines = kernel.machine.log.records.map(({ text }) => text).filter((text) => text.includes('type=1326'))
  expect(lines.map((text) => /syscall=\d+/.exec(text)?.[0])).toEqual(['syscall=83', 'syscall=2'])
})

/** A task whose mkdir is decided by init, who has the listener. */
const supervised = () => {
  const kernel = bootForTest()
  const { sys, init, fork } = kernel
  const task = fork()
  const theirs = attach(kernel, task, SYS_mkdir, SECCOMP_RET_USER_NOTIF, SECCOMP_FILTER_FLAG_NEW_LISTENER)
  const listener = sys.pidfd_getfd(init, sys.pidfd_open(init, task.pid, 0), theirs, 0)
  const recv = () => {
    const notif = {} as SeccompNotif
    return { rc: sys.ioctl(init, listener, SECCOMP_IOCTL_NOTIF_RECV, notif), notif }
  }
  const send = (resp: object) => sys.ioctl(init, listener, SECCOMP_IOCTL_NOTIF_SEND, resp)
  const mkdir = () => sys.mkdir(task, '/d', 0o755)
  return { kernel, sys, init, task, theirs, listener, recv, send, mkdir }
}

test('a listener answers in the place of the call', () => {
  const { sys, init, task, listener, recv, send, mkdir } = supervised()
  expect(recv().rc).toBe(-ERESTARTSYS)
  expect(mkdir()).toBe(-ERESTARTSYS)
  const { rc, notif } = recv()
  expect([rc, notif.pid, notif.nr, notif.args.slice(0, 2)]).toEqual([0, task.pid, SYS_mkdir, ['/d', 0o755]])
  expect(sys.ioctl(init, listener, SECCOMP_IOCTL_NOTIF_ID_VALID, { value: notif.id })).toBe(0)
  expect(send({ id: notif.id + 1 })).toBe(-ENOENT)
  expect(send({ id: notif.id, flags: 2 })).toBe(-EINVAL)
  expect(send({ id: notif.id, error: -EPERM, flags: SECCOMP_USER_NOTIF_FLAG_CONTINUE })).toBe(-EINVAL)
  expect(mkdir()).toBe(-ERESTARTSYS)
  expect(send({ id: notif.id, error: -EPERM })).toBe(0)
  expect(send({ id: notif.id, error: -EPERM })).toBe(-EINPROGRESS)
  expect(mkdir()).toBe(-EPERM)
  expect(sys.ioctl(init, listener, SECCOMP_IOCTL_NOTIF_ID_VALID, { value: notif.id })).toBe(-ENOENT)
})

test('a value, or leave to go on', () => {
  const { recv, send, mkdir, sys, init } = supervised()
  mkdir()
  send({ id: recv().notif.id, val: 7 })
  expect(mkdir()).toBe(7)
  mkdir()
  send({ id: recv().notif.id, flags: SECCOMP_USER_NOTIF_FLAG_CONTINUE })
  expect(mkdir()).toBe(0)
  expect(sys.rmdir(init, '/d')).toBe(0)
})

test('a listener can be polled; without it calls answer ENOSYS; a second one there is not', () => {
  const { kernel, sys, init, task, theirs, listener, recv, mkdir } = supervised()
  const events = () => {
    const fds = [{ fd: listener, events: EPOLLIN | EPOLLOUT, revents: 0 }]
    sys.poll(init, fds, 1, 0)
    return fds[0]!.revents
  }
  expect(events()).toBe(0)
  mkdir()
  expect(events()).toBe(EPOLLIN)
  recv()
  expect(events()).toBe(EPOLLOUT)
  expect(attach(kernel, task, SYS_open, SECCOMP_RET_ALLOW, SECCOMP_FILTER_FLAG_NEW_LISTENER)).toBe(-EBUSY)
  sys.close(init, listener)
  sys.close(task, theirs)
  expect(mkdir()).toBe(-ENOSYS)
  expect(mkdir()).toBe(-ENOSYS)
})

test('a listener gives the caller a file, and with it the answer', () => {
  const { sys, init, task, listener, recv, mkdir } = supervised()
  const srcfd = sys.open(init, '/dev/null', O_RDWR, 0)
  mkdir()
  const { id } = recv().notif
  const add = (more: object) => sys.ioctl(init, listener, SECCOMP_IOCTL_NOTIF_ADDFD, { id, srcfd, ...more })
  expect(add({ newfd: 9 })).toBe(-EINVAL)
  const fd = add({ flags: SECCOMP_ADDFD_FLAG_SEND })
  expect(mkdir()).toBe(fd)
  expect(sys.write(task, fd, new Uint8Array(3))).toBe(3)
})

test('a caller that dies is not waited for', () => {
  const { sys, task, recv, send, mkdir } = supervised()
  mkdir()
  const { id } = recv().notif
  sys.exit_group(task, 0)
  expect(send({ id, val: 1 })).toBe(-ENOENT)
})
