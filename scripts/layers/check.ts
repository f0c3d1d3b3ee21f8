/** Decides whether a file may import what it names: packages by packages.ts, rooms of the kernel by rooms.ts. */
import { posix } from 'node:path'
import { nodeFiles, packageLayers, unlayered } from './packages.ts'
import { roomFault, roomOf } from './rooms.ts'

const SCOPE = '@lsmkit/'
const KERNEL = 'packages/kernel/src/'

const BROWSERS = 'published code runs in browsers: it may not import node: modules.'
const OUTSIDE = 'a package imports its own files by path, and other packages by name.'

const among = (patterns: readonly RegExp[], file: string): boolean => patterns.some((pattern) => pattern.test(file))

const packageFault = (name: string, file: string, specifier: string): string | null => {
  const layer = packageLayers[name]
  if (layer === undefined) return `the package ${name} has no line in scripts/layers/packages.ts.`
  if (specifier.startsWith('node:')) return layer.node || among(nodeFiles, file) ? null : BROWSERS
  if (!specifier.startsWith(SCOPE) || layer.imports === 'all') return null
  const wanted = specifier.slice(SCOPE.length)
  const { imports, entries = [] } = layer
  if (imports.includes(wanted.split('/', 1)[0]!) || entries.includes(wanted)) return null
  const allowed = [...imports, ...entries].join(', ') || 'no package'
  return `imports go one way (ARCHITECTURE.md); ${name} may import ${allowed}.`
}

/** `file` is relative to the root of the clone, with slashes. Answers a message, or null where the import is fine. */
export const importFault = (file: string, specifier: string): string | null => {
  const [, name] = /^packages\/([^/]+)\/src\//.exec(file) ?? []
  if (name === undefined || among(unlayered, file)) return null
  if (!specifier.startsWith('.')) return packageFault(name, file, specifier)
  const target = posix.join(posix.dirname(file), specifier)
  if (!target.startsWith(`packages/${name}/src/`)) return OUTSIDE
  if (!file.startsWith(KERNEL)) return null
  return roomFault(roomOf(file.slice(KERNEL.length)), roomOf(target.slice(KERNEL.length)))
}
