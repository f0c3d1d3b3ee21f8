import { expect, test } from 'vitest'
import { FleetHold } from './fleet-hold.ts'
import type { Policy } from './policy.ts'
import { createSandbox } from './sandbox.ts'

/** An agent whose policy a test changes. */
class Agent {
  policy: Policy | null
  constructor(policy: Policy | null) {
    this.policy = policy
  }

  sandboxPolicy(): Policy {
    if (this.policy === null) throw new Error('no policy holds')
    return this.policy
  }
}

const work: Policy = { allow: { read: ['/site', '/data'] }, limits: { time: 1000 } }

test.each<[why: string, policy: Policy | null, error: string | null]>([
  ['the same', { ...work }, null],
  ['a wider one', { allow: { read: ['/'] }, limits: { time: 2000 } }, null],
  ['a narrower one', { allow: { read: ['/site'] }, limits: { time: 1000 } }, 'does not lie beneath'],
  ['a shorter time', { ...work, limits: { time: 500 } }, 'limits: time'],
  ['one that holds no more', null, 'no policy holds'],
])('a box under %s', (_why, policy, error) => {
  const agent = new Agent(work)
  const hold = new FleetHold(agent, work)
  hold.check()
  agent.policy = policy
  if (error === null) hold.check()
  else expect(() => hold.check()).toThrow(error)
})

test('options of a run stay within the fleet too', () => {
  const hold = new FleetHold(new Agent(work), work)
  hold.check({ limits: { time: 900 } })
  expect(() => hold.check({ limits: { time: 1001 } })).toThrow('limits: time')
  expect(() => hold.check({ user: 'root' })).toThrow('user')
})

test('a permit stays within the fleet, now and later', () => {
  const agent = new Agent({ allow: { read: ['/site', '/data'] } })
  const hold = new FleetHold(agent, { allow: { read: ['/site'] } })
  expect(() => hold.with({ read: ['/etc'] })).toThrow('does not lie beneath')
  const wider = hold.with({ read: ['/data'] })
  wider.check()
  agent.policy = { allow: { read: ['/site'] } }
  hold.check()
  expect(() => wider.check()).toThrow('`/data` does not lie beneath `/site`')
})

test('with a maximum of yours, a box stays within both', async () => {
  const agent = new Agent({ allow: { read: ['/site'] } })
  const box = await createSandbox({ fleet: agent, within: { allow: { read: ['/site/a'] } }, inline: true,
    allow: { read: ['/site/a/b'] } })
  await box.close()
  const wide = { fleet: agent, within: { allow: { read: ['/'] } }, inline: true, allow: { read: ['/etc'] } }
  await expect(createSandbox(wide)).rejects.toMatchObject({ code: 'wider' })
  await expect(createSandbox({ fleet: {} as Agent })).rejects.toMatchObject({ code: 'bad-option' })
})
