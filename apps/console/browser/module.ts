/** Module: a module of the reader's own, from the editor to the Why of its denial. */
import { calm, equal, holds } from './harness.ts'
import type { Check, Harness, Opened } from './harness.ts'

const atModule = async (harness: Harness, link = '#/module'): Promise<Opened> => {
  const opened = await harness.open(link)
  await harness.ready(opened.page)
  await opened.page.locator('.module-panes .cm-line').first().waitFor()
  return opened
}

const pressRun = async ({ page }: Opened): Promise<void> => {
  await page.getByRole('button', { name: 'Run', exact: true }).click()
  await page.getByRole('button', { name: 'Run', exact: true }).waitFor()
}

/** The text in the editor, replaced as a person pastes one. */
const write = async ({ page }: Opened, text: string): Promise<void> => {
  await page.locator('.module-panes .cm-content').focus()
  await page.keyboard.press('Control+a')
  await page.keyboard.press('Delete')
  await page.keyboard.insertText(text)
}

/** Moves the pointer onto the last place of a word in the editor. */
const pointAt = async ({ page }: Opened, word: string): Promise<void> => {
  const [x, y] = await page.evaluate((wanted) => {
    const walker = document.createTreeWalker(document.querySelector('.module-panes .cm-content')!, NodeFilter.SHOW_TEXT)
    const range = document.createRange()
    for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
      for (const { index } of node.textContent!.matchAll(new RegExp(`\\b${wanted}\\b`, 'g'))) {
        range.setStart(node, index)
        range.setEnd(node, index + wanted.length)
      }
    }
    const { left, top, width, height } = range.getBoundingClientRect()
    return [left + width / 2, top + height / 2] as const
  }, word)
  await page.mouse.move(x, y, { steps: 3 })
}

const examples = { suffix: 'EACCES', age: 'EACCES', origin: 'EACCES', quota: 'EDQUOT' } as const

const aModule = (hook: string, body: string): string => `import { EACCES } from '@lsmkit/abi'
import { defineLsm } from '@lsmkit/core'

export const mine = () => defineLsm({
  name: 'mine',
  abi: '1.0',
  hooks: {
    ${hook}(file) { ${body} },
  },
})
`

export const module: readonly Check[] = [
  ...Object.entries(examples).map(([name, errno]): Check => [
    `module: the example ${name} refuses, with its Why`, async (harness) => {
      const opened = await atModule(harness, `#/module?example=${name}`)
      const { page } = opened
      equal(await page.locator('.denial').count(), 0, 'denials before Run:')
      await pressRun(opened)
      await page.locator('.denial', { hasText: errno }).first().waitFor()
      await page.locator('.module-side .why .way-end', { hasText: `by ${name}` }).waitFor()
      await page.locator('.boot-line', { hasText: `capability → ${name}` }).waitFor()
      await harness.accessible(page)
      await harness.screenshot(page, `module-${name}`)
      calm(opened)
    },
  ]),
  ['module: mistakes stand at their line, with what was meant', async (harness) => {
    const opened = await atModule(harness)
    const { page } = opened
    await write(opened, aModule('file_open', 'return ('))
    await page.locator('.cm-lint-marker-error').first().waitFor()
    await write(opened, aModule('file_opne', 'return 0'))
    await pressRun(opened)
    await page.locator('.trial', { hasText: /Line 8: .*file_opne/ }).waitFor()
    await page.locator('.trial', { hasText: 'did you mean `file_open`?' }).waitFor()
    await page.locator('.cm-lintRange-error', { hasText: 'file_opne' }).waitFor()
    await harness.screenshot(page, 'module-mistake')
    await write(opened, aModule('file_open', 'return 0').replace('@lsmkit/core', '@lsmkit/cor'))
    await pressRun(opened)
    await page.locator('.trial', { hasText: /Line 2: .*@lsmkit\/cor/ }).waitFor()
    await page.locator('.trial', { hasText: 'did you mean `@lsmkit/core`?' }).waitFor()
    const slip = 'if (file.f_path.dentry.d_name.name === "door.key") throw new Error("a slip"); return 0'
    await write(opened, aModule('file_open', slip))
    await pressRun(opened)
    await page.locator('.module-side .why', { hasText: 'a slip' }).waitFor()
    await harness.accessible(page)
    calm(opened)
  }],
  ['module: TypeScript explains and completes, on the static site too', async (harness) => {
    const opened = await harness.open('#/module', { base: harness.site })
    const { page } = opened
    const loaded: string[] = []
    page.context().on('request', (request) => loaded.push(request.url()))
    await harness.ready(page)
    await page.locator('.module-panes .cm-line').first().waitFor()
    const tip = page.locator('.cm-tooltip-hover .type-tip')
    const explains = async (word: string, ...texts: readonly string[]): Promise<void> => {
      await pointAt(opened, word)
      for (const text of texts) await tip.filter({ hasText: text }).waitFor()
      await page.mouse.move(5, 5)
      await tip.waitFor({ state: 'detached' })
    }
    await explains('file_open', 'file_open(file: File)', 'int file_open(struct file *file)')
    await explains('file', '(parameter) file: File', 'file of file_open: the file about to be open')
    await explains('EACCES', 'EACCES: Errno<13>', 'Permission denied')
    await explains('current', 'current: Current', 'The running task')
    await harness.accessible(page)
    const options = page.locator('.cm-tooltip-autocomplete')
    await write(opened, aModule('file_open', 'return -EPE'))
    await page.locator('.cm-line', { hasText: 'return -EPE' }).click()
    await page.keyboard.press('End')
    for (let i = 0; i < 3; i++) await page.keyboard.press('ArrowLeft')
    await page.keyboard.type('R')
    await options.locator('li', { hasText: 'EPERM' }).first().waitFor()
    await harness.screenshot(page, 'module-completion')
    await page.waitForTimeout(150)
    await page.keyboard.press('Enter')
    await page.locator('.cm-line', { hasText: /import \{ EACCES, EPERM \} from '@lsmkit\/abi'/ }).waitFor()
    await page.locator('.cm-line', { hasText: 'return -EPERM }' }).waitFor()
    await write(opened, aModule('file_open', 'return 0'))
    await page.locator('.cm-line', { hasText: 'return 0' }).click()
    await page.keyboard.press('End')
    await page.keyboard.type('\nbprm_ch')
    await options.locator('li', { hasText: 'bprm_check_security' }).waitFor()
    await page.locator('.cm-completionInfo', { hasText: 'struct linux_binprm *bprm' }).waitFor()
    equal(loaded.filter((url) => /service-.*\.js$|module-types-.*\.json$/.test(url)).length, 2, 'parts of the service:')
    calm(opened)
  }],
  ['module: mistakes of types stand at their words while they are written', async (harness) => {
    const opened = await atModule(harness)
    const { page } = opened
    await write(opened, aModule('file_open', 'return file.f_flag === 0 ? 0 : -EACCES'))
    const mistake = page.locator('.cm-lintRange-error', { hasText: /^f_flag$/ })
    await mistake.waitFor()
    await pointAt(opened, 'f_flag')
    await page.locator('.cm-tooltip-lint', { hasText: "Did you mean 'f_flags'?" }).waitFor()
    await write(opened, aModule('file_opne', 'return 0'))
    await page.locator('.cm-lintRange-error', { hasText: /^file_opne$/ }).waitFor()
    await pointAt(opened, 'file_opne')
    await page.locator('.cm-tooltip-lint', { hasText: 'did you mean `file_open`?' }).waitFor()
    await write(opened, aModule('file_open', 'return -EACCES'))
    await page.locator('.cm-lintRange-error').first().waitFor({ state: 'detached' })
    calm(opened)
  }],
  ['module: conformance, cost and a project to download', async (harness) => {
    const opened = await atModule(harness)
    const { page } = opened
    await pressRun(opened)
    await page.locator('.denial').first().waitFor()
    await page.getByRole('button', { name: 'Conformance' }).click()
    await page.getByText(/Conformance: (\d+) of \1 passed/).waitFor()
    await harness.screenshot(page, 'module-conformance')
    await page.getByRole('button', { name: 'Cost' }).click()
    await page.locator('.costs tbody tr', { hasText: 'file_open' }).waitFor()
    await harness.accessible(page)
    await harness.screenshot(page, 'module-cost')
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download as a project' }).click(),
    ])
    equal(download.suggestedFilename(), 'suffix.zip')
    calm(opened)
  }],
  ['module: one that no kernel boots with is reported, and there is a kernel without it', async (harness) => {
    const opened = await atModule(harness)
    const { page } = opened
    await write(opened, aModule('file_open', 'return -EACCES'))
    await pressRun(opened)
    await page.getByRole('alert').filter({ hasText: 'There is a kernel without it now' }).waitFor()
    await harness.ready(page)
    equal(await page.getByRole('button', { name: 'Run', exact: true }).isEnabled(), true)
  }],
  ['module: one that never comes back is ended, and there is a kernel without it', async (harness) => {
    const opened = await atModule(harness)
    const { page } = opened
    await write(opened, `for (;;) ;\n${aModule('file_open', 'return 0')}`)
    await page.getByRole('button', { name: 'Run', exact: true }).click()
    await page.getByRole('alert').filter({ hasText: 'did not come back' }).waitFor()
    await harness.ready(page)
    holds(!(await page.locator('.boot-line').innerText()).includes('mine'), 'the module is still in the stack')
  }],
]
