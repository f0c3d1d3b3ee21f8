/** Where a declared file stands after reads and writes, and what its declaration is told. */
import { AT_FDCWD, EBUSY, EINVAL, O_RDWR, SEEK_CUR } from '@lsmkit/abi'
import { defineLsm } from '@lsmkit/core'
import type { PseudoFile } from '@lsmkit/core'
import { describe, expect, test } from 'vitest'
import { bootForTest } from '../../testing/boot.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const told: string[] = []

const files: PseudoFile[] = [
  {
    name: 'rules',
    mode: 0o600,
    read: () => told.join(''),
    write: ({ pos }, data) => (pos !== 0 ? -EINVAL : told.push(new TextDecoder().decode(data)) && data.length),
  },
  {
    name: 'question',
    mode: 0o666,
    write(io, data) {
      if (io.answer !== null) return -EBUSY
      io.answer = bytes(`${data.length}\0`)
      return data.length
    },
  },
  { name: 'whole', mode: 0o444, read: ({ room }) => (room! < 6 ? -EINVAL : 'whole\0') },
]
const declaring = defineLsm({
  name: 'declaring',
  abi: '1.0',
  id: 200,
  hooks: {},
  pseudoFs: () => [
    { type: 'rulefs', magic: 0x72756c65, mountPoint: '/sys/fs/rulefs', files: () => files },
    { type: 'sysctl', magic: 0, mountPoint: '/proc/sys', files: () => [{ ...files[0]!, name: 'kernel/rules' }] },
  ],
})
const { sys, init } = bootForTest({ lsms: [declaring] })
const open = (path: string): number => sys.openat(init, AT_FDCWD, path, O_RDWR, 0)
const where = (fd: number): number => sys.lseek(init, fd, 0, SEEK_CUR)
const read = (fd: number, room: number): string | number => {
  const buf = new Uint8Array(room)
  const n = sys.read(init, fd, buf)
  return n < 0 ? n : new TextDecoder().decode(buf.subarray(0, n))
}

describe('a file of a tree that an LSM declares', () => {
  test('takes one message after another, each at its start', () => {
    const fd = open('/sys/fs/rulefs/rules')
    expect([sys.write(init, fd, bytes('a')), where(fd), sys.write(init, fd, bytes('bc')), where(fd)])
      .toEqual([1, 0, 2, 0])
    expect(sys.writev(init, fd, [bytes('d'), bytes('e')])).toBe(2)
    expect(sys.pwrite64(init, fd, bytes('x'), 3)).toBe(-EINVAL)
    expect([read(fd, 2), where(fd), sys.write(init, fd, bytes('f')), read(fd, 9)]).toEqual(['ab', 2, -EINVAL, 'cde'])
  })

  test('gives the answer to what was written, from its start', () => {
    const fd = open('/sys/fs/rulefs/question')
    expect(sys.write(init, fd, bytes('12345'))).toBe(5)
    expect([read(fd, 9), read(fd, 9), sys.write(init, fd, bytes('6'))]).toEqual(['5\0', '', -EBUSY])
  })

  test('is told how much room a read has', () => {
    const fd = sys.openat(init, AT_FDCWD, '/sys/fs/rulefs/whole', 0, 0)
    expect([read(fd, 5), where(fd), read(fd, 6), read(fd, 6)]).toEqual([-EINVAL, 0, 'whole\0', ''])
  })
})

test('a setting moves, as those of /proc/sys do', () => {
  const fd = open('/proc/sys/kernel/rules')
  expect([sys.write(init, fd, bytes('g')), where(fd), sys.write(init, fd, bytes('h'))]).toEqual([1, 1, -EINVAL])
})
