import {
  ERESTARTSYS, RLIMIT_FSIZE, SEEK_CUR, SEEK_END, SEEK_SET, SIGXFSZ, WASI_OFLAGS_DIRECTORY, WASI_RIGHTS_FD_READ,
  WASI_RIGHTS_FD_TELL,
} from '@lsmkit/abi'
import { capability } from '@lsmkit/capability'
import { describe, expect, test } from 'vitest'
import { bootForTest, writeFile } from '../testing/boot.ts'
import { guestOn, name } from '../testing/guest.ts'

const kernel = bootForTest([capability()])
writeFile(kernel, '/file', '0123456789')

const fresh = (content = '0123456789') => {
  writeFile(kernel, '/file', content)
  const guest = guestOn(kernel)
  return { guest, fd: guest.open('file') as number }
}

test('vectored reads and writes go through all buffers', () => {
  const { guest, fd } = fresh()
  const a = guest.room(3)
  const b = guest.room(16)
  expect(name(guest.wasi.fd_read(fd, ...guest.iovec([a, 3], [b, 0], [b, 16]), guest.out))).toBe('ok')
  expect(guest.u32(guest.out)).toBe(10)
  expect(guest.text(a, 3) + guest.text(b, 7)).toBe('0123456789')
  expect(name(guest.wasi.fd_write(fd, ...guest.iovec(guest.put('ab'), guest.put('cde')), guest.out))).toBe('ok')
  expect(guest.u32(guest.out)).toBe(5)
  guest.wasi.fd_seek(fd, 8n, SEEK_SET, guest.out)
  expect(guest.read(fd)).toBe('89abcde')
})

test('an empty list moves nothing', () => {
  const { guest, fd } = fresh()
  expect(name(guest.wasi.fd_read(fd, 64, 0, guest.out))).toBe('ok')
  expect(guest.u32(guest.out)).toBe(0)
})

test('pread and pwrite leave the position alone', () => {
  const { guest, fd } = fresh()
  const at = guest.room(4)
  expect(name(guest.wasi.fd_pread(fd, ...guest.iovec([at, 4]), 3n, guest.out))).toBe('ok')
  expect(guest.text(at, 4)).toBe('3456')
  expect(name(guest.wasi.fd_pwrite(fd, ...guest.iovec(guest.put('x'), guest.put('yz')), 1n, guest.out))).toBe('ok')
  expect(guest.read(fd)).toBe('0xyz456789')
  expect(name(guest.wasi.fd_pread(fd, ...guest.iovec([at, 4]), 100n, guest.out))).toBe('ok')
  expect(guest.u32(guest.out)).toBe(0)
  expect(name(guest.wasi.fd_pwrite(fd, ...guest.iovec(guest.put('x')), -1n, guest.out))).not.toBe('ok')
})

test.each([
  [2n, SEEK_SET, 'ok', 2], [3n, SEEK_CUR, 'ok', 3], [-3n, SEEK_END, 'ok', 7], [100n, SEEK_SET, 'ok', 100],
  [-1n, SEEK_SET, 'inval', 0],
  [-1n, SEEK_CUR, 'inval', 0], [0n, 3, 'inval', 0], [0n, -1, 'inval', 0],
] as const)('seek %s from %d: %s', (offset, whence, result, position) => {
  const { guest, fd } = fresh()
  expect(name(guest.wasi.fd_seek(fd, offset, whence, guest.out))).toBe(result)
  expect(name(guest.wasi.fd_tell(fd, guest.out))).toBe('ok')
  expect(Number(guest.view().getBigUint64(guest.out, true))).toBe(position)
})

test('fd_tell alone allows seeking nowhere', () => {
  const { guest } = fresh()
  const fd = guest.open('file', { base: WASI_RIGHTS_FD_TELL }) as number
  expect(name(guest.wasi.fd_seek(fd, 0n, SEEK_CUR, guest.out))).toBe('ok')
  expect(name(guest.wasi.fd_seek(fd, 1n, SEEK_CUR, guest.out))).toBe('notcapable')
})

describe('nothing is read or written when a part of the list is bad', () => {
  test.each([
    { what: 'the list', iovs: 65532, count: 1 },
    { what: 'the end of the list', iovs: 65520, count: 3 },
    { what: 'a negative address', iovs: -8, count: 1 },
    { what: 'a count that wraps around', iovs: 64, count: 0x20000000 },
  ])('$what', ({ iovs, count }) => {
    const { guest, fd } = fresh()
    expect(['fault', 'inval']).toContain(name(guest.wasi.fd_read(fd, iovs, count, guest.out)))
    expect(name(guest.wasi.fd_tell(fd, guest.out))).toBe('ok')
    expect(Number(guest.view().getBigUint64(guest.out, true))).toBe(0)
  })

  test.each([
    { what: 'the second buffer', second: [65530, 100] },
    { what: 'a buffer as long as memory', second: [64, 65536] },
    { what: 'a length of 4 GiB', second: [64, 0xffffffff] },
    { what: 'an address beyond the end', second: [0xffffffff, 1] },
  ])('$what', ({ second }) => {
    const { guest, fd } = fresh()
    const first = guest.room(4)
    const list = guest.iovec([first, 4], second as [number, number])
    expect(name(guest.wasi.fd_read(fd, ...list, guest.out))).toBe('fault')
    expect([...guest.bytes(first, 4)]).toEqual([0, 0, 0, 0])
    expect(name(guest.wasi.fd_write(fd, ...list, guest.out))).toBe('fault')
    expect(guest.read(fd)).toBe('0123456789')
  })

  test('the place of the answer', () => {
    const { guest, fd } = fresh()
    const buffer = guest.room(4)
    expect(name(guest.wasi.fd_read(fd, ...guest.iovec([buffer, 4]), 65534))).toBe('fault')
    expect(guest.read(fd)).toBe('0123456789')
  })
})

test('a memory that grows between calls is seen at once', () => {
  const { guest, fd } = fresh()
  const list = guest.iovec([70000, 10])
  expect(name(guest.wasi.fd_read(fd, ...list, guest.out))).toBe('fault')
  guest.memory.grow(1)
  expect(name(guest.wasi.fd_read(fd, ...list, guest.out))).toBe('ok')
  expect(guest.text(70000, 10)).toBe('0123456789')
  guest.wasi.fd_seek(fd, 0n, SEEK_SET, guest.out)
  guest.memory.grow(1)
  expect(name(guest.wasi.fd_read(fd, ...list, guest.out))).toBe('ok')
  expect(guest.u32(guest.out)).toBe(10)
})

test.each([9, -1, 0x7fffffff])('descriptor %d is badf everywhere', (fd) => {
  const { guest } = fresh()
  const list = guest.iovec([64, 4])
  const { wasi, out } = guest
  expect([
    wasi.fd_read(fd, ...list, out), wasi.fd_write(fd, ...list, out), wasi.fd_pread(fd, ...list, 0n, out),
    wasi.fd_pwrite(fd, ...list, 0n, out), wasi.fd_seek(fd, 0n, 0, out), wasi.fd_tell(fd, out), wasi.fd_sync(fd),
    wasi.fd_datasync(fd),
  ].map(name)).toEqual(Array(8).fill('badf'))
})

test('a directory cannot be read, written, moved in or cut', () => {
  const { guest } = fresh()
  const fd = guest.open('.', { base: WASI_RIGHTS_FD_READ, oflags: WASI_OFLAGS_DIRECTORY }) as number
  const list = guest.iovec([64, 4])
  const { wasi, out } = guest
  expect([
    wasi.fd_read(fd, ...list, out), wasi.fd_write(fd, ...list, out), wasi.fd_pread(fd, ...list, 0n, out),
    wasi.fd_pwrite(fd, ...list, 0n, out), wasi.fd_seek(fd, 0n, 0, out), wasi.fd_tell(fd, out),
    wasi.fd_allocate(fd, 0n, 1n),
    wasi.fd_filestat_set_size(fd, 0n),
  ].map(name)).toEqual(Array(8).fill('notcapable'))
})

test('a pipe says that it has no position', () => {
  const { guest } = fresh()
  const fds: number[] = []
  kernel.sys.pipe(guest.task, fds)
  const { wasi, out } = guest
  expect(name(wasi.fd_seek(fds[0]!, 0n, SEEK_CUR, out))).toBe('spipe')
  expect(name(wasi.fd_tell(fds[1]!, out))).toBe('spipe')
  expect(guest.write(fds[1]!, 'through')).toBe(7)
  expect(guest.read(fds[0]!)).toBe('through')
})

describe('a call that would wait', () => {
  test('is again when nobody else runs', () => {
    const { guest } = fresh()
    const fds: number[] = []
    kernel.sys.pipe(guest.task, fds)
    expect(kernel.sys.read(guest.task, fds[0]!, new Uint8Array(1))).toBe(-ERESTARTSYS)
    expect(guest.read(fds[0]!)).toBe('again')
  })

  test('is made again after others have run', () => {
    let turns = 0
    const fds: number[] = []
    const guest = guestOn(kernel, {
      host: {
        wait: () => {
          if (++turns === 3) kernel.sys.write(guest.task, fds[1]!, new TextEncoder().encode('late'))
          return true
        },
      },
    })
    kernel.sys.pipe(guest.task, fds)
    expect(guest.read(fds[0]!)).toBe('late')
    expect(turns).toBe(3)
  })
})

test('the errno of a limit comes through', () => {
  const { guest, fd } = fresh()
  kernel.sys.setrlimit(guest.task, RLIMIT_FSIZE, { rlim_cur: 4, rlim_max: 4 })
  kernel.sys.rt_sigaction(guest.task, SIGXFSZ, { handler: 'ignore', flags: 0, mask: 0n }, null, 8)
  expect(name(guest.wasi.fd_pwrite(fd, ...guest.iovec(guest.put('x')), 4n, guest.out))).toBe('fbig')
})
