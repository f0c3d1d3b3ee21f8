/** AppArmor: its part of the policy view by mouse and keyboard, a text that is loaded while a shell runs, and Why. */
import { calm, equal, holds, settled } from './harness.ts'
import type { Check, Harness, Opened } from './harness.ts'
import { atShell, shows, type } from './shell.ts'

const LSM = 'lsm=capability,yama,apparmor'

const atPolicy = async (harness: Harness, more = ''): Promise<Opened> => {
  const opened = await harness.open(`#/policy?${LSM}${more}`)
  await harness.ready(opened.page)
  await opened.page.locator('.profile-editor .cm-line').first().waitFor()
  return opened
}

/** Writes a line behind the first that has `text` in it. */
const writeBehind = async ({ page }: Opened, text: string, line: string): Promise<void> => {
  await page.locator('.profile-editor .cm-line', { hasText: text }).first().click()
  await page.keyboard.press('End')
  await page.keyboard.type(`\n${line}`)
}

export const apparmor: readonly Check[] = [
  ['apparmor: a question, the rule that decides and the nearest, with their lines', async (harness) => {
    const opened = await atPolicy(harness)
    const { page } = opened
    const question = page.locator('section[aria-label="Question"]')
    await question.getByText('a rule denies it').waitFor()
    holds(/guest:\d+ audit deny \/etc\/shadow/.test((await question.innerText()).replace(/\s+/g, ' ')), 'no rule and line')
    await question.getByRole('searchbox', { name: 'What' }).fill('/usr/bin/login w')
    await question.getByRole('heading', { name: 'Nearest rule that would' }).waitFor()
    await question.getByRole('searchbox', { name: 'What' }).fill('/etc/passwd q')
    await question.getByText('`q` is not a permission of files').waitFor()
    await question.getByLabel('Class').selectOption('capability')
    await question.getByText('Asked as: NAME').waitFor()
    await question.getByRole('searchbox', { name: 'What' }).fill('sys_admin')
    await question.getByText('no rule allows it').waitFor()
    await page.locator('section[aria-label="Exec graph"] summary').click()
    await page.getByRole('button', { name: 'guest → guest//server' }).waitFor()
    await page.getByText('No way leads out of confinement.').waitFor()
    await page.getByRole('combobox', { name: 'Profile' }).selectOption('guest//server')
    await page.getByRole('heading', { name: 'guest//server' }).waitFor()
    await harness.accessible(page)
    calm(opened)
  }],
  ['apparmor: a draft has its mistakes in place, its answers and changes, and is loaded', async (harness) => {
    const opened = await atPolicy(harness, '&what=/srv/tool%20w')
    const { page } = opened
    await page.getByText('no rule allows it').waitFor()
    await writeBehind(opened, 'audit deny /etc/shadow', '  /srv/tool q,')
    // each key that is typed has an answer of its own: the last one is meant
    const fault = page.locator('.profile-fault', { hasText: '/srv/tool q,' })
    await fault.waitFor()
    holds(/guest:\d+:\d+: [^\n]*\n[^\n]*\/srv\/tool q,\n +\^/.test(await fault.innerText()), await fault.innerText())
    equal(await page.getByRole('button', { name: 'Load into the kernel' }).isDisabled(), true)
    await harness.accessible(page)
    await harness.screenshot(page, 'apparmor-fault')
    for (let i = 0; i < 2; i++) await page.keyboard.press('Backspace')
    await page.keyboard.type('rw,')
    await page.locator('section[aria-label="Changes"] li', { hasText: '/srv/tool' }).waitFor()
    await page.getByText('a rule allows it').waitFor()
    await page.getByRole('button', { name: 'Load into the kernel' }).click()
    await page.getByText('Loaded: programs go on').waitFor()
    await page.locator('section[aria-label="Changes"]').waitFor({ state: 'detached' })
    await page.locator('.profile-editor .cm-line', { hasText: '/srv/tool rw,' }).waitFor()
    await page.getByRole('link', { name: 'Run' }).click()
    await shows(opened, /[$#]/)
    await type(opened, 'echo x > /srv/tool && echo "writ"ten')
    await shows(opened, 'written')
    calm(opened)
  }],
  ['apparmor: by keyboard alone; Tab leaves the text', async (harness) => {
    const opened = await atPolicy(harness)
    const { page } = opened
    await page.locator('.profile-editor .cm-content').focus()
    const reached = new Set<string>()
    for (let i = 0; i < 12; i++) {
      await page.keyboard.press('Tab')
      reached.add(await page.evaluate(() => {
        const at = document.activeElement as HTMLElement
        return at.closest('label')?.textContent.trim() ?? at.getAttribute('aria-label') ?? at.textContent.trim()
      }))
    }
    for (const wanted of ['Profile', 'Class', 'What', 'it owns the file', 'As a list', 'Rules with their lines'])
      holds([...reached].some((name) => name.startsWith(wanted)), `Tab misses ${wanted}: ${[...reached].join(' | ')}`)
    calm(opened)
  }],
  ['apparmor: without it in the stack the view says so, and nothing can be loaded', async (harness) => {
    const opened = await harness.open('#/policy?lsm=capability&policy=apparmor')
    const { page } = opened
    await harness.ready(page)
    await page.getByText('AppArmor is not in the stack').waitFor()
    equal(await page.getByRole('button', { name: 'Load into the kernel' }).isDisabled(), true)
    calm(opened)
  }],
  ['apparmor: a shell works under its profile, and Why names profile, rule and line', async (harness) => {
    const opened = await atShell(harness, `#/run?${LSM}&user=root`)
    const { page } = opened
    await type(opened, 'cat /srv/report; echo y > /tmp/y; cat /etc/shadow; echo x > /srv/tool')
    await shows(opened, 'figures')
    for (const [path, says] of [['/srv/tool', /no rule allows it; nearest is guest:\d+/],
      ['/etc/shadow', /denied by guest:\d+:\d+: audit deny \/etc\/shadow/]] as const) {
      const refused = page.locator('.refusals li button', { hasText: 'apparmor' })
      await refused.filter({ hasText: path.slice(1) }).first().click()
      await page.locator('.why').getByRole('heading', { name: 'Records' }).waitFor()
      const why = await page.locator('.why').innerText()
      holds(says.test(why) && why.includes('guest: file'), `Why does not say ${String(says)}: ${why}`)
      await harness.accessible(page)
      await harness.screenshot(page, `why-apparmor${path.replaceAll('/', '-')}`)
      await page.getByRole('link', { name: 'Run' }).click()
    }
    calm(opened)
  }],
  ['apparmor: a program under a profile is stopped', async (harness) => {
    const opened = await atShell(harness, `#/run?${LSM}`)
    await type(opened, 'sleep 1000')
    await settled(opened.page)
    await opened.page.getByRole('button', { name: 'Stop' }).click()
    await shows(opened, 'SIGKILL')
    calm(opened)
  }],
  ['apparmor: the view in both themes, 1440, 1024 and 390 wide', async (harness) => {
    const opened = await atPolicy(harness, '&theme=light')
    const { page } = opened
    await page.locator('.graph canvas').first().waitFor()
    for (const theme of ['light', 'dark']) {
      if (theme === 'dark') {
        await page.getByRole('button', { name: 'Dark' }).click()
        await page.locator('[data-theme=dark]').waitFor()
      }
      for (const width of [1440, 1024, 390]) {
        await page.setViewportSize({ width, height: 900 })
        await settled(page)
        const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
        equal(over, 0, `${theme}, ${width} wide, the page runs over by:`)
        await harness.accessible(page)
        await harness.screenshot(page, `apparmor-${theme}-${width}`)
      }
    }
    calm(opened)
  }],
]
