/** hostfs over a real folder: what is in it is read, and nothing leads out of it. */
import { execFileSync } from 'node:child_process'
import {
  chmodSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, renameSync, rmSync, statSync,
  symlinkSync, utimesSync, writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  AT_FDCWD, AT_SYMLINK_NOFOLLOW, EACCES, ELOOP, ENFILE, ENOENT, EPERM, errnoName, EROFS, O_CREAT, O_EXCL, O_NOFOLLOW,
  O_RDONLY, O_RDWR, O_TRUNC, O_WRONLY, SEEK_SET, UTIME_OMIT,
} from '@lsmkit/abi'
import { afterAll, describe, expect, test } from 'vitest'
import { bootForTest } from '../../testing/boot.ts'
import { Kstat } from '../../state/vfs/kstat.ts'
import { suiteWay } from './suite-way.ts'

const { hostfs } = suiteWay()

const base = mkdtempSync(join(tmpdir(), 'hostfs-'))
afterAll(() => rmSync(base, { recursive: true, force: true }))
const inside = join(base, 'inside')
const outside = join(base, 'outside')
mkdirSync(join(inside, 'dir'), { recursive: true })
mkdirSync(outside)
writeFileSync(join(inside, 'file'), 'inside')
writeFileSync(join(inside, 'dir', 'deep'), 'deep')
writeFileSync(join(outside, 'secret'), 'secret')
writeFileSync(join(outside, 'deep'), 'secret')
symlinkSync('file', join(inside, 'link'))
symlinkSync('../outside/secret', join(inside, 'up'))
symlinkSync(join(outside, 'secret'), join(inside, 'absolute'))
symlinkSync(outside, join(inside, 'away'))
symlinkSync('loop', join(inside, 'loop'))
execFileSync('mkfifo', [join(inside, 'fifo')])

const kernel = bootForTest({ mounts: [{ type: hostfs({ path: inside }), target: '/host' }] })
const { sys, init, cat, file } = kernel
const open = (path: string, flags = O_RDONLY) => sys.openat(init, AT_FDCWD, path, flags, 0o644)

test('files, folders and links inside', () => {
  expect(['file', 'dir/deep', 'link', 'dir/../file'].map((path) => cat(init, `/host/${path}`))).toEqual([
    'inside',
    'deep',
    'inside',
    'inside',
  ])
})

test.each([
  'up',
  'absolute',
  'away/secret',
  '../outside/secret',
  'dir/../../outside/secret',
  'fifo',
  'nothing',
  'dir/fifo',
])('%s leads nowhere', (path) => expect(cat(init, `/host/${path}`)).toBe(-ENOENT))

test('an absolute link is one of the kernel, not of the host', () => {
  kernel.machine.current.task = init
  sys.mkdir(init, base.split('/').slice(0, 2).join('/'), 0o755)
  let at = ''
  for (const part of outside.split('/').filter((name) => name !== '')) sys.mkdir(init, (at += `/${part}`), 0o755)
  file(join(outside, 'secret'), 'of the kernel')
  expect(cat(init, '/host/absolute')).toBe('of the kernel')
  sys.unlink(init, join(outside, 'secret'))
})

test('a loop ends, and O_NOFOLLOW is kept', () => {
  expect([open('/host/loop'), open('/host/link', O_NOFOLLOW)]).toEqual([-ELOOP, -ELOOP])
})

describe('nothing is written', () => {
  test.each<readonly [what: string, call: () => number]>([
    ['open to write', () => open('/host/file', O_WRONLY)],
    ['open to read and write', () => open('/host/file', O_RDWR)],
    ['create', () => open('/host/new', O_WRONLY | O_CREAT)],
    ['mkdir', () => sys.mkdir(init, '/host/new', 0o755)],
    ['unlink', () => sys.unlink(init, '/host/file')],
    ['rename', () => sys.rename(init, '/host/file', '/host/other')],
    ['chmod', () => sys.chmod(init, '/host/file', 0o777)],
    ['truncate', () => sys.truncate(init, '/host/file', 0)],
    ['symlink', () => sys.symlink(init, 'x', '/host/new')],
  ])('%s', (_, call) => expect(errnoName(call())).toBe(errnoName(-EROFS)))
})

describe('a folder that is swapped while the kernel knows it', () => {
  const swap = (put: () => void, path: string): string | number => {
    mkdirSync(join(inside, 'swap'))
    writeFileSync(join(inside, 'swap', 'deep'), 'mine')
    expect(cat(init, '/host/swap/deep')).toBe('mine')
    renameSync(join(inside, 'swap'), join(base, 'kept'))
    put()
    const got = cat(init, path)
    rmSync(join(inside, 'swap'), { recursive: true, force: true })
    rmSync(join(base, 'kept'), { recursive: true, force: true })
    return got
  }
  test('for a link to the outside', () => {
    expect(swap(() => symlinkSync(outside, join(inside, 'swap')), '/host/swap/deep')).not.toBe('secret')
  })
  test('for another folder: what is there now is read', () => {
    const put = () => {
      mkdirSync(join(inside, 'swap'))
      writeFileSync(join(inside, 'swap', 'deep'), 'new')
    }
    expect(swap(put, '/host/swap/deep')).toBe('new')
  })
  test('for nothing', () => expect(swap(() => {}, '/host/swap/deep')).toBe(-ENOENT))
})

test('a file that is swapped for a link or a FIFO is not read', () => {
  for (const put of [
    () => symlinkSync(join(outside, 'secret'), join(inside, 'victim')),
    () => execFileSync('mkfifo', [join(inside, 'victim')]),
  ]) {
    writeFileSync(join(inside, 'victim'), 'mine')
    expect(cat(init, '/host/victim')).toBe('mine')
    rmSync(join(inside, 'victim'))
    put()
    expect(cat(init, '/host/victim')).toBe(-ENOENT)
    rmSync(join(inside, 'victim'))
  }
})

test('what is no folder cannot be mounted', () => {
  for (const path of [join(inside, 'nothing'), join(inside, 'file')]) expect(() => hostfs({ path })).toThrow()
})

describe('a folder shared for writing', () => {
  const shared = join(base, 'shared')
  mkdirSync(join(shared, 'dir'), { recursive: true })
  symlinkSync(join(outside, 'secret'), join(shared, 'out'))
  symlinkSync(outside, join(shared, 'outdir'))
  const writer = bootForTest({ mounts: [{ type: hostfs({ path: shared, writable: true }), target: '/w' }] })
  const { sys: call, init: task } = writer
  const put = (path: string, text: string, flags = O_CREAT | O_WRONLY) => {
    const fd = call.openat(task, AT_FDCWD, path, flags, 0o640)
    if (fd < 0) return fd
    const rc = call.write(task, fd, new TextEncoder().encode(text))
    call.close(task, fd)
    return rc
  }
  const onHost = (path: string) => readFileSync(join(shared, path), 'utf8')

  test('what a program writes is there on the host', () => {
    expect(put('/w/dir/new', 'hello')).toBe(5)
    expect([onHost('dir/new'), statSync(join(shared, 'dir/new')).mode & 0o7777]).toEqual(['hello', 0o640])
    expect(call.truncate(task, '/w/dir/new', 4)).toBe(0)
    expect(put('/w/dir/new', 'J', O_WRONLY)).toBe(1)
    expect(onHost('dir/new')).toBe('Jell')
    expect(call.chmod(task, '/w/dir/new', 0o600)).toBe(0)
    chmodSync(join(shared, 'dir/new'), 0o604)
    const stat = new Kstat()
    expect([call.stat(task, '/w/dir/new', stat), stat.mode & 0o7777]).toEqual([0, 0o604])
    chmodSync(join(shared, 'dir/new'), 0o600)
    expect(statSync(join(shared, 'dir/new')).mode & 0o7777).toBe(0o600)
    expect(call.rename(task, '/w/dir/new', '/w/moved')).toBe(0)
    const { cat: show } = writer
    expect([onHost('moved'), show(task, '/w/moved'), show(task, '/w/dir/new')]).toEqual(['Jell', 'Jell', -ENOENT])
    expect(call.link(task, '/w/moved', '/w/twin')).toBe(0)
    expect(statSync(join(shared, 'twin')).nlink).toBe(2)
    expect([call.unlink(task, '/w/moved'), call.unlink(task, '/w/twin')]).toEqual([0, 0])
    expect(call.mkdir(task, '/w/d', 0o755)).toBe(0)
    expect([call.rename(task, '/w/d', '/w/dir/d'), call.rmdir(task, '/w/dir/d')]).toEqual([0, 0])
    expect(readdirSync(shared).sort()).toEqual(['dir', 'out', 'outdir'])
  })

  test('nothing outside is changed through a link of the host', () => {
    expect(put('/w/out', 'x', O_WRONLY)).toBe(-ENOENT)
    expect(put('/w/outdir/new', 'x')).toBe(-ENOENT)
    expect(call.truncate(task, '/w/out', 0)).toBe(-ENOENT)
    expect(call.unlink(task, '/w/outdir/secret')).toBe(-ENOENT)
    expect(readFileSync(join(outside, 'secret'), 'utf8')).toBe('secret')
    expect(readdirSync(outside).sort()).toEqual(['deep', 'secret'])
  })

  test('a folder swapped for a link to the outside takes no new file', () => {
    mkdirSync(join(shared, 'swap'))
    expect(call.stat(task, '/w/swap', new Kstat())).toBe(0)
    renameSync(join(shared, 'swap'), join(base, 'swapped'))
    symlinkSync(outside, join(shared, 'swap'))
    expect(put('/w/swap/new', 'x')).toBeLessThan(0)
    expect(readdirSync(outside).sort()).toEqual(['deep', 'secret'])
    rmSync(join(shared, 'swap'))
    rmSync(join(base, 'swapped'), { recursive: true })
  })

  test('owners, set-id bits and devices cannot be made', () => {
    put('/w/own', 'x')
    expect([call.chown(task, '/w/own', 5, 5), call.chmod(task, '/w/own', 0o4755)]).toEqual([-EPERM, -EPERM])
    expect(call.mknod(task, '/w/dev', 0o20666, 1)).toBe(-EPERM)
    call.unlink(task, '/w/own')
  })

  test('a file without a name is still one: it is looked at, written, cut', () => {
    const fd = call.openat(task, AT_FDCWD, '/w/gone', O_CREAT | O_RDWR, 0o600)
    call.write(task, fd, new TextEncoder().encode('0123456789'))
    expect(call.unlink(task, '/w/gone')).toBe(0)
    const stat = new Kstat()
    expect([call.fstat(task, fd, stat), stat.size, stat.nlink]).toEqual([0, 10, 0])
    writeFileSync(join(shared, 'gone'), 'another')
    expect([call.ftruncate(task, fd, 4), call.fstat(task, fd, stat), stat.size]).toEqual([0, 0, 4])
    expect(onHost('gone')).toBe('another')
    call.unlink(task, '/w/gone')
  })

  test('O_TRUNC with a descriptor for reading, and times of links', () => {
    put('/w/cut', 'text')
    const fd = call.openat(task, AT_FDCWD, '/w/cut', O_RDONLY | O_TRUNC, 0)
    expect([fd >= 0, onHost('cut')]).toEqual([true, ''])
    call.close(task, fd)
    call.symlink(task, 'cut', '/w/ln')
    const at = (tv_sec: number) => ({ tv_sec, tv_nsec: 0 })
    expect(call.utimensat(task, AT_FDCWD, '/w/ln', [at(1000), at(2000)], AT_SYMLINK_NOFOLLOW)).toBe(0)
    expect([lstatSync(join(shared, 'ln')).mtimeMs, statSync(join(shared, 'cut')).mtimeMs > 2e6]).toEqual([2e6, true])
    expect(call.utimensat(task, AT_FDCWD, '/w/cut', [at(-1000), at(-2000)], 0)).toBe(0)
    expect([statSync(join(shared, 'cut')).atimeMs, statSync(join(shared, 'cut')).mtimeMs]).toEqual([-1e6, -2e6])
    for (const name of ['/w/cut', '/w/ln']) call.unlink(task, name)
  })

  test('times keep their nanoseconds until somebody else sets them', () => {
    put('/w/timed', 'x')
    const exact = { tv_sec: 1_700_000_000, tv_nsec: 123_456_789 }
    const later = { tv_sec: 1_700_000_001, tv_nsec: 1 }
    const omit = { tv_sec: 0, tv_nsec: UTIME_OMIT }
    const stat = new Kstat()
    const times = () => [
      call.stat(task, '/w/timed', stat), stat.atime_sec, stat.atime_nsec, stat.mtime_sec, stat.mtime_nsec,
    ]
    expect(call.utimensat(task, AT_FDCWD, '/w/timed', [exact, exact], 0)).toBe(0)
    expect(times()).toEqual([0, 1_700_000_000, 123_456_789, 1_700_000_000, 123_456_789])
    expect(Math.abs(statSync(join(shared, 'timed')).mtimeMs - 1_700_000_000_123.456)).toBeLessThan(0.002)
    expect(call.utimensat(task, AT_FDCWD, '/w/timed', [omit, later], 0)).toBe(0)
    expect(times()).toEqual([0, 1_700_000_000, 123_456_789, 1_700_000_001, 1])
    utimesSync(join(shared, 'timed'), 5, 6)
    expect(times()).toEqual([0, 5, 0, 6, 0])
    call.unlink(task, '/w/timed')
    put('/w/timed', 'y')
    const [, atime, ns] = times()
    expect(call.utimensat(task, AT_FDCWD, '/w/timed', [omit, later], 0)).toBe(0)
    expect(times()).toEqual([0, atime, ns, 1_700_000_001, 1])
    call.unlink(task, '/w/timed')
  })

  test('a file may be longer than 2 and 4 GiB', () => {
    const fd = call.openat(task, AT_FDCWD, '/w/long', O_CREAT | O_RDWR, 0o600)
    const [bytes, got, far] = [new TextEncoder().encode('far'), new Uint8Array(4), 5 * 2 ** 30]
    expect([call.lseek(task, fd, far, SEEK_SET), call.write(task, fd, bytes)]).toEqual([far, 3])
    expect([call.pread64(task, fd, got, far + 1), got[0]]).toEqual([2, bytes[1]])
    const stat = new Kstat()
    expect([call.fstat(task, fd, stat), stat.size, statSync(join(shared, 'long')).size]).toEqual([0, far + 3, far + 3])
    expect([call.ftruncate(task, fd, 3 * 2 ** 30), statSync(join(shared, 'long')).size]).toEqual([0, 3 * 2 ** 30])
    call.close(task, fd)
    call.unlink(task, '/w/long')
  })

  test('an entry of a listing has the number that stat shows', () => {
    put('/w/dir/one', 'x')
    symlinkSync('one', join(shared, 'dir/link'))
    mkdirSync(join(shared, 'dir/below'))
    const fd = call.openat(task, AT_FDCWD, '/w/dir', O_RDONLY, 0)
    const dents = new Uint8Array(4096)
    const view = new DataView(dents.buffer)
    const end = call.getdents64(task, fd, dents)
    const shown = new Map<string, number>()
    for (let at = 0; at < end; at += view.getUint16(at + 16, true)) {
      const name = Buffer.from(dents.subarray(at + 19, dents.indexOf(0, at + 19))).toString()
      shown.set(name, Number(view.getBigUint64(at, true)))
    }
    expect([...shown.keys()].sort()).toEqual(['.', '..', 'below', 'link', 'one'])
    const stat = new Kstat()
    for (const [name, ino] of shown) {
      expect([name, call.lstat(task, `/w/dir/${name}`, stat), stat.ino]).toEqual([name, 0, ino])
    }
    call.close(task, fd)
    for (const name of ['one', 'link']) call.unlink(task, `/w/dir/${name}`)
    call.rmdir(task, '/w/dir/below')
  })

  test('what is made is open already, and what the host takes away is made again', () => {
    const flags = O_CREAT | O_EXCL | O_WRONLY
    expect([put('/w/made', 'one', flags), put('/w/made', 'two', O_WRONLY)]).toEqual([3, 3])
    rmSync(join(shared, 'made'))
    expect([put('/w/made', 'three', flags), onHost('made')]).toEqual([5, 'three'])
    rmSync(join(shared, 'made'))
    expect([put('/w/made', 'four'), onHost('made')]).toEqual([4, 'four'])
    // a node that nobody opens is no descriptor that stays
    expect(call.mknod(task, '/w/node', 0o100644, 0)).toBe(0)
    expect([put('/w/made', 'more', O_WRONLY), onHost('node')]).toEqual([4, ''])
    for (const name of ['/w/made', '/w/node']) call.unlink(task, name)
  })

  test('of two deep folders the way to one does not change what the other is', () => {
    const chain = (name: string): string => {
      let at = name
      for (let i = 0; i < 100; i++, at += '/d') {
        mkdirSync(join(shared, at))
        writeFileSync(join(shared, at, 'x'), at)
      }
      return at.slice(0, -2)
    }
    const [from, to] = [chain('a'), chain('b')]
    expect(call.rename(task, `/w/${from}/x`, `/w/${to}/y`)).toBe(0)
    expect([onHost(`${to}/y`), readdirSync(join(shared, from))]).toEqual([from, []])
    for (const name of ['a', 'b']) rmSync(join(shared, name), { recursive: true })
  })

  test('names are names: none leads up', () => {
    for (const name of ['..', '../x', 'dir/../../x']) put(`/w/${name}`, 'x')
    expect(readdirSync(base)).not.toContain('x')
  })
})

describe('what the host changes is seen at once', () => {
  const folder = join(base, 'changing')
  mkdirSync(folder)
  const own = bootForTest({ mounts: [{ type: hostfs({ path: folder, uid: 1000, gid: 1000 }), target: '/c' }] })
  const user = own.fork(own.init, 1000)
  const show = () => own.cat(user, '/c/file')

  test('modes: permitted, refused, permitted', () => {
    writeFileSync(join(folder, 'file'), 'text', { mode: 0o644 })
    expect(show()).toBe('text')
    chmodSync(join(folder, 'file'), 0o044)
    expect(show()).toBe(-EACCES)
    chmodSync(join(folder, 'file'), 0o644)
    expect(show()).toBe('text')
  })

  test('another file of the name, none, and one again', () => {
    for (const text of ['a', 'b', 'c']) {
      writeFileSync(join(folder, 'next'), text)
      renameSync(join(folder, 'next'), join(folder, 'file'))
      expect(show()).toBe(text)
    }
    rmSync(join(folder, 'file'))
    expect([show(), show()]).toEqual([-ENOENT, -ENOENT])
    writeFileSync(join(folder, 'file'), 'again')
    expect(show()).toBe('again')
  })
})

describe('descriptors of the host', () => {
  const folder = join(base, 'descriptors')
  mkdirSync(join(folder, 'a/b/c'), { recursive: true })
  writeFileSync(join(folder, 'a/b/c/file'), 'text')
  /** Those that lead into the folder. */
  const held = (): number => readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith(folder)
    } catch {
      return false
    }
  }).length

  test.skipIf(process.platform !== 'linux')('are given back at umount, and a new mount has the same folder', () => {
    const own = bootForTest({ mounts: [{ type: hostfs({ path: folder }), target: '/d' }] })
    expect([own.cat(own.init, '/d/a/b/c/file'), held() > 1]).toEqual(['text', true])
    expect([own.sys.umount2(own.init, '/d', 0), held()]).toEqual([0, 0])
    expect(own.sys.mount(own.init, 'x', '/d', 'hostfs', 0, null)).toBe(0)
    expect(own.cat(own.init, '/d/a/b/c/file')).toBe('text')
    expect([own.sys.umount2(own.init, '/d', 0), held()]).toEqual([0, 0])
    renameSync(folder, `${folder}-away`)
    mkdirSync(folder)
    expect(errnoName(own.sys.mount(own.init, 'x', '/d', 'hostfs', 0, null))).toBe('ESTALE')
    rmSync(folder, { recursive: true })
    renameSync(`${folder}-away`, folder)
  })

  test.skipIf(process.platform !== 'linux')('are given back when the kernel is gone', () => {
    const script = `
      import { readdirSync } from 'node:fs'
      import { setTimeout } from 'node:timers/promises'
      import { hostfs } from '../../hostfs.ts'
      import { bootForTest } from '../../testing/boot.ts'
      const count = () => readdirSync('/proc/self/fd').length
      const once = () => {
        const type = hostfs({ path: ${JSON.stringify(folder)} })
        const { cat, init } = bootForTest({ mounts: [{ type, target: '/d' }] })
        if (cat(init, '/d/a/b/c/file') !== 'text') throw new Error('not read')
      }
      const before = count()
      for (let i = 0; i < 20; i++) once()
      const most = count() - before
      for (let i = 0; i < 5000 && count() > before; i++) {
        await setTimeout(10)
        globalThis.gc()
      }
      console.log(JSON.stringify([most >= 20, count() - before]))`
    const args = ['--expose-gc', '--conditions=lsmkit:source', '--no-warnings', '--input-type=module', '-e', script]
    const told = execFileSync(process.execPath, args, { encoding: 'utf8', cwd: import.meta.dirname })
    expect(JSON.parse(told)).toEqual([true, 0])
  })

  test('programs have only so many', () => {
    const own = bootForTest({ mounts: [{ type: hostfs({ path: folder, descriptors: 5 }), target: '/d' }] })
    const again = () => own.sys.openat(own.init, AT_FDCWD, '/d/a/b/c/file', O_RDONLY, 0)
    const fds = Array.from({ length: 6 }, again)
    expect([fds.slice(0, 5).every((fd) => fd >= 0), fds[5]]).toEqual([true, -ENFILE])
    own.sys.close(own.init, fds[0]!)
    expect(again()).toBe(fds[0])
  })
})

test('a folder of 3,000 names is listed whole, each once, in pieces', () => {
  const folder = join(base, 'many')
  mkdirSync(folder)
  for (let i = 0; i < 3000; i++) writeFileSync(join(folder, `f${i}`), '')
  const own = bootForTest({ mounts: [{ type: hostfs({ path: folder }), target: '/m' }] })
  const fd = own.sys.openat(own.init, AT_FDCWD, '/m', O_RDONLY, 0)
  const names: string[] = []
  const chunk = new Uint8Array(1024)
  const view = new DataView(chunk.buffer)
  for (let got = 1; got > 0;) {
    got = own.sys.getdents64(own.init, fd, chunk)
    for (let at = 0; at < got; at += view.getUint16(at + 16, true)) {
      names.push(new TextDecoder().decode(chunk.subarray(at + 19, chunk.indexOf(0, at + 19))))
    }
  }
  expect([names.length, new Set(names).size]).toEqual([3002, 3002])
})
