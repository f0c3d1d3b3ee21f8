/** The example of a kernel in a page of one's own, by what a person does. */
import { calm, equal } from './harness.ts'
import type { Check } from './harness.ts'

export const example: readonly Check[] = [
  ['example: examples/browser-tab refuses, and lets go while its rule is off', async (harness) => {
    const opened = await harness.open('', { base: harness.example })
    const { page } = opened
    const newest = page.locator('#log li').first()
    await newest.filter({ hasText: 'open("/host.key") = EACCES' }).waitFor()
    await page.getByRole('checkbox', { name: 'vault is attached' }).uncheck()
    await page.getByRole('button', { name: 'open /host.key' }).click()
    equal(await newest.innerText(), 'open("/host.key") = ok')
    await page.getByRole('checkbox', { name: 'vault is attached' }).check()
    await page.getByRole('button', { name: 'open /host.key' }).click()
    await newest.filter({ hasText: 'EACCES' }).waitFor()
    calm(opened)
  }],
]
