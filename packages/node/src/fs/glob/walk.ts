/** The walk of `fs.glob`: a directory is read only if a pattern can match below it. */
import { posix } from 'node:path'
import { DT_DIR, EACCES, ELOOP, ENAMETOOLONG, ENOENT, ENOTDIR, S_IFMT } from '@lsmkit/abi'
import { Dirent, FileError } from '@lsmkit/kernel/files'
import type { TaskFiles } from '@lsmkit/kernel/files'
import { typedEntries } from '../calls/directories.ts'
import { isAnyDepth } from './pattern.ts'
import type { Segments } from './pattern.ts'

/** A path as the pattern spells it, and the entry that it is. */
export interface Match {
  readonly path: string
  readonly dirent: Dirent
}
/** Asked once for each entry, with its whole path. A directory that is left out is not read either. */
export type LeavesOut = (dirent: Dirent, whole: string) => boolean

interface Entry {
  readonly name: string
  /** DT_*. */
  readonly type: number
}
/** Where a walk stands: a path, relative to the start or absolute, and the number of the segment that comes next. */
interface Standing {
  readonly path: string
  readonly type: number
  readonly at: number
}

const hidden: readonly number[] = [ENOENT, ENOTDIR, EACCES, ELOOP, ENAMETOOLONG]

/** What a look at a file gives; null where nothing is there, or the task may not look. */
const ifSeen = <T>(look: () => T): T | null => {
  try {
    return look()
  } catch (error) {
    if (error instanceof FileError && hidden.includes(-error.errno)) return null
    throw error
  }
}

const direntOf = (whole: string, type: number): Dirent =>
  new Dirent({ name: posix.basename(whole), parentPath: posix.dirname(whole), type })

/** Walks of several patterns over the same files. */
export class GlobWalk {
  readonly #files: TaskFiles
  readonly #cwd: string
  readonly #leavesOut: LeavesOut
  /** By whole path. */
  readonly #lists = new Map<string, readonly Entry[]>()
  readonly #given = new Set<string>()

  constructor(files: TaskFiles, cwd: string, leavesOut: LeavesOut) {
    this.#files = files
    this.#cwd = cwd
    this.#leavesOut = leavesOut
  }

  /** Gives the paths that match, without those that an earlier call gave. Throws FileError. */
  *matches(segments: Segments): Generator<Match> {
    const isAbsolute = segments[0] === '' && segments.length > 1
    const todo: Standing[] = [{ path: isAbsolute ? '/' : '.', type: DT_DIR, at: isAbsolute ? 1 : 0 }]
    const seen = new Set<string>()
    for (let standing = todo.pop(); standing !== undefined; standing = todo.pop()) {
      const { path, type, at } = standing
      const key = `${at} ${path}`
      if (seen.has(key)) continue
      seen.add(key)
      if (at < segments.length) todo.push(...this.#next(standing, segments))
      else if (!this.#given.has(path)) {
        this.#given.add(path)
        yield { path, dirent: direntOf(this.#whole(path), type) }
      }
    }
  }

  #next({ path, type, at }: Standing, segments: Segments): Standing[] {
    const segment = segments[at]!
    const isLast = at === segments.length - 1
    // what comes after a `/` at the end
    if (segment === '') return type === DT_DIR ? [{ path, type, at: at + 1 }] : []
    if (typeof segment === 'string') return this.#literal(path, segment, at, isLast)
    const standing = ({ name, type: found }: Entry, next: number): Standing =>
      ({ path: posix.join(path, name), type: found, at: next })
    const mayMatch = ({ type: found }: Entry): boolean => isLast || found === DT_DIR
    if (!isAnyDepth(segment)) {
      return this.#list(path).filter((entry) => mayMatch(entry) && (segment as RegExp).test(entry.name))
        .map((entry) => standing(entry, at + 1))
    }
    const below = this.#list(path).filter((entry) => mayMatch(entry) && !entry.name.startsWith('.'))
    return [...below.map((entry) => standing(entry, entry.type === DT_DIR ? at : at + 1)), { path, type, at: at + 1 }]
  }

  /** A name that the pattern spells leads over links, as long as more follows. */
  #literal(path: string, name: string, at: number, isLast: boolean): Standing[] {
    const next = posix.join(path, name)
    const whole = this.#whole(next)
    const stat = ifSeen(() => (isLast ? this.#files.lstat(whole) : this.#files.stat(whole)))
    if (stat === null) return []
    const type = (stat.mode & S_IFMT) >> 12
    return this.#leavesOut(direntOf(whole, type), whole) ? [] : [{ path: next, type, at: at + 1 }]
  }

  #list(path: string): readonly Entry[] {
    const whole = this.#whole(path)
    const known = this.#lists.get(whole)
    if (known !== undefined) return known
    const entries = (ifSeen(() => typedEntries(this.#files, whole)) ?? [])
      .filter(({ name, type }) =>
        !this.#leavesOut(new Dirent({ name, parentPath: whole, type }), posix.join(whole, name)))
    this.#lists.set(whole, entries)
    return entries
  }

  #whole(path: string): string {
    return posix.resolve(this.#cwd, path)
  }
}
