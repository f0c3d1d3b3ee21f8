/**
 * Links to what `npm install` would lay out in an empty folder, in one that has it all: they are hard links, so that
 * what a package imports is found in this folder or not at all.
 */
import { linkSync, mkdirSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'

const place = (name) => join('node_modules', name)
const manifestOf = (all, name) => JSON.parse(all.read(join(place(name), 'package.json')))

/** Installed with a package; peers that are optional are not. */
function broughtBy({ dependencies, optionalDependencies, peerDependencies = {}, peerDependenciesMeta = {} }) {
  const peers = Object.keys(peerDependencies).filter((name) => peerDependenciesMeta[name]?.optional !== true)
  return [...Object.keys({ ...dependencies, ...optionalDependencies }), ...peers]
}

/** These packages and what they bring, as far as `all` has it; what it lacks is optional on this platform. */
function closureOf(all, names) {
  const found = new Set(names)
  for (const name of found) {
    for (const one of broughtBy(manifestOf(all, name))) if (all.has(place(one))) found.add(one)
  }
  return found
}

function linkFolder(from, to) {
  for (const entry of readdirSync(from, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const path = join(entry.parentPath, entry.name)
    const target = join(to, path.slice(from.length))
    mkdirSync(dirname(target), { recursive: true })
    linkSync(path, target)
  }
}

const INSTALL = /^npm install((?: (?:@[\w-]+\/)?\w[\w-]*)+)\n$/

/** Packages that a line installs, which does nothing else; null for any other. */
export const installedBy = (line) => INSTALL.exec(line)?.[1].trim().split(' ') ?? null

/** Whether `all` has the packages, which are then in the folder `outside`. */
export function layOut(all, outside, names) {
  if (!names.every((name) => all.has(place(name)))) return false
  for (const name of closureOf(all, names)) linkFolder(join(all.folder, place(name)), join(outside.folder, place(name)))
  return true
}
