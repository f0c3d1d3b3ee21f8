/** A box is given back as it was before a run, whoever changes its files afterwards and by what. */
import { describe, expect, test } from 'vitest'
import { createSandbox, memory } from './index.ts'
import type { Sandbox } from './index.ts'
import { Moments } from './moments.ts'
import type { Snapshot } from './snapshot.ts'
import { tool } from './testing/programs.ts'

const [cat, sh] = [tool('cat'), tool('sh')]

const setUp = async (): Promise<Sandbox> => {
  const box = await createSandbox({
    inline: true, allow: { read: ['/data', '/out'], write: ['/out'], exec: ['/bin'] },
    mounts: { '/data': memory(), '/out': memory() },
  })
  for (const name of ['cat', 'cp', 'mv']) {
    await box.fs.writeFile(`/bin/${name}`, tool(name), { mode: 0o755 })
  }
  await box.fs.writeFile('/out/file', 'first')
  await box.fs.writeFile('/secret', 'x')
  return box
}

/** What lies in `/out`, but for times of access, which a copy changes as well. */
const stateOf = async (box: Sandbox): Promise<unknown> => {
  const { entries } = await box.snapshot()
  return entries.filter(({ path }) => path.startsWith('/out')).map((entry) => ({ ...entry, atime: null }))
    .sort((a, b) => (a.path < b.path ? -1 : 1))
}

describe('what changes files after a run has begun', () => {
  test.each([
    'echo more >>/out/file', 'echo new >/out/new', 'cp /out/file /out/copy', 'mv /out/file /out/moved',
    ': >/out/file',
  ])('the program itself: %s', async (act) => {
    const box = await setUp()
    const before = await stateOf(box)
    const { denials, stderr } = await box.run(sh, { args: ['-c', `cat /secret; ${act}`], env: { PATH: '/bin' } })
    expect(stderr).toBe('cat: /secret: Permission denied\n')
    expect(await stateOf(box)).not.toEqual(before)
    const next = await box.with(denials[0]!.permit!)
    expect(await stateOf(next)).toEqual(before)
  })

  test.each<[string, (box: Sandbox) => Promise<unknown>]>([
    ['writeFile', ({ fs }) => fs.writeFile('/out/file', 'second')],
    ['appendFile', ({ fs }) => fs.appendFile('/out/file', 'more')],
    ['rm', ({ fs }) => fs.rm('/out/file')],
    ['rename', ({ fs }) => fs.rename('/out/file', '/out/moved')],
    ['mkdir', ({ fs }) => fs.mkdir('/out/dir')],
    ['symlink', ({ fs }) => fs.symlink('file', '/out/link')],
    ['chmod', ({ fs }) => fs.chmod('/out/file', 0o600)],
    ['chown', ({ fs }) => fs.chown('/out/file', 7, 7)],
    ['utimes', ({ fs }) => fs.utimes('/out/file', 1000, 2000)],
    ['setxattr', ({ fs }) => fs.setxattr('/out/file', 'user.note', 'x')],
    ['truncate', ({ fs }) => fs.truncate('/out/file', 1)],
    ['another run', (box) => box.run(sh, { args: ['-c', 'echo other >/out/file'] })],
    ['restore', async (box) => {
      const { entries, version } = await box.snapshot()
      return box.restore({ version, entries: entries.filter(({ path }) => path !== '/out/file') })
    }],
  ])('somebody else: %s', async (_, act) => {
    const box = await setUp()
    const before = await stateOf(box)
    const { denials } = await box.run(cat, { args: ['/secret'] })
    await act(box)
    expect(await stateOf(box)).not.toEqual(before)
    const next = await box.with(denials[0]!.permit!)
    expect(await stateOf(next)).toEqual(before)
  })
})

test('times of access are those of before the run', async () => {
  const box = await setUp()
  await box.fs.utimes('/out/file', 1000, 2000)
  const { denials } = await box.run(cat, { args: ['/secret', '/out/file'] })
  expect((await box.fs.stat('/out/file')).atimeMs).toBeGreaterThan(1_000_000)
  const next = await box.with(denials[0]!.permit!)
  expect(await next.fs.stat('/out/file')).toMatchObject({ atimeMs: 1_000_000, mtimeMs: 2_000_000 })
})

describe('a copy is made', () => {
  const counted = () => {
    let taken = 0
    const moments = new Moments((): Snapshot => {
      taken++
      // reading for the copy says so as well
      moments.beforeChange()
      return { version: 1, entries: [] }
    })
    return { moments, taken: () => taken }
  }

  test('for nobody when nobody holds the moment', () => {
    const { moments, taken } = counted()
    moments.drop(moments.hold())
    moments.beforeChange()
    expect(taken()).toBe(0)
  })

  test('once for all who hold it, and again after a change', () => {
    const { moments, taken } = counted()
    const [first, same] = [moments.hold(), moments.hold()]
    expect(same).toBe(first)
    moments.beforeChange()
    moments.beforeChange()
    expect(taken()).toBe(1)
    const later = moments.hold()
    expect(later).not.toBe(first)
    expect(moments.snapshotOf(later)).toEqual(moments.snapshotOf(first))
    expect(taken()).toBe(2)
  })

  test('and what goes wrong with it is told to who asks for it', () => {
    const moments = new Moments(() => { throw new Error('unreadable') })
    const moment = moments.hold()
    moments.beforeChange()
    expect(() => moments.snapshotOf(moment)).toThrow('unreadable')
  })
})
