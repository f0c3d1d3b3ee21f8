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

const fail = (what: string, faults: readonly string[]): never => {
  process.stderr.write(`${what}\n${faults.map((fault) => `  ${fault}\n`).join('')}`)
  process.exit(1)
}

const step = async <T>(name: string, work: () => T | Promise<T>): Promise<T> => {
  const from = performance.now()
  const result = await work()
  process.stderr.write(`${name} (${((performance.now() - from) / 1000).toFixed(1)} s)\n`)
  return result
}

/** Markdown for VitePress: links led to pages, and nothing in prose that Vue would take for its own. */
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
  if (faults.length > 0) fail('links that lead nowhere:', faults)
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
  if (status !== 0) fail('typedoc failed', [])
}

const checkSnippets = (): void => {
  const sources = ['README.md', 'SECURITY.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md']
  const shown = pagesOf(read).flatMap(({ source }) => (source === null || sources.includes(source) ? [] : [source]))
  const snippets = [...sources, ...shown].flatMap((source) => snippetsOf(source, read(source) ?? ''))
  const faults = faultsOf(snippets)
  if (faults.length > 0) fail('snippets that do not compile:', faults)
}

const main = async (args: readonly string[]): Promise<void> => {
  const names = args.filter((arg) => !arg.startsWith('--'))
  const isCheck = args.includes('--check')
  if (names.length !== (isCheck ? 0 : 1)) fail('usage: npm run -s docs -- OUT [--fast], or --check', [])
  const out = isCheck ? mkdtempSync(join(tmpdir(), 'lsmkit-site-')) : resolve(names[0]!)
  const folder = join(root, 'site/.pages')
  try {
    await step('snippets compiled', checkSnippets)
    rmSync(folder, { recursive: true, force: true })
    const pages = pagesOf(read)
    writePages(pages, folder)
    mkdirSync(join(folder, '.vitepress'), { recursive: true })
    const config = JSON.stringify(vitepressConfig(pages, out))
    writeFileSync(join(folder, '.vitepress/config.mjs'), `export default ${config}`)
    await step(`${pages.length} pages built`, () => build(folder))
    if (!args.includes('--fast')) await step('API built', () => buildApi(out))
    const links = await step('links checked', () => brokenLinks(out))
    const broken = links.filter((link) => !(args.includes('--fast') && link.includes(': /api/')))
    if (broken.length > 0) fail('broken links of the built site:', broken)
    process.stdout.write(`${isCheck ? 'the site builds' : out}\n`)
  } finally {
    rmSync(folder, { recursive: true, force: true })
    if (isCheck) rmSync(out, { recursive: true, force: true })
  }
}

await main(process.argv.slice(2))
