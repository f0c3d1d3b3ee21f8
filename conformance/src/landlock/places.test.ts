/** What directories remember against the plain walk: random trees, mounts and moves. */
import {
  AT_FDCWD, EACCES, errnoName, LANDLOCK_ACCESS_FS_READ_FILE, MNT_DETACH, MS_BIND, O_CREAT, O_RDONLY, O_WRONLY,
  RENAME_EXCHANGE,
} from '@lsmkit/abi'
import { expect, test } from 'vitest'
import { aLayer, LandlockWorld } from './world.ts'
import type { Layer } from './world.ts'

/** Numbers that follow from a seed. */
const numbers = (seed: number) => (below: number): number => {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0
  return Math.floor((seed / 2 ** 32) * below)
}

const NAMES = ['a', 'b', 'c']

/** Calls of process 1, and opens by the restricted task; each gives its answer. */
const playTree = (seed: number, remembers: boolean): string[] => {
  const pick = numbers(seed)
  const world = new LandlockWorld({ remembers })
  const { kernel: { sys, init }, subject } = world
  const place = (): string => ['/w/top', ...Array.from({ length: 1 + pick(4) }, () => NAMES[pick(3)]!)].join('/')
  const answers: string[] = []
  for (let i = 0; i < 40; i++) sys.mkdir(init, place(), 0o777)
  for (let i = 0; i < 20; i++) sys.close(init, sys.openat(init, AT_FDCWD, `${place()}/f`, O_CREAT | O_WRONLY, 0o666))
  const layer = (): Layer => {
    const paths = Array.from({ length: 1 + pick(3) }, () =>
      ({ access: 4 << pick(2), path: ['.', 'a', 'b', 'c'][pick(4)]! }))
    return aLayer({ fs: 12 | 0x2000, paths })
  }
  const restrict = (): void => {
    for (const name of NAMES) sys.mkdir(init, `/w/top/${name}`, 0o777)
    world.restrict(layer())
  }
  restrict()
  for (let i = 0; i < 400; i++) {
    if (i === 200) restrict()
    switch (pick(9)) {
      case 0: sys.rename(init, place(), place()); break
      case 1: sys.renameat2(init, AT_FDCWD, place(), AT_FDCWD, place(), RENAME_EXCHANGE); break
      case 2: sys.mount(init, place(), place(), null, MS_BIND, null); break
      case 3: sys.umount2(init, place(), MNT_DETACH); break
      case 4: sys.mkdir(init, place(), 0o777); break
      case 5: answers.push(errnoName(sys.rename(subject, place(), place()))); break
      default: {
        const fd = sys.openat(subject, AT_FDCWD, pick(2) === 0 ? place() : `${place()}/f`, O_RDONLY, 0)
        answers.push(fd < 0 ? errnoName(fd) : 'ok')
        if (fd >= 0) sys.close(subject, fd)
      }
    }
  }
  return answers
}

test('random trees, the same by both', () => {
  const seen = new Set<string>()
  for (let seed = 1; seed <= 25; seed++) {
    const answers = playTree(seed, true)
    expect(answers, `seed ${seed}`).toEqual(playTree(seed, false))
    for (const answer of answers) seen.add(answer)
  }
  expect([...seen]).toEqual(expect.arrayContaining(['ok', 'EACCES', 'EXDEV', 'ENOENT']))
})

const read = ({ kernel: { sys }, subject }: LandlockWorld, path: string): number =>
  sys.openat(subject, AT_FDCWD, path, O_RDONLY, 0)

test.each<[what: string, change: (world: LandlockWorld) => number, path: string]>([
  ['a directory above that moves', ({ kernel: { sys, init } }) =>
    sys.rename(init, '/w/top/a/b', '/w/top/c/b'), 'c/b/g'],
  ['two that change places', ({ kernel: { sys, init } }) =>
    sys.renameat2(init, AT_FDCWD, '/w/top/a/b', AT_FDCWD, '/w/top/c', RENAME_EXCHANGE), 'c/g'],
  ['a mount elsewhere', ({ kernel: { sys, init } }) =>
    sys.mount(init, '/w/top/a/b', '/w/top/c', null, MS_BIND, null), 'c/g'],
])('%s is noticed', (_what, change, path) => {
  const world = new LandlockWorld()
  const access = LANDLOCK_ACCESS_FS_READ_FILE
  world.restrict(aLayer({ fs: access, paths: [{ access, path: 'a' }] }))
  expect(read(world, 'a/b/g')).toBeGreaterThanOrEqual(0)
  expect(change(world)).toBe(0)
  expect(read(world, path)).toBe(-EACCES)
})

test('a bind mount inside of what is granted is granted', () => {
  const world = new LandlockWorld()
  const access = LANDLOCK_ACCESS_FS_READ_FILE
  world.restrict(aLayer({ fs: access, paths: [{ access, path: 'a' }] }))
  const { sys, init } = world.kernel
  expect(read(world, 'c/h')).toBe(-EACCES)
  expect(sys.mount(init, '/w/top/c', '/w/top/a/b', null, MS_BIND, null)).toBe(0)
  expect(read(world, 'a/b/h')).toBeGreaterThanOrEqual(0)
  expect(read(world, 'c/h')).toBe(-EACCES)
})
