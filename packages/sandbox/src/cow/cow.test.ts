/** Folders of the host that are copied on write: what programs change, what is told of it, and what is written. */
import {
  chmodSync, existsSync, linkSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync,
  renameSync, rmSync, statSync, symlinkSync, unlinkSync, utimesSync, writeFileSync,
} from 'node:fs'
import { execFileSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { EPERM, S_IFCHR, S_IFIFO } from '@lsmkit/abi'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { createSandbox, hostFolder, memory } from '../index.ts'
import { insideOf } from '../inside.ts'
import type { Change, Sandbox, SandboxOptions } from '../index.ts'
import { tool } from '../testing/programs.ts'

const home = mkdtempSync(join(tmpdir(), 'lsmkit-cow-'))
const repo = join(home, 'repo')
const at = (path: string): string => join(repo, path)
const onHost = (path: string): string => readFileSync(at(path), 'utf8')
const names = (): string[] => readdirSync(repo, { recursive: true, encoding: 'utf8' }).toSorted()
afterAll(() => rmSync(home, { recursive: true }))

beforeEach(() => {
  rmSync(repo, { recursive: true, force: true })
  for (const dir of ['src/deep', 'docs']) mkdirSync(at(dir), { recursive: true })
  writeFileSync(at('src/a.ts'), 'one\ntwo\nthree\n')
  writeFileSync(at('src/b.ts'), 'b\n')
  writeFileSync(at('src/deep/d.ts'), 'd\n')
  writeFileSync(at('docs/page.md'), '# Page\n')
  writeFileSync(at('image'), Uint8Array.of(0, 1, 2))
  symlinkSync('src/a.ts', at('link'))
  writeFileSync(join(home, 'outside'), 'HOST')
})

const open = (options: SandboxOptions = {}): Promise<Sandbox> => createSandbox({
  inline: true, allow: { read: ['/project'], write: ['/project'] },
  mounts: { '/project': hostFolder(repo, { copyOnWrite: true }) }, ...options,
})
const short = ({ kind, path, from, host }: Change): string =>
  `${kind} ${from === null ? '' : `${from} -> `}${path}${host === null ? '' : ` (${host})`}`
const changesOf = async (box: Sandbox): Promise<string[]> => (await box.changes({ diffs: false })).map(short)

describe.each([{ inline: true }, { inline: false }])('inline: $inline', ({ inline }) => {
  test('the guest works, the host is as it was, and what is applied is there', async () => {
    const before = names()
    await using box = await open({ inline })
    const sh = tool('sh')
    const run = await box.run(sh, { args: ['-c', 'echo new >/project/src/new.ts; echo 2 >/project/src/a.ts'] })
    expect([run.stderr, run.status]).toEqual(['', 0])
    await box.fs.as('guest').rename('/project/src/b.ts', '/project/docs/b.ts')
    await box.fs.unlink('/project/docs/page.md')
    expect(names()).toEqual(before)
    expect(await changesOf(box)).toEqual([
      'renamed /project/src/b.ts -> /project/docs/b.ts', 'removed /project/docs/page.md', 'changed /project/src/a.ts',
      'added /project/src/new.ts',
    ])
    const [, , changed] = await box.changes()
    expect(changed!.diff).toBe('--- a/src/a.ts\n+++ b/src/a.ts\n@@ -1,3 +1,1 @@\n-one\n-two\n-three\n+2\n')
    expect(await box.apply('src/new.ts')).toEqual({ applied: ['/project/src/new.ts'], left: [] })
    expect([onHost('src/new.ts'), onHost('src/a.ts')]).toEqual(['new\n', 'one\ntwo\nthree\n'])
    expect((await box.apply('**')).applied).toHaveLength(3)
    expect(await box.changes()).toEqual([])
    expect([onHost('src/a.ts'), onHost('docs/b.ts')]).toEqual(['2\n', 'b\n'])
    expect([existsSync(at('docs/page.md')), existsSync(at('src/b.ts'))]).toEqual([false, false])
    // the box sees the folder again
    writeFileSync(at('src/a.ts'), 'by the host')
    expect(await box.fs.readFile('/project/src/a.ts', 'utf8')).toBe('by the host')
  })

  test('what the host has changed meanwhile is refused, with all places, and nothing is written', async () => {
    await using box = await open({ inline })
    const { fs } = box
    await fs.writeFile('/project/src/a.ts', 'guest')
    await fs.writeFile('/project/src/b.ts', 'guest')
    await fs.rm('/project/src/deep', { recursive: true })
    writeFileSync(at('src/a.ts'), 'by the host')
    writeFileSync(at('src/deep/other'), 'made')
    const refusal = await box.apply('**').catch((error: unknown) => error)
    expect(refusal).toMatchObject({
      name: 'SandboxError', code: 'host-changed', places: [
        { path: '/project/src/a.ts', reason: 'the host has changed it meanwhile' },
        { path: '/project/src/deep', reason: 'the host has changed it meanwhile' },
      ],
    })
    expect([onHost('src/b.ts'), onHost('src/a.ts'), onHost('src/deep/d.ts')]).toEqual(['b\n', 'by the host', 'd\n'])
    expect((await box.apply(['src/b.ts'])).applied).toEqual(['/project/src/b.ts'])
    await box.apply('**', { overwrite: true })
    expect([onHost('src/a.ts'), existsSync(at('src/deep'))]).toEqual(['guest', false])
    expect(names().filter((name) => name.startsWith('.lsmkit'))).toEqual([])
  })
})

describe('changes', () => {
  const table: readonly (readonly [string, (box: Sandbox) => Promise<unknown>, readonly string[]])[] = [
    ['nothing', async ({ fs }) => fs.readFile('/project/src/a.ts'), []],
    ['the same contents again', async ({ fs }) => fs.writeFile('/project/src/b.ts', 'b\n'), []],
    ['made and removed', async ({ fs }) => {
      await fs.writeFile('/project/x', 'x')
      await fs.unlink('/project/x')
    }, []],
    ['permissions', async ({ fs }) => fs.chmod('/project/image', 0o755), ['changed /project/image']],
    ['permissions of the folder itself', async ({ fs }) => fs.chmod('/project', 0o750), ['changed /project']],
    ['a directory', async ({ fs }) => fs.mkdir('/project/new/deep', { recursive: true }),
      ['added /project/new', 'added /project/new/deep']],
    ['a file by way of another', async ({ fs }) => {
      await fs.writeFile('/project/tmp', 'new')
      await fs.rename('/project/tmp', '/project/src/a.ts')
    }, ['changed /project/src/a.ts']],
    ['a directory that moves, with a file of it', async ({ fs }) => {
      await fs.rename('/project/src', '/project/lib')
      await fs.writeFile('/project/lib/a.ts', 'x')
      await fs.unlink('/project/lib/deep/d.ts')
    }, ['renamed /project/src -> /project/lib', 'changed /project/lib/a.ts', 'removed /project/src/deep/d.ts']],
    ['a directory that is made anew in its place', async ({ fs }) => {
      await fs.rename('/project/src', '/project/lib')
      await fs.mkdir('/project/src')
      await fs.writeFile('/project/src/a.ts', 'x')
    }, ['renamed /project/src -> /project/lib', 'added /project/src', 'added /project/src/a.ts']],
    ['two directories that change names', async ({ fs }) => {
      await fs.rename('/project/src', '/project/t')
      await fs.rename('/project/docs', '/project/src')
      await fs.rename('/project/t', '/project/docs')
    }, ['renamed /project/src -> /project/docs', 'renamed /project/docs -> /project/src']],
    ['a directory over another one, which changes names with the first', async ({ fs }) => {
      await fs.rm('/project/docs/page.md')
      await fs.rename('/project/src/deep', '/project/docs')
      await fs.rename('/project/src', '/project/t')
      await fs.rename('/project/docs', '/project/src')
      await fs.rename('/project/t', '/project/docs')
    }, ['renamed /project/src -> /project/docs', 'renamed /project/src/deep -> /project/src', 'removed /project/docs']],
    ['a directory of the host in one that is new', async ({ fs }) => {
      await fs.mkdir('/project/new')
      await fs.rename('/project/src', '/project/new/src')
      await fs.mkdir('/project/src')
      await fs.writeFile('/project/new/src/a.ts', 'x')
    }, [
      'added /project/new', 'renamed /project/src -> /project/new/src', 'changed /project/new/src/a.ts',
      'added /project/src',
    ]],
    ['a directory removed and made again', async ({ fs }) => {
      await fs.rm('/project/src', { recursive: true })
      await fs.mkdir('/project/src')
      await fs.writeFile('/project/src/b.ts', 'b\n')
    }, ['removed /project/src/a.ts', 'removed /project/src/deep']],
    ['a file in place of a directory', async ({ fs }) => {
      await fs.rm('/project/docs', { recursive: true })
      await fs.writeFile('/project/docs', 'x')
    }, ['added /project/docs', 'removed /project/docs']],
    ['a directory in place of a file', async ({ fs }) => {
      await fs.unlink('/project/image')
      await fs.mkdir('/project/image')
    }, ['added /project/image', 'removed /project/image']],
    ['a link that leads elsewhere', async ({ fs }) => {
      await fs.unlink('/project/link')
      await fs.symlink('nowhere', '/project/link')
    }, ['changed /project/link']],
    ['a moved link', async ({ fs }) => fs.rename('/project/link', '/project/docs/link'),
      ['renamed /project/link -> /project/docs/link']],
    ['a further name', async ({ fs }) => fs.link('/project/src/a.ts', '/project/twin'), ['added /project/twin']],
    ['a file that moves twice and changes', async ({ fs }) => {
      await fs.rename('/project/src/a.ts', '/project/x')
      await fs.rename('/project/x', '/project/docs/y')
      await fs.appendFile('/project/docs/y', 'more')
    }, ['renamed /project/src/a.ts -> /project/docs/y']],
  ]

  test.each(table)('%s', async (_, act, wanted) => {
    await using box = await open()
    await act(box)
    expect((await changesOf(box)).toSorted()).toEqual([...wanted].toSorted())
  })

  test.each(table)('%s, applied: the host is what the box was', async (_, act) => {
    await using box = await open()
    await act(box)
    const seen = async (): Promise<string[]> => {
      const entries = await box.fs.readdir('/project', { recursive: true, withFileTypes: true })
      return Promise.all(entries.map(async (entry) => {
        const path = `${entry.parentPath}/${entry.name}`
        const { mode } = await box.fs.lstat(path)
        const data = entry.isFile() ? await box.fs.readFile(path, 'utf8') :
          entry.isSymbolicLink() ? await box.fs.readlink(path) : ''
        return `${path.slice('/project/'.length)} ${(mode & 0o777).toString(8)} ${data}`
      }))
    }
    const before = (await seen()).toSorted()
    await box.apply('**')
    expect(names().map((name) => {
      const stat = lstatSync(at(name))
      const data = stat.isFile() ? onHost(name) : stat.isSymbolicLink() ? readlinkSync(at(name)) : ''
      return `${name} ${(stat.mode & 0o777).toString(8)} ${data}`
    }).toSorted()).toEqual(before)
    expect((await seen()).toSorted()).toEqual(before)
    expect(await changesOf(box)).toEqual([])
  })

  test('binary, large, and beyond the room', async () => {
    await using box = await open()
    await box.fs.writeFile('/project/image', Uint8Array.of(1, 0, 2))
    await box.fs.writeFile('/project/large', 'x'.repeat(2000))
    await box.fs.writeFile('/project/src/a.ts', 'x\n')
    await box.fs.writeFile('/project/src/b.ts', 'x\n')
    const reasons = async (options: object): Promise<unknown[]> =>
      (await box.changes(options)).map(({ noDiff }) => noDiff)
    expect(await reasons({ largest: 1000 })).toEqual(['binary', 'large', null, null])
    expect(await reasons({ diffs: false })).toEqual(Array(4).fill('not-asked'))
    expect(await reasons({ largest: 1000, room: 90 })).toEqual(['binary', 'large', null, 'bounds'])
    expect((await box.changes()).map(({ size }) => size)).toEqual([
      { before: 3, after: 3 }, { before: null, after: 2000 }, { before: 14, after: 2 }, { before: 2, after: 2 },
    ])
  })

  test('texts that have nothing in common end their diff', async () => {
    const lines = (seed: number): string =>
      Array.from({ length: 30_000 }, (_, i) => ((i * seed) % 65_537).toString(36)).join('\n')
    writeFileSync(at('docs/page.md'), lines(40_503))
    await using box = await open()
    await box.fs.writeFile('/project/docs/page.md', lines(30_011))
    const begun = performance.now()
    expect((await box.changes()).map(({ diff, noDiff }) => [diff, noDiff])).toEqual([[null, 'large']])
    expect(performance.now() - begun).toBeLessThan(20_000)
  })

  test('a name with a newline makes no line of a diff', async () => {
    await using box = await open()
    await box.fs.writeFile('/project/a\n+++ b', 'x\n')
    const [{ diff }] = await box.changes() as [Change]
    expect(diff!.split('\n')[1]).toBe('+++ "b/a\\n+++ b"')
  })

  test('FIFOs and sockets of programs stay in the layer', async () => {
    await using box = await open()
    const { kernel, ...inside } = insideOf(box)
    const task = inside.task()
    expect(kernel.sys.mknod(task, '/project/pipe', S_IFIFO | 0o644, 0)).toBe(0)
    expect(kernel.sys.mknod(task, '/project/device', S_IFCHR | 0o644, 0)).toBe(-EPERM)
    inside.end(task)
    await box.fs.writeFile('/project/x', 'x')
    expect((await box.changes()).map(({ path, type }) => [path, type])).toEqual([
      ['/project/pipe', 'special'], ['/project/x', 'file'],
    ])
    expect(await box.apply('**')).toEqual({
      applied: ['/project/x'], left: [{ path: '/project/pipe', why: 'special' }],
    })
    expect([existsSync(at('pipe')), existsSync(at('x'))]).toEqual([false, true])
  })

  test('what a folder of the host cannot keep is left, and told', async () => {
    await using box = await open()
    await box.fs.setxattr('/project/src/b.ts', 'user.note', 'x')
    await box.run(tool('sh'), { args: ['-c', 'true'] })
    expect(await changesOf(box)).toEqual(['changed /project/src/b.ts'])
    expect(await box.apply('**')).toEqual({
      applied: ['/project/src/b.ts'], left: [{ path: '/project/src/b.ts', why: 'attributes' }],
    })
    expect(new TextDecoder().decode(await box.fs.getxattr('/project/src/b.ts', 'user.note'))).toBe('x')
  })
})

describe('apply', () => {
  test('a link is never followed, whoever has made it', async () => {
    await using box = await open()
    await box.fs.writeFile('/project/src/a.ts', 'GUEST')
    await box.fs.writeFile('/project/docs/page.md', 'GUEST')
    rmSync(at('src/a.ts'))
    symlinkSync(join(home, 'outside'), at('src/a.ts'))
    renameSync(at('docs'), at('old'))
    symlinkSync(home, at('docs'))
    writeFileSync(join(home, 'page.md'), 'HOST')
    await expect(box.apply('**')).rejects.toMatchObject({ code: 'host-changed' })
    await box.apply('src/**', { overwrite: true })
    await box.apply('docs/**', { overwrite: true }).catch(() => {})
    expect([readFileSync(join(home, 'outside'), 'utf8'), readFileSync(join(home, 'page.md'), 'utf8')])
      .toEqual(['HOST', 'HOST'])
    expect(onHost('src/a.ts')).toBe('GUEST')
  })

  test('a link that leads out is made when that is said', async () => {
    await using box = await open()
    await box.fs.as('guest').symlink('../../key', '/project/src/out')
    await box.fs.as('guest').symlink('../docs', '/project/src/in')
    expect((await box.changes()).map(({ path, leadsOut }) => [path, leadsOut])).toEqual([
      ['/project/src/in', false], ['/project/src/out', true],
    ])
    await expect(box.apply('**')).rejects.toMatchObject({ code: 'link', places: [{ path: '/project/src/out' }] })
    expect(existsSync(at('src/in'))).toBe(false)
    await box.apply('**', { outsideLinks: true })
    expect(readlinkSync(at('src/out'))).toBe('../../key')
  })

  test('a file of the host keeps its inode when only its name or mode changes', async () => {
    const { ino } = statSync(at('src/a.ts'))
    await using box = await open()
    await box.fs.chmod('/project/src/a.ts', 0o600)
    await box.fs.rename('/project/src/a.ts', '/project/moved')
    await box.apply('**')
    expect([statSync(at('moved')).ino, statSync(at('moved')).mode & 0o777]).toEqual([ino, 0o600])
  })

  test('the folder itself takes the permissions that it got', async () => {
    await using box = await open()
    await box.fs.chmod('/project', 0o750)
    await box.apply('**')
    expect(statSync(at('.')).mode & 0o777).toBe(0o750)
  })

  test('names of one file stay names of one file', async () => {
    await using box = await open()
    await box.fs.writeFile('/project/one', 'x')
    await box.fs.link('/project/one', '/project/two')
    expect((await box.changes()).map(({ path, sameAs }) => [path, sameAs])).toEqual([
      ['/project/one', null], ['/project/two', '/project/one'],
    ])
    await box.apply('**')
    expect(statSync(at('one')).ino).toBe(statSync(at('two')).ino)
  })

  test('one of several names on the host is replaced, not written through', async () => {
    linkSync(at('src/a.ts'), at('twin'))
    await using box = await open()
    await box.fs.writeFile('/project/twin', 'x')
    await box.apply('**')
    expect([onHost('twin'), onHost('src/a.ts')]).toEqual(['x', 'one\ntwo\nthree\n'])
  })

  test('a failure in the middle takes everything back', async () => {
    await using box = await open()
    await box.fs.writeFile('/project/a-first', 'x')
    await box.fs.writeFile('/project/src/a.ts', 'x')
    await box.fs.unlink('/project/image')
    await box.fs.rename('/project/docs', '/project/z-docs')
    await box.fs.writeFile('/project/zz', 'x')
    // the kernel does not see it, so the box does not know that something is there
    execFileSync('mkfifo', [at('zz')])
    const before = names()
    await expect(box.apply('**')).rejects.toMatchObject({ code: 'host-changed', places: [{ path: '/project/zz' }] })
    expect(names()).toEqual(before)
    expect([onHost('src/a.ts'), onHost('docs/page.md')]).toEqual(['one\ntwo\nthree\n', '# Page\n'])
  })

  test('a part: what it takes the place of goes, also where that moves with a directory', async () => {
    await using box = await open()
    const { fs } = box
    await fs.rename('/project/image', '/project/t')
    await fs.rename('/project/src/deep', '/project/image')
    await fs.unlink('/project/image/d.ts')
    await fs.rename('/project/t', '/project/image/d.ts')
    await fs.writeFile('/project/other', 'x')
    await box.apply('image/**')
    expect([...readFileSync(at('image/d.ts'))]).toEqual([0, 1, 2])
    expect(await changesOf(box)).toEqual(['added /project/other'])
  })

  test('a part: directories that stay hidden go on showing what has moved', async () => {
    await using box = await open()
    const { fs } = box
    await fs.rm('/project/docs', { recursive: true })
    await fs.mkdir('/project/docs')
    await fs.rename('/project/src', '/project/docs/src')
    await fs.writeFile('/project/docs/left', 'x')
    await box.apply('docs/src')
    expect(onHost('docs/src/a.ts')).toBe('one\ntwo\nthree\n')
    expect(await fs.readFile('/project/docs/src/deep/d.ts', 'utf8')).toBe('d\n')
    expect(await changesOf(box)).toEqual(['added /project/docs/left', 'removed /project/docs/page.md'])
    await box.apply('**')
    expect(await fs.readFile('/project/docs/src/deep/d.ts', 'utf8')).toBe('d\n')
    expect(await changesOf(box)).toEqual([])
  })

  test('again and again, on what was applied', async () => {
    await using box = await open()
    for (const text of ['1', '2', '3']) {
      await box.fs.writeFile('/project/src/a.ts', text)
      await box.fs.writeFile('/project/new', text)
      await box.apply('**')
      expect([onHost('src/a.ts'), onHost('new')]).toEqual([text, text])
    }
    await box.fs.unlink('/project/new')
    await box.fs.rename('/project/src', '/project/lib')
    await box.apply('**')
    await box.fs.writeFile('/project/lib/a.ts', '4')
    await box.apply('lib')
    expect([onHost('lib/a.ts'), existsSync(at('new'))]).toEqual(['4', false])
  })

  test('a removal that the host has made too is none; a file that it has made again is kept', async () => {
    await using box = await open()
    await box.fs.unlink('/project/src/b.ts')
    unlinkSync(at('src/b.ts'))
    expect(await changesOf(box)).toEqual([])
    writeFileSync(at('src/b.ts'), 'again')
    expect(await changesOf(box)).toEqual(['removed /project/src/b.ts (changed)'])
  })

  test('what the host does right after the folder was opened or discarded comes later, whatever its tick', async () => {
    await using box = await open()
    for (let round = 0; round < 20; round++) {
      await box.fs.unlink('/project/src/b.ts')
      unlinkSync(at('src/b.ts'))
      writeFileSync(at('src/b.ts'), 'again')
      expect(await changesOf(box), `round ${round}`).toEqual(['removed /project/src/b.ts (changed)'])
      await box.discard()
    }
  })

  test('the same time of change does not hide another file', async () => {
    await using box = await open()
    await box.fs.writeFile('/project/src/b.ts', 'guest')
    const { atime, mtime } = statSync(at('src/b.ts'))
    writeFileSync(at('src/b.ts'), 'c\n')
    utimesSync(at('src/b.ts'), atime, mtime)
    expect(await changesOf(box)).toEqual(['changed /project/src/b.ts (changed)'])
  })

  test('a directory that was swapped on the host is not written to', async () => {
    mkdirSync(at('other'))
    writeFileSync(at('other/a.ts'), 'one\ntwo\nthree\n')
    await using box = await open()
    await box.fs.writeFile('/project/src/new', 'x')
    renameSync(at('src'), at('aside'))
    renameSync(at('other'), at('src'))
    expect(await changesOf(box)).toEqual(['added /project/src/new (replaced)'])
  })

  test('what stands in the way is told before anything runs', async () => {
    await using box = await open()
    await expect(box.apply('../x')).rejects.toMatchObject({ code: 'bad-option' })
    await expect(box.apply('**', { overwite: true } as never)).rejects.toMatchObject({ code: 'unknown-option' })
    await expect(box.changes({ large: 1 } as never)).rejects.toMatchObject({ code: 'unknown-option' })
    await using plain = await createSandbox({ inline: true, allow: {} })
    await expect(plain.apply('**')).rejects.toMatchObject({ code: 'bad-option' })
    expect(await plain.changes()).toEqual([])
    await expect(plain.discard()).rejects.toMatchObject({ code: 'bad-option' })
  })

  test('programs that run are waited for', async () => {
    await using box = await open()
    const stop = new AbortController()
    const stdin = new ReadableStream({ start: () => {} })
    const run = box.run(tool('cat'), { stdin, signal: stop.signal }).catch(() => {})
    for (const act of [() => box.apply('**'), () => box.discard()]) {
      await expect(act()).rejects.toMatchObject({ code: 'busy' })
    }
    stop.abort()
    await run
  })
})

describe('layers', () => {
  test('discard brings the folder back, and names of the policy mean what they say', async () => {
    await using box = await open({
      allow: { read: ['/project/src', '/project/new'], write: ['/project/docs', '/project/new'] },
    })
    await box.fs.writeFile('/project/src/a.ts', 'x')
    // the names change their places, and back again
    await box.fs.rename('/project/src', '/project/t')
    await box.fs.rename('/project/docs', '/project/src')
    await box.fs.rename('/project/t', '/project/docs')
    await box.discard()
    const guest = box.fs.as('guest')
    expect(await guest.readFile('/project/src/a.ts', 'utf8')).toBe('one\ntwo\nthree\n')
    await expect(guest.readFile('/project/docs/page.md')).rejects.toMatchObject({ code: 'EACCES' })
    await guest.writeFile('/project/docs/new', 'x')
    await expect(guest.writeFile('/project/src/new', 'x')).rejects.toMatchObject({ code: 'EROFS' })
    await guest.writeFile('/project/new/x', 'x')
    expect(await changesOf(box)).toEqual(['added /project/docs/new', 'added /project/new', 'added /project/new/x'])
  })

  test('a snapshot has the upper layer, and two branches come of one', async () => {
    await using box = await open()
    await box.fs.writeFile('/project/src/a.ts', 'base')
    await box.fs.rename('/project/docs', '/project/pages')
    const snapshot = structuredClone(await box.snapshot())
    await using one = await open()
    await using two = await open({ inline: false })
    for (const branch of [one, two]) await branch.restore(snapshot)
    await one.fs.writeFile('/project/one', '1')
    await two.fs.writeFile('/project/src/a.ts', 'two')
    expect(await changesOf(one)).toEqual([
      'added /project/one', 'renamed /project/docs -> /project/pages', 'changed /project/src/a.ts',
    ])
    expect(await two.fs.readFile('/project/src/a.ts', 'utf8')).toBe('two')
    expect(await two.fs.readFile('/project/pages/page.md', 'utf8')).toBe('# Page\n')
    await one.apply('**')
    expect(onHost('src/a.ts')).toBe('base')
    // the other branch knows nothing of that
    await expect(two.apply('**')).rejects.toMatchObject({ code: 'host-changed' })
    await box.restore({ ...snapshot, folders: {} })
    expect(await box.fs.readFile('/project/src/a.ts', 'utf8')).toBe('base')
  })

  test('a snapshot of another folder is refused', async () => {
    const box = await open()
    const snapshot = await box.snapshot()
    await box.close()
    renameSync(repo, `${repo}2`)
    mkdirSync(repo)
    await using other = await open()
    await expect(other.restore(snapshot)).rejects.toMatchObject({ code: 'not-there' })
    rmSync(`${repo}2`, { recursive: true })
  })

  test('a permit goes on with the files of before the run', async () => {
    await using box = await open({ allow: { read: ['/project'], write: ['/project/src'] } })
    await box.fs.writeFile('/project/src/a.ts', 'before')
    const write = ['-c', 'echo x >/project/src/a.ts; echo y >/project/docs/new']
    const { denials } = await box.run(tool('sh'), { args: write })
    const permit = denials.find((one) => one.permit !== null)!.permit!
    await using wider = await box.with(permit)
    expect(await wider.fs.readFile('/project/src/a.ts', 'utf8')).toBe('before')
    await wider.run(tool('sh'), { args: write })
    expect(await changesOf(wider)).toEqual(['added /project/docs/new', 'changed /project/src/a.ts'])
  })

  test('the upper layer counts to the limit of files', async () => {
    writeFileSync(at('large'), new Uint8Array(300_000))
    await using box = await open({ limits: { files: 100_000 } })
    for (const line of ['cat /project/large >/project/copy', 'echo x >>/project/large']) {
      const { status } = await box.run(tool('sh'), { args: ['-c', line] })
      expect(status).not.toBe(0)
    }
    expect(statSync(at('large')).size).toBe(300_000)
  })

  test('options that contradict each other, and places that cannot be', async () => {
    const cow = hostFolder(repo, { copyOnWrite: true })
    const refused: readonly SandboxOptions['mounts'][] = [
      { '/project': hostFolder(repo, { copyOnWrite: true, writable: true }) },
      { '/project': cow, '/project/../project': memory() }, { '/project': cow, '/project/image': memory() },
    ]
    for (const mounts of refused) {
      await expect(createSandbox({ inline: true, mounts })).rejects.toMatchObject({ code: 'bad-policy' })
    }
    await expect(createSandbox({ inline: true, mounts: { '/p': hostFolder('/nowhere', { copyOnWrite: true }) } }))
      .rejects.toMatchObject({ code: 'bad-tree' })
  })

  test('a name with commas and colons; below another mount; two folders', async () => {
    await using box = await open({
      mounts: {
        '/a': memory(), '/a/x,y:z': hostFolder(repo, { copyOnWrite: true }),
        '/b': hostFolder(at('docs'), { copyOnWrite: true }),
      },
    })
    await box.fs.writeFile('/a/x,y:z/src/a.ts', 'x')
    await box.fs.writeFile('/b/new', 'x')
    expect(await changesOf(box)).toEqual(['changed /a/x,y:z/src/a.ts', 'added /b/new'])
    await box.apply(['/b/*'])
    expect([onHost('docs/new'), onHost('src/a.ts')]).toEqual(['x', 'one\ntwo\nthree\n'])
  })

  test('descriptors of the host are given back', async () => {
    const count = (): number => readdirSync('/proc/self/fd').length
    const once = async (): Promise<void> => {
      const box = await open()
      await box.fs.writeFile('/project/src/a.ts', 'x')
      await box.apply('**', { overwrite: true })
      await box.close()
    }
    await once()
    const before = count()
    for (let i = 0; i < 5; i++) await once()
    expect(count()).toBe(before)
  })

  test('a directory that nobody may look into', async () => {
    await using box = await open()
    await box.fs.rm('/project/docs', { recursive: true })
    chmodSync(at('docs'), 0o700)
    expect(await changesOf(box)).toEqual(['removed /project/docs'])
    await box.apply('**', { overwrite: true })
    expect(existsSync(at('docs'))).toBe(false)
  })
})
