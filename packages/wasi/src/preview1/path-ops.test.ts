import { O_CREAT, WASI_FILETYPE_DIRECTORY, WASI_FILETYPE_REGULAR_FILE, WASI_FILETYPE_SYMBOLIC_LINK } from '@lsmkit/abi'
import { capability } from '@lsmkit/capability'
import { beforeEach, describe, expect, test } from 'vitest'
import { bootForTest, childOf, makeDir, writeFile } from '../testing/boot.ts'
import { guestOn, name } from '../testing/guest.ts'
import type { Guest } from '../testing/guest.ts'

const kernel = bootForTest([capability()])
let guest: Guest
let box = 0

/** A fresh directory with `dir/`, `dir/sub/` and `file`, preopened on its own: nothing may leave it. */
beforeEach(() => {
  const root = `/box${++box}`
  makeDir(kernel, root)
  makeDir(kernel, `${root}/dir`)
  makeDir(kernel, `${root}/dir/sub`)
  writeFile(kernel, `${root}/file`, 'text')
  guest = guestOn(kernel, { preopens: { box: root } })
})

const mkdir = (path: string) => name(guest.wasi.path_create_directory(3, ...guest.put(path)))
const rmdir = (path: string) => name(guest.wasi.path_remove_directory(3, ...guest.put(path)))
const unlink = (path: string) => name(guest.wasi.path_unlink_file(3, ...guest.put(path)))
const rename = (from: string, to: string) => name(guest.wasi.path_rename(3, ...guest.put(from), 3, ...guest.put(to)))
const link = (from: string, to: string, flags = 0) =>
  name(guest.wasi.path_link(3, flags, ...guest.put(from), 3, ...guest.put(to)))
const symlink = (text: string, at: string) => name(guest.wasi.path_symlink(...guest.put(text), 3, ...guest.put(at)))

/** Type and size of what a path leads to, or the error. */
const stat = (path: string, flags = 0) => {
  const at = guest.room(64)
  const rc = guest.wasi.path_filestat_get(3, flags, ...guest.put(path), at)
  return rc === 0 ? { type: guest.bytes(at + 16, 1)[0],
    size: Number(guest.view().getBigUint64(at + 32, true)) } : name(rc)
}
const readlink = (path: string, room = 64) => {
  const at = guest.room(room)
  const rc = guest.wasi.path_readlink(3, ...guest.put(path), at, room, guest.out)
  return rc === 0 ? guest.text(at, guest.u32(guest.out)) : name(rc)
}

describe('path_create_directory, path_remove_directory', () => {
  test.each([
    ['new', 'ok'], ['new/', 'ok'], ['dir/new', 'ok'], ['dir/../new', 'ok'], ['dir', 'exist'], ['file', 'exist'],
    ['file/x', 'notdir'], ['nothing/x', 'noent'], ['.', 'exist'], ['dir/..', 'exist'], ['..', 'notcapable'],
    ['../x', 'notcapable'], ['dir/../../x', 'notcapable'], ['/x', 'notcapable'], ['', 'noent'],
  ])('make %s: %s', (path, result) => {
    expect(mkdir(path)).toBe(result)
  })

  test.each([
    ['dir/sub', 'ok'], ['dir/sub/', 'ok'], ['dir', 'notempty'], ['file', 'notdir'], ['file/', 'notdir'],
    ['nothing', 'noent'],
    ['.', 'inval'], ['../box1', 'notcapable'], ['/box1', 'notcapable'],
  ])('remove %s: %s', (path, result) => {
    expect(rmdir(path)).toBe(result)
  })
})

describe('path_unlink_file', () => {
  test.each([
    ['file', 'ok'], ['dir/../file', 'ok'], ['file/', 'notdir'], ['dir', 'isdir'], ['dir/', 'isdir'],
    ['nothing', 'noent'],
    ['../outside', 'notcapable'],
  ])('%s: %s', (path, result) => {
    expect(unlink(path)).toBe(result)
  })

  test('a link is removed, not what it leads to', () => {
    expect(symlink('file', 'link')).toBe('ok')
    expect(unlink('link')).toBe('ok')
    expect(stat('file')).toMatchObject({ size: 4 })
  })
})

describe('path_rename', () => {
  test.each([
    ['file', 'other', 'ok'], ['file', 'dir/other', 'ok'], ['file', 'file', 'ok'], ['dir', 'dir2', 'ok'],
    ['file', 'dir', 'isdir'],
    ['dir', 'file', 'notdir'], ['dir', 'dir/sub/x', 'inval'], ['nothing', 'x', 'noent'], ['file', '../x', 'notcapable'],
    ['../x', 'file', 'notcapable'], ['file', '/x', 'notcapable'], ['dir/..', 'x', 'busy'],
  ])('%s to %s: %s', (from, to, result) => {
    expect(rename(from, to)).toBe(result)
  })

  test('onto a directory: empty goes, full stays', () => {
    mkdir('source')
    expect(rename('source', 'dir')).toBe('notempty')
    mkdir('empty')
    expect(rename('source', 'empty')).toBe('ok')
    expect(stat('source')).toBe('noent')
  })

  test('no descriptor is left behind when the second path is bad', () => {
    const open = () => guest.task.files!.fd.filter((file) => file !== null).length
    const before = open()
    expect(rename('dir/sub', 'dir/../../x')).toBe('notcapable')
    expect(open()).toBe(before)
  })
})

describe('path_link, path_symlink, path_readlink', () => {
  test.each([
    ['file', 'hard', 'ok'], ['file', 'dir/hard', 'ok'], ['file', 'file', 'exist'], ['file', 'dir', 'exist'],
    ['dir', 'hard', 'perm'],
    ['file', 'hard/', 'noent'], ['nothing', 'hard', 'noent'], ['../x', 'hard', 'notcapable'],
    ['file', '../hard', 'notcapable'],
  ])('%s as %s: %s', (from, to, result) => {
    expect(link(from, to)).toBe(result)
  })

  test('a link to a dangling symlink is one to the symlink; following it finds nothing', () => {
    symlink('nowhere', 'dangling')
    expect(link('dangling', 'hard')).toBe('ok')
    expect(readlink('hard')).toBe('nowhere')
    expect(link('dangling', 'other', 1)).toBe('noent')
  })

  test('following reaches the file', () => {
    symlink('file', 'soft')
    expect(link('soft', 'hard', 1)).toBe('ok')
    expect(stat('hard')).toEqual({ type: WASI_FILETYPE_REGULAR_FILE, size: 4 })
  })

  test.each([
    ['file', 'soft', 'ok'], ['nowhere', 'dir/soft', 'ok'], ['../../x', 'soft', 'ok'],
    ['/etc/passwd', 'soft', 'notcapable'],
    ['x', 'file', 'exist'], ['x', 'dir/', 'exist'], ['x', 'soft/', 'noent'], ['', 'soft', 'noent'],
    ['x', '../soft', 'notcapable'],
  ])('text %s at %s: %s', (text, at, result) => {
    expect(symlink(text, at)).toBe(result)
  })

  test('readlink cuts off and leaves the rest of the buffer alone', () => {
    symlink('target', 'soft')
    expect(readlink('soft')).toBe('target')
    expect(readlink('soft', 4)).toBe('targ')
    const at = guest.room(10)
    guest.wasi.path_readlink(3, ...guest.put('soft'), at, 10, guest.out)
    expect([...guest.bytes(at + 6, 4)]).toEqual([0, 0, 0, 0])
  })

  test.each([['file', 'inval'], ['dir', 'inval'], ['nothing', 'noent'], ['..', 'notcapable']])('readlink of %s: %s',
    (path, result) => {
      expect(readlink(path)).toBe(result)
    })

  test('in the whole tree a link may be absolute', () => {
    const whole = guestOn(kernel)
    expect(name(whole.wasi.path_symlink(...whole.put('/etc'), 3, ...whole.put(`box${box}/absolute`)))).toBe('ok')
  })
})

describe('path_filestat_get, path_filestat_set_times', () => {
  test.each([
    ['file', 0, { type: WASI_FILETYPE_REGULAR_FILE, size: 4 }],
    ['dir/../file', 1, { type: WASI_FILETYPE_REGULAR_FILE, size: 4 }],
    ['nothing', 0, 'noent'], ['file/', 0, 'notdir'], ['..', 1, 'notcapable'], ['dir/../..', 0, 'notcapable'],
  ] as const)('%s flags %d', (path, flags, result) => {
    expect(stat(path, flags)).toEqual(result)
  })

  test('a link and what it leads to', () => {
    symlink('dir', 'soft')
    expect(stat('soft', 0)).toEqual({ type: WASI_FILETYPE_SYMBOLIC_LINK, size: 3 })
    expect(stat('soft', 1)).toMatchObject({ type: WASI_FILETYPE_DIRECTORY })
    expect(stat('soft/', 0)).toMatchObject({ type: WASI_FILETYPE_DIRECTORY })
    symlink('../box1', 'out')
    expect(stat('out', 1)).toBe('notcapable')
    expect(stat('out/', 0)).toBe('notcapable')
    expect(stat('out', 0)).toMatchObject({ type: WASI_FILETYPE_SYMBOLIC_LINK })
  })

  const mtime = (path: string, flags = 0): bigint => {
    const at = guest.room(64)
    expect(name(guest.wasi.path_filestat_get(3, flags, ...guest.put(path), at))).toBe('ok')
    return guest.view().getBigUint64(at + 48, true)
  }

  test('times are set to the nanosecond, on the link or behind it', () => {
    symlink('file', 'soft')
    const set = (path: string, flags: number, time: bigint, fst = 4) =>
      name(guest.wasi.path_filestat_set_times(3, flags, ...guest.put(path), 0n, time, fst))
    expect(set('file', 0, 1_700_000_000_123_456_789n)).toBe('ok')
    expect(mtime('file')).toBe(1_700_000_000_123_456_789n)
    expect(set('soft', 0, 5n)).toBe('ok')
    expect(mtime('soft')).toBe(5n)
    expect(mtime('file')).toBe(1_700_000_000_123_456_789n)
    expect(set('soft', 1, 7n)).toBe('ok')
    expect(mtime('file')).toBe(7n)
    expect(set('file', 0, 9n, 4 | 8)).toBe('inval')
    expect(set('file', 0, 9n, 16)).toBe('inval')
    expect(set('../box1', 0, 9n)).toBe('notcapable')
    expect(mtime('file')).toBe(7n)
  })
})

test.each(['path_create_directory', 'path_remove_directory',
  'path_unlink_file'] as const)('%s: bad memory and descriptors', (call) => {
  const [at, length] = guest.put('x')
  expect(name(guest.wasi[call](3, 65530, 100))).toBe('fault')
  expect(name(guest.wasi[call](77, at, length))).toBe('badf')
  expect(name(guest.wasi[call](3, ...guest.put(Uint8Array.of(0xc0, 0x80))))).toBe('ilseq')
  const file = kernel.sys.open(guest.task, `/box${box}/file`, O_CREAT, 0)
  expect(name(guest.wasi[call](file, at, length))).toBe('notcapable')
})

test('a refusal of the kernel is acces or perm, never noent', () => {
  const other = guestOn(kernel, { task: childOf(kernel, 1000), preopens: { box: `/box${box}` } })
  const results = [
    other.wasi.path_create_directory(3, ...other.put('x')),
    other.wasi.path_unlink_file(3, ...other.put('file')),
    other.wasi.path_rename(3, ...other.put('file'), 3, ...other.put('x')),
    other.wasi.path_symlink(...other.put('x'), 3, ...other.put('y')),
    other.wasi.path_filestat_set_times(3, 0, ...other.put('file'), 1n, 1n, 1),
  ]
  expect(results.map(name)).toEqual(['acces', 'acces', 'acces', 'acces', 'perm'])
})
