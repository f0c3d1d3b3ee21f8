/** ioctl: the commands that every file understands, by table; flags of chattr. */
import {
  AT_FDCWD, EBADF, EFAULT, EINVAL, ENOTTY, EOPNOTSUPP, EPERM, FICLONE, FIBMAP, FIGETBSZ, FIOASYNC, FIOCLEX, FIONREAD,
  FS_APPEND_FL, FS_COMPR_FL, FS_IMMUTABLE_FL, FS_IOC_GETFLAGS, FS_IOC_SETFLAGS, FS_NODUMP_FL, O_PATH, O_RDONLY,
  O_RDWR, O_WRONLY, S_IFIFO,
} from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import { describe, expect, test } from 'vitest'
import { bootForTest } from '../testing/boot.ts'

const setUp = (uid = 0, flags = O_RDWR) => {
  const kernel = bootForTest()
  const { sys, init, fork } = kernel
  kernel.file('/tmp/f', '0123456789', 0o666)
  sys.chown(init, '/tmp/f', uid, uid)
  const task: Task = fork(init, uid)
  return { ...kernel, task, fd: sys.openat(task, AT_FDCWD, '/tmp/f', flags, 0) }
}

describe('commands', () => {
  test.each<readonly [string, cmd: number, arg: unknown, rc: number]>([
    ['one that nobody knows', 0x12345678, 0, -ENOTTY],
    ['a pointer that is none', FIONREAD, 0, -EFAULT],
    ['signals of a plain file', FIOASYNC, { value: 1 }, -ENOTTY],
    ['no signals of a plain file', FIOASYNC, { value: 0 }, 0],
    ['block numbers', FIBMAP, { value: 0 }, -EINVAL],
    ['sharing blocks with no descriptor', FICLONE, 99, -EBADF],
  ])('%s', (_, cmd, arg, rc) => {
    const { sys, task, fd } = setUp()
    expect(sys.ioctl(task, fd, cmd, arg)).toBe(rc)
  })

  test('what is left to read, after reading some', () => {
    const { sys, task, fd } = setUp()
    const left = { value: -1 }
    sys.read(task, fd, new Uint8Array(3))
    expect([sys.ioctl(task, fd, FIONREAD, left), left.value]).toEqual([0, 7])
  })

  test('no sharing of blocks on tmpfs, and none with a place alone', () => {
    const { sys, task, fd } = setUp()
    expect(sys.ioctl(task, fd, FICLONE, fd)).toBe(-EOPNOTSUPP)
    const place = sys.openat(task, AT_FDCWD, '/tmp/f', O_PATH, 0)
    expect(sys.ioctl(task, place, FIONREAD, { value: 0 })).toBe(-EBADF)
  })

  test('block size of a pipe is asked of its file system, its bytes of the pipe', () => {
    const { sys, task } = setUp()
    sys.mknod(task, '/tmp/p', S_IFIFO | 0o600, 0)
    const fd = sys.openat(task, AT_FDCWD, '/tmp/p', O_RDWR, 0)
    sys.write(task, fd, new Uint8Array(5))
    const [bytes, size] = [{ value: 0 }, { value: 0 }]
    expect(sys.ioctl(task, fd, FIONREAD, bytes)).toBe(0)
    expect(sys.ioctl(task, fd, FIGETBSZ, size)).toBe(0)
    expect([bytes.value, size.value]).toEqual([5, 4096])
  })

  test('close on exec', () => {
    const { sys, task, fd } = setUp()
    sys.ioctl(task, fd, FIOCLEX, 0)
    expect(sys.fcntl(task, fd, 1, 0)).toBe(1)
  })
})

describe('flags of an inode', () => {
  test('the owner may set what is harmless, not what needs the capability', () => {
    const { sys, task, fd } = setUp(1000)
    expect(sys.ioctl(task, fd, FS_IOC_SETFLAGS, { value: FS_NODUMP_FL })).toBe(0)
    expect(sys.ioctl(task, fd, FS_IOC_SETFLAGS, { value: FS_IMMUTABLE_FL })).toBe(-EPERM)
    const flags = { value: 0 }
    expect([sys.ioctl(task, fd, FS_IOC_GETFLAGS, flags), flags.value]).toEqual([0, FS_NODUMP_FL])
  })

  test('an immutable file cannot be opened for writing, removed or changed', () => {
    const { sys, task, fd } = setUp(0, O_RDONLY)
    expect(sys.ioctl(task, fd, FS_IOC_SETFLAGS, { value: FS_IMMUTABLE_FL })).toBe(0)
    expect(sys.openat(task, AT_FDCWD, '/tmp/f', O_WRONLY, 0)).toBe(-EPERM)
    expect([sys.unlink(task, '/tmp/f'), sys.chmod(task, '/tmp/f', 0o600)]).toEqual([-EPERM, -EPERM])
    expect(sys.ioctl(task, fd, FS_IOC_SETFLAGS, { value: 0 })).toBe(0)
    expect(sys.unlink(task, '/tmp/f')).toBe(0)
  })

  test('an append-only file takes nothing but appends; tmpfs knows no compression', () => {
    const { sys, task, fd } = setUp()
    expect(sys.ioctl(task, fd, FS_IOC_SETFLAGS, { value: FS_COMPR_FL })).toBe(-EOPNOTSUPP)
    expect(sys.ioctl(task, fd, FS_IOC_SETFLAGS, { value: FS_APPEND_FL })).toBe(0)
    expect(sys.openat(task, AT_FDCWD, '/tmp/f', O_WRONLY, 0)).toBe(-EPERM)
    expect(sys.truncate(task, '/tmp/f', 0)).toBe(-EPERM)
  })
})
