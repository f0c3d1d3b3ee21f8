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

/** Grows it in an empty folder. `textOf` gives the contents of each file by its number; all may be executed. */
export const growTree = (root: string, below: Below, textOf: (at: number) => string): Tree => {
  const oneOf = (list: readonly string[]): string => list[below(list.length)]!
  const folders = [root]
  for (let i = 0; i < FOLDERS; i++) {
    const folder = join(oneOf(folders.filter((one) => one.slice(root.length).split('/').length <= DEPTH)), `d${i}`)
    mkdirSync(folder)
    folders.push(folder)
  }
  const files = Array.from({ length: FILES }, (_, i) => {
    const file = join(oneOf(folders), `f${i}`)
    writeFileSync(file, textOf(i), { mode: 0o755 })
    return file
  })
  const links = (letter: string, targets: readonly string[]): string[] => Array.from({ length: LINKS }, (_, i) => {
    const [from, to] = [join(oneOf(folders), `${letter}${i}`), oneOf(targets)]
    symlinkSync(below(2) === 0 ? to : relative(dirname(from), to) || '.', from)
    return from
  })
  const linkedFiles = links('l', files)
  const linkedFolders = links('m', folders)
  for (let i = 0; i < HARD_LINKS; i++) {
    const name = join(oneOf(folders), `h${i}`)
    linkSync(oneOf(files), name)
    files.push(name)
  }
  return { root, folders, files, linkedFiles, linkedFolders }
}
