/** An overlay as programs see it: what shows, what is copied up, and what is left behind. */
import {
  AT_FDCWD, ENOENT, ENOTEMPTY, EXDEV, O_CREAT, O_RDONLY, O_RDWR, O_WRONLY, S_IFCHR, S_IFMT,
} from '@lsmkit/abi'
import { expect, test } from 'vitest'
import { bootForTest } from '../../testing/boot.ts'
import { Kstat } from '../../vfs/kstat.ts'

const setUp = (options = '') => {
  const kernel = bootForTest()
  const { sys, init, file } = kernel
  for (const name of ['l', 'u', 'w', 'm']) sys.mkdir(init, `/tmp/${name}`, 0o755)
  sys.mkdir(init, '/tmp/l/d', 0o755)
  file('/tmp/l/f', 'lower')
  file('/tmp/l/d/g', 'deep')
  const data = `lowerdir=/tmp/l,upperdir=/tmp/u,workdir=/tmp/w${options}`
  expect(sys.mount(init, 'o', '/tmp/m', 'overlay', 0, data)).toBe(0)
  const stat = (path: string) => {
    const st = new Kstat()
    const rc = sys.lstat(init, path, st)
    return rc < 0 ? rc : st
  }
  const write = (path: string, text: string, flags = O_WRONLY) => {
    const fd = sys.openat(init, AT_FDCWD, path, flags, 0o644)
    if (fd < 0) return fd
    const n = sys.write(init, fd, new TextEncoder().encode(text))
    sys.close(init, fd)
    return n
  }
  return { ...kernel, stat, write }
}

test('what is below shows, a write copies it up, and below nothing changes', () => {
  const { cat, init, write } = setUp()
  expect(cat(init, '/tmp/m/f')).toBe('lower')
  expect(cat(init, '/tmp/m/d/g')).toBe('deep')
  expect(write('/tmp/m/f', 'UP')).toBe(2)
  expect(cat(init, '/tmp/m/f')).toBe('UPwer')
  expect(cat(init, '/tmp/u/f')).toBe('UPwer')
  expect(cat(init, '/tmp/l/f')).toBe('lower')
  expect(write('/tmp/m/d/new', 'n', O_CREAT | O_RDWR)).toBe(1)
  expect(cat(init, '/tmp/u/d/new')).toBe('n')
})

test('a removal leaves a whiteout, which what is made anew replaces', () => {
  const { cat, init, sys, stat, write } = setUp()
  expect(sys.unlink(init, '/tmp/m/f')).toBe(0)
  expect(cat(init, '/tmp/m/f')).toBe(-ENOENT)
  expect((stat('/tmp/u/f') as Kstat).mode & S_IFMT).toBe(S_IFCHR)
  expect(write('/tmp/m/f', 'new', O_CREAT | O_RDWR)).toBe(3)
  expect(cat(init, '/tmp/u/f')).toBe('new')
  expect(sys.rmdir(init, '/tmp/m/d')).toBe(-ENOTEMPTY)
  expect(sys.unlink(init, '/tmp/m/d/g')).toBe(0)
  expect(sys.rmdir(init, '/tmp/m/d')).toBe(0)
  expect(sys.mkdir(init, '/tmp/m/d', 0o755)).toBe(0)
  expect(cat(init, '/tmp/m/d/g')).toBe(-ENOENT)
  expect(sys.umount2(init, '/tmp/m', 0)).toBe(0)
})

test('directories of the lower layer move only by redirects', () => {
  const { sys, init } = setUp()
  expect(sys.rename(init, '/tmp/m/d', '/tmp/m/e')).toBe(-EXDEV)
  const on = setUp(',redirect_dir=on')
  expect(on.sys.rename(on.init, '/tmp/m/d', '/tmp/m/e')).toBe(0)
  expect(on.cat(on.init, '/tmp/m/e/g')).toBe('deep')
  expect(on.sys.openat(on.init, AT_FDCWD, '/tmp/m/d', O_RDONLY, 0)).toBe(-ENOENT)
})
