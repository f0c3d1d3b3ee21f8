import { EACCES } from '@lsmkit/abi'
import { defineLsm } from '@lsmkit/core'
import { latin1FromBytes } from 'just-bash'
import { beforeEach, describe, expect, test } from 'vitest'
import { KernelFs } from './index.ts'
import { boot, plant } from '../test/boot.ts'
import type { Booted } from '../test/boot.ts'

let booted: Booted
let fs: KernelFs

beforeEach(() => {
  booted = boot()
  plant(booted, { '/d/f': 'text', '/d/sub/g': 'deep', '/d/.hidden': '' })
  fs = new KernelFs(booted.kernel, booted.user)
})

describe('contents', () => {
  test('go in and out in every encoding', async () => {
    await fs.writeFile('/d/f', 'SGVsbG8=', 'base64')
    expect(await fs.readFile('/d/f')).toBe('Hello')
    await fs.writeFile('/d/f', '48656c6c6f', { encoding: 'hex' })
    expect(await fs.readFile('/d/f', 'utf8')).toBe('Hello')
    await fs.writeFile('/d/f', 'café', 'latin1')
    expect(await fs.readFileBuffer('/d/f')).toEqual(Uint8Array.of(0x63, 0x61, 0x66, 0xe9))
    expect(await fs.readFile('/d/f', 'hex')).toBe('636166e9')
    expect(await fs.readFile('/d/f', { encoding: 'binary' })).toBe('café')
    expect(latin1FromBytes(await fs.readFileBytes('/d/f'))).toBe('café')
    await fs.writeFile('/d/f', 'é€ 世界')
    expect(await fs.readFile('/d/f')).toBe('é€ 世界')
    await fs.appendFile('/d/f', '!')
    expect(await fs.readFile('/d/f', 'base64')).toBe('w6nigqwg5LiW55WMIQ==')
  })

  test('of many bytes that are no text', async () => {
    const bytes = Uint8Array.from({ length: 100_000 }, (_, i) => i % 256)
    await fs.writeFile('/d/big', bytes)
    expect(await fs.readFileBuffer('/d/big')).toEqual(bytes)
    const chars = [...latin1FromBytes(await fs.readFileBytes('/d/big'))]
    expect(chars.every((char, i) => char.charCodeAt(0) === i % 256)).toBe(true)
  })

  test('make the directories that lead to them, and so do other new names', async () => {
    await fs.writeFile('/d/new/er/f', 'x')
    await fs.appendFile('/d/newer/f', 'y')
    expect(await fs.readFile('/d/new/er/f') + await fs.readFile('/d/newer/f')).toBe('xy')
    await fs.cp('/d/f', '/d/cp/f')
    await fs.link('/d/f', '/d/link/f')
    await fs.symlink('../f', '/d/symlink/f')
    await fs.mv('/d/sub', '/d/mv/sub')
    for (const path of ['/d/cp/f', '/d/link/f', '/d/symlink/f']) expect(await fs.readFile(path)).toBe('text')
    expect(await fs.readFile('/d/mv/sub/g')).toBe('deep')
  })

  test('make none for what cannot be there', async () => {
    for (const call of [
      () => fs.cp('/d/none', '/d/p/f'), () => fs.mv('/d/none', '/d/p/f'), () => fs.link('/d/none', '/d/p/f'),
      () => fs.link('/d/sub', '/d/p/f'), () => fs.mv('/d/sub', '/d/sub/p/f'),
    ]) await expect(call()).rejects.toThrow(/^(ENOENT|EPERM|EINVAL)/)
    expect(await fs.exists('/d/p') || await fs.exists('/d/sub/p')).toBe(false)
  })
})

test('what stat tells', async () => {
  await fs.chmod('/d/f', 0o4640)
  await fs.utimes('/d/f', new Date(1000), new Date(1234567))
  await fs.symlink('f', '/d/link')
  const stat = await fs.stat('/d/link')
  expect(stat).toMatchObject({ isFile: true, isDirectory: false, isSymbolicLink: false, mode: 0o4640, size: 4 })
  expect(stat.mtime).toEqual(new Date(1234567))
  expect(await fs.lstat('/d/link')).toMatchObject({ isFile: false, isSymbolicLink: true, mode: 0o777, size: 1 })
  expect(await fs.stat('/d')).toMatchObject({ isDirectory: true, isFile: false })
  await fs.link('/d/f', '/d/hard')
  expect(await fs.stat('/d/hard')).toMatchObject({ ino: stat.ino!, dev: stat.dev! })
})

test('directories are told in order, with types', async () => {
  await fs.symlink('nowhere', '/d/broken')
  expect(await fs.readdir('/d')).toEqual(['.hidden', 'broken', 'f', 'sub'])
  const entries = await fs.readdirWithFileTypes('/d')
  expect(entries.map((entry) => [entry.name, entry.isFile, entry.isDirectory, entry.isSymbolicLink])).toEqual([
    ['.hidden', true, false, false], ['broken', false, false, true],
    ['f', true, false, false], ['sub', false, true, false],
  ])
  expect(fs.getAllPaths().filter((path) => path.startsWith('/d/'))).toEqual(
    ['/d/.hidden', '/d/broken', '/d/f', '/d/sub', '/d/sub/g'])
  expect(fs.getAllPaths().some((path) => path.startsWith('/proc/'))).toBe(false)
})

test('trees are copied, moved and removed', async () => {
  await fs.cp('/d', '/tmp/copy', { recursive: true })
  expect(await fs.readFile('/tmp/copy/sub/g')).toBe('deep')
  await fs.mv('/tmp/copy', '/tmp/moved')
  expect(await fs.exists('/tmp/copy')).toBe(false)
  await fs.rm('/tmp/moved', { recursive: true })
  expect(await fs.exists('/tmp/moved')).toBe(false)
  await fs.mkdir('/tmp/a/b', { recursive: true })
  await fs.rm('/tmp/a/b')
  await fs.rm('/tmp/none', { force: true })
  expect(await fs.readdir('/tmp/a')).toEqual([])
})

test('between mounts a tree is copied and removed', async () => {
  expect(booted.kernel.sys.mount(booted.kernel.init, 'm', '/tmp', 'tmpfs', 0, 'mode=777')).toBe(0)
  await fs.mv('/d/sub', '/tmp/sub')
  expect(await fs.readFile('/tmp/sub/g')).toBe('deep')
  expect(await fs.exists('/d/sub')).toBe(false)
})

test.each([
  ['/a/b', '../c', '/a/c'], ['/', 'x/./y//z/..', '/x/y'], ['/a', '.', '/a'], ['/a', '/b/', '/b'],
  ['/a', '../../..', '/'],
])('resolvePath %s %s', (base, path, whole) => {
  expect(fs.resolvePath(base, path)).toBe(whole)
})

test('paths are made plain first, as by all file systems of just-bash', async () => {
  expect(await fs.readFile('/../../d/./f')).toBe('text')
  expect(await fs.readFile('/d/missing/../f')).toBe('text')
  expect(await fs.readFile('d/f')).toBe('text')
  expect(await fs.realpath('/d/sub/../f/')).toBe('/d/f')
})

describe('errors', () => {
  const failing: readonly [string, (on: KernelFs) => Promise<unknown>][] = [
    ["ENOENT: no such file or directory, open '/no'", (on) => on.readFile('/no')],
    ["ENOENT: no such file or directory, open '/no'", (on) => on.readFileBytes('/no')],
    ["EISDIR: illegal operation on a directory, read '/d'", (on) => on.readFileBuffer('/d')],
    ["EISDIR: illegal operation on a directory, open '/d'", (on) => on.writeFile('/d', '')],
    ["ENOTDIR: not a directory, open '/d/f/x'", (on) => on.appendFile('/d/f/x', '')],
    ["ENOENT: no such file or directory, stat '/no'", (on) => on.stat('/no')],
    ["ENOENT: no such file or directory, lstat '/no'", (on) => on.lstat('/no')],
    ["EEXIST: directory already exists, mkdir '/d'", (on) => on.mkdir('/d')],
    ["EEXIST: file already exists, mkdir '/d/f'", (on) => on.mkdir('/d/f', { recursive: true })],
    ["ENOENT: no such file or directory, mkdir '/d/x/y'", (on) => on.mkdir('/d/x/y')],
    ["ENOTDIR: not a directory, scandir '/d/f'", (on) => on.readdir('/d/f')],
    ["ENOENT: no such file or directory, rm '/no'", (on) => on.rm('/no')],
    ["ENOTEMPTY: directory not empty, rm '/tmp/d'", async (on) => {
      await on.mkdir('/tmp/d/in', { recursive: true })
      await on.rm('/tmp/d')
    }],
    ["EISDIR: is a directory, cp '/d'", (on) => on.cp('/d', '/e')],
    ["ENOENT: no such file or directory, cp '/no'", (on) => on.cp('/no', '/d/x')],
    ["EINVAL: cannot copy '/d' into itself, '/d/in'", (on) => on.cp('/d', '/d/in', { recursive: true })],
    ["ENOENT: no such file or directory, mv '/no'", (on) => on.mv('/no', '/d/x')],
    ["EINVAL: cannot move '/d/sub' into itself, '/d/sub/in'", (on) => on.mv('/d/sub', '/d/sub/in')],
    ["ENOENT: no such file or directory, chmod '/no'", (on) => on.chmod('/no', 0)],
    ["EEXIST: file already exists, symlink '/d/f'", (on) => on.symlink('x', '/d/f')],
    ["EEXIST: file already exists, link '/d/sub/g'", (on) => on.link('/d/f', '/d/sub/g')],
    ["EINVAL: invalid argument, readlink '/d/f'", (on) => on.readlink('/d/f')],
    ["ENOENT: no such file or directory, realpath '/no'", (on) => on.realpath('/no')],
    ["ENOENT: no such file or directory, utimes '/no'", (on) => on.utimes('/no', new Date(), new Date())],
    ["ENOENT: path contains null byte, open '/d/f\0'", (on) => on.readFile('/d/f\0')],
  ]
  test.each(failing)('%j', async (message, call) => {
    await expect(call(fs)).rejects.toThrow(message)
    await expect(call(fs)).rejects.toMatchObject({ code: message.slice(0, message.indexOf(':')) })
  })
})

test('modes and modules are asked about the task', async () => {
  booted.root.writeFile('/d/root', new TextEncoder().encode('x'), undefined, 0o600)
  await expect(fs.readFile('/d/root')).rejects.toThrow("EACCES: permission denied, open '/d/root'")
  const vault = defineLsm({
    name: 'vault', abi: '1.0', id: 1000,
    hooks: { file_open: (file) => (file.f_path.dentry.d_name.name === 'key' ? -EACCES : 0) },
  })
  const guarded = boot([vault])
  plant(guarded, { '/d/f': '' })
  const files = new KernelFs(guarded.kernel, guarded.user)
  await expect(files.writeFile('/d/key', '')).rejects.toMatchObject({ code: 'EACCES' })
})
