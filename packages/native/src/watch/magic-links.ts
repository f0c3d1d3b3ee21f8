/**
 * Names that lead over links of /proc, looked up for a program by the watcher. Such a link leads on without a name:
 * to the pipe, the removed file or the folder of a process. The kernel asks whether the one that looks it up may see
 * that process. The watcher may see more than the program, so it follows the links of mediated processes alone.
 */
import { EACCES, ELOOP, O_CLOEXEC, O_NOFOLLOW, O_PATH, S_IFLNK, S_IFMT } from '@lsmkit/abi'

/** The parts of the host for a walk. */
export interface Walker {
  /** openat2 with flags below a descriptor: a descriptor, or -errno. */
  open(path: string, flags: number, at: number): number
  close(fd: number): void
  pathOf(fd: number): string | null
  modeOf(fd: number): number
  /** The text of a link that is held; null where it has none. */
  textOf(fd: number): string | null
  /** Whether the program may look into the process of that number. */
  isOurs(pid: number): boolean
}

/** As MAXSYMLINKS. */
const MOST_LINKS = 40
const LINK = O_PATH | O_NOFOLLOW | O_CLOEXEC

/** Files of a process that everybody may read; the others show its memory, its descriptors or its secrets. */
const publicFiles: ReadonlySet<string> = new Set([
  'stat', 'statm', 'status', 'cmdline', 'comm', 'cgroup', 'limits', 'sched', 'schedstat', 'wchan', 'oom_score',
  'loginuid', 'sessionid', 'task',
])

/** The process that a path of /proc belongs to, where only those that may look into it may have the file. */
export const privateProcessOf = (path: string): number | null => {
  if (!path.startsWith('/proc/')) return null
  const [, pid, file] = /^\/proc\/(\d+)(?:\/task\/\d+)?(?:\/(.*))?$/.exec(path) ?? []
  return pid === undefined || file === undefined || publicFiles.has(file) ? null : Number(pid)
}

const partsOf = (path: string): string[] => path.split('/').filter((part) => part !== '' && part !== '.')

/** Where a link leads: a descriptor to go on from, with names to look up there; or -errno. */
const follow = (
  walker: Walker, pid: number, link: number, part: string, at: number,
): { readonly at: number; readonly parts: readonly string[] } | number => {
  const where = walker.pathOf(link)
  if (where === null) return -EACCES
  // these are the watcher's where it looks them up
  if (where === '/proc/self' || where === '/proc/thread-self') {
    return { at: walker.open('/proc', O_PATH | O_CLOEXEC, at), parts: [String(pid)] }
  }
  const [, process] = /^\/proc\/(\d+)\//.exec(where) ?? []
  if (process !== undefined) {
    return walker.isOurs(Number(process)) ? { at: walker.open(part, O_PATH | O_CLOEXEC, at), parts: [] } : -EACCES
  }
  const text = walker.textOf(link)
  if (text === null) return -EACCES
  return { at: walker.open(text.startsWith('/') ? '/' : '.', O_PATH | O_CLOEXEC, at), parts: partsOf(text) }
}

/** The file that a name below `base` leads to, part by part: a descriptor, or -errno. */
export const walkMagic = (walker: Walker, pid: number, base: number, path: string, isFollowed: boolean): number => {
  let at = walker.open(path.startsWith('/') ? '/' : '.', O_PATH | O_CLOEXEC, base)
  let parts = partsOf(path)
  for (let links = 0; at >= 0 && parts.length > 0;) {
    const [part, ...rest] = parts as [string, ...string[]]
    const next = walker.open(part, LINK, at)
    const isLink = next >= 0 && (walker.modeOf(next) & S_IFMT) === S_IFLNK
    if (!isLink || (rest.length === 0 && !isFollowed)) {
      walker.close(at)
      at = next
      parts = rest
      continue
    }
    const led = ++links > MOST_LINKS ? -ELOOP : follow(walker, pid, next, part, at)
    walker.close(next)
    walker.close(at)
    if (typeof led === 'number') return led
    at = led.at
    parts = [...led.parts, ...rest]
  }
  return at
}
