/** Path walk beside a reference model: a tree of plain objects, walked name by name. */
import { AT_FDCWD, ELOOP, ENOENT, ENOTDIR } from '@lsmkit/abi'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { bootForTest } from '../../testing/boot.ts'
import { Kstat } from '../../state/vfs/kstat.ts'

type Node =
  | { readonly kind: 'dir'; readonly names: Map<string, Node> }
  | { readonly kind: 'file' }
  | { readonly kind: 'link'; readonly to: string }
const MAX_LINKS = 40
const NAMES = ['a', 'b', 'c', 'd'] as const

const SEVERAL = { minLength: 1, maxLength: 8 }

const dir = (): Node & { kind: 'dir' } => ({ kind: 'dir', names: new Map() })

/** Where `path` leads from the stack of directories, or -errno. Links seen so far are counted in `seen`. */
const walk = (from: readonly Node[], path: string, seen: { links: number }): readonly Node[] | number => {
  let at = path.startsWith('/') ? from.slice(0, 1) : [...from]
  if (path === '') return -ENOENT
  for (const name of path.split('/').filter((part) => part !== '')) {
    const here = at.at(-1)!
    if (here.kind !== 'dir') return -ENOTDIR
    if (name === '.') continue
    if (name === '..') {
      if (at.length > 1) at = at.slice(0, -1)
      continue
    }
    const next = here.names.get(name)
    if (next === undefined) return -ENOENT
    if (next.kind === 'link') {
      if (seen.links++ >= MAX_LINKS) return -ELOOP
      const target = walk(at, next.to, seen)
      if (typeof target === 'number') return target
      at = [...target]
    } else at = [...at, next]
  }
  return path.endsWith('/') && at.at(-1)!.kind !== 'dir' ? -ENOTDIR : at
}

const component = fc.constantFrom(...NAMES, '.', '..')
const pathText = fc
  .tuple(fc.boolean(), fc.array(component, { minLength: 1, maxLength: 6 }), fc.boolean())
  .map(([absolute, parts, slash]) => `${absolute ? '/' : ''}${parts.join('/')}${slash ? '/' : ''}`)
const made = fc.record({
  at: fc.array(fc.constantFrom(...NAMES), { minLength: 1, maxLength: 3 }),
  kind: fc.constantFrom('dir' as const, 'file' as const, 'link' as const),
  to: pathText,
})

test('every path leads where the model says', () => {
  fc.assert(
    fc.property(fc.array(made, { maxLength: 12 }), fc.array(pathText, SEVERAL), (entries, asked) => {
      const { sys, init } = bootForTest({ usualMounts: false })
      sys.mkdir(init, '/root', 0o755)
      sys.chroot(init, '/root')
      sys.chdir(init, '/')
      const root = dir()
      for (const { at, kind, to } of entries) {
        const name = at.at(-1)!
        const parent = walk([root], `/${at.slice(0, -1).join('/')}`, { links: 0 })
        const path = `/${at.join('/')}`
        if (typeof parent === 'number') continue
        const into = parent.at(-1)!
        if (into.kind !== 'dir' || into.names.has(name)) continue
        into.names.set(name, kind === 'dir' ? dir() : kind === 'file' ? { kind } : { kind, to })
        const make = {
          dir: () => sys.mkdir(init, path, 0o755),
          link: () => sys.symlink(init, to, path),
          file: () => sys.mknod(init, path, 0o100644, 0),
        }
        const rc = make[kind]()
        expect(rc, `${kind} ${path}`).toBe(0)
      }
      for (const path of asked) {
        const expected = walk([root], path, { links: 0 })
        const stat = new Kstat()
        const rc = sys.newfstatat(init, AT_FDCWD, path, stat, 0)
        expect(rc, path).toBe(typeof expected === 'number' ? expected : 0)
        if (typeof expected === 'number') continue
        expect(stat.mode & 0o170000, path).toBe(expected.at(-1)!.kind === 'dir' ? 0o040000 : 0o100000)
      }
    }),
    { numRuns: 150 },
  )
})

test.each([
  [40, 0],
  [41, -ELOOP],
])('a chain of %i links', (length, rc) => {
  const { sys, init } = bootForTest()
  sys.mknod(init, '/tmp/0', 0o100644, 0)
  for (let i = 1; i <= length; i++) sys.symlink(init, `/tmp/${i - 1}`, `/tmp/${i}`)
  expect(sys.stat(init, `/tmp/${length}`, new Kstat())).toBe(rc)
})
