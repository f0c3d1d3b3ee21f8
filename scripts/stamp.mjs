/** Stamps: a hash of what a set-up step was made from, written when the step is done, so that it is not done twice. */
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, readdirSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const left = new Set(['node_modules', 'dist', 'coverage', '.turbo', '.git', '.setup'])

/** Hash of the contents of `files`. */
export function hashContents(files) {
  const hash = createHash('sha256')
  for (const file of files) hash.update(file).update(readFileSync(file))
  return hash.digest('hex')
}

/** Hash of name, size and modification time of every file below `folders`; built and installed files are left out. */
export function hashTree(folders) {
  const hash = createHash('sha256')
  const walk = (path) => {
    const stat = statSync(path, { throwIfNoEntry: false })
    if (stat === undefined) return
    if (!stat.isDirectory()) {
      hash.update(`${path}\0${stat.size}\0${stat.mtimeMs}\n`)
      return
    }
    for (const name of readdirSync(path).sort()) if (!left.has(name)) walk(join(path, name))
  }
  folders.forEach(walk)
  return hash.digest('hex')
}

export function isStamped(file, value) {
  try {
    return readFileSync(file, 'utf8') === value
  } catch {
    return false
  }
}

/** Appears whole or not at all, whoever else writes it. */
export function writeStamp(file, value) {
  mkdirSync(dirname(file), { recursive: true })
  const draft = `${file}.${process.pid}`
  writeFileSync(draft, value)
  renameSync(draft, file)
}
