/** Rollouts of good and bad revisions by real agents, where some hosts lie or are silent. */
import { join } from 'node:path'
import { claims, mostWrong, wrongEnds } from '../../packages/fleet/src/testing/rollout-claims.ts'
import { CheckedFleet } from './fleet.ts'
import type { HostKind } from './host-program.ts'
import { countInvariants } from './faults.ts'
import type { Tally } from './tally.ts'

const HOSTS = 60
const CANARY = 20

/** 5 % of the canary and of the rest. */
const with5Percent = (kind: HostKind) => (i: number): HostKind => (i % 20 === 7 ? kind : 'honest')

/** A wave of one bad and one good revision. */
const wave = async (path: string, kind: HostKind, tally: Tally): Promise<void> => {
  const words = kind === 'honest' ? 'all hosts honest' : `5 % of hosts ${kind}`
  const fleet = await CheckedFleet.start('folder', {
    path: join(path, kind), hosts: HOSTS, each: HOSTS / 2, kindOf: with5Percent(kind), records: 1, beat: 500,
  })
  try {
    await fleet.allReady()
    const before = fleet.has.get('web-0')!
    const gate = { silence: 8000 }
    await fleet.start(await fleet.bundle({ bad: true }), [CANARY, HOSTS - CANARY], gate)
    const controller = fleet.controller()
    const again = fleet.controller()
    const bad = await fleet.rolloutEnds()
    const had = [...fleet.has.values()].filter((bundle) => bundle !== before).length
    const isStopped = bad.step === 'rolled-back' && bad.ring === 0 && /would refuse/.test(bad.stopped ?? '')
    tally.count(isStopped && had === 0, `${words}: a bad revision is ${bad.step} in the canary, and ${HOSTS - had} of `
      + `${HOSTS} hosts never enforced it: ${bad.stopped}`)
    const good = await fleet.bundle()
    await fleet.start(good, [CANARY, HOSTS - CANARY], gate)
    const last = fleet.controller()
    const done = await fleet.rolloutEnds()
    tally.count(done.step === 'done', `${words}: a fine revision is ${done.step} ${done.stopped ?? ''}`)
    for (const one of [controller, again, last]) await one.kill()
    await countInvariants(fleet, tally)
  } finally {
    await fleet.end()
  }
}

export const checkGates = async (path: string, tally: Tally): Promise<void> => {
  for (const kind of ['honest', 'hiding', 'accusing', 'silent'] as const) await wave(path, kind, tally)
}

const ROLLOUTS = 1000

/** The stated error rates, over simulated rollouts. */
export const checkRates = async (_path: string, tally: Tally): Promise<void> => {
  for (const claim of claims) {
    const wrong = wrongEnds(claim, ROLLOUTS, 1)
    const most = mostWrong(claim, ROLLOUTS)
    tally.count(wrong <= most, `${wrong} of ${ROLLOUTS} end wrong, at most ${most}: ${claim.name}`)
  }
}
