/**
 * Random policies in every format: each answer of a wall that is not the policy's has an item, and a policy that is
 * imported again differs by what was said alone.
 */
import { compare, emit, formatNames, importPolicy, prove } from '@lsmkit/emit'
import type { FormatName } from '@lsmkit/emit'
import type { Policy } from '@lsmkit/sandbox'
import { randomPolicy } from '../../../packages/emit/src/testing/random-policy.ts'
import { roundTrip } from '../../../packages/emit/src/testing/round-trip.ts'
import { seedFuzzer } from '../frame/input-fuzzer.ts'
import type { Kind, Session } from '../frame/fuzzer.ts'

const QUESTIONS = 400

const tryFormat = (policy: Policy, name: FormatName, seed: number, session: Session): void => {
  const found = (kind: Kind, detail: string): void => session.found(kind, `${seed}\n`, `${name}: ${detail}`)
  const { asked, differences } = prove(policy, name, { count: QUESTIONS, seed })
  for (const { text, wall, because } of differences) {
    if (because.length === 0) found(wall ? 'wrong-allow' : 'wrong-answer', `${text}: the wall says ${wall}`)
  }
  const trip = roundTrip(policy, name, QUESTIONS, seed)
  for (const { text, back } of trip.faults) {
    found(back ? 'wrong-allow' : 'wrong-answer', `${text}: the policy that came back says ${back}`)
  }
  const { text, files } = emit(policy, name)
  const { policy: once } = importPolicy(text, name, files)
  const again = emit(once, name)
  const { policy: twice } = importPolicy(again.text, name, again.files)
  const [change] = compare(once, twice, { count: QUESTIONS, seed })
  if (change !== undefined) found('wrong-answer', `a second way back: ${change.effect} ${change.text}`)
  session.step(asked + trip.asked)
}

export const emitted = seedFuzzer((seed, session) => {
  const policy = randomPolicy(seed)
  for (const name of formatNames) tryFormat(policy, name, seed, session)
})
