/** Why: the details of each module's refusal, and a draft that would permit it. */
import { calm, holds } from './harness.ts'
import type { Check, Harness, Opened } from './harness.ts'
import { atShell, type } from './shell.ts'

/** Types a command that a module refuses, and chooses the refusal of its call on a path. */
const whyOf = async (harness: Harness, link: string, command: string, module: string): Promise<Opened> => {
  const path = / (\S+)$/.exec(command)![1]!.slice(1)
  const opened = await atShell(harness, link)
  const { page } = opened
  await type(opened, command)
  await page.locator('.refusals li button', { hasText: module }).filter({ hasText: path }).first().click()
  await page.locator('.why').getByRole('heading', { name: 'Records' }).waitFor()
  return opened
}

const says = async ({ page }: Opened, ...wanted: readonly (string | RegExp)[]): Promise<void> => {
  const text = await page.locator('.why').innerText()
  for (const one of wanted)
    holds(typeof one === 'string' ? text.includes(one) : one.test(text), `Why does not say ${String(one)}: ${text}`)
}

export const why: readonly Check[] = [
  ['why: SELinux: the computation of the pair, and a rule that would do', async (harness) => {
    const opened = await whyOf(harness, '#/run?lsm=capability,selinux', 'echo x > /srv/tool', 'selinux')
    await says(
      opened, /guest_t asks .*srv_t.* for file \{ \w+ \}/, 'No rule of the policy allows it', 'avc:  denied',
      /\(allow guest_t srv_t \(file \(.*write/, 'Changes in the policy',
    )
    await harness.accessible(opened.page)
    await harness.screenshot(opened.page, 'why-selinux')
    calm(opened)
  }],
  ['why: SELinux: a rule that the policy forbids is not a draft', async (harness) => {
    const opened = await whyOf(harness, '#/run?lsm=capability,selinux&user=root', 'echo x > /etc/shadow', 'selinux')
    await says(opened, /guest_t asks .*shadow_t.* for file \{ \w+ \}/, 'neverallow')
    calm(opened)
  }],
  ['why: Landlock: the layer, and the rule it lacks', async (harness) => {
    const opened = await whyOf(harness, '#/run?lsm=capability,landlock', 'echo x > /srv/tool', 'landlock')
    await says(opened, 'Layer 1 of 1', /It handles fs\.write_file.* and has no rule that grants it beneath \/srv\/tool/,
      'What would permit it')
    await harness.accessible(opened.page)
    await harness.screenshot(opened.page, 'why-landlock')
    calm(opened)
  }],
  ['why: Smack: the rule with its line', async (harness) => {
    const opened = await whyOf(harness, '#/run?lsm=capability,smack', 'echo x > /srv/tool', 'smack')
    await says(opened, /Guest asks \w+ for \w+/, 'What would permit it')
    calm(opened)
  }],
]
