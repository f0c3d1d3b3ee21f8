/** sysfs: what is there, who may open it, and what it lets be mounted and stored. */
import {
  AT_FDCWD, CLONE_NEWNET, CLONE_NEWNS, CLONE_NEWUSER, errnoName, O_CREAT, O_RDONLY, O_RDWR, O_WRONLY, SYSFS_MAGIC,
} from '@lsmkit/abi'
import { expect, test } from 'vitest'
import { bootForTest } from '../../testing/boot.ts'
import { Kstat, Kstatfs } from '../../state/vfs/kstat.ts'

test.each([
  ['class/net/lo/mtu', '65536\n'],
  ['class/net/lo/operstate', 'unknown\n'],
  ['class/net/lo/subsystem/lo/type', '772\n'],
  ['devices/system/cpu/online', '0\n'],
  ['kernel/cgroup/delegate', 'cgroup.procs\ncgroup.threads\ncgroup.subtree_control\n'],
  ['kernel/fscaps', '1\n'],
  ['class/net/lo/speed', 'EINVAL'],
])('%s', (place, text) => {
  const { cat, init } = bootForTest()
  const found = cat(init, `/sys/${place}`)
  expect(typeof found === 'number' ? errnoName(found) : found).toBe(text)
})

test('links are relative, attributes have the size of a page', () => {
  const { sys, init } = bootForTest()
  const buf = new Uint8Array(64)
  const length = sys.readlink(init, '/sys/class/net/lo', buf)
  expect(new TextDecoder().decode(buf.subarray(0, length))).toBe('../../devices/virtual/net/lo')
  const stat = new Kstat()
  sys.stat(init, '/sys/class/net/lo/mtu', stat)
  expect([stat.mode.toString(8), stat.size]).toEqual(['100444', 4096])
  sys.stat(init, '/sys', stat)
  expect(stat.mode.toString(8)).toBe('40555')
  const fd = sys.openat(init, AT_FDCWD, '/sys', O_RDONLY, 0)
  expect(errnoName(sys.read(init, fd, buf))).toBe('EISDIR')
  const fs = new Kstatfs()
  sys.statfs(init, '/sys', fs)
  expect(fs.f_type).toBe(SYSFS_MAGIC)
})

test('nobody writes what only tells, and nothing is made', () => {
  const { sys, init } = bootForTest()
  const open = (path: string, flags: number): string =>
    errnoName(Math.min(0, sys.openat(init, AT_FDCWD, `/sys/${path}`, flags, 0o644)))
  expect([
    open('class/net/lo/mtu', O_RDWR), open('class/net/lo/mtu', O_WRONLY), open('x', O_CREAT | O_WRONLY),
    errnoName(sys.mkdir(init, '/sys/x', 0o755)), errnoName(sys.rmdir(init, '/sys/block')),
    errnoName(sys.unlink(init, '/sys/class/net/lo/mtu')),
    errnoName(sys.setxattr(init, '/sys/fs', 'user.x', Uint8Array.of(1), 0)),
  ]).toEqual(['EACCES', 'EACCES', 'EACCES', 'EPERM', 'EPERM', 'EPERM', 'EOPNOTSUPP'])
})

test('owner and mode of a node stay while nobody looks', () => {
  const { sys, init, fork } = bootForTest()
  expect([sys.chown(init, '/sys/kernel/fscaps', 7, 8), sys.chmod(init, '/sys/kernel/fscaps', 0o400)]).toEqual([0, 0])
  sys.mkdir(init, '/tmp/s', 0o755)
  sys.mount(init, 's', '/tmp/s', 'sysfs', 0, null)
  const stat = new Kstat()
  sys.stat(init, '/tmp/s/kernel/fscaps', stat)
  expect([stat.uid, stat.gid, stat.mode & 0o777]).toEqual([7, 8, 0o400])
  expect(errnoName(sys.openat(fork(undefined, 9), AT_FDCWD, '/tmp/s/kernel/fscaps', O_RDONLY, 0))).toBe('EACCES')
})

test('a place to mount on stays empty', () => {
  const { sys, init } = bootForTest()
  sys.umount2(init, '/sys/kernel/debug', 0)
  expect([
    errnoName(sys.mkdir(init, '/sys/kernel/debug/x', 0o755)), errnoName(sys.chmod(init, '/sys/kernel/debug', 0o700)),
    errnoName(sys.listxattr(init, '/sys/kernel/debug', null)),
    errnoName(sys.getxattr(init, '/sys/kernel/debug', 'security.x', null)),
  ]).toEqual(['ENOENT', 'EPERM', 'EOPNOTSUPP', 'EOPNOTSUPP'])
})

test('each network namespace sees its own device, and whoever owns it may mount', () => {
  const { sys, fork, cat } = bootForTest()
  const user = fork(undefined, 1000)
  expect(sys.unshare(user, CLONE_NEWUSER | CLONE_NEWNS)).toBe(0)
  expect(errnoName(sys.mount(user, 's', '/sys', 'sysfs', 0, null))).toBe('EPERM')
  expect(sys.unshare(user, CLONE_NEWNET)).toBe(0)
  expect(sys.mount(user, 's', '/sys', 'sysfs', 0, null)).toBe(0)
  expect([cat(user, '/sys/class/net/lo/flags'), cat(user, '/sys/class/net/lo/operstate')]).toEqual(['0x8\n', 'down\n'])
})
