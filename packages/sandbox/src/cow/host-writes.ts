/**
 * Steps in a folder of the host that can be undone: contents are staged in a directory of the folder, names are put in
 * their place by one rename or link each, and what goes is kept beside the staged contents until all is done.
 */
import { hexText } from '@lsmkit/abi'
import { LsmkitError } from '@lsmkit/core/option-rules'
import { FileError } from '@lsmkit/kernel/files'
import type { HostTree, HostTreeFile, HostTreeStat } from '@lsmkit/kernel/hostfs'
import { partsOf } from './contents.ts'
import type { Label } from './labels.ts'
import type { UpperLayer } from './upper-layer.ts'
import { joined } from './differences.ts'
import { NAMES, STAGING } from './unfinished.ts'

/** The host has another file there than the one that was looked at. */
export class HostMoved extends LsmkitError<'host-moved'> {
  readonly path: string

  constructor(path: string) {
    super('host-moved', 'the host has changed a name meanwhile')
    this.path = path
  }
}

/** Whether it is still the same, whatever names it has. */
export const isUntouched = (a: HostTreeStat, b: HostTreeStat): boolean =>
  a.dev === b.dev && a.ino === b.ino && a.kind === b.kind && a.mode === b.mode &&
  (a.kind === 'dir' || (a.size === b.size && a.mtimeNs === b.mtimeNs))

/** A file that is staged. */
interface NewFile {
  readonly mode: number
  /** The file that it replaces, whose owner it gets. */
  readonly owner: HostTreeStat | null
  readonly labels: readonly Label[]
}

/** Permissions of a directory while it has no labels yet. */
const PRIVATE = 0o700

/** File systems without hard links. */
const NO_LINKS: ReadonlySet<string> = new Set(['EPERM', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EXDEV'])

export class HostWrites {
  readonly #tree: HostTree
  readonly #dir: string
  /** Says which file is which, to people who find the directory after a crash. */
  readonly #names: HostTreeFile
  #last = 0
  readonly #undo: (() => void)[] = []
  /** Files of ours by their new names. */
  readonly #put = new Map<string, bigint>()

  constructor(tree: HostTree) {
    this.#tree = tree
    const random = crypto.getRandomValues(new Uint8Array(8))
    this.#dir = STAGING + hexText(random)
    tree.forget()
    tree.mkdir(this.#dir, 0o700)
    this.#names = tree.create(joined(this.#dir, NAMES))
  }

  /** A new file with contents of the upper layer: its name in the staging directory. */
  stageFile(upper: UpperLayer, path: string, { mode, owner, labels }: NewFile): string {
    const name = this.#next()
    const file = this.#tree.create(name)
    try {
      for (const part of partsOf(upper, path)) file.write(part)
      for (const { name: label, value } of labels) this.#tree.setLabel(name, label, value)
      file.finish(mode, owner)
    } finally {
      file.close()
    }
    return name
  }

  stageLink(text: string, labels: readonly Label[]): string {
    const name = this.#next()
    this.#tree.symlink(text, name)
    for (const { name: label, value } of labels) this.#tree.setLabel(name, label, value)
    return name
  }

  /** Takes a name away; it is kept. Throws HostMoved where it is not `base`. */
  take(path: string, base: HostTreeStat): string {
    const name = this.#nextFor(path)
    this.#tree.rename(path, name)
    this.#undo.push(() => this.#putBack(name, path))
    this.#mustBe(name, base, path)
    return name
  }

  /** Gives a staged or taken file or link a name that nothing has. Throws HostMoved where something has it. */
  put(staged: string, path: string): void {
    const own = this.#tree.stat(staged)!
    try {
      this.#tree.link(staged, path)
      this.#put.set(path, own.ino)
      this.#undo.push(() => this.#takeBack(path, own))
    } catch (error) {
      if (!(error instanceof FileError) || !NO_LINKS.has(error.code)) throw this.#told(error, path)
      this.move(staged, path)
    }
  }

  /** One more name of a file that was put, if that has the contents of `staged`; whether it could be given. */
  linkAlso(first: string, path: string, staged: string): boolean {
    const [one, other] = [this.#tree.stat(first), this.#tree.stat(staged)]
    if (one?.kind !== 'file' || one.size !== other?.size || one.mode !== other.mode) return false
    if (!this.#put.has(first) || this.#put.get(first) !== one.ino) return false
    try {
      this.#tree.link(first, path)
    } catch {
      return false
    }
    this.#undo.push(() => this.#takeBack(path, one))
    return true
  }

  /** Moves a directory, or what has no other way, to a name that nothing has. */
  move(staged: string, path: string): void {
    if (this.#tree.stat(path) !== null) throw new HostMoved(path)
    this.#tree.rename(staged, path)
    this.#undo.push(() => this.#tree.rename(path, staged))
  }

  /** In place of a file or link, in one step: at any moment one of both is there. */
  replace(staged: string, path: string, base: HostTreeStat): void {
    const kept = this.#nextFor(path)
    this.#tree.forget()
    try {
      this.#tree.link(path, kept)
    } catch (error) {
      if (!(error instanceof FileError) || !NO_LINKS.has(error.code)) throw this.#told(error, path)
      this.take(path, base)
      return this.move(staged, path)
    }
    this.#mustBe(kept, base, path)
    this.#tree.rename(staged, path)
    this.#undo.push(() => this.#tree.rename(kept, path))
    // written to in between
    this.#mustBe(kept, base, path)
  }

  mkdir(path: string, mode: number, labels: readonly Label[]): void {
    try {
      this.#tree.mkdir(path, labels.length === 0 ? mode : PRIVATE)
    } catch (error) {
      throw this.#told(error, path)
    }
    this.#undo.push(() => this.#tree.rmdir(path))
    if (labels.length === 0) return
    for (const { name, value } of labels) this.#tree.setLabel(path, name, value)
    this.#tree.chmod(path, mode)
  }

  /** Of a directory that is there. */
  setLabel(path: string, { name, value }: Label): void {
    const before = this.#tree.label(path, name)
    this.#tree.setLabel(path, name, value)
    this.#undo.push(() => this.#tree.setLabel(path, name, before))
  }

  chmod(path: string, mode: number, before: number): void {
    this.#tree.chmod(path, mode)
    this.#undo.push(() => this.#tree.chmod(path, before))
  }

  /** Takes the steps back, the last one first. Returns the errors of those that could not be undone. */
  undo(): string[] {
    const failed: string[] = []
    this.#tree.forget()
    for (const step of this.#undo.toReversed()) {
      try {
        step()
      } catch (error) {
        failed.push(error instanceof FileError ? error.message : String(error))
      }
    }
    if (failed.length === 0) this.finish()
    return failed
  }

  /** Lets go of what was taken away. */
  finish(): void {
    this.#names.close()
    this.#tree.forget()
    removeTree(this.#tree, this.#dir)
  }

  #next(): string {
    return joined(this.#dir, String(++this.#last))
  }

  /** A name for what lies at `path`. It is written down before that moves. */
  #nextFor(path: string): string {
    const name = this.#next()
    this.#names.write(new TextEncoder().encode(`${JSON.stringify([String(this.#last), path])}\n`))
    return name
  }

  #mustBe(name: string, base: HostTreeStat, path: string): void {
    const now = this.#tree.stat(name)
    if (now === null || !isUntouched(now, base)) throw new HostMoved(path)
  }

  #putBack(name: string, path: string): void {
    if (this.#tree.stat(path) !== null) throw new HostMoved(path)
    this.#tree.rename(name, path)
  }

  #takeBack(path: string, own: HostTreeStat): void {
    if (this.#tree.stat(path)?.ino === own.ino) this.#tree.unlink(path)
  }

  #told(error: unknown, path: string): unknown {
    return error instanceof FileError && OTHERS.has(error.code) ? new HostMoved(path) : error
  }
}
/** Answers of the host where somebody has changed a name under our hands. */
const OTHERS: ReadonlySet<string> = new Set(['EEXIST', 'ENOENT', 'ENOTDIR', 'ELOOP', 'ESTALE'])

/** As far as it goes: directories that nobody may list are opened for us first. */
export const removeTree = (tree: HostTree, path: string): void => {
  const stat = tree.stat(path)
  if (stat === null) return
  if (stat.kind !== 'dir') return tree.unlink(path)
  if ((stat.mode & 0o700) !== 0o700) tree.chmod(path, 0o700)
  for (const name of tree.list(path)) removeTree(tree, joined(path, name))
  tree.rmdir(path)
}
