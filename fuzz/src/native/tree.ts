/** A tree of the host with canaries: each file has a text of its own. Links lead to files and folders. */
import { lstatSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { growTree } from '@lsmkit/conformance/random-tree'
import type { Random } from '../frame/random.ts'

export interface Canary {
  readonly path: string
  readonly text: string
  readonly mode: number
  readonly inode: number
}

export interface CanaryTree {
  readonly top: string
  readonly folders: readonly string[]
  readonly files: readonly Canary[]
  readonly links: readonly string[]
}

export const growCanaries = (top: string, random: Random): CanaryTree => {
  const { folders, files, linkedFiles, linkedFolders } =
    growTree(top, (below) => random.below(below), (at) => `canary-${at}-${random.below(1_000_000)}\n`)
  const canaries = files.map((path) => {
    const { mode, ino } = statSync(path)
    return { path, text: readFileSync(path, 'utf8'), mode, inode: ino }
  })
  return { top, folders, files: canaries, links: [...linkedFiles, ...linkedFolders] }
}

/** Rules, by inode: whatever lies beneath a folder, or is that file, by any name. */
export class Reach {
  readonly #inodes: ReadonlySet<number>

  constructor(paths: readonly string[]) {
    this.#inodes = new Set(paths.map((path) => statSync(path).ino))
  }

  /** Whether a real path lies beneath one of them. */
  has(path: string): boolean {
    for (let at = path; at !== '/'; at = dirname(at)) {
      if (this.#inodes.has(statSync(at).ino)) return true
    }
    return false
  }
}

/** Every name below a folder, without following links. */
export const namesBelow = (folder: string): string[] => readdirSync(folder).flatMap((name) => {
  const path = join(folder, name)
  return lstatSync(path).isDirectory() ? [path, ...namesBelow(path)] : [path]
})
