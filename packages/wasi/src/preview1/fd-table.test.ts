import {
  AT_FDCWD, O_RDONLY, WASI_FDFLAGS_APPEND, WASI_FDFLAGS_NONBLOCK, WASI_FILETYPE_CHARACTER_DEVICE,
  WASI_FILETYPE_DIRECTORY,
  WASI_FILETYPE_REGULAR_FILE, WASI_FILETYPE_UNKNOWN, WASI_RIGHTS_FD_READ, WASI_RIGHTS_FD_SEEK, WASI_RIGHTS_FD_WRITE,
} from '@lsmkit/abi'
import { capability } from '@lsmkit/capability'
import { describe, expect, test } from 'vitest'
import { bootForTest, makeDir, writeFile } from '../testing/boot.ts'
import { guestOn, name } from '../testing/guest.ts'
import type { Guest } from '../testing/guest.ts'

const kernel = bootForTest([capability()])
const { sys } = kernel
makeDir(kernel, '/data')
writeFile(kernel, '/one', '1')
writeFile(kernel, '/two', '2')

const fdstat = (guest: Guest, fd: number) => {
  const at = guest.room(24)
  const rc = guest.wasi.fd_fdstat_get(fd, at)
  if (rc !== 0) return name(rc)
  const view = guest.view()
  return {
    type: view.getUint8(at), flags: view.getUint16(at + 2, true), base: view.getBigUint64(at + 8, true),
    inheriting: view.getBigUint64(at + 16, true),
  }
}
const ino = (guest: Guest, fd: number): bigint | string => {
  const at = guest.room(64)
  const rc = guest.wasi.fd_filestat_get(fd, at)
  return rc === 0 ? guest.view().getBigUint64(at + 8, true) : name(rc)
}

describe('preopens', () => {
  test('start at 3, whatever the task has open', () => {
    const task = sys.fork(kernel.init)
    const child = kernel.machine.tasks.find(task)!
    for (let i = 0; i < 5; i++) sys.openat(child, AT_FDCWD, '/one', O_RDONLY, 0)
    const guest = guestOn(kernel, { task: child, preopens: { '/': '/', there: '/data' } })
    const prestat = guest.room(8)
    const names = [3, 4].map((fd) => {
      expect(name(guest.wasi.fd_prestat_get(fd, prestat))).toBe('ok')
      expect(guest.u32(prestat)).toBe(0)
      const length = guest.u32(prestat + 4)
      const at = guest.room(length + 1)
      expect(name(guest.wasi.fd_prestat_dir_name(fd, at, length + 1))).toBe('ok')
      return guest.text(at, length)
    })
    expect(names).toEqual(['/', 'there'])
    expect(name(guest.wasi.fd_prestat_get(5, prestat))).toBe('badf')
    expect(name(guest.wasi.fd_prestat_get(0, prestat))).toBe('badf')
    expect([0, 1, 2].map((fd) => guest.read(fd, 1))).toEqual(['1', '1', '1'])
  })

  test('errors', () => {
    const guest = guestOn(kernel)
    expect(name(guest.wasi.fd_prestat_dir_name(3, 64, 0))).toBe('nametoolong')
    expect(name(guest.wasi.fd_prestat_dir_name(3, 65536, 1))).toBe('fault')
    expect(name(guest.wasi.fd_prestat_get(3, 65530))).toBe('fault')
    expect(name(guest.wasi.fd_prestat_get(99, 64))).toBe('badf')
    expect(() => guestOn(kernel, { preopens: { x: '/nothing' } })).toThrow('preopen `/nothing`: ENOENT')
  })

  test('can be closed, and are no preopens any more once overwritten', () => {
    const guest = guestOn(kernel, { preopens: { '/': '/', there: '/data' } })
    expect(name(guest.wasi.fd_close(3))).toBe('ok')
    expect(guest.open('one')).toBe('badf')
    const at = guest.room(8)
    expect(name(guest.wasi.fd_prestat_get(3, at))).toBe('badf')
    const again = guestOn(kernel)
    const data = again.open('data', { base: 0, oflags: 2 }) as number
    const before = ino(again, data)
    expect(name(again.wasi.fd_renumber(data, 3))).toBe('ok')
    expect(name(again.wasi.fd_prestat_get(3, at))).toBe('badf')
    expect(before).toBe('notcapable')
  })
})

describe('fd_renumber', () => {
  test('moves the file and its rights, and closes the old number', () => {
    const guest = guestOn(kernel)
    const from = guest.open('one', { base: WASI_RIGHTS_FD_READ | WASI_RIGHTS_FD_SEEK }) as number
    const to = guest.open('two') as number
    const before = fdstat(guest, from)
    expect(name(guest.wasi.fd_renumber(from, to))).toBe('ok')
    expect(fdstat(guest, to)).toEqual(before)
    expect(fdstat(guest, from)).toBe('badf')
    expect(guest.read(to)).toBe('1')
    expect(name(guest.wasi.fd_renumber(to, from))).toBe('badf')
    expect(name(guest.wasi.fd_renumber(from, to))).toBe('badf')
    expect(name(guest.wasi.fd_renumber(to, to))).toBe('ok')
    expect(name(guest.wasi.fd_close(to))).toBe('ok')
    expect(name(guest.wasi.fd_close(to))).toBe('badf')
  })
})

describe('fd_fdstat', () => {
  test.each([
    ['one', 0x2, WASI_FILETYPE_REGULAR_FILE], ['data', 0, WASI_FILETYPE_DIRECTORY],
    ['dev/null', 0x2, WASI_FILETYPE_CHARACTER_DEVICE],
  ])('type of %s', (path, base, type) => {
    const guest = guestOn(kernel)
    expect(fdstat(guest, guest.open(path, { base }) as number)).toMatchObject({ type })
  })

  test('a pipe has no type of its own, and cannot seek', () => {
    const guest = guestOn(kernel)
    const fds: number[] = []
    sys.pipe(guest.task, fds)
    const stat = fdstat(guest, fds[0]!) as { type: number; base: bigint }
    expect(stat.type).toBe(WASI_FILETYPE_UNKNOWN)
    expect(stat.base & BigInt(WASI_RIGHTS_FD_SEEK | WASI_RIGHTS_FD_WRITE)).toBe(0n)
  })

  test('flags are set and told', () => {
    const guest = guestOn(kernel)
    const fd = guest.open('one', { fdflags: WASI_FDFLAGS_APPEND }) as number
    expect(fdstat(guest, fd)).toMatchObject({ flags: WASI_FDFLAGS_APPEND })
    expect(name(guest.wasi.fd_fdstat_set_flags(fd, WASI_FDFLAGS_NONBLOCK))).toBe('ok')
    expect(fdstat(guest, fd)).toMatchObject({ flags: WASI_FDFLAGS_NONBLOCK })
    expect(name(guest.wasi.fd_fdstat_set_flags(fd, 0x40))).toBe('inval')
    expect(name(guest.wasi.fd_fdstat_set_flags(99, 0))).toBe('badf')
    expect(name(guest.wasi.fd_fdstat_get(fd, 65520))).toBe('fault')
  })

  test('rights can be given up and never taken back', () => {
    const guest = guestOn(kernel)
    const fd = guest.open('one') as number
    const { base } = fdstat(guest, fd) as { base: bigint }
    const less = base & ~BigInt(WASI_RIGHTS_FD_READ)
    expect(name(guest.wasi.fd_fdstat_set_rights(fd, less, 0n))).toBe('ok')
    expect(guest.read(fd)).toBe('notcapable')
    expect(name(guest.wasi.fd_fdstat_set_rights(fd, base, 0n))).toBe('notcapable')
    expect(name(guest.wasi.fd_fdstat_set_rights(fd, less, 1n))).toBe('notcapable')
    expect(name(guest.wasi.fd_fdstat_set_rights(fd, less | (1n << 62n), 0n))).toBe('notcapable')
    expect(name(guest.wasi.fd_fdstat_set_rights(99, 0n, 0n))).toBe('badf')
  })
})

describe('descriptors that come and go behind preview 1', () => {
  test('one that was opened by a system call has all it can have', () => {
    const guest = guestOn(kernel)
    const fd = sys.openat(guest.task, AT_FDCWD, '/one', O_RDONLY, 0)
    expect(guest.read(fd)).toBe('1')
    expect(guest.write(fd, 'x')).toBe('notcapable')
  })

  test('a number that stands for another file now has that file\'s rights', () => {
    const guest = guestOn(kernel)
    const fd = guest.open('one') as number
    sys.close(guest.task, fd)
    expect(sys.openat(guest.task, AT_FDCWD, '/two', O_RDONLY, 0)).toBe(fd)
    expect(guest.read(fd)).toBe('2')
    expect(guest.write(fd, 'x')).toBe('notcapable')
  })

  test('a duplicate does not win back rights that were given up', () => {
    const guest = guestOn(kernel)
    const fd = guest.open('one', { base: WASI_RIGHTS_FD_SEEK }) as number
    const double = sys.dup(guest.task, fd)
    expect(guest.read(double)).toBe('notcapable')
  })
})
