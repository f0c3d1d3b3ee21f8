/** The API: TypeDoc's pages for all packages, and the site's own pages that lead to them. */
import { spawnSync } from 'node:child_process'
import { existsSync, globSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Page } from './pages.ts'
import { root } from './pages.ts'
import { abiPage, referenceIndex, referencePages } from './reference.ts'
import type { AbiEntry } from './reference.ts'
import { SiteError } from './site-error.ts'

interface Manifest {
  readonly name: string
  readonly description: string
  readonly exports?: Readonly<Record<string, string | { readonly types?: string; readonly default?: string }>>
}

interface Package extends Manifest {
  readonly folder: string
}

const packages = (): readonly Package[] =>
  globSync('packages/*/package.json', { cwd: root }).sort().map((file) => ({
    ...JSON.parse(readFileSync(join(root, file), 'utf8')) as Manifest, folder: join(root, dirname(file)),
  }))

const ABI = '@lsmkit/abi'

/** Declarations of every public entry, once each. `abi` has a page of ours: one for each number would bury the rest. */
const declarations = (list: readonly Package[]): readonly string[] => [...new Set(
  list.filter(({ name }) => name !== ABI).flatMap(({ folder, exports: table = {} }) =>
    Object.values(table)
      .flatMap((entry) => (typeof entry === 'object' && entry.types ? [join(folder, entry.types)] : []))
      .filter((entry) => existsSync(entry))))]

/** Each entry but the first, which has them all. */
const abiEntries = async (list: readonly Package[]): Promise<readonly AbiEntry[]> => {
  const { name, folder, exports: table = {} } = list.find((one) => one.name === ABI)!
  return Promise.all(Object.entries(table).flatMap(([path, entry]) => {
    if (path === '.' || typeof entry !== 'object' || !entry.default) return []
    const values = import(pathToFileURL(join(folder, entry.default)).href) as Promise<AbiEntry['values']>
    return [values.then((found) => ({ name: name + path.slice(1), values: found }))]
  }))
}

/** Writes TypeDoc's pages into `out`; answers ours. */
export const buildApi = async (out: string): Promise<readonly Page[]> => {
  const list = packages()
  const json = join(out, 'api.json')
  const args = ['exec', 'typedoc', '--options', 'typedoc.json', '--json', json, '--out', out, ...declarations(list)]
  const { status } = spawnSync('pnpm', args, { cwd: join(root, 'site'), stdio: ['ignore', 2, 2] })
  if (status !== 0) throw new SiteError('typedoc failed')
  const pages = [
    abiPage(await abiEntries(list)), ...referencePages(JSON.parse(readFileSync(json, 'utf8')) as never),
  ]
  rmSync(json)
  return [referenceIndex(pages, new Map(list.map(({ name, description }) => [name, description]))), ...pages]
}
