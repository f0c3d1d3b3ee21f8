/** Links: what one shows opens again in another tab, and no module runs before the reader says so. */
import { calm, equal } from './harness.ts'
import type { Check } from './harness.ts'
import { atShell, shows, type } from './shell.ts'

export const links: readonly Check[] = [
  ['link: the address of a refusal opens the same Why in another tab, and after a reload', async (harness) => {
    const first = await atShell(harness)
    await type(first, 'cat /etc/shadow')
    await shows(first, 'Permission denied')
    await first.page.locator('.refusals li button').first().click()
    await first.page.locator('.why .way-end', { hasText: 'by capability' }).waitFor()
    await first.page.waitForURL(/pick=.*z=/)
    const address = new URL(first.page.url()).hash
    const other = await harness.open(address)
    await other.page.locator('.why .way-call', { hasText: 'etc/shadow' }).waitFor()
    await other.page.reload()
    await other.page.locator('.why .way-call', { hasText: 'etc/shadow' }).waitFor()
    calm(other)
  }],
  ['link: a module in an address waits for Run, and refuses as it did', async (harness) => {
    const first = await harness.open('#/module')
    await harness.ready(first.page)
    await first.page.locator('.module-panes .cm-content').focus()
    await first.page.keyboard.press('Control+Home')
    await first.page.keyboard.insertText('// from a friend\n')
    await first.page.getByRole('button', { name: 'Run', exact: true }).click()
    await first.page.locator('.denial').first().waitFor()
    await first.page.waitForURL(/z=/)
    const other = await harness.open(new URL(first.page.url()).hash, { base: harness.site })
    await harness.ready(other.page)
    await other.page.getByText('Nothing of it has run').waitFor()
    await other.page.locator('.cm-line', { hasText: 'from a friend' }).waitFor()
    equal(await other.page.locator('.denial').count(), 0, 'denials before Run:')
    await other.page.getByRole('button', { name: 'Run', exact: true }).click()
    await other.page.locator('.module-side .why .way-end', { hasText: 'by suffix' }).waitFor()
    calm(other)
  }],
  ['link: what was not packed here counts for nothing', async (harness) => {
    const opened = await harness.open('#/module?z=AAAA%%%')
    await harness.ready(opened.page)
    await opened.page.locator('.cm-line', { hasText: 'suffix' }).first().waitFor()
    calm(opened)
  }],
]
