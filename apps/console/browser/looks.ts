/** Each view in both themes, wide and narrow: nothing runs over, and nothing is out of reach for assistive tools. */
import { equal } from './harness.ts'
import type { Check } from './harness.ts'

const looked = ['run', 'stack', 'live', 'policy', 'compare'] as const

export const looks: readonly Check[] = looked.flatMap((view) => ['light', 'dark'].map((theme): Check => [
  `looks: ${view}, ${theme}, 360 and 1440 wide`, async (harness) => {
    const { page } = await harness.open(`#/${view}?theme=${theme}`)
    await harness.ready(page)
    for (const width of [1440, 360]) {
      await page.setViewportSize({ width, height: width === 360 ? 760 : 900 })
      await page.waitForTimeout(250)
      const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
      equal(over, 0, `${width} wide, the page runs over by:`)
      await harness.accessible(page)
      await harness.screenshot(page, `${view}-${theme}-${width}`)
    }
    await page.context().close()
  },
]))
