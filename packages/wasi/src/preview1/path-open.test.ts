import {
  WASI_FDFLAGS_APPEND, WASI_FDFLAGS_SYNC, WASI_OFLAGS_CREAT, WASI_OFLAGS_DIRECTORY, WASI_OFLAGS_EXCL, WASI_OFLAGS_TRUNC,
  WASI_RIGHTS_ALL, WASI_RIGHTS_FD_FILESTAT_SET_SIZE, WASI_RIGHTS_FD_READ, WASI_RIGHTS_FD_SEEK, WASI_RIGHTS_FD_SYNC,
  WASI_RIGHTS_FD_WRITE, WASI_RIGHTS_PATH_CREATE_FILE, WASI_RIGHTS_PATH_FILESTAT_SET_SIZE, WASI_RIGHTS_PATH_OPEN,
} from '@lsmkit/abi'
import { capability } from '@lsmkit/capability'
import { beforeEach, describe, expect, test } from 'vitest'
import { bootForTest, childOf, makeDir, writeFile } from '../testing/boot.ts'
import { guestOn, name, READ_ONLY } from '../testing/guest.ts'
import type { Guest } from '../testing/guest.ts'

const kernel = bootForTest([capability()])
const { sys, init } = kernel
makeDir(kernel, '/box')
makeDir(kernel, '/box/dir')
makeDir(kernel, '/box/dir/nested')
writeFile(kernel, '/box/dir/nested/file', 'in the box')
writeFile(kernel, '/outside', 'outside')
sys.symlink(init, '/outside', '/box/absolute')
sys.symlink(init, '../outside', '/box/climbing')
sys.symlink(init, 'dir/nested', '/box/inner')
sys.symlink(init, 'nowhere', '/box/dangling')
sys.symlink(init, 'loop', '/box/loop')
sys.symlink(init, 'inner/file', '/box/twice')

/** The same paths must be judged alike whether the box is preopened or was opened through the preopened root. */
const guests: [string, () => { guest: Guest; fd: number }][] = [
  ['a preopened directory', () => ({ guest: guestOn(kernel, { preopens: { box: '/box' } }), fd: 3 })],
  ['a directory opened through `/`', () => {
    const guest = guestOn(kernel)
    return { guest, fd: guest.open('box',
      { oflags: WASI_OFLAGS_DIRECTORY, base: WASI_RIGHTS_ALL & ~0x400141 }) as number }
  }],
]

describe.each(guests)('paths beneath %s', (_, start) => {
  let guest: Guest
  let fd: number
  beforeEach(() => {
    ({ guest, fd } = start())
  })

  test.each([
    { path: 'dir/nested/file', result: 'in the box' },
    { path: 'dir/.//nested/../../dir/nested/../nested///./file', result: 'in the box' },
    { path: 'inner/file', result: 'in the box' },
    { path: 'inner/../../dir/nested/file', result: 'in the box', reason: 'a link and then up, but inside' },
    { path: 'twice', result: 'in the box' },
    { path: '/box/dir/nested/file', result: 'notcapable', reason: 'absolute' },
    { path: '/', result: 'notcapable' },
    { path: '../outside', result: 'notcapable' },
    { path: '..', result: 'notcapable' },
    { path: 'dir/../../outside', result: 'notcapable' },
    { path: 'dir/nested/../../../box/dir/nested/file', result: 'notcapable', reason: 'out and in again' },
    { path: 'inner/../../../outside', result: 'notcapable' },
    { path: 'absolute', result: 'notcapable' },
    { path: 'climbing', result: 'notcapable' },
    { path: 'dangling', result: 'noent' },
    { path: 'loop', result: 'loop' },
    { path: 'nothing', result: 'noent' },
    { path: '', result: 'noent' },
    { path: 'dir/nested/file/', result: 'notdir' },
    { path: 'dir/nested/file///', result: 'notdir' },
    { path: 'dir/nested/file/x', result: 'notdir' },
    { path: 'dir/nested/file\0', result: 'inval' },
    { path: 'x'.repeat(256), result: 'nametoolong' },
  ])('$path -> $result $reason', ({ path, result }) => {
    const opened = guest.open(path, { fd, base: READ_ONLY })
    expect(typeof opened === 'number' ? guest.read(opened) : opened).toBe(result)
  })

  test.each([
    { path: 'inner', oflags: WASI_OFLAGS_DIRECTORY, result: 'notdir' },
    { path: 'inner', oflags: 0, result: 'loop' },
    { path: 'dangling', oflags: 0, result: 'loop' },
    { path: 'absolute', oflags: 0, result: 'loop', reason: 'the link itself is inside' },
    { path: 'inner/', oflags: 0, result: 'number', reason: 'a trailing slash follows' },
  ])('$path without following, oflags $oflags -> $result $reason', ({ path, oflags, result }) => {
    const opened = guest.open(path, { fd, oflags, follow: false, base: 0 })
    expect(typeof opened === 'number' ? 'number' : opened).toBe(result)
  })

  test('what is there can be opened and looked at by the bytes it is listed with', () => {
    writeFile(kernel, '/box/caf\udce9', 'latin')
    const bytes = guest.put(Uint8Array.of(0x63, 0x61, 0x66, 0xe9))
    expect(name(guest.wasi.path_filestat_get(fd, 0, ...bytes, guest.room(64)))).toBe('ok')
    expect(name(guest.wasi.path_open(fd, 0, ...bytes, 0, BigInt(WASI_RIGHTS_FD_READ), 0n, 0, guest.out))).toBe('ok')
    expect(guest.read(guest.u32(guest.out))).toBe('latin')
    expect(name(guest.wasi.path_unlink_file(fd, ...bytes))).toBe('ok')
    expect(name(guest.wasi.path_unlink_file(fd, ...bytes))).toBe('ilseq')
  })

  test('bytes that are no UTF-8 are ilseq', () => {
    const { wasi, put, out } = guest
    expect(name(wasi.path_open(fd, 0, ...put(Uint8Array.of(0x64, 0xff, 0xfe)), 0, 0n, 0n, 0, out))).toBe('ilseq')
  })
})

describe('the whole tree', () => {
  test.each([
    { path: 'outside', result: 'outside' },
    { path: 'box/absolute', result: 'outside', reason: 'there is no outside' },
    { path: 'box/climbing', result: 'outside' },
    { path: 'box/inner/../../../outside', result: 'outside', reason: 'climbs to the root and no further' },
    { path: '../outside', result: 'notcapable' },
    { path: 'box/../../outside', result: 'notcapable' },
    { path: '/outside', result: 'notcapable' },
  ])('$path -> $result $reason', ({ path, result }) => {
    const guest = guestOn(kernel)
    const opened = guest.open(path, { base: READ_ONLY })
    expect(typeof opened === 'number' ? guest.read(opened) : opened).toBe(result)
  })
})

describe('what the kernel refuses keeps its errno', () => {
  makeDir(kernel, '/private', 0o700)
  writeFile(kernel, '/private/secret', 'x', 0o644)
  writeFile(kernel, '/readable', 'x', 0o644)
  writeFile(kernel, '/unreadable', 'x', 0o600)

  test.each([
    { path: 'private/secret', base: READ_ONLY, result: 'acces' },
    { path: 'private/nothing', base: READ_ONLY, result: 'acces', reason: 'never noent' },
    { path: 'unreadable', base: READ_ONLY, result: 'acces' },
    { path: 'readable', base: WASI_RIGHTS_FD_WRITE, result: 'acces' },
    { path: 'readable', base: WASI_RIGHTS_FD_READ, result: 'number' },
    { path: 'new', base: WASI_RIGHTS_FD_WRITE, oflags: WASI_OFLAGS_CREAT, result: 'acces' },
    { path: 'readable', base: 0, oflags: WASI_OFLAGS_TRUNC, result: 'acces', reason: 'truncation is writing' },
    { path: '.', base: WASI_RIGHTS_FD_READ | WASI_RIGHTS_FD_WRITE, oflags: WASI_OFLAGS_DIRECTORY, result: 'isdir' },
    { path: 'readable', base: 0, oflags: WASI_OFLAGS_DIRECTORY, result: 'notdir' },
    { path: 'readable', base: 0, oflags: WASI_OFLAGS_CREAT | WASI_OFLAGS_EXCL, result: 'exist' },
  ])('$path as user 1000 -> $result $reason', ({ path, base, oflags = 0, result }) => {
    const guest = guestOn(kernel, { task: childOf(kernel, 1000) })
    const opened = guest.open(path, { base, oflags })
    expect(typeof opened === 'number' ? 'number' : opened).toBe(result)
  })
})

describe('rights', () => {
  const rights = (guest: Guest, fd: number): [base: bigint, inheriting: bigint] => {
    const at = guest.room(24)
    expect(name(guest.wasi.fd_fdstat_get(fd, at))).toBe('ok')
    return [guest.view().getBigUint64(at + 8, true), guest.view().getBigUint64(at + 16, true)]
  }

  test.each([
    { what: 'no path_open', drop: [WASI_RIGHTS_PATH_OPEN, 0], options: { base: 0 } },
    { what: 'no path_create_file', drop: [WASI_RIGHTS_PATH_CREATE_FILE, 0],
      options: { base: 0, oflags: WASI_OFLAGS_CREAT } },
    { what: 'no path_filestat_set_size', drop: [WASI_RIGHTS_PATH_FILESTAT_SET_SIZE, 0],
      options: { base: 0, oflags: WASI_OFLAGS_TRUNC } },
    { what: 'fd_read not inherited', drop: [0, WASI_RIGHTS_FD_READ],
      options: { base: WASI_RIGHTS_FD_READ, inheriting: 0 } },
    { what: 'fd_read not inherited, passed on', drop: [0, WASI_RIGHTS_FD_READ],
      options: { base: 0, inheriting: WASI_RIGHTS_FD_READ } },
    { what: 'fd_sync not inherited', drop: [0, WASI_RIGHTS_FD_SYNC],
      options: { base: 0, inheriting: 0, fdflags: WASI_FDFLAGS_SYNC } },
  ])('$what: notcapable', ({ drop, options }) => {
    const guest = guestOn(kernel)
    expect(typeof guest.open('outside', { inheriting: 0, ...options })).toBe('number')
    const [base, inheriting] = rights(guest, 3)
    expect(name(guest.wasi.fd_fdstat_set_rights(3, base & ~BigInt(drop[0]!),
      inheriting & ~BigInt(drop[1]!)))).toBe('ok')
    expect(guest.open('outside', { inheriting: 0, ...options })).toBe('notcapable')
  })

  test('dropping fd_filestat_set_size does not keep a path from being truncated', () => {
    writeFile(kernel, '/cut', 'some text')
    const guest = guestOn(kernel)
    guest.wasi.fd_fdstat_set_rights(3, ...rights(guest,
      3).map((bits, i) => (i === 0 ? bits : bits & ~BigInt(WASI_RIGHTS_FD_FILESTAT_SET_SIZE))) as [bigint, bigint])
    expect(typeof guest.open('cut', { base: 0, inheriting: 0, oflags: WASI_OFLAGS_TRUNC })).toBe('number')
  })

  test('a bit that is no right', () => {
    const { wasi, put, out } = guestOn(kernel)
    expect(name(wasi.path_open(3, 0, ...put('outside'), 0, 1n << 40n, 0n, 0, out))).toBe('notcapable')
    expect(name(wasi.path_open(3, 0, ...put('outside'), 0, -1n, 0n, 0, out))).toBe('notcapable')
  })

  test('a file gets what was asked for, a directory not what means nothing for it', () => {
    const guest = guestOn(kernel)
    const file = guest.open('outside', { base: WASI_RIGHTS_FD_READ | WASI_RIGHTS_PATH_OPEN, inheriting: 0 }) as number
    expect(rights(guest, file)).toEqual([BigInt(WASI_RIGHTS_FD_READ), 0n])
    const directory = guest.open('box', { base: WASI_RIGHTS_FD_SEEK | WASI_RIGHTS_PATH_OPEN, inheriting: 7,
      oflags: WASI_OFLAGS_DIRECTORY }) as number
    expect(rights(guest, directory)).toEqual([BigInt(WASI_RIGHTS_PATH_OPEN), 7n])
  })

  test('reading and writing follow from rights', () => {
    writeFile(kernel, '/modes', 'text')
    const guest = guestOn(kernel)
    const reading = guest.open('modes', { base: WASI_RIGHTS_FD_READ, inheriting: 0 }) as number
    expect(guest.write(reading, 'x')).toBe('notcapable')
    expect(guest.read(reading)).toBe('text')
    const writing = guest.open('modes', { base: WASI_RIGHTS_FD_WRITE, inheriting: 0 }) as number
    expect(guest.read(writing)).toBe('notcapable')
    expect(guest.write(writing, 'T')).toBe(1)
    expect(guest.read(guest.open('modes', { base: READ_ONLY }) as number)).toBe('Text')
  })

  test('who asks to read, and for the right to set the size, only reads: as Go opens every file', () => {
    writeFile(kernel, '/readable', 'text', 0o444)
    const guest = guestOn(kernel, { task: childOf(kernel, 1000) })
    const fd = guest.open('readable', { base: READ_ONLY | WASI_RIGHTS_FD_FILESTAT_SET_SIZE }) as number
    expect(guest.read(fd)).toBe('text')
    expect(rights(guest, fd)[0] & BigInt(WASI_RIGHTS_FD_FILESTAT_SET_SIZE)).toBe(0n)
    expect(name(guest.wasi.fd_filestat_set_size(fd, 0n))).toBe('notcapable')
    expect(guest.open('readable', { base: WASI_RIGHTS_FD_FILESTAT_SET_SIZE })).toBe('acces')
  })
})

describe('arguments', () => {
  test.each([
    { what: 'a descriptor that is not open', fd: 9, result: 'badf' },
    { what: 'a negative descriptor', fd: -1, result: 'badf' },
    { what: 'the largest descriptor', fd: 0x7fffffff, result: 'badf' },
  ])('$what: $result', ({ fd, result }) => {
    expect(guestOn(kernel).open('outside', { fd, base: 0, inheriting: 0 })).toBe(result)
  })

  test('an open file is not a directory', () => {
    const guest = guestOn(kernel)
    const file = guest.open('outside', { base: READ_ONLY }) as number
    expect(guest.open('x', { fd: file, base: 0, inheriting: 0, oflags: WASI_OFLAGS_CREAT })).toBe('notcapable')
  })

  test.each([
    { what: 'the path', path: [0xfffffff0, 4], out: 64 },
    { what: 'the end of the path', path: [65530, 10], out: 64 },
    { what: 'a length that wraps around', path: [64, -1], out: 64 },
    { what: 'the answer', path: [64, 7], out: 65533 },
    { what: 'a negative answer', path: [64, 7], out: -4 },
  ])('$what out of bounds is fault, and nothing is opened', ({ path, out }) => {
    const guest = guestOn(kernel)
    guest.bytes(64, 7).set(new TextEncoder().encode('outside'))
    const before = guest.task.files!.fd.filter((file) => file !== null).length
    expect(name(guest.wasi.path_open(3, 0, path[0]!, path[1]!, 0, 0n, 0n, 0, out))).toBe('fault')
    expect(guest.task.files!.fd.filter((file) => file !== null).length).toBe(before)
  })

  test.each([
    { oflags: 0x10, fdflags: 0 },
    { oflags: 0, fdflags: 0x20 },
  ])('flags that do not exist: oflags $oflags fdflags $fdflags', ({ oflags, fdflags }) => {
    expect(guestOn(kernel).open('outside', { base: 0, inheriting: 0, oflags, fdflags })).toBe('inval')
  })

  test('append', () => {
    writeFile(kernel, '/log', 'one ')
    const guest = guestOn(kernel)
    const fd = guest.open('log', { fdflags: WASI_FDFLAGS_APPEND }) as number
    expect(guest.write(fd, 'two')).toBe(3)
    expect(guest.read(guest.open('log', { base: READ_ONLY }) as number)).toBe('one two')
  })
})
