/** Files that commands write: each of them whole, and all of them or none. */
import { chownSync, mkdirSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import type { Stats } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { reading, statIfAny } from './host-file.ts'
import type { Io } from './io.ts'

export interface OutputFile {
  /** As it was typed. */
  readonly name: string
  readonly contents: string | Uint8Array
  /** Permission bits of a new file; one that is there keeps its own (default: those that the umask leaves). */
  readonly mode?: number
}

interface Prepared {
  readonly name: string
  /** Lies beside the file, and gets its name. */
  readonly temporary: string
  readonly path: string
}

const PERMISSIONS = 0o7777
/** The folder takes no other file, or the file cannot get another name: it is written in place then. */
const ONLY_IN_PLACE: ReadonlySet<string> = new Set(['EACCES', 'EPERM', 'EROFS', 'EBUSY'])

/**
 * Writes all files, or none of them: each is written beside its place first. A link leads to its file. Pipes and
 * devices are written in place, before any file gets its name. Throws CommandError for the first that fails.
 */
export const writeFiles = (io: Io, files: readonly OutputFile[]): void => {
  const prepared: Prepared[] = []
  try {
    const inPlace = files.filter((file) => {
      const made = prepare(io, file)
      if (made !== null) prepared.push(made)
      return made === null
    })
    for (const { name, contents, mode } of inPlace) {
      reading(name, () => writeFileSync(resolve(io.cwd, name), contents, mode === undefined ? {} : { mode }), 'written')
    }
    for (const { name, temporary, path } of prepared) reading(name, () => renameSync(temporary, path), 'written')
  } finally {
    for (const { temporary } of prepared) rmSync(temporary, { force: true })
  }
}

export const writeFile = (io: Io, name: string, contents: string | Uint8Array): void =>
  writeFiles(io, [{ name, contents }])

/** Null for what has to be written in place. */
const prepare = (io: Io, { name, contents, mode = 0o666 }: OutputFile): Prepared | null => {
  const before = statIfAny(io, name)
  if (before !== null && !before.isFile()) return null
  const path = before === null ? resolve(io.cwd, name) : realpathSync(resolve(io.cwd, name))
  const temporary = join(dirname(path), `.${basename(path).slice(0, 200)}.${process.pid}`)
  try {
    writeFileSync(temporary, contents, { mode: before === null ? mode : before.mode & PERMISSIONS, flag: 'wx' })
    if (before !== null) keepOwner(temporary, before)
    return { name, temporary, path }
  } catch (error) {
    rmSync(temporary, { force: true })
    if (before !== null && ONLY_IN_PLACE.has((error as NodeJS.ErrnoException).code ?? '')) return null
    return reading(name, () => {
      throw error
    }, 'written')
  }
}

const keepOwner = (temporary: string, { uid, gid }: Stats): void => {
  if (process.getuid !== undefined && (uid !== process.getuid() || gid !== process.getgid!())) {
    chownSync(temporary, uid, gid)
  }
}

/**
 * Makes a folder of the host and those above it. One by one: where the host answers ENOENT for a folder that is there,
 * as below /proc, Node's own recursion does not end.
 */
export const makeFolder = (io: Io, name: string, mode?: number): void => {
  if (statIfAny(io, name)?.isDirectory() === true) return
  const above = dirname(resolve(io.cwd, name))
  if (above !== resolve(io.cwd, name)) makeFolder(io, above, mode)
  reading(name, () => mkdirSync(resolve(io.cwd, name), mode === undefined ? {} : { mode }), 'made')
}
