/** Timeline: lanes and refusals, by pointer and by keyboard alone, and with 150,000 decisions. */
import type { Locator, Page } from 'playwright-core'
import { floodTimes } from './flood-times.ts'
import { calm, equal, holds, settled } from './harness.ts'
import type { Check, Harness, Opened } from './harness.ts'
import { inTime } from './in-time.ts'
import { atShell, shows, type } from './shell.ts'

/** Decisions. */
const FLOOD = 150_000
/** Milliseconds from one frame to the next. */
const MEDIAN = 50
const WORST = 200
/** Milliseconds of processor that one task of the page may take. */
const TASK = 50

/** A shell in which two programs were refused something. */
export const atTimeline = async (harness: Harness, link?: string): Promise<Opened> => {
  const opened = await atShell(harness, link)
  await type(opened, 'cat /etc/shadow; cat /srv/report')
  await shows(opened, 'figures')
  await opened.page.locator('.refusals li button').first().waitFor()
  await opened.page.keyboard.press('Tab')
  await opened.page.getByRole('link', { name: 'Timeline' }).click()
  await opened.page.locator('.lane-table tbody tr').nth(2).waitFor()
  await settled(opened.page)
  return opened
}

/** Where the picture has the colour of refusals: the middle of the first mark, in pixels of the picture. */
const firstMark = (page: Page): Promise<{ readonly x: number; readonly y: number }> =>
  page.locator('.chart canvas').evaluate((canvas: HTMLCanvasElement) => {
    const colour = getComputedStyle(document.documentElement).getPropertyValue('--refused').trim()
    const wanted = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16))
    const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height)
    for (let at = 0; at < data.length; at += 4) {
      if (wanted.some((part, i) => data[at + i] !== part)) continue
      const place = at / 4
      // a row of a triangle begins here
      return { x: (place % canvas.width) + 5, y: Math.floor(place / canvas.width) + 4 }
    }
    throw new Error('no refusal is drawn')
  })

const inSight = (page: Page): Promise<string> => page.locator('.in-sight').innerText()

const countOf = async (page: Page): Promise<number> =>
  Number((await page.locator('.counts strong').innerText()).replaceAll(',', ''))

/** From one part of the width to another. */
const dragOver = async (page: Page, canvas: Locator, from: number, to: number): Promise<void> => {
  const box = (await canvas.boundingBox())!
  await page.mouse.move(box.x + box.width * from, box.y + box.height / 2)
  await page.mouse.down()
  await page.mouse.move(box.x + box.width * to, box.y + box.height / 2, { steps: 4 })
  await page.mouse.up()
}

export const timeline: readonly Check[] = [
  ['timeline: a refusal is a mark whose click opens Why; a range and a process filter', async (harness) => {
    const opened = await atTimeline(harness)
    const { page } = opened
    const canvas = page.locator('.chart canvas')
    const names = await page.locator('.lane-table tbody th').allInnerTexts()
    holds(names.some((name) => /sh → cat \d+|cat \d+/.test(name)), `processes: ${names.join(', ')}`)
    await canvas.click({ position: await firstMark(page) })
    await page.locator('.why').getByRole('heading', { name: 'What would permit it' }).waitFor()
    await page.getByRole('button', { name: 'Close Why' }).click()
    const all = await countOf(page)
    const before = await inSight(page)
    await canvas.hover()
    await page.mouse.wheel(0, -500)
    await page.waitForFunction((text) => document.querySelector('.in-sight')!.textContent !== text, before)
    await page.keyboard.down('Shift')
    await dragOver(page, canvas, 0.3, 0.6)
    await page.keyboard.up('Shift')
    equal(await countOf(page), all, 'panning filters:')
    await page.getByRole('button', { name: 'All of the time' }).click()
    await dragOver(page, canvas, 0.5, 0.99)
    await page.getByRole('button', { name: 'Zoom to it' }).waitFor()
    const some = await countOf(page)
    holds(some > 0 && some < all, `${some} of ${all} decisions are in the range`)
    await page.getByRole('button', { name: 'Open in Live' }).click()
    await page.locator('main[aria-label=Live]').waitFor()
    await page.waitForFunction((wanted) => document.querySelector('.counts strong')!.textContent === wanted,
      some.toLocaleString('en'))
    await page.getByRole('link', { name: 'Timeline' }).click()
    await page.getByRole('button', { name: /selected ✕/ }).click()
    await page.locator('.lane-table tr', { hasText: 'cat' }).first().getByRole('button').click()
    const own = await countOf(page)
    holds(own > 0 && own < all, `${own} of ${all} decisions are of the process`)
    const tasks = await page.locator('.row > :nth-child(2)').allInnerTexts()
    equal(new Set(tasks.map((task) => /\[(\d+)\]/.exec(task)![1])).size, 1, 'processes in the list:')
    calm(opened)
  }],
  ['timeline: the keyboard alone zooms, pans, goes from refusal to refusal and selects', async (harness) => {
    const opened = await atTimeline(harness)
    const { page } = opened
    await page.keyboard.press('5')
    for (let presses = 0; presses < 80; presses++) {
      if (await page.evaluate(() => document.activeElement?.classList.contains('chart'))) break
      await page.keyboard.press('Tab')
    }
    const status = page.locator('.chart [role=status]')
    await page.keyboard.press('n')
    await status.filter({ hasText: /Refusal 1 of \d+: .*EACCES, capable/ }).waitFor()
    await page.locator('.why').getByRole('heading', { name: 'What would permit it' }).waitFor()
    await page.keyboard.press('n')
    await status.filter({ hasText: 'Refusal 2 of' }).waitFor()
    await page.keyboard.press('p')
    await status.filter({ hasText: 'Refusal 1 of' }).waitFor()
    const changes = async (key: string): Promise<void> => {
      const before = await inSight(page)
      await page.keyboard.press(key)
      await page.waitForFunction((text) => document.querySelector('.in-sight')!.textContent !== text, before)
    }
    for (const key of ['w', 'w', '+', '-', 's']) await changes(key)
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('a')
    const all = await countOf(page)
    await page.keyboard.press('w')
    await page.keyboard.press('m')
    await page.getByRole('button', { name: /selected ✕/ }).waitFor()
    holds((await countOf(page)) < all, 'a range in sight does not filter')
    await page.keyboard.press('Escape')
    await page.locator('.why').waitFor({ state: 'detached' })
    await page.keyboard.press('Escape')
    await page.getByText('Drag to select').waitFor()
    await page.keyboard.press('ArrowDown')
    await page.locator('.lane-table tr.chosen').waitFor()
    await page.keyboard.press('Home')
    await page.keyboard.press('Shift+Tab')
    equal(await page.evaluate(() => document.activeElement?.tagName), 'BUTTON', 'Shift Tab leads out to:')
    await page.keyboard.press('4')
    await page.locator('main[aria-label=Live]').waitFor()
    calm(opened)
  }],
  ['timeline: 150,000 decisions: frames go on, and the oldest refusal is still a mark', async (harness) => {
    const opened = await atTimeline(harness)
    const { page } = opened
    await inTime('the worst frame gap of a flood in the timeline', WORST, async () => {
      const { median, worst, longest } = await floodTimes(page, FLOOD)
      const frames = `frame gaps p50 ${median.toFixed(0)} ms, worst ${worst.toFixed(0)} ms`
      process.stdout.write(`       ${frames}, longest task ${longest.toFixed(0)} ms of processor\n`)
      holds(longest <= TASK, `a task of a flood takes ${longest.toFixed(0)} ms of processor`)
      return median > MEDIAN ? median * (WORST / MEDIAN) : worst
    })
    await page.locator('.counts', { hasText: 'allowed left out' }).waitFor()
    await page.locator('.chart').focus()
    await page.keyboard.press('n')
    await page.locator('.chart [role=status]', { hasText: 'Refusal 1 of' }).waitFor()
    const zoom = await page.evaluate(async () => {
      const canvas = document.querySelector('.chart canvas')!
      const { left, top, width } = canvas.getBoundingClientRect()
      const gaps: number[] = []
      let last = performance.now()
      for (let turn = 0; turn < 60; turn++) {
        const [clientX, clientY] = [left + width * 0.9, top + 40]
        canvas.dispatchEvent(new WheelEvent('wheel', { deltaY: turn < 30 ? -60 : 60, clientX, clientY, bubbles: true }))
        await new Promise(requestAnimationFrame)
        gaps.push(performance.now() - last)
        last = performance.now()
      }
      return gaps.sort((a, b) => a - b)[30]!
    })
    process.stdout.write(`       zooming through them: p50 ${zoom.toFixed(0)} ms a frame\n`)
    holds(zoom <= MEDIAN, `zooming takes ${zoom.toFixed(0)} ms a frame`)
    await page.getByRole('button', { name: 'All of the time' }).click()
    await harness.accessible(page)
    await harness.screenshot(page, 'timeline-flood')
    calm(opened)
  }, 'alone'],
]
