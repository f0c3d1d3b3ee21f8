/** The files of a project, out of those of its template. It reads and writes none, so the console's page has it too. */
import { inManager, managerOf } from './manager.ts'
import type { Manager } from './manager.ts'
import type { Names } from './names.ts'
import type { Ranges } from './ranges.ts'

export type Files = ReadonlyMap<string, string | Uint8Array>

/** A path in the folder of a layer, and what is in the file. */
export type TemplateFile = readonly [path: string, bytes: Uint8Array]

/** Layers one after the other: a later file takes the place of an earlier one with the same path. */
export const projectFiles = (
  template: readonly TemplateFile[], names: Names, ranges: Ranges, manager = managerOf(undefined),
): Files => new Map(template.map(([path, bytes]) => fileOf(path, bytes, { names, ranges, manager })))

/** The answers that a project is made by. */
interface Made {
  readonly names: Names
  readonly ranges: Ranges
  readonly manager: Manager
}

/** Files that npm would read or leave out if they were in the template under their own names. */
const stored: Readonly<Record<string, string>> = { '_package.json': 'package.json', _gitignore: '.gitignore' }

const fileOf = (
  path: string, bytes: Uint8Array, { names, ranges, manager }: Made,
): [string, string | Uint8Array] => {
  const to = renamed(Object.hasOwn(stored, path) ? stored[path]! : path, names)
  if (path.endsWith('.o')) return [to, bytes]
  const text = inManager(to, renamed(new TextDecoder().decode(bytes), names), manager)
  return [to, to === 'package.json' ? manifest(text, names, ranges) : text]
}

/** `@scope/my-lsm` stands where a template means the package, `my-lsm` where it means the module. */
const renamed = (text: string, { package: name, bare, factory }: Names): string =>
  text
    .replaceAll('@scope/my-lsm', name)
    .replaceAll('my-lsm', bare)
    .replaceAll('myLsm', factory)
    .replaceAll('MyLsm', factory[0]!.toUpperCase() + factory.slice(1))

const manifest = (text: string, names: Names, ranges: Ranges): string => {
  const made = JSON.parse(text) as Record<string, unknown>
  for (const kind of ['dependencies', 'devDependencies', 'peerDependencies'] as const) {
    const wanted = made[kind] as Record<string, string> | undefined
    for (const name of Object.keys(wanted ?? {})) {
      if (name in ranges.near) wanted![name] = (kind === 'devDependencies' ? ranges.near : ranges.wide)[name]!
    }
  }
  return `${JSON.stringify({ ...made, name: names.package }, null, 2)}\n`
}
