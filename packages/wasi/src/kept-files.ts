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

/** Memory for bytes that are looked at once: a page of new memory takes longer to get than to fill. */
export class Scratch {
  #bytes = Buffer.alloc(0)

  /** Room for so many bytes. Pages of it are taken when they are written to. */
  reserve(length: number): void {
    if (length > this.#bytes.length) this.#bytes = Buffer.allocUnsafeSlow(length)
  }

  /** So many bytes, until the next call. */
  take(length: number): Buffer {
    this.reserve(length)
    return this.#bytes.subarray(0, length)
  }
}

/** Fills `bytes` from that place of a file on. Answers whether it has so many. */
export const readAll = (fd: number, bytes: Uint8Array, from = 0): boolean => {
  let at = 0
  for (let length = -1; at < bytes.length && length !== 0; at += length) {
    length = readSync(fd, bytes, at, bytes.length - at, from + at)
  }
  return at === bytes.length
}

/** Bytes of the second copy that are compared at once: so few that the processor has them at hand. */
const WINDOW = 65_536

/** A file that has all of its bytes twice, read in pieces. */
export class KeptFile {
  /** Bytes of one copy; not a whole number for a file that is damaged. */
  readonly size: number
  readonly #fd: number
  readonly #scratch: Scratch
  readonly #window: Buffer

  constructor(fd: number, size: number, scratch: Scratch) {
    this.#fd = fd
    this.size = size / 2
    this.#scratch = scratch
    this.#window = Buffer.allocUnsafeSlow(Math.min(WINDOW, Math.ceil(this.size)))
    scratch.reserve(Math.ceil(this.size))
  }

  /** Bytes that are the same in both copies, valid until more are read; undefined if they are not the same. */
  bytes(from: number, length: number): Buffer | undefined {
    const once = this.#scratch.take(length)
    try {
      return readAll(this.#fd, once, from) && this.#isAgain(once, from) ? once : undefined
    } catch {
      // a folder, or a disk that fails
      return undefined
    }
  }

  /** Whether the second copy has the same bytes there. */
  #isAgain(once: Buffer, from: number): boolean {
    for (let at = 0; at < once.length; at += WINDOW) {
      const again = this.#window.subarray(0, Math.min(WINDOW, once.length - at))
      if (!readAll(this.#fd, again, this.size + from + at)) return false
      if (!again.equals(once.subarray(at, at + again.length))) return false
    }
    return true
  }

  close(): void {
    closeSync(this.#fd)
  }
}

/** The file stays open if it counts. */
const openOwned = (path: string, owners: readonly number[], scratch: Scratch): KeptFile | undefined => {
  let fd = -1
  try {
    fd = openSync(path, 'r')
    const stats = fstatSync(fd)
    if (belongsTo(stats, owners)) return new KeptFile(fd, stats.size, scratch)
  } catch {
    // there is no such file, or this user may not read it
  }
  if (fd >= 0) closeSync(fd)
  return undefined
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

type Place = readonly [at: number, length: number]

/** The first line of a file of so many bytes, and where its pieces lie. Throws for what `joinPieces` has not made. */
const parsed = <Head extends object>(text: string, size: number): { head: Head; places: Map<string, Place> } => {
  const head = JSON.parse(text) as Head & { readonly pieces: readonly (readonly [name: string, length: number])[] }
  const places = new Map<string, Place>()
  let at = aligned(text.length + 1)
  for (const [name, length] of head.pieces) {
    places.set(name, [at, length])
    at += aligned(length)
  }
  if (at !== size) throw new RangeError('its pieces are not as long as it is')
  return { head, places }
}

/** Bytes that are looked through for the end of the first line. */
const FIRST = 16_384

const firstLine = (file: KeptFile): string | undefined => {
  for (let length = FIRST; Number.isInteger(file.size); length *= 2) {
    const bytes = file.bytes(0, Math.min(length, file.size))
    const end = bytes?.indexOf(NEWLINE) ?? -1
    if (end >= 0) return bytes!.toString('utf8', 0, end)
    if (bytes === undefined || length >= file.size) return undefined
  }
  return undefined
}

/** The pieces of a file that `joinPieces` has made, each read when it is asked for. */
export class KeptPieces<Head extends object> {
  /** That of the file, or the one of a file without pieces. */
  readonly head: Head
  readonly #file: KeptFile | undefined
  readonly #places: ReadonlyMap<string, Place>

  constructor(file: KeptFile | undefined, none: Head) {
    this.#file = file
    let found: { head: Head; places: ReadonlyMap<string, Place> } = { head: none, places: new Map() }
    try {
      const line = file === undefined ? undefined : firstLine(file)
      if (line !== undefined) found = parsed<Head>(line, file!.size)
    } catch {
      // not a file of ours
    }
    this.head = found.head
    this.#places = found.places
  }

  /** Valid until more is read. */
  read(name: string): Uint8Array | undefined {
    const [at, length] = this.#places.get(name) ?? [0, -1]
    return length < 0 ? undefined : this.#file!.bytes(at, aligned(length))?.subarray(0, length)
  }

  /** Copies of the pieces that have none of these names. */
  except(names: ReadonlySet<string>): Piece[] {
    return [...this.#places.keys()].flatMap((name): Piece[] => {
      const code = names.has(name) ? undefined : this.read(name)
      return code === undefined ? [] : [[name, Uint8Array.from(code)]]
    })
  }

  close(): void {
    this.#file?.close()
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

  /** `scratch` has its bytes while they are looked at. */
  open(file: string, scratch: Scratch): KeptFile | undefined {
    for (const folder of this.#folders()) {
      const found = openOwned(join(folder, this.#below, this.#version, file), [us(), this.#owner], scratch)
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
