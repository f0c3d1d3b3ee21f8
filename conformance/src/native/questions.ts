/** Below trees, policies and questions about them, from a seed; the same questions are asked of each side. */
import type { Below, Tree } from './random-tree.ts'

export interface Question {
  readonly op: 'read' | 'write' | 'both' | 'list' | 'cut' | 'create' | 'mkdir' | 'symlink' | 'fifo' | 'rename' | 'link'
    | 'execute' | 'connect' | 'bind'
  /** By any name; empty for ports. */
  readonly path: string
  /** Of a move or a link: the new name. */
  readonly to?: string
  readonly port?: number
}

/** mulberry32. */
export const randomFrom = (seed: number): Below => {
  let state = seed >>> 0
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

export const oneOf = <T>(random: Below, list: readonly T[]): T => list[random(list.length)]!

export interface Rules {
  readonly read: readonly string[]
  readonly write: readonly string[]
  readonly exec: readonly string[]
  readonly connect: readonly number[]
  readonly listen: readonly number[]
}

export const PORTS = [20_101, 20_102, 20_103, 20_104]

export const randomRules = ({ folders, files }: Tree, random: Below): Rules => {
  const some = <T>(list: readonly T[], most: number): T[] =>
    [...new Set(Array.from({ length: random(most + 1) }, () => oneOf(random, list)))]
  // a file may be named as well, for reading
  const inner = folders.slice(1)
  return {
    read: [...some(inner, 3), ...some(files, 1)], write: some(inner, 3), exec: some(inner, 2),
    connect: some(PORTS, 2), listen: some(PORTS, 2),
  }
}

const DETOURS: readonly ((path: string, tree: Tree, random: Below) => string)[] = [
  (path) => path,
  (path) => path.replaceAll('/', '//'),
  (path) => path.replace(/\/([^/]+)$/, '/./$1'),
  // above so many levels there is the root of everything
  (path, { folders }, random) => `${oneOf(random, folders)}/${'../'.repeat(25)}${path.slice(1)}`,
]

export const randomQuestion = (tree: Tree, random: Below, at: number): Question => {
  const { files, folders, linkedFiles, linkedFolders } = tree
  const name = (path: string): string => oneOf(random, DETOURS)(path, tree, random)
  const file = (): string => name(oneOf(random, random(4) === 0 ? linkedFiles : files))
  const folder = (): string => name(oneOf(random, random(4) === 0 ? linkedFolders : folders))
  const fresh = (): string => `${folder()}/n${at}`
  const op = oneOf(random, [
    'read', 'read', 'write', 'both', 'list', 'cut', 'create', 'mkdir', 'symlink', 'fifo', 'rename', 'link', 'execute',
    'connect', 'bind',
  ] as const)
  switch (op) {
    case 'connect':
    case 'bind': return { op, path: '', port: oneOf(random, PORTS) }
    case 'list': return { op, path: folder() }
    case 'create':
    case 'mkdir':
    case 'symlink':
    case 'fifo': return { op, path: fresh() }
    case 'rename':
    case 'link': return { op, path: name(oneOf(random, files)), to: fresh() }
    default: return { op, path: file() }
  }
}
