/**
 * The files of a box at a moment, as data: what lies in its memory, with modes, owners, times and attributes. Folders
 * of the host are not in it, but the upper layers of those that are copied on write.
 */
import {
  AT_FDCWD, AT_SYMLINK_NOFOLLOW, S_IFCHR, S_IFBLK, S_IFDIR, S_IFIFO, S_IFLNK, S_IFMT, S_IFREG, S_IFSOCK,
} from '@lsmkit/abi'
import type { Path, Task } from '@lsmkit/core'
import { Kstat } from '@lsmkit/kernel/boot'
import type { Kernel } from '@lsmkit/kernel'
import { TaskFiles } from '@lsmkit/kernel/files'
import { attributesOf } from './fs/fs-calls.ts'
import type { FileContents, KnownFiles } from './known-files.ts'
import type { InodeNumbers } from './names/link-guard.ts'
import type { NamedPlaces } from './names/named-places.ts'
import { must } from './subject.ts'

export interface SnapshotEntry extends FileContents {
  readonly path: string
  readonly mode: number
  readonly uid: number
  readonly gid: number
  /** Seconds and nanoseconds. */
  readonly atime: readonly [number, number]
  readonly mtime: readonly [number, number]
  /** The path that it is another name of. */
  readonly linkTo: string | null
  /** The function of `files` that still has the contents. */
  readonly late?: string
}

/** The place of a name of the policy at that moment. */
export interface SnapshotPlace {
  /** Where it lay, without a link. */
  readonly path: string
  /** In a folder of the host, whose files are not in the snapshot: the number of the inode. */
  readonly ino: number | null
}

/** The upper layer of a folder that is copied on write. */
export interface SnapshotFolder {
  /** Inode number of the folder on the host. */
  readonly ino: number
  /** Milliseconds since 1970. Files of the host that change later have changed meanwhile. */
  readonly since: number
  /** Files that `apply` has written there, which are not changes of the host. */
  readonly own: readonly { readonly path: string; readonly ino: number; readonly ctime: string }[]
  /** Relative to the layer, whose root is `/`. */
  readonly entries: readonly SnapshotEntry[]
}

export interface Snapshot {
  readonly version: 1
  /** By name of the policy; null where what it named was gone. A name that is not here is looked up. */
  readonly places?: Readonly<Record<string, SnapshotPlace | null>>
  /** Directories before what lies in them. */
  readonly entries: readonly SnapshotEntry[]
  /** By where the folder is mounted. */
  readonly folders?: Readonly<Record<string, SnapshotFolder>>
}

/** Another name of a file has nothing of its own. */
const LINK = { data: null, attributes: [] } as const

const joined = (dir: string, name: string): string => (dir === '/' ? `/${name}` : `${dir}/${name}`)

/** The names of the policy, and the devices of folders of the host. */
export interface NamedThere {
  readonly places: NamedPlaces
  readonly folders: ReadonlySet<number>
  /** Whether an open path lies in a folder that is copied on write. */
  readonly isCopied: (path: Path) => boolean
  /** The function that has the contents of a file; null if they are there. */
  readonly lateName: (stat: InodeNumbers) => string | null
}

/**
 * `roots`: where file systems in memory are mounted; other mounts below them are left out. `files`: those of the
 * snapshot before, for one that nobody outside gets.
 */
export const takeSnapshot = (
  kernel: Kernel, task: Task, roots: readonly string[], there: NamedThere | null = null,
  files: KnownFiles | null = null,
): Snapshot => {
  const { sys } = kernel
  const found = new Map<string, string>()
  const policyNames = [...there?.places.descriptors.keys() ?? []]
  const wanted = new Set(policyNames.map((name) => key(there!.places.numbersOf(name))))
  const kept = new Set<number>()
  const fs = new TaskFiles(kernel, task)
  const entries: SnapshotEntry[] = []
  files?.begin()
  for (const root of roots) {
    const names = new Map<number, string>()
    const stat = new Kstat()
    must(sys.lstat(task, root, stat), root)
    const { dev } = stat
    kept.add(dev)
    const walk = (path: string): void => {
      if (sys.lstat(task, path, stat) !== 0 || stat.dev !== dev) return
      const { mode, uid, gid, ino, nlink, rdev } = stat
      const place = key(stat)
      if (wanted.has(place) && !found.has(place)) found.set(place, path)
      const type = mode & S_IFMT
      const atime = [stat.atime_sec, stat.atime_nsec] as const
      const mtime = [stat.mtime_sec, stat.mtime_nsec] as const
      const known = type === S_IFDIR || nlink === 1 ? undefined : names.get(ino)
      if (type !== S_IFDIR && nlink > 1 && known === undefined) names.set(ino, path)
      const late = type === S_IFREG && known === undefined ? there?.lateName(stat) ?? null : null
      const read = () => ({ data: dataOf(fs, path, type, rdev), attributes: keptAttributes(fs, path) })
      const contents = known !== undefined ? LINK
        : files === null || late !== null ? read() : files.contents(place, stat, read)
      entries.push({
        path, mode, uid, gid, atime, mtime, linkTo: known ?? null, ...contents, ...(late === null ? {} : { late }),
      })
      if (type === S_IFDIR) for (const { name } of fs.readdir(path)) walk(joined(path, name))
    }
    walk(root)
  }
  files?.end(entries)
  return { version: 1, entries, places: there === null ? {} : placesOf(there, kept, found) }
}

const key = ({ dev, ino }: InodeNumbers): string => `${dev}:${ino}`

/** `kept`: devices of what is in the snapshot; `found`: paths in it, by inode. What the kernel makes is left out. */
const placesOf = (
  { places, folders, isCopied }: NamedThere, kept: ReadonlySet<number>, found: ReadonlyMap<string, string>,
): Record<string, SnapshotPlace | null> =>
  Object.fromEntries([...places.descriptors.keys()].flatMap((name): [string, SnapshotPlace | null][] => {
    if (isCopied(places.pathOf(name))) {
      return [[name, places.isGone(name) ? null : { path: places.realOf(name), ino: null }]]
    }
    const { dev, ino } = places.numbersOf(name)
    const path = found.get(key({ dev, ino }))
    if (path !== undefined) return [[name, { path, ino: null }]]
    if (kept.has(dev)) return [[name, null]]
    if (!folders.has(dev)) return []
    return [[name, places.isGone(name) ? null : { path: places.realOf(name), ino }]]
  }))

const dataOf = (fs: TaskFiles, path: string, type: number, rdev: number): SnapshotEntry['data'] => {
  if (type === S_IFREG) return fs.readFile(path)
  if (type === S_IFLNK) return fs.readlink(path)
  return type === S_IFCHR || type === S_IFBLK ? rdev : null
}

/** Those that modules keep and users have set; what a module answers without keeping it cannot be set again. */
const keptAttributes = (fs: TaskFiles, path: string): SnapshotEntry['attributes'] => {
  const kept = attributesOf(fs, path, false)
  return kept.list().map((name) => [name, kept.get(name)])
}

/** Makes the roots what they were: what has come since goes, what has gone or changed comes back. */
export const restoreSnapshot = (kernel: Kernel, task: Task, roots: readonly string[], snapshot: Snapshot): void => {
  const { sys } = kernel
  const fs = new TaskFiles(kernel, task)
  const kept = new Set(snapshot.entries.map(({ path }) => path))
  const stat = new Kstat()
  for (const root of roots) {
    must(sys.lstat(task, root, stat), root)
    prune(kernel, task, fs, root, stat.dev, kept)
  }
  for (const entry of snapshot.entries) {
    const type = entry.mode & S_IFMT
    const rc = sys.lstat(task, entry.path, stat)
    const isSame = rc === 0 && (stat.mode & S_IFMT) === type && type === S_IFDIR
    if (rc === 0 && !isSame) fs.remove(entry.path)
    if (!isSame) make(kernel, task, fs, entry, type)
    if (entry.linkTo === null) dress(kernel, task, fs, entry, type)
  }
  // a directory is changed by what is made in it
  for (const entry of snapshot.entries.toReversed()) setTimes(kernel, task, entry)
}

/** Takes away what the snapshot does not have; what other file systems are mounted on stays. */
const prune = (
  kernel: Kernel, task: Task, fs: TaskFiles, dir: string, dev: number, kept: ReadonlySet<string>,
): void => {
  const stat = new Kstat()
  for (const { name } of fs.readdir(dir)) {
    const path = joined(dir, name)
    if (kernel.sys.lstat(task, path, stat) !== 0 || stat.dev !== dev) continue
    if (!kept.has(path)) fs.remove(path)
    else if ((stat.mode & S_IFMT) === S_IFDIR) prune(kernel, task, fs, path, dev, kept)
  }
}

const make = (
  { sys }: Kernel, task: Task, fs: TaskFiles, { path, mode, data, linkTo }: SnapshotEntry, type: number,
): void => {
  if (linkTo !== null) return fs.link(linkTo, path)
  switch (type) {
    case S_IFREG: return fs.writeFile(path, data as Uint8Array, undefined, mode & 0o7777)
    case S_IFDIR: return fs.mkdir(path, mode & 0o7777)
    case S_IFLNK: return fs.symlink(data as string, path)
    case S_IFCHR: case S_IFBLK: return void must(sys.mknod(task, path, mode, data as number), path)
    case S_IFIFO: return void must(sys.mknod(task, path, mode, 0), path)
    case S_IFSOCK: return void must(sys.mknod(task, path, mode, 0), path)
  }
}

const dress = (
  { sys }: Kernel, task: Task, fs: TaskFiles, { path, mode, uid, gid, attributes }: SnapshotEntry, type: number,
): void => {
  fs.chown(path, uid, gid, false)
  if (type !== S_IFLNK) must(sys.chmod(task, path, mode & 0o7777), path)
  const kept = attributesOf(fs, path, false)
  const wanted = new Set(attributes.map(([name]) => name))
  for (const name of kept.list()) if (!wanted.has(name)) kept.remove(name)
  for (const [name, value] of attributes) kept.set(name, value)
}

const setTimes = ({ sys }: Kernel, task: Task, { path, atime, mtime }: SnapshotEntry): void => {
  const times = [atime, mtime].map(([tv_sec, tv_nsec]) => ({ tv_sec, tv_nsec }))
  must(sys.utimensat(task, AT_FDCWD, path, times, AT_SYMLINK_NOFOLLOW), path)
}
