/** hostfs over a real folder: what is in it is read, and nothing leads out of it. */
import { execFileSync } from 'node:child_process'
import {
  chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync, symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  AT_FDCWD, ELOOP, ENOENT, EPERM, errnoName, EROFS, O_CREAT, O_NOFOLLOW, O_RDONLY, O_RDWR, O_WRONLY,
} from '@lsmkit/abi'
import { afterAll, describe, expect, test } from 'vitest'
import { hostfs } from '../../hostfs.ts'
import { bootForTest } from '../../testing/boot.ts'
import { Kstat } from '../../vfs/kstat.ts'

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
