/**
 * Files of compiled code, where one run leaves them and a later one finds them. A writer of such a file can make the
 * command do anything, so only files of the user count, and of whoever owns the command itself.
 */
import {
  closeSync, existsSync, fstatSync, lstatSync, mkdirSync, openSync, readdirSync, readSync, renameSync, rmSync,
  statSync, writeFileSync,
} from 'node:fs'
import type { Stats } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { Scratch } from './scratch.ts'

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

/** Fills `bytes` from that place of a file on. Answers whether it has so many. */
export const readAll = (fd: number, bytes: Uint8Array, from = 0): boolean => {
  let at = 0
  for (let length = -1; at < bytes.length && length !== 0; at += length) {
    length = readSync(fd, bytes, at, bytes.length - at, from + at)
  }
  return at === bytes.length
}

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
    if (!readAll(this.#fd, once, from)) return undefined
    for (let at = 0; at < length; at += WINDOW) {
      const again = this.#window.subarray(0, Math.min(WINDOW, length - at))
      if (!readAll(this.#fd, again, this.size + from + at)) return undefined
      if (!again.equals(once.subarray(at, at + again.length))) return undefined
    }
    return once
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

/** The files of one version of the command. */
export class KeptFiles {
  readonly #beside: string | null
  readonly #version: string
  readonly #owner: number
  /** `node_modules` of another user gets no file of ours. */
  readonly #mayWrite: (folder: string) => boolean

  /** `program`: the folder of the command. */
  constructor(version: string, program: string) {
    const beside = folderBeside(program)
    this.#beside = beside
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
      const found = openOwned(join(folder, this.#version, file), [us(), this.#owner], scratch)
      if (found !== undefined) return found
    }
    return undefined
  }

  /** Writes both copies, in the first folder that can be written. If there is none, the next run compiles again. */
  write(file: string, once: Uint8Array): void {
    for (const folder of this.#folders()) if (this.#writeIn(folder, file, once)) return
  }

  #writeIn(folder: string, file: string, once: Uint8Array): boolean {
    const path = join(folder, this.#version)
    const temporary = join(path, `${file}.${process.pid}`)
    try {
      if (!this.#mayWrite(folder) || !this.#make(folder, path)) return false
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
