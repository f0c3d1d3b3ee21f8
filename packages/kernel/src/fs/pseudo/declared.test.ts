/** Where a declared file stands after reads and writes, and what its declaration is told. */
import {
  AT_FDCWD, EACCES, EAGAIN, EBUSY, EEXIST, EINVAL, ENODEV, ENOENT, EPERM, EPOLLIN, ERESTARTSYS, O_CREAT, O_NONBLOCK,
  O_RDWR, SEEK_CUR, S_IFCHR,
} from '@lsmkit/abi'
import { defineLsm } from '@lsmkit/core'
import type { PseudoEntry, PseudoFile, PseudoFolder } from '@lsmkit/core'
import { describe, expect, test } from 'vitest'
import { Kstat } from '../../state/vfs/kstat.ts'
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
const made = new Map<string, PseudoFolder>()
let number = 0
const watchers = new Set<() => void>()

const folderOf = (name: string, mode: number): PseudoFolder => {
  const inside: PseudoEntry[] = [{ name: 'number', mode: 0o444, read: () => `${number}\n` }]
  return {
    kind: 'folder',
    name,
    mode,
    find: (wanted) => inside.find((file) => file.name === wanted) ?? null,
    names: () => inside.map((file) => file.name),
  }
}

/** Entries of the other kinds, in a tree that nobody can mount. */
const hidden: PseudoEntry[] = [
  {
    kind: 'folder',
    name: 'made',
    mode: 0o755,
    find: (name) => made.get(name) ?? null,
    names: () => made.keys(),
    mkdir(name, mode) {
      made.set(name, folderOf(name, mode))
      return 0
    },
    rmdir: (name) => (made.delete(name) ? 0 : -ENOENT),
  },
  { kind: 'chr', name: 'null', mode: 0o666, major: 1, minor: 3 },
  {
    name: 'news',
    mode: 0o444,
    fresh: true,
    read(io) {
      io.state = number
      return `${number}\n`
    },
    news: {
      isReady: ({ state }) => state !== number,
      watch(_io, wake) {
        watchers.add(wake)
        return () => watchers.delete(wake)
      },
    },
  },
]

const links: PseudoEntry[] = [
  { kind: 'link', name: 'place', mode: 0o444, target: () => ({ type: 'hiddenfs', path: '' }), text: () => 'hiddenfs' },
  { kind: 'link', name: 'text', mode: 0o777, target: () => 'rules' },
]

const declaring = defineLsm({
  name: 'declaring',
  abi: '1.0',
  id: 200,
  hooks: {},
  pseudoFs: () => [
    { type: 'rulefs', magic: 0x72756c65, mountPoint: '/sys/fs/rulefs', files: () => files, entries: () => links },
    { type: 'hiddenfs', magic: 0x68696464, mountPoint: '', files: () => [], entries: () => hidden },
    { type: 'sysctl', magic: 0, mountPoint: '/proc/sys', files: () => [{ ...files[0]!, name: 'kernel/rules' }] },
  ],
})
const kernel = bootForTest({ lsms: [declaring] })
const { sys, init } = kernel
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

describe('a tree that nobody can mount', () => {
  const at = (name: string): string => `/sys/fs/rulefs/place/${name}`
  const statOf = (path: string): Kstat => {
    const stat = new Kstat()
    sys.stat(init, path, stat)
    return stat
  }

  test('has a type that mount(2) does not know', () => {
    expect(sys.mount(init, 'x', '/tmp', 'hiddenfs', 0, null)).toBe(-ENODEV)
  })

  test('is reached by a link, whose text is another', () => {
    const buf = new Uint8Array(64)
    const shown = (path: string): string => new TextDecoder().decode(buf.subarray(0, sys.readlink(init, path, buf)))
    expect([shown('/sys/fs/rulefs/place'), shown('/sys/fs/rulefs/text')]).toEqual(['hiddenfs', 'rules'])
    const { mode, rdev } = statOf(at('null'))
    expect([mode, rdev]).toEqual([S_IFCHR | 0o666, (1 << 8) | 3])
  })

  test('has folders that are made and removed, and only where the LSM says so', () => {
    const mkdir = (name: string): number => sys.mkdir(init, at(name), 0o700)
    expect([mkdir('made/a'), mkdir('made/a'), mkdir('x'), mkdir('made/a/b')]).toEqual([0, -EEXIST, -EPERM, -EPERM])
    expect([statOf(at('made')).nlink, statOf(at('made/a')).mode & 0o777]).toEqual([3, 0o700])
    expect(read(sys.open(init, at('made/a/number'), 0, 0), 9)).toBe('0\n')
    expect(sys.open(init, at('made/file'), O_CREAT, 0o600)).toBe(-EACCES)
    expect([sys.unlink(init, at('made/a/number')), sys.rmdir(init, at('made'))]).toEqual([-EPERM, -EPERM])
    expect([sys.rmdir(init, at('made/a')), sys.rmdir(init, at('made/a'))]).toEqual([0, -ENOENT])
  })

  test('forgets a name whose entry has gone or is another one', () => {
    sys.mkdir(init, at('made/b'), 0o700)
    expect(statOf(at('made/b')).mode & 0o777).toBe(0o700)
    made.set('b', folderOf('b', 0o711))
    expect(statOf(at('made/b')).mode & 0o777).toBe(0o711)
    made.delete('b')
    expect(sys.open(init, at('made/b/number'), 0, 0)).toBe(-ENOENT)
  })

  test('has files whose readers wait for news', () => {
    const fd = sys.open(init, at('news'), O_NONBLOCK, 0)
    const waiting = sys.open(init, at('news'), 0, 0)
    const ready = (): number => {
      const fds = [{ fd, events: EPOLLIN, revents: 0 }]
      sys.poll(init, fds, 1, 0)
      return fds[0]!.revents
    }
    expect([ready(), read(fd, 9), ready(), read(fd, 9), read(waiting, 9), read(waiting, 9)])
      .toEqual([EPOLLIN, '0\n', 0, -EAGAIN, '0\n', -ERESTARTSYS])
    let woken = 0
    kernel.machine.sleepOn!.subscribe(() => woken++)
    expect(watchers.size).toBe(1)
    number = 12
    for (const wake of [...watchers]) wake()
    expect([woken, watchers.size, ready(), read(fd, 9), read(waiting, 9)]).toEqual([1, 0, EPOLLIN, '12\n', '12\n'])
  })
})
