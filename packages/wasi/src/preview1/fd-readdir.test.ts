import {
  WASI_FILETYPE_DIRECTORY, WASI_FILETYPE_REGULAR_FILE, WASI_FILETYPE_SYMBOLIC_LINK, WASI_OFLAGS_DIRECTORY,
  WASI_RIGHTS_FD_READDIR,
} from '@lsmkit/abi'
import { capability } from '@lsmkit/capability'
import { describe, expect, test } from 'vitest'
import { bootForTest, childOf, makeDir, writeFile } from '../testing/boot.ts'
import { guestOn, name } from '../testing/guest.ts'
import type { Guest } from '../testing/guest.ts'

const kernel = bootForTest([capability()])
makeDir(kernel, '/small')
makeDir(kernel, '/small/dir')
writeFile(kernel, '/small/file', '')
kernel.sys.symlink(kernel.init, 'x', '/small/link')
makeDir(kernel, '/large')
for (let i = 0; i < 1000; i++) writeFile(kernel, `/large/file.${i}`, '')

interface Entry {
  name: string
  type: number
  next: bigint
  ino: bigint
}

/** Whole entries of one call; `end`: the buffer was not filled. */
const read = (guest: Guest, fd: number, cookie: bigint, length: number): { entries: Entry[]; end: boolean } => {
  const at = guest.room(length)
  expect(name(guest.wasi.fd_readdir(fd, at, length, cookie, guest.out))).toBe('ok')
  const used = guest.u32(guest.out)
  const view = guest.view()
  const entries: Entry[] = []
  for (let pos = 0; pos + 24 <= used;) {
    const size = view.getUint32(at + pos + 16, true)
    if (pos + 24 + size > used) break
    entries.push({
      next: view.getBigUint64(at + pos, true), ino: view.getBigUint64(at + pos + 8, true),
      type: view.getUint8(at + pos + 20),
      name: guest.text(at + pos + 24, size),
    })
    pos += 24 + size
  }
  return { entries, end: used < length }
}

const openDir = (guest: Guest, path: string): number =>
  guest.open(path, { base: WASI_RIGHTS_FD_READDIR, oflags: WASI_OFLAGS_DIRECTORY }) as number

test('names, types and inode numbers', () => {
  const guest = guestOn(kernel)
  const { entries, end } = read(guest, openDir(guest, 'small'), 0n, 4096)
  expect(end).toBe(true)
  expect(entries.slice(0, 2).map((entry) => entry.name)).toEqual(['.', '..'])
  expect(Object.fromEntries(entries.map((entry) => [entry.name, entry.type]))).toEqual({
    '.': WASI_FILETYPE_DIRECTORY, '..': WASI_FILETYPE_DIRECTORY, dir: WASI_FILETYPE_DIRECTORY,
    file: WASI_FILETYPE_REGULAR_FILE,
    link: WASI_FILETYPE_SYMBOLIC_LINK,
  })
  const stat = guest.room(64)
  guest.wasi.path_filestat_get(3, 0, ...guest.put('small/file'), stat)
  expect(entries.find((entry) => entry.name === 'file')?.ino).toBe(guest.view().getBigUint64(stat + 8, true))
})

describe('cookies', () => {
  test.each([28, 40, 64, 100, 256, 4096])('a buffer of %d bytes finds every entry once', (length) => {
    const guest = guestOn(kernel)
    const fd = openDir(guest, 'small')
    const seen: string[] = []
    let cookie = 0n
    for (let turn = 0; turn < 20; turn++) {
      const { entries, end } = read(guest, fd, cookie, length)
      seen.push(...entries.map((entry) => entry.name))
      if (end) break
      cookie = entries.at(-1)!.next
    }
    expect(seen.sort()).toEqual(['.', '..', 'dir', 'file', 'link'])
  })

  test.each([1, 24])('a buffer of %d bytes is full and says that there is more', (length) => {
    const guest = guestOn(kernel)
    expect(read(guest, openDir(guest, 'small'), 0n, length)).toEqual({ entries: [], end: false })
  })

  test('one can start anywhere again', () => {
    const guest = guestOn(kernel)
    const fd = openDir(guest, 'small')
    const all = read(guest, fd, 0n, 4096).entries
    all.forEach((entry, i) => {
      expect(read(guest, fd, entry.next, 4096).entries.map((one) => one.name)).toEqual(all.slice(i + 1).map((one) =>
        one.name))
    })
  })

  test('a thousand files', () => {
    const guest = guestOn(kernel)
    const fd = openDir(guest, 'large')
    const seen = new Set<string>()
    let cookie = 0n
    for (;;) {
      const { entries, end } = read(guest, fd, cookie, 256)
      for (const entry of entries) seen.add(entry.name)
      if (end) break
      cookie = entries.at(-1)!.next
    }
    expect(seen.size).toBe(1002)
  })

  test('a cut entry shows its beginning', () => {
    const guest = guestOn(kernel)
    const at = guest.room(30)
    guest.wasi.fd_readdir(openDir(guest, 'small'), at, 30, 0n, guest.out)
    expect(guest.u32(guest.out)).toBe(30)
    expect(guest.text(at + 24, 1)).toBe('.')
  })
})

test('a preopened directory can be read though it was opened without the right to', () => {
  const guest = guestOn(kernel, { preopens: { x: '/small' } })
  expect(read(guest, 3, 0n, 4096).entries.length).toBe(5)
  expect(guest.task.files!.fd.filter((file) => file !== null).length).toBe(1)
})

test('reading it needs the permission of the kernel', () => {
  makeDir(kernel, '/blind', 0o711)
  const guest = guestOn(kernel, { task: childOf(kernel, 1000), preopens: { x: '/blind' } })
  expect(name(guest.wasi.fd_readdir(3, 64, 100, 0n, guest.out))).toBe('acces')
})

test('errors', () => {
  const guest = guestOn(kernel)
  const fd = openDir(guest, 'small')
  expect(name(guest.wasi.fd_readdir(99, 64, 100, 0n, guest.out))).toBe('badf')
  expect(name(guest.wasi.fd_readdir(guest.open('small/file') as number, 64, 100, 0n, guest.out))).toBe('notcapable')
  expect(name(guest.wasi.fd_readdir(fd, 65530, 100, 0n, guest.out))).toBe('fault')
  expect(name(guest.wasi.fd_readdir(fd, 64, 100, 0n, 65534))).toBe('fault')
  expect(name(guest.wasi.fd_readdir(fd, 64, 100, -1n, guest.out))).toBe('inval')
  expect(name(guest.wasi.fd_readdir(fd, 64, 0, 0n, guest.out))).toBe('ok')
})
