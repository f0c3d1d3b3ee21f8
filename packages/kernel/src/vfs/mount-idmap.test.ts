/** Mounts that show ids of their own: who may make them, and what every call that meets an id then says. */
import {
  AT_EMPTY_PATH, AT_FDCWD, AT_RECURSIVE, AT_SYMLINK_NOFOLLOW, CLONE_NEWNS, CLONE_NEWUSER, EACCES, EBADF, EBUSY, EINVAL,
  EOVERFLOW, EPERM, errnoName, F_SETLEASE, F_WRLCK, FSCONFIG_CMD_CREATE, MNT_DETACH, MOUNT_ATTR_IDMAP,
  MOUNT_ATTR_RDONLY, MOVE_MOUNT_F_EMPTY_PATH, O_CREAT, O_DIRECTORY, O_PATH, O_RDONLY, O_RDWR, O_WRONLY, OPEN_TREE_CLONE,
  S_IFIFO, S_IFMT, S_IFREG, UTIME_NOW, XATTR_NAME_POSIX_ACL_ACCESS, XATTR_NAME_POSIX_ACL_DEFAULT, __O_TMPFILE,
} from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import { describe, expect, test } from 'vitest'
import { nativeFile } from '../state/exec/native.ts'
import { bootForTest } from '../testing/boot.ts'
import { Kstat } from '../state/vfs/kstat.ts'

const MAP = '0 10000 10000'

/** A tmpfs at /s that everybody may write to, and the descriptor of a user namespace that maps 0 to 10000 and so on. */
const setUp = (map = MAP) => {
  const kernel = bootForTest()
  const { sys, init, fork } = kernel
  for (const name of ['/s', '/m', '/x']) sys.mkdir(init, name, 0o777)
  sys.mount(init, 's', '/s', 'tmpfs', 0, 'mode=777')
  const write = (path: string, text: string, by: Task = init): number => {
    const fd = sys.openat(by, AT_FDCWD, path, O_WRONLY, 0)
    return sys.write(by, fd, new TextEncoder().encode(text))
  }
  const openPath = (path: string): number => sys.openat(init, AT_FDCWD, path, O_RDONLY, 0)
  const nsFd = (text: string): number => {
    const holder = fork()
    sys.unshare(holder, CLONE_NEWUSER)
    if (text !== '') for (const name of ['uid_map', 'gid_map']) write(`/proc/${holder.pid}/${name}`, text)
    return openPath(`/proc/${holder.pid}/ns/user`)
  }
  const userns_fd = nsFd(map)
  const setattr = (fd: number, attr: Record<string, number> = {}, flags = 0, task: Task = init): number =>
    sys.mount_setattr(task, fd, '', AT_EMPTY_PATH | flags, {
      attr_set: MOUNT_ATTR_IDMAP, attr_clr: 0, propagation: 0, userns_fd, ...attr,
    }, 32)
  const tree = (path = '/s', flags = 0): number => sys.open_tree(init, AT_FDCWD, path, OPEN_TREE_CLONE | flags)
  const place = (fd: number): number => sys.move_mount(init, fd, '', AT_FDCWD, '/m', MOVE_MOUNT_F_EMPTY_PATH)
  return { ...kernel, write, openPath, nsFd, userns_fd, setattr, tree, place }
}
type Set = ReturnType<typeof setUp>

describe('who may map which mount', () => {
  const rows: Record<string, readonly [call: (k: Set) => number, rc: number]> = {
    'a tree that lies nowhere yet': [({ setattr, tree }) => setattr(tree()), 0],
    'with a flag': [({ setattr, tree }) => setattr(tree(), { attr_set: MOUNT_ATTR_IDMAP | MOUNT_ATTR_RDONLY }), 0],
    'a mount of fsmount': [
      ({ sys, init, setattr }) => {
        const fs = sys.fsopen(init, 'tmpfs', 0)
        sys.fsconfig(init, fs, FSCONFIG_CMD_CREATE, null, null, 0)
        return setattr(sys.fsmount(init, fs, 0, 0))
      },
      0,
    ],
    'a mount that is seen': [({ setattr, openPath }) => setattr(openPath('/s')), -EINVAL],
    twice: [({ setattr, tree }) => { const fd = tree(); setattr(fd); return setattr(fd) }, -EPERM],
    'a mapping cleared': [({ setattr, tree }) => setattr(tree(), { attr_set: 0, attr_clr: MOUNT_ATTR_IDMAP }), -EINVAL],
    'no descriptor': [({ setattr, tree }) => setattr(tree(), { userns_fd: 99 }), -EBADF],
    'a negative descriptor': [({ setattr, tree }) => setattr(tree(), { userns_fd: -1 }), -EINVAL],
    'a descriptor of O_PATH': [
      ({ sys, init, setattr, tree }) =>
        setattr(tree(), { userns_fd: sys.openat(init, AT_FDCWD, '/proc/self/ns/user', O_PATH, 0) }),
      -EBADF,
    ],
    'a file that is no namespace': [
      ({ setattr, tree, openPath }) => setattr(tree(), { userns_fd: openPath('/s') }), -EINVAL,
    ],
    'a namespace of another kind': [
      ({ setattr, tree, openPath }) => setattr(tree(), { userns_fd: openPath('/proc/self/ns/uts') }), -EINVAL,
    ],
    'the first namespace': [
      ({ setattr, tree, openPath }) => setattr(tree(), { userns_fd: openPath('/proc/self/ns/user') }), -EPERM,
    ],
    'a namespace without maps': [({ setattr, tree, nsFd }) => setattr(tree(), { userns_fd: nsFd('') }), -EINVAL],
    'a file system that knows no mappings': [({ setattr, tree }) => setattr(tree('/dev')), -EINVAL],
    'procfs': [({ setattr, tree }) => setattr(tree('/proc')), -EINVAL],
    'not the root of the mount': [
      ({ sys, init, setattr }) => {
        sys.mkdir(init, '/s/d', 0o755)
        return setattr(sys.open_tree(init, AT_FDCWD, '/s/d', 0))
      },
      -EINVAL,
    ],
    'open for writing': [
      ({ sys, init, setattr, tree }) => {
        const fd = tree()
        sys.openat(init, fd, 'f', O_CREAT | O_WRONLY, 0o600)
        return setattr(fd)
      },
      -EBUSY,
    ],
    'no such flag': [({ setattr, tree }) => setattr(tree(), { attr_set: MOUNT_ATTR_IDMAP | 0x400000 }), -EINVAL],
    'by somebody without capabilities': [
      ({ fork, sys, init, setattr, tree }) => {
        const fd = tree()
        const other = fork()
        sys.setresuid(other, 1000, 1000, 1000)
        for (const set of [other.cred.cap_effective, other.cred.cap_permitted]) set.lo = set.hi = 0
        expect(sys.fstat(init, fd, new Kstat())).toBe(0)
        return setattr(fd, {}, 0, other)
      },
      -EPERM,
    ],
  }
  test.each(Object.entries(rows))('%s', (_, [call, rc]) => expect(errnoName(call(setUp()))).toBe(errnoName(rc)))

  test('all of a tree, or nothing', () => {
    const { sys, init, setattr, tree, place, cat } = setUp()
    sys.mkdir(init, '/s/p', 0o755)
    sys.mount(init, 'p', '/s/p', 'proc', 0, null)
    const fd = tree('/s', AT_RECURSIVE)
    expect(setattr(fd, {}, AT_RECURSIVE)).toBe(-EINVAL)
    expect(setattr(fd)).toBe(0)
    expect(place(fd)).toBe(0)
    expect(cat(init, '/proc/self/mountinfo')).toMatch(/ \/m rw,relatime,idmapped - tmpfs/)
    expect(cat(init, '/proc/self/mounts')).toMatch(/ \/m tmpfs rw,relatime,idmapped,mode=777,inode64 0 0/)
  })

  test('whoever rules a namespace maps a tmpfs of its own, not one of the outside', () => {
    const { sys, fork, setattr, write } = setUp()
    const inside = fork()
    sys.unshare(inside, CLONE_NEWUSER)
    for (const name of ['uid_map', 'gid_map']) write(`/proc/${inside.pid}/${name}`, '0 50000 1000')
    sys.setresgid(inside, 0, 0, 0)
    sys.setresuid(inside, 0, 0, 0)
    sys.unshare(inside, CLONE_NEWNS)
    const outer = sys.open_tree(inside, AT_FDCWD, '/s', OPEN_TREE_CLONE)
    const own = sys.openat(inside, AT_FDCWD, '/proc/self/ns/user', O_RDONLY, 0)
    expect(setattr(outer, { userns_fd: own }, 0, inside)).toBe(-EPERM)
    const below = fork(inside)
    sys.unshare(below, CLONE_NEWUSER)
    below.mm!.dumpable = 1
    for (const name of ['uid_map', 'gid_map']) write(`/proc/${below.pid}/${name}`, '0 100 10', inside)
    const belowFd = sys.openat(inside, AT_FDCWD, `/proc/${below.pid}/ns/user`, O_RDONLY, 0)
    const fs = sys.fsopen(inside, 'tmpfs', 0)
    sys.fsconfig(inside, fs, FSCONFIG_CMD_CREATE, null, null, 0)
    const mnt = sys.fsmount(inside, fs, 0, 0)
    expect(setattr(mnt, { userns_fd: own }, 0, inside)).toBe(-EINVAL)
    expect(setattr(mnt, { userns_fd: belowFd }, 0, inside)).toBe(0)
  })
})

/** The mapped mount at /m, files of ids 0, 1000 and 50000 (which has none there), and a task of the id 11000. */
const mapped = () => {
  const kernel = setUp()
  const { sys, init, setattr, tree, place, file, fork } = kernel
  for (const [name, id] of [['root', 0], ['user', 1000], ['alien', 50000]] as const) {
    file(`/s/${name}`, 'text', 0o644)
    sys.chown(init, `/s/${name}`, id, id)
  }
  const fd = tree()
  expect([setattr(fd), place(fd)]).toEqual([0, 0])
  const user = fork(init, 11000)
  const ids = (path: string, by: Task = init): string => {
    const stat = new Kstat()
    const rc = sys.lstat(by, path, stat)
    return rc !== 0 ? errnoName(rc) : `${stat.uid}:${stat.gid}`
  }
  return { ...kernel, user, ids }
}
type Mapped = ReturnType<typeof mapped>

test('what stat shows', () => {
  const { ids } = mapped()
  const all = (at: string) => ['root', 'user', 'alien'].map((name) => ids(`${at}/${name}`))
  expect(all('/m')).toEqual(['10000:10000', '11000:11000', '65534:65534'])
  expect(all('/s')).toEqual(['0:0', '1000:1000', '50000:50000'])
})

describe('what is made through the mount belongs to whom the mapping says', () => {
  const makers: Record<string, (k: Mapped, by: Task, path: string) => number> = {
    open: ({ sys }, by, path) => Math.min(0, sys.openat(by, AT_FDCWD, path, O_CREAT | O_RDWR, 0o600)),
    mkdir: ({ sys }, by, path) => sys.mkdir(by, path, 0o700),
    mknod: ({ sys }, by, path) => sys.mknod(by, path, S_IFIFO | 0o600, 0),
    'mknod of a file': ({ sys }, by, path) => sys.mknod(by, path, S_IFREG | 0o600, 0),
    symlink: ({ sys }, by, path) => sys.symlink(by, 'to', path),
    'O_TMPFILE': ({ sys }, by, path) => {
      const fd = sys.openat(by, AT_FDCWD, path.replace(/\/[^/]*$/, ''), __O_TMPFILE | O_DIRECTORY | O_RDWR, 0o600)
      return fd < 0 ? fd : sys.linkat(by, AT_FDCWD, `/proc/self/fd/${fd}`, AT_FDCWD, path, 0x400)
    },
  }
  test.each(Object.entries(makers))('%s', (_, make) => {
    const k = mapped()
    expect([make(k, k.user, '/m/new'), k.ids('/s/new'), k.ids('/m/new')]).toEqual([0, '1000:1000', '11000:11000'])
    // Ids that the mapping does not know cannot be stored.
    expect(errnoName(make(k, k.init, '/m/mine'))).toBe('EOVERFLOW')
    expect(k.ids('/s/mine')).toBe('ENOENT')
  })

  test('a setgid directory gives its group', () => {
    const k = mapped()
    k.sys.mkdir(k.init, '/s/d', 0o777)
    k.sys.chown(k.init, '/s/d', 1000, 7)
    k.sys.chmod(k.init, '/s/d', 0o2777)
    expect(k.sys.mkdir(k.user, '/m/d/e', 0o700)).toBe(0)
    expect([k.ids('/s/d/e'), k.ids('/m/d/e')]).toEqual(['1000:7', '11000:10007'])
  })
})

describe('changes, by root, by uid 11000 (1000 of the file system) and by uid 1000', () => {
  type Who = 'root' | 'user' | 'same'
  const touch = (k: Mapped, by: Task, name: string) => k.sys.utimensat(by, AT_FDCWD, `/m/${name}`, null, 0)
  const open = (k: Mapped, by: Task, name: string, flags: number) =>
    Math.min(0, k.sys.openat(by, AT_FDCWD, `/m/${name}`, flags, 0))
  const time = { tv_sec: 5, tv_nsec: 0 }
  const rows: readonly (readonly [string, Who, (k: Mapped, by: Task) => number, number])[] = [
    ['chmod of its own', 'user', ({ sys }, by) => sys.chmod(by, '/m/user', 0o600), 0],
    ['chmod by its number there', 'same', ({ sys }, by) => sys.chmod(by, '/m/user', 0o600), -EPERM],
    ['chmod of an unmapped owner', 'root', ({ sys }, by) => sys.chmod(by, '/m/alien', 0o600), -EOVERFLOW],
    ['chown to a mapped id', 'root', ({ sys }, by) => sys.chown(by, '/m/user', 12000, 13000), 0],
    ['chown to an id that is not mapped', 'root', ({ sys }, by) => sys.chown(by, '/m/user', 5, -1), -EOVERFLOW],
    ['chown of an unmapped owner', 'root', ({ sys }, by) => sys.chown(by, '/m/alien', -1, 12000), -EOVERFLOW],
    ['chown of an unmapped owner and group', 'root', ({ sys }, by) => sys.chown(by, '/m/alien', 12000, 12000), 0],
    ['chown to itself', 'user', ({ sys }, by) => sys.chown(by, '/m/user', 11000, 11000), 0],
    ['chown to its number in the file system', 'user', ({ sys }, by) => sys.chown(by, '/m/user', 1000, -1), -EOVERFLOW],
    ['writing its own', 'user', (k, by) => open(k, by, 'user', O_WRONLY), 0],
    ['writing by the number of the file system', 'same', (k, by) => open(k, by, 'user', O_WRONLY), -EACCES],
    ['writing of what root owns', 'root', (k, by) => open(k, by, 'user', O_WRONLY), 0],
    ['writing to an unmapped owner', 'root', (k, by) => open(k, by, 'alien', O_WRONLY), -EACCES],
    ['reading of an unmapped owner', 'user', (k, by) => open(k, by, 'alien', O_RDONLY), 0],
    ['access(W_OK)', 'user', ({ sys }, by) => sys.access(by, '/m/user', 2), 0],
    ['access(W_OK), unmapped', 'root', ({ sys }, by) => sys.access(by, '/m/alien', 2), -EACCES],
    ['truncate', 'user', ({ sys }, by) => sys.truncate(by, '/m/user', 1), 0],
    ['truncate, unmapped', 'root', ({ sys }, by) => sys.truncate(by, '/m/alien', 1), -EACCES],
    ['touch', 'user', (k, by) => touch(k, by, 'user'), 0],
    ['touch, unmapped', 'root', (k, by) => touch(k, by, 'alien'), -EACCES],
    ['utimes', 'user', ({ sys }, by) => sys.utimensat(by, AT_FDCWD, '/m/user', [time, time], 0), 0],
    ['utimes, not the owner', 'same', (k, by) => k.sys.utimensat(by, AT_FDCWD, '/m/user', [time, time], 0), -EPERM],
    ['utimes, alien', 'root', (k, by) => k.sys.utimensat(by, AT_FDCWD, '/m/alien', [time, time], 0), -EOVERFLOW],
    ['one time now', 'same', ({ sys }, by) =>
      sys.utimensat(by, AT_FDCWD, '/m/user', [{ tv_sec: 0, tv_nsec: UTIME_NOW }, time], 0), -EPERM],
    ['trusted attribute', 'user', (k, by) => k.sys.setxattr(by, '/m/user', 'trusted.x', new Uint8Array(1), 0), -EPERM],
    ['attribute, alien', 'root', (k, by) => k.sys.setxattr(by, '/m/alien', 'trusted.x', new Uint8Array(1), 0), -EPERM],
    ['unlink', 'user', ({ sys }, by) => sys.unlink(by, '/m/user'), 0],
    ['unlink, unmapped', 'root', ({ sys }, by) => sys.unlink(by, '/m/alien'), -EOVERFLOW],
    ['rename, unmapped', 'root', ({ sys }, by) => sys.rename(by, '/m/alien', '/m/a'), -EOVERFLOW],
    ['rename over it, unmapped', 'user', ({ sys }, by) => sys.rename(by, '/m/user', '/m/alien'), -EOVERFLOW],
    ['rename to a new name, maker unmapped', 'root', ({ sys }, by) => sys.rename(by, '/m/user', '/m/a'), -EOVERFLOW],
    ['rename', 'user', ({ sys }, by) => sys.rename(by, '/m/user', '/m/a'), 0],
    ['link', 'user', ({ sys }, by) => sys.link(by, '/m/user', '/m/a'), 0],
    ['link, unmapped', 'user', ({ sys }, by) => sys.link(by, '/m/alien', '/m/a'), -EOVERFLOW],
    ['link of another\'s file', 'same', ({ sys }, by) => sys.link(by, '/m/user', '/m/a'), -EPERM],
    ['O_NOATIME', 'user', (k, by) => open(k, by, 'user', 0o1000000), 0],
    ['O_NOATIME by another', 'same', (k, by) => open(k, by, 'user', 0o1000000), -EPERM],
    ['lease', 'user', ({ sys }, by) =>
      sys.fcntl(by, sys.openat(by, AT_FDCWD, '/m/user', O_RDWR, 0), F_SETLEASE, F_WRLCK), 0],
    ['lease by another', 'same', ({ sys }, by) =>
      sys.fcntl(by, sys.openat(by, AT_FDCWD, '/m/user', O_RDONLY, 0), F_SETLEASE, F_WRLCK), -EACCES],
  ]
  test.each(rows)('%s (%s)', (_, who, call, rc) => {
    const k = mapped()
    const by = { root: k.init, user: k.user, same: k.fork(k.init, 1000) }[who]
    expect(errnoName(call(k, by))).toBe(errnoName(rc))
  })

  test('chown stores what the mapping says', () => {
    const { sys, init, ids } = mapped()
    expect([sys.chown(init, '/m/user', 12000, 13000), ids('/s/user'), ids('/m/user')]).toEqual([
      0, '2000:3000', '12000:13000',
    ])
  })
})

describe('sticky directories', () => {
  const sticky = (owner: number) => {
    const k = mapped()
    k.sys.mkdir(k.init, '/s/t', 0o777)
    k.file('/s/t/f', '', 0o666)
    k.sys.chown(k.init, '/s/t/f', 2000, 2000)
    k.sys.chown(k.init, '/s/t', owner, owner)
    k.sys.chmod(k.init, '/s/t', 0o1777)
    return k
  }
  test.each([
    ['the directory is the caller\'s', 1000, 0, -EACCES],
    ['the directory is the file owner\'s', 2000, -EPERM, 0],
    ['the directory is another\'s', 2, -EPERM, -EACCES],
    ['the directory has the caller\'s number in the file system, and none in the mount', 11000, -EACCES, -EACCES],
  ] as const)('%s', (_, owner, removed, created) => {
    const { sys, user, machine } = sticky(owner)
    machine.sysctl.protected_regular = 1
    expect(Math.min(0, sys.openat(user, AT_FDCWD, '/m/t/f', O_CREAT | O_RDWR, 0))).toBe(created)
    expect(sys.unlink(user, '/m/t/f')).toBe(removed)
  })

  test('protected_symlinks goes by ids as the mount shows them', () => {
    const k = sticky(0)
    const { sys, user, init } = k
    sys.symlink(init, '/m/user', '/s/t/link')
    for (const [owner, rc] of [[1000, 0], [2000, -EACCES], [11000, -EACCES], [0, 0]] as const) {
      sys.lchown(init, '/s/t/link', owner, owner)
      expect([owner, Math.min(0, sys.openat(user, AT_FDCWD, '/m/t/link', O_RDONLY, 0))]).toEqual([owner, rc])
    }
  })
})

describe('ACLs', () => {
  const acl = (uid: number, gid: number): Uint8Array => {
    const entries = [[1, 6, -1], [2, 4, uid], [4, 0, -1], [8, 4, gid], [16, 6, -1], [32, 0, -1]] as const
    const view = new DataView(new ArrayBuffer(4 + 8 * entries.length))
    view.setUint32(0, 2, true)
    entries.forEach(([tag, perm, id], i) => {
      view.setUint16(4 + 8 * i, tag, true)
      view.setUint16(6 + 8 * i, perm, true)
      view.setUint32(8 + 8 * i, id >>> 0, true)
    })
    return new Uint8Array(view.buffer)
  }
  const named = ({ sys, init }: Mapped, path: string, name: string = XATTR_NAME_POSIX_ACL_ACCESS): string => {
    const buf = new Uint8Array(256)
    const n = sys.getxattr(init, path, name, buf)
    if (n < 0) return errnoName(n)
    const view = new DataView(buf.buffer)
    return `${view.getUint32(16, true)}:${view.getUint32(32, true)}`
  }
  const set = ({ sys, init }: Mapped, path: string, uid: number, gid: number, name = XATTR_NAME_POSIX_ACL_ACCESS) =>
    sys.setxattr(init, path, name, acl(uid, gid), 0)

  test.each([
    ['given through the mount', '/m/user', 12000, 13000, 0, '2000:3000', '12000:13000'],
    ['given through the file system', '/s/user', 2000, 3000, 0, '2000:3000', '12000:13000'],
    ['ids that the mount does not know', '/s/user', 50000, 50001, 0, '50000:50001', '4294967295:4294967295'],
    ['a user that the mapping does not know', '/m/user', 5, 13000, -EINVAL, 'ENODATA', 'ENODATA'],
    ['a group that the mapping does not know', '/m/user', 12000, 5, -EINVAL, 'ENODATA', 'ENODATA'],
    ['a file that is unmapped', '/m/alien', 12000, 12000, -EPERM, 'ENODATA', 'ENODATA'],
  ] as const)('%s', (_, path, uid, gid, rc, inFs, inMount) => {
    const k = mapped()
    expect([set(k, path, uid, gid), named(k, '/s/user'), named(k, '/m/user')]).toEqual([rc, inFs, inMount])
  })

  test('they grant to whom the mapping names', () => {
    const k = mapped()
    k.sys.chmod(k.init, '/s/user', 0o600)
    set(k, '/s/user', 2000, 3000)
    const reads = (uid: number, path: string) => k.cat(k.fork(k.init, uid), path)
    expect([reads(12000, '/m/user'), reads(13000, '/m/user'), reads(2000, '/s/user')]).toEqual(['text', 'text', 'text'])
    expect([reads(2000, '/m/user'), reads(3000, '/m/user'), reads(12000, '/s/user')]).toEqual(Array(3).fill(-EACCES))
  })

  test('a default ACL is inherited as the file system has it', () => {
    const k = mapped()
    k.sys.mkdir(k.init, '/s/d', 0o777)
    expect(set(k, '/m/d', 12000, 13000, XATTR_NAME_POSIX_ACL_DEFAULT)).toBe(0)
    k.sys.chmod(k.init, '/s/d', 0o777)
    expect(k.sys.mkdir(k.user, '/m/d/e', 0o777)).toBe(0)
    expect([named(k, '/s/d/e'), named(k, '/m/d/e', XATTR_NAME_POSIX_ACL_DEFAULT)]).toEqual(['2000:3000', '12000:13000'])
  })
})

test('a set-id program runs as whom the mount shows', () => {
  const k = mapped()
  const { sys, init, file, fork, machine } = k
  machine.programs.set('id', () => 0)
  for (const [name, id] of [['suid', 0], ['far', 50000]] as const) {
    file(`/s/${name}`, nativeFile('id'), 0o755)
    sys.chown(init, `/s/${name}`, id, id)
    sys.chmod(init, `/s/${name}`, 0o6755)
  }
  const after = (path: string): string => {
    const task = fork(init, 11000)
    const rc = sys.execve(task, path, [path], [])
    return rc < 0 ? errnoName(rc) : `${task.cred.euid}:${task.cred.egid}`
  }
  expect([after('/s/suid'), after('/m/suid'), after('/m/far'), after('/s/far')]).toEqual([
    '0:0', '10000:10000', '11000:11000', '50000:50000',
  ])
})

test('a copy of the mount and a new namespace keep the mapping', () => {
  const { sys, init, ids, fork } = mapped()
  expect(sys.mount(init, '/m', '/x', null, 4096, null)).toBe(0)
  expect(ids('/x/user')).toBe('11000:11000')
  const other = fork()
  sys.unshare(other, CLONE_NEWNS)
  expect([ids('/m/user', other), sys.umount2(other, '/m', MNT_DETACH), ids('/m/user')]).toEqual([
    '11000:11000', 0, '11000:11000',
  ])
})

test('links are looked at, not followed, with AT_SYMLINK_NOFOLLOW', () => {
  const { sys, init, user, ids } = mapped()
  sys.symlink(user, 'alien', '/m/link')
  expect(sys.fchownat(init, AT_FDCWD, '/m/link', 12000, 12000, AT_SYMLINK_NOFOLLOW)).toBe(0)
  const stat = new Kstat()
  sys.lstat(init, '/s/link', stat)
  expect([ids('/s/link'), stat.mode & S_IFMT]).toEqual(['2000:2000', 0o120000])
})
