/**
 * The console in Chromium: each view by what a person does; and the example of a page of one's own. `run.mjs source
 * apps/console/browser/main.ts CHROMIUM URL SITE EXAMPLE SHOTS [--quick] [WORD…]`; words choose checks by their names.
 * When it has to be quick, only pages of checks that failed are taken. Ends with `N passed, N failed`.
 */
import { join } from 'node:path'
import { apparmor } from './apparmor.ts'
import { compare } from './compare.ts'
import { editor } from './editor.ts'
import { example } from './example.ts'
import { firstDenial } from './first-denial.ts'
import { fleet } from './fleet.ts'
import { harnessOf, launch } from './harness.ts'
import type { Check } from './harness.ts'
import { hooks } from './hooks.ts'
import { keyboard } from './keyboard.ts'
import { links } from './link.ts'
import { live } from './live.ts'
import { looks } from './looks.ts'
import { module } from './module.ts'
import { policy } from './policy.ts'
import { served } from './served.ts'
import { shell } from './shell.ts'
import { site as staticSite } from './site.ts'
import { stack } from './stack.ts'
import { timeline } from './timeline.ts'
import { walk } from './walk.ts'
import { why } from './why.ts'

/** Checks that run beside one another. */
const LANES = 2
/** Milliseconds that a check may take; one that measures does it up to three times. */
const LONGEST = 400_000
const LONGEST_ALONE = 600_000

const [chromium = '', url = '', site = '', exampleUrl = '', shots = '', ...rest] = process.argv.slice(2)
const words = rest.filter((word) => word !== '--quick')
const isQuick = words.length < rest.length
const browser = await launch(chromium)
// the longest first
const checks = [...shell, ...module, ...links, ...stack, ...looks, ...live, ...timeline,
  ...walk, ...firstDenial, ...editor, ...keyboard, ...hooks, ...why,
  ...policy, ...apparmor, ...compare, ...fleet, ...served, ...example, ...staticSite]
  .filter(([name]) => words.every((word) => name.includes(word)))
const late = (after: number): Promise<never> =>
  new Promise((_resolve, reject) => void setTimeout(() => reject(new Error('it takes too long')), after).unref())
let failed = 0

const play = async ([name, run, manner]: Check): Promise<void> => {
  const harness = harnessOf(browser, { url, site, example: exampleUrl }, isQuick ? null : shots)
  const from = performance.now()
  let fault = ''
  try {
    await Promise.race([run(harness), late(manner === 'alone' ? LONGEST_ALONE : LONGEST)])
  } catch (error) {
    failed++
    fault = `${(error as Error).message}\n`
    for (const [i, page] of harness.pages().entries())
      await page.screenshot({ path: join(shots, `failed-${name.replace(/\W+/g, '-')}-${i}.png`) }).catch(() => {})
  }
  await harness.close()
  const took = ((performance.now() - from) / 1000).toFixed(1)
  process.stdout.write(`${fault === '' ? 'ok    ' : 'FAILED'} ${name} (${took} s)\n${fault}`)
}

const together = checks.filter(([, , manner]) => manner === undefined).values()
await Promise.all(Array.from({ length: LANES }, async () => {
  for (const check of together) await play(check)
}))
for (const check of checks) if (check[2] === 'alone') await play(check)
await browser.close()
process.stdout.write(`${checks.length - failed} passed, ${failed} failed\n`)
if (checks.length === 0) process.stderr.write(`no check has \`${words.join(' ')}\` in its name\n`)
process.exitCode = checks.length === 0 ? 2 : failed === 0 ? 0 : 1
