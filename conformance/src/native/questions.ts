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

/** A step that makes a tree: a folder, a file, a link to `to`, or another name of the file `to`. */
export interface TreeStep {
  readonly make: 'folder' | 'file' | 'link' | 'name'
  readonly path: string
  readonly to: string
}

/** Three levels of folders with files; links to files and folders, relative and absolute; hard links. */
export const planTree = (root: string, random: Random): { tree: Tree; steps: readonly TreeStep[] } => {
  const steps: TreeStep[] = []
  const step = (make: TreeStep['make'], path: string, to = ''): string => {
    steps.push({ make, path, to })
    return path
  }
  const link = (path: string, to: string): string =>
    step('link', path, random(2) === 0 ? to : relative(join(path, '..'), to) || '.')
  const folders = [root]
  for (let i = 0; i < 12; i++) {
    const above = oneOf(random, folders.filter((one) => one.slice(root.length).split('/').length < 4))
    folders.push(step('folder', join(above, `d${i}`)))
  }
  const some = (length: number, make: (i: number) => string): string[] => Array.from({ length }, (_, i) => make(i))
  const files = some(16, (i) => step('file', join(oneOf(random, folders), `f${i}`)))
  const linkedFiles = some(6, (i) => link(join(oneOf(random, folders), `l${i}`), oneOf(random, files)))
  const linkedFolders = some(6, (i) => link(join(oneOf(random, folders), `m${i}`), oneOf(random, folders)))
  const names = some(2, (i) => step('name', join(oneOf(random, folders), `h${i}`), oneOf(random, files)))
  return { tree: { root, folders, files: [...files, ...names], linkedFiles, linkedFolders }, steps }
}

const makers: Readonly<Record<TreeStep['make'], (path: string, to: string) => void>> = {
  folder: (path) => mkdirSync(path),
  file: (path) => writeFileSync(path, '#!/bin/true\n', { mode: 0o755 }),
  link: (path, to) => symlinkSync(to, path),
  name: (path, to) => linkSync(to, path),
}

/** Makes a tree in a folder of the host. */
export const growTree = (root: string, random: Random): Tree => {
  const { tree, steps } = planTree(root, random)
  for (const { make, path, to } of steps) makers[make](path, to)
  return tree
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
