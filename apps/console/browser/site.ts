/** The static site: the same console from any web server, light at first load and soon of use. */
import { gzipSync } from 'node:zlib'
import { calm, holds } from './harness.ts'
import type { Check } from './harness.ts'
import { inTime } from './in-time.ts'

/** Bytes, packed as web servers pack them. Programs and their terminal come behind the kernel, and do not count. */
const FIRST_LOAD = 500_000
/** Milliseconds, on a machine that does nothing else. */
const SOON = 2000

export const site: readonly Check[] = [
  ['site: first load within 500 kB, of use within 2 s, nothing from elsewhere', async (harness) => {
    await inTime('a kernel in a static page', SOON, async () => {
      const opened = await harness.open('', { base: 'about:blank' })
      const { page } = opened
      const sizes: [name: string, bytes: number][] = []
      const elsewhere: string[] = []
      page.on('response', (answer) => void (async () => {
        const { pathname, origin } = new URL(answer.url())
        if (origin !== new URL(harness.site).origin) elsewhere.push(answer.url())
        if (!/\.wasm$|xterm|addon-fit/.test(pathname)) sizes.push([pathname, gzipSync(await answer.body()).length])
      })().catch(() => {}))
      const from = performance.now()
      await page.goto(harness.site)
      await harness.ready(page)
      const took = performance.now() - from
      const bytes = sizes.reduce((sum, [, size]) => sum + size, 0)
      await page.locator('.xterm-rows', { hasText: '$' }).waitFor()
      process.stdout.write(`       first load ${(bytes / 1000).toFixed(0)} kB packed\n`)
      const list = sizes.sort(([, a], [, b]) => b - a).slice(0, 12).map(([name, size]) => `${name} ${size}`)
      holds(bytes <= FIRST_LOAD, `the first load is ${bytes} bytes: ${list.join(', ')}`)
      holds(elsewhere.length === 0, `loaded from elsewhere: ${elsewhere.join(', ')}`)
      calm(opened)
      await page.context().close()
      return took
    })
  }, 'alone'],
]
