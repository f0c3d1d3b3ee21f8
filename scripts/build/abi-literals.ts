/**
 * A step of the build of packages: the numbers and names of `@lsmkit/abi` become literals, and what is left is imported
 * from its header. So a program that starts does not load a list of 4,700 constants, and V8 sees a number where the
 * source has a name.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Options } from 'tsup'

type Plugin = NonNullable<Options['esbuildPlugins']>[number]

/** Packages are built in their own folders. */
const dist = resolve('../abi/dist')
const FLAT = '@lsmkit/abi'

type Exports = Readonly<Record<string, unknown>>

const load = async (file: string): Promise<Exports> => (await import(pathToFileURL(join(dist, file)).href)) as Exports

const isLiteral = (value: unknown): value is number | string =>
  typeof value === 'number' || typeof value === 'string'

/** As esbuild takes it; `Infinity` is a name, and JSON does not have it. */
const literalText = (value: number | string): string =>
  value === Infinity ? 'Infinity' : JSON.stringify(value)

/** Few files are to be loaded: what this one has comes from there. */
const COMMON = 'common.js'

/** The module that each export is imported from. */
const homes = async (): Promise<ReadonlyMap<string, string>> => {
  const headers = readdirSync(dist).filter((file) => file.endsWith('.js') && file !== COMMON && file !== 'index.js')
  const found = new Map<string, string>()
  for (const file of [COMMON, ...headers])
    for (const name of Object.keys(await load(file)))
      if (!found.has(name)) found.set(name, `${FLAT}/${file.replace(/\.js$/, '')}`)
  return found
}

const NAMED = /^(import|export) \{([^}]*)\} from '@lsmkit\/abi'$/gm
const NAMESPACE = /^import \* as (\w+) from '@lsmkit\/abi'$/m

export interface Abi {
  /** The text of a literal; undefined: the name is something else. */
  readonly literalOf: (name: string) => string | undefined
  /** The module that exports a name; undefined: the name is a type. */
  readonly homeOf: (name: string) => string | undefined
}

/** Whether the namespace is used as a value too, so that its import has to stay: `const table = abi`. */
const isUsedWhole = (source: string, local: string): boolean =>
  new RegExp(`(?<![\\w.$/'-])${local}(?!\\w|\\.\\w|:)`).test(source.replace(NAMESPACE, '').replace(COMMENTS, ''))

const COMMENTS = /\/\*[^]*?\*\/|(?<!:)\/\/.*$/gm

/** `abi.EACCES` as `EACCES`, with the named imports that it takes. */
const withoutNamespace = (source: string): string => {
  const local = NAMESPACE.exec(source)?.[1]
  if (local === undefined || isUsedWhole(source, local)) return source
  const names = new Set<string>()
  const bare = source.replace(new RegExp(`(?<![\\w.$])${local}\\.(\\w+)`, 'g'), (_whole, name: string) => {
    names.add(name)
    return name
  })
  return bare.replace(NAMESPACE, `import { ${[...names].join(', ')} } from '${FLAT}'`)
}

/** What stands for one name in the list of an import or export. */
const lineOf = (keyword: string, entry: string, { literalOf, homeOf }: Abi): readonly string[] => {
  const [own = '', local = own] = entry.split(' as ')
  const literal = literalOf(own)
  const home = homeOf(own)
  if (literal === undefined) return home === undefined ? [] : [`${keyword} { ${entry} } from '${home}'`]
  if (keyword === 'export') return [`export const ${local} = ${literal}`]
  return local === own ? [] : [`const ${local} = ${literal}`]
}

/** The imports of the flat list go: literals are free names then, which esbuild's `define` replaces. */
export const rewriteImports = (source: string, abi: Abi): string =>
  withoutNamespace(source).replace(NAMED, (_whole, keyword: string, list: string) => {
    const entries = list.split(',').map((name) => name.trim())
    const values = entries.filter((entry) => entry !== '' && !entry.startsWith('type '))
    return values.flatMap((entry) => lineOf(keyword, entry, abi)).join(';')
  })

export const literalsOfAbi = (): Plugin => ({
  name: 'abi-literals',
  async setup(build) {
    const literals = new Map(Object.entries(await load('index.js')).flatMap(([name, value]) =>
      isLiteral(value) ? [[name, literalText(value)] as const] : []))
    const home = await homes()
    const abi: Abi = { literalOf: (name) => literals.get(name), homeOf: (name) => home.get(name) }
    build.initialOptions.define = { ...build.initialOptions.define, ...Object.fromEntries(literals) }
    build.onLoad({ filter: /\/src\/.*\.ts$/ }, ({ path }) => ({
      contents: rewriteImports(readFileSync(path, 'utf8'), abi),
      loader: 'ts',
    }))
  },
})
