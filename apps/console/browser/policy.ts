/** Policy: a type and what is around it, a label, two policies in words. */
import { readFileSync } from 'node:fs'
import { calm } from './harness.ts'
import type { Check } from './harness.ts'

const source = (name: string): Buffer => readFileSync(new URL(`../../demo/policy/${name}`, import.meta.url))

export const policy: readonly Check[] = [
  ['policy: rules and neighbours of a type, labels, and what another policy does otherwise', async (harness) => {
    const opened = await harness.open('#/policy')
    const { page } = opened
    await harness.ready(page)
    await page.locator('section[aria-label="Domain transitions"]', { hasText: 'kernel_t → guest_t' }).waitFor()
    await page.getByText('u:object_r:shadow_t').waitFor()
    await page.getByText('Guest System rx').waitFor()
    await page.getByText('allow guest_t etc_t:file').waitFor()
    await page.locator('.graph canvas').first().waitFor()
    await harness.accessible(page)
    await harness.screenshot(page, 'policy-light')
    await page.getByRole('searchbox', { name: 'Type' }).fill('shadow')
    await page.getByRole('button', { name: 'shadow_t' }).click()
    await page.getByRole('heading', { name: 'Around shadow_t' }).waitFor()
    await page.locator('input[type=file]').first()
      .setInputFiles({ name: 'broken.cil', mimeType: 'text/plain', buffer: source('guest.cil') })
    await page.getByRole('alert').waitFor()
    calm(opened)
    await page.context().close()
  }],
]
