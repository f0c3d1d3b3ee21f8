/**
 * Reads ARCHITECTURE.md: its arrows between packages, and the paths and names in its code spans. Finds what is not, or
 * not any more, in the sources.
 */
import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageLayers } from './packages.ts'

const root = join(import.meta.dirname, '../..')

export interface Arrow {
  /** The package that imports. */
  readonly from: string
  readonly to: string
}

const OPEN = '<!-- packages: held by scripts/layers/architecture.test.ts -->'
const CLOSE = '<!-- packages: end -->'

/** Lines of `A, B <- C, D   remark`, as one arrow for each pair. */
export const arrowsOf = (page: string): Arrow[] =>
  (page.split(OPEN)[1]?.split(CLOSE)[0] ?? '').split('\n').flatMap((line) => {
    const [, targets, sources] = /^ {4}(\S.*?) <- ([^\s,]+(?:, [^\s,]+)*)/.exec(line) ?? []
    const names = (text: string | undefined): string[] => text?.split(', ') ?? []
    return names(sources).flatMap((from) => names(targets).map((to) => ({ from, to })))
  })

/** What a package may import by the table of layers; null for those that may import everything. */
const allowed = (name: string): string[] | null => {
  const layer = packageLayers[name]
  if (layer === undefined || layer.imports === 'all') return null
  return [...new Set([...layer.imports, ...(layer.entries ?? []).map((entry) => entry.split('/', 1)[0]!)])]
}

const IMPORT = /^(?:import|export)\s[^'"]*?from\s+'@lsmkit\/([a-z-]+)|\bimport\('@lsmkit\/([a-z-]+)/gms

const UNSHIPPED = /\.test(?:-d)?\.ts$|(?:^|[\\/])(?:testing|fuzz)[\\/]/

/** Packages that shipped sources of a package import. */
export const importedBy = (name: string): Set<string> => {
  const folder = join(root, 'packages', name, 'src')
  const files = globSync('**/*.ts', { cwd: folder }).filter((file) => !UNSHIPPED.test(file))
  const found = new Set<string>()
  for (const file of files) {
    for (const [, fixed, dynamic] of readFileSync(join(folder, file), 'utf8').matchAll(IMPORT)) {
      found.add((fixed ?? dynamic)!)
    }
  }
  found.delete(name)
  return found
}

/** Sentences about arrows that are missing in the page, in the table of layers, or in the imports. */
export const arrowFaults = (page: string): string[] => {
  const drawn = new Map<string, Set<string>>()
  for (const { from, to } of arrowsOf(page)) drawn.set(from, (drawn.get(from) ?? new Set()).add(to))
  return Object.keys(packageLayers).flatMap((name) => {
    const layer = allowed(name)
    if (layer === null || layer.length === 0) return drawn.has(name) ? [`${name} should have no arrow`] : []
    const arrows = drawn.get(name) ?? new Set<string>()
    const imported = importedBy(name)
    return [
      ...layer.filter((to) => !arrows.has(to)).map((to) => `${to} <- ${name} is allowed and not drawn`),
      ...[...arrows].filter((to) => !layer.includes(to)).map((to) => `${to} <- ${name} is drawn and not allowed`),
      ...[...arrows].filter((to) => !imported.has(to)).map((to) => `${to} <- ${name} is drawn, but no file imports it`),
    ]
  }).concat([...drawn.keys()].filter((name) => !(name in packageLayers)).map((name) => `there is no package ${name}`))
}

/** Code spans of a page, without those in blocks. */
export const codeSpans = (page: string): string[] =>
  [...new Set([...page.replaceAll(/^ {4}.*$/gm, '').matchAll(/`([^`\n]+)`/g)].map((match) => match[1]!))]

/** Files and folders; a name in the page may lack `packages/`, `src/` or the extension. */
const places = (path: string): string[] => {
  const [first, ...rest] = path.split('/')
  const below = rest.join('/')
  const bases = [path, `packages/${path}`, `packages/${first}/src/${below}`, `packages/kernel/src/${path}`]
  return bases.flatMap((base) => [base, `${base}.ts`])
}

const isEntry = (path: string): boolean => {
  const [name, ...rest] = path.split('/')
  const manifest = join(root, 'packages', name!, 'package.json')
  return existsSync(manifest) && `./${rest.join('/')}` in (JSON.parse(readFileSync(manifest, 'utf8')).exports ?? {})
}

/** A path with a slash, or the name of a file of the sources. */
const PATH = /^[a-z][\w.-]*(?:\/[\w.-]+)+$|^[a-z][\w-]*\.(?:ts|mjs|json)$/
/** Paths and rules that are not files of this repository. */
const ELSEWHERE = new Set(['include/linux', 'lsmkit/layers', 'lsmkit/closures'])

const fileNames = (): Set<string> =>
  new Set(globSync('{packages,apps}/*/src/**/*.ts', { cwd: root }).map((path) => path.split(/[\\/]/).at(-1)!))

export const pathFaults = (page: string): string[] => {
  const names = fileNames()
  return codeSpans(page).filter((span) => PATH.test(span) && !ELSEWHERE.has(span)).filter((span) => {
    if (places(span).some((place) => existsSync(join(root, place))) || isEntry(span)) return false
    return span.includes('/') || !names.has(span)
  })
}

const DECLARED = new RegExp([
  /\b(?:const|function|class|interface|type|get|readonly|static)\s+\*?(\w+)/,
  /^\s+(?:async\s+)?\*?(\w+)\??[(:<]/,
  /'([a-z][\w-]+)'/,
].map(({ source }) => source).join('|'), 'gm')

/** Names that the packages declare, and words in quotes: options, codes, names of strategies. */
const declaredNames = (): Set<string> => {
  const names = new Set<string>()
  for (const path of globSync('packages/*/src/**/*.ts', { cwd: root })) {
    if (path.endsWith('.test.ts')) continue
    for (const [, a, b, c] of readFileSync(join(root, path), 'utf8').matchAll(DECLARED)) names.add((a ?? b ?? c)!)
  }
  return names
}

/** `createStack`, `lsm.file_open.ask(file)`, `bootKernel({ without })`: each name in front of the arguments. */
const NAME = /^([A-Za-z_]\w*(?:[.-]\w+)*)(?:\(.*\))?$/
/** Global names and folders of a package that it declares nowhere. */
const OTHERS = new Set(['eval', 'fetch', 'spawn', 'net', 'connect'])

export const nameFaults = (page: string): string[] => {
  const names = declaredNames()
  const isKnown = (name: string): boolean =>
    names.has(name) || OTHERS.has(name) || name in packageLayers ||
    ['apps', 'conformance', 'bench', 'fuzz', 'examples'].includes(name) ||
    globSync(`packages/*/src/{${name},**/${name}.ts}`, { cwd: root }).length > 0
  return codeSpans(page).flatMap((span) => {
    const [, dotted] = NAME.exec(span) ?? []
    if (dotted === undefined || PATH.test(span)) return []
    return isKnown(dotted) || dotted.split('.').every(isKnown) ? [] : [span]
  })
}
