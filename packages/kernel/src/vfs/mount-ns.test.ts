/** Mount namespaces end with the last task that is in them, unless their file is open or mounted. */
import {
  AT_EMPTY_PATH, AT_FDCWD, AT_RECURSIVE, CLONE_NEWNS, CLONE_NEWPID, EBUSY, EINVAL, ELOOP, ENOENT, ESRCH, MNT_DETACH,
  MOVE_MOUNT_F_EMPTY_PATH, MS_BIND, MS_SHARED, O_CREAT, O_RDONLY, O_RDWR, OPEN_TREE_CLONE, SIGCHLD,
} from '@lsmkit/abi'
import { defineLsm } from '@lsmkit/core'
import type { Task } from '@lsmkit/core'
import { expect, test } from 'vitest'
import { LSMT_ROOT_NUMBER } from '../syscalls/mount-info.ts'
import { bootForTest } from '../testing/boot.ts'

/** `away` is in a namespace of its own, with a tmpfs that nobody else has. */
const world = () => {
  let supers = 0
  const kernel = bootForTest({ lsms: [defineLsm({
    name: 'count',
    abi: '1.0', hooks: { sb_alloc_security: () => (supers++, 0), sb_free_security: () => void supers-- },
  })] })
  const { sys, init, fork, machine } = kernel
  sys.mkdir(init, '/tmp/m', 0o755)
  sys.open(init, '/tmp/ns', O_CREAT | O_RDWR, 0o600)
  // pseudo file systems that are made when they are first needed
  sys.open(init, '/proc/self/ns/mnt', O_RDONLY, 0)
  const mounts = () => [...machine.vfs.allMounts].length
  const before = { mounts: mounts(), supers }
  const away = fork()
  sys.unshare(away, CLONE_NEWNS)
  sys.mount(away, 't', '/tmp/m', 'tmpfs', 0, null)
  const nsFile = (task: Task) => sys.open(task, `/proc/${away.pid}/ns/mnt`, O_RDONLY, 0)
  const grown = () => ({ mounts: mounts() - before.mounts, supers: supers - before.supers })
  const list = (mnt_ns_fd: number) =>
    sys.listmount(init, { mnt_id: LSMT_ROOT_NUMBER, param: 0, mnt_ns_fd }, [], 100, 0)
  const end = (task: Task) => sys.exit_group(task, 0)
  return { ...kernel, away, nsFile, grown, list, end }
}
const NOTHING = { mounts: 0, supers: 0 }

test('all of it goes with the last task', () => {
  const { fork, away, grown, end } = world()
  const child = fork(away)
  expect(grown().supers).toBe(1)
  end(away)
  expect(grown().supers).toBe(1)
  end(child)
  expect(grown()).toEqual(NOTHING)
})

test('or with the last that goes elsewhere', () => {
  const { sys, init, away, grown } = world()
  sys.setns(away, sys.open(away, `/proc/${init.pid}/ns/mnt`, O_RDONLY, 0), CLONE_NEWNS)
  expect(grown()).toEqual(NOTHING)
  sys.unshare(away, CLONE_NEWNS)
  const once = grown()
  sys.unshare(away, CLONE_NEWNS)
  expect(grown()).toEqual(once)
})

test('an open file of it keeps it, and leads there', () => {
  const { sys, init, fork, away, nsFile, grown, list, end, cat } = world()
  const fd = nsFile(init)
  const count = list(fd)
  end(away)
  expect([grown().supers, list(fd)]).toEqual([1, count])
  const child = fork()
  expect([sys.setns(child, fd, 0), cat(child, '/tmp/m/none')]).toEqual([0, -ENOENT])
  expect(sys.close(init, fd)).toBe(0)
  expect(grown().supers).toBe(1)
  end(child)
  expect(grown()).toEqual(NOTHING)
})

test('so does the file where it is mounted, which cannot be in itself', () => {
  const { sys, init, away, grown, end } = world()
  const bind = (task: Task) => sys.mount(task, `/proc/${away.pid}/ns/mnt`, '/tmp/ns', null, MS_BIND, null)
  expect([bind(away), bind(init)]).toEqual([-EINVAL, 0])
  end(away)
  expect(grown().supers).toBe(1)
  expect(sys.umount2(init, '/tmp/ns', 0)).toBe(0)
  expect(grown()).toEqual(NOTHING)
})

test('what is in use stays until it is not', () => {
  const { sys, init, away, grown, end, file, cat } = world()
  const root = sys.open(init, `/proc/${away.pid}/root/tmp/m`, O_RDONLY, 0)
  end(away)
  expect(grown()).toEqual({ mounts: 1, supers: 1 })
  expect(sys.openat(init, root, 'new', O_CREAT | O_RDWR, 0o600)).toBeGreaterThanOrEqual(0)
  file('/tmp/m/other', 'x')
  expect(cat(init, '/tmp/m/new')).toBe(-ENOENT)
  for (const fd of [root, root + 1]) sys.close(init, fd)
  expect(grown()).toEqual(NOTHING)
})

test('what fails on the way leaves none', () => {
  const { sys, fork, grown, away, end } = world()
  end(away)
  const task = fork()
  sys.unshare(task, CLONE_NEWPID)
  expect(sys.unshare(task, CLONE_NEWNS | CLONE_NEWPID)).toBe(-EINVAL)
  expect(sys.clone(task, CLONE_NEWNS | CLONE_NEWPID | SIGCHLD, 0, null, null, 0)).toBe(-EINVAL)
  expect(grown().supers).toBe(0)
})

test('who has ended is in none', () => {
  const { sys, init, away, end } = world()
  const pidfd = sys.pidfd_open(init, away.pid, 0)
  end(away)
  expect(sys.open(init, `/proc/${away.pid}/ns/mnt`, O_RDONLY, 0)).toBe(-ENOENT)
  expect(sys.open(init, `/proc/${away.pid}/ns/user`, O_RDONLY, 0)).toBeGreaterThanOrEqual(0)
  expect(sys.setns(init, pidfd, CLONE_NEWNS)).toBe(-ESRCH)
})

test('files of mount namespaces are not copied into new ones, and never come to lie in themselves', () => {
  const { sys, init, fork, away } = world()
  sys.mkdir(init, '/tmp/d', 0o755)
  sys.mount(init, 'd', '/tmp/d', 'tmpfs', 0, null)
  sys.open(init, '/tmp/d/ns', O_CREAT | O_RDWR, 0o600)
  expect(sys.mount(init, `/proc/${away.pid}/ns/mnt`, '/tmp/d/ns', null, MS_BIND, null)).toBe(0)
  const third = fork()
  const mounts = () => sys.listmount(third, { mnt_id: LSMT_ROOT_NUMBER, param: 0 }, [], 100, 0)
  const before = mounts()
  sys.unshare(third, CLONE_NEWNS)
  expect(mounts()).toBe(before - 1)
  // the third is younger than the one whose file it is
  const dir = sys.open(init, '/tmp/d', O_RDONLY, 0)
  const copy = sys.open_tree(init, dir, '', OPEN_TREE_CLONE | AT_RECURSIVE | AT_EMPTY_PATH)
  expect(copy).toBeGreaterThan(dir)
  expect(sys.setns(init, sys.open(init, `/proc/${third.pid}/ns/mnt`, O_RDONLY, 0), 0)).toBe(0)
  expect(sys.move_mount(init, copy, '', AT_FDCWD, '/tmp/m', MOVE_MOUNT_F_EMPTY_PATH)).toBe(-ELOOP)
})

test('who uses what would go along keeps a mount', () => {
  const { sys, init, fork, away, end } = world()
  end(away)
  sys.mkdir(init, '/tmp/s', 0o755)
  sys.mount(init, 's', '/tmp/s', 'tmpfs', 0, null)
  sys.mount(init, null, '/tmp/s', null, MS_SHARED, null)
  sys.mkdir(init, '/tmp/s/d', 0o755)
  const peer = fork()
  sys.unshare(peer, CLONE_NEWNS)
  sys.mount(init, 'd', '/tmp/s/d', 'tmpfs', 0, null)
  expect(sys.chdir(peer, '/tmp/s/d')).toBe(0)
  expect(sys.umount2(init, '/tmp/s/d', 0)).toBe(-EBUSY)
  sys.chdir(peer, '/')
  expect(sys.umount2(init, '/tmp/s/d', 0)).toBe(0)
  sys.mount(init, 'd', '/tmp/s/d', 'tmpfs', 0, null)
  sys.chdir(peer, '/tmp/s/d')
  expect(sys.umount2(init, '/tmp/s/d', MNT_DETACH)).toBe(0)
})
