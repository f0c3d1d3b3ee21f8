/** A tree of the host with canaries: each file has a text of its own. Links lead to files and folders. */
import {
  linkSync, lstatSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
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

const FOLDERS = 8
const FILES = 10
const LINKS = 6

export const growTree = (top: string, random: Random): CanaryTree => {
  const folders = [top]
  for (let i = 0; i < FOLDERS; i++) {
    const folder = join(random.pick(folders), `d${i}`)
    mkdirSync(folder)
    folders.push(folder)
  }
  const paths: string[] = []
  for (let i = 0; i < FILES; i++) {
    const path = join(random.pick(folders), `f${i}`)
    writeFileSync(path, `canary-${i}-${random.below(1_000_000)}\n`)
    paths.push(path)
  }
  const links: string[] = []
  for (let i = 0; i < LINKS; i++) {
    const link = join(random.pick(folders), `l${i}`)
    symlinkSync(random.oneIn(2) ? random.pick(paths) : random.pick(folders), link)
    links.push(link)
  }
  const hard = join(random.pick(folders), 'h')
  linkSync(random.pick(paths), hard)
  const files = [...paths, hard].map((path) => {
    const { mode, ino } = statSync(path)
    return { path, text: readFileSync(path, 'utf8'), mode, inode: ino }
  })
  return { top, folders, files, links }
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
