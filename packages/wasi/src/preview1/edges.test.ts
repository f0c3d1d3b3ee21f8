/** Behaviour at the edges as the public preview 1 test suite expects it, where it goes beyond one call's own test. */
import { F_GETFD, F_SETFD, FD_CLOEXEC, O_RDWR, S_IFIFO } from '@lsmkit/abi'
import { capability } from '@lsmkit/capability'
import { beforeEach, describe, expect, test } from 'vitest'
import { bootForTest, makeDir, writeFile } from '../testing/boot.ts'
import { guestOn, name, READ_ONLY } from '../testing/guest.ts'
import type { Guest } from '../testing/guest.ts'

const kernel = bootForTest([capability()])
const OFLAGS_CREAT = 1
const OFLAGS_DIRECTORY = 2
let guest: Guest
let box = 0

beforeEach(() => {
  const root = `/edge${++box}`
  makeDir(kernel, root)
  makeDir(kernel, `${root}/dir`)
  makeDir(kernel, `${root}/dir/nested`)
  writeFile(kernel, `${root}/file`, 'text')
  writeFile(kernel, `${root}/dir/nested/file`, 'deep')
  guest = guestOn(kernel, { preopens: { box: root } })
})

const link = (from: string, to: string, flags = 0) =>
  name(guest.wasi.path_link(3, flags, ...guest.put(from), 3, ...guest.put(to)))
const symlink = (text: string, at: string) => name(guest.wasi.path_symlink(...guest.put(text), 3, ...guest.put(at)))
const unlink = (path: string) => name(guest.wasi.path_unlink_file(3, ...guest.put(path)))
const statBytes = (fd: number): Uint8Array => {
  const at = guest.room(64)
  expect(name(guest.wasi.fd_filestat_get(fd, at))).toBe('ok')
  return guest.bytes(at, 64).slice()
}

describe('path_link', () => {
  test('a link has the stat of its file, in this directory and in another', () => {
    for (const at of ['link', 'dir/link']) {
      expect(link('file', at)).toBe('ok')
      const [file, other] = [guest.open('file') as number, guest.open(at) as number]
      expect(statBytes(other)).toEqual(statBytes(file))
      expect(unlink(at)).toBe('ok')
    }
  })

  test.each([
    ['file', 'file', 'exist'], ['file', 'dir', 'exist'], ['file', 'dir/nested/file', 'exist'], ['dir', 'new', 'perm'],
    ['file', 'new/', 'noent'], ['nothing', 'new', 'noent'],
  ])('%s to %s: %s', (from, to, result) => {
    expect(link(from, to)).toBe(result)
  })

  test('a symbolic link is linked itself, wherever it leads', () => {
    for (const text of ['nowhere', 'loop']) {
      expect(symlink(text, 'loop')).toBe('ok')
      expect(link('loop', 'second')).toBe('ok')
      expect([unlink('second'), unlink('loop')]).toEqual(['ok', 'ok'])
    }
    expect(symlink('nowhere', 'dangling')).toBe('ok')
    expect(link('file', 'dangling')).toBe('exist')
    expect(link('dangling', 'new', 1)).toBe('noent')
  })
})

describe('a link in the last place, not followed', () => {
  test.each([
    ['dir', OFLAGS_DIRECTORY, 'notdir'], ['dir', 0, 'loop'], ['file', OFLAGS_DIRECTORY, 'notdir'], ['file', 0, 'loop'],
    ['nowhere', 0, 'loop'], ['nowhere', OFLAGS_CREAT, 'loop'],
  ])('to %s, oflags %i: %s', (target, oflags, result) => {
    symlink(target, 'at')
    expect(guest.open('at', { oflags, follow: false, base: 0, inheriting: 0 })).toBe(result)
  })

  test('followed, a directory opens as one and a file does not', () => {
    symlink('dir', 'to-dir')
    symlink('file', 'to-file')
    const open = (path: string) => guest.open(path, { oflags: OFLAGS_DIRECTORY, base: 0, inheriting: 0 })
    expect(open('to-dir')).toBeTypeOf('number')
    expect(open('to-file')).toBe('notdir')
  })
})

describe('paths', () => {
  test.each([
    ['dir/.//nested/../../dir/nested/../nested///./file', 'a descriptor'], ['/dir/nested/file', 'notcapable'],
    ['dir/nested/file\0', 'inval'], ['dir/nested/file/', 'notdir'], ['dir/nested/file///', 'notdir'],
    ['dir/nested/', 'a descriptor'], ['dir/nested///', 'a descriptor'],
    ['dir/nested/../../../edge1/dir/nested/file', 'notcapable'],
  ])('%j: %s', (path, result) => {
    const got = guest.open(path, { base: 0, inheriting: 0 })
    expect(typeof got === 'number' ? 'a descriptor' : got).toBe(result)
  })

  test.each([
    ['new/', 'noent'], ['dir/', 'exist'], ['dir', 'exist'], ['file', 'exist'], ['file/', 'exist'], ['new', 'ok'],
  ])('a symbolic link at %s: %s', (at, result) => {
    expect(symlink('source', at)).toBe(result)
  })
})

describe('a directory is no file', () => {
  const buffer = () => guest.iovec([guest.room(16), 16])
  test.each([
    ['fd_read', () => guest.wasi.fd_read(3, ...buffer(), guest.out)],
    ['fd_pread', () => guest.wasi.fd_pread(3, ...buffer(), 0n, guest.out)],
    ['fd_write', () => guest.wasi.fd_write(3, ...buffer(), guest.out)],
    ['fd_pwrite', () => guest.wasi.fd_pwrite(3, ...buffer(), 0n, guest.out)],
    ['fd_seek', () => guest.wasi.fd_seek(3, 0n, 1, guest.out)],
    ['fd_tell', () => guest.wasi.fd_tell(3, guest.out)],
    ['fd_allocate', () => guest.wasi.fd_allocate(3, 0n, 1n)],
    ['fd_filestat_set_size', () => guest.wasi.fd_filestat_set_size(3, 0n)],
  ])('%s', (_call, call) => {
    expect(['isdir', 'badf', 'notcapable', 'inval']).toContain(name(call()))
  })

  test('its name fits a buffer that is larger, and no smaller one', () => {
    const at = guest.room(8)
    expect(['nametoolong', 'inval']).toContain(name(guest.wasi.fd_prestat_dir_name(3, at, 0)))
    expect(name(guest.wasi.fd_prestat_dir_name(3, at, 4))).toBe('ok')
    expect(guest.text(at, 3)).toBe('box')
  })
})

describe('numbers beyond what the kernel counts to', () => {
  test.each([
    [-1n, 'inval'], [-(1n << 63n), 'inval'], [(1n << 63n) - 1n, 'fbig'],
  ])('an offset or size of %i: %s', (value, result) => {
    const fd = guest.open('file') as number
    const { wasi, out } = guest
    const list = guest.iovec([guest.room(8), 8])
    expect([
      wasi.fd_pwrite(fd, ...list, value, out), wasi.fd_filestat_set_size(fd, value), wasi.fd_allocate(fd, value, 1n),
      wasi.fd_allocate(fd, 0n, value),
    ].map(name)).toEqual(Array(4).fill(result))
    expect([wasi.fd_pread(fd, ...list, value, out), wasi.fd_advise(fd, 0n, value, 0)].map(name))
      .toEqual(Array(2).fill(value < 0n ? 'inval' : 'ok'))
    expect(guest.read(fd)).toBe('text')
  })
  test('a cookie that no directory gives', () => {
    const cookies = [-1n, -(1n << 63n), (1n << 63n) - 1n]
    expect(cookies.map((cookie) => name(guest.wasi.fd_readdir(3, guest.room(64), 64, cookie, guest.out))))
      .toEqual(Array(3).fill('inval'))
  })
})

test('a path as long as memory is too long before it is text', () => {
  const { wasi, out } = guest
  guest.bytes(0, 65536).fill(0xff)
  expect([
    wasi.path_open(3, 0, 0, 65536, 0, 0n, 0n, 0, out), wasi.path_symlink(0, 4096, 3, 0, 1),
    wasi.path_unlink_file(3, 0, 4096), wasi.path_unlink_file(3, 0, 4095), wasi.path_unlink_file(3, 1, 65536),
  ].map(name)).toEqual(['nametoolong', 'nametoolong', 'nametoolong', 'ilseq', 'fault'])
})

test('a pipe without anybody at the other end is waited for while others run', () => {
  let runs = 0
  kernel.sys.mknod(kernel.init, '/fifo', S_IFIFO | 0o666, 0)
  const reader = guestOn(kernel, { host: { wait: () => {
    if (++runs === 2) kernel.sys.open(kernel.init, '/fifo', O_RDWR, 0)
    return runs < 9
  } } })
  expect(guestOn(kernel).open('fifo', { base: READ_ONLY })).toBe('again')
  expect([reader.open('fifo', { base: READ_ONLY }), runs]).toEqual([expect.any(Number), 2])
})

test('what has no position says so, whatever its rights', () => {
  const fds = [0, 0]
  kernel.sys.pipe(guest.task, fds)
  const [reader = 0, writer = 0] = fds
  const list = guest.iovec([guest.room(8), 8])
  expect([
    guest.wasi.fd_pread(reader, ...list, 0n, guest.out), guest.wasi.fd_pwrite(writer, ...list, 0n, guest.out),
    guest.wasi.fd_seek(reader, 0n, 0, guest.out),
  ].map(name)).toEqual(['spipe', 'spipe', 'spipe'])
})

test('a renumbered descriptor is closed by execve if it was to be', () => {
  const { wasi, task } = guest
  const [closed, kept] = [guest.open('file'), guest.open('file')] as [number, number]
  kernel.sys.fcntl(task, closed, F_SETFD, FD_CLOEXEC)
  const cloexec = (fd: number) => kernel.sys.fcntl(task, fd, F_GETFD, 0)
  expect([name(wasi.fd_renumber(closed, kept)), cloexec(kept)]).toEqual(['ok', FD_CLOEXEC])
  const other = guest.open('file') as number
  expect([name(wasi.fd_renumber(other, kept)), cloexec(kept)]).toEqual(['ok', 0])
})
