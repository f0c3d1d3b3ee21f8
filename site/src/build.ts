/**
 * `npm run -s docs -- OUT`: compiles the snippets, builds the pages, the API and the console into OUT, and checks every
 * link and the answers of the search. `--fast` leaves the API out, `--check` builds into a folder of its own and
 * removes it again.
 */
import {
  copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { build } from 'vitepress'
import { accessibilityFaults } from './accessibility.ts'
import { buildApi } from './api.ts'
import { brokenLinks } from './built-links.ts'
import { rewriteLinks } from './links.ts'
import { pagesOf, root } from './pages.ts'
import type { Page } from './pages.ts'
import { searchFaults } from './search.ts'
import { SiteError } from './site-error.ts'
import { faultsOf, snippetsOf } from './snippets.ts'
import { vitepressConfig } from './vitepress-config.ts'

/** The console, as `run.mjs` has built it. */
const consoleFiles = join(root, 'apps/console/dist')

const read = (path: string): string | null =>
  existsSync(join(root, path)) ? readFileSync(join(root, path), 'utf8') : null

/** The repository as manifests name it; without one, sources are not linked. */
const repositoryUrl = (): string | null => {
  const { repository } = JSON.parse(read('packages/core/package.json')!) as { repository?: { url?: string } }
  const url = repository?.url?.replace(/^git\+/, '').replace(/\.git$/, '')
  return url === undefined ? null : `${url}/blob/main`
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
    const { text, faults: found, pictures } = rewriteLinks(page, pages, repository)
    for (const picture of pictures) {
      mkdirSync(join(folder, 'public/pictures'), { recursive: true })
      copyFileSync(join(root, picture), join(folder, 'public/pictures', basename(picture)))
    }
    faults.push(...found.map(({ from, target }) => `${from}: ${target}`))
    const file = join(folder, page.path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
  }
  refuse('links that lead nowhere:', faults)
}

const checkSnippets = (pages: readonly Page[]): void => {
  const sources = new Set(['README.md', 'CONTRIBUTING.md', ...pages.flatMap(({ source }) => source ?? [])])
  refuse('snippets that do not compile:',
    faultsOf([...sources].flatMap((source) => snippetsOf(source, read(source) ?? ''))))
}

/** The home page of VitePress has no main landmark; the theme keeps it when the reader comes from another page. */
const markHome = (file: string): void => {
  const html = readFileSync(file, 'utf8')
  const marked = html.replace(' id="VPContent"', ' id="VPContent" role="main"')
  if (marked === html) throw new SiteError('the home page has no #VPContent')
  writeFileSync(file, marked)
}

const buildPages = async (pages: readonly Page[], out: string): Promise<void> => {
  const folder = join(root, 'site/.pages')
  rmSync(folder, { recursive: true, force: true })
  try {
    writePages(pages, folder)
    mkdirSync(join(folder, '.vitepress'))
    const config = JSON.stringify(vitepressConfig(pages, out))
    cpSync(join(root, 'site/theme'), join(folder, '.vitepress/theme'), { recursive: true })
    writeFileSync(join(folder, '.vitepress/config.mjs'), `export default ${config}`)
    await build(folder)
    markHome(join(out, 'index.html'))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const checkAccessibility = async (out: string): Promise<void> => {
  const faults = await step('accessibility checked', () => accessibilityFaults(out))
  if (faults === null) process.stderr.write('SKIPPED: there is no Chromium, so axe was not asked about the site\n')
  else refuse('axe objects to:', faults)
}

/** The pages of the site that `withApi` adds are made by TypeDoc in a folder of its own: VitePress empties `out`. */
const buildSite = async (out: string, withApi: boolean): Promise<void> => {
  const guides = pagesOf(read)
  const api = mkdtempSync(join(tmpdir(), 'lsmkit-api-'))
  try {
    await step('snippets compiled', () => checkSnippets(guides))
    const reference = withApi ? await step('API built', () => buildApi(api)) : []
    const pages = [...guides, ...reference]
    await step(`${pages.length} pages built`, () => buildPages(pages, out))
    if (withApi) cpSync(api, join(out, 'api'), { recursive: true })
    cpSync(consoleFiles, join(out, 'console'), { recursive: true })
    const broken = await step('links checked', () => brokenLinks(out))
    refuse('broken links:', broken.filter((link) => withApi || !/: \/(api|reference)\//.test(link)))
    const unfound = await step('search checked', () => searchFaults(out, withApi))
    refuse('what the search does not find:', unfound)
    if (withApi) await checkAccessibility(out)
  } finally {
    rmSync(api, { recursive: true, force: true })
  }
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
