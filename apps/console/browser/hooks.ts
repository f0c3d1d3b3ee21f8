/** Names of hooks: their text under the pointer and with the focus, and the page that each leads to. */
import { calm, equal, holds } from './harness.ts'
import type { Check } from './harness.ts'
import { atShell, shows, type } from './shell.ts'

export const hooks: readonly Check[] = [
  ['hooks: a name shows its text by pointer and focus, Esc puts it away, and it leads to a page', async (harness) => {
    const opened = await atShell(harness)
    const { page } = opened
    await type(opened, 'cat /etc/shadow')
    await shows(opened, 'Permission denied')
    const tip = page.getByRole('tooltip')
    await page.locator('.refusals .hook').first().hover()
    await tip.filter({ hasText: 'int capable(const struct cred *cred' }).waitFor()
    // the pointer can go onto it, to read or copy
    await tip.hover()
    await page.waitForTimeout(400)
    equal(await tip.count(), 1, 'tips under the pointer:')
    await harness.accessible(page)
    await page.keyboard.press('Escape')
    await tip.waitFor({ state: 'detached' })
    await page.locator('.refusals li button').first().focus()
    await tip.waitFor()
    await page.locator('.refusals li button').first().click()
    await tip.waitFor({ state: 'detached' })
    const name = page.locator('.why a.hook', { hasText: /^inode_permission$/ }).first()
    await name.waitFor()
    await page.locator('.row .hook').first().hover()
    await tip.waitFor()
    await name.focus()
    await tip.filter({ hasText: 'int inode_permission(struct inode *inode' }).waitFor()
    holds(await name.getAttribute('aria-describedby') !== null, 'the tip does not describe the link')
    await harness.screenshot(page, 'hook-tip')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'inode_permission' }).waitFor()
    await page.getByText('smack is asked').waitFor()
    for (const width of [1440, 390]) {
      await page.setViewportSize({ width, height: 900 })
      equal(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), 0, `${width} wide:`)
      await harness.accessible(page)
      await harness.screenshot(page, `hook-page-${width}`)
    }
    await page.reload()
    await page.getByRole('heading', { name: 'inode_permission' }).waitFor()
    calm(opened)
  }],
  ['hooks: names are links in Stack, Compare and the costs, and a wrong one says so', async (harness) => {
    const opened = await harness.open('#/stack')
    const { page } = opened
    await harness.ready(page)
    await page.locator('.matrix a.hook').first().click()
    await page.getByRole('heading', { name: 'Parameters' }).waitFor()
    await page.getByRole('button', { name: 'Its decisions in Live' }).click()
    await page.locator('main[aria-label=Live]').waitFor()
    equal(await page.getByRole('combobox', { name: 'Verdict' }).inputValue(), 'any')
    const wrong = await harness.open('#/hook?about=constructor')
    await wrong.page.getByText('no hook of the name constructor').waitFor()
    calm(opened)
    calm(wrong)
  }],
]
