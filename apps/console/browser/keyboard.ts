/** The keyboard alone: nothing keeps it, and the keys of the page are the page's where no text is written. */
import { calm, equal } from './harness.ts'
import type { Check, Opened } from './harness.ts'
import { atShell, shows, type } from './shell.ts'

/** What has the focus, as a selector that a reader of the failure understands. */
const isIn = ({ page }: Opened, selector: string): Promise<boolean> =>
  page.evaluate((one) => document.activeElement?.closest(one) !== null, selector)

const seesView = async ({ page }: Opened, view: string): Promise<void> =>
  void (await page.locator(`main[aria-label=${view}]`).waitFor())

export const keyboard: readonly Check[] = [
  ['keyboard: Tab, Shift Tab and Esc leave the terminal, and the screen says so', async (harness) => {
    const opened = await atShell(harness)
    const { page } = opened
    await page.locator('.terminal-pane .key-note', { hasText: 'Tab and Esc leave the terminal' }).waitFor()
    for (const key of ['Tab', 'Shift+Tab', 'Escape']) {
      await page.locator('.xterm-helper-textarea').focus()
      await page.keyboard.press(key)
      equal(await isIn(opened, '.xterm'), false, `the terminal keeps the focus after ${key}:`)
    }
    // a program still gets both
    await type(opened, 'cat > /tmp/keys')
    await page.keyboard.press('Control+i')
    await page.keyboard.press('Control+[')
    await page.keyboard.press('Enter')
    await page.keyboard.press('Control+d')
    await type(opened, 'ls -l /tmp/keys')
    await shows(opened, /\b3 .*\/tmp\/keys/)
    calm(opened)
  }],
  ['keyboard: digits switch views, behind a checkbox too, and are text in fields', async (harness) => {
    const opened = await atShell(harness)
    const { page } = opened
    equal(await isIn(opened, '.xterm'), false, 'a shell that starts by itself has the focus:')
    await page.keyboard.press('3')
    await seesView(opened, 'Stack')
    await page.locator('.modules input[type=checkbox]').first().focus()
    await page.keyboard.press('4')
    await seesView(opened, 'Live')
    await page.getByRole('searchbox', { name: 'Search' }).focus()
    await page.keyboard.press('1')
    await seesView(opened, 'Live')
    equal(await page.getByRole('searchbox', { name: 'Search' }).inputValue(), '1')
    await page.getByRole('listbox').focus()
    await page.keyboard.press('1')
    await seesView(opened, 'Run')
    await page.locator('.xterm-helper-textarea').focus()
    await page.keyboard.press('5')
    await seesView(opened, 'Run')
    await page.keyboard.press('Escape')
    await page.keyboard.press('6')
    await seesView(opened, 'Policy')
    calm(opened)
  }],
  ['keyboard: Esc, then Tab, leaves the editor', async (harness) => {
    const opened = await harness.open('#/run?program=scenario')
    const { page } = opened
    await harness.ready(page)
    await page.locator('.editor-pane .key-note', { hasText: 'leaves the editor' }).waitFor()
    await page.locator('.cm-content').focus()
    await page.keyboard.press('Escape')
    await page.keyboard.press('Tab')
    equal(await isIn(opened, '.cm-editor'), false, 'the editor keeps the focus:')
    calm(opened)
  }],
]
