/**
 * `npm run -s docs -- OUT`: compiles the snippets, builds the pages and the API into OUT, and checks every link.
 * `--fast` leaves the API out, `--check` builds into a folder of its own and removes it again.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { build } from 'vitepress'
import { brokenLinks } from './built-links.ts'
import { rewriteLinks } from './links.ts'
import { pagesOf, root } from './pages.ts'
import type { Page } from './pages.ts'
import { faultsOf, snippetsOf } from './snippets.ts'
import { vitepressConfig } from './vitepress-config.ts'

const read = (path: string): string | null =>
  existsSync(join(root, path)) ? readFileSync(join(root, path), 'utf8') : null

/** The repository as manifests name it; without one, sources are not linked. */
const repositoryUrl = (): string | null => {
  const { repository } = JSON.parse(read('packages/core/package.json')!) as { repository?: { url?: string } }
  const url = repository?.url?.replace(/^git\+/, '').replace(/\.git$/, '')
  return url === undefined ? null : `${url}/blob/main`
}

/** What keeps the site from being built, a line each. */
class SiteError extends Error {
  readonly exitCode: number

  constructor(what: string, faults: readonly string[] = [], exitCode = 1) {
    super([what, ...faults.map((fault) => `  ${fault}`)].join('\n'))
    this.exitCode = exitCode
  }
}

const refuse = (what: string, faults: readonly string[]): void => {
  if (faults.length > 0) throw new SiteError(what, faults)
}

const step = async <T>(name: string, work: () => T | Promise<T>): Promise<T> => {
  const from = performance.now()
  const result = await work()
  process.stderr.write(`${name} (${((performance.now() - from) / 1000).toFixed(1)} s)\n`)
  return result
}

/** The pages as VitePress takes them: links lead to pages. */
const writePages = (pages: readonly Page[], folder: string): void => {
  const repository = { exists: (path: string) => existsSync(join(root, path)), url: repositoryUrl() }
  const faults: string[] = []
  for (const page of pages) {
    const { text, faults: found } = rewriteLinks(page, pages, repository)
    faults.push(...found.map(({ from, target }) => `${from}: ${target}`))
    const file = join(folder, page.path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
  }
  refuse('links that lead nowhere:', faults)
}

/** Declarations of every public entry. `abi` is left out: a page for each of its constants would bury the rest. */
const apiEntries = (): readonly string[] =>
  globSync('packages/*/package.json', { cwd: root }).sort().flatMap((file) => {
    const { name, exports: table = {} } = JSON.parse(read(file)!) as Manifest
    if (name === '@lsmkit/abi') return []
    return Object.values(table)
      .flatMap((entry) => (typeof entry === 'object' && entry.types ? [join(root, dirname(file), entry.types)] : []))
      .filter((entry) => existsSync(entry))
  })

interface Manifest {
  readonly name: string
  readonly exports?: Readonly<Record<string, string | { readonly types?: string }>>
}

const buildApi = (out: string): void => {
  const args = ['exec', 'typedoc', '--options', 'typedoc.json', '--out', join(out, 'api'), ...apiEntries()]
  const { status } = spawnSync('pnpm', args, { cwd: join(root, 'site'), stdio: ['ignore', 2, 2] })
  if (status !== 0) throw new SiteError('typedoc failed')
}

const checkSnippets = (pages: readonly Page[]): void => {
  const sources = new Set(['README.md', 'CONTRIBUTING.md', ...pages.flatMap(({ source }) => source ?? [])])
  refuse('snippets that do not compile:',
    faultsOf([...sources].flatMap((source) => snippetsOf(source, read(source) ?? ''))))
}

const buildPages = async (pages: readonly Page[], out: string): Promise<void> => {
  const folder = join(root, 'site/.pages')
  rmSync(folder, { recursive: true, force: true })
  try {
    writePages(pages, folder)
    mkdirSync(join(folder, '.vitepress'))
    const config = JSON.stringify(vitepressConfig(pages, out))
    writeFileSync(join(folder, '.vitepress/config.mjs'), `export default ${config}`)
    await build(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const buildSite = async (out: string, withApi: boolean): Promise<void> => {
  const pages = pagesOf(read)
  await step('snippets compiled', () => checkSnippets(pages))
  await step(`${pages.length} pages built`, () => buildPages(pages, out))
  if (withApi) await step('API built', () => buildApi(out))
  const broken = await step('links checked', () => brokenLinks(out))
  refuse('broken links:', broken.filter((link) => withApi || !link.includes(': /api/')))
}

const OPTIONS = ['--check', '--fast']

const main = async (args: readonly string[]): Promise<void> => {
  const names = args.filter((arg) => !OPTIONS.includes(arg))
  const isCheck = args.includes('--check')
  if (names.length !== (isCheck ? 0 : 1) || names.some((name) => name.startsWith('-')))
    throw new SiteError('usage: npm run -s docs -- OUT [--fast], or --check', [], 2)
  const out = isCheck ? mkdtempSync(join(tmpdir(), 'lsmkit-site-')) : resolve(names[0]!)
  try {
    await buildSite(out, !args.includes('--fast'))
    process.stdout.write(`${isCheck ? 'the site builds' : out}\n`)
  } finally {
    if (isCheck) rmSync(out, { recursive: true, force: true })
  }
}

try {
  await main(process.argv.slice(2))
} catch (error) {
  if (!(error instanceof SiteError)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = error.exitCode
}
