/** Mounting by old calls and new: what lies where afterwards, and who is refused. */
import {
  AT_EMPTY_PATH, AT_FDCWD, CLONE_NEWNS, EACCES, EAGAIN, EBUSY, EFAULT, EINVAL, ENODEV, ENOENT, EPERM, EROFS,
  FSCONFIG_CMD_CREATE, FSCONFIG_SET_STRING, MNT_DETACH, MNT_EXPIRE, MNT_FORCE, MOUNT_ATTR_RDONLY,
  MOVE_MOUNT_F_EMPTY_PATH, MS_BIND, MS_MOVE, MS_NODEV, MS_NOEXEC,
  MS_RDONLY, MS_REMOUNT, O_CREAT, O_RDONLY, O_RDWR, OPEN_TREE_CLONE, S_IFCHR,
} from '@lsmkit/abi'
import { defineLsm } from '@lsmkit/core'
import type { Lsm } from '@lsmkit/core'
import { describe, expect, test } from 'vitest'
import { bootForTest } from '../testing/boot.ts'

const setUp = (lsms: readonly Lsm[] = []) => {
  const kernel = bootForTest({ lsms })
  const { sys, init } = kernel
  for (const name of ['m', 'm2']) sys.mkdir(init, `/tmp/${name}`, 0o755)
  const mount = (source: string | null, target: string, type: string | null, flags = 0, data: string | null = null) =>
    sys.mount(init, source, target, type, flags, data)
  return { ...kernel, mount }
}

describe('mount', () => {
  test.each<readonly [string, (k: ReturnType<typeof setUp>) => number, number]>([
    ['a type that is none', ({ mount }) => mount('x', '/tmp/m', 'nofs'), -ENODEV],
    ['no type', ({ mount }) => mount('x', '/tmp/m', null), -EINVAL],
    ['a type longer than a path', ({ mount }) => mount('x', '/tmp/m', 'x'.repeat(4096)), -EINVAL],
    ['a source longer than a path', ({ mount }) => mount('\u00e9'.repeat(2048), '/tmp/m', 'tmpfs'), -EINVAL],
    ['a source as long as a path', ({ mount }) => mount('x'.repeat(4095), '/tmp/m', 'tmpfs'), 0],
    ['what comes after a page of options', ({ mount }) =>
      mount('x', '/tmp/m', 'tmpfs', 0, `${'mode=700,'.repeat(455)},bad`), 0],
    ['what comes within it', ({ mount }) => mount('x', '/tmp/m', 'tmpfs', 0, `${'mode=700,'.repeat(454)}bad`), -EINVAL],
    ['nowhere', ({ mount }) => mount('x', '/tmp/nowhere', 'tmpfs'), -ENOENT],
    ['an option that is none', ({ mount }) => mount('x', '/tmp/m', 'tmpfs', 0, 'bad=1'), -EINVAL],
    ['a remount of what is no mount', ({ mount }) => mount(null, '/tmp/m', null, MS_REMOUNT), -EINVAL],
    [
      'without the capability',
      ({ sys, fork, init }) => sys.mount(fork(init, 1000), 'x', '/tmp/m', 'tmpfs', 0, null),
      -EPERM,
    ],
    ['an unmount of what is no mount', ({ sys, init }) => sys.umount2(init, '/tmp/m', 0), -EINVAL],
  ])('%s', (_, call, rc) => expect(call(setUp())).toBe(rc))

  test('covers what is there, and uncovers it again', () => {
    const { mount, file, cat, sys, init } = setUp()
    file('/tmp/m/below', 'below')
    expect(mount('t', '/tmp/m', 'tmpfs')).toBe(0)
    expect(cat(init, '/tmp/m/below')).toBe(-ENOENT)
    expect(sys.umount2(init, '/tmp/m', 0)).toBe(0)
    expect(cat(init, '/tmp/m/below')).toBe('below')
  })

  test('read-only, no devices, no programs', () => {
    const { mount, sys, init, fork } = setUp()
    mount('t', '/tmp/m', 'tmpfs', MS_NODEV | MS_NOEXEC)
    sys.mknod(init, '/tmp/m/null', S_IFCHR | 0o666, 0x103)
    expect(sys.openat(init, AT_FDCWD, '/tmp/m/null', O_RDONLY, 0)).toBe(-EACCES)
    expect(sys.access(init, '/tmp/m', 1)).toBe(0)
    expect(mount(null, '/tmp/m', null, MS_REMOUNT | MS_RDONLY)).toBe(0)
    expect(sys.openat(fork(), AT_FDCWD, '/tmp/m/new', O_CREAT | O_RDWR, 0o600)).toBe(-EROFS)
  })

  test('a file open on it keeps it, unless it is detached', () => {
    const { mount, sys, init } = setUp()
    mount('t', '/tmp/m', 'tmpfs')
    const fd = sys.openat(init, AT_FDCWD, '/tmp/m/f', O_CREAT | O_RDWR, 0o600)
    expect(sys.umount2(init, '/tmp/m', 0)).toBe(-EBUSY)
    expect(sys.umount2(init, '/tmp/m', MNT_DETACH)).toBe(0)
    expect(sys.write(init, fd, new Uint8Array(3))).toBe(3)
  })

  test('bound and moved', () => {
    const { mount, file, cat, init } = setUp()
    mount('t', '/tmp/m', 'tmpfs')
    file('/tmp/m/f', 'here')
    expect(mount('/tmp/m', '/tmp/m2', null, MS_BIND)).toBe(0)
    expect(cat(init, '/tmp/m2/f')).toBe('here')
    expect(mount('/tmp/m2', '/tmp/m', null, MS_MOVE)).toBe(0)
    expect([cat(init, '/tmp/m/f'), cat(init, '/tmp/m2/f')]).toEqual(['here', -ENOENT])
  })

  test('another namespace does not see it', () => {
    const { sys, init, fork, cat } = setUp()
    const child = fork()
    expect(sys.unshare(child, CLONE_NEWNS)).toBe(0)
    expect(sys.mount(child, 't', '/tmp/m', 'tmpfs', 0, null)).toBe(0)
    sys.mknod(child, '/tmp/m/f', 0o100644, 0)
    expect([cat(child, '/tmp/m/f'), cat(init, '/tmp/m/f')]).toEqual(['', -ENOENT])
  })
})

describe('MNT_EXPIRE: what is unused for two calls goes', () => {
  const expiring = () => {
    const kernel = setUp()
    const { mount, file, sys, init } = kernel
    mount('t', '/tmp/m', 'tmpfs')
    sys.mkdir(init, '/tmp/m/d', 0o755)
    file('/tmp/m/f', 'x')
    const expire = (flags = 0, path = '/tmp/m') => sys.umount2(init, path, MNT_EXPIRE | flags)
    return { ...kernel, expire }
  }

  /** Between a first call, which marks, and the second. */
  test.each<readonly [string, (k: ReturnType<typeof expiring>) => unknown, number]>([
    ['nothing', () => 0, 0],
    ['a walk that goes through', ({ sys, init }) => sys.access(init, '/tmp/m/..', 0), 0],
    ['the mountpoint is in the way of a change', ({ sys, init }) => sys.rmdir(init, '/tmp/m'), 0],
    ['a call that cannot be', ({ expire }) => expire(MNT_FORCE), 0],
    ['a look at it', ({ sys, init }) => sys.access(init, '/tmp/m', 0), -EAGAIN],
    ['a look into it', ({ sys, init }) => sys.access(init, '/tmp/m/d', 0), -EAGAIN],
    ['a look in vain', ({ sys, init }) => sys.access(init, '/tmp/m/nope', 0), -EAGAIN],
    ['a change in vain', ({ sys, init }) => sys.unlink(init, '/tmp/m/nope'), -EAGAIN],
    ['a file that is opened', ({ cat, init }) => cat(init, '/tmp/m/f'), -EAGAIN],
    ['an open in vain', ({ sys, init }) => sys.open(init, '/tmp/m/nope', O_RDONLY, 0), -EAGAIN],
    ['a file that is open', ({ sys, init }) => sys.open(init, '/tmp/m/f', O_RDONLY, 0), -EBUSY],
    ['a working directory', ({ sys, init }) => sys.chdir(init, '/tmp/m'), -EBUSY],
    ['something mounted on it', ({ mount }) => mount('u', '/tmp/m/d', 'tmpfs'), -EBUSY],
  ])('%s', (_, between, rc) => {
    const kernel = expiring()
    expect(kernel.expire()).toBe(-EAGAIN)
    between(kernel)
    expect(kernel.expire()).toBe(rc)
  })

  test('not with MNT_FORCE or MNT_DETACH, and not the root', () => {
    const { expire, sys, init } = expiring()
    expect([expire(MNT_FORCE), expire(MNT_DETACH)]).toEqual([-EINVAL, -EINVAL])
    sys.chroot(init, '/tmp/m')
    expect(expire(0, '/')).toBe(-EINVAL)
  })

  test('the LSMs are asked each time, before anything is answered', () => {
    const asked: number[] = []
    const kernel = setUp([defineLsm({
      name: 'asked',
      abi: '1.0', hooks: { sb_umount: (_mnt, flags) => (asked.push(flags) === 2 ? -EPERM : 0) },
    })])
    const { mount, sys, init } = kernel
    mount('t', '/tmp/m', 'tmpfs')
    const [all, force] = [MNT_EXPIRE, MNT_EXPIRE | MNT_FORCE]
    expect([all, all, force, all].map((flags) => sys.umount2(init, '/tmp/m', flags))).toEqual(
      [-EAGAIN, -EPERM, -EINVAL, 0])
    expect(asked).toEqual([all, all, force, all])
  })
})

describe('step by step', () => {
  const made = () => {
    const kernel = setUp()
    const { sys, init } = kernel
    const fs = sys.fsopen(init, 'tmpfs', 0)
    sys.fsconfig(init, fs, FSCONFIG_SET_STRING, 'mode', '711', 0)
    sys.fsconfig(init, fs, FSCONFIG_CMD_CREATE, null, null, 0)
    return { ...kernel, fs }
  }

  test('fsopen, fsconfig, fsmount, move_mount', () => {
    const { sys, init, fs } = made()
    const mnt = sys.fsmount(init, fs, 0, 0)
    expect(sys.move_mount(init, mnt, '', AT_FDCWD, '/tmp/m', MOVE_MOUNT_F_EMPTY_PATH)).toBe(0)
    expect(sys.umount2(init, '/tmp/m', MNT_DETACH)).toBe(0)
  })

  test('twice is too often, and what is wrong is said in the log', () => {
    const { sys, init, fs } = made()
    expect(sys.fsconfig(init, fs, FSCONFIG_CMD_CREATE, null, null, 0)).toBe(-EBUSY)
    const other = sys.fsopen(init, 'tmpfs', 0)
    expect(sys.fsconfig(init, other, FSCONFIG_SET_STRING, 'bad', '1', 0)).toBe(-EINVAL)
    expect(sys.fsconfig(init, other, FSCONFIG_SET_STRING, 'size', 'banana', 0)).toBe(-EINVAL)
    for (const expected of [0, -EINVAL])
      expect(sys.fsconfig(init, other, FSCONFIG_SET_STRING, 'source', 'x', 0)).toBe(expected)
    const buf = new Uint8Array(100)
    const message = () => new TextDecoder().decode(buf.subarray(0, sys.read(init, other, buf)))
    expect([message(), message(), message()]).toEqual([
      "e tmpfs: Unknown parameter 'bad'\n", "e tmpfs: Bad value for 'size'\n", 'e Multiple sources\n',
    ])
    expect(sys.fsopen(init, null, 0)).toBe(-EFAULT)
  })

  test('a copy that is never mounted goes with its file', () => {
    const { sys, init, mount, machine } = setUp()
    mount('t', '/tmp/m', 'tmpfs')
    const before = machine.vfs.allMounts.size
    const fd = sys.open_tree(init, AT_FDCWD, '/tmp/m', OPEN_TREE_CLONE)
    expect(machine.vfs.allMounts.size).toBe(before + 1)
    sys.close(init, fd)
    expect(machine.vfs.allMounts.size).toBe(before)
  })

  test('mount_setattr', () => {
    const { sys, init, mount } = setUp()
    mount('t', '/tmp/m', 'tmpfs')
    const attr = { attr_set: MOUNT_ATTR_RDONLY, attr_clr: 0, propagation: 0, userns_fd: 0 }
    const fd = sys.openat(init, AT_FDCWD, '/tmp/m', O_RDONLY, 0)
    expect(sys.mount_setattr(init, fd, '', AT_EMPTY_PATH, attr, 32)).toBe(0)
    expect(sys.mkdir(init, '/tmp/m/d', 0o755)).toBe(-EROFS)
  })

  test('pivot_root', () => {
    const { sys, init, mount, cat, file } = setUp()
    mount('t', '/tmp/m', 'tmpfs')
    sys.mkdir(init, '/tmp/m/old', 0o755)
    file('/tmp/m/f', 'new')
    const rc = sys.pivot_root(init, '/tmp/m', '/tmp/m/old')
    // The first root has no parent, so nothing can take its place.
    expect(rc).toBe(-EINVAL)
    expect(cat(init, '/tmp/m/f')).toBe('new')
  })
})
