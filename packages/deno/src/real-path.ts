/** Where a path of the host leads, links followed: Deno itself asks for the name alone. */
import { readlinkSync, realpathSync } from 'node:fs'
import { basename, dirname, resolve } from 'node:path'

/** The directory of the process; null where it cannot be seen. */
export const cwdOf = (pid: number | null): string | null => {
  try {
    return pid === null ? null : readlinkSync(`/proc/${pid}/cwd`)
  } catch {
    return null
  }
}

/** `/proc/self` is the process that asks, not this one. */
const ofProcess = (path: string, pid: number | null): string =>
  (pid === null ? path : path.replace(/^\/proc\/(?:self|thread-self)(?=\/|$)/, `/proc/${pid}`))

const isMissing = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ENOENT'

/** A link that leads nowhere is followed too, as whoever creates a file by it does. */
const linkText = (path: string): string | null => {
  try {
    return readlinkSync(path)
  } catch {
    return null
  }
}

const MOST_LINKS = 40

const followed = (path: string, links: number): string | null => {
  try {
    return realpathSync.native(path)
  } catch (error) {
    if (!isMissing(error)) return null
  }
  const text = linkText(path)
  if (text !== null) return links === 0 ? null : followed(resolve(dirname(path), text), links - 1)
  if (path === '/') return '/'
  const above = followed(dirname(path), links)
  return above === null ? null : resolve(above, basename(path))
}

/** Null where it leads in a circle, or nobody may see where. */
export const realPathOf = (path: string, pid: number | null): string | null =>
  followed(ofProcess(path, pid), MOST_LINKS)
