/** Run's editor: a scenario written at the keyboard, with completion and its errors in place. */
import { calm, equal, holds } from './harness.ts'
import type { Check, Opened } from './harness.ts'

/** What the editor holds, line by line. */
const lines = async ({ page }: Opened): Promise<string[]> => page.locator('.cm-line').allInnerTexts()

/** Presses keys one after the other, each when the editor has what came before. */
const write = async (opened: Opened, text: string): Promise<void> => {
  const first = opened.page.locator('.cm-line').first()
  for (let i = 1; i <= text.length; i++) {
    await opened.page.keyboard.press(text[i - 1]!)
    await first.filter({ hasText: text.slice(0, i) }).waitFor()
  }
}

export const editor: readonly Check[] = [
  ['run: a scenario by keyboard: errors in place, completion, a link that restores it', async (harness) => {
    const opened = await harness.open('#/run?program=scenario')
    const { page } = opened
    await harness.ready(page)
    await page.locator('.cm-content').focus()
    await page.keyboard.press('Control+Enter')
    await page.getByText('as expected').waitFor()
    await harness.screenshot(page, 'scenario-light')
    await harness.accessible(page)
    // a line of its own at the top
    await page.keyboard.press('Control+Home')
    await page.keyboard.press('Enter')
    await page.keyboard.press('ArrowUp')
    await page.locator('.cm-activeLine').filter({ hasText: /^\s*$/ }).waitFor()
    await write(opened, 'lsmz: []')
    // no list of words is open, so that the next key is the editor's
    await page.keyboard.press('Escape')
    await page.locator('.cm-tooltip-autocomplete').waitFor({ state: 'detached' })
    await page.locator('.cm-lint-marker-error').waitFor()
    await page.locator('.cm-lintRange-error', { hasText: 'lsmz' }).waitFor()
    await harness.screenshot(page, 'scenario-error')
    await page.keyboard.press('Control+Enter')
    await page.locator('.result .refused', { hasText: 'Line 1' }).waitFor()
    // the link has the text, with the error
    await page.waitForURL(/code=lsmz%3A\+%5B%5D/)
    await page.reload()
    await page.locator('.cm-line', { hasText: 'lsmz' }).waitFor()
    await harness.ready(page)
    // the word is written again with the help of the list
    await page.locator('.cm-content').focus()
    await page.keyboard.press('Control+Home')
    await page.keyboard.press('Shift+End')
    await page.keyboard.press('Delete')
    await write(opened, 'perm')
    await page.keyboard.press('Control+Space')
    await page.locator('.cm-tooltip-autocomplete li', { hasText: 'permissive' }).waitFor()
    // a list that has just come up takes no key yet
    await page.waitForTimeout(150)
    await page.keyboard.press('Enter')
    await page.locator('.cm-line', { hasText: /^permissive/ }).waitFor()
    const all = await lines(opened)
    equal(all[0]!.startsWith('permissive'), true, 'what is completed:')
    holds(all.some((line) => line.startsWith('scenario:')), all.join('\n'))
    calm(opened)
  }],
]
