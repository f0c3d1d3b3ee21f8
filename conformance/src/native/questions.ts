/** Random trees, policies and questions about them, from a seed; the same questions are asked of each side. */
import { linkSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'

export interface Question {
  readonly op: 'read' | 'write' | 'both' | 'list' | 'cut' | 'create' | 'mkdir' | 'symlink' | 'fifo' | 'rename' | 'link'
    | 'execute' | 'connect' | 'bind'
  /** By any name; empty for ports. */
  readonly path: string
  /** Of a move or a link: the new name. */
  readonly to?: string
  readonly port?: number
}

export interface Tree {
  readonly root: string
  readonly folders: readonly string[]
  readonly files: readonly string[]
  /** Names that lead over links, by what they lead to. */
  readonly linkedFiles: readonly string[]
  readonly linkedFolders: readonly string[]
}

export type Random = (below: number) => number

/** mulberry32. */
export const randomFrom = (seed: number): Random => {
  let state = seed >>> 0
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

export const oneOf = <T>(random: Random, list: readonly T[]): T => list[random(list.length)]!

/** Three levels of folders with files; links to files and folders, relative and absolute; hard links. */
export const growTree = (root: string, random: Random): Tree => {
  const folders = [root]
  const files: string[] = []
  for (let i = 0; i < 12; i++) {
    const above = oneOf(random, folders.filter((one) => one.slice(root.length).split('/').length < 4))
    const folder = join(above, `d${i}`)
    mkdirSync(folder)
    folders.push(folder)
  }
  for (let i = 0; i < 16; i++) {
    const file = join(oneOf(random, folders), `f${i}`)
    writeFileSync(file, '#!/bin/true\n', { mode: 0o755 })
    files.push(file)
  }
  const linkedFiles: string[] = []
  const linkedFolders: string[] = []
  for (let i = 0; i < 6; i++) {
    const [from, to] = [join(oneOf(random, folders), `l${i}`), oneOf(random, files)]
    symlinkSync(random(2) === 0 ? to : relative(join(from, '..'), to) || '.', from)
    linkedFiles.push(from)
  }
  for (let i = 0; i < 6; i++) {
    const [from, to] = [join(oneOf(random, folders), `m${i}`), oneOf(random, folders)]
    symlinkSync(random(2) === 0 ? to : relative(join(from, '..'), to) || '.', from)
    linkedFolders.push(from)
  }
  for (let i = 0; i < 2; i++) {
    const name = join(oneOf(random, folders), `h${i}`)
    linkSync(oneOf(random, files), name)
    files.push(name)
  }
  return { root, folders, files, linkedFiles, linkedFolders }
}

export interface Rules {
  readonly read: readonly string[]
  readonly write: readonly string[]
  readonly exec: readonly string[]
  readonly connect: readonly number[]
  readonly listen: readonly number[]
}

export const PORTS = [20_101, 20_102, 20_103, 20_104]

export const randomRules = ({ folders, files }: Tree, random: Random): Rules => {
  const some = <T>(list: readonly T[], most: number): T[] =>
    [...new Set(Array.from({ length: random(most + 1) }, () => oneOf(random, list)))]
  // a file may be named as well, for reading
  const inner = folders.slice(1)
  return {
    read: [...some(inner, 3), ...some(files, 1)], write: some(inner, 3), exec: some(inner, 2),
    connect: some(PORTS, 2), listen: some(PORTS, 2),
  }
}

const DETOURS: readonly ((path: string, tree: Tree, random: Random) => string)[] = [
  (path) => path,
  (path) => path.replaceAll('/', '//'),
  (path) => path.replace(/\/([^/]+)$/, '/./$1'),
  // above so many levels there is the root of everything
  (path, { folders }, random) => `${oneOf(random, folders)}/${'../'.repeat(25)}${path.slice(1)}`,
]

export const randomQuestion = (tree: Tree, random: Random, at: number): Question => {
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
