/**
 * Calls on files beside a plain model of the tree: names that lead to nodes, and what root may do with them. Links,
 * kinds and contents agree after every call.
 */
import {
  AT_FDCWD, EEXIST, EINVAL, EISDIR, ENOENT, ENOTDIR, ENOTEMPTY, EPERM, MS_BIND, O_CREAT, O_EXCL, O_RDONLY, O_TRUNC,
  O_WRONLY, S_IFDIR, S_IFMT,
} from '@lsmkit/abi'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { bootForTest } from '../testing/boot.ts'
import type { TestKernel } from '../testing/boot.ts'
import { Kstat } from '../state/vfs/kstat.ts'

interface Dir {
  readonly kind: 'dir'
  readonly names: Map<string, Node>
}
interface Plain {
  readonly kind: 'file'
  text: string
  links: number
}
type Node = Dir | Plain

const newDir = (): Dir => ({ kind: 'dir', names: new Map() })

/** The reference: every call answers 0 or -errno. */
class Model {
  readonly root = newDir()

  /** The directory a path's last name is in; -errno of the walk. */
  #parent(path: string): { dir: Dir; name: string } | number {
    const parts = path.split('/').filter((part) => part !== '')
    const name = parts.pop()!
    let at: Node = this.root
    for (const part of parts) {
      if (at.kind !== 'dir') return -ENOTDIR
      const next: Node | undefined = at.names.get(part)
      if (next === undefined) return -ENOENT
      at = next
    }
    return at.kind === 'dir' ? { dir: at, name } : -ENOTDIR
  }
  find(path: string): Node | number {
    const at = this.#parent(path)
    return typeof at === 'number' ? at : (at.dir.names.get(at.name) ?? -ENOENT)
  }

  mkdir(path: string): number {
    const at = this.#parent(path)
    if (typeof at === 'number') return at
    if (at.dir.names.has(at.name)) return -EEXIST
    at.dir.names.set(at.name, newDir())
    return 0
  }
  write(path: string, text: string, exclusive: boolean): number {
    const at = this.#parent(path)
    if (typeof at === 'number') return at
    const there = at.dir.names.get(at.name)
    if (there !== undefined && exclusive) return -EEXIST
    if (there?.kind === 'dir') return -EISDIR
    if (there === undefined) at.dir.names.set(at.name, { kind: 'file', text, links: 1 })
    else there.text = text
    return 0
  }
  unlink(path: string): number {
    const at = this.#parent(path)
    if (typeof at === 'number') return at
    const there = at.dir.names.get(at.name)
    if (there === undefined) return -ENOENT
    if (there.kind === 'dir') return -EISDIR
    there.links--
    at.dir.names.delete(at.name)
    return 0
  }
  rmdir(path: string): number {
    const at = this.#parent(path)
    if (typeof at === 'number') return at
    const there = at.dir.names.get(at.name)
    if (there === undefined) return -ENOENT
    if (there.kind !== 'dir') return -ENOTDIR
    if (there.names.size > 0) return -ENOTEMPTY
    at.dir.names.delete(at.name)
    return 0
  }
  link(from: string, to: string): number {
    const node = this.find(from)
    if (typeof node === 'number') return node
    const at = this.#parent(to)
    if (typeof at === 'number') return at
    if (at.dir.names.has(at.name)) return -EEXIST
    if (node.kind === 'dir') return -EPERM
    node.links++
    at.dir.names.set(at.name, node)
    return 0
  }
  #isBelow(dir: Node, node: Node): boolean {
    return node === dir || (node.kind === 'dir' && [...node.names.values()].some((child) => this.#isBelow(dir, child)))
  }
  rename(from: string, to: string): number {
    const a = this.#parent(from)
    if (typeof a === 'number') return a
    const b = this.#parent(to)
    if (typeof b === 'number') return b
    const source = a.dir.names.get(a.name)
    if (source === undefined) return -ENOENT
    const target = b.dir.names.get(b.name)
    if (source.kind === 'dir' && this.#isBelow(b.dir, source)) return -EINVAL
    // the new name is on the way to the old one
    if (target?.kind === 'dir' && target !== source && this.#isBelow(a.dir, target)) return -ENOTEMPTY
    if (source === target) return 0
    if (target !== undefined) {
      if (source.kind === 'dir' && target.kind !== 'dir') return -ENOTDIR
      if (source.kind !== 'dir' && target.kind === 'dir') return -EISDIR
      if (target.kind === 'dir' && target.names.size > 0) return -ENOTEMPTY
      if (target.kind === 'file') target.links--
    }
    a.dir.names.delete(a.name)
    b.dir.names.set(b.name, source)
    return 0
  }
}

const path = fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'))
const step = fc.oneof(
  fc.record({ call: fc.constantFrom('mkdir', 'unlink', 'rmdir'), from: path, to: fc.constant('') }),
  fc.record({ call: fc.constantFrom('write', 'create', 'link', 'rename'), from: path, to: path }),
)

interface Step {
  readonly call: string
  readonly from: string
  readonly to: string
}

const play = (kernel: TestKernel, model: Model, { call, from, to }: Step): [number, number] => {
  const { sys, init } = kernel
  const at = (name: string) => `/t/${name}`
  switch (call) {
    case 'mkdir':
      return [sys.mkdir(init, at(from), 0o755), model.mkdir(from)]
    case 'unlink':
      return [sys.unlink(init, at(from)), model.unlink(from)]
    case 'rmdir':
      return [sys.rmdir(init, at(from)), model.rmdir(from)]
    case 'link':
      return [sys.link(init, at(from), at(to)), model.link(from, to)]
    case 'rename':
      return [sys.rename(init, at(from), at(to)), model.rename(from, to)]
    default: {
      const exclusive = call === 'create'
      const flags = O_WRONLY | O_CREAT | O_TRUNC | (exclusive ? O_EXCL : 0)
      const fd = sys.openat(init, AT_FDCWD, at(from), flags, 0o600)
      if (fd >= 0) {
        sys.write(init, fd, new TextEncoder().encode(to))
        sys.close(init, fd)
      }
      return [Math.min(fd, 0), model.write(from, to, exclusive)]
    }
  }
}

const dirsIn = ({ names }: Dir): number => [...names.values()].filter(({ kind }) => kind === 'dir').length

/** The whole tree as both see it: kinds, link counts (of directories only where they are kept), contents. */
const modelTree = (dir: Dir, counts: boolean, at = ''): string[] =>
  [...dir.names].sort(([a], [b]) => (a < b ? -1 : 1)).flatMap(([name, node]) =>
    node.kind === 'file' ? [`${at}/${name} ${node.links} ${node.text}`]
      : [`${at}/${name} ${counts ? 2 + dirsIn(node) : '-'}`, ...modelTree(node, counts, `${at}/${name}`)])

const kernelTree = (kernel: TestKernel, counts: boolean, at = ''): string[] => {
  const { sys, init, cat } = kernel
  const fd = sys.openat(init, AT_FDCWD, `/t${at}`, O_RDONLY, 0)
  const buf = new Uint8Array(4096)
  const n = sys.getdents64(init, fd, buf)
  sys.close(init, fd)
  const view = new DataView(buf.buffer)
  const names: string[] = []
  for (let i = 0; i < n; i += view.getUint16(i + 16, true))
    names.push(new TextDecoder().decode(buf.subarray(i + 19, buf.indexOf(0, i + 19))))
  return names.filter((name) => name !== '.' && name !== '..').sort().flatMap((name) => {
    const stat = new Kstat()
    sys.lstat(init, `/t${at}/${name}`, stat)
    if ((stat.mode & S_IFMT) !== S_IFDIR) return [`${at}/${name} ${stat.nlink} ${cat(init, `/t${at}/${name}`)}`]
    return [`${at}/${name} ${counts ? stat.nlink : '-'}`, ...kernelTree(kernel, counts, `${at}/${name}`)]
  })
}

const playAll = (kernel: TestKernel, model: Model, steps: readonly Step[]): void => {
  for (const one of steps) {
    const [got, wanted] = play(kernel, model, one)
    if (got !== wanted) throw new Error(`${one.call} ${one.from} ${one.to}: ${got}, the model says ${wanted}`)
  }
}

test('any sequence of calls leaves the tree the model has, and nothing behind', () => {
  const kernel = bootForTest()
  const { sys, init } = kernel
  sys.mkdir(init, '/t', 0o755)
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 40 }), (steps) => {
      sys.mount(init, 'none', '/t', 'tmpfs', 0, 'nr_inodes=100')
      const model = new Model()
      playAll(kernel, model, steps)
      expect(kernelTree(kernel, true)).toEqual(modelTree(model.root, true))
      expect(sys.umount2(init, '/t', 0)).toBe(0)
    }),
    { numRuns: 400 },
  )
})

test('so it is on an overlay, whatever of the tree was made before it was mounted', () => {
  const kernel = bootForTest()
  const { sys, init } = kernel
  const steps = fc.array(step, { minLength: 1, maxLength: 30 })
  for (const dir of ['/t', '/s']) sys.mkdir(init, dir, 0o755)
  fc.assert(
    fc.property(steps, steps, (before, after) => {
      sys.mount(init, 'none', '/s', 'tmpfs', 0, '')
      for (const dir of ['l', 'u', 'w']) sys.mkdir(init, `/s/${dir}`, 0o755)
      sys.mount(init, '/s/l', '/t', null, MS_BIND, null)
      const model = new Model()
      playAll(kernel, model, before)
      expect(sys.umount2(init, '/t', 0)).toBe(0)
      const lower = modelTree(model.root, false)
      const options = 'lowerdir=/s/l,upperdir=/s/u,workdir=/s/w,index=on,redirect_dir=on'
      for (const half of [after.slice(0, after.length >> 1), after.slice(after.length >> 1)]) {
        expect(sys.mount(init, 'o', '/t', 'overlay', 0, options)).toBe(0)
        playAll(kernel, model, half)
        expect(kernelTree(kernel, false)).toEqual(modelTree(model.root, false))
        expect(sys.umount2(init, '/t', 0)).toBe(0)
      }
      sys.mount(init, '/s/l', '/t', null, MS_BIND, null)
      expect(kernelTree(kernel, false)).toEqual(lower)
      expect(['/t', '/s'].map((dir) => sys.umount2(init, dir, 0))).toEqual([0, 0])
    }),
    { numRuns: 300 },
  )
})
