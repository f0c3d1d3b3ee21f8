/** Files that an earlier snapshot has read are not read again, unless anything about them has changed. */
import { Kstat } from '@lsmkit/kernel'
import { afterEach, expect, test, vi } from 'vitest'
import { createSandbox, memory } from './index.ts'
import type { Sandbox } from './index.ts'
import { insideOf } from './inside.ts'
import { KnownFiles } from './known-files.ts'
import { tool } from './testing/programs.ts'

const HOUR = 3_600_000

const statOf = (ctime_sec: number, size = 5): Kstat => Object.assign(new Kstat(), { size, ctime_sec, ctime_nsec: 7 })

test.each([
  ['as it was', statOf(10), statOf(10), 1],
  ['changed', statOf(10), statOf(11), 2],
  ['of another size', statOf(10), statOf(10, 6), 2],
  ['changed just before the first snapshot', statOf(100), statOf(100), 2],
])('a file that is %s', (_what, first, second, reads) => {
  const files = new KnownFiles(() => 100_000, () => 5000)
  let count = 0
  const read = () => ({ data: String(++count), attributes: [] })
  const snapshots = [first, second].map((stat) => {
    files.begin()
    const entries = [files.contents('1:2', stat, read)]
    files.end(entries)
    return entries
  })
  expect([count, snapshots.length]).toEqual([reads, 2])
})

test.each([
  { what: 'goes on', by: 600, passed: 600, reads: 1 },
  { what: 'is set back', by: -600, passed: 1, reads: 2 },
  { what: 'is set forth', by: 600, passed: 1, reads: 2 },
])('files are known while the clock of inodes $what', ({ by, passed, reads }) => {
  let [wall, steady, count] = [100_000, 5000, 0]
  const files = new KnownFiles(() => wall, () => steady)
  const snapshots = [0, 1].map(() => {
    files.begin()
    const entries = [files.contents('1:2', statOf(10), () => ({ data: String(++count), attributes: [] }))]
    files.end(entries)
    wall += by
    steady += passed
    return entries
  })
  expect([count, snapshots.length]).toEqual([reads, 2])
})

const stateOf = async (box: Sandbox): Promise<unknown> => {
  const { entries } = await box.snapshot()
  return entries.filter(({ path }) => path.startsWith('/out')).map((entry) => ({ ...entry, atime: null }))
    .sort((a, b) => (a.path < b.path ? -1 : 1))
}

const acts: Readonly<Record<string, (box: Sandbox) => Promise<unknown>>> = {
  writeFile: ({ fs }) => fs.writeFile('/out/file', 'other'),
  'the same length': ({ fs }) => fs.writeFile('/out/file', 'OTHER'),
  appendFile: ({ fs }) => fs.appendFile('/out/file', 'more'),
  truncate: ({ fs }) => fs.truncate('/out/file', 1),
  setxattr: ({ fs }) => fs.setxattr('/out/file', 'user.note', 'x'),
  'setxattr of a directory': ({ fs }) => fs.setxattr('/out/dir', 'user.note', 'x'),
  'another value': ({ fs }) => fs.setxattr('/out/file', 'user.note', 'y'),
  'a hole': async (box) => {
    const { kernel: { sys, init } } = insideOf(box)
    const fd = sys.open(init, '/out/file', 2, 0)
    expect(sys.fallocate(init, fd, 3, 0, 4096)).toBe(0)
    sys.close(init, fd)
  },
  'rename over it': async ({ fs }) => {
    await fs.writeFile('/out/next', 'z')
    await fs.rename('/out/next', '/out/file')
  },
  'a link of another text': async ({ fs }) => {
    await fs.rm('/out/link')
    await fs.symlink('here', '/out/link')
  },
}

afterEach(() => vi.useRealTimers())

test('a box is given back as it was before each of these changes, also of files that were read for the one before',
  async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    await using box = await createSandbox({
      inline: true, allow: { read: ['/out'], write: ['/out'] }, mounts: { '/out': memory() },
    })
    await box.fs.mkdir('/out/dir')
    await box.fs.symlink('file', '/out/link')
    await box.fs.writeFile('/out/file', 'first')
    await box.fs.writeFile('/secret', 'x')
    for (const [name, act] of Object.entries(acts)) {
      vi.setSystemTime(Date.now() + HOUR)
      const before = await stateOf(box)
      const { denials } = await box.run(tool('cat'), { args: ['/secret'] })
      await act(box)
      await using next = await box.with(denials[0]!.permit!)
      expect(await stateOf(next), name).toEqual(before)
      expect(await stateOf(box), name).not.toEqual(before)
    }
  })
