/** The tree as the kernel has it: all kinds of files, whatever the modules say, and no other file system. */
import { expect, test } from 'vitest'
import { AT_FDCWD, EACCES, MNT_DETACH, O_CREAT, O_RDWR, S_IFIFO, S_IFMT } from '@lsmkit/abi'
import { createStack, defineLsm } from '@lsmkit/core'
import { bootKernel } from '../boot/kernel.ts'
import { memoryTree } from './memory-tree.ts'

test('every file below the root, and no hook is asked', () => {
  let refuses = false
  const refusing = defineLsm({
    name: 'refusing', abi: '1.0',
    hooks: { inode_permission: () => (refuses ? -EACCES : 0), file_open: () => (refuses ? -EACCES : 0) },
  })
  const { sys, init } = bootKernel({ stack: createStack({ lsms: [refusing], capability: 'none' }) })
  sys.mkdir(init, '/d', 0o750)
  const fd = sys.openat(init, AT_FDCWD, '/d/file', O_CREAT | O_RDWR, 0o640)
  const long = new Uint8Array(200_000).map((_, i) => i % 251)
  for (let at = 0; at < long.length;) at += sys.write(init, fd, long.subarray(at))
  sys.chown(init, '/d/file', 7, 8)
  sys.setxattr(init, '/d/file', 'user.note', Uint8Array.of(1, 2), 0)
  sys.link(init, '/d/file', '/again')
  sys.symlink(init, 'd/file', '/link')
  sys.mknod(init, '/pipe', S_IFIFO | 0o600, 0)
  sys.openat(init, AT_FDCWD, '/gone', O_CREAT | O_RDWR, 0o600)
  sys.unlink(init, '/gone')
  sys.stat(init, '/never', {} as never)
  refuses = true
  const files = memoryTree(init)
  const of = (path: string) => files.find((file) => file.path === path)
  expect(files[0]).toMatchObject({ path: '/', data: null })
  const file = [of('/d/file')!, of('/again')!].find(({ linkTo }) => linkTo === null)!
  expect(file).toMatchObject({ uid: 7, gid: 8, attributes: [['user.note', Uint8Array.of(1, 2)]] })
  expect(file.mode & 0o7777).toBe(0o640)
  expect(Buffer.compare(file.data as Uint8Array, long)).toBe(0)
  const names = [of('/d/file')!.linkTo, of('/again')!.linkTo]
  expect(names.filter((name) => name !== null)).toEqual([file.path])
  expect(of('/link')).toMatchObject({ data: 'd/file' })
  expect(of('/pipe')!.mode & S_IFMT).toBe(S_IFIFO)
  expect([of('/gone'), of('/never')]).toEqual([undefined, undefined])
  expect(files.filter(({ path }) => path.startsWith('/proc/'))).toEqual([])
  refuses = false
  expect(sys.umount2(init, '/proc', MNT_DETACH)).toBe(0)
})
