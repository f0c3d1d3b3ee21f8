/**
 * Takes docs/console.png, which README.md shows: a shell that is refused a file, and why. Needs Chromium and the built
 * console: `node scripts/run.mjs source apps/console/browser/picture.ts`.
 */
import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join } from 'node:path'
import { harnessOf, launch } from './harness.ts'
import { atShell, shows, type } from './shell.ts'

const dist = join(import.meta.dirname, '../dist')
const docs = join(import.meta.dirname, '../../../docs')
const types = new Map([
  ['.html', 'text/html'], ['.js', 'text/javascript'], ['.css', 'text/css'], ['.wasm', 'application/wasm'],
])

const server = createServer(({ url = '/' }, response) => {
  const path = join(dist, new URL(url, 'http://127.0.0.1').pathname.replace(/\/$/, '/index.html'))
  if (!existsSync(path)) return void response.writeHead(404).end()
  response.setHeader('content-type', types.get(extname(path)) ?? 'application/octet-stream')
  response.end(readFileSync(path))
})
await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
const browser = await launch(process.env.CHROMIUM ?? '/usr/bin/chromium')
try {
  const harness = harnessOf(browser, { url, site: url, example: url }, docs)
  const opened = await atShell(harness, '#/run?theme=light')
  await opened.page.setViewportSize({ width: 1680, height: 860 })
  await type(opened, 'cat /etc/shadow')
  await shows(opened, 'Permission denied')
  await opened.page.locator('.refusals li button').first().click()
  await opened.page.getByRole('heading', { name: 'What would permit it' }).waitFor()
  await harness.screenshot(opened.page, 'console')
} finally {
  await browser.close()
  server.close()
}
