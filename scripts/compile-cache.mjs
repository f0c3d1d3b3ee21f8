/**
 * Keeps the compile cache of tests small: Node writes a file for each module that it has compiled, those of folders
 * that are gone included, and removes none.
 */
import { readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** All sources of the repository take half of this. */
const MOST_BYTES = 160 * 2 ** 20

const statsOf = (path) => {
  try {
    return statSync(path)
  } catch {
    // another run has just removed it
    return null
  }
}

const filesOf = (folder) => {
  try {
    return readdirSync(folder, { recursive: true }).map((name) => join(folder, String(name)))
  } catch (error) {
    if (error.code === 'ENOENT') return []
    throw error
  }
}

/** If the folder has more than `most` bytes, the files that were written first go, until half of that is left. */
export function boundCache(folder, most = MOST_BYTES) {
  const files = filesOf(folder).map((path) => ({ path, stats: statsOf(path) }))
    .filter(({ stats }) => stats?.isFile()).toSorted((a, b) => a.stats.mtimeMs - b.stats.mtimeMs)
  let bytes = files.reduce((sum, { stats }) => sum + stats.size, 0)
  if (bytes <= most) return
  for (const { path, stats: { size } } of files) {
    if (bytes <= most / 2) return
    rmSync(path, { force: true })
    bytes -= size
  }
}
