import { describe, expect, test } from 'vitest'
import { attackServer } from './attacked-server.ts'
import { recordedTour } from './recorded-tour.ts'
import { selinuxPolicy } from './selinux-policy.ts'
import { columns } from './stacks.ts'

describe('a web server with a hole', () => {
  test.each(columns(null))('$title', async (column) => {
    const attack = await attackServer(column, selinuxPolicy())
    expect(attack.page).toBe('200')
    expect(attack).toEqual(recordedTour.columns.find(({ title }) => title === column.title)!.server)
  })

  test('more than mode bits is needed to keep a secret from root', () => {
    const kept = recordedTour.columns.filter(({ server }) => server.outcome.errno !== null)
    const keepers = ['landlock', 'smack', 'selinux', 'apparmor', 'smack', 'warden']
    expect(kept.map(({ server }) => server.outcome.lsm)).toEqual(keepers)
    expect(new Set(kept.map(({ server }) => server.secret))).toEqual(new Set(['403 Forbidden']))
  })
})
