/** What a folder of the host lists, by kinds the host tells and by a look at each name; and when it is listed anew. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pass } from 'node:timers/promises'
import { AT_FDCWD, DT_DIR, DT_LNK, DT_REG, ENOENT, O_RDONLY, O_WRONLY } from '@lsmkit/abi'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { hostfs } from '../../hostfs.ts'
import { bootForTest } from '../../testing/boot.ts'
import { decodeName } from '../../state/vfs/names.ts'
import { changesShown } from './change-times.ts'
import { HostDir } from './host-dir.ts'
import { listByLookUp, listWithTypes } from './host-listing.ts'
import type { HostNode } from './host-node.ts'
import { nodeCalls } from './node-calls.ts'

const base = mkdtempSync(join(tmpdir(), 'hostfs-list-'))
afterAll(() => rmSync(base, { recursive: true, force: true }))
const onLinux = process.platform === 'linux'
const folder = (name: string): string => {
  const path = join(base, name)
  mkdirSync(path)
  return path
}
const dirOf = (path: string): HostDir => {
  const host = new HostDir(path, 8, nodeCalls)
  host.use()
  return host
}
const LATIN1 = Buffer.concat([Buffer.from('caf'), Buffer.from([0xe9])])

describe('names and kinds', () => {
  const path = folder('kinds')
  mkdirSync(join(path, 'dir'))
  symlinkSync('dir', join(path, 'link'))
  if (onLinux) execFileSync('mkfifo', [join(path, 'fifo')])
  const names: (string | Buffer)[] = ['file', 'naïve', '水', ...(onLinux ? [LATIN1] : [])]
  for (const name of names) writeFileSync(Buffer.concat([Buffer.from(`${path}/`), Buffer.from(name)]), 'text')
  const there = [
    ['dir', DT_DIR], ['file', DT_REG], ['link', DT_LNK], ['naïve', DT_REG], ['水', DT_REG],
    ...(onLinux ? [[decodeName(LATIN1), DT_REG]] : []),
  ]

  test('are those that a look at each name tells', () => {
    const host = dirOf(path)
    const byLooks = listByLookUp(path, (name) => {
      const found = host.lookup(host.root, name)
      return typeof found === 'number' ? 0 : { dir: DT_DIR, file: DT_REG, link: DT_LNK }[found.node.kind]
    })
    for (const { names: listed, types } of [listWithTypes(path), byLooks]) {
      const pairs = listed.map((name, i) => [name, types[i]])
      expect(pairs.sort()).toEqual(there.sort())
    }
    host.leave()
  })

  test.skipIf(!onLinux)('a name that is not UTF-8 is opened as it is listed', () => {
    const { sys, init, cat } = bootForTest({ mounts: [{ type: hostfs({ path }), target: '/k' }] })
    const dents = new Uint8Array(4096)
    const fd = sys.openat(init, AT_FDCWD, '/k', O_RDONLY, 0)
    const got = Buffer.from(dents.buffer, 0, sys.getdents64(init, fd, dents))
    const at = got.indexOf(LATIN1)
    expect(at).toBeGreaterThan(0)
    expect(cat(init, `/k/${decodeName(got.subarray(at, got.indexOf(0, at)))}`)).toBe('text')
  })
})

describe.skipIf(!onLinux)('a file that was listed', () => {
  const path = folder('listed')
  const outside = folder('outside')
  writeFileSync(join(outside, 'secret'), 'secret')
  for (const name of ['read', 'written', 'fifo', 'link']) writeFileSync(join(path, name), 'mine')
  const { sys, init, cat } = bootForTest({ mounts: [{ type: hostfs({ path, writable: true }), target: '/l' }] })
  const fd = sys.openat(init, AT_FDCWD, '/l', O_RDONLY, 0)
  sys.getdents64(init, fd, new Uint8Array(4096))

  test('is read, and written', () => {
    expect(cat(init, '/l/read')).toBe('mine')
    const out = sys.openat(init, AT_FDCWD, '/l/written', O_WRONLY, 0)
    expect(sys.write(init, out, new TextEncoder().encode('more'))).toBe(4)
    expect(cat(init, '/l/written')).toBe('more')
  })
  test('and is something else by now is not', () => {
    for (const name of ['fifo', 'link']) rmSync(join(path, name))
    execFileSync('mkfifo', [join(path, 'fifo')])
    symlinkSync(join(outside, 'secret'), join(path, 'link'))
    expect([cat(init, '/l/fifo'), cat(init, '/l/link')]).toEqual([-ENOENT, -ENOENT])
  })
})

/** Longer than it takes for the time of a change to lie back. */
const SETTLE = 150

describe.skipIf(!onLinux || !changesShown(base).byTimes)('a folder that has not changed', () => {
  const child = (host: HostDir, dir: HostNode, name: string): HostNode => {
    const found = host.lookup(dir, name)
    if (typeof found === 'number') throw new Error(`${name}: ${found}`)
    return found.node
  }

  test('is not listed again, and one that has is', async () => {
    const path = folder('again')
    const clock = vi.spyOn(Date, 'now').mockReturnValue(Date.now())
    writeFileSync(join(path, 'a'), '')
    const host = dirOf(path)
    const list = () => host.list(host.root, false)
    expect(list()).not.toBe(list())
    clock.mockRestore()
    await pass(SETTLE)
    const first = list()
    expect(list()).toBe(first)
    writeFileSync(join(path, 'b'), '')
    expect(list()).toMatchObject({ names: ['a', 'b'] })
    host.leave()
  })

  test('is known by its time, until its name or its mode is another', async () => {
    const path = folder('known')
    mkdirSync(join(path, 'up/dir'), { recursive: true })
    writeFileSync(join(path, 'up/dir/file'), 'text')
    await pass(SETTLE)
    const host = dirOf(path)
    const up = child(host, host.root, 'up')
    const dir = child(host, up, 'dir')
    child(host, dir, 'file')
    const known = () => [up, dir].map((node) => host.isUnchanged(node, false))
    const look = () => [up, dir].map((node) => typeof host.stat(node))
    expect([known(), look(), known()]).toEqual([[false, false], ['object', 'object'], [true, true]])
    execFileSync('chmod', ['711', join(path, 'up/dir')])
    expect(known()).toEqual([true, false])
    await pass(SETTLE)
    expect([look(), known()]).toEqual([['object', 'object'], [true, true]])
    renameSync(join(path, 'up/dir'), join(path, 'up/other'))
    expect([known(), host.stat(dir)]).toEqual([[false, false], -ENOENT])
    host.leave()
  })

  test('and one that is moved away or swapped is noticed by whoever walks', async () => {
    const path = folder('walked')
    mkdirSync(join(path, 'a/b'), { recursive: true })
    writeFileSync(join(path, 'a/b/file'), 'text')
    await pass(SETTLE)
    const { init, cat } = bootForTest({ mounts: [{ type: hostfs({ path }), target: '/w' }] })
    const read = () => cat(init, '/w/a/b/file')
    expect([read(), read(), read()]).toEqual(['text', 'text', 'text'])
    renameSync(join(path, 'a'), join(base, 'moved'))
    expect(read()).toBe(-ENOENT)
    renameSync(join(base, 'moved'), join(path, 'a'))
    expect([read(), read()]).toEqual(['text', 'text'])
    renameSync(join(path, 'a'), join(base, 'moved'))
    symlinkSync(join(base, 'moved'), join(path, 'a'))
    expect(read()).toBe(-ENOENT)
  })
})
