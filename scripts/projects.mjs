/** The projects of the repository by name, which is that of their folder: `core`, `cli`, `conformance`, `scripts`. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './tools.mjs'

const groups = ['packages', 'apps', 'examples']
const single = ['conformance', 'bench', 'fuzz', 'scripts', 'site']

const foldersOf = (group) =>
  readdirSync(join(root, group), { withFileTypes: true }).filter((one) => one.isDirectory()).map(({ name }) => name)

/** Name to folder. */
export const projects = new Map([
  ...groups.flatMap((group) => foldersOf(group).map((name) => [name, `${group}/${name}`])),
  ...single.map((name) => [name, name]),
])

/** The project of a file, or null. */
export const projectOf = (file) => {
  const [first, second] = file.split('/')
  const name = groups.includes(first) ? second : first
  const folder = projects.get(name)
  return folder !== undefined && file.startsWith(`${folder}/`) ? name : null
}
