/** Mounts that lie in folders that are copied on write, and folders that overlap. */
import {
  chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { createSandbox, hostFolder, memory } from '../index.ts'
import type { Change, Place, Sandbox, SandboxOptions } from '../index.ts'
import { tool } from '../testing/programs.ts'

const home = mkdtempSync(join(tmpdir(), 'lsmkit-nested-'))
const repo = join(home, 'repo')
const other = join(home, 'other')
const at = (path: string): string => join(repo, path)
const onHost = (path: string): string => readFileSync(at(path), 'utf8')
const names = (top = repo): string[] => readdirSync(top, { recursive: true, encoding: 'utf8' }).toSorted()
afterAll(() => rmSync(home, { recursive: true }))

beforeEach(() => {
  for (const dir of [repo, other]) rmSync(dir, { recursive: true, force: true })
  for (const dir of [at('src'), at('out'), at('node_modules'), other]) mkdirSync(dir, { recursive: true })
  writeFileSync(at('src/a'), 'a\n')
  writeFileSync(at('out/old'), 'old\n')
  writeFileSync(at('node_modules/m'), 'm\n')
  writeFileSync(join(other, 'o'), 'o\n')
})

const cow = hostFolder(repo, { copyOnWrite: true })
const open = (mounts: Record<string, Place>, more: SandboxOptions = {}): Promise<Sandbox> => createSandbox({
  inline: true, allow: { read: ['/p'], write: ['/p'] }, mounts: { '/p': cow, ...mounts }, ...more,
})
const changesOf = async (box: Sandbox): Promise<string[]> =>
  (await box.changes({ diffs: false })).map(({ kind, path, host }: Change) =>
    `${kind} ${path}${host === null ? '' : ` (${host})`}`)

describe.each([{ inline: true }, { inline: false }])('inline: $inline', ({ inline }) => {
  test('what a program writes to a mount is no change of the folder, and stays over apply and discard', async () => {
    const before = names()
    await using box = await open({
      '/p/node_modules': memory(), '/p/build/cache': memory(), '/p/out': hostFolder(at('out'), { writable: true }),
      '/p/lib': hostFolder(other),
    }, { inline })
    expect(await changesOf(box)).toEqual([])
    expect(await box.fs.readdir('/p/node_modules')).toEqual([])
    const line = 'echo n >/p/node_modules/n; echo c >/p/build/cache/c; echo w >/p/out/w; echo 2 >/p/src/a'
    const run = await box.run(tool('sh'), { args: ['-c', line] })
    expect([run.stderr, run.status]).toEqual(['', 0])
    const guest = box.fs.as('guest')
    expect(await guest.readFile('/p/lib/o', 'utf8')).toBe('o\n')
    await expect(guest.writeFile('/p/lib/o', 'x')).rejects.toMatchObject({ code: 'EROFS' })
    expect(await changesOf(box)).toEqual(['changed /p/src/a'])
    expect(await box.apply('**')).toEqual({ applied: ['/p/src/a'], left: [] })
    expect(names()).toEqual([...before, 'out/w'].toSorted())
    await box.fs.writeFile('/p/src/new', 'new')
    await box.discard()
    await guest.appendFile('/p/node_modules/n', 'x\n')
    const files = ['/p/node_modules/n', '/p/build/cache/c', '/p/out/w', '/p/src/a']
    const texts = await Promise.all(files.map((path) => guest.readFile(path, 'utf8')))
    expect(texts).toEqual(['n\nx\n', 'c\n', 'w\n', '2\n'])
    expect([await changesOf(box), existsSync(at('build'))]).toEqual([[], false])
  })
})

test('a directory that leads to a mount is a change once something of the folder lies in it', async () => {
  await using box = await open({ '/p/build/deep/cache': memory() })
  await box.fs.writeFile('/p/build/deep/cache/c', 'c')
  expect(await changesOf(box)).toEqual([])
  await box.fs.writeFile('/p/build/log', 'log')
  expect(await changesOf(box)).toEqual(['added /p/build', 'added /p/build/log'])
  await box.apply('build/log')
  expect(names(at('build'))).toEqual(['log'])
})

test.each(['/p/x', '/p/x/y'])('a directory above a mount stays: %s', async (path) => {
  await using box = await open({ '/p/x/y/mount': memory() })
  for (const fs of [box.fs, box.fs.as('guest')]) {
    await expect(fs.rename(path, '/p/moved')).rejects.toMatchObject({ code: 'EBUSY' })
    await expect(fs.rename('/p/src', path)).rejects.toMatchObject({ code: 'EBUSY' })
    await expect(fs.rmdir(path)).rejects.toMatchObject({ code: /EBUSY|ENOTEMPTY/ })
  }
  await expect(box.fs.rename('/p/x/y/mount', '/p/moved')).rejects.toMatchObject({ code: 'EBUSY' })
  await box.fs.as('guest').rename('/p/src', '/p/moved')
  await box.snapshot()
})

test('a mount in a file system in memory stays too, so that snapshots find it', async () => {
  await using box = await open({ '/m': memory(), '/m/x/y': memory() }, { allow: { write: ['/m'] } })
  await expect(box.fs.as('guest').rename('/m/x', '/m/z')).rejects.toMatchObject({ code: 'EBUSY' })
  expect((await box.snapshot()).entries.some(({ path }) => path === '/m/x/y')).toBe(true)
})

test('the host takes away, replaces or changes directories that lead to a mount', async () => {
  await using box = await open({ '/p/out/mem': memory(), '/p/src/mem': memory(), '/p/node_modules/mem': memory() })
  for (const dir of ['out', 'src', 'node_modules']) await box.fs.writeFile(`/p/${dir}/mem/f`, dir)
  rmSync(at('out'), { recursive: true })
  rmSync(at('src'), { recursive: true })
  writeFileSync(at('src'), 'a file')
  chmodSync(at('node_modules'), 0o700)
  expect(await changesOf(box)).toEqual([])
  await box.discard()
  for (const dir of ['out', 'src', 'node_modules']) expect(await box.fs.readFile(`/p/${dir}/mem/f`, 'utf8')).toBe(dir)
  expect(await changesOf(box)).toEqual([])
  await box.fs.writeFile('/p/src/new', 'new')
  expect(await changesOf(box)).toEqual(['added /p/src (made)', 'added /p/src/new'])
  await expect(box.apply('**')).rejects.toMatchObject({ code: 'host-changed' })
  expect(onHost('src')).toBe('a file')
})

test.each([
  ['removed', (path: string) => rmSync(path, { recursive: true })],
  ['renamed', (path: string) => renameSync(path, at('elsewhere'))],
  ['replaced', (path: string) => {
    rmSync(path, { recursive: true })
    mkdirSync(path)
  }],
] as const)('a directory of the host that a mount lies on, or above it, is %s', async (_, change) => {
  await using box = await open({ '/p/out': memory(), '/p/src/mem': memory() })
  const guest = box.fs.as('guest')
  for (const path of ['out', 'src/mem']) await guest.writeFile(`/p/${path}/f`, path)
  change(at('out'))
  rmSync(at('elsewhere'), { recursive: true, force: true })
  change(at('src'))
  for (const path of ['out', 'src/mem']) expect(await guest.readFile(`/p/${path}/f`, 'utf8')).toBe(path)
  expect((await guest.readdir('/p/src')).filter((name) => name !== 'a')).toEqual(['mem'])
  await box.discard()
  for (const path of ['out', 'src/mem']) expect(await guest.readFile(`/p/${path}/f`, 'utf8')).toBe(path)
})

test('a folder that is copied on write in another one has changes of its own', async () => {
  await using box = await open({ '/p/vendor': hostFolder(other, { copyOnWrite: true }), '/p/vendor/tmp': memory() })
  const { fs } = box
  await fs.writeFile('/p/vendor/o', 'guest')
  await fs.writeFile('/p/vendor/tmp/t', 't')
  await fs.writeFile('/p/src/a', 'guest')
  expect(await changesOf(box)).toEqual(['changed /p/src/a', 'changed /p/vendor/o'])
  expect((await box.apply('/p/vendor/**')).applied).toEqual(['/p/vendor/o'])
  expect([readFileSync(join(other, 'o'), 'utf8'), onHost('src/a')]).toEqual(['guest', 'a\n'])
  expect(existsSync(at('vendor'))).toBe(false)
  expect(await fs.readFile('/p/vendor/tmp/t', 'utf8')).toBe('t')
  await fs.writeFile('/p/vendor/new', 'x')
  const snapshot = await box.snapshot()
  await box.discard()
  expect(await changesOf(box)).toEqual([])
  await box.restore(snapshot)
  expect(await changesOf(box)).toEqual(['changed /p/src/a', 'added /p/vendor/new'])
  expect((await box.apply('**')).applied).toEqual(['/p/src/a', '/p/vendor/new'])
})

test('two views of one folder: what one has written, the other one may not undo', async () => {
  await using box = await open({ '/q': hostFolder(at('src'), { copyOnWrite: true }) })
  await box.fs.writeFile('/p/src/a', 'by p')
  await box.fs.writeFile('/q/a', 'by q')
  await box.fs.writeFile('/q/b', 'by q')
  await expect(box.apply('**')).rejects.toMatchObject({
    code: 'host-changed', places: [{ path: '/p/src/a', reason: '`/q/a` is the same name of the host' }],
  })
  expect(onHost('src/a')).toBe('a\n')
  await box.apply('/q/**')
  expect([onHost('src/a'), onHost('src/b')]).toEqual(['by q', 'by q'])
  expect(await changesOf(box)).toEqual(['changed /p/src/a (changed)'])
  await box.discard()
  await box.fs.rm('/p/src', { recursive: true })
  await box.fs.writeFile('/q/c', 'c')
  await expect(box.apply('**')).rejects.toMatchObject({ code: 'host-changed' })
  expect(names(at('src'))).toEqual(['a', 'b'])
})

test('a snapshot has what lies in the mounts, and leaves their places out of the layer', async () => {
  const mounts = { '/p/build/cache': memory(), '/p/node_modules': memory() }
  await using box = await open(mounts)
  await box.fs.writeFile('/p/build/cache/c', 'c')
  const snapshot = await box.snapshot()
  expect(snapshot.folders!['/p']!.entries.map(({ path }) => path)).toEqual(['/'])
  await using branch = await open(mounts)
  await branch.restore(snapshot)
  expect(await branch.fs.readFile('/p/build/cache/c', 'utf8')).toBe('c')
  await using plain = await open({})
  await plain.fs.writeFile('/p/build', 'a file')
  await expect(box.restore(await plain.snapshot())).rejects.toMatchObject({ code: 'not-there' })
  expect(await box.fs.readFile('/p/build/cache/c', 'utf8')).toBe('c')
})

test('a yes to a denial has the mounts, and names of the policy stay with them', async () => {
  await using box = await open({ '/p/build': memory(), '/p/node_modules': memory() }, {
    allow: { read: ['/p'], write: ['/p/build/out'] },
  })
  const write = (of: Sandbox, path: string) => of.run(tool('sh'), { args: ['-c', `echo x >${path}`] })
  expect((await write(box, '/p/build/out/x')).status).toBe(0)
  await box.fs.writeFile('/p/src/new', 'new')
  await box.apply('**')
  await box.discard()
  expect((await write(box, '/p/build/out/y')).status).toBe(0)
  const { denials } = await write(box, '/p/node_modules/x')
  expect(denials[0]!.permit).not.toBe(null)
  await using wider = await box.with(denials[0]!.permit!)
  expect((await write(wider, '/p/node_modules/x')).status).toBe(0)
  expect(await wider.fs.readdir('/p/build/out')).toEqual(['x', 'y'])
})

test.each([
  ['a file in the way', { '/p/src/a': memory() }, 'bad-policy'],
  ['a link in the way', { '/p/link/x': memory() }, 'bad-policy'],
  ['one place twice', { '/p/': memory() }, 'bad-policy'],
  ['a folder that is not there', { '/p/x': hostFolder('/no') }, 'bad-tree'],
] as const)('%s', async (_, mounts, code) => {
  symlinkSync('/etc', at('link'))
  const before = readdirSync('/proc/self/fd').length
  await expect(open(mounts)).rejects.toMatchObject({ code })
  // a folder that was opened before is closed by the collector of garbage
  if (code !== 'bad-tree') expect(readdirSync('/proc/self/fd').length).toBe(before)
})

test('descriptors of the host are given back', async () => {
  const once = async (): Promise<void> => {
    const box = await open({ '/p/lib': hostFolder(other), '/p/vendor': hostFolder(other, { copyOnWrite: true }) })
    await box.fs.writeFile('/p/vendor/o', 'x')
    await box.apply('**', { overwrite: true })
    await box.close()
  }
  await once()
  const before = readdirSync('/proc/self/fd').length
  for (let i = 0; i < 3; i++) await once()
  expect(readdirSync('/proc/self/fd').length).toBe(before)
})

test('a directory in the place of a renamed one stays new when only other changes are applied', async () => {
  await using box = await open({})
  await box.fs.rename('/p/out', '/p/swap')
  await box.fs.mkdir('/p/out')
  await box.fs.writeFile('/p/src/a', 'new')
  await box.apply(['src/**'])
  expect(await box.fs.readdir('/p/out')).toEqual([])
  expect(await box.fs.readdir('/p/swap')).toEqual(['old'])
  expect(await changesOf(box)).toEqual(['added /p/out', 'renamed /p/swap'])
})

test('a mode that the host changes after a directory was copied is not undone', async () => {
  await using box = await open({})
  await box.fs.writeFile('/p/src/new', 'new')
  chmodSync(at('src'), 0o700)
  expect(await changesOf(box)).toEqual(['added /p/src/new'])
  await box.fs.chmod('/p/src', 0o711)
  expect(await changesOf(box)).toEqual(['changed /p/src (changed)', 'added /p/src/new'])
  renameSync(at('out'), at('elsewhere'))
  await expect(box.apply('**')).rejects.toMatchObject({ code: 'host-changed' })
})
