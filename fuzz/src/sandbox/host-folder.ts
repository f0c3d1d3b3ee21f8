/** A folder of the host as its owner fills and changes it. */
import {
  lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Random } from '../frame/random.ts'
import type { Canary } from './canaries.ts'
import { anyTarget } from './names.ts'

export const MOUNTED = '/project'

export class HostFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'lsmkit-fuzz-'))
  #moves = 0

  constructor(random: Random) {
    for (const dir of ['src/lib', 'hidden']) mkdirSync(join(this.path, dir), { recursive: true })
    symlinkSync(random.pick(['.', 'hidden', '..', '/secret', 'src']), join(this.path, 'link'))
    symlinkSync(random.pick(['.', '..', 'hidden']), join(this.path, 'up'))
  }

  put({ home, text }: Canary): void {
    writeFileSync(join(this.path, home.slice(MOUNTED.length)), text)
  }

  /** Paths of the box where a canary is; one that guests may change may have become longer. */
  find({ text, isFixed }: Canary): string[] {
    const is = (found: string): boolean => (isFixed ? found === text : found.includes(text))
    return this.#files('').filter((path) => is(readFileSync(join(this.path, path), 'utf8')))
      .map((path) => MOUNTED + path)
  }

  /** Links are made, and what has a name gives it to a link. Nothing gets into another directory. */
  change(random: Random): void {
    const dir = random.pick(['', '/src', '/hidden'])
    const names = this.#names(dir)
    const name = random.pick(['src', 'hidden', 'lib', 'link', 'a', 'b'])
    const at = join(this.path, dir, name)
    if (names === null) return
    if (names.includes(name)) renameSync(at, join(this.path, dir, this.#newName(names)))
    symlinkSync(anyTarget(random), at)
  }

  /** Guests know such names too, and may have made one. */
  #newName(names: readonly string[]): string {
    let name: string
    do name = `moved-${++this.#moves}`
    while (names.includes(name))
    return name
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true })
  }

  #names(dir: string): string[] | null {
    const path = join(this.path, dir)
    try {
      return lstatSync(path).isDirectory() ? readdirSync(path) : null
    } catch {
      return null
    }
  }

  #files(dir: string): string[] {
    return (this.#names(dir) ?? []).flatMap((name) => {
      const path = `${dir}/${name}`
      const stat = lstatSync(join(this.path, path))
      return stat.isDirectory() ? this.#files(path) : stat.isFile() ? [path] : []
    })
  }
}
