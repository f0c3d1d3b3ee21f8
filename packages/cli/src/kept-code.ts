/**
 * Compiled code that one run leaves to the next: a file for each command of each version, in the cache folder of the
 * user. A writer of such a file can make the command do anything, so only the user's own files count.
 */
import {
  closeSync, existsSync, fstatSync, lstatSync, mkdirSync, openSync, readdirSync, readSync, renameSync, rmSync,
  writeFileSync,
} from 'node:fs'
import type { Stats } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

/** Of one script, by its name. */
type Piece = readonly [name: string, code: Uint8Array]

export interface KeptCode {
  /** The code kept of a script, undefined if there is none. */
  read(name: string): Uint8Array | undefined
  /** Leaves it. A home that is full or read-only is not an error: the next run compiles again. */
  write(pieces: readonly Piece[]): void
}

/** Versions that are kept: an update leaves the code of the one before it. */
const VERSIONS = 4

/** Null where the user wants none, as Node lets them say it. */
const cacheFolder = (): string | null => {
  const { NODE_DISABLE_COMPILE_CACHE, XDG_CACHE_HOME, LOCALAPPDATA } = process.env
  if (NODE_DISABLE_COMPILE_CACHE !== undefined) return null
  const home = process.platform === 'win32' ? LOCALAPPDATA : XDG_CACHE_HOME
  return join(home === undefined || home === '' ? join(homedir(), '.cache') : home, 'lsmkit')
}

const WRITABLE_BY_OTHERS = 0o022

/** Windows knows neither numbers of users nor bits; there the folder is the user's own. */
const isOurs = ({ uid, mode }: Stats): boolean =>
  process.getuid === undefined || (uid === process.getuid() && (mode & WRITABLE_BY_OTHERS) === 0)

/** Bytes of the second copy that are compared at once: so few that the processor has them at hand. */
const WINDOW = 65_536

/** The first of the two copies that a file is made of; undefined where the second is another. */
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

const readOurs = (path: string): Buffer | undefined => {
  let fd = -1
  try {
    fd = openSync(path, 'r')
    const stats = fstatSync(fd)
    return isOurs(stats) ? readTwice(fd, stats.size) : undefined
  } catch {
    return undefined
  } finally {
    if (fd >= 0) closeSync(fd)
  }
}

/** Folders of versions that have not been made lately are of programs that are not there any more. */
const removeOld = (folder: string): void => {
  const made = (name: string): number => lstatSync(join(folder, name)).mtimeMs
  const byAge = readdirSync(folder).map((name) => ({ name, at: made(name) })).sort((a, b) => b.at - a.at)
  for (const { name } of byAge.slice(VERSIONS)) rmSync(join(folder, name), { recursive: true, force: true })
}

/** Whether it is there and ours. */
const makeVersion = (folder: string, version: string): boolean => {
  const path = join(folder, version)
  const isNew = mkdirSync(path, { recursive: true, mode: 0o700 }) !== undefined
  if (!isOurs(lstatSync(path))) return false
  if (isNew) removeOld(folder)
  return true
}

const writeOurs = (folder: string, version: string, file: string, code: Uint8Array): void => {
  const temporary = join(folder, version, `${file}.${process.pid}`)
  try {
    if (!makeVersion(folder, version)) return
    writeFileSync(temporary, code, { flag: 'wx', mode: 0o600 })
    renameSync(temporary, join(folder, version, file))
  } catch {
    if (existsSync(temporary)) rmSync(temporary, { force: true })
  }
}

const NEWLINE = 10

/** V8 reads code where it lies if that is a multiple of so many bytes, and makes a copy of it otherwise. */
const ALIGNMENT = 8
const aligned = (length: number): number => Math.ceil(length / ALIGNMENT) * ALIGNMENT

/**
 * A line of JSON with names and lengths, the pieces one after the other, and all of it once more: V8 does not notice
 * a damaged byte, it dies of it, and to compare two copies is quicker than any checksum that Node has.
 */
const joined = (pieces: readonly Piece[]): Uint8Array => {
  const head = JSON.stringify(pieces.map(([name, code]) => [name, code.length]))
  const once = [Buffer.from(`${head}\n`), ...pieces.map(([, code]) => code)]
    .map((part) => Buffer.concat([part], aligned(part.length)))
  return Buffer.concat([...once, ...once])
}

const split = (once: Buffer): Map<string, Uint8Array> => {
  const pieces = new Map<string, Uint8Array>()
  const head = once.toString('utf8', 0, once.indexOf(NEWLINE))
  let at = aligned(head.length + 1)
  for (const [name, length] of JSON.parse(head) as [name: string, length: number][]) {
    pieces.set(name, once.subarray(at, at + length))
    at += aligned(length)
  }
  return at === once.length ? pieces : new Map()
}

const piecesOf = (path: string): Map<string, Uint8Array> => {
  const once = readOurs(path)
  try {
    return once === undefined ? new Map() : split(once)
  } catch {
    return new Map()
  }
}

/** `id` is of the program's text, `word` the command: each keeps what it needs, and no more. */
export const keptCode = (id: string, word: string | undefined): KeptCode => {
  const folder = cacheFolder()
  if (folder === null) return { read: () => undefined, write: () => {} }
  const version = `${id}-${process.version}-${process.arch}`
  const file = word !== undefined && /^[a-z]{2,20}$/.test(word) ? word : 'help'
  const pieces = piecesOf(join(folder, version, file))
  return {
    read: (name) => pieces.get(name),
    // what this run did without may be of use to the next
    write: (made) => writeOurs(folder, version, file, joined([...new Map([...pieces, ...made])])),
  }
}
