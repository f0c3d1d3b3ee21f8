/** The page as Vite bundles it: in a document of Node, and in Chromium where one is at hand. */
import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, extname, join } from 'node:path'
import { promisify } from 'node:util'
import { parseHTML } from 'linkedom'
import { build } from 'vite'
import { afterAll, beforeAll, expect, test } from 'vitest'

const folder = mkdtempSync(join(tmpdir(), 'lsmkit-tab-'))
const conditions = ['lsmkit:source', 'module', 'browser', 'import', 'default']

beforeAll(async () => {
  await build({
    root: join(import.meta.dirname, '..'), configFile: false, logLevel: 'error', resolve: { conditions },
    build: { outDir: folder, emptyOutDir: true, minify: false, modulePreload: { polyfill: false } },
  })
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const html = () => readFileSync(join(folder, 'index.html'), 'utf8')
const bundle = () => readFileSync(join(folder, /src="\/(assets\/[^"]+\.js)"/.exec(html())![1]!), 'utf8')

test('the bundle needs nothing of Node', () => {
  expect(bundle()).not.toMatch(/\b(?:require\(|from ["']node:)/)
})

test('the page opens one file, refuses the other, and lets go when the rule is off', () => {
  const { document, Event } = parseHTML(html())
  // no names but those of a browser
  new Function('document', 'process', 'Buffer', 'require', bundle())(document)
  const lines = () => [...document.querySelectorAll('#log li')].map((line) => line.textContent)
  expect(lines()[1]).toBe('open("/notes.txt") = ok')
  expect(lines()[0]).toMatch(/^open\("\/host\.key"\) = EACCES: .*file_open/)

  const vault = document.querySelector('#vault') as unknown as { checked: boolean; dispatchEvent(event: object): void }
  vault.checked = false
  vault.dispatchEvent(new Event('change'))
  const [, key] = [...document.querySelectorAll('button')]
  key!.dispatchEvent(new Event('click'))
  expect(lines()[0]).toBe('open("/host.key") = ok')
})

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
const chromium = (process.env.PATH ?? '').split(delimiter)
  .flatMap((place) => names.map((name) => join(place, name))).find((path) => existsSync(path))

/** The files of the build, on loopback alone. */
const serve = async () => {
  const types: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' }
  const server = createServer(({ url = '/' }, response) => {
    const file = join(folder, url === '/' ? 'index.html' : url)
    if (!file.startsWith(folder) || !existsSync(file)) return void response.writeHead(404).end()
    response.setHeader('content-type', types[extname(file)] ?? 'application/octet-stream')
    response.end(readFileSync(file))
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  return server
}

const title = `in Chromium${chromium === undefined ? ' (skipped: none on PATH)' : ''}`

test.skipIf(chromium === undefined)(title, async () => {
  const server = await serve()
  try {
    const page = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
    const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--virtual-time-budget=5000', '--dump-dom',
      `--user-data-dir=${join(folder, 'profile')}`, page]
    const { stdout } = await promisify(execFile)(chromium!, flags, { timeout: 300_000 })
    expect(stdout).toContain('open("/notes.txt") = ok')
    expect(stdout).toContain('open("/host.key") = EACCES')
  } finally {
    server.close()
  }
})
