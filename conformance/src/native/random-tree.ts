/** A random tree of the host's files: folders, files, links to both of them, and hard links. */
import { linkSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'

/** A number from 0, below another one. */
export type Below = (below: number) => number

export interface Tree {
  readonly root: string
  readonly folders: readonly string[]
  /** Each by every name that it has. */
  readonly files: readonly string[]
  /** Names that lead over links, by what they lead to. */
  readonly linkedFiles: readonly string[]
  readonly linkedFolders: readonly string[]
}

const FOLDERS = 12
const FILES = 16
const LINKS = 6
const HARD_LINKS = 2
/** Levels below the root. */
const DEPTH = 3

/** A step that makes a tree: a folder, a file, a link to `to`, or another name of the file `to`. */
export interface TreeStep {
  readonly make: 'folder' | 'file' | 'link' | 'name'
  readonly path: string
  readonly to: string
}

/** The steps to a tree, in their order. */
export const planTree = (root: string, below: Below): { readonly tree: Tree; readonly steps: readonly TreeStep[] } => {
  const steps: TreeStep[] = []
  const oneOf = (list: readonly string[]): string => list[below(list.length)]!
  const some = (length: number, make: (i: number) => string): string[] => Array.from({ length }, (_, i) => make(i))
  const step = (make: TreeStep['make'], path: string, to = ''): string => {
    steps.push({ make, path, to })
    return path
  }
  const folders = [root]
  for (let i = 0; i < FOLDERS; i++) {
    const above = oneOf(folders.filter((one) => one.slice(root.length).split('/').length <= DEPTH))
    folders.push(step('folder', join(above, `d${i}`)))
  }
  const named = (letter: string, i: number): string => join(oneOf(folders), `${letter}${i}`)
  const link = (from: string, to: string): string =>
    step('link', from, below(2) === 0 ? to : relative(dirname(from), to) || '.')
  const files = some(FILES, (i) => step('file', named('f', i)))
  const linkedFiles = some(LINKS, (i) => link(named('l', i), oneOf(files)))
  const linkedFolders = some(LINKS, (i) => link(named('m', i), oneOf(folders)))
  for (let i = 0; i < HARD_LINKS; i++) files.push(step('name', named('h', i), oneOf(files)))
  return { tree: { root, folders, files, linkedFiles, linkedFolders }, steps }
}

/** Grows it in an empty folder. `textOf` gives the contents of each file by its number; all may be executed. */
export const growTree = (root: string, below: Below, textOf: (at: number) => string): Tree => {
  const { tree, steps } = planTree(root, below)
  let files = 0
  const makers: Readonly<Record<TreeStep['make'], (path: string, to: string) => void>> = {
    folder: (path) => mkdirSync(path),
    file: (path) => writeFileSync(path, textOf(files++), { mode: 0o755 }),
    link: (path, to) => symlinkSync(to, path),
    name: (path, to) => linkSync(to, path),
  }
  for (const { make, path, to } of steps) makers[make](path, to)
  return tree
}
