/** An overlay as programs see it: what shows, what is copied up, and what is left behind. */
import {
  AT_FDCWD, EACCES, EBUSY, EINVAL, ELOOP, ENOENT, ENOTEMPTY, EXDEV, MAP_PRIVATE, O_CREAT, O_RDONLY, O_RDWR, O_TRUNC,
  O_WRONLY, OVERLAYFS_SUPER_MAGIC, PROT_READ, S_IFCHR, S_IFMT,
} from '@lsmkit/abi'
import { expect, test } from 'vitest'
import { bootForTest } from '../../testing/boot.ts'
import type { FileHandle } from '../../vfs/file-handles.ts'
import { Kstat, Kstatfs } from '../../state/vfs/kstat.ts'

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

test('who mounted is asked as well as who calls', () => {
  const { cat, fork, init, sys, file, become } = setUp()
  expect(sys.umount2(init, '/tmp/m', 0)).toBe(0)
  file('/tmp/l/secret', 'x', 0o600)
  for (const dir of ['l', 'u', 'w', 'm']) sys.chmod(init, `/tmp/${dir}`, 0o777)
  const owner = fork()
  expect(sys.mount(owner, 'o', '/tmp/m', 'overlay', 0, 'lowerdir=/tmp/l,upperdir=/tmp/u,workdir=/tmp/w')).toBe(0)
  const user = fork(init, 1000)
  expect(cat(user, '/tmp/m/secret')).toBe(-EACCES)
  expect(cat(user, '/tmp/m/f')).toBe('lower')
  // what was root when it mounted stays so
  become(owner, 1000)
  expect(sys.chmod(init, '/tmp/m/secret', 0o666)).toBe(0)
  expect(cat(user, '/tmp/m/secret')).toBe('x')
  expect(cat(user, '/tmp/l/secret')).toBe(-EACCES)
})

test('what was mapped before the copy stays the lower file; what was open reads the copy', () => {
  const { cat, init, sys, write } = setUp()
  const fd = sys.openat(init, AT_FDCWD, '/tmp/m/f', O_RDONLY, 0)
  const at = sys.mmap(init, 0, 4096, PROT_READ, MAP_PRIVATE, fd, 0)
  expect(at).toBeGreaterThan(0)
  expect(write('/tmp/m/f', 'new', O_WRONLY | O_TRUNC)).toBe(3)
  expect(cat(init, '/proc/self/maps')).toMatch(/ \/tmp\/m\/f\n/)
  expect(sys.umount2(init, '/tmp/m', 0)).toBe(-EBUSY)
  const buf = new Uint8Array(8)
  expect([sys.pread64(init, fd, buf, 0), buf[0]]).toEqual([3, 'n'.charCodeAt(0)])
  expect(cat(init, '/tmp/l/f')).toBe('lower')
  sys.close(init, fd)
  sys.munmap(init, at, 4096)
  expect(sys.umount2(init, '/tmp/m', 0)).toBe(0)
})

test('an overlay is as large as its upper layer, and says what it is', () => {
  const { init, sys } = setUp()
  const [own, upper] = [new Kstatfs(), new Kstatfs()]
  expect([sys.statfs(init, '/tmp/m', own), sys.statfs(init, '/tmp/u', upper)]).toEqual([0, 0])
  expect(own.f_type).toBe(OVERLAYFS_SUPER_MAGIC)
  expect([own.f_blocks, own.f_bfree, own.f_namelen]).toEqual([upper.f_blocks, upper.f_bfree, upper.f_namelen])
})

test('layers that lie in one another, or are in use', () => {
  const { init, sys } = setUp()
  sys.mkdir(init, '/tmp/n', 0o755)
  const mount = (data: string) => sys.mount(init, 'o', '/tmp/n', 'overlay', 0, data)
  expect(mount('lowerdir=/tmp/l,upperdir=/tmp/u/x,workdir=/tmp/w')).toBe(-ENOENT)
  sys.mkdir(init, '/tmp/u/below', 0o755)
  expect(mount('lowerdir=/proc,upperdir=/tmp/u,workdir=/tmp/w')).toBe(-EINVAL)
  expect(mount('lowerdir=/tmp/u/below,upperdir=/tmp/u,workdir=/tmp/w')).toBe(-ELOOP)
  expect(mount('lowerdir=/tmp/l,upperdir=/tmp/u,workdir=/tmp/w,index=on')).toBe(-EBUSY)
})

test('nothing stays behind when files, names and mounts are gone', () => {
  const kernel = setUp()
  const { init, sys, stack, write } = kernel
  expect(sys.umount2(init, '/tmp/m', 0)).toBe(0)
  const alive = { inode: 0, file: 0, sb: 0 }
  const watch = (hook: 'inode_alloc_security' | 'file_alloc_security' | 'sb_alloc_security' | 'inode_free_security' |
    'file_free_security' | 'sb_free_security') => {
    const kind = hook.split('_')[0] as keyof typeof alive
    stack.observe(hook, { entry: () => void (alive[kind] += hook.includes('alloc') ? 1 : -1) })
  }
  for (const kind of ['inode', 'file', 'sb'] as const) {
    watch(`${kind}_alloc_security`)
    watch(`${kind}_free_security`)
  }
  const cycle = (options: string) => {
    sys.mount(init, 't', '/tmp/u', 'tmpfs', 0, '')
    for (const dir of ['u', 'w']) sys.mkdir(init, `/tmp/u/${dir}`, 0o755)
    const data = `lowerdir=/tmp/l,upperdir=/tmp/u/u,workdir=/tmp/u/w${options}`
    expect(sys.mount(init, 'o', '/tmp/m', 'overlay', 0, data)).toBe(0)
    write('/tmp/m/f', 'up')
    write('/tmp/m/new', 'x', O_CREAT | O_WRONLY)
    sys.link(init, '/tmp/m/new', '/tmp/m/d/again')
    sys.rename(init, '/tmp/m/d', '/tmp/m/e')
    sys.rename(init, '/tmp/m/f', '/tmp/m/new')
    sys.unlink(init, '/tmp/m/new')
    const fd = sys.openat(init, AT_FDCWD, '/tmp/m', O_RDONLY, 0)
    sys.getdents64(init, fd, new Uint8Array(4096))
    sys.close(init, fd)
    expect([sys.umount2(init, '/tmp/m', 0), sys.umount2(init, '/tmp/u', 0)]).toEqual([0, 0])
    return { ...alive }
  }
  for (const options of ['', ',index=on,redirect_dir=on', ',metacopy=on', ',nfs_export=on,xino=on', ',volatile']) {
    const first = cycle(options)
    for (let i = 0; i < 5; i++) expect(cycle(options)).toEqual(first)
  }
})

test('with nfs_export a directory has a handle that leads to it, also where nothing can be copied up', () => {
  const { init, sys, file } = setUp()
  for (const dir of ['l2', 'l2/d', 'l2/d/deep', 'n']) sys.mkdir(init, `/tmp/${dir}`, 0o755)
  file('/tmp/l2/d/deep/g', 'x')
  const open = (handle: FileHandle) => {
    const mount = sys.openat(init, AT_FDCWD, '/tmp/n', O_RDONLY, 0)
    const fd = sys.open_by_handle_at(init, mount, handle, O_RDONLY)
    for (const one of [fd, mount]) sys.close(init, one)
    return Math.min(fd, 0)
  }
  for (const more of ['redirect_dir=nofollow', 'index=on,upperdir=/tmp/u2,workdir=/tmp/w2']) {
    for (const dir of ['u2', 'w2']) sys.mkdir(init, `/tmp/${dir}`, 0o755)
    const data = `lowerdir=/tmp/l:/tmp/l2,nfs_export=on,${more}`
    expect(sys.mount(init, 'o', '/tmp/n', 'overlay', 0, data)).toBe(0)
    const handle = { handle_bytes: 128, handle_type: 0, f_handle: new Uint8Array() }
    expect(sys.name_to_handle_at(init, AT_FDCWD, '/tmp/n/d/deep', handle, { value: 0 }, 0)).toBe(0)
    expect([handle.handle_type, handle.handle_bytes, open(handle)]).toEqual([0xf8, 36, 0])
    expect(sys.umount2(init, '/tmp/n', 0)).toBe(0)
  }
})
