/** Policy: a type and what is around it, a label, two policies in words. */
import { readFileSync } from 'node:fs'
import { kernelClassesCil } from '@lsmkit/selinux/classes'
import { CilError, compileCil } from '@lsmkit/selinux/cil'
import { writePolicy } from '@lsmkit/selinux/policydb'
import type { Page } from 'playwright-core'
import { calm, equal, holds, settled } from './harness.ts'
import type { Check, Harness, Opened } from './harness.ts'
import { atShell, shows, type } from './shell.ts'

const source = (name: string): Buffer => readFileSync(new URL(`../../demo/policy/${name}`, import.meta.url))

/** The tour's policy with more rules behind it. */
const cil = (more = ''): Buffer =>
  Buffer.concat([Buffer.from(kernelClassesCil()), source('base.cil'), source('guest.cil'), Buffer.from(more)])

/** A mistake in a file of the reader's behind the tour's, as `lsm selinux compile` prints it. */
const commandText = async (text: string): Promise<string> => {
  const files = ['guest.cil', 'base.cil'].map((name) => ({ name, text: source(name).toString() }))
  try {
    const all = [...files, { name: 'classes.cil', text: kernelClassesCil() }, { name: 'new-1.cil', text }]
    compileCil(all, { version: 33 })
  } catch (error) {
    if (error instanceof CilError) return error.toString()
  }
  throw new Error('it compiles')
}

/** The same as `load_policy` reads it. */
const binary = (more = ''): Buffer =>
  Buffer.from(writePolicy(compileCil([{ name: 'all.cil', text: cil(more).toString() }], { version: 33 }).policy))

/** Names in the graph whose labels lie on another's, or out of its place. */
const misplaced = (page: Page): Promise<readonly string[]> =>
  page.evaluate(() => {
    type Box = Record<'x1' | 'x2' | 'y1' | 'y2', number>
    interface Node {
      id(): string
      renderedBoundingBox(options: object): Box
    }
    interface Drawn {
      readonly _cyreg: { readonly cy: { nodes(): { map<T>(of: (node: Node) => T): T[] } } }
    }
    const place = document.querySelector<HTMLElement>('.graph')!
    const only = { includeNodes: false, includeEdges: false, includeLabels: true }
    const boxes = (place as unknown as Drawn)._cyreg.cy.nodes()
      .map((node) => ({ name: node.id(), ...node.renderedBoundingBox(only) }))
    // a box of cytoscape has a pixel to spare on each side
    const meets = (a: Box, b: Box): boolean =>
      a.x1 + 1 < b.x2 - 1 && b.x1 + 1 < a.x2 - 1 && a.y1 + 1 < b.y2 - 1 && b.y1 + 1 < a.y2 - 1
    const room = { x1: 0, y1: 0, x2: place.clientWidth, y2: place.clientHeight }
    const isOut = ({ x1, x2, y1, y2 }: Box): boolean => x1 < -2 || y1 < -2 || x2 > room.x2 + 2 || y2 > room.y2 + 2
    return boxes.flatMap((one, at) => [
      ...(isOut(one) ? [`${one.name} is out of the graph`] : []),
      ...boxes.slice(at + 1).filter((other) => meets(one, other)).map((other) => `${one.name} on ${other.name}`),
    ])
  })

/** A check that one sees: the text of a file is replaced as a person pastes one. */
const write = async (page: Page, text: string): Promise<void> => {
  await page.locator('.policy-text .cm-content').focus()
  await page.keyboard.press('Control+End')
  await page.keyboard.insertText(text)
}

const atPolicy = async (harness: Harness, link: string): Promise<Opened> => {
  const opened = await harness.open(link)
  await harness.ready(opened.page)
  return opened
}

export const policy: readonly Check[] = [
  ['policy: labels of the graph lie beside one another, whatever the type and the width', async (harness) => {
    for (const [link, width] of [['policy=selinux', 1440], ['policy=selinux&type=file_type', 1440],
      ['policy=selinux&type=guest_t', 390], ['policy=selinux&type=kernel_t', 390], ['policy=selinux&type=etc_t', 1024],
      ['policy=apparmor', 1440], ['policy=apparmor', 390]] as const) {
      const opened = await atPolicy(harness, `#/policy?${link}`)
      const { page } = opened
      await page.setViewportSize({ width, height: 900 })
      // an attribute has a list of types in place of a graph
      const types = page.getByRole('heading', { name: 'Types with' })
      await types.or(page.locator('.graph canvas')).first().waitFor()
      if (await types.count() > 0) continue
      await settled(page)
      equal(await misplaced(page), [], `${link}, ${width} wide:`)
      await page.locator('.graph').scrollIntoViewIfNeeded()
      await harness.screenshot(page, `graph-${link.replace(/\W+/g, '-')}-${width}`)
      calm(opened)
      await page.context().close()
    }
  }],
  ['policy: SELinux: several files, a mistake as the command prints it, a trial, and the load', async (harness) => {
    const opened = await atShell(harness, '#/run?lsm=capability,selinux')
    const { page } = opened
    await type(opened, 'echo x > /srv/tool')
    await page.locator('.refusals li button', { hasText: 'selinux' }).first().waitFor()
    await page.keyboard.press('Tab')
    await page.getByRole('link', { name: 'Policy' }).click()
    await page.locator('.policy-text .cm-line').first().waitFor()
    await page.getByRole('button', { name: 'New file' }).click()
    await page.getByRole('radio', { name: 'new-1.cil' }).waitFor()
    const mistake = '(alow guest_t srv_t (file (write)))'
    await write(page, mistake)
    const fault = page.locator('.policy-text .profile-fault', { hasText: 'did you mean `allow`?' })
    await fault.waitFor()
    const said = await commandText(mistake)
    equal(await fault.innerText(), said)
    holds(said.includes('did you mean `allow`?') && /\n +\^/.test(said), said)
    await page.locator('.policy-text .cm-lintRange-error').first().waitFor()
    equal(await page.getByRole('button', { name: 'Load into the kernel' }).isDisabled(), true)
    await harness.accessible(page)
    await harness.screenshot(page, 'policy-selinux-fault')
    await page.locator('.policy-text .cm-content').focus()
    await page.keyboard.press('Control+a')
    await page.keyboard.insertText('(allow guest_t srv_t (file (open write append getattr ioctl lock)))')
    await fault.waitFor({ state: 'detached' })
    const change = '+ guest_t may now append and write srv_t files'
    await page.locator('section[aria-label="Changes"] li', { hasText: change }).waitFor()
    await page.getByRole('button', { name: 'Try it beside' }).click()
    const trial = page.locator('section[aria-label="Trial"]')
    await trial.locator('li', { hasText: 'echo x > /srv/tool' }).getByText('newly allowed').first().waitFor()
    await harness.accessible(page)
    await harness.screenshot(page, 'policy-trial')
    // what is typed from now on runs there, too; the kernel that runs still refuses
    await page.getByRole('link', { name: 'Run', exact: true }).click()
    await type(opened, 'echo y > /srv/tool')
    await page.keyboard.press('Tab')
    await page.getByRole('link', { name: 'Policy' }).click()
    await trial.locator('li', { hasText: 'echo y > /srv/tool' }).getByText('newly allowed').first().waitFor()
    await page.getByRole('button', { name: 'Load into the kernel' }).click()
    await page.getByText('Loaded: programs go on').waitFor()
    await page.getByRole('link', { name: 'Run', exact: true }).click()
    await type(opened, 'echo z > /srv/tool && echo writ""ten')
    await shows(opened, 'written')
    calm(opened)
  }],
  ['policy: Smack: rules are taken back and given, and a draft that refuses more is seen first', async (harness) => {
    const opened = await atPolicy(harness, '#/policy')
    const { page } = opened
    await page.locator('.policy-text .cm-line', { hasText: 'Guest System rx' }).waitFor()
    await write(page, 'Guest\n')
    await page.locator('.profile-fault', { hasText: /rules:\d+:\d+: error: .*\[too-few-fields\]/ }).waitFor()
    await page.locator('.policy-text .cm-content').focus()
    await page.keyboard.press('Control+a')
    await page.keyboard.insertText('_ System rx\nGuest System rx\n')
    await page.getByRole('button', { name: 'Try it beside' }).click()
    const trial = page.locator('section[aria-label="Trial"]')
    await trial.locator('li', { hasText: 'note.txt' }).getByText('newly refused').first().waitFor()
    await harness.screenshot(page, 'policy-smack-trial')
    await harness.accessible(page)
    await page.getByRole('button', { name: 'Load into the kernel' }).click()
    await page.getByText('Loaded: programs go on').waitFor()
    equal(await page.locator('.policy-text .cm-line', { hasText: /Home \w/ }).count(), 0, 'rules that were taken back:')
    calm(opened)
  }],
  ['policy: every module of the stack has its part, and settings are written where it takes them', async (harness) => {
    const stack = 'lockdown,capability,yama,loadpin,safesetid,selinux,landlock,warden,bpf'
    const opened = await atPolicy(harness, `#/policy?lsm=${stack}`)
    const { page } = opened
    for (const name of stack.split(',')) {
      await page.locator('.policy-modules label', { hasText: new RegExp(`^${name}$`) }).click()
      await page.locator('.policy-parts .panel').first().waitFor()
      await harness.accessible(page)
      await harness.screenshot(page, `policy-part-${name}`)
    }
    await page.locator('.policy-modules label', { hasText: /^yama$/ }).click()
    const setting = page.locator('section[aria-label="/proc/sys/kernel/yama/ptrace_scope"]')
    await setting.getByRole('textbox').fill('9')
    await setting.getByRole('button', { name: 'Write' }).click()
    await setting.getByText('The kernel answers EINVAL.').waitFor()
    await setting.getByRole('textbox').fill('2')
    await setting.getByRole('button', { name: 'Write' }).click()
    await page.reload()
    await harness.ready(page)
    calm(opened)
  }],
  ['policy: “Load your policy” loads one: a kernel with its module boots, and it refuses', async (harness) => {
    const opened = await atShell(harness)
    const { page } = opened
    const rules = '_ System rx\nGuest System rx\nGuest Home r\n'
    await page.locator('input[aria-label="Your policy"]')
      .setInputFiles({ name: 'mine.rules', mimeType: 'text/plain', buffer: Buffer.from(rules) })
    await page.locator('main[aria-label=Policy]').waitFor()
    await page.locator('.policy-text .cm-line', { hasText: 'Guest Home r' }).waitFor()
    await page.getByRole('link', { name: 'Run', exact: true }).click()
    await type(opened, 'echo x > mine')
    await page.locator('.refusals li button', { hasText: 'smack' }).first().waitFor()
    await page.locator('input[aria-label="Your policy"]').setInputFiles(
      ['guest.cil', 'base.cil'].map((name) => ({ name, mimeType: 'text/plain', buffer: source(name) }))
        .concat({ name: 'classes.cil', mimeType: 'text/plain', buffer: Buffer.from(kernelClassesCil()) }))
    await page.locator('.boot-line', { hasText: 'capability → yama → selinux' }).waitFor()
    await page.locator('main[aria-label=Policy]').waitFor()
    await page.getByText('as it is loaded').waitFor()
    calm(opened)
  }],
  ['policy: rules and neighbours of a type, labels, and what another policy does otherwise', async (harness) => {
    const opened = await harness.open('#/policy?policy=selinux')
    const { page } = opened
    await harness.ready(page)
    await page.locator('section[aria-label="Domain transitions"]', { hasText: 'kernel_t → guest_t' }).waitFor()
    await page.getByText('u:object_r:shadow_t').waitFor()
    await page.getByText('allow guest_t etc_t:file').waitFor()
    await page.locator('.graph canvas').first().waitFor()
    await harness.accessible(page)
    await harness.screenshot(page, 'policy-light')
    await page.getByRole('searchbox', { name: 'Type' }).fill('shadow')
    await page.getByRole('button', { name: 'shadow_t' }).click()
    await page.getByRole('heading', { name: 'Around shadow_t' }).waitFor()
    await page.locator('.toolbar input[type=file]').first()
      .setInputFiles({ name: 'broken.cil', mimeType: 'text/plain', buffer: source('guest.cil') })
    await page.locator('.policy-fault').waitFor()
    calm(opened)
  }],
  ['policy: a binary one, and beside it another, binary or CIL: what that does otherwise', async (harness) => {
    const opened = await harness.open('#/policy?policy=selinux&type=srv_t')
    const { page } = opened
    await harness.ready(page)
    const files = page.locator('.toolbar input[type=file]')
    const [policyFile, beside] = [files.first(), files.nth(1)]
    const changes = page.locator('section[aria-label="Changes"]')
    const more = '(type novel_t)(roletype object_r novel_t)(allow guest_t srv_t (file (write)))'
    await beside.setInputFiles({ name: 'other.cil', mimeType: 'text/plain', buffer: cil(more) })
    await changes.locator('li', { hasText: '+ guest_t may now write srv_t files' }).waitFor()
    await harness.accessible(page)
    await harness.screenshot(page, 'policy-beside')
    await policyFile.setInputFiles({ name: 'policy.33', mimeType: 'application/octet-stream', buffer: binary(more) })
    // what CIL and the binary say is the same
    await changes.getByText('Nothing.').waitFor()
    await page.locator('section[aria-label="Rules"] li', { hasText: /allow guest_t srv_t:file .*write/ }).waitFor()
    await page.getByRole('searchbox', { name: 'Type' }).fill('novel_t')
    await page.getByRole('heading', { name: 'Around novel_t' }).waitFor()
    await beside.setInputFiles({ name: 'policy.33', mimeType: 'application/octet-stream', buffer: binary() })
    await changes.locator('li', { hasText: '- guest_t may no longer write srv_t files' }).waitFor()
    await policyFile.setInputFiles({ name: 'cut.33', mimeType: 'x/y', buffer: binary().subarray(0, 900) })
    await page.locator('.policy-fault').waitFor()
    equal(await page.locator('.boot-line.up').count(), 1, 'kernels that are up:')
    calm(opened)
  }],
]
