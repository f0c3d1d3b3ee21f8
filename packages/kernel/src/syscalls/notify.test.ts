/** inotify, fanotify, directory notification and file handles. */
import {
  AT_FDCWD, EBADF, EINVAL, ENOENT, EPERM, ERESTARTSYS, ESTALE, FAN_ACCESS_PERM, FAN_CLASS_CONTENT, FAN_CLASS_NOTIF,
  FAN_DENY, FAN_FS_ERROR, FAN_MARK_ADD, FAN_MARK_FILESYSTEM, FAN_MARK_MOUNT, FAN_ONDIR, FAN_OPEN, FAN_OPEN_PERM,
  FAN_REPORT_FID, F_NOTIFY, F_SETSIG, IN_ACCESS, IN_CLOSE_WRITE, IN_CREATE, IN_DELETE, IN_DELETE_SELF, IN_IGNORED,
  IN_ISDIR, IN_MASK_ADD, IN_MASK_CREATE, IN_MODIFY, IN_MOVED_FROM, IN_MOVED_TO, IN_MOVE_SELF, IN_NONBLOCK, IN_OPEN,
  IN_UNMOUNT, O_CREAT, O_DIRECT, O_RDONLY, O_RDWR, O_WRONLY, SIGIO, SIGUSR1,
} from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import { expect, test } from 'vitest'
import { bootForTest } from '../testing/boot.ts'
import type { TestKernel } from '../testing/boot.ts'

/** Mask and name of the queued events. */
const events = ({ sys }: TestKernel, task: Task, fd: number): [number, string][] => {
  const buf = new Uint8Array(4096)
  const n = sys.read(task, fd, buf)
  const view = new DataView(buf.buffer)
  const out: [number, string][] = []
  for (let at = 0; at < n; at += 16 + view.getUint32(at + 12, true)) {
    const name = new TextDecoder().decode(buf.subarray(at + 16, at + 16 + view.getUint32(at + 12, true)))
    out.push([view.getUint32(at + 4, true), name.replace(/\0+$/, '')])
  }
  return out
}

test('inotify tells of names, contents and closes in the order they happen', () => {
  const kernel = bootForTest()
  const { sys, init } = kernel
  const fd = sys.inotify_init1(init, IN_NONBLOCK)
  const mask = IN_CREATE | IN_MODIFY | IN_CLOSE_WRITE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE
  const wd = sys.inotify_add_watch(init, fd, '/tmp', mask)
  const f = sys.openat(init, AT_FDCWD, '/tmp/a', O_CREAT | O_WRONLY, 0o600)
  sys.write(init, f, Uint8Array.of(1))
  sys.close(init, f)
  sys.rename(init, '/tmp/a', '/tmp/b')
  sys.unlink(init, '/tmp/b')
  expect(events(kernel, init, fd)).toEqual([
    [IN_CREATE, 'a'], [IN_MODIFY, 'a'], [IN_CLOSE_WRITE, 'a'], [IN_MOVED_FROM, 'a'], [IN_MOVED_TO, 'b'],
    [IN_DELETE, 'b'],
  ])
  expect(sys.inotify_rm_watch(init, fd, wd)).toBe(0)
  expect(events(kernel, init, fd)).toEqual([[IN_IGNORED, '']])
  sys.mkdir(init, '/tmp/quiet', 0o700)
  expect(events(kernel, init, fd)).toEqual([])
})

test.each([
  { fd: 99, mask: IN_OPEN, path: '/tmp', rc: -EBADF },
  { fd: 0, mask: IN_OPEN, path: '/missing', rc: -ENOENT },
  { fd: 0, mask: 0, path: '/tmp', rc: -EINVAL },
])('inotify_add_watch($fd, $path, $mask) is $rc', ({ fd, mask, path, rc }) => {
  const { sys, init } = bootForTest()
  sys.inotify_init(init)
  expect(sys.inotify_add_watch(init, fd, path, mask)).toBe(rc)
})

test('any bit of inotify may be asked for, and the descriptor is looked at before what makes no sense', () => {
  const { sys, init } = bootForTest()
  const fd = sys.inotify_init1(init, IN_NONBLOCK)
  const add = (at: number, mask: number) => sys.inotify_add_watch(init, at, '/tmp', mask)
  expect([add(fd, IN_IGNORED), add(fd, 0), add(fd, 0x800000), add(fd, IN_MASK_ADD | IN_MASK_CREATE)])
    .toEqual([1, -EINVAL, -EINVAL, -EINVAL])
  expect(add(99, IN_MASK_ADD | IN_MASK_CREATE)).toBe(-EBADF)
})

test('an inode that is gone takes its watch along', () => {
  const kernel = bootForTest()
  const { sys, init, file, machine } = kernel
  file('/tmp/f', 'x')
  const fd = sys.inotify_init1(init, IN_NONBLOCK)
  sys.inotify_add_watch(init, fd, '/tmp/f', IN_OPEN)
  sys.unlink(init, '/tmp/f')
  machine.runRcu()
  expect(events(kernel, init, fd)).toEqual([[IN_IGNORED, '']])
  file('/tmp/f', 'x')
  sys.inotify_add_watch(init, fd, '/tmp', IN_DELETE)
  sys.inotify_add_watch(init, fd, '/tmp/f', IN_DELETE_SELF)
  sys.unlink(init, '/tmp/f')
  expect(events(kernel, init, fd)).toEqual([[IN_DELETE_SELF, ''], [IN_IGNORED, ''], [IN_DELETE, 'f']])
  sys.mkdir(init, '/tmp/m', 0o700)
  sys.mount(init, 't', '/tmp/m', 'tmpfs', 0, null)
  sys.inotify_add_watch(init, fd, '/tmp/m', IN_OPEN)
  sys.umount2(init, '/tmp/m', 0)
  expect(events(kernel, init, fd)).toEqual([[IN_UNMOUNT | IN_ISDIR, ''], [IN_IGNORED, '']])
})

test('every way to read and write is told of, once', () => {
  const kernel = bootForTest()
  const { sys, init, file } = kernel
  file('/tmp/in', '0123456789')
  const input = sys.openat(init, AT_FDCWD, '/tmp/in', O_RDONLY, 0)
  const output = sys.openat(init, AT_FDCWD, '/tmp/out', O_CREAT | O_RDWR, 0o600)
  const fd = sys.inotify_init1(init, IN_NONBLOCK)
  sys.inotify_add_watch(init, fd, '/tmp', IN_ACCESS | IN_MODIFY)
  const told = (call: () => number): [number, string][] => {
    expect(call()).toBeGreaterThanOrEqual(0)
    return events(kernel, init, fd)
  }
  const [readIn, wroteOut] = [[IN_ACCESS, 'in'], [IN_MODIFY, 'out']] as const
  const buf = () => [new Uint8Array(2)]
  expect(told(() => sys.preadv(init, input, buf(), 0))).toEqual([readIn])
  expect(told(() => sys.preadv(init, input, buf(), 100))).toEqual([readIn])
  expect(told(() => sys.pread64(init, input, new Uint8Array(2), 100))).toEqual([])
  expect(told(() => sys.writev(init, output, buf()))).toEqual([wroteOut])
  expect(told(() => sys.fallocate(init, output, 0, 0, 4))).toEqual([wroteOut])
  expect(told(() => sys.copy_file_range(init, input, { value: 0 }, output, { value: 0 }, 2, 0)))
    .toEqual([readIn, wroteOut])
  expect(told(() => sys.sendfile(init, output, input, { value: 0 }, 2))).toEqual([readIn, wroteOut])
  const dir = sys.openat(init, AT_FDCWD, '/tmp', O_RDONLY, 0)
  expect(told(() => sys.getdents64(init, dir, new Uint8Array(1000)))).toEqual([[IN_ACCESS | IN_ISDIR, '']])
})

test('an open that O_DIRECT undoes is not told of, and a moved directory not as one', () => {
  const kernel = bootForTest()
  const { sys, init } = kernel
  sys.mkdir(init, '/tmp/d', 0o700)
  const fd = sys.inotify_init1(init, IN_NONBLOCK)
  sys.inotify_add_watch(init, fd, '/tmp/d', IN_OPEN | IN_MOVE_SELF)
  expect(sys.openat(init, AT_FDCWD, '/tmp/d', O_RDONLY | O_DIRECT, 0)).toBe(-EINVAL)
  sys.rename(init, '/tmp/d', '/tmp/e')
  expect(events(kernel, init, fd)).toEqual([[IN_MOVE_SELF, '']])
})

test('fanotify: reads of files and directories wait for the answer to FAN_ACCESS_PERM', () => {
  const { sys, init, file, fork } = bootForTest()
  file('/tmp/f', 'x')
  const fd = sys.fanotify_init(init, FAN_CLASS_CONTENT, O_RDONLY)
  for (const path of ['/tmp/f', '/tmp'])
    expect(sys.fanotify_mark(init, fd, FAN_MARK_ADD, FAN_ACCESS_PERM | FAN_ONDIR, AT_FDCWD, path)).toBe(0)
  const other = fork()
  const open = (path: string) => sys.openat(other, AT_FDCWD, path, O_RDONLY, 0)
  expect(sys.read(other, open('/tmp/f'), new Uint8Array(1))).toBe(-ERESTARTSYS)
  expect(sys.getdents64(other, open('/tmp'), new Uint8Array(100))).toBe(-ERESTARTSYS)
})

test('directory notification ends with any descriptor of the file', () => {
  const { sys, init } = bootForTest()
  const dir = sys.openat(init, AT_FDCWD, '/tmp', O_RDONLY, 0)
  sys.rt_sigprocmask(init, 0, 1n << BigInt(SIGIO - 1), null, 8)
  expect(sys.fcntl(init, dir, F_NOTIFY, 4)).toBe(0)
  sys.close(init, sys.dup(init, dir))
  sys.mkdir(init, '/tmp/d', 0o700)
  const pending = { value: 0n }
  sys.rt_sigpending(init, pending, 8)
  expect(pending.value).toBe(0n)
})

test('fanotify: a mount is watched, and the event comes with an open file', () => {
  const { sys, init, file, fork } = bootForTest()
  file('/tmp/f', 'contents')
  const fd = sys.fanotify_init(init, FAN_CLASS_NOTIF, O_RDONLY)
  expect(sys.fanotify_mark(init, fd, FAN_MARK_ADD | FAN_MARK_MOUNT, FAN_OPEN, AT_FDCWD, '/tmp')).toBe(0)
  const other = fork()
  sys.openat(other, AT_FDCWD, '/tmp/f', O_RDONLY, 0)
  const buf = new Uint8Array(64)
  expect(sys.read(init, fd, buf)).toBe(24)
  const view = new DataView(buf.buffer)
  expect([view.getUint32(8, true), view.getInt32(20, true)]).toEqual([FAN_OPEN, other.pid])
  const data = new Uint8Array(8)
  expect(sys.read(init, view.getInt32(16, true), data)).toBe(8)
  expect(new TextDecoder().decode(data)).toBe('contents')
})

test('fanotify: an open waits for the answer, and no is EPERM', () => {
  const { sys, init, file, fork } = bootForTest()
  file('/tmp/f', 'x')
  const fd = sys.fanotify_init(init, FAN_CLASS_CONTENT, O_RDONLY)
  sys.fanotify_mark(init, fd, FAN_MARK_ADD, FAN_OPEN_PERM, AT_FDCWD, '/tmp/f')
  const other = fork()
  const open = () => sys.openat(other, AT_FDCWD, '/tmp/f', O_RDONLY, 0)
  expect(open()).toBe(-ERESTARTSYS)
  const buf = new Uint8Array(24)
  expect(sys.read(init, fd, buf)).toBe(24)
  const answer = new DataView(new ArrayBuffer(8))
  answer.setInt32(0, new DataView(buf.buffer).getInt32(16, true), true)
  answer.setUint32(4, FAN_DENY, true)
  expect(sys.write(init, fd, new Uint8Array(answer.buffer))).toBe(8)
  expect(open()).toBe(-EPERM)
})

test('fanotify is for the administrator', () => {
  const { sys, init, fork } = bootForTest()
  expect(sys.fanotify_init(fork(init, 1000), FAN_CLASS_NOTIF, O_RDONLY)).toBe(-EPERM)
})

test.each([
  ['on a file system, with handles', FAN_REPORT_FID, FAN_MARK_FILESYSTEM, 0],
  ['without handles', 0, FAN_MARK_FILESYSTEM, -EINVAL],
  ['on an inode', FAN_REPORT_FID, 0, -EINVAL],
  ['on a mount', FAN_REPORT_FID, FAN_MARK_MOUNT, -EINVAL],
])('FAN_FS_ERROR %s', (_what, report, kind, rc) => {
  const { sys, init } = bootForTest()
  const fd = sys.fanotify_init(init, FAN_CLASS_NOTIF | report, O_RDONLY)
  expect(sys.fanotify_mark(init, fd, FAN_MARK_ADD | kind, FAN_FS_ERROR, AT_FDCWD, '/tmp')).toBe(rc)
})

test('F_NOTIFY sends a signal once', () => {
  const { sys, init, fork } = bootForTest()
  const task = fork()
  const seen: number[] = []
  sys.rt_sigaction(task, SIGUSR1, { handler: (sig) => void seen.push(sig), flags: 0, mask: 0n }, null, 8)
  const dir = sys.openat(task, AT_FDCWD, '/tmp', O_RDONLY, 0)
  expect(sys.fcntl(task, dir, F_SETSIG, SIGUSR1)).toBe(0)
  expect(sys.fcntl(task, dir, F_NOTIFY, 4)).toBe(0)
  const pending = { value: 0n }
  sys.rt_sigprocmask(task, 0, 1n << BigInt(SIGUSR1 - 1), null, 8)
  sys.mkdir(init, '/tmp/d', 0o700)
  sys.rt_sigpending(task, pending, 8)
  expect(pending.value).toBe(1n << BigInt(SIGUSR1 - 1))
})

test('a handle finds the file whatever it is called, and not a file that is gone', () => {
  const { sys, init, file, fork } = bootForTest()
  file('/tmp/f', 'same')
  const handle = { handle_bytes: 128, handle_type: 0, f_handle: new Uint8Array() }
  expect(sys.name_to_handle_at(init, AT_FDCWD, '/tmp/f', handle, { value: 0 }, 0)).toBe(0)
  sys.rename(init, '/tmp/f', '/tmp/g')
  const dir = sys.openat(init, AT_FDCWD, '/tmp', O_RDONLY, 0)
  expect(sys.open_by_handle_at(init, dir, handle, O_RDONLY)).toBeGreaterThan(dir)
  const user = fork(init, 1000)
  expect(sys.open_by_handle_at(user, dir, handle, O_RDONLY)).toBe(-EPERM)
  sys.close(init, dir + 1)
  sys.exit_group(user, 0)
  sys.unlink(init, '/tmp/g')
  expect(sys.open_by_handle_at(init, dir, handle, O_RDONLY)).toBe(-ESTALE)
})

test('a kernel that is built without permission events has none', () => {
  const mark = (FANOTIFY_ACCESS_PERMISSIONS: boolean, event: number): number => {
    const { sys, init } = bootForTest({ config: { FANOTIFY_ACCESS_PERMISSIONS } })
    const fd = sys.fanotify_init(init, FAN_CLASS_CONTENT, 0)
    return sys.fanotify_mark(init, fd, FAN_MARK_ADD, event, AT_FDCWD, '/tmp')
  }
  expect([mark(true, FAN_OPEN_PERM), mark(false, FAN_OPEN_PERM), mark(false, FAN_OPEN)]).toEqual([0, -EINVAL, 0])
})
