/** POSIX ACLs through system calls: what is refused, what they grant, what new files inherit, and chmod. */
import {
  AT_FDCWD, EACCES, EINVAL, ENODATA, EOPNOTSUPP, EPERM, O_RDONLY, O_RDWR, XATTR_NAME_POSIX_ACL_ACCESS,
  XATTR_NAME_POSIX_ACL_DEFAULT,
} from '@lsmkit/abi'
import { describe, expect, test } from 'vitest'
import { bootForTest } from '../testing/boot.ts'
import { Kstat } from '../state/vfs/kstat.ts'

type Entry = readonly [tag: number, perm: number, id?: number]
const [USER_OBJ, USER, GROUP_OBJ, GROUP, MASK, OTHER] = [1, 2, 4, 8, 16, 32] as const

const acl = (...entries: readonly Entry[]): Uint8Array => {
  const view = new DataView(new ArrayBuffer(4 + 8 * entries.length))
  view.setUint32(0, 2, true)
  entries.forEach(([tag, perm, id = -1], i) => {
    view.setUint16(4 + 8 * i, tag, true)
    view.setUint16(6 + 8 * i, perm, true)
    view.setInt32(8 + 8 * i, id, true)
  })
  return new Uint8Array(view.buffer)
}
const ALICE = acl([USER_OBJ, 6], [USER, 6, 1000], [GROUP_OBJ, 0], [MASK, 6], [OTHER, 0])

const setUp = () => {
  const kernel = bootForTest()
  const { sys, init } = kernel
  kernel.file('/tmp/f', 'text', 0o600)
  const mode = (path: string): number => {
    const stat = new Kstat()
    sys.stat(init, path, stat)
    return stat.mode & 0o7777
  }
  const set = (path: string, value: Uint8Array, name = XATTR_NAME_POSIX_ACL_ACCESS, task = init) =>
    sys.setxattr(task, path, name, value, 0)
  const get = (path: string, name = XATTR_NAME_POSIX_ACL_ACCESS): Uint8Array | number => {
    const buf = new Uint8Array(256)
    const n = sys.getxattr(init, path, name, buf)
    return n < 0 ? n : buf.slice(0, n)
  }
  return { ...kernel, mode, set, get }
}

describe('values that are refused', () => {
  test.each<readonly [string, Uint8Array, number]>([
    ['no header', new Uint8Array(3), -EINVAL],
    ['another version', new Uint8Array([1, 0, 0, 0]), -EOPNOTSUPP],
    ['half an entry', ALICE.slice(0, -4), -EINVAL],
    ['no owner', acl([GROUP_OBJ, 6], [OTHER, 0]), -EINVAL],
    ['users without a mask', acl([USER_OBJ, 6], [USER, 6, 1000], [GROUP_OBJ, 0], [OTHER, 0]), -EINVAL],
    ['out of order', acl([GROUP_OBJ, 6], [USER_OBJ, 6], [OTHER, 0]), -EINVAL],
    ['an unknown bit', acl([USER_OBJ, 8], [GROUP_OBJ, 0], [OTHER, 0]), -EINVAL],
    ['an unknown tag', acl([USER_OBJ, 6], [3, 6], [OTHER, 0]), -EINVAL],
  ])('%s', (_, value, rc) => {
    const { set, get } = setUp()
    expect(set('/tmp/f', value)).toBe(rc)
    expect(get('/tmp/f')).toBe(-ENODATA)
  })

  test('of another owner, as default of a file, on a link', () => {
    const { set, fork, init, sys } = setUp()
    sys.symlink(init, 'f', '/tmp/l')
    expect(set('/tmp/f', ALICE, XATTR_NAME_POSIX_ACL_ACCESS, fork(init, 1000))).toBe(-EPERM)
    expect(set('/tmp/f', ALICE, XATTR_NAME_POSIX_ACL_DEFAULT)).toBe(-EACCES)
    expect(sys.lsetxattr(init, '/tmp/l', XATTR_NAME_POSIX_ACL_ACCESS, ALICE, 0)).toBe(-EOPNOTSUPP)
  })
})

test('a named user is let in, up to the mask; another is not', () => {
  const { set, sys, fork, init, mode } = setUp()
  expect(set('/tmp/f', ALICE)).toBe(0)
  expect(mode('/tmp/f')).toBe(0o660)
  const open = (uid: number, flags: number) => Math.min(sys.openat(fork(init, uid), AT_FDCWD, '/tmp/f', flags, 0), 0)
  expect([open(1000, O_RDWR), open(1001, O_RDONLY)]).toEqual([0, -EACCES])
  sys.chmod(init, '/tmp/f', 0o640)
  expect([open(1000, O_RDONLY), open(1000, O_RDWR)]).toEqual([0, -EACCES])
})

test('of groups any that grants all counts; one that does not keeps others out', () => {
  const { set, sys, fork, init } = setUp()
  set('/tmp/f', acl([USER_OBJ, 6], [GROUP_OBJ, 0], [GROUP, 4, 1000], [MASK, 6], [OTHER, 6]))
  const open = (flags: number) => Math.min(sys.openat(fork(init, 1000), AT_FDCWD, '/tmp/f', flags, 0), 0)
  expect([open(O_RDONLY), open(O_RDWR)]).toEqual([0, -EACCES])
})

test('what the mode says as well is not kept; removal is', () => {
  const { set, get, mode, sys, init } = setUp()
  set('/tmp/f', acl([USER_OBJ, 7], [GROUP_OBJ, 5], [OTHER, 1]))
  expect([mode('/tmp/f'), get('/tmp/f')]).toEqual([0o751, -ENODATA])
  set('/tmp/f', ALICE)
  expect(get('/tmp/f')).toEqual(ALICE)
  expect(sys.removexattr(init, '/tmp/f', XATTR_NAME_POSIX_ACL_ACCESS)).toBe(0)
  expect(get('/tmp/f')).toBe(-ENODATA)
})

test('a default ACL takes the place of the umask', () => {
  const { set, get, mode, sys, init, file } = setUp()
  sys.umask(init, 0o077)
  sys.mkdir(init, '/tmp/d', 0o755)
  const inherited = acl([USER_OBJ, 7], [USER, 7, 1000], [GROUP_OBJ, 5], [MASK, 7], [OTHER, 5])
  set('/tmp/d', inherited, XATTR_NAME_POSIX_ACL_DEFAULT)
  sys.mknod(init, '/tmp/d/new', 0o100666, 0)
  sys.mkdir(init, '/tmp/d/sub', 0o777)
  file('/tmp/plain', '', 0o600)
  expect(mode('/tmp/d/new')).toBe(0o664)
  expect(get('/tmp/d/new')).toEqual(acl([USER_OBJ, 6], [USER, 7, 1000], [GROUP_OBJ, 5], [MASK, 6], [OTHER, 4]))
  expect(get('/tmp/d/sub', XATTR_NAME_POSIX_ACL_DEFAULT)).toEqual(get('/tmp/d', XATTR_NAME_POSIX_ACL_DEFAULT))
  sys.mknod(init, '/tmp/masked', 0o100666, 0)
  expect(mode('/tmp/masked')).toBe(0o600)
})
