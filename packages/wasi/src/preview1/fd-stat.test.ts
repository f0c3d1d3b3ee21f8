import { capability } from '@lsmkit/capability'
import { expect, test } from 'vitest'
import { bootForTest, writeFile } from '../testing/boot.ts'
import { guestOn, name } from '../testing/guest.ts'

const kernel = bootForTest([capability()])

const fresh = () => {
  writeFile(kernel, '/file', '0123456789')
  const guest = guestOn(kernel)
  const fd = guest.open('file') as number
  const stat = () => {
    const at = guest.room(64)
    expect(name(guest.wasi.fd_filestat_get(fd, at))).toBe('ok')
    const view = guest.view()
    return {
      nlink: view.getBigUint64(at + 24, true), size: Number(view.getBigUint64(at + 32, true)),
      atim: view.getBigUint64(at + 40, true),
      mtim: view.getBigUint64(at + 48, true),
    }
  }
  return { guest, fd, stat, wasi: guest.wasi }
}

test('size is set, and allocation only lets it grow', () => {
  const { wasi, fd, stat } = fresh()
  expect(stat()).toMatchObject({ nlink: 1n, size: 10 })
  expect(name(wasi.fd_filestat_set_size(fd, 100n))).toBe('ok')
  expect(stat().size).toBe(100)
  expect(name(wasi.fd_allocate(fd, 10n, 10n))).toBe('ok')
  expect(stat().size).toBe(100)
  expect(name(wasi.fd_allocate(fd, 90n, 20n))).toBe('ok')
  expect(stat().size).toBe(110)
  expect(name(wasi.fd_allocate(fd, 0n, 0n))).toBe('inval')
  expect(name(wasi.fd_filestat_set_size(fd, -1n))).toMatch(/inval|fbig/)
})

test('times: only the one that was asked for', () => {
  const { wasi, fd, stat } = fresh()
  const before = stat()
  expect(name(wasi.fd_filestat_set_times(fd, 1n, before.mtim - 100n, 4))).toBe('ok')
  expect(stat()).toMatchObject({ size: 10, atim: before.atim, mtim: before.mtim - 100n })
  expect(name(wasi.fd_filestat_set_times(fd, 5n, 0n, 1))).toBe('ok')
  expect(stat()).toMatchObject({ atim: 5n, mtim: before.mtim - 100n })
  expect(name(wasi.fd_filestat_set_times(fd, 0n, 0n, 2 | 8))).toBe('ok')
  expect(stat().mtim).toBeGreaterThan(before.mtim - 100n)
})

test.each([[1 | 2], [4 | 8], [16], [-1]])('flags %d are inval', (flags) => {
  const { wasi, fd } = fresh()
  expect(name(wasi.fd_filestat_set_times(fd, 1n, 1n, flags))).toBe('inval')
})

test('advice', () => {
  const { wasi, fd } = fresh()
  for (let advice = 0; advice <= 5; advice++) expect(name(wasi.fd_advise(fd, 0n, 10n, advice))).toBe('ok')
  expect(name(wasi.fd_advise(fd, 0n, 10n, 6))).toBe('inval')
  expect(name(wasi.fd_advise(fd, 0n, 10n, -1))).toBe('inval')
})

test('bad descriptors and memory', () => {
  const { wasi, fd } = fresh()
  expect([
    wasi.fd_filestat_get(99, 64), wasi.fd_filestat_set_size(99, 0n), wasi.fd_filestat_set_times(99, 0n, 0n, 0),
    wasi.fd_allocate(99, 0n, 1n),
    wasi.fd_advise(99, 0n, 0n, 0),
  ].map(name)).toEqual(Array(5).fill('badf'))
  expect(name(wasi.fd_filestat_get(fd, 65500))).toBe('fault')
})
