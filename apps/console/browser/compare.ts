/** Compare: every attempt on every stack, and where two part. */
import { calm, equal } from './harness.ts'
import type { Check } from './harness.ts'

export const compare: readonly Check[] = [
  ['compare: who stops what, and the first call at which two stacks part; a link restores it', async (harness) => {
    const opened = await harness.open('#/compare?stacks=capability|capability,yama,smack')
    const { page } = opened
    await harness.ready(page)
    const cells = page.locator('.compare-grid tr', { hasText: 'read /etc/shadow' }).locator('button')
    await cells.nth(1).waitFor()
    equal(await cells.allInnerTexts(), ['ok', 'smack: inode_permission'])
    await cells.nth(1).click()
    await page.locator('.parting', { hasText: 'etc/shadow' }).waitFor()
    await harness.accessible(page)
    await harness.screenshot(page, 'compare-light')
    await page.reload()
    await page.locator('.parting', { hasText: 'etc/shadow' }).waitFor()
    calm(opened)
  }],
]
