/** Stack: modules by keyboard and as a boot line, exclusives, programs of BPF while something runs. */
import { calm, equal, holds, PATIENCE } from './harness.ts'
import type { Check } from './harness.ts'
import { atShell, shows, type } from './shell.ts'

export const stack: readonly Check[] = [
  ['stack: order by keyboard, and by boot line', async (harness) => {
    const opened = await harness.open('#/stack')
    const { page } = opened
    await harness.ready(page)
    const line = page.getByRole('textbox', { name: 'Boot line' })
    await page.locator('[data-module=smack] .grip').focus()
    await page.keyboard.press('Alt+ArrowUp')
    equal(await line.inputValue(), 'lsm=capability,smack,yama')
    await line.fill('lsm=capability,selinux,smack,nonsense')
    await page.getByText('no module has this name').waitFor()
    await page.getByRole('button', { name: 'Boot', exact: true }).click()
    await page.getByText('exclusive disabled: smack').waitFor()
    await page.getByText('cmdline ignored: nonsense').waitFor()
    await page.locator('.boot-line', { hasText: 'capability → selinux' }).waitFor()
    await page.reload()
    await harness.ready(page)
    equal(await line.inputValue(), 'lsm=capability,selinux,smack,nonsense')
    await harness.accessible(page)
    calm(opened)
  }],
  ['stack: BPF comes and goes while a shell runs; refusals are shown by line', async (harness) => {
    const opened = await atShell(harness, '#/run?lsm=capability,bpf')
    const { page } = opened
    const write = async (answer: string): Promise<void> => {
      await page.getByRole('link', { name: 'Run', exact: true }).click()
      await shows(opened, '$')
      await type(opened, `echo x > /srv/tool && echo wr''ote`)
      await shows(opened, answer)
    }
    await write('wrote')
    await page.getByRole('link', { name: 'Stack' }).click()
    await page.getByRole('button', { name: 'attach deflector' }).click()
    await page.getByText('deflect_open on file_open').waitFor()
    await page.getByRole('button', { name: 'attach unchecked' }).click()
    await page.locator('.verifier .last', { hasText: 'invalid mem access' }).waitFor()
    await harness.screenshot(page, 'stack-light')
    await harness.accessible(page)
    await write('not permitted')
    await page.locator('.refusals li button', { hasText: 'bpf' }).first().click()
    await page.getByText('Lines of C that ran').waitFor()
    await page.getByText(/deflector\.c:\d+: if \(\(mode & S_IFMT\)/).waitFor()
    await page.getByRole('link', { name: 'Stack' }).click()
    await page.getByRole('button', { name: 'Detach' }).click()
    await page.getByText('deflect_open on file_open').waitFor({ state: 'detached' })
    calm(opened)
  }],
  ['stack: what the maps of an object hold, while programs run', async (harness) => {
    const opened = await atShell(harness, '#/run?lsm=capability,bpf')
    const { page } = opened
    await page.getByRole('link', { name: 'Stack' }).click()
    await page.getByRole('button', { name: 'attach keeper' }).click()
    await page.getByText('Maps of keeper.o').click()
    const map = (name: string) => page.locator(`[data-map=${name}]`)
    await map('next').getByText('count_inode').waitFor()
    await page.getByRole('link', { name: 'Run', exact: true }).click()
    await shows(opened, '$')
    await type(opened, 'cat /srv/report >/dev/null; echo do""ne')
    await shows(opened, 'done')
    await page.getByRole('link', { name: 'Stack' }).click()
    await page.getByText('Maps of keeper.o').click()
    await map('by_task').getByText(/^task \d+ \(/).first().waitFor()
    await map('by_inode').getByText(/^inode \d+ of /).first().waitFor()
    await map('events').getByText(/^\{ uid: \d+, comm: "/).first().waitFor()
    await map('all').getByText('the values of processor 0').waitFor()
    const timer = map('alarms').locator('.timer')
    await timer.getByText('ring').waitFor()
    const before = await timer.innerText()
    holds(/timer of 0: ring, due in \d+\.\d s/.test(before), before)
    await page.waitForFunction((text) => document.querySelector('.maps .timer')?.textContent !== text, before)
    for (const width of [1440, 1024, 390]) {
      await page.setViewportSize({ width, height: 900 })
      const over = await page.evaluate(() => {
        const { scrollWidth, clientWidth } = document.documentElement
        return scrollWidth - clientWidth
      })
      holds(over <= 0, `${over} pixels run over at ${width}`)
      await map('next').scrollIntoViewIfNeeded()
      await harness.screenshot(page, `stack-maps-${width}`)
    }
    await harness.accessible(page)
    calm(opened)
  }],
  ['stack: what each hook costs', async (harness) => {
    const opened = await harness.open('#/stack')
    const { page } = opened
    await harness.ready(page)
    await page.getByRole('button', { name: 'Measure now' }).click()
    await page.locator('.costs tr', { hasText: 'file_open' }).waitFor()
    const rows = await page.locator('.costs tbody tr').allInnerTexts()
    const [panel, bar] = await Promise.all([page.locator('.costs'), page.locator('.costs .bar').first()]
      .map((part) => part.evaluate((element) => element.getBoundingClientRect().width)))
    holds(bar! > panel! / 3, `the longest bar has ${bar} pixels of ${panel}`)
    await harness.screenshot(page, 'stack-costs')
    holds(rows.length > 25, `the costs of ${rows.length} hooks alone are shown`)
    holds(rows.every((row) => /^\w+\s+[\d.]+ ns\s*$/.test(row)), rows.join('\n'))
    await harness.accessible(page)
    calm(opened)
  }],
  ['stack: what is attached while Ruby writes file after file refuses its next one', async (harness) => {
    const code = 'puts "writes"; loop { File.write("/srv/tool", "x") } rescue puts $!.class'
    const opened = await harness.open(`#/run?program=ruby&lsm=capability,bpf&code=${encodeURIComponent(code)}`)
    const { page } = opened
    await harness.ready(page)
    await page.locator('.terminal .xterm-rows').waitFor()
    await page.getByRole('button', { name: 'Run', exact: true }).click()
    await page.locator('.xterm-rows').filter({ hasText: 'writes' }).waitFor({ timeout: 2 * PATIENCE })
    await page.getByRole('link', { name: 'Stack' }).click()
    await page.getByRole('button', { name: 'attach deflector' }).click()
    await page.getByText('deflect_open on file_open').waitFor()
    await page.getByRole('link', { name: 'Run', exact: true }).click()
    await shows(opened, 'Errno::EPERM')
    await shows(opened, 'ended with 0')
    calm(opened)
  }],
]
