/** A folder of the host for programs of the host: the same by Node's calls and by native ones. */
import { execFileSync } from 'node:child_process'
import {
  lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, renameSync, rmSync, symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { EEXIST, ELOOP, ENOENT, ENOTDIR, ESTALE } from '@lsmkit/abi'
import { afterAll, describe, expect, test } from 'vitest'
import { HostTree } from './host-tree.ts'
import { nativeCalls } from './native.ts'

const base = mkdtempSync(join(tmpdir(), 'host-tree-'))
afterAll(() => rmSync(base, { recursive: true, force: true }))
const onLinux = process.platform === 'linux'

const hasNative = ((): boolean => {
  try {
    return nativeCalls() !== null
  } catch {
    return false
  }
})()

const refuse = (errno: number, syscall: string, path: string): Error =>
  Object.assign(new Error(`${syscall} ${path}: ${errno}`), { errno })
/** What is thrown, as -errno; 0 for nothing. */
const rcOf = (act: () => unknown): number => {
  try {
    act()
    return 0
  } catch (error) {
    return (error as { errno: number }).errno
  }
}

describe.each([
  { way: 'node', native: false, skip: !onLinux }, { way: 'native', native: true, skip: !hasNative },
])('by $way', ({ way, native, skip }) => {
  const path = join(base, way)
  const outside = join(base, `${way}-outside`)
  const at = (name: string): string => join(path, name)
  const withTree = <T>(act: (tree: HostTree) => T): T => {
    rmSync(path, { recursive: true, force: true })
    mkdirSync(at('dir/deep'), { recursive: true })
    mkdirSync(join(outside, 'deep'), { recursive: true })
    for (const file of ['file', 'dir/one', 'dir/naïve']) writeFileSync(at(file), file)
    symlinkSync('../file', at('dir/link'))
    symlinkSync(outside, at('away'))
    execFileSync('mkfifo', [at('fifo')])
    const tree = new HostTree(path, refuse, null, native)
    try {
      return act(tree)
    } finally {
      tree.close()
    }
  }

  test.skipIf(skip)('stat and list show what Node shows', () => withTree((tree) => {
    const kinds = { '': 'dir', dir: 'dir', file: 'file', 'dir/link': 'link', fifo: 'other', 'dir/naïve': 'file' }
    for (const [name, kind] of Object.entries(kinds)) {
      const { dev, ino, size, mode, uid, gid, mtimeNs, ctimeNs } = lstatSync(at(name), { bigint: true })
      expect(tree.stat(name)).toEqual({
        kind, dev, ino, size: Number(size), mode: Number(mode) & 0o777, uid: Number(uid), gid: Number(gid), mtimeNs,
        ctimeNs,
      })
    }
    expect(tree.list('').sort()).toEqual(readdirSync(path).sort())
    expect(tree.list('dir').sort()).toEqual(readdirSync(at('dir')).sort())
    expect([tree.stat('none'), tree.stat('file/none'), tree.stat('away/deep')]).toEqual([null, null, null])
    expect(tree.readlink('dir/link')).toBe('../file')
  }))

  test.skipIf(skip)('names and contents are changed', () => withTree((tree) => {
    const file = tree.create('dir/new')
    file.write(Buffer.from('new'))
    file.finish(0o640, null)
    file.close()
    tree.mkdir('made', 0o750)
    tree.symlink('text', 'made/text')
    tree.link('dir/new', 'made/same')
    tree.rename('dir/deep', 'made/deep')
    tree.chmod('file', 0)
    tree.chmod('file', 0o604)
    tree.chmod('', 0o755)
    tree.unlink('dir/one')
    tree.rmdir('made/deep')
    expect([lstatSync(at('dir/new')).mode & 0o777, lstatSync(at('made')).mode & 0o777]).toEqual([0o640, 0o750])
    expect([readFileSync(at('made/same'), 'utf8'), readlinkSync(at('made/text'))]).toEqual(['new', 'text'])
    expect([lstatSync(at('file')).mode & 0o777, readdirSync(at('made')).sort()]).toEqual([0o604, ['same', 'text']])
    const opened = tree.open('made/same')
    const room = Buffer.alloc(8)
    expect([opened.read(room, 1), room.toString('latin1', 0, 2), opened.stat]).toEqual([2, 'ew', tree.stat('dir/new')])
    opened.close()
  }))

  test.skipIf(skip)('nothing leads out of the folder', () => withTree((tree) => {
    expect(rcOf(() => tree.open('away'))).toBe(-ELOOP)
    expect(rcOf(() => tree.open('fifo'))).toBe(-ESTALE)
    expect([-ENOTDIR, -ELOOP]).toContain(rcOf(() => tree.list('away')))
    expect([-ENOTDIR, -ELOOP]).toContain(rcOf(() => tree.create('away/new')))
    expect(['..', 'dir/..', '.', '', 'dir/'].map((name) => rcOf(() => tree.open(name))))
      .toEqual(Array.from({ length: 5 }, () => -ENOENT))
    expect(rcOf(() => tree.link('file', 'dir/one'))).toBe(-EEXIST)
    tree.list('dir/deep')
    tree.forget()
    renameSync(at('dir'), at('moved'))
    symlinkSync(outside, at('dir'))
    expect([-ENOTDIR, -ELOOP]).toContain(rcOf(() => tree.list('dir/deep')))
    expect(readdirSync(outside)).toEqual(['deep'])
    tree.close()
    expect(rcOf(() => tree.list(''))).toBe(-ESTALE)
  }))
})
