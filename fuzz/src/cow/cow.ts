/**
 * Folders that are copied on write, changed by guests and by the host: the changes that the box lists lead from the
 * folder to the files that guests see. `apply` writes all of them or none, undoes nothing that the host has done, and
 * reaches nothing outside of the folder.
 */
import {
  chmodSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSandbox, hostFolder, memory } from '@lsmkit/sandbox'
import type { Sandbox, SandboxFs, Snapshot } from '@lsmkit/sandbox'
import type { Session } from '../frame/fuzzer.ts'
import { seedFuzzer } from '../frame/input-fuzzer.ts'
import { Random } from '../frame/random.ts'
import { boxTree, changed, difference, hostTree, withoutMount } from './tree.ts'
import type { Tree } from './tree.ts'

const STEPS = 60
const TOP = '/w'
const NAMES = ['a', 'b', 'c', 'd'] as const
/** More than a tick of the host's clock, in milliseconds. */
const TICK = 15

class Broken extends Error {}

const anyPath = (random: Random, depth = 3): string =>
  Array.from({ length: 1 + random.below(depth) }, () => random.pick(NAMES)).join('/')
const anyText = (random: Random): string => `${random.below(1000)}\n`.repeat(random.below(4))
const anyTarget = (random: Random): string =>
  random.pick([anyPath(random), `../${anyPath(random)}`, '/outside/canary', '../../outside', '..', '.'])

type Act = (fs: SandboxFs, a: string, b: string, random: Random) => Promise<unknown>
const acts: readonly Act[] = [
  (fs, a, _b, random) => fs.writeFile(a, anyText(random)), (fs, a, _b, random) => fs.writeFile(a, anyText(random)),
  (fs, a, _b, random) => fs.appendFile(a, anyText(random)), (fs, a) => fs.truncate(a, 1),
  (fs, a) => fs.mkdir(a), (fs, a) => fs.mkdir(a, { recursive: true }), (fs, a) => fs.rmdir(a), (fs, a) => fs.unlink(a),
  (fs, a, b) => fs.rename(a, b), (fs, a, b) => fs.rename(a, b), (fs, a, b) => fs.rename(a, b),
  (fs, a, b) => fs.link(a, b), (fs, a, _b, random) => fs.symlink(anyTarget(random), a),
  (fs, a, _b, random) => fs.chmod(a, random.pick([0o600, 0o644, 0o755, 0o700])),
  (fs, a) => fs.rm(a, { recursive: true, force: true }), (fs, a, b) => fs.cp(a, b, { recursive: true }),
  (fs, a) => fs.readFile(a), (fs, a) => fs.readdir(a),
  async (fs, a, b) => {
    // two names change places
    await fs.rename(a, `${TOP}/swap`)
    await fs.rename(b, a)
    await fs.rename(`${TOP}/swap`, b)
  },
  async (fs, a, _b, random) => {
    await fs.writeFile(`${TOP}/new`, anyText(random))
    await fs.rename(`${TOP}/new`, a)
  },
]

/** The code and message of a typed error; null where there is none. */
const refusal = async (act: () => Promise<unknown>): Promise<string | null> => {
  try {
    await act()
    return null
  } catch (error) {
    const { code, message } = error as { code?: unknown; message?: string }
    if (error instanceof Broken || typeof code !== 'string') throw error
    return `${code}: ${message}`
  }
}

class World {
  readonly home = mkdtempSync(join(tmpdir(), 'lsmkit-cow-'))
  readonly folder = join(this.home, 'folder')
  readonly random: Random
  readonly #canaries: Tree
  #box!: Sandbox
  /** The host has changed the folder since the last time that both were the same. */
  #isTouched = false
  /** Of the folder, counted. */
  #changes = 0
  /** Where a file system in memory is mounted in the folder; null for nowhere. */
  #mount: string | null = null
  #snapshot: { readonly of: Snapshot; readonly view: Tree; readonly at: number } | null = null

  constructor(random: Random) {
    this.random = random
    mkdirSync(join(this.home, 'outside'))
    mkdirSync(this.folder)
    writeFileSync(join(this.home, 'outside/canary'), 'CANARY')
    this.#canaries = hostTree(join(this.home, 'outside'))
    for (let i = random.below(40); i > 0; i--) this.#change()
    this.#mount = this.#anyMount()
  }

  /** No file and no link of the host is in its way. */
  #anyMount(): string | null {
    const path = anyPath(this.random)
    return this.random.oneIn(2) && this.#isFree(path) ? path : null
  }

  #isFree(path: string): boolean {
    const [names, tree] = [path.split('/'), hostTree(this.folder)]
    return names.every((_, i) => tree.get(names.slice(0, i + 1).join('/'))?.endsWith(' /') ?? true)
  }

  #host(): Tree {
    const tree = hostTree(this.folder)
    return withoutMount(tree, this.#mount, tree)
  }

  async #view(): Promise<Tree> {
    return withoutMount(await boxTree(this.#box, TOP), this.#mount, hostTree(this.folder))
  }

  async open(): Promise<void> {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, TICK)
    this.#isTouched = false
    this.#box = await createSandbox({
      inline: true, allow: { read: [TOP], write: [TOP] },
      mounts: {
        [TOP]: hostFolder(this.folder, { copyOnWrite: true }),
        ...(this.#mount === null ? {} : { [`${TOP}/${this.#mount}`]: memory() }),
      },
    })
  }

  async close(): Promise<void> {
    await (this.#box as Sandbox | undefined)?.close()
    rmSync(this.home, { recursive: true, force: true })
  }

  async step(): Promise<void> {
    const { random } = this
    switch (random.below(24)) {
      case 0: return this.#apply(['**'])
      case 1: return this.#apply([`${anyPath(random, 2)}${random.pick(['', '/**', '/*'])}`])
      case 2: return random.oneIn(3) ? this.#discard() : undefined
      case 3: return this.#keep()
      case 4: return this.#restore()
      case 5: return this.#explain()
      case 6: return random.oneIn(3) ? this.#touch() : undefined
      default: {
        const fs = random.oneIn(4) ? this.#box.fs : this.#box.fs.as('guest')
        const [a, b] = [await this.#path(), await this.#path()]
        return void await refusal(() => random.pick(acts)(fs, a, b, random))
      }
    }
  }

  /** In the box; mostly one that is there. */
  async #path(): Promise<string> {
    if (this.random.oneIn(3)) return `${TOP}/${anyPath(this.random)}`
    // what the host has changed may be listed and not there
    const there = this.#isTouched ? this.#host() : await this.#view()
    if (there.size === 0) return `${TOP}/a`
    return `${TOP}/${this.random.pick([...there.keys()])}${this.random.oneIn(4) ? `/${this.random.pick(NAMES)}` : ''}`
  }

  /** Nothing outside of the folder has changed, and nothing of ours is left in it. */
  async checkOutside(): Promise<void> {
    const found = difference(this.#canaries, hostTree(join(this.home, 'outside')))
    if (found !== null) throw new Broken(`outside of the folder: ${found}`)
    await this.#checkMount()
    if (readdirSync(this.home).length > 2) throw new Broken('something new beside the folder')
    const isLeft = readdirSync(this.folder).some((name) => name.startsWith('.lsmkit'))
    if (isLeft) throw new Broken('a staging directory is left')
  }

  /** The mount is where it was made. */
  async #checkMount(): Promise<void> {
    if (this.#mount === null) return
    const { fs } = this.#box
    const [mount, top] = await Promise.all([fs.stat(`${TOP}/${this.#mount}`), fs.stat(TOP)])
    if (mount.dev === top.dev) throw new Broken(`nothing is mounted on ${this.#mount}`)
  }

  #touch(): void {
    this.#change()
    this.#changes++
    this.#isTouched = true
  }

  /** By the host, in the folder alone. */
  #change(): string | null {
    const { random } = this
    const [path, other] = [anyPath(random), anyPath(random)]
    const [at, to] = [join(this.folder, path), join(this.folder, other)]
    if (!this.#isInside(path) || !this.#isInside(other)) return null
    try {
      switch (random.below(8)) {
        case 0: rmSync(at, { recursive: true }); break
        case 1: renameSync(at, to); break
        case 2: symlinkSync(random.pick([anyTarget(random), join(this.home, 'outside')]), at); break
        case 3: chmodSync(at, random.pick([0o600, 0o755])); break
        case 4: {
          const { atime, mtime } = lstatSync(at)
          writeFileSync(at, anyText(random))
          utimesSync(at, atime, mtime)
          break
        }
        case 5: mkdirSync(at, { recursive: true }); break
        default: writeFileSync(at, anyText(random))
      }
      return path
    } catch {
      return null
    }
  }

  /** No link on the way, nor at the end, so that the host's own hand stays in the folder. */
  #isInside(path: string): boolean {
    const tree = this.#host()
    const names = path.split('/')
    return names.every((_, i) => tree.get(names.slice(0, i + 1).join('/'))?.startsWith('->') !== true)
  }

  /** The changes lead from the folder to what is seen. Once the host has changed it too, it may be seen late. */
  async #explain(): Promise<void> {
    const changes = await this.#box.changes({ diffs: this.random.oneIn(4) })
    if (this.#isTouched) return
    const view = await this.#view()
    const found = difference(changed(this.#host(), changes, view, TOP), view)
    if (found !== null) throw new Broken(`changes lead elsewhere: ${found}`)
    const host = this.#host()
    for (const { kind, path, from, host: by } of changes) {
      const [at, was] = [path.slice(TOP.length + 1), from?.slice(TOP.length + 1)]
      const isReal = kind === 'removed' ? host.has(at) : kind === 'renamed' ? host.has(was!) && view.has(at) :
        at === '' || view.get(at) !== host.get(at) || kind === 'added'
      if (!isReal) throw new Broken(`${kind} ${path} does not differ`)
      if (by !== null) throw new Broken(`${path}: the host has ${by} nothing`)
    }
  }

  async #apply(patterns: readonly string[]): Promise<void> {
    const before = this.#host()
    const changes = await this.#box.changes({ diffs: false })
    const view = this.#isTouched ? null : await this.#view()
    const code = await refusal(() => this.#box.apply(patterns, { outsideLinks: true }))
    const after = this.#host()
    if (difference(before, after) !== null) this.#changes++
    if (code !== null) {
      const found = difference(before, after)
      if (found !== null) throw new Broken(`refused with ${code}, but written: ${found}`)
      if (view !== null) throw new Broken(`apply is refused with ${code}`)
      return
    }
    const blamed = changes.filter(({ host }) => host !== null).map(({ path }) => path.slice(TOP.length + 1))
    for (const path of blamed) {
      if (patterns[0] === '**') throw new Broken(`applied, though the host has changed ${path}`)
    }
    if (view === null) return
    const seen = difference(view, await this.#view())
    if (seen !== null) throw new Broken(`apply changes what is seen: ${seen}`)
    if (patterns[0] !== '**') return
    const found = difference(view, after)
    if (found !== null) throw new Broken(`applied is something else: ${found}`)
    const left = await this.#box.changes({ diffs: false })
    if (left.length > 0) throw new Broken(`${left[0]!.path} is left after all was applied`)
  }

  async #discard(): Promise<void> {
    await this.#box.discard()
    this.#isTouched = false
    const found = difference(this.#host(), await this.#view())
    if (found !== null) throw new Broken(`discarded, but seen: ${found}`)
  }

  async #keep(): Promise<void> {
    if (this.#isTouched) return
    this.#snapshot = { of: await this.#box.snapshot(), view: await this.#view(), at: this.#changes }
  }

  /** Where nothing was applied meanwhile it is what it was; in another box it is a branch. */
  async #restore(): Promise<void> {
    if (this.#snapshot === null) return
    const { of, view, at } = this.#snapshot
    const before = this.#host()
    if (this.random.oneIn(2) && (this.#mount === null || this.#isFree(this.#mount))) {
      await this.#box.close()
      await this.open()
    }
    await this.#box.restore(of)
    this.#isTouched = at !== this.#changes
    if (difference(before, this.#host()) !== null) throw new Broken('to restore changes the host')
    if (this.#isTouched) return
    const found = difference(view, await this.#view())
    if (found !== null) throw new Broken(`restored is something else: ${found}`)
  }
}

const play = async (seed: number, session: Session): Promise<string | null> => {
  const world = new World(new Random(seed))
  try {
    await world.open()
    for (let i = 0; i < STEPS; i++) {
      await world.step()
      await world.checkOutside()
      session.step()
    }
    return null
  } catch (error) {
    if (error instanceof Broken) return error.message
    throw error
  } finally {
    await world.close()
  }
}

export const cow = seedFuzzer(async (seed, session) => {
  const wrong = await play(seed, session)
  if (wrong !== null) session.found('wrong-answer', `${seed}\n`, wrong)
})
