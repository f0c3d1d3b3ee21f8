/** What is emitted and imported again answers as the policy did, but for what was said. */
import { describe, expect, test } from 'vitest'
import { boxAnswers } from './decision.ts'
import { formatOf, formatNames as names } from './index.ts'
import { formats } from './formats/index.ts'
import { plainOf } from './plain.ts'
import { isBeneath } from './question.ts'
import { questionsOf } from './questions.ts'
import { takeFrom } from './taken.ts'
import { randomPolicy } from './testing/random-policy.ts'
import { roundTrip } from './testing/round-trip.ts'

const POLICIES = 16

describe.each(names)('%s', (name) => {
  const format = formats[name]

  test('the way back permits no more than the wall does', () => {
    for (let seed = 1; seed <= POLICIES; seed++) {
      const policy = randomPolicy(seed)
      const plain = plainOf(policy)
      const written = format.write(plain)
      const [wall, taken] = [format.answers(written), takeFrom(format, written)]
      const back = boxAnswers(plainOf(taken.policy))
      // formats that keep the names of the box are asked by those, others by the host's
      const asked = questionsOf(plain, { count: 800, seed }).filter((question) => 'path' in question)
      const more = asked.filter((question) => {
        const renamed = name === 'oci' || name === 'bubblewrap' || name === 'systemd' ? question
          : { ...question, path: question.host }
        const isSaid = taken.leftOut.some(({ path }) => path !== undefined && isBeneath(renamed.path, path)) ||
          // srt keeps these whatever its settings say
          (name === 'sandbox-runtime' && /\/\.(?:bashrc|git\/hooks)/.test(question.path))
        return back(renamed) && !wall(question) && !isSaid
      })
      expect({ seed, policy, text: written.text, more: more.slice(0, 2) }).toMatchObject({ more: [] })
    }
  })

  test('what comes back differs by what was said alone', () => {
    let differing = 0
    for (let seed = 1; seed <= POLICIES; seed++) {
      const policy = randomPolicy(seed)
      const trip = roundTrip(policy, name, 400, seed)
      differing += trip.differing
      expect({ seed, policy, faults: trip.faults.slice(0, 3) }).toMatchObject({ faults: [] })
    }
    // no format has all of a policy
    expect(differing).toBeGreaterThan(0)
  })

  test('a policy of plain lists comes back as it was', () => {
    const policy = { allow: { read: ['/data'], write: ['/out'], exec: ['/usr'] } }
    const { policy: back, leftOut } = takeFrom(format, format.write(plainOf(policy)))
    const sorted = { read: [], write: [], exec: [], ...back.allow }
    if (name === 'docker') expect(leftOut[0]!.text).toContain('no paths')
    else if (name === 'sandbox-runtime') {
      expect(sorted).toMatchObject({ write: ['/out'], exec: ['/data', '/usr', '/out'] })
    } else if (name === 'bubblewrap') {
      expect(sorted).toMatchObject({ write: ['/out'], exec: ['/data', '/out', '/usr'] })
    } else if (name === 'oci' || name === 'systemd') {
      expect(sorted).toMatchObject({ read: ['/data', '/out'], write: ['/out'], exec: ['/usr'] })
    } else expect(sorted).toMatchObject(policy.allow)
  })

  test('the file is known by its contents', () => {
    const plain = plainOf({ allow: { read: ['/data'], listen: [80] } })
    expect(formatOf(format.write(plain).text)).toBe(name)
  })
})
