/**
 * The plain mount is the reference of the mapped one: what users do through a mount that adds 10000 to every id comes
 * to the same, call by call, as what users with ids 10000 lower do on a mount without a mapping.
 */
import {
  AT_FDCWD, AT_SYMLINK_NOFOLLOW, CLONE_NEWUSER, MOUNT_ATTR_IDMAP, MOVE_MOUNT_F_EMPTY_PATH, O_CREAT, O_RDONLY, O_RDWR,
  O_WRONLY, OPEN_TREE_CLONE, S_IFIFO, XATTR_NAME_POSIX_ACL_ACCESS, XATTR_NAME_POSIX_ACL_DEFAULT,
} from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { bootForTest } from '../testing/boot.ts'
import { Kstat } from '../state/vfs/kstat.ts'

const SHIFT = 10_000
const USERS = [1, 2, 3]
const NAMES = ['a', 'b', 'd', 'd/a', 'd/b']

const name = fc.constantFrom(...NAMES)
const step = fc.record({
  call: fc.constantFrom(
    'create', 'write', 'mkdir', 'mkdir', 'mknod', 'symlink', 'link', 'rename', 'unlink', 'rmdir', 'chmod', 'chmod',
    'chown', 'access', 'touch', 'truncate', 'acl', 'acl', 'default', 'getacl', 'getacl',
  ),
  who: fc.constantFrom(...USERS), from: name, to: name, id: fc.constantFrom(...USERS, -1),
  mode: fc.constantFrom(0o777, 0o666, 0o644, 0o600, 0o1777, 0o2777, 0o4755, 0o2755, 0o070, 0),
})
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

/** An entry for a user and one for a group, whatever the owner may do. */
const acl = (mode: number, id: number): Uint8Array => {
  const entries = [
    [1, (mode >> 6) & 7, -1], [2, (mode >> 3) & 7, id], [4, mode & 7, -1], [8, (mode >> 6) & 7, id], [16, 7, -1],
    [32, mode & 7, -1],
  ] as const
  const view = new DataView(new ArrayBuffer(4 + 8 * entries.length))
  view.setUint32(0, 2, true)
  entries.forEach(([tag, perm, who], i) => {
    view.setUint16(4 + 8 * i, tag, true)
    view.setUint16(6 + 8 * i, perm, true)
    view.setInt32(8 + 8 * i, who, true)
  })
  return new Uint8Array(view.buffer)
}

/** What the ACL of a file says, ids lowered by `shift`. */
const aclText = (bytes: Uint8Array, shift: number): string => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  let text = ''
  for (let at = 4; at < bytes.length; at += 8) {
    const tag = view.getUint16(at, true)
    const id = tag === 2 || tag === 8 ? view.getUint32(at + 4, true) - shift : ''
    text += `${tag}:${view.getUint16(at + 2, true)}:${id} `
  }
  return text
}

test('any sequence of calls', () => {
  const { sys, init, fork, machine } = bootForTest()
  machine.sysctl.protected_hardlinks = machine.sysctl.protected_regular = 1
  for (const dir of ['/s', '/m', '/r']) sys.mkdir(init, dir, 0o777)
  const holder = fork()
  sys.unshare(holder, CLONE_NEWUSER)
  for (const map of ['uid_map', 'gid_map']) {
    const fd = sys.openat(init, AT_FDCWD, `/proc/${holder.pid}/${map}`, O_WRONLY, 0)
    sys.write(init, fd, new TextEncoder().encode(`0 ${SHIFT} 100`))
    sys.close(init, fd)
  }
  const userns_fd = sys.openat(init, AT_FDCWD, `/proc/${holder.pid}/ns/user`, O_RDONLY, 0)
  const tasks = (shift: number) => new Map(USERS.map((id) => [id, fork(init, id + shift)]))
  const sides = [
    { root: '/m', shift: SHIFT, users: tasks(SHIFT) },
    { root: '/r', shift: 0, users: tasks(0) },
  ] as const

  const play = ({ call, who, from, to, id, mode }: Step, root: string, shift: number, by: Task): string | number => {
    const path = `${root}/${from}`
    const shifted = id < 0 ? id : id + shift
    const open = (flags: number): number => {
      const fd = sys.openat(by, AT_FDCWD, path, flags | 0o4000, mode)
      if (fd < 0) return fd
      const rc = sys.write(by, fd, new Uint8Array(10))
      sys.close(by, fd)
      return rc
    }
    switch (call) {
      case 'create':
        return open(O_CREAT | O_RDWR)
      case 'write':
        return open(O_WRONLY)
      case 'mkdir':
        return sys.mkdir(by, path, mode)
      case 'mknod':
        return sys.mknod(by, path, S_IFIFO | mode, 0)
      case 'symlink':
        return sys.symlink(by, to, path)
      case 'link':
        return sys.link(by, path, `${root}/${to}`)
      case 'rename':
        return sys.rename(by, path, `${root}/${to}`)
      case 'unlink':
        return sys.unlink(by, path)
      case 'rmdir':
        return sys.rmdir(by, path)
      case 'chmod':
        return sys.chmod(by, path, mode)
      case 'chown':
        return sys.fchownat(by, AT_FDCWD, path, who % 2 === 0 ? shifted : -1, shifted, AT_SYMLINK_NOFOLLOW)
      case 'access':
        return sys.access(by, path, mode & 7)
      case 'touch':
        return sys.utimensat(by, AT_FDCWD, path, null, 0)
      case 'truncate':
        return sys.truncate(by, path, mode)
      case 'acl':
        return sys.setxattr(by, path, XATTR_NAME_POSIX_ACL_ACCESS, acl(mode, Math.max(shifted, shift)), 0)
      case 'default':
        return sys.setxattr(by, path, XATTR_NAME_POSIX_ACL_DEFAULT, acl(mode, Math.max(shifted, shift)), 0)
      case 'getacl': {
        const buf = new Uint8Array(100)
        const rc = sys.getxattr(by, path, XATTR_NAME_POSIX_ACL_ACCESS, buf)
        return rc < 0 ? rc : aclText(buf.subarray(0, rc), shift)
      }
    }
  }

  /** All that is there, with its ids lowered by `shift`. */
  const tree = (root: string, shift: number): string[] =>
    NAMES.map((each) => {
      const stat = new Kstat()
      const rc = sys.lstat(init, `${root}/${each}`, stat)
      const { mode, uid, gid, nlink, size } = stat
      return rc !== 0 ? '' : `${each} ${mode.toString(8)} ${uid - shift}:${gid - shift} ${nlink} ${size}`
    })

  fc.assert(
    fc.property(fc.array(step, { minLength: 40, maxLength: 80, size: 'max' }), (steps) => {
      for (const dir of ['/s', '/r']) sys.mount(init, 't', dir, 'tmpfs', 0, 'mode=1777')
      const copy = sys.open_tree(init, AT_FDCWD, '/s', OPEN_TREE_CLONE)
      const attr = { attr_set: MOUNT_ATTR_IDMAP, attr_clr: 0, propagation: 0, userns_fd }
      expect(sys.mount_setattr(init, copy, '', 0x1000, attr, 32)).toBe(0)
      expect(sys.move_mount(init, copy, '', AT_FDCWD, '/m', MOVE_MOUNT_F_EMPTY_PATH)).toBe(0)
      sys.close(init, copy)
      for (const one of steps) {
        const [mapped, plain] = sides.map(({ root, shift, users }) => play(one, root, shift, users.get(one.who)!))
        expect([one, mapped]).toEqual([one, plain])
      }
      expect(tree('/m', SHIFT)).toEqual(tree('/r', 0))
      expect(tree('/s', 0)).toEqual(tree('/r', 0))
      for (const dir of ['/m', '/s', '/r']) expect(sys.umount2(init, dir, 0)).toBe(0)
    }),
    { numRuns: 50 },
  )
})
