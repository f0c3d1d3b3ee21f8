/** hostfs over a real folder: what is in it is read, and nothing leads out of it. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  AT_FDCWD, ELOOP, ENOENT, errnoName, EROFS, O_CREAT, O_NOFOLLOW, O_RDONLY, O_RDWR, O_WRONLY,
} from '@lsmkit/abi'
import { afterAll, describe, expect, test } from 'vitest'
import { hostfs } from '../../hostfs.ts'
import { bootForTest } from '../../testing/boot.ts'

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
