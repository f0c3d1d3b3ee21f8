/** Live: filters, links that restore, a flood, and a worker that fails. */
import { readFileSync } from 'node:fs'
import { floodTimes } from './flood-times.ts'
import type { FloodTimes } from './flood-times.ts'
import { calm, equal, holds, settled } from './harness.ts'
import type { Check } from './harness.ts'
import { inTime, underLoad } from './in-time.ts'
import { atShell, shows, type } from './shell.ts'

/** Decisions. */
const FLOOD = 150_000
/** Decisions that the page keeps. */
const KEPT = 1 << 17
/** Of its time, what the page's thread may be busy for: half of it is to spare. */
const BUSY = 0.5
/** Milliseconds from one frame to the next. */
const MEDIAN = 50
const WORST = 200
/** Milliseconds of processor that one task of the page may take. */
const TASK = 50

export const live: readonly Check[] = [
  ['live: filters by verdict, hook and text; a link restores them', async (harness) => {
    const opened = await atShell(harness)
    const { page } = opened
    await type(opened, 'cat /etc/shadow /srv/report')
    await shows(opened, 'figures')
    await page.keyboard.press('Tab')
    await page.getByRole('link', { name: 'Live' }).click()
    await page.getByRole('combobox', { name: 'Verdict' }).selectOption('refused')
    await page.getByRole('combobox', { name: 'Hook' }).selectOption('capable')
    const texts = await page.locator('.row').allInnerTexts()
    holds(texts.length > 0 && texts.every((text) => text.includes('EACCES')), texts.join('\n'))
    await page.getByRole('listbox').focus()
    await page.keyboard.press('ArrowDown')
    await page.getByRole('heading', { name: 'What would permit it' }).waitFor()
    await page.waitForURL(/hook=capable.*pick=/)
    const address = page.url()
    await page.reload()
    equal(page.url(), address)
    equal(await page.getByRole('combobox', { name: 'Hook' }).inputValue(), 'capable')
    await page.goBack()
    await page.getByRole('link', { name: 'Run', exact: true }).click()
    calm(opened)
  }],
  ['live: opens on what was refused, and leaves out what the terminal does for itself', async (harness) => {
    const opened = await atShell(harness)
    const { page } = opened
    await page.keyboard.press('4')
    await page.getByText('Nothing that matches was refused').waitFor()
    equal(await page.getByRole('combobox', { name: 'Verdict' }).inputValue(), '')
    const shown = async (): Promise<number> => {
      await settled(page)
      return Number((await page.locator('.counts strong').innerText()).replaceAll(',', ''))
    }
    await page.getByRole('combobox', { name: 'Verdict' }).selectOption('any')
    equal(await shown(), 0, 'decisions of a shell that has only started:')
    await page.getByRole('checkbox', { name: 'the terminal’s own' }).check()
    const ofTerminal = await shown()
    holds(ofTerminal > 20, `the terminal's own decisions: ${ofTerminal}`)
    await page.getByRole('checkbox', { name: 'the terminal’s own' }).uncheck()
    await page.keyboard.press('1')
    await type(opened, 'cat /etc/shadow')
    await shows(opened, 'Permission denied')
    await page.keyboard.press('Tab')
    await page.keyboard.press('4')
    await page.locator('.row', { hasText: 'etc' }).first().waitFor()
    const rows = (await page.locator('.row').allInnerTexts()).join('\n')
    holds(!/\/dev\/(?:pts|ptmx)/.test(rows), rows)
    await page.getByRole('combobox', { name: 'Verdict' }).selectOption('refused')
    await page.locator('.row', { hasText: 'CAP_DAC_READ_SEARCH' }).waitFor()
    holds(await shown() < 10, 'more is refused than what cat was')
    await harness.accessible(page)
    await harness.screenshot(page, 'live-refused')
    calm(opened)
  }],
  ['live: a session as one file, which opens without a server', async (harness) => {
    const opened = await atShell(harness)
    const { page } = opened
    await type(opened, 'capraise sys_admin setuid 0; ls -l /proc/1; cat "/etc/shadow" "/tmp/<i id=owned>"')
    await shows(opened, 'Permission denied')
    await page.locator('.refusals li button').first().waitFor()
    const [download] = await Promise.all([
      page.waitForEvent('download'), page.getByRole('button', { name: 'Export' }).click(),
    ])
    const text = readFileSync(await download.path(), 'utf8')
    holds(text.includes('capset({version=') && !text.includes(String.raw`\u0000`), 'calls are shown as raw bytes')
    holds(text.includes('Would permit it') && !text.includes('<i id=owned>'), 'the file lacks why, or has markup')
    const other = await page.context().newPage()
    await other.setContent(text)
    await other.locator('summary').first().click()
    await other.getByText('Hooks in order').first().waitFor()
    await harness.screenshot(other, 'export')
    calm(opened)
  }],
  ['live: a flood: frames go on, refusals are kept, and what is left out is counted', async (harness) => {
    const opened = await atShell(harness)
    const { page } = opened
    await type(opened, 'cat /etc/shadow')
    await shows(opened, 'Permission denied')
    await page.locator('.refusals li button').first().waitFor()
    await page.keyboard.press('Tab')
    await page.getByRole('link', { name: 'Live' }).click()
    await page.getByRole('combobox', { name: 'Verdict' }).selectOption('any')
    await page.getByRole('checkbox', { name: 'the terminal’s own' }).check()
    let floods = 0
    const flood = async (state: string): Promise<FloodTimes> => {
      floods++
      const times = await floodTimes(page, FLOOD)
      const { median, worst, longest, share, rate } = times
      const busy = `${rate.toLocaleString('en')} decisions a second keep the page busy ${(100 * share).toFixed(0)} %`
      const frames = `frame gaps p50 ${median.toFixed(0)} ms, worst ${worst.toFixed(0)} ms`
      const task = `longest task ${longest.toFixed(0)} ms of processor`
      process.stdout.write(`       ${state}: ${frames}, ${task}; ${busy} of the time\n`)
      holds(longest <= TASK, `a task of a flood takes ${longest.toFixed(0)} ms of processor`)
      holds(share <= BUSY, `${busy} of the time, more than half`)
      return times
    }
    await inTime('the worst frame gap of a flood', WORST, async () => {
      const { median, worst } = await flood('quiet')
      return median > MEDIAN ? median * (WORST / MEDIAN) : worst
    })
    await underLoad(() => flood('loaded'))
    // the last call of a flood makes up to four decisions, and the shell has made some
    await page.waitForFunction((least) => {
      const [, made = ''] = /of ([\d,]+) dec/.exec(document.querySelector('.counts')!.textContent!) ?? []
      return Number(made.replaceAll(',', '')) >= least
    }, floods * FLOOD)
    const counts = await page.locator('.counts').innerText()
    const [total, leftOut] = [/of ([\d,]+) decisions/, /([\d,]+) allowed left out$/]
      .map((one) => Number(one.exec(counts)?.[1]?.replaceAll(',', '')))
    equal(leftOut, total! - KEPT, `left out of a flood (${counts}):`)
    holds((await page.locator('.row').count()) < 80, 'rows that are out of sight exist')
    await harness.screenshot(page, 'live-flood')
    await page.getByRole('listbox').focus()
    await page.keyboard.press('Home')
    await page.locator('.row[aria-selected=true][aria-posinset="1"]').waitFor()
    await page.keyboard.press('End')
    await page.locator(`.row[aria-selected=true][aria-posinset="${KEPT}"]`, { hasText: 'EACCES' }).waitFor()
    await page.locator('.why').getByRole('heading', { name: 'What would permit it' }).waitFor()
    await page.locator('.why .way', { hasText: /hooks? of this call allowed it, and made room/ }).waitFor()
    calm(opened)
  }, 'alone'],
  ['live: what a link says wrongly counts for nothing', async (harness) => {
    const broken = 'by=constructor&verdict=zz&from=abc&to=%zz&last=x&pick=%E0%A4&program=toString&user=constructor'
    const opened = await harness.open(`#/live?${broken}&time=-1&memory=x&sample=no&who=me&cell=a.b&beside=x`)
    const { page } = opened
    await harness.ready(page)
    const sees = async (view: string): Promise<void> => {
      await page.getByRole('link', { name: view, exact: true }).click()
      await page.locator(`main[aria-label=${view}] .view`).waitFor()
    }
    for (const view of ['Stack', 'Policy', 'Live', 'Run']) await sees(view)
    await shows(opened, '$')
    await type(opened, 'id')
    await shows(opened, 'uid=1000')
    await sees('Compare')
    equal(await page.getByRole('alert').count(), 0, 'messages:')
    calm(opened)
  }],
  ['live: a worker that fails is reported, and there is a new kernel', async (harness) => {
    const opened = await harness.open('#/stack')
    const { page } = opened
    await harness.ready(page)
    await page.waitForTimeout(5100)
    await page.workers()[0]!.evaluate(() => void setTimeout(() => {
      throw new Error('a fault that was asked for')
    }))
    await page.getByRole('alert').filter({ hasText: 'started again' }).waitFor()
    await harness.ready(page)
    await harness.screenshot(page, 'crash')
  }],
]
