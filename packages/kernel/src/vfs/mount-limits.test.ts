/** How many mounts a namespace may have (fs.mount-max), and trees deeper than any stack. */
import {
  AT_EMPTY_PATH, AT_FDCWD, AT_RECURSIVE, CLONE_NEWNS, CLONE_NEWUSER, ENOSPC, MNT_DETACH, MOVE_MOUNT_F_EMPTY_PATH,
  MS_BIND, MS_MOVE, MS_PRIVATE, MS_REC, MS_SHARED, O_DIRECTORY, O_WRONLY, OPEN_TREE_CLONE,
} from '@lsmkit/abi'
import { defineLsm } from '@lsmkit/core'
import { describe, expect, test } from 'vitest'
import { threadOf } from '../state/task/thread.ts'
import { bootForTest } from '../testing/boot.ts'

/** A caller in namespaces of its own with room for `room` mounts more, below /tmp/a and /tmp/b. */
const withRoom = (room: number) => {
  const kernel = bootForTest()
  const { sys, fork, machine } = kernel
  const task = fork(kernel.init, 1000)
  sys.unshare(task, CLONE_NEWUSER | CLONE_NEWNS)
  const write = (path: string, text: string) =>
    sys.write(task, sys.openat(task, AT_FDCWD, path, O_WRONLY, 0), new TextEncoder().encode(text))
  write('/proc/self/uid_map', '0 1000 1')
  write('/proc/self/setgroups', 'deny')
  write('/proc/self/gid_map', '0 1000 1')
  for (const name of ['a', 'b', 'c', 'd']) sys.mkdir(task, `/tmp/${name}`, 0o755)
  const ns = threadOf(task).nsproxy.mnt_ns
  machine.sysctl.mount_max = ns.mounts.size + room
  const tmpfs = (at: string) => sys.mount(task, 't', at, 'tmpfs', 0, null)
  const bind = (from: string, to: string, flags = 0) => sys.mount(task, from, to, null, MS_BIND | flags, null)
  const share = (at: string, flags = 0) => sys.mount(task, null, at, null, MS_SHARED | flags, null)
  return { ...kernel, task, ns, tmpfs, bind, share, size: () => ns.mounts.size }
}

describe('fs.mount-max', () => {
  test('one more than there may be is refused, until one goes', () => {
    const { sys, task, tmpfs } = withRoom(1)
    expect([tmpfs('/tmp/a'), tmpfs('/tmp/b')]).toEqual([0, -ENOSPC])
    expect([sys.umount2(task, '/tmp/a', 0), tmpfs('/tmp/b')]).toEqual([0, 0])
  })

  test('a tree comes whole or not at all, and leaves nothing behind', () => {
    const { sys, task, tmpfs, bind, size, machine } = withRoom(5)
    tmpfs('/tmp/a')
    for (const name of ['x', 'y']) sys.mkdir(task, `/tmp/a/${name}`, 0o755)
    for (const name of ['x', 'y']) tmpfs(`/tmp/a/${name}`)
    const all = [...machine.vfs.allMounts].length
    expect([bind('/tmp/a', '/tmp/b', MS_REC), size(), [...machine.vfs.allMounts].length])
      .toEqual([-ENOSPC, machine.sysctl.mount_max - 2, all])
    expect(bind('/tmp/a', '/tmp/b')).toBe(0)
  })

  test('binding all onto itself again and again ends at the limit', () => {
    const { tmpfs, bind, sys, task, size, machine } = withRoom(1000)
    tmpfs('/tmp/a')
    sys.mkdir(task, '/tmp/a/x', 0o755)
    let rc = 0
    for (let i = 0; i < 40 && rc === 0; i++) rc = bind('/tmp/a', '/tmp/a/x', MS_REC)
    expect([rc, size() <= machine.sysctl.mount_max]).toEqual([-ENOSPC, true])
  })

  test('what peers would receive counts as well, in whichever namespace', () => {
    const { tmpfs, bind, share, size, sys, task } = withRoom(4)
    tmpfs('/tmp/a')
    share('/tmp/a')
    bind('/tmp/a', '/tmp/b')
    sys.mkdir(task, '/tmp/a/x', 0o755)
    const before = size()
    expect([tmpfs('/tmp/a/x'), size() - before]).toEqual([0, 2])
    sys.mkdir(task, '/tmp/a/y', 0o755)
    expect([tmpfs('/tmp/a/y'), size() - before]).toEqual([-ENOSPC, 2])
  })

  test('a peer in a fuller namespace refuses it for all', () => {
    const { tmpfs, share, fork, sys, task, machine, size } = withRoom(100)
    tmpfs('/tmp/a')
    share('/tmp/a')
    sys.mkdir(task, '/tmp/a/x', 0o755)
    const away = fork(task)
    sys.unshare(away, CLONE_NEWNS)
    for (let i = 0; i < 5; i++) sys.mount(away, 't', '/tmp/b', 'tmpfs', 0, null)
    machine.sysctl.mount_max = size() + 5
    expect([tmpfs('/tmp/a/x'), sys.umount2(away, '/tmp/b', 0), tmpfs('/tmp/a/x')]).toEqual([-ENOSPC, 0, 0])
  })

  test('moving takes no room but where copies go; a detached tree does', () => {
    const { tmpfs, sys, task, machine, size, share, bind } = withRoom(100)
    tmpfs('/tmp/a')
    tmpfs('/tmp/c')
    share('/tmp/c')
    bind('/tmp/c', '/tmp/d')
    sys.mkdir(task, '/tmp/c/x', 0o755)
    const fd = sys.open_tree(task, AT_FDCWD, '/tmp/a', OPEN_TREE_CLONE | AT_RECURSIVE)
    machine.sysctl.mount_max = size()
    const place = () => sys.move_mount(task, fd, '', AT_FDCWD, '/tmp/b', MOVE_MOUNT_F_EMPTY_PATH)
    const move = (from: string, to: string) => sys.mount(task, from, to, null, MS_MOVE, null)
    expect([place(), move('/tmp/a', '/tmp/c/x'), move('/tmp/a', '/tmp/b'), move('/tmp/b', '/tmp/a')])
      .toEqual([-ENOSPC, -ENOSPC, 0, 0])
    machine.sysctl.mount_max++
    expect([place(), sys.openat(task, fd, '', AT_EMPTY_PATH | O_DIRECTORY, 0) < 0]).toEqual([0, true])
  })

  test('unshare copies as many as there are', () => {
    const { sys, task } = withRoom(0)
    expect(sys.unshare(task, CLONE_NEWNS)).toBe(0)
  })
})

const DEEP = 20_000

/** Counts objects by the hooks that make and free them. */
const counted = () => {
  const alive = { inodes: 0, supers: 0 }
  const lsm = defineLsm({
    name: 'count',
    abi: '1.0',
    hooks: {
      inode_alloc_security: () => (alive.inodes++, 0), inode_free_security: () => void alive.inodes--,
      sb_alloc_security: () => (alive.supers++, 0), sb_free_security: () => void alive.supers--,
    },
  })
  const kernel = bootForTest({ lsms: [lsm] })
  return { ...kernel, alive }
}

describe(`${DEEP} levels`, () => {
  test('of directories go with their file system', () => {
    const { sys, init, alive } = counted()
    sys.mkdir(init, '/tmp/m', 0o755)
    const before = { ...alive }
    sys.mount(init, 't', '/tmp/m', 'tmpfs', 0, null)
    sys.chdir(init, '/tmp/m')
    for (let i = 0; i < DEEP; i++) if (sys.mkdir(init, 'd', 0o755) || sys.chdir(init, 'd')) throw new Error()
    expect(sys.chdir(init, '/')).toBe(0)
    expect([sys.umount2(init, '/tmp/m', 0), alive]).toEqual([0, before])
  })

  test('of mounts are copied, shared, made private and taken away, and every one is freed', () => {
    const { sys, init, alive, machine } = counted()
    for (const name of ['m', 'copy']) sys.mkdir(init, `/tmp/${name}`, 0o755)
    const before = { ...alive, mounts: [...machine.vfs.allMounts].length }
    sys.mount(init, 't', '/tmp/m', 'tmpfs', 0, null)
    sys.chdir(init, '/tmp/m')
    for (let i = 1; i < DEEP; i++) {
      if (sys.mkdir(init, 'd', 0o755) !== 0 || sys.mount(init, 't', 'd', 'tmpfs', 0, null) !== 0) throw new Error()
      sys.chdir(init, 'd')
    }
    sys.chdir(init, '/')
    const all = [
      sys.mount(init, '/tmp/m', '/tmp/copy', null, MS_BIND | MS_REC, null),
      ...[MS_SHARED, MS_PRIVATE].map((type) => sys.mount(init, null, '/tmp/m', null, type | MS_REC, null)),
      sys.umount2(init, '/tmp/copy', MNT_DETACH),
      sys.umount2(init, '/tmp/m', MNT_DETACH),
    ]
    expect(all).toEqual([0, 0, 0, 0, 0])
    expect({ ...alive, mounts: [...machine.vfs.allMounts].length }).toEqual(before)
  })
})
