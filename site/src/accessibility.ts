/** Asks axe about pages of the built site in Chromium, light and dark. */
import { existsSync, readFileSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import type { Server } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { extname, join } from 'node:path'
import { chromium } from 'playwright-core'
import type { Browser } from 'playwright-core'

/** One of each kind: home, guide, picture, tables, reference, README, TypeDoc's. */
const PAGES = [
  '/', '/getting-started', '/tour', '/comparison', '/packages/yama', '/reference/', '/reference/yama',
  '/api/index.html', '/api/interfaces/_lsmkit_core.Stack.html',
]
const SCHEMES = ['light', 'dark'] as const

const browserPath = process.env.CHROMIUM ?? '/usr/bin/chromium'

const TYPES: ReadonlyMap<string, string> = new Map([
  ['.html', 'text/html'], ['.js', 'text/javascript'], ['.css', 'text/css'], ['.svg', 'image/svg+xml'],
])

/** A web server of the folder on 127.0.0.1. */
const serve = async (folder: string): Promise<Server> => {
  const server = createServer(({ url = '/' }, response) => {
    const path = join(folder, new URL(url, 'http://127.0.0.1').pathname)
    const file = [path, `${path}.html`, join(path, 'index.html')]
      .find((one) => existsSync(one) && statSync(one).isFile())
    if (file === undefined) return void response.writeHead(404).end()
    response.setHeader('content-type', TYPES.get(extname(file)) ?? 'application/octet-stream')
    response.end(readFileSync(file))
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  return server
}

interface Violation {
  readonly id: string
  readonly nodes: readonly { readonly html: string }[]
}

const violations = async (browser: Browser, url: string, colorScheme: 'light' | 'dark'): Promise<readonly string[]> => {
  const page = await browser.newPage({ colorScheme, reducedMotion: 'reduce' })
  try {
    await page.goto(url, { waitUntil: 'load' })
    await page.evaluate(`${readFileSync(createRequire(import.meta.url).resolve('axe-core'), 'utf8')};0`)
    const { violations: found } = await page.evaluate('axe.run(document)') as { violations: readonly Violation[] }
    const place = `${new URL(url).pathname}, ${colorScheme}`
    return found.map(({ id, nodes }) => `${place}: ${id}: ${nodes[0]!.html.slice(0, 120)}`)
  } finally {
    await page.close()
  }
}

/** A line for each violation; null where there is no Chromium. */
export const accessibilityFaults = async (folder: string): Promise<readonly string[] | null> => {
  if (!existsSync(browserPath)) return null
  const server = await serve(folder)
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const browser = await chromium.launch({ executablePath: browserPath, args: ['--no-sandbox'] })
  try {
    const faults: string[] = []
    for (const scheme of SCHEMES)
      for (const page of PAGES) faults.push(...await violations(browser, base + page, scheme))
    return faults
  } finally {
    await browser.close()
    server.close()
  }
}
