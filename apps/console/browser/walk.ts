/**
 * Each view by Tab alone: every control is reached, the focus is seen on each, nothing keeps it, and Shift Tab leads
 * back. Editors are left by Esc, as they say.
 */
import type { Page } from 'playwright-core'
import { calm, equal, holds } from './harness.ts'
import type { Check, Harness, Opened } from './harness.ts'
import { atShell, shows } from './shell.ts'
import { atTimeline } from './timeline.ts'

const at = (link: string, ready: string) => async (harness: Harness): Promise<Opened> => {
  const opened = await harness.open(link)
  await harness.ready(opened.page)
  await opened.page.locator(ready).first().waitFor()
  return opened
}

const views: Readonly<Record<string, (harness: Harness) => Promise<Opened>>> = {
  Run: async (harness) => {
    const opened = await atShell(harness)
    await shows(opened, '$')
    return opened
  },
  'Run, a script': at('#/run?program=ruby', '.xterm-rows'),
  'Run, a scenario': at('#/run?program=scenario', '.cm-line'),
  Module: at('#/module', '.module-panes .cm-line'),
  Stack: at('#/stack?lsm=capability,yama,bpf', '.matrix tbody tr'),
  Live: at('#/live', '.virtual'),
  Timeline: (harness) => atTimeline(harness),
  Policy: at('#/policy?policy=selinux', '.graph canvas'),
  'Policy of Smack': at('#/policy', '.policy-text .cm-line'),
  'Policy of AppArmor': at('#/policy?lsm=capability,apparmor', '.profile-editor .cm-line'),
  Fleet: at('#/fleet?denial=0', '.fleet-why'),
  Compare: at('#/compare?stacks=capability|capability,yama', '.compare-grid tbody button'),
}

/** Marks everything that Tab has to reach; of radio buttons with one name the checked one. */
const markControls = (page: Page): Promise<number> =>
  page.evaluate(() => {
    const wanted = 'a[href], button:enabled, input:enabled, select:enabled, textarea:enabled, [tabindex], summary, ' +
      '[contenteditable=true]'
    const controls = [...document.querySelectorAll<HTMLElement>(wanted)].filter((element) => {
      if (element.tabIndex < 0 || element.closest('[inert], .xterm') !== null) return false
      if (element instanceof HTMLInputElement && element.type === 'radio' && !element.checked) return false
      return element.checkVisibility({ visibilityProperty: true })
    })
    controls.forEach((element, i) => (element.dataset.walk = String(i)))
    return controls.length
  })

interface Focus {
  /** Number of the control; null: not one of them. */
  readonly walk: string | null
  readonly what: string
  readonly isSeen: boolean
  readonly isEditor: boolean
  readonly isTerminal: boolean
}

const focus = (page: Page): Promise<Focus | null> =>
  page.evaluate(() => {
    const element = document.activeElement
    if (!(element instanceof HTMLElement) || element === document.body) return null
    const isOutlined = (one: Element | null): boolean => {
      if (one === null) return false
      const { outlineStyle, outlineWidth } = getComputedStyle(one)
      return outlineStyle !== 'none' && outlineWidth !== '0px'
    }
    // a hidden field has it beside itself, a part with a picture on the picture
    return {
      walk: element.dataset.walk ?? null,
      what: `${element.tagName} ${element.className} ${element.getAttribute('aria-label') ?? element.textContent}`,
      isSeen: isOutlined(element) || isOutlined(element.nextElementSibling) || isOutlined(element.firstElementChild),
      isEditor: element.closest('.cm-editor') !== null,
      isTerminal: element.closest('.xterm') !== null,
    }
  })

/** One step on, out of an editor too. */
const step = async (page: Page, key: 'Tab' | 'Shift+Tab', from: Focus | null): Promise<Focus | null> => {
  if (from?.isEditor === true) await page.keyboard.press('Escape')
  await page.keyboard.press(key)
  return focus(page)
}

export const walk: readonly Check[] = Object.entries(views).map(([view, open]): Check => [
  `walk: ${view} by keyboard alone`, async (harness) => {
    const opened = await open(harness)
    const { page } = opened
    await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur())
    const count = await markControls(page)
    holds(count > 8, `only ${count} controls are there`)
    const reached = new Set<string>()
    // where the pointer was last, Tab begins: so the end of the page comes twice
    let ends = 0
    let now: Focus | null = null
    for (let steps = 0; steps < 2 * count + 20; steps++) {
      now = await step(page, 'Tab', now)
      if (now === null) {
        if (++ends === 2) break
        continue
      }
      if (now.walk !== null) reached.add(now.walk)
      // an editor and a terminal show where they are by their cursor
      holds(now.isSeen || now.isEditor || now.isTerminal, `the focus is not seen on ${now.what}`)
      if (reached.size === count) break
    }
    const missed = await page.locator('[data-walk]').evaluateAll((elements, seen) => elements
      .filter((one) => !seen.includes((one as HTMLElement).dataset.walk!))
      .map((one) => `${one.tagName} ${one.getAttribute('aria-label') ?? one.textContent}`), [...reached])
    equal(missed, [], 'Tab does not reach:')
    const last = now?.walk
    now = await step(page, 'Shift+Tab', now)
    holds(now?.walk !== last, `Shift Tab stays on ${now?.what}`)
    await harness.accessible(page)
    calm(opened)
  },
])
