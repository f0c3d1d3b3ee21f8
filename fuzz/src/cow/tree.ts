/** Trees as plain maps, of a folder of the host and of the box's view of it; and changes applied to such a map. */
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import type { Change, Sandbox } from '@lsmkit/sandbox'

/** `644 text`, `755 /` of a directory, `-> text` of a link, by relative path. */
export type Tree = Map<string, string>

const octal = (mode: number): string => (mode & 0o777).toString(8)

export const hostTree = (top: string): Tree => {
  const tree: Tree = new Map()
  const walk = (path: string): void => {
    for (const name of readdirSync(join(top, path))) {
      const at = path === '' ? name : `${path}/${name}`
      const stat = lstatSync(join(top, at))
      if (stat.isSymbolicLink()) tree.set(at, `-> ${readlinkSync(join(top, at))}`)
      else if (stat.isDirectory()) tree.set(at, `${octal(stat.mode)} /`)
      else if (stat.isFile()) tree.set(at, `${octal(stat.mode)} ${readFileSync(join(top, at), 'utf8')}`)
      else tree.set(at, 'special')
      if (stat.isDirectory()) walk(at)
    }
  }
  walk('')
  return tree
}

export const boxTree = async (box: Sandbox, top: string): Promise<Tree> => {
  const tree: Tree = new Map()
  for (const entry of await box.fs.readdir(top, { recursive: true, withFileTypes: true })) {
    const path = `${entry.parentPath}/${entry.name}`
    const at = path.slice(top.length + 1)
    if (entry.isSymbolicLink()) {
      tree.set(at, `-> ${await box.fs.readlink(path)}`)
      continue
    }
    const { mode } = await box.fs.lstat(path)
    if (entry.isDirectory()) tree.set(at, `${octal(mode)} /`)
    else tree.set(at, entry.isFile() ? `${octal(mode)} ${await box.fs.readFile(path, 'utf8')}` : 'special')
  }
  return tree
}

const isIn = (path: string, top: string): boolean => path === top || path.startsWith(`${top}/`)

/** The folder as it is when all of the changes are made; contents are those of `view`. */
export const changed = (host: Tree, changes: readonly Change[], view: Tree, top: string): Tree => {
  const tree = new Map(host)
  const inner = (path: string): string => path.slice(top.length + 1)
  const taken = new Map<string, Tree>()
  const leaving = changes.flatMap(({ kind, path, from }) =>
    (kind === 'removed' ? [inner(path)] : kind === 'renamed' ? [inner(from!)] : []))
  for (const path of leaving.toSorted((a, b) => b.length - a.length)) {
    const part: Tree = new Map()
    for (const [at, what] of [...tree]) {
      if (!isIn(at, path)) continue
      part.set(at.slice(path.length), what)
      tree.delete(at)
    }
    taken.set(path, part)
  }
  for (const { kind, type, path, from } of changes) {
    const at = inner(path)
    if (kind === 'removed') continue
    if (kind === 'renamed' && type === 'directory') {
      for (const [rest, what] of taken.get(inner(from!))!) tree.set(at + rest, what)
    }
    const what = view.get(at)
    if (what !== undefined) tree.set(at, what)
  }
  return tree
}

/**
 * A tree without what belongs to a mount: all that lies in it, and directories above it that are there for it alone.
 * `host`: the folder itself.
 */
export const withoutMount = (tree: Tree, mount: string | null, host: Tree): Tree => {
  if (mount === null) return tree
  const kept: Tree = new Map([...tree].filter(([path]) => !isIn(path, mount)))
  const names = mount.split('/').slice(0, -1)
  for (let count = names.length; count > 0; count--) {
    const above = names.slice(0, count).join('/')
    const isEmpty = ![...kept.keys()].some((path) => path.startsWith(`${above}/`))
    if (isEmpty && host.get(above)?.endsWith(' /') !== true) kept.delete(above)
  }
  return kept
}

/** The first name that differs; null for none. */
export const difference = (a: Tree, b: Tree): string | null => {
  for (const path of new Set([...a.keys(), ...b.keys()])) {
    if (a.get(path) !== b.get(path)) return `${path}: ${a.get(path) ?? 'nothing'} and ${b.get(path) ?? 'nothing'}`
  }
  return null
}
