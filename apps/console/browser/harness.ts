/** The base of every check of the console: a browser, pages of its own, and a list of passed checks. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core'

const flags = [
  '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync',
]

/** Milliseconds that anything may take before it counts as not coming. */
export const PATIENCE = 120_000

export interface Opened {
  readonly page: Page
  /** Console messages and errors of the page; each is a failure. */
  readonly complaints: string[]
}

export interface OpenOptions extends BrowserContextOptions {
  readonly base?: string
  /** Code that runs in the page before its own. */
  readonly before?: () => void
}

/** One check's own. */
export interface Harness {
  /** Where the console is served, with its token. */
  readonly url: string
  /** Where it lies as a static site. */
  readonly site: string
  /** Where the page of examples/browser-tab is. */
  readonly example: string
  /** `link` is the part behind `#`. */
  open(link?: string, options?: OpenOptions): Promise<Opened>
  /** A kernel runs. */
  ready(page: Page): Promise<void>
  screenshot(page: Page, name: string): Promise<void>
  /** Throws with what axe finds. */
  accessible(page: Page): Promise<void>
  /** Every page that was opened; `close` closes them. */
  pages(): Page[]
  close(): Promise<void>
}

/** `alone`: it measures time, and no other check runs beside it. */
export type Check = readonly [name: string, run: (harness: Harness) => Promise<void>, manner?: 'alone']

export const launch = (executablePath: string): Promise<Browser> =>
  // playwright gives each browser a new and empty folder for its user's data
  chromium.launch({ executablePath, args: flags })

const axe = createRequire(import.meta.url).resolve('axe-core')

export type Places = Pick<Harness, 'url' | 'site' | 'example'>

/** Without a folder for them, no screenshots are taken. */
export const harnessOf = (browser: Browser, places: Places, shots: string | null): Harness => {
  const contexts: BrowserContext[] = []
  return {
    ...places,
    pages: () => contexts.flatMap((context) => context.pages()),
    async close() {
      for (const context of contexts) await context.close()
    },
    async open(link = '', { base = places.url, before, ...options } = {}) {
      const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options })
      contexts.push(context)
      context.setDefaultTimeout(PATIENCE)
      if (before !== undefined) await context.addInitScript(before)
      const page = await context.newPage()
      const complaints: string[] = []
      page.on('console', (message) => {
        if (['error', 'warning'].includes(message.type())) complaints.push(message.text())
      })
      page.on('pageerror', (error) => complaints.push(error.message))
      await page.goto(base + link)
      return { page, complaints }
    },
    ready: async (page) => void (await page.waitForSelector('.boot-line.up')),
    async screenshot(page, name) {
      if (shots !== null) await page.screenshot({ path: join(shots, `${name}.png`) })
    },
    async accessible(page) {
      // the page's own policy lets no code in; the checker comes from outside of it
      if (!await page.evaluate(() => 'axe' in globalThis)) await page.evaluate(`${readFileSync(axe, 'utf8')};0`)
      const found = await page.evaluate(async () => {
        interface Violation {
          readonly id: string
          readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[]
        }
        const { axe: checker } = globalThis as unknown as {
          axe: { run: (root: Document, options: object) => Promise<{ readonly violations: readonly Violation[] }> }
        }
        const { violations } = await checker.run(document, { preload: false, resultTypes: ['violations'] })
        return violations.flatMap(({ id, nodes }) =>
          nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`))
      })
      if (found.length > 0) throw new Error(found.slice(0, 8).join('\n'))
    },
  }
}

export const equal = (got: unknown, expected: unknown, what = ''): void => {
  const [a, b] = [JSON.stringify(got), JSON.stringify(expected)]
  if (a !== b) throw new Error(`${what} expected ${b}, got ${a}`)
}

export const holds = (claim: boolean, what: string): void => {
  if (!claim) throw new Error(what)
}

/** Every complaint is a failure, except for those that a check asks for. */
export const calm = ({ complaints }: Opened): void => equal(complaints, [], 'the page complained:')

/** Observers of sizes have run, and their effect is drawn. */
export const settled = (page: Page): Promise<void> =>
  page.evaluate(async () => {
    for (let i = 0; i < 4; i++) await new Promise(requestAnimationFrame)
  })
