/** Random calls of a file system of just-bash, except for those where Linux and `InMemoryFs` differ by design. */
import type { IFileSystem } from 'just-bash'

export interface Operation {
  readonly method: keyof IFileSystem
  readonly args: readonly unknown[]
}

export type Kind = 'none' | 'file' | 'directory' | 'link'

/** The state of a path before a call, to find out whether the two can be compared. */
export interface View {
  kind(path: string): Promise<Kind>
  isEmpty(path: string): Promise<boolean>
  mode(path: string): Promise<number>
}

export const TOP = '/w'
const names = ['a', 'b', 'c', 'd', 'd/x', 'd/y', 'd/e', 'd/e/f', 'l', 'm', 'a/z', 'l/x', 'é 名']
const encodings = ['utf8', 'utf-8', 'ascii', 'latin1', 'binary', 'hex', 'base64', null, undefined]
const targets = ['a', 'd', `${TOP}/b`, 'nowhere', '../w/c', 'l', 'd/e', './/a']
const contents = ['x', 'é€ 世界', '', '{"a": 1}\n', Uint8Array.of(0, 255, 128, 10)]

/** Numbers from 0 to 1, the same for a seed (mulberry32). */
export const randomOf = (seed: number) => (): number => {
  seed = (seed + 0x6d2b79f5) | 0
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed)
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
}

type Pick = <T>(from: readonly T[]) => T

/** A path in one of the ways that a caller may write it. */
const pathOf = (pick: Pick): string => {
  const path = `${TOP}/${pick(names)}`
  return pick([path, path, path, `${path}/`, `/${path}`, path.replace('/w/', '/w/./'), `/no/..${path}`, path.slice(1)])
}

export const operationOf = (random: () => number): Operation => {
  const pick: Pick = (from) => from[Math.floor(random() * from.length)]!
  const [path, other] = [pathOf(pick), pathOf(pick)]
  const encoding = pick(encodings)
  const asked = pick([encoding ?? undefined, { encoding }])
  const recursive = { recursive: pick([true, true, false]), force: pick([true, false]) }
  return pick<Operation>([
    { method: 'readFile', args: [path, asked] },
    { method: 'readFileBuffer', args: [path] },
    { method: 'readFileBytes', args: [path] },
    { method: 'writeFile', args: [path, pick(contents), pick(['utf8', undefined, { encoding: 'utf8' }])] },
    { method: 'writeFile', args: [path, 'caf\xe9', pick(['latin1', 'binary', { encoding: 'latin1' }])] },
    { method: 'writeFile', args: [path, pick(['SGVsbG8=', 'YQ==']), 'base64'] },
    { method: 'writeFile', args: [path, pick(['48656c6c6f', '']), { encoding: 'hex' }] },
    { method: 'writeFile', args: [path, 'again'] },
    { method: 'appendFile', args: [path, pick(contents)] },
    { method: 'appendFile', args: [path, 'IFdvcmxk', 'base64'] },
    { method: 'exists', args: [path] },
    { method: 'stat', args: [path] },
    { method: 'lstat', args: [path] },
    { method: 'mkdir', args: [path, pick([undefined, recursive])] },
    { method: 'mkdir', args: [path, { recursive: true }] },
    { method: 'readdir', args: [path] },
    { method: 'readdirWithFileTypes', args: [path] },
    { method: 'rm', args: [path, pick([undefined, recursive])] },
    { method: 'cp', args: [path, other, pick([undefined, recursive])] },
    { method: 'mv', args: [path, other] },
    { method: 'chmod', args: [path, pick([0o700, 0o755, 0o777, 0o1755])] },
    { method: 'symlink', args: [pick(targets), path] },
    { method: 'link', args: [path, other] },
    { method: 'readlink', args: [path] },
    { method: 'realpath', args: [path] },
    { method: 'utimes', args: [path, new Date(1e12), new Date(1.1e12 + Math.floor(random() * 1e6))] },
    { method: 'resolvePath', args: [pick([TOP, '/', `${TOP}/d`]), pick(['a', '../x', './/y/', '/z/../b', '..', ''])] },
  ])
}

const plain = (path: string): string => {
  const parts: string[] = []
  for (const name of path.split('/')) {
    if (name === '..') parts.pop()
    else if (name !== '' && name !== '.') parts.push(name)
  }
  return `/${parts.join('/')}`
}

const two = new Set(['cp', 'mv', 'link'])

/** Why the call is left out; null where both have to answer the same. */
export const leftOut = async ({ method, args }: Operation, view: View): Promise<string | null> => {
  if (method === 'resolvePath') return null
  const at = plain(String(method === 'symlink' ? args[1] : args[0]))
  const paths = two.has(method) ? [at, plain(String(args[1]))] : [at]
  for (const path of paths) {
    for (let up = path.slice(0, path.lastIndexOf('/')); up.length > TOP.length; up = up.slice(0, up.lastIndexOf('/'))) {
      const kind = await view.kind(up)
      if (kind === 'file') return 'InMemoryFs lets files have files below them'
      if (kind === 'link' && method !== 'exists') return 'InMemoryFs follows links on the way now and then'
    }
  }
  const kind = await view.kind(at)
  if (kind === 'link' && ['writeFile', 'appendFile', 'chmod', 'mkdir', 'link'].includes(method)) {
    return 'InMemoryFs replaces a link that is written to, and does not make hard links to it'
  }
  if (kind === 'link' && method.startsWith('readdir')) return 'InMemoryFs follows links on the way now and then'
  if (method === 'writeFile' && kind === 'directory') return 'InMemoryFs replaces a directory by a file'
  if (method === 'writeFile' && kind === 'file' && (await view.mode(at)) !== 0o644) return 'InMemoryFs resets modes'
  if (!two.has(method)) return null
  const [, to] = paths as [string, string]
  const target = await view.kind(to)
  if (method === 'link') return null
  if (at === to) return 'InMemoryFs moves what is missing onto itself'
  if (kind === 'none') return null
  if (kind === 'directory' && (to.startsWith(`${at}/`) || at.startsWith(`${to}/`))) {
    return target === 'none' ? null : 'which of two mistakes is reported'
  }
  if (target === 'link') return 'InMemoryFs replaces a link that is written to'
  if (target === 'directory') {
    const isMerged = kind === 'directory' && await view.isEmpty(to)
    return isMerged ? null : 'InMemoryFs puts anything in the place of a directory'
  }
  if (target === 'file' && kind !== 'file') return 'InMemoryFs reports another mistake, or makes none'
  if (target === 'file' && (await view.mode(at)) !== (await view.mode(to))) return 'InMemoryFs resets modes'
  return null
}
