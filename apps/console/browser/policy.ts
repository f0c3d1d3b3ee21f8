/** Policy: a type and what is around it, a label, two policies in words. */
import { readFileSync } from 'node:fs'
import { kernelClassesCil } from '@lsmkit/selinux/classes'
import { compileCil } from '@lsmkit/selinux/cil'
import { writePolicy } from '@lsmkit/selinux/policydb'
import type { Page } from 'playwright-core'
import { calm, equal, holds, settled } from './harness.ts'
import type { Check } from './harness.ts'

const source = (name: string): Buffer => readFileSync(new URL(`../../demo/policy/${name}`, import.meta.url))

/** The tour's policy with more rules behind it. */
const cil = (more = ''): Buffer =>
  Buffer.concat([Buffer.from(kernelClassesCil()), source('base.cil'), source('guest.cil'), Buffer.from(more)])

/** The same as `load_policy` reads it. */
const binary = (more = ''): Buffer =>
  Buffer.from(writePolicy(compileCil([{ name: 'all.cil', text: cil(more).toString() }], { version: 33 }).policy))

/** Pixels from the middle of the graph's place to the middle of what is drawn in it. */
const offCentre = (page: Page): Promise<number> =>
  page.evaluate(() => {
    type Box = Record<'x1' | 'x2' | 'y1' | 'y2', number>
    interface Drawn {
      readonly _cyreg: { readonly cy: { elements(): { renderedBoundingBox(): Box } } }
    }
    const place = document.querySelector<HTMLElement>('.graph')!
    const { x1, x2, y1, y2 } = (place as unknown as Drawn)._cyreg.cy.elements().renderedBoundingBox()
    return Math.hypot((x1 + x2 - place.clientWidth) / 2, (y1 + y2 - place.clientHeight) / 2)
  })

export const policy: readonly Check[] = [
  ['policy: the graph stays in the middle when the window changes', async (harness) => {
    const opened = await harness.open('#/policy')
    const { page } = opened
    await harness.ready(page)
    await page.locator('.graph canvas').first().waitFor()
    for (const width of [360, 1000, 1440]) {
      await page.setViewportSize({ width, height: 900 })
      await settled(page)
      const off = await offCentre(page)
      holds(off < 12, `${width} wide, the graph is ${off.toFixed(0)} pixels off`)
    }
    calm(opened)
  }],
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
  }],
  ['policy: a binary one, and beside it another, binary or CIL: what that does otherwise', async (harness) => {
    const opened = await harness.open('#/policy?type=srv_t')
    const { page } = opened
    await harness.ready(page)
    const [policyFile, beside] = [page.locator('input[type=file]').first(), page.locator('input[type=file]').nth(1)]
    const changes = page.locator('section[aria-label="Changes"]')
    const more = '(type novel_t)(roletype object_r novel_t)(allow guest_t srv_t (file (write)))'
    await beside.setInputFiles({ name: 'other.cil', mimeType: 'text/plain', buffer: cil(more) })
    await changes.locator('li', { hasText: '+ guest_t may now write srv_t files' }).waitFor()
    await harness.accessible(page)
    await harness.screenshot(page, 'policy-beside')
    await policyFile.setInputFiles({ name: 'policy.33', mimeType: 'application/octet-stream', buffer: binary(more) })
    // what CIL and the binary say is the same
    await changes.getByText('Nothing.').waitFor()
    await page.locator('section[aria-label="Rules"] li', { hasText: /allow guest_t srv_t:file .*write/ }).waitFor()
    await page.getByRole('searchbox', { name: 'Type' }).fill('novel_t')
    await page.getByRole('heading', { name: 'Around novel_t' }).waitFor()
    await beside.setInputFiles({ name: 'policy.33', mimeType: 'application/octet-stream', buffer: binary() })
    await changes.locator('li', { hasText: '- guest_t may no longer write srv_t files' }).waitFor()
    await policyFile.setInputFiles({ name: 'cut.33', mimeType: 'x/y', buffer: binary().subarray(0, 900) })
    await page.getByRole('alert').waitFor()
    equal(await page.locator('.boot-line.up').count(), 1, 'kernels that are up:')
    calm(opened)
  }],
]
