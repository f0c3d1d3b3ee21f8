/**
 * The console in Chromium: each view by what a person does. `node apps/console/browser/main.ts CHROMIUM URL SITE SHOTS
 * [WORD…]`; words choose checks by their names. Ends with `N passed, N failed`.
 */
import { compare } from './compare.ts'
import { harnessOf, launch } from './harness.ts'
import { live } from './live.ts'
import { looks } from './looks.ts'
import { policy } from './policy.ts'
import { served } from './served.ts'
import { shell } from './shell.ts'
import { site } from './site.ts'
import { stack } from './stack.ts'

const [chromium = '', url = '', where = '', shots = '', ...words] = process.argv.slice(2)
const browser = await launch(chromium)
const harness = harnessOf(browser, url, where, shots)
const checks = [...served, ...site, ...shell, ...live, ...stack, ...policy, ...compare, ...looks]
  .filter(([name]) => words.every((word) => name.includes(word)))
let failed = 0
for (const [name, run] of checks) {
  const from = performance.now()
  let fault = ''
  try {
    await run(harness)
  } catch (error) {
    failed++
    fault = `${(error as Error).message}\n`
    for (const [i, page] of browser.contexts().flatMap((context) => context.pages()).entries())
      await harness.screenshot(page, `failed-${name.replace(/\W+/g, '-')}-${i}`)
  }
  for (const context of browser.contexts()) await context.close()
  const took = ((performance.now() - from) / 1000).toFixed(1)
  process.stdout.write(`${fault === '' ? 'ok    ' : 'FAILED'} ${name} (${took} s)\n${fault}`)
}
await browser.close()
process.stdout.write(`${checks.length - failed} passed, ${failed} failed\n`)
process.exitCode = failed === 0 ? 0 : 1
