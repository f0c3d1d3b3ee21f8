/**
 * Files of compiled code, where one run leaves them and a later one finds them: of the `lsm` command, and of the thread
 * of kernels. A writer of such a file can make the program do anything, so only files of the user count, and of whoever
 * owns the program itself. It runs under Node.
 */
import {
  accessSync, closeSync, constants, existsSync, fstatSync, lstatSync, mkdirSync, openSync, readdirSync, readSync,
  renameSync, rmSync, statSync, writeFileSync,
} from 'node:fs'
import type { Stats } from 'node:fs'
import { basename, dirname, join } from 'node:path'

/** The code of one script, by its name. */
export type Piece = readonly [name: string, code: Uint8Array]

/** Versions that are kept: an update leaves the code of the one before it. */
const VERSIONS = 4

const WRITABLE_BY_OTHERS = 0o022

/** Windows knows neither numbers of users nor bits; there the folder is the user's own. */
const belongsTo = ({ uid, mode }: Stats, owners: readonly number[]): boolean =>
  process.getuid === undefined || (owners.includes(uid) && (mode & WRITABLE_BY_OTHERS) === 0)

const us = (): number => process.getuid?.() ?? 0

/** `node_modules/.cache`, where tools keep such things, for a package that lies in one which is the user's own. */
const folderBeside = (program: string): string | null => {
  for (let path = program; path !== dirname(path); path = dirname(path)) {
    if (basename(path) === 'node_modules') return join(path, '.cache', 'lsmkit')
  }
  return null
}

const homeFolder = (): string => {
  const { XDG_CACHE_HOME, LOCALAPPDATA } = process.env
  const home = process.platform === 'win32' ? LOCALAPPDATA : XDG_CACHE_HOME
  if (home !== undefined && home !== '') return join(home, 'lsmkit')
  // loaded only if it is needed
  return join(process.getBuiltinModule('node:os').homedir(), '.cache', 'lsmkit')
}

/** Bytes of the second copy that are compared at once: so few that the processor has them at hand. */
const WINDOW = 65_536

/** The first of the two copies that a file is made of; undefined if the second differs. */
const readTwice = (fd: number, size: number): Buffer | undefined => {
  const once = Buffer.allocUnsafeSlow(size / 2)
  readSync(fd, once)
  const window = Buffer.allocUnsafeSlow(WINDOW)
  let at = 0
  for (let length = -1; length !== 0; at += length) {
    length = readSync(fd, window)
    if (!window.subarray(0, length).equals(once.subarray(at, at + length))) return undefined
  }
  return at === once.length ? once : undefined
}

const readOwned = (path: string, owners: readonly number[]): Buffer | undefined => {
  let fd = -1
  try {
    fd = openSync(path, 'r')
    const stats = fstatSync(fd)
    return belongsTo(stats, owners) ? readTwice(fd, stats.size) : undefined
  } catch {
    return undefined
  } finally {
    if (fd >= 0) closeSync(fd)
  }
}

/** Folders of versions that were not made lately belong to programs that are gone. */
const removeOld = (folder: string): void => {
  const made = (name: string): number => lstatSync(join(folder, name)).mtimeMs
  const byAge = readdirSync(folder).map((name) => ({ name, at: made(name) })).sort((a, b) => b.at - a.at)
  for (const { name } of byAge.slice(VERSIONS)) rmSync(join(folder, name), { recursive: true, force: true })
}

const NEWLINE = 10
/** V8 reads code where it lies if that is a multiple of so many bytes, and makes a copy of it otherwise. */
const ALIGNMENT = 8
const aligned = (length: number): number => Math.ceil(length / ALIGNMENT) * ALIGNMENT

/** A line of JSON, and the pieces one after the other. */
export const joinPieces = (head: object, pieces: readonly Piece[]): Uint8Array => {
  const line = JSON.stringify({ ...head, pieces: pieces.map(([name, code]) => [name, code.length]) })
  return Buffer.concat([Buffer.from(`${line}\n`), ...pieces.map(([, code]) => code)]
    .map((part) => Buffer.concat([part], aligned(part.length))))
}

/** Undefined for anything that `joinPieces` has not made. */
export const splitPieces = <Head extends object>(
  once: Buffer,
): { head: Head; pieces: Map<string, Uint8Array> } | undefined => {
  try {
    const pieces = new Map<string, Uint8Array>()
    const text = once.toString('utf8', 0, once.indexOf(NEWLINE))
    const head = JSON.parse(text) as Head & { readonly pieces: readonly (readonly [name: string, length: number])[] }
    let at = aligned(text.length + 1)
    for (const [name, length] of head.pieces) {
      pieces.set(name, once.subarray(at, at + length))
      at += aligned(length)
    }
    return at === once.length ? { head, pieces } : undefined
  } catch {
    return undefined
  }
}

/**
 * The files of one version of a program. Each has all of it twice: V8 does not notice a damaged byte, it dies of it,
 * and to compare two copies is quicker than any checksum that Node has.
 */
export class KeptFiles {
  readonly #beside: string | null
  readonly #below: string
  readonly #version: string
  readonly #owner: number
  /** `node_modules` of another user gets no file of ours. */
  readonly #mayWrite: (folder: string) => boolean

  /** `program`: the folder of the program. `below`: a folder for its versions, where it is not the command. */
  constructor(version: string, program: string, below = '') {
    const beside = folderBeside(program)
    this.#beside = beside
    this.#below = below
    this.#version = version
    this.#owner = statSync(program).uid
    this.#mayWrite = (folder) =>
      folder !== beside || process.getuid === undefined || statSync(dirname(dirname(folder))).uid === us()
  }

  /** In the order in which they are looked through. The home is looked up only if the first does not do. */
  *#folders(): Generator<string> {
    if (this.#beside !== null) yield this.#beside
    yield homeFolder()
  }

  read(file: string): Buffer | undefined {
    for (const folder of this.#folders()) {
      const found = readOwned(join(folder, this.#below, this.#version, file), [us(), this.#owner])
      if (found !== undefined) return found
    }
    return undefined
  }

  /**
   * Writes both copies, in the first folder that can be written. If there is none, the next run compiles again, and
   * `make` is not called.
   */
  write(file: string, make: () => Uint8Array): void {
    for (const folder of this.#folders()) if (this.#writeIn(folder, file, make)) return
  }

  #writeIn(folder: string, file: string, make: () => Uint8Array): boolean {
    const path = join(folder, this.#below, this.#version)
    const temporary = join(path, `${file}.${process.pid}`)
    try {
      if (!this.#mayWrite(folder) || !this.#make(join(folder, this.#below), path)) return false
      accessSync(path, constants.W_OK)
      const once = make()
      writeFileSync(temporary, Buffer.concat([once, once]), { flag: 'wx', mode: 0o644 })
      renameSync(temporary, join(path, file))
      return true
    } catch {
      if (existsSync(temporary)) rmSync(temporary, { force: true })
      return false
    }
  }

  /** Whether the version's folder is there and ours. */
  #make(folder: string, path: string): boolean {
    const isNew = mkdirSync(path, { recursive: true, mode: 0o755 }) !== undefined
    if (!belongsTo(lstatSync(path), [us()])) return false
    if (isNew) removeOld(folder)
    return true
  }
}
