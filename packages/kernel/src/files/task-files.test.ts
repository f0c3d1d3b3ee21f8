import {
  EACCES, EFBIG, O_CREAT, O_DIRECTORY, O_EXCL, O_WRONLY, R_OK, S_IFDIR, S_IFLNK, S_IFMT, W_OK,
} from '@lsmkit/abi'
import { defineLsm } from '@lsmkit/core'
import { beforeEach, describe, expect, test } from 'vitest'
import { bootForTest } from '../testing/boot.ts'
import { FileError, isDirectory, isFile, isSymbolicLink, TaskFiles } from './index.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const text = (read: Uint8Array): string => new TextDecoder().decode(read)

let files: TaskFiles
let kernel: ReturnType<typeof bootForTest>

beforeEach(() => {
  kernel = bootForTest()
  files = new TaskFiles(kernel, kernel.init)
})

/** Descriptors of process 1: nothing may be left open. */
const open = (): number => files.readdir('/proc/self/fd').length

describe('contents', () => {
  test('are written, appended, read and emptied', () => {
    files.writeFile('/a', bytes('one'))
    files.appendFile('/a', bytes(' two'))
    expect(text(files.readFile('/a'))).toBe('one two')
    files.writeFile('/a', bytes('x'))
    expect(text(files.readFile('/a'))).toBe('x')
    files.truncate('/a')
    expect(files.readFile('/a')).toHaveLength(0)
  })

  test.each([0, 1, 4095, 4096, 4097, 200_000])('of %i bytes come back', (size) => {
    const whole = Uint8Array.from({ length: size }, (_, i) => i * 7)
    files.writeFile('/big', whole)
    expect(files.readFile('/big')).toEqual(whole)
  })

  test('of a file that says it has none, as in /proc', () => {
    expect(text(files.readFile('/proc/filesystems'))).toContain('tmpfs')
    expect(text(files.readFile('/proc/self/status'))).toMatch(/^Name:/)
  })

  test('of a FIFO nobody writes to are none: nothing waits', () => {
    expect(kernel.sys.mknod(kernel.init, '/pipe', 0o010600, 0)).toBe(0)
    expect(files.readFile('/pipe')).toHaveLength(0)
    expect(() => files.writeFile('/pipe', bytes('x'))).toThrow("ENXIO: no such device or address, open '/pipe'")
  })
})

describe('what is too much to read at once', () => {
  test.each<[name: string, make: () => void, most: number | undefined]>([
    ['a size beyond what anybody can hold', () => files.truncate('/x', 8e12), undefined],
    ['more than the caller wants', () => files.writeFile('/x', new Uint8Array(11)), 10],
    ['no end', () => {
      files.unlink('/x')
      expect(kernel.sys.mknod(kernel.init, '/x', 0o020666, (1 << 8) | 5)).toBe(0)
    }, 100_000],
  ])('%s', (_, make, most) => {
    files.writeFile('/x', new Uint8Array(0))
    make()
    const before = open()
    expect(() => files.readFile('/x', most)).toThrow(new FileError(-EFBIG, 'read', '/x'))
    expect(open()).toBe(before)
  })

  test('a file of /proc that states no size and does not end is neither read nor copied', () => {
    const before = open()
    const endless = '/proc/1/pagemap'
    expect(() => files.readFile(endless)).toThrow(new FileError(-EFBIG, 'read', endless))
    expect(() => files.copyTree(endless, '/copy')).toThrow(new FileError(-EFBIG, 'read', endless))
    expect(() => files.copyFile(endless, '/other')).toThrow(new FileError(-EFBIG, 'read', endless))
    expect([files.stat('/copy').size, files.stat('/other').size]).toEqual([0, 0])
    expect(open()).toBe(before)
    files.copyTree('/proc/1/status', '/status')
    expect(files.readFile('/status').length).toBeGreaterThan(100)
  })

  test('as much as the caller wants', () => {
    files.writeFile('/x', new Uint8Array(10))
    expect(files.readFile('/x', 10)).toHaveLength(10)
  })
})

describe('holes', () => {
  const MIB = 2 ** 20
  test.each<[name: string, size: number, data: readonly number[]]>([
    ['before data, between, and behind', 9 * MIB, [3 * MIB, 3 * MIB + 70_000, 6 * MIB + 1]],
    ['behind data alone', 5 * MIB + 3, [0]],
    ['and data at the end', 5 * MIB, [5 * MIB - 1]],
    ['alone', 4 * MIB, []],
  ])('%s are holes in the copy too', (_, size, data) => {
    files.writeFile('/sparse', new Uint8Array(0))
    files.truncate('/sparse', size)
    const fd = files.open('/sparse', O_WRONLY)
    for (const at of data) files.write(fd, bytes('x'), at)
    files.close(fd)
    files.writeFile('/copy', bytes('longer ago'))
    for (const copy of [files.copyFile, files.copyTree]) {
      copy.call(files, '/sparse', '/copy')
      expect(Buffer.compare(files.readFile('/copy'), files.readFile('/sparse'))).toBe(0)
      // 512 bytes each: at most the 64 KiB around each byte
      expect(files.stat('/copy').blocks).toBeLessThanOrEqual(data.length * 2 * 128)
    }
  })
})

test('a tree is copied and removed by steps, and one that is left half done leaves nothing open', () => {
  for (const name of ['a', 'b', 'c']) files.mkdirs(`/tree/${name}/below`)
  files.writeFile('/tree/a/file', new Uint8Array(300_000))
  const before = open()
  let steps = 0
  for (const _ of files.copySteps('/tree', '/copy')) steps++
  expect(steps).toBeGreaterThan(8)
  expect(files.stat('/copy/a/file').size).toBe(300_000)
  for (const _ of files.removeSteps('/copy')) if (steps-- === 8) break
  expect(open()).toBe(before)
  for (const _ of files.removeSteps('/copy'));
  expect(files.exists('/copy')).toBe(false)
})

describe('errors read as those of Node', () => {
  test.each<[string, () => unknown]>([
    ["ENOENT: no such file or directory, open '/no'", () => files.readFile('/no')],
    ["ENOENT: no such file or directory, stat '/no'", () => files.stat('/no')],
    ["ENOENT: no such file or directory, lstat '/no'", () => files.lstat('/no')],
    ["ENOENT: no such file or directory, scandir '/no'", () => files.readdir('/no')],
    ["ENOTDIR: not a directory, scandir '/f'", () => files.readdir('/f')],
    ["EISDIR: illegal operation on a directory, read '/d'", () => files.readFile('/d')],
    ["EISDIR: illegal operation on a directory, open '/d'", () => files.writeFile('/d', bytes('x'))],
    ["EEXIST: file already exists, mkdir '/d'", () => files.mkdir('/d')],
    ["EEXIST: file already exists, mkdir '/f'", () => files.mkdirs('/f')],
    ["ENOTDIR: not a directory, mkdir '/f/x/y'", () => files.mkdirs('/f/x/y')],
    ["ENOTEMPTY: directory not empty, rmdir '/d'", () => files.rmdir('/d')],
    ["ENOENT: no such file or directory, rename '/no' -> '/x'", () => files.rename('/no', '/x')],
    ["EINVAL: invalid argument, readlink '/f'", () => files.readlink('/f')],
    ["ENOENT: no such file or directory, realpath '/d/no'", () => files.realpath('/d/no')],
    ["ELOOP: too many symbolic links encountered, realpath '/loop'", () => files.realpath('/loop')],
    ["EINVAL: invalid argument, cp '/d' -> '/d/new'", () => files.copyTree('/d', '/d/new')],
    ['EBADF: bad file descriptor, read', () => files.read(99, new Uint8Array(1))],
    ["EEXIST: file already exists, open '/f'", () => files.writeFile('/f', bytes(''), O_WRONLY | O_CREAT | O_EXCL)],
  ])('%s', (message, call) => {
    files.mkdir('/d')
    files.writeFile('/d/in', bytes(''))
    files.writeFile('/f', bytes(''))
    files.symlink('/loop', '/loop')
    const before = open()
    expect(call).toThrow(FileError)
    expect(call).toThrow(message)
    expect(open()).toBe(before)
  })

  test('with code, number, call and paths', () => {
    const error = new FileError(-2, 'rename', '/a', '/b')
    expect(error).toMatchObject({ code: 'ENOENT', errno: -2, syscall: 'rename', path: '/a', dest: '/b' })
    expect(new FileError(-512, 'read')).toMatchObject({ code: 'EAGAIN', errno: -11 })
    expect('path' in new FileError(-2, 'read')).toBe(false)
  })
})

describe('directories and trees', () => {
  const makeTree = (): void => {
    files.mkdirs('/t/a/b')
    files.writeFile('/t/a/b/deep', bytes('deep'))
    files.chmod('/t/a/b/deep', 0o640)
    files.writeFile('/t/top', bytes('top'))
    files.symlink('a/b', '/t/link')
    files.chmod('/t/a', 0o500)
  }

  test('mkdirs tells the first that was made', () => {
    expect(files.mkdirs('/x/y/z')).toBe('/x')
    expect(files.mkdirs('/x/y/z')).toBeUndefined()
    expect(files.mkdirs('/x/y/w/')).toBe('/x/y/w/')
    expect(files.stat('/x/y/w').mode & S_IFMT).toBe(S_IFDIR)
  })

  test('readdir tells types, without . and ..', () => {
    makeTree()
    const entries = files.readdir('/t').toSorted((a, b) => (a.name < b.name ? -1 : 1))
    expect(entries.map((e) => [e.name, isDirectory(e), isFile(e), isSymbolicLink(e)])).toEqual([
      ['a', true, false, false], ['link', false, false, true], ['top', false, true, false],
    ])
    for (let i = 0; i < 3000; i++) files.writeFile(`/x${i}`, bytes(''))
    expect(files.readdir('/').filter(({ name }) => /^x\d+$/.test(name))).toHaveLength(3000)
  })

  test('an open directory tells its entries, whatever its name leads to by now', () => {
    makeTree()
    const fd = files.open('/t', O_DIRECTORY)
    files.rename('/t', '/moved')
    expect(files.entries(fd).map(({ name }) => name).toSorted()).toEqual(['a', 'link', 'top'])
    expect(files.statAt(fd, 'link').mode & S_IFMT).toBe(S_IFLNK)
    expect(() => files.statAt(fd, 'none')).toThrow("ENOENT: no such file or directory, lstat 'none'")
    files.close(fd)
  })

  test('a tree is copied with links, contents and modes', () => {
    makeTree()
    const before = open()
    files.copyTree('/t', '/copy')
    expect(text(files.readFile('/copy/a/b/deep'))).toBe('deep')
    expect(files.stat('/copy/a/b/deep').mode & 0o7777).toBe(0o640)
    expect(files.stat('/copy/a').mode & 0o7777).toBe(0o500)
    expect(files.readlink('/copy/link')).toBe('a/b')
    expect(files.lstat('/copy/link').mode & S_IFMT).toBe(S_IFLNK)
    expect(open()).toBe(before)
  })

  test('a tree is removed, and what links in it lead to stays', () => {
    makeTree()
    files.mkdir('/keep')
    files.writeFile('/keep/file', bytes('x'))
    files.symlink('/keep', '/t/a/b/out')
    files.remove('/t')
    expect(files.exists('/t')).toBe(false)
    expect(files.exists('/keep/file')).toBe(true)
  })

  test('realpath goes over links, from where the task stands', () => {
    makeTree()
    files.symlink('../t/link/deep', '/t/again')
    expect(files.realpath('/t/again')).toBe('/t/a/b/deep')
    expect(files.realpath('/t/link/..')).toBe('/t/a')
    expect(files.realpath('/../..')).toBe('/')
    files.chdir('/t')
    expect(files.cwd()).toBe('/t')
    expect(files.realpath('link/deep')).toBe('/t/a/b/deep')
  })

  test('times keep their fractions, before the epoch too', () => {
    files.writeFile('/f', bytes(''))
    files.utimes('/f', 1500.25, -1500.5)
    const { atime_sec, atime_nsec, mtime_sec, mtime_nsec } = files.stat('/f')
    expect([atime_sec, atime_nsec, mtime_sec, mtime_nsec]).toEqual([1, 500_250_000, -2, 499_500_000])
  })
})

test('an LSM is asked about the task, and what it refuses is told', () => {
  const vault = defineLsm({
    name: 'vault', abi: '1.0', id: 1000,
    hooks: { file_open: (file) => (file.f_path.dentry.d_name.name === 'key' ? -EACCES : 0) },
  })
  const booted = bootForTest({ lsms: [vault] })
  const guarded = new TaskFiles(booted, booted.init)
  expect(() => guarded.writeFile('/key', bytes('x'))).toThrow("EACCES: permission denied, open '/key'")
  expect(() => guarded.access('/key', R_OK | W_OK)).not.toThrow()
})
