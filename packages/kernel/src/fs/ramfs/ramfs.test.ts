/** ramfs: no limits, no attributes of its own, and options that mean nothing. */
import {
  AT_FDCWD, EINVAL, ENOTEMPTY, errnoName, FALLOC_FL_KEEP_SIZE, O_CREAT, O_DIRECT, O_RDWR, O_TMPFILE, RAMFS_MAGIC,
  RENAME_EXCHANGE, RENAME_WHITEOUT, SEEK_HOLE,
} from '@lsmkit/abi'
import { defineLsm } from '@lsmkit/core'
import { expect, test } from 'vitest'
import { bootForTest } from '../../testing/boot.ts'
import { Kstat, Kstatfs } from '../../state/vfs/kstat.ts'

const setUp = (data: string | null = null, lsms: Parameters<typeof bootForTest>[0] = {}) => {
  const kernel = bootForTest(lsms)
  const { sys, init } = kernel
  sys.mkdir(init, '/r', 0o755)
  const mounted = sys.mount(init, 'r', '/r', 'ramfs', 0, data)
  return { ...kernel, mounted }
}
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

test.each([
  [null, 0, ' rw,relatime '],
  ['mode=700', 0, ' rw,relatime,mode=700 '],
  ['mode=755,size=1k,nonsense', 0, ' rw,relatime '],
  ['mode=8', -EINVAL, ''],
  ['mode', -EINVAL, ''],
])('mounted with %s', (data, rc, shown) => {
  const { mounted, cat, init } = setUp(data)
  expect(mounted).toBe(rc)
  if (rc === 0) expect(cat(init, '/proc/self/mounts')).toContain(`r /r ramfs${shown}`)
})

test('contents, names and what they count', () => {
  const { sys, init, file, cat } = setUp()
  file('/r/f', 'x'.repeat(5000))
  sys.symlink(init, 'f', '/r/l')
  sys.mkdir(init, '/r/d', 0o755)
  file('/r/d/g', 'g')
  const stat = new Kstat()
  sys.stat(init, '/r/f', stat)
  expect(cat(init, '/r/l')).toHaveLength(5000)
  expect([stat.blocks, sys.truncate(init, '/r/f', 10), sys.rmdir(init, '/r/d')]).toEqual([16, 0, -ENOTEMPTY])
  sys.stat(init, '/r/f', stat)
  expect([stat.size, stat.blocks]).toEqual([10, 8])
  sys.stat(init, '/r', stat)
  expect([stat.nlink, stat.size]).toEqual([3, 0])
  expect(sys.renameat2(init, AT_FDCWD, '/r/f', AT_FDCWD, '/r/d/g', RENAME_EXCHANGE)).toBe(0)
  expect([cat(init, '/r/f'), cat(init, '/r/d/g')]).toEqual(['g', 'x'.repeat(10)])
  expect(sys.renameat2(init, AT_FDCWD, '/r/f', AT_FDCWD, '/r/h', RENAME_WHITEOUT)).toBe(-EINVAL)
})

test('what tmpfs has and ramfs has not', () => {
  const { sys, init } = setUp()
  const fd = sys.openat(init, AT_FDCWD, '/r/f', O_CREAT | O_RDWR, 0o644)
  sys.write(init, fd, bytes('abc'))
  expect([
    sys.setxattr(init, '/r/f', 'user.x', bytes('v'), 0), sys.fallocate(init, fd, FALLOC_FL_KEEP_SIZE, 0, 4096),
    sys.openat(init, AT_FDCWD, '/r/f', O_RDWR | O_DIRECT, 0),
  ].map(errnoName)).toEqual(['EOPNOTSUPP', 'EOPNOTSUPP', 'EINVAL'])
  expect(sys.lseek(init, fd, 0, SEEK_HOLE)).toBe(3)
  const buf = new Kstatfs()
  sys.statfs(init, '/r', buf)
  expect([buf.f_type, buf.f_blocks, buf.f_files]).toEqual([RAMFS_MAGIC, 0, 0])
})

test('a new inode is labelled where it can only be kept in memory, and may be refused', () => {
  const asked: string[] = []
  const lsm = defineLsm({
    name: 'labeller',
    abi: '1.0', id: 200, xattrs: 1,
    hooks: {
      inode_init_security(_inode, _dir, qstr, xattrs) {
        asked.push(`${qstr?.name} ${xattrs === null ? 'nowhere' : 'stored'}`)
        return qstr?.name === 'no' ? -EINVAL : 0
      },
    },
  })
  const { sys, init } = setUp(null, { lsms: [lsm] })
  asked.length = 0
  const create = (name: string): string =>
    errnoName(Math.min(0, sys.openat(init, AT_FDCWD, name, O_CREAT | O_RDWR, 0o644)))
  expect([create('/r/f'), create('/r/no'), errnoName(sys.access(init, '/r/no', 0))]).toEqual(['0', 'EINVAL', 'ENOENT'])
  expect(sys.openat(init, AT_FDCWD, '/r', O_TMPFILE | O_RDWR, 0o600)).toBeGreaterThanOrEqual(0)
  expect(asked.slice(0, 2)).toEqual(['f nowhere', 'no nowhere'])
  expect(asked).toHaveLength(3)
})
