/**
 * The projects of the repository by name, which is that of their folder: `core`, `cli`, `conformance`, `scripts`. An
 * example that has the name of a package is `NAME-example`.
 */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './tools.mjs'

const groups = ['packages', 'apps', 'examples']
const single = ['conformance', 'bench', 'fuzz', 'scripts', 'site']

const foldersOf = (group) =>
  readdirSync(join(root, group), { withFileTypes: true }).filter((one) => one.isDirectory()).map(({ name }) => name)

const folders = [...groups.flatMap((group) => foldersOf(group).map((name) => `${group}/${name}`)), ...single]

const nameOf = (folder) => {
  const [group, name = group] = folder.split('/')
  return group === 'examples' && folders.includes(`packages/${name}`) ? `${name}-example` : name
}

/** Name to folder. */
export const projects = new Map(folders.map((folder) => [nameOf(folder), folder]))

/** The project of a file, or null. */
export const projectOf = (file) => {
  const folder = folders.find((one) => file.startsWith(`${one}/`))
  return folder === undefined ? null : nameOf(folder)
}
