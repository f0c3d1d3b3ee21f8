/** From opening the page to one's own denial, by keyboard alone: how long the page lets a reader wait. */
import { calm, holds } from './harness.ts'
import type { Check } from './harness.ts'

/** Milliseconds that may pass without the reader's own: 15 s are a person's who reads. */
const WAITING = 15_000

export const firstDenial: readonly Check[] = [
  ['first denial: a module of one\'s own refuses, from the first page on', async (harness) => {
    const from = performance.now()
    const opened = await harness.open()
    const { page } = opened
    const times: string[] = []
    const stamp = (what: string): void => void times.push(`${what} ${((performance.now() - from) / 1000).toFixed(1)} s`)
    await page.locator('.welcome').waitFor()
    stamp('the first words')
    await page.getByRole('button', { name: 'Write a module' }).focus()
    await page.keyboard.press('Enter')
    await page.locator('.module-panes .cm-line').first().waitFor()
    stamp('an editor')
    await harness.ready(page)
    stamp('a kernel')
    await page.locator('.module-panes .cm-content').focus()
    await page.keyboard.press('Control+Enter')
    await page.locator('.module-side .why .way-end', { hasText: 'by suffix' }).waitFor()
    stamp('a denial with its Why')
    process.stdout.write(`       ${times.join(', ')}\n`)
    const took = performance.now() - from
    holds(took < WAITING, `the first denial comes after ${(took / 1000).toFixed(1)} s`)
    calm(opened)
  }],
]
