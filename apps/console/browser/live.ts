/** Live: filters, links that restore, a flood, and a worker that fails. */
import { readFileSync } from 'node:fs'
import { calm, equal, holds } from './harness.ts'
import type { Check } from './harness.ts'
import { atShell, shows, type } from './shell.ts'

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
    holds(texts.length > 0 && texts.every((text) => text.includes('EPERM')), texts.join('\n'))
    await page.getByRole('listbox').focus()
    await page.keyboard.press('ArrowDown')
    await page.getByRole('heading', { name: 'What would permit it' }).waitFor()
    const address = page.url()
    await page.reload()
    equal(page.url(), address)
    equal(await page.getByRole('combobox', { name: 'Hook' }).inputValue(), 'capable')
    await page.goBack()
    await page.getByRole('link', { name: 'Run', exact: true }).click()
    calm(opened)
    await page.context().close()
  }],
  ['live: a session as one file, which opens without a server', async (harness) => {
    const opened = await atShell(harness)
    const { page } = opened
    await type(opened, 'cat "/etc/shadow" "/tmp/<i id=owned>"')
    await shows(opened, 'Permission denied')
    await page.locator('.refusals li button').first().waitFor()
    const [download] = await Promise.all([
      page.waitForEvent('download'), page.getByRole('button', { name: 'Export' }).click(),
    ])
    const text = readFileSync(await download.path(), 'utf8')
    holds(text.includes('Would permit it') && !text.includes('<i id=owned>'), 'the file lacks why, or has markup')
    const other = await page.context().newPage()
    await other.setContent(text)
    await other.locator('summary').first().click()
    await other.getByText('Hooks in order').first().waitFor()
    await harness.screenshot(other, 'export')
    calm(opened)
    await page.context().close()
  }],
  ['live: 200,000 decisions at once: frames go on, lost ones are counted', async (harness) => {
    const opened = await harness.open('#/live')
    const { page } = opened
    await harness.ready(page)
    // the same page at rest first: what the machine is busy with elsewhere is in both
    const [rest, flooded] = await page.evaluate(async () => {
      const flood = (globalThis as unknown as { lsmkitFlood: (n: number) => Promise<number> }).lsmkitFlood
      /** Milliseconds of the frame that one in twenty is slower than, while something goes on. */
      const slowFrame = async (meanwhile: () => Promise<unknown>): Promise<number> => {
        const frames: number[] = []
        let last = performance.now()
        let isOver = false
        const frame = (now: number): void => {
          frames.push(now - last)
          last = now
          if (!isOver) requestAnimationFrame(frame)
        }
        requestAnimationFrame(frame)
        await meanwhile()
        isOver = true
        return frames.sort((a, b) => b - a)[Math.floor(frames.length / 20)]!
      }
      const idle = await slowFrame(() => new Promise((resolve) => void setTimeout(resolve, 1500)))
      return [idle, await slowFrame(() => flood(200_000))] as const
    })
    await page.getByText('lost').waitFor()
    holds((await page.locator('.row').count()) < 80, 'rows that are out of sight exist')
    const told = `a frame in twenty took ${flooded.toFixed(0)} ms, at rest ${rest.toFixed(0)} ms`
    holds(flooded <= Math.max(34, 3 * rest), told)
    await harness.screenshot(page, 'live-flood')
    await page.getByRole('listbox').focus()
    await page.keyboard.press('End')
    await page.keyboard.press('Home')
    calm(opened)
    await page.context().close()
  }],
  ['live: a worker that fails is told of, and there is a new kernel', async (harness) => {
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
    await page.context().close()
  }],
]
