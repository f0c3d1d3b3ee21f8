/** Run: a person at the shell, and what guests cannot do to the page. */
import { calm, equal, holds, PATIENCE } from './harness.ts'
import type { Check, Harness, Opened } from './harness.ts'

export const type = async ({ page }: Opened, line: string): Promise<void> => {
  await page.locator('.xterm-helper-textarea').focus()
  await page.keyboard.type(`${line}\n`)
}

export const shows = async (opened: Opened, text: string | RegExp): Promise<void> =>
  void (await opened.page.locator('.xterm-rows').filter({ hasText: text }).first().waitFor())

export const atShell = async (harness: Harness, link = ''): Promise<Opened> => {
  const opened = await harness.open(link)
  await harness.ready(opened.page)
  await shows(opened, /[$#]/)
  return opened
}

export const shell: readonly Check[] = [
  ['run: a shell refuses, and the refusal leads to why', async (harness) => {
    const opened = await atShell(harness)
    const { page } = opened
    await type(opened, 'cat /etc/shadow')
    await shows(opened, 'Permission denied')
    await page.locator('.refusals li button').first().click()
    await page.getByRole('heading', { name: 'What would permit it' }).waitFor()
    holds((await page.locator('.why').innerText()).includes('CAP_DAC_'), 'Why names no capability')
    await harness.screenshot(page, 'why-light')
    await harness.accessible(page)
    calm(opened)
  }],
  ['run: the first view says what it is, and its first try is refused by a module that was chosen', async (harness) => {
    const opened = await atShell(harness)
    const { page } = opened
    await page.getByRole('region', { name: 'What this is' }).getByText('Linux Security Modules as TypeScript').waitFor()
    await page.getByRole('button', { name: 'Try a shell' }).click()
    equal(await page.evaluate(() => document.activeElement?.closest('.xterm') !== null), true, 'focus in the shell:')
    await page.locator('.tries button').first().click()
    await page.locator('.refusals li button', { hasText: 'smack' }).first().waitFor()
    const toolbar = await page.locator('.toolbar').boundingBox()
    holds(toolbar!.height < 60, `the toolbar wraps at 1440: ${toolbar!.height} high`)
    await harness.accessible(page)
    await harness.screenshot(page, 'first-view')
    const [chooser] = await Promise.all([
      page.waitForEvent('filechooser'), page.getByRole('button', { name: 'Load your policy' }).click(),
    ])
    equal(chooser.isMultiple(), true, 'several files at once:')
    await page.getByRole('button', { name: 'Write a module' }).click()
    await page.locator('.module-panes').waitFor()
    calm(opened)
  }],
  ...['smack', 'selinux', 'apparmor', 'landlock', 'warden', 'capability'].map((name): Check => [
    `run: the first try on a stack with ${name} ends at it`, async (harness) => {
      const opened = await atShell(harness, `#/run?lsm=${name === 'capability' ? name : `capability,${name}`}`)
      const { page } = opened
      await page.locator('.tries li', { hasText: `${name} refuses` }).first().waitFor()
      await page.locator('.tries button').first().click()
      await page.locator('.refusals li strong', { hasText: name }).first().waitFor()
      calm(opened)
    },
  ]),
  ['run: warden refuses what guests may not do', async (harness) => {
    const opened = await atShell(harness, '#/run?lsm=capability,warden')
    await type(opened, 'cat /etc/shadow; echo unconfined > /proc/self/attr/current; ls /proc/1')
    await type(opened, 'echo mine > /usr/bin/login')
    await opened.page.locator('.refusals li button', { hasText: 'warden' }).first().waitFor()
    calm(opened)
  }],
  ['run: names and output of guests are text, and guests do not reach the page', async (harness) => {
    const opened = await atShell(harness)
    const { page } = opened
    await type(opened, 'echo x > "/tmp/<img src=q onerror=document.title=1>"; ls /tmp')
    await type(opened, 'cat "/tmp/<b id=owned>"')
    await type(opened, String.raw`echo "<script>document.title=2</script>"`)
    await shows(opened, '<script>')
    await page.getByRole('link', { name: 'Live' }).click()
    await page.getByRole('combobox', { name: 'Verdict' }).selectOption('any')
    await page.getByRole('searchbox', { name: 'Search' }).fill('img src')
    await page.locator('.row').first().waitFor()
    equal(await page.locator('#owned, .row img').count(), 0)
    equal(await page.title(), 'Live · lsmkit console')
    calm(opened)
  }],
  ['run: a program that calls nothing is ended', async (harness) => {
    // (module (func (export "_start") (loop br 0)) (memory (export "memory") 1))
    const opened = await runsUpload(harness, 'loop.wasm',
      '0061736d0100000001040160000003020100050301000107130206' +
      '5f73746172740000066d656d6f727902000a0901070003400c000b0b')
    await stops(opened)
    calm(opened)
  }],
  ['run: a program whose calls never wait is stopped, and its kernel goes on', async (harness) => {
    // (loop (drop (call $fd_filestat_get (i32.const 3) (i32.const 64))) br 0)
    const opened = await runsUpload(harness, 'stats.wasm',
      '0061736d01000000010a0260027f7f017f600000022a0116776173695f736e617073686f745f70726576696577310f66645f66696c6573' +
      '7461745f6765740000030201010503010001071302065f73746172740001066d656d6f727902000a11010f000340410341c00010001a0c' +
      '000b0b0b0100')
    const { page } = opened
    await page.locator('.refusals .muted', { hasText: /of [\d,]{5,} decisions/ }).waitFor()
    await stops(opened)
    await shows(opened, 'SIGKILL')
    equal(await page.getByRole('alert').count(), 0, 'messages of a kernel that was ended:')
    calm(opened)
  }],
  ['run: Ruby, loaded when it is asked for', async (harness) => {
    const code = 'puts "sum #{40 + 2}"; File.read("/etc/shadow") rescue puts $!.class'
    const opened = await harness.open(`#/run?program=ruby&code=${encodeURIComponent(code)}`)
    const { page } = opened
    const loaded: string[] = []
    page.context().on('request', (request) => loaded.push(request.url()))
    await harness.ready(page)
    await page.locator('.cm-line', { hasText: 'sum' }).waitFor()
    await page.locator('.terminal .xterm-rows').waitFor()
    equal(loaded.filter((url) => url.includes('ruby')), [], 'loaded before it is asked for:')
    await page.getByRole('button', { name: 'Run', exact: true }).click()
    await page.locator('.xterm-rows').filter({ hasText: 'sum 42' }).waitFor({ timeout: 2 * PATIENCE })
    await shows(opened, 'Errno::EACCES')
    await shows(opened, 'ended with 0')
    equal(loaded.filter((url) => /ruby.*\.wasm$/.test(url)).length, 1, 'times it was loaded:')
    await page.locator('.refusals li button', { hasText: 'capability' }).first().waitFor()
    await harness.screenshot(page, 'ruby')
    calm(opened)
  }],
  ['run: a browser without JSPI gets a notice, and has everything else', async (harness) => {
    const hide = (): void => void Object.defineProperty(WebAssembly, 'Suspending', { value: undefined })
    const opened = await harness.open('', { before: hide })
    const { page } = opened
    await harness.ready(page)
    await page.getByText('no JavaScript promise integration').waitFor()
    equal(await page.getByRole('button', { name: 'Run', exact: true }).isEnabled(), false)
    await harness.accessible(page)
    await harness.screenshot(page, 'no-jspi')
    await page.getByRole('link', { name: 'Compare' }).click()
    await page.getByText('no JavaScript promise integration').waitFor()
    await page.getByRole('link', { name: 'Policy' }).click()
    await page.locator('.policy-modules label', { hasText: 'selinux' }).click()
    await page.getByText('allow guest_t etc_t:file').waitFor()
    await page.getByRole('link', { name: 'Run', exact: true }).click()
    await page.getByText('Scenario', { exact: true }).click()
    await page.getByRole('button', { name: 'Run', exact: true }).click()
    await page.getByText('as expected').waitFor()
    calm(opened)
  }],
]

/** A program of the reader's that runs; `hex` is its code. */
const runsUpload = async (harness: Harness, name: string, hex: string): Promise<Opened> => {
  const opened = await harness.open('#/run?program=upload')
  const { page } = opened
  await harness.ready(page)
  const file = { name, mimeType: 'application/wasm', buffer: Buffer.from(hex, 'hex') }
  await page.locator('input[type=file]').setInputFiles(file)
  await page.getByRole('button', { name: 'Run', exact: true }).click()
  await page.locator('.boot-line', { hasText: `${name} runs` }).waitFor()
  return opened
}

const stops = async ({ page }: Opened): Promise<void> => {
  await page.getByRole('button', { name: 'Stop' }).click()
  await page.locator('.boot-line', { hasText: 'runs' }).waitFor({ state: 'detached' })
  await page.waitForSelector('.boot-line.up')
}
