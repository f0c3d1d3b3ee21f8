/** Fleet: the recorded rollout moment by moment, the Why of a denial, and a status of the reader's own. */
import { calm, equal } from './harness.ts'
import type { Check } from './harness.ts'

const status = (title: string, hosts: number): string => JSON.stringify({
  schema: 1,
  rollout: {
    title, id: 'x', bundle: 'b'.repeat(64), step: 'permissive', ring: 0, paused: 'lunch', stopped: null, at: 0,
    elapsed: 90_000, since: 30_000, notes: [{ at: 0, text: 'draft' }],
    rings: [{
      name: 'canary',
      hosts: Array.from({ length: hosts }, (_, i) => ({
        host: `<b>web-${i}</b>`, before: null, standing: i === 0 ? 'silent' : 'has', error: null, was: [0, 0],
        now: [1000, 1],
      })),
    }],
  },
  gate: {
    decisions: 1000, denies: 1, perThousand: 1, limit: 2, against: 0.1, for: 0.5, answer: 'wait',
    reason: 'the rates are not clear yet',
  },
  denials: null,
})

export const fleet: readonly Check[] = [
  ['fleet: a recorded rollout, what stopped it, and its Why; a link restores them', async (harness) => {
    const opened = await harness.open('#/fleet')
    const { page } = opened
    await page.getByText(/^Stopped: it refuses/).waitFor()
    const databases = page.locator('.fleet-rings tr', { hasText: 'databases' })
    equal(await databases.locator('td').allInnerTexts(), ['0', '0', '12', '0', '0'])
    // the last moment before it went back
    const slider = page.getByRole('slider', { name: 'Moment' })
    const moment = Number(await slider.getAttribute('max')) - 3
    await slider.fill(String(moment))
    await page.locator('.fleet-head', { hasText: 'ring databases' }).waitFor()
    equal(await databases.locator('td').first().innerText(), '12')
    await page.locator('.fleet-gate', { hasText: 'of 1000 decisions refused' }).waitFor()
    await page.getByRole('button', { name: 'selinux file_open' }).click()
    const why = page.locator('.fleet-why')
    await why.getByText('no rule allows backup_t').waitFor()
    // the address follows what is shown
    await page.waitForURL(({ href }) => href.includes('denial=0') && href.includes(`moment=${moment}`))
    await page.reload()
    await why.getByText('avc: denied').waitFor()
    await harness.accessible(page)
    calm(opened)
  }],
  ['fleet: a status of the reader is shown, and a file that is none is refused in words', async (harness) => {
    const opened = await harness.open('#/fleet')
    const { page } = opened
    const field = page.locator('.fleet input[type=file]')
    const give = (name: string, text: string) =>
      field.setInputFiles({ name, mimeType: 'application/json', buffer: Buffer.from(text) })
    await field.waitFor({ state: 'attached' })
    await give('notes.json', '{}')
    await page.getByRole('alert').getByText('notes.json: It is not the output of').waitFor()
    await give('mine.json', status('mine <i>3</i>', 1000))
    await page.locator('.fleet-head', { hasText: 'mine <i>3</i>' }).waitFor()
    await page.getByText('Paused: lunch').waitFor()
    await page.getByText('and 700 more').waitFor()
    await page.locator('.fleet-hosts select').selectOption('silent')
    equal(await page.locator('.fleet-hosts tbody tr').count(), 1)
    equal(await page.locator('.fleet-hosts tbody th').innerText(), '<b>web-0</b>')
    await harness.accessible(page)
    calm(opened)
  }],
  ['fleet: fleet.json of the server is looked at again, and its absence is said', async (harness) => {
    const opened = await harness.open('#/live')
    const { page } = opened
    let title = 'first'
    await page.route('**/fleet.json', (route) =>
      route.fulfill({ contentType: 'application/json', body: status(title, 3) }))
    await page.evaluate('location.hash = "#/fleet"')
    await page.locator('.fleet .toolbar select').selectOption('served')
    await page.locator('.fleet-head', { hasText: 'first' }).waitFor()
    title = 'second'
    await page.locator('.fleet-head', { hasText: 'second' }).waitFor()
    calm(opened)
  }],
]
