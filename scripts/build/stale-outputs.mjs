/**
 * Files that lie in the output folders of a build and are not of it. Turbo restores a kept build over what is there, so
 * chunks of a build in between, which have other names, would stay.
 */
import { readdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs'
import { join, relative, sep } from 'node:path'

/** Files of a folder, and its folders from the inside out. */
function contentsOf(folder) {
  const all = readdirSync(folder, { recursive: true, withFileTypes: true })
    .map((entry) => ({ path: join(entry.parentPath, entry.name), isFolder: entry.isDirectory() }))
  const paths = (isFolder) => all.filter((one) => one.isFolder === isFolder).map(({ path }) => path)
  return { files: paths(false), folders: paths(true).toSorted((a, b) => b.length - a.length) }
}

/**
 * Removes what the tasks of a run have not made. `summary` is the file of `turbo run --summarize`, whose paths start
 * from `root`. Returns the removed files.
 */
export function removeStale(root, summary) {
  const removed = []
  for (const { expandedOutputs, directory } of JSON.parse(readFileSync(summary, 'utf8')).tasks) {
    const dist = join(root, directory, 'dist')
    const made = new Set(expandedOutputs ?? [])
    const slashed = (path) => relative(root, path).split(sep).join('/')
    // a task without outputs has not run, or has failed
    if (!made.has(slashed(dist))) continue
    const { files, folders } = contentsOf(dist)
    const stale = files.filter((path) => !made.has(slashed(path)))
    for (const path of stale) rmSync(path)
    for (const path of folders) if (readdirSync(path).length === 0) rmdirSync(path)
    removed.push(...stale.map(slashed))
  }
  return removed
}
