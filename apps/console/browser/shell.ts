/** Run: a person at the shell, and what guests cannot do to the page. */
import { calm, equal, holds } from './harness.ts'
import type { Check, Harness, Opened } from './harness.ts'

export const type = async ({ page }: Opened, line: string): Promise<void> => {
  await page.locator('.xterm-helper-textarea').focus()
  await page.keyboard.type(`${line}\n`)
}

export const shows = async (opened: Opened, text: string | RegExp): Promise<void> =>
  void (await opened.page.locator('.xterm-rows').filter({ hasText: text }).first().waitFor())

export const atShell = async (harness: Harness, link = ''): Promise<Opened> => {
  const opened = await harness.open(link)
  await harness.ready(opened.page)
  await shows(opened, '$')
  return opened
}

export const shell: readonly Check[] = [
  ['run: a shell refuses, and the refusal leads to why', async (harness) => {
    const opened = await atShell(harness)
    const { page } = opened
    await type(opened, 'cat /etc/shadow')
    await shows(opened, 'Permission denied')
    await page.locator('.refusals li button').first().click()
    await page.getByRole('heading', { name: 'What would permit it' }).waitFor()
    holds((await page.locator('.why').innerText()).includes('CAP_DAC_'), 'Why names no capability')
    await harness.screenshot(page, 'why-light')
    await harness.accessible(page)
    calm(opened)
    await page.context().close()
  }],
  ['run: names and output of guests are text, and guests do not reach the page', async (harness) => {
    const opened = await atShell(harness)
    const { page } = opened
    await type(opened, 'echo x > "/tmp/<img src=q onerror=document.title=1>"; ls /tmp')
    await type(opened, 'cat "/tmp/<b id=owned>"')
    await type(opened, String.raw`echo "<script>document.title=2</script>"`)
    await shows(opened, '<script>')
    await page.getByRole('link', { name: 'Live' }).click()
    await page.getByRole('searchbox', { name: 'Search' }).fill('img src')
    await page.locator('.row').first().waitFor()
    equal(await page.locator('#owned, .row img').count(), 0)
    equal(await page.title(), 'Live · lsmkit console')
    calm(opened)
    await page.context().close()
  }],
  ['run: a program that calls nothing is ended', async (harness) => {
    const opened = await harness.open('#/run?program=upload')
    const { page } = opened
    await harness.ready(page)
    // (module (func (export "_start") (loop br 0)) (memory (export "memory") 1))
    const buffer = Buffer.from(
      '0061736d0100000001040160000003020100050301000107130206' +
      '5f73746172740000066d656d6f727902000a0901070003400c000b0b', 'hex')
    const file = { name: 'loop.wasm', mimeType: 'application/wasm', buffer }
    await page.locator('input[type=file]').setInputFiles(file)
    await page.getByRole('button', { name: 'Run', exact: true }).click()
    await page.locator('.boot-line', { hasText: 'loop.wasm runs' }).waitFor()
    await page.getByRole('button', { name: 'Stop' }).click()
    await page.locator('.boot-line', { hasText: 'runs' }).waitFor({ state: 'detached' })
    await harness.ready(page)
    calm(opened)
    await page.context().close()
  }],
  ['run: a scenario, by keyboard', async (harness) => {
    const opened = await harness.open('#/run?program=scenario')
    const { page } = opened
    await harness.ready(page)
    await page.locator('.cm-content').click()
    await page.keyboard.press('Control+Enter')
    await page.getByText('as expected').waitFor()
    await harness.screenshot(page, 'scenario-light')
    await harness.accessible(page)
    calm(opened)
    await page.context().close()
  }],
]
