/** Each view in both themes, wide and narrow: nothing runs over, and nothing is out of reach for assistive tools. */
import type { Page } from 'playwright-core'
import { equal, settled } from './harness.ts'
import type { Check, Harness, Opened } from './harness.ts'
import { atShell, shows, type } from './shell.ts'
import { atTimeline } from './timeline.ts'

const at = (view: string) => async (harness: Harness): Promise<Opened> => {
  const opened = await harness.open(`#/${view}?theme=light`)
  await harness.ready(opened.page)
  return opened
}

/** A shell that was refused something. */
const afterRefusal = async (harness: Harness): Promise<Opened> => {
  const opened = await atShell(harness, '#/run?theme=light')
  await type(opened, 'id; cat /etc/shadow /srv/report')
  await shows(opened, 'figures')
  await opened.page.locator('.refusals li button').first().waitFor()
  return opened
}

const views: Readonly<Record<string, (harness: Harness) => Promise<Opened>>> = {
  run: afterRefusal,
  scenario: async (harness) => {
    const opened = await harness.open('#/run?program=scenario&theme=light')
    await harness.ready(opened.page)
    await opened.page.locator('.cm-line').first().waitFor()
    return opened
  },
  ruby: async (harness) => {
    const opened = await harness.open('#/run?program=ruby&theme=light')
    await harness.ready(opened.page)
    await opened.page.locator('.cm-line').first().waitFor()
    await opened.page.locator('.xterm-rows').waitFor()
    return opened
  },
  upload: async (harness) => {
    const opened = await harness.open('#/run?program=upload&theme=light')
    await harness.ready(opened.page)
    await opened.page.locator('.xterm-rows').waitFor()
    const file = { name: 'a-program-with-a-long-name.wasm', mimeType: 'application/wasm', buffer: Buffer.of(0) }
    await opened.page.locator('input[type=file]').setInputFiles(file)
    await opened.page.getByRole('button', { name: `Close ${file.name}` }).waitFor()
    return opened
  },
  module: async (harness) => {
    const opened = await at('module')(harness)
    await opened.page.locator('.module-panes .cm-line').first().waitFor()
    await opened.page.getByRole('button', { name: 'Run', exact: true }).click()
    await opened.page.locator('.module-side .why .way-end', { hasText: 'by suffix' }).waitFor()
    return opened
  },
  stack: async (harness) => {
    const opened = await harness.open('#/stack?lsm=capability,yama,smack,bpf&theme=light')
    const { page } = opened
    await harness.ready(page)
    await page.getByRole('button', { name: 'attach deflector' }).click()
    await page.getByText('deflect_open on file_open').waitFor()
    await page.getByRole('button', { name: 'attach unchecked' }).click()
    await page.locator('.verifier .last').waitFor()
    await page.getByRole('button', { name: 'Measure now' }).click()
    await page.locator('.costs .bar').first().waitFor()
    return opened
  },
  live: async (harness) => {
    const opened = await afterRefusal(harness)
    await opened.page.getByRole('link', { name: 'Live' }).click()
    await opened.page.locator('.row').first().waitFor()
    return opened
  },
  timeline: async (harness) => {
    const opened = await atTimeline(harness, '#/run?theme=light')
    await opened.page.locator('.chart').focus()
    await opened.page.keyboard.press('n')
    await opened.page.getByRole('heading', { name: 'What would permit it' }).waitFor()
    return opened
  },
  why: async (harness) => {
    const opened = await afterRefusal(harness)
    await opened.page.locator('.refusals li button').first().click()
    await opened.page.getByRole('heading', { name: 'What would permit it' }).waitFor()
    return opened
  },
  policy: async (harness) => {
    const opened = await harness.open('#/policy?policy=selinux&theme=light')
    await harness.ready(opened.page)
    await opened.page.locator('.policy-text .cm-line').first().waitFor()
    await opened.page.locator('.graph canvas').first().waitFor()
    return opened
  },
  apparmor: async (harness) => {
    const opened = await harness.open('#/policy?lsm=capability,apparmor&theme=light')
    await harness.ready(opened.page)
    await opened.page.locator('.profile-editor .cm-line').first().waitFor()
    return opened
  },
  keys: async (harness) => {
    const opened = await at('live')(harness)
    await opened.page.getByRole('button', { name: 'Keys' }).click()
    await opened.page.getByRole('dialog').waitFor()
    return opened
  },
  fleet: async (harness) => {
    const opened = await harness.open('#/fleet?denial=0&theme=light')
    await harness.ready(opened.page)
    await opened.page.locator('.fleet-why').waitFor()
    return opened
  },
  compare: async (harness) => {
    const stacks = 'capability|capability,landlock|capability,yama,smack'
    const opened = await harness.open(`#/compare?stacks=${stacks}&theme=light`)
    await opened.page.locator('.compare-grid tbody tr').last().locator('button').nth(2).waitFor()
    await opened.page.locator('.compare-grid button.refused').first().click()
    return opened
  },
}

/** Bars whose parts do not stand in one row. */
const wrapped = (page: Page): Promise<string[]> =>
  page.locator('.toolbar, .filters, .welcome, .head').evaluateAll((bars) => bars
    .filter((bar) => new Set([...bar.children].map((part) => {
      const { top, height } = part.getBoundingClientRect()
      return height === 0 ? null : Math.round((top + height / 2) / 10)
    }).filter((middle) => middle !== null)).size > 1)
    .map((bar) => `${bar.className}: ${bar.textContent}`))

export const looks: readonly Check[] = Object.entries(views).map(([view, open]): Check => [
  `looks: ${view}, light and dark, 1440, 1024 and 390 wide`, async (harness) => {
    const { page } = await open(harness)
    for (const theme of ['light', 'dark']) {
      if (theme === 'dark') {
        await page.getByRole('button', { name: 'Dark' }).click()
        await page.locator('[data-theme=dark]').waitFor()
      }
      for (const width of [1440, 1024, 390]) {
        await page.setViewportSize({ width, height: width === 390 ? 844 : 900 })
        await settled(page)
        const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
        equal(over, 0, `${theme}, ${width} wide, the page runs over by:`)
        if (width === 1440) equal(await wrapped(page), [], 'bars of more than one row:')
        await harness.accessible(page)
        await harness.screenshot(page, `${view}-${theme}-${width}`)
      }
    }
  },
])
